//! A value that fits a JSON schema, always the same one for the same schema.
//!
//! Required properties are filled, or all of them where none is required; what may be left out is
//! left out where it would not end. A text matches its `pattern` where one can be built from it
//! (`pattern.rs`), and mentions it where not. `not` and `if` are not honoured: finding a value for
//! them is a search, and a test that needs one can set its input itself. Depth and size are
//! bounded, since schemas come from outside; a schema that can't be met within the bounds gets null
//! in the part that goes beyond.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

mod leaf;
mod pattern;
#[cfg(test)]
mod tests;

const MAX_DEPTH: usize = 24;
/// Roughly bytes of memory.
const MAX_SIZE: usize = 1024 * 1024;
const VALUE_SIZE: usize = 16;
const MAX_LENGTH: usize = 1_000;
/// How far the search for recursion goes.
const MAX_LOOKS: usize = 500;
/// How much of the schema is copied in all, roughly in bytes of memory.
const MAX_WORK: usize = 64 * 1024 * 1024;

/// An instance of a schema.
pub(crate) fn instance(schema: &Value) -> Value {
    Maker {
        root: schema,
        left: MAX_SIZE,
        work: MAX_WORK,
        open: Vec::new(),
        variant: 0,
    }
    .make(schema, "value", MAX_DEPTH)
}

struct Maker<'a> {
    root: &'a Value,
    left: usize,
    work: usize,
    /// The references on the way from the root to here.
    open: Vec<String>,
    /// Counts up among items that must differ.
    variant: usize,
}

impl Maker<'_> {
    fn make(&mut self, schema: &Value, name: &str, depth: usize) -> Value {
        if !self.spend(VALUE_SIZE + name.len()) || depth == 0 || self.work == 0 {
            return Value::Null;
        }
        let schema = leaf::with_hints(schema);
        let schema = schema.as_ref();
        if let Some(value) = schema.get("const") {
            return self.copy(value);
        }
        if let Some(values) = list(schema, "enum") {
            let chosen = values.get(self.variant).or_else(|| values.first());
            return chosen.map_or(Value::Null, |value| self.copy(value));
        }
        if let Some(pointer) = schema.get("$ref").and_then(Value::as_str) {
            let Some(target) = self.target(pointer) else {
                return Value::Null;
            };
            let merged = merged(schema, target, "$ref");
            self.worked(&merged);
            return self.inside(pointer, |maker| maker.make(&merged, name, depth - 1));
        }
        if let Some(parts) = list(schema, "allOf") {
            let mut whole = without(schema, "allOf");
            for part in parts {
                whole = merged(&whole, self.followed(part), "$ref");
                self.worked(&whole);
            }
            return self.make(&whole, name, depth - 1);
        }
        for choice in ["anyOf", "oneOf"] {
            if let Some(option) = list(schema, choice).and_then(|options| self.best(options)) {
                let merged = merged(schema, option, choice);
                self.worked(&merged);
                return self.make(&merged, name, depth - 1);
            }
        }
        if let Some(value) = schema.get("default").filter(|value| !value.is_null()) {
            return self.copy(value);
        }
        match leaf::kind(schema) {
            "object" => self.object(schema, depth),
            "array" => self.array(schema, name, depth),
            "integer" => leaf::integer(schema, self.variant),
            "number" => leaf::number(schema, self.variant),
            "boolean" => Value::Bool(self.variant % 2 == 0),
            "null" => Value::Null,
            _ => Value::String(leaf::string(schema, name, self.variant)),
        }
    }

    /// Takes from what is left; false when that isn't enough.
    fn spend(&mut self, size: usize) -> bool {
        let left = self.left.checked_sub(size);
        self.left = left.unwrap_or_default();
        left.is_some()
    }

    fn worked(&mut self, on: &Value) {
        self.work = self.work.saturating_sub(size(on));
    }

    fn copy(&mut self, value: &Value) -> Value {
        if self.spend(size(value)) {
            value.clone()
        } else {
            Value::Null
        }
    }

    fn inside<T>(&mut self, pointer: &str, make: impl FnOnce(&mut Self) -> T) -> T {
        self.open.push(pointer.to_owned());
        let value = make(self);
        self.open.pop();
        value
    }

    fn object(&mut self, schema: &Value, depth: usize) -> Value {
        let required = list(schema, "required").into_iter().flatten();
        let required: HashSet<&str> = required.filter_map(Value::as_str).collect();
        let least = leaf::bound(schema, "minProperties").unwrap_or_default();
        let most = leaf::bound(schema, "maxProperties").unwrap_or(usize::MAX);
        let properties = schema.get("properties").and_then(Value::as_object);
        let mut object = Map::new();
        for (name, property) in properties.into_iter().flatten() {
            let is_required = required.contains(name.as_str());
            let is_free = required.is_empty() && object.len() < most && !self.returns(property);
            if (is_required || is_free) && self.left > 0 {
                object.insert(name.clone(), self.make(property, name, depth - 1));
            }
        }
        for (name, property) in properties.into_iter().flatten() {
            if object.len() < least && !object.contains_key(name) {
                object.insert(name.clone(), self.make(property, name, depth - 1));
            }
        }
        let more = schema.get("additionalProperties");
        let more = more.filter(|more| more.is_object()).cloned();
        let more = more.unwrap_or_else(|| json!({"type": "string"}));
        for name in with_dependents(schema, &object, required) {
            if !object.contains_key(name) && self.spend(VALUE_SIZE + 2 * name.len()) {
                let property = properties.and_then(|all| all.get(name)).unwrap_or(&more);
                object.insert(name.to_owned(), self.make(property, name, depth - 1));
            }
        }
        for number in 1..=least.min(MAX_LENGTH) {
            if object.len() < least && self.left > 0 {
                let name = format!("key{number}");
                let value = self.make(&more, &name, depth - 1);
                object.insert(name, value);
            }
        }
        Value::Object(object)
    }

    fn array(&mut self, schema: &Value, name: &str, depth: usize) -> Value {
        let mut values = Vec::new();
        for item in list(schema, "prefixItems")
            .into_iter()
            .flatten()
            .take(MAX_LENGTH)
        {
            values.push(self.make(item, name, depth - 1));
        }
        if let Some(item) = schema.get("contains") {
            let count = leaf::bound(schema, "minContains")
                .unwrap_or(1)
                .min(MAX_LENGTH);
            for _ in 0..count {
                values.push(self.make(item, name, depth - 1));
            }
        }
        let Some(items) = schema.get("items").filter(|items| items.is_object()) else {
            return Value::Array(values);
        };
        let most = leaf::bound(schema, "maxItems").unwrap_or(MAX_LENGTH);
        let wanted = usize::from(!self.returns(items));
        let least = leaf::bound(schema, "minItems").unwrap_or(wanted);
        let least = least.min(most).min(MAX_LENGTH);
        let unique = schema.get("uniqueItems") == Some(&Value::Bool(true));
        let outer = self.variant;
        while values.len() < least && self.left > 0 {
            if unique {
                self.variant = values.len();
            }
            values.push(self.make(items, name, depth - 1));
        }
        self.variant = outer;
        Value::Array(values)
    }

    /// Of several options the first that is neither null nor leads back to where it comes from.
    fn best<'b>(&self, options: &'b [Value]) -> Option<&'b Value> {
        let is_null = |option: &Value| leaf::kind(option) == "null";
        let ends = |option: &Value| !self.returns(option);
        options
            .iter()
            .find(|option| !is_null(option) && ends(option))
            .or_else(|| options.iter().find(|option| is_null(option)))
            .or_else(|| options.first())
    }

    fn target(&self, pointer: &str) -> Option<&Value> {
        self.root.pointer(pointer.strip_prefix('#')?)
    }

    /// What a schema that is nothing but a reference refers to.
    fn followed<'b>(&'b self, schema: &'b Value) -> &'b Value {
        let pointer = schema.get("$ref").and_then(Value::as_str);
        pointer
            .and_then(|pointer| self.target(pointer))
            .unwrap_or(schema)
    }

    /// Whether an instance would have to hold one of what is being made, and so on without an end.
    fn returns(&self, schema: &Value) -> bool {
        let mut looks = MAX_LOOKS;
        self.leads_back(schema, &mut Vec::new(), &mut looks)
    }

    fn leads_back<'b>(
        &'b self,
        schema: &'b Value,
        seen: &mut Vec<&'b str>,
        looks: &mut usize,
    ) -> bool {
        if *looks == 0 {
            return true;
        }
        *looks -= 1;
        if let Some(pointer) = schema.get("$ref").and_then(Value::as_str) {
            if seen.contains(&pointer)
                || self.open.iter().any(|open| open == pointer)
                || pointer == "#"
            {
                return true;
            }
            seen.push(pointer);
            let back = self
                .target(pointer)
                .is_some_and(|target| self.leads_back(target, seen, looks));
            seen.pop();
            return back;
        }
        let mut all = list(schema, "allOf").into_iter().flatten();
        if all.any(|part| self.leads_back(part, seen, looks)) {
            return true;
        }
        for choice in ["anyOf", "oneOf"] {
            if let Some(options) = list(schema, choice) {
                return options
                    .iter()
                    .all(|option| self.leads_back(option, seen, looks));
            }
        }
        let required = list(schema, "required").into_iter().flatten();
        let mut required =
            required.filter_map(|name| schema.get("properties")?.get(name.as_str()?));
        let filled = leaf::bound(schema, "minItems").is_some_and(|least| least > 0);
        required.any(|property| self.leads_back(property, seen, looks))
            || schema
                .get("items")
                .is_some_and(|items| filled && self.leads_back(items, seen, looks))
    }
}

/// The properties that are required, and those that are because others are there.
fn with_dependents<'a>(
    schema: &'a Value,
    object: &Map<String, Value>,
    mut required: HashSet<&'a str>,
) -> HashSet<&'a str> {
    let dependents = schema.get("dependentRequired").and_then(Value::as_object);
    let Some(dependents) = dependents else {
        return required;
    };
    let there = dependents.keys().map(String::as_str);
    required.extend(there.filter(|name| object.contains_key(*name)));
    let mut next: Vec<&str> = required.iter().copied().collect();
    while let Some(name) = next.pop() {
        let also = dependents.get(name).and_then(Value::as_array);
        for name in also.into_iter().flatten().filter_map(Value::as_str) {
            if required.insert(name) {
                next.push(name);
            }
        }
    }
    required
}

/// A schema and another that must hold too, as one; `but` of the first is left out, for it has been
/// dealt with.
fn merged(schema: &Value, other: &Value, but: &str) -> Value {
    let mut whole = without(schema, but);
    let (Some(fields), Some(more)) = (whole.as_object_mut(), other.as_object()) else {
        return if schema.is_object() {
            whole
        } else {
            other.clone()
        };
    };
    for (name, value) in more {
        match (name.as_str(), fields.get_mut(name), value) {
            ("properties" | "$defs", Some(Value::Object(into)), Value::Object(from)) => {
                into.extend(from.clone());
            }
            ("required" | "allOf", Some(Value::Array(into)), Value::Array(from)) => {
                into.extend(from.iter().cloned());
            }
            // A range is as narrow as the narrower one.
            (
                "minimum" | "exclusiveMinimum" | "minLength" | "minItems" | "minProperties"
                | "minContains",
                Some(into),
                from,
            ) => {
                if from.as_f64() > into.as_f64() {
                    *into = from.clone();
                }
            }
            (
                "maximum" | "exclusiveMaximum" | "maxLength" | "maxItems" | "maxProperties"
                | "maxContains",
                Some(into),
                from,
            ) => {
                if from.as_f64() < into.as_f64() {
                    *into = from.clone();
                }
            }
            _ => {
                fields.insert(name.clone(), value.clone());
            }
        }
    }
    whole
}

fn without(schema: &Value, name: &str) -> Value {
    let mut schema = schema.clone();
    if let Some(fields) = schema.as_object_mut() {
        fields.remove(name);
    }
    schema
}

fn list<'a>(schema: &'a Value, name: &str) -> Option<&'a [Value]> {
    let list = schema.get(name)?.as_array()?;
    (!list.is_empty()).then_some(list)
}

fn size(value: &Value) -> usize {
    let inside = match value {
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(size).sum(),
        Value::Object(map) => map.iter().map(|(key, value)| key.len() + size(value)).sum(),
        _ => 0,
    };
    VALUE_SIZE + inside
}
