//! `wsflow ls`: messages, one line each.

use std::collections::VecDeque;
use std::io::{self, Write as _};
use std::ops::ControlFlow;

use anyhow::bail;
use wsflow::output::{Format, MessageField, MessageRow, Writer};
use wsflow::scan::{self, Batch, Cutter, Scope};

use crate::args::{LsArgs, OutputArgs};
use crate::choice::Choice;
use crate::follow::{End, Stop};
use crate::ids::Seen;
use crate::input;
use crate::listing::{self, LARGEST_PART, Listing, Rows, Spare};
use crate::report::{Faults, Report};
use crate::streams;

pub(crate) fn run(args: LsArgs, report: &mut Report) -> anyhow::Result<()> {
    let ids = args.ids.selection();
    let choice = Choice { ids: ids.as_ref(), filter: args.filter.filter.as_ref(), ..Choice::default() };
    list(&args, choice, report).map(drop)
}

/// Lists the messages of a choice, and says how many they were.
pub(crate) fn list(args: &LsArgs, choice: Choice<'_>, report: &mut Report) -> anyhow::Result<u64> {
    let fields = listing::fields(&args.output)?;
    let paths = input::paths(&args.input)?;
    let with_file = paths.len() > 1;
    if args.follow && with_file {
        bail!("--follow: one FILE can be followed, and there are {}", paths.len());
    }
    let stop = args.follow.then(Stop::at_interrupt).transpose()?;
    let has_headings = with_file && listing::has_headings(&args.output);
    let names_file = fields.as_ref().is_some_and(|fields: &Vec<MessageField>| fields.contains(&MessageField::File));
    let is_table = args.output.format() == Format::Table;
    let mut fields = fields.unwrap_or_else(|| match args.output.format() {
        Format::Table => MessageField::of_table(with_file && !has_headings),
        Format::Raw => vec![MessageField::Content],
        Format::Ndjson | Format::Json | Format::Csv => MessageField::of_object(with_file, args.parse),
    });
    if args.parse {
        parse(&mut fields, &args.output)?;
    }
    if is_table && fields.contains(&MessageField::Kind) {
        // The kind is not said twice.
        replace(&mut fields, MessageField::Preview, MessageField::Content);
    }
    let options = listing::options(&args.output)?;
    let looks = options.looks;
    let writer = Writer::new(fields, options);
    let threads = args.input.reading.threads();
    let limit = args.output.limit;
    let spare = Spare::default();

    // What is not there yet may come where a file is followed.
    let ids = choice.ids.filter(|_| !args.follow);
    let scope = if ids.is_some() { Scope::All } else { Scope::WebSocket };
    let mut seen = Seen::default();
    let mut listing = if args.count { None } else { Some(Listing::begin(&writer, limit)?) };
    let mut count = 0;
    // A thread may be waiting for more.
    let enough = || stop.iter().for_each(Stop::set);
    let mut waiting: VecDeque<_> = paths.iter().collect();
    while let Some(path) = waiting.pop_front() {
        if limit.is_some_and(|limit| count >= limit) {
            // What was named and is not there is told all the same.
            report.readable(input::exists(path));
            continue;
        }
        let opened = match &stop {
            Some(stop) => input::follow(path, &args.input.reading, stop.clone()),
            None => input::open(path, &args.input.reading),
        };
        let Some(input) = report.readable(opened) else { continue };
        let Some(reader) = report.readable(input.reader()) else { continue };
        report.reads(reader.format());
        let cutter = Cutter::new(reader, scope).select(choice.selection());
        let mut seen_here = Seen::default();
        if let Some(listing) = listing.as_mut().filter(|_| has_headings) {
            listing.file(&input.name, looks);
        }
        let file = (with_file || names_file).then_some(input.name.as_str());
        let work = |batch: &Batch<'_>, emit: &mut dyn FnMut(Part)| match args.count {
            true => emit(Part::count(batch, choice)),
            false => Part::list(batch, choice, &writer, file, &spare, emit),
        };
        scan::run_in_parts(cutter, threads, work, |part| -> io::Result<_> {
            match part {
                Ok(part) => {
                    report.faults(&input.name, &part.faults);
                    count += part.count;
                    seen_here.append(part.seen);
                    if let Some(listing) = &mut listing {
                        listing.write(&part.rows).inspect_err(|_| enough())?;
                        spare.put(part.rows);
                    }
                }
                // What was waited for did not come.
                Err(fault) if fault.is_incomplete() && input.end().is_some() => {}
                Err(fault) => report.fault(&input.name, &fault),
            }
            if limit.is_none_or(|limit| count < limit) {
                return Ok(ControlFlow::Continue(()));
            }
            enough();
            Ok(ControlFlow::Break(()))
        })?;
        report.end_of_file(&input.name);
        seen.or(seen_here);
        if let Some(end @ (End::Truncated | End::Replaced)) = input.end() {
            report.say(&format!("{}: {end}", input.name));
            waiting.push_front(path);
        }
    }
    match listing {
        Some(listing) => listing.end()?,
        None => writeln!(streams::stdout(), "{}", count.min(limit.unwrap_or(u64::MAX)))?,
    }
    report.unanswered(choice.filter);
    let is_full = limit.is_some_and(|limit| count >= limit);
    let file = paths.first().filter(|_| !with_file).map(|path| input::name(path));
    if let Some(missing) = ids.filter(|_| !is_full).and_then(|ids| seen.missing(ids, Scope::WebSocket, file.as_deref()))
    {
        bail!("{missing}");
    }
    Ok(count)
}

/// Adds the decoded content to fields: as `json`, and for people in the place of the content.
fn parse(fields: &mut Vec<MessageField>, args: &OutputArgs) -> anyhow::Result<()> {
    match args.format() {
        Format::Raw => {
            bail!("--parse: --format raw has the contents as they are; for what they are decoded to: --fields json")
        }
        Format::Table if args.fields.is_none() => replace(fields, MessageField::Preview, MessageField::Decoded),
        _ if fields.contains(&MessageField::Json) => {}
        _ => fields.push(MessageField::Json),
    }
    Ok(())
}

fn replace(fields: &mut [MessageField], old: MessageField, new: MessageField) {
    fields.iter_mut().filter(|field| **field == old).for_each(|field| *field = new);
}

/// What a thread makes of a batch, or of a part of it.
#[derive(Default)]
struct Part {
    rows: Rows,
    count: u64,
    /// What is there of the flows that ids are about.
    seen: Seen,
    faults: Faults,
}

impl Part {
    fn count(batch: &Batch<'_>, choice: Choice<'_>) -> Part {
        let mut part = Part::default();
        for piece in &batch.pieces {
            choice.ids.iter().for_each(|ids| part.seen.see(piece, ids));
            part.count += choice.count(piece, &mut part.faults);
        }
        part
    }

    /// Lists a batch in parts, since rows can be much larger than the messages they are made of.
    fn list(
        batch: &Batch<'_>,
        choice: Choice<'_>,
        writer: &Writer<MessageField>,
        file: Option<&str>,
        spare: &Spare,
        emit: &mut dyn FnMut(Part),
    ) {
        let new = || Part { rows: spare.take(), ..Part::default() };
        let mut part = new();
        for piece in &batch.pieces {
            choice.ids.iter().for_each(|ids| part.seen.see(piece, ids));
            if !piece.is_connection() {
                continue;
            }
            let (flow, faults) = piece.context();
            part.faults.extend(faults);
            let mut found = Faults::default();
            let mut writer = writer.of_one_flow();
            choice.pick(piece, &mut found, |message| {
                part.count += 1;
                part.rows.push_with(|out| writer.row(out, &MessageRow::new(file, flow, message)));
                if part.rows.bytes.len() >= LARGEST_PART {
                    emit(std::mem::replace(&mut part, new()));
                }
            });
            part.faults.append(found);
        }
        emit(part);
    }
}
