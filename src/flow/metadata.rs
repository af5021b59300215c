//! The metadata of a flow, as text.

use super::python;
use crate::tnetstring::RawValue;

/// A line `key: value` for each entry.
pub(super) fn lines(metadata: RawValue<'_>) -> String {
    let mut lines = String::new();
    for (key, value) in metadata.entries().into_iter().flatten().map_while(Result::ok) {
        if !lines.is_empty() {
            lines.push('\n');
        }
        lines.push_str(&String::from_utf8_lossy(key));
        lines.push_str(": ");
        python::push_str(&mut lines, value);
    }
    lines
}
