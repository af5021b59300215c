//! One message.

use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Opcode;
use super::state::{self, WebSocketMessageState};

/// A message that one peer sent to the other: the frames of
/// [RFC 6455, section 5.6](https://www.rfc-editor.org/rfc/rfc6455#section-5.6), joined and unpacked.
///
/// With serde it is its [state](WebSocketMessageState), a list of six values.
///
/// ```
/// use wsflow::websocket::{Opcode, WebSocketMessage};
///
/// let mut message = WebSocketMessage::new(Opcode::Text, true, "ping");
/// assert_eq!(message.text(), Ok("ping"));
/// assert!(!message.dropped && !message.injected);
/// message.drop();
/// assert!(message.dropped);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct WebSocketMessage {
    /// Whether the client sent it, and not the server.
    pub from_client: bool,
    /// The opcode ([section 5.2](https://www.rfc-editor.org/rfc/rfc6455#section-5.2)): text or binary in
    /// practice. `type` is a word of the language, so it is written `r#type`.
    pub r#type: Opcode,
    /// The content in bytes, fragments joined and compression undone. That of a text message should be UTF-8,
    /// and need not be: a file is no peer that would have to fail the connection
    /// ([section 8.1](https://www.rfc-editor.org/rfc/rfc6455#section-8.1)).
    pub content: Vec<u8>,
    /// When it was received or made, in seconds since the Unix epoch.
    pub timestamp: f64,
    /// Whether it was kept from the peer that it was sent to.
    pub dropped: bool,
    /// Whether it was made in the proxy, and sent by neither peer.
    pub injected: bool,
}

impl WebSocketMessage {
    /// A message of now that was not dropped and not injected.
    ///
    /// ```
    /// use wsflow::websocket::{Opcode, WebSocketMessage};
    ///
    /// let message = WebSocketMessage::new(2, false, [0xff, 0x00]);
    /// assert_eq!(message.r#type, Opcode::Binary);
    /// assert!(message.timestamp > 1_700_000_000.0);
    /// ```
    pub fn new(r#type: impl Into<Opcode>, from_client: bool, content: impl Into<Vec<u8>>) -> WebSocketMessage {
        WebSocketMessage {
            from_client,
            r#type: r#type.into(),
            content: content.into(),
            timestamp: now(),
            dropped: false,
            injected: false,
        }
    }

    /// The message, with another time in seconds since the Unix epoch.
    ///
    /// ```
    /// use wsflow::websocket::{Opcode, WebSocketMessage};
    ///
    /// let message = WebSocketMessage::new(Opcode::Text, true, "hi").with_timestamp(1693314200.5);
    /// assert_eq!(message.timestamp, 1693314200.5);
    /// ```
    #[must_use]
    pub fn with_timestamp(self, timestamp: f64) -> WebSocketMessage {
        WebSocketMessage { timestamp, ..self }
    }

    /// Whether this is a text message. Whether its content is UTF-8 is another question:
    /// [`text`](Self::text) answers it.
    ///
    /// ```
    /// use wsflow::websocket::{Opcode, WebSocketMessage};
    ///
    /// assert!(WebSocketMessage::new(Opcode::Text, true, [0xff]).is_text());
    /// assert!(!WebSocketMessage::new(Opcode::Binary, true, "hi").is_text());
    /// ```
    pub fn is_text(&self) -> bool {
        self.r#type == Opcode::Text
    }

    /// The content of a text message as text.
    ///
    /// ```
    /// use wsflow::websocket::{Opcode, TextError, WebSocketMessage};
    ///
    /// let broken = WebSocketMessage::new(Opcode::Text, true, *b"caf\xe9");
    /// assert_eq!(broken.text(), Err(TextError::InvalidUtf8 { position: 3 }));
    /// ```
    ///
    /// # Errors
    /// When this is no text message, or its content is not UTF-8.
    pub fn text(&self) -> Result<&str, TextError> {
        self.expect_text()?;
        str::from_utf8(&self.content).map_err(|error| TextError::InvalidUtf8 { position: error.valid_up_to() })
    }

    /// Gives a text message another text.
    ///
    /// ```
    /// use wsflow::websocket::{Opcode, TextError, WebSocketMessage};
    ///
    /// let mut message = WebSocketMessage::new(Opcode::Binary, true, [1, 2]);
    /// assert_eq!(message.set_text("no"), Err(TextError::NotText { opcode: Opcode::Binary }));
    /// assert_eq!(message.content, [1, 2]);
    /// ```
    ///
    /// # Errors
    /// When this is no text message; it is left as it was.
    pub fn set_text(&mut self, text: impl Into<String>) -> Result<(), TextError> {
        self.expect_text()?;
        self.content = text.into().into_bytes();
        Ok(())
    }

    fn expect_text(&self) -> Result<(), TextError> {
        if self.is_text() { Ok(()) } else { Err(TextError::NotText { opcode: self.r#type }) }
    }

    /// Marks the message as dropped: not forwarded to the other peer.
    #[expect(clippy::should_implement_trait, reason = "the name is mitmproxy's; nothing is freed here")]
    pub fn drop(&mut self) {
        self.dropped = true;
    }

    /// The old name of [`drop`](Self::drop).
    #[deprecated(note = "use `drop`, which does the same")]
    pub fn kill(&mut self) {
        self.drop();
    }

    /// The message whose state this is.
    ///
    /// ```
    /// use wsflow::websocket::{WebSocketMessage, WebSocketMessageState};
    ///
    /// let state = WebSocketMessageState(1, false, b"hi".to_vec(), 1693314200.5, false, true);
    /// let message = WebSocketMessage::from_state(state.clone());
    /// assert!(message.injected);
    /// assert_eq!(message.get_state(), state);
    /// ```
    pub fn from_state(state: impl Into<WebSocketMessageState>) -> WebSocketMessage {
        let WebSocketMessageState(opcode, from_client, content, timestamp, dropped, injected) = state.into();
        WebSocketMessage { from_client, r#type: opcode.into(), content, timestamp, dropped, injected }
    }

    /// The state of the message.
    pub fn get_state(&self) -> WebSocketMessageState {
        WebSocketMessageState(
            self.r#type.into(),
            self.from_client,
            self.content.clone(),
            self.timestamp,
            self.dropped,
            self.injected,
        )
    }

    /// Makes the message the one whose state this is.
    pub fn set_state(&mut self, state: impl Into<WebSocketMessageState>) {
        *self = WebSocketMessage::from_state(state);
    }
}

/// The time in seconds since the Unix epoch; negative on a clock that stands before it.
pub(super) fn now() -> f64 {
    match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => since.as_secs_f64(),
        Err(until) => -until.duration().as_secs_f64(),
    }
}

impl Serialize for WebSocketMessage {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let WebSocketMessage { from_client, r#type, content, timestamp, dropped, injected } = self;
        state::serialize(serializer, i64::from(*r#type), *from_client, content, *timestamp, *dropped, *injected)
    }
}

impl<'de> Deserialize<'de> for WebSocketMessage {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<WebSocketMessage, D::Error> {
        WebSocketMessageState::deserialize(deserializer).map(WebSocketMessage::from_state)
    }
}

/// Why a message has no text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TextError {
    /// The message is not made from text frames
    /// ([RFC 6455, section 5.6](https://www.rfc-editor.org/rfc/rfc6455#section-5.6)).
    #[error("only text messages have a text, and this is a message of type {opcode}")]
    NotText {
        /// What it is made from.
        opcode: Opcode,
    },
    /// The message is a text message, and its content is not UTF-8
    /// ([RFC 6455, section 8.1](https://www.rfc-editor.org/rfc/rfc6455#section-8.1)).
    #[error("the content of this text message is not UTF-8 from byte {position} on")]
    InvalidUtf8 {
        /// Where the first byte stands that is not UTF-8, in bytes from the start of the content.
        position: usize,
    },
}
