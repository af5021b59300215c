//! What the bytes of a message are: guessed with a reason or said by somebody, and decoded as far as they can be.
//!
//! ```text
//! Message + FlowContext ── Payload ──┬─ guess() ──────┬── Decoded ──┬─ summary, one line
//!                                    └─ decode(kind) ─┘             ├─ JSON, where it has that shape
//!                                                                   └─ text or hex dump
//! ```
//!
//! [`Kind::ALL`] is the list of kinds, with a file for each protocol. A guess tries them in order: a look at the first
//! bytes and at the [protocol](crate::flow::Protocol) of the connection says whether a kind may be it, and decoding to
//! the last byte says whether it is. So it is the same for the same message, whatever was read before.
//!
//! A payload is whatever somebody sent. Decoders read no deeper than [`MAX_DEPTH`] levels and no payload larger than
//! [`LARGEST`] but where it stays as it is, allocate nothing by a number that they read, and what is compressed is
//! decoded as far as that size. So there is no other budget: the worst content that is known of each kind takes some
//! 20 MiB to be decoded, a quarter of a second, and some 13 times its size as JSON, beside the white space of its layout
//! (`layout::LARGEST_LAYOUT`). That is measured by
//! `no_content_takes_memory_out_of_proportion` in `tests/integration/hostile.rs`; a new kind has its worst content there.

mod body;
mod bytes;
mod cbor;
mod compressed;
mod form;
mod graphql;
mod hex;
mod image;
mod json;
mod kind;
mod layout;
mod markup;
mod message_pack;
mod mqtt;
mod outline;
mod plain;
mod protobuf;
#[cfg(feature = "proto")]
mod schema;
mod signalr;
mod socket_io;
mod stomp;
mod summary;
#[cfg(test)]
mod tests;
mod wamp;

use std::borrow::Cow;

use crate::flow::{FlowContext, Message, Protocol};
use crate::output;
use crate::websocket::Opcode;
use body::{Body, Shape};
pub use kind::{Info, Kind, NotThat};
use layout::Layout;
use outline::outline;
#[cfg(feature = "proto")]
pub use schema::{MisfitError, Schema, SchemaError};

/// Payloads larger than this, in bytes, are text or bytes, unless they are JSON, or text of a protocol that has its data in
/// JSON: that is shown as it is. Of what is packed as much is decoded. Some protocols say in two bytes what takes a
/// hundred times as much to be shown.
pub const LARGEST: usize = 256 << 10;

/// How deep values may be nested, and JSON in what protocols send; JSON itself may be nested as deep as it is read. Below the
/// 128 levels at which readers of JSON stop, so that they can read what is decoded into JSON, with what a protocol puts
/// around it.
pub const MAX_DEPTH: usize = 100;

/// Payloads within payloads, as within compressed ones.
const MAX_NESTED: u8 = 3;

/// At a [glance](Payload::glance) what is packed is unpacked as far as this many bytes, and as this many times its size:
/// texts become ten times their size, and what becomes a thousand times its size is made for it.
const GLANCED_AT: usize = 16 << 10;
const GLANCED_GROWTH: usize = 16;

/// Bytes of a payload that are laid out at once; whole lines of a hex dump.
const PIECE: usize = hex::PER_LINE << 10;

/// The bytes of a message, and what is known about them.
#[derive(Clone, Copy, Debug)]
pub struct Payload<'a> {
    content: &'a [u8],
    is_text: bool,
    protocol: Option<(Protocol, &'static str)>,
    nested: u8,
    /// Bytes that what is packed in it may become.
    room: usize,
}

impl<'a> Payload<'a> {
    /// The payload of a message of a connection.
    pub fn new(message: &Message<'a>, flow: &FlowContext) -> Payload<'a> {
        let Message { content, opcode, .. } = *message;
        Payload { content, is_text: opcode == Opcode::Text, protocol: flow.protocol, nested: 0, room: LARGEST }
    }

    /// The payload of a content of which nothing else is known than whether it came as text.
    ///
    /// ```
    /// # use wsflow::payload::{Kind, Payload};
    /// let decoded = Payload::from_bytes(b"\x82\xa2op\xa3bid\xa1n\x07", false).guess();
    /// assert_eq!(decoded.kind(), Kind::MessagePack);
    /// assert_eq!(decoded.json(), Some(r#"{"op":"bid","n":7}"#));
    /// ```
    pub fn from_bytes(content: &'a [u8], is_text: bool) -> Payload<'a> {
        Payload { content, is_text, protocol: None, nested: 0, room: LARGEST }
    }

    /// The same, of which what is packed is unpacked as far as `bytes`, and not as [`LARGEST`]. Three times that may be
    /// in memory for each time that it is packed.
    pub fn unpacked_to(self, bytes: usize) -> Payload<'a> {
        Payload { room: bytes, ..self }
    }

    /// A payload within this one, of which nothing is known.
    fn within<'b>(&self, content: &'b [u8]) -> Payload<'b> {
        Payload { content, is_text: false, protocol: None, nested: self.nested + 1, room: self.room }
    }

    /// What it is, found from its bytes and its connection.
    ///
    /// ```
    /// # use wsflow::flow::{Flow, FlowContext};
    /// # use wsflow::payload::{Kind, Payload};
    /// let record = b"84:9:websocket;68:8:messages;53:49:1:1#4:true!12:{\"op\":\"get\"},3:1.5^5:false!5:false!]]}}";
    /// let flow = Flow::parse(record)?;
    /// let (context, _faults) = FlowContext::new(&flow, 0);
    /// let message = flow.websocket()?.unwrap().messages()?.next().unwrap()?;
    /// let decoded = Payload::new(&message, &context).guess();
    /// assert_eq!(decoded.kind(), Kind::Json);
    /// assert_eq!(decoded.to_string(), "json {op}");
    /// # Ok::<(), wsflow::Error>(())
    /// ```
    pub fn guess(&self) -> Decoded<'a> {
        let found = Kind::ALL.iter().find_map(|info| {
            let reason = (info.guess)(self)?;
            self.decode(info.kind).ok().map(|decoded| Decoded { reason, ..decoded })
        });
        found.unwrap_or_else(|| Decoded::new(Kind::Hex, Body::bytes(self.content)))
    }

    /// What it is, for a line of a listing. It is what [`guess`](Self::guess) gives, but for what is packed: so that a
    /// listing of millions takes no longer than its size allows, as much is unpacked as texts become, and not as much
    /// as there may be.
    pub fn glance(&self) -> Decoded<'a> {
        let most = self.content.len().saturating_mul(GLANCED_GROWTH).saturating_add(GLANCED_AT);
        Payload { room: self.room.min(most), ..*self }.guess()
    }

    /// The payload as one of this kind.
    ///
    /// # Errors
    /// When it is not of this kind.
    pub fn decode(&self, kind: Kind) -> Result<Decoded<'a>, NotThat> {
        if !kind.is_in_place() {
            self.small()?;
        }
        Ok(Decoded::new(kind, (kind.info().decode)(self)?))
    }

    /// The content, if it is not too large to be decoded.
    fn small(&self) -> Result<&'a [u8], NotThat> {
        match self.content.len() {
            ..=LARGEST => Ok(self.content),
            _ => Err(NotThat("it is too large to be decoded")),
        }
    }

    /// Whether it may be a packet of a protocol that does not tell itself, as a JSON object does. That costs nothing, and
    /// says so of few other texts.
    pub fn may_be_packet(&self) -> bool {
        match self.content {
            [b'{', .., b'}'] => false,
            [b'4', .., b']'] | [b'{', .., 0x1e] => true,
            content => self.protocol.is_some() || content.trim_ascii_end().ends_with(&[0]),
        }
    }

    /// The protocol of the connection, if the connection says it.
    fn protocol(&self) -> Option<Protocol> {
        self.protocol.map(|(protocol, _)| protocol)
    }

    /// What says that the connection speaks a protocol that is wanted.
    fn spoken(&self, is_wanted: impl Fn(Protocol) -> bool) -> Option<&'static str> {
        self.protocol.filter(|(protocol, _)| is_wanted(*protocol)).map(|(_, reason)| reason)
    }

    fn text(&self) -> Result<&'a str, NotThat> {
        str::from_utf8(self.content).map_err(|_| NotThat("it is not UTF-8"))
    }
}

/// Text in pieces of whole characters.
fn cut(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (piece, after) = rest.split_at(rest.ceil_char_boundary(PIECE));
        rest = after;
        (!piece.is_empty()).then_some(piece)
    })
}

/// A payload of a kind.
#[derive(Clone, Debug)]
pub struct Decoded<'a> {
    kind: Kind,
    reason: &'static str,
    body: Body<'a>,
}

impl<'a> Decoded<'a> {
    fn new(kind: Kind, body: Body<'a>) -> Decoded<'a> {
        Decoded { kind, reason: "it was asked for", body }
    }

    /// What it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// What says that it is of this kind.
    pub fn reason(&self) -> &'static str {
        self.reason
    }

    /// What it says, on a line; empty where there is nothing to say in short. It may hold captured text, so it
    /// goes to no terminal as it is.
    pub fn summary(&self) -> Cow<'_, str> {
        match (&self.body.summary, &self.body.shape) {
            (Some(summary), _) => Cow::Borrowed(summary),
            (None, Shape::Json(text)) => Cow::Owned(outline(text)),
            (None, Shape::Inside(decoded)) => Cow::Owned(decoded.to_string()),
            (None, Shape::Text(_) | Shape::Bytes(_)) => Cow::Borrowed(""),
        }
    }

    /// The payload as JSON text, where it has the shape of JSON. Binary data in it is `{"$base64":"…"}`.
    pub fn json(&self) -> Option<&str> {
        match &self.body.shape {
            Shape::Json(text) => Some(text),
            Shape::Inside(decoded) => decoded.json(),
            Shape::Text(_) | Shape::Bytes(_) => None,
        }
    }

    /// Appends the whole payload as a person reads it: JSON with a value on each line, text with its lines, everything
    /// else as a hex dump. What a terminal could obey is escaped.
    pub fn push(&self, out: &mut Vec<u8>) {
        self.pieces(&mut |piece| out.extend_from_slice(piece));
    }

    /// The same in pieces, for what is too large to be in memory several times. Each is whole characters.
    pub fn pieces(&self, put: &mut dyn FnMut(&[u8])) {
        let mut piece = Vec::new();
        let mut put = |write: &mut dyn FnMut(&mut Vec<u8>)| {
            piece.clear();
            write(&mut piece);
            put(&piece);
        };
        match &self.body.shape {
            Shape::Json(text) => {
                let mut layout = Layout::default();
                cut(text).for_each(|text| put(&mut |out| layout.push(out, text)));
                put(&mut |out| out.push(b'\n'));
            }
            Shape::Text(text) if text.is_empty() => {}
            Shape::Text(text) => {
                cut(text).for_each(|text| put(&mut |out| output::push_multiline(out, text.as_bytes())));
                put(&mut |out| out.push(b'\n'));
            }
            Shape::Inside(decoded) => decoded.pieces(&mut |piece| put(&mut |out| out.extend_from_slice(piece))),
            Shape::Bytes(bytes) => {
                for (number, bytes) in bytes.chunks(PIECE).enumerate() {
                    put(&mut |out| hex::dump(out, number * PIECE, bytes));
                }
            }
        }
    }

    /// Whether it is only around another payload, of which a [glance](Payload::glance) may have left something out.
    pub fn is_around(&self) -> bool {
        matches!(self.body.shape, Shape::Inside(_))
    }

    fn into_owned(self) -> Decoded<'static> {
        Decoded { kind: self.kind, reason: self.reason, body: self.body.into_owned() }
    }
}

/// The name of the kind, and the summary.
impl std::fmt::Display for Decoded<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let summary = self.summary();
        match summary.is_empty() {
            true => f.write_str(self.kind.name()),
            false => write!(f, "{} {summary}", self.kind.name()),
        }
    }
}
