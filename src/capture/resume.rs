//! Where to go on behind damage in a flow file.
//!
//! A record whose length is wrong hides where the next one starts. It must be found without taking for a record what is
//! none: a message may hold a whole flow file as its payload, and the `backup` of a flow is a whole flow itself. So
//! these places are tried:
//!
//! 1. where the record's length says that it ends, for mostly the damage is within; and where its keys and values, walked
//!    from its start, come to an end, for then its length or the tag behind it is wrong;
//! 2. where the record stops being sound ([`soundness`]), for there it may have been cut off and others appended;
//! 3. behind its start, from value to value. What is a whole value is stepped over, with all that is in it, so that
//!    payloads in undamaged values are never looked into. A dict on the way is a record if it is a whole flow and if what
//!    follows fits.
//!
//! A record is gone on with only if it is a *flow*: a dict whose keys and values fill it exactly, with `version`, `type`
//! and `id` among them. What follows fits if flows follow each other up to the end of the file, or at least up to
//! another damage; not if they end in the middle of a value, or before the place near which the damaged record has
//! to end by its length.
//!
//! A string that was cut off swallows the start of what was appended, by its length, and may by chance end behind a byte
//! that is a tag. It is told from a payload by where the flows in it end: those of a payload end in it, those that
//! were appended go on behind it.
//!
//! Before all this comes the question whether the file is just cut off. Then nothing follows, whatever the payload of the
//! last message looks like.
//!
//! # Time
//! Each place of the file is stepped over once or twice, and the values that are walked to decide something are counted:
//! when they become many more than the file has bytes, the search ends, and says so. Files that were not made for the
//! purpose need a fraction of that.

use std::collections::VecDeque;
use std::ops::Range;

use memchr::{memchr, memchr_iter};

use super::cut_off::{LONGEST_KEY, Soundness, soundness};
use crate::tnetstring::{MAX_LENGTH_DIGITS, RawValue, Tag};

/// Bytes that may be missing or too much within a damaged record, so that its length still tells where it ends.
const SHIFT: usize = 64 << 10;

/// A null, a number or a boolean is no longer than this; so no long stretch is stepped over for one.
const LONGEST_SCALAR: usize = 64;

/// Values that may be walked for each byte of the file.
const WORK_PER_BYTE: usize = 4;

/// Searches in one file.
#[derive(Debug)]
pub(super) struct Resume<'a> {
    input: &'a [u8],
    /// How many more values may be walked.
    work: usize,
    /// The part of the file in which the starts of flows were looked for last, and those starts.
    window: Range<usize>,
    flows: VecDeque<usize>,
}

/// What is behind a damaged record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Behind {
    /// A flow, or the end of the file, at this byte.
    Place(usize),
    /// Nothing, for the file is cut off within the record, or no flow stands behind it.
    Nothing,
    /// Nobody knows: the file is so damaged that the search would never end.
    Unknown,
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

/// What flows that follow each other are.
enum Row {
    /// Records of the file.
    Records {
        /// Where the first starts.
        start: usize,
    },
    /// Values within a record.
    Values,
}

impl<'a> Resume<'a> {
    pub(super) fn new(input: &'a [u8]) -> Resume<'a> {
        let work = input.len().saturating_mul(WORK_PER_BYTE);
        Resume { input, work, window: 0..0, flows: VecDeque::new() }
    }

    /// Whether a flow starts in the first so many bytes of the file.
    pub(super) fn finds_flow_within(&mut self, length: usize) -> bool {
        let start = &self.input[..length.min(self.input.len())];
        memchr_iter(b':', start).any(|colon| {
            let first = self.first_digit(0, colon);
            (first..colon).any(|start| matches!(self.next(start), Next::Flow { .. }))
        })
    }

    /// What to go on with, when the record that starts at `start` is damaged.
    pub(super) fn behind(&mut self, start: usize) -> Behind {
        match self.find(start) {
            Some(place) => Behind::Place(place),
            None if self.work == 0 => Behind::Unknown,
            None => Behind::Nothing,
        }
    }

    fn find(&mut self, start: usize) -> Option<usize> {
        let rest = self.input.get(start..)?;
        let Soundness::Broken { at, leaf } = soundness(rest) else { return None };
        if let Some(place) = self.appended(start) {
            return Some(place);
        }
        let head = RawValue::head(rest);
        let body = start + head.map_or(0, |(_, head)| head);
        let walked = head.and_then(|_| self.walk_to_end(body));
        let claimed = head.and_then(|(length, _)| body.checked_add(length)?.checked_add(1));
        // By chance a wrong length may lead to the start of a later flow, so the nearer end is tried first.
        let mut ends: Vec<_> = walked.into_iter().chain(claimed).collect();
        ends.sort();
        if let Some(end) = ends.into_iter().find(|&end| self.next(end) != Next::Other) {
            // It may lie in what was appended to a record that was cut off.
            return self.crossing(body..end - 1).or(Some(end));
        }
        let swallowed = body..start + leaf.as_ref().map_or(at, |leaf| leaf.end);
        if let Some(place) = self.crossing(swallowed).or_else(|| self.appended(start + at)) {
            return Some(place);
        }
        let near = claimed.and_then(|claimed| self.flow_near(claimed));
        self.search(body, near)
    }

    /// The flow that stands where a record stops being sound. The record may have been cut off within a length.
    fn appended(&mut self, at: usize) -> Option<usize> {
        let digits = self.input.get(at..)?.iter().take(2 * MAX_LENGTH_DIGITS).take_while(|byte| byte.is_ascii_digit());
        let digits = digits.count();
        match (at..at + digits).find_map(|start| self.row_of_flows(start, None))? {
            (Row::Records { start }, _) => Some(start),
            (Row::Values, _) => None,
        }
    }

    /// The first flow within a value from which flows follow each other beyond the value's end.
    fn crossing(&mut self, value: Range<usize>) -> Option<usize> {
        let mut at = value.start;
        while self.work > 0
            && let Some(colon) = memchr(b':', self.input.get(at..value.end)?).map(|colon| at + colon)
        {
            let first = self.first_digit(at, colon);
            let row = (first..colon).find_map(|start| match self.row_of_flows(start, None)? {
                (Row::Records { start }, end) => Some((Some(start), end)),
                (Row::Values, end) => Some((None, end)),
            });
            let before = at;
            match row {
                Some((Some(start), end)) if end > value.end => return Some(start),
                Some((_, end)) => at = end,
                None => at = colon + 1,
            }
            self.work = self.work.saturating_sub((at - before).div_ceil(LONGEST_SCALAR));
            if at > value.end {
                return None;
            }
        }
        None
    }

    /// Whether a flow that starts here, or behind some of the digits that stand here, is the earlier state of another.
    fn is_backup(&self, start: usize) -> bool {
        let before = &self.input[start.saturating_sub(MAX_LENGTH_DIGITS + 9)..start];
        let digits = before.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
        let before = &before[..before.len() - digits];
        before.ends_with(b"6:backup;") || before.ends_with(b"6:backup,")
    }

    /// The first of the digits in front of a colon that may be a length. The damage may have put others in front of it.
    fn first_digit(&self, from: usize, colon: usize) -> usize {
        let digits =
            self.input[from..colon].iter().rev().take(MAX_LENGTH_DIGITS).take_while(|byte| byte.is_ascii_digit());
        colon - digits.count()
    }

    /// Walks keys and values from the start of a dict's body to the byte behind its end.
    fn walk_to_end(&mut self, mut at: usize) -> Option<usize> {
        loop {
            if self.input.get(at) == Some(&Tag::Dict.as_byte()) {
                return Some(at + 1);
            }
            let key = self.value(at)?;
            if !matches!(key.tag(), Tag::Bytes | Tag::Str) || !self.step() {
                return None;
            }
            at += key.encoded().len();
            at += self.value(at)?.encoded().len();
            // The tag may be what is damaged: then the next record is behind it.
            if self.value(at).is_none() && self.next(at + 1) != Next::Other {
                return Some(at + 1);
            }
        }
    }

    /// The start of a flow that is nearest to a place.
    fn flow_near(&mut self, place: usize) -> Option<usize> {
        let window =
            place.saturating_sub(SHIFT).min(self.input.len())..place.saturating_add(SHIFT).min(self.input.len());
        // Damages that are close to each other look at the same places.
        if !(self.window.start..=self.window.end).contains(&window.start) || window.end < self.window.end {
            self.window = window.start..window.start;
            self.flows.clear();
        }
        while self.flows.front().is_some_and(|&flow| flow < window.start) {
            self.flows.pop_front();
        }
        let unseen = self.window.end..window.end;
        // Looking for the ends of dicts is work too.
        self.work = self.work.saturating_sub(unseen.len() / LONGEST_SCALAR);
        let input = self.input;
        for end in memchr_iter(Tag::Dict.as_byte(), input.get(unseen.clone())?) {
            let start = unseen.start + end + 1;
            if matches!(self.next(start), Next::Flow { .. }) {
                self.flows.push_back(start);
            }
        }
        self.window = window;
        self.flows.iter().copied().min_by_key(|start| start.abs_diff(place))
    }

    /// Searches for a flow from value to value.
    fn search(&mut self, mut at: usize, near: Option<usize>) -> Option<usize> {
        while self.work > 0
            && let Some(colon) = memchr(b':', self.input.get(at..)?).map(|colon| at + colon)
        {
            let first = self.first_digit(at, colon);
            match (first..colon).find_map(|start| self.row_of_flows(start, near)) {
                Some((Row::Records { start }, _)) => return Some(start),
                Some((Row::Values, end)) => at = end,
                None => match self.whole_value(first) {
                    Some(end) => match self.crossing(colon + 1..end) {
                        Some(place) => return Some(place),
                        None => at = end,
                    },
                    None => at = colon + 1,
                },
            }
        }
        None
    }

    /// What the flow at `start`, if there is one, and those behind it are, and where the last of them ends. `near` is a
    /// flow near the end of the damaged record.
    fn row_of_flows(&mut self, start: usize, near: Option<usize>) -> Option<(Row, usize)> {
        // No length that was written starts with a zero.
        if self.input.get(start) == Some(&b'0') {
            return None;
        }
        let Next::Flow { mut end } = self.next(start) else { return None };
        let is_backup = self.is_backup(start) && self.next(end) == Next::Other;
        let mut has_met_near = near == Some(start);
        let is_record = loop {
            has_met_near |= near == Some(end);
            match self.next(end) {
                Next::Flow { end: next } => end = next,
                Next::End => break true,
                Next::Other => {
                    // Behind a flow that is a value stand the next key, or the end of what it is in.
                    let is_within_value = match self.value(end) {
                        Some(value) => value.tag() != Tag::Dict && value.body().len() <= LONGEST_KEY,
                        None => self.input.get(end).is_some_and(|&byte| Tag::from_byte(byte).is_some()),
                    };
                    break !is_within_value && (has_met_near || near.is_none_or(|near| near < end));
                }
            }
        };
        Some((if is_record && !is_backup { Row::Records { start } } else { Row::Values }, end))
    }

    /// The end of the value at `start`, if it is one as far as that can be seen: sound in itself, behind another value or at
    /// the start of a list or dict, and before another value or the end of a list or dict.
    fn whole_value(&mut self, start: usize) -> Option<usize> {
        let value = self.value(start)?;
        let end = start + value.encoded().len();
        let before = self.input.get(start.checked_sub(1)?)?;
        let is_between_values = (*before == b':' || Tag::from_byte(*before).is_some())
            && matches!(self.input.get(end), None | Some(b'0'..=b'9' | b']' | b'}'));
        if !is_between_values {
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

#[cfg(test)]
mod tests;
