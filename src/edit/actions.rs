//! What an edit says of each message, asked in their order.

use std::collections::btree_map;
use std::iter::Peekable;

use super::FlowEdit;
use super::positions::Cursor;

/// What becomes of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action<'e> {
    /// It stays as it is.
    Keep,
    /// It is taken out.
    Remove,
    /// It stays, with this mark and this content where they are given.
    Change { dropped: Option<bool>, content: Option<&'e [u8]> },
}

/// The actions of an edit, message by message.
pub(super) struct Actions<'e> {
    /// The last message that is named by a change of its own.
    last: Option<u64>,
    kept: Option<Cursor<'e>>,
    removed: Cursor<'e>,
    dropped: Cursor<'e>,
    undropped: Cursor<'e>,
    contents: Peekable<btree_map::Iter<'e, u64, Vec<u8>>>,
}

impl<'e> Actions<'e> {
    pub(super) fn new(edit: &'e FlowEdit) -> Actions<'e> {
        Actions {
            last: edit.last(),
            kept: edit.kept.as_ref().map(|kept| kept.cursor()),
            removed: edit.removed.cursor(),
            dropped: edit.dropped.cursor(),
            undropped: edit.undropped.cursor(),
            contents: edit.contents.iter().peekable(),
        }
    }

    /// The last message that is named by a change of its own.
    pub(super) fn last_named(&self) -> u64 {
        self.last.unwrap_or(0)
    }

    /// Whether no message from this one on is named by a change of its own.
    pub(super) fn are_named_over(&self, message: u64) -> bool {
        self.last.is_none_or(|last| message > last)
    }

    /// Whether all messages from this one on stay as they are.
    pub(super) fn are_over(&self, message: u64) -> bool {
        self.kept.is_none() && self.are_named_over(message)
    }

    /// What becomes of a message. It has to be asked of all of them, in order.
    pub(super) fn of(&mut self, message: u64) -> Action<'e> {
        let content = self.contents.next_if(|(at, _)| **at == message).map(|(_, content)| content.as_slice());
        let is_left_out = self.kept.as_mut().is_some_and(|kept| !kept.contains(message));
        if is_left_out || self.removed.contains(message) {
            return Action::Remove;
        }
        let dropped = match (self.dropped.contains(message), self.undropped.contains(message)) {
            (true, _) => Some(true),
            (false, true) => Some(false),
            (false, false) => None,
        };
        match (dropped, content) {
            (None, None) => Action::Keep,
            _ => Action::Change { dropped, content },
        }
    }
}
