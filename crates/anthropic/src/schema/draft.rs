//! The draft of JSON Schema that the API takes, 2020-12: it refuses a whole request for one keyword
//! with a value that the draft does not know.
//!
//! What older drafts write in another way has the same meaning here, and is rewritten. What has no
//! meaning in any draft is reported; in schemas of others, where nobody can mend it, it is dropped.

use std::collections::HashSet;

use serde_json::{Map, Number, Value};

/// Below this nothing is changed; no parser goes as deep.
const MAX_DEPTH: usize = 128;
/// The types of JSON Schema.
pub(super) const TYPES: [&str; 7] = [
    "object", "array", "string", "number", "integer", "boolean", "null",
];
/// Keywords whose value is one schema each, by name.
pub(super) const NAMED: [&str; 5] = [
    "properties",
    "$defs",
    "definitions",
    "patternProperties",
    "dependentSchemas",
];
/// Keywords whose value is a list of schemas.
pub(super) const LISTS: [&str; 4] = ["anyOf", "oneOf", "allOf", "prefixItems"];
/// Keywords whose value is a schema.
pub(super) const SINGLE: [&str; 9] = [
    "items",
    "additionalProperties",
    "contains",
    "not",
    "if",
    "then",
    "else",
    "propertyNames",
    "unevaluatedProperties",
];

/// What a keyword takes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Takes {
    Schema,
    Schemas,
    NamedSchemas,
    Names,
    List,
    Text,
    Number,
    Count,
    Flag,
}

impl Takes {
    /// None for what is no keyword, or takes anything. Types have a finding of their own.
    fn of(key: &str) -> Option<Self> {
        Some(match key {
            key if SINGLE.contains(&key) => Self::Schema,
            key if LISTS.contains(&key) => Self::Schemas,
            key if NAMED.contains(&key) => Self::NamedSchemas,
            "required" => Self::Names,
            "enum" | "examples" => Self::List,
            "$ref" | "description" | "title" | "format" | "pattern" => Self::Text,
            "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" | "multipleOf" => {
                Self::Number
            }
            "minLength" | "maxLength" | "minItems" | "maxItems" | "minProperties"
            | "maxProperties" => Self::Count,
            "uniqueItems" | "deprecated" | "readOnly" | "writeOnly" => Self::Flag,
            _ => return None,
        })
    }

    /// Whether this is such a value; what is within it is looked at by itself.
    fn fits(self, value: &Value) -> bool {
        match self {
            Self::Schema => is_schema(value),
            Self::Schemas => value.as_array().is_some_and(|list| !list.is_empty()),
            Self::NamedSchemas => value.is_object(),
            Self::Names => value
                .as_array()
                .is_some_and(|names| names.iter().all(Value::is_string) && !has_doubles(names)),
            Self::List => value.is_array(),
            Self::Text => value.is_string(),
            Self::Number => value.is_number(),
            Self::Count => value
                .as_f64()
                .is_some_and(|count| count >= 0.0 && count.fract() == 0.0),
            Self::Flag => value.is_boolean(),
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Schema => "a schema",
            Self::Schemas => "a list of schemas",
            Self::NamedSchemas => "an object of schemas",
            Self::Names => "a list of names, each of them once",
            Self::List => "a list",
            Self::Text => "a string",
            Self::Number => "a number",
            Self::Count => "a whole number",
            Self::Flag => "`true` or `false`",
        }
    }
}

fn is_schema(value: &Value) -> bool {
    value.is_object() || value.is_boolean()
}

/// Whether a text is there twice. There may be many.
fn has_doubles(names: &[Value]) -> bool {
    let mut seen = HashSet::new();
    let mut names = names.iter().filter_map(Value::as_str);
    !names.all(|name| seen.insert(name))
}

/// What the draft does not know of a schema, without those within it. A finding has the keyword,
/// and what it takes.
pub(super) fn faults(schema: &Map<String, Value>) -> impl Iterator<Item = String> {
    schema.iter().filter_map(|(key, value)| {
        let takes = Takes::of(key)?;
        if !takes.fits(value) {
            return Some(format!(
                "`{key}` takes {} in JSON Schema 2020-12, which the API checks; `schema::mended` rewrites older drafts and leaves out the rest",
                takes.words()
            ));
        }
        let is_whole = match value {
            Value::Object(named) if takes == Takes::NamedSchemas => named.values().all(is_schema),
            Value::Array(list) if takes == Takes::Schemas => list.iter().all(is_schema),
            _ => true,
        };
        (!is_whole).then(|| format!("something in `{key}` is no schema: an object or a boolean"))
    })
}

/// Rewrites what older drafts write in another way.
pub(super) fn rewrite(schema: &mut Map<String, Value>) {
    each(schema, MAX_DEPTH, &mut rewrite_one);
}

/// The same, and drops what is in no draft.
pub(super) fn mend(schema: &mut Map<String, Value>) {
    each(schema, MAX_DEPTH, &mut |schema| {
        rewrite_one(schema);
        mend_one(schema);
    });
}

/// Changes a schema and then those within it.
fn each(
    schema: &mut Map<String, Value>,
    depth: usize,
    change: &mut impl FnMut(&mut Map<String, Value>),
) {
    if depth == 0 {
        return;
    }
    change(schema);
    for (key, value) in schema.iter_mut() {
        let key = key.as_str();
        let within: Vec<&mut Value> = match value {
            Value::Object(named) if NAMED.contains(&key) => named.values_mut().collect(),
            Value::Array(list) if LISTS.contains(&key) => list.iter_mut().collect(),
            value if SINGLE.contains(&key) => vec![value],
            _ => continue,
        };
        for value in within {
            if let Value::Object(schema) = value {
                each(schema, depth - 1, change);
            }
        }
    }
}

fn rewrite_one(schema: &mut Map<String, Value>) {
    // A tuple's places, and what comes after them.
    if let Some(Value::Array(places)) = schema.get_mut("items") {
        let places = std::mem::take(places);
        schema.remove("items");
        if let Some(rest) = schema.remove("additionalItems") {
            schema.insert("items".to_owned(), rest);
        }
        if !places.is_empty() {
            schema.entry("prefixItems").or_insert(Value::Array(places));
        }
    }
    // Whether a bound is excluded.
    for (flag, bound) in [
        ("exclusiveMinimum", "minimum"),
        ("exclusiveMaximum", "maximum"),
    ] {
        let Some(Value::Bool(excluded)) = schema.get(flag) else {
            continue;
        };
        let excluded = *excluded;
        schema.remove(flag);
        let bound = schema.remove_entry(bound);
        if let Some((name, bound)) = bound {
            let name = if excluded { flag.to_owned() } else { name };
            schema.insert(name, bound);
        }
    }
    // Whether a property has to be there.
    let Some(Value::Object(properties)) = schema.get_mut("properties") else {
        return;
    };
    let mut required = Vec::new();
    for (name, property) in properties {
        let Value::Object(property) = property else {
            continue;
        };
        if let Some(Value::Bool(is_required)) = property.get("required") {
            if *is_required {
                required.push(Value::from(name.as_str()));
            }
            property.remove("required");
        }
    }
    if required.is_empty() {
        return;
    }
    match schema.get_mut("required") {
        Some(Value::Array(names)) => {
            let known: HashSet<&str> = names.iter().filter_map(Value::as_str).collect();
            required.retain(|name| name.as_str().is_none_or(|name| !known.contains(name)));
            names.append(&mut required);
        }
        Some(_) => {}
        None => _ = schema.insert("required".to_owned(), Value::Array(required)),
    }
}

fn mend_one(schema: &mut Map<String, Value>) {
    let anything = || Value::Object(Map::new());
    for (key, value) in schema.iter_mut() {
        match (Takes::of(key), value) {
            (Some(Takes::NamedSchemas), Value::Object(named)) => {
                let odd = named.values_mut().filter(|value| !is_schema(value));
                odd.for_each(|value| *value = anything());
            }
            (Some(Takes::Schemas), Value::Array(list)) => {
                let odd = list.iter_mut().filter(|value| !is_schema(value));
                odd.for_each(|value| *value = anything());
            }
            (Some(Takes::Names), Value::Array(names)) => {
                let mut seen = HashSet::new();
                names.retain(|name| {
                    let name = name.as_str();
                    name.is_some_and(|name| seen.insert(name.to_owned()))
                });
            }
            (Some(Takes::Number), value) => {
                let number = value.as_str().and_then(|text| text.parse::<Number>().ok());
                if let Some(number) = number {
                    *value = Value::Number(number);
                }
            }
            (None, Value::String(of)) if key == "type" => of.make_ascii_lowercase(),
            _ => {}
        }
    }
    schema.retain(|key, value| match Takes::of(key) {
        Some(takes) => takes.fits(value),
        None => key != "type" || is_type(value),
    });
}

/// Whether a value is a type of JSON Schema, or a list of some.
pub(super) fn is_type(value: &Value) -> bool {
    let is_one = |of: &Value| of.as_str().is_some_and(|of| TYPES.contains(&of));
    match value {
        Value::Array(list) => !list.is_empty() && list.iter().all(is_one) && !has_doubles(list),
        of => is_one(of),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::schema::{for_strict, for_tool, lint, mended};

    fn of(property: &Value) -> Value {
        json!({"type": "object", "properties": {"a": property}})
    }

    #[test]
    fn what_older_drafts_write_in_another_way_is_rewritten() {
        for (older, newer) in [
            (
                json!({"type": "array", "items": [{"type": "string"}, {"type": "null"}], "additionalItems": false}),
                json!({"type": "array", "prefixItems": [{"type": "string"}, {"type": "null"}], "items": false}),
            ),
            (
                json!({"type": "array", "items": {"type": "array", "items": [{}]}}),
                json!({"type": "array", "items": {"type": "array", "prefixItems": [{}]}}),
            ),
            (
                json!({"type": "array", "items": []}),
                json!({"type": "array"}),
            ),
            (
                json!({"type": "integer", "minimum": 0, "exclusiveMinimum": true, "maximum": 9, "exclusiveMaximum": false}),
                json!({"type": "integer", "exclusiveMinimum": 0, "maximum": 9}),
            ),
            (
                json!({"type": "object", "properties": {"b": {"type": "string", "required": true}, "c": {"required": false}, "required": {"type": "null"}}}),
                json!({"type": "object", "properties": {"b": {"type": "string"}, "c": {}, "required": {"type": "null"}}, "required": ["b"], "additionalProperties": false}),
            ),
        ] {
            assert!(
                !lint(&of(&older), false).is_empty() || older["items"] == json!([]),
                "{older}"
            );
            let tool = for_tool(of(&older)).to_value();
            assert_eq!(tool["properties"]["a"], newer);
            assert!(lint(&tool, false).is_empty());
            assert_eq!(for_tool(tool.clone()), tool);
        }
        // Of the root, too, and where the API guarantees it.
        let root =
            json!({"type": "object", "properties": {"a": {"type": "string", "required": true}}});
        let strict = for_strict(root).to_value();
        assert_eq!(strict["required"], json!(["a"]));
        assert!(lint(&strict, true).is_empty());
    }

    /// Schemas of properties, what is found of each, and what is left of it.
    fn odd() -> Vec<(Value, &'static str, Value)> {
        vec![
            (
                json!({"type": "object", "required": null}),
                "`required`",
                json!({"type": "object"}),
            ),
            (
                json!({"required": ["b", "b", 7]}),
                "`required`",
                json!({"required": ["b"]}),
            ),
            (json!({"properties": null}), "`properties`", json!({})),
            (
                json!({"properties": {"b": null}}),
                "`properties`",
                json!({"properties": {"b": {}}}),
            ),
            (
                json!({"items": null, "type": "array"}),
                "`items`",
                json!({"type": "array"}),
            ),
            (
                json!({"additionalProperties": "no"}),
                "`additionalProperties`",
                json!({}),
            ),
            (json!({"anyOf": []}), "`anyOf`", json!({})),
            (
                json!({"anyOf": [null, {"type": "string"}]}),
                "`anyOf`",
                json!({"anyOf": [{}, {"type": "string"}]}),
            ),
            (
                json!({"enum": null, "type": "string"}),
                "`enum`",
                json!({"type": "string"}),
            ),
            (json!({"description": null}), "`description`", json!({})),
            (json!({"minimum": "1"}), "`minimum`", json!({"minimum": 1})),
            (json!({"maxLength": -1}), "`maxLength`", json!({})),
            (json!({"uniqueItems": null}), "`uniqueItems`", json!({})),
            (
                json!({"type": "STRING"}),
                "\"STRING\" is not a type",
                json!({"type": "string"}),
            ),
            (json!({"type": "any"}), "\"any\" is not a type", json!({})),
            (
                json!({"items": {"type": null}}),
                "null is not a type",
                json!({"items": {}}),
            ),
        ]
    }

    /// Servers write such schemas, and the API refuses all requests that have one.
    #[test]
    fn what_is_in_no_draft_is_reported_and_dropped_from_what_others_wrote() {
        for (odd, named, left) in odd() {
            let found = lint(&for_tool(of(&odd)).to_value(), false);
            assert_eq!(found.len(), 1, "{odd}: {found:?}");
            assert!(found[0].problem().contains(named), "{odd}: {found:?}");
            let mended = mended(of(&odd)).to_value();
            assert_eq!(mended["properties"]["a"], left);
            assert!(lint(&mended, false).is_empty(), "{mended}");
        }
    }

    #[test]
    fn what_takes_anything_stays_and_nothing_is_closed() {
        for fine in [
            json!({"default": null, "const": null, "enum": [null], "examples": [1], "nullable": null, "x-y": []}),
            json!({"type": "object", "properties": {"type": {"type": "string"}, "items": true}, "minProperties": 1.0}),
            json!({"type": ["string", "null"], "additionalProperties": false, "not": {}}),
        ] {
            let all = of(&fine);
            assert!(lint(&all, false).is_empty(), "{fine}");
            assert_eq!(mended(all.clone()), all);
        }
    }
}
