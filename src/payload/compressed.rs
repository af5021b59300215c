//! Compressed payloads: decoded, and what is in them guessed again.

use super::body::Body;
use super::{LARGEST, MAX_NESTED, NotThat, Payload};
use crate::flow::decode_body;

pub(super) fn guess_gzip(payload: &Payload<'_>) -> Option<&'static str> {
    payload.content.starts_with(&[0x1f, 0x8b, 8]).then_some("it starts as gzip; it may be cut off")
}

pub(super) fn decode_gzip<'a>(payload: &Payload<'a>) -> Result<Body<'a>, NotThat> {
    match payload.content {
        [0x1f, 0x8b, ..] => decode(payload, "gzip"),
        _ => Err(NotThat("it does not start as gzip")),
    }
}

pub(super) fn guess_zlib(payload: &Payload<'_>) -> Option<&'static str> {
    (!payload.is_text && has_zlib_header(payload.content)).then_some("it starts as zlib, and decodes to its end")
}

pub(super) fn decode_zlib<'a>(payload: &Payload<'a>) -> Result<Body<'a>, NotThat> {
    match has_zlib_header(payload.content) {
        true => decode(payload, "deflate"),
        false => Err(NotThat("it does not start as zlib")),
    }
}

/// RFC 1950 section 2.2: the method, and a check of both bytes.
fn has_zlib_header(content: &[u8]) -> bool {
    matches!(content, [first, second, ..] if first & 0x8f == 8 && u16::from_be_bytes([*first, *second]) % 31 == 0)
}

pub(super) fn guess_zstd(payload: &Payload<'_>) -> Option<&'static str> {
    payload.content.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]).then_some("it starts as Zstandard, and decodes")
}

pub(super) fn decode_zstd<'a>(payload: &Payload<'a>) -> Result<Body<'a>, NotThat> {
    decode(payload, "zstd")
}

pub(super) fn guess_brotli(_: &Payload<'_>) -> Option<&'static str> {
    None
}

pub(super) fn decode_brotli<'a>(payload: &Payload<'a>) -> Result<Body<'a>, NotThat> {
    decode(payload, "br")
}

/// A whole gzip without content has this many bytes: a header of ten, an empty block of two and a trailer of eight.
const SHORTEST: usize = 20;

fn decode<'a>(payload: &Payload<'a>, encoding: &str) -> Result<Body<'a>, NotThat> {
    if payload.nested >= MAX_NESTED {
        return Err(NotThat("it is nested too deep"));
    }
    let content = Some(payload.content).filter(|content| !content.is_empty());
    let decoded =
        content.and_then(|content| decode_body(content, encoding, LARGEST)).ok_or(NotThat("it does not decode"))?;
    // Of what is cut off in its first bytes nothing is decoded.
    if encoding == "gzip" && decoded.is_empty() && payload.content.len() < SHORTEST {
        return Err(NotThat("it does not decode"));
    }
    let inside = payload.within(&decoded).guess().into_owned();
    let summary = match decoded.len() {
        LARGEST => format!("{inside}, cut off at {LARGEST} bytes"),
        length => format!("{inside}, {length} bytes"),
    };
    Ok(Body::inside(inside).summed_up(summary))
}
