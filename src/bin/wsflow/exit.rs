//! The exit code, decided in one place; the table is in the README.

use std::io;
use std::process::ExitCode;

use wsflow::edit;

use crate::report::Report;
use crate::streams::{self, STDOUT};

/// Done.
const DONE: u8 = 0;
/// Nothing matched.
const UNMATCHED: u8 = 1;
/// Usage error, input that cannot be read, output that cannot be written.
const FAILED: u8 = 2;
/// Output was produced, but a part of the input was damaged, or could not be asked what a filter asks.
const DAMAGED: u8 = 3;

/// The code of a command that ran.
pub(crate) fn code(result: anyhow::Result<()>, report: &Report) -> ExitCode {
    let code = match result {
        // Whoever read the output has seen enough, as `head` has.
        Err(error) if is_closed_pipe(&error) => DONE,
        // Arguments that only the command itself could judge.
        Err(error) if error.is::<clap::Error>() => return error.downcast_ref().map_or(FAILED.into(), usage),
        Err(error) => {
            report.say(&format!("{error:#}"));
            FAILED
        }
        Ok(()) if report.has_failed() => FAILED,
        Ok(()) if report.has_damage() || report.is_unsure() => DAMAGED,
        Ok(()) if report.has_nothing_matched() => UNMATCHED,
        Ok(()) => DONE,
    };
    ExitCode::from(code)
}

/// The code of arguments that are none, or that ask for help.
pub(crate) fn usage(error: &clap::Error) -> ExitCode {
    if error.use_stderr() {
        // It repeats arguments, which can be names of files that somebody else chose.
        error.render().to_string().lines().for_each(streams::say);
        ExitCode::from(FAILED)
    } else {
        ExitCode::from(match error.print() {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                streams::say(&format!("wsflow: {}", streams::cannot_write(STDOUT, &error)));
                FAILED
            }
            _ => DONE,
        })
    }
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let io_error = |cause: &'_ (dyn std::error::Error + 'static)| match cause.downcast_ref() {
        Some(edit::Error::Write(error)) => Some(error.kind()),
        _ => cause.downcast_ref().map(io::Error::kind),
    };
    error.chain().filter_map(io_error).any(|kind| kind == io::ErrorKind::BrokenPipe)
}
