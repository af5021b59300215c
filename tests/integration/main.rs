//! The tests of the whole program, in one binary; a file per subject.

// A test says by its panic what is wrong.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr)]

mod support;

mod damage;
mod drop;
mod expressions;
mod filter;
mod flows;
mod input;
mod ls;
mod oracle;
mod output;
mod readme;
mod show;
mod terminal;
mod tree;
mod versions;
