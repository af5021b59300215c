//! [CBOR](https://www.rfc-editor.org/rfc/rfc8949) as JSON.
//!
//! Byte strings are `{"$base64":"…"}`, a tagged value is `{"$tag":1,"$value":…}`, a simple one
//! that JSON does not have `{"$simple":16}` or `{"$simple":"undefined"}`, and a key that is no string is the text
//! of its JSON.

use std::io::Write as _;

use ciborium_ll::{Decoder, Header, simple};

use super::body::Body;
use super::json::{push_bytes, push_float, push_key, push_string, text_of};
use super::{MAX_DEPTH, NotThat, Payload};

/// The tag that says of a whole content that it is CBOR (RFC 8949 section 3.4.6). It says nothing of the value.
const SELF_DESCRIBED: u64 = 55799;

pub(super) fn guess(payload: &Payload<'_>) -> Option<&'static str> {
    // A number or a string alone could be anything.
    let is_container = matches!(payload.content, [0x80..=0xbf | 0xd9, _, ..]);
    (is_container && !payload.is_text).then_some("it is one map or array of CBOR, to its last byte")
}

pub(super) fn decode<'a>(payload: &Payload<'a>) -> Result<Body<'a>, NotThat> {
    to_json(payload.content).map(Body::json)
}

/// The only value of a content.
pub(super) fn to_json(content: &[u8]) -> Result<String, NotThat> {
    let mut input = Input { decoder: Decoder::from(content), length: content.len() };
    let mut out = Vec::new();
    let header = input.pull()?;
    input.push_value(&mut out, header, MAX_DEPTH)?;
    match input.left() {
        0 => text_of(out),
        _ => Err(NotThat("there is more behind the value")),
    }
}

struct Input<'a> {
    decoder: Decoder<&'a [u8]>,
    length: usize,
}

impl Input<'_> {
    fn left(&mut self) -> usize {
        self.length.saturating_sub(self.decoder.offset())
    }

    fn pull(&mut self) -> Result<Header, NotThat> {
        self.decoder.pull().map_err(|_| NotThat("it breaks off, or has a byte that CBOR does not use"))
    }

    fn push_value(&mut self, out: &mut Vec<u8>, header: Header, depth: usize) -> Result<(), NotThat> {
        let depth = depth.checked_sub(1).ok_or(NotThat("it is nested too deep"))?;
        match header {
            // Writing into a buffer cannot fail.
            Header::Positive(number) => drop(write!(out, "{number}")),
            Header::Negative(number) => drop(write!(out, "{}", -1 - i128::from(number))),
            Header::Float(number) => push_float(out, number),
            Header::Simple(simple::FALSE) => out.extend_from_slice(b"false"),
            Header::Simple(simple::TRUE) => out.extend_from_slice(b"true"),
            Header::Simple(simple::NULL) => out.extend_from_slice(b"null"),
            Header::Simple(simple::UNDEFINED) => out.extend_from_slice(br#"{"$simple":"undefined"}"#),
            Header::Simple(number) => drop(write!(out, "{{\"$simple\":{number}}}")),
            Header::Bytes(length) => {
                let bytes = self.string(length, |part| matches!(part, Header::Bytes(_)))?;
                push_bytes(out, &bytes);
            }
            Header::Text(length) => {
                let text = self.string(length, |part| matches!(part, Header::Text(_)))?;
                push_string(out, &text_of(text)?);
            }
            Header::Array(length) => self.push_array(out, length, depth)?,
            Header::Map(length) => self.push_map(out, length, depth)?,
            Header::Tag(SELF_DESCRIBED) => {
                let header = self.pull()?;
                self.push_value(out, header, depth)?;
            }
            Header::Tag(number) => {
                drop(write!(out, "{{\"$tag\":{number},\"$value\":"));
                let header = self.pull()?;
                self.push_value(out, header, depth)?;
                out.push(b'}');
            }
            Header::Break => return Err(NotThat("something ends in it that did not begin")),
        }
        Ok(())
    }

    /// A string; without a length, it comes in parts.
    fn string(&mut self, length: Option<usize>, is_part: impl Fn(Header) -> bool) -> Result<Vec<u8>, NotThat> {
        let mut string = Vec::new();
        match length {
            Some(length) => self.read(&mut string, length)?,
            None => loop {
                match self.pull()? {
                    Header::Break => break,
                    part @ (Header::Bytes(Some(length)) | Header::Text(Some(length))) if is_part(part) => {
                        self.read(&mut string, length)?;
                    }
                    _ => return Err(NotThat("a string in it has a part that is none")),
                }
            },
        }
        Ok(string)
    }

    fn read(&mut self, string: &mut Vec<u8>, length: usize) -> Result<(), NotThat> {
        const CUT_OFF: NotThat = NotThat("it ends in the middle of a string");
        if length > self.left() {
            return Err(CUT_OFF);
        }
        let start = string.len();
        string.resize(start + length, 0);
        ciborium_io::Read::read_exact(&mut self.decoder, &mut string[start..]).map_err(|_| CUT_OFF)
    }

    /// The next value of an array or a map that has this many more.
    fn next(&mut self, left: &mut Option<usize>) -> Result<Option<Header>, NotThat> {
        match left {
            Some(0) => Ok(None),
            Some(left) => {
                *left -= 1;
                self.pull().map(Some)
            }
            None => match self.pull()? {
                Header::Break => Ok(None),
                header => Ok(Some(header)),
            },
        }
    }

    fn push_array(&mut self, out: &mut Vec<u8>, length: Option<usize>, depth: usize) -> Result<(), NotThat> {
        let mut left = length;
        let mut is_first = true;
        out.push(b'[');
        while let Some(header) = self.next(&mut left)? {
            if !std::mem::take(&mut is_first) {
                out.push(b',');
            }
            self.push_value(out, header, depth)?;
        }
        out.push(b']');
        Ok(())
    }

    fn push_map(&mut self, out: &mut Vec<u8>, length: Option<usize>, depth: usize) -> Result<(), NotThat> {
        let mut left = length;
        let mut is_first = true;
        out.push(b'{');
        while let Some(header) = self.next(&mut left)? {
            if !std::mem::take(&mut is_first) {
                out.push(b',');
            }
            push_key(out, |out| self.push_value(out, header, depth))?;
            let header = self.pull()?;
            self.push_value(out, header, depth)?;
        }
        out.push(b'}');
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Examples of RFC 8949 appendix A, and some more.
    #[test]
    fn every_value_has_a_json() {
        let cases: [(&[u8], &str); 16] = [
            (b"\x1b\xff\xff\xff\xff\xff\xff\xff\xff", "18446744073709551615"),
            (b"\x3b\xff\xff\xff\xff\xff\xff\xff\xff", "-18446744073709551616"),
            (b"\xf9\x3c\x00", "1.0"),
            (b"\xf9\x7c\x00", r#"{"$float":"inf"}"#),
            (b"\xf6", "null"),
            (b"\xf7", r#"{"$simple":"undefined"}"#),
            (b"\xf0", r#"{"$simple":16}"#),
            (b"\xc1\x1a\x51\x4b\x67\xb0", r#"{"$tag":1,"$value":1363896240}"#),
            (b"\xd9\xd9\xf7\x81\x01", "[1]"),
            (b"\x44\x01\x02\x03\x04", r#"{"$base64":"AQIDBA=="}"#),
            (b"\x62\xc3\xbc", "\"ü\""),
            (b"\xa2\x01\x02\x03\x04", r#"{"1":2,"3":4}"#),
            (b"\x5f\x42\x01\x02\x43\x03\x04\x05\xff", r#"{"$base64":"AQIDBAU="}"#),
            (b"\x7f\x65strea\x64ming\xff", "\"streaming\""),
            (b"\x9f\x01\x82\x02\x03\x9f\x04\x05\xff\xff", "[1,[2,3],[4,5]]"),
            (b"\xbf\x61a\x01\x61b\x9f\x02\x03\xff\xff", r#"{"a":1,"b":[2,3]}"#),
        ];
        for (bytes, expected) in cases {
            assert_eq!(to_json(bytes).as_deref(), Ok(expected), "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn what_is_not_whole_is_not_cbor() {
        let broken: [&[u8]; 11] = [
            b"",
            b"\x81",
            b"\x01\x01",
            b"\xff",
            b"\x1c",
            b"\xbf\x61a\xff",
            b"\x61\xff",
            b"\x7f\x41a\xff",
            b"\x7b\x7f\xff\xff\xff\xff\xff\xff\xff",
            b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff",
            b"\xbb\xff\xff\xff\xff\xff\xff\xff\xff\x01",
        ];
        for bytes in broken {
            assert!(to_json(bytes).is_err(), "{}", bytes.escape_ascii());
        }
        assert!(to_json(&[[0x81; MAX_DEPTH - 1].as_slice(), &[1]].concat()).is_ok());
        assert!(to_json(&[0x81; 1 << 20]).is_err());
        assert!(to_json(&[0xc1; 1 << 20]).is_err());
    }
}
