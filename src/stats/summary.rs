//! The figures that are shown, in the shape in which JSON has them. The table shows the same ones.

use serde::Serialize;

use super::closes;
use super::connection::Connection;
use super::distribution::Distribution;
use super::figures::{Count, Figures};
use super::total::Total;
use crate::output::{Looks, json_object, rfc3339};

/// Intervals of the chart at most.
const INTERVALS: usize = 16;

/// What there is to say of a capture.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    scope: &'static str,
    pub(super) connections: u64,
    #[serde(flatten)]
    pub(super) messages: Messages,
    /// Empty where nobody asked for it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) kinds: Vec<OfKind>,
    pub(super) closes: Vec<Close>,
    pub(super) size_classes: Vec<SizeClass>,
    pub(super) timeline: Chart,
}

/// What there is to say of a connection.
#[derive(Clone, Debug, Serialize)]
pub struct Listed {
    scope: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) file: Option<String>,
    pub(super) flow: u64,
    flow_id: Option<String>,
    pub(super) url: Option<String>,
    timestamp_start: Option<f64>,
    timestamp_end: Option<f64>,
    pub(super) duration: Option<f64>,
    pub(super) closed_by_client: Option<bool>,
    pub(super) close_code: Option<i64>,
    close_name: &'static str,
    #[serde(flatten)]
    pub(super) messages: Messages,
}

/// What there is to say of messages. Times and gaps are in seconds, sizes in bytes.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Messages {
    pub(super) messages: u64,
    pub(super) bytes: u64,
    pub(super) client_messages: u64,
    pub(super) client_bytes: u64,
    pub(super) server_messages: u64,
    pub(super) server_bytes: u64,
    pub(super) types: Vec<OfType>,
    pub(super) dropped: u64,
    pub(super) injected: u64,
    pub(super) first: Option<f64>,
    pub(super) last: Option<f64>,
    pub(super) span: Option<f64>,
    pub(super) messages_per_second: Option<f64>,
    pub(super) bytes_per_second: Option<f64>,
    pub(super) sizes: Option<Spread<u64>>,
    pub(super) gaps: Option<Spread<f64>>,
    pub(super) backwards: u64,
    pub(super) without_time: u64,
    pub(super) largest: Vec<Large>,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct OfType {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) from_client: bool,
    pub(super) messages: u64,
    pub(super) bytes: u64,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct OfKind {
    pub(super) kind: &'static str,
    pub(super) messages: u64,
    pub(super) bytes: u64,
}

#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Spread<T> {
    pub(super) min: T,
    pub(super) p50: T,
    pub(super) p90: T,
    pub(super) p99: T,
    pub(super) max: T,
    pub(super) mean: f64,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct Large {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) file: Option<String>,
    pub(super) flow: u64,
    pub(super) message: u64,
    pub(super) from_client: bool,
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) size: u64,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct Close {
    pub(super) code: Option<u16>,
    pub(super) name: &'static str,
    pub(super) connections: u64,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct SizeClass {
    pub(super) from: u64,
    pub(super) to: u64,
    pub(super) messages: u64,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct Chart {
    #[serde(skip)]
    pub(super) width: i64,
    interval: f64,
    pub(super) intervals: Vec<ChartInterval>,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct ChartInterval {
    #[serde(skip)]
    pub(super) start: i64,
    timestamp: f64,
    time: Option<String>,
    pub(super) client_messages: u64,
    pub(super) server_messages: u64,
}

impl Summary {
    /// The figures of a capture. `files` are the names of its files, if it has several.
    pub fn new(total: Total, files: &[String]) -> Summary {
        let closes = total.closes.counts().map(|(code, name, connections)| Close { code, name, connections });
        let kinds = total.kinds.counts().into_iter();
        let kinds = kinds.map(|(kind, Count { messages, bytes })| OfKind { kind: kind.name(), messages, bytes });
        let classes = total.figures.sizes().classes().into_iter();
        let (width, intervals) = total.timeline.intervals(INTERVALS);
        let intervals = intervals.into_iter().map(|interval| ChartInterval {
            start: interval.start,
            timestamp: seconds(interval.start),
            time: time(interval.start),
            client_messages: interval.client_messages,
            server_messages: interval.server_messages,
        });
        Summary {
            scope: "capture",
            connections: total.connections,
            messages: Messages::new(&total.figures, files),
            kinds: kinds.collect(),
            closes: closes.collect(),
            size_classes: classes.map(|c| SizeClass { from: c.from, to: c.to, messages: c.count }).collect(),
            timeline: Chart { width, interval: seconds(width), intervals: intervals.collect() },
        }
    }

    /// Appends the figures as a JSON object; for a terminal, so that it obeys nothing of it.
    pub fn push_json(&self, out: &mut Vec<u8>, looks: Looks) {
        json_object(out, self, looks);
    }
}

impl Listed {
    /// The figures of a connection. `files` are the names of the capture's files, if it has several.
    pub fn new(connection: &Connection, files: &[String]) -> Listed {
        let lasted = connection.start.zip(connection.end).filter(|(start, end)| start <= end);
        Listed {
            scope: "connection",
            file: files.get(connection.file).cloned(),
            flow: connection.flow,
            flow_id: connection.id.clone(),
            url: connection.url.clone(),
            timestamp_start: connection.start.map(seconds),
            timestamp_end: connection.end.map(seconds),
            duration: lasted.map(|(start, end)| seconds(end - start)),
            closed_by_client: connection.closed_by_client,
            close_code: connection.close_code,
            close_name: connection.close_code.map_or(closes::OPEN, closes::name),
            messages: Messages::new(&connection.figures, files),
        }
    }

    /// Appends the figures as a JSON object; for a terminal, so that it obeys nothing of it.
    pub fn push_json(&self, out: &mut Vec<u8>, looks: Looks) {
        json_object(out, self, looks);
    }
}

impl Messages {
    fn new(figures: &Figures, files: &[String]) -> Messages {
        let (client, server) = (figures.count(true), figures.count(false));
        let name = |opcode: Option<crate::websocket::Opcode>| {
            opcode.map_or("other".to_owned(), |opcode| opcode.name().into_owned())
        };
        let types = figures.counts().map(|(opcode, from_client, count)| OfType {
            kind: name(opcode),
            from_client,
            messages: count.messages,
            bytes: count.bytes,
        });
        let largest = figures.largest().messages().iter().map(|message| Large {
            file: files.get(message.file).cloned(),
            flow: message.flow,
            message: message.message,
            from_client: message.from_client,
            kind: message.opcode.name().into_owned(),
            size: message.size,
        });
        let (messages, bytes) = (client.messages + server.messages, client.bytes + server.bytes);
        let span = figures.span().map(|(first, last)| seconds(last - first));
        // What took no time has no rate.
        let rate = |count: u64| span.filter(|span| *span > 0.0).map(|span| count as f64 / span);
        Messages {
            messages,
            bytes,
            client_messages: client.messages,
            client_bytes: client.bytes,
            server_messages: server.messages,
            server_bytes: server.bytes,
            types: types.collect(),
            dropped: figures.dropped(),
            injected: figures.injected(),
            first: figures.span().map(|(first, _)| seconds(first)),
            last: figures.span().map(|(_, last)| seconds(last)),
            span,
            messages_per_second: rate(messages),
            bytes_per_second: rate(bytes),
            sizes: Spread::new(figures.sizes(), |size| size, |mean| mean),
            gaps: Spread::new(figures.gaps(), |micros| micros as f64 / MICROS, |mean| mean / MICROS),
            backwards: figures.backwards(),
            without_time: figures.timeless(),
            largest: largest.collect(),
        }
    }
}

impl<T> Spread<T> {
    fn new(values: &Distribution, unit: impl Fn(u64) -> T, mean: impl Fn(f64) -> f64) -> Option<Spread<T>> {
        let [p50, p90, p99] = values.percentiles([50, 90, 99])?.map(&unit);
        let (min, max) = (unit(values.min()?), unit(values.max()?));
        Some(Spread { min, p50, p90, p99, max, mean: mean(values.mean()?) })
    }
}

/// Microseconds of a second.
const MICROS: f64 = 1e6;

fn seconds(micros: i64) -> f64 {
    micros as f64 / MICROS
}

/// A time in RFC 3339.
pub(super) fn time(micros: i64) -> Option<String> {
    rfc3339(seconds(micros)).map(|text| String::from_utf8_lossy(&text).into_owned())
}
