//! Values as Python's `str` and `repr` show them: mitmproxy's filters search for them in that form.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

use crate::tnetstring::{RawValue, Tag, float};

/// How deep lists and dicts may nest; what is deeper is left out. Nobody reads that far.
const MAX_DEPTH: usize = 32;

/// Appends what `str` gives.
pub(super) fn push_str(out: &mut String, value: RawValue<'_>) {
    match value.tag() {
        Tag::Str => out.push_str(&String::from_utf8_lossy(value.body())),
        _ => push_repr(out, value, MAX_DEPTH),
    }
}

/// Appends what `repr` gives. A value that is broken shows as its bytes.
fn push_repr(out: &mut String, value: RawValue<'_>, depth: usize) {
    let Some(depth) = depth.checked_sub(1) else { return };
    match value.tag() {
        Tag::Str => push_repr_of_str(out, &String::from_utf8_lossy(value.body())),
        Tag::Bytes => push_repr_of_bytes(out, value.body()),
        Tag::Null => out.push_str("None"),
        Tag::Bool => out.push_str(if value.body() == b"true" { "True" } else { "False" }),
        Tag::Integer => out.push_str(&integer(value.body())),
        Tag::Float => match float::parse(value.body()) {
            Some(number) => {
                let mut digits = Vec::new();
                float::write(&mut digits, number);
                out.push_str(&String::from_utf8_lossy(&digits));
            }
            None => out.push_str(&String::from_utf8_lossy(value.body())),
        },
        Tag::List => {
            out.push('[');
            for (number, item) in value.items().into_iter().flatten().map_while(Result::ok).enumerate() {
                out.push_str(if number > 0 { ", " } else { "" });
                push_repr(out, item, depth);
            }
            out.push(']');
        }
        Tag::Dict => {
            out.push('{');
            for (number, (key, item)) in value.entries().into_iter().flatten().map_while(Result::ok).enumerate() {
                out.push_str(if number > 0 { ", " } else { "" });
                push_repr_of_str(out, &String::from_utf8_lossy(key));
                out.push_str(": ");
                push_repr(out, item, depth);
            }
            out.push('}');
        }
    }
}

/// An integer without leading zeros and plus.
fn integer(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.strip_prefix('+').unwrap_or(&text)),
    };
    match digits.trim_start_matches('0') {
        "" => "0".to_owned(),
        digits => format!("{sign}{digits}"),
    }
}

/// What Python does not print as it is: everything that is neither letter, mark, number, punctuation, symbol nor
/// the space.
static UNPRINTABLE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^[\p{C}\p{Z}--\ ]").ok());

fn is_printable(character: char) -> bool {
    match character {
        ' '..='~' => true,
        _ if character.is_ascii() => false,
        _ => UNPRINTABLE.as_ref().is_none_or(|regex| !regex.is_match(character.encode_utf8(&mut [0; 4]))),
    }
}

/// Single quotes, unless that would need a backslash and double quotes would not.
fn quote(has: impl Fn(u8) -> bool) -> char {
    if has(b'\'') && !has(b'"') { '"' } else { '\'' }
}

/// Appends the `repr` of a text.
pub(super) fn push_repr_of_str(out: &mut String, text: &str) {
    let quote = quote(|byte| text.as_bytes().contains(&byte));
    out.push(quote);
    for character in text.chars() {
        match character {
            '\\' => out.push_str(r"\\"),
            '\t' => out.push_str(r"\t"),
            '\n' => out.push_str(r"\n"),
            '\r' => out.push_str(r"\r"),
            _ if character == quote => out.extend(['\\', character]),
            _ if is_printable(character) => out.push(character),
            _ => match u32::from(character) {
                code @ ..=0xff => out.push_str(&format!("\\x{code:02x}")),
                code @ ..=0xffff => out.push_str(&format!("\\u{code:04x}")),
                code => out.push_str(&format!("\\U{code:08x}")),
            },
        }
    }
    out.push(quote);
}

fn push_repr_of_bytes(out: &mut String, bytes: &[u8]) {
    let quote = quote(|byte| bytes.contains(&byte));
    out.push('b');
    out.push(quote);
    push_escaped(out, bytes, Some(quote));
    out.push(quote);
}

/// Appends bytes as they stand between the quotes of a `repr`.
fn push_escaped(out: &mut String, bytes: &[u8], quote: Option<char>) {
    for byte in bytes {
        match byte {
            b'\\' => out.push_str(r"\\"),
            b'\t' => out.push_str(r"\t"),
            b'\n' => out.push_str(r"\n"),
            b'\r' => out.push_str(r"\r"),
            _ if quote == Some(char::from(*byte)) => out.extend(['\\', char::from(*byte)]),
            b' '..=b'~' => out.push(char::from(*byte)),
            _ => out.push_str(&format!("\\x{byte:02x}")),
        }
    }
}

/// Bytes as mitmproxy shows them: as in a `repr`, and no quote is escaped.
pub(super) fn escaped(bytes: &[u8]) -> Cow<'static, str> {
    let mut out = String::new();
    push_escaped(&mut out, bytes, None);
    out.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nests_too_deep_is_left_out() {
        let mut encoded = b"1:x;".to_vec();
        for depth in 1..=MAX_DEPTH + 1 {
            let mut shown = String::new();
            push_repr(&mut shown, RawValue::from_slice(&encoded).unwrap(), MAX_DEPTH);
            assert_eq!(shown.contains('x'), depth <= MAX_DEPTH, "{shown}");
            encoded = [format!("{}:", encoded.len()).as_bytes(), &encoded, b"]"].concat();
        }
    }
}
