//! Formats that hold messages only, one per line: NDJSON and CSV, as `ls` prints them.

use std::io::{self, Write};
use std::ops::ControlFlow;

use super::losses::{Losses, Reason};
use super::{Told, Written, is_part, record_after};
use crate::Error;
use crate::capture::Reader;
use crate::flow::FlowContext;
use crate::output::{self, MessageField, MessageRow, is_time};
use crate::scan::{self, Batch, Cutter, Scope};

/// How an input becomes rows.
pub(super) struct Settings<'w> {
    pub(super) threads: usize,
    /// The number of the input's first flow.
    pub(super) first: u64,
    pub(super) writer: &'w output::Writer<MessageField>,
}

/// Writes the messages of an input.
pub(super) fn write(
    input: Reader<'_>,
    settings: &Settings<'_>,
    out: &mut (impl Write + Send),
    written: &mut Written,
    losses: &mut Losses,
    told: &mut Told<'_>,
) -> io::Result<u64> {
    let mut count = 0;
    let work = |batch: &Batch<'_>, emit: &mut dyn FnMut(Rows)| Rows::of(batch, settings.first, settings.writer, emit);
    scan::run_in_parts(Cutter::new(input, Scope::All), settings.threads, work, |rows| -> io::Result<_> {
        match rows {
            Ok(rows) => {
                count = rows.end;
                rows.faults.iter().for_each(&mut *told);
                losses.append(rows.losses);
                out.write_all(&rows.bytes)?;
                written.add(rows.written);
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

/// The rows of a batch, or of a part of it.
#[derive(Default)]
struct Rows {
    /// The number of the record after the last.
    end: u64,
    bytes: Vec<u8>,
    written: Written,
    losses: Losses,
    faults: Vec<Error>,
}

impl Rows {
    /// Makes the rows of a batch, in parts: each row holds the URL, so they can be much larger than their messages.
    fn of(batch: &Batch<'_>, first: u64, writer: &output::Writer<MessageField>, emit: &mut dyn FnMut(Rows)) {
        let mut rows = Rows::default();
        for piece in &batch.pieces {
            rows.end = piece.record.index + 1;
            let mut messages = piece.messages().peekable();
            if messages.peek().is_none() {
                continue;
            }
            rows.written.flows += u64::from(piece.is_first);
            let (flow, faults) = piece.context();
            let flow = FlowContext { index: flow.index + first, ..flow.clone() };
            rows.faults.extend(faults);
            for message in messages {
                match message {
                    Ok(message) => {
                        if !is_time(message.timestamp.seconds()) {
                            rows.losses.add(Reason::NoTime, || format!("{}:{}", flow.index, message.index));
                        }
                        writer.row(&mut rows.bytes, &MessageRow::new(None, &flow, message));
                        rows.written.messages += 1;
                    }
                    Err(error) => rows.faults.push(piece.locate(error)),
                }
                if is_part(&rows.bytes, &rows.faults) {
                    let end = rows.end;
                    emit(std::mem::take(&mut rows));
                    rows.end = end;
                }
            }
        }
        emit(rows);
    }
}
