//! Where to go on behind damage in a flow file.
//!
//! A record whose length is wrong hides where the next one starts. It must be found without taking for a record what is
//! none: a message may hold a whole flow file as its payload, and the `backup` of a flow is a whole flow itself. So
//! these places are tried:
//!
//! 1. where the record's length says that it ends, for mostly the damage is within; and where its keys and values, walked
//!    from its start, come to an end, for then its length or the tag behind it is wrong;
//! 2. behind it, from value to value. What is a whole value is stepped over, with all that is in it, so that payloads in
//!    undamaged values are never looked into. A dict on the way is a record if it is a whole flow and if what follows
//!    fits.
//!
//! A record is gone on with only if it is a *flow*: a dict whose keys and values fill it exactly, with `version`, `type`
//! and `id` among them. What follows fits if flows follow each other up to the end of the file, or at least up to
//! another damage; not if they end in the middle of a value, or before the place near which the damaged record has
//! to end by its length.
//!
//! Before all this comes the question whether the file is just cut off ([`cut_off`](super::cut_off)). Then nothing
//! follows, whatever the payload of the last message looks like.
//!
//! # Time
//! Each place of the file is stepped over once, and the values that are walked to decide something are counted: more of
//! them than the file has bytes, and the search ends. Files that were not made for the purpose need a fraction of that.

use memchr::{memchr, memchr_iter};

use super::cut_off;
use crate::tnetstring::{MAX_LENGTH_DIGITS, RawValue, Tag};

/// Bytes that may be missing or too much within a damaged record, so that its length still tells where it ends.
const SHIFT: usize = 64 << 10;

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

/// What flows that follow each other are.
enum Row {
    /// Records of the file.
    Records {
        /// Where the first starts.
        start: usize,
    },
    /// Values within a record.
    Values {
        /// Where the last ends.
        end: usize,
    },
}

impl<'a> Resume<'a> {
    pub(super) fn new(input: &'a [u8]) -> Resume<'a> {
        Resume { input, work: input.len() }
    }

    /// The place to go on at, when the record that starts at `start` is damaged: that of a flow, or the end of the file.
    /// `None` when nothing can be found behind it; a file that is cut off within this record has nothing behind it.
    pub(super) fn behind(&mut self, start: usize) -> Option<usize> {
        let rest = self.input.get(start..)?;
        if cut_off::is_cut_off(rest) {
            return None;
        }
        let head = RawValue::head(rest);
        let body = start + head.map_or(0, |(_, head)| head);
        let walked = head.and_then(|_| self.walk_to_end(body));
        let claimed = head.and_then(|(length, _)| body.checked_add(length)?.checked_add(1));
        // By chance a wrong length may lead to the start of a later flow, so the nearer end is tried first.
        let mut ends: Vec<_> = walked.into_iter().chain(claimed).collect();
        ends.sort();
        if let Some(end) = ends.into_iter().find(|&end| self.next(end) != Next::Other) {
            return Some(end);
        }
        let near = claimed.and_then(|claimed| self.flow_near(claimed));
        self.search(body, near)
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

    /// The start of a flow that is nearest to a place.
    fn flow_near(&mut self, place: usize) -> Option<usize> {
        let window = place.saturating_sub(SHIFT)..place.saturating_add(SHIFT).min(self.input.len());
        // Looking for the ends of dicts is work too.
        self.work = self.work.saturating_sub(window.len() / LONGEST_SCALAR);
        let input = self.input;
        let ends = memchr_iter(Tag::Dict.as_byte(), input.get(window.clone())?);
        let starts = ends.map(|end| window.start + end + 1);
        let flows: Vec<_> = starts.filter(|&start| matches!(self.next(start), Next::Flow { .. })).collect();
        flows.into_iter().min_by_key(|start| start.abs_diff(place))
    }

    /// Searches for a flow from value to value.
    fn search(&mut self, mut at: usize, near: Option<usize>) -> Option<usize> {
        while self.work > 0
            && let Some(colon) = memchr(b':', self.input.get(at..)?).map(|colon| at + colon)
        {
            let digits = self.input[at..colon].iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
            let first = colon - digits.min(MAX_LENGTH_DIGITS);
            // The damage may have put digits in front of a length.
            match (first..colon).find_map(|start| self.row_of_flows(start, near)) {
                Some(Row::Records { start }) => return Some(start),
                Some(Row::Values { end }) => at = end,
                None => at = self.whole_value(first, near).unwrap_or(colon + 1),
            }
        }
        None
    }

    /// What the flow at `start`, if there is one, and those behind it are. `near` is a flow near the end of the damaged
    /// record.
    fn row_of_flows(&mut self, start: usize, near: Option<usize>) -> Option<Row> {
        let Next::Flow { mut end } = self.next(start) else { return None };
        let mut has_met_near = near == Some(start);
        let is_record = loop {
            has_met_near |= near == Some(end);
            match self.next(end) {
                Next::Flow { end: next } => end = next,
                Next::End => break true,
                Next::Other => {
                    let is_within_value = match self.value(end) {
                        Some(value) => value.tag() != Tag::Dict,
                        None => self.input.get(end).is_some_and(|&byte| Tag::from_byte(byte).is_some()),
                    };
                    break !is_within_value && (has_met_near || near.is_none_or(|near| near < end));
                }
            }
        };
        // Behind a key stands a value, as `backup` is one.
        let is_behind_key = start > 0 && matches!(self.input[start - 1], b';' | b',');
        Some(if is_record && !is_behind_key { Row::Records { start } } else { Row::Values { end } })
    }

    /// The end of the value at `start`, if it is surely one: sound in itself, as far as that can be seen, behind another
    /// value or at the start of a list or dict, and before another value or the end of a list or dict. It may not
    /// reach over the flow near the end of the damaged record.
    fn whole_value(&mut self, start: usize, near: Option<usize>) -> Option<usize> {
        let value = self.value(start)?;
        let end = start + value.encoded().len();
        let before = self.input.get(start.checked_sub(1)?)?;
        let is_between_values = (*before == b':' || Tag::from_byte(*before).is_some())
            && matches!(self.input.get(end), None | Some(b'0'..=b'9' | b']' | b'}'));
        if !is_between_values || near.is_some_and(|near| (start..end).contains(&near)) {
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
