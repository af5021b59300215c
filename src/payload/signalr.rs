//! SignalR's [hub protocol](https://github.com/dotnet/aspnetcore/blob/main/src/SignalR/docs/specs/HubProtocol.md).
//!
//! In JSON, each message is followed by U+001E, and a payload may hold several. In MessagePack, each is an array with its
//! length in front; here its elements have the names that the JSON has. The handshake is JSON in both.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::body::Body;
use super::bytes::Bytes;
use super::json::{document, elements, written};
use super::summary::{and_more, short};
use super::{NotThat, Payload, message_pack};
use crate::flow::Protocol;

const SEPARATOR: u8 = 0x1e;

/// A length has at most this many bytes.
const LONGEST_LENGTH: u32 = 5;

/// The result of a completion is the text of an error, if the element in front of it says so.
const COMPLETION: &str = "completion";
const RESULT: &str = "result";
const ERROR: &str = "error";
const RESULT_KIND: usize = 2;
const FAILED: &str = "1";

/// The types of messages from 1 on, and the names of the elements behind the type.
const TYPES: [(&str, &[&str]); 9] = [
    ("invocation", &["headers", "invocationId", "target", "arguments", "streamIds"]),
    ("stream item", &["headers", "invocationId", "item"]),
    (COMPLETION, &["headers", "invocationId", "resultKind", RESULT]),
    ("stream invocation", &["headers", "invocationId", "target", "arguments", "streamIds"]),
    ("cancel invocation", &["headers", "invocationId"]),
    ("ping", &[]),
    ("close", &["error", "allowReconnect"]),
    ("ack", &["sequenceId"]),
    ("sequence", &["sequenceId"]),
];

/// What a summary is made of.
#[derive(Deserialize)]
struct Message {
    #[serde(rename = "type")]
    kind: Option<u64>,
    #[serde(rename = "invocationId")]
    invocation_id: Option<String>,
    target: Option<String>,
    protocol: Option<String>,
    error: Option<String>,
}

pub(super) fn guess(payload: &Payload<'_>) -> Option<&'static str> {
    if let [b'{', .., SEPARATOR] = payload.content {
        return Some("it is JSON followed by U+001E");
    }
    payload.spoken(|protocol| protocol == Protocol::SignalrMessagePack)
}

pub(super) fn decode<'a>(payload: &Payload<'a>) -> Result<Body<'a>, NotThat> {
    match payload.content {
        [b'{', .., SEPARATOR] => in_json(payload.text()?),
        _ => in_message_pack(payload.small()?),
    }
}

fn in_json(text: &str) -> Result<Body<'static>, NotThat> {
    body(text.split_terminator(char::from(SEPARATOR)).map(document))
}

fn in_message_pack(content: &[u8]) -> Result<Body<'static>, NotThat> {
    let mut bytes = Bytes::new(content);
    let mut messages = Vec::new();
    while !bytes.is_empty() {
        let length = bytes.varint(LONGEST_LENGTH)?;
        let message = message_pack::to_json(bytes.take(length)?)?;
        messages.push(named(document(&message)?)?);
    }
    body(messages.iter().map(|message| document(message)))
}

/// The array of a message as an object, with every token as it is: what a map holds twice is there twice.
fn named(message: &RawValue) -> Result<String, NotThat> {
    const UNKNOWN: NotThat = NotThat("a message in it is of no known type");
    let values = elements(message, usize::MAX);
    let (number, values) = values.split_first().ok_or(UNKNOWN)?;
    let index = number.get().parse::<usize>().ok().and_then(|number| number.checked_sub(1)).ok_or(UNKNOWN)?;
    let (kind, names) = TYPES.get(index).ok_or(UNKNOWN)?;
    let (known, rest) = values.split_at(values.len().min(names.len()));
    let mut object = format!("{{\"type\":{number}");
    for (name, value) in names.iter().zip(known) {
        let name = match *name {
            RESULT if *kind == COMPLETION && values.get(RESULT_KIND).is_some_and(|kind| kind.get() == FAILED) => ERROR,
            name => name,
        };
        object += &format!(",\"{name}\":{value}");
    }
    if !rest.is_empty() {
        object += &format!(",\"rest\":{}", written(&rest));
    }
    Ok(object + "}")
}

/// An array of messages, each as it is.
fn body<'a>(messages: impl Iterator<Item = Result<&'a RawValue, NotThat>>) -> Result<Body<'static>, NotThat> {
    let (mut array, mut count, mut summary) = ("[".to_owned(), 0, String::new());
    for message in messages {
        let message = message?;
        match count {
            0 => summary = summed_up(message)?,
            _ => array.push(','),
        }
        array.push_str(message.get());
        count += 1;
    }
    match count {
        0 => Err(NotThat("there is no message in it")),
        _ => Ok(Body::json(array + "]").summed_up(summary + &and_more(count))),
    }
}

fn summed_up(message: &RawValue) -> Result<String, NotThat> {
    let first: Message =
        serde_json::from_str(message.get()).map_err(|_| NotThat("what is in it is no message of SignalR"))?;
    let mut words = Vec::new();
    match first.kind {
        None => {
            words.push("handshake".to_owned());
            words.extend(first.protocol.map(|protocol| short(&protocol)));
        }
        Some(kind) => {
            let index = usize::try_from(kind).ok().and_then(|kind| kind.checked_sub(1));
            let (name, _) = index.and_then(|index| TYPES.get(index)).ok_or(NotThat("its type is none of SignalR"))?;
            words.push((*name).to_owned());
            words.extend(first.target.map(|target| short(&target)));
            words.extend(first.invocation_id.map(|id| short(&id)));
        }
    }
    words.extend(first.error.map(|error| short(&error)));
    Ok(words.join(" "))
}

#[cfg(test)]
mod tests {
    use crate::flow::Protocol;
    use crate::payload::{Kind, NotThat, tests::payload};

    fn json(message: &[u8]) -> Result<String, NotThat> {
        let content = [&[u8::try_from(message.len()).unwrap()][..], message].concat();
        let payload = payload(&content, false, Some(Protocol::SignalrMessagePack));
        payload.decode(Kind::Signalr).map(|decoded| decoded.json().unwrap().to_owned())
    }

    #[test]
    fn messagepack_loses_nothing() {
        let cases: [(&[u8], &str); 6] = [
            // Keys that come twice, or are no strings; binary data; an extension; the largest integer.
            (
                b"\x95\x01\x82\xa1k\x01\xa1k\x02\xa1i\xa1t\x94\x81\x01\xc0\xc4\x01\xff\xd4\x05\x01\xcf\xff\xff\xff\xff\xff\xff\xff\xff",
                r#"[{"type":1,"headers":{"k":1,"k":2},"invocationId":"i","target":"t","arguments":[{"1":null},{"$base64":"/w=="},{"$ext":5,"$base64":"AQ=="},18446744073709551615]}]"#,
            ),
            // More elements than have names, and more than sixteen.
            (
                b"\xdc\x00\x13\x08\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\xc0",
                r#"[{"type":8,"sequenceId":1,"rest":[2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,null]}]"#,
            ),
            (b"\x95\x03\x80\xa11\x01\xa4oops", r#"[{"type":3,"headers":{},"invocationId":"1","resultKind":1,"error":"oops"}]"#),
            (b"\x94\x03\x80\xa11\x02", r#"[{"type":3,"headers":{},"invocationId":"1","resultKind":2}]"#),
            (b"\x95\x03\x80\xa11\x03\x2a", r#"[{"type":3,"headers":{},"invocationId":"1","resultKind":3,"result":42}]"#),
            (b"\x91\x06", r#"[{"type":6}]"#),
        ];
        for (message, expected) in cases {
            assert_eq!(json(message).as_deref(), Ok(expected), "{}", message.escape_ascii());
        }
        for message in [&b"\x90"[..], b"\x91\x00", b"\x91\x0a", b"\x91\xa11", b"\x80", b"\x91\xff"] {
            assert!(json(message).is_err(), "{}", message.escape_ascii());
        }
    }
}
