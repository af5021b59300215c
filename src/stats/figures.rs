//! What is counted of messages.

use super::distribution::Distribution;
use super::largest::Largest;
use crate::flow::Message;
use crate::websocket::Opcode;

/// The opcodes that are told apart; all others are counted together, for there can be as many as there are messages.
const OPCODES: [Opcode; 6] =
    [Opcode::Text, Opcode::Binary, Opcode::Continuation, Opcode::Close, Opcode::Ping, Opcode::Pong];
const KINDS: usize = OPCODES.len() + 1;

/// Messages, and the bytes of their contents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Messages.
    pub messages: u64,
    /// Bytes.
    pub bytes: u64,
}

/// What is counted of the messages of a connection, of a part of one, or of many.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    /// By who sent them, the server first, and by opcode.
    counts: [[Count; KINDS]; 2],
    dropped: u64,
    injected: u64,
    sizes: Distribution,
    gaps: Distribution,
    backwards: u64,
    timeless: u64,
    /// The earliest and the latest time.
    span: Option<(i64, i64)>,
    /// The times of the first and the last message of a connection that have one.
    ends: Option<(i64, i64)>,
    largest: Largest,
}

impl Figures {
    /// Counts a message, the next of its connection. Gives its time in microseconds since the Unix epoch, if it
    /// has one.
    #[inline]
    pub fn add(&mut self, file: usize, flow: u64, message: &Message<'_>) -> Option<i64> {
        let size = message.content.len() as u64;
        let kind = match message.opcode {
            Opcode::Text => 0,
            Opcode::Binary => 1,
            other => OPCODES.iter().position(|opcode| *opcode == other).unwrap_or(OPCODES.len()),
        };
        let count = &mut self.counts[usize::from(message.from_client)][kind];
        count.messages += 1;
        count.bytes += size;
        self.dropped += u64::from(message.dropped);
        self.injected += u64::from(message.injected);
        self.sizes.record(size);
        self.largest.add(file, flow, message);
        let time = message.timestamp.micros();
        match time {
            Some(time) => self.add_time(time),
            None => self.timeless += 1,
        }
        time
    }

    #[inline]
    fn add_time(&mut self, time: i64) {
        self.ends = match self.ends {
            Some((first, last)) => {
                self.add_gap(last, time);
                Some((first, time))
            }
            None => Some((time, time)),
        };
        self.add_span(time, time);
    }

    /// A gap is between a message and the one before it. Where time went back there is none.
    #[inline]
    fn add_gap(&mut self, from: i64, to: i64) {
        match to >= from {
            true => self.gaps.record(to.abs_diff(from)),
            false => self.backwards += 1,
        }
    }

    #[inline]
    fn add_span(&mut self, from: i64, to: i64) {
        let (earliest, latest) = self.span.unwrap_or((from, to));
        self.span = Some((earliest.min(from), latest.max(to)));
    }

    /// Bytes of memory that the percentiles take, which is nearly all of it.
    pub fn memory(&self) -> usize {
        self.sizes.memory() + self.gaps.memory()
    }

    /// Adds what was counted of the messages that follow in the same connection.
    pub fn append(&mut self, next: &Figures) {
        let ends = match (self.ends, next.ends) {
            (Some((first, end)), Some((begin, last))) => {
                self.add_gap(end, begin);
                Some((first, last))
            }
            (ends, None) | (None, ends) => ends,
        };
        self.merge(next);
        self.ends = ends;
    }

    /// Adds what was counted of other connections. What is behind it is no connection any more, so that it has neither
    /// a first nor a last message.
    pub fn merge(&mut self, other: &Figures) {
        for (count, more) in self.counts.as_flattened_mut().iter_mut().zip(other.counts.as_flattened()) {
            count.messages += more.messages;
            count.bytes += more.bytes;
        }
        self.dropped += other.dropped;
        self.injected += other.injected;
        self.sizes.merge(&other.sizes);
        self.gaps.merge(&other.gaps);
        self.backwards += other.backwards;
        self.timeless += other.timeless;
        if let Some((earliest, latest)) = other.span {
            self.add_span(earliest, latest);
        }
        self.ends = None;
        self.largest.merge(&other.largest);
    }

    /// Messages.
    pub fn messages(&self) -> u64 {
        self.sizes.count()
    }

    /// Messages and bytes of one side.
    pub fn count(&self, from_client: bool) -> Count {
        let counts = &self.counts[usize::from(from_client)];
        counts.iter().fold(Count::default(), |sum, count| Count {
            messages: sum.messages + count.messages,
            bytes: sum.bytes + count.bytes,
        })
    }

    /// Messages and bytes by opcode and by who sent them (`true`: the client), where there are any. Without an opcode
    /// are those that RFC 6455 leaves without meaning.
    pub fn counts(&self) -> impl Iterator<Item = (Option<Opcode>, bool, Count)> {
        (0..KINDS)
            .flat_map(|kind| [true, false].map(|from_client| (kind, from_client)))
            .map(|(kind, from_client)| {
                (OPCODES.get(kind).copied(), from_client, self.counts[usize::from(from_client)][kind])
            })
            .filter(|(.., count)| count.messages > 0)
    }

    /// Messages that were not forwarded.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Messages that came from neither peer.
    pub fn injected(&self) -> u64 {
        self.injected
    }

    /// The sizes of messages in bytes.
    pub fn sizes(&self) -> &Distribution {
        &self.sizes
    }

    /// The gaps between messages of the same connection that follow on each other, in microseconds. A message
    /// [without a time](Self::timeless) is passed over.
    pub fn gaps(&self) -> &Distribution {
        &self.gaps
    }

    /// How often a message has an earlier time than the one before it. That is no gap.
    pub fn backwards(&self) -> u64 {
        self.backwards
    }

    /// Messages whose time is none, such as `nan`.
    pub fn timeless(&self) -> u64 {
        self.timeless
    }

    /// The earliest and the latest time, in microseconds since the Unix epoch.
    pub fn span(&self) -> Option<(i64, i64)> {
        self.span
    }

    /// The largest messages.
    pub fn largest(&self) -> &Largest {
        &self.largest
    }
}
