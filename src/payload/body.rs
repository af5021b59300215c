//! What a decoder gives.

use std::borrow::Cow;

use super::Decoded;

/// A decoded payload: its shape, and a line about it.
#[derive(Clone, Debug)]
pub(super) struct Body<'a> {
    /// `None`: the shape says it.
    pub(super) summary: Option<String>,
    pub(super) shape: Shape<'a>,
}

#[derive(Clone, Debug)]
pub(super) enum Shape<'a> {
    /// A JSON document.
    Json(Cow<'a, str>),
    Text(Cow<'a, str>),
    /// It is only around another payload.
    Inside(Box<Decoded<'a>>),
    Bytes(Cow<'a, [u8]>),
}

impl<'a> Body<'a> {
    pub(super) fn json(text: impl Into<Cow<'a, str>>) -> Body<'a> {
        Body { summary: None, shape: Shape::Json(text.into()) }
    }

    pub(super) fn text(text: impl Into<Cow<'a, str>>) -> Body<'a> {
        Body { summary: None, shape: Shape::Text(text.into()) }
    }

    pub(super) fn bytes(bytes: &'a [u8]) -> Body<'a> {
        Body { summary: None, shape: Shape::Bytes(Cow::Borrowed(bytes)) }
    }

    pub(super) fn inside(decoded: Decoded<'a>) -> Body<'a> {
        Body { summary: None, shape: Shape::Inside(Box::new(decoded)) }
    }

    pub(super) fn summed_up(self, summary: String) -> Body<'a> {
        Body { summary: Some(summary), ..self }
    }

    pub(super) fn into_owned(self) -> Body<'static> {
        let shape = match self.shape {
            Shape::Json(text) => Shape::Json(Cow::Owned(text.into_owned())),
            Shape::Text(text) => Shape::Text(Cow::Owned(text.into_owned())),
            Shape::Inside(decoded) => Shape::Inside(Box::new(decoded.into_owned())),
            Shape::Bytes(bytes) => Shape::Bytes(Cow::Owned(bytes.into_owned())),
        };
        Body { summary: self.summary, shape }
    }
}
