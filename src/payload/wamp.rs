//! [WAMP](https://wamp-proto.org/wamp_bp_latest_ietf.html): a message is an array that begins with the number of its
//! type, in JSON, MessagePack or CBOR.

use super::body::Body;
use super::json::{document, elements, plain};
use super::summary::short;
use super::{NotThat, Payload, cbor, message_pack};
use crate::flow::{Protocol, WampFormat};

/// Types, their names, and the element that says most in short, if one does: a realm, a topic, a procedure, an error.
const TYPES: [(u64, &str, Option<usize>); 24] = [
    (1, "HELLO", Some(1)),
    (2, "WELCOME", Some(1)),
    (3, "ABORT", Some(2)),
    (4, "CHALLENGE", Some(1)),
    (5, "AUTHENTICATE", None),
    (6, "GOODBYE", Some(2)),
    (8, "ERROR", Some(4)),
    (16, "PUBLISH", Some(3)),
    (17, "PUBLISHED", Some(1)),
    (32, "SUBSCRIBE", Some(3)),
    (33, "SUBSCRIBED", Some(1)),
    (34, "UNSUBSCRIBE", Some(1)),
    (35, "UNSUBSCRIBED", Some(1)),
    (36, "EVENT", Some(1)),
    (48, "CALL", Some(3)),
    (49, "CANCEL", Some(1)),
    (50, "RESULT", Some(1)),
    (64, "REGISTER", Some(3)),
    (65, "REGISTERED", Some(1)),
    (66, "UNREGISTER", Some(1)),
    (67, "UNREGISTERED", Some(1)),
    (68, "INVOCATION", Some(1)),
    (69, "INTERRUPT", Some(1)),
    (70, "YIELD", Some(1)),
];

/// Elements that are looked at.
const LOOKED_AT: usize = 5;

pub(super) fn guess(payload: &Payload<'_>) -> Option<&'static str> {
    payload.spoken(|protocol| matches!(protocol, Protocol::Wamp(_)))
}

pub(super) fn decode<'a>(payload: &Payload<'a>) -> Result<Body<'a>, NotThat> {
    let format = match payload.protocol() {
        Some(Protocol::Wamp(format)) => format,
        _ if payload.text().is_ok() => WampFormat::Json,
        _ => WampFormat::MessagePack,
    };
    match format {
        WampFormat::Json => {
            let message = document(payload.text()?)?.get();
            Ok(Body::json(message).summed_up(summary(message)?))
        }
        WampFormat::MessagePack => of_binary(message_pack::to_json(payload.small()?)?),
        WampFormat::Cbor => of_binary(cbor::to_json(payload.small()?)?),
    }
}

fn of_binary(message: String) -> Result<Body<'static>, NotThat> {
    let summary = summary(&message)?;
    Ok(Body::json(message).summed_up(summary))
}

fn summary(message: &str) -> Result<String, NotThat> {
    const UNKNOWN: NotThat = NotThat("it is no array that begins with the number of a type of WAMP");
    let elements = elements(document(message)?, LOOKED_AT);
    let number: u64 = elements.first().and_then(|number| number.get().parse().ok()).ok_or(UNKNOWN)?;
    let (_, name, telling) = TYPES.iter().find(|(known, ..)| *known == number).ok_or(UNKNOWN)?;
    let telling = telling.and_then(|telling| elements.get(telling));
    Ok(match telling {
        Some(element) => format!("{name} {}", short(&plain(element))),
        None => (*name).to_owned(),
    })
}
