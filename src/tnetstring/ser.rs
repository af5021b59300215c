//! From any type that serde can take apart to a tnetstring.
//!
//! The serializer is a [`Writer`] and the depth that is left. Dict entries are written in the order in which
//! serde gives them.

#[cfg(test)]
mod tests;

use std::{fmt, io};

use serde::ser::{
    self, Error as _, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant,
};

use super::carry::{Carried, EXT_NAME, RAW_NAME, Taker};
use super::writer::Mark;
use super::{Error, ErrorKind, MAX_DEPTH, Tag, Writer};

/// The encoding of a value.
///
/// ```
/// use wsflow::tnetstring;
///
/// let encoded = tnetstring::to_vec(&("hello", 42, 1e-7))?;
/// assert_eq!(encoded, b"21:5:hello;2:42#5:1e-07^]");
/// # Ok::<(), tnetstring::Error>(())
/// ```
///
/// # Errors
/// When the value is nested too deep, a dict key is neither a string nor bytes, or the value's own `Serialize`
/// fails.
pub fn to_vec<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    value.serialize(Serializer::new(&mut out))?;
    Ok(out)
}

/// Writes the encoding of a value. It is made in memory and written at once, as its length stands in front.
///
/// # Errors
/// Those of `writer`; and where [`to_vec`] has an error, that error as one of kind
/// [`InvalidData`](io::ErrorKind::InvalidData), before anything is written.
pub fn to_writer<W: io::Write, T: Serialize + ?Sized>(mut writer: W, value: &T) -> io::Result<()> {
    let encoded = to_vec(value).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
    writer.write_all(&encoded)
}

/// serde's way into a tnetstring, which is appended to a buffer.
///
/// After an error the end of the buffer is an unfinished value.
#[derive(Debug)]
pub struct Serializer<'w> {
    writer: Writer<'w>,
    /// Lists and dicts that may still be opened, one within the other.
    depth: usize,
}

impl<'w> Serializer<'w> {
    /// A serializer that appends to `out`.
    pub fn new(out: &'w mut Vec<u8>) -> Serializer<'w> {
        Serializer { writer: Writer::new(out), depth: MAX_DEPTH }
    }

    fn open(self, tag: Tag) -> Result<Compound<'w>, Error> {
        let Some(depth) = self.depth.checked_sub(1) else {
            return Err(Error::unplaced(ErrorKind::TooDeep));
        };
        let mut writer = self.writer;
        let mark = writer.open();
        Ok(Compound { writer, mark, tag, variant: None, depth })
    }

    /// Opens a dict with one entry for a variant, and in it the list or dict of what the variant holds.
    fn open_variant(self, variant: &str, tag: Tag) -> Result<Compound<'w>, Error> {
        let mut outer = self.open(Tag::Dict)?;
        outer.writer.str(variant);
        let mut inner = Serializer { writer: outer.writer, depth: outer.depth }.open(tag)?;
        inner.variant = Some(outer.mark);
        Ok(inner)
    }

    fn display(mut self, value: impl fmt::Display) -> Result<(), Error> {
        self.writer.display(&value, Tag::Integer).map_err(Error::custom)
    }
}

/// A list or dict that is still open.
#[derive(Debug)]
pub struct Compound<'w> {
    writer: Writer<'w>,
    mark: Mark,
    tag: Tag,
    /// The dict around it, if this is what a variant of an enum holds.
    variant: Option<Mark>,
    depth: usize,
}

impl Compound<'_> {
    fn inner(&mut self) -> Serializer<'_> {
        Serializer { writer: self.writer.reborrow(), depth: self.depth }
    }

    fn field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Error> {
        self.writer.str(key);
        value.serialize(self.inner())
    }

    fn close(mut self) -> Result<(), Error> {
        self.writer.close(self.mark, self.tag);
        if let Some(mark) = self.variant {
            self.writer.close(mark, Tag::Dict);
        }
        Ok(())
    }
}

impl<'w> ser::Serializer for Serializer<'w> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Compound<'w>;
    type SerializeTuple = Compound<'w>;
    type SerializeTupleStruct = Compound<'w>;
    type SerializeTupleVariant = Compound<'w>;
    type SerializeMap = Compound<'w>;
    type SerializeStruct = Compound<'w>;
    type SerializeStructVariant = Compound<'w>;

    fn is_human_readable(&self) -> bool {
        false
    }

    fn serialize_bool(mut self, value: bool) -> Result<(), Error> {
        self.writer.bool(value);
        Ok(())
    }

    fn serialize_i8(self, value: i8) -> Result<(), Error> {
        self.serialize_i64(value.into())
    }

    fn serialize_i16(self, value: i16) -> Result<(), Error> {
        self.serialize_i64(value.into())
    }

    fn serialize_i32(self, value: i32) -> Result<(), Error> {
        self.serialize_i64(value.into())
    }

    fn serialize_i64(mut self, value: i64) -> Result<(), Error> {
        self.writer.integer(value);
        Ok(())
    }

    fn serialize_i128(self, value: i128) -> Result<(), Error> {
        self.display(value)
    }

    fn serialize_u8(self, value: u8) -> Result<(), Error> {
        self.serialize_i64(value.into())
    }

    fn serialize_u16(self, value: u16) -> Result<(), Error> {
        self.serialize_i64(value.into())
    }

    fn serialize_u32(self, value: u32) -> Result<(), Error> {
        self.serialize_i64(value.into())
    }

    fn serialize_u64(self, value: u64) -> Result<(), Error> {
        self.display(value)
    }

    fn serialize_u128(self, value: u128) -> Result<(), Error> {
        self.display(value)
    }

    fn serialize_f32(self, value: f32) -> Result<(), Error> {
        self.serialize_f64(value.into())
    }

    fn serialize_f64(mut self, value: f64) -> Result<(), Error> {
        self.writer.float(value);
        Ok(())
    }

    fn serialize_char(self, value: char) -> Result<(), Error> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(mut self, value: &str) -> Result<(), Error> {
        self.writer.str(value);
        Ok(())
    }

    fn collect_str<T: fmt::Display + ?Sized>(mut self, value: &T) -> Result<(), Error> {
        self.writer.display(value, Tag::Str).map_err(Error::custom)
    }

    fn serialize_bytes(mut self, value: &[u8]) -> Result<(), Error> {
        self.writer.bytes(value);
        Ok(())
    }

    fn serialize_none(self) -> Result<(), Error> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_unit(mut self) -> Result<(), Error> {
        self.writer.null();
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Error> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), Error> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, name: &'static str, value: &T) -> Result<(), Error> {
        match name {
            RAW_NAME => value.serialize(Taker::new(self.writer, Carried::Raw)),
            EXT_NAME => value.serialize(Taker::new(self.writer, Carried::Integer)),
            _ => value.serialize(self),
        }
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        let mut dict = self.open(Tag::Dict)?;
        dict.field(variant, value)?;
        dict.close()
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Compound<'w>, Error> {
        self.open(Tag::List)
    }

    fn serialize_tuple(self, _: usize) -> Result<Compound<'w>, Error> {
        self.open(Tag::List)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Compound<'w>, Error> {
        self.open(Tag::List)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Compound<'w>, Error> {
        self.open_variant(variant, Tag::List)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Compound<'w>, Error> {
        self.open(Tag::Dict)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Compound<'w>, Error> {
        self.open(Tag::Dict)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Compound<'w>, Error> {
        self.open_variant(variant, Tag::Dict)
    }
}

impl SerializeSeq for Compound<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        value.serialize(self.inner())
    }

    fn end(self) -> Result<(), Error> {
        self.close()
    }
}

impl SerializeTuple for Compound<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        value.serialize(self.inner())
    }

    fn end(self) -> Result<(), Error> {
        self.close()
    }
}

impl SerializeTupleStruct for Compound<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        value.serialize(self.inner())
    }

    fn end(self) -> Result<(), Error> {
        self.close()
    }
}

impl SerializeTupleVariant for Compound<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        value.serialize(self.inner())
    }

    fn end(self) -> Result<(), Error> {
        self.close()
    }
}

impl SerializeMap for Compound<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        let mark = self.writer.open();
        key.serialize(self.inner())?;
        match self.writer.last_tag(&mark) {
            Some(Tag::Str | Tag::Bytes) => Ok(()),
            found => Err(Error::custom(format_args!(
                "expected a dict key (bytes or a string), found {}",
                found.unwrap_or(Tag::Null)
            ))),
        }
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        value.serialize(self.inner())
    }

    fn end(self) -> Result<(), Error> {
        self.close()
    }
}

impl SerializeStruct for Compound<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Error> {
        self.field(key, value)
    }

    fn end(self) -> Result<(), Error> {
        self.close()
    }
}

impl SerializeStructVariant for Compound<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Error> {
        self.field(key, value)
    }

    fn end(self) -> Result<(), Error> {
        self.close()
    }
}
