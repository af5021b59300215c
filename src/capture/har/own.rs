//! The fields that HAR has no place for: `_wsflow` in an entry. They have the names that mitmproxy gives them.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::flow::{Flow, Request, Response, Timestamp};
use crate::tnetstring::{Tag, Writer};

/// `_wsflow`: what becomes of a flow again when the entry is read.
#[derive(Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Own<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) timestamp_created: Option<Number>,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(super) marked: Cow<'a, str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(super) comment: Cow<'a, str>,
    pub(super) request: Times,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) response: Option<Times>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<OwnError<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) websocket: Option<Close<'a>>,
}

/// When the headers came, and the last byte.
#[derive(Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Times {
    pub(super) timestamp_start: Option<Number>,
    pub(super) timestamp_end: Option<Number>,
}

/// Why a flow ended early.
#[derive(Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct OwnError<'a> {
    pub(super) msg: Cow<'a, str>,
    pub(super) timestamp: Option<Number>,
}

/// How a WebSocket connection ended.
#[derive(Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Close<'a> {
    pub(super) closed_by_client: Option<bool>,
    pub(super) close_code: Option<Number>,
    pub(super) close_reason: Option<Cow<'a, str>>,
    pub(super) timestamp_end: Option<Number>,
}

impl<'a> Own<'a> {
    pub(super) fn new(
        flow: &Flow<'a>,
        request: &Request<'a>,
        response: Option<&Response<'a>>,
    ) -> Result<Own<'a>, Error> {
        let websocket = match flow.websocket()? {
            Some(websocket) => Some(Close {
                closed_by_client: websocket.closed_by_client()?,
                close_code: websocket.close_code()?.map(Number::Integer),
                close_reason: websocket.close_reason()?,
                timestamp_end: websocket.timestamp_end().map(Number::of),
            }),
            None => None,
        };
        Ok(Own {
            id: Some(Cow::Borrowed(flow.id()?)),
            timestamp_created: flow.timestamp_created().map(Number::of),
            marked: flow.marked(),
            comment: flow.comment(),
            request: Times::of(request.timestamps()),
            response: response.map(|response| Times::of(response.timestamps())),
            error: flow.error().map(|msg| OwnError { msg, timestamp: flow.error_timestamp().map(Number::of) }),
            websocket,
        })
    }
}

impl Times {
    fn of((start, end): (Option<Timestamp<'_>>, Option<Timestamp<'_>>)) -> Times {
        Times { timestamp_start: start.map(Number::of), timestamp_end: end.map(Number::of) }
    }
}

/// A number that comes back as it was: what JSON has no number for stands there as text, as `nan` does.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(untagged)]
pub(super) enum Number {
    Integer(i64),
    Float(f64),
    Text(String),
}

impl Number {
    /// A time as it stands in a flow.
    pub(super) fn of(timestamp: Timestamp<'_>) -> Number {
        let value = timestamp.value();
        let is_integer = value.tag() == Tag::Integer;
        match (value.to_i64(), timestamp.seconds()) {
            (Ok(integer), _) if is_integer => Number::Integer(integer),
            (_, float) if !is_integer && float.is_finite() => Number::Float(float),
            _ => Number::Text(String::from_utf8_lossy(value.body()).into_owned()),
        }
    }

    /// Writes the number as it was in the flow. Text that is none becomes a `nan`.
    pub(super) fn write(&self, writer: &mut Writer<'_>) {
        match self {
            Number::Integer(integer) => writer.integer(*integer),
            Number::Float(float) => writer.float(*float),
            Number::Text(digits) if crate::tnetstring::integer_digits(digits.as_bytes()).is_some() => {
                writer.value(digits.as_bytes(), Tag::Integer);
            }
            Number::Text(text) => writer.float(text.parse().unwrap_or(f64::NAN)),
        }
    }

    /// The number, as near as a float can have it.
    pub(super) fn to_f64(&self) -> f64 {
        match self {
            Number::Integer(integer) => *integer as f64,
            Number::Float(float) => *float,
            Number::Text(text) => text.parse().unwrap_or(f64::NAN),
        }
    }
}
