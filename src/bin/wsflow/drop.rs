//! `wsflow drop`: messages marked as dropped, unmarked or deleted; all other bytes stay.
//!
//! What of the input is damaged is copied as it is, and said. A file whose last flow is incomplete is not replaced in
//! place unless `--force` is given: it may still be written to, and what its writer appends would go to the old file
//! and with it. One that a program has open for writing is not replaced at all.

use std::io::{self, Write};

use anyhow::{Context as _, bail};
use wsflow::Situation;
use wsflow::edit::{Editor, FlowEdit, Others, Positions};
use wsflow::flow::Message;
use wsflow::scan::Scope;

use crate::args::{DropArgs, What};
use crate::choice::Choice;
use crate::editing::{self, Search};
use crate::ids::Seen;
use crate::input::{self, Input};
use crate::report::{Report, shell_word};
use crate::target::{Place, Target};

pub(crate) fn run(mut args: DropArgs, report: &mut Report) -> anyhow::Result<()> {
    let (what, file) = args.operands()?;
    let place = match &args.out {
        Some(out) => Some(Place::flow_file(out, args.force, std::slice::from_ref(&file))?),
        None if args.in_place => Some(Place::in_place(&file, args.backup.as_deref(), args.force)?),
        None => None,
    };
    let input = input::open(&file, &args.reading)?.whole()?;
    // Before the output is begun, which may be a pipe.
    if let What::Ids(ids) = &what
        && let seen = Seen::in_capture(input.reader()?, ids)
        && let Some(missing) = seen.missing(ids, Scope::WebSocket, Some(&input.name))
    {
        bail!("{missing}");
    }
    let mut out = match place {
        Some(place) if !args.dry_run => Out::Target(place.open()?),
        _ => Out::Nowhere,
    };
    let summary = edit(&args, &what, &input, &mut out, report)?;
    match out {
        // A file that would be the same is better left alone.
        Out::Target(target) if !args.in_place || summary.messages > 0 => target.commit()?,
        Out::Target(_) | Out::Nowhere => {}
    }
    summary.say(Change::new(&args), &input.name, args.dry_run, report);
    Ok(())
}

/// Writes the changed capture.
fn edit(args: &DropArgs, what: &What, input: &Input, out: &mut Out, report: &mut Report) -> anyhow::Result<Summary> {
    let name = &input.name;
    let mut editor = match Editor::new(input.bytes(), input.format(), Others::Copy, out) {
        Ok(editor) => editor,
        Err(error) if matches!(error.situation(), Situation::NotEditable(_)) => {
            bail!("{name}: {error}, and `wsflow encode {} -o OUT.flow` makes one of it", shell_word(name))
        }
        Err(error) => return Err(error).context(name.clone()),
    };
    let change = Change::new(args);
    let choice = match what {
        What::Filter(filter) => Choice { filter: Some(filter), ..Choice::default() },
        What::Ids(ids) => Choice { ids: Some(ids), ..Choice::default() },
    };
    let mut summary = Summary::default();
    let mut told = None;
    let is_wanted = |message: &Message<'_>| change.is_needed(message.dropped);
    let search = Search { scope: Scope::WebSocket, choice, is_wanted, threads: args.reading.threads() };
    search.each_flow(input.reader()?, |flow| {
        match flow {
            Ok(flow) => {
                summary.find(flow.found);
                if flow.count > 0 {
                    let is_in_backup = editor.edit(flow.flow, &change.of(flow.chosen))?;
                    summary.add(flow.count, is_in_backup);
                }
            }
            Err(faults) => {
                report.faults(name, &faults);
                told = faults.last().map(|fault| fault.place().clone());
            }
        }
        Ok(())
    })?;
    let end = editor.finish()?;
    // Who chooses by position may not have come to it.
    if let Some(fault) = end.as_ref().filter(|fault| told.as_ref() != Some(fault.place())) {
        report.fault(name, fault);
    }
    report.end_of_file(name);
    report.not_chosen(choice.filter);
    if args.in_place && !args.force && end.is_some_and(|fault| fault.is_incomplete()) {
        bail!(
            "{name}: not replaced: it may still be written to, and what comes then would be lost; use -o OUT, or \
             --force when nobody writes to it"
        );
    }
    Ok(summary)
}

/// What happens to messages.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Change {
    Mark,
    Unmark,
    Delete,
}

impl Change {
    fn new(args: &DropArgs) -> Change {
        match (args.delete, args.undo) {
            (true, _) => Change::Delete,
            (_, true) => Change::Unmark,
            _ => Change::Mark,
        }
    }

    /// Whether it makes a difference to a message that is marked so.
    fn is_needed(self, dropped: bool) -> bool {
        match self {
            Change::Mark => !dropped,
            Change::Unmark => dropped,
            Change::Delete => true,
        }
    }

    /// What messages are that need no change.
    fn already(self) -> &'static str {
        match self {
            Change::Mark => "marked as dropped already",
            Change::Unmark => "not marked as dropped",
            Change::Delete => "deleted",
        }
    }

    fn of(self, messages: Positions) -> FlowEdit {
        match self {
            Change::Mark => FlowEdit::set_dropped(messages, true),
            Change::Unmark => FlowEdit::set_dropped(messages, false),
            Change::Delete => FlowEdit::remove(messages),
        }
    }
}

/// What was changed.
#[derive(Default)]
struct Summary {
    messages: u64,
    connections: u64,
    /// Messages that were named, and the connections that they are of; not all of them had to be changed.
    found: u64,
    found_in: u64,
    /// Changed connections with a backup that holds messages.
    backups: u64,
}

impl Summary {
    fn find(&mut self, messages: u64) {
        self.found += messages;
        self.found_in += u64::from(messages > 0);
    }

    fn add(&mut self, messages: u64, is_in_backup: bool) {
        self.messages += messages;
        self.connections += 1;
        self.backups += u64::from(is_in_backup);
    }

    fn say(&self, change: Change, name: &str, is_dry_run: bool, report: &Report) {
        let verb = match (change, is_dry_run) {
            (Change::Mark, false) => "marked as dropped:",
            (Change::Mark, true) => "would be marked as dropped:",
            (Change::Unmark, false) => "no longer marked as dropped:",
            (Change::Unmark, true) => "would no longer be marked as dropped:",
            (Change::Delete, false) => "deleted:",
            (Change::Delete, true) => "would be deleted:",
        };
        let counted = editing::counted(self.messages, self.connections);
        let already = change.already();
        report.say(&match (self.messages, self.found) {
            (0, 0) => format!("{name}: nothing matched, so there is nothing to change"),
            (0, found) => {
                let (counted, are) = (editing::counted(found, self.found_in), are(found));
                format!("{name}: nothing to change: {counted} matched, and {are} {already}")
            }
            (changed, found) if changed < found => {
                let more = found - changed;
                format!("{name}: {verb} {counted}; {more} more matched, and {} {already}", are(more))
            }
            _ => format!("{name}: {verb} {counted}"),
        });
        if report.has_damage() {
            report.say(&format!("{name}: what is damaged is copied as it is"));
        }
        if change == Change::Delete && self.backups > 0 {
            let hold = if self.backups == 1 { "holds" } else { "hold" };
            report.say(&format!(
                "{name}: {} of these connections {hold} an earlier copy in `backup`, with its messages; it is left as it is",
                self.backups
            ));
        }
    }
}

fn are(count: u64) -> &'static str {
    if count == 1 { "is" } else { "are" }
}

/// Where the changed capture goes.
enum Out {
    Target(Target),
    Nowhere,
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Out::Target(target) => target.write(bytes),
            Out::Nowhere => Ok(bytes.len()),
        }
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Out::Target(target) => target.write_all(bytes),
            Out::Nowhere => Ok(()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Out::Target(target) => target.flush(),
            Out::Nowhere => Ok(()),
        }
    }
}
