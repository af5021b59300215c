//! From flows to HAR, in parts that are put together in order.
//!
//! What can be made of a flow alone is made on any thread: a [`Part`]. Only the times of an entry depend on the
//! entries before it, for the time that a connection took is told with its first flow. So the object of an entry
//! begins with its times, and [`Joiner`] puts them there.

use std::collections::HashSet;
use std::io::{self, Write as _};

use super::body::Room;
use super::entry::Entry;
use super::python;
use crate::capture::identity::Identity;
use crate::flow::{Flow, Message, Request, Timestamp};
use crate::output;
use crate::tnetstring::Tag;
use crate::websocket::Opcode;
use crate::{Error, Situation};

/// What stands before the first entry.
pub(crate) fn begin(out: &mut Vec<u8>) {
    // Writing into a buffer cannot fail.
    let _ = write!(
        out,
        "{{\"log\":{{\"version\":\"1.2\",\"creator\":{{\"name\":\"wsflow\",\"version\":\"{}\",\"comment\":\"\"}},\
         \"pages\":[],\"entries\":[",
        env!("CARGO_PKG_VERSION"),
    );
}

/// What stands behind the last entry.
pub(crate) fn end(out: &mut Vec<u8>) {
    out.extend_from_slice(b"\n]}}\n");
}

/// Times of a flow, from which those of its entry are made.
#[derive(Debug)]
pub(crate) struct Times {
    is_websocket: bool,
    start: f64,
    send: f64,
    wait: f64,
    receive: f64,
    server: Option<Connect>,
}

/// How long it took to connect to a server.
#[derive(Debug)]
struct Connect {
    id: Identity,
    connect: f64,
    tls: f64,
}

/// Appends the entry of a flow up to its messages, without its times. For a terminal, nothing is in it that one could
/// obey. `more` is called before each part, and may take away what is in the buffer, or refuse the part. Whether there
/// was room enough for all of it is returned.
///
/// # Errors
/// When something that an entry must have is missing in the flow, or broken. Nothing has been appended then.
pub(crate) fn entry(
    out: &mut Vec<u8>,
    flow: &Flow<'_>,
    for_terminal: bool,
    room: &Room,
    more: &mut dyn FnMut(&mut Vec<u8>) -> bool,
) -> Result<bool, Error> {
    let entry = Entry::new(flow, &request(flow)?, room)?;
    let is_websocket = flow.websocket()?.is_some();
    let mut fields = Fields { out: &mut *out, for_terminal, has_begun: false, more };
    match serde_json::to_writer(&mut fields, &entry) {
        Ok(()) if room.is_too_small() => return Ok(false),
        Ok(()) => {}
        Err(error) if error.is_io() => return Ok(false),
        Err(error) => return Err(Error::new(Situation::Foreign(error.to_string()))),
    }
    // The times come in place of the first brace, and messages may come before the last one.
    out.pop();
    if is_websocket {
        out.extend_from_slice(b",\"_webSocketMessages\":[");
    }
    Ok(true)
}

/// The times of a flow, for its entry.
///
/// # Errors
/// As [`entry`].
pub(crate) fn times(flow: &Flow<'_>) -> Result<Times, Error> {
    Ok(Times { is_websocket: flow.websocket()?.is_some(), ..Times::new(flow, &request(flow)?)? })
}

fn request<'a>(flow: &Flow<'a>) -> Result<Request<'a>, Error> {
    flow.request()?.ok_or_else(|| Error::new(Situation::MissingKey).within("request"))
}

/// What is written of an object goes into a buffer, but for its first brace.
struct Fields<'o> {
    out: &'o mut Vec<u8>,
    for_terminal: bool,
    has_begun: bool,
    more: &'o mut dyn FnMut(&mut Vec<u8>) -> bool,
}

impl io::Write for Fields<'_> {
    fn write(&mut self, json: &[u8]) -> io::Result<usize> {
        const AT_ONCE: usize = 64 << 10;
        if !(self.more)(self.out) {
            return Err(io::ErrorKind::OutOfMemory.into());
        }
        // What serde_json writes at once is made of whole characters; of a part of it the last one may be cut.
        let part = &json[..json.len().min(AT_ONCE)];
        let taken = part.utf8_chunks().next().map(|chunk| chunk.valid()).unwrap_or_default();
        let fields = if self.has_begun { taken } else { taken.strip_prefix('{').unwrap_or(taken) };
        self.has_begun = true;
        match self.for_terminal {
            true => output::json_part_for_terminal(self.out, fields),
            false => self.out.extend_from_slice(fields.as_bytes()),
        }
        Ok(taken.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What ends the entry of a flow, be it a [WebSocket](Times::are_of_websocket) or not.
pub(crate) fn end_of_entry(is_websocket: bool) -> &'static [u8] {
    if is_websocket { b"]}" } else { b"}" }
}

/// Appends a message, with a comma in front.
pub(crate) fn message(out: &mut Vec<u8>, message: &Message<'_>, for_terminal: bool) {
    let kind = if message.from_client { "send" } else { "receive" };
    let _ = write!(out, ",\n{{\"type\":\"{kind}\",\"time\":");
    let time = message.timestamp.as_bytes();
    let is_number = match message.timestamp.value().tag() {
        // Few readers of JSON keep an integer beyond 64 bits.
        Tag::Integer => message.timestamp.value().to_i64().is_ok(),
        _ => output::is_json_number(time),
    };
    out.extend_from_slice(if is_number { time } else { b"null" });
    let _ = write!(out, ",\"opcode\":{},\"data\":", i64::from(message.opcode));
    let mut is_lossy = false;
    match message.text() {
        Some(text) => output::json_string(out, text, for_terminal),
        None if message.opcode == Opcode::Text => {
            is_lossy = true;
            output::json_string(out, &super::text::lossy(message.content).0, for_terminal);
        }
        None => base64(out, message.content),
    }
    if is_lossy {
        out.extend_from_slice(b",\"_base64\":");
        base64(out, message.content);
    }
    if !is_number {
        out.extend_from_slice(b",\"_time\":");
        output::json_string(out, &String::from_utf8_lossy(time), for_terminal);
    }
    if message.dropped {
        out.extend_from_slice(b",\"_dropped\":true");
    }
    if message.injected {
        out.extend_from_slice(b",\"_injected\":true");
    }
    out.push(b'}');
}

fn base64(out: &mut Vec<u8>, bytes: &[u8]) {
    out.push(b'"');
    output::push_base64(out, bytes);
    out.push(b'"');
}

impl Times {
    /// Whether the entry was begun as that of a WebSocket, whose messages follow.
    pub(crate) fn are_of_websocket(&self) -> bool {
        self.is_websocket
    }

    fn new(flow: &Flow<'_>, request: &Request<'_>) -> Result<Times, Error> {
        // Python takes a time of zero for none.
        let seconds = |time: Option<Timestamp<'_>>| time.map(|time| time.seconds()).filter(|&time| time != 0.0);
        let between = |start, end| (end - start) * 1000.0;
        let (request_start, request_end) = request.timestamps();
        let start = request_start.map_or(0.0, |start| start.seconds());
        let (response_start, response_end) = flow.response()?.map(|response| response.timestamps()).unwrap_or_default();
        let response_start = response_start.map(|start| start.seconds());
        Ok(Times {
            is_websocket: false,
            start,
            send: seconds(request_end).map_or(0.0, |end| between(start, end)),
            wait: match (seconds(request_end), response_start) {
                (Some(start), Some(end)) => between(start, end),
                _ => 0.0,
            },
            receive: match (response_start, seconds(response_end)) {
                (Some(start), Some(end)) => between(start, end),
                _ => 0.0,
            },
            server: flow.server().and_then(|server| {
                let start = seconds(server.timestamp_start())?;
                let tcp = seconds(server.timestamp_tcp_setup())?;
                let tls = seconds(server.timestamp_tls_setup()).map_or(-1.0, |tls| between(tcp, tls));
                let id = Identity::of_kind("server_conn").with(server.id()?);
                Some(Connect { id, connect: between(start, tcp), tls })
            }),
        })
    }
}

/// Puts the parts of entries together, in the order of the flows.
#[derive(Debug, Default)]
pub(crate) struct Joiner {
    /// Ids of the connections to servers that were told already.
    servers: HashSet<Identity>,
    has_entries: bool,
}

impl Joiner {
    /// What stands before the part of an entry that [`entry`] made.
    pub(crate) fn begin_entry(&mut self, times: Times) -> Vec<u8> {
        let Times { start, send, wait, receive, server, .. } = times;
        let (connect, tls) = match server {
            Some(server) if self.servers.insert(server.id) => (server.connect, server.tls),
            _ => (-1.0, -1.0),
        };
        // A time that is none cannot be told in JSON; -1 is what HAR has for what does not apply.
        let timings = [connect, tls, send, receive, wait].map(|time| if time.is_finite() { time } else { -1.0 });
        let time = python::sum(timings.into_iter().filter(|time| *time >= 0.0));
        // What is no time is told exactly elsewhere; readers of HAR need one here.
        let started = python::isoformat(start).unwrap_or_else(|| "1970-01-01T00:00:00+00:00".to_owned());
        let [connect, tls, send, receive, wait] = timings;
        let separator = if std::mem::replace(&mut self.has_entries, true) { ",\n" } else { "\n" };
        format!(
            "{separator}{{\"startedDateTime\":\"{started}\",\"time\":{time},\"timings\":{{\"connect\":{connect},\
             \"ssl\":{tls},\"send\":{send},\"receive\":{receive},\"wait\":{wait}}},",
        )
        .into_bytes()
    }
}
