//! What `wsflow` reads in real captures equals what mitmproxy's own reader reads in them.
//!
//! Beside each capture stands an oracle: a JSON line per flow that mitmproxy 12.2.3 yielded.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

use crate::support::{captures, read_json_lines, root, wsflow};

fn oracle_of(capture: &Path) -> PathBuf {
    PathBuf::from(format!("{}.oracle.jsonl", capture.display()))
}

/// The messages that mitmproxy reads, in the shape of `ls --json`.
fn expected_messages(oracle: &[Value]) -> Vec<Value> {
    let mut messages = Vec::new();
    for (index, flow) in oracle.iter().enumerate() {
        for (number, message) in flow["websocket"]["messages"].as_array().into_iter().flatten().enumerate() {
            messages.push(json!({
                "flow": index,
                "message": number,
                "flow_id": flow["id"],
                "from_client": message["from_client"],
                "type": opcode_name(message["type"].as_i64().unwrap()),
                "timestamp": time_or_null(&message["timestamp"]),
                "dropped": message["dropped"],
                "injected": message["injected"],
                "content": message["content_base64"],
            }));
        }
    }
    messages
}

/// The names of RFC 6455 section 5.2.
fn opcode_name(opcode: i64) -> String {
    match opcode {
        0 => "continuation".into(),
        1 => "text".into(),
        2 => "binary".into(),
        8 => "close".into(),
        9 => "ping".into(),
        10 => "pong".into(),
        other => format!("opcode-{other}"),
    }
}

/// mitmproxy keeps any float as a time; `wsflow` prints null for what is none, such as a time after the year 9999.
fn time_or_null(time: &Value) -> Value {
    match time.as_f64() {
        Some(seconds) if (-62_135_596_800.0..253_402_207_201.0).contains(&seconds) => json!(seconds),
        _ => Value::Null,
    }
}

/// A message object, reduced to the keys that the oracle knows, its content in base64.
fn reduced(message: &Value) -> Value {
    let content = match (&message["text"], &message["base64"]) {
        (Value::String(text), Value::Null) => BASE64.encode(text),
        (Value::Null, Value::String(base64)) => base64.clone(),
        other => panic!("a message has text or base64, not {other:?}"),
    };
    assert_eq!(message["size"], BASE64.decode(&content).unwrap().len());
    let mut reduced = message.clone();
    let object = reduced.as_object_mut().unwrap();
    for key in ["url", "time", "size", "text", "base64"] {
        object.remove(key);
    }
    object.insert("content".into(), content.into());
    object.insert("timestamp".into(), time_or_null(&message["timestamp"]));
    reduced
}

/// What mitmproxy reads of each flow, in the shape of `flows --all --json`.
fn expected_flows(oracle: &[Value]) -> Vec<Value> {
    oracle
        .iter()
        .map(|flow| {
            let websocket = &flow["websocket"];
            let messages = websocket["messages"].as_array();
            let count = |wanted: &dyn Fn(&Value) -> bool| {
                messages.map(|messages| messages.iter().filter(|message| wanted(message)).count())
            };
            json!({
                "flow_id": flow["id"],
                "type": flow["type"],
                "version": flow["version_on_disk"],
                "messages": count(&|_| true),
                "client_messages": count(&|message| message["from_client"] == true),
                "server_messages": count(&|message| message["from_client"] == false),
                "dropped": count(&|message| message["dropped"] == true),
                "injected": count(&|message| message["injected"] == true),
                "closed_by_client": websocket["closed_by_client"],
                "close_code": websocket["close_code"],
                "close_reason": websocket["close_reason"],
            })
        })
        .collect()
}

/// A connection object, reduced to the keys that the oracle knows.
fn reduced_flow(flow: &Value, like: &Value) -> Value {
    let keys = like.as_object().unwrap().keys();
    keys.map(|key| (key.clone(), flow[key].clone())).collect::<serde_json::Map<_, _>>().into()
}

/// The URL that `wsflow` prints for a flow: that of the oracle's pretty URL, or of its URL where that is the same,
/// because the name that the client used was an address.
fn expected_url(flow: &Value) -> Option<String> {
    let is_address = |url: &&str| url.starts_with("http://127.0.0.1");
    let url = flow["flow_state"]["pretty_url"].as_str().or_else(|| flow["url"].as_str().filter(is_address))?;
    Some(if flow["websocket"].is_null() { url.to_owned() } else { url.replacen("http", "ws", 1) })
}

#[track_caller]
pub(crate) fn assert_reads_as_mitmproxy(capture: &Path) {
    let mut oracle = read_json_lines(&oracle_of(capture));
    let name = capture.display().to_string();
    // mitmproxy stopped here; there may be more that is read by us.
    let is_cut = oracle.pop_if(|flow| !flow["error"].is_null()).is_some();

    let messages = wsflow(["ls", "--json", &name]).run().ok().json_lines();
    let is_compared = |value: &Value| !is_cut || value["flow"].as_u64() < Some(oracle.len() as u64);
    let reduced: Vec<_> = messages.iter().filter(|message| is_compared(message)).map(reduced).collect();
    assert_eq!(reduced, expected_messages(&oracle), "messages of {name}");

    let flows = wsflow(["flows", "--all", "--json", &name]).run().ok().json_lines();
    let expected = expected_flows(&oracle);
    assert_eq!(flows.iter().filter(|flow| is_compared(flow)).count(), expected.len(), "number of flows of {name}");
    for (number, (flow, expected)) in flows.iter().zip(&expected).enumerate() {
        assert_eq!(&reduced_flow(flow, expected), expected, "flow {number} of {name}");
        assert_eq!(flow["flow"], number);
        let websocket = &oracle[number]["websocket"];
        if !websocket.is_null() {
            assert_eq!(flow["timestamp_end"], websocket["timestamp_end"], "end of flow {number} of {name}");
        }
        if let Some(url) = expected_url(&oracle[number]) {
            assert_eq!(flow["url"], url, "URL of flow {number} of {name}");
        }
    }
}

#[test]
fn fixtures_are_read_as_mitmproxy_reads_them() {
    for capture in captures(&root().join("fixtures"), ".flow") {
        assert_reads_as_mitmproxy(&capture);
    }
}

/// The messages of a capture, without the positions and names that differ by format.
fn messages_of(capture: &str) -> Vec<Value> {
    wsflow(["ls", "--json", capture]).run().ok().json_lines()
}

#[test]
fn messagepack_holds_the_same_as_the_flow_file_it_was_made_of() {
    for (name, flow_file) in [
        ("edited-messages.msgpack", "edited-messages.flow"),
        ("edited-messages-array.msgpack", "edited-messages.flow"),
        ("mixed-http.msgpack", "mixed-http.flow"),
    ] {
        let messagepack = format!("fixtures/{name}");
        let flow_file = format!("fixtures/{flow_file}");
        assert_eq!(messages_of(&messagepack), messages_of(&flow_file), "{name}");
        let flows = |capture: &str| wsflow(["flows", "--all", "--json", capture]).run().ok().stdout;
        assert!(flows(&messagepack) == flows(&flow_file), "{name}");
    }
}

#[test]
fn bare_websocket_data_is_read_as_connections() {
    for capture in captures(&root().join("fixtures"), ".msgpack") {
        let name = capture.to_str().unwrap();
        if !name.contains("/bare-") {
            continue;
        }
        let oracle = read_json_lines(Path::new(&name.replace(".msgpack", ".oracle.jsonl")));
        let messages: Vec<_> = messages_of(name).iter().map(reduced).collect();
        let expected = expected_messages(&oracle);
        assert_eq!(messages.len(), expected.len(), "{name}");
        for (message, mut expected) in messages.into_iter().zip(expected) {
            // A bare connection has no id; the one that it gets is the reader's own.
            expected["flow_id"] = message["flow_id"].clone();
            assert_eq!(message, expected, "{name}");
        }
    }
}
