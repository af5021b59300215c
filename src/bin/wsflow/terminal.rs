//! The terminal, if stdout is one.

use std::io::{self, IsTerminal as _};

use wsflow::output::Terminal;

/// What to assume of a terminal that does not say how wide it is.
const WIDTH: usize = 80;

/// The terminal that stdout is.
pub(crate) fn stdout() -> Option<Terminal> {
    io::stdout().is_terminal().then(|| {
        let width = terminal_size::terminal_size().map_or(WIDTH, |(width, _)| width.0.into());
        Terminal { width }
    })
}
