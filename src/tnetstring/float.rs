//! Floats as Python reads and writes them.
//!
//! Python's `repr` and Rust's `Display` both give the shortest digits that read back as the same number, so
//! only the notation differs: Python always shows a point or an exponent, and writes exponents with a sign and
//! at least two digits.

#[cfg(test)]
mod tests;

use std::io::Write;
use std::str;

/// Reads what Python's `float()` reads, as far as Python's `repr` writes it.
#[inline]
pub(crate) fn parse(body: &[u8]) -> Option<f64> {
    str::from_utf8(body).ok()?.parse().ok()
}

/// Appends what Python's `repr` gives for a number.
pub(crate) fn write(out: &mut Vec<u8>, value: f64) {
    if value.is_nan() {
        out.extend_from_slice(b"nan");
        return;
    }
    // Both borders are numbers whose shortest digits are the ones written here, so comparing the values is
    // comparing the exponents of their digits. Infinities are written alike in either notation.
    let magnitude = value.abs();
    if magnitude != 0.0 && magnitude.is_finite() && !(1e-4..1e16).contains(&magnitude) {
        write_scientific(out, value);
        return;
    }
    let start = out.len();
    // A Vec takes all that is written to it.
    let _ = write!(out, "{value}");
    let written = out.get(start..).unwrap_or_default();
    if magnitude.is_finite() && !written.contains(&b'.') {
        out.extend_from_slice(b".0");
    }
}

/// Rust writes `1e-7` and `1.5e16` where Python writes `1e-07` and `1.5e+16`.
fn write_scientific(out: &mut Vec<u8>, value: f64) {
    let digits = format!("{value:e}");
    let (mantissa, exponent) = digits.split_once('e').unwrap_or((&digits, "0"));
    let (sign, exponent) = match exponent.strip_prefix('-') {
        Some(exponent) => ('-', exponent),
        None => ('+', exponent),
    };
    let _ = write!(out, "{mantissa}e{sign}{exponent:0>2}");
}
