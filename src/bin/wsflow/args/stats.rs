//! The arguments of `wsflow stats`.

use clap::ValueEnum;

use super::{FilterArgs, IdArgs, InputArgs, LooksArgs, OUTPUT};

pub(crate) const STATS_LEGEND: &str = "\
Sizes are bytes of content. A gap is the time between two messages of a
connection that follow on each other; where time goes back there is none, and a
message without a time is passed over. Rates are per second between the earliest
and the latest message. Of up to 256 values percentiles are exact, of more they
are at most a thousandth too large; all else is exact. With --filter or --id
only the messages that are chosen are there, and the gaps between those.

The table lists the 10 connections with the most messages; JSON has all, in file
order. In JSON times and spans are in seconds. ndjson has a line for each
connection (\"scope\":\"connection\") and then one for the capture
(\"scope\":\"capture\"); json is one object: {\"connections\":[…],\"capture\":{…}}.
Several files are counted together as one capture.

Examples:
  wsflow stats dump.flow
  wsflow stats -f '~server' dump.flow           only what the servers sent
  wsflow stats --json dump.flow | jq -c 'select(.gaps.p99? > 1) | .url'";

#[derive(Debug, clap::Args)]
pub(crate) struct StatsArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    #[command(flatten)]
    pub(crate) filter: FilterArgs,
    #[command(flatten)]
    pub(crate) ids: IdArgs,
    /// The format of the output
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT", help_heading = OUTPUT)]
    format: StatsFormat,
    /// Short for --format ndjson
    #[arg(long, conflicts_with = "format", help_heading = OUTPUT)]
    json: bool,
    /// Only the N connections with the most messages
    #[arg(long, value_name = "N", help_heading = OUTPUT)]
    pub(crate) limit: Option<usize>,
    /// Count the kinds of contents too, such as json or mqtt; contents are decoded for it, which takes longer
    #[arg(long, help_heading = OUTPUT)]
    pub(crate) kinds: bool,
    #[command(flatten)]
    pub(crate) looks: LooksArgs,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum StatsFormat {
    /// Tables and charts, for people
    #[default]
    Table,
    /// One JSON object per line
    Ndjson,
    /// One JSON object
    Json,
}

impl StatsArgs {
    pub(crate) fn format(&self) -> StatsFormat {
        if self.json { StatsFormat::Ndjson } else { self.format }
    }
}
