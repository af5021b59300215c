//! The WebSocket half of a flow: how the connection closed, and its messages.

use std::borrow::Cow;

use super::message::Messages;
use super::timestamp::Timestamp;
use crate::tnetstring::RawValue;
use crate::{Error, Situation};

/// A WebSocket connection, borrowed from its flow: [`WebSocketData`](crate::websocket::WebSocketData) as a view.
#[derive(Clone, Copy, Debug, Default)]
pub struct WebSocket<'a> {
    messages: Option<RawValue<'a>>,
    closed_by_client: Option<RawValue<'a>>,
    close_code: Option<RawValue<'a>>,
    close_reason: Option<RawValue<'a>>,
    timestamp_end: Option<RawValue<'a>>,
}

impl<'a> WebSocket<'a> {
    pub(super) fn new(value: RawValue<'a>) -> Result<WebSocket<'a>, Error> {
        let mut websocket = WebSocket::default();
        for entry in value.entries()? {
            let (key, value) = entry?;
            match key {
                b"messages" => websocket.messages = Some(value),
                b"closed_by_client" => websocket.closed_by_client = Some(value),
                b"close_code" => websocket.close_code = Some(value),
                b"close_reason" => websocket.close_reason = Some(value),
                b"timestamp_end" => websocket.timestamp_end = Some(value),
                _ => {}
            }
        }
        Ok(websocket)
    }

    /// The connection, with its messages in another place if there is one.
    pub(super) fn with_messages(self, messages: Option<RawValue<'a>>) -> WebSocket<'a> {
        WebSocket { messages: messages.or(self.messages), ..self }
    }

    /// Whether the client closed the connection; `None` while it is open.
    ///
    /// # Errors
    /// When the value is neither a boolean nor null.
    pub fn closed_by_client(&self) -> Result<Option<bool>, Error> {
        optional(self.closed_by_client, "closed_by_client", |value| value.to_bool())
    }

    /// The close code (RFC 6455 section 7.1.5); `None` while the connection is open.
    ///
    /// # Errors
    /// When the value is neither an integer nor null.
    pub fn close_code(&self) -> Result<Option<i64>, Error> {
        optional(self.close_code, "close_code", |value| value.to_i64())
    }

    /// The close reason (RFC 6455 section 7.1.6), with replacement characters where it is not UTF-8.
    ///
    /// # Errors
    /// When the value is neither text nor null.
    pub fn close_reason(&self) -> Result<Option<Cow<'a, str>>, Error> {
        optional(self.close_reason, "close_reason", |value| Ok(String::from_utf8_lossy(value.to_bytes()?)))
    }

    /// When the connection ended; `None` while it is open.
    pub fn timestamp_end(&self) -> Option<Timestamp<'a>> {
        self.timestamp_end.and_then(Timestamp::new)
    }

    /// Whether the connection was not closed yet.
    pub fn is_open(&self) -> bool {
        [self.closed_by_client, self.close_code, self.timestamp_end].iter().flatten().all(RawValue::is_null)
    }

    /// The messages, to be walked.
    ///
    /// # Errors
    /// When they are missing or no list.
    pub fn messages(&self) -> Result<Messages<'a>, Error> {
        Messages::new(self.message_list()?, 0)
    }

    /// The list of messages, undecoded.
    ///
    /// # Errors
    /// When it is missing.
    pub fn message_list(&self) -> Result<RawValue<'a>, Error> {
        self.messages.ok_or_else(|| Error::new(Situation::MissingKey).within("messages"))
    }
}

fn optional<'a, T>(
    value: Option<RawValue<'a>>,
    key: &'static str,
    read: impl FnOnce(RawValue<'a>) -> Result<T, crate::tnetstring::Error>,
) -> Result<Option<T>, Error> {
    match value {
        Some(value) if !value.is_null() => match read(value) {
            Ok(value) => Ok(Some(value)),
            Err(error) => Err(Error::from(error).within(key)),
        },
        _ => Ok(None),
    }
}
