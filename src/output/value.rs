//! What a field holds, before it is known in which format it will be written.

use std::borrow::Cow;

use super::plain;
use super::time::TimeFormat;
use crate::flow::{Message, Timestamp, micros};

/// The value of a field.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Value<'a> {
    /// The field has no meaning here: no key in JSON, an empty cell elsewhere.
    Absent,
    /// The field has a meaning, but no value.
    Null,
    /// A truth value.
    Bool(bool),
    /// A number.
    Integer(i64),
    /// A count or a size.
    Count(u64),
    /// A number, as a time in seconds is.
    Float(f64),
    /// The parts of a version, such as 0.18.2; a list in JSON.
    Numbers(&'a [u64]),
    /// One of a few words of this program: printable characters, of which each takes one column and needs no escape.
    Word(&'static str),
    /// Text, from the capture or not; each writer makes it safe.
    Text(Cow<'a, str>),
    /// A time as it stands in the capture.
    Timestamp(Timestamp<'a>),
    /// A time, to be written in the time format; and the one that it is relative to.
    Time {
        /// The time.
        time: Time<'a>,
        /// When the connection's first message came.
        first: f64,
    },
    /// The position of a message.
    Id {
        /// Position of the flow in the file.
        flow: u64,
        /// Position of the message in the flow.
        message: u64,
    },
    /// Bytes, written in base64.
    Base64(&'a [u8]),
    /// Text that is JSON.
    Json(&'a str),
    /// The content of a message: in `raw` the bytes themselves.
    Content(Message<'a>),
    /// What a content is, and the content.
    Preview {
        /// Its kind, in short.
        kind: String,
        /// The message.
        message: Message<'a>,
    },
}

/// A time, as it stands in the capture or as a number.
#[derive(Clone, Copy, Debug)]
pub enum Time<'a> {
    /// As it stands in the capture.
    Stored(Timestamp<'a>),
    /// Seconds since the Unix epoch.
    Seconds(f64),
}

impl Time<'_> {
    /// Seconds since the Unix epoch.
    pub fn seconds(&self) -> f64 {
        match self {
            Time::Stored(timestamp) => timestamp.seconds(),
            Time::Seconds(seconds) => *seconds,
        }
    }

    /// Whole microseconds since the Unix epoch; `None` for what is no time.
    #[inline]
    pub fn micros(&self) -> Option<i64> {
        match self {
            Time::Stored(timestamp) => timestamp.micros(),
            Time::Seconds(seconds) => micros(*seconds),
        }
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Value<'a> {
        Value::Text(Cow::Borrowed(text))
    }
}

impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(value: Option<T>) -> Value<'a> {
        value.map_or(Value::Null, Into::into)
    }
}

impl From<bool> for Value<'_> {
    fn from(value: bool) -> Self {
        Value::Bool(value)
    }
}

impl From<i64> for Value<'_> {
    fn from(value: i64) -> Self {
        Value::Integer(value)
    }
}

impl From<u64> for Value<'_> {
    fn from(value: u64) -> Self {
        Value::Count(value)
    }
}

impl From<f64> for Value<'_> {
    fn from(value: f64) -> Self {
        Value::Float(value)
    }
}

impl Value<'_> {
    /// The value as plain text, not escaped; empty for what is absent or null.
    pub fn to_text(&self, time: TimeFormat) -> String {
        let mut text = Vec::new();
        plain::value(&mut text, self, time);
        String::from_utf8_lossy(&text).into_owned()
    }
}
