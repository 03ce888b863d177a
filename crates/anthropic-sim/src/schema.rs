//! A value that fits a JSON schema, always the same one for the same schema.
//!
//! Required properties are filled, or all of them where none is required. `pattern` is not honoured: finding a
//! string for a regular expression is not this crate's business. Depth and size are bounded, since schemas come
//! from outside; a schema that can't be met within the bounds gets null in the part that goes beyond.

use std::collections::HashSet;

use serde_json::{Map, Number, Value, json};

const MAX_DEPTH: usize = 24;
/// Roughly bytes of memory.
const MAX_SIZE: usize = 1024 * 1024;
const VALUE_SIZE: usize = 16;
const MAX_LENGTH: usize = 1_000;

/// An instance of a schema.
pub(crate) fn instance(schema: &Value) -> Value {
    Maker {
        root: schema,
        left: MAX_SIZE,
    }
    .make(schema, "value", MAX_DEPTH)
}

struct Maker<'a> {
    root: &'a Value,
    left: usize,
}

impl<'a> Maker<'a> {
    fn make(&mut self, schema: &'a Value, name: &str, depth: usize) -> Value {
        if !self.spend(VALUE_SIZE + name.len()) || depth == 0 {
            return Value::Null;
        }
        if let Some(value) = schema.get("const").or_else(|| first(schema, "enum")) {
            return self.copy(value);
        }
        if let Some(pointer) = schema.get("$ref").and_then(Value::as_str) {
            let target = pointer
                .strip_prefix('#')
                .and_then(|pointer| self.root.pointer(pointer));
            return target.map_or(Value::Null, |target| self.make(target, name, depth - 1));
        }
        if let Some(option) = first(schema, "anyOf").or_else(|| first(schema, "oneOf")) {
            let option = simplest(schema).unwrap_or(option);
            return self.make(option, name, depth - 1);
        }
        if let Some(value) = schema.get("default").filter(|value| !value.is_null()) {
            return self.copy(value);
        }
        if let Some(parts) = schema.get("allOf").and_then(Value::as_array) {
            return self.merged(schema, parts, name, depth);
        }
        match kind(schema) {
            "object" => self.object(schema, depth),
            "array" => self.array(schema, name, depth),
            "integer" => number(schema, true),
            "number" => number(schema, false),
            "boolean" => Value::Bool(true),
            "null" => Value::Null,
            _ => Value::String(string(schema, name)),
        }
    }

    /// Takes from what is left; false when that isn't enough.
    fn spend(&mut self, size: usize) -> bool {
        let left = self.left.checked_sub(size);
        self.left = left.unwrap_or_default();
        left.is_some()
    }

    fn copy(&mut self, value: &Value) -> Value {
        if self.spend(size(value)) {
            value.clone()
        } else {
            Value::Null
        }
    }

    /// The parts' instances laid over each other, which suits the objects `allOf` is used for.
    fn merged(&mut self, schema: &'a Value, parts: &'a [Value], name: &str, depth: usize) -> Value {
        let mut made = self.object(schema, depth);
        for part in parts {
            match (self.make(part, name, depth - 1), &mut made) {
                (Value::Object(from), Value::Object(into)) => into.extend(from),
                (other, _) => made = other,
            }
        }
        made
    }

    fn object(&mut self, schema: &'a Value, depth: usize) -> Value {
        let required = schema.get("required").and_then(Value::as_array);
        let required: HashSet<&str> = required
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let properties = schema.get("properties").and_then(Value::as_object);
        let mut object = Map::new();
        for (name, property) in properties.into_iter().flatten() {
            let wanted = required.is_empty() || required.contains(name.as_str());
            if wanted && self.left > 0 {
                object.insert(name.clone(), self.make(property, name, depth - 1));
            }
        }
        for name in required {
            if !object.contains_key(name) && self.spend(VALUE_SIZE + 2 * name.len()) {
                object.insert(name.to_owned(), json!(format!("simulated {name}")));
            }
        }
        Value::Object(object)
    }

    fn array(&mut self, schema: &'a Value, name: &str, depth: usize) -> Value {
        let mut values = Vec::new();
        for item in schema
            .get("prefixItems")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .take(MAX_LENGTH)
        {
            values.push(self.make(item, name, depth - 1));
        }
        let most = bound(schema, "maxItems").unwrap_or(MAX_LENGTH);
        let least = bound(schema, "minItems")
            .unwrap_or(1)
            .min(most)
            .min(MAX_LENGTH);
        if let Some(items) = schema.get("items").filter(|items| items.is_object()) {
            while values.len() < least && self.left > 0 {
                values.push(self.make(items, name, depth - 1));
            }
        }
        Value::Array(values)
    }
}

/// Of several options the first that is neither null nor a reference, which might recurse.
fn simplest(schema: &Value) -> Option<&Value> {
    let options = schema
        .get("anyOf")
        .or_else(|| schema.get("oneOf"))?
        .as_array()?;
    let plain = |option: &&Value| option.get("$ref").is_none() && kind(option) != "null";
    options.iter().find(plain)
}

fn first<'a>(schema: &'a Value, name: &str) -> Option<&'a Value> {
    schema.get(name)?.as_array()?.first()
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

fn kind(schema: &Value) -> &str {
    let named = match schema.get("type") {
        Some(Value::Array(kinds)) => kinds
            .iter()
            .filter_map(Value::as_str)
            .find(|kind| *kind != "null"),
        Some(kind) => kind.as_str(),
        None => None,
    };
    named.unwrap_or_else(|| match schema {
        schema if schema.get("properties").is_some() => "object",
        schema if schema.get("items").is_some() => "array",
        _ => "string",
    })
}

fn bound(schema: &Value, name: &str) -> Option<usize> {
    schema
        .get(name)?
        .as_u64()
        .and_then(|bound| usize::try_from(bound).ok())
}

/// The number in the schema's range that is nearest to 1.
fn number(schema: &Value, whole: bool) -> Value {
    let limit = |name: &str| schema.get(name).and_then(Value::as_f64);
    let step = limit("multipleOf")
        .filter(|step| *step > 0.0)
        .unwrap_or(if whole { 1.0 } else { 0.5 });
    let least = limit("minimum").or_else(|| limit("exclusiveMinimum").map(|least| least + step));
    let most = limit("maximum").or_else(|| limit("exclusiveMaximum").map(|most| most - step));
    let raw = 1.0_f64
        .max(least.unwrap_or(f64::MIN))
        .min(most.unwrap_or(f64::MAX));
    let up = (raw / step).ceil() * step;
    let fitted = if most.is_some_and(|most| up > most) {
        (raw / step).floor() * step
    } else {
        up
    };
    let as_whole = whole
        .then(|| format!("{fitted:.0}").parse::<i64>().ok())
        .flatten();
    as_whole
        .map(Number::from)
        .or_else(|| Number::from_f64(fitted))
        .map_or(Value::Null, Value::Number)
}

fn string(schema: &Value, name: &str) -> String {
    let format = schema.get("format").and_then(Value::as_str);
    let text = match format {
        Some("date-time") => "2026-11-01T00:00:00Z".to_owned(),
        Some("date") => "2026-11-01".to_owned(),
        Some("time") => "00:00:00Z".to_owned(),
        Some("duration") => "PT1S".to_owned(),
        Some("email") => "simulator@example.com".to_owned(),
        Some("hostname") => "example.com".to_owned(),
        Some("ipv4") => "192.0.2.1".to_owned(),
        Some("ipv6") => "2001:db8::1".to_owned(),
        Some("uri") => "https://example.com/".to_owned(),
        Some("uuid") => "00000000-0000-4000-8000-000000000001".to_owned(),
        _ => format!("simulated {name}"),
    };
    let most = bound(schema, "maxLength").unwrap_or(usize::MAX);
    let least = bound(schema, "minLength")
        .unwrap_or(0)
        .min(most)
        .min(MAX_LENGTH);
    text.chars()
        .chain(std::iter::repeat('.'))
        .take(text.chars().count().max(least).min(most))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_fit_their_schemas() {
        for (schema, value) in [
            (
                json!({"type": "string", "minLength": 20}),
                json!("simulated value....."),
            ),
            (json!({"type": "string", "maxLength": 3}), json!("sim")),
            (json!({"type": ["null", "integer"], "minimum": 5}), json!(5)),
            (json!({"type": "integer", "maximum": -3}), json!(-3)),
            (json!({"type": "integer", "multipleOf": 7}), json!(7)),
            (json!({"type": "integer", "exclusiveMinimum": 1}), json!(2)),
            (
                json!({"type": "number", "minimum": 0.5, "maximum": 0.75}),
                json!(0.5),
            ),
            (json!({"enum": ["c", "f"]}), json!("c")),
            (json!({"const": 4}), json!(4)),
            (
                json!({"anyOf": [{"type": "null"}, {"type": "boolean"}]}),
                json!(true),
            ),
            (
                json!({"type": "array", "items": {"type": "boolean"}, "minItems": 2}),
                json!([true, true]),
            ),
            (
                json!({"type": "string", "format": "date"}),
                json!("2026-11-01"),
            ),
            (json!(true), json!("simulated value")),
        ] {
            assert_eq!(instance(&schema), value, "{schema}");
        }
    }

    #[test]
    fn objects_hold_what_is_required() {
        let schema = json!({
            "type": "object",
            "properties": {"city": {"type": "string"}, "unit": {"enum": ["c"]}, "place": {"$ref": "#/$defs/place"}},
            "required": ["city", "place"],
            "$defs": {"place": {"allOf": [
                {"type": "object", "properties": {"lat": {"type": "number"}}},
                {"type": "object", "properties": {"lon": {"type": "number"}}},
            ]}},
        });
        let expected = json!({"city": "simulated city", "place": {"lat": 1.0, "lon": 1.0}});
        assert_eq!(instance(&schema), expected);
    }

    #[test]
    fn endless_schemas_end() {
        let looping = json!({"$ref": "#"});
        assert_eq!(instance(&looping), Value::Null);
        let wide = json!({"type": "array", "minItems": 1_000, "items": {"$ref": "#"}});
        assert!(instance(&wide).to_string().len() < MAX_SIZE);
        let heavy =
            json!({"type": "array", "minItems": 900, "items": {"const": "x".repeat(100_000)}});
        assert!(instance(&heavy).to_string().len() < MAX_SIZE);
        let long = json!({"type": "string", "minLength": 1_000_000_000_000_u64});
        assert_eq!(instance(&long).as_str().map(str::len), Some(MAX_LENGTH));
    }
}
