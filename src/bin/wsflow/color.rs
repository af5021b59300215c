//! Whether there are colours. What is said first counts: `--color`, `NO_COLOR`, `CLICOLOR_FORCE`, `CLICOLOR=0`, and then
//! whether stdout is a terminal that is not `dumb`.

use anstyle_query::{clicolor, no_color, term_supports_color};

use crate::args::When;

/// Whether output gets colours. A variable of the environment colours no output that a program reads: it would break
/// every `| jq`.
pub(crate) fn is_wanted(when: When, is_terminal: bool, is_for_people: bool) -> bool {
    match when {
        When::Always => true,
        When::Never => false,
        When::Auto if no_color() => false,
        When::Auto if is_forced() && (is_for_people || is_terminal) => true,
        When::Auto => is_terminal && clicolor() != Some(false) && term_supports_color(),
    }
}

/// Whether `CLICOLOR_FORCE` says yes; `0` is no.
fn is_forced() -> bool {
    std::env::var_os("CLICOLOR_FORCE").is_some_and(|value| !value.is_empty() && value != "0")
}
