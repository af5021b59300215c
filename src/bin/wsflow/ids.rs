//! Ids that name nothing: which, and why.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::RangeInclusive;

use wsflow::capture::Reader;
use wsflow::scan::{Cutter, Id, Scope, Selection};

/// An id that names no message, and why.
pub(crate) struct Missing {
    id: Id,
    why: Why,
}

enum Why {
    NoFlow,
    NotWebSocket,
    /// The connection has this many messages.
    NoMessage(u64),
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Missing { id, why } = self;
        match why {
            Why::NoFlow => write!(f, "there is no flow {}, and so no {id}", id.flow),
            Why::NotWebSocket => write!(f, "flow {} is no WebSocket connection, so there is no {id}", id.flow),
            Why::NoMessage(0) => write!(f, "flow {} has no messages, so there is no {id}", id.flow),
            Why::NoMessage(count) => {
                write!(f, "the last message of flow {} is {}:{}, so there is no {id}", id.flow, id.flow, count - 1)
            }
        }
    }
}

/// The first of the ids that names nothing. What of the input is broken is passed over: who changes it will say so.
pub(crate) fn missing(input: Reader<'_>, ids: &Selection) -> Option<Missing> {
    // Whether a flow is a connection, and how many messages it has.
    let mut flows: BTreeMap<u64, (bool, u64)> = BTreeMap::new();
    for batch in Cutter::new(input, Scope::All).select(Some(ids.clone())) {
        for piece in batch.iter().flat_map(|batch| &batch.pieces) {
            let flow = flows.entry(piece.record.index).or_default();
            flow.0 |= !piece.is_empty() || piece.flow().is_ok_and(|flow| flow.websocket().ok().flatten().is_some());
            flow.1 += piece.messages().count() as u64;
        }
    }
    ids.ids().iter().find_map(|id| {
        let first = id.messages.as_ref().map(RangeInclusive::start);
        let why = match flows.get(&id.flow) {
            None => Why::NoFlow,
            Some((false, _)) => Why::NotWebSocket,
            Some((true, count)) if first.is_some_and(|first| first >= count) => Why::NoMessage(*count),
            Some(_) => return None,
        };
        Some(Missing { id: id.clone(), why })
    })
}

/// Ids of which no message has come yet.
pub(crate) struct Awaited<'s>(Vec<&'s Id>);

impl<'s> Awaited<'s> {
    /// All of them.
    pub(crate) fn new(ids: &'s Selection) -> Awaited<'s> {
        Awaited(ids.ids().iter().collect())
    }

    /// Messages came.
    pub(crate) fn see(&mut self, runs: &Runs) {
        self.0.retain(|id| !runs.0.iter().any(|(flow, messages)| id.flow == *flow && overlap(id, messages)));
    }

    /// Those that named nothing.
    pub(crate) fn left(&self) -> Option<String> {
        let names: Vec<_> = self.0.iter().take(TOLD).map(|id| id.to_string()).collect();
        let more = if self.0.len() > TOLD { ", …" } else { "" };
        (!names.is_empty()).then(|| names.join(", ") + more)
    }
}

/// Ids that are told one by one.
const TOLD: usize = 10;

fn overlap(id: &Id, messages: &RangeInclusive<u64>) -> bool {
    id.messages.as_ref().is_none_or(|wanted| wanted.start() <= messages.end() && messages.start() <= wanted.end())
}

/// Messages that came, in runs.
#[derive(Default)]
pub(crate) struct Runs(Vec<(u64, RangeInclusive<u64>)>);

impl Runs {
    /// A connection came that has no messages; the id of a message does not name it.
    pub(crate) fn push_empty(&mut self, flow: u64) {
        self.0.push((flow, RangeInclusive::new(1, 0)));
    }

    /// One more.
    pub(crate) fn push(&mut self, flow: u64, message: u64) {
        match self.0.last_mut() {
            Some((last, run)) if *last == flow && run.end() + 1 == message => *run = *run.start()..=message,
            _ => self.0.push((flow, message..=message)),
        }
    }
}
