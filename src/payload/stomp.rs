//! [STOMP](https://stomp.github.io/stomp-specification-1.2.html): a command, headers, an empty line, a body, NUL. Between
//! frames stand line ends, which alone are heart-beats.

use serde::Serialize;
use serde_json::{Map, Value};

use super::body::Body;
use super::json::{Data, written};
use super::summary::{and_more, short};
use super::{NotThat, Payload};
use crate::flow::Protocol;

const COMMANDS: [&str; 15] = [
    "CONNECT",
    "STOMP",
    "CONNECTED",
    "SEND",
    "SUBSCRIBE",
    "UNSUBSCRIBE",
    "ACK",
    "NACK",
    "BEGIN",
    "COMMIT",
    "ABORT",
    "DISCONNECT",
    "MESSAGE",
    "RECEIPT",
    "ERROR",
];

/// Headers that say most in short, by turns.
const TELLING: [&str; 5] = ["destination", "message", "id", "receipt-id", "transaction"];

#[derive(Serialize)]
struct Frame<'a> {
    command: &'a str,
    headers: Map<String, Value>,
    body: Data<'a>,
}

pub(super) fn guess(payload: &Payload<'_>) -> Option<&'static str> {
    if let Some(reason) = payload.spoken(|protocol| protocol == Protocol::Stomp) {
        return Some(reason);
    }
    let end = memchr::memchr2(b'\n', b'\r', payload.content.get(..16).unwrap_or(payload.content))?;
    let command = &payload.content[..end];
    let is_frame = payload.content.contains(&0) && COMMANDS.iter().any(|known| known.as_bytes() == command);
    is_frame.then_some("it starts with a command of STOMP, and has a NUL")
}

pub(super) fn decode<'a>(payload: &Payload<'a>) -> Result<Body<'a>, NotThat> {
    let mut rest = payload.content;
    let mut frames = Vec::new();
    loop {
        rest = skip_line_ends(rest);
        if rest.is_empty() {
            break;
        }
        frames.push(frame(&mut rest)?);
    }
    let summary = match frames.first() {
        None if payload.content.is_empty() => return Err(NotThat("there is nothing in it")),
        None => "heart-beat".to_owned(),
        Some(first) => {
            let telling = TELLING.iter().find_map(|name| counts(&first.headers, name));
            let telling = telling.map(|value| format!(" {}", short(value))).unwrap_or_default();
            format!("{}{telling}{}", first.command, and_more(frames.len()))
        }
    };
    Ok(Body::json(written(&frames)).summed_up(summary))
}

fn skip_line_ends(bytes: &[u8]) -> &[u8] {
    let count = bytes.iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
    &bytes[count..]
}

fn frame<'a>(rest: &mut &'a [u8]) -> Result<Frame<'a>, NotThat> {
    let command = line(rest)?;
    if !COMMANDS.contains(&command) {
        return Err(NotThat("it does not start with a command of STOMP"));
    }
    // What CONNECT and CONNECTED hold is not escaped, so that older peers can read it.
    let is_escaped = !matches!(command, "CONNECT" | "CONNECTED");
    // Many small frames would take much more with room for several headers each.
    let mut headers = Map::with_capacity(1);
    loop {
        let header = line(rest)?;
        if header.is_empty() {
            break;
        }
        let (name, value) = header.split_once(':').ok_or(NotThat("a header in it has no colon"))?;
        let unescape = |text: &str| if is_escaped { unescaped(text) } else { text.to_owned() };
        let value = Value::String(unescape(value));
        match headers.get_mut(&unescape(name)) {
            None => drop(headers.insert(unescape(name), value)),
            Some(Value::Array(values)) => values.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
        }
    }
    let length = counts(&headers, "content-length").and_then(|length| length.parse::<usize>().ok());
    let end = match length {
        Some(length) if rest.get(length) == Some(&0) => length,
        Some(_) => return Err(NotThat("its content-length is not that of its body")),
        None => memchr::memchr(0, rest).ok_or(NotThat("it does not end with NUL"))?,
    };
    let (body, after) = rest.split_at(end);
    *rest = &after[1..];
    Ok(Frame { command, headers, body: Data(body) })
}

/// The value of a header that counts: of one that comes again, which is a list, the first.
fn counts<'h>(headers: &'h Map<String, Value>, name: &str) -> Option<&'h str> {
    match headers.get(name)? {
        Value::Array(values) => values.first()?.as_str(),
        value => value.as_str(),
    }
}

/// Takes a line away, and gives it without its end.
fn line<'a>(rest: &mut &'a [u8]) -> Result<&'a str, NotThat> {
    let end = memchr::memchr(b'\n', rest).ok_or(NotThat("it ends in the middle of a frame"))?;
    let (line, after) = rest.split_at(end);
    *rest = &after[1..];
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    str::from_utf8(line).map_err(|_| NotThat("its headers are not UTF-8"))
}

fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            out.push(character);
            continue;
        }
        match characters.next() {
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some('c') => out.push(':'),
            Some('\\') => out.push('\\'),
            other => {
                out.push('\\');
                out.extend(other);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use crate::payload::{Kind, tests::payload};

    #[test]
    fn a_header_that_comes_again_is_shown_and_does_not_count() {
        let frame = b"SEND\ndestination:/a\nx:1\ndestination:/b\ncontent-length:2\ncontent-length:9\n\n{}\0";
        let payload = payload(frame, true, None);
        let decoded = payload.decode(Kind::Stomp).unwrap();
        assert_eq!(decoded.to_string(), "stomp SEND /a");
        let headers = r#"{"destination":["/a","/b"],"x":"1","content-length":["2","9"]}"#;
        assert_eq!(decoded.json().unwrap(), format!(r#"[{{"command":"SEND","headers":{headers},"body":{{}}}}]"#));
    }
}
