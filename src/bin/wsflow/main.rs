//! The program: arguments in, a command run, an exit code out.

mod args;
mod check;
mod choice;
mod color;
mod completion;
mod config;
mod drop;
mod editing;
mod encode;
mod exit;
mod filter;
mod flows;
mod follow;
mod hint;
mod ids;
mod input;
mod listing;
mod ls;
mod man;
mod pager;
mod progress;
mod recover;
mod report;
mod show;
mod stats;
mod streams;
mod target;

use std::process::ExitCode;

use clap::Parser as _;

use args::{Args, Command};
use pager::Pager;
use report::Report;

fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => return exit::usage(error),
    };
    let mut report = Report::default();
    let result = run(args.command, &mut report);
    exit::code(result, &report)
}

/// Runs a command, with what is usual for the user and through a pager if one is wanted.
fn run(mut command: Command, report: &mut Report) -> anyhow::Result<()> {
    command.settle(config::read, streams::terminal())?;
    let pager = command.is_paged().then(Pager::begin).transpose()?;
    let result = dispatch(command, report);
    // What is said of the result comes after the pager was left.
    drop(pager);
    result
}

fn dispatch(command: Command, report: &mut Report) -> anyhow::Result<()> {
    match command {
        Command::Ls(args) => ls::run(args, report),
        Command::Flows(args) => flows::run(args, report),
        Command::Show(args) => show::run(args, report),
        Command::Filter(args) => filter::run(args, report),
        Command::Drop(args) => drop::run(args, report),
        Command::Encode(args) => encode::run(args, report),
        Command::Stats(args) => stats::run(args, report),
        Command::Check(args) => check::run(args, report),
        Command::Recover(args) => recover::run(args, report),
        Command::Completion(args) => completion::run(&args),
        Command::Man(args) => man::run(&args),
    }
}
