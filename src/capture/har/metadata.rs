//! The metadata of a flow in HAR: what addons noted on it, which can be anything.
//!
//! ```text
//! "metadata": {…}          as JSON, where that leads back to the same bytes
//! "metadata_base64": "…"   otherwise, as it stands in the flow: bytes, `nan`, integers beyond 64 bits, and what is large
//! ```

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::capture::json::Text;
use crate::output;
use crate::state::State;
use crate::tnetstring::{self, RawValue};

/// Metadata beyond this size is written as it stands: as a tree it takes up to thirty times as much memory, and nobody
/// reads so much.
const LARGEST_TREE: usize = 256 << 10;

/// Metadata; one of the two, or neither where there is none.
#[derive(Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Metadata<'a> {
    #[serde(borrow, rename = "metadata", skip_serializing_if = "Option::is_none")]
    json: Option<State<'a>>,
    #[serde(rename = "metadata_base64", skip_serializing_if = "Option::is_none")]
    exact: Option<Cow<'a, str>>,
}

impl<'a> Metadata<'a> {
    /// The metadata as it stands in a flow.
    pub(super) fn of(value: RawValue<'a>) -> Metadata<'a> {
        if value.body().is_empty() {
            return Metadata::default();
        }
        match as_json(value) {
            Some(state) => Metadata { json: Some(state), exact: None },
            None => Metadata { json: None, exact: Some(output::base64_text(value.encoded()).into()) },
        }
    }

    /// The metadata as it will stand in a flow: a dict, encoded.
    ///
    /// # Errors
    /// What to say of metadata that is none.
    pub(super) fn encoded(&self) -> Result<Vec<u8>, String> {
        let encoded = match (&self.json, &self.exact) {
            (Some(state), _) => tnetstring::to_vec(state).map_err(|error| error.to_string())?,
            (None, Some(base64)) => Text(Cow::Borrowed(base64.as_bytes())).decoded()?,
            (None, None) => b"0:}".to_vec(),
        };
        match tnetstring::from_slice(&encoded) {
            Ok(State::Dict(_)) => Ok(encoded),
            Ok(_) => Err("metadata is no dict".to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }
}

/// The value, if JSON can hold it.
fn as_json(value: RawValue<'_>) -> Option<State<'_>> {
    if value.encoded().len() > LARGEST_TREE {
        return None;
    }
    let state: State<'_> = tnetstring::from_slice(value.encoded()).ok()?;
    let json = serde_json::to_string(&state).ok()?;
    let back: State<'_> = serde_json::from_str(&json).ok()?;
    (tnetstring::to_vec(&back).ok()? == value.encoded()).then_some(state)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Metadata of so many bytes.
    fn of_size(size: usize) -> Vec<u8> {
        let note = "x".repeat(size - 24);
        let body = format!("4:note;{}:{note};", note.len());
        format!("{}:{body}}}", body.len()).into_bytes()
    }

    #[test]
    fn large_metadata_is_written_as_it_stands() {
        for (size, is_tree) in [(LARGEST_TREE, true), (LARGEST_TREE + 1, false)] {
            let encoded = of_size(size);
            assert_eq!(encoded.len(), size);
            let metadata = Metadata::of(RawValue::from_slice(&encoded).unwrap());
            assert_eq!((metadata.json.is_some(), metadata.exact.is_none()), (is_tree, is_tree));
            assert!(metadata.encoded().unwrap() == encoded);
        }
    }
}
