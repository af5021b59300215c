//! Protocol Buffers with a schema: fields by their names, and those that it does not know by their numbers.

mod unknown;

use std::path::{Path, PathBuf};
use std::{fs, io};

use miette::Diagnostic as _;
use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor};

use super::body::Body;
use super::{Decoded, Kind, NotThat, Payload};
use unknown::Whole;

/// A message type of a schema.
#[derive(Clone, Debug)]
pub struct Schema {
    message: MessageDescriptor,
}

/// Why there is no schema.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SchemaError {
    /// The file cannot be read.
    #[error("{}: {error}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A `.proto` file that does not compile.
    #[error("{}:{line}:{column}: {error}", path.display())]
    Mistaken {
        /// The file: the one that was named, or one that it imports.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What is wrong there.
        error: String,
    },
    /// A `.proto` file without a place at which it is wrong, or a file of descriptors that does not decode.
    #[error("{}: {error}", path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// Why.
        error: String,
    },
    /// There is no message of the name.
    #[error("{}: there is no message `{name}`; there are {known}", path.display())]
    NoMessage {
        /// The file.
        path: PathBuf,
        /// The name.
        name: String,
        /// The names of all messages.
        known: String,
    },
}

/// Why a payload is not shown by a schema.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MisfitError {
    /// It is no such message.
    #[error("not {name}: {error}")]
    Undecodable {
        /// The full name of the message.
        name: String,
        /// Why.
        error: String,
    },
    /// It is such a message, and holds what its JSON cannot: a value out of range, or an `Any` of a type that is not in the
    /// schema.
    #[error("not by the names of {name}: {error}")]
    Unwritable {
        /// The full name of the message.
        name: String,
        /// What cannot be written.
        error: String,
    },
}

/// Where a schema is wrong: file, line and column.
fn place(error: &protox::Error) -> Option<(&str, usize, usize)> {
    let label = error.labels()?.next()?;
    let place = error.source_code()?.read_span(label.inner(), 0, 0).ok()?;
    Some((error.file()?, place.line() + 1, place.column() + 1))
}

impl Schema {
    /// Reads a `.proto` file, or a set of descriptors as `protoc --descriptor_set_out` writes it, and takes the message of a
    /// name: with its package, or without if it is the only one. What a `.proto` file imports is looked for in these folders,
    /// and then in its own.
    ///
    /// # Errors
    /// When the file cannot be read, is no schema, or has no such message.
    pub fn open(path: &Path, name: &str, folders: &[PathBuf]) -> Result<Schema, SchemaError> {
        let broken = |error: String| SchemaError::Broken { path: path.to_owned(), error };
        let bytes = fs::read(path).map_err(|error| SchemaError::Unreadable { path: path.to_owned(), error })?;
        let is_source = path.extension().is_some_and(|extension| extension == "proto");
        let pool = if is_source {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
            // Its own comes last, so that it has the one name by which others import it.
            let folders: Vec<_> = folders.iter().map(PathBuf::as_path).chain([folder]).collect();
            let set = protox::compile([path], &folders).map_err(|error| match place(&error) {
                Some((file, line, column)) => {
                    let path = folders.iter().map(|folder| folder.join(file)).find(|path| path.exists());
                    let path = path.unwrap_or_else(|| PathBuf::from(file));
                    SchemaError::Mistaken { path, line, column, error: error.to_string() }
                }
                None => broken(error.to_string()),
            })?;
            DescriptorPool::from_file_descriptor_set(set).map_err(|error| broken(error.to_string()))?
        } else {
            DescriptorPool::decode(bytes.as_slice()).map_err(|error| broken(error.to_string()))?
        };
        let all: Vec<_> = pool.all_messages().filter(|message| !message.is_map_entry()).collect();
        let mut named = all.iter().filter(|message| message.full_name() == name || message.name() == name);
        match (pool.get_message_by_name(name), named.next(), named.next()) {
            (Some(message), ..) => Ok(Schema { message }),
            (None, Some(message), None) => Ok(Schema { message: message.clone() }),
            _ => {
                let known: Vec<_> = all.iter().map(MessageDescriptor::full_name).collect();
                let (path, name, known) = (path.to_owned(), name.to_owned(), known.join(", "));
                Err(SchemaError::NoMessage { path, name, known })
            }
        }
    }

    /// The payload as the message, in the JSON of Protocol Buffers. Fields that the schema does not know are in
    /// `"$unknown": […]`, by their numbers, and the summary counts them.
    ///
    /// # Errors
    /// When it is not such a message, when it is larger than [`LARGEST`](super::LARGEST), and when it has no JSON.
    pub fn decode<'a>(&self, payload: &Payload<'a>) -> Result<Decoded<'a>, MisfitError> {
        let name = || self.message.full_name().to_owned();
        let undecodable = |error: String| MisfitError::Undecodable { name: name(), error };
        let unwritable = |error: String| MisfitError::Unwritable { name: name(), error };
        let content = payload.small().map_err(|error| undecodable(error.to_string()))?;
        let message =
            DynamicMessage::decode(self.message.clone(), content).map_err(|error| undecodable(error.to_string()))?;
        let unknown = unknown::count(&message).map_err(|NotThat(error)| unwritable(error.to_owned()))?;
        let json = serde_json::to_string(&Whole(&message)).map_err(|error| unwritable(error.to_string()))?;
        let summary = match unknown {
            0 => name(),
            1 => format!("{}, 1 unknown field", name()),
            _ => format!("{}, {unknown} unknown fields", name()),
        };
        Ok(Decoded::new(Kind::Protobuf, Body::json(json).summed_up(summary)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payload::{LARGEST, tests::payload};

    const PROTO: &str = r#"
        syntax = "proto3";
        import "google/protobuf/any.proto";
        import "google/protobuf/timestamp.proto";
        enum Color { RED = 0; BLUE = 1; }
        message One { int32 a = 1; }
        message All {
            One one = 1;
            repeated One list = 2;
            map<string, One> map = 3;
            google.protobuf.Any any = 4;
            google.protobuf.Timestamp time = 5;
            int64 big = 6;
            bytes bytes = 7;
            repeated double doubles = 8;
            Color color = 9;
            map<bool, string> words = 10;
            float single = 11;
            repeated int64 numbers = 12;
        }
    "#;

    fn schema(name: &str) -> Schema {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("all.proto");
        fs::write(&path, PROTO).unwrap();
        Schema::open(&path, name, &[]).unwrap()
    }

    fn shown(name: &str, content: &[u8]) -> Result<(String, String), MisfitError> {
        let payload = payload(content, false, None);
        let decoded = schema(name).decode(&payload)?;
        Ok((decoded.summary().into_owned(), decoded.json().unwrap().to_owned()))
    }

    /// A field with a length.
    fn field(number: u8, content: &[u8]) -> Vec<u8> {
        [&[number << 3 | 2, u8::try_from(content.len()).unwrap()][..], content].concat()
    }

    #[test]
    fn what_a_schema_does_not_know_is_shown_by_its_number() {
        let one = b"\x08\x05\x12\x0csecret token\x18\x2a";
        let (summary, json) = shown("One", one).unwrap();
        assert_eq!(summary, "One, 2 unknown fields");
        let unknown = r#"{"a":5,"$unknown":[{"field":2,"text":"secret token"},{"field":3,"varint":42}]}"#;
        assert_eq!(json, unknown);
        // Wherever a message is in another.
        let entry = [field(1, b"k"), field(2, one)].concat();
        let any = [field(1, b"x.org/One"), field(2, one)].concat();
        let all = [field(1, one), field(2, one), field(2, b"\x08\x07"), field(3, &entry), field(4, &any)].concat();
        let (summary, json) = shown("All", &all).unwrap();
        assert_eq!(summary, "All, 8 unknown fields");
        let within = unknown.strip_prefix('{').unwrap();
        let any = format!(r#"{{"@type":"x.org/One",{within}"#);
        assert_eq!(
            json,
            format!(r#"{{"one":{unknown},"list":[{unknown},{{"a":7}}],"map":{{"k":{unknown}}},"any":{any}}}"#)
        );
        // In a message that is else written as a string.
        let (_, json) = shown("All", &field(5, b"\x08\x01\x18\x02")).unwrap();
        assert_eq!(json, r#"{"time":{"seconds":"1","$unknown":[{"field":3,"varint":2}]}}"#);
        assert_eq!(
            shown("One", b"\x13\x08\x01\x14").unwrap().1,
            r#"{"$unknown":[{"field":2,"group":[{"field":1,"varint":1}]}]}"#
        );
    }

    /// A message is written the same, whether or not it has something unknown.
    #[test]
    fn values_are_written_as_protocol_buffers_have_them_in_json() {
        let infinite = [f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 0.5].map(f64::to_le_bytes).concat();
        let all = [
            field(1, b"\x08\x05"),
            field(4, &[field(1, b"x/google.protobuf.Timestamp"), field(2, b"\x08\x01")].concat()),
            field(5, b"\x08\x01"),
            b"\x30\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01".to_vec(),
            field(7, b"\xff\x00"),
            field(8, &infinite),
            b"\x48\x01".to_vec(),
            field(10, b"\x08\x01\x12\x01x"),
            [&[0x5d][..], &0.1_f32.to_le_bytes()].concat(),
            field(12, b"\x01\x02"),
        ]
        .concat();
        let (_, plain) = shown("All", &all).unwrap();
        let (_, json) = shown("All", &[&all[..], b"\xa0\x01\x01"].concat()).unwrap();
        let unknown = r#","$unknown":[{"field":20,"varint":1}]}"#;
        assert_eq!(json, plain.strip_suffix('}').unwrap().to_owned() + unknown);
        assert!(
            plain.contains(r#""big":"-1","bytes":"/wA=","doubles":["Infinity","-Infinity","NaN",0.5],"color":"BLUE""#),
            "{plain}"
        );
    }

    #[test]
    fn what_has_no_json_is_an_error() {
        let unknown_type = field(4, &[field(1, b"x.org/Nothing"), field(2, b"\x08\x05")].concat());
        let out_of_range = field(5, b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\x7f");
        for content in [unknown_type, out_of_range] {
            for content in [content.clone(), [&content[..], b"\xa0\x01\x01"].concat()] {
                let error = shown("All", &content).unwrap_err();
                assert!(matches!(error, MisfitError::Unwritable { .. }), "{error}");
            }
        }
        assert!(matches!(shown("All", b"{}"), Err(MisfitError::Undecodable { .. })));
        assert!(shown("All", &vec![0; LARGEST + 1]).unwrap_err().to_string().contains("too large"));
    }

    #[test]
    fn messages_packed_in_each_other_have_an_end() {
        let mut any = Vec::new();
        for _ in 0..2000 {
            let length = [any.len() as u8 & 0x7f | 0x80, (any.len() >> 7) as u8 & 0x7f | 0x80, (any.len() >> 14) as u8];
            any = [&field(1, b"/google.protobuf.Any")[..], &[0x12], &length, &any].concat();
        }
        let error = schema("google.protobuf.Any").decode(&payload(&any, false, None)).unwrap_err();
        assert!(error.to_string().contains("too deep"), "{error}");
    }
}
