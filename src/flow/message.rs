//! One message, and the walk over those of a connection.
//!
//! ```text
//! message = [type, from_client, content, timestamp, dropped, injected]      formats 15 to 21
//!         | [type, from_client, content, timestamp, dropped]                formats before 15
//! ```
//!
//! This is the hot loop of the program, so it is written by hand; the serde way
//! ([`WebSocketMessage`](crate::websocket::WebSocketMessage)) is its oracle in a test.

use std::str;

use crate::tnetstring::{self, Items, RawValue, Tag};
use crate::websocket::Opcode;
use crate::{Error, Situation};

/// A message, borrowed from its flow: [`WebSocketMessage`](crate::websocket::WebSocketMessage) as a view.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Message<'a> {
    /// The position in its connection, counted from 0.
    pub index: u64,
    /// The opcode of the message (RFC 6455 section 5.2).
    pub opcode: Opcode,
    /// Whether the client sent it; an injected message has the direction in which it was injected.
    pub from_client: bool,
    /// The content: reassembled from fragments and decompressed by mitmproxy.
    pub content: &'a [u8],
    /// When it was received or made.
    pub timestamp: Timestamp<'a>,
    /// Whether it was not forwarded to the other peer.
    pub dropped: bool,
    /// Whether it came from neither peer.
    pub injected: bool,
}

impl<'a> Message<'a> {
    /// The content of a text message as text; `None` for other opcodes, and for text that is not UTF-8.
    pub fn text(&self) -> Option<&'a str> {
        match self.opcode {
            Opcode::Text => str::from_utf8(self.content).ok(),
            _ => None,
        }
    }

    /// Reads the values of one message.
    #[inline]
    fn read(value: RawValue<'a>, index: u64) -> Result<Message<'a>, Error> {
        let mut items = value.items()?;
        let mut next = |found| match items.next() {
            Some(item) => Ok(item?),
            None => Err(Error::new(Situation::MessageLength { found }).at(value.offset() as u64)),
        };
        let name = |name| move |error: tnetstring::Error| Error::from(error).within(name);
        let message = Message {
            index,
            opcode: Opcode::from(next(0)?.to_i64().map_err(name("type"))?),
            from_client: next(1)?.to_bool().map_err(name("from_client"))?,
            content: next(2)?.to_bytes().map_err(name("content"))?,
            timestamp: {
                let value = next(3)?;
                Timestamp::new(value).ok_or_else(|| name("timestamp")(value.wrong_type("a number")))?
            },
            dropped: next(4)?.to_bool().map_err(name("dropped"))?,
            injected: match items.next() {
                Some(value) => value?.to_bool().map_err(name("injected"))?,
                None => false,
            },
        };
        match items.next() {
            None => Ok(message),
            Some(_) => {
                let found = value.items()?.count();
                Err(Error::new(Situation::MessageLength { found }).at(value.offset() as u64))
            }
        }
    }
}

/// The messages of a connection, or a run of them. A message that is broken within is an error in its place;
/// only one whose end cannot be found ends the walk.
#[derive(Clone, Debug)]
pub struct Messages<'a> {
    items: Items<'a>,
    index: u64,
}

impl<'a> Messages<'a> {
    /// The messages of a list.
    pub(crate) fn new(list: RawValue<'a>, first: u64) -> Result<Messages<'a>, Error> {
        let items = list.items().map_err(|error| Error::from(error).within("messages"))?;
        Ok(Messages { items, index: first })
    }

    /// The messages that stand one after the other in `run`, which starts at byte `offset` of its record with
    /// message number `first`.
    pub(crate) fn of_run(run: &'a [u8], offset: usize, first: u64) -> Messages<'a> {
        Messages { items: Items::new(run, offset), index: first }
    }

    /// Steps over one message without reading it, and says how many bytes it takes.
    pub(crate) fn step_over(&mut self) -> Option<Result<usize, Error>> {
        let value = self.items.next()?;
        let index = self.index;
        self.index += 1;
        Some(value.map(|value| value.encoded().len()).map_err(|error| place(error.into(), index)))
    }
}

impl<'a> Iterator for Messages<'a> {
    type Item = Result<Message<'a>, Error>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let value = self.items.next()?;
        let index = self.index;
        self.index += 1;
        let message = match value {
            Ok(value) => Message::read(value, index),
            Err(error) => Err(error.into()),
        };
        Some(message.map_err(|error| place(error, index)))
    }
}

#[cold]
fn place(error: Error, index: u64) -> Error {
    error.within(format_args!("messages[{index}]"))
}

/// A time as it stands in a flow: seconds since the Unix epoch, as text that is read when asked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Timestamp<'a> {
    value: RawValue<'a>,
}

impl<'a> Timestamp<'a> {
    /// A float, or an integer as mitmproxy wrote up to 5.0; `None` for any other value.
    #[inline]
    pub(crate) fn new(value: RawValue<'a>) -> Option<Timestamp<'a>> {
        matches!(value.tag(), Tag::Float | Tag::Integer).then_some(Timestamp { value })
    }

    /// Seconds since the Unix epoch. `NaN` when the text is no number.
    #[inline]
    pub fn seconds(&self) -> f64 {
        self.value.to_f64().unwrap_or(f64::NAN)
    }

    /// The number as it was written.
    pub fn as_bytes(&self) -> &'a [u8] {
        self.value.body()
    }
}
