//! A pattern to search for.

use regex::bytes::{Regex, RegexBuilder};

/// A pattern to search for.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    regex: Regex,
}

impl Pattern {
    pub(super) fn new(
        text: &str,
        bytes: bool,
        multiline: bool,
        dotall: bool,
        case_sensitive: bool,
    ) -> Result<Pattern, String> {
        RegexBuilder::new(text)
            .unicode(!bytes)
            .multi_line(multiline)
            .dot_matches_new_line(dotall)
            .case_insensitive(!case_sensitive)
            .build()
            .map(|regex| Pattern { regex })
            .map_err(|error| error.to_string())
    }

    /// Whether the pattern is somewhere in the bytes.
    pub(super) fn is_in(&self, haystack: &[u8]) -> bool {
        self.regex.is_match(haystack)
    }
}
