//! What is said of a flow with each of its messages.

use super::{Flow, Protocol};
use crate::{Error, Situation};

/// What is said of a flow with each of its messages. It holds no part of the flow's record.
#[derive(Clone, Debug, Default)]
pub struct FlowContext {
    /// The position in the file, counted from 0.
    pub index: u64,
    /// The flow's id.
    pub id: Option<String>,
    /// The URL.
    pub url: Option<String>,
    /// When the connection's first message came, in seconds since the Unix epoch.
    pub first: Option<f64>,
    /// The protocol that the connection speaks, and what says so.
    pub protocol: Option<(Protocol, &'static str)>,
}

impl FlowContext {
    /// What messages of this flow say about it, and the faults that left something empty.
    pub fn new(flow: &Flow<'_>, index: u64) -> (FlowContext, Vec<Error>) {
        let mut faults = Vec::new();
        let first = || flow.websocket().ok()??.messages().ok()?.next()?.ok();
        let first = first();
        let id = keep(flow.id(), &mut faults).map(str::to_owned);
        let url = keep(flow.url(), &mut faults).flatten();
        let context = FlowContext {
            index,
            id,
            first: first.map(|message| message.timestamp.seconds()),
            protocol: Protocol::of(flow, url.as_deref(), first.as_ref()),
            url,
        };
        (context, faults)
    }
}

/// The value, or a fault noted. A key that is missing is none: what would be said is `null`.
pub(crate) fn keep<T>(value: Result<T, Error>, faults: &mut Vec<Error>) -> Option<T> {
    match value {
        Ok(value) => Some(value),
        Err(error) => {
            if !matches!(error.situation(), Situation::MissingKey) {
                faults.push(error);
            }
            None
        }
    }
}
