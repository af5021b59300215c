//! What there is to say of one connection: its handshake, its peers, TLS, times, and how it closed. As a JSON object,
//! and as a sheet for people.

use std::borrow::Cow;

use serde::{Serialize, Serializer};

use super::time::is_time;
use super::value::{Time, Value};
use super::{Looks, Sheet, TimeFormat, Tone, json, units};
use crate::Error;
use crate::flow::{Flow, Headers, Request, Response, Timestamp, Tls, keep};
use crate::websocket::close_code_name;

/// What there is to say of a connection, or of a flow that is none. It holds no part of its record. Nothing is left
/// out or masked: credentials in headers and in the URL are there as they were sent.
#[derive(Clone, Debug, Serialize)]
pub struct Details {
    scope: &'static str,
    flow: u64,
    flow_id: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    #[serde(serialize_with = "version")]
    version: Option<Vec<u64>>,
    url: Option<String>,
    client: Peer,
    server: Peer,
    request: Option<Asked>,
    response: Option<Answered>,
    subprotocol: Option<String>,
    extensions: Option<String>,
    timestamp_start: Option<f64>,
    timestamp_response: Option<f64>,
    timestamp_end: Option<f64>,
    duration: Option<f64>,
    closed_by_client: Option<bool>,
    close_code: Option<i64>,
    close_name: Option<&'static str>,
    close_reason: Option<String>,
    error: Option<String>,
    marked: String,
    comment: String,
    #[serde(skip)]
    is_websocket: bool,
}

#[derive(Clone, Debug, Serialize)]
struct Peer {
    address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ip_address: Option<String>,
    tls: Option<Agreed>,
}

/// TLS.
#[derive(Clone, Debug, Serialize)]
struct Agreed {
    version: Option<String>,
    cipher: Option<String>,
    sni: Option<String>,
    alpn: Option<String>,
    certificates: Vec<String>,
}

#[derive(Clone, Debug, Serialize)]
struct Asked {
    method: Option<String>,
    path: Option<String>,
    http_version: Option<String>,
    headers: Vec<(String, String)>,
}

#[derive(Clone, Debug, Serialize)]
struct Answered {
    status: Option<i64>,
    reason: Option<String>,
    http_version: Option<String>,
    headers: Vec<(String, String)>,
}

/// How an address ends that nobody was connected to: it stands in flows whose maker knew of none, such as those that
/// were a HAR.
const NO_PORT: &str = ":0";

/// A version of the format is a number; one of the program, before mitmproxy 3.0, is a list of them.
fn version<S: Serializer>(version: &Option<Vec<u64>>, serializer: S) -> Result<S::Ok, S::Error> {
    match version.as_deref() {
        Some([number]) => number.serialize(serializer),
        numbers => numbers.serialize(serializer),
    }
}

impl Details {
    /// What there is to say of the flow at this position of its file, and the faults that left something out.
    pub fn new(flow: &Flow<'_>, index: u64) -> (Details, Vec<Error>) {
        let mut faults = Vec::new();
        let request = keep(flow.request(), &mut faults).flatten();
        let response = keep(flow.response(), &mut faults).flatten();
        let websocket = keep(flow.websocket(), &mut faults).flatten().unwrap_or_default();
        let in_websocket = |error: Error| error.within("websocket");
        // A server chooses one subprotocol of those that the client names (RFC 6455 section 4.2.2).
        let agreed = |name| Some(response?.headers().ok()?.get(name)?.into_owned());
        let start = flow.timestamp_start().and_then(seconds);
        let end = flow.timestamp_end().and_then(seconds);
        let close_code = keep(websocket.close_code().map_err(in_websocket), &mut faults).flatten();
        let details = Details {
            scope: "connection",
            flow: index,
            flow_id: keep(flow.id(), &mut faults).map(str::to_owned),
            kind: keep(flow.kind(), &mut faults).map(str::to_owned),
            version: keep(flow.version_numbers(), &mut faults),
            url: keep(flow.url(), &mut faults).flatten(),
            client: Peer {
                address: flow.client_address().filter(|address| !address.ends_with(NO_PORT)),
                ip_address: None,
                tls: flow.client_tls().map(Agreed::new),
            },
            server: Peer {
                address: flow.server_address().filter(|address| !address.ends_with(NO_PORT)),
                ip_address: flow.server_ip_address().filter(|address| !address.ends_with(NO_PORT)),
                tls: flow.server_tls().map(Agreed::new),
            },
            request: request.map(Asked::new),
            response: response.map(Answered::new),
            subprotocol: agreed("sec-websocket-protocol"),
            extensions: agreed("sec-websocket-extensions"),
            timestamp_start: start,
            timestamp_response: response.and_then(|response| response.timestamp_start()).and_then(seconds),
            timestamp_end: end,
            duration: start.zip(end).filter(|(start, end)| start <= end).map(|(start, end)| exact(end - start)),
            closed_by_client: keep(websocket.closed_by_client().map_err(in_websocket), &mut faults).flatten(),
            close_code,
            close_name: close_code.and_then(close_code_name),
            close_reason: keep(websocket.close_reason().map_err(in_websocket), &mut faults).flatten().map(owned),
            error: flow.error().map(owned),
            marked: owned(flow.marked()),
            comment: owned(flow.comment()),
            is_websocket: flow.has_websocket(),
        };
        (details, faults)
    }

    /// Appends the JSON object; for a terminal, so that it obeys nothing of it.
    pub fn push_json(&self, out: &mut Vec<u8>, looks: Looks) {
        json::object(out, self, looks);
    }

    /// Appends the sheet. What the capture does not say is left out.
    pub fn push_sheet(&self, out: &mut Vec<u8>, sheet: &Sheet, time: TimeFormat) {
        sheet.title(out, &[(Tone::Title, &format!("flow {}", self.flow))]);
        let shown = |value: &Option<String>| value.clone().unwrap_or_default();
        let first = self.timestamp_start.unwrap_or(f64::NAN);
        let at = |seconds: Option<f64>| match seconds {
            Some(seconds) => Value::Time { time: Time::Seconds(seconds), first }.to_text(time),
            None => String::new(),
        };
        let after = |seconds: Option<f64>| match (seconds, self.timestamp_start) {
            (Some(seconds), Some(start)) if seconds >= start => {
                format!("{}, {} after the start", at(Some(seconds)), span(seconds - start))
            }
            (seconds, _) => at(seconds),
        };
        let version = self.version.iter().flatten().map(u64::to_string).collect::<Vec<_>>().join(".");
        let (close_tone, closed) = self.closed();
        sheet.rows(
            out,
            &[
                ("url", Tone::Plain, shown(&self.url)),
                ("flow_id", Tone::Plain, shown(&self.flow_id)),
                ("type", Tone::Plain, shown(&self.kind)),
                ("version", Tone::Plain, version),
                ("client", Tone::Plain, self.client.place()),
                ("client tls", Tone::Plain, self.client.tls_line()),
                ("server", Tone::Plain, self.server.place()),
                ("server tls", Tone::Plain, self.server.tls_line()),
                ("subprotocol", Tone::Plain, shown(&self.subprotocol)),
                ("extensions", Tone::Plain, shown(&self.extensions)),
                ("start", Tone::Plain, at(self.timestamp_start)),
                ("response", Tone::Plain, after(self.timestamp_response)),
                ("end", Tone::Plain, at(self.timestamp_end)),
                ("duration", Tone::Plain, self.duration.map(span).unwrap_or_default()),
                ("closed", close_tone, closed),
                ("reason", Tone::Plain, shown(&self.close_reason)),
                ("error", Tone::Fault, shown(&self.error)),
                ("marked", Tone::Plain, self.marked.clone()),
                ("comment", Tone::Plain, self.comment.clone()),
            ],
        );
        if let Some(request) = self.request.as_ref().filter(|request| request.method.is_some()) {
            let line = joined(&[&request.method, &request.path, &request.http_version]);
            message(out, sheet, (Tone::Client, "→ request"), &line, &request.headers);
        }
        if let Some(response) = self.response.as_ref().filter(|response| response.status.is_some()) {
            let status = response.status.map(|status| status.to_string());
            let line = joined(&[&response.http_version, &status, &response.reason]);
            message(out, sheet, (Tone::Server, "← response"), &line, &response.headers);
        }
        out.push(b'\n');
    }

    /// How the connection closed, in words.
    fn closed(&self) -> (Tone, String) {
        if !self.is_websocket {
            return (Tone::Plain, String::new());
        }
        let by = self.closed_by_client.map(|by_client| if by_client { "by the client" } else { "by the server" });
        let name = self.close_name.map(|name| format!(" {name}"));
        let code = self.close_code.map(|code| format!("{code}{}", name.unwrap_or_default()));
        let words: Vec<_> = code.into_iter().chain(by.map(str::to_owned)).collect();
        match words.is_empty() {
            true => (Tone::Note, "not yet: it was open when it was captured".to_owned()),
            false => (close_tone(self.close_code), words.join(", ")),
        }
    }
}

/// The tone of a close code: those that a peer sends who has finished are nothing special, and what those mean that are
/// left to libraries and applications (RFC 6455 section 7.4.2), nobody else knows.
pub(super) fn close_tone(code: Option<i64>) -> Tone {
    match code {
        Some(1000 | 1001 | 1005 | 3000..=4999) => Tone::Plain,
        Some(_) => Tone::Fault,
        None => Tone::Note,
    }
}

/// A request or response: its first line, and its headers.
fn message(out: &mut Vec<u8>, sheet: &Sheet, name: (Tone, &str), line: &str, headers: &[(String, String)]) {
    out.push(b'\n');
    sheet.rows(out, &[(name.1, name.0, line.to_owned())]);
    for (name, value) in headers {
        sheet.inner_line(out, &[(Tone::Faint, &format!("{name}: ")), (Tone::Plain, value)]);
    }
}

fn joined(parts: &[&Option<String>]) -> String {
    let parts: Vec<_> = parts.iter().filter_map(|part| part.as_deref()).filter(|part| !part.is_empty()).collect();
    parts.join(" ")
}

impl Peer {
    fn place(&self) -> String {
        match (&self.address, &self.ip_address) {
            (Some(address), Some(ip)) if address != ip => format!("{address} ({ip})"),
            (address, ip) => address.clone().or_else(|| ip.clone()).unwrap_or_default(),
        }
    }

    fn tls_line(&self) -> String {
        let Some(tls) = &self.tls else { return String::new() };
        let named = |name: &str, value: &Option<String>| value.as_ref().map(|value| format!("{name} {value}"));
        let certificate = tls.certificates.first().cloned();
        let parts = [
            tls.version.clone(),
            tls.cipher.clone(),
            named("sni", &tls.sni),
            named("alpn", &tls.alpn),
            named("certificate", &certificate),
        ];
        let line = parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
        if line.is_empty() { "yes".to_owned() } else { line }
    }
}

impl Agreed {
    fn new(tls: Tls<'_>) -> Agreed {
        Agreed {
            version: tls.version().map(owned),
            cipher: tls.cipher().map(owned),
            sni: tls.sni().map(owned),
            alpn: tls.alpn().map(owned),
            certificates: tls.certificate_subjects(),
        }
    }
}

impl Asked {
    fn new(request: Request<'_>) -> Asked {
        Asked {
            method: request.method().ok().map(owned),
            path: request.path().ok().map(owned),
            http_version: request.http_version().ok().map(owned),
            headers: headers(request.headers()),
        }
    }
}

impl Answered {
    fn new(response: Response<'_>) -> Answered {
        Answered {
            status: response.status_code().ok(),
            reason: response.reason().ok().map(owned),
            http_version: response.http_version().ok().map(owned),
            headers: headers(response.headers()),
        }
    }
}

fn headers(headers: Result<Headers<'_>, Error>) -> Vec<(String, String)> {
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    headers.into_iter().flatten().map(|(name, value)| (text(name), text(value))).collect()
}

fn owned(text: Cow<'_, str>) -> String {
    text.into_owned()
}

fn seconds(timestamp: Timestamp<'_>) -> Option<f64> {
    Some(timestamp.seconds()).filter(|seconds| is_time(*seconds))
}

/// Microseconds are all that a difference of two times is good for.
fn exact(seconds: f64) -> f64 {
    (seconds * 1e6).round() / 1e6
}

fn span(seconds: f64) -> String {
    units::span((seconds * 1e6).round() as u64)
}
