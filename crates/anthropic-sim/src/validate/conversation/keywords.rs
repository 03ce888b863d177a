//! Rules on what a schema of structured output, or of a strict tool, may have:
//! <https://platform.claude.com/docs/en/build-with-claude/structured-outputs>.

use serde_json::{Map, Value};

use super::schemas::{MAX_DEPTH, all, inner};
use super::turns::{Check, Conversation, refuse, text};

/// Keywords that a type of the schema can't have, in the order in which they are named.
const UNSUPPORTED: [(&str, &[&str]); 5] = [
    ("integer", NUMERIC),
    ("number", NUMERIC),
    ("string", &["maxLength", "minLength"]),
    (
        "array",
        &["contains", "maxItems", "prefixItems", "uniqueItems"],
    ),
    (
        "object",
        &[
            "dependentRequired",
            "if",
            "propertyNames",
            "unevaluatedProperties",
        ],
    ),
];
const NUMERIC: &[&str] = &[
    "exclusiveMaximum",
    "exclusiveMinimum",
    "maximum",
    "minimum",
    "multipleOf",
];

/// Objects are closed (<https://github.com/ax-llm/ax/issues/458>,
/// <https://github.com/BerriAI/litellm/issues/35808>), a choice is no `oneOf`
/// (<https://github.com/vercel/ai/issues/12876>), and what an `enum` lists is of the one type that
/// is declared (<https://github.com/BerriAI/litellm/issues/37881>). Which other keywords are
/// refused, and how, is quoted in public code.
pub(super) fn keywords(conversation: Conversation<'_>) -> Check {
    all(conversation).try_for_each(|(place, schema)| node(schema, &place, MAX_DEPTH))
}

/// <https://platform.claude.com/docs/en/build-with-claude/structured-outputs>: an `enum` has no
/// lists or objects, a `$ref` leads to something in the schema itself, and is in no `allOf`. The
/// messages are ours.
pub(super) fn features(conversation: Conversation<'_>) -> Check {
    all(conversation).try_for_each(|(place, schema)| supported(schema, &place, MAX_DEPTH))
}

fn node(schema: &Value, place: &str, depth: usize) -> Check {
    let Some(fields) = schema.as_object().filter(|_| depth > 0) else {
        return Ok(());
    };
    if fields.is_empty() {
        return refuse(format!(
            "{place}: Empty schema ({{}}) that accepts any JSON value is not supported. Please specify a concrete type."
        ));
    }
    if fields.contains_key("oneOf") {
        return refuse(format!("{place}: Schema type 'oneOf' is not supported"));
    }
    if fields.contains_key("not") {
        return refuse(format!("{place}: Schema keyword 'not' is not supported"));
    }
    listed(fields, place)?;
    match fields.get("type") {
        Some(Value::String(of)) => typed(of, fields, place)?,
        Some(Value::Array(types)) => {
            let mut types = types.iter().filter_map(Value::as_str);
            types.try_for_each(|of| typed(of, fields, place))?;
        }
        _ => {}
    }
    inner(fields).try_for_each(|schema| node(schema, place, depth - 1))
}

/// What the values of an `enum` are.
fn listed(fields: &Map<String, Value>, place: &str) -> Check {
    let listed = fields.get("enum").and_then(Value::as_array);
    let (Some(listed), Some(declared)) = (listed, fields.get("type")) else {
        return Ok(());
    };
    let fits = |value: &&Value| declared.as_str().is_some_and(|of| is_of(value, of));
    let Some(other) = listed.iter().find(|value| !fits(value)) else {
        return Ok(());
    };
    refuse(format!(
        "{place}: Invalid schema: Enum value '{}' does not match declared type '{}'",
        shown(other),
        shown(declared)
    ))
}

fn is_of(value: &Value, of: &str) -> bool {
    match of {
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "number" => value.is_number(),
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        _ => true,
    }
}

/// A value as messages write it, which is Python's way.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => within(other),
    }
}

/// The same, within a list or an object.
fn within(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => format!("'{text}'"),
        Value::Array(list) => {
            let list: Vec<String> = list.iter().map(within).collect();
            format!("[{}]", list.join(", "))
        }
        Value::Object(fields) => {
            let fields = fields.iter();
            let fields = fields.map(|(name, value)| format!("'{name}': {}", within(value)));
            format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
        }
    }
}

/// What a type's own keywords are; of several types, each is checked.
fn typed(of: &str, fields: &Map<String, Value>, place: &str) -> Check {
    match of {
        "object" => closed(fields, place)?,
        "array" => items_of(fields, place)?,
        _ => {}
    }
    let known = UNSUPPORTED.iter().find(|(name, _)| *name == of);
    let refused = known.map_or(&[][..], |(_, names)| names).iter();
    let found: Vec<&str> = refused
        .copied()
        .filter(|name| fields.contains_key(*name))
        .collect();
    match *found {
        [] => Ok(()),
        [name] => refuse(format!(
            "{place}: For '{of}' type, property '{name}' is not supported"
        )),
        _ => {
            let names = found.join(", ");
            refuse(format!(
                "{place}: For '{of}' type, properties {names} are not supported"
            ))
        }
    }
}

fn closed(fields: &Map<String, Value>, place: &str) -> Check {
    let given = match fields.get("additionalProperties") {
        Some(Value::Bool(false)) => return Ok(()),
        None => {
            return refuse(format!(
                "{place}: For 'object' type, 'additionalProperties' must be explicitly set to false"
            ));
        }
        Some(Value::Bool(true)) => "true",
        Some(_) => "object",
    };
    refuse(format!(
        "{place}: For 'object' type, 'additionalProperties: {given}' is not supported. Please set 'additionalProperties' to \
         false"
    ))
}

fn items_of(fields: &Map<String, Value>, place: &str) -> Check {
    if fields.get("items").is_some_and(Value::is_array) {
        return refuse(format!(
            "{place}: Invalid schema: Array types must be specified with a single object schema for 'items'."
        ));
    }
    let least = fields.get("minItems").and_then(Value::as_u64);
    if least.is_none_or(|least| least <= 1) {
        return Ok(());
    }
    refuse(format!(
        "{place}: For 'array' type, 'minItems' values other than 0 or 1 are not supported"
    ))
}

fn supported(schema: &Value, place: &str, depth: usize) -> Check {
    let Some(fields) = schema.as_object().filter(|_| depth > 0) else {
        return Ok(());
    };
    let list = |name: &str| {
        fields
            .get(name)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
    };
    if list("enum").any(|value| value.is_array() || value.is_object()) {
        return refuse(format!(
            "{place}: Complex types within 'enum' are not supported"
        ));
    }
    let target = text(schema, "$ref");
    if !target.is_empty() && !target.starts_with('#') {
        return refuse(format!(
            "{place}: External '$ref' is not supported: '{target}'"
        ));
    }
    if list("allOf").any(|schema| schema.get("$ref").is_some()) {
        return refuse(format!("{place}: 'allOf' with '$ref' is not supported"));
    }
    inner(fields).try_for_each(|schema| supported(schema, place, depth - 1))
}
