//! From records to MessagePack.
//!
//! A map or array says in front how many values it holds, which a tnetstring does not say: they are counted by
//! walking over their heads.

use std::cell::RefCell;
use std::io;

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

use crate::tnetstring::{Bytes, EXT_INTEGER, EXT_NAME, ErrorKind, MAX_DEPTH, RawValue, Tag};
use crate::{Error, Situation};

/// Why a record was not written.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The output failed; nothing more can be written.
    Output(io::Error),
    /// The record is broken inside, or holds what MessagePack cannot. What was written of it is unfinished.
    Record(Error),
}

/// Writes a record as a map.
pub(crate) fn write(out: impl io::Write, record: &[u8]) -> Result<(), Failure> {
    let fault = RefCell::new(None);
    let mut out = Remembering { out, failure: None };
    let written = match RawValue::from_slice(record) {
        Ok(value) => {
            let packed = Packed { value, depth: MAX_DEPTH, fault: &fault };
            packed.serialize(&mut rmp_serde::Serializer::new(&mut out))
        }
        Err(error) => return Err(Failure::Record(error.into())),
    };
    match (written, out.failure, fault.into_inner()) {
        (Ok(()), ..) => Ok(()),
        (Err(_), Some(failure), _) => Err(Failure::Output(failure)),
        (Err(_), None, Some(fault)) => Err(Failure::Record(fault)),
        (Err(error), None, None) => Err(Failure::Record(Error::new(Situation::Foreign(error.to_string())))),
    }
}

/// Whether [`write`] can write the whole record.
pub(crate) fn check(record: &[u8]) -> Result<(), Error> {
    match write(io::sink(), record) {
        Err(Failure::Record(error)) => Err(error),
        _ => Ok(()),
    }
}

/// An output that remembers why it failed: the serializer only passes on that it did.
struct Remembering<W> {
    out: W,
    failure: Option<io::Error>,
}

impl<W: io::Write> io::Write for Remembering<W> {
    #[inline]
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes).map_err(|error| self.remember(error))
    }

    #[inline]
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(bytes).map_err(|error| self.remember(error))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl<W> Remembering<W> {
    #[cold]
    fn remember(&mut self, error: io::Error) -> io::Error {
        let kind = error.kind();
        self.failure = Some(error);
        kind.into()
    }
}

/// A value on its way to MessagePack.
struct Packed<'a, 'f> {
    value: RawValue<'a>,
    /// Lists and dicts that may still be entered, one within the other.
    depth: usize,
    /// Where a fault is put: the serializer's own error has no place for it.
    fault: &'f RefCell<Option<Error>>,
}

impl Packed<'_, '_> {
    #[cold]
    fn fail<E: serde::ser::Error>(&self, fault: impl Into<Error>) -> E {
        self.fault.replace(Some(fault.into()));
        E::custom("the record is broken")
    }

    fn inner<'a>(&self, value: RawValue<'a>) -> Packed<'a, '_> {
        Packed { value, depth: self.depth - 1, fault: self.fault }
    }

    /// A depth of 0 has nothing within; a number of values that is too large for MessagePack is no number of values.
    fn enter<E: serde::ser::Error>(&self, count: Result<usize, crate::tnetstring::Error>) -> Result<usize, E> {
        let count = count.map_err(|error| self.fail(error))?;
        if self.depth == 0 {
            return Err(self.fail(crate::tnetstring::Error::new(self.value.offset(), ErrorKind::TooDeep)));
        }
        self.measured(count)
    }

    /// A length that MessagePack can say: 32 bits.
    fn measured<E: serde::ser::Error>(&self, length: usize) -> Result<usize, E> {
        if u32::try_from(length).is_ok() {
            return Ok(length);
        }
        let message = format!("MessagePack holds at most 4 GiB in one value, and this has {length} bytes or values");
        Err(self.fail(Error::new(Situation::Foreign(message)).at(self.value.offset() as u64)))
    }

    fn integer<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Ok(integer) = self.value.to_i64() {
            return serializer.serialize_i64(integer);
        }
        let digits = self.value.integer_digits().map_err(|error| self.fail(error))?;
        match digits.parse() {
            Ok(integer) => serializer.serialize_u64(integer),
            Err(_) => serializer.serialize_newtype_struct(EXT_NAME, &(EXT_INTEGER, Bytes(digits.as_bytes()))),
        }
    }

    fn list<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let items = self.value.items().map_err(|error| self.fail(error))?;
        let count = items.clone().try_fold(0, |count, item| item.map(|_| count + 1));
        let mut list = serializer.serialize_seq(Some(self.enter(count)?))?;
        for item in items {
            let item = item.map_err(|error| self.fail(error))?;
            list.serialize_element(&self.inner(item))?;
        }
        list.end()
    }

    fn dict<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut entries = self.value.entries().map_err(|error| self.fail(error))?;
        let count = entries.clone().try_fold(0, |count, entry| entry.map(|_| count + 1));
        let mut dict = serializer.serialize_map(Some(self.enter(count)?))?;
        while let Some(entry) = entries.next_pair() {
            let (key, value) = entry.map_err(|error| self.fail(error))?;
            dict.serialize_entry(&self.inner(key), &self.inner(value))?;
        }
        dict.end()
    }
}

impl Serialize for Packed<'_, '_> {
    #[inline]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let value = &self.value;
        match value.tag() {
            Tag::Bytes => {
                self.measured(value.body().len())?;
                serializer.serialize_bytes(value.body())
            }
            Tag::Str => {
                self.measured(value.body().len())?;
                serializer.serialize_str(value.to_str().map_err(|error| self.fail(error))?)
            }
            Tag::Integer => self.integer(serializer),
            Tag::Float => serializer.serialize_f64(value.to_f64().map_err(|error| self.fail(error))?),
            Tag::Bool => serializer.serialize_bool(value.to_bool().map_err(|error| self.fail(error))?),
            Tag::Null => {
                value.to_null().map_err(|error| self.fail(error))?;
                serializer.serialize_unit()
            }
            Tag::List => self.list(serializer),
            Tag::Dict => self.dict(serializer),
        }
    }
}
