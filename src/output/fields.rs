//! Fields: what can be printed, by name. There are two lists, of messages ([`MessageField`]) and of connections
//! ([`FlowField`](super::FlowField)); help, `--fields`, column widths and every format come from them.

use std::borrow::Cow;
use std::cell::OnceCell;

use super::Tone;
use super::value::{Time, Value};
use crate::flow::{FlowContext, Message};
use crate::payload::{Decoded, Kind, Payload};
use crate::websocket::Opcode;

/// A list of fields, and how each is read from a row.
pub trait Field: Copy + Sized + 'static {
    /// What a field is read from.
    type Row<'a>;

    /// The list, in the order in which JSON has them.
    const ALL: &'static [Info<Self>];

    /// The value of the field in a row.
    fn value<'a>(self, row: &'a Self::Row<'_>) -> Value<'a>;

    /// The facts about the field.
    fn info(self) -> &'static Info<Self>;

    /// What a colour can say of the field in a row.
    fn tone(self, _: &Self::Row<'_>) -> Tone {
        Tone::Plain
    }

    /// Whether all rows of one flow have the same value.
    fn is_of_flow(self) -> bool {
        false
    }
}

/// The facts about a field.
#[derive(Debug)]
pub struct Info<F> {
    /// The field.
    pub field: F,
    /// The name, in `--fields` and as a key in JSON.
    pub name: &'static str,
    /// One line of help.
    pub help: &'static str,
    /// Columns that it takes in a table.
    pub width: usize,
    /// Whether it stands at the right of its column, as numbers do.
    pub right: bool,
    /// Whether it is text of any length, whose column has more room in a wide terminal and less in a narrow one.
    pub is_elastic: bool,
}

/// The fields of these names, separated by commas.
///
/// # Errors
/// When a name is not in the list, or comes twice.
pub fn parse<F: Field>(names: &str) -> Result<Vec<F>, FieldError> {
    let mut found: Vec<&'static Info<F>> = Vec::new();
    for name in names.split(',').map(str::trim) {
        let Some(info) = F::ALL.iter().find(|info| info.name == name) else {
            let known: Vec<_> = F::ALL.iter().map(|info| info.name).collect();
            let meant = nearest(name, &known);
            return Err(FieldError::Unknown { name: name.to_owned(), meant, known: known.join(", ") });
        };
        if found.iter().any(|other| other.name == name) {
            return Err(FieldError::Twice { name: name.to_owned() });
        }
        found.push(info);
    }
    Ok(found.iter().map(|info| info.field).collect())
}

/// The name that was probably meant by one that is none.
fn nearest(name: &str, known: &[&'static str]) -> Option<&'static str> {
    let name = name.to_lowercase();
    let likeness = |known: &str| strsim::jaro_winkler(&name, known);
    let best = known.iter().copied().max_by(|one, other| likeness(one).total_cmp(&likeness(other)))?;
    (likeness(best) >= ALIKE).then_some(best)
}

/// How alike two names are, of 1, of which one may be meant by the other: `dir` and `direction` are, `host` and `text`
/// are not.
const ALIKE: f64 = 0.8;

fn ask(meant: Option<&str>) -> String {
    meant.map(|meant| format!(" (did you mean `{meant}`?)")).unwrap_or_default()
}

/// Names that are no fields.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FieldError {
    /// No field has this name.
    #[error("`{name}` is not a field{}; the fields are {known}", ask(*.meant))]
    Unknown {
        /// The name.
        name: String,
        /// The field that was probably meant.
        meant: Option<&'static str>,
        /// The names of all fields.
        known: String,
    },
    /// Keys of a JSON object have to differ.
    #[error("`{name}` is there twice")]
    Twice {
        /// The name.
        name: String,
    },
}

/// A message with what is said about the connection it belongs to.
#[derive(Clone, Debug)]
pub struct MessageRow<'a> {
    file: Option<&'a str>,
    flow: &'a FlowContext,
    message: Message<'a>,
    /// The content as text, found out when the first field asks.
    text: OnceCell<Option<&'a str>>,
    /// What the content is in short, found out when the first field asks.
    glanced: OnceCell<Box<Decoded<'a>>>,
    /// What is packed in it in full, likewise.
    decoded: OnceCell<Box<Decoded<'a>>>,
    /// Whether that was said by who asks, and not guessed.
    is_asked: bool,
}

impl<'a> MessageRow<'a> {
    /// The row of a message of a flow, in a file that is named when there are several.
    pub fn new(file: Option<&'a str>, flow: &'a FlowContext, message: Message<'a>) -> MessageRow<'a> {
        MessageRow {
            file,
            flow,
            message,
            text: OnceCell::new(),
            glanced: OnceCell::new(),
            decoded: OnceCell::new(),
            is_asked: false,
        }
    }

    /// The same row, its content being what is said here, whatever it looks like.
    pub fn with_decoded(self, decoded: Decoded<'a>) -> MessageRow<'a> {
        let (glanced, decoded) = (Box::new(decoded.clone()), Box::new(decoded));
        MessageRow { glanced: OnceCell::from(glanced), decoded: OnceCell::from(decoded), is_asked: true, ..self }
    }

    fn text(&self) -> Option<&'a str> {
        *self.text.get_or_init(|| self.message.text())
    }

    fn payload(&self) -> Payload<'a> {
        Payload::new(&self.message, self.flow)
    }

    fn glanced(&self) -> &Decoded<'a> {
        self.glanced.get_or_init(|| Box::new(self.payload().glance()))
    }

    fn decoded(&self) -> &Decoded<'a> {
        let glanced = self.glanced();
        match glanced.is_around() {
            true => self.decoded.get_or_init(|| Box::new(self.payload().guess())),
            false => glanced,
        }
    }

    /// The content as JSON: itself where it is a JSON document, whatever else it may be; otherwise decoded.
    fn json(&self) -> Option<&str> {
        let document = super::json::document(self.message.content).filter(|_| !self.is_asked);
        document.or_else(|| self.decoded().json())
    }
}

/// The fields of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MessageField {
    /// Name of the file.
    File,
    /// Position of the flow.
    Flow,
    /// Position of the message.
    Message,
    /// Both positions.
    Id,
    /// The flow's id.
    FlowId,
    /// The URL.
    Url,
    /// Who sent it, as a truth value.
    FromClient,
    /// Who sent it, as an arrow.
    Direction,
    /// The opcode's name.
    Type,
    /// Unix seconds, as stored.
    Timestamp,
    /// The time, in the time format.
    Time,
    /// Bytes of content.
    Size,
    /// The dropped flag.
    Dropped,
    /// The injected flag.
    Injected,
    /// Both flags as letters.
    Flags,
    /// The content as text.
    Text,
    /// The content in base64, where it is no text.
    Base64,
    /// What the content is, in short.
    Kind,
    /// The content as JSON.
    Json,
    /// The content.
    Content,
    /// The content, of binary messages after its kind.
    Preview,
    /// The content decoded.
    Decoded,
}

pub(super) const fn info<F>(field: F, name: &'static str, width: usize, right: bool, help: &'static str) -> Info<F> {
    Info { field, name, help, width, right, is_elastic: false }
}

/// A field that is text of any length.
pub(super) const fn text<F>(field: F, name: &'static str, width: usize, help: &'static str) -> Info<F> {
    Info { field, name, help, width, right: false, is_elastic: true }
}

impl Field for MessageField {
    type Row<'a> = MessageRow<'a>;

    const ALL: &'static [Info<MessageField>] = &[
        text(MessageField::File, "file", 20, "the name of the file"),
        info(MessageField::Flow, "flow", 5, true, "position of the connection in the file, from 0"),
        info(MessageField::Message, "message", 7, true, "position of the message in its connection, from 0"),
        info(MessageField::Id, "id", 8, false, "both positions: FLOW:MESSAGE"),
        info(MessageField::FlowId, "flow_id", 36, false, "mitmproxy's id of the flow"),
        text(MessageField::Url, "url", 40, "URL of the connection"),
        info(MessageField::FromClient, "from_client", 11, false, "true: the client sent it, false: the server"),
        info(MessageField::Direction, "direction", 9, false, "→ from the client, ← from the server"),
        info(MessageField::Type, "type", 6, false, "text, binary, or the opcode's name"),
        info(MessageField::Timestamp, "timestamp", 18, true, "seconds since 1970-01-01 UTC, as stored"),
        info(MessageField::Time, "time", 27, false, "the time in UTC, in the format of --time-format"),
        info(MessageField::Size, "size", 7, true, "bytes of content"),
        info(MessageField::Dropped, "dropped", 7, false, "true: not forwarded to the other peer"),
        info(MessageField::Injected, "injected", 8, false, "true: sent by neither peer"),
        info(MessageField::Flags, "flags", 2, false, "D dropped, I injected, - neither"),
        text(MessageField::Text, "text", 24, "the content of a text message, where it is UTF-8"),
        text(MessageField::Base64, "base64", 24, "the content in base64, where it is not text"),
        text(MessageField::Kind, "kind", 32, "what the content is, in short: mqtt PUBLISH sensors/1"),
        text(
            MessageField::Json,
            "json",
            24,
            "the content itself, where it is JSON; else decoded, where that has its shape",
        ),
        text(MessageField::Content, "content", 24, "text as text, other content in hexadecimal (table) or base64"),
        text(
            MessageField::Preview,
            "preview",
            24,
            "text as text; packets of a protocol and other content after their kind",
        ),
        text(
            MessageField::Decoded,
            "decoded",
            24,
            "the content itself, where it is JSON; else decoded, where that has its shape; else the preview",
        ),
    ];

    fn info(self) -> &'static Info<MessageField> {
        // The list is in the order of the enum; a test holds them together.
        &Self::ALL[self as usize]
    }

    fn tone(self, MessageRow { message, .. }: &MessageRow<'_>) -> Tone {
        use MessageField as F;
        match (self, message.dropped, message.injected) {
            (F::File | F::Flow | F::Message | F::Id | F::FlowId | F::Timestamp | F::Time, ..) => Tone::Faint,
            (F::Direction | F::FromClient, ..) if message.from_client => Tone::Client,
            (F::Direction | F::FromClient, ..) => Tone::Server,
            (F::Type, ..) => match message.opcode {
                Opcode::Text => Tone::Plain,
                Opcode::Binary => Tone::Binary,
                _ => Tone::Control,
            },
            (F::Flags | F::Dropped, true, _) => Tone::Dropped,
            (F::Flags | F::Injected, _, true) => Tone::Injected,
            (F::Text | F::Base64 | F::Json | F::Content | F::Preview | F::Decoded, true, _) => Tone::Struck,
            (F::Text | F::Base64 | F::Json | F::Content | F::Preview | F::Decoded, _, true) => Tone::Injected,
            _ => Tone::Plain,
        }
    }

    fn is_of_flow(self) -> bool {
        use MessageField as F;
        matches!(self, F::File | F::Flow | F::FlowId | F::Url)
    }

    #[inline]
    fn value<'a>(self, row: &'a MessageRow<'_>) -> Value<'a> {
        let MessageRow { flow, message, .. } = row;
        match self {
            MessageField::File => row.file.into(),
            MessageField::Flow => flow.index.into(),
            MessageField::Message => message.index.into(),
            MessageField::Id => Value::Id { flow: flow.index, message: message.index },
            MessageField::FlowId => flow.id.as_deref().into(),
            MessageField::Url => flow.url.as_deref().into(),
            MessageField::FromClient => message.from_client.into(),
            MessageField::Direction => Value::Word(if message.from_client { "→" } else { "←" }),
            MessageField::Type => match message.opcode.name() {
                Cow::Borrowed(name) => Value::Word(name),
                name => Value::Text(name),
            },
            MessageField::Timestamp => Value::Timestamp(message.timestamp),
            MessageField::Time => {
                Value::Time { time: Time::Stored(message.timestamp), first: flow.first.unwrap_or(f64::NAN) }
            }
            MessageField::Size => (message.content.len() as u64).into(),
            MessageField::Dropped => message.dropped.into(),
            MessageField::Injected => message.injected.into(),
            MessageField::Flags => Value::Word(match (message.dropped, message.injected) {
                (false, false) => "-",
                (true, false) => "D",
                (false, true) => "I",
                (true, true) => "DI",
            }),
            MessageField::Text => row.text().map_or(Value::Absent, Into::into),
            MessageField::Base64 if row.text().is_some() => Value::Absent,
            MessageField::Base64 => Value::Base64(message.content),
            MessageField::Kind => Value::Text(row.glanced().to_string().into()),
            MessageField::Json => row.json().map_or(Value::Absent, Value::Json),
            MessageField::Content => Value::Content(*message),
            MessageField::Preview if message.opcode == Opcode::Text && !row.payload().may_be_packet() => {
                Value::Content(*message)
            }
            MessageField::Preview => match row.glanced().kind() {
                Kind::Hex => Value::Content(*message),
                kind if message.opcode == Opcode::Text && !kind.is_protocol() => Value::Content(*message),
                _ => Value::Preview { kind: row.glanced().to_string(), message: *message },
            },
            MessageField::Decoded => row.json().map_or_else(|| MessageField::Preview.value(row), Value::Json),
        }
    }
}

impl MessageField {
    /// What a message object holds (JSON and CSV), in the order of the contract.
    pub fn of_object(with_file: bool, with_json: bool) -> Vec<MessageField> {
        use MessageField as F;
        let mut fields = vec![
            F::Flow,
            F::Message,
            F::FlowId,
            F::Url,
            F::FromClient,
            F::Type,
            F::Timestamp,
            F::Time,
            F::Size,
            F::Dropped,
            F::Injected,
            F::Text,
            F::Base64,
        ];
        if with_file {
            fields.insert(0, F::File);
        }
        if with_json {
            fields.push(F::Json);
        }
        fields
    }

    /// What a line of the table holds.
    pub fn of_table(with_file: bool) -> Vec<MessageField> {
        use MessageField as F;
        let mut fields = vec![F::Id, F::Time, F::Direction, F::Type, F::Size, F::Flags, F::Preview];
        if with_file {
            fields.insert(0, F::File);
        }
        fields
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_in_the_order_of_the_enum() {
        for (position, info) in MessageField::ALL.iter().enumerate() {
            assert_eq!(info.field as usize, position, "{}", info.name);
        }
    }

    #[test]
    fn names_are_those_of_the_list_and_come_once() {
        assert_eq!(parse("id, size"), Ok(vec![MessageField::Id, MessageField::Size]));
        assert!(matches!(parse::<MessageField>("id,"), Err(FieldError::Unknown { .. })));
        assert!(matches!(parse::<MessageField>("id,id"), Err(FieldError::Twice { .. })));
    }
}
