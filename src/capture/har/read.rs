//! From HAR to records: an entry becomes an HTTP flow of format 21.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::fmt::Display;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

use super::frame::Frame;
use super::messages::{Messages, OneByOne};
use super::own::{Close, Times};
use super::shape::{Content, Entry, Header, PostData};
use super::{shape, text};
use crate::capture::identity::Identity;
use crate::capture::json::{Input, Text};
use crate::capture::new_flow::{NewFlow, NewMessage, NewRequest, NewResponse};
use crate::capture::number::Number;
use crate::capture::url::Url;
use crate::capture::{Data, Record};
use crate::tnetstring::{RawValue, Tag, Writer};
use crate::{Error, Situation};

/// The records of an input in HAR.
pub(in crate::capture) struct Records<'a> {
    frame: Frame<'a>,
    /// What was found and not given yet.
    found: VecDeque<Result<Record<'static>, Error>>,
    /// Entries that were found; a broken one has a number too.
    count: u64,
    is_over: bool,
}

impl<'a> Records<'a> {
    pub(in crate::capture) fn new(input: Input<'a>) -> Records<'a> {
        Records { frame: Frame::new(input), found: VecDeque::new(), count: 0, is_over: false }
    }

    /// The next record, or a fault. After a fault in one entry the next ones follow.
    pub(in crate::capture) fn next(&mut self) -> Option<Result<Record<'static>, Error>> {
        if self.found.is_empty() && !self.is_over {
            match self.frame.next() {
                Ok(Some((offset, entry))) => {
                    self.read(self.count, offset, &entry);
                    self.count += 1;
                }
                Ok(None) => self.is_over = true,
                Err(error) => {
                    self.is_over = true;
                    let offset = error.place().offset.unwrap_or(0);
                    self.found.push_back(Err(error.at(0).in_record(self.count, offset)));
                }
            }
        }
        self.found.pop_front()
    }

    /// The number that the next record will have.
    pub(in crate::capture) fn next_index(&self) -> u64 {
        let found = self.found.iter().find_map(|found| found.as_ref().ok());
        found.map_or(self.count, |record| record.index)
    }

    /// Whether the next record has to be waited for.
    pub(in crate::capture) fn is_waiting(&self) -> bool {
        self.found.is_empty() && self.frame.is_waiting()
    }

    fn read(&mut self, record: u64, offset: u64, entry: &[u8]) {
        let mut faults = Faults::default();
        let data = match serde_json::from_slice::<Entry<'_, Messages>>(entry) {
            Ok(shape) => Ok(flow(shape, record, entry, &mut faults)),
            // It may be one message that is broken.
            Err(error) => match serde_json::from_slice::<Entry<'_, OneByOne>>(entry) {
                Ok(shape) => Ok(flow(shape, record, entry, &mut faults)),
                Err(_) => Err(error),
            },
        };
        let found = match data {
            Ok(data) => {
                let data = Data::Shared(Arc::new(data));
                self.found.extend(faults.0.into_iter().map(|fault| Err(fault.in_record(record, offset))));
                Ok(Record { index: record, offset, data, foreign: true })
            }
            Err(error) => Err(Error::new(Situation::Foreign(error.to_string())).in_record(record, offset)),
        };
        self.found.push_back(found);
    }
}

/// What is broken in an entry. What is not is read all the same.
#[derive(Default)]
struct Faults(Vec<Error>);

impl Faults {
    fn add(&mut self, path: impl Display, message: &str) {
        self.0.push(Error::new(Situation::Foreign(message.to_owned())).within(path));
    }

    /// The bytes that base64 stands for; the text itself if it is none.
    fn decoded(&mut self, path: &str, text: &Text<'_>) -> Vec<u8> {
        text.decoded().unwrap_or_else(|fault| {
            self.add(path, &fault);
            text.0.to_vec()
        })
    }
}

/// The flow of an entry.
fn flow<M: Into<Messages>>(entry: Entry<'_, M>, record: u64, json: &[u8], faults: &mut Faults) -> Vec<u8> {
    let started = entry.started_date_time.as_deref().and_then(seconds);
    let is_websocket = is_websocket(&entry);
    let Entry { time, request, response, timings, server_address, messages, own, .. } = entry;
    let mut messages = messages.map(M::into).unwrap_or_default();
    for (number, fault) in &messages.faults {
        faults.add(format_args!("_webSocketMessages[{number}]"), fault);
    }
    if own.is_none()
        && let Some(started) = started
    {
        messages.put_into_seconds(started);
    }
    let own = own.unwrap_or_default();
    let metadata = own.metadata.encoded().unwrap_or_else(|fault| {
        faults.add("_wsflow.metadata", &fault);
        Vec::new()
    });
    let started = started.or(messages.first.filter(|first| first.is_finite())).unwrap_or(0.0);
    let times = Schedule::new(started, time, timings.as_ref());

    let timestamp =
        own.timestamp_created.or_else(|| own.request.timestamp_start.clone()).unwrap_or(Number::Float(started));
    let identity = match &own.id {
        Some(id) => Identity::of_kind("flow").with(id.as_bytes()),
        None => Identity::of_record(record).with(json),
    };
    let request = request.unwrap_or_default();
    let new_request = new_request(&request, own.request, times.request, faults);
    let error = match own.error {
        Some(error) => Some((error.msg.into_owned(), error.timestamp.unwrap_or(Number::Float(times.response[1])))),
        None => response
            .as_ref()
            .and_then(|response| response.error.as_ref())
            .map(|message| (message.to_str().into_owned(), Number::Float(times.response[1]))),
    };
    let address = (!new_request.host.is_empty()).then(|| (new_request.host.clone(), new_request.port));
    let new = NewFlow {
        identity,
        id: own.id.map(Cow::into_owned),
        timestamp,
        server_ip: server_address.filter(|ip| !ip.is_empty()).map(|ip| {
            let ip = ip.trim_start_matches('[').trim_end_matches(']');
            (ip.to_owned(), new_request.port)
        }),
        server: address,
        request: new_request,
        response: response
            .filter(|response| response.status.unwrap_or(0) > 0)
            .map(|response| new_response(&response, own.response.unwrap_or_default(), times.response, faults)),
        error,
        marked: own.marked.into_owned(),
        comment: own.comment.into_owned(),
        is_replay: own.is_replay.map(Cow::into_owned),
    };
    new.encode(
        |writer| match is_websocket {
            true => websocket(writer, &messages, &own.websocket.unwrap_or_default()),
            false => writer.null(),
        },
        |writer| match RawValue::from_slice(&metadata) {
            Ok(metadata) => writer.raw(metadata),
            Err(_) => writer.value(b"", Tag::Dict),
        },
    )
}

/// Whether an entry is a WebSocket connection: because it says so, or its URL, or its headers do.
fn is_websocket<M>(entry: &Entry<'_, M>) -> bool {
    let url = entry.request.as_ref().map(|request| &request.url.0[..]).unwrap_or_default();
    let is_upgrade = |response: &shape::Response<'_>| {
        let mut headers = response.headers.iter().flatten();
        response.status == Some(101)
            && headers.any(|header| {
                header.name.0.eq_ignore_ascii_case(b"upgrade") && header.value.0.eq_ignore_ascii_case(b"websocket")
            })
    };
    let says_so = entry.messages.is_some() || entry.resource_type.as_deref() == Some("websocket");
    // What was written here says it of every one that is; the handshake in an old flow file is none by itself.
    if says_so || entry.own.is_some() {
        return says_so;
    }
    url.starts_with(b"ws:") || url.starts_with(b"wss:") || entry.response.as_ref().is_some_and(is_upgrade)
}

fn websocket(writer: &mut Writer<'_>, messages: &Messages, close: &Close<'_>) {
    let Close { closed_by_client, close_code, close_reason, timestamp_end } = close;
    let number = |writer: &mut Writer<'_>, key, number: &Option<Number>| {
        writer.str(key);
        match number {
            Some(number) => number.write(writer),
            None => writer.null(),
        }
    };
    let websocket = writer.open();
    number(writer, "timestamp_end", timestamp_end);
    writer.str("close_reason");
    match close_reason {
        Some(reason) => writer.str(reason),
        None => writer.null(),
    }
    number(writer, "close_code", close_code);
    writer.str("closed_by_client");
    match closed_by_client {
        Some(by_client) => writer.bool(*by_client),
        None => writer.null(),
    }
    writer.str("messages");
    writer.value(&messages.encoded, Tag::List);
    writer.close(websocket, Tag::Dict);
}

/// When headers came, and last bytes, as far as an entry tells it.
struct Schedule {
    request: [f64; 2],
    response: [f64; 2],
}

impl Schedule {
    /// Counted from the end, for what comes before sending is told by some and not by others.
    fn new(started: f64, time: Option<f64>, timings: Option<&shape::Timings>) -> Schedule {
        let part = |milliseconds: Option<f64>| milliseconds.filter(|time| *time > 0.0).unwrap_or(0.0) / 1000.0;
        let end = started + part(time);
        let response = end - part(timings.and_then(|timings| timings.receive));
        let request = response - part(timings.and_then(|timings| timings.wait));
        Schedule { request: [started, request.max(started)], response: [response.max(started), end] }
    }
}

/// Times as they were kept, and those that an entry tells where they were not.
fn timestamps(own: Times, told: [f64; 2]) -> [Number; 2] {
    let [start, end] = told.map(Number::Float);
    [own.timestamp_start.unwrap_or(start), own.timestamp_end.unwrap_or(end)]
}

fn new_request(request: &shape::Request<'_>, own: Times, told: [f64; 2], faults: &mut Faults) -> NewRequest {
    let url = Url::parse(&request.url.0);
    let timestamps = timestamps(own, told);
    let mut headers = headers("request.headers", request.headers.as_deref(), faults);
    let content_type = header(&headers, b"content-type");
    let content = match &request.post_data {
        Some(PostData { base64: Some(base64), .. }) => faults.decoded("request.postData._base64", base64),
        Some(PostData { text: Some(text), .. }) => body_of(text, &content_type),
        _ => Vec::new(),
    };
    if !request.post_data.as_ref().is_some_and(|data| data.is_encoded) {
        undo_encoding(&mut headers, &content);
    }
    // In HTTP/2 the request line is headers too, whose names start with a colon.
    let authority = headers.iter().find(|(name, _)| name == b":authority").map(|(_, value)| value.clone());
    headers.retain(|(name, _)| !name.starts_with(b":"));
    let message = NewMessage {
        http_version: http_version(request.http_version.as_ref()),
        headers,
        content: Some(content),
        timestamps,
    };
    let mut new = NewRequest { message, method: request.method.0.to_vec(), ..url.to_request(&Number::Integer(0)) };
    if new.method == b"CONNECT" {
        new.authority = format!("{}:{}", new.host, new.port).into_bytes();
        new.scheme.clear();
        new.path.clear();
    } else if let Some(authority) = authority {
        new.authority = authority;
    }
    new
}

fn new_response(response: &shape::Response<'_>, own: Times, told: [f64; 2], faults: &mut Faults) -> NewResponse {
    let mut headers = headers("response.headers", response.headers.as_deref(), faults);
    headers.retain(|(name, _)| !name.starts_with(b":"));
    let content_type = header(&headers, b"content-type");
    let content = match &response.content {
        Some(Content { text: Some(text), encoding: Some(encoding), .. }) if &*encoding.0 == b"base64" => {
            Some(faults.decoded("response.content.text", text))
        }
        Some(Content { text: Some(text), .. }) => Some(body_of(text, &content_type)),
        Some(Content { text: None, size: Some(0.0), .. }) => Some(Vec::new()),
        // Whether there was one is not known, or it was not kept.
        _ => None,
    };
    let is_encoded = response.content.as_ref().is_some_and(|content| content.is_encoded);
    if let Some(content) = content.as_ref().filter(|_| !is_encoded) {
        undo_encoding(&mut headers, content);
    }
    NewResponse {
        status: response.status.unwrap_or(0),
        reason: response.status_text.as_ref().map(|text| text.0.to_vec()).unwrap_or_default(),
        message: NewMessage {
            http_version: http_version(response.http_version.as_ref()),
            headers,
            content,
            timestamps: timestamps(own, told),
        },
    }
}

/// The bytes of a body that stands there as text.
fn body_of(text: &Text<'_>, content_type: &str) -> Vec<u8> {
    match str::from_utf8(&text.0) {
        Ok(text) => text::encode(text, content_type),
        Err(_) => text.0.to_vec(),
    }
}

fn headers(path: &str, headers: Option<&[Header<'_>]>, faults: &mut Faults) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut value = |header: &Header<'_>| match &header.base64 {
        Some(base64) => faults.decoded(path, base64),
        None => header.value.0.to_vec(),
    };
    headers.unwrap_or_default().iter().map(|header| (header.name.0.to_vec(), value(header))).collect()
}

fn header(headers: &[(Vec<u8>, Vec<u8>)], name: &[u8]) -> String {
    let values = headers.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
    values.map(|(_, value)| String::from_utf8_lossy(value)).collect::<Vec<_>>().join(", ")
}

/// Bodies in HAR are decoded. The headers must not say otherwise, nor a length that is another.
fn undo_encoding(headers: &mut Vec<(Vec<u8>, Vec<u8>)>, content: &[u8]) {
    let is = |name: &[u8], other: &[u8]| name.eq_ignore_ascii_case(other);
    if content.is_empty() || !headers.iter().any(|(name, _)| is(name, b"content-encoding")) {
        return;
    }
    headers.retain(|(name, _)| !is(name, b"content-encoding"));
    for (_, value) in headers.iter_mut().filter(|(name, _)| is(name, b"content-length")) {
        *value = content.len().to_string().into_bytes();
    }
}

/// The version as mitmproxy writes it: browsers write `h2`, `http/2.0`, `h3` and more.
fn http_version(version: Option<&Text<'_>>) -> Vec<u8> {
    let version = version.map(|version| version.to_str().to_ascii_uppercase()).unwrap_or_default();
    let known = match &*version {
        "HTTP/1.0" | "HTTP/0.9" => return version.into_bytes(),
        "H2" | "HTTP/2" | "HTTP/2.0" => "HTTP/2.0",
        version if version.starts_with("H3") || version.starts_with("HTTP/3") => "HTTP/3",
        _ => "HTTP/1.1",
    };
    known.as_bytes().to_vec()
}

/// A time in ISO 8601, in seconds since the Unix epoch. Without a time zone it is in UTC.
fn seconds(time: &str) -> Option<f64> {
    let timestamp: Timestamp = match time.parse() {
        Ok(timestamp) => timestamp,
        Err(_) => Offset::UTC.to_timestamp(time.parse::<DateTime>().ok()?).ok()?,
    };
    // Microseconds of any date are a whole number that a float holds exactly.
    Some(timestamp.as_microsecond() as f64 / 1e6)
}
