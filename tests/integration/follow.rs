//! `wsflow ls --follow`: what is appended to a file while it is read.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::thread;
use std::time::Duration;

use crate::support::{Running, fixture_bytes, wsflow};

/// A capture of three connections, and where each of its flows ends.
fn flows() -> [Vec<u8>; 3] {
    let mut rest = fixture_bytes("conversation.flow");
    [(); 3].map(|()| {
        let digits = rest.iter().position(|byte| *byte == b':').unwrap();
        let length: usize = std::str::from_utf8(&rest[..digits]).unwrap().parse().unwrap();
        let behind = rest.split_off(digits + 1 + length + 1);
        std::mem::replace(&mut rest, behind)
    })
}

/// Messages of the flows.
const MESSAGES: [usize; 3] = [13, 7, 7];

fn follow(file: &Path, more: &[&str]) -> Running {
    wsflow([&["ls", "--json", "--follow", file.to_str().unwrap()], more].concat()).start()
}

fn append(file: &Path, bytes: &[u8]) {
    OpenOptions::new().append(true).open(file).unwrap().write_all(bytes).unwrap();
}

/// Long enough for the program to have looked again.
fn pause() {
    thread::sleep(Duration::from_millis(600));
}

#[test]
fn what_is_appended_is_listed_when_it_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("dump.flow");
    let [one, two, three] = flows();
    fs::write(&file, "").unwrap();
    let running = follow(&file, &[]);
    pause();
    append(&file, &one[..500]);
    pause();
    assert_eq!(running.wait_for(0).len(), 0);
    // The first flow is whole now, and of the second there is a part.
    append(&file, &[&one[500..], &two[..700]].concat());
    running.wait_for(MESSAGES[0]);
    append(&file, &[&two[700..], three.as_slice()].concat());
    running.wait_for(27);
    let finished = running.interrupt().ok();
    assert_eq!(finished.text(), wsflow(["ls", "--json", "fixtures/conversation.flow"]).run().ok().text());
}

#[test]
fn ctrl_c_ends_well_also_within_a_flow() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("dump.flow");
    let [one, two, _] = flows();
    fs::write(&file, [&one, &two[..700]].concat()).unwrap();
    let running = follow(&file, &[]);
    running.wait_for(MESSAGES[0]);
    running.interrupt().ok();

    fs::write(&file, "").unwrap();
    let running = follow(&file, &["--threads", "1"]);
    pause();
    assert_eq!(running.interrupt().ok().text(), "");
}

#[test]
fn a_truncated_file_is_said_and_read_from_its_start() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("dump.flow");
    let [one, two, three] = flows();
    // The cut is within a flow of which a part was read.
    fs::write(&file, [&one, &two[..700]].concat()).unwrap();
    let running = follow(&file, &[]);
    running.wait_for(MESSAGES[0]);
    pause();
    File::create(&file).unwrap();
    pause();
    append(&file, &three);
    let lines = running.wait_for(MESSAGES[0] + MESSAGES[2]);
    assert!(lines[MESSAGES[0]].starts_with("{\"flow\":0,\"message\":0,"), "{}", lines[MESSAGES[0]]);
    let finished = running.interrupt().code(0);
    assert_eq!(finished.stderr, format!("wsflow: {}: was truncated; starting over\n", file.display()));
}

#[test]
fn a_file_that_takes_the_place_of_another_is_said_and_read() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("dump.flow");
    let [one, two, three] = flows();
    fs::write(&file, &one).unwrap();
    let running = follow(&file, &[]);
    running.wait_for(MESSAGES[0]);
    let old = folder.path().join("dump.flow.1");
    fs::rename(&file, &old).unwrap();
    pause();
    // What is still written to the old file belongs to it.
    append(&old, &two);
    running.wait_for(MESSAGES[0] + MESSAGES[1]);
    fs::write(&file, &three).unwrap();
    running.wait_for(27);
    let finished = running.interrupt().code(0);
    assert_eq!(finished.stderr, format!("wsflow: {}: was replaced by another file; starting over\n", file.display()));
}

#[test]
fn a_limit_ends_it_while_more_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("dump.flow");
    fs::write(&file, flows().concat()).unwrap();
    for threads in ["1", "4"] {
        let running = follow(&file, &["--limit", "20", "--threads", threads]);
        assert_eq!(running.end().ok().lines().len(), 20);
    }
}

#[test]
fn one_file_is_followed_and_stdin_as_ever() {
    let finished = wsflow(["ls", "-F", "fixtures/json.flow", "fixtures/tls.flow"]).run().code(2);
    assert!(finished.stderr.contains("one FILE can be followed"), "{}", finished.stderr);
    let listed = wsflow(["ls", "-F", "-c"]).stdin(fixture_bytes("conversation.flow")).run().ok();
    assert_eq!(listed.text(), "27\n");
}
