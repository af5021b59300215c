//! Messages with fields that their schema does not know, as JSON: as `prost-reflect` writes them, and in each message that
//! has such fields `"$unknown": […]`, where they are as the decoder without a schema has them.

use std::borrow::Cow;

use prost_reflect::{DynamicMessage, MapKey, ReflectMessage as _, Value};
use prost_reflect::{Kind, MessageDescriptor};
use serde::ser::{Error as _, SerializeMap};
use serde::{Serialize, Serializer};

use crate::payload::json::Base64;
use crate::payload::{MAX_NESTED, NotThat, protobuf};

const ANY: &str = "google.protobuf.Any";

/// Messages whose JSON is not an object of their fields.
const WELL_KNOWN: &str = "google.protobuf.";

const UNKNOWN: &str = "$unknown";

/// Fields of a message, and of all messages within it, that its schema does not know.
pub(super) fn count(message: &DynamicMessage) -> Result<usize, NotThat> {
    count_within(message, 0)
}

/// `packed`: how many [`ANY`] it is in. Each is a copy of what it holds.
fn count_within(message: &DynamicMessage, packed: u8) -> Result<usize, NotThat> {
    if packed > MAX_NESTED {
        return Err(NotThat("messages in it are packed in each other too deep"));
    }
    let mut unknown = message.unknown_fields().count();
    let fields = message.fields().map(|(_, value)| value);
    for value in fields.chain(message.extensions().map(|(_, value)| value)) {
        match value {
            Value::Message(message) => unknown += count_within(message, packed)?,
            Value::List(values) => {
                for message in values.iter().filter_map(Value::as_message) {
                    unknown += count_within(message, packed)?;
                }
            }
            Value::Map(values) => {
                for message in values.values().filter_map(Value::as_message) {
                    unknown += count_within(message, packed)?;
                }
            }
            _ => {}
        }
    }
    if let Some((_, within)) = unpacked(message) {
        unknown += count_within(&within, packed + 1)?;
    }
    Ok(unknown)
}

/// What is in an [`ANY`], with the URL of its type; nothing where it is of a type that the schema does not know.
fn unpacked(message: &DynamicMessage) -> Option<(String, DynamicMessage)> {
    let descriptor = message.descriptor();
    if descriptor.full_name() != ANY {
        return None;
    }
    let url = message.get_field_by_name("type_url")?.as_str()?.to_owned();
    let name = url.rsplit('/').next()?;
    let within = descriptor.parent_pool().get_message_by_name(name)?;
    let content = message.get_field_by_name("value")?;
    let within = DynamicMessage::decode(within, content.as_bytes()?.clone()).ok()?;
    Some((url, within))
}

/// A message, with what its schema does not know.
pub(super) struct Whole<'a>(pub(super) &'a DynamicMessage);

impl Serialize for Whole<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let message = self.0;
        if count(message).map_err(S::Error::custom)? == 0 {
            return message.serialize(serializer);
        }
        let mut map = serializer.serialize_map(None)?;
        match unpacked(message).filter(|_| message.unknown_fields().next().is_none()) {
            Some((url, within)) => {
                map.serialize_entry("@type", &url)?;
                match within.descriptor().full_name().starts_with(WELL_KNOWN) {
                    true => map.serialize_entry("value", &Whole(&within))?,
                    false => entries(&mut map, &within)?,
                }
            }
            None => entries(&mut map, message)?,
        }
        map.end()
    }
}

fn entries<M: SerializeMap>(map: &mut M, message: &DynamicMessage) -> Result<(), M::Error> {
    for (field, value) in message.fields() {
        map.serialize_entry(field.json_name(), &Written { value, kind: field.kind() })?;
    }
    for (extension, value) in message.extensions() {
        map.serialize_entry(extension.json_name(), &Written { value, kind: extension.kind() })?;
    }
    let mut unknown = Vec::new();
    message.unknown_fields().for_each(|field| field.encode(&mut unknown));
    match protobuf::fields(&unknown) {
        Ok(fields) if fields.is_empty() => Ok(()),
        Ok(fields) => map.serialize_entry(UNKNOWN, &fields),
        Err(_) => map.serialize_entry(UNKNOWN, &Base64::of(&unknown)),
    }
}

/// A value of a field, in the [JSON of Protocol Buffers](https://protobuf.dev/programming-guides/json/).
struct Written<'a> {
    value: &'a Value,
    kind: Kind,
}

impl Serialize for Written<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let within = |value| Written { value, kind: self.kind.clone() };
        match self.value {
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::I32(value) => serializer.serialize_i32(*value),
            Value::U32(value) => serializer.serialize_u32(*value),
            // Readers of JSON have no more than 53 bits.
            Value::I64(value) => serializer.collect_str(value),
            Value::U64(value) => serializer.collect_str(value),
            Value::F32(value) if value.is_finite() => serializer.serialize_f32(*value),
            Value::F32(value) => serializer.serialize_str(unusual((*value).into())),
            Value::F64(value) if value.is_finite() => serializer.serialize_f64(*value),
            Value::F64(value) => serializer.serialize_str(unusual(*value)),
            Value::String(text) => serializer.serialize_str(text),
            Value::Bytes(bytes) => serializer.collect_str(&Base64::text(bytes)),
            Value::EnumNumber(number) => match self.kind.as_enum().and_then(|known| known.get_value(*number)) {
                Some(known) => serializer.serialize_str(known.name()),
                None => serializer.serialize_i32(*number),
            },
            Value::Message(message) => Whole(message).serialize(serializer),
            Value::List(values) => serializer.collect_seq(values.iter().map(within)),
            Value::Map(values) => {
                let kind = self.kind.as_message().map(MessageDescriptor::map_entry_value_field);
                let kind = kind.ok_or(S::Error::custom("a map of no known type"))?.kind();
                let mut values: Vec<_> = values.iter().collect();
                values.sort_by_key(|(key, _)| *key);
                let entry = |(key, value)| (text(key), Written { value, kind: kind.clone() });
                serializer.collect_map(values.into_iter().map(entry))
            }
        }
    }
}

/// The name of a number that JSON does not have.
fn unusual(number: f64) -> &'static str {
    match number {
        f64::INFINITY => "Infinity",
        f64::NEG_INFINITY => "-Infinity",
        _ => "NaN",
    }
}

fn text(key: &MapKey) -> Cow<'_, str> {
    match key {
        MapKey::Bool(key) => key.to_string().into(),
        MapKey::I32(key) => key.to_string().into(),
        MapKey::I64(key) => key.to_string().into(),
        MapKey::U32(key) => key.to_string().into(),
        MapKey::U64(key) => key.to_string().into(),
        MapKey::String(key) => key.into(),
    }
}
