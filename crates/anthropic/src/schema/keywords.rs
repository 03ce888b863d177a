//! Which keywords the API guarantees, and where the others go.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::references;

/// The named schemas of a document, by the reference that names them.
pub(super) type Definitions = HashMap<String, Map<String, Value>>;

/// The formats of strings that the API guarantees.
const FORMATS: [&str; 10] = [
    "date-time",
    "time",
    "date",
    "duration",
    "email",
    "hostname",
    "uri",
    "ipv4",
    "ipv6",
    "uuid",
];

/// Moves keywords that the API does not take into the description.
pub(super) fn move_unsupported(schema: &mut Map<String, Value>, definitions: &Definitions) {
    if schema.get("default").is_some_and(Value::is_null) {
        schema.remove("default");
    }
    let keys: Vec<String> = schema
        .iter()
        .filter(|(key, value)| !is_supported(key, value) && !is_reported(key))
        .map(|(key, _)| key.clone())
        .collect();
    if keys.is_empty() {
        return;
    }
    let moved: Map<String, Value> = keys
        .iter()
        .filter_map(|key| schema.remove_entry(key))
        .collect();
    let moved = with_definitions(moved, definitions).to_string();
    let described = match schema.get("description").and_then(Value::as_str) {
        Some(text) if !text.is_empty() => format!("{text}\n\n{moved}"),
        _ => moved,
    };
    schema.insert("description".to_owned(), described.into());
}

/// A value with the named schemas that it refers to: where nothing else does, the schema has
/// them no longer.
fn with_definitions(mut moved: Map<String, Value>, definitions: &Definitions) -> Value {
    let mut sections = Map::new();
    let mut open: Vec<String> = moved.values().flat_map(references::named_in).collect();
    while let Some(place) = open.pop() {
        let Some((section, name)) = references::parts(&place) else {
            continue;
        };
        let Some(definition) = definitions.get(&format!("#{place}")) else {
            continue;
        };
        let named = sections.entry(section).or_insert_with(|| Map::new().into());
        if let Some(named) = named.as_object_mut().filter(|it| !it.contains_key(&name)) {
            let definition = Value::Object(definition.clone());
            open.extend(references::named_in(&definition));
            named.insert(name, definition);
        }
    }
    moved.extend(sections);
    Value::Object(moved)
}

/// Keywords that stay, for the lint to report them: without its patterns a map would be an object
/// that must be empty, and without the types of its places a tuple a list of anything.
pub(super) fn is_reported(key: &str) -> bool {
    matches!(key, "patternProperties" | "prefixItems")
}

/// Whether the API guarantees what a keyword demands.
pub(super) fn is_supported(key: &str, value: &Value) -> bool {
    match key {
        "type"
        | "properties"
        | "required"
        | "items"
        | "enum"
        | "const"
        | "anyOf"
        | "allOf"
        | "$ref"
        | "$defs"
        | "definitions"
        | "description"
        | "additionalProperties" => true,
        "format" => value
            .as_str()
            .is_some_and(|format| FORMATS.contains(&format)),
        "minItems" => value.as_u64().is_some_and(|least| least <= 1),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::schema::{for_strict, for_tool, lint};

    #[test]
    fn what_a_moved_keyword_refers_to_goes_with_it() {
        let schema = json!({
            "type": "object",
            "properties": {
                "code": {"type": "integer", "not": {"$ref": "#/$defs/a~1b"}},
                "left": {"$ref": "#/$defs/Left"},
            },
            "$defs": {
                "a/b": {"enum": [1, 2], "not": {"$ref": "#/$defs/C"}},
                "C": {"const": 2, "if": {"$ref": "#/$defs/a~1b"}},
                "Left": {"type": "string"},
                "Unused": {"type": "string"},
            },
        });
        let schema = for_strict(schema).to_value();
        let names: Vec<&String> = schema["$defs"].as_object().unwrap().keys().collect();
        assert_eq!(names, ["Left"], "{schema:#}");
        let moved = schema["properties"]["code"]["description"]
            .as_str()
            .unwrap();
        let moved: Value = serde_json::from_str(moved).unwrap();
        let names: Vec<&String> = moved["$defs"].as_object().unwrap().keys().collect();
        assert_eq!(names, ["C", "a/b"], "{moved:#}");
        assert_eq!(moved["not"]["$ref"], "#/$defs/a~1b");
        assert!(lint(&schema, true).is_empty());
    }

    #[test]
    fn tuples_are_reported_where_they_can_not_be() {
        let point = json!({"$ref": "#/$defs/Point"});
        let places = json!([point, {"type": "number"}]);
        for list in [
            json!({"type": "array", "prefixItems": places, "minItems": 2, "maxItems": 2}),
            json!({"type": "array", "prefixItems": places, "items": false}),
        ] {
            let schema = json!({
                "type": "object",
                "properties": {"line": list},
                "$defs": {"Point": {"type": "object", "properties": {"x": {"type": "number"}}}},
            });
            let hint = for_tool(schema.clone()).to_value();
            assert_eq!(hint["properties"]["line"], list);
            assert!(lint(&hint, false).is_empty());
            let strict = for_strict(schema).to_value();
            assert!(strict["$defs"]["Point"].is_object(), "{strict:#}");
            let findings = lint(&strict, true);
            assert_eq!(findings.len(), 1, "{findings:?}");
            assert_eq!(findings[0].path(), "/properties/line");
            assert!(findings[0].problem().contains("tuple"), "{}", findings[0]);
        }
        // A list of anything.
        let any =
            json!({"type": "object", "properties": {"all": {"type": "array", "items": true}}});
        assert!(lint(&for_tool(any.clone()).to_value(), false).is_empty());
        let findings = lint(&for_strict(any).to_value(), true);
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert!(findings[0].problem().contains("no type"), "{}", findings[0]);
    }
}
