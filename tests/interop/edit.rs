//! What `wsflow drop` and `wsflow filter -o` wrote is, to mitmproxy, the same flows with the change that was asked for.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::captures::{all_captures, fixtures};
use crate::mitmproxy::mitmproxy;

/// Runs a command that writes a capture.
fn write(args: &[&str], capture: &Path, out: &Path) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wsflow"));
    let output = command.args(args).arg(capture).arg("-o").arg(out).output().unwrap();
    assert!(matches!(output.status.code(), Some(0 | 1)), "{}", String::from_utf8_lossy(&output.stderr));
    // Where nothing matches nothing is written, which is a capture without flows.
    if output.status.code() == Some(1) && !out.exists() {
        fs::write(out, "").unwrap();
    }
}

fn messages(flow: &mut Value) -> Option<&mut Vec<Value>> {
    flow.get_mut("state")?.get_mut("websocket")?.get_mut("messages")?.as_array_mut()
}

/// What is compared of the flows of a capture: all, where each is one record of today's layout. From older ones
/// mitmproxy makes the flows on the way, with ids that it draws at random, so there it is the connections.
fn compared(flows: Vec<Value>, capture: &Path) -> Vec<Value> {
    let name = capture.file_stem().unwrap().to_str().unwrap();
    if capture.parent().unwrap() == fixtures() || name.starts_with("11.") {
        return flows;
    }
    let connections = flows.into_iter().filter_map(|mut flow| flow["state"].get_mut("websocket").map(Value::take));
    connections.filter(|connection| !connection.is_null()).collect()
}

/// Lets a command change all captures, and holds what mitmproxy reads then against what it read before and the change.
/// A change that says no takes the connection out.
#[track_caller]
fn assert_changed(args: &[&str], mut change: impl FnMut(&mut Vec<Value>) -> bool, keeps_others: bool) {
    let Some(mitmproxy) = mitmproxy() else { return };
    let captures = all_captures();
    let folder = tempfile::tempdir().unwrap();
    let outs: Vec<_> = (0..captures.len()).map(|number| folder.path().join(number.to_string())).collect();
    captures.iter().zip(&outs).for_each(|(capture, out)| write(args, capture, out));
    let mut read = mitmproxy.flows(&[captures.clone(), outs].concat());
    let after = read.split_off(captures.len());
    let (mut readable, mut changed) = (0, 0);
    for ((capture, before), found) in captures.iter().zip(read).zip(after) {
        // mitmproxy cannot read all that its own old versions wrote.
        if before.iter().any(|flow| flow.get("error").is_some()) {
            continue;
        }
        readable += 1;
        let mut expected = before.clone();
        expected.retain_mut(|flow| messages(flow).map_or(keeps_others, &mut change));
        changed += usize::from(expected != before);
        let (found, expected) = (compared(found, capture), compared(expected, capture));
        for (found, expected) in found.iter().zip(&expected) {
            assert_eq!(found, expected, "{}", capture.display());
        }
        assert_eq!(found.len(), expected.len(), "{}", capture.display());
    }
    assert!(readable > 30 && changed > 12, "{readable} read, {changed} changed");
}

fn is_from_client(message: &Value) -> bool {
    message[1] == true
}

#[test]
fn a_message_that_was_dropped_is_dropped_to_mitmproxy() {
    let drop_first = |messages: &mut Vec<Value>| {
        messages.iter_mut().take(1).for_each(|message| message[4] = true.into());
        true
    };
    assert_changed(&["drop", "~msg 0"], drop_first, true);
}

#[test]
fn a_mark_that_was_cleared_is_not_there_to_mitmproxy() {
    let folder = tempfile::tempdir().unwrap();
    let Some(mitmproxy) = mitmproxy() else { return };
    let (capture, out) = (fixtures().join("edited-messages.flow"), folder.path().join("out"));
    write(&["drop", "~all", "--undo"], &capture, &out);
    let mut read = mitmproxy.flows(&[capture, out]);
    let mut cleared = 0;
    for message in read[0].iter_mut().filter_map(messages).flatten() {
        cleared += usize::from(message[4] == true);
        message[4] = false.into();
    }
    assert!(cleared > 3);
    assert_eq!(read[0], read[1]);
}

#[test]
fn a_message_that_was_deleted_is_not_there_to_mitmproxy() {
    let delete = |messages: &mut Vec<Value>| {
        messages.retain(|message| !is_from_client(message));
        true
    };
    assert_changed(&["drop", "~client", "--delete"], delete, true);
}

#[test]
fn the_messages_that_a_filter_kept_are_all_that_is_there_to_mitmproxy() {
    let keep = |messages: &mut Vec<Value>| {
        messages.retain(is_from_client);
        !messages.is_empty()
    };
    assert_changed(&["filter", "~client"], keep, false);
}

#[test]
fn the_connections_that_a_filter_kept_are_whole_to_mitmproxy() {
    let keep = |messages: &mut Vec<Value>| messages.iter().any(is_from_client);
    assert_changed(&["filter", "~client", "--flows", "--keep-others"], keep, true);
}
