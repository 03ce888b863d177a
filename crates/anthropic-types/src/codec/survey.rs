//! Looking for repairs: a walk over a value by the way that it is written.

use crate::repair::{Repair, RepairKind};

use super::writer::Step;

/// The repairs found so far, and where the walk is.
#[derive(Debug, Default)]
pub(crate) struct Survey {
    path: String,
    found: Vec<Repair>,
}

impl Survey {
    /// Goes below a key or an index; returns where the way back leads.
    pub(super) fn enter(&mut self, step: Step<'_>) -> usize {
        let outer = self.path.len();
        self.path = self.below(step);
        outer
    }

    pub(super) fn leave(&mut self, outer: usize) {
        self.path.truncate(outer);
    }

    fn below(&self, step: Step<'_>) -> String {
        match step {
            Step::Key(key) if self.path.is_empty() => key.to_owned(),
            Step::Key(key) => format!("{}.{key}", self.path),
            Step::Index(index) => format!("{}[{index}]", self.path),
        }
    }

    /// Notes a repair of the field with that key.
    pub(crate) fn add(&mut self, key: &str, kind: RepairKind, reason: &str) {
        let path = self.below(Step::Key(key));
        self.found.push(Repair::new(path, kind, reason.to_owned()));
    }

    pub(crate) fn into_repairs(self) -> Vec<Repair> {
        self.found
    }
}
