//! jq programs, run by jaq.
//!
//! A program is compiled once and run on any thread. It says yes to a content that is one JSON document (what
//! `--parse` takes for one) and of which it gives a value that is neither `false` nor `null`. It reads nothing but its input,
//! writes nothing, and ends nothing but itself: `halt` and `input` are errors, and messages to stderr go nowhere.

use std::sync::Arc;

use jaq_core::data::JustLut;
use jaq_core::load::{self, Arena, File, Loader};
use jaq_core::native::{self, Fun};
use jaq_core::{Compiler, Ctx, Vars, compile};
use jaq_json::{Val, read};

use super::answer::Answer;
use super::failures::Failures;
use crate::output;

type Data = JustLut<Val>;

/// How many values of a program are looked at, of one message. A program that gives ever more that are not true, such
/// as `repeat(null)`, would never end.
const MAX_VALUES: usize = 100_000;

/// A jq program.
#[derive(Clone)]
pub(super) struct Program {
    filter: Arc<jaq_core::Filter<Data>>,
    failures: Failures,
}

impl std::fmt::Debug for Program {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Program").finish_non_exhaustive()
    }
}

impl Program {
    /// Compiles a program; an error says what is wrong with it. What fails at run time is counted in `failures`.
    pub(super) fn new(code: &str, failures: &Failures) -> Result<Program, String> {
        let definitions = jaq_core::defs().chain(jaq_std::defs()).chain(jaq_json::defs());
        let arena = Arena::default();
        let modules = Loader::new(definitions).load(&arena, File { code, path: () }).map_err(|errors| {
            let error = errors.into_iter().next().map(|(_, error)| loading(error));
            error.unwrap_or_else(unknown)
        })?;
        let filter = Compiler::default().with_funs(functions()).compile(modules).map_err(|errors| {
            let error = errors.into_iter().flat_map(|(_, errors)| errors).next();
            error.map_or_else(unknown, |(name, undefined)| undefined_symbol(name, &undefined))
        })?;
        Ok(Program { filter: Arc::new(filter), failures: failures.clone() })
    }

    /// Whether the program says yes to a content. A failure of the program is a no that is counted.
    pub(super) fn is_true_of(&self, content: &[u8]) -> Answer {
        if output::json::document(content).is_none() {
            return Answer::No;
        }
        let Ok(input) = read::parse_single(content) else { return Answer::No };
        let context = Ctx::<Data>::new(&self.filter.lut, Vars::new([]));
        for (number, value) in self.filter.id.run((context, input)).enumerate() {
            match value {
                _ if number == MAX_VALUES => {
                    self.failures.count_program(format!("more than {MAX_VALUES} values, of which none is true"));
                    return Answer::Unknown;
                }
                Ok(Val::Null | Val::Bool(false)) => {}
                Ok(_) => return Answer::Yes,
                Err(exception) => {
                    let why = match exception.get_err() {
                        Ok(error) => error.to_string(),
                        Err(_) => "the program ended itself".to_owned(),
                    };
                    self.failures.count_program(why);
                    return Answer::Unknown;
                }
            }
        }
        Answer::No
    }
}

/// What programs may call: all of jq's functions that only compute.
fn functions() -> impl Iterator<Item = Fun<Data>> {
    const SILENCED: &str = "stderr_empty";
    let functions = jaq_core::funs::<Data>().chain(jaq_std::funs()).chain(jaq_json::funs());
    let silence = native::run::<Data>((SILENCED, native::v(0), |_| Box::new(std::iter::empty())));
    functions.filter(|(name, ..)| *name != SILENCED).chain([silence])
}

fn unknown() -> String {
    "the jq program cannot be compiled".to_owned()
}

/// The program cannot be read.
fn loading(error: load::Error<&str>) -> String {
    let told = match error {
        load::Error::Lex(errors) => errors.into_iter().next().map(|(expected, found)| {
            let found = found.split_inclusive(char::is_whitespace).next().unwrap_or_default();
            (expected.as_str().to_owned(), found.to_owned())
        }),
        load::Error::Parse(errors) => {
            errors.into_iter().next().map(|(expected, found)| (expected.as_str().to_owned(), found.to_owned()))
        }
        load::Error::Io(_) => return "modules cannot be loaded in a filter".to_owned(),
    };
    match told {
        Some((expected, found)) if found.trim().is_empty() => {
            format!("in the jq program, expected {expected} at its end")
        }
        Some((expected, found)) => format!("in the jq program, expected {expected}, found `{}`", found.trim()),
        None => unknown(),
    }
}

fn undefined_symbol(name: &str, undefined: &compile::Undefined) -> String {
    let symbol = undefined.as_str();
    match undefined {
        compile::Undefined::Filter(arguments) => format!("jq has no {symbol} `{name}/{arguments}`"),
        _ => format!("jq has no {symbol} `{name}` here"),
    }
}
