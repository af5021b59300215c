//! Whether a capture is sound: every finding with a stable name, a severity and a place.
//!
//! ```text
//! scan ── Piece ──┬─ flow.rs      keys and types, against the tables of schema.rs; close codes
//!                 └─ messages.rs  opcodes, text, order of times
//!                        │ findings, in file order
//!                 Across (across.rs): what only two flows, or two pieces of one, tell together
//! ```
//!
//! A *fault* is something that no mitmproxy writes: a reader may fail at it. A *note* is something that is odd, and
//! allowed. What is a fault here is what [`recover`](crate::recover) does not save.
//!
//! Records are checked as they stand, in the layout of their own version.

mod across;
mod flow;
mod kinds;
pub(crate) mod messages;
mod path;
mod schema;

use std::ops::ControlFlow;

pub use kinds::{Info, Kind, Severity};

use across::Across;

use crate::capture::Reader;
use crate::scan::{self, Batch, Cutter, Piece, Scope};
use crate::{Error, Place, Situation};

/// Something that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What kind of thing it is.
    pub kind: Kind,
    /// Where it is.
    pub place: Place,
    /// What was found, in words. It holds no bytes of the capture that are not printable ASCII.
    pub detail: String,
}

/// Checks a capture: `output` gets every finding, in file order, and may end the check with [`ControlFlow::Break`].
///
/// ```
/// use std::ops::ControlFlow;
/// use wsflow::capture::Reader;
/// use wsflow::check::{self, Kind};
///
/// let capture = std::fs::read("fixtures/open-at-shutdown.flow")?;
/// let mut open = 0;
/// check::run(Reader::from_slice(&capture, None)?, 1, |finding| {
///     assert_eq!(finding.kind, Kind::ConnectionOpen);
///     open += 1;
///     Ok::<_, std::convert::Infallible>(ControlFlow::Continue(()))
/// })?;
/// assert_eq!(open, 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Those of `output`. Nothing in a capture is one.
pub fn run<E: Send>(
    reader: Reader<'_>,
    threads: usize,
    mut output: impl FnMut(Finding) -> Result<ControlFlow<()>, E> + Send,
) -> Result<(), E> {
    let mut across = Across::default();
    let work = |batch: &Batch<'_>| -> Vec<Checked> { batch.pieces.iter().map(Checked::new).collect() };
    scan::run(Cutter::new(reader, Scope::All), threads, work, |checked| {
        let findings: Vec<_> = match checked {
            Ok(pieces) => pieces.into_iter().flat_map(|piece| across.add(piece)).collect(),
            // Records are checked as they stand, without their handshakes.
            Err(error) if matches!(error.situation(), Situation::ForgottenHandshake) => Vec::new(),
            Err(error) => vec![Finding::from(&error)],
        };
        for finding in findings {
            if output(finding)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    })
}

/// What one piece of a flow tells alone, and what it has to tell to others.
#[derive(Debug, Default)]
struct Checked {
    findings: Vec<Finding>,
    wanted: Wanted,
    is_first: bool,
    /// The flow's record and id, when the piece is its first.
    flow: Option<(Place, Vec<u8>)>,
    /// The times of the first and the last message, and the place of the first.
    times: Option<(Place, [f64; 2])>,
}

impl Checked {
    /// Checks a piece.
    fn new(piece: &Piece<'_>) -> Checked {
        let mut checked = Checked { is_first: piece.is_first, ..Checked::default() };
        if piece.is_first {
            flow::check(piece, &mut checked);
        }
        messages::check(piece, &mut checked);
        checked
    }

    fn add(&mut self, kind: Kind, place: Place, detail: impl Into<String>) {
        self.push(Finding { kind, place, detail: detail.into() });
    }

    /// Whether nothing that may still be found is wanted.
    fn is_enough(&self) -> bool {
        self.wanted != Wanted::All && !self.findings.is_empty()
    }

    fn push(&mut self, finding: Finding) {
        if self.is_enough() {
            return;
        }
        let is_wanted = match self.wanted {
            Wanted::All => true,
            Wanted::FirstFault => finding.kind.severity() == Severity::Fault,
            Wanted::FirstBroken => finding.kind == Kind::BrokenStructure,
            Wanted::FirstForeign => finding.kind.severity() == Severity::Fault || finding.kind == Kind::UnknownKey,
        };
        if is_wanted {
            self.findings.push(finding);
        }
    }
}

/// Which findings are collected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// All.
    #[default]
    All,
    /// The first fault.
    FirstFault,
    /// The first thing that cannot be read.
    FirstBroken,
    /// The first fault, or key that mitmproxy does not know.
    FirstForeign,
}

/// The first finding of those that are wanted in a piece. Nothing else is looked for.
pub(crate) fn first_fault(piece: &Piece<'_>, wanted: Wanted) -> Option<Finding> {
    let mut checked = Checked { wanted, ..Checked::default() };
    if piece.is_first {
        flow::check(piece, &mut checked);
    }
    let is_wanted = |kind: Kind| match wanted {
        Wanted::FirstBroken => kind == Kind::BrokenStructure,
        Wanted::All | Wanted::FirstFault | Wanted::FirstForeign => kind.severity() == Severity::Fault,
    };
    checked.findings.into_iter().next().or_else(|| messages::first_fault(piece, is_wanted))
}

impl From<&Error> for Finding {
    fn from(error: &Error) -> Finding {
        let kind = match error.situation() {
            Situation::Incomplete { .. } => Kind::IncompleteRecord,
            Situation::MissingKey => Kind::MissingKey,
            Situation::UnknownVersion(_) => Kind::UnknownVersion,
            Situation::NewerVersion(_) => Kind::NewerVersion,
            Situation::Tnetstring(crate::tnetstring::ErrorKind::WrongType { .. }) => Kind::WrongType,
            _ => Kind::BrokenStructure,
        };
        Finding { kind, place: error.place().clone(), detail: error.detail() }
    }
}

#[cfg(test)]
mod tests;
