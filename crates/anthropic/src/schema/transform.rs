//! Brings a schema into the API's form.

use serde_json::{Map, Value};

/// What a schema is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// A tool's input, as a hint to the model: any keyword may stay.
    Tool,
    /// What the API guarantees: few keywords are there.
    Strict,
}

/// Below this nothing is changed; no parser goes as deep.
const MAX_DEPTH: usize = 128;

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

/// Keywords whose value is one schema each, by name.
const NAMED: [&str; 5] = [
    "properties",
    "$defs",
    "definitions",
    "patternProperties",
    "dependentSchemas",
];
/// Keywords whose value is a list of schemas.
const LISTS: [&str; 4] = ["anyOf", "oneOf", "allOf", "prefixItems"];
/// Keywords whose value is a schema.
const SINGLE: [&str; 9] = [
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

/// The schema in this form.
pub(super) fn transformed(schema: Value, form: Form) -> Value {
    let mut schema = match schema {
        Value::Object(schema) => schema,
        // `true` takes anything: what the API calls an object is nearest.
        _ => Map::new(),
    };
    let definitions = definitions(&schema);
    resolve_root(&mut schema, &definitions);
    if is_plain(&schema) {
        schema.entry("type").or_insert_with(|| "object".into());
    }
    if schema.get("type").is_some_and(|of| of == "object") && !has_choice(&schema) {
        schema
            .entry("properties")
            .or_insert_with(|| Map::new().into());
    }
    let mut schema = Value::Object(schema);
    node(&mut schema, form, &definitions, MAX_DEPTH);
    schema
}

/// The named schemas of a document, by the reference that names them.
type Definitions = Vec<(String, Map<String, Value>)>;

fn definitions(schema: &Map<String, Value>) -> Definitions {
    let mut found = Vec::new();
    for section in ["$defs", "definitions"] {
        let named = schema
            .get(section)
            .and_then(Value::as_object)
            .into_iter()
            .flatten();
        for (name, value) in named {
            if let Value::Object(value) = value {
                let name = name.replace('~', "~0").replace('/', "~1");
                found.push((format!("#/{section}/{name}"), value.clone()));
            }
        }
    }
    found
}

/// What a node refers to.
fn target<'d>(
    node: &Map<String, Value>,
    definitions: &'d Definitions,
) -> Option<&'d Map<String, Value>> {
    let reference = node.get("$ref")?.as_str()?;
    let mut definitions = definitions.iter();
    definitions
        .find(|(name, _)| name == reference)
        .map(|(_, target)| target)
}

/// The API wants an object at the root, not a reference to one.
fn resolve_root(schema: &mut Map<String, Value>, definitions: &Definitions) {
    // A chain of references ends, or is a circle of no more steps than there are names.
    for _ in 0..=definitions.len() {
        let Some(target) = target(schema, definitions) else {
            return;
        };
        inline(schema, target);
    }
}

/// Puts what a node refers to in its place; what the node has beside the reference wins.
fn inline(node: &mut Map<String, Value>, target: &Map<String, Value>) {
    node.remove("$ref");
    for (key, value) in target {
        node.entry(key.clone()).or_insert_with(|| value.clone());
    }
}

/// Whether nothing says what the schema is of.
fn is_plain(schema: &Map<String, Value>) -> bool {
    !["type", "$ref", "enum", "const"]
        .iter()
        .any(|key| schema.contains_key(*key))
        && !has_choice(schema)
}

fn has_choice(schema: &Map<String, Value>) -> bool {
    ["anyOf", "oneOf", "allOf"]
        .iter()
        .any(|key| schema.contains_key(*key))
}

fn node(value: &mut Value, form: Form, definitions: &Definitions, depth: usize) {
    let Value::Object(schema) = value else {
        return;
    };
    if depth == 0 {
        return;
    }
    if form == Form::Strict {
        reference(schema, definitions);
        choices(schema);
    }
    for key in NAMED {
        let named = schema
            .get_mut(key)
            .and_then(Value::as_object_mut)
            .into_iter()
            .flatten();
        named.for_each(|(_, value)| node(value, form, definitions, depth - 1));
    }
    for key in LISTS {
        let list = schema
            .get_mut(key)
            .and_then(Value::as_array_mut)
            .into_iter()
            .flatten();
        list.for_each(|value| node(value, form, definitions, depth - 1));
    }
    for key in SINGLE {
        if let Some(value) = schema.get_mut(key) {
            node(value, form, definitions, depth - 1);
        }
    }
    annotations(schema);
    close(schema);
    if form == Form::Strict {
        move_unsupported(schema);
    }
}

/// Drops what says nothing to a model.
fn annotations(schema: &mut Map<String, Value>) {
    for key in ["$schema", "$id", "title"] {
        // A property may have such a name; here it is a keyword, with a string.
        if schema.get(key).is_some_and(Value::is_string) {
            schema.remove(key);
        }
    }
    let numeric = types(schema)
        .iter()
        .any(|of| matches!(*of, "integer" | "number"));
    if numeric && !types(schema).contains(&"string") {
        schema.remove("format");
    }
}

fn types(schema: &Map<String, Value>) -> Vec<&str> {
    match schema.get("type") {
        Some(Value::String(of)) => vec![of],
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// Closes an object that has properties. One whose other properties are elsewhere, in a choice or a
/// reference, can't be closed here.
fn close(schema: &mut Map<String, Value>) {
    let elsewhere = [
        "anyOf",
        "oneOf",
        "allOf",
        "$ref",
        "patternProperties",
        "unevaluatedProperties",
    ];
    if schema.contains_key("properties")
        && types(schema).contains(&"object")
        && !elsewhere.iter().any(|key| schema.contains_key(*key))
    {
        schema
            .entry("additionalProperties")
            .or_insert(Value::Bool(false));
    }
}

/// A reference stands alone in what the API guarantees. Where something is beside it that says
/// something, such as a description, what it refers to comes in its place.
fn reference(schema: &mut Map<String, Value>, definitions: &Definitions) {
    if schema.len() < 2 || !schema.contains_key("$ref") {
        return;
    }
    let says_nothing = |key: &str| matches!(key, "$ref" | "title" | "$schema" | "$id" | "default");
    if schema.keys().all(|key| says_nothing(key)) {
        schema.retain(|key, _| key == "$ref");
        return;
    }
    if let Some(target) = target(schema, definitions) {
        inline(schema, target);
    }
}

/// Writes choices as `anyOf`: `oneOf`, and a list of types.
fn choices(schema: &mut Map<String, Value>) {
    if !schema.contains_key("anyOf") {
        if let Some(choices) = schema.remove("oneOf") {
            schema.insert("anyOf".to_owned(), choices);
        }
    }
    let is_list = schema.get("type").is_some_and(Value::is_array);
    if !is_list {
        return;
    }
    if schema.contains_key("enum") {
        // The values say which types there are.
        schema.remove("type");
        return;
    }
    let Some(Value::Array(types)) = schema.remove("type") else {
        return;
    };
    if let [only] = &*types {
        schema.insert("type".to_owned(), only.clone());
        return;
    }
    if schema.contains_key("anyOf") {
        // Each choice says which type it is of.
        return;
    }
    let outside = [
        "description",
        "title",
        "default",
        "$defs",
        "definitions",
        "$schema",
        "$id",
    ];
    let keys: Vec<String> = schema
        .keys()
        .filter(|key| !outside.contains(&key.as_str()))
        .cloned()
        .collect();
    let inside: Vec<(String, Value)> = keys
        .into_iter()
        .filter_map(|key| schema.remove_entry(&key))
        .collect();
    let choices = types.into_iter().map(|of| {
        let mut choice = Map::new();
        if of != "null" {
            choice.extend(inside.iter().cloned());
        }
        choice.insert("type".to_owned(), of);
        Value::Object(choice)
    });
    let choices = Value::Array(choices.collect());
    schema.insert("anyOf".to_owned(), choices);
}

/// Moves keywords that the API does not take into the description.
fn move_unsupported(schema: &mut Map<String, Value>) {
    if schema.get("default").is_some_and(Value::is_null) {
        schema.remove("default");
    }
    let keys: Vec<String> = schema
        .iter()
        .filter(|(key, value)| !is_supported(key, value))
        .map(|(key, _)| key.clone())
        .collect();
    if keys.is_empty() {
        return;
    }
    let moved: Map<String, Value> = keys
        .iter()
        .filter_map(|key| schema.remove_entry(key))
        .collect();
    let moved = Value::Object(moved).to_string();
    let described = match schema.get("description").and_then(Value::as_str) {
        Some(text) if !text.is_empty() => format!("{text}\n\n{moved}"),
        _ => moved,
    };
    schema.insert("description".to_owned(), described.into());
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
