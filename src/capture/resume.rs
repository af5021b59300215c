//! Where to go on behind damage in a flow file.
//!
//! A record whose length is wrong hides where the next one starts. It must be found without taking for a record what is
//! none: a message may hold a whole flow file as its payload, and the `backup` of a flow is a whole flow itself. So
//! these places are tried:
//!
//! 1. where the record's length says that it ends, for mostly the damage is within; and where its keys and values, walked
//!    from its start, come to an end, for then its length or the tag behind it is wrong;
//! 2. behind it, from value to value. What is a whole value is stepped over, with all that is in it, so that payloads in
//!    undamaged values are never looked into. A dict on the way is a record if it is a whole flow and what follows fits.
//!
//! A record is gone on with only if it is a *flow*: a dict whose keys and values fill it exactly, with `version`, `type`
//! and `id` among them. Before that comes the question whether the file is just cut off: if every value that is not
//! whole reaches beyond the end of the file, nothing is damaged and nothing follows.
//!
//! # Time
//! Each place of the file is stepped over once, and the values that are walked to decide something are counted: more of
//! them than the file has bytes, and the search ends. Files that were not made for the purpose need a fraction of that.

use memchr::memchr;

use crate::tnetstring::{MAX_LENGTH_DIGITS, RawValue, Tag};

/// Flows that have to follow each other before nobody asks how their row ends.
const CHAIN: usize = 16;

/// A null, a number or a boolean is no longer than this; so no long stretch is stepped over for one.
const LONGEST_SCALAR: usize = 64;

/// Searches in one file.
#[derive(Debug)]
pub(super) struct Resume<'a> {
    input: &'a [u8],
    /// How many more values may be walked.
    work: usize,
}

/// What stands at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    /// The end of the file, or the newline that may stand there.
    End,
    /// A whole flow, which ends at this byte.
    Flow { end: usize },
    /// Something else.
    Other,
}

impl<'a> Resume<'a> {
    pub(super) fn new(input: &'a [u8]) -> Resume<'a> {
        Resume { input, work: input.len() }
    }

    /// The place to go on at, when the record that starts at `start` is damaged: that of a flow, or the end of the file.
    /// `None` when nothing can be found behind it; a file that is cut off within this record has nothing behind it.
    pub(super) fn behind(&mut self, start: usize) -> Option<usize> {
        if self.is_cut_off(start) {
            return None;
        }
        let head = head(self.input, start);
        let body = start + head.map_or(0, |(_, head)| head);
        let walked = head.and_then(|_| self.walk_to_end(body));
        let claimed = head.and_then(|(length, _)| body.checked_add(length)?.checked_add(1));
        // By chance a wrong length may lead to the start of a later flow, so the nearer end is tried first.
        let mut ends: Vec<_> = walked.into_iter().chain(claimed).collect();
        ends.sort();
        ends.into_iter().find(|&end| self.next(end) != Next::Other).or_else(|| self.search(body))
    }

    /// Whether the values from `start` on are sound up to the end of the file, and those that are not whole reach beyond
    /// it.
    pub(super) fn is_cut_off(&mut self, start: usize) -> bool {
        let Some((length, head)) = head(self.input, start) else {
            // Not even the length is whole; one digit at least.
            let rest = &self.input[start..];
            return !rest.is_empty() && rest.len() < MAX_LENGTH_DIGITS && rest.iter().all(u8::is_ascii_digit);
        };
        let end = start.saturating_add(head).saturating_add(length);
        let mut at = start + head;
        if end < self.input.len() {
            return false;
        }
        while at < self.input.len() && self.step() {
            match self.value(at) {
                Some(value) => at += value.encoded().len(),
                None => {
                    return match self::head(self.input, at) {
                        Some((length, head)) => {
                            let value_end = at.saturating_add(head).saturating_add(length);
                            (self.input.len()..end).contains(&value_end)
                        }
                        None => self.input[at..].iter().all(u8::is_ascii_digit),
                    };
                }
            }
        }
        at == self.input.len()
    }

    /// Walks keys and values from the start of a dict's body to the byte behind its end.
    fn walk_to_end(&mut self, mut at: usize) -> Option<usize> {
        loop {
            if self.input.get(at) == Some(&Tag::Dict.as_byte()) {
                return Some(at + 1);
            }
            for _ in 0..2 {
                if !self.step() {
                    return None;
                }
                at += self.value(at)?.encoded().len();
            }
            // The tag may be what is damaged: then the next record is behind it.
            if self.value(at).is_none() && self.next(at + 1) != Next::Other {
                return Some(at + 1);
            }
        }
    }

    /// Searches for a flow from value to value.
    fn search(&mut self, mut at: usize) -> Option<usize> {
        while let Some(colon) = memchr(b':', self.input.get(at..)?).map(|colon| at + colon) {
            let digits = self.input[at..colon].iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
            let first = colon - digits.min(MAX_LENGTH_DIGITS);
            // The damage may have put digits in front of a length.
            for start in first..colon {
                match self.row_of_flows(start) {
                    Some(Ok(())) => return Some(start),
                    Some(Err(end)) => {
                        at = end;
                        break;
                    }
                    None => {}
                }
            }
            if at > colon {
                continue;
            }
            at = self.whole_value(first).unwrap_or(colon + 1);
            if self.work == 0 {
                return None;
            }
        }
        None
    }

    /// Whether the flow at `start`, if there is one, is a record of the file: what follows it has to be the end of the
    /// file, another such flow, or what may be left of a damaged one. Otherwise it is a value within another, and
    /// the row of flows that it belongs to ends at the byte that is returned.
    fn row_of_flows(&mut self, start: usize) -> Option<Result<(), usize>> {
        let Next::Flow { mut end } = self.next(start) else { return None };
        // A value behind a key, as `backup` is.
        let is_behind_key = start > 0 && matches!(self.input[start - 1], b';' | b',');
        for _ in 0..CHAIN {
            match self.next(end) {
                Next::Flow { end: next } => end = next,
                Next::End => break,
                Next::Other => {
                    let is_within = match self.value(end) {
                        Some(value) => value.tag() != Tag::Dict,
                        None => self.input.get(end).is_some_and(|&byte| Tag::from_byte(byte).is_some()),
                    };
                    if is_within {
                        return Some(Err(end));
                    }
                    break;
                }
            }
        }
        Some(if is_behind_key { Err(end) } else { Ok(()) })
    }

    /// The end of the value at `start`, if it is surely one: sound in itself, as far as that can be seen, and followed by
    /// another value or by the end of a list or dict.
    fn whole_value(&mut self, start: usize) -> Option<usize> {
        let value = self.value(start)?;
        let end = start + value.encoded().len();
        if !matches!(self.input.get(end), None | Some(b'0'..=b'9' | b']' | b'}')) {
            return None;
        }
        let is_sound = match value.tag() {
            Tag::Bytes | Tag::Str => true,
            Tag::List => self.is_filled(value.items().ok()?),
            Tag::Dict => self.is_filled(value.entries().ok()?),
            Tag::Integer | Tag::Float | Tag::Bool | Tag::Null => value.body().len() <= LONGEST_SCALAR,
        };
        is_sound.then_some(end)
    }

    fn next(&mut self, place: usize) -> Next {
        match self.input.get(place..) {
            Some(b"" | b"\n") => return Next::End,
            Some(_) => {}
            None => return Next::Other,
        }
        match self.value(place) {
            Some(value) if self.is_flow(value) => Next::Flow { end: place + value.encoded().len() },
            _ => Next::Other,
        }
    }

    /// Whether a value is a whole flow, as far as can be seen without looking into the values of its keys.
    fn is_flow(&mut self, value: RawValue<'_>) -> bool {
        let Ok(entries) = value.entries() else { return false };
        let mut found = [false; 3];
        let is_filled = self.is_filled(entries.inspect(|entry| {
            if let Ok((key, _)) = entry
                && let Some(position) = [&b"version"[..], b"type", b"id"].iter().position(|name| name == key)
            {
                found[position] = true;
            }
        }));
        is_filled && found == [true; 3]
    }

    /// Whether values follow each other without a fault.
    fn is_filled<T, E>(&mut self, values: impl Iterator<Item = Result<T, E>>) -> bool {
        for value in values {
            if value.is_err() || !self.step() {
                return false;
            }
        }
        true
    }

    fn value(&self, start: usize) -> Option<RawValue<'a>> {
        RawValue::split_first(self.input.get(start..)?).ok().map(|(value, _)| value)
    }

    /// Counts a value that was walked; false when there were enough.
    fn step(&mut self) -> bool {
        self.work = self.work.saturating_sub(1);
        self.work > 0
    }
}

/// The length that is claimed at a place, and how many bytes it takes with its colon.
fn head(input: &[u8], start: usize) -> Option<(usize, usize)> {
    RawValue::head(input.get(start..)?)
}

#[cfg(test)]
mod tests;
