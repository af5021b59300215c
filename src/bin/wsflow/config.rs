//! The file that `WSFLOW_CONFIG` names: options that change looks only, one on each line, as they would be typed. Lines
//! that begin with `#` are comments. Nothing in it changes what a program reads.

use std::{env, fs};

use anyhow::{Context as _, bail};
use clap::Parser as _;
use clap::error::{ContextKind, ErrorKind};

use crate::args::UsualLooks;

/// The variable that names the file.
const VARIABLE: &str = "WSFLOW_CONFIG";

/// What the user's file says; nothing, if there is none.
pub(crate) fn read() -> anyhow::Result<UsualLooks> {
    let Some(path) = env::var_os(VARIABLE).filter(|path| !path.is_empty()) else { return Ok(UsualLooks::default()) };
    let name = path.display().to_string();
    let text = fs::read_to_string(&path).with_context(|| format!("{name}, which {VARIABLE} names"))?;
    parse(&name, &text)
}

fn parse(name: &str, text: &str) -> anyhow::Result<UsualLooks> {
    let mut options = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let option = line.trim();
        if option.is_empty() || option.starts_with('#') {
            continue;
        }
        if let Err(error) = UsualLooks::try_parse_from([option]) {
            let place = format!("{name}, line {}", number + 1);
            match error.kind() {
                ErrorKind::UnknownArgument => bail!(
                    "{place}: `{option}` cannot stand here; what can is --color=WHEN, --time-format=FORMAT and --pager"
                ),
                ErrorKind::InvalidValue => {
                    let known = error.get(ContextKind::ValidValue).map(ToString::to_string).unwrap_or_default();
                    bail!("{place}: `{option}` has no value that is known; they are {known}, behind a `=`")
                }
                _ => bail!("{place}: `{option}` is no option; one stands on each line, as in --color=always"),
            }
        }
        options.push(option);
    }
    // Each of them is sound.
    Ok(UsualLooks::try_parse_from(options)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::When;

    #[test]
    fn options_stand_on_lines_and_the_last_counts() {
        let usual = parse("rc", "# mine\n\n  --color=never\n--pager\r\n--color=always\n--pager\n").unwrap();
        assert_eq!((usual.color, usual.pager), (Some(When::Always), true));
        assert!(usual.time_format.is_none());
    }

    #[test]
    fn what_cannot_stand_there_is_told_with_its_line() {
        for (text, expected) in [
            ("\n--json", "rc, line 2: `--json` cannot stand here; what can is --color=WHEN"),
            ("--colour=always", "rc, line 1: `--colour=always` cannot stand here"),
            ("--color=red", "rc, line 1: `--color=red` has no value that is known; they are auto, always, never"),
            ("--color", "rc, line 1: `--color` has no value that is known; they are auto, always, never"),
            ("--color always", "rc, line 1: `--color always` cannot stand here"),
            ("dump.flow", "rc, line 1: `dump.flow` cannot stand here"),
            ("--help", "rc, line 1: `--help` cannot stand here"),
        ] {
            let error = parse("rc", text).unwrap_err().to_string();
            assert!(error.starts_with(expected), "{text}: {error}");
        }
    }
}
