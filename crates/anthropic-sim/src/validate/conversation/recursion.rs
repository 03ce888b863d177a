//! The rule that a schema of structured output, or of a strict tool, does not contain itself.

use std::collections::HashMap;

use serde_json::Value;

use super::schemas::{MAX_DEPTH, all, inner};
use super::turns::{Check, Conversation, refuse};

/// <https://github.com/egonSchiele/agency-lang/issues/487>: no definition leads back to itself.
pub(super) fn recursion(conversation: Conversation<'_>) -> Check {
    for (place, schema) in all(conversation) {
        let circle = circle(schema);
        if !circle.is_empty() {
            return refuse(format!(
                "{place}: Circular reference detected in schema definitions: {}. Self-referencing or mutually-referencing \
                 definitions are not supported.",
                circle.join(" -> ")
            ));
        }
    }
    Ok(())
}

/// What is known of a reference's target.
enum State {
    /// What leads to it is still being followed.
    Open,
    /// Nothing leads back from it.
    Done,
}

/// A reference that is followed, and those of its target that still have to be.
struct Step<'a> {
    reference: &'a str,
    ahead: Vec<&'a str>,
}

/// The names of a circle of references, the first one again at the end; empty if there is none.
/// Without recursion, since a chain of references can be long.
fn circle(root: &Value) -> Vec<&str> {
    let mut states: HashMap<&str, State> = HashMap::new();
    let mut path: Vec<Step<'_>> = Vec::new();
    let mut starts = references(root);
    loop {
        let ahead = path.last_mut().map_or(&mut starts, |step| &mut step.ahead);
        let Some(reference) = ahead.pop() else {
            let Some(step) = path.pop() else {
                return Vec::new();
            };
            states.insert(step.reference, State::Done);
            continue;
        };
        match states.get(reference) {
            Some(State::Done) => {}
            Some(State::Open) => {
                let steps = path.iter().map(|step| step.reference);
                let circle = steps.skip_while(|step| *step != reference);
                return circle.chain([reference]).map(name).collect();
            }
            None => {
                states.insert(reference, State::Open);
                let target = reference.strip_prefix('#');
                let target = target.and_then(|pointer| root.pointer(pointer));
                let ahead = target.map_or(Vec::new(), references);
                path.push(Step { reference, ahead });
            }
        }
    }
}

/// The references within a schema, the last one first.
fn references(schema: &Value) -> Vec<&str> {
    let mut found = Vec::new();
    collect(schema, &mut found, MAX_DEPTH);
    found.reverse();
    found
}

fn collect<'a>(schema: &'a Value, found: &mut Vec<&'a str>, depth: usize) {
    let Some(fields) = schema.as_object().filter(|_| depth > 0) else {
        return;
    };
    found.extend(fields.get("$ref").and_then(Value::as_str));
    for schema in inner(fields) {
        collect(schema, found, depth - 1);
    }
}

/// A definition's own name.
fn name(reference: &str) -> &str {
    let mut sections = ["#/$defs/", "#/definitions/"].iter();
    let name = sections.find_map(|section| reference.strip_prefix(section));
    name.unwrap_or(reference)
}
