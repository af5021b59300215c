//! MessagePack: the same state as in a flow file, one map per flow, one after the other.
//!
//! | flow file | MessagePack |
//! |---|---|
//! | `;` string | str |
//! | `,` bytes | bin |
//! | `#` integer | int; beyond 64 bits an extension of type 35 (`#`) that holds the decimal digits |
//! | `^` float | float 64 |
//! | `!` boolean | bool |
//! | `~` null | nil |
//! | `]` list | array |
//! | `}` dict | map, its keys in the same order; a key is a str, or a bin where it is bytes |
//!
//! A reader takes more: arrays of such maps, and in the place of a flow the bare state of a
//! [`WebSocketData`](crate::websocket::WebSocketData), which is a map with `messages` and without `type` and
//! `version`. That becomes a new flow, whose handshake is made up.
//!
//! Values go from one encoding to the other through serde, without a tree between them: one flow at most is in
//! memory, and no more of it than was read, whatever the lengths in the file claim.

mod read;
mod state;
#[cfg(test)]
mod tests;
mod write;

pub(super) use read::Records;
pub(crate) use write::{Failure, check, write};
