//! `wsflow filter`: only what matches, listed or as a capture.
//!
//! A capture holds, of each connection, the messages that match; the bytes of a message and of all that stands
//! around the messages are those of the input, and so is its format version. Other flows, and what is damaged, are
//! left out unless an option keeps them.

mod keep;

use std::io::{BufWriter, Write};
use std::path::PathBuf;

use anyhow::bail;
use wsflow::edit::{Editor, Others};
use wsflow::filter::Filter;
use wsflow::flow::Message;
use wsflow::scan::{Scope, Selection};

use crate::args::{FilterArgs, FilterCommandArgs, IdArgs, InputArgs, LsArgs, What};
use crate::choice::Choice;
use crate::editing::{self, Chosen, Search};
use crate::hint;
use crate::ids::Seen;
use crate::input::{self, Input};
use crate::ls;
use crate::report::Report;
use crate::target::Place;
use keep::{Fate, Keep, OldConnections};

pub(crate) fn run(mut args: FilterCommandArgs, report: &mut Report) -> anyhow::Result<()> {
    let (what, files) = args.operands()?;
    let (ids, filter) = match &what {
        What::Filter(filter) => (None, Some(filter)),
        What::Ids(ids) => (Some(ids), None),
    };
    let choice = Choice { ids, filter, invert: args.invert_match };
    let keep = Keep { flows: args.flows, others: args.keep_others, invert: args.invert_match };
    let input = InputArgs { files, reading: args.reading };
    let matched = match args.out {
        None => {
            let (count, parse) = (args.count, args.parse);
            let listing = LsArgs {
                input,
                output: args.output,
                filter: FilterArgs::default(),
                ids: IdArgs::default(),
                count,
                parse,
                follow: false,
            };
            ls::list(&listing, choice, report)?
        }
        Some(out) => {
            let files = input::paths(&input)?;
            let place = Place::flow_file(&out, args.force, &files)?;
            // With --flows it is connections that are chosen or not, by what matches in them.
            let choice = Choice { invert: choice.invert && !keep.flows, ..choice };
            let capture = Capture { choice, keep, threads: input.reading.threads() };
            let Some(inputs) = whole_inputs(&input, &files, report) else {
                report.not_written(place.name());
                return Ok(());
            };
            // Before the output is begun, which may be a pipe.
            if let Some(ids) = ids {
                no_id_is_missing(ids, &inputs)?;
            }
            let matched = capture.write(place, &inputs, report)?;
            report.not_chosen(filter);
            matched
        }
    };
    if matched == 0 {
        report.nothing_matched();
        if let Some(hint) = filter.and_then(hint::of) {
            report.say(&hint);
        }
    }
    Ok(())
}

/// Refuses ids that name nothing in any of the inputs.
fn no_id_is_missing(ids: &Selection, inputs: &[Input]) -> anyhow::Result<()> {
    let mut seen = Seen::default();
    for input in inputs {
        seen.or(Seen::in_capture(input.reader()?, ids));
    }
    let file = inputs.first().filter(|_| inputs.len() == 1).map(|input| input.name.as_str());
    match seen.missing(ids, Scope::WebSocket, file) {
        Some(missing) => bail!("{missing}"),
        None => Ok(()),
    }
}

/// The inputs, if all of them can be read: a capture that lacks one would look complete.
fn whole_inputs(args: &InputArgs, files: &[PathBuf], report: &mut Report) -> Option<Vec<Input>> {
    let mut inputs = Vec::new();
    for path in files {
        let input = input::open(path, &args.reading).and_then(Input::whole);
        match input.and_then(|input| input.reader().map(drop).map(|()| input)) {
            Ok(input) => inputs.push(input),
            Err(error) => report.unreadable(&error),
        }
    }
    (inputs.len() == files.len()).then_some(inputs)
}

/// The capture of the messages of an input that match, in a file that no other process can find.
pub(crate) fn matching(input: Input, filter: &Filter, threads: usize, report: &mut Report) -> anyhow::Result<Input> {
    let input = input.whole()?;
    let choice = Choice { filter: Some(filter), ..Choice::default() };
    let keep = Keep { flows: false, others: false, invert: false };
    let capture = Capture { choice, keep, threads };
    Input::made(input.name.clone(), |file| {
        let mut out = BufWriter::new(file);
        capture.copy(&input, &mut out, &mut Kept::default(), report)?;
        Ok(out.flush()?)
    })
}

/// A capture to be written.
struct Capture<'c> {
    choice: Choice<'c>,
    keep: Keep,
    threads: usize,
}

impl Capture<'_> {
    /// Writes what is kept of the inputs, and says how many connections that are.
    fn write(&self, place: Place, inputs: &[Input], report: &mut Report) -> anyhow::Result<u64> {
        let name = place.name().to_owned();
        let mut target = place.open()?;
        let mut kept = Kept::default();
        for input in inputs {
            self.copy(input, &mut target, &mut kept, report)?;
        }
        if kept.is_nothing() {
            // What is there may be worth more than an empty capture.
            report.say(&format!("{name}: nothing matched, so nothing is written"));
            return Ok(0);
        }
        target.commit()?;
        kept.say(&name, self.keep, report);
        Ok(kept.connections)
    }

    /// Copies what is kept of one input.
    fn copy(
        &self,
        input: &Input,
        out: &mut (impl Write + Send),
        kept: &mut Kept,
        report: &mut Report,
    ) -> anyhow::Result<()> {
        let name = &input.name;
        let mut editor = Editor::new(input.bytes(), input.format(), Others::LeaveOut, out)?;
        let mut old = None;
        self.search().each_flow(input.reader()?, |flow| {
            match flow {
                Ok(mut flow) => match self.fate(&mut flow, input, &mut old)? {
                    Fate::LeftOut => kept.is_all = false,
                    Fate::Handshake => editor.keep(flow.flow)?,
                    Fate::Whole => {
                        editor.keep(flow.flow)?;
                        kept.add(&flow);
                    }
                    Fate::Messages(edit) => {
                        editor.edit(flow.flow, &edit)?;
                        kept.add(&flow);
                    }
                },
                Err(faults) => {
                    kept.is_all = false;
                    report.faults(name, &faults);
                }
            }
            Ok(())
        })?;
        editor.finish()?;
        report.end_of_file(name);
        Ok(())
    }

    /// What becomes of a flow. `old` is found out when the first flow comes that it matters for.
    fn fate(&self, flow: &mut Chosen, input: &Input, old: &mut Option<OldConnections>) -> anyhow::Result<Fate> {
        if flow.is_connection {
            return Ok(self.keep.connection(flow));
        }
        if flow.link.is_some() && old.is_none() {
            *old = Some(self.look_ahead(input)?);
        }
        Ok(self.keep.other(flow, old.as_ref()))
    }

    /// Finds out which of the old connections of a file are kept.
    fn look_ahead(&self, input: &Input) -> anyhow::Result<OldConnections> {
        let mut old = OldConnections::default();
        self.search().each_flow(input.reader()?, |flow| {
            // Faults are told when the file is copied.
            flow.into_iter().for_each(|flow| old.add(flow, self.keep));
            Ok(())
        })?;
        Ok(old)
    }

    /// All flows have to be seen, also those of which nothing can be chosen.
    fn search(&self) -> Search<'_, impl Fn(&Message<'_>) -> bool + Sync> {
        Search { scope: Scope::All, choice: self.choice, is_wanted: |_: &Message<'_>| true, threads: self.threads }
    }
}

/// What was kept, of all inputs.
struct Kept {
    messages: u64,
    connections: u64,
    others: u64,
    /// Whether no flow was left out.
    is_all: bool,
}

impl Default for Kept {
    fn default() -> Kept {
        Kept { messages: 0, connections: 0, others: 0, is_all: true }
    }
}

impl Kept {
    fn add(&mut self, flow: &Chosen) {
        self.messages += flow.count;
        match flow.is_connection {
            true => self.connections += 1,
            false => self.others += 1,
        }
    }

    /// Whether something was there, and nothing of it was kept. Of an empty capture the copy is empty.
    fn is_nothing(&self) -> bool {
        self.connections == 0 && self.others == 0 && !self.is_all
    }

    fn say(&self, out: &str, keep: Keep, report: &Report) {
        let others = match self.others {
            0 => String::new(),
            others => format!(", and {}", editing::plural(others, "other flow")),
        };
        let kept = match keep.flows {
            true => editing::plural(self.connections, "connection"),
            false => editing::counted(self.messages, self.connections),
        };
        report.say(&format!("{out}: kept {kept}{others}"));
    }
}
