//! Reads, filters and edits the flow files of [mitmproxy](https://mitmproxy.org), and the WebSocket messages in them.
//!
//! A capture is a file of flows, one after the other. A flow of a WebSocket connection holds its HTTP handshake and
//! every message of the connection. This opens a capture and prints the text messages of the client:
//!
//! ```
//! use wsflow::capture::Reader;
//! use wsflow::migrate::Upgrader;
//!
//! # std::env::set_current_dir(env!("CARGO_MANIFEST_DIR"))?;
//! let bytes = std::fs::read("fixtures/conversation.flow")?;
//! let mut upgrader = Upgrader::new();
//! for record in Reader::from_slice(&bytes, None)? {
//!     let record = record?;
//!     let upgrade = upgrader.next(&record)?;
//!     let flow = upgrade.flow()?;
//!     let Some(websocket) = flow.websocket()? else { continue };
//!     for message in websocket.messages()? {
//!         let message = message?;
//!         if let (true, Some(text)) = (message.from_client, message.text()) {
//!             println!("{}:{} {text}", record.index, message.index);
//!         }
//!     }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Where things are
//!
//! - [`capture`]: formats, and the records of an input: [`capture::Reader`].
//! - [`migrate`]: flows of every format version since mitmproxy 0.11, as the newest has them: [`migrate::Upgrader`].
//! - [`flow`]: a record as a typed view that is read when asked: [`flow::Flow`], [`flow::Message`].
//! - [`websocket`]: the types that mitmproxy's `mitmproxy.websocket` has, under the same names, owned and serializable.
//! - [`filter`]: mitmproxy's filter language, asked of flows and of single messages.
//! - [`edit`]: changes to single messages, spliced into the bytes of a capture.
//! - [`encode`]: captures in other formats.
//! - [`check`] and [`recover`]: is a capture sound, and what can be saved of one that is not.
//! - [`scan`]: the run over a capture on many cores, in file order, in bounded memory.
//! - [`output`]: rows of fields as a table, NDJSON, JSON, CSV or raw content.
//! - [`stats`]: counts, bytes, rates, sizes, gaps and close codes.
//! - [`tnetstring`] and [`state`]: the encoding of flow files as a serde data format, and any flow as a tree.
//!
//! # Promises
//!
//! The library holds no `unsafe` code, prints nothing, and needs no argument parser (the feature `cli`, on by default,
//! is for the program: libraries turn it off). Captured bytes are data, never a reason to panic: what is broken is an
//! [`Error`] that says where, and what is not broken is read.
#![forbid(unsafe_code)]

pub mod capture;
pub mod check;
pub mod edit;
pub mod encode;
mod error;
pub mod filter;
pub mod flow;
pub mod migrate;
pub mod output;
pub mod payload;
pub mod recover;
pub mod scan;
pub mod state;
pub mod stats;
pub mod tnetstring;
pub mod websocket;

pub use error::{Error, Place, Situation};
