//! Arguments of the commands that judge captures and save what is intact.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use wsflow::check::Kind;

use super::{InputArgs, OutputArgs, ReadingArgs};

/// What `wsflow check --help` says of findings.
pub(crate) fn findings() -> String {
    let lines =
        Kind::ALL.iter().map(|info| format!("\n  {:<5}  {:<23}  {}", info.severity.name(), info.name, info.meaning));
    format!("Findings:{}", lines.collect::<String>())
}

pub(crate) const CHECK_LEGEND: &str = "\
A fault makes the exit code 1, a note does not. A terminal of less than 140
columns has the path and the detail of a finding below it. `--help` lists all
findings.

Example: wsflow check --deny text-not-utf8 dump.flow";

pub(crate) const RECOVER_LEGEND: &str = "\
A flow is intact when `wsflow check` finds no fault in it, and is copied byte
for byte. A last flow that is cut off is built anew from its whole messages;
`recovered` in its metadata says so. The exit code is 3 if anything was lost.

Example: wsflow recover dump.flow -o saved.flow";

#[derive(Debug, clap::Args)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    /// Take findings of this name for faults
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = kind(), hide_possible_values = true)]
    pub(crate) deny: Vec<Kind>,
    /// Say nothing of findings of this name
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = kind(), hide_possible_values = true)]
    pub(crate) allow: Vec<Kind>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct RecoverArgs {
    /// The damaged capture; - is stdin
    pub(crate) file: PathBuf,
    /// The file to write; - is stdout
    #[arg(short, long, value_name = "OUT")]
    pub(crate) output: PathBuf,
    /// Leave out a last flow that is cut off, instead of building it anew from its whole messages
    #[arg(long)]
    pub(crate) whole_only: bool,
    /// Keep flows too that can be read and hold a value that `wsflow check` finds faulty, such as a close code
    #[arg(long)]
    pub(crate) keep_faulty: bool,
    /// Replace OUT if it exists
    #[arg(long)]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
}

fn kind() -> impl TypedValueParser<Value = Kind> {
    let names = Kind::ALL.iter().map(|info| info.name);
    PossibleValuesParser::new(names).try_map(|name| Kind::from_name(&name).ok_or("no such finding"))
}
