//! How connections closed.

use std::collections::BTreeMap;

use crate::websocket::close_code_name;

/// How many connections closed with which code. A code has 16 bits on the wire, so there are no more of them; what
/// else a capture holds in its place is counted together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Closes {
    open: u64,
    codes: BTreeMap<u16, u64>,
    other: u64,
}

impl Closes {
    /// Counts a connection; without a code it is still open.
    pub fn add(&mut self, code: Option<i64>) {
        match code.map(u16::try_from) {
            Some(Ok(code)) => *self.codes.entry(code).or_default() += 1,
            Some(Err(_)) => self.other += 1,
            None => self.open += 1,
        }
    }

    /// Adds what was counted elsewhere.
    pub fn merge(&mut self, other: &Closes) {
        self.open += other.open;
        self.other += other.other;
        for (code, count) in &other.codes {
            *self.codes.entry(*code).or_default() += count;
        }
    }

    /// Code, its name, and connections; codes in rising order. Those that are no codes, and those that are open, have
    /// a name only.
    pub fn counts(&self) -> impl Iterator<Item = (Option<u16>, &'static str, u64)> {
        let named = |(code, count): (&u16, &u64)| (Some(*code), name(i64::from(*code)), *count);
        let unnamed = [(None, name(-1), self.other), (None, OPEN, self.open)];
        self.codes.iter().map(named).chain(unnamed.into_iter().filter(|(.., count)| *count > 0))
    }
}

/// What is said of a connection without a close code.
pub(super) const OPEN: &str = "open";

/// What a code means, also one that has no meaning.
pub(super) fn name(code: i64) -> &'static str {
    close_code_name(code).unwrap_or("not a close code")
}
