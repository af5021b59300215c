//! `wsflow recover`: what is intact of a damaged capture, byte for byte.

use anyhow::bail;
use wsflow::capture::Format;
use wsflow::recover::{self, Lost, Options, Summary};

use crate::args::RecoverArgs;
use crate::editing::plural;
use crate::input;
use crate::report::Report;
use crate::target::Place;

/// Losses that are told one by one; the others are counted.
const LOSSES_TOLD: usize = 10;

pub(crate) fn run(args: RecoverArgs, report: &mut Report) -> anyhow::Result<()> {
    let place = Place::flow_file(&args.output, args.force, std::slice::from_ref(&args.file))?;
    let name = place.name().to_owned();
    let input = input::open(&args.file, &args.reading)?.whole()?;
    // What is no capture at first sight may be a flow file with damage at its start.
    if let Ok(reader) = input.reader()
        && reader.format() != Format::Flow
    {
        let format = reader.format().name();
        bail!("{}: recover takes flow files; of this one ({format}), `wsflow encode` takes what is intact", input.name);
    }
    let options =
        Options { whole_only: args.whole_only, keep_faulty: args.keep_faulty, threads: args.reading.threads() };
    let mut target = place.open()?;
    let summary = recover::run(input.bytes(), options, &mut target)?;
    target.commit()?;
    say(&summary, &input.name, &name, report);
    Ok(())
}

fn say(summary: &Summary, input: &str, output: &str, report: &mut Report) {
    for lost in summary.lost.iter().take(LOSSES_TOLD) {
        report.loss(&format!("{input}: {}", in_words(lost)));
    }
    if let Some(more @ 1..) = summary.losses.checked_sub(LOSSES_TOLD as u64) {
        report.loss(&format!("{input}: and {more} more losses like these"));
    }
    let mut saved = format!("{output}: {} kept", plural(summary.kept, "flow"));
    let mut lost_bytes = summary.lost_bytes;
    if let Some(rebuilt) = &summary.rebuilt {
        lost_bytes += rebuilt.left_over;
        report.loss(&format!(
            "{input}: the last flow ({}) is cut off, and was rebuilt from its first {}; lost of it: the last {} of the file",
            rebuilt.record,
            plural(rebuilt.messages, "message"),
            plural(rebuilt.left_over, "byte"),
        ));
        saved += ", 1 rebuilt";
    }
    if lost_bytes > 0 {
        let places = summary.losses + u64::from(lost_bytes > summary.lost_bytes);
        saved += &format!(", {} lost in {}", plural(lost_bytes, "byte"), plural(places, "place"));
    }
    if summary.faulty > 0 {
        saved += &format!(
            "; of what was lost, {} whole but faulty: `--keep-faulty` keeps what can be read",
            match summary.faulty {
                1 => "1 flow is".to_owned(),
                more => format!("{more} flows are"),
            }
        );
    }
    report.say(&saved);
}

fn in_words(lost: &Lost) -> String {
    let length = lost.bytes.end - lost.bytes.start;
    let place = &lost.why.place;
    let record = place.record.map(|record| format!("record {record}, ")).unwrap_or_default();
    let path = if place.path.is_empty() { String::new() } else { format!(", {}", place.path) };
    let at = place.offset.map(|offset| format!("byte {offset}{path}: ")).unwrap_or_default();
    let more = match lost.records {
        0 | 1 => String::new(),
        more => format!(" (and {})", plural(more - 1, "fault") + " more"),
    };
    format!("lost {} from byte {} on: {record}{at}{}{more}", plural(length, "byte"), lost.bytes.start, lost.why.detail)
}
