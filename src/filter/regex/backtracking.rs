//! Searches that go back and forth, and that are given up when they do so too often.
//!
//! The engine counts how often it goes back, and every place where a match could begin and does not is one of those
//! times. So what is allowed grows with the text.

use std::sync::{Arc, OnceLock};

use fancy_regex::{BytesMode, CompileError, Error, Input, ParseError, Regex, RegexBuilder};

use super::MAX_COMPILED;
use super::syntax::Kind;
use crate::filter::answer::Answer;
use crate::filter::failures::{Failures, Patience};

/// How often a search in a short text may go back: some tens of milliseconds.
const SHORT_LIMIT: usize = 1_000_000;

/// A text is short up to this many bytes; the limit doubles with its length. A sound pattern goes back a few times for a
/// byte, `\B` in text four times; this allows 30.
const SHORT_TEXT: usize = 32 << 10;

/// Lengths, each twice the one before, up to more than fits into memory.
const LENGTHS: usize = 32;

/// A pattern for the engine that goes back and forth.
#[derive(Clone, Debug)]
pub(super) struct Backtracking {
    regex: Arc<str>,
    kind: Kind,
    /// The same for texts of each length, made when a text of that length comes: the limit is a part of a regex.
    compiled: Arc<[OnceLock<Option<Regex>>; LENGTHS]>,
    failures: Failures,
    patience: Patience,
}

impl Backtracking {
    /// An error says what is wrong with the regex.
    pub(super) fn new(regex: String, kind: Kind, failures: &Failures) -> Result<Backtracking, String> {
        let first = compile(&regex, kind, SHORT_LIMIT)?;
        let compiled: [OnceLock<Option<Regex>>; LENGTHS] = Default::default();
        compiled[0].get_or_init(|| Some(first));
        Ok(Backtracking {
            regex: regex.into(),
            kind,
            compiled: Arc::new(compiled),
            failures: failures.clone(),
            patience: Patience::default(),
        })
    }

    /// Whether the pattern is somewhere in the text.
    pub(super) fn is_in<T: Input + ?Sized>(&self, text: &T) -> Answer {
        if !self.patience.is_left() {
            self.failures.count_search();
            self.failures.give_up();
            return Answer::Unknown;
        }
        let found = self.regex_for(text.len()).and_then(|regex| regex.is_match(text).ok());
        found.map_or_else(
            || {
                self.patience.try_less();
                self.failures.count_search();
                Answer::Unknown
            },
            Answer::from,
        )
    }

    /// The regex for a text of so many bytes.
    fn regex_for(&self, bytes: usize) -> Option<&Regex> {
        let times = bytes.div_ceil(SHORT_TEXT).max(1).next_power_of_two();
        let compiled = self.compiled.get(times.trailing_zeros() as usize)?;
        let limit = SHORT_LIMIT.saturating_mul(times);
        compiled.get_or_init(|| compile(&self.regex, self.kind, limit).ok()).as_ref()
    }
}

fn compile(regex: &str, kind: Kind, limit: usize) -> Result<Regex, String> {
    let mut builder = RegexBuilder::new(regex);
    builder.delegate_size_limit(MAX_COMPILED).backtrack_limit(limit);
    if kind == Kind::Bytes {
        builder.bytes_mode(BytesMode::Ascii);
    }
    builder.build().map_err(|error| match error {
        // What the engine says tells places of the translation, which nobody wrote.
        Error::ParseError(_, ParseError::RecursionExceeded) => "groups are nested too deeply".to_owned(),
        Error::CompileError(error)
            if matches!(*error, CompileError::InnerError(_) | CompileError::PatternTooComplex) =>
        {
            "the regex is too large".to_owned()
        }
        _ => "this cannot be searched for, though it is a regex".to_owned(),
    })
}
