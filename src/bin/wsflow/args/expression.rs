//! Filter expressions on the command line.

use std::env;
use std::ffi::OsStr;

use clap::builder::TypedValueParser;
use clap::error::ErrorKind;
use wsflow::filter::{Filter, Options};

/// Reads an expression. The error has no line of usage: that would not help to write one.
pub(super) fn parse(text: &OsStr) -> Result<Filter, clap::Error> {
    let refuse = |why: &str| clap::Error::raw(ErrorKind::ValueValidation, format!("invalid EXPR: {why}\n"));
    let text = text.to_str().ok_or_else(|| refuse("it is not UTF-8"))?;
    Filter::parse_with(text, &options()).map_err(|error| refuse(&error.to_string()))
}

/// What mitmproxy finds in its environment.
fn options() -> Options {
    Options { case_sensitive: env::var_os("MITMPROXY_CASE_SENSITIVE_FILTERS").is_some_and(|value| value == "1") }
}

/// For an option: clap alone would show the whole expression before the error shows its place.
#[derive(Clone)]
pub(super) struct Parser;

impl TypedValueParser for Parser {
    type Value = Filter;

    fn parse_ref(&self, _: &clap::Command, _: Option<&clap::Arg>, text: &OsStr) -> Result<Filter, clap::Error> {
        parse(text)
    }
}
