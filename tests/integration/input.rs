//! Where captures come from, and what happens when there is none.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};

use crate::support::{fixture_bytes, root, wsflow};

const CAPTURE: &str = "fixtures/conversation.flow";

#[test]
fn stdin_gives_the_same_as_a_file() {
    let from_file = wsflow(["ls", "--json", CAPTURE]).run().ok();
    let capture = fixture_bytes("conversation.flow");
    assert_eq!(wsflow(["ls", "--json", "-"]).stdin(capture.clone()).run().ok().stdout, from_file.stdout);
    assert_eq!(wsflow(["ls", "--json"]).stdin(capture).run().ok().stdout, from_file.stdout);
    assert_eq!(wsflow(["ls", "--json", "--no-mmap", CAPTURE]).run().ok().stdout, from_file.stdout);
}

#[test]
fn captures_put_together_are_one_capture() {
    let first = wsflow(["ls", "-c", CAPTURE]).run().ok().text();
    let both = [fixture_bytes("conversation.flow"), fixture_bytes("json.flow")].concat();
    let flows = wsflow(["flows", "--all", "-c"]).stdin(both.clone()).run().ok().text();
    assert_eq!(flows, "4\n");
    let listed = wsflow(["ls", "--json"]).stdin(both).run().ok().json_lines();
    assert!(listed.len() > first.trim().parse().unwrap());
    assert_eq!(listed.last().unwrap()["flow"], 3);
}

#[test]
fn several_files_are_listed_in_order_and_named() {
    let listed = wsflow(["ls", "--json", "fixtures/json.flow", CAPTURE]).run().ok().json_lines();
    assert_eq!(listed.first().unwrap()["file"], "fixtures/json.flow");
    assert_eq!(listed.last().unwrap()["file"], CAPTURE);
    let keys: Vec<_> = listed[0].as_object().unwrap().keys().collect();
    assert_eq!(keys[..2], ["file", "flow"]);
}

#[test]
fn a_missing_file_is_said_and_the_others_are_read() {
    let finished = wsflow(["ls", "--json", "missing.flow", CAPTURE]).run().code(2);
    assert!(finished.stderr.starts_with("wsflow: missing.flow: No such file"), "{}", finished.stderr);
    assert_eq!(finished.json_lines().len(), wsflow(["ls", "--json", CAPTURE]).run().ok().lines().len());
}

#[test]
fn what_is_no_capture_is_refused_with_its_first_bytes() {
    let finished = wsflow(["ls", "Cargo.toml"]).run().code(2);
    assert!(finished.stderr.contains("Cargo.toml: not a capture: it starts with `[package]"), "{}", finished.stderr);
    let folder = wsflow(["ls", "fixtures"]).run().code(2);
    assert!(folder.stderr.contains("fixtures: is a directory"), "{}", folder.stderr);
}

#[test]
fn an_empty_file_is_a_capture_without_flows() {
    assert_eq!(wsflow(["ls", "fixtures/empty.flow"]).run().ok().stdout, b"");
    assert_eq!(wsflow(["ls", "--format", "json"]).run().ok().text(), "[\n]\n");
    assert_eq!(wsflow(["ls", "-c", "fixtures/empty.flow"]).run().ok().text(), "0\n");
}

#[test]
fn a_capture_cut_in_the_middle_gives_what_is_before_the_cut() {
    let capture = fixture_bytes("conversation.flow");
    let whole = wsflow(["ls", "--json"]).stdin(capture.clone()).run().ok().lines();
    for from_file in [true, false] {
        let half = &capture[..capture.len() / 2];
        let finished = if from_file {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("cut.flow");
            fs::write(&path, half).unwrap();
            wsflow(["ls", "--json", path.to_str().unwrap()]).run()
        } else {
            wsflow(["ls", "--json"]).stdin(half).run()
        }
        .code(3);
        let listed = finished.lines();
        assert!(!listed.is_empty() && whole.starts_with(&listed), "{}", finished.stderr);
        assert!(finished.stderr.contains("the last record is incomplete"), "{}", finished.stderr);
        assert!(finished.stderr.contains("record 1, byte "), "{}", finished.stderr);
    }
}

#[test]
fn flows_before_and_after_one_of_an_unknown_version_are_listed() {
    let capture = fixture_bytes("json.flow");
    let strange = String::from_utf8_lossy(&capture).replace("7:version;2:21#", "7:version;2:-1#");
    let mut bytes = capture.clone();
    bytes.extend_from_slice(strange.as_bytes());
    bytes.extend_from_slice(&capture);
    let finished = wsflow(["flows", "--json"]).stdin(bytes).run().code(3);
    let flows: Vec<_> = finished.json_lines().iter().map(|flow| flow["flow"].clone()).collect();
    assert_eq!(flows, [0, 2]);
    assert!(finished.stderr.contains("record 1"), "{}", finished.stderr);
    assert!(finished.stderr.contains("version"), "{}", finished.stderr);
}

#[test]
fn a_reader_that_goes_away_ends_the_program_quietly() {
    let capture = fixture_bytes("control-characters.flow");
    let many: Vec<u8> = std::iter::repeat_n(capture, 200).flatten().collect();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("many.flow");
    fs::write(&path, many).unwrap();
    for command in ["ls", "flows"] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_wsflow"))
            .args([command, "--json"])
            .arg(&path)
            .current_dir(root())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{command}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{command}");
    }
}

#[test]
fn what_came_of_a_live_stream_is_listed_before_more_is_waited_for() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_wsflow"))
        .args(["ls", "--json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(&fixture_bytes("json.flow")).unwrap();
    stdin.flush().unwrap();
    // Stdin stays open: without the listing this read would never return.
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    assert!(first.starts_with("{\"flow\":0,\"message\":0,"), "{first}");
    drop(stdin);
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_file_of_another_kind_is_named() {
    for (start, kind) in
        [(&b"\x1f\x8b\x08"[..], "gzip"), (b"PK\x03\x04", "ZIP"), (b"\xd4\xc3\xb2\xa1", "packet capture")]
    {
        let finished = wsflow(["ls"]).stdin(start).run().code(2);
        assert!(finished.stderr.contains(kind), "{}", finished.stderr);
    }
}
