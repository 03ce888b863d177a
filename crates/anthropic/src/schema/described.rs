//! Which of a tool's arguments have no description.

use std::collections::HashSet;

use serde_json::Value;

/// The properties of an object without a description: neither their own nor one of their types'.
pub(crate) fn undescribed(schema: &Value) -> Vec<String> {
    let properties = schema.get("properties").and_then(Value::as_object);
    let properties = properties.into_iter().flatten();
    let without = properties.filter(|(_, property)| !is_described(schema, property));
    without.map(|(name, _)| name.clone()).collect()
}

/// Looks at each named schema once: they may refer to each other in more ways than can be walked.
fn is_described(root: &Value, schema: &Value) -> bool {
    let mut seen = HashSet::new();
    let mut open = vec![schema];
    while let Some(schema) = open.pop() {
        let description = schema.get("description").and_then(Value::as_str);
        if description.is_some_and(|text| !text.trim().is_empty()) {
            return true;
        }
        let target = schema.get("$ref").and_then(Value::as_str);
        let target = target.and_then(|target| target.strip_prefix('#'));
        let target = target.filter(|target| seen.insert(*target));
        open.extend(target.and_then(|target| root.pointer(target)));
        for key in ["anyOf", "oneOf", "allOf"] {
            let choices = schema.get(key).and_then(Value::as_array);
            open.extend(choices.into_iter().flatten());
        }
    }
    false
}
