//! Floats as Python reads and writes them.

use std::str;

/// Reads what Python's `float()` reads, as far as Python's `repr` writes it.
#[inline]
pub(crate) fn parse(body: &[u8]) -> Option<f64> {
    str::from_utf8(body).ok()?.parse().ok()
}
