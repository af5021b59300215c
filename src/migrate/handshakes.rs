//! The handshakes of a file whose messages are still to come.

use std::collections::{BTreeMap, HashMap};

use crate::capture::Data;
use crate::flow::Version;

/// Bytes that remembered handshakes may take: those of 200,000 connections that are open at the same time in a stream
/// (a handshake has about 2.5 KB), and of 2,000,000 in a mapped file, where only their places are remembered.
pub const HANDSHAKE_MEMORY: usize = 512 << 20;

/// What remembering takes beside an id and the bytes of a record: two maps' entries, rounded up.
const ENTRY_COST: usize = 200;

/// A record that is a handshake.
#[derive(Clone, Debug)]
pub(super) struct Handshake<'a> {
    pub(super) data: Data<'a>,
    pub(super) version: Version,
}

/// Handshakes by flow id, each until it is taken.
#[derive(Debug)]
pub(super) struct Handshakes<'a> {
    by_id: HashMap<Vec<u8>, (u64, Handshake<'a>)>,
    /// The ids in the order in which they came, to forget the oldest first.
    by_age: BTreeMap<u64, Vec<u8>>,
    next: u64,
    kept: usize,
    limit: usize,
    has_forgotten: bool,
}

impl<'a> Handshakes<'a> {
    pub(super) fn new(limit: usize) -> Handshakes<'a> {
        Handshakes { by_id: HashMap::new(), by_age: BTreeMap::new(), next: 0, kept: 0, limit, has_forgotten: false }
    }

    /// Remembers a handshake. A later one with the same id takes the place of the earlier.
    pub(super) fn remember(&mut self, id: &[u8], handshake: Handshake<'a>) {
        self.take(id);
        self.kept += cost(id, &handshake);
        self.by_id.insert(id.to_vec(), (self.next, handshake));
        self.by_age.insert(self.next, id.to_vec());
        self.next += 1;
        while self.kept > self.limit
            && let Some((_, oldest)) = self.by_age.pop_first()
        {
            self.take(&oldest);
            self.has_forgotten = true;
        }
    }

    /// Whether one was forgotten before it was taken, as there were too many.
    pub(super) fn has_forgotten(&self) -> bool {
        self.has_forgotten
    }

    /// The handshake with this id, which is forgotten thereby.
    pub(super) fn take(&mut self, id: &[u8]) -> Option<Handshake<'a>> {
        let (age, handshake) = self.by_id.remove(id)?;
        self.by_age.remove(&age);
        self.kept -= cost(id, &handshake);
        Some(handshake)
    }
}

fn cost(id: &[u8], handshake: &Handshake<'_>) -> usize {
    let bytes = match &handshake.data {
        Data::Borrowed(_) => 0,
        Data::Shared(bytes) => bytes.capacity(),
    };
    ENTRY_COST + 2 * id.len() + bytes
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn handshake(size: usize) -> Handshake<'static> {
        Handshake { data: Data::Shared(Arc::new(vec![0; size])), version: Version::Format(7) }
    }

    #[test]
    fn a_handshake_is_taken_once() {
        let mut handshakes = Handshakes::new(HANDSHAKE_MEMORY);
        handshakes.remember(b"a", handshake(1));
        handshakes.remember(b"a", handshake(2));
        assert_eq!(handshakes.take(b"a").unwrap().data.len(), 2);
        assert!(handshakes.take(b"a").is_none());
        assert_eq!((handshakes.kept, handshakes.by_age.len()), (0, 0));
        assert!(!handshakes.has_forgotten());
    }

    #[test]
    fn connections_one_after_the_other_take_no_memory() {
        let mut handshakes = Handshakes::new(HANDSHAKE_MEMORY);
        for number in 0..100_000_u32 {
            handshakes.remember(&number.to_le_bytes(), handshake(10));
            if let Some(earlier) = number.checked_sub(100) {
                assert!(handshakes.take(&earlier.to_le_bytes()).is_some());
            }
            assert!(handshakes.by_id.len() <= 101);
        }
    }

    #[test]
    fn when_there_are_too_many_the_oldest_is_forgotten() {
        let mut handshakes = Handshakes::new(100_000);
        for number in 0..1_000_u32 {
            handshakes.remember(&number.to_le_bytes(), handshake(1_000));
            assert!(handshakes.kept <= 100_000);
        }
        assert!(handshakes.take(&0_u32.to_le_bytes()).is_none() && handshakes.has_forgotten());
        assert!(handshakes.take(&999_u32.to_le_bytes()).is_some());
    }
}
