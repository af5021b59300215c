//! The state of a flow, of any flow and any version, as a tree that keeps its order.
//!
//! A [`State`] is what a flow file holds when nothing is known about it: what mitmproxy's `get_state` returns.
//! Upgrading old formats works on it, and so does turning a flow into MessagePack and back. It borrows its
//! strings and bytes from the input wherever it can.
//!
//! Writing a state that was read gives the same bytes for everything that mitmproxy writes. Spellings that
//! mitmproxy has no use for are not kept: `007` and `+7` come back as `7`, and a float as Python's `repr` gives
//! it. What has to stay as it is whatever it is, stays undecoded: [`State::Raw`].
//!
//! ```
//! use wsflow::state::State;
//! use wsflow::tnetstring;
//!
//! let encoded = b"27:7:comment;2:hi;2:id;4:1234;}";
//! let mut state: State = tnetstring::from_slice(encoded)?;
//! assert_eq!(state.get("comment"), Some(&State::from("hi")));
//!
//! let packed = rmp_serde::to_vec(&state)?;
//! let unpacked: State = rmp_serde::from_slice(&packed)?;
//! assert_eq!(tnetstring::to_vec(&unpacked)?, encoded);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # In MessagePack
//! A string is a str, bytes are a bin, a float is a float 64 and null is nil. An integer that fits neither int 64
//! nor uint 64 is an extension of type 35 (the `#` of a tnetstring) that holds its decimal digits. A key that is
//! bytes is a bin.

mod decode;
mod integer;
mod serde;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

pub use integer::Integer;

use crate::tnetstring::{Error, RawValue};

/// A value, and all that is in it.
#[derive(Clone, Debug, PartialEq)]
pub enum State<'a> {
    /// Nothing.
    Null,
    /// A truth value.
    Bool(bool),
    /// An integer of any size.
    Integer(Integer),
    /// A floating point number.
    Float(f64),
    /// Bytes.
    Bytes(Cow<'a, [u8]>),
    /// A string.
    Str(Cow<'a, str>),
    /// Values, one after the other.
    List(Vec<State<'a>>),
    /// Keys and values, in the order of the input. Nothing forbids a key to come twice.
    Dict(Vec<(Key<'a>, State<'a>)>),
    /// A value that was left undecoded ([`from_raw_with`](State::from_raw_with)), and is written as it was.
    /// Only a tnetstring can hold one; to write it elsewhere, [`decode`](State::decode) it first. What is in it
    /// is out of reach until then: for [`get`](State::get) and the like it is no dict.
    Raw(RawValue<'a>),
}

/// A key of a dict. Both kinds are found under the same name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Key<'a> {
    /// A key in bytes, as formats up to 0.17 have them.
    Bytes(Cow<'a, [u8]>),
    /// A key that is a string.
    Str(Cow<'a, str>),
}

impl Key<'_> {
    /// The name.
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Key::Bytes(name) => name,
            Key::Str(name) => name.as_bytes(),
        }
    }

    fn into_owned(self) -> Key<'static> {
        match self {
            Key::Bytes(name) => Key::Bytes(Cow::Owned(name.into_owned())),
            Key::Str(name) => Key::Str(Cow::Owned(name.into_owned())),
        }
    }
}

impl<'a> From<&'a str> for Key<'a> {
    fn from(name: &'a str) -> Key<'a> {
        Key::Str(Cow::Borrowed(name))
    }
}

impl<'a> State<'a> {
    /// The value under a key, if this is a dict that has the key. Where a key comes twice, the last counts, as in
    /// Python.
    pub fn get(&self, key: &str) -> Option<&State<'a>> {
        self.as_dict()?.iter().rfind(|(name, _)| name.as_bytes() == key.as_bytes()).map(|(_, value)| value)
    }

    /// As [`get`](Self::get), to be changed.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut State<'a>> {
        self.as_dict_mut()?.iter_mut().rfind(|(name, _)| name.as_bytes() == key.as_bytes()).map(|(_, value)| value)
    }

    /// Takes the value under a key out, and the key with it. The others keep their order.
    pub fn remove(&mut self, key: &str) -> Option<State<'a>> {
        let entries = self.as_dict_mut()?;
        let mut removed = None;
        while let Some(position) = entries.iter().position(|(name, _)| name.as_bytes() == key.as_bytes()) {
            removed = Some(entries.remove(position).1);
        }
        removed
    }

    /// Puts a value under a key: in place of the one that is there, or else behind all others. False where this
    /// is no dict, and nothing was done.
    pub fn insert(&mut self, key: impl Into<Key<'a>>, value: impl Into<State<'a>>) -> bool {
        let Some(entries) = self.as_dict_mut() else {
            return false;
        };
        let key = key.into();
        match entries.iter_mut().find(|(name, _)| name.as_bytes() == key.as_bytes()) {
            Some((_, there)) => *there = value.into(),
            None => entries.push((key, value.into())),
        }
        true
    }

    /// Decodes what was left undecoded, if this is such a value. What stands within another value is not reached.
    ///
    /// # Errors
    /// When the value is broken inside.
    pub fn decode(&mut self) -> Result<(), Error> {
        if let State::Raw(value) = *self {
            *self = State::from_raw(value)?;
        }
        Ok(())
    }

    /// Whether this is a null.
    pub fn is_null(&self) -> bool {
        matches!(self, State::Null)
    }

    /// The truth value, if this is one.
    pub fn as_bool(&self) -> Option<bool> {
        if let State::Bool(value) = self { Some(*value) } else { None }
    }

    /// The integer, if this is one that fits.
    pub fn as_i64(&self) -> Option<i64> {
        if let State::Integer(value) = self { value.to_i64() } else { None }
    }

    /// The number, if this is a float or an integer.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            State::Float(value) => Some(*value),
            State::Integer(value) => Some(value.to_f64()),
            _ => None,
        }
    }

    /// The bytes of bytes or of a string.
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match self {
            State::Bytes(value) => Some(value),
            State::Str(value) => Some(value.as_bytes()),
            _ => None,
        }
    }

    /// The text of a string, or of bytes that are UTF-8.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            State::Bytes(value) => str::from_utf8(value).ok(),
            State::Str(value) => Some(value),
            _ => None,
        }
    }

    /// The values, if this is a list.
    pub fn as_list(&self) -> Option<&[State<'a>]> {
        if let State::List(values) = self { Some(values) } else { None }
    }

    /// The values, if this is a list, to be changed.
    pub fn as_list_mut(&mut self) -> Option<&mut Vec<State<'a>>> {
        if let State::List(values) = self { Some(values) } else { None }
    }

    /// The keys and values, if this is a dict.
    pub fn as_dict(&self) -> Option<&[(Key<'a>, State<'a>)]> {
        if let State::Dict(entries) = self { Some(entries) } else { None }
    }

    /// The keys and values, if this is a dict, to be changed.
    pub fn as_dict_mut(&mut self) -> Option<&mut Vec<(Key<'a>, State<'a>)>> {
        if let State::Dict(entries) = self { Some(entries) } else { None }
    }

    /// The same state with nothing borrowed. What was left undecoded is decoded for it.
    ///
    /// # Errors
    /// When an undecoded value is broken inside.
    pub fn into_owned(self) -> Result<State<'static>, Error> {
        Ok(match self {
            State::Null => State::Null,
            State::Bool(value) => State::Bool(value),
            State::Integer(value) => State::Integer(value),
            State::Float(value) => State::Float(value),
            State::Bytes(value) => State::Bytes(Cow::Owned(value.into_owned())),
            State::Str(value) => State::Str(Cow::Owned(value.into_owned())),
            State::List(values) => State::List(values.into_iter().map(State::into_owned).collect::<Result<_, _>>()?),
            State::Dict(entries) => {
                let owned = |(key, value): (Key<'a>, State<'a>)| Ok((key.into_owned(), value.into_owned()?));
                State::Dict(entries.into_iter().map(owned).collect::<Result<_, Error>>()?)
            }
            State::Raw(value) => State::from_raw(value)?.into_owned()?,
        })
    }
}

impl From<bool> for State<'_> {
    fn from(value: bool) -> Self {
        State::Bool(value)
    }
}

impl From<i64> for State<'_> {
    fn from(value: i64) -> Self {
        State::Integer(value.into())
    }
}

impl From<f64> for State<'_> {
    fn from(value: f64) -> Self {
        State::Float(value)
    }
}

impl<'a> From<&'a str> for State<'a> {
    fn from(value: &'a str) -> Self {
        State::Str(Cow::Borrowed(value))
    }
}

impl From<String> for State<'_> {
    fn from(value: String) -> Self {
        State::Str(Cow::Owned(value))
    }
}

impl<'a> From<&'a [u8]> for State<'a> {
    fn from(value: &'a [u8]) -> Self {
        State::Bytes(Cow::Borrowed(value))
    }
}

impl From<Vec<u8>> for State<'_> {
    fn from(value: Vec<u8>) -> Self {
        State::Bytes(Cow::Owned(value))
    }
}

impl<'a> From<Vec<State<'a>>> for State<'a> {
    fn from(values: Vec<State<'a>>) -> Self {
        State::List(values)
    }
}

impl<'a> From<RawValue<'a>> for State<'a> {
    fn from(value: RawValue<'a>) -> Self {
        State::Raw(value)
    }
}
