//! What is stored of a message: six values without names.

use std::fmt;

use serde::de::{self, Deserializer, SeqAccess, Visitor};
use serde::ser::{SerializeTuple, Serializer};
use serde::{Deserialize, Serialize};

use crate::tnetstring::Bytes;

/// The state of a [`WebSocketMessage`](super::WebSocketMessage): the six values that a flow file holds of it.
///
/// 0. the opcode ([RFC 6455, section 5.2](https://www.rfc-editor.org/rfc/rfc6455#section-5.2)),
/// 1. whether the client sent it,
/// 2. the content in bytes,
/// 3. the time in seconds since the Unix epoch,
/// 4. whether it was dropped,
/// 5. whether it was injected.
///
/// With serde it is a list of these six, the content as bytes. A list without the last is read as one of a message
/// that was not injected, as files of formats before 15 have it, and content that is a string is taken as its
/// UTF-8, as those before 12 have it.
///
/// ```
/// use wsflow::tnetstring;
/// use wsflow::websocket::WebSocketMessageState;
///
/// let state = WebSocketMessageState(1, true, b"hi".to_vec(), 0.5, false, false);
/// assert_eq!(tnetstring::to_vec(&state)?, b"38:1:1#4:true!2:hi,3:0.5^5:false!5:false!]");
///
/// let old = b"38:1:1#4:true!2:hi;10:1567690404#5:false!]";
/// let WebSocketMessageState(.., timestamp, dropped, injected) = tnetstring::from_slice(old)?;
/// assert_eq!((timestamp, dropped, injected), (1567690404.0, false, false));
/// # Ok::<(), tnetstring::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct WebSocketMessageState(
    /// The opcode.
    pub i64,
    /// Whether the client sent it.
    pub bool,
    /// The content.
    pub Vec<u8>,
    /// Seconds since the Unix epoch.
    pub f64,
    /// Whether it was dropped.
    pub bool,
    /// Whether it was injected.
    pub bool,
);

impl From<(i64, bool, Vec<u8>, f64, bool, bool)> for WebSocketMessageState {
    fn from(state: (i64, bool, Vec<u8>, f64, bool, bool)) -> WebSocketMessageState {
        let (opcode, from_client, content, timestamp, dropped, injected) = state;
        WebSocketMessageState(opcode, from_client, content, timestamp, dropped, injected)
    }
}

impl From<WebSocketMessageState> for (i64, bool, Vec<u8>, f64, bool, bool) {
    fn from(state: WebSocketMessageState) -> (i64, bool, Vec<u8>, f64, bool, bool) {
        (state.0, state.1, state.2, state.3, state.4, state.5)
    }
}

impl Serialize for WebSocketMessageState {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let WebSocketMessageState(opcode, from_client, content, timestamp, dropped, injected) = self;
        serialize(serializer, *opcode, *from_client, content, *timestamp, *dropped, *injected)
    }
}

/// Writes the six values, from wherever they are kept.
pub(super) fn serialize<S: Serializer>(
    serializer: S,
    opcode: i64,
    from_client: bool,
    content: &[u8],
    timestamp: f64,
    dropped: bool,
    injected: bool,
) -> Result<S::Ok, S::Error> {
    let mut list = serializer.serialize_tuple(6)?;
    list.serialize_element(&opcode)?;
    list.serialize_element(&from_client)?;
    list.serialize_element(&Bytes(content))?;
    list.serialize_element(&timestamp)?;
    list.serialize_element(&dropped)?;
    list.serialize_element(&injected)?;
    list.end()
}

impl<'de> Deserialize<'de> for WebSocketMessageState {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<WebSocketMessageState, D::Error> {
        // A sequence, not a tuple of six: some formats hold a tuple to its length, and there may be five.
        deserializer.deserialize_seq(StateVisitor)
    }
}

struct StateVisitor;

impl<'de> Visitor<'de> for StateVisitor {
    type Value = WebSocketMessageState;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a message: a list of opcode, from_client, content, timestamp, dropped and injected")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<WebSocketMessageState, A::Error> {
        let missing = |position| de::Error::invalid_length(position, &self);
        let opcode = list.next_element()?.ok_or_else(|| missing(0))?;
        let from_client = list.next_element()?.ok_or_else(|| missing(1))?;
        let Content(content) = list.next_element()?.ok_or_else(|| missing(2))?;
        let timestamp = list.next_element()?.ok_or_else(|| missing(3))?;
        let dropped = list.next_element()?.ok_or_else(|| missing(4))?;
        let injected = list.next_element()?.unwrap_or(false);
        Ok(WebSocketMessageState(opcode, from_client, content, timestamp, dropped, injected))
    }
}

/// Content, however a format gives bytes.
struct Content(Vec<u8>);

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Content, D::Error> {
        deserializer.deserialize_byte_buf(ContentVisitor)
    }
}

struct ContentVisitor;

impl<'de> Visitor<'de> for ContentVisitor {
    type Value = Content;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the content of a message: bytes or a string")
    }

    fn visit_bytes<E: de::Error>(self, content: &[u8]) -> Result<Content, E> {
        Ok(Content(content.to_vec()))
    }

    fn visit_byte_buf<E: de::Error>(self, content: Vec<u8>) -> Result<Content, E> {
        Ok(Content(content))
    }

    fn visit_str<E: de::Error>(self, content: &str) -> Result<Content, E> {
        Ok(Content(content.as_bytes().to_vec()))
    }

    fn visit_string<E: de::Error>(self, content: String) -> Result<Content, E> {
        Ok(Content(content.into_bytes()))
    }

    /// Formats that have no bytes, as JSON, give their values one by one.
    fn visit_seq<A: SeqAccess<'de>>(self, mut bytes: A) -> Result<Content, A::Error> {
        let mut content = Vec::new();
        while let Some(byte) = bytes.next_element()? {
            content.push(byte);
        }
        Ok(Content(content))
    }
}
