//! What an entry says of a flow, beside its times and its messages: the shape of it, and where the values come from.

use std::borrow::Cow;

use serde::{Serialize, Serializer};

use super::body::{Content, PostData, Room};
use super::lists::{HeaderPairs, Parameters, RequestCookies, ResponseCookies, joined};
use super::own::Own;
use super::text::lossy;
use super::{python, query, url};
use crate::Error;
use crate::flow::{Flow, Request, Response};

/// An entry without `startedDateTime`, `time` and `timings`, which depend on the entries before it.
#[derive(Serialize)]
pub(super) struct Entry<'a> {
    request: HarRequest<'a>,
    response: HarResponse<'a>,
    cache: Empty,
    #[serde(rename = "serverIPAddress", skip_serializing_if = "Option::is_none")]
    server_address: Option<Cow<'a, str>>,
    #[serde(rename = "_resourceType", skip_serializing_if = "Option::is_none")]
    resource_type: Option<&'static str>,
    #[serde(rename = "_wsflow")]
    own: Own<'a>,
}

#[derive(Serialize)]
struct Empty {}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct HarRequest<'a> {
    method: String,
    url: String,
    http_version: Cow<'a, str>,
    cookies: RequestCookies<'a>,
    headers: HeaderPairs<'a>,
    query_string: Query,
    headers_size: usize,
    body_size: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    post_data: Option<PostData<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct HarResponse<'a> {
    status: i64,
    status_text: Cow<'a, str>,
    http_version: Cow<'a, str>,
    cookies: ResponseCookies<'a>,
    headers: HeaderPairs<'a>,
    content: Content<'a>,
    #[serde(rename = "redirectURL")]
    redirect_url: String,
    headers_size: i64,
    body_size: i64,
    #[serde(flatten)]
    missing: Option<Missing<'a>>,
}

/// What a response has that is not there.
#[derive(Serialize)]
struct Missing<'a> {
    #[serde(rename = "_transferSize")]
    transfer_size: i64,
    #[serde(rename = "_error")]
    error: Option<Cow<'a, str>>,
}

/// The query of a URL.
struct Query(String);

impl Serialize for Query {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Parameters(&self.0).serialize(serializer)
    }
}

impl<'a> Entry<'a> {
    pub(super) fn new(flow: &'a Flow<'a>, request: &Request<'a>, room: &'a Room) -> Result<Entry<'a>, Error> {
        let response = flow.response()?;
        Ok(Entry {
            request: HarRequest::new(request, room)?,
            response: match &response {
                Some(response) => HarResponse::new(response, room)?,
                None => HarResponse::missing(flow, room),
            },
            cache: Empty {},
            server_address: flow.server().and_then(|server| server.ip()),
            resource_type: flow.websocket()?.map(|_| "websocket"),
            own: Own::new(flow, request, response.as_ref())?,
        })
    }
}

impl<'a> HarRequest<'a> {
    fn new(request: &Request<'a>, room: &'a Room) -> Result<HarRequest<'a>, Error> {
        let method = request.method()?.to_uppercase();
        let headers = request.headers()?;
        let post_data = || PostData { request: *request, mime_type: joined(&headers, "content-type"), room };
        let is_connect = method == "CONNECT";
        Ok(HarRequest {
            url: if is_connect { format!("https://{}/", request.authority()) } else { url::portable(request)? },
            http_version: request.http_version()?,
            cookies: RequestCookies(headers.clone()),
            query_string: match is_connect {
                true => Query(String::new()),
                false => Query(query::of_path(&lossy(request.path_bytes()?).0)),
            },
            headers_size: python::headers_size(headers.clone()),
            body_size: request.raw_body().unwrap_or_default().len(),
            post_data: matches!(&*method, "POST" | "PUT" | "PATCH").then(post_data),
            headers: HeaderPairs(Some(headers)),
            method,
        })
    }
}

impl<'a> HarResponse<'a> {
    fn new(response: &Response<'a>, room: &'a Room) -> Result<HarResponse<'a>, Error> {
        let headers = response.headers()?;
        Ok(HarResponse {
            status: response.status_code()?,
            status_text: response.reason()?,
            http_version: response.http_version()?,
            cookies: ResponseCookies(Some(headers.clone())),
            content: Content { response: Some(*response), mime_type: joined(&headers, "content-type"), room },
            redirect_url: joined(&headers, "location"),
            headers_size: python::headers_size(headers.clone()) as i64,
            headers: HeaderPairs(Some(headers)),
            body_size: response.raw_body().unwrap_or_default().len() as i64,
            missing: None,
        })
    }

    /// What savehar writes where there is no response.
    fn missing(flow: &Flow<'a>, room: &'a Room) -> HarResponse<'a> {
        HarResponse {
            status: 0,
            status_text: Cow::Borrowed(""),
            http_version: Cow::Borrowed(""),
            cookies: ResponseCookies(None),
            headers: HeaderPairs(None),
            content: Content { response: None, mime_type: String::new(), room },
            redirect_url: String::new(),
            headers_size: -1,
            body_size: -1,
            missing: Some(Missing { transfer_size: 0, error: flow.error() }),
        }
    }
}
