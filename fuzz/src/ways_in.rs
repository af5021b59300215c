//! The ways in which bytes become records: as a whole, and as a stream in chunks of any size.

use std::io::{self, Read};

use wsflow::capture::{Format, Reader};

/// Sizes in which a stream arrives.
pub const CHUNKS: [usize; 3] = [1, 7, 1 << 20];

/// A stream that gives at most so many bytes at once.
struct Chunked<'a> {
    rest: &'a [u8],
    chunk: usize,
}

impl Read for Chunked<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let most = out.len().min(self.chunk);
        self.rest.read(&mut out[..most])
    }
}

/// What a reader gave: a record's number, place and bytes, or a fault.
#[derive(Debug, PartialEq)]
pub enum Gave {
    Record(u64, u64, Vec<u8>),
    Fault(String),
}

fn all(reader: Reader<'_>, size: usize) -> Vec<Gave> {
    let mut read = Vec::new();
    for record in reader {
        read.push(match record {
            Ok(record) => Gave::Record(record.index, record.offset, record.data.to_vec()),
            Err(error) => {
                let text = error.to_string();
                assert!(!text.contains(wsflow::output::is_unsafe), "{text:?}");
                Gave::Fault(text)
            }
        });
        // None of them takes less than a byte, but for the one that says that it is over.
        assert!(read.len() <= size + 1, "more records than bytes");
    }
    read
}

/// What comes of bytes that are there as a whole.
pub fn of_slice(data: &[u8], format: Format) -> Vec<Gave> {
    all(Reader::from_slice(data, Some(format)).unwrap(), data.len())
}

/// What comes of a stream.
pub fn of_stream(data: &[u8], format: Format, chunk: usize) -> Vec<Gave> {
    all(Reader::from_stream(Chunked { rest: data, chunk }, Some(format)).unwrap(), data.len())
}

/// The records of bytes in a format that reads the same in all ways: a fault in one is the same in the others.
pub fn records_of_all_ways(data: &[u8], format: Format) -> Vec<Vec<u8>> {
    let slice = of_slice(data, format);
    for chunk in CHUNKS {
        assert_eq!(of_stream(data, format, chunk), slice, "in chunks of {chunk} bytes");
    }
    let records = slice.into_iter().filter_map(|read| match read {
        Gave::Record(_, _, data) => Some(data),
        Gave::Fault(_) => None,
    });
    records.collect()
}

/// The records of a flow file.
pub fn flows(data: &[u8]) -> Vec<Vec<u8>> {
    let reader = Reader::from_slice(data, Some(Format::Flow)).unwrap();
    reader.filter_map(Result::ok).map(|record| record.data.to_vec()).collect()
}
