//! HAR: entries of HTTP and WebSocket flows, made on many cores and joined in order.

use std::io::{self, Write};
use std::ops::{ControlFlow, Range};

use super::losses::{Losses, Reason};
use super::{Told, Written, is_part, record_after};
use crate::Error;
use crate::capture::Reader;
use crate::capture::har::{self, Joiner, Times};
use crate::flow::Message;
use crate::scan::{self, Batch, Cutter, Piece, Scope};

/// How an input becomes entries.
pub(super) struct Settings {
    pub(super) threads: usize,
    /// The number of the input's first flow.
    pub(super) first: u64,
    /// Whether a terminal shows the output.
    pub(super) for_terminal: bool,
}

/// Writes the entries of an input.
pub(super) fn write(
    input: Reader<'_>,
    settings: &Settings,
    joiner: &mut Joiner,
    out: &mut (impl Write + Send),
    (written, losses): (&mut Written, &mut Losses),
    told: &mut Told<'_>,
) -> io::Result<u64> {
    let mut count = 0;
    let mut open = Open::default();
    let work = |batch: &Batch<'_>, emit: &mut dyn FnMut(Entries)| Entries::of(batch, settings, emit);
    scan::run_in_parts(Cutter::new(input, Scope::All), settings.threads, work, |entries| -> io::Result<_> {
        match entries {
            Ok(entries) => {
                count = entries.end;
                entries.faults.iter().for_each(&mut *told);
                losses.append(entries.losses);
                written.add(entries.written);
                for part in entries.parts {
                    open.write(part, &entries.bytes, joiner, out)?;
                }
            }
            Err(error) => {
                count = record_after(&error).max(count);
                told(&error);
            }
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(count)
}

/// The entries of a batch, or of a part of it.
#[derive(Default)]
struct Entries {
    /// The number of the record after the last.
    end: u64,
    bytes: Vec<u8>,
    parts: Vec<Part>,
    written: Written,
    losses: Losses,
    faults: Vec<Error>,
}

/// The entry of a flow, or a part of it, as ranges of bytes.
struct Part {
    is_first: bool,
    /// The times, if this is the beginning of an entry.
    times: Option<Times>,
    head: Range<usize>,
    /// Each begins with a comma.
    messages: Range<usize>,
    is_last: bool,
}

/// The entry whose parts are coming.
#[derive(Default)]
struct Open {
    has_entry: bool,
    is_websocket: bool,
    has_messages: bool,
}

impl Open {
    fn write(&mut self, part: Part, bytes: &[u8], joiner: &mut Joiner, out: &mut impl Write) -> io::Result<()> {
        if part.is_first {
            let is_websocket = part.times.as_ref().is_some_and(Times::are_of_websocket);
            *self = Open { has_entry: part.times.is_some(), is_websocket, has_messages: false };
        }
        if !self.has_entry {
            return Ok(());
        }
        if let Some(times) = part.times {
            out.write_all(&joiner.begin_entry(times))?;
        }
        out.write_all(&bytes[part.head])?;
        let messages = &bytes[part.messages];
        // There is no comma before the first message.
        let messages = if self.has_messages { messages } else { messages.strip_prefix(b",").unwrap_or(messages) };
        out.write_all(messages)?;
        self.has_messages |= !messages.is_empty();
        if part.is_last { out.write_all(har::end_of_entry(self.is_websocket)) } else { Ok(()) }
    }
}

impl Entries {
    /// Makes the entries of a batch, in parts.
    fn of(batch: &Batch<'_>, settings: &Settings, emit: &mut dyn FnMut(Entries)) {
        let mut entries = Entries::default();
        for piece in &batch.pieces {
            entries.end = piece.record.index + 1;
            let start = entries.bytes.len();
            let times = if piece.is_first { entries.begin(piece, settings) } else { None };
            let head = entries.bytes.len();
            let is_entry = times.is_some() || !piece.is_first;
            entries.written.flows += u64::from(times.is_some());
            let mut part = Part {
                is_first: piece.is_first,
                times,
                head: start..head,
                messages: head..head,
                is_last: piece.is_last,
            };
            if is_entry {
                for message in piece.messages() {
                    entries.message(piece, message, settings);
                    if is_part(&entries.bytes, &entries.faults) {
                        part.messages.end = entries.bytes.len();
                        let rest =
                            Part { is_first: false, times: None, head: 0..0, messages: 0..0, is_last: part.is_last };
                        part.is_last = false;
                        entries.parts.push(std::mem::replace(&mut part, rest));
                        let end = entries.end;
                        emit(std::mem::take(&mut entries));
                        entries.end = end;
                    }
                }
            }
            part.messages.end = entries.bytes.len();
            entries.parts.push(part);
        }
        emit(entries);
    }

    /// Begins the entry of a flow, if it is to have one.
    fn begin(&mut self, piece: &Piece<'_>, settings: &Settings) -> Option<Times> {
        let start = self.bytes.len();
        let entry = piece.flow().and_then(|flow| match flow.kind()? {
            "http" => har::entry(&mut self.bytes, &flow, settings.for_terminal).map(Some),
            other => {
                let position = || (settings.first + piece.record.index).to_string();
                self.losses.add(Reason::NotHttp(other.to_owned()), position);
                Ok(None)
            }
        });
        entry.unwrap_or_else(|error| {
            self.bytes.truncate(start);
            self.faults.push(piece.locate_flow(error));
            None
        })
    }

    fn message(&mut self, piece: &Piece<'_>, message: Result<Message<'_>, Error>, settings: &Settings) {
        match message {
            Ok(message) => {
                har::message(&mut self.bytes, &message, settings.for_terminal);
                self.written.messages += 1;
            }
            Err(error) => self.faults.push(piece.locate(error)),
        }
    }
}
