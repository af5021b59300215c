//! jq programs, run by jaq.
//!
//! A program is compiled once and run on any thread. It says yes to a content that is one JSON document (what
//! `--parse` takes for one) and of which it gives a value that is neither `false` nor `null`. It reads nothing but its input,
//! writes nothing, and ends nothing but itself: `halt` and `input` are errors, and messages to stderr go nowhere.
//!
//! jq is a whole programming language, and the content is whatever somebody sent. So a program is bounded when it is read
//! ([`program`]), and in what it does ([`budget`], spent by [`value`] and [`functions`]).

mod budget;
mod functions;
mod program;
mod value;

use std::sync::Arc;

use jaq_core::{Ctx, Vars};
use jaq_json::read;

use super::answer::Answer;
use super::failures::{Failures, Patience};
use crate::output;
use functions::Data;
use value::Value;

/// A jq program.
#[derive(Clone)]
pub(super) struct Program {
    filter: Arc<jaq_core::Filter<Data>>,
    failures: Failures,
    patience: Patience,
}

impl std::fmt::Debug for Program {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Program").finish_non_exhaustive()
    }
}

impl Program {
    /// Compiles a program; an error says what is wrong with it. What fails at run time is counted in `failures`.
    pub(super) fn new(code: &str, failures: &Failures) -> Result<Program, String> {
        let filter = Arc::new(program::compile(code)?);
        Ok(Program { filter, failures: failures.clone(), patience: Patience::default() })
    }

    /// Whether the program says yes to a content. What it fails at is not known, and counted.
    pub(super) fn is_true_of(&self, content: &[u8]) -> Answer {
        if output::json::document(content).is_none() {
            return Answer::No;
        }
        let Ok(input) = read::parse_single(content) else { return Answer::No };
        if !self.patience.is_left() {
            self.failures.count_program("it was no longer tried".to_owned());
            self.failures.give_up();
            return Answer::Unknown;
        }
        budget::begin(content.len());
        let answer = self.run(Value::of_document(input));
        match (budget::spent(), answer) {
            (Some(spent), _) => {
                self.patience.try_less();
                self.failures.count_program(spent.to_owned());
                Answer::Unknown
            }
            (None, Err(why)) => {
                self.failures.count_program(why);
                Answer::Unknown
            }
            (None, Ok(is_true)) => is_true.into(),
        }
    }

    /// Whether one of the values that the program gives is true; an error says why it failed before.
    fn run(&self, input: Value) -> Result<bool, String> {
        let context = Ctx::<Data>::new(&self.filter.lut, Vars::new([]));
        for value in self.filter.id.run((context, input)) {
            match value {
                Ok(value) if jaq_core::ValT::as_bool(&value) => return Ok(true),
                Ok(_) => budget::spend(1).map_err(str::to_owned)?,
                Err(exception) => {
                    return Err(match exception.get_err() {
                        Ok(error) => error.to_string(),
                        Err(_) => "the program ended itself".to_owned(),
                    });
                }
            }
        }
        Ok(false)
    }
}

#[cfg(test)]
mod tests;
