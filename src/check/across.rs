//! What only two flows, or two pieces of one flow, tell together.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasher as _, RandomState};

use super::{Finding, Kind, Told};

/// Remembers what the next pieces have to be compared with. That takes 40 bytes or so for each flow of the file.
#[derive(Debug, Default)]
pub(super) struct Across {
    /// The records in which ids came first. Of an id only a hash is kept; no two of a file's are ever equal by
    /// chance.
    ids: HashMap<u64, u64>,
    hasher: RandomState,
    /// The time of the last message of the flow that is not over yet.
    time: Option<f64>,
}

impl Across {
    /// Takes what is told next, in file order, and gives all that was found in it.
    pub(super) fn add(&mut self, told: Told) -> Vec<Finding> {
        let Told { mut findings, is_first, flow, first, last } = told;
        if is_first {
            self.time = None;
        }
        if let Some((place, id)) = flow {
            let record = place.record.unwrap_or(0);
            match self.ids.entry(self.hasher.hash_one(&id)) {
                Entry::Occupied(first) => {
                    let detail = format!("record {} has the same id", first.get());
                    findings.push(Finding { kind: Kind::DuplicateId, place, detail });
                }
                Entry::Vacant(place) => drop(place.insert(record)),
            }
        }
        if let Some((place, first)) = first
            && let Some(before) = self.time.filter(|before| first < *before)
        {
            findings.insert(0, goes_back(place, first, before));
        }
        if last.is_some() {
            self.time = last;
        }
        findings
    }
}

/// That a message is older than the one before it.
pub(super) fn goes_back(place: crate::Place, time: f64, before: f64) -> Finding {
    let seconds = before - time;
    let seconds = if seconds < 1e9 { format!("{seconds:.6}") } else { format!("{seconds:e}") };
    let detail = format!("{seconds} seconds earlier than the message before");
    Finding { kind: Kind::TimeGoesBack, place, detail }
}
