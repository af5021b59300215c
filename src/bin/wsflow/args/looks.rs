//! The options that change looks only. `WSFLOW_CONFIG` can name a file with others than the usual ones.

use clap::ValueEnum;
use wsflow::output::{Looks, Terminal};

use super::Time;
use crate::color;

/// The section of help that these options are in.
const HEADING: &str = "Looks";

/// How output looks, where it is for people.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub(crate) struct LooksArgs {
    /// Colours; by itself on a terminal, unless NO_COLOR or TERM=dumb says no (CLICOLOR_FORCE: tables in a pipe too)
    #[arg(long, value_enum, value_name = "WHEN", help_heading = HEADING)]
    color: Option<When>,
    /// On a terminal, page the output: with $WSFLOW_PAGER, $PAGER or `less -FIRX`
    #[arg(long, overrides_with = "no_pager", help_heading = HEADING)]
    pager: bool,
    /// No pager, whatever the file that WSFLOW_CONFIG names says
    #[arg(long, overrides_with = "pager", help_heading = HEADING)]
    no_pager: bool,
    /// What the user's file says.
    #[arg(skip)]
    usual: UsualLooks,
    /// The terminal that stdout is.
    #[arg(skip)]
    terminal: Option<Terminal>,
}

/// When there are colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    /// Where they are seen
    #[default]
    Auto,
    /// In files and pipes too
    Always,
    /// Nowhere
    Never,
}

/// What the file says that `WSFLOW_CONFIG` names: the options that may stand there.
#[derive(Clone, Copy, Debug, Default, clap::Parser)]
#[command(no_binary_name = true, disable_help_flag = true, args_override_self = true)]
pub(crate) struct UsualLooks {
    #[arg(long, value_enum)]
    pub(crate) color: Option<When>,
    #[arg(long)]
    pub(crate) pager: bool,
    #[arg(long, value_enum)]
    pub(crate) time_format: Option<Time>,
}

impl LooksArgs {
    /// Takes in what is usual for the user, and the terminal that stdout is.
    pub(crate) fn settle(&mut self, usual: &UsualLooks, terminal: Option<Terminal>) {
        self.usual = *usual;
        self.terminal = terminal;
    }

    /// The terminal that stdout is, with or without a pager between.
    pub(crate) fn terminal(&self) -> Option<Terminal> {
        self.terminal
    }

    /// How output looks. What is for programs gets colours in a pipe only from the command line itself.
    pub(crate) fn looks(&self, is_for_people: bool) -> Looks {
        let usual = self.usual.color.filter(|when| is_for_people || *when != When::Always);
        let is_terminal = self.terminal.is_some();
        let color = color::is_wanted(self.color.or(usual).unwrap_or_default(), is_terminal, is_for_people);
        Looks { terminal: self.terminal, color }
    }

    /// Whether a pager is wanted, and there is somebody to turn pages.
    pub(crate) fn is_paged(&self) -> bool {
        self.terminal.is_some() && (self.pager || self.usual.pager && !self.no_pager)
    }
}
