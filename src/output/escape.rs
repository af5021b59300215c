//! Captured text made safe to look at: no byte of a payload, URL or close reason reaches a terminal as a command.
//!
//! What a terminal could obey or be confused by is [`is_unsafe`]: C0 and C1 controls (U+009B alone starts a control
//! sequence), DEL, the bidirectional controls that reorder what is read (U+202E …), the line separators, and the
//! characters that hide text because nothing is seen of them (U+200B, the tag characters …).

use super::line::Line;

/// Whether a character must not reach a terminal as it is.
pub fn is_unsafe(character: char) -> bool {
    matches!(character,
        '\0'..='\x1f' | '\x7f'..='\u{9f}'
        | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        | '\u{2028}' | '\u{2029}'
        | '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Text for a terminal or a log: `\n`, `\t`, `\x1b`, `\u{202e}` in the place of what is unsafe.
///
/// ```
/// assert_eq!(wsflow::output::printable("\x1b[2Jhi"), r"\x1b[2Jhi");
/// ```
pub fn printable(text: &str) -> String {
    printable_bytes(text.as_bytes())
}

/// As [`printable`], for bytes that need not be text: what is not UTF-8 becomes `\xff`.
pub fn printable_bytes(bytes: &[u8]) -> String {
    let mut out = Vec::with_capacity(bytes.len());
    push_printable(&mut out, bytes);
    String::from_utf8_lossy(&out).into_owned()
}

/// As [`printable_bytes`], with lines and tabs left as they are.
///
/// ```
/// assert_eq!(wsflow::output::printable_lines(b"one\n\ttwo\r\n"), "one\n\ttwo\\r\n");
/// ```
pub fn printable_lines(bytes: &[u8]) -> String {
    let mut out = Vec::with_capacity(bytes.len());
    push_multiline(&mut out, bytes);
    String::from_utf8_lossy(&out).into_owned()
}

/// Appends bytes as [`printable_bytes`] has them.
pub(super) fn push_printable(out: &mut Vec<u8>, bytes: &[u8]) {
    Line::new(out, None).push_bytes(bytes);
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
            push_printable(out, part);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            ("hidden \u{200b}\u{feff}\u{e0041}", r"hidden \u{200b}\u{feff}\u{e0041}"),
            ("separator \u{2028}", r"separator \u{2028}"),
            ("漢字 é 😀", "漢字 é 😀"),
        ];
        for (text, expected) in cases {
            assert_eq!(printable(text), expected);
        }
        assert_eq!(printable_bytes(b"ok \xff\x1b"), r"ok \xff\x1b");
    }
}
