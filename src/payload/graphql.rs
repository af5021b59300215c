//! GraphQL over WebSocket: [`graphql-transport-ws`](https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md), and
//! `graphql-ws`, which was before it. A message is a JSON object with a `type`, most have an `id`.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::body::Body;
use super::json::{document, plain};
use super::summary::short;
use super::{NotThat, Payload};
use crate::flow::Protocol;

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(rename = "type")]
    kind: String,
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    payload: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Operation {
    #[serde(rename = "operationName")]
    operation_name: Option<String>,
}

pub(super) fn guess(payload: &Payload<'_>) -> Option<&'static str> {
    payload.spoken(|protocol| protocol == Protocol::Graphql)
}

pub(super) fn decode<'a>(payload: &Payload<'a>) -> Result<Body<'a>, NotThat> {
    let document = document(payload.text()?)?.get();
    let message: Message<'_> =
        serde_json::from_str(document).map_err(|_| NotThat("it is no JSON object with a type"))?;
    let mut words = vec![short(&message.kind)];
    words.extend(message.id.map(|id| short(&plain(id))));
    let operation = message.payload.and_then(|payload| serde_json::from_str::<Operation>(payload.get()).ok());
    words.extend(operation.and_then(|operation| operation.operation_name).map(|name| short(&name)));
    Ok(Body::json(document).summed_up(words.join(" ")))
}
