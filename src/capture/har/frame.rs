//! The outer frame of a HAR file: finds the entries, one after the other, without reading what is in them.
//!
//! ```text
//! { "log": { …, "entries": [ {entry}, {entry}, … ], … }, … }
//! ```
//!
//! An entry is cut out as text, so that one that is broken inside hides none behind it. In a stream that takes as
//! much memory as the largest entry has text; from a slice it takes none.

use std::borrow::Cow;
use std::io::BufRead as _;

use memchr::memchr2;

use crate::capture::json::Input;
use crate::{Error, Situation};

/// The entries of HAR files, of several if they stand one after the other.
pub(super) struct Frame<'a> {
    input: Input<'a>,
    offset: u64,
    place: Place,
}

/// Where in the frame the input stands.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    /// Before a file.
    Outside,
    /// Between the keys of a file.
    File,
    /// Between the keys of its log.
    Log,
    /// Between its entries.
    Entries,
}

impl<'a> Frame<'a> {
    pub(super) fn new(input: Input<'a>) -> Frame<'a> {
        Frame { input, offset: 0, place: Place::Outside }
    }

    /// Whether the next entry has to be waited for.
    pub(super) fn is_waiting(&self) -> bool {
        self.input.is_waiting()
    }

    /// The next entry, and where it starts. `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<(u64, Cow<'a, [u8]>)>, Error> {
        loop {
            let next = self.next_token()?;
            match (self.place, next) {
                (Place::Outside, None) => return Ok(None),
                (Place::Outside, Some(b'{')) => self.enter(Place::File)?,
                (Place::File, Some(b'}')) => self.enter(Place::Outside)?,
                (Place::Log, Some(b'}')) => self.enter(Place::File)?,
                (Place::File, Some(b'"')) => self.key("log", b'{', Place::Log)?,
                (Place::Log, Some(b'"')) => self.key("entries", b'[', Place::Entries)?,
                (Place::Entries, Some(b']')) => self.enter(Place::Log)?,
                (Place::Entries, Some(b'{')) => return Ok(Some((self.offset, self.value()?))),
                (Place::File | Place::Log | Place::Entries, Some(b',')) => self.skip(1),
                (Place::Outside, found) => return Err(self.expected("a HAR file, which starts with `{`", found)),
                (Place::File | Place::Log, found) => return Err(self.expected("a key in quotes", found)),
                (Place::Entries, found) => return Err(self.expected("an entry, which starts with `{`", found)),
            }
        }
    }

    /// Goes into or out of a value.
    fn enter(&mut self, place: Place) -> Result<(), Error> {
        self.skip(1);
        self.place = place;
        Ok(())
    }

    /// Reads a key. Goes into its value if it is the one that is looked for, and passes over it if not.
    fn key(&mut self, wanted: &str, opening: u8, place: Place) -> Result<(), Error> {
        let key = self.value()?;
        match self.next_token()? {
            Some(b':') => self.skip(1),
            found => return Err(self.expected("`:` behind a key", found)),
        }
        let found = self.next_token()?;
        if serde_json::from_slice::<Cow<'_, str>>(&key).is_ok_and(|key| key == wanted) {
            if found != Some(opening) {
                return Err(self.expected(if opening == b'{' { "an object" } else { "an array" }, found));
            }
            return self.enter(place);
        }
        self.value().map(drop)
    }

    /// The next byte that is no space; it is not taken.
    fn next_token(&mut self) -> Result<Option<u8>, Error> {
        loop {
            let chunk = self.input.chunk().map_err(|error| Error::from(error).at(self.offset))?;
            if chunk.is_empty() {
                return Ok(None);
            }
            let is_outside = self.place == Place::Outside;
            // The bytes of a byte order mark, which may stand before a file.
            let is_mark = |byte: &u8| is_outside && matches!(byte, 0xef | 0xbb | 0xbf);
            let space = chunk.iter().take_while(|byte| byte.is_ascii_whitespace() || is_mark(byte)).count();
            let next = chunk.get(space).copied();
            self.skip(space);
            if next.is_some() {
                return Ok(next);
            }
        }
    }

    fn skip(&mut self, count: usize) {
        self.input.consume(count);
        self.offset += count as u64;
    }

    /// Takes the text of the value that starts here.
    fn value(&mut self) -> Result<Cow<'a, [u8]>, Error> {
        let mut scan = Scan::default();
        let start = self.offset;
        let incomplete =
            |length: usize| Error::new(Situation::Incomplete { length: 0, missing: 0 }).at(start + length as u64);
        let value = match &mut self.input {
            Input::Slice(rest) => {
                let end = scan.end(rest).ok_or_else(|| incomplete(rest.len()))?;
                let (value, behind) = rest.split_at(end);
                *rest = behind;
                Cow::Borrowed(value)
            }
            Input::Stream(stream) => {
                let mut value = Vec::new();
                loop {
                    let chunk = stream.fill_buf().map_err(|error| Error::from(error).at(start))?;
                    if chunk.is_empty() {
                        return Err(incomplete(value.len()));
                    }
                    let end = scan.end(chunk);
                    let taken = end.unwrap_or(chunk.len());
                    value.extend_from_slice(&chunk[..taken]);
                    stream.consume(taken);
                    if end.is_some() {
                        break;
                    }
                }
                Cow::Owned(value)
            }
        };
        self.offset += value.len() as u64;
        Ok(value)
    }

    fn expected(&self, expected: &str, found: Option<u8>) -> Error {
        match found {
            Some(found) => {
                let message = format!("expected {expected}, found `{}`", found.escape_ascii());
                Error::new(Situation::Foreign(message)).at(self.offset)
            }
            None => Error::new(Situation::Incomplete { length: 0, missing: 0 }).at(self.offset),
        }
    }
}

/// Looks for the end of a value, chunk by chunk: by its quotes and braces only. Numbers and words have none, and end
/// before what follows them.
#[derive(Default)]
struct Scan {
    depth: u64,
    in_string: bool,
    is_escaped: bool,
    in_word: bool,
}

impl Scan {
    /// The length of the value up to its end, if that is in this chunk.
    fn end(&mut self, chunk: &[u8]) -> Option<usize> {
        let mut at = 0;
        while let Some(rest) = chunk.get(at..).filter(|rest| !rest.is_empty()) {
            if self.is_escaped {
                self.is_escaped = false;
                at += 1;
                continue;
            }
            if self.in_string {
                let found = memchr2(b'"', b'\\', rest)?;
                at += found + 1;
                self.is_escaped = rest[found] == b'\\';
                self.in_string = self.is_escaped;
                if !self.in_string && self.depth == 0 {
                    return Some(at);
                }
                continue;
            }
            match rest[0] {
                b'"' => self.in_string = true,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' | b',' if self.depth == 0 => return Some(at),
                b'}' | b']' => {
                    self.depth -= 1;
                    if self.depth == 0 {
                        return Some(at + 1);
                    }
                }
                byte if byte.is_ascii_whitespace() && self.depth == 0 && self.in_word => return Some(at),
                _ => self.in_word = true,
            }
            at += 1;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    fn entries(text: &str) -> Result<Vec<(u64, String)>, String> {
        let mut found = Vec::new();
        let mut frame = Frame::new(Input::Slice(text.as_bytes()));
        // The same, a byte at a time.
        let bytes: Box<dyn io::Read + Send> = Box::new(text.as_bytes());
        let stream = io::BufReader::with_capacity(1, bytes);
        let mut stream = Frame::new(Input::Stream(stream));
        loop {
            let next = frame.next().map_err(|error| error.to_string());
            let same = stream.next().map_err(|error| error.to_string());
            let owned = |next: Option<(u64, Cow<'_, [u8]>)>| {
                next.map(|(offset, entry)| (offset, String::from_utf8(entry.into_owned()).unwrap()))
            };
            let (next, same) = (next.map(owned), same.map(owned));
            assert_eq!(next, same);
            match next? {
                Some(entry) => found.push(entry),
                None => return Ok(found),
            }
        }
    }

    #[test]
    fn entries_are_found_wherever_they_stand() {
        assert_eq!(entries("").unwrap(), []);
        assert_eq!(entries(r#"{"log":{"entries":[]}}"#).unwrap(), []);
        assert_eq!(entries(r#"{"log":{}}"#).unwrap(), []);
        let text = r#" {"x":1.5e3,"y":[{"entries":[{}]}],"log" : {"version":"1.2","pages":[{"a":"}]"}],
            "entries":[ {"a":"\"}\\"} , {"b":{"c":[1,2]}}],"z":null} , "w":true}"#;
        let found = entries(text).unwrap();
        assert_eq!(
            found.iter().map(|(_, entry)| &entry[..]).collect::<Vec<_>>(),
            [r#"{"a":"\"}\\"}"#, r#"{"b":{"c":[1,2]}}"#]
        );
        for (offset, entry) in found {
            assert!(text[offset as usize..].starts_with(&entry));
        }
        // With a byte order mark, and two files one after the other.
        let two = "\u{feff}{\"log\":{\"entries\":[{}]}}\n{\"log\":{\"entries\":[{}]}}\n";
        assert_eq!(entries(two).unwrap().len(), 2);
    }

    #[test]
    fn faults_of_the_frame_have_their_place() {
        let cases = [
            (r#"{"log":[]}"#, "byte 7: expected an object, found `[`"),
            (r#"{"log":{"entries":{}}}"#, "byte 18: expected an array, found `{`"),
            (r#"{"log":{"entries":[1]}}"#, "byte 19: expected an entry, which starts with `{`, found `1`"),
            (r#"{"log":{"entries":[{}]}"#, "byte 23: the last record is incomplete"),
            (r#"{"log":{"entries":[{"a":"#, "byte 24: the last record is incomplete"),
            (r#"{"log" {}}"#, "byte 7: expected `:` behind a key, found `{`"),
            (r#"{log:{}}"#, "byte 1: expected a key in quotes, found `l`"),
            (r#"[]"#, "byte 0: expected a HAR file, which starts with `{`, found `[`"),
        ];
        for (text, expected) in cases {
            assert_eq!(entries(text).unwrap_err(), expected, "{text}");
        }
    }
}
