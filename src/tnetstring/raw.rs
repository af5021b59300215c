//! A value in its encoded form: cut out, not yet read.
//!
//! Every value says its length first, so a [`RawValue`] is made by looking at the digits in front of it and the
//! tag behind it; what lies between is read when somebody asks. This is the hand-written way through a
//! tnetstring, and the cheapest; the serde way ([`from_slice`](super::from_slice)) stands upon it.

#[cfg(test)]
mod tests;

use std::str;

use super::{Error, ErrorKind, MAX_LENGTH_DIGITS, Tag};

/// One encoded value, borrowed from its input.
///
/// ```
/// use wsflow::tnetstring::{RawValue, Tag};
///
/// let value = RawValue::from_slice(b"11:3:foo;2:42#}")?;
/// assert_eq!(value.tag(), Tag::Dict);
/// let answer = value.get("foo")?.expect("the key is there");
/// assert_eq!(answer.to_i64()?, 42);
/// assert_eq!(answer.offset(), 9);
/// # Ok::<(), wsflow::tnetstring::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct RawValue<'a> {
    encoded: &'a [u8],
    offset: usize,
    /// Bytes of the length and its colon.
    head: usize,
    tag: Tag,
}

/// Values are equal when their encodings are, wherever they stand.
impl PartialEq for RawValue<'_> {
    fn eq(&self, other: &RawValue<'_>) -> bool {
        self.encoded == other.encoded
    }
}

impl Eq for RawValue<'_> {}

impl<'a> RawValue<'a> {
    /// Cuts the first value off the input; the second part is what follows it.
    ///
    /// # Errors
    /// When the input does not start with a whole value. Its inside is not looked at.
    pub fn split_first(input: &'a [u8]) -> Result<(RawValue<'a>, &'a [u8]), Error> {
        let value = RawValue::cut(input, 0)?;
        Ok((value, &input[value.encoded.len()..]))
    }

    /// The value that the input is.
    ///
    /// # Errors
    /// As [`split_first`](Self::split_first), and when bytes follow the value.
    pub fn from_slice(input: &'a [u8]) -> Result<RawValue<'a>, Error> {
        RawValue::from_slice_at(input, 0)
    }

    /// As [`from_slice`](Self::from_slice), for an input that is itself a part of something larger and starts
    /// there at `offset`: all offsets count from the start of the larger thing.
    pub(crate) fn from_slice_at(input: &'a [u8], offset: usize) -> Result<RawValue<'a>, Error> {
        let value = RawValue::cut(input, offset)?;
        if value.encoded.len() < input.len() {
            return Err(Error::new(offset + value.encoded.len(), ErrorKind::TrailingBytes));
        }
        Ok(value)
    }

    /// Cuts the value that starts at the first byte of `input`, which stands at `offset`.
    #[inline]
    pub(crate) fn cut(input: &'a [u8], offset: usize) -> Result<RawValue<'a>, Error> {
        RawValue::cut_sound(input, offset).ok_or_else(|| fault(input, offset))
    }

    /// As [`cut`](Self::cut), without saying what is wrong: a fault takes more room than a value, and would be carried
    /// along in its place.
    #[inline(always)]
    fn cut_sound(input: &'a [u8], offset: usize) -> Option<RawValue<'a>> {
        let (length, head) = length(input)?;
        let encoded = input.get(..head + length + 1)?;
        let tag = Tag::from_byte(encoded[head + length])?;
        Some(RawValue { encoded, offset, head, tag })
    }

    /// As [`cut`](Self::cut), for a value of a type that is known; `None` for any other, and for a broken one.
    #[inline(always)]
    pub(crate) fn cut_as(input: &'a [u8], offset: usize, tag: Tag) -> Option<RawValue<'a>> {
        let (length, head) = length(input)?;
        let encoded = input.get(..head + length + 1)?;
        (encoded[head + length] == tag.as_byte()).then_some(RawValue { encoded, offset, head, tag })
    }

    /// A value whose parts are known to be sound: the length says how long `encoded` is and takes `head` bytes with its
    /// colon, and the tag is at the end.
    #[inline(always)]
    pub(crate) fn of_parts(encoded: &'a [u8], offset: usize, head: usize, tag: Tag) -> RawValue<'a> {
        RawValue { encoded, offset, head, tag }
    }

    /// The length that is claimed at the start of the input, and how many bytes it takes with its colon.
    pub(crate) fn head(input: &[u8]) -> Option<(usize, usize)> {
        length(input)
    }

    /// The type.
    #[inline]
    pub fn tag(&self) -> Tag {
        self.tag
    }

    /// The whole encoding: length, colon, body and tag.
    #[inline]
    pub fn encoded(&self) -> &'a [u8] {
        self.encoded
    }

    /// The body: what stands between the colon and the tag.
    #[inline]
    pub fn body(&self) -> &'a [u8] {
        &self.encoded[self.head..self.encoded.len() - 1]
    }

    /// Where the encoding starts, in bytes from the start of the input.
    #[inline]
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// Where the body starts, in bytes from the start of the input.
    #[inline]
    pub fn body_offset(&self) -> usize {
        self.offset + self.head
    }

    /// Whether this is a null.
    #[inline]
    pub fn is_null(&self) -> bool {
        self.tag == Tag::Null
    }

    /// Nothing, if the value is a null.
    ///
    /// # Errors
    /// When the value is no null, or one with a body.
    #[inline]
    pub fn to_null(&self) -> Result<(), Error> {
        match (self.tag, self.body()) {
            (Tag::Null, b"") => Ok(()),
            (Tag::Null, _) => Err(Error::new(self.offset, ErrorKind::NullWithBody)),
            _ => Err(self.wrong_type("null")),
        }
    }

    /// The bytes of a byte string or a string.
    ///
    /// # Errors
    /// When the value is neither.
    #[inline]
    pub fn to_bytes(&self) -> Result<&'a [u8], Error> {
        match self.tag {
            Tag::Bytes | Tag::Str => Ok(self.body()),
            _ => Err(self.wrong_type("bytes")),
        }
    }

    /// The text of a string, or of bytes that are UTF-8.
    ///
    /// # Errors
    /// When the value is neither, or not UTF-8.
    pub fn to_str(&self) -> Result<&'a str, Error> {
        match self.tag {
            Tag::Bytes | Tag::Str => {
                str::from_utf8(self.body()).map_err(|_| Error::new(self.offset, ErrorKind::InvalidUtf8))
            }
            _ => Err(self.wrong_type("a string")),
        }
    }

    /// The integer.
    ///
    /// # Errors
    /// When the value is no integer, or one beyond 64 bits.
    #[inline]
    pub fn to_i64(&self) -> Result<i64, Error> {
        if self.tag != Tag::Integer {
            return Err(self.wrong_type("an integer"));
        }
        // One digit is by far the most common integer here: the opcode of a message.
        if let [digit @ b'0'..=b'9'] = self.body() {
            return Ok(i64::from(digit - b'0'));
        }
        let digits = self.integer_digits()?;
        digits.parse().map_err(|_| Error::new(self.offset, ErrorKind::IntegerOutOfRange))
    }

    /// The decimal digits of an integer of any size, with their sign.
    ///
    /// # Errors
    /// When the value is no integer.
    pub fn integer_digits(&self) -> Result<&'a str, Error> {
        if self.tag != Tag::Integer {
            return Err(self.wrong_type("an integer"));
        }
        integer_digits(self.body()).ok_or(Error::new(self.offset, ErrorKind::InvalidInteger))
    }

    /// The floating point number; an integer counts as one.
    ///
    /// # Errors
    /// When the value is neither.
    #[inline]
    pub fn to_f64(&self) -> Result<f64, Error> {
        match self.tag {
            Tag::Float => super::float::parse(self.body()).ok_or(Error::new(self.offset, ErrorKind::InvalidFloat)),
            Tag::Integer => {
                let digits = self.integer_digits()?;
                digits.parse().map_err(|_| Error::new(self.offset, ErrorKind::InvalidInteger))
            }
            _ => Err(self.wrong_type("a number")),
        }
    }

    /// The truth value.
    ///
    /// # Errors
    /// When the value is no boolean.
    #[inline]
    pub fn to_bool(&self) -> Result<bool, Error> {
        match (self.tag, self.body()) {
            (Tag::Bool, b"true") => Ok(true),
            (Tag::Bool, b"false") => Ok(false),
            (Tag::Bool, _) => Err(Error::new(self.offset, ErrorKind::InvalidBool)),
            _ => Err(self.wrong_type("a boolean")),
        }
    }

    /// The values of a list, one after the other.
    ///
    /// # Errors
    /// When the value is no list. A fault within is reported by the iterator, where it stands.
    #[inline]
    pub fn items(&self) -> Result<Items<'a>, Error> {
        match self.tag {
            Tag::List => Ok(Items::new(self.body(), self.body_offset())),
            _ => Err(self.wrong_type("a list")),
        }
    }

    /// The keys and values of a dict, in the order in which they stand.
    ///
    /// # Errors
    /// When the value is no dict. A fault within is reported by the iterator, where it stands.
    #[inline]
    pub fn entries(&self) -> Result<Entries<'a>, Error> {
        match self.tag {
            Tag::Dict => Ok(Entries { items: Items::new(self.body(), self.body_offset()) }),
            _ => Err(self.wrong_type("a dict")),
        }
    }

    /// The value under a key of a dict, if the dict has the key; of equal keys the last counts, as in Python. All other
    /// values are skipped.
    ///
    /// # Errors
    /// When the value is no dict, or the values in it do not fit into each other.
    pub fn get(&self, key: &str) -> Result<Option<RawValue<'a>>, Error> {
        let mut found = None;
        for entry in self.entries()? {
            let (name, value) = entry?;
            if name == key.as_bytes() {
                found = Some(value);
            }
        }
        Ok(found)
    }

    #[cold]
    pub(crate) fn wrong_type(&self, expected: &'static str) -> Error {
        Error::new(self.offset, ErrorKind::WrongType { expected, found: self.tag })
    }
}

/// The body of an integer, if it is decimal digits, with or without a sign.
pub(crate) fn integer_digits(body: &[u8]) -> Option<&str> {
    let digits = body.strip_prefix(b"-").or(body.strip_prefix(b"+")).unwrap_or(body);
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    str::from_utf8(body).ok()
}

/// Reads `LENGTH:` at the start of the input: the length, and how many bytes it took with its colon.
#[inline(always)]
fn length(input: &[u8]) -> Option<(usize, usize)> {
    // Nearly all values are shorter than a thousand bytes.
    if let Some(&[a, b, c, d]) = input.first_chunk()
        && let Some(a) = digit(a)
    {
        if b == b':' {
            return Some((a, 2));
        }
        if let Some(b) = digit(b) {
            if c == b':' {
                return Some((a * 10 + b, 3));
            }
            if let (Some(c), b':') = (digit(c), d) {
                return Some(((a * 10 + b) * 10 + c, 4));
            }
        }
    }
    long_length(input)
}

#[inline(always)]
fn digit(byte: u8) -> Option<usize> {
    let digit = byte.wrapping_sub(b'0');
    (digit <= 9).then_some(usize::from(digit))
}

/// As [`length`], for lengths of any number of digits.
#[inline(never)]
fn long_length(input: &[u8]) -> Option<(usize, usize)> {
    let start = &input[..input.len().min(MAX_LENGTH_DIGITS + 1)];
    let digits = start.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if !(1..=MAX_LENGTH_DIGITS).contains(&digits) || input.get(digits) != Some(&b':') {
        return None;
    }
    let length = input[..digits].iter().fold(0, |length, byte| length * 10 + u64::from(byte - b'0'));
    // Where a length is beyond what can be addressed, no input has the bytes.
    Some((usize::try_from(length).unwrap_or(usize::MAX - digits - 2), digits + 1))
}

/// What is wrong with the start of an input that no value could be cut off. This is apart from the cutting so that
/// sound input, which is nearly all, does not pay for it.
#[cold]
fn fault(input: &[u8], offset: usize) -> Error {
    let digits = input.iter().take(MAX_LENGTH_DIGITS + 1).take_while(|byte| byte.is_ascii_digit()).count();
    let end = |expected| Error::new(offset + digits, ErrorKind::UnexpectedEnd { expected });
    match input.get(digits) {
        _ if digits > MAX_LENGTH_DIGITS => Error::new(offset, ErrorKind::LengthTooLong),
        None if digits == 0 => end("a value"),
        None => end("the rest of a length"),
        Some(&found) if digits == 0 => Error::new(offset, ErrorKind::LengthMissing { found }),
        Some(b':') => {
            let length = length(input).map_or(0, |(length, _)| length);
            let body = &input[digits + 1..];
            match body.get(length) {
                Some(&found) => Error::new(offset + digits + 1 + length, ErrorKind::UnknownTag { found }),
                None => {
                    let available = body.len();
                    Error::new(offset, ErrorKind::LengthBeyondEnd { claimed: length + 1, available })
                }
            }
        }
        Some(&found) => Error::new(offset + digits, ErrorKind::ColonMissing { found }),
    }
}

/// The values of a list. Ends after the first fault.
#[derive(Clone, Debug)]
pub struct Items<'a> {
    rest: &'a [u8],
    offset: usize,
}

impl<'a> Items<'a> {
    /// The values that stand one after the other in `body`, which starts at `offset`.
    #[inline]
    pub(crate) fn new(body: &'a [u8], offset: usize) -> Items<'a> {
        Items { rest: body, offset }
    }

    /// What has not been walked yet.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The next value if it is a sound list. The walk stays where it is.
    #[inline(always)]
    pub(crate) fn peek_list(&self) -> Option<RawValue<'a>> {
        RawValue::cut_as(self.rest, self.offset, Tag::List)
    }

    /// Walks over the next value, which was peeked at.
    #[inline(always)]
    pub(crate) fn walk_over(&mut self, value: RawValue<'a>) {
        self.rest = self.rest.get(value.encoded.len()..).unwrap_or_default();
        self.offset += value.encoded.len();
    }

    /// Where the next value starts, in bytes from the start of the input.
    pub fn offset(&self) -> usize {
        self.offset
    }
}

impl<'a> Iterator for Items<'a> {
    type Item = Result<RawValue<'a>, Error>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let value = RawValue::cut(self.rest, self.offset);
        match &value {
            Ok(value) => {
                self.rest = &self.rest[value.encoded.len()..];
                self.offset += value.encoded.len();
            }
            Err(_) => self.rest = &[],
        }
        Some(value)
    }
}

/// The keys and values of a dict. Ends after the first fault.
#[derive(Clone, Debug)]
pub struct Entries<'a> {
    items: Items<'a>,
}

impl<'a> Entries<'a> {
    /// What has not been walked yet.
    #[inline]
    pub(crate) fn items(&self) -> &Items<'a> {
        &self.items
    }

    /// The next key, whose tag says whether it is bytes or a string, and its value.
    #[inline(always)]
    pub(crate) fn next_pair(&mut self) -> Option<Result<(RawValue<'a>, RawValue<'a>), Error>> {
        if let Some((key, value)) = self.peek_sound() {
            self.items.walk_over(key);
            self.items.walk_over(value);
            return Some(Ok((key, value)));
        }
        self.next_faulty()
    }

    /// The next key and its value if they are sound. The walk stays where it is.
    #[inline(always)]
    fn peek_sound(&self) -> Option<(RawValue<'a>, RawValue<'a>)> {
        let Items { rest, offset } = self.items;
        let key = RawValue::cut_sound(rest, offset).filter(|key| matches!(key.tag, Tag::Bytes | Tag::Str))?;
        let length = key.encoded.len();
        Some((key, RawValue::cut_sound(&rest[length..], offset + length)?))
    }

    /// What the walk finds where no sound pair is: the end, or a fault.
    #[inline(never)]
    fn next_faulty(&mut self) -> Option<Result<(RawValue<'a>, RawValue<'a>), Error>> {
        let pair = match self.items.next()? {
            Ok(key) => self.pair(key),
            Err(error) => Err(error),
        };
        if pair.is_err() {
            self.items.rest = &[];
        }
        Some(pair)
    }

    #[inline]
    fn pair(&mut self, key: RawValue<'a>) -> Result<(RawValue<'a>, RawValue<'a>), Error> {
        if !matches!(key.tag, Tag::Bytes | Tag::Str) {
            return Err(key.wrong_type("a dict key (bytes or a string)"));
        }
        match self.items.next() {
            Some(value) => Ok((key, value?)),
            None => Err(Error::new(self.items.offset, ErrorKind::ValueMissing)),
        }
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = Result<(&'a [u8], RawValue<'a>), Error>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let pair = self.next_pair()?;
        Some(pair.map(|(key, value)| (key.body(), value)))
    }
}
