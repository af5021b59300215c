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
const GENERATED: usize = 1500;

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

/// Compares expressions one by one on all captures; says what differs.
fn differences(mitmproxy: &Mitmproxy, expressions: &[String]) -> Vec<String> {
    let paths = captures();
    let captures: Vec<_> = paths.iter().map(|path| fs::read(path).unwrap()).collect();
    let said = mitmproxy.filter(expressions, &paths);
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
fn assert_no_differences(expressions: &[String]) {
    let Some(mitmproxy) = mitmproxy() else { return };
    let differences = differences(&mitmproxy, expressions);
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n"));
}

#[test]
fn expressions_by_hand_mean_what_they_mean_in_mitmproxy() {
    let expressions: Vec<_> = expressions::ALL.iter().copied().flatten().map(|&text| text.to_owned()).collect();
    assert!(expressions.len() >= 400, "{}", expressions.len());
    assert_no_differences(&expressions);
}

#[test]
fn generated_expressions_mean_what_they_mean_in_mitmproxy() {
    let expressions = generate::expressions(GENERATED);
    assert_no_differences(&expressions);
}
