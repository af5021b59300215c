//! New flows: what a format that is not mitmproxy's says of a connection, as a flow of format 21.
//!
//! mitmproxy reads a flow only if every key is there and no other one is. So a new flow has all of them, in the
//! order in which mitmproxy writes them (last key first), and what is not known is what mitmproxy gives a flow of
//! which nothing is known: null, false, an empty list. Reading and writing such a flow with mitmproxy gives the
//! same bytes.

use super::identity::Identity;
use super::number::Number;
use super::url::Url;
use crate::tnetstring::{Tag, Writer};

/// The format version of new flows.
const VERSION: i64 = 21;

/// An HTTP flow in the making.
#[derive(Debug)]
pub(crate) struct NewFlow {
    /// What the ids of the flow and of its connections are made from.
    pub(crate) identity: Identity,
    /// The flow's id, if it has one already.
    pub(crate) id: Option<String>,
    /// When it began, in seconds since the Unix epoch.
    pub(crate) timestamp: Number,
    pub(crate) request: NewRequest,
    pub(crate) response: Option<NewResponse>,
    /// The address that was connected to.
    pub(crate) server: Option<(String, i64)>,
    /// The IP address and port that this was.
    pub(crate) server_ip: Option<(String, i64)>,
    /// Why it ended early, and when.
    pub(crate) error: Option<(String, Number)>,
    pub(crate) marked: String,
    pub(crate) comment: String,
    /// What of it was replayed by mitmproxy: `request` or `response`.
    pub(crate) is_replay: Option<String>,
}

/// The request of a new flow.
#[derive(Debug)]
pub(crate) struct NewRequest {
    pub(crate) host: String,
    pub(crate) port: i64,
    pub(crate) method: Vec<u8>,
    pub(crate) scheme: Vec<u8>,
    pub(crate) authority: Vec<u8>,
    pub(crate) path: Vec<u8>,
    pub(crate) message: NewMessage,
}

/// The response of a new flow.
#[derive(Debug)]
pub(crate) struct NewResponse {
    pub(crate) status: i64,
    pub(crate) reason: Vec<u8>,
    pub(crate) message: NewMessage,
}

/// What requests and responses have in common.
#[derive(Debug)]
pub(crate) struct NewMessage {
    pub(crate) http_version: Vec<u8>,
    pub(crate) headers: Vec<(Vec<u8>, Vec<u8>)>,
    /// The body, if it is known.
    pub(crate) content: Option<Vec<u8>>,
    /// When its headers came, and its last byte.
    pub(crate) timestamps: [Number; 2],
}

impl NewFlow {
    /// A WebSocket connection of which only its URL and the time of its first message are known, or not even these.
    pub(crate) fn of_websocket(identity: Identity, timestamp: Option<Number>, url: Option<&[u8]>) -> NewFlow {
        // A message may have a time that is none, or an integer; a flow that has such breaks what reads it.
        let timestamp = timestamp.map(|time| time.to_f64()).filter(|time| time.is_finite());
        let timestamp = Number::Float(timestamp.unwrap_or(0.0));
        let request = url.map(|url| Url::parse(url).to_request(&timestamp));
        NewFlow {
            identity,
            id: None,
            response: None,
            server: request.as_ref().map(|request| (request.host.clone(), request.port)),
            request: request.unwrap_or_else(|| NewRequest::unknown(timestamp.clone())),
            server_ip: None,
            error: None,
            marked: String::new(),
            comment: String::new(),
            is_replay: None,
            timestamp,
        }
    }

    /// The flow as a record. The values of its `websocket` and of its `metadata` are written by the caller.
    pub(crate) fn encode(
        &self,
        websocket: impl FnOnce(&mut Writer<'_>),
        metadata: impl FnOnce(&mut Writer<'_>),
    ) -> Vec<u8> {
        let mut out = Vec::new();
        let mut writer = Writer::new(&mut out);
        let flow = writer.open();
        writer.str("websocket");
        websocket(&mut writer);
        writer.str("response");
        match &self.response {
            Some(response) => response.encode(&mut writer),
            None => writer.null(),
        }
        writer.str("request");
        self.request.encode(&mut writer);
        null(&mut writer, "backup");
        number(&mut writer, "timestamp_created", Some(&self.timestamp));
        writer.str("comment");
        writer.str(&self.comment);
        writer.str("metadata");
        metadata(&mut writer);
        writer.str("marked");
        writer.str(&self.marked);
        writer.str("is_replay");
        match &self.is_replay {
            Some(what) => writer.str(what),
            None => writer.null(),
        }
        writer.str("intercepted");
        writer.bool(false);
        self.server(&mut writer);
        self.client(&mut writer);
        writer.str("error");
        self.error(&mut writer);
        writer.str("id");
        match &self.id {
            Some(id) => writer.str(id),
            None => writer.str(&self.identity.to_uuid()),
        }
        writer.str("type");
        writer.str("http");
        writer.str("version");
        writer.integer(VERSION);
        writer.close(flow, Tag::Dict);
        out
    }

    fn error(&self, writer: &mut Writer<'_>) {
        let Some((message, timestamp)) = &self.error else { return writer.null() };
        let error = writer.open();
        number(writer, "timestamp", Some(timestamp));
        writer.str("msg");
        writer.str(message);
        writer.close(error, Tag::Dict);
    }

    fn server(&self, writer: &mut Writer<'_>) {
        writer.str("server_conn");
        let server = writer.open();
        null(writer, "via");
        null(writer, "timestamp_tcp_setup");
        address(writer, "address", self.server.as_ref());
        self.connection(writer, "server_conn", None);
        null(writer, "sockname");
        address(writer, "peername", self.server_ip.as_ref());
        writer.close(server, Tag::Dict);
    }

    fn client(&self, writer: &mut Writer<'_>) {
        writer.str("client_conn");
        let client = writer.open();
        writer.str("proxy_mode");
        writer.str("regular");
        null(writer, "mitmcert");
        self.connection(writer, "client_conn", Some(&Number::Float(self.timestamp.to_f64())));
        // A client has addresses; these are what mitmproxy has for one of which it knows none.
        let unknown = (String::new(), 0);
        address(writer, "sockname", Some(&unknown));
        address(writer, "peername", Some(&unknown));
        writer.close(client, Tag::Dict);
    }

    /// What client and server connections have in common.
    fn connection(&self, writer: &mut Writer<'_>, name: &str, start: Option<&Number>) {
        null(writer, "timestamp_tls_setup");
        null(writer, "timestamp_end");
        number(writer, "timestamp_start", start);
        null(writer, "sni");
        null(writer, "tls_version");
        empty_list(writer, "cipher_list");
        null(writer, "cipher");
        empty_list(writer, "alpn_offers");
        null(writer, "alpn");
        empty_list(writer, "certificate_list");
        writer.str("tls");
        writer.bool(self.request.scheme == b"https");
        null(writer, "error");
        writer.str("transport_protocol");
        writer.str("tcp");
        writer.str("id");
        writer.str(&self.identity.with(name.as_bytes()).to_uuid());
    }
}

impl NewRequest {
    /// The request that mitmproxy makes up for a WebSocket connection whose handshake is missing.
    pub(crate) fn unknown(timestamp: Number) -> NewRequest {
        NewRequest {
            host: "unknown".to_owned(),
            port: 80,
            method: b"GET".to_vec(),
            scheme: b"http".to_vec(),
            authority: Vec::new(),
            path: b"/".to_vec(),
            message: NewMessage {
                http_version: b"HTTP/1.1".to_vec(),
                headers: Vec::new(),
                content: None,
                timestamps: [timestamp.clone(), timestamp],
            },
        }
    }

    fn encode(&self, writer: &mut Writer<'_>) {
        let request = writer.open();
        let parts =
            [("path", &self.path), ("authority", &self.authority), ("scheme", &self.scheme), ("method", &self.method)];
        for (key, value) in parts {
            writer.str(key);
            writer.bytes(value);
        }
        writer.str("port");
        writer.integer(self.port);
        writer.str("host");
        writer.str(&self.host);
        self.message.encode(writer);
        writer.close(request, Tag::Dict);
    }
}

impl NewResponse {
    fn encode(&self, writer: &mut Writer<'_>) {
        let response = writer.open();
        writer.str("reason");
        writer.bytes(&self.reason);
        writer.str("status_code");
        writer.integer(self.status);
        self.message.encode(writer);
        writer.close(response, Tag::Dict);
    }
}

impl NewMessage {
    fn encode(&self, writer: &mut Writer<'_>) {
        let [start, end] = &self.timestamps;
        number(writer, "timestamp_end", Some(end));
        number(writer, "timestamp_start", Some(start));
        null(writer, "trailers");
        writer.str("content");
        match &self.content {
            Some(content) => writer.bytes(content),
            None => writer.null(),
        }
        writer.str("headers");
        let headers = writer.open();
        for (name, value) in &self.headers {
            let header = writer.open();
            writer.bytes(name);
            writer.bytes(value);
            writer.close(header, Tag::List);
        }
        writer.close(headers, Tag::List);
        writer.str("http_version");
        writer.bytes(&self.http_version);
    }
}

fn address(writer: &mut Writer<'_>, key: &str, address: Option<&(String, i64)>) {
    writer.str(key);
    let Some((host, port)) = address else { return writer.null() };
    let address = writer.open();
    writer.str(host);
    writer.integer(*port);
    writer.close(address, Tag::List);
}

fn number(writer: &mut Writer<'_>, key: &str, number: Option<&Number>) {
    writer.str(key);
    match number {
        Some(number) => number.write(writer),
        None => writer.null(),
    }
}

fn null(writer: &mut Writer<'_>, key: &str) {
    writer.str(key);
    writer.null();
}

fn empty_list(writer: &mut Writer<'_>, key: &str) {
    writer.str(key);
    let list = writer.open();
    writer.close(list, Tag::List);
}
