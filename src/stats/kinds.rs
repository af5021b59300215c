//! What messages contain.

use std::collections::BTreeMap;

use super::figures::Count;
use crate::flow::{FlowContext, Message};
use crate::payload::{Kind, Payload};

/// Messages and bytes by the kind of the content.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kinds {
    counts: BTreeMap<Kind, Count>,
}

impl Kinds {
    /// Counts a message. Its content is decoded, which takes several times as long as everything else that is counted.
    pub fn add(&mut self, message: &Message<'_>, flow: &FlowContext) {
        let count = self.counts.entry(Payload::new(message, flow).glance().kind()).or_default();
        count.messages += 1;
        count.bytes += message.content.len() as u64;
    }

    /// Adds what was counted elsewhere.
    pub fn merge(&mut self, other: &Kinds) {
        for (kind, more) in &other.counts {
            let count = self.counts.entry(*kind).or_default();
            count.messages += more.messages;
            count.bytes += more.bytes;
        }
    }

    /// The kinds that there are, with messages and bytes; those with most messages first.
    pub fn counts(&self) -> Vec<(Kind, Count)> {
        let mut counts: Vec<_> = self.counts.iter().map(|(kind, count)| (*kind, *count)).collect();
        counts.sort_by_key(|(_, count)| u64::MAX - count.messages);
        counts
    }
}
