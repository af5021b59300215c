//! One connection: its messages, and how it ended.

use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Serialize};

use super::WebSocketMessage;

/// All that mitmproxy stores of a WebSocket connection, beside the HTTP handshake.
///
/// With serde it is a dict of these five keys. A key that is absent has its default; one that is not listed here
/// is passed over.
///
/// ```
/// use wsflow::websocket::WebSocketData;
///
/// let data = WebSocketData::default();
/// assert!(data.messages.is_empty());
/// assert_eq!(data.closed_by_client, None);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct WebSocketData {
    /// The messages of both peers, in the order in which they passed.
    pub messages: Vec<WebSocketMessage>,
    /// Whether the client closed the connection. `None` while it is open, and where that is not known.
    pub closed_by_client: Option<bool>,
    /// The close code ([RFC 6455, section 7.1.5](https://www.rfc-editor.org/rfc/rfc6455#section-7.1.5)), one of
    /// [section 7.4](https://www.rfc-editor.org/rfc/rfc6455#section-7.4) or any other integer. 1005 stands for a
    /// close frame without a code, 1006 for a connection that broke.
    pub close_code: Option<i64>,
    /// The close reason ([RFC 6455, section 7.1.6](https://www.rfc-editor.org/rfc/rfc6455#section-7.1.6)).
    pub close_reason: Option<String>,
    /// When the connection was closed, in seconds since the Unix epoch.
    pub timestamp_end: Option<f64>,
}

/// Writes the keys in the order in which mitmproxy puts them into a file, last field first. It is a map to serde,
/// for some formats would write a struct without its keys.
impl Serialize for WebSocketData {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let WebSocketData { messages, closed_by_client, close_code, close_reason, timestamp_end } = self;
        let mut dict = serializer.serialize_map(Some(5))?;
        dict.serialize_entry("timestamp_end", timestamp_end)?;
        dict.serialize_entry("close_reason", close_reason)?;
        dict.serialize_entry("close_code", close_code)?;
        dict.serialize_entry("closed_by_client", closed_by_client)?;
        dict.serialize_entry("messages", messages)?;
        dict.end()
    }
}
