//! What savehar writes because Python works as it does.

use jiff::Timestamp;
use jiff::tz::Offset;

use crate::output::is_time;

/// A time as Python's `isoformat` gives it: microseconds, which are left out where they are zero. `None` for what is
/// no time.
pub(super) fn isoformat(seconds: f64) -> Option<String> {
    if !is_time(seconds) {
        return None;
    }
    // A float is split before it is multiplied, and halves go to the even side; both matter in the last digit. Both
    // parts are far within the range of an i64, for this is a time.
    let micros = (seconds.fract() * 1e6).round_ties_even() as i64;
    let micros = seconds.trunc() as i64 * 1_000_000 + micros;
    let date = Offset::UTC.to_datetime(Timestamp::from_microsecond(micros).ok()?);
    let fraction = date.subsec_nanosecond() / 1000;
    let fraction = if fraction == 0 { String::new() } else { format!(".{fraction:06}") };
    Some(format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{fraction}+00:00",
        date.year(),
        date.month(),
        date.day(),
        date.hour(),
        date.minute(),
        date.second(),
    ))
}

/// The sum of some numbers as Python's `sum` gives it since 3.12, which carries along what each step rounds off
/// (Neumaier's algorithm).
pub(super) fn sum(numbers: impl IntoIterator<Item = f64>) -> f64 {
    let mut sum = 0.0_f64;
    let mut lost = 0.0;
    for number in numbers {
        let next = sum + number;
        lost += if sum.abs() >= number.abs() { (sum - next) + number } else { (number - next) + sum };
        sum = next;
    }
    if lost != 0.0 && f64::is_finite(lost) { sum + lost } else { sum }
}

/// The length of headers as Python prints them for a programmer: savehar gives it as `headersSize`.
///
/// ```text
/// Headers[(b'Host', b'example.com'), (b'Accept', b'*/*')]
/// ```
pub(super) fn headers_size<'h>(headers: impl Iterator<Item = (&'h [u8], &'h [u8])>) -> usize {
    let fields = headers.map(|(name, value)| "(, )".len() + bytes_size(name) + bytes_size(value));
    let (sizes, count) = fields.fold((0, 0_usize), |(sizes, count), size| (sizes + size, count + 1));
    "Headers[]".len() + sizes + ", ".len() * count.saturating_sub(1)
}

/// The length of `b'…'`, as Python prints bytes.
fn bytes_size(bytes: &[u8]) -> usize {
    // Double quotes stand around what holds single ones only.
    let escapes_quote = bytes.contains(&b'\'') && bytes.contains(&b'"');
    let size = |byte: &u8| match byte {
        b'\\' | b'\t' | b'\n' | b'\r' => 2,
        b'\'' if escapes_quote => 2,
        0x20..=0x7e => 1,
        _ => 4,
    };
    "b''".len() + bytes.iter().map(size).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_isoformat() {
        let cases = [
            (1_693_314_240.794_808_1, "2023-08-29T13:04:00.794808+00:00"),
            (0.0, "1970-01-01T00:00:00+00:00"),
            (0.000_000_5, "1970-01-01T00:00:00+00:00"),
            (0.000_001_5, "1970-01-01T00:00:00.000002+00:00"),
            (0.999_999_9, "1970-01-01T00:00:01+00:00"),
            (-1.5, "1969-12-31T23:59:58.500000+00:00"),
            (-62_135_596_800.0, "0001-01-01T00:00:00+00:00"),
        ];
        for (seconds, expected) in cases {
            assert_eq!(isoformat(seconds).as_deref(), Some(expected));
        }
        assert_eq!(isoformat(f64::NAN), None);
        assert_eq!(isoformat(1e300), None);
    }

    #[test]
    fn sums_are_those_of_python() {
        // A plain sum gives 0.9999999999999999 and 0.0.
        assert_eq!(sum([0.1; 10]), 1.0);
        assert_eq!(sum([1e100, 1.0, -1e100]), 1.0);
        assert_eq!(sum([0.1, 0.2]), 0.1 + 0.2);
        assert_eq!(sum([]), 0.0);
    }

    #[test]
    fn headers_have_the_size_of_their_repr() {
        let size = |headers: &[(&[u8], &[u8])]| headers_size(headers.iter().copied());
        assert_eq!(size(&[]), "Headers[]".len());
        assert_eq!(size(&[(b"a", b"b")]), "Headers[(b'a', b'b')]".len());
        assert_eq!(size(&[(b"a", b"b"), (b"c", b"")]), "Headers[(b'a', b'b'), (b'c', b'')]".len());
        assert_eq!(size(&[(b"it's", b"\\ \t\xff")]), r#"Headers[(b"it's", b'\\ \t\xff')]"#.len());
        assert_eq!(size(&[(b"'\"", b"")]), r#"Headers[(b'\'"', b'')]"#.len());
    }
}
