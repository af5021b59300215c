//! Writes an upgraded flow whose messages are converted on their way.
//!
//! ```text
//! LENGTH:  entries…  websocket LENGTH: messages LENGTH: [message] [message] … ] entries… }  entries…  }
//! └──────────────── before ──────────────────────────┘ └─ one by one ──────┘ └──── after ──────────┘
//! ```
//!
//! Lengths stand in front, so the messages are walked twice: to know how long they will be, and to be written. Nothing
//! is held in memory but the flow around them.

use std::io;

use serde::Serialize as _;

use crate::Error;
use crate::state::{Key, State};
use crate::tnetstring::{self, Items, RawValue, Serializer, Tag};

/// The sixth value of a message, `injected`, for those that do not have it.
const NOT_INJECTED: &[u8] = b"5:false!";

/// Values of a message that says everything but whether it was injected.
const VALUES_BEFORE_INJECTED: usize = 5;

/// A flow in the newest version, ready to be written.
#[derive(Debug)]
pub struct Upgraded<'a> {
    before: Vec<u8>,
    /// Bytes that are written as they stand in the record.
    unchanged: &'a [u8],
    /// Messages that get a sixth value.
    converted: Option<Items<'a>>,
    after: Vec<u8>,
    length: u64,
}

impl<'a> Upgraded<'a> {
    /// A record that stays as it is.
    pub(super) fn unchanged(record: &'a [u8]) -> Upgraded<'a> {
        let length = record.len() as u64;
        Upgraded { before: Vec::new(), unchanged: record, converted: None, after: Vec::new(), length }
    }

    /// A flow around its messages, which belong into the dict `websocket` of it. The messages stand one after the other.
    pub(crate) fn new(
        state: &State<'_>,
        messages: Option<Items<'a>>,
        without_injected: bool,
    ) -> Result<Upgraded<'a>, Error> {
        let Some(run) = messages else {
            let before = tnetstring::to_vec(state)?;
            let length = before.len() as u64;
            return Ok(Upgraded { before, unchanged: &[], converted: None, after: Vec::new(), length });
        };
        let (converted, unchanged) = if without_injected { (Some(run), &[][..]) } else { (None, run.rest()) };
        let messages = match &converted {
            Some(run) => converted_length(run.clone())?,
            None => unchanged.len() as u64,
        };

        let flow = state.as_dict().unwrap_or_default();
        let position = flow.iter().position(|(key, _)| key.as_bytes() == b"websocket").unwrap_or(flow.len());
        let (flow_before, flow_after) = flow.split_at(position);
        let flow_before = encoded(flow_before)?;
        let flow_after = encoded(flow_after.get(1..).unwrap_or_default())?;
        let websocket = state.get("websocket").and_then(State::as_dict).unwrap_or_default();
        let websocket = encoded(websocket)?;

        // From the inside out: each body's length makes the head of the value around it.
        let list_head = head("messages", messages);
        let websocket_head = head("websocket", list_head.len() as u64 + messages + 1 + websocket.len() as u64);
        let body = [&flow_before, &websocket_head, &list_head, &websocket, &flow_after];
        let body = body.iter().map(|part| part.len() as u64).sum::<u64>() + messages + 2;
        let mut before = format!("{body}:").into_bytes();
        let length = before.len() as u64 + body + 1;
        before.extend([flow_before, websocket_head, list_head].concat());
        let mut after = vec![Tag::List.as_byte()];
        after.extend(websocket);
        after.push(Tag::Dict.as_byte());
        after.extend(flow_after);
        after.push(Tag::Dict.as_byte());
        Ok(Upgraded { before, unchanged, converted, after, length })
    }

    /// Bytes that will be written.
    pub fn size(&self) -> u64 {
        self.length
    }

    /// Writes the flow as a record of a flow file.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_to(&self, out: &mut (impl io::Write + ?Sized)) -> io::Result<()> {
        out.write_all(&self.before)?;
        out.write_all(self.unchanged)?;
        if let Some(run) = &self.converted {
            // The same walk went well before.
            for message in run.clone().map_while(Result::ok) {
                if is_without_injected(message) {
                    write!(out, "{}:", message.body().len() + NOT_INJECTED.len())?;
                    out.write_all(message.body())?;
                    out.write_all(NOT_INJECTED)?;
                    out.write_all(&[Tag::List.as_byte()])?;
                } else {
                    out.write_all(message.encoded())?;
                }
            }
        }
        out.write_all(&self.after)
    }

    /// The record in memory.
    pub fn to_vec(&self) -> Vec<u8> {
        let mut out = Vec::new();
        // A Vec takes all that is written to it.
        let _ = self.write_to(&mut out);
        out
    }
}

fn encoded(entries: &[(Key<'_>, State<'_>)]) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    for (key, value) in entries {
        key.serialize(Serializer::new(&mut out))?;
        value.serialize(Serializer::new(&mut out))?;
    }
    Ok(out)
}

/// A key, and the start of a value with a body of this length.
fn head(key: &str, body: u64) -> Vec<u8> {
    format!("{}:{key};{body}:", key.len()).into_bytes()
}

/// The bytes of all messages with their sixth value.
fn converted_length(run: Items<'_>) -> Result<u64, Error> {
    let mut length = 0;
    for (index, message) in run.enumerate() {
        let place = |error: tnetstring::Error| Error::from(error).within(format_args!("[{index}]"));
        let message = message.map_err(place)?;
        message.items().map_err(place)?;
        length += if is_without_injected(message) {
            let body = (message.body().len() + NOT_INJECTED.len()) as u64;
            digits(body) + 1 + body + 1
        } else {
            message.encoded().len() as u64
        };
    }
    Ok(length)
}

fn is_without_injected(message: RawValue<'_>) -> bool {
    let values = message.items().into_iter().flatten();
    values.take(VALUES_BEFORE_INJECTED + 1).take_while(Result::is_ok).count() == VALUES_BEFORE_INJECTED
}

fn digits(number: u64) -> u64 {
    u64::from(number.checked_ilog10().unwrap_or(0)) + 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrate::steps::tests::state;

    fn written(messages: &[u8], without_injected: bool) -> String {
        let flow = state(r#"{"id": "f", "websocket": {"close_code": 1000}, "version": 21}"#);
        let list = RawValue::from_slice(messages).unwrap();
        let upgraded = Upgraded::new(&flow, Some(list.items().unwrap()), without_injected).unwrap();
        let bytes = upgraded.to_vec();
        assert_eq!(bytes.len() as u64, upgraded.size());
        // It is sound, and in the order of the state.
        let read: State<'_> = tnetstring::from_slice(&bytes).unwrap();
        let keys: Vec<_> = read.as_dict().unwrap().iter().map(|(key, _)| key.as_bytes()).collect();
        assert_eq!(keys, [&b"id"[..], b"websocket", b"version"]);
        let websocket = read.get("websocket").unwrap();
        assert_eq!(websocket.get("close_code"), Some(&1000.into()));
        String::from_utf8(tnetstring::to_vec(websocket.get("messages").unwrap()).unwrap()).unwrap()
    }

    #[test]
    fn messages_get_their_sixth_value() {
        let five = "27:1:1#4:true!1:a,1:5#5:false!]";
        let six = "35:1:1#4:true!1:a,1:5#5:false!5:false!]";
        let list = |messages: &str| format!("{}:{messages}]", messages.len());
        assert_eq!(written(list(&five.repeat(2)).as_bytes(), true), list(&six.repeat(2)));
        // One that has it keeps it.
        assert_eq!(written(list(six).as_bytes(), true), list(six));
        assert_eq!(written(list(five).as_bytes(), false), list(five));
        assert_eq!(written(b"0:]", true), "0:]");
    }

    #[test]
    fn the_length_may_get_another_digit() {
        let content = "x".repeat(70);
        let message = |last: &str| {
            let body = format!("1:1#4:true!70:{content},1:5#5:false!{last}");
            format!("{}:{body}]", body.len())
        };
        let list = |message: String| format!("{}:{message}]", message.len());
        assert_eq!(written(list(message("")).as_bytes(), true), list(message("5:false!")));
    }

    #[test]
    fn a_message_that_is_none_has_a_place() {
        let list = RawValue::from_slice(b"14:3:0:~]3:1:2#!]");
        assert!(list.is_err());
        let list = RawValue::from_slice(b"7:0:]1:2#]").unwrap();
        let error = Upgraded::new(&state("{}"), Some(list.items().unwrap()), true).unwrap_err();
        assert_eq!((error.place().path.as_str(), error.place().offset), ("[1]", Some(5)));
    }
}
