//! The filter language, in the commands that have it.

use std::fmt::Write as _;

use crate::support::{fixture, read_json_lines, wsflow};

const CAPTURE: &str = "fixtures/filters.flow";

/// The ids of the messages that match, separated by spaces.
#[track_caller]
fn listed(expression: &str) -> String {
    let run = wsflow(["ls", "--format", "raw", "--fields", "id", "-f", expression, CAPTURE]).run().code(0);
    run.lines().join(" ")
}

/// The positions of the flows that match.
#[track_caller]
fn flows(expression: &str) -> Vec<u64> {
    let run =
        wsflow(["flows", "--all", "--format", "raw", "--fields", "flow", "-f", expression, CAPTURE]).run().code(0);
    run.lines().iter().map(|line| line.parse().unwrap()).collect()
}

#[test]
fn flows_are_kept_as_mitmproxy_keeps_them() {
    let known = read_json_lines(&fixture("filters.flow.matches.jsonl"));
    assert!(known.len() > 60);
    let mut wrong = String::new();
    for line in known {
        let expression = line["expression"].as_str().unwrap();
        match line["matches"].as_array() {
            Some(expected) => {
                let expected: Vec<_> = expected.iter().map(|position| position.as_u64().unwrap()).collect();
                let found = flows(expression);
                if found != expected {
                    writeln!(wrong, "{expression}: {found:?}, and not {expected:?}").unwrap();
                }
            }
            None => drop(wsflow(["flows", "-f", expression, CAPTURE]).run().code(2)),
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// The messages of `/socket/1`, flow 159:
///
/// ```text
/// 0  text    client            {"op": "hello", "id": 1}                          1700000010
/// 1  text    server            {"op": "error", "code": 17, "why": "no ä"}        1700000011
/// 2  binary  client  dropped   08 96 01 ff                                       1700000012
/// 3  binary  server  injected  2000 times 00                                     1700000013
/// 4  text    server                                                              1700000014
/// 5  text    client            first line⏎needle                                 1700000015
/// ```
#[test]
fn operators_of_messages_ask_each_message() {
    let cases = [
        ("~all", "0 1 2 3 4 5"),
        ("~text", "0 1 4 5"),
        ("~binary", "2 3"),
        ("~client", "0 2 5"),
        ("~server", "1 3 4"),
        ("~dropped", "2"),
        ("~injected", "3"),
        ("~dropped | ~injected", "2 3"),
        ("!~dropped & !~injected", "0 1 4 5"),
        ("~size 0", "4"),
        ("~size 4", "2"),
        ("~size >1k", "3"),
        ("~size 1..24", "0 2 5"),
        ("~size <4", "4"),
        ("~size 2000..", "3"),
        ("~after 1700000013", "4 5"),
        ("~before 1700000013", "0 1 2"),
        ("~after 1700000012.9 ~before 1700000014.5", "3 4"),
        ("~after 2023-11-14T22:13:33Z", "4 5"),
        ("~after 2023-11-14T23:13:33+01:00", "4 5"),
        ("~after 2023-11-14", "0 1 2 3 4 5"),
        ("~before 2023-11-14", ""),
        ("~after 22:13:33", "4 5"),
        ("~before 22:13:31", "0"),
        ("~after +3s", "4 5"),
        ("~before +0.5s", "0"),
        ("~msg 0", "0"),
        ("~msg 1..3", "1 2 3"),
        ("~msg 4..", "4 5"),
        ("~flow 159", "0 1 2 3 4 5"),
        ("~flow 158..160", "0 1 2 3 4 5"),
        ("~flow <159", ""),
        ("~id 00000000-0000-4000-8000-000000000159", "0 1 2 3 4 5"),
        ("~id 00000000", "0 1 2 3 4 5"),
        ("~id 159", ""),
        ("~closed 1001", "0 1 2 3 4 5"),
        ("~closed 1000", ""),
        ("~closed 1000..1011", "0 1 2 3 4 5"),
        ("~open", ""),
        ("!~open", "0 1 2 3 4 5"),
        ("~jq .op", "0 1"),
        (r#"~jq '.op == "error"'"#, "1"),
        (r#"~jq '.why | test("ä")?'"#, "1"),
        ("!~jq .", "2 3 4 5"),
        ("~jq '.id, .code'", "0 1"),
        ("~jq false", ""),
        // What mitmproxy asks of bodies is asked of this message alone.
        ("~b needle", "5"),
        ("~b NEEDLE", "5"),
        ("~b op", "0 1"),
        ("~bq op", "0"),
        ("~bs op", "1"),
        ("~b ^first.*needle$", "5"),
        (r"~b \x96\x01\xff$", "2"),
        (r"~b ^\x00{2000}$", "3"),
        ("~b ä", "1"),
        ("~b .", "0 1 2 3 5"),
        ("!~b .", "4"),
        (r#"~b "(?<!hel)lo""#, ""),
        (r#"~b "(?<=hel)lo""#, "0"),
        // All else asks the connection.
        ("~u socket/1", "0 1 2 3 4 5"),
        ("~u nowhere", ""),
        ("~c 101 & ~client", "0 2 5"),
        ("~c 200 | ~client", "0 2 5"),
        ("!~c 200 & !~client", "1 3 4"),
        ("~hq websocket ~d socket ~server ~text", "1 4"),
        ("~e | ~marked | ~dropped", "2"),
        ("~websocket & ~http & ~s & !~q & !~tcp & ~dropped", "2"),
    ];
    for (expression, expected) in cases {
        let expected: Vec<_> = expected.split_whitespace().map(|message| format!("159:{message}")).collect();
        assert_eq!(listed(&format!("~flow 159 {expression}")), expected.join(" "), "{expression}");
    }
}

#[test]
fn of_flows_operators_of_messages_are_true_when_one_message_says_so() {
    assert_eq!(flows("~injected"), [159]);
    assert_eq!(flows("~dropped"), [158, 159, 160]);
    assert_eq!(flows("~websocket & !~dropped"), [161]);
    assert_eq!(flows("~size >1k & ~client"), [158, 159, 160]);
    assert_eq!(flows("~jq '.op == \"hello\"'"), [158, 159, 160]);
    assert_eq!(flows("~open"), [160, 161]);
    assert_eq!(flows("~closed 1000"), [158]);
    assert_eq!(flows("~flow 3..5"), [3, 4, 5]);
    assert!(flows("~after +9s").is_empty());
    assert_eq!(flows("~after 1700000024"), [160]);
}

#[test]
fn filter_keeps_the_matching_messages_of_a_connection_only() {
    let run = wsflow(["filter", "~bq needle", "--format", "raw", "--fields", "id", CAPTURE]).run().ok();
    assert_eq!(run.lines(), ["158:5", "159:5", "160:5"]);
    wsflow(["filter", "~bq haystack", CAPTURE]).run().code(1);
}

#[test]
fn show_shows_what_matches_and_the_connections_that_have_it() {
    let titles = |expression: &str, ids: &[&str]| {
        let args = [&["show", "-f", expression, CAPTURE], ids].concat();
        let lines = wsflow(args).run().ok().lines();
        let is_title = |line: &String| line.starts_with("flow ") || line.starts_with("message ");
        lines
            .iter()
            .filter(|line| is_title(line))
            .map(|line| line.split("  ").next().unwrap())
            .collect::<Vec<_>>()
            .join(", ")
    };
    assert_eq!(titles("~injected", &[]), "flow 159, message 159:3");
    assert_eq!(titles("~bq needle ~u socket", &["158", "160"]), "flow 158, message 158:5, flow 160, message 160:5");
    assert_eq!(titles("~bq needle", &["158:4", "158:5"]), "message 158:5");
    assert_eq!(titles("~u socket/empty", &[]), "flow 161");
    assert_eq!(titles("~udp ~bs needle", &[]), "flow 134");
    assert_eq!(titles("~u nowhere", &[]), "");
}

#[test]
fn the_longest_wish_is_one_line() {
    let expression = r#"~server ~after 22:13:20 ~d socket\.example ~jq '.op == "error"'"#;
    assert_eq!(listed(expression), "158:1 159:1 160:1");
}

#[test]
fn a_count_is_the_number_of_lines() {
    for expression in ["~all", "~client", "~b needle", "~u nowhere", "~flow 160 ~text"] {
        let count = wsflow(["ls", "-c", "-f", expression, CAPTURE]).run().ok().text();
        assert_eq!(count.trim(), listed(expression).split_whitespace().count().to_string(), "{expression}");
    }
}

#[test]
fn a_mistake_is_shown_before_any_file_is_opened() {
    for command in ["ls", "flows"] {
        let run = wsflow([command, "-f", "~client & ~dropd", "no such file"]).run().code(2);
        assert!(
            run.stderr.contains("did you mean `~dropped`?\n  ~client & ~dropd\n            ^^^^^^"),
            "{}",
            run.stderr
        );
        assert!(!run.stderr.contains("no such file"));
        assert_eq!(run.stderr.matches("dropd").count(), 1, "{}", run.stderr);
    }
    let run = wsflow(["filter", "~client & ~dropd", "no such file"]).run().code(2);
    assert!(run.stderr.contains("did you mean `~dropped`?\n  ~client & ~dropd\n            ^^^^^^"), "{}", run.stderr);
}

#[test]
fn failures_of_a_program_are_said_once_and_are_no_match() {
    let run = wsflow(["ls", "-c", "-f", "~jq '.op.x == 1'", "fixtures/filters.flow"]).run().code(0);
    assert_eq!(run.text(), "0\n");
    assert_eq!(run.stderr.lines().count(), 1, "{}", run.stderr);
    assert!(run.stderr.contains("~jq failed 6 times, which counts as no match; first: cannot index"), "{}", run.stderr);
    // Values that are never true would never end.
    const FAILING: &str = "~jq '.op.x == 1'";
    for args in [
        &["ls", "-f", FAILING][..],
        &["filter", FAILING],
        &["filter", FAILING, "-o", "-"],
        &["drop", FAILING, "-n"],
        &["encode", "-f", FAILING, "--to", "har", "-o", "-"],
    ] {
        let args = [args, &["fixtures/filters.flow"]].concat();
        let said = wsflow(&args).run().stderr;
        assert_eq!(said.matches("~jq failed 6 times, which counts as no match").count(), 1, "{args:?}: {said}");
    }
    let said = wsflow(["show", "fixtures/filters.flow", "-f", FAILING]).run().stderr;
    assert!(said.contains("~jq failed 6 times"), "{said}");
    // This looks at flows, and no further than to a match.
    let said = wsflow(["flows", "fixtures/filters.flow", "-f", FAILING]).run().stderr;
    assert_eq!(said.matches("~jq failed ").count(), 1, "{said}");
    let run = wsflow(["ls", "-c", "-f", "~flow 158 ~msg 0 ~jq 'repeat(null)'", CAPTURE]).run().code(0);
    assert!(run.stderr.contains("~jq failed once"), "{}", run.stderr);
    // A program cannot end or read anything but itself.
    let run = wsflow(["ls", "-c", "-f", "~flow 158 ~jq halt", CAPTURE]).run().code(0);
    assert_eq!(run.text(), "0\n");
    wsflow(["ls", "-f", "~jq input", CAPTURE]).run().code(2);
    let run = wsflow(["ls", "-c", "-f", "~flow 158 ~jq '\"said\" | stderr'", CAPTURE]).run().ok();
    assert_eq!(run.text(), "2\n");
}

#[test]
fn what_could_not_be_answered_matches_neither_way() {
    for expression in ["~flow 158 ~text ~jq '.op.x == 1'", "~flow 158 ~text !~jq '.op.x == 1'"] {
        assert_eq!(listed(&format!("{expression} ~msg 0..1")), "", "{expression}");
    }
    assert_eq!(listed("~flow 158 ~msg 0 & ( !~jq '.op.x' | ~client )"), "158:0");
    assert_eq!(flows("~flow 158 !( ~msg 99 & ~jq '.op.x' )"), [158]);
    assert!(flows("~flow 161 & !~jq .op.x").contains(&161));
    let others = wsflow(["filter", "-v", "~jq '.op.x == 1'", "-c", CAPTURE]).run().code(0).text();
    let all = wsflow(["ls", "-c", CAPTURE]).run().ok().text();
    let unanswered = 6;
    assert_eq!(others.trim().parse::<u64>().unwrap() + unanswered, all.trim().parse::<u64>().unwrap());
}

#[test]
fn writing_what_could_not_be_decided_ends_with_3() {
    let folder = tempfile::tempdir().unwrap();
    let out = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let run =
        wsflow(["drop", "--delete", "!~jq '.op.x == 1' & ~text & ~size 10.. & ~jq .", CAPTURE, "-o", &out("a.flow")])
            .run()
            .code(3);
    assert!(run.stderr.contains("~jq failed"), "{}", run.stderr);
    assert!(run.stderr.contains("nothing matched") && !run.stderr.contains("damaged"), "{}", run.stderr);
    wsflow(["filter", "~client | ~jq '.op.x == 1'", CAPTURE, "-o", &out("b.flow")]).run().code(3);
}

#[test]
fn a_search_that_takes_too_long_is_given_up() {
    let run = wsflow(["ls", "-c", "-f", r#"~flow 158 ~b "^(\\x00|\\x00\\x00)+\\1?(?!\\x00)(?=\\x00)""#, CAPTURE])
        .run()
        .code(0);
    assert_eq!(run.text(), "0\n");
    assert!(run.stderr.contains("a regex took too long once, which counts as no match"), "{}", run.stderr);
}

#[test]
fn case_counts_if_the_environment_says_so() {
    let count = |expression: &str| {
        let run = wsflow(["ls", "-c", "-f", expression, CAPTURE]).env("MITMPROXY_CASE_SENSITIVE_FILTERS", "1");
        run.run().ok().text()
    };
    assert_eq!(count("~b NEEDLE"), "0\n");
    assert_eq!(count("~b needle"), "3\n");
}

#[test]
fn who_finds_nothing_is_told_what_may_have_been_meant() {
    for (expression, hint) in [
        ("~client and ~text", "`and` is a regex for the URL here"),
        ("~text | == | 3", "`==` is a regex"),
        ("wss://socket.example", "http for ws"),
        ("~u ^ws://", "http for ws"),
        ("Cargo.toml", "is a file"),
    ] {
        let run = wsflow(["filter", expression, "fixtures/edited-messages.flow"]).run();
        if expression.contains("~text |") {
            // What matches needs no hint.
            assert_eq!((run.code, &*run.stderr), (0, ""));
            continue;
        }
        assert_eq!(run.code, 1, "{}", run.stderr);
        assert!(run.stderr.contains(hint), "{}", run.stderr);
    }
    assert_eq!(wsflow(["filter", "~b absent", CAPTURE]).run().code(1).stderr, "");
}

#[test]
fn the_usage_of_the_command_is_shown_when_the_expression_is_missing() {
    for command in ["filter", "drop"] {
        let run = wsflow([command]).run().code(2);
        assert!(run.stderr.contains(&format!("Usage: wsflow {command} [OPTIONS] <EXPR>")), "{}", run.stderr);
    }
}

#[test]
fn help_has_the_language() {
    let help = wsflow(["help", "filter"]).run().ok().text();
    assert!(help.contains(&wsflow::filter::help()));
}
