//! mitmproxy's flow files: tnetstring dicts, one after the other, without header, index or checksum.
//!
//! A record is cut out by the length in front of it. From a slice that costs nothing; from a stream its bytes
//! are read into memory, as many as are there and never as many as the length claims.

use std::io::{self, BufRead, Read};
use std::sync::Arc;

use super::cut_off::is_cut_off;
use super::resume::{Behind, Resume};
use super::{Data, Record};
use crate::tnetstring::{self, ErrorKind, MAX_LENGTH_DIGITS, RawValue, Tag};
use crate::{Error, Situation};

/// The records of a flow file that is in memory as a whole. Behind damage it goes on with the next whole flow.
#[derive(Debug)]
pub(super) struct Slice<'a> {
    input: &'a [u8],
    at: usize,
    resume: Resume<'a>,
    /// The damaged record behind which nobody knows whether there are flows, and which was told already.
    unknown: Option<usize>,
}

impl<'a> Slice<'a> {
    pub(super) fn new(input: &'a [u8]) -> Slice<'a> {
        Slice { input, at: 0, resume: Resume::new(input), unknown: None }
    }

    pub(super) fn next(&mut self, record: u64) -> Option<Result<Record<'a>, Error>> {
        if let Some(start) = self.unknown.take() {
            return Some(Err(Error::new(Situation::Unsearched).in_record(record, start as u64)));
        }
        let start = self.at;
        let rest = self.input.get(start..)?;
        let found = cut(rest, record, start as u64)?.and_then(|record| is_filled(&record).map(|()| record));
        let error = match found {
            Ok(record) => {
                self.at += record.data.len();
                return Some(Ok(record));
            }
            Err(error) => error,
        };
        let behind = self.resume.behind(start);
        self.at = match behind {
            Behind::Place(place) => place,
            Behind::Nothing | Behind::Unknown => self.input.len(),
        };
        self.unknown = (behind == Behind::Unknown).then_some(start);
        let error = if behind == Behind::Nothing { incomplete(error, rest) } else { error.into() };
        Some(Err(error.in_record(record, start as u64)))
    }
}

/// Cuts the first record off. Its inside is not looked at.
fn cut(input: &[u8], record: u64, offset: u64) -> Option<Result<Record<'_>, tnetstring::Error>> {
    // mitmproxy accepts one newline at the end.
    if input.is_empty() || input == b"\n" {
        return None;
    }
    Some(RawValue::split_first(input).and_then(|(value, _)| {
        if value.tag() != Tag::Dict {
            return Err(value.wrong_type("a flow (a dict)"));
        }
        Ok(Record { index: record, offset, data: Data::Borrowed(value.encoded()), foreign: false })
    }))
}

/// Looks whether keys and values fill a record. If not, its length may be what is wrong.
fn is_filled(record: &Record<'_>) -> Result<(), tnetstring::Error> {
    RawValue::from_slice(&record.data)?.entries()?.try_for_each(|entry| entry.map(drop))
}

/// The fault of a record that is not whole, and that nothing follows.
fn incomplete(error: tnetstring::Error, input: &[u8]) -> Error {
    let offset = error.offset().unwrap_or(0) as u64;
    match *error.kind() {
        ErrorKind::LengthBeyondEnd { claimed, available } => {
            let head = input.len() - available;
            Error::new(Situation::Incomplete { length: (head + claimed) as u64, missing: (claimed - available) as u64 })
        }
        ErrorKind::UnexpectedEnd { .. } => Error::new(Situation::Incomplete { length: 0, missing: 0 }).at(offset),
        _ => error.into(),
    }
}

/// The next record of a flow file that arrives as a stream.
pub(super) fn next_in_stream(
    input: &mut dyn BufRead,
    record: u64,
    offset: u64,
) -> Option<Result<Record<'static>, Error>> {
    let bytes = match read(input) {
        Ok(bytes) => bytes,
        Err(error) => return Some(Err(Error::from(error).in_record(record, offset))),
    };
    let error = match cut(&bytes, record, offset)? {
        Ok(_) => {
            let data = Data::Shared(Arc::new(bytes));
            return Some(Ok(Record { index: record, offset, data, foreign: false }));
        }
        Err(error) => error,
    };
    // What was read goes up to the end of the stream if the length says that there should be more.
    let error = if is_cut_off(&bytes) { incomplete(error, &bytes) } else { error.into() };
    Some(Err(error.in_record(record, offset)))
}

/// Whether the next record can be read from these bytes alone.
pub(super) fn begins_with_record(bytes: &[u8]) -> bool {
    RawValue::split_first(bytes).is_ok()
}

/// Reads the bytes of one record, or as many as there are. What is not the start of a record is read a few bytes
/// far, enough to say what was found.
fn read(input: &mut dyn BufRead) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut length: u64 = 0;
    for byte in (&mut *input).bytes().take(MAX_LENGTH_DIGITS + 1) {
        let byte = byte?;
        bytes.push(byte);
        match byte {
            b'0'..=b'9' => length = length.saturating_mul(10).saturating_add(u64::from(byte - b'0')),
            b':' => {
                input.take(length + 1).read_to_end(&mut bytes)?;
                break;
            }
            _ => {
                // A lone newline at the end is no fault: look whether more follows.
                input.take(1).read_to_end(&mut bytes)?;
                break;
            }
        }
    }
    Ok(bytes)
}
