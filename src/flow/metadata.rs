//! The metadata of a flow, as text.

use crate::tnetstring::RawValue;

/// A line `key: value` for each entry.
pub(super) fn lines(metadata: RawValue<'_>) -> String {
    let mut lines = Vec::new();
    for (key, value) in metadata.entries().into_iter().flatten().map_while(Result::ok) {
        lines.push(format!("{}: {}", String::from_utf8_lossy(key), String::from_utf8_lossy(value.body())));
    }
    lines.join("\n")
}
