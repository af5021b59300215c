//! A filter expression keeps the flows here that it keeps in mitmproxy, and is refused here if it is there.

mod expressions;
mod generate;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use wsflow::capture::Reader;
use wsflow::filter::{Filter, Options};
use wsflow::scan::{Cutter, Scope};

use crate::mitmproxy::{Mitmproxy, mitmproxy};

/// Expressions that a generator makes, beside those by hand.
const GENERATED: usize = 3000;

/// All captures: those of the project, of all versions, and mitmproxy's own samples where they are.
fn captures() -> Vec<PathBuf> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut folders = vec![fixtures.join("versions"), fixtures];
    folders.extend(std::env::var_os("WSFLOW_SAMPLES").map(PathBuf::from));
    let mut paths = Vec::new();
    for folder in folders {
        let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        paths.extend(entries.map(|entry| entry.unwrap().path()));
    }
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "flow" || extension == "mitm"));
    paths.sort();
    assert!(paths.len() > 30);
    paths
}

/// The positions of the flows that match, of those before `end`, as `wsflow flows --all` finds them.
fn matched(filter: &Filter, capture: &[u8], end: u64) -> Vec<u64> {
    let mut matched = Vec::new();
    for batch in Cutter::new(Reader::from_slice(capture, None).unwrap(), Scope::All) {
        // What cannot be read is not what this is about.
        let Ok(batch) = batch else { continue };
        for piece in batch.pieces.iter().filter(|piece| piece.is_first && piece.record.index < end) {
            let flow = piece.flow().unwrap();
            if filter.matches_flow(&flow, piece.record.index) {
                matched.push(piece.record.index);
            }
        }
    }
    matched
}

fn positions(value: &Value) -> Vec<u64> {
    value.as_array().unwrap().iter().map(|position| position.as_u64().unwrap()).collect()
}

/// Compares expressions one by one on captures; says what differs.
fn differences(mitmproxy: &Mitmproxy, expressions: &[String], paths: &[PathBuf]) -> Vec<String> {
    let captures: Vec<_> = paths.iter().map(|path| fs::read(path).unwrap()).collect();
    let said = mitmproxy.filter(expressions, paths);
    assert_eq!(said.len(), 1 + expressions.len());
    let flows: Vec<_> = said[0].as_array().unwrap().iter().map(|read| read["flows"].as_u64().unwrap()).collect();
    let mut differences = Vec::new();
    for (expression, theirs) in expressions.iter().zip(&said[1..]) {
        let filter = match (Filter::parse_with(expression, &Options::default()), theirs.is_null()) {
            (Ok(filter), false) => filter,
            (Err(_), true) => continue,
            (Ok(_), true) => {
                differences.push(format!("{expression:?} is refused by mitmproxy only"));
                continue;
            }
            (Err(error), false) => {
                differences.push(format!("{expression:?} is refused here only: {error}"));
                continue;
            }
        };
        for (file, (capture, theirs)) in captures.iter().zip(theirs.as_array().unwrap()).enumerate() {
            let mut ours = matched(&filter, capture, flows[file]);
            let raised = positions(&theirs["raised"]);
            ours.retain(|position| !raised.contains(position));
            let theirs = positions(&theirs["matched"]);
            if ours != theirs {
                let path = paths[file].display();
                differences.push(format!("{expression:?} in {path}: here {ours:?}, in mitmproxy {theirs:?}"));
            }
        }
    }
    differences
}

#[track_caller]
fn assert_no_differences(expressions: &[String], paths: &[PathBuf]) {
    let Some(mitmproxy) = mitmproxy() else { return };
    let differences = differences(&mitmproxy, expressions, paths);
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n"));
}

#[test]
fn expressions_by_hand_mean_what_they_mean_in_mitmproxy() {
    let expressions: Vec<_> = expressions::ALL.iter().copied().flatten().map(|&text| text.to_owned()).collect();
    assert!(expressions.len() >= 400, "{}", expressions.len());
    assert_no_differences(&expressions, &captures());
}

#[test]
fn generated_expressions_mean_what_they_mean_in_mitmproxy() {
    let expressions = generate::expressions(GENERATED);
    let sound = expressions.iter().filter(|text| Filter::parse_with(text, &Options::default()).is_ok()).count();
    assert!((GENERATED / 3..GENERATED * 9 / 10).contains(&sound), "{sound}");
    // Those have the most of what expressions can ask for.
    let paths = ["filters.flow", "mixed-http.flow", "tcp-udp-dns.flow", "versions/9.0.1.flow"];
    assert_no_differences(&expressions, &paths.map(fixture));
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}

/// The rows of the table of differences, `src/filter/differences.md`, that can be shown by comparing. The others are bounds,
/// and tested beside what they bound.
#[test]
fn what_differs_is_what_the_table_says() {
    let Some(mitmproxy) = mitmproxy() else { return };
    let nested = format!("~comment \"{}a{}\"", "(?:".repeat(60), ")".repeat(60));
    let refused_here = [
        "~q && ~s",
        "~q || ~s",
        "a | | b",
        "~q |",
        "~q &",
        "~q !",
        "!",
        "& ~q",
        "| foo",
        "(!)", // a bare word of connectives
        r"~comment \N{SNOWMAN}",
        r#"~comment "[\\N{DIGIT ONE}]""#,
        r"~comment \ud800",
        r"~comment [\ud800-\udfff]",
        "~comment \"(?P<a·>a)\"",
        "~b \"(?L)foo\"",
        "~b \"(?t)foo\"",
        r#"~comment "((\\w{100}){100}){100}""#,
        &nested,
    ];
    // Where it matches here, and where in mitmproxy.
    let matching: [(&str, &[u64], &[u64]); 4] = [
        ("~comment \"tab\there\"", &[110], &[]),
        ("~comment \"tab {5}here\"", &[], &[]),
        ("~u \u{fffd}", &[78, 82], &[]),
        (r#"~comment "( \\xdf)\\1""#, &[], &[104]),
    ];
    let expressions = refused_here.iter().chain(matching.iter().map(|(expression, ..)| expression));
    let expressions: Vec<_> = expressions.map(|&text| text.to_owned()).collect();
    let capture = fs::read(fixture("filters.flow")).unwrap();
    let said = mitmproxy.filter(&expressions, &[fixture("filters.flow")]);
    for (expression, theirs) in expressions.iter().zip(&said[1..]) {
        let ours = Filter::parse_with(expression, &Options::default());
        assert!(!theirs.is_null(), "{expression} is refused by mitmproxy too");
        match matching.iter().find(|(known, ..)| known == expression) {
            None => assert!(ours.is_err(), "{expression} is not refused"),
            Some((_, here, there)) => {
                assert_eq!(matched(&ours.unwrap(), &capture, u64::MAX), *here, "{expression}");
                assert_eq!(positions(&theirs[0]["matched"]), *there, "{expression}");
            }
        }
    }
}

/// A body in an encoding that only Python knows: the zlib body of flow 13, its `gzip` made `zlib`.
#[test]
fn bodies_in_encodings_of_python_differ() {
    let Some(mitmproxy) = mitmproxy() else { return };
    let capture = fs::read(fixture("filters.flow")).unwrap();
    let record = Reader::from_slice(&capture, None).unwrap().nth(13).unwrap().unwrap();
    let mut changed = record.data.to_vec();
    let at = changed.windows(4).position(|bytes| bytes == b"gzip").unwrap();
    changed[at..at + 4].copy_from_slice(b"zlib");
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), &changed).unwrap();
    let said = mitmproxy.filter(&["~b needle".to_owned()], &[file.path().to_owned()]);
    assert_eq!(positions(&said[1][0]["matched"]), [0]);
    assert!(matched(&Filter::parse("~b needle").unwrap(), &changed, 1).is_empty());
}

/// Text messages of old versions, at which mitmproxy fails.
#[test]
fn text_of_old_captures_is_searched() {
    let Some(mitmproxy) = mitmproxy() else { return };
    let path = fixture("versions/5.2.flow");
    let said = mitmproxy.filter(&["~b .".to_owned()], std::slice::from_ref(&path));
    let raised = positions(&said[1][0]["raised"]);
    assert!(!raised.is_empty());
    let ours = matched(&Filter::parse("~b .").unwrap(), &fs::read(path).unwrap(), u64::MAX);
    assert!(raised.iter().any(|position| ours.contains(position)), "{raised:?} and {ours:?}");
}
