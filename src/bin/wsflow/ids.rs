//! Ids that name nothing: which, and why. It is an error of every command that takes ids, and has one wording.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::RangeInclusive;

use wsflow::capture::Reader;
use wsflow::scan::{Cutter, Id, Piece, Scope, Selection};

use crate::report::shell_word;

/// An id that names no message, and why.
pub(crate) struct Missing {
    id: Id,
    why: Why,
    /// The others that name nothing.
    others: Vec<Id>,
    /// The file that was searched, if it was one.
    file: Option<String>,
}

enum Why {
    NoFlow,
    NotWebSocket,
    /// The connection has this many messages.
    NoMessage(u64),
}

/// Other ids that are told one by one.
const TOLD: usize = 10;

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Missing { id, why, others, file } = self;
        let flow = id.flow;
        if let Some(file) = file {
            write!(f, "{file}: ")?;
        }
        match why {
            Why::NoFlow => write!(f, "there is no flow {flow}")?,
            Why::NotWebSocket => write!(f, "flow {flow} is no WebSocket connection")?,
            Why::NoMessage(0) => write!(f, "flow {flow} has no messages")?,
            Why::NoMessage(count) => write!(f, "the last message of flow {flow} is {flow}:{}", count - 1)?,
        }
        if id.messages.is_some() {
            write!(f, ", so there is no {id}")?;
        }
        for (number, other) in others.iter().take(TOLD).enumerate() {
            write!(f, "{}{other}", if number == 0 { "; nor is there " } else { ", " })?;
        }
        if others.len() > TOLD {
            f.write_str(", …")?;
        }
        let file = file.as_deref().map_or("FILE".to_owned(), shell_word);
        write!(f, "; to see what is there: wsflow flows --all {file}")
    }
}

/// What is there of the flows that ids are about: whether each is a connection, and how many messages it has.
#[derive(Default)]
pub(crate) struct Seen(BTreeMap<u64, (bool, u64)>);

impl Seen {
    /// What is there in a capture. What of it is broken is passed over: who reads on will say so.
    pub(crate) fn in_capture(input: Reader<'_>, ids: &Selection) -> Seen {
        let mut seen = Seen::default();
        for batch in Cutter::new(input, Scope::All).select(Some(ids.clone())) {
            batch.iter().flat_map(|batch| &batch.pieces).for_each(|piece| seen.see(piece, ids));
        }
        seen
    }

    /// Takes in a piece, if the ids are about its flow.
    pub(crate) fn see(&mut self, piece: &Piece<'_>, ids: &Selection) {
        if !ids.contains_flow(piece.record.index) {
            return;
        }
        let (is_connection, messages) = self.0.entry(piece.record.index).or_default();
        *is_connection |= piece.is_connection();
        *messages += piece.messages().count() as u64;
    }

    /// Takes in what was seen in a later part of the same file.
    pub(crate) fn append(&mut self, later: Seen) {
        for (flow, (is_connection, messages)) in later.0 {
            let entry = self.0.entry(flow).or_default();
            *entry = (entry.0 | is_connection, entry.1 + messages);
        }
    }

    /// Takes in what was seen in another file: an id may name something in any of them.
    pub(crate) fn or(&mut self, other: Seen) {
        for (flow, (is_connection, messages)) in other.0 {
            let entry = self.0.entry(flow).or_default();
            *entry = (entry.0 | is_connection, entry.1.max(messages));
        }
    }

    /// The ids that name no message, and no connection that has none; and in `scope` all, also no other flow. The name
    /// is that of the file, if it was one.
    pub(crate) fn missing(&self, ids: &Selection, scope: Scope, file: Option<&str>) -> Option<Missing> {
        let mut missing = ids.ids().iter().filter_map(|id| Some((id, self.why(id, scope)?)));
        let (id, why) = missing.next()?;
        let others = missing.map(|(id, _)| id.clone()).collect();
        Some(Missing { id: id.clone(), why, others, file: file.map(str::to_owned) })
    }

    fn why(&self, id: &Id, scope: Scope) -> Option<Why> {
        match (self.0.get(&id.flow), id.messages.as_ref().map(RangeInclusive::start)) {
            (None, _) => Some(Why::NoFlow),
            (Some(_), None) if scope == Scope::All => None,
            (Some((false, _)), _) => Some(Why::NotWebSocket),
            (Some((true, count)), Some(first)) if first >= count => Some(Why::NoMessage(*count)),
            (Some(_), _) => None,
        }
    }
}
