//! Which types endpoints return, and which they take.
//!
//! Code that no endpoint needs is marked `inline`: it is compiled in the programs that use it, not
//! in every build of the types. See `macros/` of the crate `anthropic-types`.

use std::collections::BTreeSet;

use crate::layout::{CORE, Layout, closure, concepts};
use crate::names::Names;

/// The concepts that are read and those that are written.
#[derive(Debug, Default)]
struct Directions {
    read: BTreeSet<String>,
    written: BTreeSet<String>,
}

/// What the endpoints reach: those that are always there, and all.
#[derive(Debug)]
pub(crate) struct Reach {
    always: BTreeSet<String>,
    core: Directions,
    all: Directions,
}

impl Reach {
    pub(crate) fn new(names: &Names<'_>, layout: &Layout<'_>) -> Result<Self, String> {
        let mut core = Roots::default();
        let mut all = Roots::default();
        for endpoint in &names.description.endpoints {
            let takes = concepts(names, endpoint.takes());
            let answers = concepts(names, endpoint.answers());
            if layout.area(endpoint)?.0 == CORE {
                core.add(&takes, &answers);
            }
            all.add(&takes, &answers);
        }
        let keys = layout.model.defs.keys();
        let always = keys.filter(|key| layout.features(key).is_empty());
        Ok(Self {
            always: always.cloned().collect(),
            core: core.directions(layout),
            all: all.directions(layout),
        })
    }

    /// Whether no request of any endpoint has such a value.
    pub(crate) fn is_answer(&self, key: &str) -> bool {
        !self.all.written.contains(key)
    }

    /// The marks behind a type's name in its declaration.
    pub(crate) fn marks(&self, key: &str) -> String {
        // What is always compiled is not compiled for the sake of endpoints that may be switched
        // off.
        let directions = if self.always.contains(key) {
            &self.core
        } else {
            &self.all
        };
        let mut marks = String::new();
        if !directions.read.contains(key) {
            marks.push_str(" [read: inline]");
        }
        if !directions.written.contains(key) {
            marks.push_str(" [write: inline]");
        }
        marks
    }
}

/// Where reading and writing start.
#[derive(Default)]
struct Roots {
    takes: Vec<String>,
    answers: Vec<String>,
}

impl Roots {
    fn add(&mut self, takes: &[String], answers: &[String]) {
        self.takes.extend_from_slice(takes);
        self.answers.extend_from_slice(answers);
    }

    fn directions(self, layout: &Layout<'_>) -> Directions {
        let closure = |roots| {
            let reached = closure(layout.model, roots).into_iter();
            reached.map(str::to_owned).collect()
        };
        Directions {
            read: closure(self.answers),
            written: closure(self.takes),
        }
    }
}
