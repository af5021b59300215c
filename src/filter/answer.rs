//! What a question may be answered with: yes, no, or nothing, where it could not be answered.
//!
//! Kleene's logic: what nobody knows stays unknown under `!`, and joined with others it is known only where those
//! others decide alone. So a question that failed never makes anything match.

use std::ops::Not;

/// An answer. The order is that of truth: `&` is the least of its operands, and `|` the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Answer {
    No,
    Unknown,
    Yes,
}

impl Answer {
    pub(super) fn is_yes(self) -> bool {
        self == Answer::Yes
    }

    pub(super) fn is_no(self) -> bool {
        self == Answer::No
    }

    /// One of the two; `other` is asked only if this does not decide.
    #[inline]
    pub(super) fn or(self, other: impl FnOnce() -> Answer) -> Answer {
        if self.is_yes() { self } else { self.max(other()) }
    }

    /// Both; `other` is asked only if this does not decide.
    #[inline]
    pub(super) fn and(self, other: impl FnOnce() -> Answer) -> Answer {
        if self.is_no() { self } else { self.min(other()) }
    }

    /// Whether one of them is true. None is asked after one that is.
    #[inline]
    pub(super) fn any(answers: impl IntoIterator<Item = Answer>) -> Answer {
        let mut best = Answer::No;
        for answer in answers {
            if answer.is_yes() {
                return answer;
            }
            best = best.max(answer);
        }
        best
    }

    /// Whether all of them are true. None is asked after one that is not.
    #[inline]
    pub(super) fn all(answers: impl IntoIterator<Item = Answer>) -> Answer {
        !Answer::any(answers.into_iter().map(Answer::not))
    }
}

impl From<bool> for Answer {
    #[inline]
    fn from(is_true: bool) -> Answer {
        if is_true { Answer::Yes } else { Answer::No }
    }
}

impl Not for Answer {
    type Output = Answer;

    #[inline]
    fn not(self) -> Answer {
        match self {
            Answer::No => Answer::Yes,
            Answer::Unknown => Answer::Unknown,
            Answer::Yes => Answer::No,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Answer::{self, No, Unknown, Yes};

    #[test]
    fn what_is_not_known_decides_nothing() {
        assert_eq!(!Unknown, Unknown);
        for (a, b, both, one) in [
            (Unknown, No, No, Unknown),
            (Unknown, Yes, Unknown, Yes),
            (Unknown, Unknown, Unknown, Unknown),
            (Yes, No, No, Yes),
        ] {
            for (a, b) in [(a, b), (b, a)] {
                assert_eq!(Answer::all([a, b]), both, "{a:?} & {b:?}");
                assert_eq!(a.and(|| b), both, "{a:?} & {b:?}");
                assert_eq!(Answer::any([a, b]), one, "{a:?} | {b:?}");
                assert_eq!(a.or(|| b), one, "{a:?} | {b:?}");
            }
        }
    }

    #[test]
    fn nothing_is_asked_after_the_decision() {
        let asked = |answers: [Answer; 3]| answers.into_iter().inspect(|answer| assert!(*answer != Unknown));
        assert_eq!(Answer::any(asked([No, Yes, Unknown])), Yes);
        assert_eq!(Answer::all(asked([Yes, No, Unknown])), No);
    }
}
