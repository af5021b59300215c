//! JSON: payloads in it, and what is common to all that is shown as JSON.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::de::{Deserializer as _, SeqAccess, Visitor};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use super::body::Body;
use super::plain::is_printable;
use super::{MAX_DEPTH, NotThat, Payload};
use crate::output;

pub(super) fn guess(payload: &Payload<'_>) -> Option<&'static str> {
    let first = payload.content.trim_ascii_start().first()?;
    matches!(first, b'{' | b'[' | b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n').then_some("it is valid JSON")
}

pub(super) fn decode<'a>(payload: &Payload<'a>) -> Result<Body<'a>, NotThat> {
    output::json::document(payload.content).map(Body::json).ok_or(NotThat("it is not valid JSON"))
}

/// Text that is a JSON document, within a protocol: so that readers of JSON can read the whole, it is not as deep as they
/// read.
pub(super) fn document(text: &str) -> Result<&RawValue, NotThat> {
    if depth(text) > MAX_DEPTH {
        return Err(NotThat("the JSON in it is nested too deep"));
    }
    output::json::document(text.as_bytes())
        .and_then(|text| serde_json::from_str(text).ok())
        .ok_or(NotThat("what should be JSON in it is not"))
}

/// Levels of arrays and objects, if the text is JSON.
fn depth(text: &str) -> usize {
    let (mut depth, mut deepest, mut in_string, mut escape) = (0_usize, 0, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escape => escape = false,
            b'\\' if in_string => escape = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// A value written as JSON. Nothing that is written here can fail to be.
pub(super) fn written(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// What an application sends within a protocol: JSON as it is, text as a string, everything else as `{"$base64":"…"}`.
#[derive(Debug)]
pub(super) struct Data<'a>(pub(super) &'a [u8]);

impl Serialize for Data<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match str::from_utf8(self.0) {
            Ok(text) => match document(text) {
                Ok(document) => document.serialize(serializer),
                Err(_) if text.is_empty() || is_printable(self.0) => serializer.serialize_str(text),
                Err(_) => Base64::of(self.0).serialize(serializer),
            },
            Err(_) => Base64::of(self.0).serialize(serializer),
        }
    }
}

/// Binary data: `{"$base64":"…"}`.
#[derive(Serialize)]
pub(super) struct Base64 {
    #[serde(rename = "$base64")]
    base64: String,
}

impl Base64 {
    pub(super) fn of(bytes: &[u8]) -> Base64 {
        Base64 { base64: Base64::text(bytes) }
    }

    /// The text alone.
    pub(super) fn text(bytes: &[u8]) -> String {
        BASE64.encode(bytes)
    }
}

/// Appends a string.
pub(super) fn push_string(out: &mut Vec<u8>, text: &str) {
    output::json_string(out, text, false);
}

/// Appends binary data.
pub(super) fn push_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(written(&Base64::of(bytes)).as_bytes());
}

/// Appends a number; one that JSON does not have as `{"$float":"NaN"}`.
pub(super) fn push_float(out: &mut Vec<u8>, number: f64) {
    // Writing into a buffer cannot fail.
    match number.is_finite() {
        true => out.extend_from_slice(written(&number).as_bytes()),
        false => drop(write!(out, "{{\"$float\":\"{number}\"}}")),
    }
}

/// Keys that are no strings have at most this many bytes of JSON. One within another doubles with each level, since it is
/// escaped again.
const LARGEST_KEY: usize = 1 << 8;

/// Appends the key of an object: what `write` appends, and as a string if it is none.
pub(super) fn push_key(
    out: &mut Vec<u8>,
    write: impl FnOnce(&mut Vec<u8>) -> Result<(), NotThat>,
) -> Result<(), NotThat> {
    let start = out.len();
    write(out)?;
    if out.get(start) != Some(&b'"') {
        if out.len() - start > LARGEST_KEY {
            return Err(NotThat("a key of it is too large a value"));
        }
        let key = String::from_utf8(out.split_off(start)).unwrap_or_default();
        push_string(out, &key);
    }
    out.push(b':');
    Ok(())
}

/// The text of a document that was appended to a buffer.
pub(super) fn text_of(out: Vec<u8>) -> Result<String, NotThat> {
    String::from_utf8(out).map_err(|_| NotThat("it is not UTF-8"))
}

/// The elements of an array, up to so many.
pub(super) fn elements(array: &RawValue, most: usize) -> Vec<&RawValue> {
    struct Elements<'e, 'a>(&'e mut Vec<&'a RawValue>, usize);

    impl<'a> Visitor<'a> for Elements<'_, 'a> {
        type Value = ();

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an array")
        }

        fn visit_seq<A: SeqAccess<'a>>(self, mut seq: A) -> Result<(), A::Error> {
            while self.0.len() < self.1
                && let Some(element) = seq.next_element()?
            {
                self.0.push(element);
            }
            Ok(())
        }
    }

    let mut elements = Vec::new();
    // Where there are more, the reader misses the end of the array, and what was found stays.
    drop(serde_json::Deserializer::from_str(array.get()).deserialize_seq(Elements(&mut elements, most)));
    elements
}

/// The text of a JSON string, or of any other document.
pub(super) fn plain(value: &RawValue) -> String {
    serde_json::from_str(value.get()).unwrap_or_else(|_| value.get().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_is_json_text_or_bytes() {
        let data = |bytes: &[u8]| written(&Data(bytes));
        assert_eq!(data(b" {\"a\": 1.10}"), r#"{"a": 1.10}"#);
        assert_eq!(data(b"hello"), r#""hello""#);
        assert_eq!(data(b""), r#""""#);
        assert_eq!(data(b"\0\xff"), r#"{"$base64":"AP8="}"#);
        assert_eq!(data(b"half \x1b"), r#"{"$base64":"aGFsZiAb"}"#);
    }

    #[test]
    fn levels_are_counted_outside_of_strings() {
        for (text, expected) in [("1", 0), (r#"{"[[[\\\"{":[1,{}]}"#, 3), ("[[],[[]],[]]", 3), ("]][", 1), ("\"[", 0)] {
            assert_eq!(depth(text), expected, "{text}");
        }
    }

    #[test]
    fn the_first_elements_of_an_array_are_found() {
        let array = document(r#"["a",{"b":[]},3]"#).unwrap();
        let found: Vec<_> = elements(array, 2).into_iter().map(RawValue::get).collect();
        assert_eq!(found, ["\"a\"", "{\"b\":[]}"]);
        assert_eq!(elements(array, 9).len(), 3);
        assert_eq!(elements(document("{}").unwrap(), 9).len(), 0);
    }
}
