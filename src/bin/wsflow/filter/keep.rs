//! Which flows a capture keeps, and what of them.

use std::collections::HashSet;

use wsflow::edit::FlowEdit;

use crate::editing::{Chosen, Link};

/// What a capture keeps, beside the messages that match.
#[derive(Clone, Copy, Debug)]
pub(super) struct Keep {
    /// All messages of a connection of which one matches.
    pub(super) flows: bool,
    /// Flows that are no connections.
    pub(super) others: bool,
    /// What does not match, in the place of what does.
    pub(super) invert: bool,
}

/// What becomes of a flow.
#[derive(Debug)]
pub(super) enum Fate {
    LeftOut,
    Whole,
    /// Kept for the sake of its connection, which is another flow.
    Handshake,
    Messages(FlowEdit),
}

impl Keep {
    /// What becomes of a connection.
    pub(super) fn connection(self, flow: &mut Chosen) -> Fate {
        if self.flows {
            return whole((flow.count > 0 || flow.is_chosen_empty) != self.invert);
        }
        match flow.count {
            0 => Fate::LeftOut,
            _ => Fate::Messages(FlowEdit::keep_only(std::mem::take(&mut flow.chosen))),
        }
    }

    /// What becomes of a flow that is no connection. In formats up to 11 it may be the handshake of one, and then it is
    /// kept where the connection is: without it, nobody would know where the messages went.
    pub(super) fn other(self, flow: &Chosen, old: Option<&OldConnections>) -> Fate {
        match (flow.link, old) {
            (Some(link), Some(old)) if old.kept.contains(&link) => Fate::Handshake,
            (Some(link), Some(old)) if old.all.contains(&link) => Fate::LeftOut,
            _ => whole(self.others),
        }
    }
}

fn whole(is_kept: bool) -> Fate {
    if is_kept { Fate::Whole } else { Fate::LeftOut }
}

/// The connections of a file that are two records each, and which of them are kept. The handshake comes first, and
/// the messages that decide about it long after; so a file with such records is looked through twice.
#[derive(Debug, Default)]
pub(super) struct OldConnections {
    all: HashSet<Link>,
    kept: HashSet<Link>,
}

impl OldConnections {
    /// Takes note of a flow, if it is a connection.
    pub(super) fn add(&mut self, mut flow: Chosen, keep: Keep) {
        if let Some(link) = flow.link.filter(|_| flow.is_connection) {
            self.all.insert(link);
            if !matches!(keep.connection(&mut flow), Fate::LeftOut) {
                self.kept.insert(link);
            }
        }
    }
}
