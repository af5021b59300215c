//! What could not be carried over, counted.

use std::collections::BTreeMap;
use std::fmt;

use crate::migrate::NEWEST;

/// A reason why something of a capture is missing in the other format.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Reason {
    /// HAR is about HTTP, and the flow is of this other type.
    NotHttp(String),
    /// The flow has a version newer than the newest that is known, and was copied as it is.
    NewerVersion,
    /// JSON and CSV have no number for a time such as `nan` or `inf`. The message is there, its time is not.
    NoTime,
}

/// What could not be carried over for one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// The reason.
    pub reason: Reason,
    /// Flows or messages that it concerns.
    pub count: u64,
    /// The position of the first of them, as in `3` or `3:17`.
    pub first: String,
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Loss { reason, count, first } = self;
        let s = if *count == 1 { "" } else { "s" };
        match reason {
            Reason::NotHttp(kind) => {
                write!(
                    f,
                    "{count} {kind} flow{s} left out, the first is {first}: HAR holds HTTP and WebSocket flows only"
                )
            }
            Reason::NewerVersion => {
                write!(
                    f,
                    "{count} flow{s} copied in a version that could not be brought to {NEWEST}, the first is \
                     {first}; try a newer wsflow"
                )
            }
            Reason::NoTime => {
                write!(
                    f,
                    "the time of {count} message{s} left out, the first is {first}: it is no time that JSON or CSV can hold"
                )
            }
        }
    }
}

/// Counts by reason.
#[derive(Clone, Debug, Default)]
pub(super) struct Losses(BTreeMap<Reason, (u64, String)>);

impl Losses {
    /// One more. `position` is asked for if it is the first.
    pub(super) fn add(&mut self, reason: Reason, position: impl FnOnce() -> String) {
        self.0.entry(reason).or_insert_with(|| (0, position())).0 += 1;
    }

    /// Those that came after.
    pub(super) fn append(&mut self, later: Losses) {
        for (reason, (count, first)) in later.0 {
            self.0.entry(reason).or_insert((0, first)).0 += count;
        }
    }

    pub(super) fn into_list(self) -> Vec<Loss> {
        self.0.into_iter().map(|(reason, (count, first))| Loss { reason, count, first }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_are_counted_by_reason_and_keep_the_first() {
        let mut losses = Losses::default();
        losses.add(Reason::NoTime, || "0:1".into());
        let mut later = Losses::default();
        later.add(Reason::NoTime, || "3:1".into());
        later.add(Reason::NotHttp("udp".into()), || "4".into());
        losses.append(later);
        let said: Vec<_> = losses.into_list().iter().map(Loss::to_string).collect();
        assert_eq!(
            said,
            [
                "1 udp flow left out, the first is 4: HAR holds HTTP and WebSocket flows only",
                "the time of 2 messages left out, the first is 0:1: it is no time that JSON or CSV can hold",
            ]
        );
    }
}
