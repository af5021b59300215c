//! From an encoded value to a state, by hand: the fast way, which a test holds to the serde way.

use std::borrow::Cow;

use super::{Integer, Key, State};
use crate::tnetstring::{Error, ErrorKind, MAX_DEPTH, RawValue, Tag};

/// The values of a message. Nearly all lists of a large flow are messages, and a list that has room for just
/// these is made a fifth faster, and a quarter smaller, than one that grows.
const MESSAGE_VALUES: usize = 6;

impl<'a> State<'a> {
    /// Decodes a value, and all that is in it.
    ///
    /// # Errors
    /// When the value is broken anywhere, or nested deeper than [`MAX_DEPTH`].
    pub fn from_raw(value: RawValue<'a>) -> Result<State<'a>, Error> {
        State::from_raw_with(value, |_, _| false)
    }

    /// Decodes a value, and leaves undecoded the values in dicts that `leave` is true for; it is asked with their keys.
    /// Such a value becomes a [`State::Raw`].
    ///
    /// So the messages of a flow, which may be nearly all of its bytes, are left alone while the flow around them
    /// is upgraded:
    ///
    /// ```
    /// use wsflow::state::State;
    /// use wsflow::tnetstring::{self, RawValue};
    ///
    /// let encoded = b"33:7:version;2:14#8:messages;4:1:1#]}";
    /// let mut state = State::from_raw_with(RawValue::from_slice(encoded)?, |key, _| key == b"messages")?;
    /// state.insert("version", 15);
    /// assert_eq!(tnetstring::to_vec(&state)?, b"33:7:version;2:15#8:messages;4:1:1#]}");
    /// # Ok::<(), tnetstring::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`from_raw`](Self::from_raw), but for what is left undecoded: that is not looked into.
    pub fn from_raw_with(value: RawValue<'a>, leave: impl Fn(&[u8], RawValue<'a>) -> bool) -> Result<State<'a>, Error> {
        decode(value, &leave, MAX_DEPTH)
    }
}

fn decode<'a>(
    value: RawValue<'a>,
    leave: &impl Fn(&[u8], RawValue<'a>) -> bool,
    depth: usize,
) -> Result<State<'a>, Error> {
    let deeper = || depth.checked_sub(1).ok_or_else(|| Error::new(value.offset(), ErrorKind::TooDeep));
    Ok(match value.tag() {
        Tag::Null => {
            value.to_null()?;
            State::Null
        }
        Tag::Bool => State::Bool(value.to_bool()?),
        Tag::Integer => State::Integer(integer(value)?),
        Tag::Float => State::Float(value.to_f64()?),
        Tag::Bytes => State::Bytes(Cow::Borrowed(value.to_bytes()?)),
        Tag::Str => State::Str(Cow::Borrowed(value.to_str()?)),
        Tag::List => {
            let depth = deeper()?;
            let room = if value.body().is_empty() { 0 } else { MESSAGE_VALUES };
            let mut values = Vec::with_capacity(room);
            for item in value.items()? {
                values.push(decode(item?, leave, depth)?);
            }
            State::List(values)
        }
        Tag::Dict => {
            let depth = deeper()?;
            let mut entries = value.entries()?;
            let mut dict = Vec::new();
            while let Some(entry) = entries.next_pair() {
                let (name, value) = entry?;
                let key = key(name)?;
                let value = if leave(key.as_bytes(), value) { State::Raw(value) } else { decode(value, leave, depth)? };
                dict.push((key, value));
            }
            State::Dict(dict)
        }
    })
}

fn integer(value: RawValue<'_>) -> Result<Integer, Error> {
    match value.to_i64() {
        Ok(small) => Ok(Integer::from(small)),
        Err(error) => Integer::from_digits(value.integer_digits()?).ok_or(error),
    }
}

fn key(name: RawValue<'_>) -> Result<Key<'_>, Error> {
    Ok(match name.tag() {
        Tag::Bytes => Key::Bytes(Cow::Borrowed(name.to_bytes()?)),
        _ => Key::Str(Cow::Borrowed(name.to_str()?)),
    })
}
