//! tnetstrings, the encoding of mitmproxy's flow files, as a serde data format.
//!
//! ```text
//! value  = LENGTH ":" body tag          LENGTH: decimal, bytes of the body alone
//! tag    = ","  bytes                   any bytes
//!        | ";"  string                  UTF-8 (mitmproxy's addition to tnetstrings)
//!        | "#"  integer                 decimal digits, of any size
//!        | "^"  float                   as Python writes one: 1693314200.336985, 1e-07, inf, nan
//!        | "!"  boolean                 true, false
//!        | "~"  null                    empty
//!        | "]"  list                    values, one after the other
//!        | "}"  dict                    key, value, key, value; keys are strings or bytes
//! ```
//!
//! There are two ways to read. [`RawValue`] cuts values by their length and reads what it is asked
//! for; everything else is skipped unseen. [`from_slice`] goes through serde, as in `serde_json`, and stands on
//! it. So are there two to write: [`Writer`] by hand, and [`to_vec`] upon it.

mod carry;
mod de;
mod error;
pub(crate) mod float;
mod raw;
mod ser;
mod writer;

use std::fmt;

pub(crate) use carry::{Bytes, EXT_INTEGER, EXT_NAME};
pub use de::{Deserializer, from_raw, from_slice};
pub use error::{Error, ErrorKind};
pub(crate) use raw::integer_digits;
pub use raw::{Entries, Items, RawValue};
pub use ser::{Compound, Serializer, to_vec, to_writer};
pub(crate) use writer::Head;
pub use writer::{Mark, Writer};

/// A length has at most this many digits, as in mitmproxy, which refuses to read longer ones: 999 GB.
pub const MAX_LENGTH_DIGITS: usize = 12;

/// Values may stand within each other this deep. A flow needs 7; the rest is room for `metadata`, where addons
/// keep what they like. Each level costs a reader about half a KiB of stack.
pub const MAX_DEPTH: usize = 128;

/// The type of a value, which stands behind its body as one byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tag {
    /// `,`
    Bytes,
    /// `;`
    Str,
    /// `#`
    Integer,
    /// `^`
    Float,
    /// `!`
    Bool,
    /// `~`
    Null,
    /// `]`
    List,
    /// `}`
    Dict,
}

impl Tag {
    /// The type that a byte stands for.
    #[inline]
    pub fn from_byte(byte: u8) -> Option<Tag> {
        Some(match byte {
            b',' => Tag::Bytes,
            b';' => Tag::Str,
            b'#' => Tag::Integer,
            b'^' => Tag::Float,
            b'!' => Tag::Bool,
            b'~' => Tag::Null,
            b']' => Tag::List,
            b'}' => Tag::Dict,
            _ => return None,
        })
    }

    /// The byte that stands for the type.
    #[inline]
    pub fn as_byte(self) -> u8 {
        match self {
            Tag::Bytes => b',',
            Tag::Str => b';',
            Tag::Integer => b'#',
            Tag::Float => b'^',
            Tag::Bool => b'!',
            Tag::Null => b'~',
            Tag::List => b']',
            Tag::Dict => b'}',
        }
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Tag::Bytes => "bytes",
            Tag::Str => "a string",
            Tag::Integer => "an integer",
            Tag::Float => "a float",
            Tag::Bool => "a boolean",
            Tag::Null => "null",
            Tag::List => "a list",
            Tag::Dict => "a dict",
        })
    }
}
