//! The pager, between stdout and the terminal, when `--pager` asks for one.

use std::process::Child;

/// What pages where no variable names another: it ends by itself when all fits the screen (`-F`), ignores case when
/// searching (`-I`), lets colours through (`-R`), and leaves on the screen what was read (`-X`).
const USUAL: &str = "less -FIRX";

/// The variables that can name a pager; the first that does counts.
const VARIABLES: [&str; 2] = ["WSFLOW_PAGER", "PAGER"];

/// A pager that runs. What is written to stdout goes through it.
pub(crate) struct Pager {
    child: Child,
}

#[cfg(unix)]
impl Pager {
    /// Starts the pager, and puts it between stdout and the terminal.
    pub(crate) fn begin() -> anyhow::Result<Pager> {
        use std::process::{Command, Stdio};
        use std::sync::Arc;
        use std::sync::atomic::AtomicBool;

        use anyhow::{Context as _, bail};

        let (name, line) = command_line();
        let words = shell_words::split(&line).with_context(|| format!("{name}={line}"))?;
        let [program, arguments @ ..] = words.as_slice() else { bail!("{name} names no program") };
        let child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            // `less` shows colours as they are typed unless it is told otherwise.
            .env("LESS", std::env::var_os("LESS").unwrap_or_else(|| "FRX".into()))
            .spawn()
            .with_context(|| format!("the pager `{line}` does not start; name another in WSFLOW_PAGER"))?;
        let mut pager = Pager { child };
        if let Some(pipe) = pager.child.stdin.take() {
            rustix::stdio::dup2_stdout(&pipe)?;
        }
        // Ctrl-C is for the pager, which still needs its terminal.
        signal_hook::flag::register(signal_hook::consts::SIGINT, Arc::new(AtomicBool::new(false)))?;
        Ok(pager)
    }
}

#[cfg(unix)]
impl Drop for Pager {
    /// Says that nothing more comes, and waits until the pager was left.
    fn drop(&mut self) {
        // The pipe ends when its last copy is closed, which is stdout.
        if let Ok(nothing) = std::fs::File::options().write(true).open("/dev/null") {
            _ = rustix::stdio::dup2_stdout(&nothing);
        }
        drop(self.child.wait());
    }
}

#[cfg(not(unix))]
impl Pager {
    pub(crate) fn begin() -> anyhow::Result<Pager> {
        let (_, line) = command_line();
        anyhow::bail!("--pager is not there on this system; pipe into it: wsflow ls --color always | {line}")
    }
}

/// The variable that names the pager, and what it says.
fn command_line() -> (&'static str, String) {
    let named = |name: &'static str| Some((name, std::env::var(name).ok().filter(|line| !line.trim().is_empty())?));
    VARIABLES.into_iter().find_map(named).unwrap_or((VARIABLES[0], USUAL.to_owned()))
}
