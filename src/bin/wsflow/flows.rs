//! `wsflow flows`: connections, one line each.

use std::io::{self, Write as _};
use std::ops::ControlFlow;

use wsflow::filter::Filter;
use wsflow::output::{FlowField, FlowRow, Format, MessageCounts, Writer};
use wsflow::scan::{self, Batch, Cutter, Scope};

use crate::args::FlowsArgs;
use crate::input;
use crate::listing::{self, Listing, Rows};
use crate::report::{Faults, Report};
use crate::streams;

/// A terminal of fewer columns has no room for all of a line.
const NARROW: usize = 100;

pub(crate) fn run(args: FlowsArgs, report: &mut Report) -> anyhow::Result<()> {
    let fields = listing::fields(&args.output)?;
    let paths = input::paths(&args.input)?;
    let with_file = paths.len() > 1;
    let has_headings = with_file && listing::has_headings(&args.output);
    let names_file = fields.as_ref().is_some_and(|fields: &Vec<FlowField>| fields.contains(&FlowField::File));
    let fields = fields.unwrap_or_else(|| match args.output.format() {
        Format::Table | Format::Raw => {
            let mut fields = FlowField::of_table(with_file && !has_headings, args.all);
            // The URL needs the room more than what is the same in every line, or found out by `stats`.
            let is_narrow = args.output.looks.terminal().is_some_and(|terminal| terminal.width < NARROW);
            let less = if args.all { FlowField::Start } else { FlowField::Status };
            let is_left_out = |field| field == FlowField::Bytes || field == less;
            fields.retain(|field| !is_narrow || !is_left_out(*field));
            fields
        }
        Format::Ndjson | Format::Json | Format::Csv => FlowField::of_object(with_file),
    });
    let options = listing::options(&args.output)?;
    let looks = options.looks;
    let writer = Writer::new(fields, options);
    let threads = args.input.reading.threads();
    let scope = if args.all { Scope::All } else { Scope::WebSocket };
    let limit = args.output.limit;

    let mut listing = if args.count { None } else { Some(Listing::begin(&writer, limit)?) };
    let mut count = 0;
    for path in &paths {
        if limit.is_some_and(|limit| count >= limit) {
            // What was named and is not there is told all the same.
            report.readable(input::exists(path));
            continue;
        }
        let Some(input) = report.readable(input::open(path, &args.input.reading)) else { continue };
        let Some(reader) = report.readable(input.reader()) else { continue };
        report.reads(reader.format());
        if let Some(listing) = listing.as_mut().filter(|_| has_headings) {
            listing.file(&input.name, looks);
        }
        let file = (with_file || names_file).then_some(input.name.as_str());
        // The flow whose messages are still coming.
        let mut open: Option<FlowRow> = None;
        let count_pieces = |batch: &Batch<'_>| count_pieces(batch, args.filter.filter.as_ref());
        scan::run(Cutter::new(reader, scope), threads, count_pieces, |part| -> io::Result<_> {
            let part = match part {
                Ok(part) => part,
                Err(fault) => {
                    report.fault(&input.name, &fault);
                    return Ok(ControlFlow::Continue(()));
                }
            };
            let mut rows = Rows::default();
            for counted in part {
                report.faults(&input.name, &counted.faults);
                if counted.is_first {
                    open = counted.row;
                }
                if let Some(row) = &mut open {
                    row.file = file.map(str::to_owned);
                    row.count(&counted.counts);
                }
                if counted.is_last
                    && let Some(row) = open.take()
                {
                    count += 1;
                    rows.push(&writer, &row);
                }
            }
            if let Some(listing) = &mut listing {
                listing.write(&rows)?;
            }
            let is_full = limit.is_some_and(|limit| count >= limit);
            Ok(if is_full { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        })?;
        report.end_of_file(&input.name);
    }
    match listing {
        Some(listing) => listing.end()?,
        None => writeln!(streams::stdout(), "{}", count.min(limit.unwrap_or(u64::MAX)))?,
    }
    report.unanswered(args.filter.filter.as_ref());
    Ok(())
}

/// What a thread found in one piece of a flow.
struct Counted {
    /// The flow's row, when the piece is its first and the flow matches.
    row: Option<FlowRow>,
    counts: MessageCounts,
    is_first: bool,
    is_last: bool,
    faults: Faults,
}

fn count_pieces(batch: &Batch<'_>, filter: Option<&Filter>) -> Vec<Counted> {
    batch
        .pieces
        .iter()
        .map(|piece| {
            let mut counted = Counted {
                row: None,
                counts: MessageCounts::default(),
                is_first: piece.is_first,
                is_last: piece.is_last,
                faults: Faults::default(),
            };
            if piece.is_first {
                match piece.flow() {
                    Ok(flow) if filter.is_none_or(|filter| filter.matches_flow(&flow, piece.record.index)) => {
                        let (row, faults) = FlowRow::new(&flow, piece.record.index);
                        counted.row = Some(row);
                        counted.faults.extend(faults.into_iter().map(|fault| piece.locate_flow(fault)));
                    }
                    Ok(_) => return counted,
                    Err(error) => counted.faults.push(piece.locate_flow(error)),
                }
            }
            piece.messages().for_each(|message| match message {
                Ok(message) => counted.counts.add(&message),
                Err(error) => counted.faults.push(piece.locate(error)),
            });
            counted
        })
        .collect()
}
