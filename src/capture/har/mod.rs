//! HAR
mod cookies;
mod entry;
mod own;
mod python;
mod query;
mod text;
mod url;
mod write;

pub(crate) use write::{Joiner, Times, begin, end, end_of_entry, entry, message};
