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

use super::timestamp::Timestamp;
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
    ///
    /// The lengths in the front are waited for one after the other, so what can be read from behind is.
    #[inline(always)]
    fn read_usual(value: RawValue<'a>, index: u64) -> Option<Message<'a>> {
        if value.tag() != Tag::List {
            return None;
        }
        let (values, dropped, injected) = split_flags(value.body())?;
        let (opcode, rest) = split_opcode(values)?;
        let (from_client, rest) = split_bool(rest)?;
        let content = RawValue::cut_as(rest, 0, Tag::Bytes)?;
        let rest = &rest[content.encoded().len()..];
        let timestamp = Timestamp::usual(rest, value.body_offset() + values.len() - rest.len())?;
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
            timestamp: Timestamp::of_number(next(3)?).map_err(name("timestamp"))?,
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

/// The opcode of a text or a binary message, and what follows it.
#[inline(always)]
fn split_opcode(bytes: &[u8]) -> Option<(Opcode, &[u8])> {
    let (opcode, rest) = bytes.split_first_chunk()?;
    match opcode {
        b"1:1#" => Some((Opcode::Text, rest)),
        b"1:2#" => Some((Opcode::Binary, rest)),
        _ => None,
    }
}

const FALSE: u64 = u64::from_le_bytes(*b"5:false!");
/// One byte less than [`FALSE`]; the last seven of these.
const TRUE: u64 = u64::from_le_bytes(*b"\x004:true!");

/// A truth value, and what follows it. Who sent a message is as good as random, so this does without a branch for it.
#[inline(always)]
fn split_bool(bytes: &[u8]) -> Option<(bool, &[u8])> {
    // A content and a time follow, so there are always as many bytes.
    let word = u64::from_le_bytes(*bytes.first_chunk()?);
    let is_true = word << 8 == TRUE;
    (is_true || word == FALSE).then(|| (is_true, &bytes[8 - usize::from(is_true)..]))
}

/// What stands before the two truth values at the end, and these.
#[inline(always)]
fn split_flags(bytes: &[u8]) -> Option<(&[u8], bool, bool)> {
    const NEITHER: u128 = u128::from_le_bytes(*b"5:false!5:false!");
    let (rest, flags) = bytes.split_last_chunk()?;
    if u128::from_le_bytes(*flags) == NEITHER { Some((rest, false, false)) } else { split_set_flags(bytes) }
}

#[inline(never)]
fn split_set_flags(bytes: &[u8]) -> Option<(&[u8], bool, bool)> {
    let (rest, injected) = split_last_bool(bytes)?;
    let (rest, dropped) = split_last_bool(rest)?;
    Some((rest, dropped, injected))
}

fn split_last_bool(bytes: &[u8]) -> Option<(&[u8], bool)> {
    let word = u64::from_le_bytes(*bytes.last_chunk()?);
    let is_true = word & !0xff == TRUE;
    (is_true || word == FALSE).then(|| (&bytes[..bytes.len() - 8 + usize::from(is_true)], is_true))
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

    /// Steps over messages that take `size` bytes together, or the first more, without reading them, and says how many
    /// they are. A message whose end cannot be found is the last.
    pub(crate) fn step_over_bytes(&mut self, size: usize) -> u64 {
        let (start, first) = (self.offset(), self.index);
        while self.offset() - start < size {
            match self.items.peek_list() {
                Some(value) => {
                    self.items.walk_over(value);
                    self.index += 1;
                }
                None if self.step_over().is_none() => break,
                None => {}
            }
        }
        self.index - first
    }

    /// Steps over one message without reading it, and says how many bytes it takes.
    pub(crate) fn step_over(&mut self) -> Option<Result<usize, Error>> {
        let value = self.items.next()?;
        let index = self.index;
        self.index += 1;
        Some(value.map(|value| value.encoded().len()).map_err(|error| place(error.into(), index)))
    }

    /// How many messages are sound. The faults of the others go to `fault`.
    pub fn count_sound(mut self, mut fault: impl FnMut(Error)) -> u64 {
        let mut count = 0;
        loop {
            count += self.step_over_usual();
            match self.read_any() {
                None => return count,
                Some(Ok(_)) => count += 1,
                Some(Err(error)) => fault(error),
            }
        }
    }

    /// Steps over messages that are as mitmproxy writes them today, and says how many they are.
    ///
    /// Apart from the code around it, so that all it works with has room in registers.
    #[inline(never)]
    fn step_over_usual(&mut self) -> u64 {
        let (mut items, mut count) = (self.items.clone(), 0);
        while let Some(value) = items.peek_list()
            && Message::read_usual(value, 0).is_some()
        {
            items.walk_over(value);
            count += 1;
        }
        self.items = items;
        self.index += count;
        count
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
                prop_assert_eq!(usual.timestamp.value(), any.timestamp.value());
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
            let mut faults = Vec::new();
            let count = Messages::of_run(&run, 5, 3).count_sound(|fault| faults.push(format!("{fault:?}")));
            let (sound, broken): (Vec<_>, Vec<_>) = Messages::of_run(&run, 5, 3).partition(Result::is_ok);
            prop_assert_eq!(count, sound.len() as u64);
            let broken: Vec<_> = broken.into_iter().map(|fault| format!("{:?}", fault.unwrap_err())).collect();
            prop_assert_eq!(faults, broken);
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
