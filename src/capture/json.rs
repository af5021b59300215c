//! What the formats that are JSON have in common: how they come in, and strings in them that need not be text.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, BufRead};

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use memchr::memchr;
use serde::Deserialize;
use serde::de::{self, Deserializer, Visitor};

use super::Stream;

/// An input, as a whole or as a stream.
pub(super) enum Input<'a> {
    Slice(&'a [u8]),
    Stream(Stream<'a>),
}

impl Input<'_> {
    /// What can be looked at next; empty at the end.
    pub(super) fn chunk(&mut self) -> io::Result<&[u8]> {
        match self {
            Input::Slice(rest) => Ok(rest),
            Input::Stream(stream) => stream.fill_buf(),
        }
    }

    /// Whether all that came of a stream was read, and more has to be waited for.
    pub(super) fn is_waiting(&self) -> bool {
        match self {
            Input::Slice(_) => false,
            Input::Stream(stream) => stream.buffer().is_empty(),
        }
    }

    /// Goes past bytes that were looked at.
    pub(super) fn consume(&mut self, count: usize) {
        match self {
            Input::Slice(rest) => rest.consume(count),
            Input::Stream(stream) => stream.consume(count),
        }
    }
}

/// Base64, with or without its padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Text as bytes: what Python made of bytes that are no text (half characters, lone surrogates) is those bytes again.
#[derive(Default)]
pub(super) struct Text<'a>(pub(super) Cow<'a, [u8]>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Text<'a>, D::Error> {
        // As bytes, for as a string serde_json does not take lone surrogates.
        deserializer.deserialize_bytes(TextVisitor)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_borrowed_bytes<E: de::Error>(self, text: &'de [u8]) -> Result<Text<'de>, E> {
        Ok(Text(Cow::Borrowed(text)))
    }

    fn visit_bytes<E: de::Error>(self, text: &[u8]) -> Result<Text<'de>, E> {
        Ok(Text(Cow::Owned(without_surrogates(text))))
    }
}

/// U+DC80 to U+DCFF stand for the bytes 0x80 to 0xFF in what Python decodes with `surrogateescape`. serde_json gives them
/// in three bytes, as if they were characters.
fn without_surrogates(text: &[u8]) -> Vec<u8> {
    if memchr(0xed, text).is_none() {
        return text.to_vec();
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&first, behind)) = rest.split_first() {
        rest = match rest {
            [0xed, second @ 0xb2..=0xb3, third, rest @ ..] => {
                out.push(((second & 0x03) << 6) | (third & 0x3f));
                rest
            }
            _ => {
                out.push(first);
                behind
            }
        };
    }
    out
}

impl Text<'_> {
    /// The bytes of which this is the base64.
    pub(super) fn decoded(&self) -> Result<Vec<u8>, String> {
        BASE64.decode(&self.0).map_err(|error| format!("invalid base64: {error}"))
    }

    /// The text, with replacement characters where it is none.
    pub(super) fn to_str(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.0)
    }
}

/// What is wrong, short enough to be told.
pub(super) fn excerpt(text: &str) -> String {
    let mut excerpt: String = text.chars().take(EXCERPT).flat_map(char::escape_debug).collect();
    if text.chars().nth(EXCERPT).is_some() {
        excerpt.push('…');
    }
    excerpt
}

/// Characters of a value that are told.
const EXCERPT: usize = 24;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn surrogates_of_python_are_bytes_again() {
        let text = |json: &str| serde_json::from_str::<Text<'_>>(json).unwrap().0.into_owned();
        assert_eq!(text(r#""caf\udce9 \u00e9\ud83d\ude00""#), b"caf\xe9 \xc3\xa9\xf0\x9f\x98\x80");
        assert_eq!(text(r#""\udc80\udcff""#), b"\x80\xff");
        assert_eq!(text(r#""plain""#), b"plain");
    }

    #[test]
    fn base64_is_taken_with_and_without_padding() {
        let decoded = |text: &str| Text(Cow::Borrowed(text.as_bytes())).decoded();
        assert_eq!(decoded("Zm8=").unwrap(), b"fo");
        assert_eq!(decoded("Zm8").unwrap(), b"fo");
        assert!(decoded("Zm8*").is_err());
    }
}
