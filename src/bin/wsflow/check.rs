//! `wsflow check`: is the file sound? What is odd, and where?

use std::io::{self, Write as _};
use std::ops::ControlFlow;

use wsflow::capture::Reader;
use wsflow::check::{self, Kind, Severity};
use wsflow::output::{FindingField, FindingRow, Format, Writer, printable};

use crate::args::CheckArgs;
use crate::editing::plural;
use crate::input;
use crate::listing::{self, Listing, Rows};
use crate::report::Report;
use crate::streams;

pub(crate) fn run(args: CheckArgs, report: &mut Report) -> anyhow::Result<()> {
    let fields = listing::fields(&args.output)?;
    let paths = input::paths(&args.input)?;
    let with_file = paths.len() > 1;
    let names_file = fields.as_ref().is_some_and(|fields: &Vec<FindingField>| fields.contains(&FindingField::File));
    let is_for_people = args.output.format() == Format::Table;
    // The line of a terminal has no room for the detail, so it gets one of its own.
    let detail_below = fields.is_none() && is_for_people && streams::terminal().is_some();
    let mut fields = fields.unwrap_or_else(|| FindingField::all(with_file));
    fields.retain(|field| !detail_below || *field != FindingField::Detail);
    let writer = Writer::new(fields, listing::options(&args.output)?);
    let mut listing = Listing::begin(&writer, args.output.limit)?;
    for path in &paths {
        let Some(input) = report.readable(input::open(path, &args.input.reading)) else { continue };
        let Some(reader) = report.readable(input.reader()) else { continue };
        let file = (with_file || names_file).then_some(input.name.as_str());
        let found = find(reader, &args, file, &writer, detail_below, &mut listing)?;
        if found.faults > 0 {
            report.unsound();
        }
        if is_for_people {
            writeln!(streams::stdout(), "{}: {}", printable(&input.name), found.in_words())?;
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
    detail_below: bool,
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
                out.extend(format!("    {}\n", printable(&finding.detail)).into_bytes());
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
