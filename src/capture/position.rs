//! How far an input was read.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How far an input was read, in bytes from its start. Any thread can ask while another one reads.
#[derive(Clone, Debug, Default)]
pub struct Position(Arc<AtomicU64>);

impl Position {
    /// Bytes from the start of the input.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    pub(crate) fn set(&self, bytes: u64) {
        self.0.store(bytes, Ordering::Relaxed);
    }
}
