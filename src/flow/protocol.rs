//! The protocol that a connection speaks over its WebSocket, as far as its handshake or its first message says it.

use super::{Flow, Message};

/// A protocol over WebSocket, where it takes the connection to know it: single messages do not tell, or not all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Protocol {
    /// [Engine.IO](https://github.com/socketio/engine.io-protocol), and Socket.IO over it.
    EngineIo {
        /// The version of Engine.IO, as the handshake's query says it (`EIO=4`).
        version: u8,
    },
    /// [graphql-transport-ws](https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md), or `graphql-ws`, which
    /// was before it.
    Graphql,
    /// [SignalR](https://github.com/dotnet/aspnetcore/blob/main/src/SignalR/docs/specs/HubProtocol.md) with messages
    /// in MessagePack. With JSON its messages tell.
    SignalrMessagePack,
    /// [STOMP](https://stomp.github.io/).
    Stomp,
    /// [MQTT](https://mqtt.org/), with the level that its first packet names: 4 is 3.1.1, 5 is 5.0.
    Mqtt {
        /// The protocol level.
        level: u8,
    },
    /// [WAMP](https://wamp-proto.org/), in JSON, MessagePack or CBOR.
    Wamp(WampFormat),
}

/// How messages of WAMP are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WampFormat {
    /// `wamp.2.json`
    Json,
    /// `wamp.2.msgpack`
    MessagePack,
    /// `wamp.2.cbor`
    Cbor,
}

/// The version of Engine.IO that is assumed where none is named.
const ENGINE_IO: u8 = 4;

impl Protocol {
    /// The protocol level of MQTT 3.1.1, which is assumed where none is named.
    pub(crate) const MQTT_3_1_1: u8 = 4;

    /// The highest bit of a level says that a bridge between brokers speaks, and nothing of the version.
    pub(crate) const MQTT_BRIDGE: u8 = 0x80;

    /// The protocol of a flow with this URL and this first message, and what says so.
    pub(super) fn of(
        flow: &Flow<'_>,
        url: Option<&str>,
        first: Option<&Message<'_>>,
    ) -> Option<(Protocol, &'static str)> {
        let opening = first.map_or(&b""[..], |message| message.content);
        if let Some(names) = subprotocols(flow)
            && let Some(protocol) = names.split(',').find_map(|name| Protocol::of_name(name, opening))
        {
            return Some((protocol, "the handshake's subprotocol says so"));
        }
        let (path, query) = url.map_or(("", ""), |url| url.split_once('?').unwrap_or((url, "")));
        let version = query.split('&').find_map(|parameter| parameter.strip_prefix("EIO="));
        let protocol =
            Protocol::EngineIo { version: version.and_then(|version| version.parse().ok()).unwrap_or(ENGINE_IO) };
        if path.contains("/socket.io/") {
            return Some((protocol, "the handshake's path is /socket.io/"));
        }
        if version.is_some() {
            return Some((protocol, "the handshake's query has EIO"));
        }
        if is_signalr_handshake(opening) && memchr::memmem::find(opening, b"\"messagepack\"").is_some() {
            return Some((Protocol::SignalrMessagePack, "the connection's first message asks for it"));
        }
        None
    }

    fn of_name(name: &str, opening: &[u8]) -> Option<Protocol> {
        Some(match name.trim() {
            "graphql-transport-ws" | "graphql-ws" => Protocol::Graphql,
            "stomp" | "v10.stomp" | "v11.stomp" | "v12.stomp" => Protocol::Stomp,
            "mqtt" | "mqttv3.1" => Protocol::Mqtt { level: mqtt_level(opening).unwrap_or(Protocol::MQTT_3_1_1) },
            "wamp.2.json" => Protocol::Wamp(WampFormat::Json),
            "wamp.2.msgpack" => Protocol::Wamp(WampFormat::MessagePack),
            "wamp.2.cbor" => Protocol::Wamp(WampFormat::Cbor),
            _ => return None,
        })
    }
}

/// The subprotocol that the server chose; where it says nothing, those that the client offered.
fn subprotocols(flow: &Flow<'_>) -> Option<String> {
    const HEADER: &str = "sec-websocket-protocol";
    let chosen = flow.response().ok().flatten().and_then(|response| response.headers().ok()?.get(HEADER));
    let name = match chosen {
        Some(name) => name,
        None => flow.request().ok().flatten()?.headers().ok()?.get(HEADER)?,
    };
    Some(name.into_owned())
}

/// Whether these are the first bytes of a SignalR connection: a JSON object that names a protocol, and a separator.
fn is_signalr_handshake(opening: &[u8]) -> bool {
    opening.starts_with(b"{\"protocol\":") && opening.ends_with(b"\x1e")
}

/// The level that a CONNECT packet of MQTT names: it begins with its type, its length in one to four bytes, the name.
fn mqtt_level(opening: &[u8]) -> Option<u8> {
    const CONNECT: u8 = 0x10;
    const LARGEST_HEADER: usize = 5;
    let [CONNECT, ..] = opening else { return None };
    [&b"\x00\x04MQTT"[..], b"\x00\x06MQIsdp"].iter().find_map(|name| {
        let at = memchr::memmem::find(opening.get(..LARGEST_HEADER + name.len()).unwrap_or(opening), name)?;
        opening.get(at + name.len()).map(|level| level & !Protocol::MQTT_BRIDGE)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_packet_names_its_level() {
        assert_eq!(mqtt_level(b"\x10\x10\x00\x04MQTT\x05\x02\x00\x3c\x00\x00\x03abc"), Some(5));
        assert_eq!(mqtt_level(b"\x10\x80\x01\x00\x04MQTT\x04\x02"), Some(4));
        assert_eq!(mqtt_level(b"\x10\x10\x00\x06MQIsdp\x03"), Some(3));
        assert_eq!(mqtt_level(b"\x10\x10\x00\x04MQTT\x84\x02"), Some(4));
        assert_eq!(mqtt_level(b"\x10\x10\x00\x04MQTT"), None);
        assert_eq!(mqtt_level(b"\x30\x04MQTT\x05"), None);
        assert_eq!(mqtt_level(b""), None);
    }
}
