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
    let work = |batch: &Batch<'_>, emit: &mut dyn FnMut(Vec<Told>)| {
        let mut parts = Parts { done: Vec::new(), findings: 0, emit };
        batch.pieces.iter().for_each(|piece| Checked::check(piece, &mut parts));
        parts.end();
    };
    scan::run_in_parts(Cutter::new(reader, Scope::All), threads, work, |checked| {
        let findings: Vec<_> = match checked {
            Ok(told) => told.into_iter().flat_map(|told| across.add(told)).collect(),
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

/// Findings are handed on when they are so many. A flow of nothing but nulls has one for each three bytes, and they take a
/// hundred times as much memory as it does.
const AT_ONCE: usize = 1000;

/// What one piece of a flow tells alone, and what it has to tell to others; or a part of that.
#[derive(Debug, Default)]
struct Told {
    findings: Vec<Finding>,
    /// Whether a flow begins here.
    is_first: bool,
    /// The flow's record and id, when they were found here.
    flow: Option<(Place, Vec<u8>)>,
    /// The place and time of the first message of the piece, when it was found here.
    first: Option<(Place, f64)>,
    /// The time of the last message, when the piece ends here.
    last: Option<f64>,
}

/// Where findings go while a piece is being checked.
struct Checked<'p, 'e> {
    told: Told,
    wanted: Wanted,
    /// Where they are handed on to; `None` where one is enough.
    parts: Option<&'p mut Parts<'e>>,
}

/// What was told of a batch and has not been handed on.
struct Parts<'e> {
    done: Vec<Told>,
    findings: usize,
    emit: &'e mut dyn FnMut(Vec<Told>),
}

impl Parts<'_> {
    fn add(&mut self, told: Told) {
        self.findings += told.findings.len();
        self.done.push(told);
        if self.findings >= AT_ONCE {
            self.hand_on();
        }
    }

    fn hand_on(&mut self) {
        self.findings = 0;
        (self.emit)(std::mem::take(&mut self.done));
    }

    fn end(mut self) {
        if !self.done.is_empty() {
            self.hand_on();
        }
    }
}

impl Checked<'_, '_> {
    /// Checks a piece.
    fn check(piece: &Piece<'_>, parts: &mut Parts<'_>) {
        let told = Told { is_first: piece.is_first, ..Told::default() };
        let mut checked = Checked { told, wanted: Wanted::All, parts: Some(parts) };
        if piece.is_first {
            flow::check(piece, &mut checked);
        }
        messages::check(piece, &mut checked);
        checked.hand_on();
    }

    fn add(&mut self, kind: Kind, place: Place, detail: impl Into<String>) {
        self.push(Finding { kind, place, detail: detail.into() });
    }

    /// Whether nothing that may still be found is wanted.
    fn is_enough(&self) -> bool {
        self.wanted != Wanted::All && !self.told.findings.is_empty()
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
            self.told.findings.push(finding);
            if self.told.findings.len() >= AT_ONCE {
                self.hand_on();
            }
        }
    }

    fn hand_on(&mut self) {
        if let Some(parts) = &mut self.parts {
            parts.add(std::mem::take(&mut self.told));
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
    let mut checked = Checked { told: Told::default(), wanted, parts: None };
    if piece.is_first {
        flow::check(piece, &mut checked);
    }
    let is_wanted = |kind: Kind| match wanted {
        Wanted::FirstBroken => kind == Kind::BrokenStructure,
        Wanted::All | Wanted::FirstFault | Wanted::FirstForeign => kind.severity() == Severity::Fault,
    };
    checked.told.findings.into_iter().next().or_else(|| messages::first_fault(piece, is_wanted))
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
