//! Which of a tool's arguments have no description.

use serde_json::Value;

use super::lint::MAX_DEPTH;

/// The properties of an object without a description: neither their own nor one of their types'.
pub(crate) fn undescribed(schema: &Value) -> Vec<String> {
    let properties = schema.get("properties").and_then(Value::as_object);
    let properties = properties.into_iter().flatten();
    let without = properties.filter(|(_, property)| !is_described(schema, property, MAX_DEPTH));
    without.map(|(name, _)| name.clone()).collect()
}

fn is_described(root: &Value, schema: &Value, depth: usize) -> bool {
    if depth == 0 {
        return false;
    }
    let description = schema.get("description").and_then(Value::as_str);
    if description.is_some_and(|text| !text.trim().is_empty()) {
        return true;
    }
    let target = schema.get("$ref").and_then(Value::as_str);
    let target = target.and_then(|target| root.pointer(target.strip_prefix('#')?));
    if target.is_some_and(|target| is_described(root, target, depth - 1)) {
        return true;
    }
    let choices = ["anyOf", "oneOf", "allOf"];
    let mut choices = choices
        .iter()
        .filter_map(|key| schema.get(*key)?.as_array());
    choices.any(|list| {
        let mut list = list.iter();
        list.any(|schema| is_described(root, schema, depth - 1))
    })
}
