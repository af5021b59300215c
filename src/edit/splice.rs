//! The splice: a record and its edit, written in one pass.
//!
//! One walk over the list of messages does both passes, so they cannot disagree: it hands pieces of the new list to
//! a function, which adds up their lengths the first time and writes them the second.

use std::io::Write;

use super::actions::{Action, Actions};
use super::message::Message;
use super::{Error, FlowEdit};
use crate::Situation;
use crate::tnetstring::{Head, RawValue, Tag};

/// A record with an edit, its lengths known, ready to be written.
#[derive(Clone, Debug)]
pub struct Splice<'a> {
    record: &'a [u8],
    edit: &'a FlowEdit,
    /// The values around the messages, from the flow down to their list. Empty when nothing is to be changed.
    around: Vec<Around<'a>>,
    length: usize,
    backup: Option<RawValue<'a>>,
}

/// A value that stands around the messages, and its length after the edit.
#[derive(Clone, Copy, Debug)]
struct Around<'a> {
    value: RawValue<'a>,
    length: usize,
}

impl FlowEdit {
    /// Plans the edit of a record: finds what changes, and adds up the new lengths.
    ///
    /// # Errors
    /// When the record is broken on the way to the messages that are named, or there are none of that number; when
    /// content that stands as a string, as formats up to 10 have it, is to become bytes that are not UTF-8.
    pub fn splice<'a>(&'a self, record: &'a [u8]) -> Result<Splice<'a>, crate::Error> {
        let mut splice = Splice { record, edit: self, around: Vec::new(), length: record.len(), backup: None };
        if self.is_empty() {
            return Ok(splice);
        }
        let place = splice.find()?;
        let mut length = 0;
        splice
            .walk(&mut |piece| {
                length += piece.len();
                Ok(())
            })
            .map_err(|error| match error {
                Error::Capture(error) => within(place, error),
                // Nothing was written.
                Error::Write(error) => error.into(),
                Error::Broken => crate::Error::new(Situation::Changed),
            })?;
        splice.add_up(length);
        Ok(splice)
    }
}

impl<'a> Splice<'a> {
    /// Finds the way from the flow to the list of its messages, and says in what of the flow the list stands.
    fn find(&mut self) -> Result<Option<&'static str>, crate::Error> {
        let flow = RawValue::from_slice(self.record)?;
        let (mut websocket, mut messages, mut kind) = (None, None, None);
        for entry in flow.entries()? {
            let (key, value) = entry?;
            // The last of equal keys counts, as in Python and for the reader.
            match key {
                b"websocket" => websocket = Some(value),
                b"messages" => messages = Some(value),
                b"type" => kind = Some(value.body()),
                b"backup" => self.backup = Some(value),
                _ => {}
            }
        }
        let mut around = vec![flow];
        let place = if let Some(websocket) = websocket.filter(|value| !value.is_null()) {
            messages = None;
            for entry in websocket.entries().map_err(|error| crate::Error::from(error).within("websocket"))? {
                let (key, value) = entry.map_err(|error| crate::Error::from(error).within("websocket"))?;
                if key == b"messages" {
                    messages = Some(value);
                }
            }
            around.push(websocket);
            Some("websocket")
        } else if kind == Some(b"websocket") {
            None
        } else {
            return Err(crate::Error::new(Situation::NoConnection));
        };
        let located = |error: crate::Error| within(place, error.within("messages"));
        let list = messages.ok_or_else(|| located(crate::Error::new(Situation::MissingKey)))?;
        list.items().map_err(|error| located(error.into()))?;
        around.push(list);
        self.around = around.into_iter().map(|value| Around { value, length: value.body().len() }).collect();
        Ok(place)
    }

    /// Sets the lengths, given what the list's body and all that follows it takes.
    fn add_up(&mut self, length: usize) {
        let Some(list) = self.around.last() else { return };
        let behind = self.record.len() - list.value.body_offset() - list.value.body().len();
        let mut length = length - behind;
        let mut inner: Option<(usize, usize)> = None;
        for around in self.around.iter_mut().rev() {
            if let Some((before, after)) = inner {
                length = around.value.body().len() - before + after;
            }
            around.length = length;
            inner = Some((around.value.encoded().len(), around.head().as_bytes().len() + length + 1));
        }
        self.length = inner.map_or(self.length, |(_, after)| after);
    }

    /// How many bytes the record has after the edit.
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether nothing is left; a record never is.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Whether the flow's backup, which an edit leaves as it is, holds messages too.
    pub fn backup_has_messages(&self) -> bool {
        let messages = |state: RawValue<'_>| {
            let list = state.get("messages").ok()??;
            (list.tag() == Tag::List && !list.body().is_empty()).then_some(())
        };
        self.backup.is_some_and(|backup| {
            let websocket = backup.get("websocket").ok().flatten();
            websocket.and_then(messages).or_else(|| messages(backup)).is_some()
        })
    }

    /// Writes the record as it is after the edit. Long stretches that stay as they are go to `out` in one piece.
    ///
    /// # Errors
    /// When `out` fails; when the bytes of the record are not those any more that were planned with, as in a mapped
    /// file that another program writes to.
    pub fn write_to(&self, out: &mut impl Write) -> Result<(), Error> {
        let mut written = 0;
        let mut write = |piece: &[u8]| {
            written += piece.len();
            out.write_all(piece).map_err(Error::Write)
        };
        let mut at = 0;
        for around in &self.around {
            write(&self.record[at..around.value.offset()])?;
            write(around.head().as_bytes())?;
            at = around.value.body_offset();
        }
        self.walk(&mut write)?;
        if written == self.length { Ok(()) } else { Err(crate::Error::new(Situation::Changed).into()) }
    }

    /// The record as it is after the edit.
    ///
    /// # Errors
    /// When the record is not what it was when the edit was planned, as a file in a map may be that is written to.
    ///
    /// ```
    /// use wsflow::edit::FlowEdit;
    ///
    /// let edit = FlowEdit::default();
    /// assert_eq!(edit.splice(b"8:1:a;1:b;}")?.to_vec()?, b"8:1:a;1:b;}");
    /// # Ok::<(), wsflow::Error>(())
    /// ```
    pub fn to_vec(&self) -> Result<Vec<u8>, crate::Error> {
        let mut out = Vec::with_capacity(self.length);
        match self.write_to(&mut out) {
            Ok(()) => Ok(out),
            Err(Error::Capture(error)) => Err(error),
            Err(Error::Write(error)) => Err(error.into()),
            Err(Error::Broken) => Err(crate::Error::new(Situation::Changed)),
        }
    }

    /// Hands out the new body of the list and all that follows it in the record, piece by piece.
    fn walk(&self, emit: &mut impl FnMut(&[u8]) -> Result<(), Error>) -> Result<(), Error> {
        let Some(list) = self.around.last().map(|around| around.value) else { return emit(self.record) };
        let mut items = list.items().map_err(crate::Error::from)?;
        let mut actions = Actions::new(self.edit);
        // What stands before this is out, or taken out.
        let mut done = list.body_offset();
        for index in 0.. {
            if actions.are_over(index) {
                break;
            }
            let start = items.offset();
            match items.next() {
                Some(Ok(item)) => match actions.of(index) {
                    Action::Keep => {}
                    Action::Remove => {
                        emit(&self.record[done..start])?;
                        done = items.offset();
                    }
                    Action::Change { dropped, content } => {
                        let message = Message::new(item, dropped, content).map_err(|error| place(error, index))?;
                        if message.is_changed() {
                            emit(&self.record[done..start])?;
                            message.emit(emit)?;
                            done = items.offset();
                        }
                    }
                },
                None if actions.are_named_over(index) => break,
                None => return Err(place(crate::Error::new(Situation::NoMessage), actions.last_named()).into()),
                Some(Err(_)) if actions.are_named_over(index) => {
                    emit(&self.record[done..start])?;
                    done = list.body_offset() + list.body().len();
                    break;
                }
                Some(Err(error)) => return Err(place(error.into(), index).into()),
            }
        }
        emit(&self.record[done..])
    }
}

#[cold]
fn place(error: crate::Error, index: u64) -> crate::Error {
    error.within(format_args!("messages[{index}]"))
}

fn within(outer: Option<&str>, error: crate::Error) -> crate::Error {
    match outer {
        Some(outer) => error.within(outer),
        None => error,
    }
}

impl<'a> Around<'a> {
    fn head(&self) -> NewHead<'a> {
        NewHead::new(self.value, self.length)
    }
}

/// The length in front of a value after the edit. Where it is the same as before, so is its spelling.
pub(super) enum NewHead<'a> {
    Same(&'a [u8]),
    Other(Head),
}

impl<'a> NewHead<'a> {
    /// The head of a value whose body will have this length.
    pub(super) fn new(value: RawValue<'a>, length: usize) -> NewHead<'a> {
        if length == value.body().len() {
            NewHead::Same(&value.encoded()[..value.body_offset() - value.offset()])
        } else {
            NewHead::Other(Head::new(length))
        }
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        match self {
            NewHead::Same(head) => head,
            NewHead::Other(head) => head.as_bytes(),
        }
    }
}
