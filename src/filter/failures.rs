//! What could not be answered while a filter was at work.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use crate::output;

/// Questions that a filter could not answer. What depends on such an answer is no match, and `!` makes it none either.
///
/// All clones of a filter count in one place, on any thread. As text it is one line for each kind, for a person.
///
/// ```
/// # use wsflow::filter::Filter;
/// let filter = Filter::parse("~jq .a")?;
/// assert!(filter.failures().is_empty());
/// # Ok::<(), wsflow::filter::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Failures {
    counts: Arc<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    programs: AtomicU64,
    first: OnceLock<String>,
    searches: AtomicU64,
    bodies: AtomicU64,
    /// Whether some were not even tried.
    gave_up: AtomicBool,
}

/// How often one question may fail for its length before it is not asked any more. Each such failure has cost up to a
/// second of somebody's time, and a capture has millions of messages.
const MOST_TRIES: u64 = 32;

/// How much longer a question is asked that takes too long again and again; one for all threads that ask it.
#[derive(Clone, Debug, Default)]
pub(super) struct Patience {
    failed: Arc<AtomicU64>,
}

impl Patience {
    /// Whether to ask once more.
    pub(super) fn is_left(&self) -> bool {
        self.failed.load(Ordering::Relaxed) < MOST_TRIES
    }

    /// It took too long.
    pub(super) fn try_less(&self) {
        self.failed.fetch_add(1, Ordering::Relaxed);
    }
}

impl Failures {
    /// Runs of jq programs that ended in an error.
    pub fn programs(&self) -> u64 {
        self.counts.programs.load(Ordering::Relaxed)
    }

    /// Searches with look-around or back-references that went back and forth too often and were given up.
    pub fn searches(&self) -> u64 {
        self.counts.searches.load(Ordering::Relaxed)
    }

    /// Bodies that were searched as far as they were decoded, without a match; see
    /// [`Body::is_cut`](crate::flow::Body::is_cut).
    pub fn bodies(&self) -> u64 {
        self.counts.bodies.load(Ordering::Relaxed)
    }

    /// Whether everything was answered.
    pub fn is_empty(&self) -> bool {
        self.programs() == 0 && self.searches() == 0 && self.bodies() == 0
    }

    pub(super) fn count_program(&self, why: String) {
        self.counts.programs.fetch_add(1, Ordering::Relaxed);
        self.counts.first.get_or_init(|| why);
    }

    pub(super) fn count_search(&self) {
        self.counts.searches.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn count_body(&self) {
        self.counts.bodies.fetch_add(1, Ordering::Relaxed);
    }

    /// A question is no longer asked.
    pub(super) fn give_up(&self) {
        self.counts.gave_up.store(true, Ordering::Relaxed);
    }
}

/// How much of an error message is shown; jq puts whole values into them.
const SHOWN: usize = 100;

impl fmt::Display for Failures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let times = |count: u64| if count == 1 { "once".to_owned() } else { format!("{count} times") };
        let mut separator = "";
        if self.programs() > 0 {
            let first = self.counts.first.get().map(String::as_str).unwrap_or_default();
            let shown: String = first.chars().take(SHOWN).collect();
            let cut = if shown.len() < first.len() { "…" } else { "" };
            let (times, shown) = (times(self.programs()), output::printable(&shown));
            write!(f, "~jq failed {times}, which counts as no match; first: {shown}{cut}")?;
            separator = "\n";
        }
        if self.searches() > 0 {
            let times = times(self.searches());
            write!(f, "{separator}a regex took too long {times}, which counts as no match")?;
            separator = "\n";
        }
        if self.bodies() > 0 {
            let times = times(self.bodies());
            write!(f, "{separator}a body was too large to be decoded to its end {times}, which counts as no match")?;
            separator = "\n";
        }
        if self.counts.gave_up.load(Ordering::Relaxed) {
            write!(f, "{separator}what took too long {MOST_TRIES} times was no longer tried after that")?;
        }
        Ok(())
    }
}
