//! The kinds of payloads: one list. Help, `--as`, guessing and decoding come from it.

use super::body::Body;
use super::{Payload, cbor, compressed, form, graphql, image, json, markup, message_pack, mqtt};
use super::{plain, protobuf, signalr, socket_io, stomp, wamp};

/// What a payload is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// Engine.IO packets, and Socket.IO in them.
    SocketIo,
    /// GraphQL over WebSocket.
    Graphql,
    /// SignalR's hub protocol, in JSON or MessagePack.
    Signalr,
    /// STOMP frames.
    Stomp,
    /// MQTT control packets.
    Mqtt,
    /// WAMP messages in JSON, MessagePack or CBOR.
    Wamp,
    /// JSON.
    Json,
    /// HTML.
    Html,
    /// XML.
    Xml,
    /// A form, as browsers send it.
    Form,
    /// Compressed with gzip.
    Gzip,
    /// Compressed with zlib.
    Zlib,
    /// Compressed with Zstandard.
    Zstd,
    /// Compressed with Brotli.
    Brotli,
    /// An image.
    Image,
    /// MessagePack.
    MessagePack,
    /// CBOR.
    Cbor,
    /// Protocol Buffers.
    Protobuf,
    /// Text.
    Text,
    /// Anything.
    Hex,
}

/// The facts about a kind.
#[derive(Debug)]
pub struct Info {
    /// The kind.
    pub kind: Kind,
    /// Its name, in `--as` and before what is said of a payload.
    pub name: &'static str,
    /// One line of help.
    pub help: &'static str,
    /// Why a payload may be of the kind, if it may. Cheap; whether it is, decoding tells.
    pub(super) guess: Guess,
    pub(super) decode: Decode,
}

/// Why a payload is not of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotThat(pub(super) &'static str);

type Guess = fn(&Payload<'_>) -> Option<&'static str>;
type Decode = for<'a> fn(&Payload<'a>) -> Result<Body<'a>, NotThat>;

const fn info(kind: Kind, name: &'static str, guess: Guess, decode: Decode, help: &'static str) -> Info {
    Info { kind, name, help, guess, decode }
}

impl Kind {
    /// All kinds, in the order in which they are tried: first those that the connection tells, then those that tell
    /// themselves, at last those that many bytes could be.
    pub const ALL: &'static [Info] = &[
        info(Kind::SocketIo, "socket.io", socket_io::guess, socket_io::decode, "Socket.IO and Engine.IO packets"),
        info(
            Kind::Graphql,
            "graphql",
            graphql::guess,
            graphql::decode,
            "graphql-transport-ws, and graphql-ws before it",
        ),
        info(
            Kind::Signalr,
            "signalr",
            signalr::guess,
            signalr::decode,
            "SignalR's hub protocol, in JSON or MessagePack",
        ),
        info(Kind::Stomp, "stomp", stomp::guess, stomp::decode, "STOMP frames"),
        info(Kind::Mqtt, "mqtt", mqtt::guess, mqtt::decode, "MQTT 3.1.1 and 5 control packets"),
        info(Kind::Wamp, "wamp", wamp::guess, wamp::decode, "WAMP messages in JSON, MessagePack or CBOR"),
        info(Kind::Json, "json", json::guess, json::decode, "JSON"),
        info(Kind::Html, "html", markup::guess_html, markup::decode_html, "HTML"),
        info(Kind::Xml, "xml", markup::guess_xml, markup::decode_xml, "XML"),
        info(Kind::Form, "form", form::guess, form::decode, "names and values, as an HTML form sends them"),
        info(Kind::Gzip, "gzip", compressed::guess_gzip, compressed::decode_gzip, "gzip, and what is in it"),
        info(Kind::Zlib, "zlib", compressed::guess_zlib, compressed::decode_zlib, "zlib, and what is in it"),
        info(Kind::Zstd, "zstd", compressed::guess_zstd, compressed::decode_zstd, "Zstandard, and what is in it"),
        info(
            Kind::Brotli,
            "br",
            compressed::guess_brotli,
            compressed::decode_brotli,
            "Brotli, and what is in it; never guessed, for it has no mark",
        ),
        info(Kind::Image, "image", image::guess, image::decode, "an image: its type, and its size in pixels"),
        info(Kind::MessagePack, "msgpack", message_pack::guess, message_pack::decode, "MessagePack"),
        info(Kind::Cbor, "cbor", cbor::guess, cbor::decode, "CBOR"),
        info(
            Kind::Protobuf,
            "protobuf",
            protobuf::guess,
            protobuf::decode,
            "Protocol Buffers; fields have numbers unless there is a schema",
        ),
        info(Kind::Text, "text", plain::guess_text, plain::decode_text, "text"),
        info(Kind::Hex, "hex", plain::guess_hex, plain::decode_hex, "any bytes"),
    ];

    /// The kind of this name.
    pub fn from_name(name: &str) -> Option<Kind> {
        Kind::ALL.iter().find(|info| info.name == name).map(|info| info.kind)
    }

    /// The name.
    pub fn name(self) -> &'static str {
        self.info().name
    }

    /// Whether it is a protocol, with packets or messages of its own.
    pub fn is_protocol(self) -> bool {
        self <= Kind::Wamp
    }

    /// Whether a payload of any size is decoded, since it is not copied, or as it is: what else there is of the kind, in
    /// another format, its decoder limits itself.
    pub(super) fn is_in_place(self) -> bool {
        use Kind as K;
        matches!(self, K::SocketIo | K::Graphql | K::Signalr | K::Wamp | K::Json | K::Text | K::Hex)
    }

    pub(super) fn info(self) -> &'static Info {
        // The list is in the order of the enum; a test holds them together.
        &Kind::ALL[self as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_in_the_order_of_the_enum() {
        for (position, info) in Kind::ALL.iter().enumerate() {
            assert_eq!(info.kind as usize, position, "{}", info.name);
            assert_eq!(Kind::from_name(info.name), Some(info.kind));
        }
    }
}
