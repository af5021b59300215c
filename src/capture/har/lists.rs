//! The lists of an entry. They are written element by element, for a short header may have very many.

use std::borrow::Cow;

use serde::ser::SerializeSeq as _;
use serde::{Serialize, Serializer};

use super::body::Base64;
use super::text::lossy;
use super::{cookies, query};
use crate::flow::Headers;

/// A name and a value.
#[derive(Serialize)]
struct Pair<'a> {
    name: Cow<'a, str>,
    value: Cow<'a, str>,
    /// The value, where it is no text.
    #[serde(rename = "_base64", skip_serializing_if = "Option::is_none")]
    base64: Option<Base64<'a>>,
}

impl Pair<'_> {
    fn of_text((name, value): (String, String)) -> Pair<'static> {
        Pair { name: Cow::Owned(name), value: Cow::Owned(value), base64: None }
    }
}

/// `headers`. All lists of headers that are not there are empty.
pub(super) struct HeaderPairs<'a>(pub(super) Option<Headers<'a>>);

impl Serialize for HeaderPairs<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().cloned().flatten().map(|(name, bytes)| {
            let (value, is_lossy) = lossy(bytes);
            Pair { name: lossy(name).0, value, base64: is_lossy.then_some(Base64(bytes)) }
        }))
    }
}

/// `cookies` of a request.
pub(super) struct RequestCookies<'a>(pub(super) Headers<'a>);

impl Serialize for RequestCookies<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        for header in values(&self.0, "cookie") {
            cookies::of_request(&header).try_for_each(|cookie| list.serialize_element(&Pair::of_text(cookie)))?;
        }
        list.end()
    }
}

/// `cookies` of a response.
pub(super) struct ResponseCookies<'a>(pub(super) Option<Headers<'a>>);

impl Serialize for ResponseCookies<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        for header in self.0.iter().flat_map(|headers| values(headers, "set-cookie")) {
            cookies::of_response(&header).try_for_each(|cookie| list.serialize_element(&cookie))?;
        }
        list.end()
    }
}

/// `queryString` and `params`: the parameters of a query.
pub(super) struct Parameters<'q>(pub(super) &'q str);

impl Serialize for Parameters<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(query::parameters(self.0).map(Pair::of_text))
    }
}

/// The values of all headers of a name.
fn values<'a>(headers: &Headers<'a>, name: &str) -> impl Iterator<Item = Cow<'a, str>> {
    headers.clone().filter(move |(key, _)| key.eq_ignore_ascii_case(name.as_bytes())).map(|(_, value)| lossy(value).0)
}

/// The values of all headers of a name, as one.
pub(super) fn joined(headers: &Headers<'_>, name: &str) -> String {
    values(headers, name).collect::<Vec<_>>().join(", ")
}
