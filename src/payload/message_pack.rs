//! [MessagePack](https://github.com/msgpack/msgpack/blob/master/spec.md), as JSON.
//!
//! Binary data is `{"$base64":"…"}`, an extension `{"$ext":5,"$base64":"…"}`, a timestamp
//! `{"$timestamp":"2023-08-29T12:57:20Z"}`, and a key that is no string is the text of its JSON.

use std::io::Write as _;

use jiff::Timestamp;
use rmp::Marker;

use super::body::Body;
use super::bytes::Bytes;
use super::json::{push_bytes, push_float, push_key, push_string, text_of};
use super::{MAX_DEPTH, NotThat, Payload};

/// The number of the extension that is a timestamp.
const TIMESTAMP: i8 = -1;

pub(super) fn guess(payload: &Payload<'_>) -> Option<&'static str> {
    // A number or a string alone could be anything.
    let is_container = matches!(payload.content, [0x80..=0x9f | 0xdc..=0xdf, _, ..]);
    (is_container && !payload.is_text).then_some("it is one map or array of MessagePack, to its last byte")
}

pub(super) fn decode<'a>(payload: &Payload<'a>) -> Result<Body<'a>, NotThat> {
    to_json(payload.content).map(Body::json)
}

/// The only value of a content.
pub(super) fn to_json(content: &[u8]) -> Result<String, NotThat> {
    let mut bytes = Bytes::new(content);
    let mut out = Vec::new();
    push_value(&mut out, &mut bytes, MAX_DEPTH)?;
    match bytes.is_empty() {
        true => text_of(out),
        false => Err(NotThat("there is more behind the value")),
    }
}

fn push_value(out: &mut Vec<u8>, bytes: &mut Bytes<'_>, depth: usize) -> Result<(), NotThat> {
    let depth = depth.checked_sub(1).ok_or(NotThat("it is nested too deep"))?;
    match Marker::from_u8(bytes.u8()?) {
        Marker::Null => out.extend_from_slice(b"null"),
        Marker::False => out.extend_from_slice(b"false"),
        Marker::True => out.extend_from_slice(b"true"),
        Marker::FixPos(number) => push_displayed(out, number),
        Marker::FixNeg(number) => push_displayed(out, number),
        Marker::U8 => push_displayed(out, bytes.u8()?),
        Marker::U16 => push_displayed(out, bytes.u16()?),
        Marker::U32 => push_displayed(out, bytes.u32()?),
        Marker::U64 => push_displayed(out, bytes.u64()?),
        Marker::I8 => push_displayed(out, bytes.u8()?.cast_signed()),
        Marker::I16 => push_displayed(out, bytes.u16()?.cast_signed()),
        Marker::I32 => push_displayed(out, bytes.u32()?.cast_signed()),
        Marker::I64 => push_displayed(out, bytes.u64()?.cast_signed()),
        Marker::F32 => push_single(out, f32::from_bits(bytes.u32()?)),
        Marker::F64 => push_float(out, f64::from_bits(bytes.u64()?)),
        Marker::FixStr(length) => push_text(out, bytes.take(length)?),
        Marker::Str8 => {
            let length = bytes.u8()?;
            push_text(out, bytes.take(length)?);
        }
        Marker::Str16 => {
            let length = bytes.u16()?;
            push_text(out, bytes.take(length)?);
        }
        Marker::Str32 => {
            let length = bytes.u32()?;
            push_text(out, bytes.take(length)?);
        }
        Marker::Bin8 => {
            let length = bytes.u8()?;
            push_bytes(out, bytes.take(length)?);
        }
        Marker::Bin16 => {
            let length = bytes.u16()?;
            push_bytes(out, bytes.take(length)?);
        }
        Marker::Bin32 => {
            let length = bytes.u32()?;
            push_bytes(out, bytes.take(length)?);
        }
        Marker::FixArray(length) => push_array(out, bytes, length.into(), depth)?,
        Marker::Array16 => {
            let length = bytes.u16()?;
            push_array(out, bytes, length.into(), depth)?;
        }
        Marker::Array32 => {
            let length = bytes.u32()?;
            push_array(out, bytes, length, depth)?;
        }
        Marker::FixMap(length) => push_map(out, bytes, length.into(), depth)?,
        Marker::Map16 => {
            let length = bytes.u16()?;
            push_map(out, bytes, length.into(), depth)?;
        }
        Marker::Map32 => {
            let length = bytes.u32()?;
            push_map(out, bytes, length, depth)?;
        }
        Marker::FixExt1 => push_extension(out, bytes, 1)?,
        Marker::FixExt2 => push_extension(out, bytes, 2)?,
        Marker::FixExt4 => push_extension(out, bytes, 4)?,
        Marker::FixExt8 => push_extension(out, bytes, 8)?,
        Marker::FixExt16 => push_extension(out, bytes, 16)?,
        Marker::Ext8 => {
            let length = bytes.u8()?;
            push_extension(out, bytes, length.into())?;
        }
        Marker::Ext16 => {
            let length = bytes.u16()?;
            push_extension(out, bytes, length.into())?;
        }
        Marker::Ext32 => {
            let length = bytes.u32()?;
            push_extension(out, bytes, length)?;
        }
        Marker::Reserved => return Err(NotThat("it has a byte that MessagePack does not use")),
    }
    Ok(())
}

fn push_displayed(out: &mut Vec<u8>, number: impl std::fmt::Display) {
    // Writing into a buffer cannot fail.
    drop(write!(out, "{number}"));
}

/// As short as a float of 32 bits is: 0.1, and not 0.10000000149011612.
fn push_single(out: &mut Vec<u8>, number: f32) {
    match number.is_finite() {
        true => out.extend_from_slice(super::json::written(&number).as_bytes()),
        false => push_float(out, number.into()),
    }
}

/// Old writers put bytes into strings.
fn push_text(out: &mut Vec<u8>, bytes: &[u8]) {
    match str::from_utf8(bytes) {
        Ok(text) => push_string(out, text),
        Err(_) => push_bytes(out, bytes),
    }
}

fn push_array(out: &mut Vec<u8>, bytes: &mut Bytes<'_>, length: u32, depth: usize) -> Result<(), NotThat> {
    out.push(b'[');
    for number in 0..length {
        if number > 0 {
            out.push(b',');
        }
        push_value(out, bytes, depth)?;
    }
    out.push(b']');
    Ok(())
}

fn push_map(out: &mut Vec<u8>, bytes: &mut Bytes<'_>, length: u32, depth: usize) -> Result<(), NotThat> {
    out.push(b'{');
    for number in 0..length {
        if number > 0 {
            out.push(b',');
        }
        push_key(out, |out| push_value(out, bytes, depth))?;
        push_value(out, bytes, depth)?;
    }
    out.push(b'}');
    Ok(())
}

fn push_extension(out: &mut Vec<u8>, bytes: &mut Bytes<'_>, length: u32) -> Result<(), NotThat> {
    let number = bytes.u8()?.cast_signed();
    let data = bytes.take(length)?;
    if let Some(time) = (number == TIMESTAMP).then(|| timestamp(data)).flatten() {
        push_displayed(out, format_args!("{{\"$timestamp\":\"{time}\"}}"));
        return Ok(());
    }
    push_displayed(out, format_args!("{{\"$ext\":{number},"));
    let start = out.len();
    push_bytes(out, data);
    // The two are one object.
    out.remove(start);
    Ok(())
}

/// Seconds in 32 bits; nanoseconds in 30 bits and seconds in 34; or nanoseconds in 32 bits and seconds in 64.
fn timestamp(data: &[u8]) -> Option<Timestamp> {
    const SECONDS: u32 = 34;
    let mut bytes = Bytes::new(data);
    let (seconds, nanoseconds) = match data.len() {
        4 => (bytes.u32().ok()?.into(), 0),
        8 => {
            let both = bytes.u64().ok()?;
            let seconds = both & ((1 << SECONDS) - 1);
            (seconds.cast_signed(), (both >> SECONDS) as u32)
        }
        12 => {
            let nanoseconds = bytes.u32().ok()?;
            (bytes.u64().ok()?.cast_signed(), nanoseconds)
        }
        _ => return None,
    };
    Timestamp::new(seconds, i32::try_from(nanoseconds).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(bytes: &[u8]) -> Result<String, NotThat> {
        to_json(bytes)
    }

    #[test]
    fn every_value_has_a_json() {
        let cases: [(&[u8], &str); 12] = [
            (b"\x82\xa1a\x01\xa1b\x92\xc0\xc3", r#"{"a":1,"b":[null,true]}"#),
            (b"\x81\x01\xff", r#"{"1":-1}"#),
            (b"\x81\x93\x01\xa1x\xc2\x00", r#"{"[1,\"x\",false]":0}"#),
            (b"\xcf\xff\xff\xff\xff\xff\xff\xff\xff", "18446744073709551615"),
            (b"\xd3\x80\x00\x00\x00\x00\x00\x00\x00", "-9223372036854775808"),
            (b"\xca\x3d\xcc\xcc\xcd", "0.1"),
            (b"\xcb\x7f\xf8\x00\x00\x00\x00\x00\x00", r#"{"$float":"NaN"}"#),
            (b"\xc4\x02\x00\xff", r#"{"$base64":"AP8="}"#),
            (b"\xa1\xff", r#"{"$base64":"/w=="}"#),
            (b"\xd4\x05\xff", r#"{"$ext":5,"$base64":"/w=="}"#),
            (b"\xd6\xff\x64\xed\xeb\x30", r#"{"$timestamp":"2023-08-29T12:57:20Z"}"#),
            (b"\xdd\x00\x00\x00\x00", "[]"),
        ];
        for (bytes, expected) in cases {
            assert_eq!(json(bytes).as_deref(), Ok(expected), "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn what_is_not_whole_is_not_messagepack() {
        for bytes in
            [&b""[..], b"\x81", b"\x92\x01", b"\x01\x01", b"\xc1", b"\xdf\xff\xff\xff\xff", b"\xc6\xff\xff\xff\xff"]
        {
            assert!(json(bytes).is_err(), "{}", bytes.escape_ascii());
        }
        assert!(json(&[[0x91; MAX_DEPTH - 1].as_slice(), &[1]].concat()).is_ok());
        assert!(json(&[[0x91; MAX_DEPTH].as_slice(), &[1]].concat()).is_err());
        assert!(json(&[0x91; 1 << 20]).is_err());
    }
}
