//! Cuts the flows of a capture into batches of about equal size: several small flows, or a run of the messages
//! of a large one.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use super::selection::Selection;
use crate::Error;
use crate::capture::{Data, Position, Reader, Record};
use crate::flow::{Flow, FlowContext, Messages, Version};
use crate::migrate::{Upgrade, Upgrader, Warnings};

/// The first batch is small, so that its lines are out at once; the next are larger up to the size that keeps the
/// cost of handing one over (some microseconds) far below that of working on it.
const FIRST_BATCH: usize = 64 << 10;
const LARGEST_BATCH: usize = 1 << 20;

/// What a flow costs beside its messages, in bytes of messages: finding its keys, making its URL.
const FLOW_COST: usize = 1 << 10;

/// Which flows a run is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scope {
    /// Those with a WebSocket connection.
    WebSocket,
    /// All.
    All,
}

/// A part of a capture that one thread works on.
#[derive(Debug, Default)]
pub struct Batch<'a> {
    /// Flows, or runs of the messages of one, in file order.
    pub pieces: Vec<Piece<'a>>,
}

/// A run of messages of one flow; all of them, unless the flow is large.
#[derive(Clone, Debug)]
pub struct Piece<'a> {
    /// The record that the flow is in.
    pub record: Record<'a>,
    /// Whether the flow's messages begin with this piece.
    pub is_first: bool,
    /// Whether the flow's messages end with this piece.
    pub is_last: bool,
    first_message: u64,
    run: Range<usize>,
    shared: Arc<Shared<'a>>,
}

/// What the pieces of a flow have in common.
#[derive(Debug)]
struct Shared<'a> {
    upgrade: Upgrade<'a>,
    context: OnceLock<FlowContext>,
}

impl Piece<'_> {
    /// The flow, in the layout of today if its record has an older one.
    ///
    /// # Errors
    /// When its record is broken.
    pub fn flow(&self) -> Result<Flow<'_>, Error> {
        self.shared.upgrade.flow()
    }

    /// What is said of the flow with each of its messages; with the first piece of a flow, the faults that left
    /// something of it empty.
    pub fn context(&self) -> (&FlowContext, Vec<Error>) {
        if !self.is_first {
            return (self.shared.context.get_or_init(|| self.new_context().0), Vec::new());
        }
        let (context, faults) = self.new_context();
        let faults = faults.into_iter().map(|fault| self.locate_flow(fault)).collect();
        (self.shared.context.get_or_init(|| context), faults)
    }

    fn new_context(&self) -> (FlowContext, Vec<Error>) {
        match self.flow() {
            Ok(flow) => FlowContext::new(&flow, self.record.index),
            Err(error) => (FlowContext { index: self.record.index, ..FlowContext::default() }, vec![error]),
        }
    }

    /// An error in a message of this piece, with its place in the file.
    pub fn locate(&self, error: Error) -> Error {
        self.shared.upgrade.locate_message(error)
    }

    /// An error in the flow itself, with its place in the file.
    pub fn locate_flow(&self, error: Error) -> Error {
        self.shared.upgrade.locate(error)
    }

    /// The version of the flow's record.
    pub fn version(&self) -> Version {
        self.shared.upgrade.version()
    }

    /// Whether the flow is a connection: it has a list of messages, which may be empty.
    pub fn is_connection(&self) -> bool {
        self.shared.upgrade.message_list().is_some()
    }

    /// Whether there are no messages in it.
    pub fn is_empty(&self) -> bool {
        self.run.is_empty()
    }

    /// Bytes that the flow takes in memory beside its messages.
    fn memory(&self) -> usize {
        let record = match &self.record.data {
            Data::Borrowed(_) => 0,
            Data::Shared(bytes) => bytes.len() - self.shared.upgrade.message_list().map_or(0, |list| list.body().len()),
        };
        record + self.shared.upgrade.cost()
    }

    /// The messages of this piece.
    pub fn messages(&self) -> Messages<'_> {
        Messages::of_run(&self.record.data[self.run.clone()], self.run.start, self.first_message)
    }
}

/// The batches of a capture, in order. A fault comes in its place; those within one flow do not end the capture.
pub struct Cutter<'a> {
    reader: Reader<'a>,
    upgrader: Upgrader<'a>,
    scope: Scope,
    selection: Option<Selection>,
    size: usize,
    largest: usize,
    /// The flow that is being cut.
    open: Option<Piece<'a>>,
    /// Faults to be told after the pieces before them.
    faults: VecDeque<Error>,
    warnings: Warnings,
    /// How far the reader is, also within a flow.
    position: Position,
}

impl<'a> Cutter<'a> {
    /// Cuts the flows that the reader gives.
    pub fn new(reader: Reader<'a>, scope: Scope) -> Cutter<'a> {
        Cutter {
            position: reader.position(),
            reader,
            upgrader: Upgrader::new(),
            scope,
            selection: None,
            size: FIRST_BATCH,
            largest: LARGEST_BATCH,
            open: None,
            faults: VecDeque::new(),
            warnings: Warnings::default(),
        }
    }

    /// Leaves out flows of which nothing is chosen, and ends after the last that is. The messages of the others are
    /// all there.
    pub fn select(mut self, selection: Option<Selection>) -> Cutter<'a> {
        self.selection = selection;
        self
    }

    /// Cuts batches of this size, for tests: whatever the size is, the messages are the same.
    #[cfg(test)]
    pub(super) fn in_batches_of(self, size: usize) -> Cutter<'a> {
        Cutter { size, largest: size, ..self }
    }

    fn is_selected(&self, record: &Record<'_>) -> bool {
        self.selection.as_ref().is_none_or(|selection| selection.contains_flow(record.index))
    }

    /// Whether no record that is still to come can be chosen. It is not even waited for then.
    fn is_past_selection(&self) -> bool {
        let next = self.reader.next_index();
        self.selection.as_ref().is_some_and(|selection| selection.last_flow().is_none_or(|last| next > last))
    }

    /// Opens the next flow of the scope. `None` at the end and at a fault.
    fn open(&mut self) -> Option<Piece<'a>> {
        loop {
            if self.is_past_selection() {
                return None;
            }
            let record = match self.reader.next()? {
                Ok(record) => record,
                Err(error) => {
                    self.faults.push_back(error);
                    return None;
                }
            };
            // Those that nobody asked for are shown to the upgrader too: their handshakes may be needed.
            let upgrade = self.upgrader.next(&record);
            if !self.is_selected(&record) {
                continue;
            }
            match upgrade {
                Ok(upgrade) => {
                    self.faults.extend(self.warnings.of(&upgrade));
                    if let Some(piece) = open(record, upgrade, self.scope) {
                        return Some(piece);
                    }
                }
                Err(error) => {
                    self.faults.push_back(record.locate(error));
                    return None;
                }
            }
        }
    }
}

/// The flow of a record as a piece that holds all of its messages, if it is in scope.
fn open<'a>(record: Record<'a>, upgrade: Upgrade<'a>, scope: Scope) -> Option<Piece<'a>> {
    let run = match upgrade.message_list() {
        Some(list) => list.body_offset()..list.body_offset() + list.body().len(),
        None if scope == Scope::All => 0..0,
        None => return None,
    };
    let shared = Arc::new(Shared { upgrade, context: OnceLock::new() });
    Some(Piece { record, is_first: true, is_last: true, first_message: 0, run, shared })
}

/// Cuts from the front of a piece as many messages as fit into `size` bytes, one at least; the piece keeps the
/// others. A piece that fits as a whole is not walked.
fn cut_front<'a>(piece: &mut Piece<'a>, size: usize) -> Piece<'a> {
    let (mut length, mut count) = (piece.run.len(), 0);
    if length > size {
        let mut messages = piece.messages();
        count = messages.step_over_bytes(size);
        // Behind a fault nothing is left. Whoever walks the piece finds the same fault in its place, and tells it.
        length -= messages.rest().len();
    }
    let middle = piece.run.start + length;
    let front = Piece { is_last: middle >= piece.run.end, run: piece.run.start..middle, ..piece.clone() };
    piece.run.start = middle;
    piece.is_first = false;
    piece.first_message += count;
    front
}

impl<'a> Iterator for Cutter<'a> {
    type Item = Result<Batch<'a>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(fault) = self.faults.pop_front() {
            return Some(Err(fault));
        }
        let mut batch = Batch::default();
        let mut size = 0;
        while size < self.size && self.faults.is_empty() {
            // What came of a live stream is shown before more of it is waited for.
            if self.open.is_none() && !batch.pieces.is_empty() && self.reader.is_waiting() {
                break;
            }
            let Some(mut piece) = self.open.take().or_else(|| self.open()) else { break };
            let front = cut_front(&mut piece, self.size - size);
            if !front.is_last {
                self.position.set(piece.record.offset + piece.run.start as u64);
            }
            size += front.run.len() + FLOW_COST;
            if front.is_first {
                size += front.memory();
            }
            if !front.is_last {
                self.open = Some(piece);
            }
            batch.pieces.push(front);
        }
        self.size = (self.size.saturating_mul(2)).min(self.largest);
        if batch.pieces.is_empty() { self.faults.pop_front().map(Err) } else { Some(Ok(batch)) }
    }
}
