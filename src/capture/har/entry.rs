//! What an entry says of a flow, beside its times and its messages: the shape of it, and where the values come from.

use std::borrow::Cow;

use serde::Serialize;

use super::own::Own;
use super::text::{self, lossy};
use super::{cookies, python, query, url};
use crate::Error;
use crate::flow::{Flow, Headers, Request, Response};
use crate::output;

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
    cookies: Vec<Pair<'a>>,
    headers: Vec<Pair<'a>>,
    query_string: Vec<Pair<'a>>,
    headers_size: usize,
    body_size: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    post_data: Option<PostData<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PostData<'a> {
    mime_type: String,
    text: Option<Cow<'a, str>>,
    params: Vec<Pair<'a>>,
    #[serde(rename = "_base64", skip_serializing_if = "Option::is_none")]
    base64: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct HarResponse<'a> {
    status: i64,
    status_text: Cow<'a, str>,
    http_version: Cow<'a, str>,
    cookies: Vec<Cookie>,
    headers: Vec<Pair<'a>>,
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

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Content<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    compression: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mime_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    encoding: Option<&'static str>,
}

#[derive(Serialize)]
struct Pair<'a> {
    name: Cow<'a, str>,
    value: Cow<'a, str>,
    /// The value, where it is no text.
    #[serde(rename = "_base64", skip_serializing_if = "Option::is_none")]
    base64: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Cookie {
    name: String,
    value: Option<String>,
    path: Option<String>,
    domain: Option<String>,
    http_only: bool,
    secure: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    same_site: Option<Option<String>>,
}

impl<'a> Entry<'a> {
    pub(super) fn new(flow: &'a Flow<'a>, request: &Request<'a>) -> Result<Entry<'a>, Error> {
        let response = flow.response()?;
        Ok(Entry {
            request: HarRequest::new(request)?,
            response: match &response {
                Some(response) => HarResponse::new(response)?,
                None => HarResponse::missing(flow),
            },
            cache: Empty {},
            server_address: flow.server().and_then(|server| server.ip()),
            resource_type: flow.websocket()?.map(|_| "websocket"),
            own: Own::new(flow, request, response.as_ref())?,
        })
    }
}

impl<'a> HarRequest<'a> {
    fn new(request: &Request<'a>) -> Result<HarRequest<'a>, Error> {
        let method = request.method()?.to_uppercase();
        let headers = request.headers()?;
        let post_data = match &*method {
            "POST" | "PUT" | "PATCH" => Some(PostData::new(request, &headers)),
            _ => None,
        };
        let cookies = values(&headers, "cookie").flat_map(|header| cookies::of_request(&header));
        let is_connect = method == "CONNECT";
        Ok(HarRequest {
            url: if is_connect { format!("https://{}/", request.authority()) } else { url::portable(request)? },
            http_version: request.http_version()?,
            cookies: cookies.map(pair_of_text).collect(),
            query_string: match is_connect {
                true => Vec::new(),
                false => query::of_path(&lossy(request.path_bytes()?).0).into_iter().map(pair_of_text).collect(),
            },
            headers_size: python::headers_size(headers.clone()),
            headers: headers.map(pair).collect(),
            body_size: request.raw_body().unwrap_or_default().len(),
            post_data,
            method,
        })
    }
}

impl<'a> PostData<'a> {
    fn new(request: &Request<'a>, headers: &Headers<'a>) -> PostData<'a> {
        let mime_type = joined(headers, "content-type");
        let body = request.body();
        let decoded = body.as_deref().map(|body| text::decode(body, &mime_type));
        let is_whole = decoded.as_ref().is_none_or(|(_, is_whole)| *is_whole);
        let base64 = if is_whole { None } else { body.as_deref().map(output::base64_text) };
        let text = decoded.map(|(text, _)| Cow::Owned(text.into_owned()));
        let is_form = mime_type.to_lowercase().contains("application/x-www-form-urlencoded");
        let params = match &text {
            Some(text) if is_form => query::parameters(text).into_iter().map(pair_of_text).collect(),
            _ => Vec::new(),
        };
        PostData { mime_type, text, params, base64 }
    }
}

impl<'a> HarResponse<'a> {
    fn new(response: &Response<'a>) -> Result<HarResponse<'a>, Error> {
        let headers = response.headers()?;
        let raw_size = response.raw_body().unwrap_or_default().len();
        let cookies = values(&headers, "set-cookie").flat_map(|header| cookies::of_response(&header));
        Ok(HarResponse {
            status: response.status_code()?,
            status_text: response.reason()?,
            http_version: response.http_version()?,
            cookies: cookies.map(Cookie::new).collect(),
            content: Content::new(response, &headers, raw_size),
            redirect_url: joined(&headers, "location"),
            headers_size: python::headers_size(headers.clone()) as i64,
            headers: headers.map(pair).collect(),
            body_size: raw_size as i64,
            missing: None,
        })
    }

    /// What savehar writes where there is no response.
    fn missing(flow: &Flow<'a>) -> HarResponse<'a> {
        HarResponse {
            status: 0,
            status_text: Cow::Borrowed(""),
            http_version: Cow::Borrowed(""),
            cookies: Vec::new(),
            headers: Vec::new(),
            content: Content::default(),
            redirect_url: String::new(),
            headers_size: -1,
            body_size: -1,
            missing: Some(Missing { transfer_size: 0, error: flow.error() }),
        }
    }
}

impl<'a> Content<'a> {
    fn new(response: &Response<'a>, headers: &Headers<'a>, raw_size: usize) -> Content<'a> {
        let mime_type = joined(headers, "content-type");
        let body = response.body().unwrap_or_default();
        let decoded = match text::is_mostly_binary(&body) {
            true => None,
            false => Some(text::decode(&body, &mime_type)).filter(|(_, is_whole)| *is_whole),
        };
        let (text, encoding) = match decoded {
            Some((text, _)) => (text.into_owned(), None),
            None => (output::base64_text(&body), Some("base64")),
        };
        Content {
            size: Some(raw_size),
            compression: Some(body.len() as i64 - raw_size as i64),
            mime_type: Some(mime_type),
            text: Some(Cow::Owned(text)),
            encoding,
        }
    }
}

impl Cookie {
    fn new(cookie: cookies::SetCookie) -> Cookie {
        let text = |name, absent: &str| match cookie.attribute(name) {
            Some(value) => value.map(str::to_owned),
            None => Some(absent.to_owned()),
        };
        Cookie {
            path: text("path", "/"),
            domain: text("domain", ""),
            http_only: cookie.attribute("httponly").is_some(),
            secure: cookie.attribute("secure").is_some(),
            same_site: cookie.attribute("samesite").map(|value| value.map(str::to_owned)),
            name: cookie.name,
            value: cookie.value,
        }
    }
}

fn pair<'a>((name, value): (&'a [u8], &'a [u8])) -> Pair<'a> {
    let (text, is_lossy) = lossy(value);
    Pair { name: lossy(name).0, value: text, base64: is_lossy.then(|| output::base64_text(value)) }
}

fn pair_of_text<'a>((name, value): (String, String)) -> Pair<'a> {
    Pair { name: Cow::Owned(name), value: Cow::Owned(value), base64: None }
}

/// The values of all headers of a name.
fn values<'a>(headers: &Headers<'a>, name: &str) -> impl Iterator<Item = Cow<'a, str>> {
    headers.clone().filter(move |(key, _)| key.eq_ignore_ascii_case(name.as_bytes())).map(|(_, value)| lossy(value).0)
}

/// The values of all headers of a name, as one.
fn joined(headers: &Headers<'_>, name: &str) -> String {
    values(headers, name).collect::<Vec<_>>().join(", ")
}
