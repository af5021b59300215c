//! Which messages a command is about.

use wsflow::filter::Filter;
use wsflow::flow::{Flow, Message};
use wsflow::scan::{Piece, Selection};

use crate::report::Faults;

/// Which messages a command is about: all, unless something is said here.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Choice<'c> {
    /// Only those at these positions.
    pub(crate) ids: Option<&'c Selection>,
    /// Only those that match.
    pub(crate) filter: Option<&'c Filter>,
    /// All others, in the place of those.
    pub(crate) invert: bool,
}

impl Choice<'_> {
    /// What a cutter may look for: the flows of which something can be chosen.
    pub(crate) fn selection(self) -> Option<Selection> {
        if self.invert { None } else { self.ids.cloned() }
    }

    /// Whether nothing is left out.
    pub(crate) fn is_everything(self) -> bool {
        self.ids.is_none() && self.filter.is_none() && !self.invert
    }

    /// Calls `take` for each chosen message of a piece, and says how many messages it walked. A flow that is broken has
    /// no message that matches a filter, and none that does not.
    pub(crate) fn each<'p>(self, piece: &'p Piece<'_>, faults: &mut Faults, mut take: impl FnMut(Message<'p>)) -> u64 {
        let index = piece.record.index;
        let filter = match self.filter.map(|filter| piece.flow().map(|flow| filter.for_flow(&flow, index))) {
            Some(Ok(filter)) if !filter.may_match() && !self.invert => return 0,
            Some(Err(_)) => return 0,
            Some(Ok(filter)) => Some(filter),
            None => None,
        };
        let is_id = |message: &Message<'_>| self.ids.is_none_or(|ids| ids.contains(index, message.index));
        // What a filter cannot say of a message makes it neither one that matches nor one of the others.
        let is_chosen = |message: &Message<'_>| match (&filter, self.invert) {
            (None, invert) => is_id(message) != invert,
            (Some(filter), false) => is_id(message) && filter.matches(message),
            (Some(filter), true) => !is_id(message) || filter.excludes(message),
        };
        let mut walked = 0;
        piece.messages().for_each(|message| {
            walked += 1;
            match message {
                Ok(message) if is_chosen(&message) => take(message),
                Ok(_) => {}
                Err(error) => faults.push(piece.locate(error)),
            }
        });
        walked
    }

    /// As [`each`](Self::each), for one who does not have to know of the other messages: what cannot match is not asked.
    pub(crate) fn pick<'p>(self, piece: &'p Piece<'_>, faults: &mut Faults, mut take: impl FnMut(Message<'p>)) {
        let Some(filter) = self.filter.filter(|_| !self.invert) else {
            self.each(piece, faults, take);
            return;
        };
        let index = piece.record.index;
        // A flow that is broken has no message that matches a filter.
        let Ok(filter) = piece.flow().map(|flow| filter.for_flow(&flow, index)) else { return };
        if !filter.may_match() {
            return;
        }
        for message in filter.select(piece.messages()) {
            match message {
                Ok(message) if self.ids.is_none_or(|ids| ids.contains(index, message.index)) => take(message),
                Ok(_) => {}
                Err(error) => faults.push(piece.locate(error)),
            }
        }
    }

    /// How many messages of a piece are chosen.
    pub(crate) fn count(self, piece: &Piece<'_>, faults: &mut Faults) -> u64 {
        if let Choice { ids: None, filter: None, invert: false } = self {
            return piece.messages().count_sound(|error| faults.push(piece.locate(error)));
        }
        let mut count = 0;
        self.pick(piece, faults, |_| count += 1);
        count
    }

    /// Whether a flow as a whole is chosen, asked of one that has no messages.
    pub(crate) fn has_flow(self, flow: &Flow<'_>, index: u64) -> bool {
        let is_id = self.ids.is_none_or(|ids| ids.contains_flow(index));
        match (self.filter, self.invert) {
            (None, invert) => is_id != invert,
            (Some(filter), false) => is_id && filter.matches_flow(flow, index),
            (Some(filter), true) => !is_id || filter.excludes_flow(flow, index),
        }
    }
}
