//! What serde's data model has no place for, carried through it: undecoded values, and integers of any size.
//!
//! Both travel as a newtype struct around a pair, under a name that this module's two ends know:
//!
//! ```text
//! RawValue             "$wsflow::RawValue"  (refusal or offset, encoded bytes)
//! a large integer      "_ExtStruct"         (ext type, decimal digits)
//! ```
//!
//! Any other format refuses the first. The second is the name by which `rmp-serde` knows an extension type of
//! MessagePack, so one way of carrying a large integer serves both formats.

#[cfg(test)]
mod tests;

use std::fmt;

use serde::de::value::{BorrowedBytesDeserializer, I8Deserializer, U64Deserializer};
use serde::de::{self, DeserializeSeed, Deserializer, IntoDeserializer, SeqAccess, Visitor};
use serde::ser::{Error as _, Impossible, SerializeTuple, Serializer};
use serde::{Deserialize, Serialize, forward_to_deserialize_any};

use super::raw::integer_digits;
use super::{Error, ErrorKind, RawValue, Tag, Writer};

/// The name under which a [`RawValue`] passes.
pub(super) const RAW_NAME: &str = "$wsflow::RawValue";

/// The name under which an integer beyond 64 bits passes.
pub(crate) const EXT_NAME: &str = "_ExtStruct";

/// The extension type of MessagePack for an integer beyond 64 bits; the data are its decimal digits in ASCII.
/// It is the byte of the integer's tag.
pub(crate) const EXT_INTEGER: i8 = b'#' as i8;

/// Bytes that serialize as bytes, not as a list of integers.
pub(crate) struct Bytes<'a>(pub(crate) &'a [u8]);

impl Serialize for Bytes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

/// Serializes to a tnetstring as it is, and to nothing else.
impl Serialize for RawValue<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(RAW_NAME, &(Refusal, Bytes(self.encoded())))
    }
}

/// Stands in front of what only a tnetstring can hold. The serializer of this module passes over it; every
/// other asks it for its value.
struct Refusal;

impl Serialize for Refusal {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(S::Error::custom("an undecoded value (RawValue) can only be written to a tnetstring"))
    }
}

/// Deserializes from a tnetstring without being looked at, and from nothing else.
impl<'de: 'a, 'a> Deserialize<'de> for RawValue<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<RawValue<'a>, D::Error> {
        deserializer.deserialize_newtype_struct(RAW_NAME, RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = RawValue<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an undecoded value (RawValue), which only a tnetstring can give")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut pair: A) -> Result<RawValue<'de>, A::Error> {
        let offset = pair.next_element()?.ok_or_else(|| de::Error::invalid_length(0, &self))?;
        let encoded = pair.next_element()?.ok_or_else(|| de::Error::invalid_length(1, &self))?;
        RawValue::from_slice_at(encoded, offset).map_err(de::Error::custom)
    }
}

/// Gives the two parts of a [`RawValue`] to its visitor.
pub(super) fn visit_raw<'de, V: Visitor<'de>>(visitor: V, value: RawValue<'de>) -> Result<V::Value, Error> {
    let offset: U64Deserializer<Error> = (value.offset() as u64).into_deserializer();
    visitor.visit_seq(Pair { first: Some(offset), second: Some(value.encoded()) })
}

/// Gives the digits of an integer beyond 128 bits to a visitor.
pub(super) fn visit_digits<'de, V: Visitor<'de>>(visitor: V, digits: &'de str) -> Result<V::Value, Error> {
    let ext_type: I8Deserializer<Error> = EXT_INTEGER.into_deserializer();
    visitor.visit_newtype_struct(Pair { first: Some(ext_type), second: Some(digits.as_bytes()) })
}

struct Pair<'de, D> {
    first: Option<D>,
    second: Option<&'de [u8]>,
}

impl<'de, D: Deserializer<'de, Error = Error>> SeqAccess<'de> for Pair<'de, D> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        match (self.first.take(), self.second.take()) {
            (Some(first), second) => {
                self.second = second;
                seed.deserialize(first).map(Some)
            }
            (None, Some(second)) => seed.deserialize(BorrowedBytesDeserializer::new(second)).map(Some),
            (None, None) => Ok(None),
        }
    }
}

impl<'de, D: Deserializer<'de, Error = Error>> Deserializer<'de> for Pair<'de, D> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_seq(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// What a [`Taker`] makes of the pair.
#[derive(Clone, Copy)]
pub(super) enum Carried {
    /// The bytes are a whole value; what stands before them is no business of a tnetstring.
    Raw,
    /// The bytes are the digits of an integer; before them stands [`EXT_INTEGER`].
    Integer,
}

/// Takes a carried pair in, and writes what it carries. It takes nothing else.
pub(super) struct Taker<'w> {
    writer: Writer<'w>,
    carried: Carried,
    /// The parts of the pair that have passed.
    passed: usize,
}

impl<'w> Taker<'w> {
    pub(super) fn new(writer: Writer<'w>, carried: Carried) -> Taker<'w> {
        Taker { writer, carried, passed: 0 }
    }

    fn refuse<T>(&self) -> Result<T, Error> {
        Err(Error::custom(match self.carried {
            Carried::Raw => "expected an undecoded value (RawValue)",
            Carried::Integer => "expected an integer as extension type 35 and digits",
        }))
    }
}

impl SerializeTuple for Taker<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.passed += 1;
        match (self.carried, self.passed) {
            (Carried::Raw, 1) => Ok(()),
            (_, 1 | 2) => {
                value.serialize(Taker { writer: self.writer.reborrow(), carried: self.carried, passed: self.passed })
            }
            _ => self.refuse(),
        }
    }

    fn end(self) -> Result<(), Error> {
        if self.passed == 2 { Ok(()) } else { self.refuse() }
    }
}

macro_rules! refuse {
    ($($method:ident($($type:ty),*) -> $result:ty;)*) => {
        $(fn $method(self, $(_: $type),*) -> Result<$result, Error> {
            self.refuse()
        })*
    };
}

impl<'w> Serializer for Taker<'w> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Impossible<(), Error>;
    type SerializeTuple = Taker<'w>;
    type SerializeTupleStruct = Impossible<(), Error>;
    type SerializeTupleVariant = Impossible<(), Error>;
    type SerializeMap = Impossible<(), Error>;
    type SerializeStruct = Impossible<(), Error>;
    type SerializeStructVariant = Impossible<(), Error>;

    fn serialize_tuple(self, _: usize) -> Result<Taker<'w>, Error> {
        if self.passed == 0 { Ok(self) } else { self.refuse() }
    }

    fn serialize_i8(self, ext_type: i8) -> Result<(), Error> {
        if self.passed == 1 && ext_type == EXT_INTEGER { Ok(()) } else { self.refuse() }
    }

    fn serialize_bytes(mut self, bytes: &[u8]) -> Result<(), Error> {
        match (self.carried, self.passed) {
            (Carried::Raw, 2) => {
                self.writer.raw(RawValue::from_slice(bytes)?);
                Ok(())
            }
            (Carried::Integer, 2) if integer_digits(bytes).is_some() => {
                self.writer.value(bytes, Tag::Integer);
                Ok(())
            }
            (Carried::Integer, 2) => Err(Error::unplaced(ErrorKind::InvalidInteger)),
            _ => self.refuse(),
        }
    }

    fn serialize_some<T: Serialize + ?Sized>(self, _: &T) -> Result<(), Error> {
        self.refuse()
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, _: &T) -> Result<(), Error> {
        self.refuse()
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<(), Error> {
        self.refuse()
    }

    refuse! {
        serialize_bool(bool) -> ();
        serialize_i16(i16) -> ();
        serialize_i32(i32) -> ();
        serialize_i64(i64) -> ();
        serialize_u8(u8) -> ();
        serialize_u16(u16) -> ();
        serialize_u32(u32) -> ();
        serialize_u64(u64) -> ();
        serialize_f32(f32) -> ();
        serialize_f64(f64) -> ();
        serialize_char(char) -> ();
        serialize_str(&str) -> ();
        serialize_none() -> ();
        serialize_unit() -> ();
        serialize_unit_struct(&'static str) -> ();
        serialize_unit_variant(&'static str, u32, &'static str) -> ();
        serialize_seq(Option<usize>) -> Self::SerializeSeq;
        serialize_tuple_struct(&'static str, usize) -> Self::SerializeTupleStruct;
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> Self::SerializeTupleVariant;
        serialize_map(Option<usize>) -> Self::SerializeMap;
        serialize_struct(&'static str, usize) -> Self::SerializeStruct;
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> Self::SerializeStructVariant;
    }
}
