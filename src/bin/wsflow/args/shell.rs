//! The arguments of the commands that fit the program into a system: completion and man.

use std::path::PathBuf;

use clap_complete::Shell;

pub(crate) const COMPLETION_LEGEND: &str = "\
bash, zsh and fish complete operators of the filter language and fields too.
Where the scripts go:
  bash        ~/.local/share/bash-completion/completions/wsflow
  zsh         ~/.zfunc/_wsflow, with ~/.zfunc in $fpath before compinit
  fish        ~/.config/fish/completions/wsflow.fish
  powershell  at the end of $PROFILE
  elvish      at the end of ~/.config/elvish/rc.elv

Example: wsflow completion fish > ~/.config/fish/completions/wsflow.fish";

pub(crate) const MAN_LEGEND: &str = "\
Without --dir a page is printed.

Examples:
  wsflow man ls | man -l -
  wsflow man --dir ~/.local/share/man/man1      then `man wsflow-ls` finds it";

#[derive(Debug, clap::Args)]
pub(crate) struct CompletionArgs {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: Shell,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ManArgs {
    /// The command that the page is about; the program itself when left out
    pub(crate) command: Option<String>,
    /// Write the pages of the program and of all commands into a folder
    #[arg(long, value_name = "DIR", conflicts_with = "command")]
    pub(crate) dir: Option<PathBuf>,
}
