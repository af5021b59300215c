//! The command line of the commands that write captures: drop and filter.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::error::ErrorKind;
use clap::{ArgGroup, CommandFactory as _};
use wsflow::filter::{self, Filter};
use wsflow::scan::Selection;

use super::{Args, CHOICE, IdArgs, OUTPUT, OutputArgs, ReadingArgs, expression};

/// The commands, by name.
const DROP: &str = "drop";
const FILTER: &str = "filter";

#[derive(Debug, clap::Args)]
#[command(
    override_usage = "wsflow drop [OPTIONS] <EXPR> <FILE>\n       wsflow drop [OPTIONS] --id <ID,ID…> <FILE>",
    after_help = "Without --delete a message stays in the capture, marked as not forwarded to the\n\
        other peer. Every byte that has nothing to do with a named message is the same\n\
        as before. --in-place refuses a file that a program has open for writing, as\n\
        mitmdump -w has it: what came later would be lost. (On Linux that is looked up\n\
        among the processes that this user may see.)\n\n\
        Examples:\n  \
          wsflow drop -n '~b heartbeat' dump.flow       what would change?\n  \
          wsflow drop '~b heartbeat' dump.flow -o quiet.flow\n  \
          wsflow drop --undo --id 3:17 --in-place dump.flow",
    group = ArgGroup::new("destination").args(["out", "in_place", "dry_run"]).multiple(true).required(true),
)]
pub(crate) struct DropArgs {
    /// Which messages, in the filter language: ~client & ~b token; `wsflow help filter` explains it
    #[arg(value_name = "EXPR")]
    expression: Option<OsString>,
    /// The capture, a flow file; - is stdin
    #[arg(value_name = "FILE")]
    file: Option<OsString>,
    #[command(flatten)]
    ids: IdArgs,
    /// Take the messages out, instead of marking them
    #[arg(long, conflicts_with = "undo")]
    pub(crate) delete: bool,
    /// Clear the mark, instead of setting it
    #[arg(long)]
    pub(crate) undo: bool,
    /// Where to write the changed capture; - is stdout
    #[arg(short, long = "output", value_name = "OUT", conflicts_with = "in_place")]
    pub(crate) out: Option<PathBuf>,
    /// Replace FILE by the changed capture
    #[arg(long)]
    pub(crate) in_place: bool,
    /// Keep the old FILE of --in-place under its name with SUFFIX behind it
    #[arg(long, value_name = "SUFFIX", requires = "in_place", conflicts_with = "out")]
    pub(crate) backup: Option<OsString>,
    /// Say what would change, and change nothing
    #[arg(short = 'n', long)]
    pub(crate) dry_run: bool,
    /// Replace OUT if it exists, or an existing backup; write FILE in place though it is damaged
    #[arg(long)]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
}

/// The section of help about what is written.
const CAPTURE: &str = "A capture of what matches";

const FILTER_LEGEND: &str = "\
Without -o the messages are listed as ls lists them. The exit code is 1 when
nothing matched; then OUT is not written, and one that is there stays as it is.
Nor is it when one of the inputs cannot be read.

Examples:
  wsflow filter '~client & ~b token' dump.flow
  wsflow filter '~d example.com' dump.flow -o small.flow
  wsflow filter -v '~b heartbeat' dump.flow -o quiet.flow --keep-others
`--help` explains the language.";

#[derive(Debug, clap::Args)]
#[command(
    override_usage = "wsflow filter [OPTIONS] <EXPR> [FILE]...\n       wsflow filter [OPTIONS] --id <ID,ID…> [FILE]...",
    after_help = FILTER_LEGEND,
    after_long_help = format!("{FILTER_LEGEND}\n\n{}", filter::help())
)]
pub(crate) struct FilterCommandArgs {
    /// Which messages, in the filter language: ~client & ~b token
    #[arg(value_name = "EXPR")]
    expression: Option<OsString>,
    /// Captures to read, in order; - is stdin, and so is no FILE
    #[arg(value_name = "FILE")]
    files: Vec<OsString>,
    #[command(flatten)]
    ids: IdArgs,
    /// What does not match: the other messages, or with --flows the other connections
    #[arg(short = 'v', long, help_heading = CHOICE)]
    pub(crate) invert_match: bool,
    /// Write a capture of what matches, instead of listing it; - is stdout
    #[arg(short, long = "output", value_name = "OUT", conflicts_with_all = LISTING, help_heading = CAPTURE)]
    pub(crate) out: Option<PathBuf>,
    /// Keep whole connections of which a message matches
    #[arg(long, requires = "out", help_heading = CAPTURE)]
    pub(crate) flows: bool,
    /// Keep the flows that are no WebSocket connections
    #[arg(long, requires = "out", help_heading = CAPTURE)]
    pub(crate) keep_others: bool,
    /// Replace OUT if it exists
    #[arg(long, requires = "out", help_heading = CAPTURE)]
    pub(crate) force: bool,
    /// Print only the number of messages
    #[arg(short, long, help_heading = OUTPUT)]
    pub(crate) count: bool,
    /// Add the payload as `json`: itself where it is valid JSON, decoded where its kind has that shape
    #[arg(long, help_heading = OUTPUT)]
    pub(crate) parse: bool,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
}

/// The options of a listing, which have no meaning for a capture.
const LISTING: [&str; 9] = ["count", "parse", "format", "json", "fields", "time_format", "limit", "separator", "null"];

/// What was asked for: messages that match, or messages by position.
#[derive(Debug)]
pub(crate) enum What {
    /// Those that match.
    Filter(Filter),
    /// Those at these positions.
    Ids(Selection),
}

impl DropArgs {
    /// Which messages, and the file that they are in.
    pub(crate) fn operands(&mut self) -> anyhow::Result<(What, PathBuf)> {
        if let (Some(only), None, None) = (&self.expression, &self.file, self.ids.selection()) {
            // One operand is an expression by its place; what was forgotten is told by what it is.
            let missing = match Path::new(only).is_file() {
                true => format!("EXPR is missing: which messages of `{}`? `~all` is all of them", only.display()),
                false => "FILE is missing".to_owned(),
            };
            return Err(usage(DROP, ErrorKind::MissingRequiredArgument, &missing));
        }
        let files = self.file.take().into_iter().collect();
        let (what, files) = operands(DROP, self.expression.take(), self.ids.selection(), files)?;
        match <[PathBuf; 1]>::try_from(files) {
            Ok([file]) => Ok((what, file)),
            Err(files) if files.is_empty() => Err(usage(DROP, ErrorKind::MissingRequiredArgument, "FILE is missing")),
            Err(_) => Err(usage(DROP, ErrorKind::ArgumentConflict, "either EXPR or --id can be given, and one FILE")),
        }
    }
}

impl FilterCommandArgs {
    /// Which messages, and the files that they are in.
    pub(crate) fn operands(&mut self) -> anyhow::Result<(What, Vec<PathBuf>)> {
        operands(FILTER, self.expression.take(), self.ids.selection(), std::mem::take(&mut self.files))
    }
}

/// With --id all operands are files; otherwise the first is an expression.
fn operands(
    command: &str,
    first: Option<OsString>,
    id: Option<Selection>,
    files: Vec<OsString>,
) -> anyhow::Result<(What, Vec<PathBuf>)> {
    let paths = |files: Vec<OsString>| files.into_iter().map(PathBuf::from);
    match (first, id) {
        (first, Some(id)) => Ok((What::Ids(id), paths(first.into_iter().collect()).chain(paths(files)).collect())),
        (Some(expression), None) => Ok((What::Filter(expression::parse(&expression)?), paths(files).collect())),
        (None, None) => {
            Err(usage(command, ErrorKind::MissingRequiredArgument, "EXPR is missing, and so is --id in its place"))
        }
    }
}

fn usage(command: &str, kind: ErrorKind, message: &str) -> anyhow::Error {
    let mut args = Args::command();
    args.build();
    let error = args.find_subcommand_mut(command).map(|command| command.error(kind, message));
    error.unwrap_or_else(|| args.error(kind, message)).into()
}
