//! The parameters of queries and of forms, as Python's `urllib` takes them apart.

use std::borrow::Cow;

use super::text::lossy;

/// The query of a path: what stands behind the first `?` and before a `#`.
pub(super) fn of_path(path: &str) -> String {
    let path = path.split('#').next().unwrap_or_default();
    let (_, query) = path.split_once('?').unwrap_or_default();
    // Python drops these anywhere in a URL.
    query.replace(['\t', '\r', '\n'], "")
}

/// Names and values, `+` and `%XX` undone.
pub(super) fn parameters(query: &str) -> impl Iterator<Item = (String, String)> {
    query
        .split('&')
        .filter(|parameter| !parameter.is_empty())
        .map(|parameter| parameter.split_once('=').unwrap_or((parameter, "")))
        .map(|(name, value)| (unquoted(name), unquoted(value)))
}

fn unquoted(text: &str) -> String {
    let text = text.replace('+', " ");
    let mut out = String::with_capacity(text.len());
    let mut rest = &text[..];
    // Only what is ASCII is undone, run by run: a character is never put together from `%XX` and a letter behind it.
    while !rest.is_empty() {
        let (ascii, other) = rest.split_at(rest.find(|c: char| !c.is_ascii()).unwrap_or(rest.len()));
        out.push_str(&lossy(&percent_decoded(ascii)).0);
        let (other, next) = other.split_at(other.find(|c: char| c.is_ascii()).unwrap_or(other.len()));
        out.push_str(other);
        rest = next;
    }
    out
}

/// The bytes that text with `%XX` in it means.
fn percent_decoded(text: &str) -> Cow<'_, [u8]> {
    if !text.contains('%') {
        return Cow::Borrowed(text.as_bytes());
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, behind)) = rest.split_first() {
        let digit = |at: usize| behind.get(at).and_then(|&byte| char::from(byte).to_digit(16));
        match (first, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push((high << 4 | low) as u8);
                rest = &behind[2..];
            }
            _ => {
                bytes.push(first);
                rest = behind;
            }
        }
    }
    Cow::Owned(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(query: &str) -> String {
        parameters(query).map(|(name, value)| format!("{name}|{value}")).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn queries_are_taken_apart() {
        let cases = [
            ("/", ""),
            ("/?", ""),
            ("/a?b=c&d=e=f&g&&h=", "b|c d|e=f g| h|"),
            ("/a?b=%C3%A9+%2B&c=%zz%4", "b|é + c|%zz%4"),
            ("/a?b=%E9%C3é%A9", "b|\u{fffd}\u{fffd}é\u{fffd}"),
            ("/a?b=c#d?e=f", "b|c"),
            ("/a#b?c=d", ""),
            ("/a?b=\tc;d=e", "b|c;d=e"),
        ];
        for (path, expected) in cases {
            assert_eq!(shown(&of_path(path)), expected, "{path}");
        }
    }
}
