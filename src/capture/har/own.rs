//! The fields that HAR has no place for: `_wsflow` in an entry. They have the names that mitmproxy gives them.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::metadata::Metadata;
use crate::Error;
use crate::capture::number::Number;
use crate::flow::{Flow, Request, Response, Timestamp};

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
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) is_replay: Option<Cow<'a, str>>,
    #[serde(borrow, flatten)]
    pub(super) metadata: Metadata<'a>,
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
                timestamp_end: websocket.timestamp_end().map(Number::from),
            }),
            None => None,
        };
        Ok(Own {
            id: Some(Cow::Borrowed(flow.id()?)),
            timestamp_created: flow.timestamp_created().map(Number::from),
            marked: flow.marked(),
            comment: flow.comment(),
            request: Times::of(request.timestamps()),
            response: response.map(|response| Times::of(response.timestamps())),
            error: flow.error().map(|msg| OwnError { msg, timestamp: flow.error_timestamp().map(Number::from) }),
            websocket,
            is_replay: flow.replayed().map(Cow::Borrowed),
            metadata: flow.metadata().map(Metadata::of).unwrap_or_default(),
        })
    }
}

impl Times {
    fn of((start, end): (Option<Timestamp<'_>>, Option<Timestamp<'_>>)) -> Times {
        Times { timestamp_start: start.map(Number::from), timestamp_end: end.map(Number::from) }
    }
}
