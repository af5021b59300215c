//! The tests of the whole program, in one binary; a file per subject.

mod support;

mod flows;
mod input;
mod ls;
mod oracle;
mod output;
mod readme;
mod show;
