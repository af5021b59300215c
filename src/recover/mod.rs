//! Saving what is intact of a damaged flow file.
//!
//! A flow is intact when a [check] finds no fault in it; then its bytes are copied as they are. Behind
//! damage it goes on as [`Reader`] does, with the next whole flow. A last flow that is cut off is built anew from
//! its whole messages (`rebuild.rs`).
//!
//! Flows are checked on all cores and written in file order, in long stretches straight from the input, so that a sound
//! file is copied about as fast as bytes can be.

mod rebuild;

use std::io::{self, Write};
use std::ops::{ControlFlow, Range};

use crate::Error;
use crate::capture::{Format, Reader};
use crate::check::{self, Finding, Kind, Wanted};
use crate::flow::Version;
use crate::scan::{self, Batch, Cutter, Piece, Scope};

/// A stretch that has grown to this size is written, so that writing goes on while the rest is being checked.
const STRETCH: usize = 1 << 20;

/// Losses that are told one by one. In a file that is garbage from end to end there would be millions.
const LOSSES_TOLD: usize = 1000;

/// What is saved.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Leaves out a last flow that is cut off.
    pub whole_only: bool,
    /// Keeps flows that can be read and hold a value that a check finds faulty, such as a close code that does not exist.
    pub keep_faulty: bool,
    /// Threads to work with; at least one works.
    pub threads: usize,
}

/// What was saved, and what was lost.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Summary {
    /// Flows that were copied.
    pub kept: u64,
    /// The last flow, if it was cut off and built anew.
    pub rebuilt: Option<Rebuilt>,
    /// The bytes that were lost, in file order; of very many only the first.
    pub lost: Vec<Lost>,
    /// How many losses there are.
    pub losses: u64,
    /// Flows among those lost that are whole, and hold a value that a check finds faulty.
    pub faulty: u64,
    /// How many bytes were lost. Those of a flow that was built anew are not among them.
    pub lost_bytes: u64,
}

/// A flow that was built anew.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rebuilt {
    /// Its number in the damaged file.
    pub record: u64,
    /// Messages that were whole.
    pub messages: u64,
    /// Bytes behind the last thing in it that was whole.
    pub left_over: u64,
}

/// Bytes that were lost.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Lost {
    /// Where they stand in the damaged file.
    pub bytes: Range<u64>,
    /// Flows that were found in them, or one if none was.
    pub records: u64,
    /// The first thing that is wrong with them.
    pub why: Finding,
}

impl Summary {
    /// Whether all of the file was saved.
    pub fn is_whole(&self) -> bool {
        self.losses == 0 && self.rebuilt.is_none()
    }
}

/// Copies what is intact of a flow file, whatever its first bytes look like.
///
/// ```
/// use wsflow::recover::{self, Options};
///
/// let mut capture = std::fs::read("fixtures/conversation.flow")?;
/// capture[3750] = b'?'; // the second flow starts here, with its length
/// let mut saved = Vec::new();
/// let summary = recover::run(&capture, Options::default(), &mut saved)?;
/// assert_eq!((summary.kept, summary.losses), (2, 1));
/// assert_eq!(saved.len() as u64 + summary.lost_bytes, capture.len() as u64);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Those of `out`. No damage is one.
pub fn run(input: &[u8], options: Options, out: impl Write + Send) -> io::Result<Summary> {
    let mut recovery = Recovery {
        input,
        options,
        summary: Summary::default(),
        at: 0,
        stretch: 0..0,
        version: None,
        open: None,
        unsaved: None,
        out,
    };
    // Only a format that cannot be read is an error here.
    let reader = Reader::from_slice(input, Some(Format::Flow)).map_err(io::Error::other)?;
    let work = |batch: &Batch<'_>| batch.pieces.iter().map(|piece| Judged::new(piece, options)).collect::<Vec<_>>();
    scan::run(Cutter::new(reader, Scope::All), options.threads, work, |judged| -> io::Result<_> {
        match judged {
            Ok(pieces) => pieces.into_iter().try_for_each(|piece| recovery.add(piece))?,
            Err(error) => recovery.fault(&error)?,
        }
        Ok(ControlFlow::Continue(()))
    })?;
    recovery.finish()
}

/// What a thread finds out about a piece of a flow.
struct Judged {
    bytes: Range<usize>,
    version: Version,
    is_last: bool,
    fault: Option<Finding>,
}

impl Judged {
    fn new(piece: &Piece<'_>, options: Options) -> Judged {
        let start = usize::try_from(piece.record.offset).unwrap_or(usize::MAX);
        let wanted = if options.keep_faulty { Wanted::FirstBroken } else { Wanted::FirstFault };
        Judged {
            bytes: start..start.saturating_add(piece.record.data.len()),
            version: piece.version(),
            is_last: piece.is_last,
            fault: check::first_fault(piece, wanted),
        }
    }
}

struct Recovery<'a, W> {
    input: &'a [u8],
    options: Options,
    summary: Summary,
    /// Where the last flow ends that was kept.
    at: usize,
    /// What was kept and has not been written yet.
    stretch: Range<usize>,
    /// The version of the last flow that was kept.
    version: Option<Version>,
    /// A fault in the flow whose pieces are coming.
    open: Option<Finding>,
    /// The first thing that is wrong with the flows since the last that was kept, and the number of those flows.
    unsaved: Option<(Finding, u64)>,
    out: W,
}

impl<W: Write> Recovery<'_, W> {
    /// Takes the next piece of a flow.
    fn add(&mut self, piece: Judged) -> io::Result<()> {
        let fault = self.open.take().or(piece.fault);
        if !piece.is_last {
            self.open = fault;
            return Ok(());
        }
        match fault {
            Some(fault) => {
                self.summary.faulty += u64::from(fault.kind != Kind::BrokenStructure);
                self.leave_out(fault);
            }
            None => {
                self.version = Some(piece.version);
                self.summary.kept += 1;
                self.lose_until(piece.bytes.start);
                self.keep(piece.bytes)?;
            }
        }
        Ok(())
    }

    /// Takes a fault that hides a flow, or the whole of one.
    fn fault(&mut self, error: &Error) -> io::Result<()> {
        if error.is_warning() {
            return Ok(());
        }
        let finding = Finding::from(error);
        if error.is_incomplete()
            && !self.options.whole_only
            && let (Some(record), Some(start)) = (error.place().record, error.place().offset)
            && let Some(cut) = usize::try_from(start).ok().and_then(|start| self.input.get(start..))
            && let Some((flow, messages)) = rebuild::rebuild(cut, record, start, self.version)
        {
            let start = self.input.len() - cut.len();
            self.lose_until(start);
            self.at = self.input.len();
            self.write_stretch()?;
            flow.write_to(&mut self.out)?;
            let left_over = messages.left_over as u64;
            self.summary.rebuilt = Some(Rebuilt { record, messages: messages.count, left_over });
        } else {
            self.leave_out(finding);
        }
        Ok(())
    }

    fn leave_out(&mut self, why: Finding) {
        self.unsaved.get_or_insert((why, 0)).1 += 1;
    }

    /// What stands between the last flow that was kept and this place is lost.
    fn lose_until(&mut self, place: usize) {
        let unsaved = self.unsaved.take();
        let bytes = self.at..place;
        self.at = place;
        let Some((why, records)) = unsaved.filter(|_| !bytes.is_empty()) else { return };
        self.summary.losses += 1;
        self.summary.lost_bytes += bytes.len() as u64;
        if self.summary.lost.len() < LOSSES_TOLD {
            let bytes = bytes.start as u64..bytes.end as u64;
            self.summary.lost.push(Lost { bytes, records, why });
        }
    }

    /// Keeps a range of the input.
    fn keep(&mut self, bytes: Range<usize>) -> io::Result<()> {
        self.at = bytes.end;
        if bytes.start == self.stretch.end {
            self.stretch.end = bytes.end;
        } else {
            self.write_stretch()?;
            self.stretch = bytes;
        }
        if self.stretch.len() >= STRETCH { self.write_stretch() } else { Ok(()) }
    }

    fn write_stretch(&mut self) -> io::Result<()> {
        let stretch = std::mem::replace(&mut self.stretch, 0..0);
        self.out.write_all(self.input.get(stretch).unwrap_or_default())
    }

    fn finish(mut self) -> io::Result<Summary> {
        self.lose_until(self.input.len());
        self.write_stretch()?;
        self.out.flush()?;
        Ok(self.summary)
    }
}

#[cfg(test)]
mod tests;
