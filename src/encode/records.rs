//! Formats that hold whole records: flow files and MessagePack.

use std::io::{self, Write};
use std::ops::ControlFlow;

use super::losses::{Losses, Reason};
use super::{Told, Written};
use crate::capture::messagepack::{self, Failure};
use crate::capture::{Format, Reader, Record};
use crate::flow::Version;
use crate::migrate::{Upgrader, Warnings};
use crate::{Error, Situation, scan};

/// Records are handed to a thread together until they have this many bytes.
const BATCH: usize = 1 << 20;

/// What a record costs beside its bytes: its place, and a fault if it is broken. A file may be made of empty records.
const RECORD_COST: usize = 256;

/// A record beyond this size is written straight to the output, after a look whether that will go through. Smaller
/// ones wait in memory until it is their turn.
const BUFFERED: usize = 8 << 20;

/// Copies the records of an input into a flow file, those of older versions in the newest one.
pub(super) fn to_flow_file(
    input: Reader<'_>,
    first: u64,
    out: &mut impl Write,
    (written, losses): (&mut Written, &mut Losses),
    told: &mut Told<'_>,
) -> io::Result<u64> {
    // MessagePack is a flow file in other clothes: what comes from there is what it was before it went there.
    let keeps_version = input.format() == Format::MessagePack;
    let mut upgrader = Upgrader::new();
    let mut warnings = Warnings::default();
    let mut count = 0;
    for record in input {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                told(&error);
                continue;
            }
        };
        count = record.index + 1;
        if keeps_version {
            out.write_all(&record.data)?;
            written.flows += 1;
            continue;
        }
        match upgrader.next(&record) {
            Ok(upgrade) => {
                if let Some(warning) = warnings.of(&upgrade) {
                    told(&warning);
                }
                if upgrade.version() > Version::NEWEST {
                    losses.add(Reason::NewerVersion, || (first + record.index).to_string());
                }
                match upgrade.upgraded() {
                    Ok(newest) => {
                        newest.write_to(out)?;
                        written.flows += 1;
                    }
                    Err(error) => told(&upgrade.locate(error)),
                }
            }
            Err(error) => told(&record.locate(error)),
        }
    }
    Ok(count)
}

/// Writes the records of an input as MessagePack.
pub(super) fn to_messagepack(
    input: Reader<'_>,
    threads: usize,
    out: &mut (impl Write + Send),
    written: &mut Written,
    told: &mut Told<'_>,
) -> io::Result<u64> {
    let mut count = 0;
    scan::run(Batches { input, fault: None }, threads, Packed::new, |packed| {
        match packed {
            Ok(Packed { end, bytes, flows, large, faults }) => {
                count = end;
                written.flows += flows;
                faults.iter().for_each(&mut *told);
                out.write_all(&bytes)?;
                if let Some(record) = large {
                    match messagepack::write(&mut *out, &record.data) {
                        Err(Failure::Output(error)) => return Err(error),
                        // It was sound when it was looked at, and half of it is written.
                        Err(Failure::Record(_)) => return Err(io::Error::other(record.locate(changed()))),
                        Ok(()) => written.flows += 1,
                    }
                }
            }
            Err(error) => told(&error),
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(count)
}

fn changed() -> Error {
    Error::new(Situation::Changed)
}

/// Some records in MessagePack.
struct Packed<'a> {
    /// The number of the record after the last.
    end: u64,
    bytes: Vec<u8>,
    /// Flows that these are.
    flows: u64,
    /// The last record, where it is too large to be put into memory.
    large: Option<Record<'a>>,
    faults: Vec<Error>,
}

impl<'a> Packed<'a> {
    fn new(records: &Vec<Record<'a>>) -> Packed<'a> {
        let mut packed = Packed { end: 0, bytes: Vec::new(), flows: 0, large: None, faults: Vec::new() };
        for record in records {
            packed.end = record.index + 1;
            let start = packed.bytes.len();
            if record.data.len() > BUFFERED {
                match messagepack::check(&record.data) {
                    Ok(()) => packed.large = Some(record.clone()),
                    Err(error) => packed.faults.push(record.locate(error)),
                }
            } else if let Err(Failure::Record(error)) = messagepack::write(&mut packed.bytes, &record.data) {
                packed.bytes.truncate(start);
                packed.faults.push(record.locate(error));
            } else {
                packed.flows += 1;
            }
        }
        packed
    }
}

/// The records of an input, some at a time. A large one is the last of its batch.
struct Batches<'a> {
    input: Reader<'a>,
    /// A fault to be told after the records before it.
    fault: Option<Error>,
}

impl<'a> Iterator for Batches<'a> {
    type Item = Result<Vec<Record<'a>>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut records = Vec::new();
        let mut size = 0;
        while size < BATCH && self.fault.is_none() {
            match self.input.next() {
                Some(Ok(record)) => {
                    size += record.data.len() + RECORD_COST;
                    records.push(record);
                }
                Some(Err(error)) => self.fault = Some(error),
                None => break,
            }
        }
        if records.is_empty() { self.fault.take().map(Err) } else { Some(Ok(records)) }
    }
}
