//! The fields of a connection, and the row that they are read from.

use super::Tone;
use super::details::close_tone;
use super::fields::{Field, Info, info, text};
use super::time::is_time;
use super::value::{Time, Value};
use crate::Error;
use crate::flow::{Flow, Message, keep};

/// A flow with what was counted in its messages. It holds no part of its record.
#[derive(Clone, Debug, Default)]
pub struct FlowRow {
    /// The name of the file, when there are several.
    pub file: Option<String>,
    /// The position in the file, counted from 0.
    pub index: u64,
    id: Option<String>,
    kind: Option<String>,
    version: Option<Vec<u64>>,
    url: Option<String>,
    status: Option<i64>,
    timestamp_start: Option<f64>,
    timestamp_end: Option<f64>,
    websocket: Option<Connection>,
    marked: String,
    comment: String,
}

/// The part of a row that only a WebSocket connection has.
#[derive(Clone, Debug, Default)]
struct Connection {
    counts: MessageCounts,
    closed_by_client: Option<bool>,
    close_code: Option<i64>,
    close_reason: Option<String>,
}

/// Messages and bytes, by who sent them, and how many were dropped or injected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MessageCounts {
    /// Messages from the client.
    pub client_messages: u64,
    /// Messages from the server.
    pub server_messages: u64,
    /// Bytes of content from the client.
    pub client_bytes: u64,
    /// Bytes of content from the server.
    pub server_bytes: u64,
    /// Messages that were not forwarded.
    pub dropped: u64,
    /// Messages that came from neither peer.
    pub injected: u64,
}

impl MessageCounts {
    /// Counts a message.
    pub fn add(&mut self, message: &Message<'_>) {
        let bytes = message.content.len() as u64;
        if message.from_client {
            self.client_messages += 1;
            self.client_bytes += bytes;
        } else {
            self.server_messages += 1;
            self.server_bytes += bytes;
        }
        self.dropped += u64::from(message.dropped);
        self.injected += u64::from(message.injected);
    }

    /// Adds what was counted in another part of the same connection.
    pub fn merge(&mut self, other: &MessageCounts) {
        self.client_messages += other.client_messages;
        self.server_messages += other.server_messages;
        self.client_bytes += other.client_bytes;
        self.server_bytes += other.server_bytes;
        self.dropped += other.dropped;
        self.injected += other.injected;
    }
}

impl FlowRow {
    /// The row of a flow, its messages not counted yet, and the faults that left a field empty.
    pub fn new(flow: &Flow<'_>, index: u64) -> (FlowRow, Vec<Error>) {
        let mut faults = Vec::new();
        let row = FlowRow {
            file: None,
            index,
            id: keep(flow.id(), &mut faults).map(str::to_owned),
            kind: keep(flow.kind(), &mut faults).map(str::to_owned),
            version: keep(flow.version_numbers(), &mut faults),
            url: keep(flow.url(), &mut faults).flatten(),
            status: status(flow, &mut faults),
            timestamp_start: flow.timestamp_start().map(|time| time.seconds()),
            timestamp_end: flow.timestamp_end().map(|time| time.seconds()),
            websocket: keep(flow.websocket(), &mut faults).flatten().map(|websocket| Connection {
                counts: MessageCounts::default(),
                closed_by_client: keep(websocket.closed_by_client().map_err(in_websocket), &mut faults).flatten(),
                close_code: keep(websocket.close_code().map_err(in_websocket), &mut faults).flatten(),
                close_reason: keep(websocket.close_reason().map_err(in_websocket), &mut faults)
                    .flatten()
                    .map(Into::into),
            }),
            marked: flow.marked().into_owned(),
            comment: flow.comment().into_owned(),
        };
        (row, faults)
    }

    /// Adds what was counted in messages of the flow.
    pub fn count(&mut self, counts: &MessageCounts) {
        if let Some(websocket) = &mut self.websocket {
            websocket.counts.merge(counts);
        }
    }
}

fn in_websocket(error: Error) -> Error {
    error.within("websocket")
}

fn status(flow: &Flow<'_>, faults: &mut Vec<Error>) -> Option<i64> {
    let response = keep(flow.response(), faults).flatten()?;
    keep(response.status_code().map_err(|error| error.within("response")), faults)
}

/// The fields of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FlowField {
    /// Name of the file.
    File,
    /// Position of the flow.
    Flow,
    /// The flow's id.
    FlowId,
    /// `http`, `tcp`, `udp`, `dns`.
    Type,
    /// Format version.
    Version,
    /// The URL.
    Url,
    /// Status code of the response.
    Status,
    /// When it began, in Unix seconds.
    TimestampStart,
    /// When it ended, in Unix seconds.
    TimestampEnd,
    /// When it began, in the time format.
    Start,
    /// Number of messages.
    Messages,
    /// Those from the client.
    ClientMessages,
    /// Those from the server.
    ServerMessages,
    /// Bytes of all messages.
    Bytes,
    /// Bytes from the client.
    ClientBytes,
    /// Bytes from the server.
    ServerBytes,
    /// Dropped messages.
    Dropped,
    /// Injected messages.
    Injected,
    /// Who closed it.
    ClosedByClient,
    /// Close code.
    CloseCode,
    /// Close reason.
    CloseReason,
    /// How it closed, in short.
    Close,
    /// The mark.
    Marked,
    /// The comment.
    Comment,
}

impl Field for FlowField {
    type Row<'a> = FlowRow;

    const ALL: &'static [Info<FlowField>] = &[
        text(FlowField::File, "file", 20, "the name of the file"),
        info(FlowField::Flow, "flow", 5, true, "position in the file, from 0"),
        info(FlowField::FlowId, "flow_id", 36, false, "mitmproxy's id of the flow"),
        info(FlowField::Type, "type", 4, false, "http, tcp, udp, dns"),
        info(FlowField::Version, "version", 7, true, "format version of the flow"),
        text(FlowField::Url, "url", 40, "URL"),
        info(FlowField::Status, "status", 6, true, "status code of the HTTP response"),
        info(FlowField::TimestampStart, "timestamp_start", 18, true, "begin, in seconds since 1970-01-01 UTC"),
        info(FlowField::TimestampEnd, "timestamp_end", 18, true, "end, in seconds since 1970-01-01 UTC"),
        info(FlowField::Start, "start", 27, false, "begin, in the format of --time-format"),
        info(FlowField::Messages, "messages", 8, true, "number of messages"),
        info(FlowField::ClientMessages, "client_messages", 15, true, "messages from the client"),
        info(FlowField::ServerMessages, "server_messages", 15, true, "messages from the server"),
        info(FlowField::Bytes, "bytes", 9, true, "bytes of content of all messages"),
        info(FlowField::ClientBytes, "client_bytes", 12, true, "bytes of content from the client"),
        info(FlowField::ServerBytes, "server_bytes", 12, true, "bytes of content from the server"),
        info(FlowField::Dropped, "dropped", 7, true, "dropped messages"),
        info(FlowField::Injected, "injected", 8, true, "injected messages"),
        info(FlowField::ClosedByClient, "closed_by_client", 16, false, "true: the client closed it, false: the server"),
        info(FlowField::CloseCode, "close_code", 10, true, "close code (RFC 6455 section 7.4)"),
        text(FlowField::CloseReason, "close_reason", 20, "close reason"),
        info(FlowField::Close, "close", 11, false, "close code and who closed it: 1000 client"),
        text(FlowField::Marked, "marked", 8, "the mark set in mitmproxy"),
        text(FlowField::Comment, "comment", 20, "the comment set in mitmproxy"),
    ];

    fn info(self) -> &'static Info<FlowField> {
        // The list is in the order of the enum; a test holds them together.
        &Self::ALL[self as usize]
    }

    fn tone(self, row: &FlowRow) -> Tone {
        use FlowField as F;
        match self {
            F::File | F::Flow | F::FlowId | F::TimestampStart | F::TimestampEnd | F::Start => Tone::Faint,
            F::Status if row.status.is_some_and(|status| status >= 400) => Tone::Fault,
            F::Close | F::CloseCode => row.websocket.as_ref().map_or(Tone::Faint, |c| close_tone(c.close_code)),
            _ => Tone::Plain,
        }
    }

    fn value<'a>(self, row: &'a FlowRow) -> Value<'a> {
        let connection = row.websocket.as_ref();
        let counted = |count: fn(&MessageCounts) -> u64| connection.map(|c| count(&c.counts)).into();
        match self {
            FlowField::File => row.file.as_deref().into(),
            FlowField::Flow => row.index.into(),
            FlowField::FlowId => row.id.as_deref().into(),
            FlowField::Type => row.kind.as_deref().into(),
            FlowField::Version => match row.version.as_deref() {
                Some([number]) => (*number).into(),
                Some(numbers) => Value::Numbers(numbers),
                None => Value::Null,
            },
            FlowField::Url => row.url.as_deref().into(),
            FlowField::Status => row.status.into(),
            FlowField::TimestampStart => row.timestamp_start.filter(|seconds| is_time(*seconds)).into(),
            FlowField::TimestampEnd => row.timestamp_end.filter(|seconds| is_time(*seconds)).into(),
            FlowField::Start => match row.timestamp_start {
                Some(seconds) => Value::Time { time: Time::Seconds(seconds), first: seconds },
                None => Value::Null,
            },
            FlowField::Messages => counted(|counts| counts.client_messages + counts.server_messages),
            FlowField::ClientMessages => counted(|counts| counts.client_messages),
            FlowField::ServerMessages => counted(|counts| counts.server_messages),
            FlowField::Bytes => counted(|counts| counts.client_bytes + counts.server_bytes),
            FlowField::ClientBytes => counted(|counts| counts.client_bytes),
            FlowField::ServerBytes => counted(|counts| counts.server_bytes),
            FlowField::Dropped => counted(|counts| counts.dropped),
            FlowField::Injected => counted(|counts| counts.injected),
            FlowField::ClosedByClient => connection.and_then(|c| c.closed_by_client).into(),
            FlowField::CloseCode => connection.and_then(|c| c.close_code).into(),
            FlowField::CloseReason => connection.and_then(|c| c.close_reason.as_deref()).into(),
            FlowField::Close => close(connection),
            FlowField::Marked => row.marked.as_str().into(),
            FlowField::Comment => row.comment.as_str().into(),
        }
    }
}

/// How a connection closed, in a few letters.
fn close(connection: Option<&Connection>) -> Value<'_> {
    let Some(connection) = connection else { return Value::Null };
    let code = connection.close_code.map(|code| code.to_string());
    let by = connection.closed_by_client.map(|by_client| if by_client { "client" } else { "server" });
    Value::Text(match (code, by) {
        (Some(code), Some(by)) => format!("{code} {by}").into(),
        (Some(code), None) => code.into(),
        (None, Some(by)) => by.into(),
        (None, None) => "open".into(),
    })
}

impl FlowField {
    /// What a connection object holds (JSON and CSV), in the order of the contract.
    pub fn of_object(with_file: bool) -> Vec<FlowField> {
        let only_in_tables = [FlowField::Start, FlowField::Bytes, FlowField::Close];
        let fields = FlowField::ALL.iter().map(|info| info.field);
        fields.filter(|field| !only_in_tables.contains(field) && (with_file || *field != FlowField::File)).collect()
    }

    /// What a line of the table holds; `of_all` flows, it says of which type each is.
    pub fn of_table(with_file: bool, of_all: bool) -> Vec<FlowField> {
        use FlowField as F;
        let mut fields = vec![F::Flow, F::Start, F::Status, F::Messages, F::Bytes, F::Close, F::Url];
        if of_all {
            fields.insert(2, F::Type);
        }
        if with_file {
            fields.insert(0, F::File);
        }
        fields
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_in_the_order_of_the_enum() {
        for (position, info) in FlowField::ALL.iter().enumerate() {
            assert_eq!(info.field as usize, position, "{}", info.name);
        }
    }
}
