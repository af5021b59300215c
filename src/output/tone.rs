//! What colours mean. A colour only ever repeats what a symbol or a word says: `→`, `D`, `dropped`.

use std::io::Write as _;

use anstyle::{AnsiColor, Style};

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
    /// Not forwarded; struck, so that it is also seen without colours.
    Dropped,
    /// Sent by neither peer.
    Injected,
    /// Dropped, and injected before that.
    DroppedInjected,
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
            Tone::Control => AnsiColor::Magenta.on_default(),
            Tone::Dropped => AnsiColor::Red.on_default().strikethrough(),
            Tone::Injected => AnsiColor::Magenta.on_default().bold(),
            Tone::DroppedInjected => AnsiColor::Magenta.on_default().bold().strikethrough(),
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
}
