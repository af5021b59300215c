//! The messages of a WebSocket connection, as mitmproxy stores them.
//!
//! The types have mitmproxy's names and mean what they mean there. With serde they have mitmproxy's shape in
//! every format: a [`WebSocketMessage`] is its state, a list of six values; a [`WebSocketData`] is a dict of five.
//!
//! ```
//! use wsflow::tnetstring;
//! use wsflow::websocket::{Opcode, WebSocketData, WebSocketMessage};
//!
//! let mut data = WebSocketData::default();
//! data.messages.push(WebSocketMessage::new(Opcode::Text, true, "hello").with_timestamp(1693314200.25));
//! data.close_code = Some(1000);
//!
//! let encoded = tnetstring::to_vec(&data)?;
//! assert_eq!(tnetstring::from_slice::<WebSocketData>(&encoded)?, data);
//! # Ok::<(), tnetstring::Error>(())
//! ```
//!
//! Numbers of sections are those of [RFC 6455](https://www.rfc-editor.org/rfc/rfc6455), the WebSocket protocol.

mod close_code;
mod data;
mod message;
mod opcode;
mod state;
#[cfg(test)]
mod tests;

pub use close_code::close_code_name;
pub use data::WebSocketData;
pub use message::{TextError, WebSocketMessage};
pub use opcode::Opcode;
pub use state::WebSocketMessageState;
