//! SignalR's [hub protocol](https://github.com/dotnet/aspnetcore/blob/main/src/SignalR/docs/specs/HubProtocol.md).
//!
//! In JSON, each message is followed by U+001E, and a payload may hold several. In MessagePack, each is an array with its
//! length in front; here its elements have the names that the JSON has. The handshake is JSON in both.

use serde::{Deserialize, Serialize};
use serde_json::Map;
use serde_json::value::RawValue;

use super::body::Body;
use super::bytes::Bytes;
use super::json::{document, elements, short, written};
use super::{NotThat, Payload, message_pack};
use crate::flow::Protocol;

const SEPARATOR: u8 = 0x1e;

/// A length has at most this many bytes.
const LONGEST_LENGTH: u32 = 5;

/// The types of messages from 1 on, and the names of the elements behind the type.
const TYPES: [(&str, &[&str]); 9] = [
    ("invocation", &["headers", "invocationId", "target", "arguments", "streamIds"]),
    ("stream item", &["headers", "invocationId", "item"]),
    ("completion", &["headers", "invocationId", "resultKind", "result"]),
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
        _ => in_message_pack(payload.content),
    }
}

fn in_json(text: &str) -> Result<Body<'static>, NotThat> {
    let messages: Result<Vec<_>, _> = text.split_terminator(char::from(SEPARATOR)).map(document).collect();
    body(&messages?)
}

fn in_message_pack(content: &[u8]) -> Result<Body<'static>, NotThat> {
    let mut bytes = Bytes::new(content);
    let mut messages = Vec::new();
    while !bytes.is_empty() {
        let length = bytes.varint(LONGEST_LENGTH)?;
        let message = message_pack::to_json(bytes.take(length)?)?;
        messages.push(named(document(&message)?)?);
    }
    if messages.is_empty() {
        return Err(NotThat("there is no message in it"));
    }
    let messages: Result<Vec<_>, _> = messages.iter().map(|message| document(message)).collect();
    body(&messages?)
}

/// The array of a message as an object.
fn named(message: &RawValue) -> Result<String, NotThat> {
    #[derive(Serialize)]
    struct Object<'a> {
        #[serde(rename = "type")]
        kind: u64,
        #[serde(flatten)]
        values: Map<String, serde_json::Value>,
        #[serde(skip_serializing_if = "<[_]>::is_empty")]
        rest: &'a [&'a RawValue],
    }
    const UNKNOWN: NotThat = NotThat("a message in it is of no known type");
    let values = elements(message, 16);
    let (kind, values) = values.split_first().ok_or(UNKNOWN)?;
    let kind: u64 = kind.get().parse().map_err(|_| UNKNOWN)?;
    let index = usize::try_from(kind).ok().and_then(|kind| kind.checked_sub(1)).ok_or(UNKNOWN)?;
    let (_, names) = TYPES.get(index).ok_or(UNKNOWN)?;
    let known = values.len().min(names.len());
    let object =
        |(name, value): (&&str, &&RawValue)| Some(((*name).to_owned(), serde_json::from_str(value.get()).ok()?));
    let named = names.iter().zip(values).filter_map(object).collect();
    Ok(written(&Object { kind, values: named, rest: &values[known..] }))
}

fn body(messages: &[&RawValue]) -> Result<Body<'static>, NotThat> {
    let first = messages.first().ok_or(NotThat("there is no message in it"))?;
    let first: Message =
        serde_json::from_str(first.get()).map_err(|_| NotThat("what is in it is no message of SignalR"))?;
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
    Ok(Body::json(written(&messages)).summed_up(words.join(" ") + &and_more(messages.len())))
}

/// How a summary says that there is more than what it is about.
pub(super) fn and_more(count: usize) -> String {
    if count > 1 { format!(" and {} more", count - 1) } else { String::new() }
}
