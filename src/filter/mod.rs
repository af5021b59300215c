//! The filter language: which flows, and which of their messages.
//!
//! It is mitmproxy's, whole, with operators of our own for single messages.
//!
//! ```text
//! expression  = disjunction , { disjunction }                side by side: all of them
//! disjunction = conjunction , { "|" , conjunction }
//! conjunction = operand , { "&" , operand }
//! operand     = "!" , operand
//!             | "(" , disjunction , ")"
//!             | "~" , code , space , [ argument ]            see OPERATORS; the space may be missing before the `)`
//!                                                            after one of ours
//!             | argument                                     a regex for the URL
//! argument    = word | '"' … '"' | "'" … "'"                 a backslash before a character is that character
//! word        = any characters but white space and ( ) ~ ' "
//! ```
//!
//! There are two ways to ask. [`Filter::matches_flow`] asks a flow, as mitmproxy does; what an operator asks of messages
//! is true when it is true of one of them. [`Filter::for_flow`] asks messages: what an expression says about the flow is
//! answered once, and what is left is asked of each message.
//!
//! ```
//! use wsflow::filter::Filter;
//! use wsflow::flow::Flow;
//!
//! let filter = Filter::parse("~client & ~b hello")?;
//! let record = b"90:4:type;4:http;9:websocket;60:8:messages;45:41:1:1#4:true!5:hello,3:1.5^5:false!5:false!]]}}";
//! let flow = Flow::parse(record)?;
//! assert!(filter.matches_flow(&flow, 0));
//!
//! let of_messages = filter.for_flow(&flow, 0);
//! assert!(of_messages.may_match());
//! let message = flow.websocket()?.unwrap().messages()?.next().unwrap()?;
//! assert!(of_messages.matches(&message));
//!
//! assert_eq!(filter.to_string(), "~client & ~b hello");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The rooms
//!
//! | | |
//! |---|---|
//! | `operators.rs` | the operators, one list |
//! | `lex.rs`, `parse.rs` | an expression as tokens, as a tree |
//! | `expression.rs`, `leaf.rs` | the tree, and what stands at its ends |
//! | `regex/`, `number.rs`, `time.rs`, `jq/` | what arguments say |
//! | `evaluate.rs`, `search.rs`, `question.rs` | asking messages, finding those to ask, asking flows |
//! | `answer.rs` | yes, no, unknown |
//! | `error.rs`, `failures.rs` | what is wrong with an expression; what could not be answered |
//! | `help.rs` | the language for people |
//!
#![doc = include_str!("differences.md")]

mod answer;
mod error;
mod evaluate;
mod expression;
mod failures;
mod help;
mod jq;
mod leaf;
mod lex;
mod number;
mod operators;
mod parse;
mod question;
mod regex;
mod search;
mod time;

use std::fmt;
use std::str::FromStr;

pub use error::Error;
pub use evaluate::FlowFilter;
pub use failures::Failures;
pub use help::{EXAMPLES, help};
pub use operators::{Argument, Info, OPERATORS, Operator, Subject};
pub use search::Matches;

use crate::flow::Flow;
use expression::Expression;

/// A filter expression, parsed: made once, asked many times.
#[derive(Clone, Debug)]
pub struct Filter {
    expression: Expression,
    options: Options,
    failures: Failures,
}

/// The same questions, joined in the same way, and read with the same options.
impl PartialEq for Filter {
    fn eq(&self, other: &Filter) -> bool {
        self.expression == other.expression && self.options == other.options
    }
}

/// How expressions are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Whether the case of letters counts in regexes. mitmproxy ignores it, unless its environment has
    /// `MITMPROXY_CASE_SENSITIVE_FILTERS=1`; a library reads no environment, so whoever wants that sets it here.
    pub case_sensitive: bool,
}

impl Filter {
    /// Parses an expression, with the usual options: the case of letters does not matter.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(expression: &str) -> Result<Filter, Error> {
        Filter::parse_with(expression, &Options::default())
    }

    /// Parses an expression.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse_with(expression: &str, options: &Options) -> Result<Filter, Error> {
        let failures = Failures::default();
        let expression = parse::parse(expression, options, &failures)?;
        Ok(Filter { expression, options: *options, failures })
    }

    /// Whether the flow as a whole matches, in mitmproxy's meaning. What is asked of messages is true when it is true
    /// of one of them. `index` is the position of the flow in its file.
    pub fn matches_flow(&self, flow: &Flow<'_>, index: u64) -> bool {
        evaluate::matches_flow(&self.expression, flow, index, &self.failures).is_yes()
    }

    /// Whether the flow as a whole does not match. Where something could not be answered it may neither match nor not,
    /// see [`failures`](Self::failures).
    pub fn excludes_flow(&self, flow: &Flow<'_>, index: u64) -> bool {
        evaluate::matches_flow(&self.expression, flow, index, &self.failures).is_no()
    }

    /// The filter for the messages of one flow: what it says about the flow is answered here, once. `index` is the
    /// position of the flow in its file.
    pub fn for_flow<'f>(&'f self, flow: &Flow<'f>, index: u64) -> FlowFilter<'f> {
        FlowFilter::new(&self.expression, flow, index)
    }
}

impl Filter {
    /// The same filter, whose failures are counted apart from those of this one.
    ///
    /// # Errors
    /// As [`parse`](Self::parse), of which what is shown of a filter gives no cause.
    pub fn anew(&self) -> Result<Filter, Error> {
        Filter::parse_with(&self.to_string(), &self.options)
    }

    /// The arguments of an operator, in the order in which they stand in the expression.
    ///
    /// ```
    /// # use wsflow::filter::{Filter, Operator};
    /// let filter = Filter::parse("ws://chat ~client")?;
    /// assert_eq!(filter.arguments(Operator::Url), ["ws://chat"]);
    /// # Ok::<(), wsflow::filter::Error>(())
    /// ```
    pub fn arguments(&self, operator: Operator) -> Vec<&str> {
        let leaves = self.expression.leaves().into_iter().filter(|leaf| leaf.operator == operator);
        leaves.map(|leaf| &*leaf.argument).collect()
    }

    /// What could not be answered since the filter was parsed.
    pub fn failures(&self) -> &Failures {
        &self.failures
    }
}

impl FromStr for Filter {
    type Err = Error;

    fn from_str(expression: &str) -> Result<Filter, Error> {
        Filter::parse(expression)
    }
}

/// An expression that parses to the same filter, with the same options.
impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.expression.fmt(f)
    }
}

#[cfg(test)]
mod tests;
