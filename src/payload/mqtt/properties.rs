//! The properties of packets of MQTT 5.0 (section 2.2.2).

use serde_json::{Map, Value, json};

use super::{LONGEST_LENGTH, NotThat, data};
use crate::payload::bytes::Bytes;

#[derive(Clone, Copy)]
enum Type {
    Byte,
    Two,
    Four,
    Varint,
    Text,
    Data,
    Pair,
}

const PROPERTIES: [(u8, &str, Type); 27] = [
    (1, "payload_format_indicator", Type::Byte),
    (2, "message_expiry_interval", Type::Four),
    (3, "content_type", Type::Text),
    (8, "response_topic", Type::Text),
    (9, "correlation_data", Type::Data),
    (11, "subscription_identifier", Type::Varint),
    (17, "session_expiry_interval", Type::Four),
    (18, "assigned_client_identifier", Type::Text),
    (19, "server_keep_alive", Type::Two),
    (21, "authentication_method", Type::Text),
    (22, "authentication_data", Type::Data),
    (23, "request_problem_information", Type::Byte),
    (24, "will_delay_interval", Type::Four),
    (25, "request_response_information", Type::Byte),
    (26, "response_information", Type::Text),
    (28, "server_reference", Type::Text),
    (31, "reason_string", Type::Text),
    (33, "receive_maximum", Type::Two),
    (34, "topic_alias_maximum", Type::Two),
    (35, "topic_alias", Type::Two),
    (36, "maximum_qos", Type::Byte),
    (37, "retain_available", Type::Byte),
    (38, "user_property", Type::Pair),
    (39, "maximum_packet_size", Type::Four),
    (40, "wildcard_subscription_available", Type::Byte),
    (41, "subscription_identifier_available", Type::Byte),
    (42, "shared_subscription_available", Type::Byte),
];

/// Reads properties with their length. One that may come several times is a list, and so
/// is any other that does.
pub(super) fn properties(bytes: &mut Bytes<'_>) -> Result<Map<String, Value>, NotThat> {
    let length = bytes.varint(LONGEST_LENGTH)?;
    let mut bytes = Bytes::new(bytes.take(length)?);
    let mut properties = Map::new();
    while !bytes.is_empty() {
        let number = bytes.u8()?;
        let known = PROPERTIES.iter().find(|(known, ..)| *known == number);
        let &(_, name, kind) = known.ok_or(NotThat("it has a property that MQTT does not know"))?;
        let value = value(&mut bytes, kind)?;
        let is_list = matches!(kind, Type::Pair | Type::Varint);
        match properties.get_mut(name) {
            None => drop(properties.insert(name.to_owned(), if is_list { json!([value]) } else { value })),
            Some(Value::Array(values)) => values.push(value),
            Some(first) => *first = json!([first.take(), value]),
        }
    }
    Ok(properties)
}

fn value(bytes: &mut Bytes<'_>, kind: Type) -> Result<Value, NotThat> {
    Ok(match kind {
        Type::Byte => bytes.u8()?.into(),
        Type::Two => bytes.u16()?.into(),
        Type::Four => bytes.u32()?.into(),
        Type::Varint => bytes.varint(LONGEST_LENGTH)?.into(),
        Type::Text => text(bytes)?.into(),
        Type::Data => {
            let length = bytes.u16()?;
            data(bytes.take(length)?)
        }
        Type::Pair => json!([text(bytes)?, text(bytes)?]),
    })
}

fn text<'a>(bytes: &mut Bytes<'a>) -> Result<&'a str, NotThat> {
    let length = bytes.u16()?;
    str::from_utf8(bytes.take(length)?).map_err(|_| NotThat("a text in it is not UTF-8"))
}
