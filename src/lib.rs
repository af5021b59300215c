//! Reads the flow files of mitmproxy.

pub mod capture;
mod error;
pub mod filter;
pub mod flow;
pub mod migrate;
pub mod output;
pub mod payload;
pub mod scan;
pub mod state;
pub mod tnetstring;
pub mod websocket;

pub use error::{Error, Place, Situation};
