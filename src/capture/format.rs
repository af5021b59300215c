//! The formats that captures come in, and how to tell them apart.

use crate::output::{self, MessageField};
use crate::tnetstring::{MAX_LENGTH_DIGITS, RawValue, Tag};
use crate::{Error, Situation};

/// A format of captures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// mitmproxy's flow file: one tnetstring dict per flow.
    Flow,
    /// The same state in MessagePack: one map per flow.
    MessagePack,
    /// HTTP Archive, with the WebSocket messages where Chrome and mitmproxy put them.
    Har,
    /// One JSON object per line and message, as `wsflow ls --json` prints them.
    Ndjson,
    /// A table of messages for spreadsheets; written, not read.
    Csv,
}

impl Format {
    /// All formats.
    pub const ALL: [Format; 5] = [Format::Flow, Format::MessagePack, Format::Har, Format::Ndjson, Format::Csv];

    /// The formats that are read.
    pub const READABLE: [Format; 4] = [Format::Flow, Format::MessagePack, Format::Har, Format::Ndjson];

    /// The name that the command line uses.
    pub fn name(self) -> &'static str {
        match self {
            Format::Flow => "flow",
            Format::MessagePack => "msgpack",
            Format::Har => "har",
            Format::Ndjson => "ndjson",
            Format::Csv => "csv",
        }
    }

    /// Whether a capture in this format is text.
    pub fn is_text(self) -> bool {
        match self {
            Format::Flow | Format::MessagePack => false,
            Format::Har | Format::Ndjson | Format::Csv => true,
        }
    }

    /// The names of the formats that are read, to be told.
    pub(crate) fn readable() -> String {
        Format::READABLE.map(Format::name).join(", ")
    }

    /// The extensions of file names that mean this format when one is written.
    pub fn extensions(self) -> &'static [&'static str] {
        match self {
            Format::Flow => &["flow", "mitm", "dump"],
            Format::MessagePack => &["msgpack", "mpk"],
            Format::Har => &["har"],
            Format::Ndjson => &["ndjson", "jsonl"],
            Format::Csv => &["csv"],
        }
    }

    /// The format with this name.
    pub fn from_name(name: &str) -> Option<Format> {
        Format::ALL.into_iter().find(|format| format.name() == name)
    }

    /// The format that a file name's extension means.
    pub fn from_extension(extension: &str) -> Option<Format> {
        let extension = extension.to_ascii_lowercase();
        Format::ALL.into_iter().find(|format| format.extensions().contains(&extension.as_str()))
    }

    /// The format of an input that starts with these bytes; [`SNIFF_LENGTH`] of them are enough. An empty input
    /// is a flow file without flows. JSON that is no HAR is taken for NDJSON; a [`Reader`](super::Reader) looks at its
    /// first line too, which may be longer.
    ///
    /// # Errors
    /// When the bytes belong to no known format.
    pub fn sniff(start: &[u8]) -> Result<Format, Error> {
        let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start();
        match (start.first(), text.first()) {
            (None, _) | (Some(b'\n'), None) => Ok(Format::Flow),
            (Some(b'0'..=b'9'), _) if is_length(start) => Ok(Format::Flow),
            _ if is_damaged_length(start) => Ok(Format::Flow),
            // fixmap, map 16, map 32, fixarray, array 16, array 32
            (Some(0x80..=0x8f | 0xde | 0xdf | 0x90..=0x9f | 0xdc | 0xdd), _) => Ok(Format::MessagePack),
            (_, Some(b'{')) => {
                let key = text[1..].trim_ascii_start();
                let log = b"\"log\"";
                Ok(if key.starts_with(&log[..log.len().min(key.len())]) { Format::Har } else { Format::Ndjson })
            }
            _ if is_listing(text) => Err(Error::new(Situation::NotReadable(Format::Csv))),
            _ => Err(unknown(start)),
        }
    }
}

/// An input that starts with these bytes, and so is of no format that is known here.
pub(super) fn unknown(start: &[u8]) -> Error {
    Error::new(Situation::UnknownFormat { start: start[..start.len().min(12)].to_vec() })
}

/// How many bytes [`Format::sniff`] wants to see.
pub const SNIFF_LENGTH: usize = 256;

/// Whether a flow file's first length starts here, cut off or not.
fn is_length(start: &[u8]) -> bool {
    let digits = start.iter().take_while(|byte| byte.is_ascii_digit()).count();
    digits <= MAX_LENGTH_DIGITS && start.get(digits).is_none_or(|&byte| byte == b':')
}

/// Whether a flow file would start here if one of the first bytes were another: a length, and the first key.
fn is_damaged_length(start: &[u8]) -> bool {
    let is_start = |start: &[u8]| {
        let length = RawValue::head(start);
        length.is_some_and(|(_, head)| RawValue::split_first(&start[head..]).is_ok_and(|(key, _)| is_key(key)))
    };
    (0..start.len().min(MAX_LENGTH_DIGITS + 1)).any(|place| {
        let mut changed = start.to_vec();
        [b'0', b':'].into_iter().any(|byte| {
            changed[place] = byte;
            is_start(&changed)
        })
    })
}

/// Whether this may be the first key of a flow.
fn is_key(key: RawValue<'_>) -> bool {
    let is_name = |byte: &u8| byte.is_ascii_lowercase() || *byte == b'_';
    matches!(key.tag(), Tag::Bytes | Tag::Str) && !key.body().is_empty() && key.body().iter().all(is_name)
}

/// Whether this is the first line of messages in CSV: names of fields.
fn is_listing(start: &[u8]) -> bool {
    let line = start.split(|byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or_default();
    let names = str::from_utf8(line).ok().filter(|names| names.contains(','));
    names.is_some_and(|names| output::parse::<MessageField>(names).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_bytes_tell_the_format() {
        let cases: &[(&[u8], Format)] = &[
            (b"", Format::Flow),
            (b"\n", Format::Flow),
            (b"11:3:foo;2:42#}", Format::Flow),
            (b"12", Format::Flow),
            (b"\x82\xa3foo", Format::MessagePack),
            (b"\x91\x82\xa3foo", Format::MessagePack),
            (b"\xdf\0\0\0\x02", Format::MessagePack),
            (b"{\n \"log\": {}}", Format::Har),
            (b"\xef\xbb\xbf{\"log\":{}}", Format::Har),
            (b"{", Format::Har),
            (b"{\"flow\":0,\"message\":1}", Format::Ndjson),
            (b"{744:9:websocket;", Format::Flow),
            (b"3744\xc59:websocket;", Format::Flow),
            (b"37\x8544:9:websocket;", Format::Flow),
            (b"\x85744:9:websocket;", Format::Flow),
            (b":744:9:websocket;", Format::Flow),
        ];
        for (start, format) in cases {
            assert_eq!(Format::sniff(start).unwrap(), *format, "{}", start.escape_ascii());
        }
        for start in [&b"flow,message,flow_id\n0,1"[..], b"\xef\xbb\xbfid,text\r\n"] {
            let error = Format::sniff(start).unwrap_err();
            assert!(matches!(error.situation(), Situation::NotReadable(Format::Csv)), "{error}");
        }
        for start in [&b"[package]"[..], b"hello", b"2024-01-01", b"1234567890123:", b"\x1f\x8b\x08", b"\x00"] {
            assert!(Format::sniff(start).is_err(), "{}", start.escape_ascii());
        }
    }

    #[test]
    fn names_and_extensions_lead_back() {
        for format in Format::ALL {
            assert_eq!(Format::from_name(format.name()), Some(format));
            for extension in format.extensions() {
                assert_eq!(Format::from_extension(extension), Some(format));
            }
        }
        assert_eq!(Format::from_extension("FLOW"), Some(Format::Flow));
        assert_eq!(Format::from_extension("txt"), None);
    }
}
