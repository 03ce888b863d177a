//! Rules on the schema of structured output:
//! <https://platform.claude.com/docs/en/build-with-claude/structured-outputs>.

use serde_json::Value;

use super::turns::{Check, Conversation, refuse, text};

/// Keywords that a type of the schema can't have.
const UNSUPPORTED: [(&str, &[&str]); 4] = [
    ("integer", NUMERIC),
    ("number", NUMERIC),
    ("string", &["minLength", "maxLength"]),
    ("array", &["maxItems", "uniqueItems"]),
];
const NUMERIC: &[&str] = &[
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
];
/// Below this the schema is not looked at; the parser's own limit is no deeper.
const MAX_DEPTH: usize = 128;

/// Objects are closed, and only supported keywords are used.
pub(super) fn schema(conversation: Conversation<'_>) -> Check {
    let body = conversation.body;
    let places = [
        (
            "output_config.format.schema",
            "/output_config/format/schema",
        ),
        ("output_format.schema", "/output_format/schema"),
    ];
    for (place, pointer) in places {
        if let Some(schema) = body.pointer(pointer) {
            node(schema, place, MAX_DEPTH)?;
        }
    }
    Ok(())
}

fn node(schema: &Value, place: &str, depth: usize) -> Check {
    let Some(fields) = schema.as_object().filter(|_| depth > 0) else {
        return Ok(());
    };
    let of = text(schema, "type");
    let open = fields.get("additionalProperties") != Some(&Value::Bool(false));
    if of == "object" && open {
        return refuse(format!(
            "{place}: For 'object' type, 'additionalProperties' must be explicitly set to false"
        ));
    }
    let unsupported = UNSUPPORTED.iter().filter(|(name, _)| *name == of);
    for name in unsupported.flat_map(|(_, names)| *names) {
        if fields.contains_key(*name) {
            return refuse(format!(
                "{place}: For '{of}' type, property '{name}' is not supported"
            ));
        }
    }
    for name in ["properties", "$defs", "definitions"] {
        let inner = fields.get(name).and_then(Value::as_object);
        for schema in inner.into_iter().flat_map(|inner| inner.values()) {
            node(schema, place, depth - 1)?;
        }
    }
    for name in ["anyOf", "allOf"] {
        let inner = fields.get(name).and_then(Value::as_array);
        for schema in inner.into_iter().flatten() {
            node(schema, place, depth - 1)?;
        }
    }
    fields
        .get("items")
        .map_or(Ok(()), |items| node(items, place, depth - 1))
}
