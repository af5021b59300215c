//! `_webSocketMessages`: read straight into the messages of a flow, one by one.
//!
//! ```text
//! {"type": "send" | "receive", "time": seconds, "opcode": number, "data": text, or base64 if it is no text message}
//! ```

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, SeqAccess, Visitor};

use crate::capture::json::Text;
use crate::capture::number::Number;
use crate::tnetstring::{Tag, Writer};
use crate::websocket::Opcode;

/// The messages of an entry.
#[derive(Default)]
pub(super) struct Messages {
    /// As they stand in a flow, one after the other.
    pub(super) encoded: Vec<u8>,
    /// When the first one came.
    pub(super) first: Option<f64>,
    /// Those that could not be read: their number, and why.
    pub(super) faults: Vec<(u64, String)>,
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(rename = "type", default, borrow)]
    kind: Option<Text<'a>>,
    #[serde(default)]
    time: Option<Number>,
    #[serde(default)]
    opcode: Option<i64>,
    #[serde(default, borrow)]
    data: Option<Text<'a>>,
    #[serde(rename = "_dropped", default)]
    dropped: bool,
    #[serde(rename = "_injected", default)]
    injected: bool,
    /// The content of a text message that is no text.
    #[serde(rename = "_base64", default, borrow)]
    base64: Option<Text<'a>>,
    /// A time that is no number in JSON.
    #[serde(rename = "_time", default)]
    exact_time: Option<Number>,
}

impl Message<'_> {
    fn write(self, writer: &mut Writer<'_>) -> Result<Option<f64>, String> {
        let kind = self.kind.as_ref().map(Text::to_str).unwrap_or_default();
        let from_client = match &*kind {
            "send" => true,
            "receive" => false,
            other => {
                return Err(format!("a message of type `{}` is neither `send` nor `receive`", other.escape_debug()));
            }
        };
        let opcode = Opcode::from(self.opcode.unwrap_or(i64::from(Opcode::Text)));
        let data = self.data.unwrap_or_default();
        let content = match &self.base64 {
            Some(base64) => base64.decoded()?,
            None if opcode == Opcode::Text => data.0.into_owned(),
            None => data.decoded()?,
        };
        let time = self.exact_time.or(self.time);
        let message = writer.open();
        writer.integer(opcode.into());
        writer.bool(from_client);
        writer.bytes(&content);
        match &time {
            Some(time) => time.write(writer),
            None => writer.float(f64::NAN),
        }
        writer.bool(self.dropped);
        writer.bool(self.injected);
        writer.close(message, Tag::List);
        Ok(time.map(|time| time.to_f64()))
    }
}

impl<'de> Deserialize<'de> for Messages {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Messages, D::Error> {
        deserializer.deserialize_seq(MessagesVisitor)
    }
}

struct MessagesVisitor;

impl<'de> Visitor<'de> for MessagesVisitor {
    type Value = Messages;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of WebSocket messages")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Messages, A::Error> {
        let mut messages = Messages::default();
        let mut number = 0;
        while let Some(message) = list.next_element::<Message<'de>>()? {
            match message.write(&mut Writer::new(&mut messages.encoded)) {
                Ok(time) => messages.first = messages.first.or(time),
                Err(fault) => messages.faults.push((number, fault)),
            }
            number += 1;
        }
        Ok(messages)
    }
}
