//! The largest messages.

use crate::flow::Message;
use crate::websocket::Opcode;

/// Messages that are kept.
const KEPT: usize = 5;

/// A large message, and where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LargeMessage {
    /// Bytes of content.
    pub size: u64,
    /// The position of its file among those that are read, counted from 0.
    pub file: usize,
    /// The position of its flow in the file, counted from 0.
    pub flow: u64,
    /// Its position in the connection, counted from 0.
    pub message: u64,
    /// Whether the client sent it.
    pub from_client: bool,
    /// Its opcode.
    pub opcode: Opcode,
}

/// The five largest messages; of equal ones the first.
#[derive(Clone, Debug, Default)]
pub struct Largest {
    messages: Vec<LargeMessage>,
}

impl Largest {
    /// Takes a message in, if it is large enough.
    #[inline]
    pub(super) fn add(&mut self, file: usize, flow: u64, message: &Message<'_>) {
        let size = message.content.len() as u64;
        // Those before it were counted before, so of equal ones it is not the first.
        if self.messages.len() == KEPT && self.messages.last().is_some_and(|least| size <= least.size) {
            return;
        }
        let Message { index, from_client, opcode, .. } = *message;
        self.insert(LargeMessage { size, file, flow, message: index, from_client, opcode });
    }

    /// Takes those of elsewhere in.
    pub(super) fn merge(&mut self, other: &Largest) {
        other.messages.iter().for_each(|message| self.insert(*message));
    }

    /// The messages, the largest first.
    pub fn messages(&self) -> &[LargeMessage] {
        &self.messages
    }

    fn insert(&mut self, message: LargeMessage) {
        let key = |message: &LargeMessage| (u64::MAX - message.size, message.file, message.flow, message.message);
        let at = self.messages.partition_point(|other| key(other) < key(&message));
        if at < KEPT {
            self.messages.truncate(KEPT - 1);
            self.messages.insert(at, message);
        }
    }
}
