//! Checks JSON against a type.
//!
//! The wording is the API's: its messages open with the place, in which a member of a union shows
//! as its tag.

use serde_json::{Map, Value};

use super::place::{Check, Place};
use super::times;
use crate::base::errors::ApiError;
use crate::description::{Bounds, Object, Type, TypeId, Union, description};

#[derive(Debug, Clone, Copy)]
pub(crate) struct Checker {
    /// Whether unknown fields may pass.
    pub(crate) extras: bool,
    /// Whether numbers may be out of their bounds.
    pub(crate) any_number: bool,
    /// The name of a field of which only is checked that it is an object.
    pub(crate) later: Option<&'static str>,
}

pub(super) fn error(place: Place<'_>, what: impl std::fmt::Display) -> ApiError {
    ApiError::invalid(format!("{place}: {what}"))
}

pub(super) fn wrong(place: Place<'_>, wanted: impl std::fmt::Display) -> ApiError {
    error(place, format_args!("Input should be {wanted}"))
}

impl Checker {
    /// Whether a number is within its bounds; anything else is.
    pub(super) fn bounds(self, bounds: Bounds, number: Option<f64>, place: Place<'_>) -> Check {
        let Some(number) = number.filter(|_| !self.any_number) else {
            return Ok(());
        };
        if let Some(least) = bounds.least.filter(|least| number < *least) {
            return Err(wrong(
                place,
                format_args!("greater than or equal to {least}"),
            ));
        }
        if let Some(most) = bounds.most.filter(|most| number > *most) {
            return Err(wrong(place, format_args!("less than or equal to {most}")));
        }
        Ok(())
    }

    pub(crate) fn value(self, of: TypeId, value: &Value, place: Place<'_>) -> Check {
        match description().get(of) {
            Type::Any => Ok(()),
            Type::Nullable(_) if value.is_null() => Ok(()),
            Type::Nullable(inner) => self.value(*inner, value, place),
            Type::List(item) => {
                let items = value
                    .as_array()
                    .ok_or_else(|| wrong(place, "a valid list"))?;
                let mut items = items.iter().enumerate();
                items.try_for_each(|(index, value)| {
                    self.value(*item, value, Place::Item(&place, index))
                })
            }
            Type::Map(item) => {
                let fields = object(value, place)?;
                let mut fields = fields.iter();
                fields.try_for_each(|(name, value)| {
                    self.value(*item, value, Place::Field(&place, name))
                })
            }
            Type::Object(of) => self.fields(&[of], object(value, place)?, place),
            Type::Union(union) => self.union(union, value, place),
            scalar if fits(scalar, value) => Ok(()),
            scalar => Err(wrong(place, wanted(scalar))),
        }
    }

    /// Fields in the order of their description, then those that have none.
    pub(super) fn fields(
        self,
        known: &[&Object],
        given: &Map<String, Value>,
        place: Place<'_>,
    ) -> Check {
        for field in known.iter().flat_map(|object| &object.fields) {
            let place = Place::Field(&place, &field.name);
            match given.get(&field.name) {
                None if field.required => return Err(error(place, "Field required")),
                None => {}
                Some(Value::Null) if field.nullable => {}
                Some(value) if self.later == Some(field.name.as_str()) => {
                    object(value, place)?;
                }
                Some(value) => {
                    self.value(field.of, value, place)?;
                    self.bounds(field.bounds, value.as_f64(), place)?;
                }
            }
        }
        if self.extras || known.iter().any(|object| object.open) {
            return Ok(());
        }
        let is_known = |name: &String| known.iter().any(|object| object.by_name.contains_key(name));
        match given.keys().find(|name| !is_known(name)) {
            Some(name) => Err(error(
                Place::Field(&place, name),
                "Extra inputs are not permitted",
            )),
            None => Ok(()),
        }
    }

    fn union(self, union: &Union, value: &Value, place: Place<'_>) -> Check {
        let has_objects = !(union.tagged.is_empty() && union.untagged.is_empty());
        match value {
            Value::Object(fields) if has_objects => self.tagged(union, fields, value, place),
            _ => self.any_of(&union.members, value, place),
        }
    }

    fn tagged(
        self,
        union: &Union,
        fields: &Map<String, Value>,
        value: &Value,
        place: Place<'_>,
    ) -> Check {
        match fields.get(&union.tag) {
            Some(Value::String(tag)) if !union.tagged.is_empty() => {
                // A map takes whatever has any tag; an object that only may come without one
                // doesn't.
                let free: Vec<TypeId> = union
                    .untagged
                    .iter()
                    .copied()
                    .filter(|of| is_free(*of))
                    .collect();
                let variants = union.variants(tag);
                if free.is_empty() && !variants.is_empty() {
                    return self.any_of(variants, value, shown(union, tag, &place));
                }
                if free.is_empty() && union.tag != SHOWN {
                    let tags = union
                        .tagged
                        .iter()
                        .map(|(tag, _)| Value::from(tag.as_str()));
                    let place = Place::Field(&place, &union.tag);
                    return Err(wrong(place, choice(&tags.collect::<Vec<_>>())));
                }
                if free.is_empty() {
                    let tags = union.tagged.iter().map(|(tag, _)| format!("'{tag}'"));
                    return Err(error(
                        place,
                        format_args!(
                            "Input tag '{tag}' found using '{}' does not match any of the expected tags: {}",
                            union.tag,
                            tags.collect::<Vec<_>>().join(", ")
                        ),
                    ));
                }
                self.any_of(&free, value, place)
            }
            None | Some(Value::Null) if union.untagged.is_empty() => {
                Err(error(Place::Field(&place, &union.tag), "Field required"))
            }
            None | Some(Value::Null) => match union.untagged.as_slice() {
                [only] => {
                    let tag = union.tagged.iter().find(|(_, of)| of.contains(only));
                    match tag {
                        Some((tag, _)) => self.value(*only, value, shown(union, tag, &place)),
                        None => self.value(*only, value, place),
                    }
                }
                several => self.any_of(several, value, place),
            },
            Some(_) if union.tagged.is_empty() => self.any_of(&union.untagged, value, place),
            Some(_) => Err(wrong(Place::Field(&place, &union.tag), "a valid string")),
        }
    }

    /// Whether one of the types takes the value. The refusal is that of the first for that kind of
    /// JSON.
    fn any_of(self, types: &[TypeId], value: &Value, place: Place<'_>) -> Check {
        let mut refusal = None;
        for of in types.iter().filter(|of| same_kind(**of, value)) {
            match self.value(*of, value, place) {
                Ok(()) => return Ok(()),
                Err(error) => refusal = refusal.or(Some(error)),
            }
        }
        if let Some(refusal) = refusal {
            return Err(refusal);
        }
        let mut kinds: Vec<String> = Vec::new();
        for of in types {
            let kind = wanted(description().resolved(*of));
            if !kinds.contains(&kind) {
                kinds.push(kind);
            }
        }
        Err(wrong(place, kinds.join(" or ")))
    }
}

/// The tag whose values are part of a place; a message's role, for one, is not.
const SHOWN: &str = "type";

fn shown<'a>(union: &Union, tag: &'a str, place: &'a Place<'a>) -> Place<'a> {
    if union.tag == SHOWN {
        Place::Field(place, tag)
    } else {
        *place
    }
}

fn is_free(of: TypeId) -> bool {
    matches!(description().get(of), Type::Map(_) | Type::Any)
}

fn object<'a>(value: &'a Value, place: Place<'_>) -> Result<&'a Map<String, Value>, ApiError> {
    let object = value.as_object();
    object.ok_or_else(|| wrong(place, "a valid dictionary"))
}

fn same_kind(of: TypeId, value: &Value) -> bool {
    match description().resolved(of) {
        Type::Any | Type::Union(_) => true,
        Type::List(_) => value.is_array(),
        Type::Map(_) | Type::Object(_) => value.is_object(),
        Type::Integer | Type::Number => value.is_number(),
        Type::Boolean => value.is_boolean(),
        Type::Literal(values) => {
            let same =
                |known: &Value| std::mem::discriminant(known) == std::mem::discriminant(value);
            values.iter().any(same)
        }
        _ => value.is_string(),
    }
}

/// Whether a value is of a scalar type.
pub(super) fn fits(of: &Type, value: &Value) -> bool {
    match of {
        Type::String | Type::Open | Type::Base64 | Type::File => value.is_string(),
        Type::Integer => {
            value.is_i64()
                || value.is_u64()
                || value.as_f64().is_some_and(|number| number.fract() == 0.0)
        }
        Type::Number => value.is_number(),
        Type::Boolean => value.is_boolean(),
        Type::Datetime => value.as_str().and_then(times::instant).is_some(),
        Type::Date => value.as_str().and_then(times::day).is_some(),
        Type::Literal(values) => values.contains(value),
        _ => true,
    }
}

/// What a type takes, as refusals write it.
pub(super) fn wanted(of: &Type) -> String {
    let plain = match of {
        Type::Integer => "a valid integer",
        Type::Number => "a valid number",
        Type::Boolean => "a valid boolean",
        Type::Datetime => "a valid datetime",
        Type::Date => "a valid date",
        Type::List(_) => "a valid list",
        Type::Map(_) | Type::Object(_) | Type::Union(_) => "a valid dictionary",
        Type::Literal(values) => return choice(values),
        _ => "a valid string",
    };
    plain.to_owned()
}

/// `'a', 'b' or 'c'`
fn choice(values: &[Value]) -> String {
    let quoted = |value: &Value| match value {
        Value::String(text) => format!("'{text}'"),
        other => other.to_string(),
    };
    match values.split_last() {
        None => String::new(),
        Some((last, [])) => quoted(last),
        Some((last, others)) => {
            let others: Vec<String> = others.iter().map(quoted).collect();
            format!("{} or {}", others.join(", "), quoted(last))
        }
    }
}
