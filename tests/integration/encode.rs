//! `wsflow encode`: from every format to every other.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use wsflow::tnetstring::RawValue;

use crate::support::{Finished, captures, fixture, fixture_bytes, root, samples, tls_with, wsflow};

/// A folder for outputs, gone when the test is over.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Folder {
        Folder(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// `wsflow encode INPUT -o NAME`.
    fn encode(&self, input: &Path, name: &str) -> Finished {
        wsflow(["encode", input.to_str().unwrap(), "-o", self.path(name).to_str().unwrap(), "--force"]).run()
    }
}

/// What `ls --json` says of messages, without their position: in another file they may stand elsewhere.
fn messages(capture: &Path) -> Vec<Value> {
    let mut messages = wsflow(["ls", "--json", capture.to_str().unwrap()]).run().json_lines();
    for message in &mut messages {
        message.as_object_mut().unwrap().remove("flow");
    }
    messages
}

fn all_captures() -> Vec<PathBuf> {
    let mut all = captures(&root().join("fixtures"), ".flow");
    all.extend(captures(&root().join("fixtures/versions"), ".flow"));
    if let Some(samples) = samples() {
        all.extend(captures(&samples, ".mitm"));
    }
    all
}

#[test]
fn messagepack_and_back_is_the_same_file() {
    let folder = Folder::new();
    for capture in all_captures() {
        folder.encode(&capture, "there.msgpack").code(0);
        folder.encode(&folder.path("there.msgpack"), "back.flow").code(0);
        let (before, after) = (fs::read(&capture).unwrap(), fs::read(folder.path("back.flow")).unwrap());
        assert!(before == after, "{}", capture.display());
    }
}

#[test]
fn flow_files_of_the_newest_version_are_copied() {
    let folder = Folder::new();
    for capture in captures(&root().join("fixtures"), ".flow") {
        folder.encode(&capture, "copy.mitm").code(0);
        assert!(fs::read(&capture).unwrap() == fs::read(folder.path("copy.mitm")).unwrap(), "{}", capture.display());
    }
}

#[test]
fn flow_files_of_old_versions_become_new_ones() {
    let folder = Folder::new();
    for capture in captures(&root().join("fixtures/versions"), ".flow") {
        folder.encode(&capture, "new.flow").code(0);
        assert_eq!(messages(&capture), messages(&folder.path("new.flow")), "{}", capture.display());
        let flows = wsflow(["flows", "--all", "--json", folder.path("new.flow").to_str().unwrap()]).run().ok();
        assert!(flows.json_lines().iter().all(|flow| flow["version"] == 21), "{}", capture.display());
    }
}

#[test]
fn messages_come_back_from_har_and_from_ndjson() {
    let folder = Folder::new();
    for capture in captures(&root().join("fixtures"), ".flow") {
        for name in ["there.har", "there.ndjson"] {
            folder.encode(&capture, name);
            folder.encode(&folder.path(name), "back.flow").code(0);
            assert_eq!(messages(&capture), messages(&folder.path("back.flow")), "{} in {name}", capture.display());
            assert_eq!(messages(&capture), messages(&folder.path(name)), "{} in {name}", capture.display());
        }
    }
}

#[test]
fn ndjson_and_csv_are_what_ls_prints() {
    let folder = Folder::new();
    for capture in captures(&root().join("fixtures"), ".flow") {
        for (name, format) in [("out.jsonl", "ndjson"), ("out.csv", "csv")] {
            folder.encode(&capture, name);
            let listed = wsflow(["ls", "--format", format, capture.to_str().unwrap()]).run();
            assert!(fs::read(folder.path(name)).unwrap() == listed.stdout, "{} as {format}", capture.display());
        }
    }
}

#[test]
fn several_inputs_are_merged_in_order() {
    let folder = Folder::new();
    let inputs = ["conversation.flow", "edited-messages.msgpack", "chrome.har"].map(fixture);
    let mut arguments = vec!["convert".to_owned()];
    arguments.extend(inputs.iter().map(|path| path.display().to_string()));
    for name in ["merged.flow", "merged.msgpack", "merged.har", "merged.ndjson"] {
        let out = folder.path(name).display().to_string();
        wsflow(arguments.iter().cloned().chain(["-o".to_owned(), out])).run().code(0);
    }
    let ls = |name: &str| wsflow(["ls", "--json", folder.path(name).to_str().unwrap()]).run().ok().json_lines();
    let merged = ls("merged.flow");
    // Three flows, then two, then one that is no connection.
    assert_eq!(merged.last().unwrap()["flow"], 6);
    assert_eq!(ls("merged.msgpack"), merged);
    assert_eq!(ls("merged.har"), merged);
    let listing = fs::read_to_string(folder.path("merged.ndjson")).unwrap();
    let listing: Vec<Value> = listing.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(listing, merged);
}

#[test]
fn the_format_is_found_from_the_content_and_written_by_the_name() {
    let folder = Folder::new();
    let disguised = folder.path("disguised.flow");
    fs::copy(fixture("edited-messages.msgpack"), &disguised).unwrap();
    folder.encode(&disguised, "out.MPK").code(0);
    assert!(fs::read(folder.path("out.MPK")).unwrap() == fixture_bytes("edited-messages.msgpack"));
    // From stdin to stdout, where the name says nothing.
    let out =
        wsflow(["encode", "-o", "-", "--to", "msgpack"]).stdin(fixture_bytes("edited-messages.flow")).run().code(0);
    assert!(out.stdout == fixture_bytes("edited-messages.msgpack"));
}

#[test]
fn a_name_without_a_format_is_a_usage_error() {
    let folder = Folder::new();
    for name in ["out", "out.txt"] {
        let refused = folder.encode(&fixture("json.flow"), name).code(2);
        assert!(
            refused.stderr.contains("end it with one of .flow .mitm .dump .msgpack .mpk .har"),
            "{}",
            refused.stderr
        );
        assert!(!folder.path(name).exists());
    }
    wsflow(["encode", "-o", "-"]).run().code(2);
    wsflow(["encode", fixture("json.flow").to_str().unwrap(), "--to", "xml", "-o", "-"]).run().code(2);
}

#[test]
fn an_existing_file_or_an_input_is_not_overwritten() {
    let folder = Folder::new();
    let out = folder.path("out.flow");
    fs::write(&out, "precious").unwrap();
    let capture = fixture("json.flow").display().to_string();
    wsflow(["encode", &capture, "-o", out.to_str().unwrap()]).run().code(2);
    assert_eq!(fs::read(&out).unwrap(), b"precious");
    wsflow(["encode", &capture, "-o", out.to_str().unwrap(), "--force"]).run().code(0);
    wsflow(["encode", out.to_str().unwrap(), "-o", out.to_str().unwrap(), "--force"]).run().code(2);
    assert!(fs::read(&out).unwrap() == fixture_bytes("json.flow"));
}

#[test]
fn what_cannot_be_carried_over_is_named_with_exit_3() {
    let folder = Folder::new();
    let lost = folder.encode(&fixture("tcp-udp-dns.flow"), "out.har").code(3);
    assert!(lost.stderr.contains("2 tcp flows left out, the first is 0"), "{}", lost.stderr);
    assert!(lost.stderr.contains("1 udp flow left out"), "{}", lost.stderr);
    let lost = folder.encode(&fixture("odd-values.flow"), "out.ndjson").code(3);
    assert!(lost.stderr.contains("the time of 5 messages left out, the first is 0:1"), "{}", lost.stderr);
    // In formats that hold them nothing is lost.
    folder.encode(&fixture("odd-values.flow"), "out.msgpack").code(0);
    folder.encode(&fixture("odd-values.flow"), "out.har").code(0);
}

#[test]
fn what_is_damaged_is_told_and_the_rest_is_written() {
    let folder = Folder::new();
    let whole = fixture_bytes("conversation.flow");
    let cut = folder.path("cut.flow");
    fs::write(&cut, &whole[..whole.len() - 10]).unwrap();
    for name in ["out.flow", "out.msgpack", "out.har", "out.ndjson"] {
        let damaged = folder.encode(&cut, name).code(3);
        assert!(damaged.stderr.contains("incomplete"), "{}", damaged.stderr);
        let flows = wsflow(["flows", "-c", folder.path(name).to_str().unwrap()]).run().ok();
        assert_eq!(flows.text(), "2\n", "{name}");
    }
}

#[test]
fn without_an_input_nothing_is_written() {
    let folder = Folder::new();
    folder.encode(Path::new("missing.flow"), "out.flow").code(2);
    folder.encode(&root().join("Cargo.toml"), "out.flow").code(2);
    assert!(!folder.path("out.flow").exists());
    // Without one of two the output would look complete.
    let good = fixture("json.flow").display().to_string();
    let out = folder.path("out.flow").display().to_string();
    for unreadable in ["missing.flow", "Cargo.toml"] {
        let refused = wsflow(["encode", &good, unreadable, "-o", &out]).run().code(2);
        assert!(refused.stderr.starts_with(&format!("wsflow: {unreadable}: ")), "{}", refused.stderr);
        assert!(refused.stderr.contains("out.flow: not written, since it would lack"), "{}", refused.stderr);
        assert!(!folder.path("out.flow").exists());
    }
}

#[test]
fn it_says_what_was_written() {
    for (format, said) in [
        ("flow", "19 flows"),
        ("msgpack", "19 flows"),
        ("har", "19 flows with 10 messages"),
        ("ndjson", "10 messages of 4 connections"),
        ("csv", "10 messages of 4 connections"),
    ] {
        let finished = wsflow(["encode", "fixtures/mixed-http.flow", "--to", format, "-o", "-"]).run().code(0);
        assert_eq!(finished.stderr, format!("wsflow: <stdout>: wrote {said}\n"), "{format}");
    }
}

#[test]
fn a_filter_chooses_the_messages() {
    let inputs = ["fixtures/conversation.flow", "fixtures/edited-messages.msgpack"];
    let filtered = wsflow([&["filter", "~client & ~text"], &inputs[..], &["-o", "-"]].concat()).run().code(0).stdout;
    for format in ["flow", "har", "ndjson"] {
        let chosen = wsflow([&["encode", "-f", "~client & ~text"], &inputs[..], &["--to", format, "-o", "-"]].concat());
        let expected = wsflow(["encode", "-", "--to", format, "-o", "-"]).stdin(filtered.clone()).run().code(0);
        let chosen = chosen.run().code(0);
        assert!(chosen.stdout == expected.stdout, "{format}");
        assert_eq!(chosen.stderr, expected.stderr);
    }
    assert!(!filtered.is_empty());
}

#[test]
fn csv_is_told_from_what_nobody_knows() {
    let folder = Folder::new();
    folder.encode(&fixture("json.flow"), "out.csv").code(0);
    let refused = wsflow(["ls", folder.path("out.csv").to_str().unwrap()]).run().code(2);
    let said = "this is csv, which is written and not read; what is read is flow, msgpack, har, ndjson";
    assert!(refused.stderr.contains(said), "{}", refused.stderr);
}

#[test]
fn cells_of_csv_are_no_formulas() {
    let folder = Folder::new();
    folder.encode(&fixture("control-characters.flow"), "out.csv").code(0);
    let mut rows = csv::Reader::from_path(folder.path("out.csv")).unwrap();
    let text = rows.headers().unwrap().iter().position(|name| name == "text").unwrap();
    let cells: Vec<_> = rows.records().map(|row| row.unwrap()[text].to_owned()).collect();
    assert!(cells.iter().any(|cell| cell.starts_with("'=")), "the fixture has formulas");
    assert!(!cells.iter().any(|cell| cell.starts_with(['=', '+', '-', '@', '\t', '\r'])));
}

#[test]
fn a_flow_that_cannot_be_upgraded_is_named() {
    // Metadata of an addon that has a number for a key: mitmproxy reads it, and MessagePack and JSON have no such thing.
    let odd = |version: i64| {
        tls_with(|flow| {
            flow.insert("version", version);
            flow.insert("metadata", RawValue::from_slice(b"10:1:1#3:one;}").unwrap());
        })
    };
    let whole = fixture_bytes("tls.flow");
    let args = ["encode", "--to", "flow", "-", "-o", "-"];
    let encoded = wsflow(args).stdin([odd(20), whole.clone()].concat()).run().code(3);
    assert!(encoded.stdout == whole);
    assert!(encoded.stderr.contains("record 0, byte ") && encoded.stderr.contains("a dict key"), "{}", encoded.stderr);
    // One of the newest version needs no upgrade.
    assert!(wsflow(args).stdin(odd(21)).run().code(0).stdout == odd(21));
}

#[test]
fn flows_of_a_newer_version_are_copied_and_told_once() {
    let newer = tls_with(|flow| assert!(flow.insert("version", 22))).repeat(2);
    let encoded = wsflow(["encode", "--to", "flow", "-", "-o", "-"]).stdin(newer.clone()).run().code(3);
    assert!(encoded.stdout == newer);
    assert_eq!(encoded.stderr.matches("newer than 21").count(), 1, "{}", encoded.stderr);
    let loss = "2 flows copied in a version that could not be brought to 21, the first is 0";
    assert!(encoded.stderr.contains(loss), "{}", encoded.stderr);
}
