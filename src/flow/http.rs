//! The HTTP half of a flow: request, response, headers.

use std::borrow::Cow;

use super::body::{self, Body};
use super::{Timestamp, url};
use crate::tnetstring::RawValue;
use crate::{Error, Situation};

/// An HTTP request, borrowed from its flow.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    value: RawValue<'a>,
}

/// An HTTP response, borrowed from its flow.
#[derive(Clone, Copy, Debug)]
pub struct Response<'a> {
    value: RawValue<'a>,
}

impl<'a> Request<'a> {
    pub(super) fn new(value: RawValue<'a>) -> Result<Request<'a>, Error> {
        value.entries()?;
        Ok(Request { value })
    }

    /// mitmproxy's pretty URL: the `Host` header counts before the address that was connected to. The scheme is
    /// `http` or `https`, also of a WebSocket connection.
    ///
    /// # Errors
    /// When a part of it is missing or of a wrong type.
    pub fn url(&self) -> Result<String, Error> {
        url::pretty(self)
    }

    /// The host of the `Host` header, and without one the host that was connected to.
    ///
    /// # Errors
    /// When a part that it depends on is missing or of a wrong type.
    pub fn pretty_host(&self) -> Result<Cow<'a, str>, Error> {
        url::pretty_host(self)
    }

    /// The body, decoded up to 16 MiB and six times what was sent. `None` when it was not stored.
    pub fn body(&self) -> Option<Body<'a>> {
        self.body_up_to(body::limit(self.raw_body()?))
    }

    /// The body, decoded up to a number of bytes. `None` when it was not stored.
    pub fn body_up_to(&self, limit: usize) -> Option<Body<'a>> {
        Some(body::of(self.raw_body()?, self.headers().ok(), limit))
    }

    /// The bytes of the method.
    pub(crate) fn method_bytes(&self) -> Option<&'a [u8]> {
        self.value.get("method").ok()??.to_bytes().ok()
    }

    /// The method as it was sent, such as `GET`.
    ///
    /// # Errors
    /// When it is missing or no text.
    pub fn method(&self) -> Result<Cow<'a, str>, Error> {
        text(self.value, "method")
    }

    /// `http` or `https`.
    ///
    /// # Errors
    /// When it is missing or no text.
    pub fn scheme(&self) -> Result<Cow<'a, str>, Error> {
        text(self.value, "scheme")
    }

    /// The host that was connected to.
    ///
    /// # Errors
    /// When it is missing or no text.
    pub fn host(&self) -> Result<Cow<'a, str>, Error> {
        text(self.value, "host")
    }

    /// The port that was connected to.
    ///
    /// # Errors
    /// When it is missing or no integer.
    pub fn port(&self) -> Result<i64, Error> {
        require(self.value, "port")?.to_i64().map_err(|error| Error::from(error).within("port"))
    }

    /// The authority of an HTTP/2 or CONNECT request, empty otherwise.
    pub fn authority(&self) -> Cow<'a, str> {
        text(self.value, "authority").unwrap_or_default()
    }

    /// The path with its query.
    ///
    /// # Errors
    /// When it is missing or no text.
    pub fn path(&self) -> Result<Cow<'a, str>, Error> {
        text(self.value, "path")
    }

    /// The protocol version, such as `HTTP/1.1`.
    ///
    /// # Errors
    /// When it is missing or no text.
    pub fn http_version(&self) -> Result<Cow<'a, str>, Error> {
        text(self.value, "http_version")
    }

    /// The headers.
    ///
    /// # Errors
    /// When they are missing or no list.
    pub fn headers(&self) -> Result<Headers<'a>, Error> {
        headers(self.value)
    }
}

impl<'a> Response<'a> {
    pub(super) fn new(value: RawValue<'a>) -> Result<Response<'a>, Error> {
        value.entries()?;
        Ok(Response { value })
    }

    /// The body, decoded up to 16 MiB and six times what was sent. `None` when it was not stored.
    pub fn body(&self) -> Option<Body<'a>> {
        self.body_up_to(body::limit(self.raw_body()?))
    }

    /// The body, decoded up to a number of bytes. `None` when it was not stored.
    pub fn body_up_to(&self, limit: usize) -> Option<Body<'a>> {
        Some(body::of(self.raw_body()?, self.headers().ok(), limit))
    }

    /// The status code, such as 101.
    ///
    /// # Errors
    /// When it is missing or no integer.
    pub fn status_code(&self) -> Result<i64, Error> {
        require(self.value, "status_code")?.to_i64().map_err(|error| Error::from(error).within("status_code"))
    }

    /// When it began, in seconds since the Unix epoch.
    pub fn timestamp_start(&self) -> Option<Timestamp<'a>> {
        self.value.get("timestamp_start").ok()?.and_then(Timestamp::new)
    }

    /// The reason phrase, such as `Switching Protocols`.
    ///
    /// # Errors
    /// When it is missing or no text.
    pub fn reason(&self) -> Result<Cow<'a, str>, Error> {
        text(self.value, "reason")
    }

    /// The headers.
    ///
    /// # Errors
    /// When they are missing or no list.
    pub fn headers(&self) -> Result<Headers<'a>, Error> {
        headers(self.value)
    }
}

/// The headers of a request or response: names and values as they were sent, in their order.
#[derive(Clone, Debug)]
pub struct Headers<'a> {
    items: crate::tnetstring::Items<'a>,
}

impl<'a> Headers<'a> {
    /// All values of a header, joined by `, ` as RFC 9110 section 5.3 allows. Case does not matter in the name.
    pub fn get(&self, name: &str) -> Option<Cow<'a, str>> {
        let mut values = self
            .clone()
            .filter(|(key, _)| key.eq_ignore_ascii_case(name.as_bytes()))
            .map(|(_, value)| String::from_utf8_lossy(value));
        let first = values.next()?;
        Some(values.fold(first, |mut joined, value| {
            joined.to_mut().push_str(", ");
            joined.to_mut().push_str(&value);
            joined
        }))
    }
}

impl Headers<'_> {
    /// The headers as lines `Name: value`, each ending in `\r\n`.
    pub fn to_lines(&self) -> Vec<u8> {
        let mut lines = Vec::new();
        for (name, value) in self.clone() {
            for part in [name, b": ", value, b"\r\n"] {
                lines.extend_from_slice(part);
            }
        }
        lines
    }
}

impl<'a> Iterator for Headers<'a> {
    type Item = (&'a [u8], &'a [u8]);

    /// The next header; one that is no pair of bytes is passed over.
    fn next(&mut self) -> Option<Self::Item> {
        let pair = |header: RawValue<'a>| {
            let mut pair = header.items().ok()?;
            let name = pair.next()?.ok()?.to_bytes().ok()?;
            let value = pair.next()?.ok()?.to_bytes().ok()?;
            Some((name, value))
        };
        self.items.by_ref().map_while(Result::ok).find_map(pair)
    }
}

impl<'a> Request<'a> {
    /// The bytes of the path with its query.
    pub(crate) fn path_bytes(&self) -> Result<&'a [u8], Error> {
        require(self.value, "path")?.to_bytes().map_err(|error| Error::from(error).within("path"))
    }

    /// When its headers came, and its last byte.
    pub(crate) fn timestamps(&self) -> (Option<Timestamp<'a>>, Option<Timestamp<'a>>) {
        timestamps(self.value)
    }

    /// The body as it was sent, if it was stored.
    pub(crate) fn raw_body(&self) -> Option<&'a [u8]> {
        raw_body(self.value)
    }
}

impl<'a> Response<'a> {
    /// The protocol version, such as `HTTP/1.1`.
    ///
    /// # Errors
    /// When it is missing or no text.
    pub fn http_version(&self) -> Result<Cow<'a, str>, Error> {
        text(self.value, "http_version")
    }

    /// When its headers came, and its last byte.
    pub(crate) fn timestamps(&self) -> (Option<Timestamp<'a>>, Option<Timestamp<'a>>) {
        timestamps(self.value)
    }

    /// The body as it was sent, if it was stored.
    pub(crate) fn raw_body(&self) -> Option<&'a [u8]> {
        raw_body(self.value)
    }
}

fn timestamps(value: RawValue<'_>) -> (Option<Timestamp<'_>>, Option<Timestamp<'_>>) {
    let timestamp = |key| value.get(key).ok().flatten().and_then(Timestamp::new);
    (timestamp("timestamp_start"), timestamp("timestamp_end"))
}

fn raw_body(value: RawValue<'_>) -> Option<&[u8]> {
    value.get("content").ok()??.to_bytes().ok()
}

fn require<'a>(value: RawValue<'a>, key: &'static str) -> Result<RawValue<'a>, Error> {
    value.get(key)?.ok_or_else(|| Error::new(Situation::MissingKey).at(value.offset() as u64).within(key))
}

fn text<'a>(value: RawValue<'a>, key: &'static str) -> Result<Cow<'a, str>, Error> {
    let bytes = require(value, key)?.to_bytes().map_err(|error| Error::from(error).within(key))?;
    Ok(String::from_utf8_lossy(bytes))
}

fn headers(value: RawValue<'_>) -> Result<Headers<'_>, Error> {
    let items = require(value, "headers")?.items().map_err(|error| Error::from(error).within("headers"))?;
    Ok(Headers { items })
}
