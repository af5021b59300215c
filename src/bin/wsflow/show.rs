//! `wsflow show`: messages and connections in full.
use crate::args::ShowArgs;
use crate::report::Report;

pub(crate) fn run(_args: ShowArgs, _report: &mut Report) -> anyhow::Result<()> {
    Ok(())
}
