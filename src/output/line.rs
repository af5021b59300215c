//! A cell of a table: printable text of a limited width, written straight into the line that it belongs to.

use unicode_width::UnicodeWidthChar as _;

use super::clusters::clusters;
use super::escape::is_unsafe;
use super::{Looks, Tone};

/// A limited text may have this many bytes for each column. Letters with a handful of marks have room; text that
/// piles up marks without end, which take no column, is cut.
const BYTES_PER_COLUMN: usize = 32;

/// What is longer is no letter of any language, nor an emoji: its characters are taken one by one.
const LONGEST_CLUSTER: usize = 2 * BYTES_PER_COLUMN;

/// Printable text on its way into a buffer. It grows up to a width, counted in terminal columns; what does not fit
/// is cut off, after escaping, and `…` stands in its place.
pub(super) struct Line<'o> {
    out: &'o mut Vec<u8>,
    start: usize,
    width: usize,
    limit: Option<usize>,
    /// The last place at which `…` would still fit: its byte and its column.
    cut: (usize, usize),
    is_cut: bool,
}

/// Appends text as printable text, cut to the width of the terminal if there is one.
pub(crate) fn push_cut(out: &mut Vec<u8>, text: &str, looks: Looks, tone: Tone) {
    let limit = looks.terminal.map(|terminal| terminal.width);
    let write = |out: &mut Vec<u8>| Line::new(out, limit).push_str(text);
    match looks.color {
        true => tone.wrap(out, write),
        false => write(out),
    }
}

impl<'o> Line<'o> {
    /// Text that is appended to `out`, at most `limit` columns of it.
    pub(super) fn new(out: &'o mut Vec<u8>, limit: Option<usize>) -> Line<'o> {
        let start = out.len();
        Line { out, start, width: 0, limit, cut: (start, 0), is_cut: false }
    }

    /// Columns that are taken.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// Appends text; what is unsafe on a terminal is escaped.
    pub(super) fn push_str(&mut self, text: &str) {
        let mut rest = text;
        while !rest.is_empty() && !self.is_cut {
            let plain = plain(rest.as_bytes());
            if self.limit.is_none() || plain == rest.len() {
                let (ascii, other) = rest.split_at(plain);
                self.push_ascii(ascii.as_bytes());
                let mut characters = other.chars();
                characters.next().into_iter().for_each(|character| self.push(character));
                rest = characters.as_str();
                continue;
            }
            // The last may have marks.
            let (ascii, other) = rest.split_at(plain.saturating_sub(1));
            self.push_ascii(ascii.as_bytes());
            let Some((cluster, width)) = clusters(other).next() else { return };
            self.push_cluster(cluster, width);
            rest = &other[cluster.len()..];
        }
    }

    fn push_cluster(&mut self, cluster: &str, width: usize) {
        let is_special = |character: char| character.is_control() || is_unsafe(character);
        match cluster.len() > LONGEST_CLUSTER || cluster.chars().any(is_special) {
            true => cluster.chars().for_each(|character| self.push(character)),
            false => self.put(cluster.as_bytes(), width),
        }
    }

    /// As [`push_str`](Self::push_str), for bytes that need not be text: what is not UTF-8 becomes `\xff`.
    pub(super) fn push_bytes(&mut self, bytes: &[u8]) {
        let (ascii, other) = bytes.split_at(plain(bytes));
        self.push_ascii(ascii);
        if let Ok(text) = str::from_utf8(other) {
            return self.push_str(text);
        }
        for chunk in other.utf8_chunks() {
            self.push_str(chunk.valid());
            for byte in chunk.invalid() {
                self.push_escaped_byte(*byte);
            }
            if self.is_cut {
                return;
            }
        }
    }

    /// Appends bytes in hexadecimal.
    pub(super) fn push_hex(&mut self, bytes: &[u8]) {
        for byte in bytes {
            if self.is_cut {
                return;
            }
            self.push_ascii(&hex(*byte));
        }
    }

    /// Appends printable ASCII.
    pub(super) fn push_ascii(&mut self, text: &[u8]) {
        match self.limit {
            Some(limit) if self.width + text.len() >= limit => {
                for byte in text {
                    self.put(std::slice::from_ref(byte), 1);
                }
            }
            _ if self.is_cut => {}
            _ => {
                self.out.extend_from_slice(text);
                self.width += text.len();
                self.cut = (self.out.len(), self.width);
            }
        }
    }

    /// Appends printable characters, of which each takes one column.
    pub(super) fn push_word(&mut self, word: &str) {
        let width = word.chars().count();
        if self.is_cut || self.limit.is_some_and(|limit| self.width + width >= limit) {
            return self.push_str(word);
        }
        self.out.extend_from_slice(word.as_bytes());
        self.width += width;
        self.cut = (self.out.len(), self.width);
    }

    /// Appends the printable ASCII that `write` appends to the buffer.
    pub(super) fn push_ascii_with(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        let start = self.out.len();
        write(self.out);
        let width = self.out.len() - start;
        if self.limit.is_none_or(|limit| self.width + width < limit) && !self.is_cut {
            self.width += width;
            self.cut = (self.out.len(), self.width);
        } else {
            let text = self.out.split_off(start);
            self.push_ascii(&text);
        }
    }

    fn push(&mut self, character: char) {
        match character {
            '\n' => self.push_ascii(b"\\n"),
            '\r' => self.push_ascii(b"\\r"),
            '\t' => self.push_ascii(b"\\t"),
            '\0'..='\x1f' | '\x7f' => self.push_escaped_byte(character as u8),
            _ if is_unsafe(character) => {
                self.push_ascii(b"\\u{");
                let [_, a, b, c] = (character as u32).to_be_bytes();
                let digits = [hex(a), hex(b), hex(c)].concat();
                let zeros = digits.iter().take_while(|digit| **digit == b'0').count();
                self.push_ascii(&digits[zeros..]);
                self.push_ascii(b"}");
            }
            _ => self.put(character.encode_utf8(&mut [0; 4]).as_bytes(), character.width().unwrap_or(0)),
        }
    }

    fn push_escaped_byte(&mut self, byte: u8) {
        self.push_ascii(b"\\x");
        self.push_ascii(&hex(byte));
    }

    /// Appends a character of this width, or cuts the text because it does not fit.
    fn put(&mut self, character: &[u8], width: usize) {
        if self.is_cut {
            return;
        }
        if let Some(limit) = self.limit {
            let is_too_long = self.out.len() - self.start > limit.max(1) * BYTES_PER_COLUMN;
            if self.width + width > limit || is_too_long {
                self.out.truncate(self.cut.0);
                self.width = self.cut.1;
                if limit > 0 {
                    self.out.extend_from_slice("…".as_bytes());
                    self.width += 1;
                }
                self.is_cut = true;
                return;
            }
            if self.width + width < limit {
                self.cut = (self.out.len() + character.len(), self.width + width);
            }
        }
        self.out.extend_from_slice(character);
        self.width += width;
    }
}

/// How many bytes at the start are printable ASCII.
fn plain(bytes: &[u8]) -> usize {
    let is_plain = |byte: &u8| matches!(byte, 0x20..=0x7e);
    // Whole blocks are looked at without a branch for each byte, many bytes at a time.
    let (blocks, _) = bytes.as_chunks::<32>();
    let start =
        32 * blocks.iter().take_while(|block| block.iter().fold(true, |all, byte| all & is_plain(byte))).count();
    start + bytes[start..].iter().take_while(|byte| is_plain(byte)).count()
}

fn hex(byte: u8) -> [u8; 2] {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str, limit: usize) -> String {
        let mut out = b"before ".to_vec();
        let mut line = Line::new(&mut out, Some(limit));
        line.push_str(text);
        let width = line.width();
        assert!(width <= limit);
        let shown = String::from_utf8(out).unwrap().strip_prefix("before ").unwrap().to_owned();
        assert_eq!(width, unicode_width::UnicodeWidthStr::width(shown.as_str()));
        shown
    }

    #[test]
    fn lines_are_cut_after_escaping_by_columns() {
        assert_eq!(cut("hello", 5), "hello");
        assert_eq!(cut("hello!", 5), "hell…");
        assert_eq!(cut("hello, world", 5), "hell…");
        assert_eq!(cut("漢字漢字", 5), "漢字…");
        assert_eq!(cut("漢字漢字", 4), "漢…");
        assert_eq!(cut("a漢", 2), "a…");
        assert_eq!(cut("e\u{301}e\u{301}e\u{301}", 2), "e\u{301}…");
        assert_eq!(cut("\x1b\x1b", 6), r"\x1b\…");
        assert!(cut(&("e".to_owned() + &"\u{301}".repeat(10_000)), 5).len() < 400);
        let family = "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}";
        assert_eq!(cut(&family.repeat(3), 6), family.repeat(3));
        assert_eq!(cut(&family.repeat(4), 6), family.repeat(2) + "…");
        assert_eq!(cut(&"\u{2764}\u{fe0f}".repeat(4), 6), "\u{2764}\u{fe0f}".repeat(2) + "…");
        assert_eq!(cut("12\u{fe0f}\u{20e3}34", 4), "12\u{fe0f}\u{20e3}…");
        assert_eq!(cut("x", 0), "");
        assert_eq!(cut("", 0), "");
    }
}
