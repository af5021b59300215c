//! JSON with a line for each value.

use crate::output;

/// Deeper values are set in no further, so that a payload that is all nesting does not become many times as large.
const DEEPEST_INDENT: usize = 12;

/// White space that a layout takes at most. What comes then stands on one line.
const LARGEST_LAYOUT: usize = 2 << 20;

/// Sets in a document that comes in pieces. Its tokens stay as they are: numbers keep their digits, and keys that come twice
/// are there twice.
#[derive(Debug)]
pub(super) struct Layout {
    depth: usize,
    in_string: bool,
    in_escape: bool,
    /// Whether the last token opened an array or an object.
    is_opened: bool,
    room: usize,
}

impl Default for Layout {
    fn default() -> Layout {
        Layout { depth: 0, in_string: false, in_escape: false, is_opened: false, room: LARGEST_LAYOUT }
    }
}

impl Layout {
    /// Appends the next piece of the document. What a terminal could obey is escaped.
    pub(super) fn push(&mut self, out: &mut Vec<u8>, piece: &str) {
        let mut safe = Vec::with_capacity(piece.len());
        output::json_part_for_terminal(&mut safe, piece);
        safe.into_iter().for_each(|byte| self.push_byte(out, byte));
    }

    fn push_byte(&mut self, out: &mut Vec<u8>, byte: u8) {
        if self.in_string {
            match byte {
                _ if self.in_escape => self.in_escape = false,
                b'\\' => self.in_escape = true,
                b'"' => self.in_string = false,
                _ => {}
            }
            return out.push(byte);
        }
        if byte.is_ascii_whitespace() {
            return;
        }
        let is_end = matches!(byte, b'}' | b']');
        self.depth -= usize::from(is_end && self.depth > 0);
        // Nothing stands between the brackets of what is empty.
        if std::mem::take(&mut self.is_opened) != is_end {
            self.line(out);
        }
        match byte {
            b'{' | b'[' => {
                self.depth += 1;
                self.is_opened = true;
                out.push(byte);
            }
            b',' => {
                out.push(byte);
                self.line(out);
            }
            b':' => out.extend_from_slice(b": "),
            _ => {
                self.in_string = byte == b'"';
                out.push(byte);
            }
        }
    }

    fn line(&mut self, out: &mut Vec<u8>) {
        let indent = 2 * self.depth.min(DEEPEST_INDENT);
        if let Some(left) = self.room.checked_sub(1 + indent) {
            self.room = left;
            out.push(b'\n');
            out.extend(std::iter::repeat_n(b' ', indent));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pretty(document: &str) -> String {
        let shown = |piece: usize| {
            let mut out = Vec::new();
            let mut layout = Layout::default();
            let mut rest = document;
            while !rest.is_empty() {
                let (piece, after) = rest.split_at(rest.ceil_char_boundary(piece));
                layout.push(&mut out, piece);
                rest = after;
            }
            String::from_utf8(out).unwrap() + "\n"
        };
        let whole = shown(document.len());
        assert_eq!(shown(3), whole);
        whole
    }

    #[test]
    fn pretty_json_keeps_every_token() {
        let document =
            r#" {"a" : [1, 1.10,1e400,{} , [ ]], "a":"x,[\"{:\u009b", "big":123456789012345678901234567890}"#;
        insta::assert_snapshot!(pretty(document), @r#"
        {
          "a": [
            1,
            1.10,
            1e400,
            {},
            []
          ],
          "a": "x,[\"{:\u009b",
          "big": 123456789012345678901234567890
        }
        "#);
        assert_eq!(pretty("\"\u{9b}\u{7f}\u{202e}\""), "\"\\u009b\\u007f\\u202e\"\n");
        assert_eq!(pretty("42"), "42\n");
    }

    #[test]
    fn nesting_does_not_multiply_the_size() {
        let nested = |count: usize| format!("{}{}{}", "[".repeat(100), "[1],".repeat(count) + "1", "]".repeat(100));
        let document = nested(10_000);
        assert!(pretty(&document).len() < document.len() * 25);
        // A large document is set in as far as there is room, and whole.
        let document = nested(1 << 20);
        let shown = pretty(&document);
        assert!((LARGEST_LAYOUT..LARGEST_LAYOUT + 100).contains(&(shown.len() - document.len())));
        assert_eq!(shown.split_ascii_whitespace().collect::<String>(), document);
    }
}
