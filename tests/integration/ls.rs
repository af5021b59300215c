//! `wsflow ls`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::support::{fixture_bytes, wsflow};

const CAPTURE: &str = "fixtures/edited-messages.flow";

#[test]
fn the_kind_is_said_once() {
    let ls = |fields: &str| wsflow(["ls", "--fields", fields, "--id", "4:4", "fixtures/kinds.flow"]).run().ok().text();
    assert_eq!(ls("preview").matches("mqtt PUBLISH").count(), 1);
    assert_eq!(ls("kind,preview").matches("mqtt PUBLISH").count(), 1);
}

#[test]
fn what_is_parsed_is_in_the_table_too() {
    let ls = |args: &[&str]| {
        let args = [&["ls", "--parse", "--id", "4:4,10:9"], args, &["fixtures/kinds.flow"]].concat();
        wsflow(args).run()
    };
    assert!(ls(&[]).ok().text().contains(r#""topic":"sensors/1""#));
    let named = ls(&["--fields", "id"]).ok().text();
    assert!(named.starts_with("4:4       ") && named.contains(r#""topic":"sensors/1""#), "{named}");
    assert_eq!(ls(&["--json", "--fields", "json,id"]).ok().json_lines()[0]["id"], "4:4");
    let raw = ls(&["--format", "raw"]).code(2);
    assert!(raw.stderr.contains("--fields json"), "{}", raw.stderr);
    // What has no such shape is there as it is without.
    let text = ["ls", "--fields", "decoded", "--id", "0:2", CAPTURE];
    assert_eq!(wsflow(text).run().ok().text(), "not touched\n");
}

#[test]
fn a_field_that_is_misspelt_is_guessed() {
    for (name, meant) in [("dir", "direction"), ("Size", "size"), ("flowid", "flow_id"), ("tpye", "type")] {
        let refused = wsflow(["ls", "--fields", name, "missing.flow"]).run().code(2).stderr;
        let said =
            format!("wsflow: --fields: `{name}` is not a field (did you mean `{meant}`?); the fields are file, ");
        assert!(refused.starts_with(&said), "{refused}");
    }
    let refused = wsflow(["ls", "--fields", "xyz", "missing.flow"]).run().code(2).stderr;
    assert!(refused.starts_with("wsflow: --fields: `xyz` is not a field; the fields are file, "), "{refused}");
}

#[test]
fn a_message_object_has_the_keys_of_the_contract_in_order() {
    let text = wsflow(["ls", "--json", "--id", "0:0", CAPTURE]).run().ok();
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ");
    assert_snapshot!(keys(&text.json_lines()[0]),
        @"flow message flow_id url from_client type timestamp time size dropped injected text");
    let binary = wsflow(["ls", "--json", "fixtures/conversation.flow"]).run().ok().json_lines();
    let binary = binary.iter().find(|message| message["type"] == "binary").unwrap();
    assert_snapshot!(keys(binary),
        @"flow message flow_id url from_client type timestamp time size dropped injected base64");
}

#[test]
fn every_message_is_one_line_in_every_format() {
    let count = |args: &[&str]| {
        let all = [&["ls", "fixtures/control-characters.flow"], args].concat();
        wsflow(all).run().ok().lines().len()
    };
    let messages: usize =
        wsflow(["ls", "-c", "fixtures/control-characters.flow"]).run().ok().text().trim().parse().unwrap();
    assert!(messages > 20);
    assert_eq!(count(&[]), messages);
    assert_eq!(count(&["--json"]), messages);
    assert_eq!(count(&["--format", "json"]), messages + 2);
}

#[test]
fn a_json_array_holds_the_objects_of_the_lines() {
    let lines = wsflow(["ls", "--json", CAPTURE]).run().ok().json_lines();
    let array: Value = serde_json::from_slice(&wsflow(["ls", "--format", "json", CAPTURE]).run().ok().stdout).unwrap();
    assert_eq!(array, Value::from(lines));
}

#[test]
fn fields_are_chosen_and_ordered() {
    let listed = wsflow(["ls", "--json", "--fields", "size,id,text", "--limit", "1", CAPTURE]).run().ok();
    let keys: Vec<_> = listed.json_lines()[0].as_object().unwrap().keys().cloned().collect();
    assert_eq!(keys, ["size", "id", "text"]);
    let csv = wsflow(["ls", "--format", "csv", "--fields", "id,from_client", "--limit", "1", CAPTURE]).run().ok();
    assert!(csv.text().starts_with("id,from_client\r\n0:0,"), "{}", csv.text());
    let raw = wsflow(["ls", "--format", "raw", "--fields", "id,type", "--limit", "1", CAPTURE]).run().ok();
    assert_eq!(raw.text(), "0:0\ttext\n");
}

#[test]
fn an_unknown_field_is_an_error_before_any_file_is_read() {
    let finished = wsflow(["ls", "--fields", "id,colour", "missing.flow"]).run().code(2);
    assert_snapshot!(finished.stderr, @"wsflow: --fields: `colour` is not a field; the fields are file, flow, message, id, flow_id, url, from_client, direction, type, timestamp, time, size, dropped, injected, flags, text, base64, kind, json, content, preview, decoded");
}

#[test]
fn ids_choose_connections_messages_and_ranges() {
    let ids = |id: &str| {
        let listed = wsflow(["ls", "--format", "raw", "--fields", "id", "--id", id, "fixtures/conversation.flow"]);
        listed.run().ok().lines().join(" ")
    };
    assert_eq!(ids("0:3"), "0:3");
    assert_eq!(ids("0:11-99,2:0-1"), "0:11 0:12 2:0 2:1");
    assert_eq!(ids("0:11,2:6"), "0:11 2:6");
    let twice =
        ["ls", "--format", "raw", "--fields", "id", "--id", "0:11", "--id", "2:6", "fixtures/conversation.flow"];
    assert_eq!(wsflow(twice).run().ok().lines(), ["0:11", "2:6"]);
    assert_eq!(ids("2"), "2:0 2:1 2:2 2:3 2:4 2:5 2:6");
    let finished = wsflow(["ls", "--id", "3:x", CAPTURE]).run().code(2);
    assert!(finished.stderr.contains("expected FLOW, FLOW:MESSAGE or FLOW:FIRST-LAST"), "{}", finished.stderr);
}

#[test]
fn a_limit_stops_the_listing() {
    let all = wsflow(["ls", "fixtures/conversation.flow"]).run().ok().lines();
    for limit in [0, 1, 13, 14, 1000] {
        let some = wsflow(["ls", "--limit", &limit.to_string(), "fixtures/conversation.flow"]).run().ok().lines();
        assert_eq!(some, all[..limit.min(all.len())]);
    }
    assert_eq!(wsflow(["ls", "-c", "--limit", "5", "fixtures/conversation.flow"]).run().ok().text(), "5\n");
}

#[test]
fn raw_is_the_contents_with_what_was_asked_for_behind_each() {
    let raw = |args: &[&str]| {
        let all = [&["ls", "--format", "raw", "--id", "2:0-2", "fixtures/conversation.flow"], args].concat();
        wsflow(all).run().ok().text()
    };
    assert_eq!(raw(&[]), "welcome to room 7\nhello\n\n");
    assert_eq!(raw(&["-0"]), "welcome to room 7\0hello\0\0");
    assert_eq!(raw(&["--separator", ""]), "welcome to room 7hello");
    assert_eq!(raw(&["--separator=--"]), "welcome to room 7--hello----");
}

#[test]
fn raw_contents_are_the_stored_bytes() {
    let raw = wsflow(["ls", "--format", "raw", "--separator", "", "--id", "1:0", "fixtures/conversation.flow"]);
    assert_eq!(raw.run().ok().stdout, (0..=255).collect::<Vec<u8>>());
}

#[test]
fn parse_adds_the_payload_where_it_is_json() {
    let listed = wsflow(["ls", "--json", "--parse", "fixtures/json.flow"]).run().ok().json_lines();
    let mut parsed = 0;
    for message in &listed {
        let content = match &message["base64"] {
            Value::String(base64) => BASE64.decode(base64).unwrap(),
            _ => message["text"].as_str().unwrap().into(),
        };
        let value = serde_json::from_slice::<Value>(&content).ok();
        // What is no JSON may be of a kind that has its shape.
        if let Some(value) = value {
            assert_eq!(message["json"], value);
            parsed += 1;
        }
    }
    assert!(parsed > 5 && parsed < listed.len(), "{parsed} of {} messages are JSON", listed.len());
}

#[test]
fn times_have_three_formats() {
    let time = |format: &str, id: &str| {
        let listed = wsflow(["ls", "--json", "--time-format", format, "--id", id, "fixtures/conversation.flow"]).run();
        listed.ok().json_lines()[0].clone()
    };
    let message = time("unix", "0:2");
    let seconds = message["timestamp"].as_f64().unwrap();
    assert_eq!(message["time"], json!(seconds));
    let first = time("unix", "0:0")["timestamp"].as_f64().unwrap();
    assert_eq!(time("relative", "0:0")["time"], json!(0.0));
    let relative = time("relative", "0:2")["time"].as_f64().unwrap();
    assert!((relative - (seconds - first)).abs() <= 1e-6, "{relative}");
    let written: jiff::Timestamp = time("rfc3339", "0:2")["time"].as_str().unwrap().parse().unwrap();
    assert!((written.as_microsecond() as f64 - seconds * 1e6).abs() <= 1.0);
}

#[test]
fn what_is_no_time_is_null() {
    let listed = wsflow(["ls", "--json", "fixtures/odd-values.flow"]).run().ok().json_lines();
    let strange: Vec<_> = listed.iter().filter(|message| message["timestamp"].is_null()).collect();
    assert!(strange.len() >= 3, "nan, inf and a huge time are in the fixture");
    assert!(strange.iter().all(|message| message["time"].is_null()));
}

#[test]
fn threads_change_nothing() {
    let capture: Vec<u8> = std::iter::repeat_n(fixture_bytes("large-message.flow"), 12).flatten().collect();
    let one = wsflow(["ls", "--json", "--threads", "1"]).stdin(capture.clone()).run().ok();
    let many = wsflow(["ls", "--json", "--threads", "7"]).stdin(capture).run().ok();
    assert!(one.stdout == many.stdout);
}

#[test]
fn the_table_shows_escapes_instead_of_sending_them() {
    let listed = wsflow(["ls", "--id", "0:0-3", "fixtures/control-characters.flow"]).run().ok().text();
    assert!(listed.contains(r"before\x1b[2J\x1b[Hafter"), "{listed}");
    assert!(!listed.bytes().any(|byte| byte < 0x20 && byte != b'\n'), "{listed:?}");
}
