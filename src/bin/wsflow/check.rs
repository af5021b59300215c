//! `wsflow check`: is the file sound? What is odd, and where?

use std::io::{self, Write as _};
use std::ops::ControlFlow;

use wsflow::capture::Reader;
use wsflow::check::{self, Kind, Severity};
use wsflow::output::{FindingField, FindingRow, Format, Sheet, Tone, Writer};

use crate::args::CheckArgs;
use crate::editing::plural;
use crate::input;
use crate::listing::{self, Listing, Rows};
use crate::report::Report;
use crate::streams;

/// A terminal of so many columns has room for the detail of a finding.
const WIDE: usize = 140;

pub(crate) fn run(args: CheckArgs, report: &mut Report) -> anyhow::Result<()> {
    let fields = listing::fields(&args.output)?;
    let paths = input::paths(&args.input)?;
    let with_file = paths.len() > 1;
    let names_file = fields.as_ref().is_some_and(|fields: &Vec<FindingField>| fields.contains(&FindingField::File));
    let is_for_people = args.output.format() == Format::Table;
    let has_headings = listing::has_headings(&args.output);
    // Where the line of a terminal has no room for what was found where, that gets one of its own.
    let detail_below = has_headings && args.output.looks.terminal().is_some_and(|terminal| terminal.width < WIDE);
    let looks = args.output.looks.looks(is_for_people);
    let sheet = Sheet::new(looks);
    let mut fields = fields.unwrap_or_else(|| FindingField::all(with_file && !has_headings));
    fields.retain(|field| !detail_below || !matches!(field, FindingField::Path | FindingField::Detail));
    let writer = Writer::new(fields, listing::options(&args.output)?);
    let mut listing = match has_headings {
        true => Listing::begin_with_rows(&writer, args.output.limit),
        false => Listing::begin(&writer, args.output.limit)?,
    };
    for path in &paths {
        let Some(input) = report.readable(input::open(path, &args.input.reading)) else { continue };
        let Some(reader) = report.readable(input.reader()) else { continue };
        if has_headings && with_file {
            listing.file(&input.name, looks);
        }
        let file = (with_file || names_file).then_some(input.name.as_str());
        let found = find(reader, &args, file, &writer, (sheet, detail_below), &mut listing)?;
        if found.faults > 0 {
            report.unsound();
        }
        if is_for_people {
            let mut verdict = Vec::new();
            let tone = if found.faults > 0 { Tone::Fault } else { Tone::Plain };
            sheet.title(&mut verdict, &[(Tone::Plain, &format!("{}: ", input.name)), (tone, &found.in_words())]);
            streams::stdout().write_all(&verdict)?;
        }
    }
    listing.end()?;
    Ok(())
}

/// What was found in a file.
#[derive(Default)]
struct Found {
    faults: u64,
    notes: u64,
}

impl Found {
    fn in_words(&self) -> String {
        match (self.faults, self.notes) {
            (0, 0) => "sound".to_owned(),
            (0, notes) => format!("sound, with {}", plural(notes, "note")),
            (faults, 0) => plural(faults, "fault"),
            (faults, notes) => format!("{} and {}", plural(faults, "fault"), plural(notes, "note")),
        }
    }
}

/// Lists the findings in a file.
fn find(
    reader: Reader<'_>,
    args: &CheckArgs,
    file: Option<&str>,
    writer: &Writer<FindingField>,
    (sheet, detail_below): (Sheet, bool),
    listing: &mut Listing<'_, FindingField>,
) -> io::Result<Found> {
    let mut found = Found::default();
    check::run(reader, args.input.reading.threads(), |finding| -> io::Result<_> {
        let Some(severity) = severity(args, finding.kind) else { return Ok(ControlFlow::Continue(())) };
        match severity {
            Severity::Fault => found.faults += 1,
            Severity::Note => found.notes += 1,
        }
        let mut rows = Rows::default();
        rows.push_with(|out| {
            writer.row(out, &FindingRow { file, severity, finding: &finding });
            if detail_below {
                let path = finding.place.path.to_string();
                let path = if path.is_empty() { path } else { path + ": " };
                sheet.inner_line(out, &[(Tone::Faint, &path), (Tone::Plain, &finding.detail)]);
            }
        });
        listing.write(&rows)?;
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(found)
}

/// How bad a finding is taken to be; `None` when it is allowed. To deny counts more than to allow.
fn severity(args: &CheckArgs, kind: Kind) -> Option<Severity> {
    if args.deny.contains(&kind) {
        Some(Severity::Fault)
    } else if args.allow.contains(&kind) {
        None
    } else {
        Some(kind.severity())
    }
}
