//! What kind of frames a message was made from.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The type of a frame, and of a message made from frames: the opcode of
/// [RFC 6455, section 5.2](https://www.rfc-editor.org/rfc/rfc6455#section-5.2).
///
/// mitmproxy stores messages of data frames only, [`Text`](Opcode::Text) and [`Binary`](Opcode::Binary)
/// ([section 5.6](https://www.rfc-editor.org/rfc/rfc6455#section-5.6)). A number that the RFC leaves without
/// meaning is kept as it is.
///
/// ```
/// use wsflow::websocket::Opcode;
///
/// assert_eq!(Opcode::from(2), Opcode::Binary);
/// assert_eq!(i64::from(Opcode::Close), 8);
/// assert_eq!(Opcode::from(11).name(), "opcode-11");
/// ```
#[derive(Clone, Copy, Debug)]
pub enum Opcode {
    /// 0: more of the message that the frame before began.
    Continuation,
    /// 1: a text message; its content should be UTF-8.
    Text,
    /// 2: a binary message.
    Binary,
    /// 8: the connection is being closed.
    Close,
    /// 9: is the peer still there?
    Ping,
    /// 10: the answer to a ping.
    Pong,
    /// Any other number. One that has a name is [equal](PartialEq) to the opcode of that name.
    Other(i64),
}

impl Opcode {
    /// The name, in lower case: `text`, `binary`, `continuation`, `close`, `ping`, `pong`; and `opcode-N` where
    /// the number N has no name.
    ///
    /// ```
    /// assert_eq!(wsflow::websocket::Opcode::Text.name(), "text");
    /// ```
    pub fn name(self) -> Cow<'static, str> {
        Cow::Borrowed(match Opcode::from(i64::from(self)) {
            Opcode::Continuation => "continuation",
            Opcode::Text => "text",
            Opcode::Binary => "binary",
            Opcode::Close => "close",
            Opcode::Ping => "ping",
            Opcode::Pong => "pong",
            Opcode::Other(number) => return Cow::Owned(format!("opcode-{number}")),
        })
    }
}

impl Opcode {
    /// The opcode that has this [name](Opcode::name).
    ///
    /// ```
    /// use wsflow::websocket::Opcode;
    ///
    /// assert_eq!(Opcode::from_name("binary"), Some(Opcode::Binary));
    /// assert_eq!(Opcode::from_name("opcode-11"), Some(Opcode::from(11)));
    /// assert_eq!(Opcode::from_name("texd"), None);
    /// ```
    pub fn from_name(name: &str) -> Option<Opcode> {
        Some(match name {
            "continuation" => Opcode::Continuation,
            "text" => Opcode::Text,
            "binary" => Opcode::Binary,
            "close" => Opcode::Close,
            "ping" => Opcode::Ping,
            "pong" => Opcode::Pong,
            other => Opcode::from(other.strip_prefix("opcode-")?.parse::<i64>().ok()?),
        })
    }
}

impl From<i64> for Opcode {
    fn from(number: i64) -> Opcode {
        match number {
            0 => Opcode::Continuation,
            1 => Opcode::Text,
            2 => Opcode::Binary,
            8 => Opcode::Close,
            9 => Opcode::Ping,
            10 => Opcode::Pong,
            _ => Opcode::Other(number),
        }
    }
}

impl From<Opcode> for i64 {
    fn from(opcode: Opcode) -> i64 {
        match opcode {
            Opcode::Continuation => 0,
            Opcode::Text => 1,
            Opcode::Binary => 2,
            Opcode::Close => 8,
            Opcode::Ping => 9,
            Opcode::Pong => 10,
            Opcode::Other(number) => number,
        }
    }
}

// By number, so that `Other(1)` made by hand is no second text opcode.
impl PartialEq for Opcode {
    fn eq(&self, other: &Opcode) -> bool {
        i64::from(*self) == i64::from(*other)
    }
}

impl Eq for Opcode {}

impl std::hash::Hash for Opcode {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        i64::from(*self).hash(state);
    }
}

/// The [name](Opcode::name).
impl fmt::Display for Opcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.name())
    }
}

/// As its number.
impl Serialize for Opcode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(i64::from(*self))
    }
}

/// From its number.
impl<'de> Deserialize<'de> for Opcode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Opcode, D::Error> {
        i64::deserialize(deserializer).map(Opcode::from)
    }
}
