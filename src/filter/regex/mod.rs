//! Python's regexes on Rust's engines.
//!
//! mitmproxy's filters are searched for by Python's `re`. Its patterns are parsed here as Python parses them
//! ([`parse`]), refused where Python refuses them, and written anew for the engine that can do them ([`translate`]):
//! a plain text is searched for as such, what is regular goes to `regex`, which is fast and takes linear time, and
//! the rest to `fancy-regex`, which goes back and forth as Python does.

mod backtracking;
mod classes;
mod escape;
mod group;
mod literal;
mod parse;
mod required;
mod syntax;
mod translate;

use regex::bytes;

use super::answer::Answer;
use super::failures::Failures;
use backtracking::Backtracking;
pub(super) use literal::Literal;
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
pub(super) struct Pattern {
    engine: Engine,
    /// Texts of which one is in whatever the pattern matches; empty where nothing is known.
    required: Vec<Literal>,
}

#[derive(Clone, Debug)]
enum Engine {
    /// The text that is required is all there is.
    Literal,
    Regular(bytes::Regex),
    /// In bytes, byte by byte.
    FancyBytes(Backtracking),
    FancyText(Backtracking),
}

/// How large a compiled regex may be. `\w{700}` in text, the like of which nobody writes, still fits.
const MAX_COMPILED: usize = 32 << 20;

impl Pattern {
    /// Reads a pattern; an error says what is wrong with it. Searches that are given up are counted in `failures`.
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
        let required = match kind {
            Kind::Bytes => required::required(&node),
            Kind::Text => Vec::new(),
        };
        let required =
            required.iter().map(|(bytes, ignore_case)| Literal::new(bytes, *ignore_case)).collect::<Result<_, _>>()?;
        let engine = match translate::translate(&node, kind) {
            Translated::Literal => Engine::Literal,
            Translated::Regular(regex) => {
                let mut builder = bytes::RegexBuilder::new(&regex);
                let regex = builder.unicode(kind == Kind::Text).size_limit(MAX_COMPILED).build();
                Engine::Regular(regex.map_err(|error| match error {
                    regex::Error::CompiledTooBig(_) => "the regex is too large".to_owned(),
                    other => other.to_string(),
                })?)
            }
            Translated::Fancy(regex) => {
                let regex = Backtracking::new(regex, kind, failures)?;
                match kind {
                    Kind::Bytes => Engine::FancyBytes(regex),
                    Kind::Text => Engine::FancyText(regex),
                }
            }
        };
        Ok(Pattern { engine, required })
    }

    /// Whether the pattern is somewhere in the bytes; those of text have to be UTF-8.
    #[inline]
    pub(super) fn is_in(&self, haystack: &[u8]) -> Answer {
        let may_be = || self.required.is_empty() || self.required.iter().any(|required| required.is_in(haystack));
        match &self.engine {
            Engine::Literal => may_be().into(),
            // It knows how to look for a literal first.
            Engine::Regular(regex) => regex.is_match(haystack).into(),
            Engine::FancyBytes(regex) => Answer::from(may_be()).and(|| regex.is_in(haystack)),
            Engine::FancyText(regex) => regex.is_in(&*String::from_utf8_lossy(haystack)),
        }
    }

    /// Texts of which one is in whatever the pattern matches; empty where nothing is known.
    pub(super) fn required(&self) -> &[Literal] {
        &self.required
    }
}

#[cfg(test)]
mod tests;
