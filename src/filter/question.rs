//! What is asked of a flow, operator by operator. A value that is missing or broken answers no.

use super::leaf::{Leaf, Value};
use super::operators::Operator;
use super::regex::Pattern;
use crate::flow::{DnsMessage, Flow, Headers, Request, Response};

/// Whether an operator is true of a flow. Of a request that failed to be one nothing is.
pub(super) fn flow(leaf: &Leaf, flow: &Flow<'_>, index: u64) -> bool {
    let kind = flow.kind().unwrap_or_default();
    let is_http = kind == "http";
    let request = || flow.request().ok().flatten().filter(|_| is_http);
    let response = || flow.response().ok().flatten().filter(|_| is_http);
    let has = |text: &str| matches!(&leaf.value, Value::Pattern(pattern) if pattern.is_in(text.as_bytes()));
    let in_range = |number: u64| matches!(&leaf.value, Value::Numbers(range) if range.contains(&number));
    let pattern = match &leaf.value {
        Value::Pattern(pattern) => Some(pattern),
        _ => None,
    };
    match leaf.operator {
        Operator::All => true,
        Operator::Http => is_http,
        Operator::Tcp => kind == "tcp",
        Operator::Udp => kind == "udp",
        Operator::Dns => kind == "dns",
        Operator::WebSocket => is_http && flow.has_websocket(),
        Operator::Error => flow.has_error(),
        Operator::Marked => !flow.marked().is_empty(),
        Operator::Marker => has(&flow.marked()),
        Operator::Comment => has(&flow.comment()),
        Operator::Metadata => has(&flow.metadata_lines()),
        Operator::Replayed => flow.replayed().is_some(),
        Operator::ReplayedRequest => flow.replayed() == Some("request"),
        Operator::ReplayedResponse => flow.replayed() == Some("response"),
        Operator::Request => (is_http || kind == "dns") && !flow.has_response(),
        Operator::Response => (is_http || kind == "dns") && flow.has_response(),
        Operator::Source => flow.client_address().is_some_and(|address| has(&address)),
        Operator::Destination => flow.server_address().is_some_and(|address| has(&address)),
        Operator::Asset => response().is_some_and(|response| is_asset(&response)),
        Operator::Code => {
            response().and_then(|response| u64::try_from(response.status_code().ok()?).ok()).is_some_and(in_range)
        }
        Operator::Method => pattern
            .zip(request().and_then(|request| request.method_bytes()))
            .is_some_and(|(pattern, method)| pattern.is_in(method)),
        Operator::Domain => request().is_some_and(|request| {
            request.host().is_ok_and(|host| has(&host)) || request.pretty_host().is_ok_and(|host| has(&host))
        }),
        Operator::Url if kind == "dns" => {
            flow.dns_request().and_then(|dns| dns.questions().next()).is_some_and(|name| has(&name))
        }
        Operator::Url => request().and_then(|request| request.url().ok()).is_some_and(|url| has(&url)),
        Operator::ContentType => {
            content_type(pattern, request_headers(request())) || content_type(pattern, response_headers(response()))
        }
        Operator::ContentTypeRequest => content_type(pattern, request_headers(request())),
        Operator::ContentTypeResponse => content_type(pattern, response_headers(response())),
        Operator::Header => lines(pattern, request_headers(request())) || lines(pattern, response_headers(response())),
        Operator::HeaderRequest => lines(pattern, request_headers(request())),
        Operator::HeaderResponse => lines(pattern, response_headers(response())),
        Operator::FlowPosition => in_range(index),
        Operator::Id => flow.id().is_ok_and(|id| id.starts_with(&leaf.argument)),
        Operator::Closed => {
            let code = flow.websocket().ok().flatten().and_then(|websocket| websocket.close_code().ok()?);
            code.and_then(|code| u64::try_from(code).ok()).is_some_and(in_range)
        }
        Operator::Open => flow.websocket().ok().flatten().is_some_and(|websocket| websocket.is_open()),
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
        | Operator::Text => false,
    }
}

/// Whether an operator that searches bodies is true of a flow, its WebSocket messages left out.
pub(super) fn bodies(leaf: &Leaf, flow: &Flow<'_>) -> bool {
    let Value::Pattern(pattern) = &leaf.value else { return false };
    let (of_client, of_server) = match leaf.operator {
        Operator::Body => (true, true),
        Operator::BodyRequest => (true, false),
        Operator::BodyResponse => (false, true),
        _ => return false,
    };
    let asks = |from_client: bool| if from_client { of_client } else { of_server };
    match flow.kind() {
        Ok("http") => {
            let request = || flow.request().ok().flatten()?.body();
            let response = || flow.response().ok().flatten()?.body();
            of_client && request().is_some_and(|body| pattern.is_in(&body))
                || of_server && response().is_some_and(|body| pattern.is_in(&body))
        }
        Ok("dns") => {
            let shown = |message: Option<DnsMessage<'_>>| {
                message.is_some_and(|message| pattern.is_in(message.to_text().as_bytes()))
            };
            of_client && shown(flow.dns_request()) || of_server && shown(flow.dns_response())
        }
        Ok("tcp" | "udp") => flow.stream().any(|(from_client, content)| asks(from_client) && pattern.is_in(content)),
        _ => false,
    }
}

fn request_headers(request: Option<Request<'_>>) -> Option<Headers<'_>> {
    request?.headers().ok()
}

fn response_headers(response: Option<Response<'_>>) -> Option<Headers<'_>> {
    response?.headers().ok()
}

/// Whether a pattern is in a content-type.
fn content_type(pattern: Option<&Pattern>, headers: Option<Headers<'_>>) -> bool {
    pattern.zip(headers).is_some_and(|(pattern, headers)| content_types(headers).any(|value| pattern.is_in(value)))
}

fn content_types(headers: Headers<'_>) -> impl Iterator<Item = &[u8]> {
    headers.filter(|(name, _)| name.eq_ignore_ascii_case(b"content-type")).map(|(_, value)| value)
}

/// Whether a pattern is in the header lines.
fn lines(pattern: Option<&Pattern>, headers: Option<Headers<'_>>) -> bool {
    pattern.zip(headers).is_some_and(|(pattern, headers)| pattern.is_in(&headers.to_lines()))
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
