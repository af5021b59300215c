//! `wsflow encode`: captures written as one capture of another format.

use std::path::Path;

use anyhow::bail;
use wsflow::capture::Format;
use wsflow::encode::Encoder;

use crate::args::EncodeArgs;
use crate::report::Report;
use crate::target::{Content, Place};
use crate::{input, terminal};

pub(crate) fn run(args: EncodeArgs, report: &mut Report) -> anyhow::Result<()> {
    let format = match args.to {
        Some(format) => format,
        None => format_of(&args.output)?,
    };
    let content = if format.is_text() { Content::Text } else { Content::Binary };
    let paths = input::paths(&args.input)?;
    let place = Place::output(&args.output, args.force, content, &paths)?;
    let terminal = if args.output.as_os_str() == "-" { terminal::stdout() } else { None };
    let mut inputs = Vec::new();
    for path in &paths {
        match input::open(path, &args.input.reading) {
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
    if readers.is_empty() {
        // Nothing could be read: nothing is written, not even an empty capture.
        return Ok(());
    }
    let mut encoder = Encoder::with_options(place.open()?, format, args.input.reading.threads(), terminal)?;
    for (name, reader) in readers {
        report.encodes(reader.format());
        encoder.add(reader, |fault| report.fault(name, fault))?;
        report.end_of_file(name);
    }
    let (target, losses) = encoder.finish()?;
    target.commit()?;
    losses.iter().for_each(|loss| report.loss(&loss.to_string()));
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
