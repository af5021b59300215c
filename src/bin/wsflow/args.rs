//! The command line as it is typed.

mod edit;
mod expression;
mod kind;
mod looks;
mod repair;
mod shell;
mod stats;

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::thread;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Parser, Subcommand, ValueEnum};
use wsflow::capture;
use wsflow::filter::Filter;
use wsflow::output::{self, Field, FindingField, FlowField, MessageField, Terminal, TimeFormat};
use wsflow::scan::{Id, Selection};

pub(crate) use edit::{DropArgs, FilterCommandArgs, What};
pub(crate) use kind::As;
pub(crate) use looks::{LooksArgs, UsualLooks, When};
pub(crate) use repair::{CheckArgs, RecoverArgs};
pub(crate) use shell::{CompletionArgs, ManArgs};
pub(crate) use stats::{StatsArgs, StatsFormat};

/// The sections of help.
const CHOICE: &str = "Which messages";
const OUTPUT: &str = "Output";
const READING: &str = "Reading";

/// List, inspect and script the WebSocket messages of mitmproxy captures.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100, after_help = EXIT_CODES, after_long_help = format!("{EXIT_CODES}{LONG_END}"))]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  nothing matched, or a fault was found by a check
  2  wrong usage, an id that names nothing, unreadable or missing input, output
     that could not be written
  3  output was produced, but a part of the input was damaged, or what was
     written lacks what a filter could not decide

Examples:
  wsflow ls dump.flow                    all messages
  wsflow show dump.flow 3                a connection, with its handshake
  wsflow filter '~b token' dump.flow     messages that have `token` in them
  wsflow ls --json dump.flow | jq -r 'select(.from_client) | .text'";

const LONG_END: &str = "

Environment:
  WSFLOW_CONFIG  a file with usual looks, an option on each line (`#` begins a
      comment): --color=WHEN, --time-format=FORMAT, --pager. They change what is
      for people (tables, `show`, `stats`), never what programs read (JSON, CSV,
      raw).
  WSFLOW_PAGER, PAGER  what --pager starts; without them it is `less -FIRX`
  NO_COLOR, CLICOLOR_FORCE, CLICOLOR, TERM=dumb  as usual, in this order, after
      --color
  MITMPROXY_CASE_SENSITIVE_FILTERS=1  filters tell upper from lower case, as in
      mitmproxy";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List messages, one line each
    #[command(after_help = LS_LEGEND, after_long_help = format!("{LS_LEGEND}\n\n{}", fields::<MessageField>()))]
    Ls(LsArgs),
    /// List WebSocket connections, one line each
    #[command(after_help = FLOWS_LEGEND, after_long_help = format!("{FLOWS_LEGEND}\n\n{}", fields::<FlowField>()))]
    Flows(FlowsArgs),
    /// Show messages or connections in full
    #[command(after_help = SHOW_LEGEND, after_long_help = format!("{SHOW_LONG_LEGEND}\n\n{}", kind::list()))]
    Show(ShowArgs),
    /// List only the messages that match, or write a capture of them
    Filter(FilterCommandArgs),
    /// Mark messages as dropped, or delete them
    Drop(DropArgs),
    /// Write captures as one capture, in the same or in another format
    #[command(visible_alias = "convert", after_help = ENCODE_LEGEND)]
    Encode(EncodeArgs),
    /// Count messages: bytes, rates, sizes, gaps, close codes
    #[command(after_help = stats::STATS_LEGEND)]
    Stats(StatsArgs),
    /// Say whether captures are sound, and what in them is odd
    #[command(
        after_help = repair::CHECK_LEGEND,
        after_long_help = format!("{}\n\n{}\n\n{}", repair::CHECK_LEGEND, repair::findings(), fields::<FindingField>())
    )]
    Check(CheckArgs),
    /// Save what is intact of a damaged capture
    #[command(after_help = repair::RECOVER_LEGEND)]
    Recover(RecoverArgs),
    /// Print what a shell needs to complete commands, options, fields and operators
    #[command(after_help = shell::COMPLETION_LEGEND)]
    Completion(CompletionArgs),
    /// Print manual pages
    #[command(after_help = shell::MAN_LEGEND)]
    Man(ManArgs),
}

impl Command {
    /// Takes in what is usual for the user, and the terminal that stdout is. What is usual is asked for only where it
    /// makes a difference.
    pub(crate) fn settle(
        &mut self,
        usual: impl FnOnce() -> anyhow::Result<UsualLooks>,
        terminal: Option<Terminal>,
    ) -> anyhow::Result<()> {
        let (looks, time_format) = match self {
            Command::Ls(LsArgs { output, .. })
            | Command::Flows(FlowsArgs { output, .. })
            | Command::Filter(FilterCommandArgs { output, .. })
            | Command::Check(CheckArgs { output, .. }) => {
                let is_table = output.format() == output::Format::Table;
                (&mut output.looks, is_table.then_some(&mut output.time_format))
            }
            Command::Show(ShowArgs { looks, time_format, json, .. }) => (looks, (!*json).then_some(time_format)),
            Command::Stats(StatsArgs { looks, .. }) => (looks, None),
            _ => return Ok(()),
        };
        let usual = usual()?;
        looks.settle(&usual, terminal);
        if let Some(time_format) = time_format {
            *time_format = time_format.or(usual.time_format);
        }
        Ok(())
    }

    /// Whether it lists something, and a pager is wanted for that. What is followed would never get to its end.
    pub(crate) fn is_paged(&self) -> bool {
        match self {
            Command::Ls(args) => args.output.looks.is_paged() && !args.follow,
            Command::Filter(args) => args.output.looks.is_paged() && args.out.is_none(),
            Command::Flows(FlowsArgs { output, .. }) | Command::Check(CheckArgs { output, .. }) => {
                output.looks.is_paged()
            }
            Command::Show(ShowArgs { looks, .. }) | Command::Stats(StatsArgs { looks, .. }) => looks.is_paged(),
            _ => false,
        }
    }
}

/// The list of fields, as help shows it.
fn fields<F: Field>() -> String {
    let lines = F::ALL.iter().map(|info| format!("\n  {:<17} {}", info.name, info.help));
    format!("Fields:{}", lines.collect::<String>())
}

const FLOWS_LEGEND: &str = "\
A line has the flow's position in the file (counted from 0), when it began, the
HTTP status, the number of messages, their bytes, how the connection closed
(code and who closed it), and the URL. A terminal of less than 100 columns has
neither dates, bytes nor the status; with --all it has the status and no times.
The lines of several files stand below the name of each there. Colours repeat
what is written: red is a close code that tells of trouble (those from 3000 to
4999 are the application's own and do not), or a status of 400 and more; yellow
is a connection that was open.

Examples:
  wsflow flows dump.flow
  wsflow flows -f '~closed 1006' dump.flow      connections that broke off
  wsflow flows --json dump.flow | jq -r 'select(.close_code > 1001) | .url'
`--help` lists all fields.";

const LS_LEGEND: &str = "\
A line has the message's id (FLOW:MESSAGE, both counted from 0), its time, its
direction, its opcode, its size in bytes, its flags and its content: text as
text, other content in hexadecimal, after what it was found to be. In a terminal
the lines of several files stand below the name of each, and in one of less than
100 columns times have no date. Colours repeat what symbols and words say:
  →  from the client (green)             D  dropped: not forwarded (red; the
  ←  from the server (cyan)                 content is struck)
  binary (yellow)                        I  injected: sent by neither peer
  ping, pong, other opcodes (blue)          (magenta)

Examples:
  wsflow ls dump.flow
  wsflow ls --id 3:10-20 dump.flow              some messages of a connection
  wsflow ls -f '~client & ~b token' dump.flow   what clients sent with `token`
  wsflow ls --json dump.flow | jq -r 'select(.from_client) | .text'
`--help` lists all fields.";

#[derive(Debug, clap::Args)]
pub(crate) struct LsArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(flatten)]
    pub(crate) filter: FilterArgs,
    #[command(flatten)]
    pub(crate) ids: IdArgs,
    /// Print only the number of messages
    #[arg(short, long, help_heading = OUTPUT)]
    pub(crate) count: bool,
    /// Add the payload as `json`: itself where it is valid JSON, decoded where its kind has that shape; the table has it
    /// in the place of the content
    #[arg(long, help_heading = OUTPUT)]
    pub(crate) parse: bool,
    /// Go on with what is appended to FILE, until Ctrl-C; mitmproxy appends a connection when it closes
    #[arg(short = 'F', long, help_heading = READING)]
    pub(crate) follow: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct FlowsArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(flatten)]
    pub(crate) filter: FilterArgs,
    /// Every flow, not only WebSocket connections
    #[arg(short, long, help_heading = CHOICE)]
    pub(crate) all: bool,
    /// Print only the number of flows
    #[arg(short, long, help_heading = OUTPUT)]
    pub(crate) count: bool,
}

macro_rules! show_legend {
    () => {
        "\
Of a connection: its handshake, peers, TLS, times, how it closed (code, its name
in RFC 6455 section 7.4, by whom, reason), then its messages. What the capture
does not say is left out.
Nothing is masked: credentials in headers (Authorization, Cookie) and in the URL
(?token=…) are shown as they are. Look before you paste.
Colours repeat what is written, as in `wsflow ls`: → green, ← cyan, binary
yellow, dropped red, injected magenta; a close code that tells of trouble is
red.

What a content is, is guessed from its bytes, the subprotocol and path of its
connection, and the connection's first message; `kind` says it, and why. It is
shown decoded: JSON with a value on each line, text as text, anything else as a
hex dump. --as KIND says what it is; `--as hex` and --raw show the bytes."
    };
}

const SHOW_LEGEND: &str = concat!(
    show_legend!(),
    "

Examples:
  wsflow show dump.flow 3               a connection, with all its messages
  wsflow show dump.flow 3:17,3:20-25    some messages
  wsflow show --raw dump.flow 3:17 > content
  wsflow show --proto chat.proto --message chat.v1.Envelope dump.flow 3:17
`--help` explains the JSON, and lists all kinds."
);

const SHOW_LONG_LEGEND: &str = concat!(
    show_legend!(),
    r#"

JSON: a message is what `wsflow ls --json` prints; with --as or --proto it has
`json` too, what it is decoded to, if it is of that kind and that has the shape
of JSON. A connection, null where the capture does not say:
  {"scope":"connection","flow":3,"flow_id":"…","type":"http","version":21,
   "url":"wss://…","client":{"address":"HOST:PORT","tls":null},
   "server":{"address":"HOST:PORT","ip_address":"IP:PORT",
     "tls":{"version":"TLSv1.3","cipher":"…","sni":"…","alpn":"…",
            "certificates":["CN=…"]}},
   "request":{"method":"GET","path":"/","http_version":"HTTP/1.1",
     "headers":[["Host","…"],…]},
   "response":{"status":101,"reason":"…","http_version":"HTTP/1.1",
     "headers":[…]},
   "subprotocol":"…","extensions":"…","timestamp_start":…,
   "timestamp_response":…,"timestamp_end":…,"duration":…,
   "closed_by_client":true,"close_code":1000,"close_name":"normal closure",
   "close_reason":"…","error":null,"marked":"","comment":""}
Timestamps are in seconds since 1970-01-01 UTC, the duration in seconds;
certificates are subjects as RFC 4514 writes them, the peer's own first.

Examples:
  wsflow show dump.flow 3               a connection, with all its messages
  wsflow show dump.flow 3:17,3:20-25    some messages
  wsflow show --raw dump.flow 3:17 > content
  wsflow show --json dump.flow | jq 'select(.scope) | .server.tls.version'"#
);

#[derive(Debug, clap::Args)]
pub(crate) struct ShowArgs {
    /// The capture; - is stdin
    pub(crate) file: PathBuf,
    /// What to show: 3 (a connection), 3:17 (a message), 3:10-20; everything when left out
    #[arg(value_name = "ID", value_delimiter = ',')]
    pub(crate) ids: Vec<Id>,
    #[command(flatten)]
    pub(crate) filter: FilterArgs,
    /// Write only the contents, one after the other, exactly as they are (on a terminal, escaped)
    #[arg(long, help_heading = OUTPUT)]
    pub(crate) raw: bool,
    /// One JSON object per line: of each connection, and of each message as `ls --json` has it
    #[arg(long, conflicts_with = "raw", help_heading = OUTPUT)]
    pub(crate) json: bool,
    /// Take contents for this kind, instead of guessing it; raw is --raw
    #[arg(long = "as", value_name = "KIND", value_parser = kind::parser(), conflicts_with = "raw", help_heading = OUTPUT)]
    pub(crate) kind: Option<As>,
    /// Take contents for Protocol Buffers of this schema: a .proto file or a set of descriptors
    #[arg(long, value_name = "FILE", requires = "message", conflicts_with_all = ["kind", "raw"], help_heading = OUTPUT)]
    pub(crate) proto: Option<PathBuf>,
    /// Look for what the schema imports in this folder first; may come several times
    #[arg(long, value_name = "DIR", requires = "proto", help_heading = OUTPUT)]
    pub(crate) proto_path: Vec<PathBuf>,
    /// The message of the schema, such as chat.v1.Envelope
    #[arg(long, value_name = "NAME", requires = "proto", help_heading = OUTPUT)]
    pub(crate) message: Option<String>,
    /// How times are written, in UTC [default: rfc3339]
    #[arg(long, value_enum, value_name = "FORMAT", help_heading = OUTPUT)]
    pub(crate) time_format: Option<Time>,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
    #[command(flatten)]
    pub(crate) looks: LooksArgs,
}

const ENCODE_LEGEND: &str = "\
Formats, and the endings of names that mean them:
  flow     .flow .mitm .dump   mitmproxy's flow file, in the newest version;
                               what comes from MessagePack keeps its version
  msgpack  .msgpack .mpk       the same state in MessagePack, in the version
                               that it has: there and back are the same bytes
  har      .har                HTTP and WebSocket flows, as mitmproxy and
                               browsers write them
  ndjson   .ndjson .jsonl      messages, as `wsflow ls --json` prints them
  csv      .csv                messages, for spreadsheets; written, not read
Several inputs are merged in order. OUT is not written when one of them cannot
be read.

Examples:
  wsflow encode dump.flow -o dump.har
  wsflow encode browser.har -o browser.flow     for mitmproxy
  wsflow encode monday.flow tuesday.flow -o both.flow";

#[derive(Debug, clap::Args)]
pub(crate) struct EncodeArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    /// The file to write; - is stdout
    #[arg(short, long, value_name = "OUT")]
    pub(crate) output: PathBuf,
    /// The format to write, instead of the one that OUT's ending means
    #[arg(long, value_name = "FORMAT", value_parser = capture_format(capture::Format::ALL))]
    pub(crate) to: Option<capture::Format>,
    #[command(flatten)]
    pub(crate) filter: FilterArgs,
    /// Replace OUT if it exists
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct InputArgs {
    /// Captures to read, in order; - is stdin, and so is no FILE
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
}

/// How captures are read.
#[derive(Debug, clap::Args)]
pub(crate) struct ReadingArgs {
    /// The format of the input, instead of finding it from the first bytes
    #[arg(long, value_name = "FORMAT", value_parser = capture_format(capture::Format::READABLE), help_heading = READING)]
    pub(crate) input_format: Option<capture::Format>,
    /// Read files instead of mapping them into memory (for a file that may be shortened meanwhile)
    #[arg(long, help_heading = READING)]
    pub(crate) no_mmap: bool,
    /// Threads to work with; by default one for each core
    #[arg(long, value_name = "N", value_parser = at_least_one, help_heading = READING)]
    pub(crate) threads: Option<NonZeroUsize>,
}

impl ReadingArgs {
    pub(crate) fn threads(&self) -> usize {
        self.threads.map_or_else(|| thread::available_parallelism().map_or(1, usize::from), usize::from)
    }
}

#[derive(Debug, Default, clap::Args)]
pub(crate) struct FilterArgs {
    /// Only what matches, such as ~client & ~b token; `wsflow help filter` explains the language
    #[arg(short, long, value_name = "EXPR", value_parser = expression::Parser, help_heading = CHOICE)]
    pub(crate) filter: Option<Filter>,
}

#[derive(Debug, Default, clap::Args)]
pub(crate) struct IdArgs {
    /// Only these messages, by position: 3 (a connection), 3:17, 3:10-20; may be given several times
    #[arg(long = "id", value_name = "ID,ID…", help_heading = CHOICE)]
    ids: Vec<Selection>,
}

impl IdArgs {
    /// All of them, if any were given.
    pub(crate) fn selection(&self) -> Option<Selection> {
        let ids: Vec<_> = self.ids.iter().flat_map(Selection::ids).cloned().collect();
        (!ids.is_empty()).then(|| Selection::new(ids))
    }
}

#[derive(Debug, clap::Args)]
pub(crate) struct OutputArgs {
    /// The format of the output
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT", help_heading = OUTPUT)]
    pub(crate) format: Format,
    /// Short for --format ndjson
    #[arg(long, conflicts_with = "format", help_heading = OUTPUT)]
    pub(crate) json: bool,
    /// The fields to print, in this order; the list is below
    #[arg(long, value_name = "NAME,NAME…", help_heading = OUTPUT)]
    pub(crate) fields: Option<String>,
    /// How times are written, in UTC [default: rfc3339]
    #[arg(long, value_enum, value_name = "FORMAT", help_heading = OUTPUT)]
    pub(crate) time_format: Option<Time>,
    /// Stop after this many rows
    #[arg(long, value_name = "N", help_heading = OUTPUT)]
    pub(crate) limit: Option<u64>,
    /// What follows each row of --format raw, instead of a newline
    #[arg(long, value_name = "TEXT", help_heading = OUTPUT)]
    pub(crate) separator: Option<String>,
    /// A NUL follows each row of --format raw
    #[arg(short = '0', long = "null", conflicts_with = "separator", help_heading = OUTPUT)]
    pub(crate) null: bool,
    #[command(flatten)]
    pub(crate) looks: LooksArgs,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(crate) enum Format {
    /// Columns, for people
    #[default]
    Table,
    /// One JSON object per line
    Ndjson,
    /// One JSON array
    Json,
    /// CSV, with a line of names
    Csv,
    /// The contents alone
    Raw,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(crate) enum Time {
    /// 2023-08-29T13:04:00.794808Z
    #[default]
    Rfc3339,
    /// Seconds since 1970-01-01
    Unix,
    /// Seconds since the connection's first message
    Relative,
}

impl From<Time> for TimeFormat {
    fn from(time: Time) -> TimeFormat {
        match time {
            Time::Rfc3339 => TimeFormat::Rfc3339,
            Time::Unix => TimeFormat::Unix,
            Time::Relative => TimeFormat::Relative,
        }
    }
}

impl OutputArgs {
    pub(crate) fn format(&self) -> output::Format {
        match self.format {
            _ if self.json => output::Format::Ndjson,
            Format::Table => output::Format::Table,
            Format::Ndjson => output::Format::Ndjson,
            Format::Json => output::Format::Json,
            Format::Csv => output::Format::Csv,
            Format::Raw => output::Format::Raw,
        }
    }

    pub(crate) fn separator(&self) -> Vec<u8> {
        match &self.separator {
            Some(separator) => separator.clone().into_bytes(),
            None if self.null => vec![0],
            None => vec![b'\n'],
        }
    }
}

fn at_least_one(number: &str) -> Result<NonZeroUsize, &'static str> {
    number.parse().map_err(|_| "expected a number, 1 or more")
}

/// Reads the name of one of these formats, which help and completion list.
fn capture_format(
    formats: impl IntoIterator<Item = capture::Format>,
) -> impl TypedValueParser<Value = capture::Format> {
    PossibleValuesParser::new(formats.into_iter().map(capture::Format::name))
        .try_map(|name| capture::Format::from_name(&name).ok_or("no such format"))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;
    use unicode_width::UnicodeWidthStr as _;

    use super::Args;

    #[test]
    fn what_stands_below_the_options_fits_a_terminal_of_80_columns() {
        let program = Args::command();
        for command in std::iter::once(&program).chain(program.get_subcommands()) {
            let end = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(end.contains("Example"), "{} has no example", command.get_name());
            for line in end.lines() {
                assert!(line.width() <= 80, "{}: {line}", command.get_name());
            }
        }
    }
}
