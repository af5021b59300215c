//! What can be wrong with a tnetstring, and where.

#[cfg(test)]
mod tests;

use std::fmt;

use serde::{de, ser};

use super::Tag;

/// A fault in a tnetstring: the situation, and the byte offset at which it was found.
///
/// The offset counts from the start of the input that was given to the reader; a fault found while writing
/// has no offset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    offset: Option<usize>,
    kind: ErrorKind,
}

/// The situations that [`Error`] tells apart.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The input is over before the value is.
    UnexpectedEnd {
        /// The part of the value that is missing.
        expected: &'static str,
    },
    /// A length has to start here, and does not.
    LengthMissing {
        /// The byte that stands in its place.
        found: u8,
    },
    /// A length has more than [`MAX_LENGTH_DIGITS`](super::MAX_LENGTH_DIGITS) digits.
    LengthTooLong,
    /// A length is followed by something else than `:`.
    ColonMissing {
        /// The byte that stands in its place.
        found: u8,
    },
    /// A value claims more bytes than the value or the input around it has left.
    LengthBeyondEnd {
        /// Bytes that the body and its tag would need.
        claimed: usize,
        /// Bytes that are there.
        available: usize,
    },
    /// The byte after a body is no tag.
    UnknownTag {
        /// The byte that stands in its place.
        found: u8,
    },
    /// The value is sound, but of another type than asked for.
    WrongType {
        /// What was asked for.
        expected: &'static str,
        /// What the value is.
        found: Tag,
    },
    /// The body of a string, or bytes that are used as text, are not UTF-8.
    InvalidUtf8,
    /// The body of an integer is not a decimal number.
    InvalidInteger,
    /// The integer is sound, but does not fit into the type asked for.
    IntegerOutOfRange,
    /// The body of a float is not a number as Python writes one.
    InvalidFloat,
    /// The body of a boolean is neither `true` nor `false`.
    InvalidBool,
    /// A null has a body.
    NullWithBody,
    /// A dict ends after a key.
    ValueMissing,
    /// Values are nested deeper than [`MAX_DEPTH`](super::MAX_DEPTH).
    TooDeep,
    /// There are bytes after the value, where only one value was expected.
    TrailingBytes,
    /// A list or dict has more values than the type that is read from it.
    TooManyValues,
    /// A message of the type that was being read or written.
    Custom(String),
}

impl Error {
    pub(crate) fn new(offset: usize, kind: ErrorKind) -> Error {
        Error { offset: Some(offset), kind }
    }

    /// A fault of the value as a whole, found where no offset is known.
    pub(crate) fn unplaced(kind: ErrorKind) -> Error {
        Error { offset: None, kind }
    }

    /// The same fault, with its offset filled in where it had none.
    pub(crate) fn or_at(self, offset: usize) -> Error {
        Error { offset: self.offset.or(Some(offset)), ..self }
    }

    /// The byte offset of the fault, from the start of the input.
    pub fn offset(&self) -> Option<usize> {
        self.offset
    }

    /// The situation.
    pub fn kind(&self) -> &ErrorKind {
        &self.kind
    }

    /// The situation alone, for an error that says the place in its own words.
    pub fn into_kind(self) -> ErrorKind {
        self.kind
    }
}

impl std::error::Error for Error {}

impl de::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Error {
        Error::unplaced(ErrorKind::Custom(message.to_string()))
    }
}

impl ser::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Error {
        Error::unplaced(ErrorKind::Custom(message.to_string()))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.offset {
            Some(offset) => write!(f, "{} at byte {offset}", self.kind),
            None => self.kind.fmt(f),
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ErrorKind::UnexpectedEnd { expected } => write!(f, "expected {expected}, found the end of the data"),
            ErrorKind::LengthMissing { found } => {
                write!(f, "expected a length in decimal digits, found {}", Byte(*found))
            }
            ErrorKind::LengthTooLong => {
                write!(f, "expected a length of at most {} digits", super::MAX_LENGTH_DIGITS)
            }
            ErrorKind::ColonMissing { found } => write!(f, "expected `:` after a length, found {}", Byte(*found)),
            ErrorKind::LengthBeyondEnd { claimed, available } => {
                write!(f, "expected {claimed} more bytes of a value, found only {available}")
            }
            ErrorKind::UnknownTag { found } => {
                write!(f, "expected a type tag (one of `,;#^!~]}}`), found {}", Byte(*found))
            }
            ErrorKind::WrongType { expected, found } => write!(f, "expected {expected}, found {found}"),
            ErrorKind::InvalidUtf8 => f.write_str("expected UTF-8 text"),
            ErrorKind::InvalidInteger => f.write_str("expected an integer in decimal digits"),
            ErrorKind::IntegerOutOfRange => f.write_str("the integer is out of the range of this field"),
            ErrorKind::InvalidFloat => f.write_str("expected a floating point number"),
            ErrorKind::InvalidBool => f.write_str("expected `true` or `false`"),
            ErrorKind::NullWithBody => f.write_str("expected an empty body of a null"),
            ErrorKind::ValueMissing => f.write_str("expected a value after a dict key, found the end of the dict"),
            ErrorKind::TooDeep => write!(f, "expected at most {} values within each other", super::MAX_DEPTH),
            ErrorKind::TooManyValues => f.write_str("expected the end of a list or dict, found more values"),
            ErrorKind::TrailingBytes => f.write_str("expected the end of the data, found more bytes"),
            ErrorKind::Custom(message) => f.write_str(message),
        }
    }
}

/// A byte as a person reads it: printable ASCII as it is, all else in hexadecimal.
struct Byte(u8);

impl fmt::Display for Byte {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0x21..=0x7e => write!(f, "`{}`", self.0 as char),
            byte => write!(f, "the byte 0x{byte:02x}"),
        }
    }
}
