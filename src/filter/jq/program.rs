//! Reads a program, and adds to it what keeps it within bounds.
//!
//! Every definition, jq's own too, takes a step when it is called; what goes through all of its input weighs that first.
//! jaq reads, compiles and frees programs by calls within calls, so how long they are and how deep they nest is
//! bounded, and all of it is done on a stack that is large enough for the worst.

use std::collections::HashSet;
use std::thread;

use jaq_core::load::lex::StrPart;
use jaq_core::load::parse::{BinaryOp, Def, Pattern, Term};
use jaq_core::load::{Arena, File, Lexer, Loader, Parser};
use jaq_core::path::{Part, Path};
use jaq_core::{Compiler, Filter, compile};

use super::functions::{self, Data, HAND_ON, OF_ALL, STEP, WEIGH};

/// The longest program in bytes. People write a hundred; a page has 3000.
const MAX_LENGTH: usize = 16 << 10;

/// How deep the parts of a program may nest. `a | b | c` nests too, each in the one before. A part that is at work
/// takes up to 4 KiB of the stack.
pub(super) const MAX_NESTING: usize = 128;

/// Room for reading a program: the worst takes less than 8 KiB for a byte, `(((…`.
const STACK: usize = MAX_LENGTH * (8 << 10);

/// What calls the program, and as what it is defined.
const MAIN: &str = "wsflow_main";

/// Compiles a program; an error says what is wrong with it.
pub(super) fn compile(code: &str) -> Result<Filter<Data>, String> {
    if code.len() > MAX_LENGTH {
        return Err(format!("the jq program is longer than {MAX_LENGTH} bytes"));
    }
    let no_room = || Err("there is no memory for the jq program".to_owned());
    thread::scope(|scope| {
        let thread = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, || compile_here(code));
        thread.map_or_else(|_| no_room(), |thread| thread.join().unwrap_or_else(|_| no_room()))
    })
}

fn compile_here(code: &str) -> Result<Filter<Data>, String> {
    let main = Def { name: MAIN, args: Vec::new(), body: read(code)? };
    let mut definitions = definitions();
    definitions.push(main);
    for definition in &mut definitions {
        bound(definition)?;
    }
    let arena = Arena::default();
    let modules = Loader::new(definitions).load(&arena, File { code: MAIN, path: () }).map_err(|_| unknown())?;
    Compiler::default().with_funs(functions::all()).compile(modules).map_err(|errors| {
        let error = errors.into_iter().flat_map(|(_, errors)| errors).next();
        error.map_or_else(unknown, |(name, undefined)| undefined_symbol(name, &undefined))
    })
}

/// What jq defines itself.
fn definitions<'s>() -> Vec<Def<&'s str>> {
    jaq_core::defs().chain(jaq_std::defs()).chain(jaq_json::defs()).collect()
}

fn read(code: &str) -> Result<Term<&str>, String> {
    let tokens = Lexer::new(code).lex().map_err(|errors| {
        errors.into_iter().next().map_or_else(unknown, |(expected, found)| {
            let found = found.split_inclusive(char::is_whitespace).next().unwrap_or_default();
            unexpected(expected.as_str(), found)
        })
    })?;
    Parser::new(&tokens).parse(|parser| parser.term()).map_err(|errors| {
        errors.into_iter().next().map_or_else(unknown, |(expected, found)| {
            unexpected(expected.as_str(), found.map_or("", |token| token.as_str()))
        })
    })
}

/// Makes a definition take a step when it is called. It stays a call at the end of another, which takes no stack.
fn take_step(definition: &mut Def<&str>) {
    definition.body = after(STEP, std::mem::take(&mut definition.body));
}

/// A term with a function before it.
fn after<'s>(function: &'static str, term: Term<&'s str>) -> Term<&'s str> {
    let function = Term::Call(function, Vec::new());
    Term::BinOp(Box::new(function), BinaryOp::Pipe(None), Box::new(term))
}

fn takes_filters(definition: &Def<&str>) -> bool {
    definition.args.iter().any(|argument| !argument.starts_with('$'))
}

/// Bounds all that a definition can do, or says that it nests too deep.
fn bound(definition: &mut Def<&str>) -> Result<(), String> {
    take_step(definition);
    // A filter that is an argument can call others that are, and double what they do each time.
    let mut arguments: HashSet<_> = definition.args.iter().copied().collect();
    // A definition that hands filters on to itself hands on a longer chain of them each time.
    let mut recursive: HashSet<_> = takes_filters(definition).then_some(definition.name).into_iter().collect();
    let mut open = vec![(&mut definition.body, 0)];
    while let Some((term, depth)) = open.pop() {
        let mut term = term;
        let function = match &*term {
            Term::Call(name, _) if OF_ALL.contains(name) => Some(WEIGH),
            Term::Call(name, _) if recursive.contains(name) => Some(HAND_ON),
            Term::Call(name, _) if arguments.contains(name) => Some(STEP),
            _ => None,
        };
        if let Some(function) = function {
            *term = after(function, std::mem::take(term));
            if let Term::BinOp(_, _, call) = term {
                term = call;
            }
        }
        if let Term::Def(definitions, _) = &mut *term {
            arguments.extend(definitions.iter().flat_map(|definition| definition.args.iter().copied()));
            recursive.extend(definitions.iter().filter(|inner| takes_filters(inner)).map(|inner| inner.name));
            definitions.iter_mut().for_each(take_step);
        }
        // Things in a row are compiled into each other, as `a + b + c` is.
        let mut parts = Parts { terms: Vec::new(), in_a_row: 0 };
        parts.of(term);
        let depth = depth + 1 + parts.in_a_row;
        if depth > MAX_NESTING {
            return Err("the jq program is nested too deeply, or has too many operators in a row".to_owned());
        }
        open.extend(parts.terms.into_iter().map(|term| (term, depth)));
    }
    Ok(())
}

/// What a term is made of.
struct Parts<'t, 's> {
    terms: Vec<&'t mut Term<&'s str>>,
    in_a_row: usize,
}

impl<'t, 's> Parts<'t, 's> {
    fn of(&mut self, term: &'t mut Term<&'s str>) {
        match term {
            Term::Id | Term::Recurse | Term::Num(_) | Term::Break(_) | Term::Var(_) | Term::Arr(None) => {}
            Term::Arr(Some(term)) | Term::Neg(term) | Term::Label(_, term) => self.terms.push(term),
            Term::Str(_, parts) => {
                self.in_a_row += parts.len();
                self.terms.extend(parts.iter_mut().filter_map(|part| match part {
                    StrPart::Term(term) => Some(term),
                    StrPart::Str(_) | StrPart::Char(_) => None,
                }));
            }
            Term::Obj(entries) => {
                self.in_a_row += entries.len();
                for (key, value) in entries {
                    self.terms.push(key);
                    self.terms.extend(value);
                }
            }
            Term::BinOp(left, operator, right) => {
                self.terms.extend([&mut **left, &mut **right]);
                if let BinaryOp::Pipe(Some(pattern)) = operator {
                    self.pattern(pattern);
                }
            }
            Term::Fold(_, values, pattern, arguments) => {
                self.terms.push(values);
                self.pattern(pattern);
                self.terms.extend(arguments);
            }
            Term::TryCatch(term, handler) => {
                self.terms.push(term);
                self.terms.extend(handler.as_deref_mut());
            }
            Term::IfThenElse(branches, otherwise) => {
                self.in_a_row += branches.len() - 1;
                self.terms.extend(branches.iter_mut().flat_map(|(condition, value)| [condition, value]));
                self.terms.extend(otherwise.as_deref_mut());
            }
            Term::Def(definitions, term) => {
                self.terms.extend(definitions.iter_mut().map(|definition| &mut definition.body));
                self.terms.push(term);
            }
            Term::Call(_, arguments) => {
                self.in_a_row += arguments.len();
                self.terms.extend(arguments);
            }
            Term::Path(term, Path(parts)) => {
                self.in_a_row += parts.len();
                self.terms.push(term);
                for (part, _) in parts {
                    match part {
                        Part::Index(index) => self.terms.push(index),
                        Part::Range(from, to) => self.terms.extend(from.iter_mut().chain(to)),
                    }
                }
            }
        }
    }

    /// A pattern counts with all that is in it, however it nests.
    fn pattern(&mut self, pattern: &'t mut Pattern<&'s str>) {
        let mut open = vec![pattern];
        while let Some(pattern) = open.pop() {
            self.in_a_row += 1;
            match pattern {
                Pattern::Var(_) => {}
                Pattern::Arr(items) => open.extend(items),
                Pattern::Obj(entries) => {
                    for (key, value) in entries {
                        self.terms.push(key);
                        open.push(value);
                    }
                }
            }
        }
    }
}

fn unknown() -> String {
    "the jq program cannot be compiled".to_owned()
}

fn unexpected(expected: &str, found: &str) -> String {
    match found.trim() {
        "" => format!("in the jq program, expected {expected} at its end"),
        found => {
            format!("in the jq program, expected {expected}, found `{}`", found.chars().take(40).collect::<String>())
        }
    }
}

fn undefined_symbol(name: &str, undefined: &compile::Undefined) -> String {
    let symbol = undefined.as_str();
    match undefined {
        compile::Undefined::Filter(arguments) => format!("jq has no {symbol} `{name}/{arguments}`"),
        _ => format!("jq has no {symbol} `{name}` here"),
    }
}
