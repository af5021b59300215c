//! stdout and stderr. Nothing else writes to either (`clippy.toml` sees to it), and what a terminal could obey reaches
//! none through here: whoever makes a line escapes what is in it, in a way that suits its format, and what was
//! forgotten is escaped here.

#![allow(clippy::disallowed_methods)]

use std::fs::File;
use std::io::{self, IsTerminal as _, Write};
use std::os::fd::AsFd;
use std::sync::LazyLock;

use wsflow::output::{self, Terminal};

/// What stdout is called in messages.
pub(crate) const STDOUT: &str = "<stdout>";

/// What to assume of a terminal that does not say how wide it is.
const WIDTH: usize = 80;

/// The number of the error of a system call that was given bytes that are not there. It is the same on all of Linux.
const BAD_ADDRESS: i32 = 14;

/// The terminal that stdout is, or was before a pager came between.
pub(crate) fn terminal() -> Option<Terminal> {
    static TERMINAL: LazyLock<Option<Terminal>> = LazyLock::new(|| {
        let stdout = io::stdout();
        stdout.is_terminal().then(|| terminal_of(&stdout))
    });
    *TERMINAL
}

/// Whether somebody sees at once what is said.
pub(crate) fn is_stderr_terminal() -> bool {
    io::stderr().is_terminal()
}

/// What is known of a terminal.
pub(crate) fn terminal_of(terminal: &impl AsFd) -> Terminal {
    let width = terminal_size::terminal_size_of(terminal).map_or(WIDTH, |(width, _)| width.0.into());
    Terminal { width }
}

/// stdout.
pub(crate) struct Stdout {
    stream: io::Stdout,
    is_terminal: bool,
}

/// stdout, to write to.
pub(crate) fn stdout() -> Stdout {
    Stdout { stream: io::stdout(), is_terminal: terminal().is_some() }
}

/// stdout without the buffer in front of it, which looks for line ends.
pub(crate) fn stdout_file() -> io::Result<File> {
    io::stdout().as_fd().try_clone_to_owned().map(File::from)
}

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        let written = match self.is_terminal {
            true => self.stream.write_all(&for_terminal(bytes)),
            false => self.stream.write_all(bytes),
        };
        written.map_err(|error| cannot_write(STDOUT, &error))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush().map_err(|error| cannot_write(STDOUT, &error))
    }
}

/// Lines as they go to a terminal: of what it could obey only colours are left, which are the program's own.
fn for_terminal(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    loop {
        let colors = (0..rest.len()).filter(|at| rest[*at] == ESCAPE).find_map(|at| Some((at, color(&rest[at..])?)));
        let (at, length) = colors.unwrap_or((rest.len(), 0));
        out.extend_from_slice(output::printable_lines(&rest[..at]).as_bytes());
        out.extend_from_slice(&rest[at..at + length]);
        rest = &rest[at + length..];
        if length == 0 {
            return out;
        }
    }
}

const ESCAPE: u8 = 0x1b;

/// The length of the sequence that sets colours (SGR) at the start of some bytes.
fn color(bytes: &[u8]) -> Option<usize> {
    let parameters = bytes.strip_prefix(b"\x1b[")?;
    let length = parameters.iter().position(|byte| !byte.is_ascii_digit() && *byte != b';')?;
    (parameters[length] == b'm').then_some(length + 3)
}

/// The same kind of error, saying which output it is about.
#[cold]
pub(crate) fn cannot_write(name: &str, error: &io::Error) -> io::Error {
    let why = match error.raw_os_error() {
        // Large pieces are written straight from the map of the input.
        Some(BAD_ADDRESS) => "the input was shortened while it was read".to_owned(),
        _ => error.to_string(),
    };
    io::Error::new(error.kind(), format!("cannot write {name}: {why}"))
}

/// Writes a line of text to stderr.
pub(crate) fn say(line: &str) {
    // Where stderr cannot be written there is nobody to tell.
    drop(writeln!(io::stderr(), "{}", output::printable(line)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_what_a_terminal_obeys_only_colours_are_left() {
        let shown = for_terminal(b"\x1b[1;32mgreen\x1b[0m \x1b[2J\x1b]0;title\x07 \xc2\x9b\n\x1b[\x1b");
        let shown = String::from_utf8(shown).unwrap();
        assert_eq!(shown, "\x1b[1;32mgreen\x1b[0m \\x1b[2J\\x1b]0;title\\x07 \\u{9b}\n\\x1b[\\x1b");
    }
}
