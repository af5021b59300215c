//! Names and values as an HTML form sends them (`application/x-www-form-urlencoded`).

use percent_encoding::percent_decode;
use serde_json::{Map, Value, json};

use super::body::Body;
use super::json::{Base64, written};
use super::{NotThat, Payload};

/// A form has several names and values, or a value with a character that had to be escaped: `E=mc2` could be anything.
pub(super) fn guess(payload: &Payload<'_>) -> Option<&'static str> {
    let (mut pairs, mut values, mut is_escaped) = (0, 0, false);
    for pair in payload.content.split(|&byte| byte == b'&') {
        let value = value(pair)?;
        pairs += 1;
        values += usize::from(!value.is_empty());
        is_escaped |= value.contains(&b'%');
    }
    (values > 0 && (pairs > 1 || is_escaped)).then_some("it is names and values, in the characters of a form")
}

/// The value, if this is a name, `=`, and a value.
fn value(pair: &[u8]) -> Option<&[u8]> {
    let equals = memchr::memchr(b'=', pair)?;
    let (name, value) = (&pair[..equals], &pair[equals + 1..]);
    let starts_well = name.first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_');
    (starts_well && is_written_with(name, b"_-.[]") && is_written_with(value, b"_-.+*~!'()")).then_some(value)
}

/// Whether text is of letters, digits, these marks and escapes.
fn is_written_with(text: &[u8], marks: &[u8]) -> bool {
    let mut parts = text.split(|&byte| byte == b'%');
    let is_plain = |text: &[u8]| text.iter().all(|byte| byte.is_ascii_alphanumeric() || marks.contains(byte));
    let is_escape = |part: &[u8]| part.len() >= 2 && part[..2].iter().all(u8::is_ascii_hexdigit);
    parts.next().is_some_and(is_plain) && parts.all(|part| is_escape(part) && is_plain(part))
}

pub(super) fn decode<'a>(payload: &Payload<'a>) -> Result<Body<'a>, NotThat> {
    if !payload.content.contains(&b'=') {
        return Err(NotThat("there is no = in it"));
    }
    // A name that comes once has its value, one that comes again all of them.
    let mut object = Map::new();
    for pair in payload.content.split(|&byte| byte == b'&').filter(|pair| !pair.is_empty()) {
        let equals = memchr::memchr(b'=', pair).unwrap_or(pair.len());
        let name = match unescaped(&pair[..equals]) {
            Value::String(name) => name,
            bytes => bytes.to_string(),
        };
        let value = unescaped(pair.get(equals + 1..).unwrap_or_default());
        match object.get_mut(&name) {
            None => drop(object.insert(name, value)),
            Some(Value::Array(values)) => values.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
        }
    }
    Ok(Body::json(written(&object)))
}

/// A name or a value; what is no text is `{"$base64":"…"}`.
fn unescaped(text: &[u8]) -> Value {
    let spaced: Vec<u8> = text.iter().map(|&byte| if byte == b'+' { b' ' } else { byte }).collect();
    match String::from_utf8(percent_decode(&spaced).collect()) {
        Ok(text) => text.into(),
        Err(error) => json!(Base64::of(error.as_bytes())),
    }
}

#[cfg(test)]
mod tests {
    use crate::payload::{Kind, tests::payload};

    #[test]
    fn values_lose_nothing() {
        let json = |form: &[u8]| payload(form, true, None).decode(Kind::Form).unwrap().json().unwrap().to_owned();
        assert_eq!(
            json(b"a=%FF%FE&b=x+y%2B%C3%A9&b&&a=1&c=d=e"),
            r#"{"a":[{"$base64":"//4="},"1"],"b":["x y+\u00e9",""],"c":"d=e"}"#.replace("\\u00e9", "é")
        );
        assert_eq!(json(b"%FF=1&%zz=%"), r#"{"{\"$base64\":\"/w==\"}":"1","%zz":"%"}"#);
    }

    #[test]
    fn a_form_is_guessed_where_something_speaks_for_it() {
        let forms =
            ["a=b&c=d", "name=&tag=x", "user%5Bname%5D=J%C3%BCrgen", "q=a%20b", "user[name]=x&x=1+2", "_a=1&_a=2"];
        let others = [
            "E=mc2",
            "a=b",
            "x=1",
            "a=b+c",
            "aGVsbG8=",
            "aGVsbG9v==",
            "a=b&c",
            "a=b&&c=d",
            "a=&b=",
            "R&D=fun",
            "1=2&3=4",
            "if a=b & c=d",
            "100%=all",
            "x=5%",
            "x=5%&y=2",
            "x=%zz",
            "a=b\nc=d",
            "key=value; other=value",
            "=",
            "&",
            "",
        ];
        for (texts, expected) in [(&forms[..], true), (&others, false)] {
            for text in texts {
                for is_text in [true, false] {
                    let kind = payload(text.as_bytes(), is_text, None).guess().kind();
                    assert_eq!(kind == Kind::Form, expected, "{text}: {}", kind.name());
                }
            }
        }
    }
}
