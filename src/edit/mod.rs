//! Edits: changes of flows as values, and the one copying pass that applies them.
//!
//! An edit names messages of a flow by position and says what to do with them. Applied to a record it is a splice:
//! the changed values are written anew, and so are the lengths of what stands around them; every other byte is
//! copied from the record. Nothing is decoded and encoded again, so order, unknown keys, the format version and
//! whatever else nobody named stay as they are.
//!
//! ```text
//! flow  LENGTH:{ …  websocket  LENGTH:{ …  messages  LENGTH:[ message message message ]  … }  … }
//!       ^^^^^^                 ^^^^^^                ^^^^^^           ^^^^^^^  the message that is named
//!       lengths around it; all else is copied
//! ```
//!
//! Messages stand in `websocket.messages` of a flow, or, in formats up to 11, in `messages` of a record of the type
//! `websocket`. An edit is about the messages of the flow, never about those of its `backup`, the earlier state of
//! the flow that mitmproxy keeps to revert to. Who removes messages can ask
//! [whether a backup still holds some](Splice::backup_has_messages).
//!
//! # Memory
//! The total length of the changed messages stands in front of them, so a flow is walked twice: once to add up
//! lengths, once to write. Both walks end behind the last message that is named. What is kept in between is the
//! edit itself, one bit for each message at most ([`Positions`]), and no message.
//!
//! ```
//! use wsflow::edit::{Change, FlowEdit};
//!
//! // Twice the message "hi" of the client.
//! let record = b"113:4:type;4:http;9:websocket;83:8:messages;\
//!     68:30:1:1#4:true!2:hi,3:0.5^5:false!]30:1:1#4:true!2:hi,3:0.5^5:false!]]}}";
//! let edit: FlowEdit = [Change::Remove(0), Change::SetDropped(1, true)].into_iter().collect();
//! assert_eq!(
//!     edit.splice(record)?.to_vec()?,
//!     b"78:4:type;4:http;9:websocket;48:8:messages;33:29:1:1#4:true!2:hi,3:0.5^4:true!]]}}"
//! );
//! # Ok::<(), wsflow::Error>(())
//! ```

mod actions;
mod copy;
mod message;
mod positions;
mod splice;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use copy::{Editor, Error, Others};
pub use positions::Positions;
pub use splice::Splice;

/// One change: what to do with the message at a position of its connection. Positions are those before the edit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Set or clear the mark that the message was not forwarded, as `WebSocketMessage.drop()` sets it.
    SetDropped(u64, bool),
    /// Replace the content.
    SetContent(u64, Vec<u8>),
    /// Take the message out.
    Remove(u64),
}

/// The changes of one flow, sorted and in little room.
///
/// They apply at once, so their order matters only where two are about the same value: then the later one counts.
/// A message that is taken out is out, whatever else is said of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FlowEdit {
    /// When given, all messages but these are taken out.
    kept: Option<Positions>,
    removed: Positions,
    dropped: Positions,
    undropped: Positions,
    contents: BTreeMap<u64, Vec<u8>>,
}

impl FlowEdit {
    /// Adds a change.
    pub fn push(&mut self, change: Change) {
        match change {
            Change::SetDropped(message, true) => {
                self.dropped.insert(message);
                self.undropped.remove(message);
            }
            Change::SetDropped(message, false) => {
                self.undropped.insert(message);
                self.dropped.remove(message);
            }
            Change::SetContent(message, content) => drop(self.contents.insert(message, content)),
            Change::Remove(message) => self.removed.insert(message),
        }
    }

    /// Sets or clears the mark of these messages, and nothing else.
    pub fn set_dropped(messages: Positions, dropped: bool) -> FlowEdit {
        match dropped {
            true => FlowEdit { dropped: messages, ..FlowEdit::default() },
            false => FlowEdit { undropped: messages, ..FlowEdit::default() },
        }
    }

    /// Takes these messages out, and nothing else.
    pub fn remove(messages: Positions) -> FlowEdit {
        FlowEdit { removed: messages, ..FlowEdit::default() }
    }

    /// Takes all messages out but these. What stands in the list behind a message that has no end is taken out too.
    pub fn keep_only(messages: Positions) -> FlowEdit {
        FlowEdit { kept: Some(messages), ..FlowEdit::default() }
    }

    /// Whether nothing is to be changed.
    pub fn is_empty(&self) -> bool {
        self.kept.is_none() && self.last().is_none()
    }

    /// The last message that is named by a change of it.
    fn last(&self) -> Option<u64> {
        let content = self.contents.last_key_value().map(|(&message, _)| message);
        [self.removed.last(), self.dropped.last(), self.undropped.last(), content].into_iter().flatten().max()
    }
}

impl Extend<Change> for FlowEdit {
    fn extend<I: IntoIterator<Item = Change>>(&mut self, changes: I) {
        changes.into_iter().for_each(|change| self.push(change));
    }
}

impl FromIterator<Change> for FlowEdit {
    fn from_iter<I: IntoIterator<Item = Change>>(changes: I) -> FlowEdit {
        let mut edit = FlowEdit::default();
        edit.extend(changes);
        edit
    }
}
