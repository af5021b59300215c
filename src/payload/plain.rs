//! What has no further form: text, and bytes.

use super::body::Body;
use super::summary::short;
use super::{NotThat, Payload};
use crate::output::is_unsafe;

/// How much of a binary payload is looked at before it counts as text.
const LOOKED_AT: usize = 4 << 10;

pub(super) fn guess_text(payload: &Payload<'_>) -> Option<&'static str> {
    if payload.is_text {
        return Some("its type is text");
    }
    is_printable(payload.content).then_some("it is UTF-8 without control characters")
}

pub(super) fn decode_text<'a>(payload: &Payload<'a>) -> Result<Body<'a>, NotThat> {
    let text = payload.text()?;
    let body = Body::text(text);
    // A text message says itself what it is; of others the text is the one thing to say.
    Ok(if payload.is_text { body } else { body.summed_up(format!("\"{}\"", short(text))) })
}

pub(super) fn guess_hex(_: &Payload<'_>) -> Option<&'static str> {
    Some("nothing else fits")
}

pub(super) fn decode_hex<'a>(payload: &Payload<'a>) -> Result<Body<'a>, NotThat> {
    Ok(Body::bytes(payload.content))
}

/// Whether bytes are text that a person would read, as far as they are looked at. Nothing is no text.
pub(super) fn is_printable(bytes: &[u8]) -> bool {
    let start = &bytes[..bytes.len().min(LOOKED_AT)];
    let text = match str::from_utf8(start) {
        Ok(text) => text,
        // A character that is cut by the end of what is looked at.
        Err(error) if error.error_len().is_none() && bytes.len() > start.len() => {
            str::from_utf8(&start[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return false,
    };
    !text.is_empty() && !text.chars().any(|character| is_unsafe(character) && !matches!(character, '\n' | '\r' | '\t'))
}
