//! The connections with the most messages.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use wsflow::stats::{Connection, Listed};

/// The connections with the most messages; of equal ones the first. It holds no more than it will give.
pub(super) struct Top {
    limit: usize,
    kept: BinaryHeap<Reverse<Entry>>,
}

/// A connection, greater than another when it comes before it.
struct Entry {
    messages: u64,
    place: Reverse<(usize, u64)>,
    listed: Listed,
}

impl Top {
    pub(super) fn new(limit: usize) -> Top {
        Top { limit, kept: BinaryHeap::new() }
    }

    /// Takes a connection in, if it is one of those with the most messages.
    pub(super) fn offer(&mut self, connection: &Connection, files: &[String]) {
        let rank = (connection.figures.messages(), Reverse((connection.file, connection.flow)));
        let is_full = self.kept.len() >= self.limit;
        if is_full && self.kept.peek().is_none_or(|Reverse(least)| rank < least.rank()) {
            return;
        }
        if is_full {
            self.kept.pop();
        }
        let listed = Listed::new(connection, files);
        self.kept.push(Reverse(Entry { messages: rank.0, place: rank.1, listed }));
    }

    /// The connections, that with the most messages first.
    pub(super) fn into_listed(self) -> Vec<Listed> {
        // Of what is reversed, the smallest is the greatest.
        self.kept.into_sorted_vec().into_iter().map(|Reverse(entry)| entry.listed).collect()
    }
}

impl Entry {
    fn rank(&self) -> (u64, Reverse<(usize, u64)>) {
        (self.messages, self.place)
    }
}

impl Ord for Entry {
    fn cmp(&self, other: &Entry) -> Ordering {
        self.rank().cmp(&other.rank())
    }
}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Entry) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Entry) -> bool {
        self.rank() == other.rank()
    }
}

impl Eq for Entry {}
