//! The public error: what was found, and where.

use std::fmt;
use std::io;

use crate::capture::Format;
use crate::tnetstring;

/// Something that was found wrong with a capture.
///
/// An error is a [`Situation`] and a [`Place`]. Its text holds no byte of the input that is not printable ASCII,
/// and never more than a few of them.
#[derive(Debug)]
pub struct Error {
    situation: Situation,
    place: Place,
    /// Whether it was found in bytes that were made from another format.
    foreign: bool,
    /// Whether reading ended with it, though more may follow.
    is_end: bool,
}

/// Where in a capture something was found. What is not known is `None` or empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The record, counted from 0 in file order.
    pub record: Option<u64>,
    /// Bytes from the start of the file; while the record is not known, from the start of what was read.
    pub offset: Option<u64>,
    /// The value within the flow, such as `websocket.messages[3].timestamp`.
    pub path: String,
}

/// What was found.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Situation {
    /// The input could not be read.
    #[error("cannot read: {0}")]
    Io(io::Error),
    /// The first bytes belong to no format that is known here.
    #[error("not a capture: it starts with `{}`, {}", .start.escape_ascii(), instead_of_capture(.start))]
    UnknownFormat {
        /// The first bytes, a few.
        start: Vec<u8>,
    },
    /// The format is known and can be written, but not read.
    #[error("this is {}, which is written and not read; what is read is {}", .0.name(), Format::readable())]
    NotReadable(Format),
    /// The bytes are not those of a sound value.
    #[error("{0}")]
    Tnetstring(tnetstring::ErrorKind),
    /// The file ends within its last record, as a file does that is still being written.
    #[error("the last record is incomplete{}", missing_bytes(*length, *missing))]
    Incomplete {
        /// Bytes that the record says it has; 0 where it does not say so.
        length: u64,
        /// Bytes that are not there.
        missing: u64,
    },
    /// A file so damaged that the search for whole flows in it would never end.
    #[error("too much is damaged to look for whole flows behind it; what follows was not read")]
    Unsearched,
    /// A flow lacks a value that every flow has.
    #[error("the key is missing")]
    MissingKey,
    /// A flow in a format version that cannot be read.
    #[error("flow format version {0} is not known; known are 0.11 to 0.19, 1.0, 2.0, 3.0 and 4 to 21")]
    UnknownVersion(String),
    /// A flow in a format version that is newer than all that are known here. It was read all the same.
    #[error("flow format version {0} is newer than 21, the newest known here; only what is known of it was read")]
    NewerVersion(u64),
    /// Messages whose handshake may be one of those that were too many to remember. They were read all the same.
    #[error(
        "the handshake is not known any more: too many connections before it had a handshake and no messages yet; \
         it is shown with the host `unknown`"
    )]
    ForgottenHandshake,
    /// A message does not have the 5 or 6 values that one has.
    #[error("expected a message of 5 or 6 values, found {found}")]
    MessageLength {
        /// Values that it has.
        found: usize,
    },
    /// A foreign format says something that has no meaning there.
    #[error("{0}")]
    Foreign(String),
    /// An edit names a flow that is not there.
    #[error("there is no flow {0}")]
    NoFlow(u64),
    /// An edit names messages of a flow that is no WebSocket connection.
    #[error("the flow is no WebSocket connection")]
    NoConnection,
    /// An edit names a message that is not there.
    #[error("there is no such message")]
    NoMessage,
    /// An edit has to copy bytes that it does not name, and has no flow file before it.
    #[error("{} cannot be edited as it stands; a flow file can", .0.name())]
    NotEditable(Format),
    /// The input is not what it was a moment ago.
    #[error("the input was changed while it was read")]
    Changed,
}

/// How much of an incomplete record is missing, where that is known.
fn missing_bytes(length: u64, missing: u64) -> String {
    match length {
        0 => String::new(),
        _ => format!(": {missing} of its {length} bytes are missing"),
    }
}

/// What a file may be that is no capture, and what to do with it.
fn instead_of_capture(start: &[u8]) -> &'static str {
    match start {
        [0x1f, 0x8b, ..] => "as gzip does; try `gzip -dc FILE | wsflow ls`",
        [0x28, 0xb5, 0x2f, 0xfd, ..] => "as Zstandard does; try `zstd -dc FILE | wsflow ls`",
        [b'P', b'K', ..] => "as a ZIP archive does; take the capture out first",
        [0xd4, 0xc3, 0xb2, 0xa1, ..] | [0xa1, 0xb2, 0xc3, 0xd4, ..] | [0x0a, 0x0d, 0x0d, 0x0a, ..] => {
            "as a packet capture does; mitmproxy's own files are written by `mitmdump -w FILE`"
        }
        [b'{', ..] | [0xef, 0xbb, 0xbf, b'{', ..] => {
            "as JSON does, but it is no HAR, and its first line is no message as `wsflow ls --json` prints them: an object \
             with `from_client`, on one line"
        }
        _ => {
            "where a flow file starts with a length such as `1234:`, HAR and NDJSON with `{`, MessagePack with a map; if it \
             is a damaged flow file, try: wsflow recover FILE -o OUT"
        }
    }
}

impl Error {
    /// An error without a place.
    pub fn new(situation: Situation) -> Error {
        Error { situation, place: Place::default(), foreign: false, is_end: false }
    }

    /// What was found.
    pub fn situation(&self) -> &Situation {
        &self.situation
    }

    /// Where it was found.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Whether the file only ends too early, as one does that is still being written.
    pub fn is_incomplete(&self) -> bool {
        matches!(self.situation, Situation::Incomplete { .. })
    }

    /// Whether bytes of a flow file are broken, so that a copy of what is intact may help.
    pub fn is_damage(&self) -> bool {
        let is_broken = matches!(
            self.situation,
            Situation::Tnetstring(_)
                | Situation::Incomplete { .. }
                | Situation::Unsearched
                | Situation::MissingKey
                | Situation::MessageLength { .. }
        );
        is_broken && !self.foreign
    }

    /// What was found, in words, and whether it kept what follows from being read.
    pub(crate) fn detail(&self) -> String {
        let unread = if self.is_end { "; what follows it was not read" } else { "" };
        format!("{}{unread}", self.situation)
    }

    /// Whether everything was read, and only something may be said that is not known here.
    pub fn is_warning(&self) -> bool {
        matches!(self.situation, Situation::NewerVersion(_) | Situation::ForgottenHandshake)
    }

    /// The same error, within a value: `websocket` put before `messages[3]` gives `websocket.messages[3]`.
    pub(crate) fn within(mut self, outer: impl fmt::Display) -> Error {
        let inner = std::mem::take(&mut self.place.path);
        let dot = if inner.is_empty() || inner.starts_with('[') { "" } else { "." };
        self.place.path = format!("{outer}{dot}{inner}");
        self
    }

    /// The same error, found in bytes that were made from another format: where in them means nothing to anybody.
    pub(crate) fn in_foreign(self) -> Error {
        Error { foreign: true, ..self }.at(0)
    }

    /// The same error, behind which reading cannot go on.
    pub(crate) fn at_the_end_of_reading(self) -> Error {
        // Nothing follows what is cut off; of an input that cannot be read, nobody knows what follows.
        let is_end = !matches!(self.situation, Situation::Incomplete { .. } | Situation::Io(_) | Situation::Unsearched);
        Error { is_end, ..self }
    }

    /// The same error, in a record that starts at `offset`: from here on offsets count from the start of the file.
    pub(crate) fn in_record(mut self, record: u64, offset: u64) -> Error {
        self.place.record = Some(record);
        self.place.offset = Some(offset + self.place.offset.unwrap_or(0));
        self
    }

    /// The same error, at a byte.
    pub(crate) fn at(mut self, offset: u64) -> Error {
        self.place.offset = Some(offset);
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place { record, offset, path } = &self.place;
        let mut separator = "";
        if let Some(record) = record {
            write!(f, "record {record}")?;
            separator = ", ";
        }
        if let Some(offset) = offset {
            write!(f, "{separator}byte {offset}")?;
            separator = ", ";
        }
        if !path.is_empty() {
            write!(f, "{separator}{path}")?;
            separator = ", ";
        }
        if !separator.is_empty() {
            f.write_str(": ")?;
        }
        f.write_str(&self.detail())
    }
}

// What the operating system says is part of the text, so it is no source besides.
impl std::error::Error for Error {}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Error {
        Error::new(Situation::Io(error))
    }
}

impl From<tnetstring::Error> for Error {
    fn from(error: tnetstring::Error) -> Error {
        let offset = error.offset().map(|offset| offset as u64);
        let place = Place { offset, ..Place::default() };
        Error { place, ..Error::new(Situation::Tnetstring(error.into_kind())) }
    }
}
