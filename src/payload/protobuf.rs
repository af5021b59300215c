//! [Protocol Buffers](https://protobuf.dev/programming-guides/encoding/) without a schema: numbers of fields, how they are
//! written, and what a value may mean.
//!
//! A value with a length is shown as text if it is, as a message if it reads as one, and as bytes otherwise. It may
//! be none of these to those who wrote it.

use serde::Serialize;

use super::body::Body;
use super::bytes::Bytes;
use super::json::{Base64, written};
use super::plain::is_printable;
use super::{NotThat, Payload};

/// Messages within messages. Each byte is read once for each.
const MAX_MESSAGES: usize = 32;

/// Fields of a payload. Each takes two bytes at least, and some dozens here.
const MOST_FIELDS: usize = 1 << 20;

/// Fields with larger numbers are allowed, but nobody has them.
const LARGEST_GUESSED: u64 = 1 << 12;
const LARGEST_FIELD: u64 = (1 << 29) - 1;

const LONGEST_VARINT: u32 = 10;

/// Fields that a summary names.
const NAMED: usize = 6;

#[derive(Serialize)]
struct Field<'a> {
    field: u64,
    #[serde(flatten)]
    value: Value<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Value<'a> {
    Varint(u64),
    Text(&'a str),
    Message(Vec<Field<'a>>),
    Bytes(Base64),
    /// What eight bytes may be.
    #[serde(untagged)]
    Eight {
        fixed64: u64,
        double: f64,
    },
    /// What four bytes may be.
    #[serde(untagged)]
    Four {
        fixed32: u32,
        float: f32,
    },
}

pub(super) fn guess(payload: &Payload<'_>) -> Option<&'static str> {
    if payload.is_text || payload.content.is_empty() || is_printable(payload.content) {
        return None;
    }
    let mut bytes = Bytes::new(payload.content);
    while !bytes.is_empty() {
        let (number, _) = next(&mut bytes).ok()?;
        if number > LARGEST_GUESSED {
            return None;
        }
    }
    Some("it reads as fields of Protocol Buffers, to its last byte; so may other bytes")
}

pub(super) fn decode<'a>(payload: &Payload<'a>) -> Result<Body<'a>, NotThat> {
    let mut left = MOST_FIELDS;
    let fields = message(payload.content, MAX_MESSAGES, &mut left)?;
    let mut names: Vec<_> = fields.iter().take(NAMED).map(|field| field.field.to_string()).collect();
    if fields.len() > NAMED {
        names.push("…".to_owned());
    }
    Ok(Body::json(written(&fields)).summed_up(format!("{{{}}}", names.join(","))))
}

fn message<'a>(content: &'a [u8], depth: usize, left: &mut usize) -> Result<Vec<Field<'a>>, NotThat> {
    let depth = depth.checked_sub(1).ok_or(NotThat("it is nested too deep"))?;
    let mut bytes = Bytes::new(content);
    let mut fields = Vec::new();
    while !bytes.is_empty() {
        *left = left.checked_sub(1).ok_or(NotThat("it has too many fields"))?;
        let (field, wire) = next(&mut bytes)?;
        let value = match wire {
            Wire::Varint(number) => Value::Varint(number),
            Wire::Fixed64(bits) => Value::Eight { fixed64: bits, double: f64::from_bits(bits) },
            Wire::Fixed32(bits) => Value::Four { fixed32: bits, float: f32::from_bits(bits) },
            Wire::Length(content) => value(content, depth, left),
        };
        fields.push(Field { field, value });
    }
    Ok(fields)
}

fn value<'a>(content: &'a [u8], depth: usize, left: &mut usize) -> Value<'a> {
    match str::from_utf8(content) {
        Ok(text) if text.is_empty() || is_printable(content) => return Value::Text(text),
        _ => {}
    }
    match message(content, depth, left) {
        Ok(fields) => Value::Message(fields),
        Err(_) => Value::Bytes(Base64::of(content)),
    }
}

enum Wire<'a> {
    Varint(u64),
    Fixed64(u64),
    Fixed32(u32),
    Length(&'a [u8]),
}

/// The next field: its number, and its value.
fn next<'a>(bytes: &mut Bytes<'a>) -> Result<(u64, Wire<'a>), NotThat> {
    let key = bytes.varint(LONGEST_VARINT)?;
    let number = key >> 3;
    if number == 0 || number > LARGEST_FIELD {
        return Err(NotThat("a field in it has a number that is not allowed"));
    }
    let wire = match key & 7 {
        0 => Wire::Varint(bytes.varint(LONGEST_VARINT)?),
        1 => Wire::Fixed64(bytes.u64()?.swap_bytes()),
        2 => {
            let length = bytes.varint(LONGEST_VARINT)?;
            Wire::Length(bytes.take(length)?)
        }
        5 => Wire::Fixed32(bytes.u32()?.swap_bytes()),
        3 | 4 => return Err(NotThat("it has groups, which nobody writes any more")),
        _ => return Err(NotThat("a field in it is of a type that there is not")),
    };
    Ok((number, wire))
}
