//! The copying pass over a capture: flows that are named are edited, kept or left out, in file order; what happens
//! to the others was said at the beginning.
//!
//! What stays as it is, is gathered as long as it is one stretch of the input, and written in large pieces straight
//! from it.

use std::io::{self, Write};
use std::ops::Range;

use super::FlowEdit;
use crate::Situation;
use crate::capture::{Data, Format, Reader, Record, SNIFF_LENGTH};

/// A stretch that has grown to this size is written; so large that the cost of a write (a microsecond) is nothing
/// beside it, so small that writing begins while the rest is still being looked at.
const STRETCH: usize = 1 << 20;

/// What happens to flows that nobody names, and to bytes that are no flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Others {
    /// They are copied.
    Copy,
    /// They are left out.
    LeaveOut,
}

/// What can go wrong while an edit is applied.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The capture does not have what the edit is about.
    #[error(transparent)]
    Capture(#[from] crate::Error),
    /// The output could not be written.
    #[error(transparent)]
    Write(io::Error),
    /// An edit of the same pass failed before, so the output lacks a flow or ends in the middle of one.
    #[error("an edit failed before, and what was written is not whole")]
    Broken,
}

/// Copies a capture, with edits.
///
/// ```
/// use wsflow::edit::{Change, Editor, FlowEdit, Others};
///
/// let capture = std::fs::read("fixtures/conversation.flow")?;
/// let mut out = Vec::new();
/// let mut editor = Editor::new(&capture, None, Others::Copy, &mut out)?;
/// editor.edit(0, &[Change::SetDropped(3, true)].into_iter().collect())?;
/// editor.remove(2)?;
/// let damage = editor.finish()?;
/// assert!(damage.is_none() && out.len() < capture.len());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Editor<'a, W> {
    input: &'a [u8],
    reader: Reader<'a>,
    others: Others,
    /// Where the input starts that nothing was said of yet.
    at: usize,
    /// The stretch of the input that stays as it is and has not been written yet.
    stretch: Range<usize>,
    /// Whether a flow was begun and did not come to its end.
    is_broken: bool,
    out: W,
}

impl<'a, W: Write> Editor<'a, W> {
    /// Copies `input` to `out`. Its format is found from the first bytes unless it is given; a foreign one becomes a
    /// flow file.
    ///
    /// # Errors
    /// When the format is none that can be read; when `others` are to be copied, and the input is no flow file.
    pub fn new(input: &'a [u8], format: Option<Format>, others: Others, out: W) -> Result<Editor<'a, W>, crate::Error> {
        let format = match format {
            Some(format) => format,
            None => Format::sniff(&input[..input.len().min(SNIFF_LENGTH)])?,
        };
        if others == Others::Copy && format != Format::Flow {
            return Err(crate::Error::new(Situation::NotEditable(format)));
        }
        let reader = Reader::from_slice(input, Some(format))?;
        Ok(Editor { input, reader, others, at: 0, stretch: 0..0, is_broken: false, out })
    }

    /// Applies an edit to a flow, and says whether a backup in it still holds messages.
    ///
    /// # Errors
    /// When the edit names messages that are not there, or the output fails.
    pub fn edit(&mut self, flow: u64, edit: &FlowEdit) -> Result<bool, Error> {
        let record = self.record(flow)?;
        self.write_stretch()?;
        self.is_broken = true;
        let splice = edit.splice(&record.data).map_err(|error| record.locate(error))?;
        splice.write_to(&mut self.out).map_err(|error| match error {
            Error::Capture(error) => record.locate(error).into(),
            error => error,
        })?;
        self.is_broken = false;
        Ok(splice.backup_has_messages())
    }

    /// Keeps a flow as it is.
    ///
    /// # Errors
    /// When there is no such flow, or the output fails.
    pub fn keep(&mut self, flow: u64) -> Result<(), Error> {
        let record = self.record(flow)?;
        match record.data {
            Data::Borrowed(bytes) if !record.foreign => self.keep_input(self.at - bytes.len()..self.at),
            _ => {
                self.write_stretch()?;
                self.write(&record.data)
            }
        }
    }

    /// Leaves a flow out.
    ///
    /// # Errors
    /// When there is no such flow, or the output fails.
    pub fn remove(&mut self, flow: u64) -> Result<(), Error> {
        self.record(flow).map(drop)
    }

    /// Deals with all that comes behind the last flow that was named. Gives back the fault with which the input ends,
    /// if it does: what stands there was copied with the others, or left out with them.
    ///
    /// # Errors
    /// When the output fails.
    pub fn finish(mut self) -> Result<Option<crate::Error>, Error> {
        let end = self.reader.by_ref().last().and_then(Result::err);
        if self.others == Others::Copy {
            self.keep_input(self.at..self.input.len())?;
        }
        self.write_stretch()?;
        if self.is_broken {
            return Err(Error::Broken);
        }
        self.out.flush().map_err(Error::Write)?;
        Ok(end)
    }

    /// The record of a flow. All before it are dealt with; it itself is left to the caller.
    fn record(&mut self, flow: u64) -> Result<Record<'a>, Error> {
        if self.is_broken {
            return Err(Error::Broken);
        }
        loop {
            let index = self.reader.next_index();
            let next = if index <= flow { self.reader.next() } else { None };
            match next {
                Some(Ok(record)) if index == flow => {
                    if let Data::Borrowed(bytes) = record.data {
                        let start = usize::try_from(record.offset).unwrap_or(usize::MAX).min(self.input.len());
                        if self.others == Others::Copy {
                            self.keep_input(self.at..start)?;
                        }
                        self.at = start + bytes.len();
                    }
                    return Ok(record);
                }
                // A fault counts as a flow, so that positions are the same to all readers.
                Some(Ok(_) | Err(_)) if index < flow => {}
                Some(Ok(_) | Err(_)) | None => return Err(crate::Error::new(Situation::NoFlow(flow)).into()),
            }
        }
    }

    /// Keeps a range of the input.
    fn keep_input(&mut self, range: Range<usize>) -> Result<(), Error> {
        if range.start != self.stretch.end {
            self.write_stretch()?;
            self.stretch = range;
        } else {
            self.stretch.end = range.end;
        }
        if self.stretch.len() >= STRETCH { self.write_stretch() } else { Ok(()) }
    }

    fn write_stretch(&mut self) -> Result<(), Error> {
        let stretch = std::mem::replace(&mut self.stretch, 0..0);
        self.write(&self.input[stretch])
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let written = self.out.write_all(bytes);
        self.is_broken |= written.is_err();
        written.map_err(Error::Write)
    }
}
