//! The record: the bytes of one flow as a tnetstring, and its place in the file. Every format is turned into
//! records when it is read and made from records when it is written.

use std::ops::Deref;
use std::sync::Arc;

use crate::Error;

/// One flow as it stands in a capture.
#[derive(Clone, Debug)]
pub struct Record<'a> {
    /// Its number, counted from 0 in file order.
    pub index: u64,
    /// Where it starts, in bytes from the start of the file.
    pub offset: u64,
    /// The flow's state as a tnetstring dict.
    pub data: Data<'a>,
    /// Whether the bytes were made from another format, so that offsets in them are none of the file.
    pub foreign: bool,
}

impl Record<'_> {
    /// An error in this record, with its place in the file.
    pub fn locate(&self, error: Error) -> Error {
        if self.foreign { error.in_foreign() } else { error }.in_record(self.index, self.offset)
    }
}

/// The bytes of a record: a part of a mapped file, or read into memory. Cloning is cheap.
#[derive(Clone, Debug)]
pub enum Data<'a> {
    /// A part of an input that is in memory as a whole.
    Borrowed(&'a [u8]),
    /// Bytes that were read or made for this record, shared by those who work on it.
    Shared(Arc<Vec<u8>>),
}

impl Deref for Data<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Data::Borrowed(bytes) => bytes,
            Data::Shared(bytes) => bytes,
        }
    }
}
