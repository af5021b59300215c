//! mitmproxy's flow files: tnetstring dicts, one after the other, without header, index or checksum.
//!
//! A record is cut out by the length in front of it. From a slice that costs nothing; from a stream its bytes
//! are read into memory, as many as are there and never as many as the length claims.

use std::io::{self, BufRead, Read};
use std::sync::Arc;

use super::{Data, Record};
use crate::tnetstring::{ErrorKind, MAX_LENGTH_DIGITS, RawValue, Tag};
use crate::{Error, Situation};

/// The next record of a flow file that is in memory as a whole.
pub(super) fn next_in_slice<'a>(input: &'a [u8], record: u64, offset: u64) -> Option<Result<Record<'a>, Error>> {
    // mitmproxy accepts one newline at the end.
    if input.is_empty() || input == b"\n" {
        return None;
    }
    let found = RawValue::split_first(input).map_err(|error| incomplete(error, input));
    Some(
        found
            .and_then(|(value, _)| {
                if value.tag() == Tag::Dict { Ok(value) } else { Err(value.wrong_type("a flow (a dict)").into()) }
            })
            .map(|value| Record { index: record, offset, data: Data::Borrowed(value.encoded()), foreign: false })
            .map_err(|error| error.in_record(record, offset)),
    )
}

/// Tells a record that only ends too early from one that is broken.
fn incomplete(error: crate::tnetstring::Error, input: &[u8]) -> Error {
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
    match read(input) {
        Ok(None) => None,
        Ok(Some(bytes)) if bytes == b"\n" => None,
        Ok(Some(bytes)) => {
            let cut = next_in_slice(&bytes, record, offset)?.map(|_| ());
            Some(cut.map(|()| Record { index: record, offset, data: Data::Shared(Arc::new(bytes)), foreign: false }))
        }
        Err(error) => Some(Err(Error::from(error).in_record(record, offset))),
    }
}

/// Reads the bytes of one record, or as many as there are. What is not the start of a record is read a few bytes
/// far, enough to say what was found.
fn read(input: &mut dyn BufRead) -> io::Result<Option<Vec<u8>>> {
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
    Ok(if bytes.is_empty() { None } else { Some(bytes) })
}
