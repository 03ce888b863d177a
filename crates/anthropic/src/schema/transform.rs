//! Brings a schema into the API's form.

use serde_json::{Map, Value};

use super::draft::{self, LISTS, NAMED, SINGLE};
use super::keywords::{Definitions, move_unsupported};
use super::references::{self, unescaped};

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

/// How many references are replaced by what they refer to; the others stay. A schema whose types
/// refer to each other often would else grow without bound.
const MAX_INLINED: usize = 1_000;

/// The schema in this form.
pub(super) fn transformed(schema: Value, form: Form) -> Value {
    let mut schema = match schema {
        Value::Object(schema) => schema,
        // `true` takes anything: what the API calls an object is nearest.
        _ => Map::new(),
    };
    draft::rewrite(&mut schema);
    let mut walk = Walk {
        form,
        definitions: definitions(&schema),
        inside: vec!["#".to_owned()],
        inlined: 0,
    };
    walk.resolve_root(&mut schema);
    if is_plain(&schema) {
        if !schema.contains_key("properties") {
            // It takes anything, so as an object it stays open.
            schema.entry("additionalProperties").or_insert(true.into());
        }
        schema.entry("type").or_insert_with(|| "object".into());
    }
    if schema.get("type").is_some_and(|of| of == "object") && !has_choice(&schema) {
        schema
            .entry("properties")
            .or_insert_with(|| Map::new().into());
    }
    let mut schema = Value::Object(schema);
    walk.node(&mut schema, MAX_DEPTH, true);
    if form == Form::Strict {
        // What came in the place of a reference would count twice.
        references::prune(&mut schema);
    }
    schema
}

fn definitions(schema: &Map<String, Value>) -> Definitions {
    let mut found = Definitions::new();
    for section in ["$defs", "definitions"] {
        let named = schema
            .get(section)
            .and_then(Value::as_object)
            .into_iter()
            .flatten();
        for (name, value) in named {
            if let Value::Object(value) = value {
                found.insert(named_by(section, name), value.clone());
            }
        }
    }
    found
}

/// The reference to a named schema.
fn named_by(section: &str, name: &str) -> String {
    let name = name.replace('~', "~0").replace('/', "~1");
    format!("#/{section}/{name}")
}

/// Adds what a target has and the node has not: properties and required ones to those that are
/// there, every other keyword where there is none.
fn merge(node: &mut Map<String, Value>, target: &Map<String, Value>) {
    for (key, value) in target {
        match (node.get_mut(key), value) {
            (Some(Value::Object(own)), Value::Object(theirs)) if key == "properties" => {
                for (name, property) in theirs {
                    own.entry(name.clone()).or_insert_with(|| property.clone());
                }
            }
            (Some(Value::Array(own)), Value::Array(theirs)) if key == "required" => {
                for name in theirs {
                    if !own.contains(name) {
                        own.push(name.clone());
                    }
                }
            }
            (Some(_), _) => {}
            (None, value) => _ = node.insert(key.clone(), value.clone()),
        }
    }
}

/// The way through a schema.
struct Walk {
    form: Form,
    definitions: Definitions,
    /// The references to what is being walked: those are not replaced again, or it had no end.
    inside: Vec<String>,
    inlined: usize,
}

impl Walk {
    /// The API wants an object at the root, not a reference to one.
    fn resolve_root(&mut self, schema: &mut Map<String, Value>) {
        while self.inline(schema) {}
    }

    /// Puts what a node refers to in place of the reference, once. Whether it did.
    fn inline(&mut self, node: &mut Map<String, Value>) -> bool {
        let Some(reference) = node.get("$ref").and_then(Value::as_str) else {
            return false;
        };
        let reference = unescaped(reference);
        if self.inlined == MAX_INLINED || self.inside.contains(&reference) {
            return false;
        }
        let Some(target) = self.definitions.get(&reference) else {
            return false;
        };
        node.remove("$ref");
        merge(node, target);
        self.inlined += 1;
        self.inside.push(reference);
        true
    }

    /// `closes`: whether an object may be closed, because nothing else adds properties to it.
    fn node(&mut self, value: &mut Value, depth: usize, closes: bool) {
        let Value::Object(schema) = value else {
            return;
        };
        if depth == 0 {
            return;
        }
        let around = self.inside.len();
        self.reference(schema);
        if self.form == Form::Strict {
            choices(schema);
            self.distribute(schema);
        }
        self.named(schema, depth);
        let has_properties = schema.contains_key("properties");
        for key in LISTS {
            let closes = match key {
                "allOf" => false,
                "anyOf" | "oneOf" => closes && !has_properties,
                _ => true,
            };
            let list = schema
                .get_mut(key)
                .and_then(Value::as_array_mut)
                .into_iter()
                .flatten();
            list.for_each(|value| self.node(value, depth - 1, closes));
        }
        for key in SINGLE {
            // These are about the node itself, and not all there is to it.
            let closes = !matches!(key, "not" | "if" | "then" | "else");
            if let Some(value) = schema.get_mut(key) {
                self.node(value, depth - 1, closes);
            }
        }
        annotations(schema);
        // One of which no property is known may be open: a hint does not make it empty.
        let may_be_open = self.form == Form::Tool && depth < MAX_DEPTH && has_none(schema);
        if closes && !may_be_open {
            close(schema);
        }
        if self.form == Form::Strict {
            move_unsupported(schema, &self.definitions);
        }
        self.inside.truncate(around);
    }

    fn named(&mut self, schema: &mut Map<String, Value>, depth: usize) {
        for key in NAMED {
            let named = schema
                .get_mut(key)
                .and_then(Value::as_object_mut)
                .into_iter()
                .flatten();
            for (name, value) in named {
                let around = self.inside.len();
                if matches!(key, "$defs" | "definitions") {
                    self.inside.push(named_by(key, name));
                }
                self.node(value, depth - 1, key != "dependentSchemas");
                self.inside.truncate(around);
            }
        }
    }

    /// A reference with properties beside it is one object, which can only be closed as one.
    ///
    /// In what the API guarantees a reference stands alone. Where something is beside it that has
    /// a meaning, such as a description, what it refers to comes in its place; within itself, the
    /// reference alone stays.
    fn reference(&mut self, schema: &mut Map<String, Value>) {
        while schema.len() > 1 && schema.contains_key("$ref") {
            let says_nothing =
                |key: &str| matches!(key, "$ref" | "title" | "$schema" | "$id" | "default");
            let strict = self.form == Form::Strict;
            if strict && schema.keys().all(|key| says_nothing(key)) {
                schema.retain(|key, _| key == "$ref");
                return;
            }
            if !strict && !schema.contains_key("properties") {
                return;
            }
            if self.inline(schema) {
                continue;
            }
            if strict {
                schema.retain(|key, _| key == "$ref");
            }
            return;
        }
    }

    /// Gives the properties beside a choice to each of its objects, since only those can be closed.
    fn distribute(&mut self, schema: &mut Map<String, Value>) {
        if !(schema.contains_key("properties") && schema.get("anyOf").is_some_and(Value::is_array))
        {
            return;
        }
        let Some(Value::Array(mut choices)) = schema.remove("anyOf") else {
            return;
        };
        let shared = ["type", "properties", "required", "additionalProperties"];
        let shared: Map<String, Value> = shared
            .into_iter()
            .filter_map(|key| schema.remove_entry(key))
            .collect();
        for choice in &mut choices {
            if let Value::Object(choice) = choice {
                let around = self.inside.len();
                while self.inline(choice) {}
                self.inside.truncate(around);
                merge(choice, &shared);
            }
        }
        schema.insert("anyOf".to_owned(), Value::Array(choices));
    }
}

/// Whether it is an object without properties.
fn has_none(schema: &Map<String, Value>) -> bool {
    let properties = schema.get("properties").and_then(Value::as_object);
    properties.is_some_and(Map::is_empty)
}

/// Whether nothing in it has a type.
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

/// Drops what is of no use to a model.
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
        // The values show which types there are.
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
        // Each choice has its own type.
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
