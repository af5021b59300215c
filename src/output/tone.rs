//! What colours mean. A colour only ever repeats what a symbol or a word says: `→`, `D`, `dropped`.

use std::io::Write as _;

use anstyle::{AnsiColor, Style};

use super::escape::push_multiline;

/// What a piece of text is, as far as a colour can tell it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Tone {
    /// Nothing special.
    #[default]
    Plain,
    /// What is there to be found, not to be read: ids, times, names of values.
    Faint,
    /// A title.
    Title,
    /// From the client.
    Client,
    /// From the server.
    Server,
    /// Not text: a binary message.
    Binary,
    /// Neither text nor binary: a control frame.
    Control,
    /// That something was not forwarded.
    Dropped,
    /// What was not forwarded.
    Struck,
    /// Sent by neither peer.
    Injected,
    /// Something went wrong.
    Fault,
    /// Something is unusual.
    Note,
    /// A key in JSON.
    Key,
    /// A string in JSON.
    Text,
}

impl Tone {
    const fn style(self) -> Style {
        let plain = Style::new();
        match self {
            Tone::Plain => plain,
            Tone::Faint => plain.dimmed(),
            Tone::Title => plain.bold(),
            Tone::Client => AnsiColor::Green.on_default().bold(),
            Tone::Server => AnsiColor::Cyan.on_default().bold(),
            Tone::Binary => AnsiColor::Yellow.on_default(),
            Tone::Control => AnsiColor::Blue.on_default().bold(),
            Tone::Dropped => AnsiColor::Red.on_default().bold(),
            Tone::Struck => plain.dimmed().strikethrough(),
            Tone::Injected => AnsiColor::Magenta.on_default().bold(),
            Tone::Fault => AnsiColor::Red.on_default(),
            Tone::Note => AnsiColor::Yellow.on_default(),
            // As jq has them.
            Tone::Key => AnsiColor::Blue.on_default().bold(),
            Tone::Text => AnsiColor::Green.on_default(),
        }
    }

    /// Appends what begins the tone on a terminal.
    pub(super) fn begin(self, out: &mut Vec<u8>) {
        // Writing into a buffer cannot fail.
        drop(write!(out, "{}", self.style()));
    }

    /// Appends what ends the tone on a terminal.
    pub(super) fn end(self, out: &mut Vec<u8>) {
        drop(write!(out, "{:#}", self.style()));
    }

    /// Appends what `write` does, in the tone; nothing where that is nothing.
    pub(super) fn wrap(self, out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
        let start = out.len();
        self.begin(out);
        let written = out.len();
        write(out);
        if out.len() == written {
            out.truncate(start);
        } else {
            self.end(out);
        }
    }
}

/// As [`printable_lines`](super::printable_lines), with what tones are made of left as it is, and nothing else that a
/// terminal obeys.
///
/// ```
/// assert_eq!(wsflow::output::printable_colored(b"\x1b[31mred\x1b[0m \x1b[2J"), "\x1b[31mred\x1b[0m \\x1b[2J");
/// ```
pub fn printable_colored(bytes: &[u8]) -> String {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = memchr::memchr(ESCAPE, rest) {
        let (before, sequence) = rest.split_at(at);
        let (sequence, after) = sequence.split_at(tone_length(sequence).unwrap_or(1));
        push_multiline(&mut out, before);
        match sequence.len() {
            1 => push_multiline(&mut out, sequence),
            _ => out.extend_from_slice(sequence),
        }
        rest = after;
    }
    push_multiline(&mut out, rest);
    String::from_utf8_lossy(&out).into_owned()
}

const ESCAPE: u8 = 0x1b;

/// How long the sequence at the start is, if tones have one like it: bold, dimmed, struck, a colour, or none of these.
fn tone_length(bytes: &[u8]) -> Option<usize> {
    let digits = bytes.strip_prefix(b"\x1b[")?;
    match digits {
        [b'0' | b'1' | b'2' | b'9', b'm', ..] => Some(4),
        [b'3', b'1'..=b'6', b'm', ..] => Some(5),
        _ => None,
    }
}

/// Gives the JSON from `start` on its colours: keys, strings and null, as jq has them.
pub(crate) fn color_json(out: &mut Vec<u8>, start: usize) {
    let json = out.split_off(start);
    let mut rest = json.as_slice();
    while let Some(&first) = rest.first() {
        let length = match first {
            b'"' => string_length(rest),
            b'n' => rest.iter().take_while(|byte| byte.is_ascii_alphabetic()).count(),
            _ => rest.iter().take_while(|byte| !matches!(byte, b'"' | b'n')).count(),
        };
        let (token, after) = rest.split_at(length.min(rest.len()));
        let tone = match (first, after.first()) {
            (b'"', Some(b':')) => Tone::Key,
            (b'"', _) => Tone::Text,
            (b'n', _) => Tone::Faint,
            _ => Tone::Plain,
        };
        tone.wrap(out, |out| out.extend_from_slice(token));
        rest = after;
    }
}

/// How long the string at the start is, with its quotes.
fn string_length(json: &[u8]) -> usize {
    let mut escape = true;
    let end = json.iter().position(|&byte| match byte {
        _ if escape => {
            escape = false;
            false
        }
        b'\\' => {
            escape = true;
            false
        }
        byte => byte == b'"',
    });
    end.map_or(json.len(), |end| end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_of_json_add_nothing_but_colours() {
        let json = br#"{"a \" b":"c:\\","n":[null,1.5,true,""]}"#;
        let mut out = b"before ".to_vec();
        out.extend_from_slice(json);
        color_json(&mut out, 7);
        let colored = String::from_utf8(out).unwrap();
        insta::assert_snapshot!(colored.escape_debug().to_string().replace(r"\u{1b}", "^"), @r#"before {^[1m^[34m\"a \\\" b\"^[0m:^[32m\"c:\\\\\"^[0m,^[1m^[34m\"n\"^[0m:[^[2mnull^[0m,1.5,true,^[32m\"\"^[0m]}"#);
        let plain: String = colored
            .split('\u{1b}')
            .enumerate()
            .map(|(at, part)| match at {
                0 => part,
                _ => part.split_once('m').unwrap().1,
            })
            .collect();
        assert_eq!(plain.as_bytes(), [b"before ".as_slice(), json].concat());
    }
}
