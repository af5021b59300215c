//! The tests of the whole program, in one binary; a file per subject.

// A test says by its panic what is wrong.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, clippy::disallowed_methods)]

#[path = "../../examples/make_corpus/corpus/mod.rs"]
mod corpus;
mod support;

mod attacks;
mod check;
mod commands;
mod completion;
mod damage;
mod dependencies;
mod drop;
mod encode;
mod expressions;
mod faults;
mod filter;
mod flows;
mod follow;
mod hostile;
mod ids;
mod input;
mod inputs;
mod kinds;
mod looks;
mod ls;
mod man;
mod measuring;
mod memory;
mod oracle;
mod output;
mod readme;
mod recover;
mod show;
mod stats;
mod streams;
mod terminal;
mod threads;
mod tree;
mod versions;
