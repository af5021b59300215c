//! A state through serde, from and to every format.

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::{Integer, Key, State};
use crate::tnetstring::{Bytes, EXT_INTEGER, EXT_NAME, ErrorKind, MAX_DEPTH};

impl Serialize for State<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            State::Null => serializer.serialize_unit(),
            State::Bool(value) => serializer.serialize_bool(*value),
            State::Integer(value) => value.serialize(serializer),
            State::Float(value) => serializer.serialize_f64(*value),
            State::Bytes(value) => serializer.serialize_bytes(value),
            State::Str(value) => serializer.serialize_str(value),
            State::List(values) => serializer.collect_seq(values),
            State::Dict(entries) => {
                let mut dict = serializer.serialize_map(Some(entries.len()))?;
                for (key, value) in entries {
                    dict.serialize_entry(key, value)?;
                }
                dict.end()
            }
            State::Raw(value) => value.serialize(serializer),
        }
    }
}

impl Serialize for Integer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Some(value) = self.to_i64() {
            serializer.serialize_i64(value)
        } else if let Some(value) = self.to_u64() {
            serializer.serialize_u64(value)
        } else {
            let digits = self.to_string();
            serializer.serialize_newtype_struct(EXT_NAME, &(EXT_INTEGER, Bytes(digits.as_bytes())))
        }
    }
}

impl Serialize for Key<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Key::Bytes(name) => serializer.serialize_bytes(name),
            Key::Str(name) => serializer.serialize_str(name),
        }
    }
}

/// Borrows from the input what the format lets it borrow. From a format that reads a stream nothing can be
/// borrowed, and the state is a `State<'static>`:
///
/// ```
/// use serde::Deserialize;
/// use wsflow::state::State;
///
/// let stream: &[u8] = b"\x92\x01\xa2hi";
/// let state = State::<'static>::deserialize(&mut rmp_serde::Deserializer::new(stream))?;
/// assert_eq!(state, State::List(vec![1.into(), "hi".into()]));
/// # Ok::<(), rmp_serde::decode::Error>(())
/// ```
impl<'de: 'a, 'a> Deserialize<'de> for State<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<State<'a>, D::Error> {
        Build { depth: MAX_DEPTH }.deserialize(deserializer)
    }
}

/// Builds a state in which this many lists and dicts may stand within each other.
#[derive(Clone, Copy)]
struct Build {
    depth: usize,
}

impl Build {
    fn deeper<E: de::Error>(self) -> Result<Build, E> {
        match self.depth.checked_sub(1) {
            Some(depth) => Ok(Build { depth }),
            None => Err(E::custom(ErrorKind::TooDeep)),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Build {
    type Value = State<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<State<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Build {
    type Value = State<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("null, a boolean, a number, bytes, a string, a list or a dict")
    }

    fn visit_unit<E: de::Error>(self) -> Result<State<'de>, E> {
        Ok(State::Null)
    }

    fn visit_none<E: de::Error>(self) -> Result<State<'de>, E> {
        Ok(State::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<State<'de>, D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<State<'de>, E> {
        Ok(State::Bool(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<State<'de>, E> {
        Ok(State::Integer(value.into()))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<State<'de>, E> {
        Ok(State::Integer(Integer::of(value)))
    }

    fn visit_i128<E: de::Error>(self, value: i128) -> Result<State<'de>, E> {
        Ok(State::Integer(Integer::of(value)))
    }

    fn visit_u128<E: de::Error>(self, value: u128) -> Result<State<'de>, E> {
        Ok(State::Integer(Integer::of(value)))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<State<'de>, E> {
        Ok(State::Float(value))
    }

    fn visit_borrowed_str<E: de::Error>(self, value: &'de str) -> Result<State<'de>, E> {
        Ok(State::Str(Cow::Borrowed(value)))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<State<'de>, E> {
        self.visit_string(value.to_owned())
    }

    fn visit_string<E: de::Error>(self, value: String) -> Result<State<'de>, E> {
        Ok(State::Str(Cow::Owned(value)))
    }

    fn visit_borrowed_bytes<E: de::Error>(self, value: &'de [u8]) -> Result<State<'de>, E> {
        Ok(State::Bytes(Cow::Borrowed(value)))
    }

    fn visit_bytes<E: de::Error>(self, value: &[u8]) -> Result<State<'de>, E> {
        self.visit_byte_buf(value.to_owned())
    }

    fn visit_byte_buf<E: de::Error>(self, value: Vec<u8>) -> Result<State<'de>, E> {
        Ok(State::Bytes(Cow::Owned(value)))
    }

    // No room is made beforehand in either: the number of values that an input claims is only a claim.
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<State<'de>, A::Error> {
        let build = self.deeper()?;
        let mut values = Vec::new();
        while let Some(value) = list.next_element_seed(build)? {
            values.push(value);
        }
        Ok(State::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut dict: A) -> Result<State<'de>, A::Error> {
        let build = self.deeper()?;
        let mut entries = Vec::new();
        while let Some(key) = dict.next_key()? {
            entries.push((key, dict.next_value_seed(build)?));
        }
        Ok(State::Dict(entries))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<State<'de>, D::Error> {
        deserializer.deserialize_tuple(2, ExtVisitor).map(State::Integer)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Key<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Key<'a>, D::Error> {
        deserializer.deserialize_any(KeyVisitor)
    }
}

struct KeyVisitor;

impl<'de> Visitor<'de> for KeyVisitor {
    type Value = Key<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a dict key (bytes or a string)")
    }

    fn visit_borrowed_str<E: de::Error>(self, name: &'de str) -> Result<Key<'de>, E> {
        Ok(Key::Str(Cow::Borrowed(name)))
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<Key<'de>, E> {
        Ok(Key::Str(Cow::Owned(name.to_owned())))
    }

    fn visit_borrowed_bytes<E: de::Error>(self, name: &'de [u8]) -> Result<Key<'de>, E> {
        Ok(Key::Bytes(Cow::Borrowed(name)))
    }

    fn visit_bytes<E: de::Error>(self, name: &[u8]) -> Result<Key<'de>, E> {
        Ok(Key::Bytes(Cow::Owned(name.to_owned())))
    }
}

/// Reads an extension type and its data, which have to be an integer.
struct ExtVisitor;

impl<'de> Visitor<'de> for ExtVisitor {
    type Value = Integer;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an extension of type {EXT_INTEGER} that holds the decimal digits of an integer")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut pair: A) -> Result<Integer, A::Error> {
        let ext_type: i8 = pair.next_element()?.ok_or_else(|| de::Error::invalid_length(0, &self))?;
        if ext_type != EXT_INTEGER {
            return Err(de::Error::invalid_value(de::Unexpected::Signed(ext_type.into()), &self));
        }
        pair.next_element::<Digits>()?.map(|Digits(digits)| digits).ok_or_else(|| de::Error::invalid_length(1, &self))
    }
}

struct Digits(Integer);

impl<'de> Deserialize<'de> for Digits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Digits, D::Error> {
        deserializer.deserialize_bytes(DigitsVisitor)
    }
}

struct DigitsVisitor;

impl<'de> Visitor<'de> for DigitsVisitor {
    type Value = Digits;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the decimal digits of an integer")
    }

    fn visit_bytes<E: de::Error>(self, digits: &[u8]) -> Result<Digits, E> {
        let integer = str::from_utf8(digits).ok().and_then(Integer::from_digits);
        integer.map(Digits).ok_or_else(|| E::invalid_value(de::Unexpected::Bytes(digits), &self))
    }
}
