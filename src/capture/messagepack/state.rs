//! Whole flows out of bare `WebSocketData` states.

use crate::Error;
use crate::capture::identity::Identity;
use crate::capture::new_flow::NewFlow;
use crate::capture::number::Number;
use crate::flow::Messages;
use crate::tnetstring::{RawValue, Tag};

/// The keys of a `WebSocketData`, in the order in which mitmproxy writes them.
const KEYS: [&str; 5] = ["timestamp_end", "close_reason", "close_code", "closed_by_client", "messages"];

/// The record that a map is: the map itself, or a new flow around a bare state.
pub(super) fn complete(map: Vec<u8>, record: u64) -> Result<Vec<u8>, Error> {
    let value = RawValue::from_slice(&map)?;
    if value.tag() != Tag::Dict {
        return Err(value.wrong_type("a flow (a map)").into());
    }
    let mut known = [None; KEYS.len()];
    let mut unknown = Vec::new();
    let mut entries = value.entries()?;
    while let Some(entry) = entries.next_pair() {
        let (key, value) = entry?;
        match KEYS.iter().position(|name| name.as_bytes() == key.body()) {
            Some(position) => known[position] = Some(value),
            None if matches!(key.body(), b"type" | b"version") => return Ok(map),
            None => unknown.push((key, value)),
        }
    }
    let [timestamp_end, .., Some(messages)] = known else { return Ok(map) };
    let first = Messages::new(messages, 0)?.next().and_then(Result::ok).map(|message| message.timestamp.into());
    let timestamp = first.or(timestamp_end.map(Number::of));
    let flow = NewFlow::of_websocket(Identity::of_record(record).with(&map), timestamp, None);
    Ok(flow.encode(
        |writer| {
            let websocket = writer.open();
            for (key, value) in KEYS.iter().zip(known) {
                writer.str(key);
                match value {
                    Some(value) => writer.raw(value),
                    None => writer.null(),
                }
            }
            writer.close(websocket, Tag::Dict);
        },
        // mitmproxy refuses a state with a key that it does not know; in metadata anything may stand.
        |writer| {
            let metadata = writer.open();
            for (key, value) in &unknown {
                writer.raw(*key);
                writer.raw(*value);
            }
            writer.close(metadata, Tag::Dict);
        },
    ))
}
