//! An operator with its argument, made ready to be asked.

use std::ops::RangeInclusive;

use super::Options;
use super::failures::Failures;
use super::jq::Program;
use super::number;
use super::operators::{Argument, Operator};
use super::regex::{Pattern, Settings};
use super::time::Instant;

/// An operator with its argument.
#[derive(Clone, Debug)]
pub(super) struct Leaf {
    pub(super) operator: Operator,
    /// As it was written, without quotes; empty where there is none.
    pub(super) argument: String,
    pub(super) value: Value,
}

/// What an argument says.
#[derive(Clone, Debug)]
pub(super) enum Value {
    None,
    Pattern(Pattern),
    Numbers(RangeInclusive<u64>),
    Time(Instant),
    Prefix,
    Program(Program),
}

/// The same operator asked the same way.
impl PartialEq for Leaf {
    fn eq(&self, other: &Leaf) -> bool {
        self.operator == other.operator && self.argument == other.argument
    }
}

impl Leaf {
    /// Reads the argument of an operator; an error says what is wrong with it.
    pub(super) fn new(
        operator: Operator,
        argument: String,
        options: &Options,
        failures: &Failures,
    ) -> Result<Leaf, String> {
        let value = match operator.info().argument {
            Argument::None => Value::None,
            Argument::Regex { bytes, multiline, dotall } => {
                let settings = Settings { bytes, multiline, dotall, ignore_case: !options.case_sensitive };
                Value::Pattern(Pattern::new(&argument, settings, failures)?)
            }
            // More digits than fit are a code that no response has.
            Argument::Digits => {
                let code = argument.parse().unwrap_or(u64::MAX);
                Value::Numbers(code..=code)
            }
            Argument::Size => Value::Numbers(number::sizes(&argument)?),
            Argument::Number => Value::Numbers(number::numbers(&argument)?),
            Argument::Time => Value::Time(Instant::parse(&argument)?),
            Argument::Prefix => Value::Prefix,
            Argument::Program => Value::Program(Program::new(&argument, failures)?),
        };
        Ok(Leaf { operator, argument, value })
    }
}
