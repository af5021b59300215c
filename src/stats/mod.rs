//! Statistics: counts, bytes, rates, sizes, gaps between messages, close codes; of each connection and of a capture.
//!
//! ```text
//! messages ── Figures ── Connection ──┐
//!        └─── Timeline ───────────────┴── Total ── Summary ── table, JSON
//! ```
//!
//! What is counted in a part of a capture is merged with what is counted in the others, in any cut: counts are added,
//! and percentiles come from histograms. So it takes as much memory for any capture, and parts can be counted
//! on many cores. Contents are looked at for [`Kinds`] alone; of all others only the length counts.
//!
//! ```
//! use wsflow::capture::Reader;
//! use wsflow::migrate::Upgrader;
//! use wsflow::stats::{Connection, Total};
//!
//! # std::env::set_current_dir(env!("CARGO_MANIFEST_DIR"))?;
//! let bytes = std::fs::read("fixtures/conversation.flow")?;
//! let mut upgrader = Upgrader::new();
//! let mut total = Total::default();
//! for record in Reader::from_slice(&bytes, None)? {
//!     let record = record?;
//!     let upgrade = upgrader.next(&record)?;
//!     let flow = upgrade.flow()?;
//!     let Some(websocket) = flow.websocket()? else { continue };
//!     let (mut connection, _faults) = Connection::new(&flow, 0, record.index);
//!     for message in websocket.messages()? {
//!         connection.add(&message?, &mut total.timeline);
//!     }
//!     total.end(&connection);
//! }
//! assert_eq!(total.figures.messages(), 27);
//! assert_eq!(total.figures.sizes().max(), Some(256));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod closes;
mod connection;
mod distribution;
mod figures;
mod kinds;
mod largest;
mod summary;
mod table;
#[cfg(test)]
mod tests;
mod timeline;
mod total;

pub use closes::Closes;
pub use connection::Connection;
pub use distribution::{Class, Distribution};
pub use figures::{Count, Figures};
pub use kinds::Kinds;
pub use largest::{LargeMessage, Largest};
pub use summary::{Listed, Summary};
pub use table::Table;
pub use timeline::{Interval, Timeline};
pub use total::Total;
