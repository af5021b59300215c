//! A flow as a typed, lazy view of its record: values are found once and read when somebody asks.
//!
//! ```text
//! Flow ─┬─ version, kind, id, marked, comment, error, …
//!       ├─ request ── method, scheme, host, path, headers, …    ── url
//!       ├─ response ─ status_code, reason, headers, …
//!       └─ websocket ─ closed_by_client, close_code, close_reason, timestamp_end
//!                      └─ messages: walked one by one, never collected
//! ```
//!
//! Nothing here is decoded twice or copied; text that is not UTF-8 is shown with replacement characters, for
//! captured bytes are never a reason to refuse a flow.

mod body;
mod connection;
mod context;
mod dns;
mod http;
mod message;
mod metadata;
mod protocol;
mod python;
mod server;
mod stream;
mod timestamp;
pub(crate) mod url;
mod websocket;

use std::borrow::Cow;
use std::ops::Range;

pub use body::Body;
pub(crate) use body::{End, Undecodable, Unpacked};
pub(crate) use body::{has_zlib_header, unpack_brotli, unpack_gzip, unpack_zlib, unpack_zstd};
pub use connection::Tls;
pub use context::FlowContext;
pub(crate) use context::keep;
pub use dns::DnsMessage;
pub use http::{Headers, Request, Response};
pub use message::{Message, Messages};
pub use protocol::{Protocol, WampFormat};
pub(crate) use server::Server;
pub use stream::StreamMessages;
pub use timestamp::Timestamp;
pub(crate) use timestamp::micros;
pub use websocket::WebSocket;

use crate::tnetstring::{RawValue, Tag};
use crate::{Error, Situation};

/// A flow, borrowed from its record.
#[derive(Clone, Debug)]
pub struct Flow<'a> {
    fields: [Option<RawValue<'a>>; FIELDS.len()],
    /// The messages, if they stand elsewhere than in `websocket`.
    messages: Option<RawValue<'a>>,
}

/// The keys of a flow that are read here, by [`Field`]. All others are skipped.
const FIELDS: [&str; 15] = [
    "version",
    "type",
    "id",
    "websocket",
    "request",
    "response",
    "error",
    "marked",
    "comment",
    "client_conn",
    "server_conn",
    "timestamp_created",
    "is_replay",
    "metadata",
    "messages",
];

#[derive(Clone, Copy)]
enum Field {
    Version,
    Type,
    Id,
    WebSocket,
    Request,
    Response,
    Error,
    Marked,
    Comment,
    ClientConn,
    ServerConn,
    TimestampCreated,
    IsReplay,
    Metadata,
    Messages,
}

impl Field {
    fn name(self) -> &'static str {
        FIELDS[self as usize]
    }
}

/// The format version of a flow: mitmproxy writes an integer since 3.0, before that the parts of its own version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// mitmproxy 0.11 to 2.0: major and minor version of the program, such as 0.18.
    Program(u64, u64),
    /// mitmproxy 3.0 and later: the number of the format.
    Format(u64),
}

impl Version {
    /// The newest format version that is known here, that of mitmproxy 11 and 12.
    pub const NEWEST: Version = Version::Format(21);

    /// The first version in which a WebSocket connection is part of its HTTP flow.
    pub const ONE_RECORD: Version = Version::Format(12);
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Version::Program(major, minor) => write!(f, "{major}.{minor}"),
            Version::Format(number) => number.fmt(f),
        }
    }
}

impl<'a> Flow<'a> {
    /// Finds the values of a record. What they hold is not looked at yet.
    ///
    /// # Errors
    /// When the record is not a dict, or the values in it do not fit into each other.
    pub fn parse(record: &'a [u8]) -> Result<Flow<'a>, Error> {
        let mut fields = [None; FIELDS.len()];
        for entry in RawValue::from_slice(record)?.entries()? {
            let (key, value) = entry?;
            // The last of equal keys counts, as in Python.
            if let Some(field) = FIELDS.iter().position(|name| name.as_bytes() == key) {
                fields[field] = Some(value);
            }
        }
        Ok(Flow { fields, messages: None })
    }

    /// The flow, with the messages of its WebSocket in another place.
    pub(crate) fn with_messages(self, messages: Option<RawValue<'a>>) -> Flow<'a> {
        Flow { messages, ..self }
    }

    fn get(&self, field: Field) -> Option<RawValue<'a>> {
        self.fields[field as usize]
    }

    fn require(&self, field: Field) -> Result<RawValue<'a>, Error> {
        self.get(field).ok_or_else(|| Error::new(Situation::MissingKey).within(field.name()))
    }

    /// A value that may be missing or null.
    fn optional(&self, field: Field) -> Option<RawValue<'a>> {
        self.get(field).filter(|value| !value.is_null())
    }

    /// The format version.
    ///
    /// # Errors
    /// When it is missing or makes no sense.
    pub fn version(&self) -> Result<Version, Error> {
        let numbers = self.version_numbers()?;
        Ok(match numbers[..] {
            [number] => Version::Format(number),
            [major, minor, ..] => Version::Program(major, minor),
            [] => return Err(self.unknown_version()),
        })
    }

    /// The format version as it stands in the flow: the number of the format, or, before mitmproxy 3.0, the parts of the
    /// version of the program.
    ///
    /// # Errors
    /// When it is missing or makes no sense.
    pub fn version_numbers(&self) -> Result<Vec<u64>, Error> {
        /// Parts that the version of a program has, and one more than any ever had.
        const PARTS: Range<usize> = 2..5;
        let value = self.require(Field::Version)?;
        let number = |value: RawValue<'_>| value.to_i64().ok().and_then(|number| u64::try_from(number).ok());
        let numbers: Option<Vec<_>> = match value.tag() {
            Tag::Integer => number(value).map(|number| vec![number]),
            Tag::List => value.items()?.take(PARTS.end).map(|part| part.ok().and_then(number)).collect(),
            _ => None,
        };
        match numbers {
            Some(numbers) if value.tag() == Tag::Integer || PARTS.contains(&numbers.len()) => Ok(numbers),
            _ => Err(self.unknown_version()),
        }
    }

    fn unknown_version(&self) -> Error {
        let value = self.get(Field::Version);
        let body = value.map_or(&b""[..], |value| value.body());
        let shown = &body[..body.len().min(20)];
        Error::new(Situation::UnknownVersion(format!("`{}`", shown.escape_ascii())))
            .at(value.map_or(0, |value| value.offset() as u64))
            .within(Field::Version.name())
    }

    /// The type: `http`, `tcp`, `udp`, `dns`, or another, kept as it is.
    ///
    /// # Errors
    /// When it is missing or no text.
    pub fn kind(&self) -> Result<&'a str, Error> {
        self.require(Field::Type)?.to_str().map_err(|error| Error::from(error).within(Field::Type.name()))
    }

    /// The id, a UUID in what mitmproxy writes.
    ///
    /// # Errors
    /// When it is missing or no text.
    pub fn id(&self) -> Result<&'a str, Error> {
        self.require(Field::Id)?.to_str().map_err(|error| Error::from(error).within(Field::Id.name()))
    }

    /// The HTTP request, if the flow has one.
    ///
    /// # Errors
    /// When it is there and no dict.
    pub fn request(&self) -> Result<Option<Request<'a>>, Error> {
        let request = self.optional(Field::Request).map(Request::new).transpose();
        request.map_err(|error| error.within(Field::Request.name()))
    }

    /// The HTTP response, if the flow has one.
    ///
    /// # Errors
    /// When it is there and no dict.
    pub fn response(&self) -> Result<Option<Response<'a>>, Error> {
        let response = self.optional(Field::Response).map(Response::new).transpose();
        response.map_err(|error| error.within(Field::Response.name()))
    }

    /// The WebSocket connection, if the flow is one.
    ///
    /// # Errors
    /// When it is there and no dict.
    pub fn websocket(&self) -> Result<Option<WebSocket<'a>>, Error> {
        let websocket = self.optional(Field::WebSocket).map(WebSocket::new).transpose();
        let websocket = websocket.map_err(|error| error.within(Field::WebSocket.name()))?;
        Ok(websocket.map(|websocket| websocket.with_messages(self.messages)))
    }

    /// mitmproxy's pretty URL of the request: its `Host` header counts before the address that was connected to.
    /// A WebSocket connection has `ws` for `http` and `wss` for `https`. `None` without a request.
    ///
    /// # Errors
    /// When a part of the URL is missing or of a wrong type.
    pub fn url(&self) -> Result<Option<String>, Error> {
        let Some(request) = self.request()? else { return Ok(None) };
        let url = request.url().map_err(|error| error.within(Field::Request.name()))?;
        if self.optional(Field::WebSocket).is_some() { Ok(Some(url::as_websocket(url))) } else { Ok(Some(url)) }
    }

    /// The mark that a person gave the flow: empty, `:default:`, or an emoji's name.
    pub fn marked(&self) -> Cow<'a, str> {
        match self.optional(Field::Marked) {
            // Up to format 12 a flow is marked or not.
            Some(mark) if mark.to_bool() == Ok(true) => Cow::Borrowed(":default:"),
            mark => text(mark),
        }
    }

    /// The comment that a person gave the flow.
    pub fn comment(&self) -> Cow<'a, str> {
        text(self.optional(Field::Comment))
    }

    /// The message of the flow's error, if it has one.
    pub fn error(&self) -> Option<Cow<'a, str>> {
        let message = self.optional(Field::Error)?.get("msg").ok()??;
        Some(text(Some(message)))
    }

    /// The connection to the server.
    pub(crate) fn server(&self) -> Option<Server<'a>> {
        self.optional(Field::ServerConn).map(Server::new)
    }

    /// When the flow was created, in seconds since the Unix epoch; formats before 16 do not say.
    pub(crate) fn timestamp_created(&self) -> Option<Timestamp<'a>> {
        self.optional(Field::TimestampCreated).and_then(Timestamp::new)
    }

    /// When the flow's error came, in seconds since the Unix epoch.
    pub(crate) fn error_timestamp(&self) -> Option<Timestamp<'a>> {
        self.optional(Field::Error)?.get("timestamp").ok()?.and_then(Timestamp::new)
    }

    /// Whether the flow ended with an error, with or without words about it.
    pub fn has_error(&self) -> bool {
        self.optional(Field::Error).is_some()
    }

    /// Whether the flow has a response, of whatever kind.
    pub fn has_response(&self) -> bool {
        self.optional(Field::Response).is_some()
    }

    /// Whether the flow is a WebSocket connection.
    pub fn has_websocket(&self) -> bool {
        self.optional(Field::WebSocket).is_some()
    }

    /// What of the flow was replayed by mitmproxy: `request` or `response`.
    pub fn replayed(&self) -> Option<&'a str> {
        self.optional(Field::IsReplay)?.to_str().ok()
    }

    /// The address of the client, as `HOST:PORT`; no brackets are put around an IPv6 address.
    pub fn client_address(&self) -> Option<String> {
        connection::address(self.optional(Field::ClientConn)?, &["peername", "address"])
    }

    /// The address that the server was connected to or should have been, as `HOST:PORT`; no brackets are put around
    /// an IPv6 address.
    pub fn server_address(&self) -> Option<String> {
        connection::address(self.optional(Field::ServerConn)?, &["address"])
    }

    /// The IP address and port that the server was reached at, as `IP:PORT`; no brackets are put around an IPv6
    /// address.
    pub fn server_ip_address(&self) -> Option<String> {
        connection::address(self.optional(Field::ServerConn)?, &["peername", "ip_address"])
    }

    /// TLS between the client and mitmproxy, if there was any.
    pub fn client_tls(&self) -> Option<Tls<'a>> {
        self.optional(Field::ClientConn).and_then(Tls::new)
    }

    /// TLS between mitmproxy and the server, if there was any.
    pub fn server_tls(&self) -> Option<Tls<'a>> {
        self.optional(Field::ServerConn).and_then(Tls::new)
    }

    /// The metadata that addons gave the flow, as it stands there.
    pub(crate) fn metadata(&self) -> Option<RawValue<'a>> {
        self.optional(Field::Metadata)
    }

    /// The metadata that addons gave the flow: a line `key: value` for each, the values as Python prints them.
    pub fn metadata_lines(&self) -> String {
        self.metadata().map(metadata::lines).unwrap_or_default()
    }

    /// The messages of a TCP or UDP flow; of any other flow there are none.
    pub fn stream(&self) -> StreamMessages<'a> {
        StreamMessages::new(self.optional(Field::Messages))
    }

    /// The query of a DNS flow, if it is one.
    pub fn dns_request(&self) -> Option<DnsMessage<'a>> {
        self.dns(Field::Request)
    }

    /// The answer of a DNS flow, if it is one and has one.
    pub fn dns_response(&self) -> Option<DnsMessage<'a>> {
        self.dns(Field::Response)
    }

    fn dns(&self, field: Field) -> Option<DnsMessage<'a>> {
        let message = self.optional(field).filter(|_| self.kind().is_ok_and(|kind| kind == "dns"));
        message.map(DnsMessage::new)
    }

    /// When the flow began, in seconds since the Unix epoch: when its request did, else when its client connected,
    /// else when the flow was created; the first of the three that is there.
    pub fn timestamp_start(&self) -> Option<Timestamp<'a>> {
        let within = |field, key| self.optional(field).and_then(|value| value.get(key).ok().flatten());
        within(Field::Request, "timestamp_start")
            .or_else(|| within(Field::ClientConn, "timestamp_start"))
            .or_else(|| self.optional(Field::TimestampCreated))
            .and_then(Timestamp::new)
    }

    /// When the flow ended, in seconds since the Unix epoch: when its WebSocket connection did, and without one when
    /// its response did. `None` while it lasts.
    pub fn timestamp_end(&self) -> Option<Timestamp<'a>> {
        match self.optional(Field::WebSocket) {
            Some(_) => self.websocket().ok().flatten()?.timestamp_end(),
            None => self.optional(Field::Response)?.get("timestamp_end").ok()?.and_then(Timestamp::new),
        }
    }
}

/// Text that may be missing, and need not be UTF-8.
fn text(value: Option<RawValue<'_>>) -> Cow<'_, str> {
    match value.map(|value| value.to_bytes()) {
        Some(Ok(bytes)) => String::from_utf8_lossy(bytes),
        _ => Cow::Borrowed(""),
    }
}
