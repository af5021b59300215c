//! Integers without bounds, as Python has them. They are kept, not calculated with.

use std::fmt;

/// An integer of any size.
///
/// ```
/// use wsflow::state::Integer;
///
/// assert_eq!(Integer::from(42).to_i64(), Some(42));
/// let large = Integer::from_digits("36893488147419103232").expect("these are digits");
/// assert_eq!(large.to_i64(), None);
/// assert_eq!(large.to_string(), "36893488147419103232");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Integer(Repr);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Repr {
    Small(i64),
    /// The digits of a number beyond 64 bits: a minus if it is negative, and no zero in front.
    Large(Box<str>),
}

impl Integer {
    /// The integer that these decimal digits are. A sign may stand before them.
    pub fn from_digits(digits: &str) -> Option<Integer> {
        if let Ok(small) = digits.parse::<i64>() {
            return Some(Integer(Repr::Small(small)));
        }
        let (sign, unsigned) = match digits.strip_prefix('-') {
            Some(unsigned) => ("-", unsigned),
            None => ("", digits.strip_prefix('+').unwrap_or(digits)),
        };
        if unsigned.is_empty() || !unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        // No zero either: what is not small has another digit.
        let unsigned = unsigned.trim_start_matches('0');
        Some(Integer(Repr::Large(format!("{sign}{unsigned}").into())))
    }

    /// The integer of any of Rust's types.
    pub(super) fn of(value: impl TryInto<i64> + fmt::Display + Copy) -> Integer {
        Integer(match value.try_into() {
            Ok(small) => Repr::Small(small),
            Err(_) => Repr::Large(value.to_string().into()),
        })
    }

    /// The integer, if it fits.
    pub fn to_i64(&self) -> Option<i64> {
        match self.0 {
            Repr::Small(small) => Some(small),
            Repr::Large(_) => None,
        }
    }

    /// The integer, if it fits.
    pub fn to_u64(&self) -> Option<u64> {
        match &self.0 {
            Repr::Small(small) => u64::try_from(*small).ok(),
            Repr::Large(digits) => digits.parse().ok(),
        }
    }

    /// The float that is nearest to the integer.
    pub fn to_f64(&self) -> f64 {
        match &self.0 {
            Repr::Small(small) => *small as f64,
            // Digits always are a float, if only an infinite one.
            Repr::Large(digits) => digits.parse().unwrap_or(f64::NAN),
        }
    }
}

impl From<i64> for Integer {
    fn from(value: i64) -> Integer {
        Integer(Repr::Small(value))
    }
}

/// The decimal digits, behind a minus if the integer is negative.
impl fmt::Display for Integer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Small(small) => small.fmt(f),
            Repr::Large(digits) => f.write_str(digits),
        }
    }
}
