//! `wsflow stats`: counts, bytes, rates, sizes, gaps, close codes.

mod top;

use std::io::{self, Write as _};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicI64, Ordering};

use anyhow::bail;
use wsflow::output::Looks;
use wsflow::scan::{self, Batch, Cutter, Piece, Scope};
use wsflow::stats::{Connection, Listed, Summary, Table, Timeline, Total};

use crate::args::{StatsArgs, StatsFormat};
use crate::choice::Choice;
use crate::ids::Seen;
use crate::report::{Faults, Report};
use crate::{input, streams};
use top::Top;

/// Connections that the table lists unless more are asked for.
const LISTED: usize = 10;

pub(crate) fn run(args: StatsArgs, report: &mut Report) -> anyhow::Result<()> {
    let paths = input::paths(&args.input)?;
    let ids = args.ids.selection();
    let choice = Choice { ids: ids.as_ref(), filter: args.filter.filter.as_ref(), ..Choice::default() };
    let scope = if ids.is_some() { Scope::All } else { Scope::WebSocket };
    let mut seen = Seen::default();
    let names: Vec<_> = paths.iter().map(|path| path.display().to_string()).collect();
    let files = if names.len() > 1 { names } else { Vec::new() };
    let mut printer = Printer::begin(&args, &files)?;
    let mut total = Total::default();
    // The intervals of the timeline are at least as wide as this.
    let width = AtomicI64::new(total.timeline.width());
    for (file, path) in paths.iter().enumerate() {
        let Some(input) = report.readable(input::open(path, &args.input.reading)) else { continue };
        let Some(reader) = report.readable(input.reader()) else { continue };
        let cutter = Cutter::new(reader, scope).select(choice.selection());
        let mut seen_here = Seen::default();
        let work = |batch: &Batch<'_>, emit: &mut dyn FnMut(Part)| {
            Part::count(batch, choice, file, || width.load(Ordering::Relaxed), args.kinds, emit);
        };
        // The connection whose messages are still coming.
        let mut open: Option<Counted> = None;
        scan::run_in_parts(cutter, args.input.reading.threads(), work, |part| -> io::Result<_> {
            let part = match part {
                Ok(part) => part,
                Err(fault) => {
                    report.fault(&input.name, &fault);
                    return Ok(ControlFlow::Continue(()));
                }
            };
            report.faults(&input.name, &part.faults);
            seen_here.append(part.seen);
            total.merge(part.total);
            width.store(total.timeline.width(), Ordering::Relaxed);
            for counted in part.pieces {
                let (is_first, is_last) = (counted.is_first, counted.is_last);
                let counted = match open.take() {
                    Some(before) if !is_first => before.append(counted),
                    _ => counted,
                };
                match (is_first, is_last) {
                    (_, false) => open = Some(counted),
                    (_, true) if !counted.is_there() => {}
                    (false, true) => {
                        total.end(&counted.connection);
                        printer.connection(&counted.connection)?;
                    }
                    // Its thread has counted it already.
                    (true, true) => printer.connection(&counted.connection)?,
                }
            }
            Ok(ControlFlow::Continue(()))
        })?;
        report.end_of_file(&input.name);
        seen.or(seen_here);
    }
    printer.end(total)?;
    report.unanswered(choice.filter);
    let file = paths.first().filter(|_| paths.len() == 1).map(|path| input::name(path));
    if let Some(missing) = ids.as_ref().and_then(|ids| seen.missing(ids, Scope::WebSocket, file.as_deref())) {
        bail!("{missing}");
    }
    Ok(())
}

/// Connections are handed on when their percentiles take this many bytes. Those of a batch of usual connections take less.
const LARGEST_PART: usize = 2 << 20;

/// Rows are written when they have this many bytes.
const LARGEST_WRITE: usize = 1 << 16;

/// What a thread counted in a batch, or in a part of it.
#[derive(Default)]
struct Part {
    /// Of the connections that are in the batch as a whole; and of all messages, when they came.
    total: Total,
    pieces: Vec<Counted>,
    /// What is there of the flows that ids are about.
    seen: Seen,
    faults: Faults,
}

/// What was counted in a piece of a connection, or in all of it.
struct Counted {
    connection: Connection,
    is_first: bool,
    is_last: bool,
    /// Whether it counts as a connection although no message of it was chosen.
    is_chosen: bool,
}

impl Part {
    fn count(
        batch: &Batch<'_>,
        choice: Choice<'_>,
        file: usize,
        width: impl Fn() -> i64,
        with_kinds: bool,
        emit: &mut dyn FnMut(Part),
    ) {
        let new = || {
            let total = Total { timeline: Timeline::of_part(width()), ..Total::default() };
            Part { total, ..Part::default() }
        };
        let mut part = new();
        let mut memory = 0;
        for piece in &batch.pieces {
            choice.ids.iter().for_each(|ids| part.seen.see(piece, ids));
            if !piece.is_connection() {
                continue;
            }
            let mut counted = Counted::new(piece, choice, file, &mut part.faults);
            let total = &mut part.total;
            // Faults of the flow were told with its first piece.
            let flow = with_kinds.then(|| piece.context().0);
            choice.pick(piece, &mut part.faults, |message| {
                counted.connection.add(&message, &mut total.timeline);
                if let Some(flow) = flow {
                    total.kinds.add(&message, flow);
                }
            });
            if counted.is_first && counted.is_last && counted.is_there() {
                part.total.end(&counted.connection);
            }
            memory += counted.connection.figures.memory();
            part.pieces.push(counted);
            if memory >= LARGEST_PART {
                memory = 0;
                emit(std::mem::replace(&mut part, new()));
            }
        }
        emit(part);
    }
}

impl Counted {
    fn new(piece: &Piece<'_>, choice: Choice<'_>, file: usize, faults: &mut Faults) -> Counted {
        let index = piece.record.index;
        let mut counted = Counted {
            connection: Connection::part(file, index),
            is_first: piece.is_first,
            is_last: piece.is_last,
            is_chosen: choice.is_everything(),
        };
        if !piece.is_first {
            return counted;
        }
        match piece.flow() {
            Ok(flow) => {
                let (connection, found) = Connection::new(&flow, file, index);
                faults.extend(found.into_iter().map(|fault| piece.locate_flow(fault)));
                counted.connection = connection;
                counted.is_chosen |= piece.is_empty() && choice.has_flow(&flow, index);
            }
            Err(error) => faults.push(piece.locate_flow(error)),
        }
        counted
    }

    fn is_there(&self) -> bool {
        self.is_chosen || self.connection.figures.messages() > 0
    }

    fn append(mut self, next: Counted) -> Counted {
        self.connection.append(&next.connection);
        self
    }
}

/// Prints connections as they end, and the capture at last.
struct Printer<'a> {
    format: StatsFormat,
    files: &'a [String],
    /// The connections that are printed, where not all are.
    top: Option<Top>,
    looks: Looks,
    is_first: bool,
    /// What is not written yet.
    out: Vec<u8>,
}

impl<'a> Printer<'a> {
    fn begin(args: &StatsArgs, files: &'a [String]) -> io::Result<Printer<'a>> {
        let format = args.format();
        let limit = args.limit.or((format == StatsFormat::Table).then_some(LISTED));
        if format == StatsFormat::Json {
            streams::stdout().write_all(b"{\"connections\":[")?;
        }
        Ok(Printer {
            format,
            files,
            top: limit.map(Top::new),
            looks: args.looks.looks(format == StatsFormat::Table),
            is_first: true,
            out: Vec::new(),
        })
    }

    fn connection(&mut self, connection: &Connection) -> io::Result<()> {
        match &mut self.top {
            Some(top) => {
                top.offer(connection, self.files);
                Ok(())
            }
            None => self.object(&Listed::new(connection, self.files)),
        }
    }

    fn object(&mut self, listed: &Listed) -> io::Result<()> {
        let out = &mut self.out;
        if self.format == StatsFormat::Json {
            out.extend_from_slice(if self.is_first { b"\n" } else { b",\n" });
        }
        listed.push_json(out, self.looks);
        if self.format == StatsFormat::Ndjson {
            out.push(b'\n');
        }
        self.is_first = false;
        if out.len() < LARGEST_WRITE {
            return Ok(());
        }
        let written = streams::stdout().write_all(out);
        out.clear();
        written
    }

    fn end(mut self, total: Total) -> io::Result<()> {
        let summary = Summary::new(total, self.files);
        let listed = self.top.take().map(Top::into_listed).unwrap_or_default();
        if self.format != StatsFormat::Table {
            listed.iter().try_for_each(|connection| self.object(connection))?;
        }
        let mut out = self.out;
        match self.format {
            StatsFormat::Table => {
                Table { looks: self.looks }.push(&mut out, &summary, &listed);
            }
            StatsFormat::Ndjson | StatsFormat::Json => {
                if self.format == StatsFormat::Json {
                    out.extend_from_slice(b"\n],\"capture\":\n");
                }
                summary.push_json(&mut out, self.looks);
                out.extend_from_slice(if self.format == StatsFormat::Json { b"}\n" } else { b"\n" });
            }
        }
        streams::stdout().write_all(&out)?;
        streams::stdout().flush()
    }
}
