//! Reads the flow files of mitmproxy.
pub mod state;
pub mod tnetstring;
pub mod websocket;
