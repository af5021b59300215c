//! Bodies as HAR has them: decoded, as text or in base64.
//!
//! They are decoded while they are written, one at a time: a few bytes may decode to any number, of which nothing is
//! kept.

use std::borrow::Cow;
use std::cell::Cell;

use serde::{Serialize, Serializer};

use super::lists::Parameters;
use super::text;
use crate::flow::{Body, Request, Response};
use crate::output;

/// How large bodies may become in an entry.
#[derive(Debug)]
pub(crate) struct Room {
    /// How far they are decoded, if no further than this.
    limit: Option<usize>,
    is_too_small: Cell<bool>,
}

impl Room {
    /// For bodies as nearly all are. An entry that is put together in memory, on any thread, has no more.
    pub(crate) fn little() -> Room {
        Room { limit: Some(1 << 20), is_too_small: Cell::new(false) }
    }

    /// For bodies as large as any may be. One such entry is written at a time.
    pub(crate) fn large() -> Room {
        Room { limit: None, is_too_small: Cell::new(false) }
    }

    /// Whether the entry that was written lacks the end of a body.
    pub(super) fn is_too_small(&self) -> bool {
        self.is_too_small.get()
    }

    fn of_request<'a>(&self, request: &Request<'a>) -> Option<HarBody<'a>> {
        let body = self.limit.map_or_else(|| request.body(), |limit| request.body_up_to(limit))?;
        Some(self.take(body, request.raw_body()))
    }

    fn of_response<'a>(&self, response: &Response<'a>) -> Option<HarBody<'a>> {
        let body = self.limit.map_or_else(|| response.body(), |limit| response.body_up_to(limit))?;
        Some(self.take(body, response.raw_body()))
    }

    fn take<'a>(&self, body: Body<'a>, raw: Option<&'a [u8]>) -> HarBody<'a> {
        if !body.is_cut {
            return HarBody { bytes: body.bytes, is_encoded: false };
        }
        self.is_too_small.set(self.limit.is_some());
        HarBody { bytes: Cow::Borrowed(raw.unwrap_or_default()), is_encoded: true }
    }
}

/// A body, or what was sent in its place if that decodes to more than may be decoded.
struct HarBody<'a> {
    bytes: Cow<'a, [u8]>,
    is_encoded: bool,
}

/// `postData` of a request.
pub(super) struct PostData<'a> {
    pub(super) request: Request<'a>,
    pub(super) mime_type: String,
    pub(super) room: &'a Room,
}

impl Serialize for PostData<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Shape<'b> {
            mime_type: &'b str,
            text: Option<&'b str>,
            params: Parameters<'b>,
            #[serde(rename = "_base64", skip_serializing_if = "Option::is_none")]
            base64: Option<Base64<'b>>,
            #[serde(rename = "_encoded", skip_serializing_if = "std::ops::Not::not")]
            is_encoded: bool,
        }

        let body = self.room.of_request(&self.request);
        let bytes = body.as_ref().map(|body| &*body.bytes);
        let (text, is_whole) = bytes.map_or((None, true), |bytes| text::decode(bytes, &self.mime_type));
        let is_form = self.mime_type.to_lowercase().contains("application/x-www-form-urlencoded");
        Shape {
            mime_type: &self.mime_type,
            text: text.as_deref(),
            params: Parameters(text.as_deref().filter(|_| is_form).unwrap_or_default()),
            base64: bytes.filter(|_| !is_whole).map(Base64),
            is_encoded: body.as_ref().is_some_and(|body| body.is_encoded),
        }
        .serialize(serializer)
    }
}

/// `content` of a response, if there is one.
pub(super) struct Content<'a> {
    pub(super) response: Option<Response<'a>>,
    pub(super) mime_type: String,
    pub(super) room: &'a Room,
}

impl Serialize for Content<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Default, Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Shape<'b> {
            #[serde(skip_serializing_if = "Option::is_none")]
            size: Option<usize>,
            #[serde(skip_serializing_if = "Option::is_none")]
            compression: Option<i64>,
            #[serde(skip_serializing_if = "Option::is_none")]
            mime_type: Option<&'b str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            text: Option<Text<'b>>,
            #[serde(skip_serializing_if = "Option::is_none")]
            encoding: Option<&'static str>,
            #[serde(rename = "_encoded", skip_serializing_if = "std::ops::Not::not")]
            is_encoded: bool,
        }

        #[derive(Serialize)]
        #[serde(untagged)]
        enum Text<'b> {
            Plain(Cow<'b, str>),
            Base64(Base64<'b>),
        }

        let Some(response) = &self.response else { return Shape::default().serialize(serializer) };
        let raw_size = response.raw_body().unwrap_or_default().len();
        let none = HarBody { bytes: Cow::Borrowed(b""), is_encoded: false };
        let HarBody { bytes, is_encoded } = self.room.of_response(response).unwrap_or(none);
        let text = match text::is_mostly_binary(&bytes) {
            true => None,
            false => match text::decode(&bytes, &self.mime_type) {
                (text, true) => text,
                (_, false) => None,
            },
        };
        let (text, encoding) = match text {
            Some(text) => (Text::Plain(text), None),
            None => (Text::Base64(Base64(&bytes)), Some("base64")),
        };
        Shape {
            size: Some(raw_size),
            compression: Some(bytes.len() as i64 - raw_size as i64),
            mime_type: Some(&self.mime_type),
            text: Some(text),
            encoding,
            is_encoded,
        }
        .serialize(serializer)
    }
}

/// Bytes that are written in base64, piece by piece.
pub(super) struct Base64<'b>(pub(super) &'b [u8]);

impl Serialize for Base64<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&output::base64_display(self.0))
    }
}
