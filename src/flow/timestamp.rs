//! The time of a message, as it is stored and as a number.

use std::fmt;

use crate::tnetstring::{self, RawValue, Tag};

/// A time as it stands in a flow: seconds since the Unix epoch, as text that is read when asked.
#[derive(Clone, Copy)]
pub struct Timestamp<'a> {
    value: RawValue<'a>,
    is_usual: bool,
}

impl fmt::Debug for Timestamp<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Timestamp").field(&self.value).finish()
    }
}

impl PartialEq for Timestamp<'_> {
    fn eq(&self, other: &Timestamp<'_>) -> bool {
        // How it was read makes no difference.
        self.value == other.value
    }
}

impl<'a> Timestamp<'a> {
    /// A float, or an integer as mitmproxy wrote up to 5.0; `None` for any other value.
    #[inline]
    pub(crate) fn new(value: RawValue<'a>) -> Option<Timestamp<'a>> {
        matches!(value.tag(), Tag::Float | Tag::Integer).then_some(Timestamp { value, is_usual: false })
    }

    /// The time that a value is.
    ///
    /// # Errors
    /// When it is no number.
    pub(super) fn of_number(value: RawValue<'a>) -> Result<Timestamp<'a>, tnetstring::Error> {
        value.to_f64().map(|_| Timestamp { value, is_usual: false })
    }

    /// The time that is all of `encoded`, if it is one before 2286 with a fraction, as nearly all are: ten digits
    /// before the point and up to seven behind it, which is what a float can tell apart there. So it need not be read to
    /// know that it can be.
    #[inline(always)]
    pub(super) fn usual(encoded: &'a [u8], offset: usize) -> Option<Timestamp<'a>> {
        const HEAD: usize = "10:".len();
        const POINT: usize = 10;
        let (tag, rest) = encoded.split_last()?;
        let (head, text) = rest.split_first_chunk::<HEAD>()?;
        let length = text.len();
        if *tag != Tag::Float.as_byte()
            || !(12..=18).contains(&length)
            || *head != [b'1', b'0' + (length - 10) as u8, b':']
        {
            return None;
        }
        let (start, end) = (*text.first_chunk()?, *text.last_chunk()?);
        // Of the last eight bytes the point alone is no digit.
        let point = (0x80 << 56) >> (8 * (length - POINT - 1));
        let is_number = other_than_digits(start) == 0
            && text[8].is_ascii_digit()
            && text[9].is_ascii_digit()
            && text[POINT] == b'.'
            && other_than_digits(end) == point;
        is_number.then_some(Timestamp { value: RawValue::of_parts(encoded, offset, HEAD, Tag::Float), is_usual: true })
    }

    /// Seconds since the Unix epoch. `NaN` when the text is no number.
    #[inline]
    pub fn seconds(&self) -> f64 {
        self.value.to_f64().unwrap_or(f64::NAN)
    }

    /// Whole microseconds since the Unix epoch, rounded as Python's `datetime` rounds them; `None` for what is no time,
    /// such as `nan`, and outside of the years 1 to 9999.
    #[inline]
    pub fn micros(&self) -> Option<i64> {
        from_digits(self.as_bytes()).or_else(|| micros(self.seconds()))
    }

    /// The number, undecoded.
    pub(crate) fn value(&self) -> RawValue<'a> {
        self.value
    }

    /// Whether it is known to be a time, and written as JSON writes a number. Of some that are, it is not known.
    pub(crate) fn is_plain(&self) -> bool {
        self.is_usual && self.as_bytes().first() != Some(&b'0')
    }

    /// Whether it is a whole number of seconds.
    pub(crate) fn is_integer(&self) -> bool {
        self.value.tag() == Tag::Integer
    }

    /// The number as it was written.
    pub fn as_bytes(&self) -> &'a [u8] {
        self.value.body()
    }
}

/// The first second of the year 1, and the last of the year 9999 that is within that year in every time zone, as
/// jiff has it; in seconds since the Unix epoch. RFC 3339 cannot write more.
const MIN_SECONDS: f64 = -62_135_596_800.0;
const MAX_SECONDS: f64 = 253_402_207_200.0;

/// Seconds since the Unix epoch as whole microseconds, rounded as Python's `datetime` rounds them; `None` for what is
/// no time.
pub(crate) fn micros(seconds: f64) -> Option<i64> {
    // NaN is in no range.
    if !(MIN_SECONDS..=MAX_SECONDS).contains(&seconds) {
        return None;
    }
    // A product of the whole would be rounded twice. Within the range a cast keeps what it is given.
    let fraction = (seconds.fract() * 1e6).round_ties_even();
    Some(seconds.trunc() as i64 * 1_000_000 + fraction as i64)
}

/// Up to here the float that is nearest to what is written is nearer to it than an eighth of a microsecond.
const NEAR: u64 = 1 << 31;

/// Reads ten digits, a point and up to seven digits, as nearly all times are written. `None` for any other, and where
/// the float decides how it is rounded, because the digits are so close to half a microsecond.
#[inline]
fn from_digits(bytes: &[u8]) -> Option<i64> {
    let (Some(b'.'), 12..=18, Some(start), Some(end)) =
        (bytes.get(10), bytes.len(), bytes.first_chunk(), bytes.last_chunk())
    else {
        return None;
    };
    let digits = bytes.len() - 11;
    // The digits behind the point, and zeros behind those, so that they are eight.
    let fraction = (u64::from_le_bytes(*end) >> (8 * (8 - digits))) | (ZEROS << (8 * digits));
    let (tens, ones) = (bytes[8].wrapping_sub(b'0'), bytes[9].wrapping_sub(b'0'));
    if (other_than_digits(*start) | other_than_digits(fraction.to_le_bytes())) != 0 || tens > 9 || ones > 9 {
        return None;
    }
    let seconds = eight_digits(u64::from_le_bytes(*start)) * 100 + u64::from(tens) * 10 + u64::from(ones);
    let fraction = eight_digits(fraction);
    let micros = seconds * 1_000_000 + fraction / 100;
    match fraction % 100 {
        _ if seconds >= NEAR => None,
        0..=30 => Some(micros as i64),
        70.. => Some(micros as i64 + 1),
        _ => None,
    }
}

/// Eight digits `0`.
const ZEROS: u64 = u64::from_le_bytes(*b"00000000");

/// The number that eight digits are, the first in the lowest byte: pairs are joined, then pairs of those, then the two
/// halves.
#[inline]
fn eight_digits(digits: u64) -> u64 {
    let pairs = (digits & 0x0f0f_0f0f_0f0f_0f0f).wrapping_mul(10 * (1 << 8) + 1) >> 8;
    let fours = (pairs & 0x00ff_00ff_00ff_00ff).wrapping_mul(100 * (1 << 16) + 1) >> 16;
    (fours & 0x0000_ffff_0000_ffff).wrapping_mul(10_000 * (1 << 32) + 1) >> 32
}

/// The highest bit of each byte that is no decimal digit; the first byte is the lowest.
#[inline(always)]
fn other_than_digits(bytes: [u8; 8]) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let difference = u64::from_le_bytes(bytes) ^ (ONES * u64::from(b'0'));
    // Digits are 0 to 9 now, and what is more reaches the highest bit by this sum.
    (((difference & (ONES * 0x7f)) + ONES * 0x76) | difference) & (ONES * 0x80)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn assert_same(text: &str) -> Result<(), TestCaseError> {
        if let Some(found) = from_digits(text.as_bytes()) {
            prop_assert_eq!(Some(found), micros(text.parse().unwrap()), "{}", text);
        }
        Ok(())
    }

    proptest! {
        #[test]
        fn digits_are_read_as_the_float_is_rounded(
            seconds in 0..10_000_000_000_u64,
            fraction in "[0-9]{1,8}",
            time in 1e9..2.2e9,
        ) {
            assert_same(&format!("{seconds:010}.{fraction}"))?;
            assert_same(&format!("{time:?}"))?;
        }

        #[test]
        fn what_is_no_such_number_is_left_alone(text in "[0-9./:;-]{10,19}") {
            match text.parse::<f64>() {
                Ok(_) => assert_same(&text)?,
                Err(_) => prop_assert_eq!(from_digits(text.as_bytes()), None),
            }
        }
    }

    #[test]
    fn most_times_are_read_from_their_digits() {
        assert_eq!(from_digits(b"1693314240.7948081"), Some(1_693_314_240_794_808));
        assert_eq!(from_digits(b"1693314240.7948089"), Some(1_693_314_240_794_809));
        assert_eq!(from_digits(b"1693314240.5"), Some(1_693_314_240_500_000));
        assert_eq!(from_digits(b"1693314240.7948085"), None);
    }
}
