//! `wsflow man`: manual pages, made from what `--help` is made from.

use std::fs;
use std::io::{self, Write as _};

use anyhow::{Context as _, bail};
use clap::{Command, CommandFactory as _};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};

use crate::args::{Args, ManArgs};
use crate::streams;

pub(crate) fn run(args: &ManArgs) -> anyhow::Result<()> {
    let mut program = Args::command().disable_help_subcommand(true);
    program.build();
    if let Some(folder) = &args.dir {
        let name = || folder.display().to_string();
        fs::create_dir_all(folder).with_context(name)?;
        for command in std::iter::once(&program).chain(program.get_subcommands()) {
            let path = folder.join(format!("{}.1", page_name(command)));
            fs::write(&path, page(command)?).with_context(|| path.display().to_string())?;
        }
        return Ok(());
    }
    let command = match &args.command {
        None => &program,
        Some(name) => match program.find_subcommand(name) {
            Some(command) => command,
            None => {
                let names: Vec<_> = program.get_subcommands().map(Command::get_name).collect();
                bail!("there is no command {name}; the commands are {}", names.join(", "));
            }
        },
    };
    let mut stdout = streams::stdout();
    stdout.write_all(&page(command)?)?;
    Ok(stdout.flush()?)
}

/// `wsflow`, `wsflow-ls`.
fn page_name(command: &Command) -> &str {
    command.get_display_name().unwrap_or(command.get_name())
}

fn page(command: &Command) -> io::Result<Vec<u8>> {
    let man = Man::new(command.clone()).source(concat!("wsflow ", env!("CARGO_PKG_VERSION"))).manual("wsflow");
    let mut out = Vec::new();
    man.render_title(&mut out)?;
    man.render_name_section(&mut out)?;
    man.render_synopsis_section(&mut out)?;
    man.render_description_section(&mut out)?;
    man.render_options_section(&mut out)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut out)?;
    }
    if let Some(text) = command.get_after_long_help().or(command.get_after_help()) {
        details(&text.to_string()).to_writer(&mut out)?;
    }
    Ok(out)
}

/// Text that is laid out already: its lines stay as they are.
fn details(text: &str) -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["DETAILS"]);
    roff.control("nf", []);
    for line in text.lines() {
        roff.text([roman(line)]);
    }
    roff.control("fi", []);
    roff
}
