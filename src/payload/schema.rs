//! Protocol Buffers with a schema: fields by their names.

use std::path::{Path, PathBuf};
use std::{fs, io};

use miette::Diagnostic as _;
use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor};

use super::body::Body;
use super::json::written;
use super::{Decoded, Kind, Payload};

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

/// Where a schema is wrong: file, line and column.
fn place(error: &protox::Error) -> Option<(&str, usize, usize)> {
    let label = error.labels()?.next()?;
    let place = error.source_code()?.read_span(label.inner(), 0, 0).ok()?;
    Some((error.file()?, place.line() + 1, place.column() + 1))
}

impl Schema {
    /// Reads a `.proto` file, with those that it imports from its folder, or a set of descriptors as `protoc
    /// --descriptor_set_out` writes it, and takes the message of a name: with its package, or without if it is the only one.
    ///
    /// # Errors
    /// When the file cannot be read, is no schema, or has no such message.
    pub fn open(path: &Path, name: &str) -> Result<Schema, SchemaError> {
        let broken = |error: String| SchemaError::Broken { path: path.to_owned(), error };
        let bytes = fs::read(path).map_err(|error| SchemaError::Unreadable { path: path.to_owned(), error })?;
        let is_source = path.extension().is_some_and(|extension| extension == "proto");
        let pool = if is_source {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
            let set = protox::compile([path], [folder]).map_err(|error| match place(&error) {
                Some((file, line, column)) => {
                    SchemaError::Mistaken { path: folder.join(file), line, column, error: error.to_string() }
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

    /// The payload as the message, in the JSON of Protocol Buffers.
    ///
    /// # Errors
    /// When it is not such a message.
    pub fn decode<'a>(&self, payload: &Payload<'a>) -> Result<Decoded<'a>, String> {
        let message = DynamicMessage::decode(self.message.clone(), payload.content)
            .map_err(|error| format!("not {}: {error}", self.message.full_name()))?;
        let body = Body::json(written(&message)).summed_up(self.message.full_name().to_owned());
        Ok(Decoded::new(Kind::Protobuf, body))
    }
}
