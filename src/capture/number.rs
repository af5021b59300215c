//! Numbers that keep how they were written, as far as it matters: an integer is no float.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::{Serialize, Serializer};

use super::json::excerpt;
use crate::flow::Timestamp;
use crate::tnetstring::{RawValue, Tag, Writer, integer_digits};

/// A number of a flow. In JSON it is a number where JSON has one, and its text where not, as for `nan` and for
/// integers beyond 64 bits.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Number {
    Integer(i64),
    Float(f64),
    Text(String),
}

impl Number {
    /// A number as it stands in a flow.
    pub(super) fn of(value: RawValue<'_>) -> Number {
        match value.tag() {
            Tag::Integer if let Ok(integer) = value.to_i64() => Number::Integer(integer),
            Tag::Float if let Some(float) = value.to_f64().ok().filter(|float| float.is_finite()) => {
                Number::Float(float)
            }
            _ => Number::Text(String::from_utf8_lossy(value.body()).into_owned()),
        }
    }

    /// Writes the number as it was in the flow. Text that is none becomes a `nan`.
    pub(super) fn write(&self, writer: &mut Writer<'_>) {
        match self {
            Number::Integer(integer) => writer.integer(*integer),
            Number::Float(float) => writer.float(*float),
            Number::Text(digits) if integer_digits(digits.as_bytes()).is_some() => {
                writer.value(digits.as_bytes(), Tag::Integer);
            }
            Number::Text(text) => writer.float(text.parse().unwrap_or(f64::NAN)),
        }
    }

    /// The number itself, if its text is one.
    ///
    /// # Errors
    /// What to say of the value that has this name.
    pub(super) fn checked(self, name: &str) -> Result<Number, String> {
        match &self {
            Number::Text(text) if integer_digits(text.as_bytes()).is_none() && text.parse::<f64>().is_err() => {
                Err(format!("`{name}` is no number: `{}`", excerpt(text)))
            }
            _ => Ok(self),
        }
    }

    /// The number, as near as a float can have it.
    pub(super) fn to_f64(&self) -> f64 {
        match self {
            Number::Integer(integer) => *integer as f64,
            Number::Float(float) => *float,
            Number::Text(text) => text.parse().unwrap_or(f64::NAN),
        }
    }
}

impl From<Timestamp<'_>> for Number {
    fn from(timestamp: Timestamp<'_>) -> Number {
        Number::of(timestamp.value())
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Number::Integer(integer) => serializer.serialize_i64(*integer),
            Number::Float(float) => serializer.serialize_f64(*float),
            Number::Text(text) => serializer.serialize_str(text),
        }
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Number, D::Error> {
        deserializer.deserialize_any(NumberVisitor)
    }
}

struct NumberVisitor;

impl Visitor<'_> for NumberVisitor {
    type Value = Number;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number")
    }

    fn visit_i64<E: de::Error>(self, integer: i64) -> Result<Number, E> {
        Ok(Number::Integer(integer))
    }

    fn visit_u64<E: de::Error>(self, integer: u64) -> Result<Number, E> {
        Ok(i64::try_from(integer).map_or_else(|_| Number::Text(integer.to_string()), Number::Integer))
    }

    fn visit_f64<E: de::Error>(self, float: f64) -> Result<Number, E> {
        Ok(Number::Float(float))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Number, E> {
        Ok(Number::Text(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back_from_json_as_they_were() {
        for encoded in [
            "1:1#",
            "20:36893488147419103232#",
            "20:18446744073709551615#",
            "2:-7#",
            "18:1693314240.7948081^",
            "3:1.0^",
            "4:-0.0^",
            "5:1e+16^",
            "5:1e-07^",
            "6:1e+300^",
            "3:nan^",
            "4:-inf^",
        ] {
            let number = Number::of(RawValue::from_slice(encoded.as_bytes()).unwrap());
            let json = serde_json::to_string(&number).unwrap();
            let back: Number = serde_json::from_str(&json).unwrap();
            let mut out = Vec::new();
            back.write(&mut Writer::new(&mut out));
            assert_eq!(String::from_utf8(out).unwrap(), encoded, "{json}");
        }
    }
}
