use std::io::Write as _;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::capture::{Format, Reader};
use crate::encode::{Encoder, Loss, Options};
use crate::flow::Flow;
use crate::output;
use crate::state::State;
use crate::tnetstring::{self, RawValue};
use crate::websocket::WebSocketData;

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)).unwrap()
}

/// A capture in another format, the faults, and what was lost.
fn encode(capture: &[u8], format: Format) -> (Vec<u8>, Vec<String>, Vec<Loss>) {
    let mut faults = Vec::new();
    let mut encoder = Encoder::new(Vec::new(), format).unwrap();
    encoder.add(Reader::from_slice(capture, None).unwrap(), |fault| faults.push(fault.to_string())).unwrap();
    let (out, summary) = encoder.finish().unwrap();
    (out, faults, summary.losses)
}

fn har(capture: &[u8]) -> Value {
    let (out, faults, _) = encode(capture, Format::Har);
    assert_eq!(faults, [""; 0]);
    serde_json::from_slice(&out).unwrap()
}

/// The flow of the only entry of a HAR.
fn read(entry: &Value) -> (Vec<u8>, Vec<String>) {
    let text = json!({"log": {"entries": [entry]}}).to_string();
    let (flow, faults, _) = encode(text.as_bytes(), Format::Flow);
    (flow, faults)
}

fn websocket(flow: &[u8]) -> Option<WebSocketData> {
    let value = RawValue::from_slice(flow).unwrap().get("websocket").unwrap().unwrap();
    tnetstring::from_raw(value).unwrap()
}

/// A value of a flow, at a path of keys, as it is encoded.
fn encoded(flow: &[u8], path: &str) -> String {
    let value =
        path.split('.').fold(RawValue::from_slice(flow).unwrap(), |value, key| value.get(key).unwrap().unwrap());
    value.encoded().escape_ascii().to_string()
}

fn connections(capture: &[u8]) -> Vec<(String, WebSocketData)> {
    let records = Reader::from_slice(capture, None).unwrap();
    let connection = |data: &[u8]| {
        let id = Flow::parse(data).unwrap().id().unwrap().to_owned();
        websocket(data).map(|websocket| (id, websocket))
    };
    records.filter_map(|record| connection(&record.unwrap().data)).collect()
}

#[test]
fn connections_come_back_from_har_exactly() {
    let mut count = 0;
    for name in ["conversation", "edited-messages", "closes", "invalid-utf8", "control-characters", "open-at-shutdown"]
    {
        let before = fixture(&format!("{name}.flow"));
        let (there, faults, losses) = encode(&before, Format::Har);
        assert_eq!((faults, losses), (Vec::new(), Vec::new()), "{name}");
        let (back, faults, _) = encode(&there, Format::Flow);
        assert_eq!(faults, [""; 0], "{name}");
        assert_eq!(connections(&before), connections(&back), "{name}");
        count += connections(&back).len();
    }
    assert!(count > 25, "{count}");
}

#[test]
fn times_that_are_none_come_back_from_har() {
    let before = fixture("odd-values.flow");
    let (there, ..) = encode(&before, Format::Har);
    let (back, ..) = encode(&there, Format::Flow);
    let messages = |capture: &[u8]| -> Vec<String> {
        let records = Reader::from_slice(capture, None).unwrap().map(Result::unwrap);
        records.map(|record| encoded(&record.data, "websocket.messages")).collect()
    };
    // `nan` is not equal to itself, so the bytes are compared.
    assert_eq!(messages(&before), messages(&back));
    assert!(messages(&before)[0].contains("3:nan^"));
}

#[test]
fn entries_hold_what_har_has_no_place_for() {
    let entries = har(&fixture("edited-messages.flow"))["log"]["entries"].clone();
    let own = &entries[0]["_wsflow"];
    assert_eq!(own["websocket"]["close_code"], 1000);
    assert_eq!(own["websocket"]["closed_by_client"], true);
    assert!(own["id"].is_string() && own["timestamp_created"].is_f64());
    let messages = entries[0]["_webSocketMessages"].as_array().unwrap();
    assert!(messages.iter().any(|message| message["_dropped"] == true));
    assert!(messages.iter().any(|message| message["_injected"] == true));
    assert!(messages.iter().any(|message| message.as_object().unwrap().len() == 4), "no field of our own");
}

#[test]
fn metadata_and_what_was_replayed_come_back_from_har() {
    let before = String::from_utf8(fixture("json.flow")).unwrap();
    let flow = |metadata: &str, is_replay: &str| {
        let mut state: State<'_> = tnetstring::from_slice(before.as_bytes()).unwrap();
        let metadata = RawValue::from_slice(metadata.as_bytes()).unwrap();
        assert!(state.insert("metadata", State::Raw(metadata)));
        assert!(state.insert("is_replay", State::from(is_replay)));
        tnetstring::to_vec(&state).unwrap()
    };
    for (metadata, key) in [
        ("0:}", None),
        ("49:3:tag;3:tea;1:n;2:-7#1:f;3:0.5^1:l;10:4:true!0:~]}", Some("metadata")),
        ("20:1:b;3:\x01,\",1:n;3:nan^}", Some("metadata_base64")),
        ("28:1:n;20:36893488147419103232#}", Some("metadata_base64")),
    ] {
        let before = flow(metadata, "request");
        let (there, faults, _) = encode(&before, Format::Har);
        assert_eq!(faults, [""; 0]);
        let entry = serde_json::from_slice::<Value>(&there).unwrap()["log"]["entries"][0].clone();
        for name in ["metadata", "metadata_base64"] {
            assert_eq!(entry["_wsflow"].get(name).is_some(), Some(name) == key, "{name} of {metadata}");
        }
        let (back, faults) = read(&entry);
        assert_eq!(faults, [""; 0]);
        assert_eq!(encoded(&back, "metadata"), metadata.as_bytes().escape_ascii().to_string());
        assert_eq!(encoded(&back, "is_replay"), "7:request;");
    }
    let entry = json!({"request": {"url": "ws://h/"}, "_wsflow": {"metadata_base64": "MTpoLA=="}});
    let (back, faults) = read(&entry);
    assert_eq!(faults.len(), 1);
    assert!(faults[0].ends_with("_wsflow.metadata: metadata is no dict"), "{}", faults[0]);
    assert_eq!(encoded(&back, "metadata"), "0:}");
}

#[test]
fn a_broken_message_costs_no_more_than_itself() {
    let good = json!({"type": "send", "time": 1.5, "opcode": 1, "data": "hi"});
    for (key, value, said) in [
        ("opcode", json!(1.5), "expected i64"),
        ("data", json!({}), "invalid type: map"),
        ("type", json!("sned"), "neither `send` nor `receive`"),
        ("time", json!("noon"), "`time` is no number: `noon`"),
        ("_time", json!("noon"), "`_time` is no number: `noon`"),
    ] {
        let mut bad = good.clone();
        bad[key] = value;
        let entry = json!({"request": {"url": "ws://h/"}, "_webSocketMessages": [good, bad, good]});
        let (flow, faults) = read(&entry);
        assert_eq!(websocket(&flow).unwrap().messages.len(), 2, "{key}");
        assert_eq!(faults.len(), 1, "{key}: {faults:?}");
        assert!(faults[0].contains("_webSocketMessages[1]") && faults[0].contains(said), "{}", faults[0]);
    }
}

#[test]
fn a_text_message_that_is_no_text_loses_nothing() {
    let entries = har(&fixture("invalid-utf8.flow"))["log"]["entries"].clone();
    let messages = entries[0]["_webSocketMessages"].as_array().unwrap();
    let odd = messages.iter().find(|message| message["_base64"].is_string()).unwrap();
    assert_eq!((&odd["opcode"], &odd["data"], &odd["_base64"]), (&json!(1), &json!("caf\u{fffd}"), &json!("Y2Fm6Q==")));
}

#[test]
fn flows_that_are_no_http_are_counted() {
    let (_, faults, losses) = encode(&fixture("tcp-udp-dns.flow"), Format::Har);
    assert_eq!(faults, [""; 0]);
    let losses: Vec<_> = losses.iter().map(Loss::to_string).collect();
    assert_eq!(losses[0], "3 dns flows left out, the first is 1: HAR holds HTTP and WebSocket flows only");
    assert_eq!(losses.len(), 3);
}

#[test]
fn browsers_and_test_tools_are_understood() {
    let tea = |name: &str| {
        let (flows, faults, _) = encode(&fixture(name), Format::Flow);
        assert_eq!(faults, [""; 0], "{name}");
        let records: Vec<_> = Reader::from_slice(&flows, None).unwrap().map(Result::unwrap).collect();
        assert_eq!(records.len(), 3, "{name}");
        let flow = Flow::parse(&records[1].data).unwrap();
        let url = flow.url().unwrap().unwrap();
        assert!(url.starts_with("ws://127.0.0.1:") && url.ends_with("/order?table=7"), "{url}");
        let websocket = websocket(&records[1].data).unwrap();
        let started = flow.timestamp_start().unwrap().seconds();
        for message in &websocket.messages {
            assert!((0.0..10.0).contains(&(message.timestamp - started)), "{name}: {}", message.timestamp);
        }
        let contents = websocket.messages.iter().map(|message| {
            let arrow = if message.from_client { '>' } else { '<' };
            format!("{arrow}{}", String::from_utf8_lossy(&message.content).replace(|c: char| c.is_control(), "."))
        });
        contents.collect::<Vec<_>>().join(" ")
    };
    let chrome = tea("chrome.har");
    assert!(
        chrome.starts_with(">sencha <one sencha >oolong, 茉莉花茶 🍵 <one oolong, 茉莉花茶 🍵 > <one  >{\"cups\":2}"),
        "{chrome}"
    );
    assert!(
        chrome.ends_with(">...\u{fffd}\u{fffd}\u{fffd} <...\u{fffd}\u{fffd}\u{fffd} >the bill <one the bill"),
        "{chrome}"
    );
    // Playwright does not keep the message that is empty.
    assert_eq!(tea("playwright.har"), chrome.replacen(" >  <", " ", 1).replacen("🍵 > <one ", "🍵 <one ", 1));
    // Firefox keeps no messages, but it is a connection all the same.
    assert_eq!(tea("firefox.har"), "");
}

#[test]
fn an_entry_needs_little() {
    let (flow, faults) = read(&json!({}));
    assert_eq!(faults, [""; 0]);
    assert_eq!(encoded(&flow, "websocket"), "0:~");
    assert_eq!(encoded(&flow, "response"), "0:~");
    let (flow, _) = read(&json!({"request": {"url": "wss://h:444"}, "startedDateTime": "2023-08-29T13:04:00.25Z"}));
    assert_eq!(encoded(&flow, "request.host"), "1:h;");
    assert_eq!(encoded(&flow, "request.port"), "3:444#");
    assert_eq!(encoded(&flow, "request.scheme"), "5:https,");
    assert_eq!(encoded(&flow, "request.path"), "1:/,");
    assert_eq!(encoded(&flow, "request.timestamp_start"), "13:1693314240.25^");
    assert_eq!(encoded(&flow, "websocket.messages"), "0:]");
    assert_eq!(encoded(&flow, "server_conn.address"), "10:1:h;3:444#]");
}

#[test]
fn http_is_read_as_far_as_har_tells_it() {
    let (flow, faults) = read(&json!({
        "startedDateTime": "2023-08-29T15:04:00+02:00", "time": 100,
        "timings": {"blocked": 10, "send": 5, "wait": 60, "receive": 25},
        "serverIPAddress": "[2001:db8::1]",
        "request": {"method": "POST", "url": "https://h/a?b#c", "httpVersion": "h2", "headers": [
            {"name": ":authority", "value": "h"}, {"name": "Content-Encoding", "value": "gzip"}, ["X", "caf\u{fffd}"],
        ], "postData": {"mimeType": "text/plain", "text": "tea"}},
        "response": {"status": 200, "statusText": "OK", "httpVersion": "http/1.1", "headers": [
            {"name": "content-encoding", "value": "br"}, {"name": "Content-Length", "value": "99"},
            {"name": "Content-Type", "value": "text/plain; charset=iso-8859-1"},
        ], "content": {"size": 4, "mimeType": "text/plain", "text": "café"}},
    }));
    assert_eq!(faults, [""; 0]);
    assert_eq!(encoded(&flow, "request.http_version"), "8:HTTP/2.0,");
    assert_eq!(encoded(&flow, "request.authority"), "1:h,");
    assert_eq!(encoded(&flow, "request.headers"), "17:13:1:X,6:caf\\xef\\xbf\\xbd,]]");
    assert_eq!(encoded(&flow, "request.content"), "3:tea,");
    assert_eq!(encoded(&flow, "request.path"), "6:/a?b#c,");
    assert_eq!(encoded(&flow, "request.timestamp_start"), "12:1693314240.0^");
    assert_eq!(encoded(&flow, "response.timestamp_end"), "12:1693314240.1^");
    assert_eq!(encoded(&flow, "response.content"), "4:caf\\xe9,");
    assert!(encoded(&flow, "response.headers").contains("14:Content-Length,1:4,"), "the length is that of the body");
    assert!(!encoded(&flow, "response.headers").contains("ncoding"));
    assert_eq!(encoded(&flow, "server_conn.peername"), "21:11:2001:db8::1;3:443#]");
    assert_eq!(encoded(&flow, "server_conn.tls"), "4:true!");
}

#[test]
fn a_body_that_was_not_kept_is_no_empty_one() {
    let body = |content: Value| {
        encoded(&read(&json!({"response": {"status": 200, "content": content}})).0, "response.content")
    };
    assert_eq!(body(json!({"size": 12, "mimeType": "image/png"})), "0:~");
    assert_eq!(body(json!({"size": -1})), "0:~");
    assert_eq!(body(json!({"size": 0})), "0:,");
    assert_eq!(body(json!({"size": 3, "text": "dGVh", "encoding": "base64"})), "3:tea,");
}

/// A flow whose response has this body, gzipped.
fn with_packed(body: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    packer.write_all(body).unwrap();
    let packed = packer.finish().unwrap();
    let entry = json!({
        "startedDateTime": "2026-01-01T00:00:00Z",
        "request": {"method": "POST", "url": "http://h/", "headers": []},
        "response": {
            "status": 200,
            "headers": [
                {"name": "content-encoding", "value": "gzip"},
                {"name": "content-type", "value": "text/plain; charset=utf-8"},
            ],
            "content": {"text": output::base64_text(&packed), "encoding": "base64", "_encoded": true},
        },
    });
    let (flow, faults) = read(&entry);
    assert_eq!(faults, [""; 0]);
    assert_eq!(Flow::parse(&flow).unwrap().response().unwrap().unwrap().raw_body(), Some(&*packed));
    (flow, packed)
}

/// What is put together in memory is small; what is larger comes in parts, and is no other than this.
#[test]
fn large_bodies_are_decoded_into_an_entry() {
    for length in [1 << 20, (1 << 20) + 1, 9 << 20] {
        let body = "text ".repeat(100);
        let rest = length - body.len();
        let body = body + &"\u{1}é".repeat(rest / 3) + &"x".repeat(rest % 3);
        let (flow, _) = with_packed(body.as_bytes());
        let har = har(&[&*fixture("conversation.flow"), &flow, &flow].concat());
        let entries = har["log"]["entries"].as_array().unwrap();
        let read: Vec<_> = entries.iter().map(|entry| entry["response"]["content"]["text"].as_str().unwrap()).collect();
        assert_eq!(read.len(), 5);
        assert!(read[3] == body && read[4] == body, "{length}");
        assert_eq!(entries[4]["request"]["url"], "http://h/");
    }
}

/// A few bytes can decode to any number of them. Nothing is lost, though.
#[test]
fn a_body_that_decodes_to_too_much_stays_as_it_was_sent() {
    let (flow, packed) = with_packed(&vec![b'x'; 40 << 20]);
    let har = har(&flow);
    let content = &har["log"]["entries"][0]["response"]["content"];
    assert_eq!(content["encoding"], "base64");
    assert_eq!(content["_encoded"], true);
    assert_eq!(content["text"], output::base64_text(&packed));
    let (again, _) = read(&har["log"]["entries"][0]);
    assert_eq!(encoded(&again, "response"), encoded(&flow, "response"));
}

#[test]
fn text_that_is_large_and_not_utf_8_is_base64() {
    let (flow, _) = with_packed(&b"caf\xe9 ".repeat(2 << 20));
    let har = har(&flow);
    let content = &har["log"]["entries"][0]["response"]["content"];
    assert_eq!((&content["encoding"], &content["_encoded"]), (&json!("base64"), &Value::Null));
    assert_eq!(content["text"].as_str().unwrap().len(), 5 * (2 << 20) / 3 * 4 + 4);
}

#[test]
fn a_response_that_did_not_come_is_none() {
    let (flow, _) = read(&json!({"response": {"status": 0, "_error": "net::ERR_ABORTED"}}));
    assert_eq!(encoded(&flow, "response"), "0:~");
    assert_eq!(encoded(&flow, "error.msg"), "16:net::ERR_ABORTED;");
}

#[test]
fn broken_entries_and_messages_hide_no_others() {
    let message =
        |kind: &str, data: &str, opcode: i64| json!({"type": kind, "time": 1.5, "opcode": opcode, "data": data});
    let messages = [
        message("send", "a", 1),
        message("error", "net::ERR", -1),
        message("receive", "not base64", 2),
        message("receive", "Yg", 2),
    ];
    let text = json!({"log": {"entries": [{"request": 5}, {"_webSocketMessages": messages}]}}).to_string();
    let (flow, faults, _) = encode(text.as_bytes(), Format::Flow);
    assert_eq!(faults.len(), 3, "{faults:?}");
    assert!(
        faults[0].starts_with("record 0, byte 19: invalid type: integer `5`, expected struct Request"),
        "{}",
        faults[0]
    );
    assert_eq!(
        faults[1],
        "record 1, byte 33, _webSocketMessages[1]: a message of type `error` is neither `send` nor `receive`"
    );
    assert!(faults[2].contains("_webSocketMessages[2]: invalid base64"), "{}", faults[2]);
    let contents: Vec<_> = websocket(&flow).unwrap().messages.into_iter().map(|message| message.content).collect();
    assert_eq!(contents, [b"a", b"b"]);
}

#[test]
fn a_file_that_ends_early_keeps_the_entries_before() {
    let whole = fixture("chrome.har");
    let (flow, faults, _) = encode(&whole[..whole.len() - 3000], Format::Flow);
    assert_eq!(Reader::from_slice(&flow, None).unwrap().count(), 2);
    assert_eq!(faults.len(), 1);
    assert!(faults[0].starts_with("record 2, byte ") && faults[0].contains("incomplete"), "{}", faults[0]);
}

#[test]
fn urls_are_such_that_every_reader_takes_them() {
    let url = |url: &str, headers: Value| {
        let entry = json!({"request": {"method": "GET", "url": url, "headers": headers}, "response": {"status": 200}});
        har(&read(&entry).0)["log"]["entries"][0]["request"]["url"].as_str().unwrap().to_owned()
    };
    assert_eq!(url("http://h/plain?x=y#z", json!([])), "http://h/plain?x=y#z");
    assert_eq!(url("http://h/é", json!([])), "http://h/%C3%A9");
    assert_eq!(url("http://[::1]:81/", json!([])), "http://[::1]:81/");
    assert_eq!(url("http://h/", json!([["Host", "other.example:82"]])), "http://other.example:82/");
    assert_eq!(url("http://h/", json!([["Host", "no host"]])), "http://h/");
}

#[test]
fn nothing_reaches_a_terminal_raw() {
    let mut out = Vec::new();
    let terminal = Some(crate::output::Terminal { width: 80 });
    let mut encoder = Encoder::with_options(&mut out, Format::Har, Options { threads: 1, terminal }).unwrap();
    let capture = fixture("control-characters.flow");
    encoder.add(Reader::from_slice(&capture, None).unwrap(), |_| {}).unwrap();
    encoder.finish().unwrap();
    let text = String::from_utf8(out).unwrap();
    assert!(!text.chars().any(|c| c != '\n' && crate::output::is_unsafe(c)));
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), har(&capture));
}
