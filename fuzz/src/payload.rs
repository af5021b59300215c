//! Whatever a message holds, and whatever its connection is said to speak: guessing and decoding as every kind ends, what
//! is shown is harmless, what is given as JSON is JSON, and nothing becomes large out of proportion.

use serde::de::IgnoredAny;
use wsflow::flow::{Flow, FlowContext, Message};
use wsflow::output::is_unsafe;
use wsflow::payload::{Decoded, Kind, Payload};

use super::ways_in::flows;

/// Subprotocols of connections.
const SUBPROTOCOLS: [&str; 8] =
    ["", "graphql-transport-ws", "v12.stomp", "mqtt", "wamp.2.json", "wamp.2.msgpack", "wamp.2.cbor", "unknown"];

/// An MQTT connection whose first packet is this one speaks version 5, others 3.1.1.
const MQTT_5: &[u8] = b"\x10\x0d\x00\x04MQTT\x05\x02\x00\x3c\x00\x00\x00";

/// Ends the handshake of SignalR, which is the first message and tells how others are written.
const RECORD_SEPARATOR: u8 = 0x1e;

/// Bytes that are shown of a payload, at most. Of what is packed 256 KiB are unpacked, which become up to 13 times as much in
/// JSON, and 2 MiB of white space set that in.
const LARGEST_SHOWN: usize = 6 << 20;

pub fn run(data: &[u8]) {
    flows(data).iter().for_each(|record| look_at_messages(record));
    if let Some((choice, content)) = data.split_first() {
        let subprotocol = SUBPROTOCOLS[usize::from(*choice >> 2) % SUBPROTOCOLS.len()];
        let opening = content.iter().position(|byte| *byte == RECORD_SEPARATOR).map_or(0, |at| at + 1);
        let (opening, content) = content.split_at(opening);
        let opening = if choice & 32 != 0 { MQTT_5 } else { opening };
        look_at_messages(&flow_of(subprotocol, choice & 2 != 0, choice & 1 != 0, &[opening, content]));
    }
}

/// A connection that speaks this, with these messages, if they are not empty.
fn flow_of(subprotocol: &str, is_engine_io: bool, is_text: bool, contents: &[&[u8]]) -> Vec<u8> {
    let value = |body: &[u8], tag: u8| [body.len().to_string().as_bytes(), b":", body, &[tag]].concat();
    let opcode: &[u8] = if is_text { b"1:1#" } else { b"1:2#" };
    let message = |content: &&[u8]| {
        let fields = [opcode, b"4:true!", &value(content, b','), b"3:1.5^5:false!5:false!"];
        value(&fields.concat(), b']')
    };
    let messages: Vec<u8> = contents.iter().filter(|content| !content.is_empty()).flat_map(message).collect();
    let websocket = value(&[b"8:messages;", value(&messages, b']').as_slice()].concat(), b'}');
    let path: &[u8] = if is_engine_io { b"12:/socket.io/?," } else { b"1:/," };
    let header = [b"22:sec-websocket-protocol,", value(subprotocol.as_bytes(), b',').as_slice()].concat();
    let headers = value(&value(&header, b']'), b']');
    let request = [b"4:host,1:a,4:port;2:80#6:scheme,4:http,4:path,", path, b"7:headers;", &headers].concat();
    let response = [b"11:status_code;3:101#7:headers;", headers.as_slice()].concat();
    let entries = [
        b"4:type;4:http;9:websocket;",
        websocket.as_slice(),
        b"7:request;",
        &value(&request, b'}'),
        b"8:response;",
        &value(&response, b'}'),
    ];
    value(&entries.concat(), b'}')
}

fn look_at_messages(record: &[u8]) {
    let Ok(flow) = Flow::parse(record) else { return };
    let (context, _) = FlowContext::new(&flow, 0);
    let Ok(Some(websocket)) = flow.websocket() else { return };
    let Ok(messages) = websocket.messages() else { return };
    messages.filter_map(Result::ok).for_each(|message| look_at_message(&message, &context));
}

fn look_at_message(message: &Message<'_>, context: &FlowContext) {
    let payload = Payload::new(message, context);
    let guess = payload.guess();
    let again = payload.decode(guess.kind()).expect("a guess is what it says");
    assert_eq!((guess.to_string(), guess.json()), (again.to_string(), again.json()));
    look_at(&guess);
    Kind::ALL.iter().filter_map(|info| payload.decode(info.kind).ok()).for_each(|decoded| look_at(&decoded));
}

fn look_at(decoded: &Decoded<'_>) {
    let mut shown = Vec::new();
    decoded.push(&mut shown);
    let shown = str::from_utf8(&shown).expect("what is shown is text");
    assert!(!shown.contains(|char| is_unsafe(char) && !matches!(char, '\n' | '\t')), "{shown:?}");
    assert!(shown.len() <= LARGEST_SHOWN, "{} bytes as {}", shown.len(), decoded.kind().name());
    assert!(decoded.summary().chars().count() <= 300, "{}", decoded.summary());
    if let Some(json) = decoded.json() {
        serde_json::from_str::<IgnoredAny>(json).expect("what is given as JSON is JSON");
    }
}
