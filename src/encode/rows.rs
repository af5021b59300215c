//! Formats that hold messages only, one per line: NDJSON and CSV, as `ls` prints them.

use std::io::{self, Write};
use std::ops::ControlFlow;

use super::losses::{Losses, Reason};
use super::{Told, record_after};
use crate::Error;
use crate::capture::Reader;
use crate::flow::FlowContext;
use crate::output::{self, MessageField, MessageRow, is_time};
use crate::scan::{self, Batch, Cutter, Scope};

/// Writes the messages of an input. Its flows are numbered from `first` on.
pub(super) fn write(
    input: Reader<'_>,
    threads: usize,
    first: u64,
    writer: &output::Writer<MessageField>,
    out: &mut (impl Write + Send),
    losses: &mut Losses,
    told: &mut Told<'_>,
) -> io::Result<u64> {
    let mut count = 0;
    let work = |batch: &Batch<'_>| Rows::new(batch, first, writer);
    scan::run(Cutter::new(input, Scope::All), threads, work, |rows| -> io::Result<_> {
        match rows {
            Ok(rows) => {
                count = rows.end;
                rows.faults.iter().for_each(&mut *told);
                losses.append(rows.losses);
                out.write_all(&rows.bytes)?;
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

/// The rows of a batch.
#[derive(Default)]
struct Rows {
    /// The number of the record after the last.
    end: u64,
    bytes: Vec<u8>,
    losses: Losses,
    faults: Vec<Error>,
}

impl Rows {
    fn new(batch: &Batch<'_>, first: u64, writer: &output::Writer<MessageField>) -> Rows {
        let mut rows = Rows::default();
        for piece in &batch.pieces {
            rows.end = piece.record.index + 1;
            let mut messages = piece.messages().peekable();
            if messages.peek().is_none() {
                continue;
            }
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
                    }
                    Err(error) => rows.faults.push(piece.locate(error)),
                }
            }
        }
        rows
    }
}
