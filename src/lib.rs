//! Reads the flow files of mitmproxy.
pub mod tnetstring;
pub mod websocket;
