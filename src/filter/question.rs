//! What is asked of a flow, operator by operator. A value that is missing or broken answers no.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::sync::{Mutex, PoisonError};

use super::answer::Answer;
use super::failures::Failures;
use super::leaf::{Leaf, Value};
use super::operators::Operator;
use super::regex::Pattern;
use crate::flow::{Body, DnsMessage, Flow, Headers, Request, Response};

/// Whether an operator is true of a flow. Of a request that failed to be one nothing is.
pub(super) fn flow(leaf: &Leaf, flow: &Flow<'_>, index: u64) -> Answer {
    let kind = flow.kind().unwrap_or_default();
    let is_http = kind == "http";
    let request = || flow.request().ok().flatten().filter(|_| is_http);
    let response = || flow.response().ok().flatten().filter(|_| is_http);
    let has = |text: &str| match &leaf.value {
        Value::Pattern(pattern) => pattern.is_in(text.as_bytes()),
        _ => Answer::No,
    };
    let in_range = |number: u64| matches!(&leaf.value, Value::Numbers(range) if range.contains(&number));
    let pattern = match &leaf.value {
        Value::Pattern(pattern) => Some(pattern),
        _ => None,
    };
    match leaf.operator {
        Operator::Marker => has(&flow.marked()),
        Operator::Comment => has(&flow.comment()),
        Operator::Metadata => has(&flow.metadata_lines()),
        Operator::Source => flow.client_address().map_or(Answer::No, |address| has(&address)),
        Operator::Destination => flow.server_address().map_or(Answer::No, |address| has(&address)),
        Operator::Method => {
            let method = request().and_then(|request| request.method_bytes());
            pattern.zip(method).map_or(Answer::No, |(pattern, method)| pattern.is_in(method))
        }
        Operator::Domain => request().map_or(Answer::No, |request| {
            let host = || request.host().map_or(Answer::No, |host| has(&host));
            host().or(|| request.pretty_host().map_or(Answer::No, |host| has(&host)))
        }),
        Operator::Url if kind == "dns" => {
            flow.dns_request().and_then(|dns| dns.questions().next()).map_or(Answer::No, |name| has(&name))
        }
        Operator::Url => request().and_then(|request| request.url().ok()).map_or(Answer::No, |url| has(&url)),
        Operator::ContentType => {
            content_type(pattern, request_headers(request())).or(|| content_type(pattern, response_headers(response())))
        }
        Operator::ContentTypeRequest => content_type(pattern, request_headers(request())),
        Operator::ContentTypeResponse => content_type(pattern, response_headers(response())),
        Operator::Header => {
            lines(pattern, request_headers(request())).or(|| lines(pattern, response_headers(response())))
        }
        Operator::HeaderRequest => lines(pattern, request_headers(request())),
        Operator::HeaderResponse => lines(pattern, response_headers(response())),
        Operator::All => Answer::Yes,
        Operator::Http => is_http.into(),
        Operator::Tcp => (kind == "tcp").into(),
        Operator::Udp => (kind == "udp").into(),
        Operator::Dns => (kind == "dns").into(),
        Operator::WebSocket => (is_http && flow.has_websocket()).into(),
        Operator::Error => flow.has_error().into(),
        Operator::Marked => (!flow.marked().is_empty()).into(),
        Operator::Replayed => flow.replayed().is_some().into(),
        Operator::ReplayedRequest => (flow.replayed() == Some("request")).into(),
        Operator::ReplayedResponse => (flow.replayed() == Some("response")).into(),
        Operator::Request => ((is_http || kind == "dns") && !flow.has_response()).into(),
        Operator::Response => ((is_http || kind == "dns") && flow.has_response()).into(),
        Operator::Asset => response().is_some_and(|response| is_asset(&response)).into(),
        Operator::Code => {
            let code = response().and_then(|response| u64::try_from(response.status_code().ok()?).ok());
            code.is_some_and(in_range).into()
        }
        Operator::FlowPosition => in_range(index).into(),
        Operator::Id => flow.id().is_ok_and(|id| id.starts_with(&leaf.argument)).into(),
        Operator::Closed => {
            let code = flow.websocket().ok().flatten().and_then(|websocket| websocket.close_code().ok()?);
            code.and_then(|code| u64::try_from(code).ok()).is_some_and(in_range).into()
        }
        Operator::Open => flow.websocket().ok().flatten().is_some_and(|websocket| websocket.is_open()).into(),
        // These ask messages.
        Operator::Body
        | Operator::BodyRequest
        | Operator::BodyResponse
        | Operator::After
        | Operator::Before
        | Operator::Binary
        | Operator::Client
        | Operator::Dropped
        | Operator::Injected
        | Operator::Jq
        | Operator::MessagePosition
        | Operator::Server
        | Operator::Size
        | Operator::Text => Answer::No,
    }
}

/// Whether an operator that searches bodies is true of a flow, its WebSocket messages left out.
pub(super) fn bodies<'f>(leaf: &Leaf, flow: &Flow<'f>, bodies: &Bodies<'f, '_>) -> Answer {
    let Value::Pattern(pattern) = &leaf.value else { return Answer::No };
    let (of_client, of_server) = match leaf.operator {
        Operator::Body => (true, true),
        Operator::BodyRequest => (true, false),
        Operator::BodyResponse => (false, true),
        _ => return Answer::No,
    };
    match flow.kind() {
        Ok("http" | "dns") => {
            let request = if of_client { bodies.request.contains(pattern, flow) } else { Answer::No };
            request.or(|| if of_server { bodies.response.contains(pattern, flow) } else { Answer::No })
        }
        Ok("tcp" | "udp") => {
            let asked = flow.stream().filter(|(from_client, _)| if *from_client { of_client } else { of_server });
            Answer::any(asked.map(|(_, content)| pattern.is_in(content)))
        }
        _ => Answer::No,
    }
}

/// The bodies of a flow, for all the questions about them.
#[derive(Debug)]
pub(super) struct Bodies<'f, 'c> {
    request: Searched<'f, 'c>,
    response: Searched<'f, 'c>,
}

impl<'f, 'c> Bodies<'f, 'c> {
    /// Those of a flow; what cannot be answered about them is counted.
    pub(super) fn new(failures: &'c Failures) -> Bodies<'f, 'c> {
        let of = |read| Searched { read, small: OnceCell::new(), failures };
        Bodies { request: of(request_body), response: of(response_body) }
    }
}

/// A body that is searched: decoded when it is asked for, and kept if it is small.
#[derive(Debug)]
struct Searched<'f, 'c> {
    read: ReadBody,
    small: OnceCell<Option<Body<'f>>>,
    failures: &'c Failures,
}

/// Reads a body of a flow, decoded up to a limit if there is one.
type ReadBody = for<'f> fn(&Flow<'f>, Option<usize>) -> Option<Body<'f>>;

/// What is decoded to more than this is not kept, and no two are in memory at a time.
const LARGE: usize = 1 << 20;

static LARGE_IN_MEMORY: Mutex<()> = Mutex::new(());

impl<'f> Searched<'f, '_> {
    fn contains(&self, pattern: &Pattern, flow: &Flow<'f>) -> Answer {
        let Some(small) = self.small.get_or_init(|| (self.read)(flow, Some(LARGE))) else { return Answer::No };
        if !small.is_cut {
            return pattern.is_in(&small.bytes);
        }
        let _only_one = LARGE_IN_MEMORY.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(body) = (self.read)(flow, None) else { return Answer::No };
        let answer = pattern.is_in(&body.bytes);
        if body.is_cut && !answer.is_yes() {
            // Nobody knows what is not in it.
            self.failures.count_body();
            return Answer::Unknown;
        }
        answer
    }
}

fn request_body<'f>(flow: &Flow<'f>, limit: Option<usize>) -> Option<Body<'f>> {
    if matches!(flow.kind(), Ok("dns")) {
        return flow.dns_request().map(shown);
    }
    let request = flow.request().ok().flatten()?;
    limit.map_or_else(|| request.body(), |limit| request.body_up_to(limit))
}

fn response_body<'f>(flow: &Flow<'f>, limit: Option<usize>) -> Option<Body<'f>> {
    if matches!(flow.kind(), Ok("dns")) {
        return flow.dns_response().map(shown);
    }
    let response = flow.response().ok().flatten()?;
    limit.map_or_else(|| response.body(), |limit| response.body_up_to(limit))
}

/// A DNS message as mitmproxy searches it.
fn shown<'f>(message: DnsMessage<'_>) -> Body<'f> {
    Body { bytes: Cow::Owned(message.to_text().into_bytes()), is_cut: false }
}

fn request_headers(request: Option<Request<'_>>) -> Option<Headers<'_>> {
    request?.headers().ok()
}

fn response_headers(response: Option<Response<'_>>) -> Option<Headers<'_>> {
    response?.headers().ok()
}

/// Whether a pattern is in a content-type.
fn content_type(pattern: Option<&Pattern>, headers: Option<Headers<'_>>) -> Answer {
    let asked = pattern.zip(headers);
    asked.map_or(Answer::No, |(pattern, headers)| Answer::any(content_types(headers).map(|value| pattern.is_in(value))))
}

fn content_types(headers: Headers<'_>) -> impl Iterator<Item = &[u8]> {
    headers.filter(|(name, _)| name.eq_ignore_ascii_case(b"content-type")).map(|(_, value)| value)
}

/// Whether a pattern is in the header lines.
fn lines(pattern: Option<&Pattern>, headers: Option<Headers<'_>>) -> Answer {
    pattern.zip(headers).map_or(Answer::No, |(pattern, headers)| pattern.is_in(&headers.to_lines()))
}

/// The content-types of what a page is made of, in the case in which they are looked for.
const ASSETS: [&[u8]; 7] = [
    b"text/javascript",
    b"application/x-javascript",
    b"application/javascript",
    b"text/css",
    b"image/",
    b"font/",
    b"application/font",
];

fn is_asset(response: &Response<'_>) -> bool {
    response.headers().is_ok_and(|headers| {
        content_types(headers).any(|value| ASSETS.iter().any(|asset| memchr::memmem::find(value, asset).is_some()))
    })
}
