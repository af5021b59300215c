//! Python's regexes on Rust's engines.
//!
//! mitmproxy's filters are searched for by Python's `re`. Its patterns are parsed here as Python parses them
//! ([`parse`]), refused where Python refuses them, and written anew for the engine that can do them ([`translate`]):
//! a plain text is searched for as such, what is regular goes to `regex`, which is fast and takes linear time, and
//! the rest to `fancy-regex`, which goes back and forth as Python does.

mod classes;
mod escape;
mod group;
mod literal;
mod parse;
mod syntax;
mod translate;

use super::failures::Failures;
use literal::Literal;
use syntax::{Flags, Kind};
use translate::Translated;

/// How a pattern is to be read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Settings {
    /// For bytes; else for text.
    pub(super) bytes: bool,
    pub(super) multiline: bool,
    pub(super) dotall: bool,
    pub(super) ignore_case: bool,
}

/// A pattern to search for.
#[derive(Clone, Debug)]
pub(super) enum Pattern {
    Literal(Literal),
    Regular(regex::bytes::Regex),
    /// In bytes, byte by byte.
    FancyBytes(Box<fancy_regex::Regex>, Failures),
    FancyText(Box<fancy_regex::Regex>, Failures),
}

impl Pattern {
    /// Reads a pattern; an error says what is wrong with it.
    pub(super) fn new(pattern: &str, settings: Settings, failures: &Failures) -> Result<Pattern, String> {
        let kind = if settings.bytes { Kind::Bytes } else { Kind::Text };
        let flags = Flags {
            ignore_case: settings.ignore_case,
            multiline: settings.multiline,
            dotall: settings.dotall,
            verbose: false,
            ascii: settings.bytes,
        };
        let node = parse::parse(pattern, kind, flags)?;
        match translate::translate(&node, kind) {
            Translated::Literal { bytes, ignore_case } => Ok(Pattern::Literal(Literal::new(bytes, ignore_case))),
            Translated::Regular(regex) => {
                let regex = regex::bytes::RegexBuilder::new(&regex).unicode(kind == Kind::Text).build();
                regex.map(Pattern::Regular).map_err(|error| match error {
                    regex::Error::CompiledTooBig(_) => "the regex is too large".to_owned(),
                    other => other.to_string(),
                })
            }
            Translated::Fancy(regex) => {
                let mut builder = fancy_regex::RegexBuilder::new(&regex);
                if kind == Kind::Bytes {
                    builder.bytes_mode(fancy_regex::BytesMode::Ascii);
                }
                let regex = Box::new(builder.build().map_err(|error| error.to_string())?);
                let failures = failures.clone();
                Ok(match kind {
                    Kind::Bytes => Pattern::FancyBytes(regex, failures),
                    Kind::Text => Pattern::FancyText(regex, failures),
                })
            }
        }
    }

    /// Whether the pattern is somewhere in the bytes; those of text have to be UTF-8.
    #[inline]
    pub(super) fn is_in(&self, haystack: &[u8]) -> bool {
        match self {
            Pattern::Literal(literal) => literal.is_in(haystack),
            Pattern::Regular(regex) => regex.is_match(haystack),
            Pattern::FancyBytes(regex, failures) => answer(regex.is_match(haystack), failures),
            Pattern::FancyText(regex, failures) => {
                answer(regex.is_match(&*String::from_utf8_lossy(haystack)), failures)
            }
        }
    }
}

/// A search that takes too long is given up.
fn answer(found: fancy_regex::Result<bool>, failures: &Failures) -> bool {
    found.unwrap_or_else(|_| {
        failures.count_search();
        false
    })
}

#[cfg(test)]
mod tests;
