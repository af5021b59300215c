//! The exit code, decided in one place; the table is in the README.

use std::io;
use std::path::Path;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use wsflow::edit;

use crate::report::{Report, shell_word};
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
        Err(error) if error.is::<clap::Error>() => return error.downcast().map_or(FAILED.into(), usage),
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
pub(crate) fn usage(mut error: clap::Error) -> ExitCode {
    if error.use_stderr() {
        // To write `-- --id` is no help for who looks for an option.
        if let Some(ContextValue::StyledStrs(mut tips)) = error.remove(ContextKind::Suggested) {
            tips.retain(|tip| !tip.to_string().contains("as a value"));
            error.insert(ContextKind::Suggested, ContextValue::StyledStrs(tips));
        }
        // It repeats arguments, which can be names of files that somebody else chose.
        error.render().to_string().lines().for_each(streams::say);
        // Who forgets the command has typed a file in its place.
        if let (ErrorKind::InvalidSubcommand, Some(ContextValue::String(word))) =
            (error.kind(), error.get(ContextKind::InvalidSubcommand))
            && Path::new(word).is_file()
        {
            streams::say("");
            streams::say(&format!("`{word}` is a file; try: wsflow ls {}", shell_word(word)));
        }
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
