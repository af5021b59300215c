//! Reads the flow files of mitmproxy.

pub mod capture;
mod error;
pub mod filter;
pub mod flow;
mod migrate;
pub mod output;
pub mod payload;
pub mod scan;
pub mod tnetstring;
pub mod websocket;

pub use error::{Error, Place, Situation};
