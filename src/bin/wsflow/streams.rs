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

/// The terminal that stdout is.
pub(crate) fn terminal() -> Option<Terminal> {
    let stdout = io::stdout();
    stdout.is_terminal().then(|| terminal_of(&stdout))
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
    static IS_TERMINAL: LazyLock<bool> = LazyLock::new(|| io::stdout().is_terminal());
    Stdout { stream: io::stdout(), is_terminal: *IS_TERMINAL }
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
            true => self.stream.write_all(output::printable_lines(bytes).as_bytes()),
            false => self.stream.write_all(bytes),
        };
        written.map_err(|error| cannot_write(STDOUT, &error))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush().map_err(|error| cannot_write(STDOUT, &error))
    }
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
