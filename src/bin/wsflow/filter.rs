//! `wsflow filter`: only what matches, listed or as a capture.
//!
//! A capture holds, of each connection, the messages that match; the bytes of a message and of all that stands
//! around the messages are those of the input, and so is its format version. Other flows, and what is damaged, are
//! left out unless an option keeps them.

use std::path::Path;

use anyhow::Context as _;
use wsflow::edit::{Editor, FlowEdit, Others};
use wsflow::scan::Scope;

use crate::args::{FilterArgs, FilterCommandArgs, InputArgs, LsArgs, What};
use crate::choice::Choice;
use crate::editing::{self, Chosen};
use crate::report::Report;
use crate::target::{Content, Place, Target};
use crate::{input, ls};

pub(crate) fn run(mut args: FilterCommandArgs, report: &mut Report) -> anyhow::Result<()> {
    let (what, files) = args.operands()?;
    let (ids, filter) = match &what {
        What::Filter(filter) => (None, Some(filter)),
        What::Ids(ids) => (Some(ids), None),
    };
    let matched = match args.out.take() {
        None => {
            let choice = Choice { ids, filter, invert: args.invert_match };
            let input = InputArgs { files, reading: args.reading };
            let listing = LsArgs {
                input,
                output: args.output,
                filter: FilterArgs::default(),
                id: None,
                count: args.count,
                parse: args.parse,
            };
            ls::list(&listing, choice, report)?
        }
        Some(out) => {
            let input = InputArgs { files, reading: args.reading };
            let files = input::paths(&input)?;
            let place = Place::output(&out, args.force, Content::Binary, &files)?;
            let name = place.name().to_owned();
            let mut target = place.open()?;
            let keep = Keep { flows: args.flows, others: args.keep_others, invert: args.invert_match };
            let choice = Choice { ids, filter, invert: keep.invert && !keep.flows };
            let mut kept = Kept::default();
            for path in &files {
                copy(path, &input, choice, keep, &mut target, &mut kept, report)?;
            }
            target.commit()?;
            kept.say(&name, report);
            kept.connections
        }
    };
    if matched == 0 {
        report.nothing_matched();
    }
    Ok(())
}

/// What a capture keeps, beside the messages that match.
#[derive(Clone, Copy)]
struct Keep {
    /// All messages of a connection of which one matches.
    flows: bool,
    /// Flows that are no connections.
    others: bool,
    /// What does not match, in the place of what does.
    invert: bool,
}

/// What becomes of a flow.
enum Fate {
    LeftOut,
    Whole,
    Messages(FlowEdit),
}

impl Keep {
    fn fate(self, flow: &mut Chosen) -> Fate {
        let is_kept = |keep| if keep { Fate::Whole } else { Fate::LeftOut };
        if !flow.is_connection {
            return is_kept(self.others);
        }
        if self.flows {
            return is_kept((flow.count > 0 || flow.is_chosen_empty) != self.invert);
        }
        match flow.count {
            0 => Fate::LeftOut,
            _ => Fate::Messages(FlowEdit::keep_only(std::mem::take(&mut flow.chosen))),
        }
    }
}

/// Copies what is kept of one input.
fn copy(
    path: &Path,
    args: &InputArgs,
    choice: Choice<'_>,
    keep: Keep,
    target: &mut Target,
    kept: &mut Kept,
    report: &mut Report,
) -> anyhow::Result<()> {
    let input = input::open(path, &args.reading)?.whole()?;
    let name = &input.name;
    let editor = Editor::new(input.bytes(), input.format(), Others::LeaveOut, target);
    let mut editor = editor.with_context(|| name.clone())?;
    let scope = if keep.others { Scope::All } else { Scope::WebSocket };
    editing::each_flow(
        input.reader()?,
        scope,
        choice,
        args.reading.threads(),
        |_| true,
        |flow| {
            match flow {
                Ok(mut flow) => match keep.fate(&mut flow) {
                    Fate::LeftOut => {}
                    Fate::Whole => {
                        editor.keep(flow.flow)?;
                        kept.add(&flow, flow.messages);
                    }
                    Fate::Messages(edit) => {
                        editor.edit(flow.flow, &edit)?;
                        kept.add(&flow, flow.count);
                    }
                },
                Err(fault) => report.fault(name, &fault),
            }
            Ok(())
        },
    )?;
    editor.finish()?;
    report.end_of_file(name);
    Ok(())
}

/// What was kept, of all inputs.
#[derive(Default)]
struct Kept {
    messages: u64,
    connections: u64,
    others: u64,
}

impl Kept {
    fn add(&mut self, flow: &Chosen, messages: u64) {
        self.messages += messages;
        match flow.is_connection {
            true => self.connections += 1,
            false => self.others += 1,
        }
    }

    fn say(&self, out: &str, report: &Report) {
        let others = match self.others {
            0 => String::new(),
            others => format!(", and {}", editing::plural(others, "other flow")),
        };
        report.say(&format!("{out}: kept {}{others}", editing::counted(self.messages, self.connections)));
    }
}
