//! Where in a flow a check is. Made on the stack; only a finding turns it into text.

use std::fmt;

/// Bytes of a key that are shown. Longer ones are no keys that anybody knows.
const SHOWN: usize = 40;

/// A place within a flow, such as `request.headers[2][0]`.
#[derive(Clone, Copy, Debug)]
pub(super) enum Path<'p> {
    /// The flow itself.
    Flow,
    /// The value under a key.
    Key(&'p Path<'p>, &'p [u8]),
    /// A value of a list.
    Item(&'p Path<'p>, usize),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Path::Flow => Ok(()),
            Path::Key(outer, key) => {
                let dot = if matches!(outer, Path::Flow) { "" } else { "." };
                let more = if key.len() > SHOWN { "…" } else { "" };
                let shown = key.get(..SHOWN).unwrap_or(key);
                write!(f, "{outer}{dot}{}{more}", shown.escape_ascii())
            }
            Path::Item(outer, index) => write!(f, "{outer}[{index}]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_written_as_in_python() {
        let request = Path::Key(&Path::Flow, b"request");
        let headers = Path::Key(&request, b"headers");
        let header = Path::Item(&headers, 2);
        assert_eq!(Path::Item(&header, 0).to_string(), "request.headers[2][0]");
        let odd = Path::Key(&Path::Flow, b"\x1b[2J");
        assert_eq!(odd.to_string(), "\\x1b[2J");
        assert_eq!(Path::Key(&Path::Flow, &[b'a'; 1000]).to_string().chars().count(), SHOWN + 1);
    }
}
