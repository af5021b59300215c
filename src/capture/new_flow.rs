//! New flows: what a format that is not mitmproxy's says of a connection, as a flow of format 21.
//!
//! mitmproxy reads a flow only if every key is there and no other one is. So a new flow has all of them, in the
//! order in which mitmproxy writes them (last key first), and what is not known is what mitmproxy gives a flow of
//! which nothing is known: null, false, an empty list. Reading and writing such a flow with mitmproxy gives the
//! same bytes.

use super::identity::Identity;
use crate::tnetstring::{Tag, Writer};

/// The format version of new flows.
const VERSION: i64 = 21;

/// An HTTP flow in the making.
#[derive(Debug)]
pub(crate) struct NewFlow {
    /// What the ids of the flow and of its connections are made from.
    pub(crate) identity: Identity,
    /// When it began, in seconds since the Unix epoch.
    pub(crate) timestamp: f64,
    pub(crate) request: NewRequest,
}

/// The request of a new flow.
#[derive(Debug)]
pub(crate) struct NewRequest {
    pub(crate) host: String,
    pub(crate) port: i64,
    pub(crate) method: Vec<u8>,
    pub(crate) scheme: Vec<u8>,
    pub(crate) path: Vec<u8>,
    pub(crate) http_version: Vec<u8>,
}

impl Default for NewRequest {
    /// The request that mitmproxy makes up for a WebSocket connection whose handshake is missing.
    fn default() -> NewRequest {
        NewRequest {
            host: "unknown".to_owned(),
            port: 80,
            method: b"GET".to_vec(),
            scheme: b"http".to_vec(),
            path: b"/".to_vec(),
            http_version: b"HTTP/1.1".to_vec(),
        }
    }
}

impl NewFlow {
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
        null(&mut writer, "response");
        writer.str("request");
        self.request.encode(&mut writer, self.timestamp);
        null(&mut writer, "backup");
        writer.str("timestamp_created");
        writer.float(self.timestamp);
        writer.str("comment");
        writer.str("");
        writer.str("metadata");
        metadata(&mut writer);
        writer.str("marked");
        writer.str("");
        null(&mut writer, "is_replay");
        writer.str("intercepted");
        writer.bool(false);
        self.server(&mut writer);
        self.client(&mut writer);
        null(&mut writer, "error");
        writer.str("id");
        writer.str(&self.identity.to_uuid());
        writer.str("type");
        writer.str("http");
        writer.str("version");
        writer.integer(VERSION);
        writer.close(flow, Tag::Dict);
        out
    }

    fn server(&self, writer: &mut Writer<'_>) {
        writer.str("server_conn");
        let server = writer.open();
        null(writer, "via");
        null(writer, "timestamp_tcp_setup");
        null(writer, "address");
        connection(writer, self.identity.with(b"server_conn"), None);
        null(writer, "sockname");
        null(writer, "peername");
        writer.close(server, Tag::Dict);
    }

    fn client(&self, writer: &mut Writer<'_>) {
        writer.str("client_conn");
        let client = writer.open();
        writer.str("proxy_mode");
        writer.str("regular");
        null(writer, "mitmcert");
        connection(writer, self.identity.with(b"client_conn"), Some(self.timestamp));
        for key in ["sockname", "peername"] {
            writer.str(key);
            address(writer, "", 0);
        }
        writer.close(client, Tag::Dict);
    }
}

impl NewRequest {
    fn encode(&self, writer: &mut Writer<'_>, timestamp: f64) {
        let request = writer.open();
        for (key, value) in [("path", &self.path[..]), ("authority", b""), ("scheme", &self.scheme)] {
            writer.str(key);
            writer.bytes(value);
        }
        writer.str("method");
        writer.bytes(&self.method);
        writer.str("port");
        writer.integer(self.port);
        writer.str("host");
        writer.str(&self.host);
        for key in ["timestamp_end", "timestamp_start"] {
            writer.str(key);
            writer.float(timestamp);
        }
        null(writer, "trailers");
        null(writer, "content");
        list(writer, "headers");
        writer.str("http_version");
        writer.bytes(&self.http_version);
        writer.close(request, Tag::Dict);
    }
}

/// What client and server connections have in common.
fn connection(writer: &mut Writer<'_>, identity: Identity, start: Option<f64>) {
    null(writer, "timestamp_tls_setup");
    null(writer, "timestamp_end");
    writer.str("timestamp_start");
    match start {
        Some(start) => writer.float(start),
        None => writer.null(),
    }
    null(writer, "sni");
    null(writer, "tls_version");
    list(writer, "cipher_list");
    null(writer, "cipher");
    list(writer, "alpn_offers");
    null(writer, "alpn");
    list(writer, "certificate_list");
    writer.str("tls");
    writer.bool(false);
    null(writer, "error");
    writer.str("transport_protocol");
    writer.str("tcp");
    writer.str("id");
    writer.str(&identity.to_uuid());
}

fn address(writer: &mut Writer<'_>, host: &str, port: i64) {
    let address = writer.open();
    writer.str(host);
    writer.integer(port);
    writer.close(address, Tag::List);
}

fn null(writer: &mut Writer<'_>, key: &str) {
    writer.str(key);
    writer.null();
}

fn list(writer: &mut Writer<'_>, key: &str) {
    writer.str(key);
    let list = writer.open();
    writer.close(list, Tag::List);
}
