//! The figures as text, for people: plain characters, and no line wider than the terminal.

use super::summary::{Close, Listed, Messages, OfKind, Summary, time};
use crate::output::units::{size, span, three_digits, width};
use crate::output::{Looks, Tone, push_cut};

/// How wide the figures are made where no terminal says it, and at most.
const USUAL_WIDTH: usize = 80;
const LARGEST_WIDTH: usize = 120;

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
        connections(&mut lines, summary, listed);
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
        (Some(count), Some(bytes)) => format!("; {} messages/s, {} bytes/s", three_digits(count), three_digits(bytes)),
        _ => String::new(),
    };
    lines.push(format!("{} to {}, {}{rate}", short(first), short(last), span(micros(seconds).unsigned_abs())));
    if messages.without_time > 0 {
        lines.push(format!("{} without a time", plural(messages.without_time, "message")));
    }
}

/// Seconds of a summary are microseconds that were divided, so this gives them back.
fn micros(seconds: f64) -> i64 {
    (seconds * 1e6).round() as i64
}

fn types(lines: &mut Vec<String>, messages: &Messages) {
    if messages.types.is_empty() {
        return;
    }
    section(lines, &format!("{:<16}{:>10}{:>14}", "TYPE", "MESSAGES", "BYTES"));
    for of in &messages.types {
        let name = format!("{} {}", arrow(of.from_client), of.kind);
        lines.push(format!("{name:<16}{:>10}{:>14}", of.messages, of.bytes));
    }
    for (from_client, count, bytes) in [
        (true, messages.client_messages, messages.client_bytes),
        (false, messages.server_messages, messages.server_bytes),
    ] {
        let name = format!("{} all", arrow(from_client));
        lines.push(format!("{name:<16}{count:>10}{bytes:>14}"));
    }
}

fn kinds(lines: &mut Vec<String>, kinds: &[OfKind]) {
    if kinds.is_empty() {
        return;
    }
    section(lines, &format!("{:<16}{:>10}{:>14}", "KIND", "MESSAGES", "BYTES"));
    lines.extend(kinds.iter().map(|of| format!("{:<16}{:>10}{:>14}", of.kind, of.messages, of.bytes)));
}

fn arrow(from_client: bool) -> &'static str {
    if from_client { "→" } else { "←" }
}

fn spreads(lines: &mut Vec<String>, messages: &Messages) {
    let row = |name: &str, cells: [String; 6]| {
        cells.iter().fold(format!("{name:<8}"), |line, cell| format!("{line} {cell:>11}"))
    };
    if messages.sizes.is_none() {
        return;
    }
    section(lines, &row("", ["MIN", "P50", "P90", "P99", "MAX", "MEAN"].map(str::to_owned)));
    if let Some(sizes) = &messages.sizes {
        let [min, p50, p90, p99, max] = [sizes.min, sizes.p50, sizes.p90, sizes.p99, sizes.max].map(|n| n.to_string());
        lines.push(row("size", [min, p50, p90, p99, max, three_digits(sizes.mean)]));
    }
    if let Some(gaps) = &messages.gaps {
        let cells = [gaps.min, gaps.p50, gaps.p90, gaps.p99, gaps.max, gaps.mean];
        lines.push(row("gap", cells.map(|seconds| span(micros(seconds).unsigned_abs()))));
    }
    if messages.backwards > 0 {
        let times = if messages.backwards == 1 { "once" } else { "times" };
        let count = if messages.backwards == 1 { String::new() } else { format!("{} ", messages.backwards) };
        lines.push(format!("time went back {count}{times}; that counts as no gap"));
    }
}

fn largest(lines: &mut Vec<String>, messages: &Messages) {
    if messages.largest.is_empty() {
        return;
    }
    section(lines, &format!("{:<14}{:>10}", "LARGEST", "BYTES"));
    for large in &messages.largest {
        let id = format!("{}:{}", large.flow, large.message);
        let file = large.file.as_deref().unwrap_or_default();
        lines.push(format!("{id:<14}{:>10}  {} {:<8}{file}", large.size, arrow(large.from_client), large.kind));
    }
}

fn closes(lines: &mut Vec<String>, closes: &[Close]) {
    if closes.is_empty() {
        return;
    }
    section(lines, &format!("{:<36}{:>11}", "CLOSED", "CONNECTIONS"));
    for close in closes {
        let code = close.code.map(|code| format!("{code} ")).unwrap_or_default();
        lines.push(format!("{:<36}{:>11}", format!("{code}{}", close.name), close.connections));
    }
}

fn connections(lines: &mut Vec<String>, summary: &Summary, listed: &[Listed]) {
    if listed.is_empty() {
        return;
    }
    let more = summary.connections.saturating_sub(listed.len() as u64);
    section(lines, "FLOW   MESSAGES      BYTES    DURATION  SIZE P50   SIZE P99     GAP P50  CLOSE        URL");
    for connection in listed {
        let messages = &connection.messages;
        let duration = connection.duration.map_or("-".to_owned(), |seconds| span(micros(seconds).unsigned_abs()));
        let sizes = messages.sizes.map(|sizes| (sizes.p50.to_string(), sizes.p99.to_string()));
        let (p50, p99) = sizes.unwrap_or(("-".to_owned(), "-".to_owned()));
        let gap = messages.gaps.map_or("-".to_owned(), |gaps| span(micros(gaps.p50).unsigned_abs()));
        let by = connection.closed_by_client.map_or("", |by_client| if by_client { " client" } else { " server" });
        let close = connection.close_code.map_or("open".to_owned(), |code| format!("{code}{by}"));
        let file = connection.file.as_ref().map(|file| format!("{file}  ")).unwrap_or_default();
        let url = connection.url.as_deref().unwrap_or("-");
        lines.push(format!(
            "{:<5}{:>10} {:>10} {duration:>11} {p50:>9} {p99:>10} {gap:>11}  {close:<11}  {file}{url}",
            connection.flow, messages.messages, messages.bytes,
        ));
    }
    if more > 0 {
        lines.push(format!("and {}; --limit N lists more", plural(more, "more connection")));
    }
}
