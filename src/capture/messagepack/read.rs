//! From MessagePack to records.

use std::fmt;
use std::io::{self, BufRead, Read};
use std::sync::Arc;

use rmp_serde::decode;
use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::state;
use crate::capture::{Data, Record};
use crate::tnetstring::{EXT_INTEGER, ErrorKind, MAX_DEPTH, RawValue, Tag, Writer};
use crate::{Error, Situation};

/// The first bytes of an array. An array of up to 15 values has its length in the lower half of this byte.
const FIXARRAY: u8 = 0x90;
const ARRAY_16: u8 = 0xdc;
const ARRAY_32: u8 = 0xdd;

/// The records of an input in MessagePack.
pub(in crate::capture) struct Records<R: Read> {
    input: decode::Deserializer<decode::ReadReader<Counted<R>>>,
    /// Maps that are still to come in the array that was entered.
    left: u32,
}

impl<R: BufRead> Records<R> {
    /// The records of this input.
    pub(in crate::capture) fn new(input: R) -> Records<R> {
        Records { input: decode::Deserializer::new(Counted { input, count: 0 }), left: 0 }
    }

    /// The input, as far as it was read.
    pub(in crate::capture) fn input(&self) -> &R {
        &self.input.get_ref().input
    }

    /// The next record, which has this number. After an error there is no next one.
    pub(in crate::capture) fn next(&mut self, record: u64) -> Option<Result<Record<'static>, Error>> {
        let start = match self.find_map() {
            Ok(found) => found?,
            Err(error) => return Some(Err(error.in_record(record, 0))),
        };
        let mut bytes = Vec::new();
        let read = Transcode::into(&mut bytes).deserialize(&mut self.input);
        let data = match read {
            Ok(()) => state::complete(bytes, record).map_err(|error| error.at(0).in_record(record, start)),
            Err(error) => Err(self.fault(error).in_record(record, 0)),
        };
        Some(data.map(|bytes| Record {
            index: record,
            offset: start,
            data: Data::Shared(Arc::new(bytes)),
            foreign: true,
        }))
    }

    /// Goes to where the next map starts, and says where that is. `None` at the end of the input.
    fn find_map(&mut self) -> Result<Option<u64>, Error> {
        while self.left == 0 {
            let at = self.input.get_ref().count;
            let input = self.input.get_mut();
            let Some(&first) = input.input.fill_buf().map_err(|error| Error::from(error).at(at))?.first() else {
                return Ok(None);
            };
            let length = match first {
                FIXARRAY..=0x9f => input.array::<1>().map(|[first]| u32::from(first - FIXARRAY)),
                ARRAY_16 => input.array().map(|[_, a, b]| u16::from_be_bytes([a, b]).into()),
                ARRAY_32 => input.array().map(|[_, a, b, c, d]| u32::from_be_bytes([a, b, c, d])),
                // Not an array: the map itself.
                _ => return Ok(Some(at)),
            };
            self.left = length.map_err(|error| self.io(error))?;
        }
        self.left -= 1;
        Ok(Some(self.input.get_ref().count))
    }

    /// A fault where the input stands now.
    fn fault(&self, error: decode::Error) -> Error {
        use decode::Error as E;
        let at = self.input.get_ref().count;
        let message = match error {
            E::InvalidMarkerRead(error) | E::InvalidDataRead(error) => return self.io(error),
            E::TypeMismatch(marker) => format!("expected a value, found a byte without meaning ({marker:?})"),
            E::DepthLimitExceeded => ErrorKind::TooDeep.to_string(),
            E::Syntax(message) | E::Uncategorized(message) => message,
            error => error.to_string(),
        };
        Error::new(Situation::Foreign(message)).at(at)
    }

    fn io(&self, error: io::Error) -> Error {
        let error = match error.kind() {
            io::ErrorKind::UnexpectedEof => Error::new(Situation::Incomplete { length: 0, missing: 0 }),
            _ => Error::from(error),
        };
        error.at(self.input.get_ref().count)
    }
}

/// An input that knows how many bytes were read from it.
struct Counted<R> {
    input: R,
    count: u64,
}

impl<R: Read> Counted<R> {
    fn array<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        self.read_exact(&mut bytes)?;
        Ok(bytes)
    }
}

impl<R: Read> Read for Counted<R> {
    #[inline]
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(buffer)?;
        self.count += count as u64;
        Ok(count)
    }

    #[inline]
    fn read_exact(&mut self, buffer: &mut [u8]) -> io::Result<()> {
        self.input.read_exact(buffer)?;
        self.count += buffer.len() as u64;
        Ok(())
    }
}

/// Takes one value in and writes it as a tnetstring.
struct Transcode<'w> {
    writer: Writer<'w>,
    /// Lists and dicts that may still be opened, one within the other.
    depth: usize,
}

impl<'w> Transcode<'w> {
    fn into(out: &'w mut Vec<u8>) -> Transcode<'w> {
        Transcode { writer: Writer::new(out), depth: MAX_DEPTH }
    }

    /// For a value within this one.
    fn inner(&mut self, depth: usize) -> Transcode<'_> {
        Transcode { writer: self.writer.reborrow(), depth }
    }

    fn deeper<E: de::Error>(&self) -> Result<usize, E> {
        self.depth.checked_sub(1).ok_or_else(|| E::custom(ErrorKind::TooDeep))
    }
}

impl<'de> DeserializeSeed<'de> for Transcode<'_> {
    type Value = ();

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Transcode<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("null, a boolean, a number, bytes, a string, a list or a dict")
    }

    fn visit_unit<E: de::Error>(mut self) -> Result<(), E> {
        self.writer.null();
        Ok(())
    }

    fn visit_bool<E: de::Error>(mut self, value: bool) -> Result<(), E> {
        self.writer.bool(value);
        Ok(())
    }

    fn visit_i64<E: de::Error>(mut self, value: i64) -> Result<(), E> {
        self.writer.integer(value);
        Ok(())
    }

    fn visit_u64<E: de::Error>(mut self, value: u64) -> Result<(), E> {
        self.writer.display(&value, Tag::Integer).map_err(E::custom)
    }

    fn visit_f64<E: de::Error>(mut self, value: f64) -> Result<(), E> {
        self.writer.float(value);
        Ok(())
    }

    fn visit_str<E: de::Error>(mut self, value: &str) -> Result<(), E> {
        self.writer.str(value);
        Ok(())
    }

    /// Also takes a str that is not UTF-8, which keeps its bytes and is no string any more.
    fn visit_bytes<E: de::Error>(mut self, value: &[u8]) -> Result<(), E> {
        self.writer.bytes(value);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut values: A) -> Result<(), A::Error> {
        let depth = self.deeper()?;
        let list = self.writer.open();
        while values.next_element_seed(self.inner(depth))?.is_some() {}
        self.writer.close(list, Tag::List);
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut entries: A) -> Result<(), A::Error> {
        let depth = self.deeper()?;
        let dict = self.writer.open();
        loop {
            let key = self.writer.open();
            // A key has no depth: neither a list nor a dict can be one.
            if entries.next_key_seed(self.inner(0))?.is_none() {
                break;
            }
            let found = self.writer.last_tag(&key);
            if !matches!(found, Some(Tag::Str | Tag::Bytes)) {
                let found = found.unwrap_or(Tag::Null);
                return Err(de::Error::custom(ErrorKind::WrongType {
                    expected: "a dict key (bytes or a string)",
                    found,
                }));
            }
            entries.next_value_seed(self.inner(depth))?;
        }
        self.writer.close(dict, Tag::Dict);
        Ok(())
    }

    /// An extension type, and its data.
    fn visit_newtype_struct<D: Deserializer<'de>>(self, extension: D) -> Result<(), D::Error> {
        extension.deserialize_tuple(2, Extension { writer: self.writer })
    }
}

/// Takes an integer in that is an extension.
struct Extension<'w> {
    writer: Writer<'w>,
}

impl<'de> Visitor<'de> for Extension<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an extension of type {EXT_INTEGER} that holds the decimal digits of an integer")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut pair: A) -> Result<(), A::Error> {
        let kind: Option<i8> = pair.next_element()?;
        if kind != Some(EXT_INTEGER) {
            return Err(de::Error::invalid_value(de::Unexpected::Signed(kind.unwrap_or(0).into()), &self));
        }
        let mut bytes = Vec::new();
        pair.next_element_seed(Transcode::into(&mut bytes))?;
        let digits = RawValue::from_slice(&bytes).map(|value| value.body()).map_err(de::Error::custom)?;
        match crate::tnetstring::integer_digits(digits) {
            Some(_) => self.writer.value(digits, Tag::Integer),
            None => return Err(de::Error::custom(ErrorKind::InvalidInteger)),
        }
        Ok(())
    }
}
