//! All of a flow but its messages, in format 21.

use wsflow::state::State;
use wsflow::tnetstring::{self, RawValue};

use super::random::Random;

/// A certificate made for this file. A real chain is about three of these.
const CERTIFICATE: &[u8] = include_bytes!("certificate.pem");

/// Bytes of the body of a plain HTTP flow.
const BODY: usize = 256 << 10;

/// The parts of a connection that stand before and behind its messages, which take `length` bytes.
pub(super) fn around_messages(random: &mut Random, time: f64, path: &str, length: usize) -> (Vec<u8>, Vec<u8>) {
    let closing = body(&dict([
        ("closed_by_client", true.into()),
        ("close_code", 1000_i64.into()),
        ("close_reason", "".into()),
        ("timestamp_end", (time + 60.0).into()),
    ]));
    let rest = body(&flow(random, time, path, None));
    // `messages` is the first key and `websocket` the last one, so they stand last and first.
    const KEYS: (&str, &str) = ("9:websocket;", "8:messages;");
    let websocket = closing.len() + KEYS.1.len() + encoded_length(length);
    let flow = KEYS.0.len() + encoded_length(websocket) + rest.len();
    let mut before = format!("{flow}:{}{websocket}:", KEYS.0).into_bytes();
    before.extend_from_slice(&closing);
    before.extend_from_slice(format!("{}{length}:", KEYS.1).as_bytes());
    (before, [b"]}", rest.as_slice(), b"}"].concat())
}

/// A whole flow without a connection, with a body.
pub(super) fn with_body(random: &mut Random, time: f64, path: &str) -> Vec<u8> {
    let mut body = vec![0; BODY];
    random.fill(&mut body);
    let State::Dict(mut entries) = flow(random, time, path, Some(&body)) else { return Vec::new() };
    entries.insert(0, ("websocket".into(), State::Null));
    encoded(&State::Dict(entries))
}

/// A flow without the key `websocket`; with a body it is plain HTTP, without one it is a WebSocket handshake.
fn flow<'a>(random: &mut Random, time: f64, path: &'a str, body: Option<&'a [u8]>) -> State<'a> {
    let mut headers = vec![header("Host", "feed.example.com"), header("User-Agent", "bench/1.0")];
    if body.is_none() {
        headers.extend([header("Upgrade", "websocket"), header("Connection", "Upgrade")]);
    }
    let (status, reason, header) = match body {
        Some(_) => (200_i64, bytes("OK"), header("Content-Type", "application/octet-stream")),
        None => (101, bytes("Switching Protocols"), header("Upgrade", "websocket")),
    };
    dict([
        ("version", 21_i64.into()),
        ("type", "http".into()),
        ("id", id(random).into()),
        ("error", State::Null),
        ("client_conn", client(random, time)),
        ("server_conn", server(random, time)),
        ("intercepted", false.into()),
        ("is_replay", State::Null),
        ("marked", "".into()),
        ("metadata", dict([])),
        ("comment", "".into()),
        ("timestamp_created", time.into()),
        ("backup", State::Null),
        (
            "request",
            dict([
                ("http_version", bytes("HTTP/1.1")),
                ("headers", State::List(headers)),
                ("content", bytes("")),
                ("trailers", State::Null),
                ("timestamp_start", time.into()),
                ("timestamp_end", (time + 0.001).into()),
                ("host", "feed.example.com".into()),
                ("port", 443_i64.into()),
                ("method", bytes("GET")),
                ("scheme", bytes("https")),
                ("authority", bytes("")),
                ("path", bytes(path)),
            ]),
        ),
        (
            "response",
            dict([
                ("http_version", bytes("HTTP/1.1")),
                ("headers", list([header])),
                ("content", body.unwrap_or_default().into()),
                ("trailers", State::Null),
                ("timestamp_start", (time + 0.01).into()),
                ("timestamp_end", (time + 0.02).into()),
                ("status_code", status.into()),
                ("reason", reason),
            ]),
        ),
    ])
}

fn client(random: &mut Random, time: f64) -> State<'static> {
    connection(random, time, Vec::new(), [("mitmcert", State::Null), ("proxy_mode", "regular".into())])
}

fn server(random: &mut Random, time: f64) -> State<'static> {
    let more = [
        ("address", list(["feed.example.com".into(), 443_i64.into()])),
        ("timestamp_tcp_setup", (time + 0.125).into()),
        ("via", State::Null),
    ];
    connection(random, time, vec![CERTIFICATE.into(); 3], more)
}

/// What both sides of a connection have, and what only this one has.
fn connection<const N: usize>(
    random: &mut Random,
    time: f64,
    certificates: Vec<State<'static>>,
    more: [(&'static str, State<'static>); N],
) -> State<'static> {
    let port = 30_000 + random.below(30_000) as i64;
    let entries = [
        ("peername", list(["127.0.0.1".into(), port.into()])),
        ("sockname", list(["127.0.0.1".into(), 8080_i64.into()])),
        ("id", id(random).into()),
        ("transport_protocol", "tcp".into()),
        ("error", State::Null),
        ("tls", true.into()),
        ("certificate_list", State::List(certificates)),
        ("alpn", bytes("http/1.1")),
        ("alpn_offers", list([bytes("http/1.1")])),
        ("cipher", "TLS_AES_256_GCM_SHA384".into()),
        ("cipher_list", list([])),
        ("tls_version", "TLSv1.3".into()),
        ("sni", "feed.example.com".into()),
        ("timestamp_start", time.into()),
        ("timestamp_end", (time + 60.5).into()),
        ("timestamp_tls_setup", (time + 0.25).into()),
    ];
    dict(entries.into_iter().chain(more))
}

fn header(name: &'static str, value: &'static str) -> State<'static> {
    list([bytes(name), bytes(value)])
}

fn bytes(text: &str) -> State<'_> {
    text.as_bytes().into()
}

fn id(random: &mut Random) -> String {
    format!("{:08x}-0000-4000-9000-{:012x}", random.next() >> 32, random.next() >> 16)
}

fn list<'a, const N: usize>(values: [State<'a>; N]) -> State<'a> {
    State::List(values.into())
}

/// A dict as mitmproxy lays it out: the last key comes first.
fn dict<'a>(entries: impl IntoIterator<Item = (&'static str, State<'a>)>) -> State<'a> {
    let mut entries: Vec<_> = entries.into_iter().map(|(key, value)| (key.into(), value)).collect();
    entries.reverse();
    State::Dict(entries)
}

fn encoded(state: &State<'_>) -> Vec<u8> {
    // A state of these values has nothing in it that cannot be encoded.
    tnetstring::to_vec(state).unwrap_or_default()
}

/// The encoding without its length and tag.
fn body(state: &State<'_>) -> Vec<u8> {
    let encoded = encoded(state);
    RawValue::from_slice(&encoded).map(|value| value.body().to_vec()).unwrap_or_default()
}

/// Bytes that a value takes, given those of its body.
fn encoded_length(body: usize) -> usize {
    body.to_string().len() + 1 + body + 1
}
