//! Captures: formats by name, and the records of an input.
//!
//! The narrow waist of the library is the [`Record`]: the bytes of one flow as a tnetstring. A [`Reader`] turns
//! any format into records, so that nothing behind it has a second path.

mod cut_off;
mod flowfile;
mod format;
pub(crate) mod har;
mod identity;
mod json;
pub(crate) mod messagepack;
mod ndjson;
mod new_flow;
mod number;
mod position;
mod record;
mod resume;
mod url;

use std::io::{self, BufReader, Read};

pub use format::{Format, SNIFF_LENGTH};
pub(crate) use identity::Identity;
pub(crate) use new_flow::NewFlow;
pub(crate) use number::Number;
pub use position::Position;
pub use record::{Data, Record};

use crate::{Error, Situation};

/// The records of one input, in order.
///
/// A fault that hides where the next record starts comes in the place of a record, and counts as one. In a flow file
/// that is in memory, reading goes on behind it with the next whole flow; in a stream, and in other formats, it
/// ends there.
pub struct Reader<'a> {
    format: Format,
    source: Source<'a>,
    records: u64,
    offset: u64,
    done: bool,
    is_live: bool,
    position: Position,
}

/// Bytes in front of the first flow of a file, at most, that still make it a damaged flow file.
const GARBAGE: usize = 1 << 20;

/// Where the bytes come from, by format.
enum Source<'a> {
    FlowSlice(flowfile::Slice<'a>),
    FlowStream(Stream<'a>),
    MessagePackSlice(messagepack::Records<&'a [u8]>),
    MessagePackStream(messagepack::Records<Stream<'a>>),
    Har(har::Records<'a>),
    Ndjson(ndjson::Records<'a>),
}

type Stream<'a> = BufReader<Box<dyn Read + Send + 'a>>;

impl<'a> Reader<'a> {
    /// Reads an input that is in memory as a whole, such as a mapped file. The format is found from the first
    /// bytes unless it is given.
    ///
    /// # Errors
    /// When the format is none that can be read.
    pub fn from_slice(input: &'a [u8], format: Option<Format>) -> Result<Reader<'a>, Error> {
        let ndjson = || ndjson::Records::new(json::Input::Slice(input));
        let format = match format {
            Some(format) => format,
            None => match Format::sniff(&input[..input.len().min(SNIFF_LENGTH)]).and_then(|format| match format {
                Format::Ndjson => ndjson().sniffed().map(|_| format),
                other => Ok(other),
            }) {
                // Something may stand in front of the first flow.
                Err(_) if resume::Resume::new(input).finds_flow_within(GARBAGE) => Format::Flow,
                sniffed => sniffed?,
            },
        };
        match format {
            Format::Flow => Ok(Reader::new(format, Source::FlowSlice(flowfile::Slice::new(input)))),
            Format::Har => Ok(Reader::new(format, Source::Har(har::Records::new(json::Input::Slice(input))))),
            Format::Ndjson => Ok(Reader::new(format, Source::Ndjson(ndjson()))),
            Format::MessagePack => Ok(Reader::new(format, Source::MessagePackSlice(messagepack::Records::new(input)))),
            Format::Csv => Err(Error::new(Situation::NotReadable(format))),
        }
    }

    /// Reads an input that arrives as a stream. The format is found from the first bytes unless it is given.
    ///
    /// # Errors
    /// When the first bytes cannot be read, or the format is none that can be read.
    pub fn from_stream(mut input: impl Read + Send + 'a, format: Option<Format>) -> Result<Reader<'a>, Error> {
        let mut start = Vec::with_capacity(SNIFF_LENGTH);
        input.by_ref().take(SNIFF_LENGTH as u64).read_to_end(&mut start)?;
        let (format, is_sniffed) = match format {
            Some(format) => (format, false),
            None => (Format::sniff(&start)?, true),
        };
        let stream: Stream<'a> = BufReader::with_capacity(1 << 16, Box::new(io::Cursor::new(start).chain(input)));
        match format {
            Format::Flow => Ok(Reader::new(format, Source::FlowStream(stream))),
            Format::Har => Ok(Reader::new(format, Source::Har(har::Records::new(json::Input::Stream(stream))))),
            Format::Ndjson => {
                let records = ndjson::Records::new(json::Input::Stream(stream));
                let records = if is_sniffed { records.sniffed()? } else { records };
                Ok(Reader::new(format, Source::Ndjson(records)))
            }
            Format::MessagePack => {
                Ok(Reader::new(format, Source::MessagePackStream(messagepack::Records::new(stream))))
            }
            Format::Csv => Err(Error::new(Situation::NotReadable(format))),
        }
    }

    /// The same records, of a stream in which the rest of a record can be long in coming: that, too, is
    /// [waiting](Self::is_waiting).
    pub fn live(mut self) -> Reader<'a> {
        self.is_live = true;
        self
    }

    /// The format of the input.
    pub fn format(&self) -> Format {
        self.format
    }

    /// How far the input was read, to be asked meanwhile from any thread.
    pub fn position(&self) -> Position {
        self.position.clone()
    }

    /// The number that the next record will have.
    pub fn next_index(&self) -> u64 {
        match &self.source {
            Source::Har(records) => records.next_index(),
            Source::Ndjson(records) => records.next_index(),
            _ => self.records,
        }
    }

    /// Whether the next record may have to be waited for: the input is a stream, and all that came of it was read. Who
    /// has gathered records may want to work on them meanwhile.
    pub fn is_waiting(&self) -> bool {
        match &self.source {
            Source::FlowSlice(_) | Source::MessagePackSlice(_) => false,
            Source::FlowStream(stream) if self.is_live => !flowfile::begins_with_record(stream.buffer()),
            Source::FlowStream(stream) => stream.buffer().is_empty(),
            Source::MessagePackStream(records) => records.input().buffer().is_empty(),
            Source::Har(records) => records.is_waiting(),
            Source::Ndjson(records) => records.is_waiting(),
        }
    }

    fn new(format: Format, source: Source<'a>) -> Reader<'a> {
        Reader { format, source, records: 0, offset: 0, done: false, is_live: false, position: Position::default() }
    }
}

impl<'a> Iterator for Reader<'a> {
    type Item = Result<Record<'a>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.read();
        if let Some(Ok(record)) = &next {
            self.position.set(record.offset);
        }
        next
    }
}

impl<'a> Reader<'a> {
    fn read(&mut self) -> Option<Result<Record<'a>, Error>> {
        if self.done {
            return None;
        }
        let next = match &mut self.source {
            Source::FlowSlice(slice) => slice.next(self.records),
            Source::FlowStream(input) => flowfile::next_in_stream(input, self.records, self.offset),
            Source::MessagePackSlice(records) => records.next(self.records),
            Source::MessagePackStream(records) => records.next(self.records),
            // These know where the next record starts when one is broken.
            Source::Har(records) => return records.next(),
            Source::Ndjson(records) => return records.next(),
        };
        match next {
            Some(Ok(record)) => {
                self.records += 1;
                self.offset += record.data.len() as u64;
                Some(Ok(record))
            }
            Some(Err(error)) if matches!(self.source, Source::FlowSlice(_)) => {
                self.records += 1;
                Some(Err(error))
            }
            Some(Err(error)) => {
                self.done = true;
                Some(Err(error.at_the_end_of_reading()))
            }
            None => {
                self.done = true;
                None
            }
        }
    }
}
