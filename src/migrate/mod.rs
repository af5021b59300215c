//! Format versions: what a flow of any of them says in the layout of the newest.
//!
//! ```text
//! 0.11 … 0.19, 1.0, 2.0, 3.0, 4 … 10 │ 11 ─────────────► 12 │ … 20, 21
//! a connection is two records:       │ joined: one record   │ a connection is one record
//! handshake (http), then messages    │                      │
//! ```
//!
//! The reference is what mitmproxy 12.2.3 makes of an old flow: a chain of steps, one per version. `steps` has
//! the same chain as one list.
//!
//! Records are independent of each other but for one thing: a record of messages needs the handshake that came
//! before it. So an [`Upgrader`] is shown the records of a file one after the other and remembers handshakes; for
//! each record it gives an [`Upgrade`], which needs nothing else and can be worked with on any thread:
//!
//! - [`Upgrade::flow`] is the flow as listing and filtering see it. A record of the layout since 12 is read as it
//!   stands; an older one is upgraded without its messages, which stay where they are.
//! - [`Upgraded::write_to`] writes the whole flow in format 21, its messages one by one.
//!
//! Every record gives exactly one flow, so positions are those of the records. mitmproxy does the same: of a
//! connection in two records it yields the handshake, and where the record of messages comes the handshake once
//! more with `websocket` filled in.
//!
//! # Memory
//! Handshakes are all that is remembered. One takes its id and, from a mapped file, the place where it stands; from
//! a stream, its bytes. It is forgotten when its messages come, so what is kept is as many as there are connections
//! open at the same time, and at most [`HANDSHAKE_MEMORY`] bytes: beyond that the oldest ones go, and their messages read
//! as those of a connection whose handshake is missing, with a [warning](Upgrade::warning). Connection ids, which mitmproxy invents at random and remembers for each
//! connection, need no memory here: they are made from what tells connections apart (`ids.rs`).

mod handshakes;
mod ids;
mod join;
mod link;
mod steps;
mod tree;
mod upgrade;
mod warnings;
mod write;

pub use handshakes::HANDSHAKE_MEMORY;
pub use link::connection_id;
pub(crate) use upgrade::{NEWEST, upgrade_part};
pub use upgrade::{Upgrade, Upgrader};
pub(crate) use warnings::Warnings;
pub use write::Upgraded;
