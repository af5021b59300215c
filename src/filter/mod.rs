//! Filters: which flows, and which of their messages.
//!
//! The language is mitmproxy's; so far it has the operators that say nothing but what a message is.

use crate::flow::{Flow, Message};
use crate::websocket::Opcode;

/// A filter expression, parsed.
#[derive(Clone, Debug)]
pub struct Filter {
    operator: Operator,
}

#[derive(Clone, Copy, Debug)]
enum Operator {
    All,
    Text,
    Binary,
    Client,
    Server,
    Message(u64),
}

/// An expression that cannot be understood.
#[derive(Clone, Debug, thiserror::Error)]
#[error("`{expression}` is no filter that is known here (known: ~all ~text ~binary ~client ~server ~msg N)")]
pub struct Error {
    expression: String,
}

impl Filter {
    /// Parses an expression.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(expression: &str) -> Result<Filter, Error> {
        let operator = match expression.trim() {
            "~all" => Operator::All,
            "~text" => Operator::Text,
            "~binary" => Operator::Binary,
            "~client" => Operator::Client,
            "~server" => Operator::Server,
            other => match other.strip_prefix("~msg ").and_then(|number| number.trim().parse().ok()) {
                Some(number) => Operator::Message(number),
                None => return Err(Error { expression: expression.to_owned() }),
            },
        };
        Ok(Filter { operator })
    }

    /// Whether the flow as a whole matches, in mitmproxy's meaning.
    pub fn matches_flow(&self, _flow: &Flow<'_>, _index: u64) -> bool {
        true
    }

    /// The filter for the messages of one flow: what it says about the flow is answered here, once.
    pub fn for_flow<'f>(&'f self, _flow: &Flow<'f>, _index: u64) -> FlowFilter<'f> {
        FlowFilter { filter: self }
    }
}

/// A filter, for the messages of one flow.
#[derive(Clone, Debug)]
pub struct FlowFilter<'f> {
    filter: &'f Filter,
}

impl FlowFilter<'_> {
    /// Whether any message of the flow can match. When not, none need be walked.
    pub fn may_match(&self) -> bool {
        true
    }

    /// Whether this message matches.
    pub fn matches(&self, message: &Message<'_>) -> bool {
        match self.filter.operator {
            Operator::All => true,
            Operator::Text => message.opcode == Opcode::Text,
            Operator::Binary => message.opcode == Opcode::Binary,
            Operator::Client => message.from_client,
            Operator::Server => !message.from_client,
            Operator::Message(index) => message.index == index,
        }
    }
}
