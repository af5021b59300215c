//! HAR
mod cookies;
mod entry;
mod frame;
mod messages;
mod own;
mod python;
mod query;
mod read;
mod shape;
mod text;
mod url;
mod write;

pub(super) use read::Records;
pub(crate) use write::{Joiner, Times, begin, end, end_of_entry, entry, message};
