//! From a tnetstring to any type that serde can build.
//!
//! The deserializer is one [`RawValue`] and the depth that is left; each value within a list or dict gets a
//! deserializer of its own. What a type does not ask for is stepped over by its length.

#[cfg(test)]
mod tests;

use serde::de::{self, Deserialize, DeserializeSeed, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor};

use super::{Entries, Error, ErrorKind, Items, MAX_DEPTH, RawValue, Tag, carry};

/// Reads a value from an input that holds just this value.
///
/// ```
/// use serde::Deserialize;
/// use wsflow::tnetstring;
///
/// #[derive(Deserialize)]
/// struct Close<'a> {
///     close_code: Option<i64>,
///     close_reason: Option<&'a str>,
/// }
///
/// let input = b"57:12:close_reason;3:bye;10:close_code;4:1000#8:messages;0:]}";
/// let close: Close = tnetstring::from_slice(input)?;
/// assert_eq!((close.close_code, close.close_reason), (Some(1000), Some("bye")));
/// # Ok::<(), tnetstring::Error>(())
/// ```
///
/// # Errors
/// When the input is not one whole tnetstring, or does not hold what `T` needs. Values that `T` does not ask
/// for are not looked into.
pub fn from_slice<'de, T: Deserialize<'de>>(input: &'de [u8]) -> Result<T, Error> {
    from_raw(RawValue::from_slice(input)?)
}

/// Reads a value that has been cut out already.
///
/// # Errors
/// As [`from_slice`]; offsets count from where those of `value` do.
pub fn from_raw<'de, T: Deserialize<'de>>(value: RawValue<'de>) -> Result<T, Error> {
    let deserializer = Deserializer::new(value);
    deserializer.placed(T::deserialize(deserializer))
}

/// serde's view of one encoded value.
///
/// - Strings and bytes are borrowed from the input. Each is taken for the other where a type asks for it, as
///   long as it is UTF-8 where text is wanted: formats up to 0.17 have keys in bytes, formats up to 10 have text
///   content in strings.
/// - An integer is taken for a float, as old timestamps are integers.
/// - An integer beyond 128 bits reaches a type that takes anything as a newtype struct around an extension type
///   and its decimal digits, as `rmp-serde` would give it.
/// - An enum is a string, or a dict with one entry, as in `serde_json`.
#[derive(Clone, Copy, Debug)]
pub struct Deserializer<'de> {
    value: RawValue<'de>,
    /// Lists and dicts that may still be entered, one within the other.
    depth: usize,
}

impl<'de> Deserializer<'de> {
    /// A deserializer of this value.
    pub fn new(value: RawValue<'de>) -> Deserializer<'de> {
        Deserializer { value, depth: MAX_DEPTH }
    }

    /// The depth that is left within this value.
    fn deeper(&self) -> Result<usize, Error> {
        self.depth.checked_sub(1).ok_or_else(|| Error::new(self.value.offset(), ErrorKind::TooDeep))
    }

    /// Gives an error that has no place yet the place of this value.
    fn placed<T>(&self, result: Result<T, Error>) -> Result<T, Error> {
        result.map_err(|error| error.or_at(self.value.offset()))
    }

    /// An integer of the type asked for.
    fn integer<T: TryFrom<i64> + std::str::FromStr>(&self) -> Result<T, Error> {
        let integer = match self.value.to_i64() {
            Ok(integer) => T::try_from(integer).ok(),
            Err(error) if *error.kind() == ErrorKind::IntegerOutOfRange => self.value.integer_digits()?.parse().ok(),
            Err(error) => return Err(error),
        };
        integer.ok_or_else(|| Error::new(self.value.offset(), ErrorKind::IntegerOutOfRange))
    }

    /// An integer of the smallest type that holds it.
    fn visit_integer<V: Visitor<'de>>(&self, visitor: V) -> Result<V::Value, Error> {
        if let Ok(integer) = self.value.to_i64() {
            return visitor.visit_i64(integer);
        }
        let digits = self.value.integer_digits()?;
        if let Ok(integer) = digits.parse() {
            visitor.visit_u64(integer)
        } else if let Ok(integer) = digits.parse() {
            visitor.visit_i128(integer)
        } else if let Ok(integer) = digits.parse() {
            visitor.visit_u128(integer)
        } else {
            carry::visit_digits(visitor, digits)
        }
    }

    fn visit_list<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let items = self.value.items()?;
        let mut elements = Elements { items, depth: self.deeper()? };
        let value = self.placed(visitor.visit_seq(&mut elements))?;
        end(&elements.items)?;
        Ok(value)
    }

    fn visit_dict<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let entries = self.value.entries()?;
        let mut pairs = Pairs { entries, value: None, depth: self.deeper()? };
        let value = self.placed(visitor.visit_map(&mut pairs))?;
        end(pairs.entries.items())?;
        Ok(value)
    }
}

/// Nothing may be left over in a list or dict.
fn end(rest: &Items<'_>) -> Result<(), Error> {
    if rest.rest().is_empty() { Ok(()) } else { Err(Error::new(rest.offset(), ErrorKind::TooManyValues)) }
}

macro_rules! integers {
    ($($method:ident $visit:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            self.placed(visitor.$visit(self.integer()?))
        })*
    };
}

impl<'de> de::Deserializer<'de> for Deserializer<'de> {
    type Error = Error;

    fn is_human_readable(&self) -> bool {
        false
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.value.tag() {
            Tag::Bytes => self.deserialize_bytes(visitor),
            Tag::Str => self.deserialize_str(visitor),
            Tag::Integer => self.placed(self.visit_integer(visitor)),
            Tag::Float => self.deserialize_f64(visitor),
            Tag::Bool => self.deserialize_bool(visitor),
            Tag::Null => self.deserialize_unit(visitor),
            Tag::List => self.visit_list(visitor),
            Tag::Dict => self.visit_dict(visitor),
        }
    }

    integers! {
        deserialize_i8 visit_i8
        deserialize_i16 visit_i16
        deserialize_i32 visit_i32
        deserialize_i64 visit_i64
        deserialize_i128 visit_i128
        deserialize_u8 visit_u8
        deserialize_u16 visit_u16
        deserialize_u32 visit_u32
        deserialize_u64 visit_u64
        deserialize_u128 visit_u128
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.placed(visitor.visit_f64(self.value.to_f64()?))
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.placed(visitor.visit_bool(self.value.to_bool()?))
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.placed(visitor.visit_borrowed_str(self.value.to_str()?))
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.placed(visitor.visit_borrowed_bytes(self.value.to_bytes()?))
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.value.is_null() {
            self.value.to_null()?;
            self.placed(visitor.visit_none())
        } else {
            self.placed(visitor.visit_some(self))
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.value.to_null()?;
        self.placed(visitor.visit_unit())
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Error> {
        if name == carry::RAW_NAME {
            return self.placed(carry::visit_raw(visitor, self.value));
        }
        self.placed(visitor.visit_newtype_struct(self))
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.visit_list(visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.visit_list(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.visit_list(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.visit_dict(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.visit_dict(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let (variant, content, depth) = match self.value.tag() {
            Tag::Bytes | Tag::Str => (self.value, None, self.depth),
            Tag::Dict => {
                let mut entries = self.value.entries()?;
                let Some(pair) = entries.next_pair() else {
                    return Err(self.value.wrong_type("a dict with one entry"));
                };
                let (variant, content) = pair?;
                end(entries.items())?;
                (variant, Some(content), self.deeper()?)
            }
            _ => return Err(self.value.wrong_type("a string or a dict with one entry")),
        };
        self.placed(visitor.visit_enum(Variant { variant, content, depth }))
    }

    /// The keys of a dict and the names of variants. Unknown ones need not be text: they are passed over.
    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let name = self.value.to_bytes()?;
        self.placed(match str::from_utf8(name) {
            Ok(name) => visitor.visit_borrowed_str(name),
            Err(_) => visitor.visit_borrowed_bytes(name),
        })
    }

    /// Costs nothing: the value has been cut by its length, and its inside is not looked at.
    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.placed(visitor.visit_unit())
    }
}

/// The values of a list.
struct Elements<'de> {
    items: Items<'de>,
    depth: usize,
}

impl<'de> SeqAccess<'de> for Elements<'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        match self.items.next() {
            Some(value) => seed.deserialize(Deserializer { value: value?, depth: self.depth }).map(Some),
            None => Ok(None),
        }
    }
}

/// The keys and values of a dict.
struct Pairs<'de> {
    entries: Entries<'de>,
    /// The value that belongs to the key that was given out last.
    value: Option<RawValue<'de>>,
    depth: usize,
}

impl<'de> MapAccess<'de> for Pairs<'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        let Some(pair) = self.entries.next_pair() else {
            return Ok(None);
        };
        let (key, value) = pair?;
        self.value = Some(value);
        seed.deserialize(Deserializer { value: key, depth: self.depth }).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let Some(value) = self.value.take() else {
            return Err(de::Error::custom("the value of a dict was asked for before its key"));
        };
        seed.deserialize(Deserializer { value, depth: self.depth })
    }
}

/// A variant of an enum: its name, and what it holds.
struct Variant<'de> {
    variant: RawValue<'de>,
    content: Option<RawValue<'de>>,
    depth: usize,
}

impl<'de> Variant<'de> {
    fn content(&self, expected: &'static str) -> Result<Deserializer<'de>, Error> {
        match self.content {
            Some(value) => Ok(Deserializer { value, depth: self.depth }),
            None => Err(self.variant.wrong_type(expected)),
        }
    }
}

impl<'de> EnumAccess<'de> for Variant<'de> {
    type Error = Error;
    type Variant = Variant<'de>;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Variant<'de>), Error> {
        let name = seed.deserialize(Deserializer { value: self.variant, depth: self.depth })?;
        Ok((name, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'de> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        match self.content {
            Some(content) => content.to_null(),
            None => Ok(()),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Error> {
        seed.deserialize(self.content("a dict with the variant and its value")?)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.content("a dict with the variant and its values")?.visit_list(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], visitor: V) -> Result<V::Value, Error> {
        self.content("a dict with the variant and its fields")?.visit_dict(visitor)
    }
}
