//! NDJSON: one JSON object per message, as `wsflow ls --json` prints them. They are written by [`crate::output`], as a
//! listing is; here they are read back into connections.
//!
//! ```text
//! {"flow":3,"message":17,"flow_id":"…","url":"wss://…","from_client":true,"type":"text","timestamp":1693314240.7948081,
//!  "time":"2023-08-29T13:04:00.794808Z","size":3,"dropped":false,"injected":false,"text":"foo"}
//! ```
//!
//! Of an object `from_client` is needed, and `text` or `base64`. `type` is `text` or `binary` where it is missing, as is
//! `false` for `dropped` and `injected`; a time may come from `time`. Messages of equal `file`, `flow` and `flow_id`
//! are one connection, in the order in which they stand there. Keys that are not named here are passed over.
//!
//! # Memory
//! The lines of a connection need not stand together: a listing may be sorted by time, or several may be merged.
//! So a connection is held open until the input ends, or until all that are open take more than [`OPEN`] bytes, their
//! ids and URLs among them: then those that waited longest for a message are closed, until half of that is left. A
//! message of a connection that was closed begins a second flow of the same id, and that is told as a fault; to know
//! it, 16 bytes are kept of each. One connection that is larger by itself is held as a whole, as in any other format.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet, VecDeque};
use std::io::BufRead as _;
use std::sync::Arc;

use memchr::{memchr, memmem};
use serde::Deserialize;

use super::format;
use super::identity::Identity;
use super::json::{Input, Text, excerpt};
use super::new_flow::NewFlow;
use super::number::Number;
use super::{Data, Record};
use crate::tnetstring::{Tag, Writer};
use crate::websocket::Opcode;
use crate::{Error, Situation};

/// The key that every message has, by which another JSON file is told from messages.
const NEEDED: &[u8] = b"\"from_client\"";

/// Bytes of connections that wait for more messages.
const OPEN: usize = 64 << 20;

/// What an open connection takes beside the bytes that it holds: its place in a table of which half may be empty, and
/// 16 bytes of the allocator's for each of three buffers.
const ENTRY: usize = 2 * size_of::<(Identity, Connection)>() + 3 * 16;

/// The records of an input in NDJSON.
pub(super) struct Records<'a> {
    input: Input<'a>,
    /// How much may wait; another only in tests.
    limit: usize,
    offset: u64,
    /// Lines so far, empty ones too.
    lines: u64,
    open: HashMap<Identity, Connection>,
    /// Bytes that the open connections take.
    waiting: usize,
    closed: HashSet<Identity>,
    /// What was found and not given yet. A connection becomes a record when it is given, for that is larger.
    found: VecDeque<Result<Connection, Error>>,
    /// The first line, where it was looked at already.
    first: Option<Cow<'a, [u8]>>,
    /// The message of the line that is being read, until it is known to be one.
    message: Vec<u8>,
    records: u64,
    is_over: bool,
}

/// A connection whose messages are coming.
struct Connection {
    key: Identity,
    flow_id: Option<String>,
    url: Option<Vec<u8>>,
    /// Its messages, as they stand in a flow.
    messages: Vec<u8>,
    /// When the first one came.
    timestamp: f64,
    /// Where the first one stands.
    offset: u64,
    /// The line of the last one.
    last_line: u64,
}

impl Connection {
    /// The bytes that it takes.
    fn size(&self) -> usize {
        let strings = [self.flow_id.as_ref().map(String::capacity), self.url.as_ref().map(Vec::capacity)];
        ENTRY + self.messages.capacity() + strings.into_iter().flatten().sum::<usize>()
    }
}

#[derive(Deserialize)]
#[serde(expecting = "an object")]
struct Line<'a> {
    #[serde(default, borrow)]
    file: Option<Text<'a>>,
    #[serde(default)]
    flow: Option<Number>,
    #[serde(default, borrow)]
    flow_id: Option<Cow<'a, str>>,
    #[serde(default, borrow)]
    url: Option<Text<'a>>,
    from_client: bool,
    #[serde(rename = "type", default, borrow)]
    kind: Option<Cow<'a, str>>,
    #[serde(default)]
    timestamp: Option<Number>,
    #[serde(default, borrow)]
    time: Option<Cow<'a, str>>,
    #[serde(default)]
    dropped: bool,
    #[serde(default)]
    injected: bool,
    #[serde(default, borrow)]
    text: Option<Text<'a>>,
    #[serde(default, borrow)]
    base64: Option<Text<'a>>,
}

impl Line<'_> {
    /// What messages of one connection have in common.
    fn key(&self) -> Identity {
        let flow = self.flow.as_ref().map(|flow| format!("{flow:?}"));
        let parts = [
            self.file.as_ref().map(|file| &file.0[..]),
            flow.as_deref().map(str::as_bytes),
            self.flow_id.as_deref().map(str::as_bytes),
        ];
        parts.iter().fold(Identity::of_kind("ndjson"), |key, part| match part {
            Some(part) => key.with(&(part.len() as u64).to_be_bytes()).with(part),
            None => key.with(b"-"),
        })
    }

    fn timestamp(&self) -> Result<Number, String> {
        match (&self.timestamp, &self.time) {
            (Some(timestamp), _) => timestamp.clone().checked("timestamp"),
            (None, Some(time)) => match time.parse::<jiff::Timestamp>() {
                // Microseconds of any date are a whole number that a float holds exactly.
                Ok(time) => Ok(Number::Float(time.as_microsecond() as f64 / 1e6)),
                Err(_) => Err(format!("`time` is no time in RFC 3339: `{}`", excerpt(time))),
            },
            (None, None) => Ok(Number::Float(f64::NAN)),
        }
    }

    /// Writes the message, and says when it came.
    fn write(&self, writer: &mut Writer<'_>) -> Result<f64, String> {
        let opcode = match &self.kind {
            Some(name) => Opcode::from_name(name).ok_or_else(|| format!("`{}` is no type", excerpt(name)))?,
            None if self.text.is_some() => Opcode::Text,
            None => Opcode::Binary,
        };
        let content = match (&self.base64, &self.text) {
            (Some(base64), _) => Cow::Owned(base64.decoded()?),
            (None, Some(text)) => Cow::Borrowed(&text.0[..]),
            (None, None) => return Err("neither `text` nor `base64` is there".to_owned()),
        };
        let timestamp = self.timestamp()?;
        let message = writer.open();
        writer.integer(opcode.into());
        writer.bool(self.from_client);
        writer.bytes(&content);
        timestamp.write(writer);
        writer.bool(self.dropped);
        writer.bool(self.injected);
        writer.close(message, Tag::List);
        Ok(timestamp.to_f64())
    }
}

impl<'a> Records<'a> {
    pub(super) fn new(input: Input<'a>) -> Records<'a> {
        Records {
            input,
            limit: OPEN,
            offset: 0,
            lines: 0,
            open: HashMap::new(),
            waiting: 0,
            closed: HashSet::new(),
            found: VecDeque::new(),
            first: None,
            message: Vec::new(),
            records: 0,
            is_over: false,
        }
    }

    /// The same records, of an input that may be any JSON.
    ///
    /// # Errors
    /// When the first line that is not empty is no message, not even a broken one, or cannot be read.
    pub(super) fn sniffed(mut self) -> Result<Records<'a>, Error> {
        let first = loop {
            match self.line()? {
                Some(line) if line.trim_ascii().is_empty() => {}
                line => break line.unwrap_or_default(),
            }
        };
        if memmem::find(&first, NEEDED).is_none() {
            return Err(format::unknown(&first));
        }
        self.offset -= first.len() as u64;
        self.lines -= 1;
        self.first = Some(first);
        Ok(self)
    }

    /// The next record, or a fault. After a fault in one line the next ones follow.
    pub(super) fn next(&mut self) -> Option<Result<Record<'static>, Error>> {
        while self.found.is_empty() && !self.is_over {
            let offset = self.offset;
            match self.line() {
                Ok(Some(line)) => {
                    if let Err(message) = self.read(offset, &line) {
                        self.fault(offset, message);
                    }
                }
                Ok(None) => {
                    self.is_over = true;
                    self.close_until(0);
                }
                Err(error) => {
                    self.is_over = true;
                    self.close_until(0);
                    self.found.push_back(Err(Error::from(error).at(offset)));
                }
            }
        }
        self.found.pop_front().map(|found| found.map(|connection| self.record(connection)))
    }

    /// The number that the next record will have.
    pub(super) fn next_index(&self) -> u64 {
        self.records
    }

    /// Whether the next record has to be waited for.
    pub(super) fn is_waiting(&self) -> bool {
        self.found.is_empty() && self.input.is_waiting()
    }

    fn fault(&mut self, offset: u64, message: String) {
        let error = Error::new(Situation::Foreign(message)).at(offset);
        self.found.push_back(Err(error.within(format_args!("line {}", self.lines))));
    }

    /// The next line, without what ends it.
    fn line(&mut self) -> std::io::Result<Option<Cow<'a, [u8]>>> {
        let line = match (self.first.take(), &mut self.input) {
            (Some(line), _) => line,
            (None, Input::Slice(rest)) => {
                let (line, behind) = rest.split_at(memchr(b'\n', rest).map_or(rest.len(), |end| end + 1));
                *rest = behind;
                Cow::Borrowed(line)
            }
            (None, Input::Stream(stream)) => {
                let mut line = Vec::new();
                stream.read_until(b'\n', &mut line)?;
                Cow::Owned(line)
            }
        };
        self.offset += line.len() as u64;
        self.lines += 1;
        Ok(if line.is_empty() { None } else { Some(line) })
    }

    fn read(&mut self, offset: u64, line: &[u8]) -> Result<(), String> {
        let line = if offset == 0 { line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line) } else { line };
        let line = line.trim_ascii();
        if line.is_empty() {
            return Ok(());
        }
        // It counts lines within this one.
        let told = |error: serde_json::Error| error.to_string().replace(" at line 1 column ", " at column ");
        let line: Line<'_> = serde_json::from_slice(line).map_err(told)?;
        self.message.clear();
        let timestamp = line.write(&mut Writer::new(&mut self.message))?;
        let key = line.key();
        let is_new = !self.open.contains_key(&key);
        let connection = self.open.entry(key).or_insert_with(|| Connection {
            key,
            flow_id: line.flow_id.as_deref().map(str::to_owned),
            url: line.url.as_ref().map(|url| url.0.to_vec()),
            messages: Vec::new(),
            timestamp,
            offset,
            last_line: 0,
        });
        let before = if is_new { 0 } else { connection.size() };
        connection.messages.extend_from_slice(&self.message);
        connection.last_line = self.lines;
        self.waiting += connection.size() - before;
        if is_new && self.closed.contains(&key) {
            let message = "a message of a connection whose others stand too far before it: it begins a second flow";
            self.fault(offset, message.to_owned());
        }
        if self.waiting > self.limit {
            self.close_until(self.limit / 2);
        }
        Ok(())
    }

    /// Closes the connections that waited longest, until the others have this many bytes; at the end of the input
    /// all of them.
    fn close_until(&mut self, left: usize) {
        let mut open: Vec<_> = self.open.drain().map(|(_, connection)| connection).collect();
        open.sort_unstable_by_key(|connection| connection.last_line);
        let is_end = self.is_over;
        let count = open.len();
        let mut closing = Vec::new();
        for (number, connection) in open.into_iter().enumerate() {
            // The one that got the last message is still open.
            if is_end || (self.waiting > left && number + 1 < count) {
                self.waiting -= connection.size();
                closing.push(connection);
            } else {
                self.open.insert(connection.key, connection);
            }
        }
        closing.sort_unstable_by_key(|connection| connection.offset);
        for connection in closing {
            self.closed.insert(connection.key);
            self.found.push_back(Ok(connection));
        }
    }

    fn record(&mut self, connection: Connection) -> Record<'static> {
        let Connection { flow_id, url, messages, timestamp, offset, .. } = connection;
        let identity = match &flow_id {
            Some(id) => Identity::of_kind("flow").with(id.as_bytes()),
            None => Identity::of_record(self.records).with(&messages),
        };
        let flow =
            NewFlow { id: flow_id, ..NewFlow::of_websocket(identity, Some(Number::Float(timestamp)), url.as_deref()) };
        let data = flow.encode(
            |writer| {
                let websocket = writer.open();
                for key in ["timestamp_end", "close_reason", "close_code", "closed_by_client"] {
                    writer.str(key);
                    writer.null();
                }
                writer.str("messages");
                writer.value(&messages, Tag::List);
                writer.close(websocket, Tag::Dict);
            },
            |writer| {
                let metadata = writer.open();
                writer.close(metadata, Tag::Dict);
            },
        );
        let data = Data::Shared(Arc::new(data));
        let record = Record { index: self.records, offset, data, foreign: true };
        self.records += 1;
        record
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::{Format, Reader};
    use crate::flow::Flow;

    /// The records: id, URL and contents; and the faults.
    fn read(text: &str, limit: usize) -> (Vec<String>, Vec<String>) {
        let mut records = Records { limit, ..Records::new(Input::Slice(text.as_bytes())) };
        let (mut flows, mut faults) = (Vec::new(), Vec::new());
        while let Some(record) = records.next() {
            match record {
                Ok(record) => flows.push(shown(&record)),
                Err(error) => faults.push(error.to_string()),
            }
        }
        (flows, faults)
    }

    fn shown(record: &Record<'_>) -> String {
        let flow = Flow::parse(&record.data).unwrap();
        let mut shown = format!("{} {}", flow.id().unwrap(), flow.url().unwrap().unwrap());
        for message in flow.websocket().unwrap().unwrap().messages().unwrap() {
            let message = message.unwrap();
            let arrow = if message.from_client { '>' } else { '<' };
            shown += &format!(" {arrow}{}:{}", message.opcode.name(), message.content.escape_ascii());
        }
        shown
    }

    fn line(flow: u64, id: &str, text: &str) -> String {
        format!(
            "{{\"flow\":{flow},\"flow_id\":\"{id}\",\"url\":\"wss://h/\",\"from_client\":true,\"text\":\"{text}\"}}\n"
        )
    }

    #[test]
    fn messages_are_joined_into_connections() {
        let text = [line(0, "a", "1"), line(2, "b", "2"), "\n".into(), line(0, "a", "3"), line(3, "a", "4")].concat();
        let (flows, faults) = read(&text, OPEN);
        assert_eq!(flows, ["a wss://h/ >text:1 >text:3", "b wss://h/ >text:2", "a wss://h/ >text:4"]);
        assert_eq!(faults, [""; 0]);
    }

    #[test]
    fn little_is_needed() {
        let text =
            "\u{feff}{\"from_client\":false,\"base64\":\"/w\"}\r\n{\"from_client\":true,\"text\":\"é\",\"x\":{}}";
        let (flows, faults) = read(text, OPEN);
        let id = flows[0].split(' ').next().unwrap();
        assert_eq!(id.len(), 36);
        assert_eq!(flows, [format!("{id} ws://unknown/ <binary:\\xff >text:\\xc3\\xa9")]);
        assert_eq!(faults, [""; 0]);
    }

    #[test]
    fn a_broken_line_hides_no_other() {
        let text = [
            line(0, "a", "1"),
            "{\n".into(),
            "{\"from_client\":true}\n".into(),
            "{\"text\":\"x\"}\n".into(),
            "{\"from_client\":true,\"type\":\"texd\",\"text\":\"\"}\n".into(),
            "{\"from_client\":true,\"base64\":\"*\"}\n".into(),
            "{\"from_client\":true,\"text\":\"\",\"timestamp\":\"abc\"}\n".into(),
            "{\"from_client\":true,\"text\":\"\",\"time\":\"noon\"}\n".into(),
            line(0, "a", "2"),
        ];
        let (flows, faults) = read(&text.concat(), OPEN);
        assert_eq!(flows, ["a wss://h/ >text:1 >text:2"]);
        let first = text[0].len();
        assert_eq!(faults[0], format!("byte {first}, line 2: EOF while parsing an object at column 1"));
        assert!(faults[1].ends_with("line 3: neither `text` nor `base64` is there"), "{}", faults[1]);
        assert!(faults[2].contains("line 4: missing field `from_client`"), "{}", faults[2]);
        assert!(faults[3].ends_with("line 5: `texd` is no type"), "{}", faults[3]);
        assert!(faults[4].contains("line 6: invalid base64"), "{}", faults[4]);
        assert!(faults[5].contains("line 7: `timestamp` is no number: `abc`"), "{}", faults[5]);
        assert!(faults[6].contains("line 8: `time` is no time in RFC 3339: `noon`"), "{}", faults[6]);
        assert_eq!(faults.len(), 7);
    }

    #[test]
    fn a_number_that_json_does_not_have_is_a_time() {
        let times = ["\"nan\"", "\"-inf\"", "\"36893488147419103232\"", "null"];
        let lines = times.map(|time| format!("{{\"from_client\":true,\"text\":\"\",\"timestamp\":{time}}}\n"));
        let (flows, faults) = read(&lines.concat(), OPEN);
        assert_eq!(faults, [""; 0]);
        assert_eq!(flows[0].matches(">text:").count(), times.len());
    }

    /// Reads lines until all connections are there, and gives the most that waited at any time.
    fn most_waiting(lines: impl Iterator<Item = String>, limit: usize) -> (usize, usize) {
        let text: String = lines.collect();
        let mut records = Records { limit, ..Records::new(Input::Slice(text.as_bytes())) };
        let (mut most, mut count) = (0, 0);
        while let Some(record) = records.next() {
            count += usize::from(record.is_ok());
            let held: usize = records.open.values().map(Connection::size).sum();
            assert_eq!(records.waiting, held);
            most = most.max(held);
        }
        (most, count)
    }

    #[test]
    fn ids_and_urls_and_the_connections_themselves_are_charged() {
        const LIMIT: usize = 100_000;
        let path = "x".repeat(10_000);
        let urls = (0..100).map(|flow| line(flow, "", "").replace("wss://h/", &format!("wss://h/{path}")));
        let ids = (0..100).map(|flow| line(flow, &format!("{flow}{path}"), ""));
        let small = (0..10_000).map(|flow| line(flow, "", ""));
        for (most, count, expected) in
            [(most_waiting(urls, LIMIT), 100), (most_waiting(ids, LIMIT), 100), (most_waiting(small, LIMIT), 10_000)]
                .map(|((most, count), expected)| (most, count, expected))
        {
            assert!(most <= LIMIT, "{most}");
            assert_eq!(count, expected);
        }
    }

    #[test]
    fn a_line_that_fails_holds_nothing() {
        let url = "x".repeat(1000);
        let broken = format!("{{\"from_client\":true,\"url\":\"{url}\"}}\n").repeat(100);
        let mut records = Records::new(Input::Slice(broken.as_bytes()));
        while records.next().is_some() {
            assert_eq!((records.open.len(), records.waiting), (0, 0));
        }
        assert_eq!(records.lines, 101);
    }

    #[test]
    fn connections_wait_until_there_are_too_many_bytes() {
        let text = [line(0, "a", "1"), line(1, "b", "2"), line(2, "c", "3"), line(0, "a", "4")].concat();
        // There is room for two.
        let limit = 5 * (ENTRY + 50) / 2;
        let (flows, faults) = read(&text, limit);
        assert_eq!(flows, ["a wss://h/ >text:1", "b wss://h/ >text:2", "c wss://h/ >text:3", "a wss://h/ >text:4"]);
        assert_eq!(faults.len(), 1);
        assert!(faults[0].contains("line 4: a message of a connection whose others"), "{}", faults[0]);
        // The one that is being read stays open, however large it is.
        let text: String = (0..10).map(|number| line(0, "a", &number.to_string())).collect();
        assert_eq!(read(&text, limit).0.len(), 1);
        assert_eq!(read(&text, 1).0.len(), 1);
    }

    #[test]
    fn json_that_holds_no_messages_is_no_capture() {
        for text in ["{\n  \"name\": \"x\"\n}\n", "{\"name\":\"x\"}", "\n\n{\"a\":1}\n{\"from_client\":true}\n", "{}\n"]
        {
            let slice = Reader::from_slice(text.as_bytes(), None).err().unwrap();
            let stream = Reader::from_stream(text.as_bytes(), None).err().unwrap();
            for error in [slice, stream] {
                assert!(matches!(error.situation(), Situation::UnknownFormat { .. }), "{error}");
            }
            assert!(Reader::from_slice(text.as_bytes(), Some(Format::Ndjson)).is_ok());
        }
    }

    #[test]
    fn a_first_line_that_is_broken_hides_no_other() {
        let text = ["\n\n{\"from_client\":1}\n".to_owned(), line(0, "a", "1")].concat();
        let mut stream = Reader::from_stream(text.as_bytes(), None).unwrap();
        let fault = stream.next().unwrap().err().unwrap().to_string();
        assert_eq!(fault, "byte 2, line 3: invalid type: integer `1`, expected a boolean at column 16");
        assert_eq!(shown(&stream.next().unwrap().unwrap()), "a wss://h/ >text:1");
        assert!(stream.next().is_none());
    }

    #[test]
    fn no_fault_names_a_type_of_ours() {
        for text in ["1", "\"x\"", "[]", "[true]", "{\"from_client\":{}}", "{\"from_client\":true,\"timestamp\":[]}"] {
            let (_, faults) = read(text, OPEN);
            assert_eq!(faults.len(), 1);
            assert!(!faults[0].contains("struct") && !faults[0].contains("Line"), "{}", faults[0]);
        }
    }

    #[test]
    fn streams_are_read_like_slices() {
        let text = [line(0, "a", "1"), line(2, "b", "2")].concat();
        let stream = Reader::from_stream(text.as_bytes(), None).unwrap();
        assert_eq!(stream.format(), Format::Ndjson);
        let flows: Vec<_> = stream.map(|record| shown(&record.unwrap())).collect();
        assert_eq!(flows, read(&text, OPEN).0);
    }
}
