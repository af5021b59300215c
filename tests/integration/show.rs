//! `wsflow show`.

use insta::assert_snapshot;
use serde_json::{Value, json};
use wsflow::state::State;

use crate::support::{message_value, tls_with, wsflow};

#[test]
fn a_message_is_shown_with_its_fields_and_its_whole_text() {
    let shown = wsflow(["show", "fixtures/conversation.flow", "0:0"]).run().ok().text();
    assert!(shown.starts_with("message 0:0\n"), "{shown}");
    assert!(shown.contains("\n  url        ws://prices.example/v2/stream\n"), "{shown}");
    assert!(
        shown.contains("\n  kind       json {op,symbols} (it is valid JSON)\n\n  {\n    \"op\": \"subscribe\",\n"),
        "{shown}"
    );
    assert!(shown.ends_with("\n      \"XAUUSD\"\n    ]\n  }\n\n"), "{shown}");
}

#[test]
fn binary_is_a_hex_dump() {
    let shown = wsflow(["show", "--as", "hex", "fixtures/conversation.flow", "1:1"]).run().ok().text();
    let dump = "00000000  08 ac 02 12 07 62 75 69  6c 64 2d 37 1a 04 08 01  |.....build-7....|\n";
    assert!(shown.contains(dump), "{shown}");
}

#[test]
fn json_has_what_was_asked_for() {
    let show = |args: &[&str]| wsflow([&["show", "--json"], args].concat()).run().ok().json_lines().remove(0);
    let plain = show(&["fixtures/conversation.flow", "1:1"]);
    assert_eq!(plain.get("json"), None);
    let decoded = show(&["--as", "protobuf", "fixtures/conversation.flow", "1:1"]);
    assert!(decoded["json"].to_string().contains("build-7"), "{decoded}");
    // JSON is not JSON where it is asked for something else, and what is not of the kind has nothing.
    let as_text = show(&["--as", "text", "fixtures/conversation.flow", "0:0"]);
    assert_eq!(as_text.get("json"), None);
    let no_image = show(&["--as", "image", "fixtures/conversation.flow", "1:1"]);
    assert_eq!(no_image, plain);
    let named =
        show(&["--proto", "fixtures/chat.proto", "--message", "chat.v1.Envelope", "fixtures/kinds.flow", "10:4"]);
    assert!(named["json"].is_object(), "{named}");
}

#[test]
fn an_address_that_is_not_known_is_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let flow = folder.path().join("new.flow");
    let flow = flow.to_str().unwrap();
    wsflow(["encode", "fixtures/chrome.har", "-o", flow]).run().code(0);
    let text = wsflow(["show", flow, "0"]).run().ok().text();
    assert!(text.contains("\n  server  ") && !text.contains("\n  client  "), "{text}");
    let object = wsflow(["show", "--json", flow, "0"]).run().ok().json_lines().remove(0);
    assert_eq!(object["client"]["address"], Value::Null);
    let known = wsflow(["show", "fixtures/tls.flow", "0"]).run().ok().text();
    assert!(known.contains("\n  client      127.0.0.1:42642\n"), "{known}");
}

#[test]
fn raw_is_exactly_the_bytes() {
    let shown = wsflow(["show", "--raw", "fixtures/conversation.flow", "1:0"]).run().ok();
    assert_eq!(shown.stdout, (0..=255).collect::<Vec<u8>>());
}

#[test]
fn a_connection_is_shown_with_all_of_its_messages() {
    let shown = wsflow(["show", "fixtures/conversation.flow", "2"]).run().ok().text();
    assert!(shown.starts_with("flow 2\n"), "{shown}");
    assert_eq!(shown.matches("\nmessage 2:").count(), 7);
}

#[test]
fn nothing_that_a_terminal_obeys_is_shown() {
    let shown = wsflow(["show", "fixtures/control-characters.flow"]).run().ok().text();
    let unsafe_ones: Vec<_> =
        shown.chars().filter(|&c| wsflow::output::is_unsafe(c) && c != '\n' && c != '\t').collect();
    assert_eq!(unsafe_ones, []);
}

#[test]
fn a_connection_is_shown_with_handshake_tls_times_and_close() {
    assert_snapshot!(wsflow(["show", "fixtures/tls.flow"]).run().ok().text());
    assert_snapshot!("open", wsflow(["show", "fixtures/open-at-shutdown.flow", "0"]).run().ok().text());
}

#[test]
fn a_connection_as_json_says_the_same() {
    let lines = wsflow(["show", "--json", "fixtures/tls.flow"]).run().ok().json_lines();
    let connection = &lines[0];
    assert_snapshot!(serde_json::to_string_pretty(connection).unwrap());
    let listed = wsflow(["flows", "--json", "fixtures/tls.flow"]).run().ok().json_lines();
    let same = ["flow", "flow_id", "type", "version", "url", "timestamp_start", "timestamp_end", "close_code"];
    for key in same.into_iter().chain(["closed_by_client", "close_reason", "marked", "comment"]) {
        assert_eq!(connection[key], listed[0][key], "{key}");
    }
    assert_eq!(lines[1..], wsflow(["ls", "--json", "fixtures/tls.flow"]).run().ok().json_lines());
}

#[test]
fn what_a_flow_does_not_say_is_left_out() {
    let capture = tls_with(|state| {
        for key in ["client_conn", "server_conn", "response"] {
            *state.get_mut(key).unwrap() = State::Null;
        }
        let request = state.get_mut("request").unwrap();
        *request.get_mut("headers").unwrap() = State::List(Vec::new());
    });
    let shown = wsflow(["show", "-", "0"]).stdin(capture.clone()).run().ok().text();
    for absent in ["server", "client ", "tls", "response", "Host"] {
        assert!(!shown.contains(absent), "{absent}: {shown}");
    }
    let shown = wsflow(["show", "--json", "-", "0"]).stdin(capture).run().ok().json_lines();
    assert_eq!(shown[0]["client"], json!({"address": null, "tls": null}));
    assert_eq!(shown[0]["response"], Value::Null);
}

#[test]
fn connections_of_every_format_version_are_shown() {
    for (version, closed) in
        [("5.3.0", "1000 normal closure"), ("8.1.1", "1000 normal closure"), ("10.4.2", "1000 normal closure")]
    {
        let shown = wsflow(["show", &format!("fixtures/versions/{version}.flow")]).run().ok().text();
        assert!(shown.contains(closed), "{version}: {shown}");
        assert!(shown.contains("  → request  GET /"), "{version}: {shown}");
    }
}

#[test]
fn flags_are_told_in_words() {
    let capture = tls_with(|state| {
        *message_value(state, 0, 4) = State::Bool(true);
        *message_value(state, 1, 5) = State::Bool(true);
    });
    let shown = wsflow(["show", "-"]).stdin(capture).run().ok().text();
    assert!(
        shown.contains("\nmessage 0:0  →  text  35 bytes  2026-11-23T12:32:52.122897Z  dropped  json {op,password}\n"),
        "{shown}"
    );
    assert!(
        shown.contains("\nmessage 0:1  ←  text  24 bytes  2026-11-23T12:32:52.123569Z  injected  json {op,ok}\n"),
        "{shown}"
    );
}
