//! Numbers and sizes, alone or as ranges.
//!
//! ```text
//! range = N | ">" N | ">=" N | "<" N | "<=" N | A ".." B | A ".." | ".." B      both ends are in
//! N     = digits , [ "k" | "M" | "G" ]                                          the letter in sizes only
//! ```

use std::ops::RangeInclusive;

/// The ranges, for a person.
const RANGES: &str = ">N, >=N, <N, <=N, N.., ..N, A..B (both ends in, the smaller first)";

/// Reads a range of numbers.
pub(super) fn numbers(text: &str) -> Result<RangeInclusive<u64>, String> {
    range(text, number).ok_or_else(|| format!("expected a number N, or {RANGES}"))
}

/// Reads a range of sizes in bytes.
pub(super) fn sizes(text: &str) -> Result<RangeInclusive<u64>, String> {
    range(text, size).ok_or_else(|| format!("expected a size N, or {RANGES}, with k, M or G for powers of 1024"))
}

/// A range that holds nothing is one that cannot be meant, but `<0` is.
#[allow(clippy::reversed_empty_ranges)]
const EMPTY: RangeInclusive<u64> = 1..=0;

fn range(text: &str, number: fn(&str) -> Option<u64>) -> Option<RangeInclusive<u64>> {
    let text = text.trim();
    if let Some(rest) = text.strip_prefix(">=") {
        return Some(number(rest)?..=u64::MAX);
    }
    if let Some(rest) = text.strip_prefix("<=") {
        return Some(0..=number(rest)?);
    }
    if let Some(rest) = text.strip_prefix('>') {
        return Some(number(rest)?.checked_add(1).map_or(EMPTY, |first| first..=u64::MAX));
    }
    if let Some(rest) = text.strip_prefix('<') {
        return Some(number(rest)?.checked_sub(1).map_or(EMPTY, |last| 0..=last));
    }
    match text.split_once("..") {
        Some(("", "")) => None,
        Some(("", last)) => Some(0..=number(last)?),
        Some((first, "")) => Some(number(first)?..=u64::MAX),
        Some((first, last)) => {
            let (first, last) = (number(first)?, number(last)?);
            (first <= last).then_some(first..=last)
        }
        None => number(text).map(|number| number..=number),
    }
}

fn number(text: &str) -> Option<u64> {
    let text = text.trim();
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

fn size(text: &str) -> Option<u64> {
    let text = text.trim();
    let (digits, unit) = match text.as_bytes().last()? {
        b'k' | b'K' => (&text[..text.len() - 1], 1 << 10),
        b'M' => (&text[..text.len() - 1], 1 << 20),
        b'G' => (&text[..text.len() - 1], 1 << 30),
        _ => (text, 1),
    };
    number(digits)?.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_have_both_ends() {
        let cases = [
            ("3", 3..=3),
            ("3..5", 3..=5),
            ("3..", 3..=u64::MAX),
            ("..5", 0..=5),
            (">3", 4..=u64::MAX),
            (">=3", 3..=u64::MAX),
            ("<3", 0..=2),
            ("<=3", 0..=3),
            ("<0", EMPTY),
            (" 3 .. 5 ", 3..=5),
        ];
        for (text, expected) in cases {
            assert_eq!(numbers(text), Ok(expected), "{text}");
        }
        for text in ["", "..", "5..3", "-1", "+1", "1k", "x", "1.5", ">", "1...2", "99999999999999999999"] {
            assert!(numbers(text).is_err(), "{text}");
        }
    }

    #[test]
    fn sizes_have_units() {
        assert_eq!(sizes("1k..2M"), Ok(1024..=2 << 20));
        assert_eq!(sizes(">1G"), Ok((1 << 30) + 1..=u64::MAX));
        assert_eq!(sizes("0"), Ok(0..=0));
        assert!(sizes("k").is_err());
        assert!(sizes("1kB").is_err());
        assert!(sizes("99999999999G").is_err());
    }
}
