//! `_webSocketMessages`: read straight into the messages of a flow, one by one.
//!
//! ```text
//! {"type": "send" | "receive", "time": seconds, "opcode": number, "data": text, or base64 if it is no text message}
//! ```

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::capture::json::Text;
use crate::capture::number::Number;
use crate::tnetstring::{Items, Tag, Writer};
use crate::websocket::Opcode;

/// The messages of an entry.
#[derive(Default)]
pub(super) struct Messages {
    /// As they stand in a flow, one after the other.
    pub(super) encoded: Vec<u8>,
    /// When the first one came.
    pub(super) first: Option<f64>,
    /// How many there were, broken ones among them.
    count: u64,
    /// Those that could not be read: their number, and why.
    pub(super) faults: Vec<(u64, String)>,
}

impl Messages {
    /// The next message, or why it is none.
    fn add(&mut self, message: Result<Message<'_>, String>) {
        match message.and_then(|message| message.write(&mut Writer::new(&mut self.encoded))) {
            Ok(time) => self.first = self.first.or(time),
            Err(fault) => self.faults.push((self.count, fault)),
        }
        self.count += 1;
    }

    /// Makes seconds of milliseconds, which is what Playwright writes: known by being much nearer to when the connection
    /// began. Other tools write seconds.
    pub(super) fn put_into_seconds(&mut self, started: f64) {
        let Some(first) = self.first else { return };
        if (first / 1000.0 - started).abs() >= (first - started).abs() {
            return;
        }
        self.first = Some(first / 1000.0);
        let mut encoded = Vec::with_capacity(self.encoded.len());
        let mut writer = Writer::new(&mut encoded);
        // What was written here is sound.
        for message in Items::new(&self.encoded, 0).map_while(Result::ok) {
            let list = writer.open();
            for (position, value) in message.items().into_iter().flatten().map_while(Result::ok).enumerate() {
                match value.to_f64() {
                    Ok(time) if position == TIMESTAMP => writer.float(time / 1000.0),
                    _ => writer.raw(value),
                }
            }
            writer.close(list, Tag::List);
        }
        self.encoded = encoded;
    }
}

/// The position of the time in a message of a flow.
const TIMESTAMP: usize = 3;

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
        let time = match (self.exact_time, self.time) {
            (Some(exact), _) => Some(exact.checked("_time")?),
            (None, time) => time.map(|time| time.checked("time")).transpose()?,
        };
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

/// The messages of an entry, cut apart before each is read: a value of a wrong type costs one message, and not the
/// entry. It takes longer, and they have to be text.
#[derive(Default)]
pub(super) struct OneByOne(Messages);

impl From<OneByOne> for Messages {
    fn from(messages: OneByOne) -> Messages {
        messages.0
    }
}

impl<'de> Deserialize<'de> for OneByOne {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<OneByOne, D::Error> {
        let cut = Vec::<&'de RawValue>::deserialize(deserializer)?;
        let mut messages = Messages::default();
        for message in cut {
            messages.add(serde_json::from_str(message.get()).map_err(|error| error.to_string()));
        }
        Ok(OneByOne(messages))
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
        while let Some(message) = list.next_element()? {
            messages.add(Ok(message));
        }
        Ok(messages)
    }
}
