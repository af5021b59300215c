//! Bytes as text: character sets, as mitmproxy infers and decodes them, in both directions.
//!
//! HAR is JSON, and JSON is text. Where captured bytes are none, Python puts half characters (lone surrogates) into the
//! text, which few readers of JSON take; here U+FFFD stands for each such byte, and the bytes themselves are kept beside.

use std::borrow::Cow;
use std::sync::LazyLock;

use encoding_rs::Encoding;
use regex::bytes::Regex;

/// Text of which each byte that is no part of a character has become U+FFFD; and whether there was one.
pub(super) fn lossy(bytes: &[u8]) -> (Cow<'_, str>, bool) {
    if let Ok(text) = str::from_utf8(bytes) {
        return (Cow::Borrowed(text), false);
    }
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    (Cow::Owned(text), true)
}

/// What is larger is not put into another encoding than it is in, which could take three times as much.
const LARGEST_CONVERTED: usize = 8 << 20;

/// The text of a body if there is one, and whether it is all of it.
pub(super) fn decode<'b>(body: &'b [u8], content_type: &str) -> (Option<Cow<'b, str>>, bool) {
    let charset = charset(content_type, body);
    if body.len() > LARGEST_CONVERTED && !is_utf8_as_it_stands(body, &charset) {
        return (None, false);
    }
    match strict(body, &charset) {
        Some(text) => (Some(text), true),
        None => {
            let (text, is_lossy) = lossy(body);
            (Some(text), !is_lossy)
        }
    }
}

/// Whether the text of a body is a part of it.
fn is_utf8_as_it_stands(body: &[u8], charset: &str) -> bool {
    match &*normal(charset) {
        "utf-8" | "utf-8-sig" => str::from_utf8(body).is_ok(),
        "latin1" | "ascii" => body.is_ascii(),
        _ => false,
    }
}

/// The body that a text is: in the character set of its type if that has all of its characters, in UTF-8 if not.
pub(super) fn encode(text: &str, content_type: &str) -> Vec<u8> {
    let charset = charset(content_type, b"");
    match &*normal(&charset) {
        "latin1" => text.chars().map(|character| u8::try_from(character).ok()).collect(),
        "ascii" => text.is_ascii().then(|| text.as_bytes().to_vec()),
        name => Encoding::for_label(name.as_bytes()).and_then(|encoding| {
            let (bytes, _, has_unmappable) = encoding.encode(text);
            (!has_unmappable).then(|| bytes.into_owned())
        }),
    }
    .unwrap_or_else(|| text.as_bytes().to_vec())
}

/// The text of bytes in a character set. `None` when the bytes are none, or the set is not known.
fn strict<'b>(bytes: &'b [u8], charset: &str) -> Option<Cow<'b, str>> {
    let pairs = |from: fn([u8; 2]) -> u16| {
        let (units, rest) = bytes.as_chunks();
        let text: Result<String, _> = char::decode_utf16(units.iter().map(|unit| from(*unit))).collect();
        text.ok().filter(|_| rest.is_empty()).map(Cow::Owned)
    };
    let quads = |from: fn([u8; 4]) -> u32| {
        let (units, rest) = bytes.as_chunks();
        let text: Option<String> = units.iter().map(|unit| char::from_u32(from(*unit))).collect();
        text.filter(|_| rest.is_empty()).map(Cow::Owned)
    };
    match &*normal(charset) {
        "latin1" => Some(match bytes.is_ascii() {
            true => Cow::Borrowed(str::from_utf8(bytes).ok()?),
            false => Cow::Owned(bytes.iter().map(|&byte| char::from(byte)).collect()),
        }),
        "ascii" => str::from_utf8(bytes).ok().filter(|text| text.is_ascii()).map(Cow::Borrowed),
        "utf-8" => str::from_utf8(bytes).ok().map(Cow::Borrowed),
        "utf-8-sig" => str::from_utf8(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)).ok().map(Cow::Borrowed),
        "utf-16le" | "utf-16" => pairs(u16::from_le_bytes),
        "utf-16be" => pairs(u16::from_be_bytes),
        "utf-32le" | "utf-32" => quads(u32::from_le_bytes),
        "utf-32be" => quads(u32::from_be_bytes),
        name => {
            let encoding = Encoding::for_label(name.as_bytes())?;
            encoding.decode_without_bom_handling_and_without_replacement(bytes)
        }
    }
}

/// One name for those that mean something else in Python than on the web, or that the web does not know.
fn normal(charset: &str) -> Cow<'_, str> {
    let name = charset.trim().to_ascii_lowercase().replace('_', "-");
    Cow::Borrowed(match &*name {
        "latin-1" | "latin1" | "iso-8859-1" | "iso8859-1" | "8859" | "cp819" | "l1" | "latin" => "latin1",
        "ascii" | "us-ascii" | "646" => "ascii",
        "utf-8" | "utf8" | "u8" | "utf" => "utf-8",
        "utf-16" | "utf16" | "u16" => "utf-16",
        "utf-16le" | "utf-16-le" => "utf-16le",
        "utf-16be" | "utf-16-be" => "utf-16be",
        "utf-32" | "utf32" | "u32" => "utf-32",
        "utf-32le" | "utf-32-le" => "utf-32le",
        "utf-32be" | "utf-32-be" => "utf-32be",
        _ => return Cow::Owned(name),
    })
}

/// The character set of a body, from its first bytes, its type and what it says of itself.
fn charset(content_type: &str, body: &[u8]) -> String {
    let marks: [(&[u8], &str); 5] = [
        (b"\x00\x00\xfe\xff", "utf-32be"),
        (b"\xff\xfe\x00\x00", "utf-32le"),
        (b"\xfe\xff", "utf-16be"),
        (b"\xff\xfe", "utf-16le"),
        (b"\xef\xbb\xbf", "utf-8-sig"),
    ];
    let found = match marks.iter().find(|(mark, _)| body.starts_with(mark)) {
        Some((_, name)) => Some((*name).to_owned()),
        None => parameter(content_type).filter(|name| !name.is_empty()).map(str::to_owned),
    };
    let found = found.unwrap_or_else(|| said_by(content_type, body));
    match &*found.to_ascii_lowercase() {
        // The larger set of which these two are parts: much of what is called so holds characters of it.
        "gb2312" | "gbk" => "gb18030".to_owned(),
        _ => found,
    }
}

/// The parameter `charset` of a content type.
fn parameter(content_type: &str) -> Option<&str> {
    let (kind, parameters) = content_type.split_once(';')?;
    kind.contains('/').then_some(())?;
    // Of equal ones the last counts.
    let pairs = parameters.split(';').rev().filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (name.trim(), value.trim())).find(|(name, _)| *name == "charset").map(|(_, value)| value)
}

/// What bodies of this type say of themselves, or what they are when they say nothing.
fn said_by(content_type: &str, body: &[u8]) -> String {
    static HTML: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r#"(?i-u)<meta[^>]+charset=['"]?([^'">]+)"#).ok());
    static XML: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r#"(?i-u)<\?xml[^?>]+encoding=['"]([^'"?>]+)"#).ok());
    static CSS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r#"(?i-u)^@charset "([^"]+)";"#).ok());
    let said = |pattern: &LazyLock<Option<Regex>>| {
        let name = pattern.as_ref()?.captures(body)?.get(1)?.as_bytes();
        let name: String = name.iter().filter(|byte| byte.is_ascii()).map(|&byte| char::from(byte)).collect();
        (!name.is_empty()).then_some(name)
    };
    let is = |part| content_type.contains(part);
    let utf8 = || "utf-8".to_owned();
    if is("json") {
        utf8()
    } else if is("html") {
        said(&HTML).unwrap_or_else(utf8)
    } else if is("xml") {
        said(&XML).unwrap_or_else(utf8)
    } else if is("javascript") || is("ecmascript") {
        utf8()
    } else if is("text/css") {
        said(&CSS).unwrap_or_else(utf8)
    } else {
        "latin-1".to_owned()
    }
}

/// Whether bytes are rather no text, judged by about the first hundred, as mitmproxy judges.
pub(super) fn is_mostly_binary(bytes: &[u8]) -> bool {
    const LOOKED_AT: usize = 100;
    if bytes.is_empty() {
        return false;
    }
    let is_within_character = |byte: u8| byte >> 6 == 0b10;
    let end = match bytes.get(LOOKED_AT..) {
        // No character is cut in two.
        Some(rest) => LOOKED_AT + rest.iter().take(4).position(|&byte| !is_within_character(byte)).unwrap_or(0),
        None => bytes.len(),
    };
    let start = &bytes[..end];
    let low = start.iter().filter(|byte| matches!(byte, 0..=8 | 14..=31)).count();
    let high = start.iter().filter(|byte| **byte > 126).count();
    let length = start.len() as f64;
    let ascii = (start.len() - low - high) as f64;
    if ascii / length > 0.7 {
        return false;
    }
    !((ascii + high as f64) / length > 0.95 && str::from_utf8(start).is_ok())
}
