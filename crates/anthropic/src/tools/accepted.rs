//! Schemas that were looked at before.
//!
//! A program has few tools, and each of its runs has them: reading a schema costs more than the
//! rest of what a run begins with.

use std::sync::{Mutex, PoisonError};

use anthropic_types::Json;

use crate::schema::{Counts, Finding, lint, property_names};

/// What a schema is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    Tool,
    StrictTool,
    /// The text of the model's.
    Output,
}

/// How many are kept, and how long they may be, in bytes.
const MOST: usize = 64;
const LONGEST: usize = 16_384;

/// A schema of which the API would refuse nothing.
struct Accepted {
    schema: Json,
    of: Of,
    counts: Counts,
}

static ACCEPTED: Mutex<Vec<Accepted>> = Mutex::new(Vec::new());

/// What counts towards the limits of strict schemas. Fails with what the API would refuse.
pub(super) fn counts(schema: &Json, of: Of) -> Result<Counts, Vec<Finding>> {
    let text = schema.as_str();
    let is_same = |it: &&Accepted| it.of == of && it.schema.as_str() == text;
    let all = ACCEPTED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(before) = all.iter().find(is_same) {
        return Ok(before.counts);
    }
    drop(all);
    let value = schema.to_value();
    let mut findings = lint(&value, of != Of::Tool);
    if of == Of::StrictTool {
        findings.extend(property_names(&value));
    }
    if !findings.is_empty() {
        return Err(findings);
    }
    let counts = match of {
        Of::Tool => Counts::default(),
        Of::StrictTool => Counts::of_tool(&value),
        Of::Output => Counts::of(&value),
    };
    if text.len() <= LONGEST {
        let mut all = ACCEPTED.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST {
            all.clear();
        }
        let schema = schema.clone();
        all.push(Accepted { schema, of, counts });
    }
    Ok(counts)
}
