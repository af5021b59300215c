//! The time of a message as whole microseconds.

use crate::flow::{Timestamp, other_than_digits};
use crate::output::micros;

/// Microseconds since the Unix epoch, rounded as `ls` prints them; `None` for what is no time.
#[inline]
pub(super) fn moment(time: Timestamp<'_>) -> Option<i64> {
    from_digits(time.as_bytes()).or_else(|| micros(time.seconds()))
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
