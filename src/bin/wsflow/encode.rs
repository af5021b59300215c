//! `wsflow encode`: captures written as one capture of another format.

use std::path::Path;

use anyhow::bail;
use wsflow::capture::Format;
use wsflow::encode::{Encoder, Options};

use crate::args::EncodeArgs;
use crate::editing::{counted, plural};
use crate::report::Report;
use crate::target::{Content, Place};
use crate::{filter, input};

pub(crate) fn run(args: EncodeArgs, report: &mut Report) -> anyhow::Result<()> {
    let format = match args.to {
        Some(format) => format,
        None => format_of(&args.output)?,
    };
    let content = if format.is_text() { Content::Text } else { Content::Binary };
    let paths = input::paths(&args.input)?;
    let place = Place::output(&args.output, args.force, content, &paths)?;
    let threads = args.input.reading.threads();
    let filter = args.filter.filter.as_ref();
    let mut inputs = Vec::new();
    for path in &paths {
        let input = input::open(path, &args.input.reading);
        match input.and_then(|input| match filter {
            Some(filter) => filter::matching(input, filter, threads, report),
            None => Ok(input),
        }) {
            Ok(input) => inputs.push(input),
            Err(error) => report.unreadable(&error),
        }
    }
    let mut readers = Vec::new();
    for input in &inputs {
        match input.reader() {
            Ok(reader) => readers.push((&input.name, reader)),
            Err(error) => report.unreadable(&error),
        }
    }
    let name = place.name().to_owned();
    if readers.len() < paths.len() {
        // A capture that lacks one of them would look complete.
        report.not_written(&name);
        return Ok(());
    }
    let target = place.open()?;
    let options = Options { threads, terminal: target.terminal() };
    let mut encoder = Encoder::with_options(target, format, options)?;
    for (name, reader) in readers {
        report.encodes(reader.format());
        encoder.add(reader, |fault| report.fault(name, fault))?;
        report.end_of_file(name);
    }
    report.not_chosen(filter);
    let (target, summary) = encoder.finish()?;
    target.commit()?;
    summary.losses.iter().for_each(|loss| report.loss(&loss.to_string()));
    let written = match (summary.flows, summary.messages) {
        (flows, None) => plural(flows, "flow"),
        (connections, Some(messages)) if matches!(format, Format::Ndjson | Format::Csv) => {
            counted(messages, connections)
        }
        (flows, Some(messages)) => format!("{} with {}", plural(flows, "flow"), plural(messages, "message")),
    };
    report.say(&format!("{name}: wrote {written}"));
    Ok(())
}

/// The format that the name of the output means.
fn format_of(output: &Path) -> anyhow::Result<Format> {
    let extension = output.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    if let Some(format) = Format::from_extension(extension) {
        return Ok(format);
    }
    let extensions: Vec<_> = Format::ALL.iter().flat_map(|format| format.extensions()).collect();
    let names: Vec<_> = Format::ALL.iter().map(|format| format.name()).collect();
    bail!(
        "{}: the name does not tell the format; end it with one of .{}, or give --to {}",
        output.display(),
        extensions.iter().map(|extension| **extension).collect::<Vec<_>>().join(" ."),
        names.join("|"),
    )
}
