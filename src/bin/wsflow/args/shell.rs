//! The arguments of the commands that fit the program into a system: completion and man.

use std::path::PathBuf;

use clap_complete::Shell;

pub(crate) const COMPLETION_LEGEND: &str = "\
bash, zsh and fish complete operators of the filter language and fields too.
Where the scripts go (`mkdir -p` makes a folder that is not there):
  bash        ~/.local/share/bash-completion/completions/wsflow, which the
              package bash-completion reads; without it, `source` the script
  zsh         ~/.zfunc/_wsflow, with fpath=(~/.zfunc $fpath) before compinit in
              ~/.zshrc
  fish        ~/.config/fish/completions/wsflow.fish
  powershell  at the end of $PROFILE
  elvish      at the end of ~/.config/elvish/rc.elv

Example:
  mkdir -p ~/.config/fish/completions
  wsflow completion fish > ~/.config/fish/completions/wsflow.fish";

pub(crate) const MAN_LEGEND: &str = "\
Without --dir a page is printed.

Examples:
  wsflow man ls | man -l -
  wsflow man --dir ~/.local/share/man/man1      then `man wsflow-ls` finds it
`man` looks beside the folders of $PATH: where it finds nothing, ~/.local/bin is
not in $PATH. `man ~/.local/share/man/man1/wsflow-ls.1` finds it always.";

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
