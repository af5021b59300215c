//! HAR: entries of HTTP and WebSocket flows, made on many cores and joined in order.

use std::io::{self, Write};
use std::ops::{ControlFlow, Range};

use super::losses::{Losses, Reason};
use super::{LARGEST_PART, Told, Written, is_part, record_after};
use crate::Error;
use crate::capture::Reader;
use crate::capture::har::{self, Joiner, Room, Times};
use crate::flow::{Flow, Message};
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

impl Part {
    /// One in the middle of an entry, whose messages begin at this place.
    fn within(place: usize) -> Part {
        Part { is_first: false, times: None, head: place..place, messages: place..place, is_last: false }
    }
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
            let (mut part, is_entry) = match piece.is_first {
                true => entries.begin(piece, settings, emit),
                false => (Part::within(entries.bytes.len()), true),
            };
            if is_entry {
                for message in piece.messages() {
                    entries.message(piece, message, settings);
                    if is_part(&entries.bytes, &entries.faults) {
                        entries.hand_out(std::mem::replace(&mut part, Part::within(0)), emit);
                    }
                }
            }
            part.messages.end = entries.bytes.len();
            part.is_last = piece.is_last;
            entries.parts.push(part);
            if is_part(&entries.bytes, &entries.faults) {
                entries.hand_out_all(emit);
            }
        }
        emit(entries);
    }

    /// Puts out what there is, with a part that is not complete.
    fn hand_out(&mut self, mut part: Part, emit: &mut dyn FnMut(Entries)) {
        part.messages.end = self.bytes.len();
        self.parts.push(part);
        self.hand_out_all(emit);
    }

    fn hand_out_all(&mut self, emit: &mut dyn FnMut(Entries)) {
        let rest = Entries { end: self.end, ..Entries::default() };
        emit(std::mem::replace(self, rest));
    }

    /// Begins the entry of a flow; and whether it is to have one.
    fn begin(&mut self, piece: &Piece<'_>, settings: &Settings, emit: &mut dyn FnMut(Entries)) -> (Part, bool) {
        let start = self.bytes.len();
        let none = Part { is_first: true, ..Part::within(start) };
        let begun = piece.flow().and_then(|flow| match flow.kind()? {
            "http" => self.begin_http(&flow, settings, emit).map(Some),
            other => {
                let position = || (settings.first + piece.record.index).to_string();
                self.losses.add(Reason::NotHttp(other.to_owned()), position);
                Ok(None)
            }
        });
        match begun {
            Ok(Some(part)) => {
                self.written.flows += 1;
                (part, true)
            }
            Ok(None) => (none, false),
            Err(error) => {
                self.bytes.truncate(start);
                self.faults.push(piece.locate_flow(error));
                (none, false)
            }
        }
    }

    fn begin_http(
        &mut self,
        flow: &Flow<'_>,
        settings: &Settings,
        emit: &mut dyn FnMut(Entries),
    ) -> Result<Part, Error> {
        let start = self.bytes.len();
        let times = har::times(flow)?;
        let has_room = |bytes: &mut Vec<u8>| bytes.len() - start < LARGEST_PART;
        if har::entry(&mut self.bytes, flow, settings.for_terminal, &Room::little(), &mut { has_room })? {
            let head = start..self.bytes.len();
            return Ok(Part { is_first: true, times: Some(times), head, ..Part::within(self.bytes.len()) });
        }
        // When all that was made before is put out it is this thread's turn, so that there is one such entry at a time.
        self.bytes.truncate(start);
        self.hand_out(Part { is_first: true, times: Some(times), ..Part::within(start) }, emit);
        let mut bytes = std::mem::take(&mut self.bytes);
        har::entry(&mut bytes, flow, settings.for_terminal, &Room::large(), &mut |bytes| {
            if bytes.len() >= LARGEST_PART {
                self.bytes = std::mem::take(bytes);
                let head = 0..self.bytes.len();
                self.hand_out(Part { head, ..Part::within(self.bytes.len()) }, emit);
            }
            true
        })?;
        self.bytes = bytes;
        Ok(Part { head: 0..self.bytes.len(), ..Part::within(self.bytes.len()) })
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
