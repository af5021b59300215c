//! Ids, in all commands that take some.

use crate::support::{root, wsflow};

const MIXED: &str = "fixtures/mixed-http.flow";

#[test]
fn one_that_names_nothing_is_the_same_error_everywhere() {
    for (ids, said) in [
        ("1:0,99", "there is no flow 99"),
        ("99:3", "there is no flow 99, so there is no 99:3"),
        ("0:0,99,1:7", "flow 0 is no WebSocket connection, so there is no 0:0; nor is there 99, 1:7"),
        ("1:4-9", "the last message of flow 1 is 1:3, so there is no 1:4-9"),
    ] {
        let expected = format!("wsflow: {MIXED}: {said}; to see what is there: wsflow flows --all {MIXED}\n");
        let by_option =
            ["ls", "ls -c", "ls --json -f ~all", "filter", "filter -v", "filter -o -", "stats", "drop -o -"];
        let by_option = by_option.map(|command| format!("{command} --id {ids} {MIXED}"));
        for command in by_option.into_iter().chain([format!("show {MIXED} {ids}")]) {
            let finished = wsflow(command.split(' ')).run().code(2);
            assert_eq!(finished.stderr, expected, "{command}");
            // What was named and is there is listed; no capture is written that lacks something.
            let is_capture = command.contains("-o -");
            assert!(is_capture == finished.stdout.is_empty() || !ids.starts_with("1:0"), "{command}");
        }
    }
}

#[test]
fn one_that_names_something_is_no_error() {
    let open = "fixtures/open-at-shutdown.flow";
    for command in [
        // A range of which a part is there.
        "ls --id 1:0-9,4 fixtures/mixed-http.flow",
        // What is there and does not match, or was not come to.
        "ls --id 1:0 -f ~b@nowhere fixtures/mixed-http.flow",
        "ls --id 1:0,99 --limit 1 fixtures/mixed-http.flow",
        // It names something in one of the files.
        "ls --id 12:0 fixtures/mixed-http.flow fixtures/closes.flow",
        // Any flow can be shown.
        "show fixtures/mixed-http.flow 0",
    ] {
        wsflow(command.split(' ').map(|word| word.replace('@', " "))).run().ok();
    }
    // A connection without messages.
    let flows = wsflow(["flows", "--json", open]).run().ok().json_lines();
    let empty = flows.iter().find(|flow| flow["messages"] == 0).unwrap()["flow"].to_string();
    for command in ["ls", "stats"] {
        wsflow([command, "--id", &empty, open]).run().ok();
    }
    assert_eq!(wsflow(["filter", "--id", &empty, open]).run().code(1).stderr, "");
}

#[test]
fn it_is_told_of_several_files_once() {
    let args = ["ls", "--id", "99", MIXED, "fixtures/closes.flow"];
    let finished = wsflow(args).in_folder(root()).run().code(2);
    assert_eq!(finished.stderr, "wsflow: there is no flow 99; to see what is there: wsflow flows --all FILE\n");
}
