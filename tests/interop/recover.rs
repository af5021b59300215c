//! A flow that was cut off and built anew is one that mitmproxy reads, with the messages that were whole.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use wsflow::capture::Reader;
use wsflow::migrate::Upgrader;

use crate::captures::fixtures;
use crate::mitmproxy::mitmproxy;

/// A capture up to a connection, where each of its messages ends, in bytes from the start, and how many flows are before.
struct Connection {
    capture: Vec<u8>,
    ends: Vec<usize>,
    flows_before: usize,
}

/// The connection with the most messages.
fn connection(path: &Path) -> Connection {
    let capture = fs::read(path).unwrap();
    let mut upgrader = Upgrader::new();
    let mut found: Option<Connection> = None;
    for record in Reader::from_slice(&capture, None).unwrap() {
        let record = record.unwrap();
        let upgrade = upgrader.next(&record).unwrap();
        let Some(list) = upgrade.message_list() else { continue };
        let start = record.offset as usize;
        let ends: Vec<_> = list.items().unwrap().map(Result::unwrap).collect();
        let ends: Vec<_> = ends.iter().map(|message| start + message.offset() + message.encoded().len()).collect();
        if found.as_ref().is_none_or(|best| best.ends.len() < ends.len()) {
            let capture = capture[..start + record.data.len()].to_vec();
            found = Some(Connection { capture, ends, flows_before: record.index as usize });
        }
    }
    found.expect("a capture with a connection")
}

/// Recovers a capture, and gives the flows that mitmproxy reads in what was saved.
fn recovered(folder: &Path, name: &str, capture: &[u8]) -> std::path::PathBuf {
    let (damaged, saved) = (folder.join("damaged"), folder.join(name));
    fs::write(&damaged, capture).unwrap();
    let run = Command::new(env!("CARGO_BIN_EXE_wsflow"))
        .arg("recover")
        .args([damaged.as_path(), Path::new("-o"), saved.as_path()])
        .output()
        .unwrap();
    assert_eq!(run.status.code(), Some(3), "{}", String::from_utf8_lossy(&run.stderr));
    saved
}

fn messages(flow: &Value) -> &Vec<Value> {
    flow["state"]["websocket"]["messages"].as_array().unwrap_or_else(|| panic!("no messages: {flow}"))
}

#[test]
fn a_rebuilt_flow_has_the_messages_that_were_whole() {
    let Some(mitmproxy) = mitmproxy() else { return };
    for name in [
        "conversation.flow",
        "edited-messages.flow",
        "tls.flow",
        "versions/10.4.2.flow",
        "versions/8.0.0.flow",
        "versions/7.0.4.flow",
        "versions/5.1.1.flow",
        "versions/3.0.4.flow",
    ] {
        let Connection { capture, ends, flows_before } = connection(&fixtures().join(name));
        let folder = tempfile::tempdir().unwrap();
        let whole = folder.path().join("whole");
        fs::write(&whole, &capture).unwrap();
        // Right behind a message, in the next one, and behind the last, where the rest of the flow follows.
        let cuts = ends.iter().enumerate().map(|(at, end)| (at + 1, *end));
        let cuts: Vec<_> = cuts.flat_map(|(count, end)| [(count, end), (count, end + 12)]).collect();
        let saved = cuts.iter().enumerate();
        let saved: Vec<_> =
            saved.map(|(at, (_, end))| recovered(folder.path(), &at.to_string(), &capture[..*end])).collect();
        let whole = mitmproxy.flows(&[whole]).remove(0);
        let expected = messages(whole.last().unwrap());
        assert_eq!(expected.len(), ends.len(), "{name}");
        for ((count, end), flows) in cuts.iter().zip(mitmproxy.flows(&saved)) {
            assert_eq!(flows.len(), flows_before + 1, "{name}, cut at {end}");
            let last = flows.last().unwrap();
            assert_eq!(messages(last)[..], expected[..*count], "{name}, cut at {end}");
            let mark = last["state"]["metadata"]["recovered"].as_str().unwrap_or_default();
            assert!(mark.contains(&format!("{count} whole messages")), "{name}, cut at {end}: {mark}");
        }
    }
}
