//! MQTT [3.1.1](https://docs.oasis-open.org/mqtt/mqtt/v3.1.1/mqtt-v3.1.1.html) and
//! [5.0](https://docs.oasis-open.org/mqtt/mqtt/v5.0/mqtt-v5.0.html) control packets. A payload may hold several.
//!
//! ```text
//! 0x32  0x0f  00 04 "a/b"…  00 01  (properties)  data
//! │     │     │             │      └ in 5.0
//! │     │     │             └ number of the packet, unless the quality of service is 0
//! │     │     └ topic, with its length
//! │     └ length of what follows, in up to four bytes
//! └ type (PUBLISH) and flags
//! ```
//!
//! Which version it is, only the first packet of a connection says.

mod properties;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::body::Body;
use super::bytes::Bytes;
use super::json::{Base64, Data, written};
use super::plain::is_printable;
use super::summary::{and_more, short};
use super::{NotThat, Payload};
use crate::flow::Protocol;
use properties::properties;

const TYPES: [&str; 15] = [
    "CONNECT",
    "CONNACK",
    "PUBLISH",
    "PUBACK",
    "PUBREC",
    "PUBREL",
    "PUBCOMP",
    "SUBSCRIBE",
    "SUBACK",
    "UNSUBSCRIBE",
    "UNSUBACK",
    "PINGREQ",
    "PINGRESP",
    "DISCONNECT",
    "AUTH",
];

const MQTT_5: u8 = 5;

/// A length has at most this many bytes.
const LONGEST_LENGTH: u32 = 4;

/// A packet takes two bytes at least, and some hundred here.
const MOST_PACKETS: usize = 10_000;

/// As many topics are in a packet at most, or answers to them: three bytes can be one, and an object in memory is more than
/// a hundred.
const MOST_TOPICS: usize = 10_000;

#[derive(Serialize)]
struct Packet<'a> {
    packet: &'static str,
    #[serde(flatten)]
    values: Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    will: Option<Will<'a>>,
    /// What an application publishes.
    #[serde(skip_serializing_if = "Option::is_none")]
    payload: Option<Data<'a>>,
    /// What says most in short.
    #[serde(skip)]
    telling: String,
}

/// What is published for a client that is gone.
#[derive(Serialize)]
struct Will<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    properties: Option<Map<String, Value>>,
    topic: String,
    payload: Data<'a>,
    qos: u8,
    retain: bool,
}

pub(super) fn guess(payload: &Payload<'_>) -> Option<&'static str> {
    if let Some(reason) = payload.spoken(|protocol| matches!(protocol, Protocol::Mqtt { .. })) {
        return Some(reason);
    }
    let start = payload.content.get(..16).unwrap_or(payload.content);
    let is_connect = start.first() == Some(&0x10) && memchr::memmem::find(start, b"\x00\x04MQTT").is_some();
    is_connect.then_some("it is a CONNECT packet, with the name MQTT")
}

pub(super) fn decode<'a>(payload: &Payload<'a>) -> Result<Body<'a>, NotThat> {
    let mut level = match payload.protocol() {
        Some(Protocol::Mqtt { level }) => level,
        _ => Protocol::MQTT_3_1_1,
    };
    let mut bytes = Bytes::new(payload.content);
    let mut packets = Vec::new();
    while !bytes.is_empty() {
        if packets.len() == MOST_PACKETS {
            return Err(NotThat("there are too many packets in it"));
        }
        packets.push(packet(&mut bytes, &mut level)?);
    }
    let first = packets.first().ok_or(NotThat("there is no packet in it"))?;
    let telling = first.telling.trim_end();
    let telling = if telling.is_empty() { String::new() } else { format!(" {}", short(telling)) };
    let summary = format!("{}{telling}{}", first.packet, and_more(packets.len()));
    Ok(Body::json(written(&packets)).summed_up(summary))
}

fn packet<'a>(bytes: &mut Bytes<'a>, level: &mut u8) -> Result<Packet<'a>, NotThat> {
    let first = bytes.u8()?;
    let (number, flags) = (first >> 4, first & 0x0f);
    let name = usize::from(number).checked_sub(1).and_then(|number| TYPES.get(number));
    let name = *name.ok_or(NotThat("it starts with a type that MQTT does not use"))?;
    let length = bytes.varint(LONGEST_LENGTH)?;
    let mut body = Rest { bytes: Bytes::new(bytes.take(length)?), values: Map::new(), will: None, level: *level };
    let mut telling = String::new();
    let mut payload = None;
    match name {
        "CONNECT" => {
            telling = body.connect()?;
            *level = body.level;
        }
        "CONNACK" => {
            let flags = body.bytes.u8()?;
            body.set("session_present", flags & 1 != 0);
            telling = body.reason()?;
            body.properties()?;
        }
        "PUBLISH" => {
            let quality = (flags >> 1) & 3;
            body.set("dup", flags & 8 != 0);
            body.set("qos", quality);
            body.set("retain", flags & 1 != 0);
            telling = body.text()?;
            body.set("topic", telling.as_str());
            if quality > 0 {
                body.number()?;
            }
            body.properties()?;
            payload = Some(Data(body.bytes.take(body.bytes.rest().len())?));
        }
        "PUBACK" | "PUBREC" | "PUBREL" | "PUBCOMP" => {
            let number = body.number()?;
            telling = format!("{number} {}", body.reason_and_properties()?);
        }
        "SUBSCRIBE" | "UNSUBSCRIBE" => {
            body.number()?;
            body.properties()?;
            telling = body.topics(name == "SUBSCRIBE")?;
        }
        "SUBACK" | "UNSUBACK" => {
            telling = body.number()?.to_string();
            body.properties()?;
            let codes = body.bytes.take(body.bytes.rest().len())?;
            if codes.len() > MOST_TOPICS {
                return Err(NotThat("it has too many topics"));
            }
            body.set("reasons", codes);
        }
        "PINGREQ" | "PINGRESP" => {}
        "DISCONNECT" | "AUTH" => telling = body.reason_and_properties()?,
        _ => {}
    }
    if !body.bytes.is_empty() {
        return Err(NotThat("a packet in it is longer than what it holds"));
    }
    Ok(Packet { packet: name, values: body.values, will: body.will, payload, telling })
}

/// What follows the length of a packet.
struct Rest<'a> {
    bytes: Bytes<'a>,
    values: Map<String, Value>,
    will: Option<Will<'a>>,
    level: u8,
}

impl<'a> Rest<'a> {
    /// Whether packets have properties.
    fn is_5(&self) -> bool {
        self.level >= MQTT_5
    }

    fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.values.insert(name.to_owned(), value.into());
    }

    fn data(&mut self) -> Result<&'a [u8], NotThat> {
        let length = self.bytes.u16()?;
        self.bytes.take(length)
    }

    fn text(&mut self) -> Result<String, NotThat> {
        str::from_utf8(self.data()?).map(str::to_owned).map_err(|_| NotThat("a text in it is not UTF-8"))
    }

    /// The number of the packet.
    fn number(&mut self) -> Result<u16, NotThat> {
        let number = self.bytes.u16()?;
        self.set("id", number);
        Ok(number)
    }

    fn properties(&mut self) -> Result<(), NotThat> {
        if self.is_5() {
            let properties = properties(&mut self.bytes)?;
            if !properties.is_empty() {
                self.set("properties", properties);
            }
        }
        Ok(())
    }

    fn reason(&mut self) -> Result<String, NotThat> {
        let reason = self.bytes.u8()?;
        self.set("reason", reason);
        Ok(if reason == 0 { String::new() } else { format!("reason 0x{reason:02x}") })
    }

    /// Both may be missing. Gives what the reason says.
    fn reason_and_properties(&mut self) -> Result<String, NotThat> {
        let reason = if self.bytes.is_empty() { String::new() } else { self.reason()? };
        if !self.bytes.is_empty() {
            self.properties()?;
        }
        Ok(reason)
    }

    /// Gives the client's id.
    fn connect(&mut self) -> Result<String, NotThat> {
        let name = self.text()?;
        if !matches!(name.as_str(), "MQTT" | "MQIsdp") {
            return Err(NotThat("it names another protocol"));
        }
        let level = self.bytes.u8()?;
        self.level = level & !Protocol::MQTT_BRIDGE;
        let flags = self.bytes.u8()?;
        let keep_alive = self.bytes.u16()?;
        self.set("level", self.level);
        if level != self.level {
            self.set("bridge", true);
        }
        self.set("clean", flags & 2 != 0);
        self.set("keep_alive", keep_alive);
        self.properties()?;
        let client = self.text()?;
        self.set("client_id", client.as_str());
        if flags & 4 != 0 {
            let properties = if self.is_5() { Some(properties(&mut self.bytes)?) } else { None };
            let (topic, payload) = (self.text()?, Data(self.data()?));
            let (qos, retain) = (flags >> 3 & 3, flags & 0x20 != 0);
            self.will = Some(Will { properties, topic, payload, qos, retain });
        }
        if flags & 0x80 != 0 {
            let user = self.text()?;
            self.set("username", user);
        }
        if flags & 0x40 != 0 {
            let password = data(self.data()?);
            self.set("password", password);
        }
        Ok(client)
    }

    /// Topics, and what is wanted of each. Gives the first.
    fn topics(&mut self, with_options: bool) -> Result<String, NotThat> {
        let mut topics = Vec::new();
        let mut first = None;
        while !self.bytes.is_empty() {
            if topics.len() == MOST_TOPICS {
                return Err(NotThat("it has too many topics"));
            }
            let topic = self.text()?;
            first.get_or_insert_with(|| topic.clone());
            if !with_options {
                topics.push(topic.into());
                continue;
            }
            let options = self.bytes.u8()?;
            let mut object = json!({"topic": topic, "qos": options & 3});
            if self.is_5() {
                object["no_local"] = (options & 4 != 0).into();
                object["retain_as_published"] = (options & 8 != 0).into();
                object["retain_handling"] = (options >> 4 & 3).into();
            }
            topics.push(object);
        }
        let first = first.ok_or(NotThat("it has no topic"))? + &and_more(topics.len());
        self.set("topics", topics);
        Ok(first)
    }
}

/// Binary data that means nothing to MQTT, such as a password: text as a string, and never as JSON; all else in base64.
fn data(bytes: &[u8]) -> Value {
    match str::from_utf8(bytes) {
        Ok(text) if text.is_empty() || is_printable(bytes) => text.into(),
        _ => json!(Base64::of(bytes)),
    }
}

#[cfg(test)]
mod tests {
    use crate::flow::Protocol;
    use crate::payload::{Kind, tests::payload};

    fn json(content: &[u8], level: u8) -> String {
        let payload = payload(content, false, Some(Protocol::Mqtt { level }));
        payload.decode(Kind::Mqtt).unwrap().json().unwrap().to_owned()
    }

    /// A packet with a body of up to 127 bytes.
    fn packet(first: u8, parts: &[&[u8]]) -> Vec<u8> {
        let body = parts.concat();
        [&[first, u8::try_from(body.len()).unwrap()][..], &body].concat()
    }

    /// With its length in two bytes.
    fn data(data: &[u8]) -> Vec<u8> {
        [&u16::try_from(data.len()).unwrap().to_be_bytes()[..], data].concat()
    }

    #[test]
    fn a_password_is_shown_as_it_is() {
        let cases: [(&[u8], &str); 6] = [
            (b"12345678901234567890123", r#""12345678901234567890123""#),
            (b"1.10", r#""1.10""#),
            (b"{\"k\":1,\"k\":2}", r#""{\"k\":1,\"k\":2}""#),
            (b"\"hello\"", r#""\"hello\"""#),
            (b"", r#""""#),
            (b"\xff", r#"{"$base64":"/w=="}"#),
        ];
        for (bytes, expected) in cases {
            let connect = packet(0x10, &[b"\0\x04MQTT\x04\xc2\0\x3c", &data(b"c"), &data(b"u"), &data(bytes)]);
            let shown = json(&connect, 4);
            assert!(shown.contains(&format!(r#""password":{expected}"#)), "{shown}");
            let properties = [&[9][..], &data(bytes), &[22], &data(bytes)].concat();
            let publish = packet(0x30, &[&data(b"t"), &[u8::try_from(properties.len()).unwrap()], &properties]);
            let shown = json(&publish, 5);
            for name in ["correlation_data", "authentication_data"] {
                assert!(shown.contains(&format!(r#""{name}":{expected}"#)), "{shown}");
            }
        }
    }

    #[test]
    fn what_a_will_says_keeps_its_tokens() {
        let will = b"{\"k\": 1.10,\"k\":12345678901234567890123}";
        let connect = packet(0x10, &[b"\0\x04MQTT\x04\x06\0\x3c", &data(b"c"), &data(b"t"), &data(will)]);
        let shown = json(&connect, 4);
        assert!(
            shown.contains(r#""will":{"topic":"t","payload":{"k": 1.10,"k":12345678901234567890123},"qos":0"#),
            "{shown}"
        );
    }

    #[test]
    fn properties_that_come_again_are_all_shown() {
        let properties = [&[0x26][..], &data(b"a"), &data(b"1"), &[0x26], &data(b"a"), &data(b"2")].concat();
        let properties = [&properties[..], &[3], &data(b"x"), &[3], &data(b"y"), &[3], &data(b"z"), &[1, 1]].concat();
        let publish = packet(0x30, &[&data(b"t"), &[u8::try_from(properties.len()).unwrap()], &properties]);
        let expected = r#""properties":{"user_property":[["a","1"],["a","2"]],"content_type":["x","y","z"],"payload_format_indicator":1}"#;
        assert!(json(&publish, 5).contains(expected), "{}", json(&publish, 5));
    }
}
