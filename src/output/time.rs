//! Times: RFC 3339 in UTC, Unix seconds, or seconds since the connection's first message.

use std::cell::Cell;
use std::io::Write as _;

use jiff::tz::Offset;

use super::value::Time;
use crate::flow::micros;

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

/// Whether a time can be written at all: not `nan`, not `inf`, between the years 1 and 9999.
pub fn is_time(seconds: f64) -> bool {
    micros(seconds).is_some()
}

/// `2023-08-29T13:04:00.794808Z`; `None` for what is no time.
pub(crate) fn rfc3339(seconds: f64) -> Option<[u8; 27]> {
    rfc3339_of_micros(micros(seconds)?)
}

/// As [`rfc3339`], for microseconds since the Unix epoch.
pub(super) fn rfc3339_of_micros(micros: i64) -> Option<[u8; 27]> {
    let timestamp = jiff::Timestamp::from_microsecond(micros).ok()?;
    let date = Offset::UTC.to_datetime(timestamp);
    let mut text = *b"0000-00-00T00:00:00.000000Z";
    let (year, micros) = (date.year().unsigned_abs(), date.subsec_nanosecond().unsigned_abs() / 1000);
    let pairs = [
        (0, u32::from(year / 100)),
        (2, u32::from(year % 100)),
        (5, date.month().unsigned_abs().into()),
        (8, date.day().unsigned_abs().into()),
        (11, date.hour().unsigned_abs().into()),
        (14, date.minute().unsigned_abs().into()),
        (17, date.second().unsigned_abs().into()),
        (20, micros / 10_000),
        (22, micros / 100 % 100),
        (24, micros % 100),
    ];
    set_pairs(&mut text, pairs);
    Some(text)
}

/// The last second that was written. Messages come many in a second, and then only what is behind the point changes.
#[derive(Debug, Default)]
pub(super) struct Clock {
    last: Cell<Option<(i64, [u8; 27])>>,
}

impl Clock {
    /// As [`rfc3339_of_micros`].
    pub(super) fn rfc3339(&self, micros: i64) -> Option<[u8; 27]> {
        let (second, micros) = (micros.div_euclid(MICROS), micros.rem_euclid(MICROS) as u32);
        let mut text = match self.last.get() {
            Some((last, text)) if last == second => text,
            _ => {
                let text = rfc3339_of_micros(second * MICROS)?;
                self.last.set(Some((second, text)));
                text
            }
        };
        set_pairs(&mut text, [(20, micros / 10_000), (22, micros / 100 % 100), (24, micros % 100)]);
        Some(text)
    }
}

/// Microseconds in a second.
const MICROS: i64 = 1_000_000;

/// Puts numbers below 100 into a text, two digits each.
fn set_pairs<const N: usize>(text: &mut [u8; 27], pairs: [(usize, u32); N]) {
    for (at, number) in pairs {
        text[at] = b'0' + (number / 10) as u8;
        text[at + 1] = b'0' + (number % 10) as u8;
    }
}

/// Appends a time in the time format. `false`, and nothing appended, for what is no time.
pub(super) fn push(out: &mut Vec<u8>, time: Time<'_>, first: f64, format: TimeFormat) -> bool {
    let Some(micros) = time.micros() else { return false };
    // Writing into a buffer cannot fail.
    match format {
        TimeFormat::Rfc3339 => match rfc3339_of_micros(micros) {
            Some(text) => out.extend_from_slice(&text),
            None => return false,
        },
        TimeFormat::Unix => {
            let sign = if micros < 0 { "-" } else { "" };
            let micros = micros.unsigned_abs();
            drop(write!(out, "{sign}{}.{:06}", micros / 1_000_000, micros % 1_000_000));
        }
        TimeFormat::Relative => drop(write!(out, "{:+.6}", time.seconds() - first)),
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(seconds: f64) -> Option<String> {
        rfc3339(seconds).map(|text| String::from_utf8(text.to_vec()).unwrap())
    }

    #[test]
    fn times_are_rfc3339_with_microseconds() {
        let cases = [
            (1693314240.7948081, "2023-08-29T13:04:00.794808Z"),
            (0.0, "1970-01-01T00:00:00.000000Z"),
            // Python: datetime.fromtimestamp(t, timezone.utc).isoformat()
            (1795437172.1241984, "2026-11-23T12:32:52.124198Z"),
            (1795437157.7597897, "2026-11-23T12:32:37.759790Z"),
            (1.0000005, "1970-01-01T00:00:01.000001Z"),
            (1.0000015, "1970-01-01T00:00:01.000001Z"),
            (0.9999996, "1970-01-01T00:00:01.000000Z"),
            (-1.5, "1969-12-31T23:59:58.500000Z"),
            (951_782_400.0, "2000-02-29T00:00:00.000000Z"),
            (253_402_207_200.0, "9999-12-30T22:00:00.000000Z"),
            (-62_135_596_800.0, "0001-01-01T00:00:00.000000Z"),
        ];
        for (seconds, expected) in cases {
            assert_eq!(shown(seconds).as_deref(), Some(expected));
        }
    }

    #[test]
    fn a_clock_writes_what_anybody_writes() {
        let clock = Clock::default();
        for micros in [0, 1, 999_999, 1_000_000, 1_000_001, -1, -1_000_000, -1_000_001, 1_693_314_240_794_808, i64::MAX]
        {
            assert_eq!(clock.rfc3339(micros), rfc3339_of_micros(micros), "{micros}");
        }
    }

    #[test]
    fn what_is_no_time_is_not_written() {
        for seconds in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 253_402_207_201.0, -62_135_596_801.0, 1e300] {
            assert_eq!(shown(seconds), None);
            assert!(!is_time(seconds));
        }
    }
}
