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

    /// Reads a message as mitmproxy writes them since 8.0: six values, of which all but the content and the time
    /// have one of two spellings. `None` for any other, sound or not.
    #[inline(always)]
    fn read_usual(value: RawValue<'a>, index: u64) -> Option<Message<'a>> {
        if value.tag() != Tag::List {
            return None;
        }
        let mut rest = Rest::new(value);
        let opcode = rest.opcode()?;
        let from_client = rest.bool()?;
        let content = rest.value(Tag::Bytes)?;
        let timestamp = rest.value(Tag::Float)?;
        let dropped = rest.bool()?;
        let injected = rest.bool()?;
        if !rest.is_over() || !is_plain_decimal(timestamp.body()) {
            return None;
        }
        let timestamp = Timestamp { value: timestamp };
        Some(Message { index, opcode, from_client, content: content.body(), timestamp, dropped, injected })
    }

    /// Reads a message of any layout; the fault, if there is one.
    fn read_any(value: RawValue<'a>, index: u64) -> Result<Message<'a>, Error> {
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
                value.to_f64().map_err(name("timestamp"))?;
                Timestamp { value }
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

/// Whether bytes are digits with one point between them, as nearly all times are; so that they need not be read to know
/// that they can be.
#[inline(always)]
fn is_plain_decimal(bytes: &[u8]) -> bool {
    // Ten digits before the point are the times from 2001 to 2286, seven behind it what a float can tell apart there.
    if let (Some(b'.'), 12..=18, Some((start, rest)), Some(end)) =
        (bytes.get(10), bytes.len(), bytes.split_first_chunk(), bytes.last_chunk())
    {
        // Of the last eight bytes the point alone is no digit.
        let point = (0x80 << 56) >> (8 * (bytes.len() - 11));
        return other_than_digits(*start) == 0
            && rest[0].is_ascii_digit()
            && rest[1].is_ascii_digit()
            && other_than_digits(*end) == point;
    }
    let digits = bytes.iter().filter(|byte| byte.is_ascii_digit()).count();
    matches!(bytes, [b'0'..=b'9', .., b'0'..=b'9']) && digits + 1 == bytes.len() && bytes.contains(&b'.')
}

/// The highest bit of each byte that is no decimal digit; the first byte is the lowest.
#[inline(always)]
pub(crate) fn other_than_digits(bytes: [u8; 8]) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let difference = u64::from_le_bytes(bytes) ^ (ONES * u64::from(b'0'));
    // Digits are 0 to 9 now, and what is more reaches the highest bit by this sum.
    (((difference & (ONES * 0x7f)) + ONES * 0x76) | difference) & (ONES * 0x80)
}

/// What of a usual message has not been read yet, with the tag behind it.
struct Rest<'a> {
    bytes: &'a [u8],
    /// Where the message ends.
    end: usize,
}

impl<'a> Rest<'a> {
    #[inline]
    fn new(message: RawValue<'a>) -> Rest<'a> {
        let head = message.body_offset() - message.offset();
        Rest { bytes: &message.encoded()[head..], end: message.offset() + message.encoded().len() }
    }

    #[inline]
    fn opcode(&mut self) -> Option<Opcode> {
        let (opcode, rest) = match self.bytes {
            [b'1', b':', b'1', b'#', rest @ ..] => (Opcode::Text, rest),
            [b'1', b':', b'2', b'#', rest @ ..] => (Opcode::Binary, rest),
            _ => return None,
        };
        self.bytes = rest;
        Some(opcode)
    }

    /// A truth value. Who sent a message is as good as random, so this does without a branch for it.
    #[inline]
    fn bool(&mut self) -> Option<bool> {
        const FALSE: u64 = u64::from_le_bytes(*b"5:false!");
        const TRUE: u64 = u64::from_le_bytes(*b"\x004:true!");
        // There is always a byte behind the value: another value, or the tag.
        let word = u64::from_le_bytes(*self.bytes.first_chunk()?);
        let is_true = word << 8 == TRUE;
        if !is_true && word != FALSE {
            return None;
        }
        self.bytes = &self.bytes[FALSE.to_le_bytes().len() - usize::from(is_true)..];
        Some(is_true)
    }

    #[inline]
    fn value(&mut self, tag: Tag) -> Option<RawValue<'a>> {
        let value = RawValue::cut_as(self.bytes, self.end - self.bytes.len(), tag)?;
        self.bytes = &self.bytes[value.encoded().len()..];
        Some(value)
    }

    /// Whether only the tag is left.
    #[inline]
    fn is_over(&self) -> bool {
        self.bytes.len() == 1
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

    /// Where the next message starts, in bytes from the start of the record.
    pub(crate) fn offset(&self) -> usize {
        self.items.offset()
    }

    /// The bytes that have not been walked.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.items.rest()
    }

    /// Steps over one message without reading it, and says how many bytes it takes.
    pub(crate) fn step_over(&mut self) -> Option<Result<usize, Error>> {
        let value = self.items.next()?;
        let index = self.index;
        self.index += 1;
        Some(value.map(|value| value.encoded().len()).map_err(|error| place(error.into(), index)))
    }

    /// The next message.
    #[inline(always)]
    fn read(&mut self) -> Option<Result<Message<'a>, Error>> {
        if let Some(value) = self.items.peek_list()
            && let Some(message) = Message::read_usual(value, self.index)
        {
            self.items.walk_over(value);
            self.index += 1;
            return Some(Ok(message));
        }
        self.read_any()
    }

    /// The next message, in whatever layout; also the end.
    #[inline(never)]
    fn read_any(&mut self) -> Option<Result<Message<'a>, Error>> {
        let value = self.items.next()?;
        let index = self.index;
        self.index += 1;
        let message = value.map_err(Error::from).and_then(|value| Message::read_any(value, index));
        Some(message.map_err(|error| place(error, index)))
    }
}

impl<'a> Iterator for Messages<'a> {
    type Item = Result<Message<'a>, Error>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        self.read()
    }

    /// All that walks every message, as `for_each` does, comes here: a message that is not kept is never put together in
    /// memory then.
    #[inline]
    fn fold<B, F: FnMut(B, Self::Item) -> B>(mut self, init: B, mut f: F) -> B {
        let mut folded = init;
        while let Some(message) = self.read() {
            folded = f(folded, message);
        }
        folded
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

    /// The number, undecoded.
    pub(crate) fn value(&self) -> RawValue<'a> {
        self.value
    }

    /// Whether it is a whole number of seconds.
    pub(crate) fn is_integer(&self) -> bool {
        self.value.tag() == Tag::Integer
    }

    /// The number as it was written.
    pub fn as_bytes(&self) -> &'a [u8] {
        self.value.body()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::tnetstring::{self, Writer};
    use crate::websocket::WebSocketMessageState;

    /// Messages of the usual spelling and of others, as encoded lists.
    fn encoded() -> impl Strategy<Value = Vec<u8>> {
        let opcode = prop_oneof![4 => 1..=2_i64, 1 => any::<i64>()];
        let content = proptest::collection::vec(any::<u8>(), 0..40);
        let flags = (any::<bool>(), any::<bool>(), any::<bool>());
        let shape = (any::<bool>(), any::<bool>(), any::<bool>());
        let timestamp = prop_oneof![any::<f64>(), 0.0..4e9];
        (opcode, content, timestamp, flags, shape).prop_map(|(opcode, content, timestamp, flags, shape)| {
            let (from_client, dropped, injected) = flags;
            let (five_values, integer_time, text_content) = shape;
            let mut out = Vec::new();
            let mut writer = Writer::new(&mut out);
            let list = writer.open();
            writer.integer(opcode);
            writer.bool(from_client);
            match std::str::from_utf8(&content) {
                Ok(text) if text_content => writer.str(text),
                _ => writer.bytes(&content),
            }
            if integer_time {
                writer.integer(timestamp as i64)
            } else {
                writer.float(timestamp)
            }
            writer.bool(dropped);
            if !five_values {
                writer.bool(injected);
            }
            writer.close(list, Tag::List);
            out
        })
    }

    /// A message in the shape of the serde way, times as bits so that NaN equals itself.
    fn state(message: &Message<'_>) -> (i64, bool, Vec<u8>, u64, bool, bool) {
        let Message { opcode, from_client, content, timestamp, dropped, injected, .. } = *message;
        (opcode.into(), from_client, content.to_vec(), timestamp.seconds().to_bits(), dropped, injected)
    }

    proptest! {
        #[test]
        fn every_way_reads_the_same(encoded in encoded()) {
            let value = RawValue::from_slice(&encoded).unwrap();
            let any = Message::read_any(value, 7).unwrap();
            if let Some(usual) = Message::read_usual(value, 7) {
                prop_assert_eq!(state(&usual), state(&any));
                prop_assert_eq!(usual.timestamp.value, any.timestamp.value);
            }
            let serde: WebSocketMessageState = tnetstring::from_slice(&encoded).unwrap();
            let serde = (serde.0, serde.1, serde.2, serde.3.to_bits(), serde.4, serde.5);
            prop_assert_eq!(state(&any), serde);
        }

        #[test]
        fn damage_is_no_usual_message(encoded in encoded(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
            let mut damaged = encoded;
            let at = at.index(damaged.len());
            damaged[at] = byte;
            let Ok(value) = RawValue::from_slice(&damaged) else { return Ok(()) };
            if let Some(usual) = Message::read_usual(value, 0) {
                prop_assert_eq!(state(&usual), state(&Message::read_any(value, 0).unwrap()));
            }
        }
    }

    proptest! {
        #[test]
        fn a_walk_step_by_step_is_the_same_as_one_at_a_stretch(
            messages in proptest::collection::vec(encoded(), 0..8),
            at in any::<prop::sample::Index>(),
            byte in any::<u8>(),
        ) {
            let mut run = messages.concat();
            if !run.is_empty() {
                let at = at.index(run.len());
                run[at] = byte;
            }
            let mut steps = Vec::new();
            for message in Messages::of_run(&run, 5, 3) {
                steps.push(format!("{message:?}"));
            }
            let mut stretch = Vec::new();
            Messages::of_run(&run, 5, 3).for_each(|message| stretch.push(format!("{message:?}")));
            prop_assert_eq!(&steps, &stretch);
            let mut any = Messages::of_run(&run, 5, 3);
            let any: Vec<_> = std::iter::from_fn(|| any.read_any()).map(|message| format!("{message:?}")).collect();
            prop_assert_eq!(&steps, &any);
        }
    }

    #[test]
    fn what_mitmproxy_writes_today_is_usual() {
        for message in [
            &b"55:1:1#4:true!3:foo,18:1693314240.7948081^5:false!5:false!]"[..],
            b"51:1:2#5:false!0:,18:1693314240.7948081^4:true!4:true!]",
        ] {
            assert!(Message::read_usual(RawValue::from_slice(message).unwrap(), 0).is_some());
        }
    }
}
