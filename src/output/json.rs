//! JSON, written straight into a buffer.

use std::io::Write as _;
use std::{fmt, str};

use serde::Serialize;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use super::Looks;
use super::escape::is_unsafe;
use super::tone::color_json;

/// Appends a string, in quotes. For a terminal, DEL, C1 and bidirectional controls are escaped too, which JSON
/// itself does not ask for; the string stays equal.
pub(crate) fn string(out: &mut Vec<u8>, text: &str, for_terminal: bool) {
    out.push(b'"');
    if for_terminal {
        terminal_safe(out, text, escaped);
    } else {
        escaped(out, text);
    }
    out.push(b'"');
}

/// The text of a content that is a JSON document, and one that every reader of JSON accepts: an escape of half a
/// surrogate pair is within the grammar, but no text.
pub(crate) fn document(content: &[u8]) -> Option<&str> {
    // serde_json stops at 128 levels, so that no payload exhausts the stack; what is deeper is no JSON here.
    serde_json::from_slice::<Sound>(content).ok()?;
    str::from_utf8(content).ok()
}

/// Any JSON value, read to its last escape and not kept. (`IgnoredAny` does not look into strings.)
struct Sound;

impl<'de> Deserialize<'de> for Sound {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Sound, D::Error> {
        deserializer.deserialize_any(Sound)
    }
}

impl<'de> Visitor<'de> for Sound {
    type Value = Sound;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Sound, E> {
        Ok(Sound)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Sound, E> {
        Ok(Sound)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Sound, E> {
        Ok(Sound)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Sound, E> {
        Ok(Sound)
    }

    fn visit_str<E>(self, _: &str) -> Result<Sound, E> {
        Ok(Sound)
    }

    fn visit_unit<E>(self) -> Result<Sound, E> {
        Ok(Sound)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Sound, A::Error> {
        while seq.next_element::<Sound>()?.is_some() {}
        Ok(Sound)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Sound, A::Error> {
        while map.next_entry::<Sound, Sound>()?.is_some() {}
        Ok(Sound)
    }
}

/// Appends a value as JSON on one line; for a terminal, so that it obeys nothing of it.
///
/// It is for types that cannot fail to be written, and hold no numbers that JSON does not have.
pub(crate) fn object(out: &mut Vec<u8>, value: &impl Serialize, looks: Looks) {
    let start = out.len();
    embedded(out, &serde_json::to_string(value).unwrap_or_default(), looks.is_for_terminal());
    if looks.color {
        color_json(out, start);
    }
}

/// Appends JSON text as it is, on one line: white space between its tokens is left out.
pub(crate) fn embedded(out: &mut Vec<u8>, json: &str, for_terminal: bool) {
    let mut in_string = false;
    let mut escape = false;
    let mut kept = 0;
    let put = |out: &mut Vec<u8>, part: &str| {
        if for_terminal {
            part_for_terminal(out, part);
        } else {
            out.extend_from_slice(part.as_bytes());
        }
    };
    for (at, byte) in json.bytes().enumerate() {
        match byte {
            _ if escape => escape = false,
            b'\\' if in_string => escape = true,
            b'"' => in_string = !in_string,
            b' ' | b'\n' | b'\r' | b'\t' if !in_string => {
                put(out, &json[kept..at]);
                kept = at + 1;
            }
            _ => {}
        }
    }
    put(out, &json[kept..]);
}

/// Appends a part of JSON text, such that a terminal finds nothing to obey in it.
pub(crate) fn part_for_terminal(out: &mut Vec<u8>, json: &str) {
    terminal_safe(out, json, |out, part| out.extend_from_slice(part.as_bytes()));
}

/// Appends text in parts, with `\u` escapes between them for what is unsafe on a terminal. C0 controls are left
/// to `put`: JSON itself escapes them in strings.
fn terminal_safe(out: &mut Vec<u8>, text: &str, put: impl Fn(&mut Vec<u8>, &str)) {
    let mut kept = 0;
    for (at, character) in text.char_indices().filter(|(_, c)| *c >= '\x7f' && is_unsafe(*c)) {
        put(out, &text[kept..at]);
        for unit in character.encode_utf16(&mut [0; 2]) {
            // Writing into a buffer cannot fail.
            drop(write!(out, "\\u{unit:04x}"));
        }
        kept = at + character.len_utf8();
    }
    put(out, &text[kept..]);
}

/// Appends text with what JSON asks to be escaped (RFC 8259 section 7).
///
/// JSON within JSON has a quote every few bytes, so this is the hottest loop of a listing. It copies eight bytes at a
/// time whether they are wanted or not, and steps back to the first that needs an escape.
fn escaped(out: &mut Vec<u8>, text: &str) {
    let mut rest = text.as_bytes();
    // Room for an escape in the place of every second byte; where there are more, the tail below makes room.
    let mut end = out.len();
    let room = rest.len() + rest.len() / 2 + 2 * WORD;
    out.resize(end + room, 0);
    while let (Some(word), Some(place)) = (rest.first_chunk::<WORD>(), out.get_mut(end..end + 2 * WORD)) {
        place[..WORD].copy_from_slice(word);
        let plain = plain_bytes(u64::from_le_bytes(*word));
        end += plain;
        if plain == WORD {
            rest = &rest[WORD..];
            continue;
        }
        let escape = &ESCAPES[usize::from(rest[plain])];
        place[plain..plain + WORD].copy_from_slice(&escape.bytes);
        end += escape.length;
        rest = &rest[plain + 1..];
    }
    out.truncate(end);
    for &byte in rest {
        match &ESCAPES[usize::from(byte)] {
            Escape { length: 0, .. } => out.push(byte),
            escape => out.extend_from_slice(&escape.bytes[..escape.length]),
        }
    }
}

const WORD: usize = 8;

/// How many bytes at the start of a word need no escape.
#[inline]
fn plain_bytes(word: u64) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    // The lowest byte that a subtraction borrows in is found right; higher ones may be false, and are not used.
    let below_0x20 = word.wrapping_sub(ONES * 0x20) & !word;
    let is = |byte: u8| {
        let difference = word ^ (ONES * u64::from(byte));
        difference.wrapping_sub(ONES) & !difference
    };
    let escapes = (below_0x20 | is(b'"') | is(b'\\')) & HIGH;
    escapes.trailing_zeros() as usize / 8
}

/// What stands for a byte in a JSON string; nothing for one that stands for itself.
#[derive(Clone, Copy)]
struct Escape {
    bytes: [u8; WORD],
    length: usize,
}

static ESCAPES: [Escape; 256] = escapes();

const fn escapes() -> [Escape; 256] {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let mut escapes = [Escape { bytes: [0; WORD], length: 0 }; 256];
    let mut byte = 0;
    while byte < 0x20 {
        let bytes = [b'\\', b'u', b'0', b'0', HEX[byte >> 4], HEX[byte & 15], 0, 0];
        escapes[byte] = Escape { bytes, length: 6 };
        byte += 1;
    }
    let short = [(b'"', b'"'), (b'\\', b'\\'), (b'\n', b'n'), (b'\r', b'r'), (b'\t', b't')];
    let mut at = 0;
    while at < short.len() {
        let (byte, letter) = short[at];
        escapes[byte as usize] = Escape { bytes: [b'\\', letter, 0, 0, 0, 0, 0, 0], length: 2 };
        at += 1;
    }
    escapes
}

/// Whether bytes are a number as JSON writes one (RFC 8259 section 6).
pub(crate) fn is_number(bytes: &[u8]) -> bool {
    let digits = |bytes: &[u8]| bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let rest = bytes.strip_prefix(b"-").unwrap_or(bytes);
    let whole = digits(rest);
    if whole == 0 || (whole > 1 && rest[0] == b'0') {
        return false;
    }
    let mut rest = &rest[whole..];
    if let Some(fraction) = rest.strip_prefix(b".") {
        let count = digits(fraction);
        if count == 0 {
            return false;
        }
        rest = &fraction[count..];
    }
    if let [b'e' | b'E', exponent @ ..] = rest {
        let exponent = exponent.strip_prefix(b"+").or(exponent.strip_prefix(b"-")).unwrap_or(exponent);
        return !exponent.is_empty() && digits(exponent) == exponent.len();
    }
    rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, for_terminal: bool) -> String {
        let mut out = Vec::new();
        string(&mut out, text, for_terminal);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn strings_are_equal_to_what_serde_json_reads() {
        for text in ["", "plain", "\"\\/", "\n\r\t\x08\x0c\0\x1f", "\x7f\u{9b}\u{202e}\u{e0041}é漢😀"] {
            for for_terminal in [false, true] {
                let shown = shown(text, for_terminal);
                assert_eq!(serde_json::from_str::<String>(&shown).unwrap(), text, "{shown}");
                assert!(!for_terminal || !shown.chars().any(is_unsafe), "{shown}");
            }
        }
    }

    #[test]
    fn every_byte_in_every_place_is_escaped_as_serde_json_does() {
        for character in (0..=0x17f).filter_map(char::from_u32) {
            for before in 0..20 {
                for after in [0, 1, 7, 8, 20] {
                    let text = "x".repeat(before) + &character.to_string().repeat(1 + before % 3) + &"y".repeat(after);
                    let expected = serde_json::to_string(&text).unwrap();
                    // serde_json has short escapes for backspace and form feed, which are equal to the long ones.
                    let expected = expected.replace("\\b", "\\u0008").replace("\\f", "\\u000c");
                    assert_eq!(shown(&text, false), expected);
                }
            }
        }
    }

    #[test]
    fn documents_are_those_that_every_reader_accepts() {
        for json in ["1", " {\"a\": [1.5e3, null, true, \"\\ud83d\\ude00\"]}\n", "\"\""] {
            assert_eq!(document(json.as_bytes()), Some(json));
        }
        let deep = "[".repeat(200) + &"]".repeat(200);
        for other in ["", "{", "1 2", "nul", "\"\\ud83d\"", "[1,]", "\"\n\"", &deep] {
            assert_eq!(document(other.as_bytes()), None, "{other}");
        }
        assert_eq!(document(b"\"\xff\""), None);
    }

    #[test]
    fn documents_nest_as_deep_as_serde_json_reads() {
        let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        assert_eq!(document(nested(127).as_bytes()), Some(nested(127).as_str()));
        for levels in [128, 1_000_000] {
            assert_eq!(document(nested(levels).as_bytes()), None, "{levels}");
        }
    }

    #[test]
    fn embedded_json_keeps_its_tokens_and_loses_its_layout() {
        let json = "{\n  \"a b\" : [1.50, \"x \\\" \\n y\"],\r\n\t\"a b\": null }";
        let mut out = Vec::new();
        embedded(&mut out, json, false);
        assert_eq!(out, br#"{"a b":[1.50,"x \" \n y"],"a b":null}"#);
        out.clear();
        embedded(&mut out, "[\"\u{9b}2J\"]", true);
        assert_eq!(out, br#"["\u009b2J"]"#);
    }

    #[test]
    fn numbers_are_those_of_json() {
        for number in ["0", "-0", "10", "1693314200.336985", "1e-07", "1E+16", "-1.5e3"] {
            assert!(is_number(number.as_bytes()), "{number}");
        }
        for other in ["", "-", "01", ".5", "5.", "1e", "1e+", "inf", "nan", "+1", "1_0", "1 "] {
            assert!(!is_number(other.as_bytes()), "{other}");
        }
    }
}
