//! The program: arguments in, a command run, an exit code out.

mod args;
mod check;
mod choice;
mod completion;
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
mod recover;
mod report;
mod show;
mod stats;
mod streams;
mod target;

use std::process::ExitCode;

use clap::Parser as _;

use args::{Args, Command};
use report::Report;

fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => return exit::usage(&error),
    };
    let mut report = Report::default();
    let result = match args.command {
        Command::Ls(args) => ls::run(args, &mut report),
        Command::Flows(args) => flows::run(args, &mut report),
        Command::Show(args) => show::run(args, &mut report),
        Command::Filter(args) => filter::run(args, &mut report),
        Command::Drop(args) => drop::run(args, &mut report),
        Command::Encode(args) => encode::run(args, &mut report),
        Command::Stats(args) => stats::run(args, &mut report),
        Command::Check(args) => check::run(args, &mut report),
        Command::Recover(args) => recover::run(args, &mut report),
        Command::Completion(args) => completion::run(&args),
        Command::Man(args) => man::run(&args),
    };
    exit::code(result, &report)
}
