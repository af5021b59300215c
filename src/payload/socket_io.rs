//! [Engine.IO](https://github.com/socketio/engine.io-protocol) packets, and
//! [Socket.IO](https://github.com/socketio/socket.io-protocol) in those that are messages.
//!
//! ```text
//! 4  2  /chat,  12  ["hello",{…}]
//! │  │  │       │   └ data, in JSON
//! │  │  │       └ number of the acknowledgement that is wanted or given
//! │  │  └ namespace, unless it is /
//! │  └ type in Socket.IO: event; before a - the number of binary messages that follow: 451-[…]
//! └ type in Engine.IO: message
//! ```
//!
//! Binary messages are attachments to the packet before them. Up to version 3 they begin with the type, 4, as a byte.

use serde::Serialize;
use serde_json::value::RawValue;

use super::body::Body;
use super::json::{Data, document, elements, plain, written};
use super::summary::short;
use super::{Decoded, Kind, MAX_NESTED, NotThat, Payload};
use crate::flow::Protocol;

const ENGINE: [&str; 7] = ["open", "close", "ping", "pong", "message", "upgrade", "noop"];
const MESSAGE: usize = 4;
const SOCKET: [&str; 7] = ["connect", "disconnect", "event", "ack", "connect_error", "binary_event", "binary_ack"];

/// Packets of Socket.IO whose data begins with the name of an event.
const EVENTS: [usize; 2] = [2, 5];

/// Packets of Socket.IO that have attachments.
const BINARY: [usize; 2] = [5, 6];

#[derive(Serialize)]
struct Packet<'a> {
    engine: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    packet: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attachments: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Data<'a>>,
}

impl Packet<'_> {
    fn of(engine: &'static str) -> Self {
        Packet { engine, packet: None, attachments: None, namespace: None, id: None, data: None }
    }
}

pub(super) fn guess(payload: &Payload<'_>) -> Option<&'static str> {
    if let Some(reason) = payload.spoken(|protocol| matches!(protocol, Protocol::EngineIo { .. })) {
        return Some(reason);
    }
    let is_likely = payload.is_text && matches!(payload.content, [b'4', b'2' | b'3' | b'5' | b'6', .., b']']);
    (is_likely && is_unmistakable(payload.text().ok()?))
        .then_some("it is an event or an acknowledgement, to its last byte")
}

/// Whether text is a packet that tells itself: an event with a name, or the acknowledgement of a number. Ordinary text may
/// begin with 42, too, and go on in brackets.
fn is_unmistakable(text: &str) -> bool {
    let mut packet = Packet::of(ENGINE[MESSAGE]);
    let Some((number, _)) = socket(&mut packet, &text[1..]) else { return false };
    let Some(Data(data)) = packet.data else { return false };
    let is_array = data.starts_with(b"[") && !text[..text.len() - data.len()].ends_with(|c: char| c.is_whitespace());
    let is_binary = BINARY.contains(&number);
    let has_name = || data[1..].trim_ascii_start().starts_with(b"\"");
    is_array
        && is_binary == packet.attachments.is_some()
        && if EVENTS.contains(&number) { has_name() } else { packet.id.is_some() }
}

pub(super) fn decode<'a>(payload: &Payload<'a>) -> Result<Body<'a>, NotThat> {
    let version = match payload.protocol() {
        Some(Protocol::EngineIo { version }) => Some(version),
        _ => None,
    };
    if !payload.is_text && (version.is_some() || payload.text().is_err()) {
        return attachment(payload, version);
    }
    let text = payload.text()?;
    let mut characters = text.chars();
    let engine = digit(characters.next()).ok_or(NotThat("it does not start with the number of a packet"))?;
    let name = *ENGINE.get(engine).ok_or(NotThat("it does not start with the number of a packet"))?;
    let rest = characters.as_str();
    let mut packet = Packet::of(name);
    if engine == MESSAGE
        && let Some((number, summary)) = socket(&mut packet, rest)
    {
        return Ok(Body::json(written(&packet)).summed_up(format!("{engine}{number} {summary}")));
    }
    // JSON is written as it is; other text grows where it is escaped.
    let document = document(rest).ok();
    if document.is_none() {
        payload.small()?;
    }
    packet.data = (!rest.is_empty()).then_some(Data(rest.as_bytes()));
    let summary = match rest {
        "" => format!("{engine} {name}"),
        _ if engine == 0 => format!("{engine} {name}"),
        _ => format!("{engine} {name} {}", short(rest)),
    };
    Ok(Body::json(written(&packet)).summed_up(summary))
}

/// Reads a packet of Socket.IO; its number, and the rest of its summary. Engine.IO alone carries any text.
fn socket<'a>(packet: &mut Packet<'a>, text: &'a str) -> Option<(usize, String)> {
    let mut characters = text.chars();
    let number = digit(characters.next())?;
    let name = *SOCKET.get(number)?;
    let mut rest = characters.as_str();
    let (mut attachments, mut namespace) = (None, None);
    if let Some((count, after)) = rest.split_once('-')
        && let Some(count) = whole_number(count)
    {
        (attachments, rest) = (Some(count), after);
    }
    if rest.starts_with('/') {
        let (name, after) = rest.split_once(',').unwrap_or((rest, ""));
        (namespace, rest) = (Some(name), after);
    }
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (id, data) = rest.split_at(digits);
    let id = if id.is_empty() { None } else { Some(whole_number(id)?) };
    let document = if data.is_empty() { None } else { Some(document(data).ok()?) };
    *packet = Packet { packet: Some(name), attachments, namespace, id, data: None, ..*packet };
    packet.data = document.map(|document| Data(document.get().as_bytes()));
    let mut words = vec![name.to_owned()];
    words.extend(namespace.map(short));
    words.extend(id.map(|id| id.to_string()));
    if EVENTS.contains(&number) {
        words.extend(document.and_then(event_name));
    }
    Some((number, words.join(" ")))
}

/// The name of an event, in quotes.
fn event_name(data: &RawValue) -> Option<String> {
    let name = elements(data, 1).into_iter().next()?;
    Some(format!("\"{}\"", short(&plain(name))))
}

/// A binary message: an attachment. What it is, is guessed.
fn attachment<'a>(payload: &Payload<'a>, version: Option<u8>) -> Result<Body<'a>, NotThat> {
    const MESSAGE_IN_VERSION_3: u8 = 4;
    if payload.nested >= MAX_NESTED {
        return Err(NotThat("it is nested too deep"));
    }
    let content = match payload.content {
        [MESSAGE_IN_VERSION_3, rest @ ..] if version.is_some_and(|version| version <= 3) => rest,
        content => content,
    };
    let inside: Decoded<'a> = payload.within(content).guess();
    let summary = match inside.kind() {
        Kind::Hex => format!("attachment of {} bytes", content.len()),
        _ => format!("attachment: {inside}"),
    };
    Ok(Body::inside(inside).summed_up(summary))
}

fn digit(character: Option<char>) -> Option<usize> {
    character?.to_digit(10).map(|digit| digit as usize)
}

fn whole_number(digits: &str) -> Option<u64> {
    if digits.bytes().all(|byte| byte.is_ascii_digit()) { digits.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payload::tests::payload;

    #[test]
    fn ordinary_text_is_not_taken_for_a_packet() {
        let guessed = |text: &str| payload(text.as_bytes(), true, None).guess().to_string();
        for text in [
            "45 items left [done]",
            "42 [see note 1]",
            "42[1]",
            "42[see]",
            "42 [\"a\"]",
            "42[]",
            "43[1]",
            "45[\"a\"]",
            "421-[\"a\"]",
            "42{\"a\":[1]",
            "42/a [b]",
            "46 [x]",
        ] {
            assert_eq!(guessed(text), "text", "{text}");
        }
        for (text, summary) in [
            ("42[\"chat\",{}]", "socket.io 42 event \"chat\""),
            ("42/admin,12[\"a\"]", "socket.io 42 event /admin 12 \"a\""),
            ("4312[]", "socket.io 43 ack 12"),
            ("451-[\"a\",{\"_placeholder\":true,\"num\":0}]", "socket.io 45 binary_event \"a\""),
            ("461-7[{\"_placeholder\":true,\"num\":0}]", "socket.io 46 binary_ack 7"),
        ] {
            assert_eq!(guessed(text), summary, "{text}");
        }
    }

    #[test]
    fn an_attachment_has_a_type_in_front_in_version_3_alone() {
        let attachment = |version| {
            let decoded = payload(b"\x04\xff\xfe", false, Some(Protocol::EngineIo { version })).guess();
            let mut shown = Vec::new();
            decoded.push(&mut shown);
            (decoded.to_string(), String::from_utf8(shown).unwrap())
        };
        let (summary, shown) = attachment(3);
        assert_eq!(summary, "socket.io attachment of 2 bytes");
        assert!(shown.starts_with("00000000  ff fe "), "{shown}");
        let (summary, shown) = attachment(4);
        assert_eq!(summary, "socket.io attachment of 3 bytes");
        assert!(shown.starts_with("00000000  04 ff fe "), "{shown}");
    }
}
