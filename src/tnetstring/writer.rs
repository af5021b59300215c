//! Writes tnetstrings, value by value.
//!
//! A length stands in front of its body and is known behind it. A list or dict is therefore written first and
//! then moved, to make room for its length: each level of nesting moves its body once, so a message's content,
//! five levels deep in a flow, is copied once and moved four times. That is memory speed; going through
//! everything twice to know all lengths beforehand is slower, and needs a value that can be asked twice.

#[cfg(test)]
mod tests;

use std::fmt::{self, Write};

use super::{RawValue, Tag, float};

/// Appends encoded values to a buffer.
///
/// ```
/// use wsflow::tnetstring::{Tag, Writer};
///
/// let mut out = Vec::new();
/// let mut writer = Writer::new(&mut out);
/// let dict = writer.open();
/// writer.str("close_code");
/// writer.integer(1000);
/// writer.str("messages");
/// let list = writer.open();
/// writer.close(list, Tag::List);
/// writer.close(dict, Tag::Dict);
/// assert_eq!(out, b"35:10:close_code;4:1000#8:messages;0:]}");
/// ```
#[derive(Debug)]
pub struct Writer<'b> {
    out: &'b mut Vec<u8>,
}

/// Where the body of a value starts that is still being written.
#[derive(Debug)]
#[must_use = "what was opened has to be closed"]
pub struct Mark(usize);

impl<'b> Writer<'b> {
    /// A writer that appends to `out`.
    #[inline]
    pub fn new(out: &'b mut Vec<u8>) -> Writer<'b> {
        Writer { out }
    }

    /// The same writer, lent out.
    #[inline]
    pub(crate) fn reborrow(&mut self) -> Writer<'_> {
        Writer { out: &mut *self.out }
    }

    /// Writes bytes.
    #[inline]
    pub fn bytes(&mut self, value: &[u8]) {
        self.value(value, Tag::Bytes);
    }

    /// Writes a string.
    #[inline]
    pub fn str(&mut self, value: &str) {
        self.value(value.as_bytes(), Tag::Str);
    }

    /// Writes an integer.
    #[inline]
    pub fn integer(&mut self, value: i64) {
        if let Ok(digit @ 0..=9) = u8::try_from(value) {
            // By far the most common integer here: the opcode of a message.
            self.out.extend_from_slice(&[b'1', b':', b'0' + digit, b'#']);
        } else {
            // An integer can always be displayed.
            let _ = self.display(&value, Tag::Integer);
        }
    }

    /// Writes a floating point number, as Python's `repr` gives it.
    #[inline]
    pub fn float(&mut self, value: f64) {
        let mark = self.open();
        float::write(self.out, value);
        self.close(mark, Tag::Float);
    }

    /// Writes a truth value.
    #[inline]
    pub fn bool(&mut self, value: bool) {
        self.out.extend_from_slice(if value { b"4:true!" } else { b"5:false!" });
    }

    /// Writes a null.
    #[inline]
    pub fn null(&mut self) {
        self.out.extend_from_slice(b"0:~");
    }

    /// Writes a value as it was encoded.
    #[inline]
    pub fn raw(&mut self, value: RawValue<'_>) {
        self.out.extend_from_slice(value.encoded());
    }

    /// Starts a list or a dict: the values that are written from here on become its body.
    #[inline]
    pub fn open(&mut self) -> Mark {
        Mark(self.out.len())
    }

    /// Ends the list or dict that was opened last and is still open.
    ///
    /// Values that stand in it keep their bytes, and move by the few bytes of the length.
    #[inline]
    pub fn close(&mut self, mark: Mark, tag: Tag) {
        let body = self.out.len().saturating_sub(mark.0);
        let head = Head::new(body);
        self.out.extend_from_slice(head.as_bytes());
        if let Some(value) = self.out.get_mut(mark.0..) {
            // One move of the body: the head is short enough to wait in registers.
            value.rotate_right(head.as_bytes().len());
        }
        self.out.push(tag.as_byte());
    }

    /// The type of the value that was written last, if one was written since `mark`.
    pub(crate) fn last_tag(&self, mark: &Mark) -> Option<Tag> {
        self.out.get(mark.0..)?.last().and_then(|&byte| Tag::from_byte(byte))
    }

    /// Writes a value with this body.
    #[inline]
    pub(crate) fn value(&mut self, body: &[u8], tag: Tag) {
        let head = Head::new(body.len());
        self.out.reserve(head.as_bytes().len() + body.len() + 1);
        self.out.extend_from_slice(head.as_bytes());
        self.out.extend_from_slice(body);
        self.out.push(tag.as_byte());
    }

    /// Writes a value whose body is what `value` displays. Fails when `value` does, and only then.
    pub(crate) fn display(&mut self, value: &(impl fmt::Display + ?Sized), tag: Tag) -> fmt::Result {
        let mark = self.open();
        let result = write!(Text(self.out), "{value}");
        self.close(mark, tag);
        result
    }
}

/// Text goes to the end of the bytes. (Through `io::Write`, a `Display` that fails would be a panic.)
struct Text<'b>(&'b mut Vec<u8>);

impl fmt::Write for Text<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

/// A length in decimal digits and its colon.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head {
    bytes: [u8; Head::CAPACITY],
    start: usize,
}

impl Head {
    /// The digits of the largest `usize` (20), and the colon.
    const CAPACITY: usize = 21;

    /// The head of a body of this length.
    #[inline]
    pub(crate) fn new(mut length: usize) -> Head {
        let mut bytes = [b':'; Head::CAPACITY];
        let mut start = Head::CAPACITY - 1;
        loop {
            start -= 1;
            bytes[start] = b'0' + (length % 10) as u8;
            length /= 10;
            if length == 0 {
                return Head { bytes, start };
            }
        }
    }

    /// The head as it stands in front of the body.
    #[inline]
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes[self.start..]
    }
}
