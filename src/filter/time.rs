//! Points in time.
//!
//! ```text
//! time = RFC 3339, such as 2023-08-29T12:03:00Z or 2023-08-29T14:03:00+02:00; without an offset it is UTC,
//!        and without a time it is midnight
//!      | HH:MM [":" SS [fraction]]      that time, in UTC, on the day of the connection's first message
//!      | seconds since 1970-01-01, such as 1693314240.79
//!      | "+" seconds [ "s" ]            since the connection's first message
//! ```

use jiff::Timestamp;
use jiff::civil::{DateTime, Time};
use jiff::tz::Offset;

/// A point in time, or one that depends on when a connection began.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Instant {
    /// Seconds since the Unix epoch.
    At(f64),
    /// Seconds since the connection's first message.
    AfterFirst(f64),
    /// Seconds since midnight (UTC) of the day of the connection's first message.
    OnFirstDay(f64),
}

const SECONDS_OF_A_DAY: f64 = 86_400.0;

impl Instant {
    /// Reads a time.
    pub(super) fn parse(text: &str) -> Result<Instant, String> {
        read(text.trim()).ok_or_else(|| {
            "expected a time: RFC 3339 (2023-08-29T12:03:00Z), seconds since 1970 (1693310580.5), seconds since the \
             connection's first message (+12.5s), or a time of its first day (12:03, in UTC and \
             without an offset)"
                .to_owned()
        })
    }

    /// The point in time in seconds since the Unix epoch, for a connection whose first message has this time.
    pub(super) fn seconds(self, first: Option<f64>) -> f64 {
        let first = || first.unwrap_or(f64::NAN);
        match self {
            Instant::At(seconds) => seconds,
            Instant::AfterFirst(seconds) => first() + seconds,
            Instant::OnFirstDay(seconds) => (first() / SECONDS_OF_A_DAY).floor() * SECONDS_OF_A_DAY + seconds,
        }
    }

    /// Whether it depends on the connection.
    pub(super) fn is_relative(self) -> bool {
        !matches!(self, Instant::At(_))
    }
}

fn read(text: &str) -> Option<Instant> {
    if let Some(offset) = text.strip_prefix('+') {
        return decimal(offset.strip_suffix('s').unwrap_or(offset)).map(Instant::AfterFirst);
    }
    if let Some(seconds) = decimal(text) {
        return Some(Instant::At(seconds));
    }
    if text.contains(['-', 'T', 't']) {
        let timestamp: Timestamp = match text.parse() {
            Ok(timestamp) => timestamp,
            // A time zone's name does not make it another time, so it had better not be ignored.
            Err(_) if text.contains('[') => return None,
            Err(_) => Offset::UTC.to_timestamp(text.parse::<DateTime>().ok()?).ok()?,
        };
        return Some(Instant::At(timestamp.as_duration().as_secs_f64()));
    }
    // What would read an offset ignores it.
    let is_time = text.contains(':') && text.bytes().all(|byte| byte.is_ascii_digit() || b":.".contains(&byte));
    let time: Time = is_time.then(|| text.parse().ok())??;
    let whole = i32::from(time.hour()) * 3600 + i32::from(time.minute()) * 60 + i32::from(time.second());
    Some(Instant::OnFirstDay(f64::from(whole) + f64::from(time.subsec_nanosecond()) / 1e9))
}

/// Digits with or without a fraction; Rust alone would also take `inf`, `nan` and exponents.
fn decimal(text: &str) -> Option<f64> {
    let is_decimal = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    is_decimal.then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_read() {
        let cases = [
            ("2023-08-29T12:03:00Z", Instant::At(1_693_310_580.0)),
            ("2023-08-29t14:03:00.5+02:00", Instant::At(1_693_310_580.5)),
            ("2023-08-29T12:03:00", Instant::At(1_693_310_580.0)),
            ("2023-08-29 12:03", Instant::At(1_693_310_580.0)),
            ("2023-08-29", Instant::At(1_693_267_200.0)),
            ("1693310580.25", Instant::At(1_693_310_580.25)),
            ("0", Instant::At(0.0)),
            ("+12.5s", Instant::AfterFirst(12.5)),
            ("+3", Instant::AfterFirst(3.0)),
            ("12:03", Instant::OnFirstDay(43_380.0)),
            ("12:03:07.5", Instant::OnFirstDay(43_387.5)),
        ];
        for (text, expected) in cases {
            assert_eq!(Instant::parse(text), Ok(expected), "{text}");
        }
        for text in [
            "",
            "+",
            "-3",
            "nan",
            "inf",
            "1e5",
            "yesterday",
            "25:00",
            "1.2.3",
            "+1m",
            "2023-08-29T12:03:00[Europe/Paris]",
            "12:59+01:00",
            "12:00Z",
            "13:30:00+02:00",
        ] {
            assert!(Instant::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn relative_times_count_from_the_first_message() {
        let first = Some(1_693_310_580.0);
        assert_eq!(Instant::AfterFirst(1.5).seconds(first), 1_693_310_581.5);
        assert_eq!(Instant::OnFirstDay(60.0).seconds(first), 1_693_267_260.0);
        assert!(Instant::AfterFirst(1.5).seconds(None).is_nan());
    }
}
