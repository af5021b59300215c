//! Captured text made safe to look at: no byte of a payload, URL or close reason reaches a terminal as a command.
//!
//! What a terminal could obey or be confused by is [`is_unsafe`]: C0 and C1 controls (U+009B alone starts a control
//! sequence), DEL, the bidirectional controls that reorder what is read (U+202E …), and the line separators.

use unicode_width::UnicodeWidthChar;

/// Whether a character must not reach a terminal as it is.
pub fn is_unsafe(character: char) -> bool {
    matches!(character,
        '\0'..='\x1f' | '\x7f'..='\u{9f}'
        | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        | '\u{2028}' | '\u{2029}')
}

/// Text for a terminal or a log: `\n`, `\t`, `\x1b`, `\u{202e}` in the place of what is unsafe.
///
/// ```
/// assert_eq!(wsflow::output::printable("\x1b[2Jhi"), r"\x1b[2Jhi");
/// ```
pub fn printable(text: &str) -> String {
    let mut line = Line::new(None);
    line.push_str(text);
    line.finish()
}

/// As [`printable`], for bytes that need not be text: what is not UTF-8 becomes `\xff`.
pub fn printable_bytes(bytes: &[u8]) -> String {
    let mut line = Line::new(None);
    line.push_bytes(bytes);
    line.finish()
}

/// A line of printable text that grows up to a width, counted in terminal columns. What does not fit is cut off,
/// after escaping, and `…` stands in its place.
pub(super) struct Line {
    text: String,
    width: usize,
    limit: Option<usize>,
    /// Where to cut if more comes than fits: the last place at which `…` would still fit.
    cut: usize,
    cut_width: usize,
    is_cut: bool,
}

impl Line {
    pub(super) fn new(limit: Option<usize>) -> Line {
        Line { text: String::new(), width: 0, limit, cut: 0, cut_width: 0, is_cut: false }
    }

    /// Columns that are taken.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    pub(super) fn push_str(&mut self, text: &str) {
        if self.limit.is_none() && text.bytes().all(|byte| matches!(byte, 0x20..=0x7e)) {
            self.text.push_str(text);
            self.width += text.len();
            return;
        }
        for character in text.chars() {
            if self.is_cut {
                return;
            }
            self.push(character);
        }
    }

    pub(super) fn push_bytes(&mut self, bytes: &[u8]) {
        for chunk in bytes.utf8_chunks() {
            self.push_str(chunk.valid());
            for byte in chunk.invalid() {
                self.push_hex_escape(*byte);
            }
            if self.is_cut {
                return;
            }
        }
    }

    /// Bytes in hexadecimal.
    pub(super) fn push_hex(&mut self, bytes: &[u8]) {
        for byte in bytes {
            if self.is_cut {
                return;
            }
            let [high, low] = hex(*byte);
            self.put(high, 1);
            self.put(low, 1);
        }
    }

    fn push(&mut self, character: char) {
        match character {
            '\n' => self.put_all("\\n"),
            '\r' => self.put_all("\\r"),
            '\t' => self.put_all("\\t"),
            '\0'..='\x1f' | '\x7f' => self.push_hex_escape(character as u8),
            _ if is_unsafe(character) => {
                self.put_all("\\u{");
                for digit in format!("{:x}", character as u32).chars() {
                    self.put(digit, 1);
                }
                self.put('}', 1);
            }
            _ => self.put(character, character.width().unwrap_or(0)),
        }
    }

    fn push_hex_escape(&mut self, byte: u8) {
        let [high, low] = hex(byte);
        self.put_all("\\x");
        self.put(high, 1);
        self.put(low, 1);
    }

    fn put_all(&mut self, ascii: &str) {
        for character in ascii.chars() {
            self.put(character, 1);
        }
    }

    fn put(&mut self, character: char, width: usize) {
        if self.is_cut {
            return;
        }
        if let Some(limit) = self.limit {
            if self.width + width > limit {
                self.text.truncate(self.cut);
                self.width = self.cut_width;
                if limit > 0 {
                    self.text.push('…');
                    self.width += 1;
                }
                self.is_cut = true;
                return;
            }
            if self.width + width < limit {
                self.cut = self.text.len() + character.len_utf8();
                self.cut_width = self.width + width;
            }
        }
        self.text.push(character);
        self.width += width;
    }

    pub(super) fn finish(self) -> String {
        self.text
    }
}

fn hex(byte: u8) -> [char; 2] {
    let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap_or('?');
    [digit(byte >> 4), digit(byte & 15)]
}

/// Appends text to go to a terminal as it is laid out, lines and tabs included; the rest of what is unsafe is
/// escaped as in [`printable`].
pub(crate) fn push_multiline(out: &mut Vec<u8>, bytes: &[u8]) {
    for (number, line) in bytes.split(|&byte| byte == b'\n').enumerate() {
        if number > 0 {
            out.push(b'\n');
        }
        for (number, part) in line.split(|&byte| byte == b'\t').enumerate() {
            if number > 0 {
                out.push(b'\t');
            }
            out.extend_from_slice(printable_bytes(part).as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str, limit: usize) -> String {
        let mut line = Line::new(Some(limit));
        line.push_str(text);
        assert!(line.width() <= limit);
        assert_eq!(line.width(), unicode_width::UnicodeWidthStr::width(line.text.as_str()));
        line.finish()
    }

    #[test]
    fn escape_sequences_are_shown_not_sent() {
        let cases = [
            ("clear \x1b[2J", r"clear \x1b[2J"),
            ("title \x1b]0;owned\x07", r"title \x1b]0;owned\x07"),
            ("C1 \u{9b}2J", r"C1 \u{9b}2J"),
            ("rubout \x7f", r"rubout \x7f"),
            ("back\x08space", r"back\x08space"),
            ("line\r\nfeed\ttab", r"line\r\nfeed\ttab"),
            ("bidi \u{202e}gpj", r"bidi \u{202e}gpj"),
            ("isolate \u{2066}x\u{2069}", r"isolate \u{2066}x\u{2069}"),
            ("separator \u{2028}", r"separator \u{2028}"),
            ("漢字 é 😀", "漢字 é 😀"),
        ];
        for (text, expected) in cases {
            assert_eq!(printable(text), expected);
        }
        assert_eq!(printable_bytes(b"ok \xff\x1b"), r"ok \xff\x1b");
    }

    #[test]
    fn lines_are_cut_after_escaping_by_columns() {
        assert_eq!(cut("hello", 5), "hello");
        assert_eq!(cut("hello!", 5), "hell…");
        assert_eq!(cut("漢字漢字", 5), "漢字…");
        assert_eq!(cut("漢字漢字", 4), "漢…");
        assert_eq!(cut("e\u{301}e\u{301}e\u{301}", 2), "e\u{301}…");
        assert_eq!(cut("\x1b\x1b", 6), r"\x1b\…");
        assert_eq!(cut("x", 0), "");
        assert_eq!(cut("", 0), "");
    }
}
