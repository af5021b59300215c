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

/// Messages within messages that are looked at for a guess.
const MAX_LIKELY: usize = 4;

/// Bytes of a message that is guessed, unless there is text in it, and of such a text.
const SHORTEST: usize = 4;
const SHORTEST_TEXT: usize = 3;

/// Fields that a summary names.
const NAMED: usize = 6;

#[derive(Serialize)]
pub(super) struct Field<'a> {
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
    Group(Vec<Field<'a>>),
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
    let is_likely = !payload.is_text && !is_printable(payload.content) && is_likely(payload.content, MAX_LIKELY);
    is_likely.then_some("it reads as fields of Protocol Buffers, to its last byte; so may other bytes")
}

/// Whether bytes read as a message to their last byte, which few do by chance, and something more speaks for it: a text, a
/// message within, or several fields that come by their numbers, as nearly all writers have it, with values that are
/// worth writing.
fn is_likely(content: &[u8], depth: usize) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return false };
    let mut bytes = Bytes::new(content);
    let (mut fields, mut steps_back, mut zeros, mut last, mut has_proof) = (0_usize, 0, 0, 0, false);
    while !bytes.is_empty() {
        let Ok((number, wire)) = next(&mut bytes, MAX_LIKELY) else { return false };
        if number > LARGEST_GUESSED {
            return false;
        }
        fields += 1;
        steps_back += usize::from(number < last);
        last = number;
        match wire {
            Wire::Varint(0) | Wire::Fixed32(0) | Wire::Fixed64(0) => zeros += 1,
            Wire::Length(value) if !has_proof => {
                has_proof = value.len() >= SHORTEST_TEXT && is_printable(value) || is_likely(value, depth);
            }
            Wire::Group(content) => has_proof |= is_likely(content, depth),
            _ => {}
        }
    }
    has_proof || fields >= 2 && steps_back * 4 <= fields && zeros * 2 <= fields && content.len() >= SHORTEST
}

pub(super) fn decode<'a>(payload: &Payload<'a>) -> Result<Body<'a>, NotThat> {
    let fields = fields(payload.content)?;
    let mut names: Vec<_> = fields.iter().take(NAMED).map(|field| field.field.to_string()).collect();
    if fields.len() > NAMED {
        names.push("…".to_owned());
    }
    Ok(Body::json(written(&fields)).summed_up(format!("{{{}}}", names.join(","))))
}

/// The fields of a message.
pub(super) fn fields(content: &[u8]) -> Result<Vec<Field<'_>>, NotThat> {
    let mut left = MOST_FIELDS;
    message(content, MAX_MESSAGES, &mut left)
}

fn message<'a>(content: &'a [u8], depth: usize, left: &mut usize) -> Result<Vec<Field<'a>>, NotThat> {
    let depth = depth.checked_sub(1).ok_or(NotThat("it is nested too deep"))?;
    let mut bytes = Bytes::new(content);
    let mut fields = Vec::new();
    while !bytes.is_empty() {
        *left = left.checked_sub(1).ok_or(NotThat("it has too many fields"))?;
        let (field, wire) = next(&mut bytes, depth)?;
        let value = match wire {
            Wire::Varint(number) => Value::Varint(number),
            Wire::Fixed64(bits) => Value::Eight { fixed64: bits, double: f64::from_bits(bits) },
            Wire::Fixed32(bits) => Value::Four { fixed32: bits, float: f32::from_bits(bits) },
            Wire::Length(content) => value(content, depth, left),
            Wire::Group(content) => Value::Group(message(content, depth, left)?),
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
    /// A message between a start and an end, of which the editions of today write some still (`DELIMITED`).
    Group(&'a [u8]),
}

const GROUP_START: u64 = 3;
const GROUP_END: u64 = 4;

/// The number and the type of the next field.
fn key(bytes: &mut Bytes<'_>) -> Result<(u64, u64), NotThat> {
    let key = bytes.varint(LONGEST_VARINT)?;
    match key >> 3 {
        number @ 1..=LARGEST_FIELD => Ok((number, key & 7)),
        _ => Err(NotThat("a field in it has a number that is not allowed")),
    }
}

/// The next field: its number, and its value. Groups in it are not nested deeper than this.
fn next<'a>(bytes: &mut Bytes<'a>, depth: usize) -> Result<(u64, Wire<'a>), NotThat> {
    let (number, kind) = key(bytes)?;
    Ok((number, wire(bytes, number, kind, depth)?))
}

fn wire<'a>(bytes: &mut Bytes<'a>, number: u64, kind: u64, depth: usize) -> Result<Wire<'a>, NotThat> {
    Ok(match kind {
        0 => Wire::Varint(bytes.varint(LONGEST_VARINT)?),
        1 => Wire::Fixed64(bytes.u64()?.swap_bytes()),
        2 => {
            let length = bytes.varint(LONGEST_VARINT)?;
            Wire::Length(bytes.take(length)?)
        }
        5 => Wire::Fixed32(bytes.u32()?.swap_bytes()),
        GROUP_START => Wire::Group(group(bytes, number, depth)?),
        GROUP_END => return Err(NotThat("a group in it ends that did not begin")),
        _ => return Err(NotThat("a field in it is of a type that there is not")),
    })
}

/// What is before the end of the group of this number.
fn group<'a>(bytes: &mut Bytes<'a>, number: u64, depth: usize) -> Result<&'a [u8], NotThat> {
    let depth = depth.checked_sub(1).ok_or(NotThat("it is nested too deep"))?;
    let content = bytes.rest();
    loop {
        let length = content.len() - bytes.rest().len();
        match key(bytes)? {
            (end, GROUP_END) if end == number => return Ok(&content[..length]),
            (number, kind) => {
                wire(bytes, number, kind, depth)?;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_MESSAGES, fields, written};
    use crate::payload::{Kind, tests::payload};

    #[test]
    fn groups_have_an_end() {
        let json = |content: &[u8]| fields(content).map(|fields| written(&fields));
        assert_eq!(
            json(b"\x0a\x02hi\x13\x08\x05\x1b\x1c\x14\x18\x01").as_deref(),
            Ok(
                r#"[{"field":1,"text":"hi"},{"field":2,"group":[{"field":1,"varint":5},{"field":3,"group":[]}]},{"field":3,"varint":1}]"#
            )
        );
        for broken in [&b"\x13"[..], b"\x14", b"\x13\x08\x05", b"\x13\x1c", b"\x13\x1b\x14\x1c", b"\x13\x0a\x02\x14"] {
            assert!(json(broken).is_err(), "{}", broken.escape_ascii());
        }
        let nested = |depth: usize| [vec![0x13; depth], vec![0x14; depth]].concat();
        assert!(json(&nested(MAX_MESSAGES - 1)).is_ok());
        assert!(json(&nested(MAX_MESSAGES)).is_err());
        assert!(json(&nested(1 << 17)).is_err());
        assert!(is_guessed(b"\x0a\x02hi\x13\x0a\x03abc\x14"));
    }

    fn is_guessed(content: &[u8]) -> bool {
        payload(content, false, None).guess().kind() == Kind::Protobuf
    }

    #[test]
    fn a_message_is_guessed_where_something_speaks_for_it() {
        let messages: [&[u8]; 6] = [
            b"\x12\x07testing",
            b"\x08\x96\x01\x12\x03abc",
            // Numbers alone: by their fields, of which one may stand elsewhere.
            b"\x08\x05\x10\x07",
            b"\x08\x05\x10\x07\x28\x01\x1d\x00\x00\x80\x3f",
            // A message within, and numbers in one field.
            b"\x1a\x04\x08\x05\x10\x07",
            b"\x08\x01\x22\x06\x03\x8e\x02\x9e\xa7\x05",
        ];
        for content in messages {
            assert!(is_guessed(content), "{}", content.escape_ascii());
        }
        let others: [&[u8]; 12] = [
            b"\x08\x01",
            b"\x08\x96\x01",
            b"\x0a\x00",
            b"\x0a\x01\xff",
            b"\x0d\x01\x02\x03\x04",
            b"\x09\x01\x02\x03\x04\x05\x06\x07\x08",
            b"\x08\x00\x10\x00",
            b"\x18\x01\x10\x01\x08\x01",
            b"\x01\x00\x00\x00\x02\x00\x00\x00",
            b"h\0e\0l\0l\0o\0",
            b"\x02\x00\x00\x00",
            b"\x78\xda\x8d",
        ];
        for content in others {
            assert!(!is_guessed(content), "{}", content.escape_ascii());
        }
    }

    /// Of bytes without any meaning few are guessed.
    #[test]
    fn chance_seldom_writes_a_message() {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut random = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()[3]
        };
        for length in [2, 4, 8, 12, 16, 32, 64] {
            let guessed =
                (0..20_000).filter(|_| is_guessed(&std::array::from_fn::<u8, 64, _>(|_| random())[..length])).count();
            assert!(guessed <= 200, "{length}: {guessed}");
        }
    }
}
