//! Sets of message positions, in little room.
//!
//! A connection can have millions of messages, and a filter can choose any of them. A set is kept as bits, in
//! chunks of [`CHUNK`] positions, and chunks without any are not kept: at most one bit for each message (which
//! takes 29 bytes or more), and for a few positions far apart as many chunks as positions.

/// Positions in a chunk. A chunk is 512 bytes; a run of so many messages is 116 KiB at least.
const CHUNK: u64 = 4096;
const WORDS: usize = (CHUNK / 64) as usize;

/// A set of positions of messages in their connection, counted from 0.
///
/// ```
/// use wsflow::edit::Positions;
///
/// let mut positions: Positions = [3, 1 << 40, 5].into_iter().collect();
/// positions.insert(4);
/// assert!(positions.contains(4) && !positions.contains(6));
/// assert_eq!((positions.len(), positions.last()), (4, Some(1 << 40)));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Positions {
    /// Chunks that hold something, by their number.
    chunks: Vec<(u64, Box<[u64; WORDS]>)>,
}

impl Positions {
    /// Puts a position in. Fastest in ascending order.
    pub fn insert(&mut self, position: u64) {
        let (number, word, bit) = split(position);
        let at = match self.chunks.last() {
            Some((last, _)) if *last == number => self.chunks.len() - 1,
            Some((last, _)) if *last > number => match self.find(number) {
                Ok(at) => at,
                Err(at) => {
                    self.chunks.insert(at, (number, Box::new([0; WORDS])));
                    at
                }
            },
            _ => {
                self.chunks.push((number, Box::new([0; WORDS])));
                self.chunks.len() - 1
            }
        };
        self.chunks[at].1[word] |= bit;
    }

    /// Takes a position out.
    pub fn remove(&mut self, position: u64) {
        let (number, word, bit) = split(position);
        if let Ok(at) = self.find(number) {
            let chunk = &mut self.chunks[at].1;
            chunk[word] &= !bit;
            if chunk.iter().all(|&word| word == 0) {
                self.chunks.remove(at);
            }
        }
    }

    /// Whether a position is in the set.
    pub fn contains(&self, position: u64) -> bool {
        let (number, word, bit) = split(position);
        self.find(number).is_ok_and(|at| self.chunks[at].1[word] & bit != 0)
    }

    /// Puts all positions of another set in.
    pub fn append(&mut self, other: Positions) {
        for (number, chunk) in other.chunks {
            match self.find(number) {
                Ok(at) => self.chunks[at].1.iter_mut().zip(chunk.iter()).for_each(|(word, other)| *word |= other),
                Err(at) => self.chunks.insert(at, (number, chunk)),
            }
        }
    }

    /// Whether there is no position in the set.
    pub fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    /// How many positions there are.
    pub fn len(&self) -> u64 {
        self.chunks.iter().flat_map(|(_, chunk)| chunk.iter()).map(|word| u64::from(word.count_ones())).sum()
    }

    /// The highest position.
    pub fn last(&self) -> Option<u64> {
        let (number, chunk) = self.chunks.last()?;
        let (at, word) = chunk.iter().enumerate().rfind(|(_, word)| **word != 0)?;
        Some(number * CHUNK + at as u64 * 64 + u64::from(word.ilog2()))
    }

    fn find(&self, number: u64) -> Result<usize, usize> {
        self.chunks.binary_search_by_key(&number, |(number, _)| *number)
    }

    /// For questions in ascending order.
    pub(super) fn cursor(&self) -> Cursor<'_> {
        Cursor { chunks: &self.chunks }
    }
}

fn split(position: u64) -> (u64, usize, u64) {
    (position / CHUNK, (position % CHUNK / 64) as usize, 1 << (position % 64))
}

impl Extend<u64> for Positions {
    fn extend<I: IntoIterator<Item = u64>>(&mut self, positions: I) {
        positions.into_iter().for_each(|position| self.insert(position));
    }
}

impl FromIterator<u64> for Positions {
    fn from_iter<I: IntoIterator<Item = u64>>(positions: I) -> Positions {
        let mut set = Positions::default();
        set.extend(positions);
        set
    }
}

/// Answers whether positions are in a set, when asked in ascending order.
#[derive(Clone, Debug)]
pub(super) struct Cursor<'p> {
    /// The chunk that was asked last, and those behind it.
    chunks: &'p [(u64, Box<[u64; WORDS]>)],
}

impl Cursor<'_> {
    #[inline]
    pub(super) fn contains(&mut self, position: u64) -> bool {
        let (number, word, bit) = split(position);
        while let Some((first, chunk)) = self.chunks.first() {
            if *first >= number {
                return *first == number && chunk[word] & bit != 0;
            }
            self.chunks = &self.chunks[1..];
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    /// Some close together, some at the borders of chunks, some far away.
    fn positions() -> impl Strategy<Value = Vec<u64>> {
        let position = prop_oneof![0..200u64, 4000..4200u64, 8100..8300u64, Just(u64::MAX), any::<u64>()];
        proptest::collection::vec(position, 0..40)
    }

    proptest! {
        #[test]
        fn a_set_is_a_set(inserted in positions(), removed in positions(), appended in positions()) {
            let mut set: Positions = inserted.iter().copied().collect();
            let mut oracle: BTreeSet<u64> = inserted.into_iter().collect();
            for position in removed {
                set.remove(position);
                oracle.remove(&position);
            }
            set.append(appended.iter().copied().collect());
            oracle.extend(appended);
            prop_assert_eq!(set.len(), oracle.len() as u64);
            prop_assert_eq!(set.last(), oracle.last().copied());
            prop_assert_eq!(set.is_empty(), oracle.is_empty());
            prop_assert_eq!(&oracle.iter().copied().collect::<Positions>(), &set);
            let mut cursor = set.cursor();
            let asked: BTreeSet<u64> =
                oracle.iter().flat_map(|&position| [position.saturating_sub(1), position, position.saturating_add(1)]).collect();
            for position in asked {
                prop_assert_eq!(cursor.contains(position), oracle.contains(&position));
                prop_assert_eq!(set.contains(position), oracle.contains(&position));
            }
        }
    }
}
