//! Captures that were encoded here, as mitmproxy reads them, and what mitmproxy exports, as it is read here.

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};
use wsflow::capture::{Format, Reader};
use wsflow::encode::Encoder;

use crate::captures::all_captures;
use crate::mitmproxy::{Mitmproxy, mitmproxy};

/// The flow files that mitmproxy reads to their end.
fn captures() -> Vec<PathBuf> {
    let is_read = |path: &PathBuf| {
        let oracle = fs::read_to_string(format!("{}.oracle.jsonl", path.display())).unwrap_or_default();
        let last: Option<Value> = oracle.lines().last().map(|line| serde_json::from_str(line).unwrap());
        last.is_none_or(|last| last["flows_read"].is_null())
    };
    all_captures().into_iter().filter(is_read).collect()
}

/// A capture in another format; what could not be carried over is left out.
fn encode(capture: &[u8], format: Format) -> Vec<u8> {
    let mut encoder = Encoder::new(Vec::new(), format).unwrap();
    encoder.add(Reader::from_slice(capture, None).unwrap(), |fault| panic!("{fault}")).unwrap();
    encoder.finish().unwrap().0
}

fn to_file(bytes: &[u8]) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), bytes).unwrap();
    file
}

/// The answers to a question about files, a list for each.
fn ask(mitmproxy: &Mitmproxy, question: &str, paths: &[&Path]) -> Vec<Vec<Value>> {
    let mut args = vec![question];
    args.extend(paths.iter().map(|path| path.to_str().unwrap()));
    let said = mitmproxy.script("encode.py", &args);
    let answers: Vec<_> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), paths.len());
    answers
}

/// As [`ask`], about bytes.
fn ask_of_bytes(mitmproxy: &Mitmproxy, question: &str, files: &[Vec<u8>]) -> Vec<Vec<Value>> {
    let files: Vec<_> = files.iter().map(|bytes| to_file(bytes)).collect();
    ask(mitmproxy, question, &files.iter().map(|file| file.path()).collect::<Vec<_>>())
}

/// Where two values differ: the place, what savehar has, what stands here. Keys that begin with `_` may be more here.
fn differences(theirs: &Value, ours: &Value, place: &str, found: &mut Vec<(String, Value, Value)>) {
    match (theirs, ours) {
        (Value::Object(theirs), Value::Object(ours)) => {
            for (key, value) in theirs {
                differences(value, ours.get(key).unwrap_or(&json!("<missing>")), &format!("{place}.{key}"), found);
            }
            for (key, value) in ours.iter().filter(|(key, _)| !theirs.contains_key(*key) && !key.starts_with('_')) {
                found.push((format!("{place}.{key}"), json!("<missing>"), value.clone()));
            }
        }
        (Value::Array(theirs), Value::Array(ours)) if theirs.len() == ours.len() => {
            for (number, (theirs, ours)) in theirs.iter().zip(ours).enumerate() {
                differences(theirs, ours, &format!("{place}[{number}]"), found);
            }
        }
        (Value::Number(theirs), Value::Number(ours)) if theirs.as_f64() == ours.as_f64() => {}
        _ if theirs == ours => {}
        _ => found.push((place.to_owned(), theirs.clone(), ours.clone())),
    }
}

/// Whether a difference is one of those that the front page of the HAR module tells, and has its reason there.
fn is_reasoned((place, theirs, ours): &(String, Value, Value), entry: &Value) -> bool {
    let key = place.rsplit(['.', ']']).next().unwrap_or_default();
    let content = &entry["response"]["content"];
    match key {
        // A time that is no number.
        "time" if place.contains("_webSocketMessages") => ours.is_null() && theirs.is_string(),
        // A body that is no text: base64 in the place of half characters.
        "text" if place.ends_with(".content.text") => {
            content["encoding"] == "base64" && theirs.as_str().is_some_and(|text| text.contains('\u{fffd}'))
        }
        "encoding" => theirs == "<missing>" && ours == "base64",
        // Bytes beyond ASCII, an IPv6 address without brackets, and a host that is none.
        "url" => {
            let (theirs, ours) = (theirs.as_str().unwrap(), ours.as_str().unwrap());
            let host = theirs.split('/').nth(2).unwrap_or_default();
            !theirs.is_ascii() || theirs == ours.replace(['[', ']'], "") || !is_host(host)
        }
        _ => false,
    }
}

/// Whether this is a host, with or without a port.
fn is_host(value: &str) -> bool {
    let (host, port) = value.rsplit_once(':').unwrap_or((value, "80"));
    let is_port = port.parse::<u16>().is_ok();
    is_port && !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte))
}

/// Compares the HAR that is written here with savehar, and says how many differences had a reason.
#[track_caller]
fn assert_equals_savehar(theirs: &[Value], capture: &Path) -> usize {
    let name = capture.display();
    let har: Value = serde_json::from_slice(&encode(&fs::read(capture).unwrap(), Format::Har)).unwrap();
    let ours = har["log"]["entries"].as_array().unwrap();
    assert_eq!(ours.len(), theirs.len(), "{name}");
    let mut reasoned = 0;
    for (number, (theirs, ours)) in theirs.iter().zip(ours).enumerate() {
        if theirs["failed"].is_string() {
            // A text message of which the content is no text, or is a string as in old formats.
            assert!(ours["_webSocketMessages"].is_array(), "{name}: {theirs}");
            reasoned += 1;
            continue;
        }
        let mut found = Vec::new();
        differences(theirs, ours, &format!("[{number}]"), &mut found);
        for difference in &found {
            assert!(is_reasoned(difference, ours), "{name}: {difference:?}");
        }
        reasoned += found.len();
    }
    reasoned
}

#[test]
fn har_equals_what_savehar_writes() {
    let Some(mitmproxy) = mitmproxy() else { return };
    let captures = captures();
    let paths: Vec<_> = captures.iter().map(PathBuf::as_path).collect();
    for (capture, theirs) in captures.iter().zip(ask(&mitmproxy, "entries", &paths)) {
        assert_equals_savehar(&theirs, capture);
    }
}

#[test]
fn har_of_odd_flows_equals_what_savehar_writes() {
    let Some(mitmproxy) = mitmproxy() else { return };
    let odd = to_file(b"");
    mitmproxy.script("odd_flows.py", &[odd.path().to_str().unwrap()]);
    let theirs = ask(&mitmproxy, "entries", &[odd.path()]).remove(0);
    // Four bodies that are no text, and four Host headers that are no hosts; each body makes two differences.
    assert_eq!(assert_equals_savehar(&theirs, odd.path()), 12);
}

/// The messages of a flow, without what savehar has no place for.
fn exported(flow: &Value) -> Option<Vec<Value>> {
    let messages = flow["websocket"]["messages"].as_array()?;
    Some(messages.iter().map(|message| json!([message[0], message[1], message[2], message[3]])).collect())
}

#[test]
fn what_savehar_writes_is_read() {
    let Some(mitmproxy) = mitmproxy() else { return };
    let folder = tempfile::tempdir().unwrap();
    let har = folder.path().join("capture.har");
    let mut count = 0;
    for name in ["conversation", "edited-messages", "unicode", "control-characters", "mixed-http", "closes"] {
        let capture = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fixtures/{name}.flow"));
        mitmproxy.script("encode.py", &["save", har.to_str().unwrap(), capture.to_str().unwrap()]);
        let flow = to_file(&encode(&fs::read(&har).unwrap(), Format::Flow));
        let answers = ask(&mitmproxy, "kept", &[&capture, flow.path()]);
        assert_eq!(answers[0].len(), answers[1].len(), "{name}");
        for (before, after) in answers[0].iter().zip(&answers[1]) {
            assert_eq!(exported(before), exported(after), "{name}");
            count += exported(before).map_or(0, |messages| messages.len());
        }
    }
    assert!(count > 100, "{count}");
}

/// The HAR of a capture, without the entries that mitmproxy cannot read whoever wrote them: it refuses the whole file for
/// a `content-encoding` that it does not know, and for a server whose name is not ASCII.
fn readable_har(capture: &Path) -> Value {
    let mut har: Value = serde_json::from_slice(&encode(&fs::read(capture).unwrap(), Format::Har)).unwrap();
    har["log"]["entries"].as_array_mut().unwrap().retain(|entry| {
        let headers = entry["response"]["headers"].as_array().unwrap();
        let has_known_encoding = headers.iter().all(|header| {
            let [name, value] = ["name", "value"].map(|key| header[key].as_str().unwrap().to_ascii_lowercase());
            name != "content-encoding" || ["gzip", "deflate", "br", "zstd", "identity", "none"].contains(&&*value)
        });
        has_known_encoding && entry["request"]["url"].as_str().unwrap().is_ascii()
    });
    har
}

#[test]
fn har_is_read_by_mitmproxy() {
    let Some(mitmproxy) = mitmproxy() else { return };
    let captures = captures();
    let hars: Vec<_> = captures.iter().map(|capture| readable_har(capture)).collect();
    let files: Vec<_> = hars.iter().map(|har| har.to_string().into_bytes()).collect();
    for ((capture, har), read) in captures.iter().zip(&hars).zip(ask_of_bytes(&mitmproxy, "read", &files)) {
        let entries = har["log"]["entries"].as_array().unwrap();
        assert_eq!(read.len(), entries.len(), "{}", capture.display());
        for (read, entry) in read.iter().zip(entries) {
            assert_eq!(read["method"], entry["request"]["method"], "{}", capture.display());
            assert_eq!(read["status"], entry["response"]["status"], "{}", capture.display());
            let body = BASE64.decode(read["response_body"].as_str().unwrap()).unwrap();
            let text = entry["response"]["content"]["text"].as_str().unwrap_or_default();
            assert_eq!(body.is_empty(), text.is_empty(), "{}", capture.display());
        }
    }
}

/// mitmproxy reads flow files and writes the same bytes: every key is there, in its order, and no other is.
#[test]
fn new_flows_are_as_mitmproxy_writes_them() {
    let Some(mitmproxy) = mitmproxy() else { return };
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut names: Vec<String> = Vec::new();
    let mut flows = Vec::new();
    for name in [
        "bare-websocketdata.msgpack",
        "bare-websocketdata-array.msgpack",
        "bare-websocketdata-sequence.msgpack",
        "chrome.har",
        "edited-messages.savehar.har",
        "firefox.har",
        "playwright.har",
    ] {
        names.push(name.to_owned());
        flows.push(encode(&fs::read(fixtures.join(name)).unwrap(), Format::Flow));
    }
    for capture in captures() {
        for format in [Format::Har, Format::Ndjson] {
            names.push(format!("{} through {}", capture.display(), format.name()));
            flows.push(encode(&encode(&fs::read(&capture).unwrap(), format), Format::Flow));
        }
    }
    for (name, answer) in names.iter().zip(ask_of_bytes(&mitmproxy, "same", &flows)) {
        assert_eq!(answer, [json!(true)], "{name}");
    }
}

#[test]
fn connections_come_back_from_har_exactly() {
    let Some(mitmproxy) = mitmproxy() else { return };
    let captures = captures();
    let mut files = Vec::new();
    for capture in &captures {
        let bytes = fs::read(capture).unwrap();
        // The upgrade of old records is not what is asked here.
        files.push(encode(&bytes, Format::Flow));
        files.push(encode(&encode(&bytes, Format::Har), Format::Flow));
    }
    let answers = ask_of_bytes(&mitmproxy, "kept", &files);
    for (capture, answers) in captures.iter().zip(answers.chunks(2)) {
        assert_eq!(answers[0], answers[1], "{}", capture.display());
    }
}
