//! Positions of flows and messages, as a person writes them.
//!
//! ```text
//! selection = id , { "," , id }
//! id        = FLOW                    a connection
//!           | FLOW ":" MESSAGE        a message
//!           | FLOW ":" FIRST "-" LAST messages, both ends in
//! ```

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

/// Chosen flows and messages.
///
/// ```
/// let selection: wsflow::scan::Selection = "3:17,5:0-9,7".parse()?;
/// assert!(selection.contains(5, 9));
/// assert!(!selection.contains(5, 10));
/// assert!(selection.contains(7, 123));
/// # Ok::<(), wsflow::scan::InvalidId>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    ids: Vec<Id>,
    /// The same as runs of messages, in order and apart from each other: whether a message is chosen is asked for each
    /// message, however many ids there are.
    runs: Vec<(u64, RangeInclusive<u64>)>,
}

/// A connection, or some of its messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Id {
    /// The position of the flow in its file, counted from 0.
    pub flow: u64,
    /// The positions of messages in the flow, counted from 0; `None` is the whole connection.
    pub messages: Option<RangeInclusive<u64>>,
}

/// Text that is no id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected FLOW, FLOW:MESSAGE or FLOW:FIRST-LAST (as in 3, 3:17, 3:10-20)")]
pub struct InvalidId;

impl Selection {
    /// These ids.
    pub fn new(ids: Vec<Id>) -> Selection {
        let all = |id: &Id| (id.flow, id.messages.clone().unwrap_or(0..=u64::MAX));
        let mut sorted: Vec<_> = ids.iter().map(all).collect();
        sorted.sort_by_key(|(flow, messages)| (*flow, *messages.start()));
        let mut runs: Vec<(u64, RangeInclusive<u64>)> = Vec::new();
        for (flow, messages) in sorted {
            match runs.last_mut() {
                Some((last, before)) if *last == flow && messages.start() <= before.end() => {
                    *before = *before.start()..=*before.end().max(messages.end());
                }
                _ => runs.push((flow, messages)),
            }
        }
        Selection { ids, runs }
    }

    /// The ids, as they were given.
    pub fn ids(&self) -> &[Id] {
        &self.ids
    }

    /// Whether the flow, or a message of it, was chosen.
    pub fn contains_flow(&self, flow: u64) -> bool {
        self.runs.binary_search_by_key(&flow, |(flow, _)| *flow).is_ok()
    }

    /// Whether the message was chosen, itself or with its flow.
    pub fn contains(&self, flow: u64, message: u64) -> bool {
        let after = self.runs.partition_point(|(of, messages)| (*of, *messages.start()) <= (flow, message));
        let candidate = after.checked_sub(1).and_then(|at| self.runs.get(at));
        candidate.is_some_and(|(of, messages)| *of == flow && messages.contains(&message))
    }

    /// The last flow of which something was chosen.
    pub fn last_flow(&self) -> Option<u64> {
        self.runs.last().map(|(flow, _)| *flow)
    }
}

impl FromStr for Selection {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Selection, InvalidId> {
        text.split(',').map(|id| id.trim().parse()).collect::<Result<_, _>>().map(Selection::new)
    }
}

impl FromStr for Id {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Id, InvalidId> {
        let number = |digits: &str| match digits.bytes().all(|byte| byte.is_ascii_digit()) {
            true => digits.parse().map_err(|_| InvalidId),
            false => Err(InvalidId),
        };
        let Some((flow, messages)) = text.split_once(':') else {
            return Ok(Id { flow: number(text)?, messages: None });
        };
        let (first, last) = messages.split_once('-').unwrap_or((messages, messages));
        let (first, last) = (number(first)?, number(last)?);
        if first > last {
            return Err(InvalidId);
        }
        Ok(Id { flow: number(flow)?, messages: Some(first..=last) })
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.messages {
            None => write!(f, "{}", self.flow),
            Some(messages) if messages.start() == messages.end() => write!(f, "{}:{}", self.flow, messages.start()),
            Some(messages) => write!(f, "{}:{}-{}", self.flow, messages.start(), messages.end()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_say_the_same_as_the_ids() {
        for text in ["3", "3:17", "1:0-2,1:2-4,1:9,0:5", "2:5-9,2:0-20,2:7,4", "0:1-3,0,1:1", "5:4-6,5:1-2,5:0"] {
            let selection: Selection = text.parse().unwrap();
            for flow in 0..7 {
                assert_eq!(selection.contains_flow(flow), selection.ids().iter().any(|id| id.flow == flow));
                for message in 0..25 {
                    let named = |id: &Id| {
                        id.flow == flow && id.messages.as_ref().is_none_or(|messages| messages.contains(&message))
                    };
                    assert_eq!(selection.contains(flow, message), selection.ids().iter().any(named), "{text}");
                }
            }
            assert_eq!(selection.last_flow(), selection.ids().iter().map(|id| id.flow).max());
        }
    }

    #[test]
    fn ids_are_read_and_written() {
        for text in ["0", "3", "3:17", "3:10-20"] {
            assert_eq!(text.parse::<Id>().unwrap().to_string(), text);
        }
        for text in ["", ":", "3:", ":3", "3:20-10", "-1", "3:1-", "x", "3:+1", "3: 1", "99999999999999999999"] {
            assert!(text.parse::<Id>().is_err(), "{text}");
        }
    }
}
