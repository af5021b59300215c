//! Warnings about the flows of a file, each kind once: what holds for one flow mostly holds for thousands.

use std::mem::{self, Discriminant};

use super::Upgrade;
use crate::{Error, Situation};

/// What was said already.
#[derive(Debug, Default)]
pub(crate) struct Warnings(Vec<Discriminant<Situation>>);

impl Warnings {
    /// What should be said of a flow, if nothing like it was said before.
    pub(crate) fn of(&mut self, upgrade: &Upgrade<'_>) -> Option<Error> {
        let warning = upgrade.warning()?;
        let situation = mem::discriminant(warning.situation());
        if self.0.contains(&situation) {
            return None;
        }
        self.0.push(situation);
        Some(warning)
    }
}
