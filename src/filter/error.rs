//! What is wrong with an expression, where, and what was expected there; drawn with a caret under the place.

use std::fmt;
use std::ops::Range;

use unicode_width::UnicodeWidthStr as _;

use super::operators::{Argument, Info};
use crate::output;

/// An expression that cannot be understood. Shown, it has several lines: what was expected, the expression, and a
/// caret under the place.
///
/// ```
/// let error = wsflow::filter::Filter::parse("~client & ~dropd").unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "there is no such operator; did you mean `~dropped`?\n\
///      \x20 ~client & ~dropd\n\
///      \x20           ^^^^^^"
/// );
/// ```
#[derive(Clone, Debug)]
pub struct Error {
    expression: String,
    span: Range<usize>,
    problem: Problem,
}

/// The situations.
#[derive(Clone, Debug)]
pub(super) enum Problem {
    /// Nothing stands where an operand has to.
    OperandMissing,
    UnknownOperator {
        nearest: Option<&'static Info>,
    },
    /// A known operator runs into what follows.
    NoSpaceAfter(&'static Info),
    ArgumentMissing(&'static Info),
    /// An argument that is not of its kind, and why.
    Argument(&'static Info, String),
    /// A regex that begins with a parenthesis, as a word.
    Unquoted(&'static Info),
    /// A word of nothing but `!`, `&`, `|`.
    Lone,
    /// `&&` or `||`.
    Doubled(char),
    UnclosedQuote,
    UnclosedParenthesis,
    UnopenedParenthesis,
    /// Operands side by side within parentheses.
    SideBySide,
    TooDeep,
}

impl Error {
    pub(super) fn new(expression: &str, span: Range<usize>, problem: Problem) -> Error {
        Error { expression: expression.to_owned(), span, problem }
    }

    /// What was found, and what was expected, without the expression.
    pub fn message(&self) -> String {
        self.problem.to_string()
    }

    /// The place of the mistake, in bytes of the expression.
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }
}

/// So many characters are shown on each side of where a mistake begins.
const SHOWN: usize = 60;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = |text: &str| output::printable(text).width();
        let (before, rest) = self.expression.split_at(self.span.start);
        let first = before.char_indices().rev().nth(SHOWN).map(|(at, last)| at + last.len_utf8());
        let end = rest.char_indices().nth(SHOWN).map(|(at, _)| at);
        let (cut_before, cut_after) = (first.map_or("", |_| "…"), end.map_or("", |_| "…"));
        let before = before.get(first.unwrap_or(0)..).unwrap_or_default();
        let rest = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
        let token = rest.get(..self.span.len()).unwrap_or(rest);
        let column = width(cut_before) + width(before);
        let carets = width(token).max(1);
        writeln!(f, "{}", self.problem)?;
        writeln!(f, "  {cut_before}{}{}{cut_after}", output::printable(before), output::printable(rest))?;
        write!(f, "  {:column$}{:^>carets$}", "", "")
    }
}

impl std::error::Error for Error {}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::OperandMissing => f.write_str("expected an operator, a regex for the URL, `!` or `(` here"),
            Problem::UnknownOperator { nearest: Some(info) } => {
                write!(f, "there is no such operator; did you mean `~{}`?", info.code)
            }
            Problem::UnknownOperator { nearest: None } => {
                f.write_str("there is no such operator; `wsflow help filter` lists them")
            }
            Problem::NoSpaceAfter(info) => write!(f, "expected a space after `~{}`, as mitmproxy does", info.code),
            Problem::ArgumentMissing(info) => {
                write!(f, "expected {} after `~{}`, as in `{}`", describe(info.argument), info.code, info.example)
            }
            // The reason may quote the argument.
            Problem::Argument(info, why) => write!(f, "`~{}`: {}", info.code, output::printable(why)),
            Problem::Unquoted(info) => {
                write!(f, "a regex with a parenthesis has to be in quotes: `~{} \"(…)\"`", info.code)
            }
            Problem::Doubled(character) => write!(f, "write one `{character}`, not two"),
            Problem::Lone => f.write_str(
                "expected something on both sides of `&` and `|`, and after `!` \
                 (for a URL with such a character write it with `~u`)",
            ),
            Problem::UnclosedQuote => f.write_str("the quote is not closed (within one line)"),
            Problem::UnclosedParenthesis => f.write_str("this `(` is not closed"),
            Problem::UnopenedParenthesis => f.write_str("there is no `(` to this `)`"),
            Problem::SideBySide => {
                f.write_str("expected `&`, `|` or `)` here: things side by side stand outside of parentheses only")
            }
            Problem::TooDeep => f.write_str("the expression is nested too deeply"),
        }
    }
}

/// What has to follow an operator, in words.
fn describe(argument: Argument) -> &'static str {
    match argument {
        Argument::None => "nothing",
        Argument::Regex { .. } => "a regex",
        Argument::Digits => "a number",
        Argument::Size => "a size",
        Argument::Number => "a number or a range",
        Argument::Time => "a time",
        Argument::Prefix => "the start of an id",
        Argument::Program => "a jq program in quotes",
    }
}
