//! `wsflow stats`: the figures, and what is shown of them.

use std::process::Command;

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::support::{readable_captures, root, wsflow};

const CAPTURE: &str = "fixtures/conversation.flow";

fn stats(args: &[&str]) -> Vec<Value> {
    wsflow([&["stats", "--json"], args].concat()).run().ok().json_lines()
}

#[test]
fn figures_as_text() {
    assert_snapshot!(wsflow(["stats", CAPTURE]).run().ok().text());
}

#[test]
fn figures_of_odd_times_as_text() {
    assert_snapshot!(wsflow(["stats", "fixtures/odd-values.flow"]).run().ok().text());
}

#[test]
fn figures_as_json() {
    assert_snapshot!(wsflow(["stats", "--format", "json", CAPTURE]).run().ok().text());
}

#[test]
fn one_object_holds_what_the_lines_hold() {
    let lines = stats(&["fixtures/closes.flow"]);
    let whole = wsflow(["stats", "--format", "json", "fixtures/closes.flow"]).run().ok().text();
    let whole: Value = serde_json::from_str(&whole).unwrap();
    assert_eq!(whole["connections"].as_array().unwrap()[..], lines[..lines.len() - 1]);
    assert_eq!(whole["capture"], lines[lines.len() - 1]);
    assert_eq!(lines.iter().filter(|line| line["scope"] == "connection").count(), lines.len() - 1);
    assert_eq!(lines[lines.len() - 1]["scope"], "capture");
}

#[test]
fn nothing_has_no_figures_but_is_no_fault() {
    let empty = wsflow(["stats", "--json"]).stdin("").run().ok().json_lines();
    assert_eq!(empty.len(), 1);
    assert_eq!((&empty[0]["connections"], &empty[0]["sizes"]), (&json!(0), &Value::Null));
    assert_eq!(
        serde_json::from_str::<Value>(&wsflow(["stats", "--format", "json"]).stdin("").run().ok().text()).unwrap()["connections"],
        json!([])
    );
    assert_eq!(
        wsflow(["stats"]).stdin("").run().ok().lines(),
        ["0 connections, 0 messages, 0 bytes; 0 dropped, 0 injected"]
    );
}

#[test]
fn every_capture_has_as_many_connections_and_messages_as_are_listed() {
    for capture in readable_captures() {
        let capture = capture.to_str().unwrap();
        let count = |command: &str| wsflow([command, "-c", capture]).run().text().trim().parse::<u64>().unwrap();
        let found = wsflow(["stats", "--json", capture]).run().json_lines();
        let total = &found[found.len() - 1];
        assert_eq!(total["connections"], count("flows"), "{capture}");
        assert_eq!(total["messages"], count("ls"), "{capture}");
        assert_eq!(found.len() as u64, count("flows") + 1, "{capture}");
    }
}

#[test]
fn a_filter_and_ids_choose_the_messages_that_are_counted() {
    let chosen = stats(&["-f", "~client & ~text", CAPTURE]);
    let listed = wsflow(["ls", "--json", "-f", "~client & ~text", CAPTURE]).run().ok().json_lines();
    let total = &chosen[chosen.len() - 1];
    assert_eq!(total["messages"], listed.len());
    assert_eq!(total["bytes"], listed.iter().map(|message| message["size"].as_u64().unwrap()).sum::<u64>());
    assert_eq!(total["server_messages"], 0);
    // A connection counts when one of its messages does.
    let mut flows: Vec<_> = listed.iter().map(|message| message["flow"].clone()).collect();
    flows.dedup();
    assert_eq!(chosen[..chosen.len() - 1].iter().map(|line| line["flow"].clone()).collect::<Vec<_>>(), flows);

    let by_id = stats(&["--id", "2:1-3", CAPTURE]);
    assert_eq!((by_id.len(), &by_id[0]["flow"], &by_id[1]["messages"]), (2, &json!(2), &json!(3)));
}

#[test]
fn a_connection_without_messages_counts_where_it_is_chosen() {
    let open = "fixtures/open-at-shutdown.flow";
    let total = |args: &[&str]| stats(&[args, &[open]].concat()).pop().unwrap();
    assert!(stats(&[open]).iter().any(|line| line["scope"] == "connection" && line["messages"] == 0));
    assert_eq!(total(&["-f", "~u silent"])["connections"], 1);
    assert_eq!(total(&["-f", "~u silent & ~client"])["connections"], 0);
    assert_eq!(total(&["--id", "2"])["connections"], 1);
}

#[test]
fn a_limit_leaves_the_connections_with_the_most_messages() {
    let flows = |args: &[&str]| {
        let lines = stats(&[args, &["fixtures/merged.flow"]].concat());
        let of = lines[..lines.len() - 1].iter().map(|line| (line["messages"].clone(), line["flow"].clone()));
        of.map(|(messages, flow)| (messages.as_u64().unwrap(), flow.as_u64().unwrap())).collect::<Vec<_>>()
    };
    let mut all = flows(&[]);
    all.sort_by_key(|(messages, flow)| (u64::MAX - messages, *flow));
    for limit in [0, 1, 3, all.len(), 1000] {
        assert_eq!(flows(&["--limit", &limit.to_string()]), all[..limit.min(all.len())], "{limit}");
    }
    assert_eq!(stats(&["--limit", "1", CAPTURE]).pop(), stats(&[CAPTURE]).pop());
}

#[test]
fn several_files_are_counted_as_one_and_named() {
    let files = [CAPTURE, "fixtures/closes.flow"];
    let lines = stats(&files);
    let alone: u64 = files.iter().map(|file| stats(&[file]).pop().unwrap()["messages"].as_u64().unwrap()).sum();
    assert_eq!(lines[lines.len() - 1]["messages"], alone);
    assert_eq!((&lines[0]["file"], &lines[lines.len() - 2]["file"]), (&json!(files[0]), &json!(files[1])));
    assert_eq!(lines[lines.len() - 1]["largest"][0]["file"], files[0]);
    assert_eq!(stats(&[CAPTURE])[0].get("file"), None);
}

#[test]
fn damage_is_said_and_the_rest_is_counted() {
    let cut = &std::fs::read(root().join(CAPTURE)).unwrap()[..9000];
    let finished = wsflow(["stats", "--json"]).stdin(cut).run().code(3);
    assert_eq!(finished.json_lines().pop().unwrap()["messages"], 20);
    assert!(finished.stderr.contains("incomplete"), "{}", finished.stderr);
}

/// jq counts what `ls` lists. Where jq is not here, the README's test says so in CI.
#[test]
fn the_figures_are_those_that_jq_finds_in_the_listing() {
    const COUNT: &str =
        "group_by(.from_client, .type) | map([.[0].type, .[0].from_client, length, (map(.size) | add)])";
    const FOUND: &str = "select(.scope == \"capture\") | .types | map([.type, .from_client, .messages, .bytes]) \
                         | sort_by(.[1], .[0])";
    for capture in ["fixtures/edited-messages.flow", "fixtures/large-message.flow", CAPTURE] {
        let script = format!(
            "set -e; \"$0\" ls --json {capture} | jq -sc '{COUNT}'; \"$0\" stats --json {capture} | jq -c '{FOUND}'"
        );
        let program = env!("CARGO_BIN_EXE_wsflow");
        let output = Command::new("sh").args(["-c", &script, program]).current_dir(root()).output().unwrap();
        if output.status.code() == Some(127) && std::env::var_os("CI").is_none() {
            eprintln!("jq is not here, so nothing was compared with it");
            return;
        }
        let text = String::from_utf8(output.stdout).unwrap();
        let [expected, found] = text.lines().collect::<Vec<_>>()[..] else { panic!("{capture}: {text}") };
        assert_eq!(found, expected, "{capture}");
    }
}
