//! The figures as text, for people: plain characters, and no line wider than the terminal.

use comfy_table::{CellAlignment, presets};

use super::summary::{Close, Listed, Messages, OfKind, Summary, time};
use crate::output::units::{size, span, three_digits, width};
use crate::output::{Looks, Terminal, Tone, printable, push_cut};

/// How wide the figures are made where no terminal says it, and at most.
const USUAL_WIDTH: usize = 80;
const LARGEST_WIDTH: usize = 120;

/// In a terminal narrower than this a connection has fewer figures.
const NARROW: usize = 100;

/// The name of a file takes at most such a part of a line.
const FILE_SHARE: usize = 5;

/// Columns that a chart takes beside its bars.
const BESIDE_BARS: usize = 36;

/// Writes figures as text.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// How the text looks; in a pipe nothing is cut.
    pub looks: Looks,
}

impl Table {
    /// Appends the figures of a capture, and those of some of its connections. What a terminal could obey is escaped.
    pub fn push(&self, out: &mut Vec<u8>, summary: &Summary, listed: &[Listed]) {
        let mut lines = Vec::new();
        head(&mut lines, summary);
        types(&mut lines, &summary.messages);
        kinds(&mut lines, &summary.kinds);
        spreads(&mut lines, &summary.messages);
        largest(&mut lines, &summary.messages);
        closes(&mut lines, &summary.closes);
        self.sizes(&mut lines, summary);
        self.timeline(&mut lines, summary);
        connections(&mut lines, summary, listed, self.width());
        for (number, line) in lines.iter().enumerate() {
            // A title stands alone, or below an empty line.
            let is_title = number.checked_sub(1).is_none_or(|before| lines[before].is_empty());
            let tone = if is_title { Tone::Title } else { Tone::Plain };
            push_cut(out, line.trim_end(), self.looks, tone);
            out.push(b'\n');
        }
    }

    fn width(&self) -> Option<usize> {
        self.looks.terminal.map(|terminal| terminal.width)
    }

    fn bars(&self) -> usize {
        self.width().unwrap_or(USUAL_WIDTH).min(LARGEST_WIDTH).saturating_sub(BESIDE_BARS)
    }

    fn sizes(&self, lines: &mut Vec<String>, summary: &Summary) {
        let classes = &summary.size_classes;
        if classes.is_empty() {
            return;
        }
        section(lines, "SIZE FROM   MESSAGES");
        let most = classes.iter().map(|class| class.messages).max().unwrap_or(0);
        for class in classes {
            let bar = bar(class.messages, most, self.bars());
            lines.push(format!("{:>9}  {:>9}  {bar}", size(class.from), class.messages));
        }
    }

    /// A line for each interval; where there is none, a line that says so.
    fn timeline(&self, lines: &mut Vec<String>, summary: &Summary) {
        let chart = &summary.timeline;
        let Some(first) = chart.intervals.first() else { return };
        let most = chart.intervals.iter().map(|i| i.client_messages.max(i.server_messages)).max().unwrap_or(0);
        let bars = self.bars() / 2;
        // A title of its own: `→ CLIENT` stands over a column and a bar.
        let title = format!("PER {}", width(chart.width));
        section(lines, &format!("{title:<14}{:>9}  {:<bars$}{:>9}", "→ CLIENT", "", "← SERVER"));
        let (mut day, mut expected) = (String::new(), first.start);
        for interval in &chart.intervals {
            if interval.start > expected {
                lines.push(format!("   … {} without messages", span(interval.start.abs_diff(expected))));
            }
            expected = interval.start.saturating_add(chart.width);
            let time = time(interval.start).unwrap_or_default();
            let (date, clock) = time.split_once('T').unwrap_or((&time, ""));
            if date != day {
                lines.push(format!("{date} (UTC)"));
                day = date.to_owned();
            }
            let clock = clock.get(..12).unwrap_or(clock);
            lines.push(format!(
                "{clock:<14}{:>9}  {:<bars$}{:>9}  {}",
                interval.client_messages,
                bar(interval.client_messages, most, bars),
                interval.server_messages,
                bar(interval.server_messages, most, bars),
            ));
        }
    }
}

/// A bar as long as its share of the longest; what is there at all is seen.
fn bar(count: u64, most: u64, length: usize) -> String {
    let share = u128::from(count) * length as u128 / u128::from(most.max(1));
    "#".repeat((share as usize).max(usize::from(count > 0)))
}

fn section(lines: &mut Vec<String>, title: &str) {
    lines.push(String::new());
    lines.push(title.to_owned());
}

fn plural(count: u64, name: &str) -> String {
    format!("{count} {name}{}", if count == 1 { "" } else { "s" })
}

fn head(lines: &mut Vec<String>, summary: &Summary) {
    let messages = &summary.messages;
    lines.push(format!(
        "{}, {}, {}; {} dropped, {} injected",
        plural(summary.connections, "connection"),
        plural(messages.messages, "message"),
        plural(messages.bytes, "byte"),
        messages.dropped,
        messages.injected,
    ));
    let (Some(first), Some(last), Some(seconds)) = (messages.first, messages.last, messages.span) else { return };
    let short = |seconds: f64| {
        let time = time(micros(seconds)).unwrap_or_default();
        time.get(..23).map(|time| format!("{time}Z")).unwrap_or(time)
    };
    let rate = match (messages.messages_per_second, messages.bytes_per_second) {
        (Some(count), Some(bytes)) => format!("{} messages/s, {} bytes/s", three_digits(count), three_digits(bytes)),
        _ => String::new(),
    };
    lines.push(format!("{} to {}, {}", short(first), short(last), span(micros(seconds).unsigned_abs())));
    lines.extend(Some(rate).filter(|rate| !rate.is_empty()));
    if messages.without_time > 0 {
        lines.push(format!("{} without a time", plural(messages.without_time, "message")));
    }
}

/// Seconds of a summary are microseconds that were divided, so this gives them back.
fn micros(seconds: f64) -> i64 {
    (seconds * 1e6).round() as i64
}

/// A column of a table.
#[derive(Clone, Copy)]
enum Column {
    /// Of text.
    Left(&'static str),
    /// Of numbers.
    Right(&'static str),
}
use Column::{Left, Right};

/// Appends a table, its columns as wide as what is in them.
fn table<R>(lines: &mut Vec<String>, columns: &[Column], rows: impl IntoIterator<Item = R>)
where
    R: IntoIterator<Item = String>,
{
    let mut rows = rows.into_iter().peekable();
    if rows.peek().is_none() {
        return;
    }
    let mut table = comfy_table::Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(columns.iter().map(|(Left(title) | Right(title))| title));
    // What comes from a capture must not end a line.
    table.add_rows(rows.map(|row| row.into_iter().map(|cell| printable(&cell))));
    for (column, of) in table.column_iter_mut().zip(columns) {
        column.set_padding((0, 2));
        if let Right(_) = of {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    lines.push(String::new());
    lines.extend(table.lines());
}

fn types(lines: &mut Vec<String>, messages: &Messages) {
    let row = |from_client, kind: &str, count: u64, bytes: u64| {
        [format!("{} {kind}", arrow(from_client)), count.to_string(), bytes.to_string()]
    };
    let types = messages.types.iter().map(|of| row(of.from_client, &of.kind, of.messages, of.bytes));
    let all = [
        row(true, "all", messages.client_messages, messages.client_bytes),
        row(false, "all", messages.server_messages, messages.server_bytes),
    ];
    let all = all.into_iter().filter(|_| !messages.types.is_empty());
    table(lines, &[Left("TYPE"), Right("MESSAGES"), Right("BYTES")], types.chain(all));
}

fn kinds(lines: &mut Vec<String>, kinds: &[OfKind]) {
    let rows = kinds.iter().map(|of| [of.kind.to_string(), of.messages.to_string(), of.bytes.to_string()]);
    table(lines, &[Left("KIND"), Right("MESSAGES"), Right("BYTES")], rows);
}

fn arrow(from_client: bool) -> &'static str {
    if from_client { "→" } else { "←" }
}

fn spreads(lines: &mut Vec<String>, messages: &Messages) {
    let sizes = messages.sizes.as_ref().map(|sizes| {
        let [min, p50, p90, p99, max] = [sizes.min, sizes.p50, sizes.p90, sizes.p99, sizes.max].map(|n| n.to_string());
        ["size".to_owned(), min, p50, p90, p99, max, three_digits(sizes.mean)]
    });
    let gaps = messages.gaps.as_ref().map(|gaps| {
        let spans = [gaps.min, gaps.p50, gaps.p90, gaps.p99, gaps.max, gaps.mean];
        let [min, p50, p90, p99, max, mean] = spans.map(|seconds| span(micros(seconds).unsigned_abs()));
        ["gap".to_owned(), min, p50, p90, p99, max, mean]
    });
    let columns = [Left(""), Right("MIN"), Right("P50"), Right("P90"), Right("P99"), Right("MAX"), Right("MEAN")];
    table(lines, &columns, sizes.into_iter().chain(gaps));
    if messages.backwards > 0 {
        let times = if messages.backwards == 1 { "once" } else { "times" };
        let count = if messages.backwards == 1 { String::new() } else { format!("{} ", messages.backwards) };
        lines.push(format!("time went back {count}{times}; that counts as no gap"));
    }
}

fn largest(lines: &mut Vec<String>, messages: &Messages) {
    let rows = messages.largest.iter().map(|large| {
        let sender = format!("{} {}", arrow(large.from_client), large.kind);
        let file = large.file.clone().unwrap_or_default();
        [format!("{}:{}", large.flow, large.message), large.size.to_string(), sender, file]
    });
    table(lines, &[Left("LARGEST"), Right("BYTES"), Left(""), Left("")], rows);
}

fn closes(lines: &mut Vec<String>, closes: &[Close]) {
    let rows = closes.iter().map(|close| {
        let code = close.code.map(|code| format!("{code} ")).unwrap_or_default();
        [format!("{code}{}", close.name), close.connections.to_string()]
    });
    table(lines, &[Left("CLOSED"), Right("CONNECTIONS")], rows);
}

/// A connection on each line. A narrow terminal has room for the URL only where figures are left out.
fn connections(lines: &mut Vec<String>, summary: &Summary, listed: &[Listed], width: Option<usize>) {
    let is_wide = width.is_none_or(|width| width >= NARROW);
    let with_file = listed.iter().any(|connection| connection.file.is_some());
    let columns = [
        (Left("FLOW"), true),
        (Right("MESSAGES"), true),
        (Right("BYTES"), is_wide || !with_file),
        (Right("DURATION"), is_wide || !with_file),
        (Right("SIZE P50"), is_wide),
        (Right("SIZE P99"), is_wide),
        (Right("GAP P50"), is_wide),
        (Left("CLOSE"), true),
        (Left("FILE"), with_file),
        (Left("URL"), true),
    ];
    let rows = listed.iter().map(|connection| {
        let messages = &connection.messages;
        let duration = connection.duration.map_or("-".to_owned(), |seconds| span(micros(seconds).unsigned_abs()));
        let sizes = messages.sizes.map(|sizes| (sizes.p50.to_string(), sizes.p99.to_string()));
        let (p50, p99) = sizes.unwrap_or(("-".to_owned(), "-".to_owned()));
        let gap = messages.gaps.map_or("-".to_owned(), |gaps| span(micros(gaps.p50).unsigned_abs()));
        let by = connection.closed_by_client.map_or("", |by_client| if by_client { " client" } else { " server" });
        let close = connection.close_code.map_or("open".to_owned(), |code| format!("{code}{by}"));
        let file = cut(connection.file.as_deref().unwrap_or_default(), width.map(|width| width / FILE_SHARE));
        let url = connection.url.clone().unwrap_or("-".to_owned());
        let [flow, count, bytes] = [connection.flow, messages.messages, messages.bytes].map(|n| n.to_string());
        let cells = [flow, count, bytes, duration, p50, p99, gap, close, file, url];
        cells.into_iter().zip(columns).filter(|(_, (_, is_shown))| *is_shown).map(|(cell, _)| cell)
    });
    let shown: Vec<_> = columns.iter().filter(|(_, is_shown)| *is_shown).map(|(column, _)| *column).collect();
    table(lines, &shown, rows);
    let more = summary.connections.saturating_sub(listed.len() as u64);
    if more > 0 && !listed.is_empty() {
        lines.push(format!("and {}; --limit N lists more", plural(more, "more connection")));
    }
}

/// Printable text of at most so many columns.
fn cut(text: &str, width: Option<usize>) -> String {
    let looks = Looks { terminal: width.map(|width| Terminal { width }), color: false };
    let mut out = Vec::new();
    push_cut(&mut out, text, looks, Tone::Plain);
    String::from_utf8_lossy(&out).into_owned()
}
