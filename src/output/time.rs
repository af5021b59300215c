//! Times: RFC 3339 in UTC, Unix seconds, or seconds since the connection's first message.

use std::fmt::Write as _;

use jiff::tz::Offset;

/// How a time is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TimeFormat {
    /// `2023-08-29T13:04:00.794808Z`
    #[default]
    Rfc3339,
    /// `1693314240.794808`: seconds since the Unix epoch.
    Unix,
    /// `+12.500000`: seconds since the first message of the connection.
    Relative,
}

/// The first second of the year 1, and the last of the year 9999 that is within that year in every time zone, as
/// jiff has it; in microseconds since the Unix epoch. RFC 3339 cannot write more.
const MIN_MICROS: f64 = -62_135_596_800e6;
const MAX_MICROS: f64 = 253_402_207_200e6;

/// Seconds since the Unix epoch as whole microseconds; `None` for what is no time.
fn micros(seconds: f64) -> Option<i64> {
    let micros = (seconds * 1e6).round();
    // A cast keeps what it is given here: the range is far within that of i64, and NaN is in no range.
    (MIN_MICROS..=MAX_MICROS).contains(&micros).then_some(micros as i64)
}

/// Whether a time can be written at all: not `nan`, not `inf`, between the years 1 and 9999.
pub fn is_time(seconds: f64) -> bool {
    micros(seconds).is_some()
}

/// Appends `2023-08-29T13:04:00.794808Z`, with as many digits of the second's fraction as asked for (0 to 6).
/// `false`, and nothing appended, for what is no time.
pub(super) fn rfc3339(out: &mut Vec<u8>, seconds: f64, digits: usize) -> bool {
    let Some(micros) = micros(seconds) else { return false };
    let Ok(timestamp) = jiff::Timestamp::from_microsecond(micros) else { return false };
    let date = Offset::UTC.to_datetime(timestamp);
    let mut text = *b"0000-00-00T00:00:00.000000Z";
    put(&mut text[0..4], date.year().unsigned_abs().into());
    put(&mut text[5..7], date.month().unsigned_abs().into());
    put(&mut text[8..10], date.day().unsigned_abs().into());
    put(&mut text[11..13], date.hour().unsigned_abs().into());
    put(&mut text[14..16], date.minute().unsigned_abs().into());
    put(&mut text[17..19], date.second().unsigned_abs().into());
    put(&mut text[20..26], date.subsec_nanosecond().unsigned_abs() / 1000);
    let end = if digits == 0 { 19 } else { 20 + digits.min(6) };
    out.extend_from_slice(&text[..end]);
    out.push(b'Z');
    true
}

/// Fills a field with decimal digits, zeros in front.
fn put(field: &mut [u8], mut number: u32) {
    for digit in field.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

/// Appends seconds with six decimals; `sign` puts a plus before what is not negative.
pub(super) fn decimal(out: &mut String, seconds: f64, sign: bool) -> bool {
    if !is_time(seconds) {
        return false;
    }
    let written = if sign { write!(out, "{seconds:+.6}") } else { write!(out, "{seconds:.6}") };
    written.is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(seconds: f64, digits: usize) -> Option<String> {
        let mut out = Vec::new();
        rfc3339(&mut out, seconds, digits).then(|| String::from_utf8(out).unwrap())
    }

    #[test]
    fn times_are_rfc3339_with_microseconds() {
        let cases = [
            (1693314240.7948081, "2023-08-29T13:04:00.794808Z"),
            (0.0, "1970-01-01T00:00:00.000000Z"),
            (-1.5, "1969-12-31T23:59:58.500000Z"),
            (951_782_400.0, "2000-02-29T00:00:00.000000Z"),
            (253_402_207_200.0, "9999-12-30T22:00:00.000000Z"),
            (-62_135_596_800.0, "0001-01-01T00:00:00.000000Z"),
        ];
        for (seconds, expected) in cases {
            assert_eq!(shown(seconds, 6).as_deref(), Some(expected));
        }
        assert_eq!(shown(1693314240.7948081, 3).as_deref(), Some("2023-08-29T13:04:00.794Z"));
        assert_eq!(shown(1693314240.7948081, 0).as_deref(), Some("2023-08-29T13:04:00Z"));
    }

    #[test]
    fn what_is_no_time_is_not_written() {
        for seconds in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 253_402_207_201.0, -62_135_596_801.0, 1e300] {
            assert_eq!(shown(seconds, 6), None);
            assert!(!is_time(seconds));
        }
    }
}
