//! Makes values of described types: what is given where it fits, and something plausible elsewhere.
//!
//! The same seed makes the same value, so an object that is completed on its way out looks the same
//! every time.

use std::cell::Cell;

use serde_json::{Map, Value, json};

use super::names;
use crate::base::ids::Hash;
use crate::description::{Field, Object, Type, TypeId, Union, description};
use crate::validate::times;

/// Types may contain themselves; below this, only what is given is made.
const DEEPEST: usize = 32;
/// Lists inside of this many objects stay empty even so.
const FILLED: usize = 6;

#[derive(Debug)]
pub(crate) struct Maker<'a> {
    now: &'a str,
    /// When things expire.
    later: &'a str,
    seed: Hash,
    /// How many items a list has that isn't given.
    items: usize,
    made: Cell<u64>,
}

impl<'a> Maker<'a> {
    pub(crate) fn new(now: &'a str, later: &'a str, seed: &str) -> Self {
        Self {
            now,
            later,
            seed: Hash::new().bytes(seed.as_bytes()),
            items: 0,
            made: Cell::new(0),
        }
    }

    /// Lists hold one item each.
    pub(crate) fn filled(mut self) -> Self {
        self.items = 1;
        self
    }

    /// A value of a type, from what is given of it.
    pub(crate) fn value(&self, of: TypeId, given: &Value) -> Value {
        self.shape(of, Some(given), "", DEEPEST)
    }

    fn shape(&self, of: TypeId, given: Option<&Value>, name: &str, depth: usize) -> Value {
        match description().get(of) {
            Type::Nullable(_) if given.is_none_or(Value::is_null) => Value::Null,
            Type::Nullable(inner) => self.shape(*inner, given, name, depth),
            Type::Any => given.cloned().unwrap_or_else(|| json!({})),
            Type::Literal(values) => {
                let given = given.filter(|given| values.contains(given));
                given.or(names::first(values)).cloned().unwrap_or_default()
            }
            Type::Boolean => json!(given.and_then(Value::as_bool).unwrap_or_default()),
            Type::Integer | Type::Number => {
                let given = given.filter(|given| given.is_number());
                given.cloned().unwrap_or_else(|| names::number(name))
            }
            Type::List(item) => self.list(*item, given, name, depth),
            Type::Map(item) => {
                let fields = given.and_then(Value::as_object).into_iter().flatten();
                let fields = fields.filter(|(_, value)| !value.is_null());
                fields
                    .map(|(name, value)| {
                        let value = self.shape(*item, Some(value), name, depth);
                        (name.clone(), value)
                    })
                    .collect()
            }
            Type::Union(union) => self.union(union, given, name, depth),
            Type::Object(object) => Value::Object(self.object(object, given, depth)),
            text => self.text(text, given, name),
        }
    }

    fn text(&self, of: &Type, given: Option<&Value>, name: &str) -> Value {
        let given = match given {
            Some(Value::Object(fields)) => fields.get("id"),
            other => other,
        };
        let fits = |text: &&str| match of {
            Type::Datetime => times::instant(text).is_some(),
            Type::Date => times::day(text).is_some(),
            _ => true,
        };
        if let Some(text) = given.and_then(Value::as_str).filter(fits) {
            return json!(text);
        }
        json!(match of {
            Type::Datetime if name == "expires_at" => self.later.to_owned(),
            Type::Datetime => self.now.to_owned(),
            Type::Date => self.now.split('T').next().unwrap_or_default().to_owned(),
            Type::Base64 | Type::File => String::new(),
            _ if name == "id" || name.ends_with("_id") => self.id(name, None),
            _ => names::text(name, self.now, self.next(name)),
        })
    }

    fn id(&self, name: &str, kind: Option<&str>) -> String {
        self.next(name).id(&names::field_prefix(name, kind))
    }

    fn next(&self, name: &str) -> Hash {
        let made = self.made.get();
        self.made.set(made.wrapping_add(1));
        self.seed.bytes(name.as_bytes()).bytes(&made.to_be_bytes())
    }

    fn list(&self, item: TypeId, given: Option<&Value>, name: &str, depth: usize) -> Value {
        let singular = name.trim_end_matches('s');
        match given.and_then(Value::as_array) {
            Some(items) => {
                let items = items.iter();
                items
                    .map(|given| self.shape(item, Some(given), singular, depth))
                    .collect()
            }
            None if depth + FILLED > DEEPEST => {
                let items = 0..self.items;
                items
                    .map(|_| self.shape(item, None, singular, depth.saturating_sub(1)))
                    .collect()
            }
            None => json!([]),
        }
    }

    /// The member that what is given is of; otherwise the first.
    fn union(&self, union: &Union, given: Option<&Value>, name: &str, depth: usize) -> Value {
        let first = union.members.first().copied();
        let of = match given {
            Some(Value::Object(fields)) => {
                let tag = fields.get(&union.tag).and_then(Value::as_str);
                let named = tag.and_then(|tag| union.variant(tag));
                named
                    .or_else(|| union.untagged.first().copied())
                    .or_else(|| {
                        let mut members = union.members.iter().copied();
                        members.find(|member| description().object(*member).is_some())
                    })
            }
            Some(Value::String(text)) => union.variant(text).or_else(|| {
                let mut members = union.members.iter().copied();
                members.find(|member| is_text(*member, text))
            }),
            Some(Value::Array(_)) => {
                let mut members = union.members.iter().copied();
                members.find(|member| matches!(description().resolved(*member), Type::List(_)))
            }
            _ => None,
        };
        match of.or(first) {
            Some(of) => self.shape(of, given, name, depth),
            None => Value::Null,
        }
    }

    fn object(&self, object: &Object, given: Option<&Value>, depth: usize) -> Map<String, Value> {
        let text = given.filter(|given| given.is_string());
        let given = given.and_then(Value::as_object);
        let kind = object.field("type").and_then(|tag| constant(tag.of));
        let mut made = Map::new();
        for field in &object.fields {
            let own = given.and_then(|given| given.get(&field.name));
            // A reference by id stands for the object.
            let own = own.or_else(|| text.filter(|_| field.name == "id"));
            let value = match own.filter(|own| !own.is_null()) {
                Some(own) if depth > 0 => self.shape(field.of, Some(own), &field.name, depth - 1),
                None if !field.required && !field.nullable => continue,
                None if !field.nullable && depth > 0 => self.missing(field, kind, depth - 1),
                _ => Value::Null,
            };
            made.insert(field.name.clone(), value);
        }
        made
    }

    fn missing(&self, field: &Field, kind: Option<&str>, depth: usize) -> Value {
        if field.name == "id" && is_text(field.of, "") {
            return json!(self.id("id", kind));
        }
        self.shape(field.of, None, &field.name, depth)
    }
}

fn is_text(of: TypeId, text: &str) -> bool {
    match description().resolved(of) {
        Type::String | Type::Open => true,
        Type::Literal(values) => values.iter().any(|value| value == text),
        _ => false,
    }
}

/// The only value of a type, if it has but one.
pub(crate) fn constant(of: TypeId) -> Option<&'static str> {
    match description().resolved(of) {
        Type::Literal(values) if values.len() == 1 => values.first()?.as_str(),
        _ => None,
    }
}
