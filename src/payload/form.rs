//! Names and values as an HTML form sends them (`application/x-www-form-urlencoded`).

use serde_json::{Map, Value};

use super::body::Body;
use super::json::written;
use super::{NotThat, Payload};

pub(super) fn guess(payload: &Payload<'_>) -> Option<&'static str> {
    let is_form = payload.content.split(|&byte| byte == b'&').all(is_pair);
    is_form.then_some("it is name=value, in the characters of a form")
}

/// Whether this is a name, `=`, and a value that is not empty, as base64 with its last `=` would be.
fn is_pair(pair: &[u8]) -> bool {
    let Some(equals) = memchr::memchr(b'=', pair) else { return false };
    let (name, value) = (&pair[..equals], &pair[equals + 1..]);
    let is_in_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.%[]".contains(byte);
    let is_in_value = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.%+*~!'()".contains(byte);
    let starts_well = name.first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_');
    starts_well && name.iter().all(is_in_name) && !value.is_empty() && value.iter().all(is_in_value)
}

pub(super) fn decode<'a>(payload: &Payload<'a>) -> Result<Body<'a>, NotThat> {
    if !payload.content.contains(&b'=') {
        return Err(NotThat("there is no = in it"));
    }
    // A name that comes once has its value, one that comes again all of them.
    let mut object = Map::new();
    for (name, value) in form_urlencoded::parse(payload.content) {
        let value = Value::String(value.into_owned());
        match object.get_mut(name.as_ref()) {
            None => drop(object.insert(name.into_owned(), value)),
            Some(Value::Array(values)) => values.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
        }
    }
    Ok(Body::json(written(&object)))
}
