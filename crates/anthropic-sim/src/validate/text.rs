//! Checks what comes as text: the query and the fields of a form.

use serde_json::{Value, json};

use super::place::{Check, Place};
use super::value::{Checker, error, fits, wanted, wrong};
use crate::description::{Field, Object, Type, TypeId, description};
use crate::http::multipart::Part;

/// How some clients ask for the beta; it goes with every operation.
const BETA: &str = "beta";

pub(super) fn query(given: &[(String, String)], known: &Object, checker: Checker) -> Check {
    for field in known.fields.iter().filter(|field| field.required) {
        if !given
            .iter()
            .any(|(name, _)| name_of(name, known) == field.name)
        {
            return Err(error(
                Place::Field(&Place::Body, &field.name),
                "Field required",
            ));
        }
    }
    for (name, text) in given {
        let name = name_of(name, known);
        let place = Place::Field(&Place::Body, name);
        match known.field(name) {
            None if name == BETA => {}
            Some(field) => one(field, text, place, checker)?,
            None if checker.extras => {}
            None => return Err(error(place, "Extra inputs are not permitted")),
        }
    }
    Ok(())
}

/// A parameter's name without the brackets that mark lists: `ids[]` is `ids`.
fn name_of<'a>(name: &'a str, known: &Object) -> &'a str {
    if known.by_name.contains_key(name) {
        return name;
    }
    name.strip_suffix("[]").unwrap_or(name)
}

pub(super) fn form(parts: &[Part], known: &Object, checker: Checker) -> Check {
    for field in known.fields.iter().filter(|field| field.required) {
        if !parts.iter().any(|part| part.field() == field.name) {
            return Err(error(
                Place::Field(&Place::Body, &field.name),
                "Field required",
            ));
        }
    }
    for part in parts {
        let place = Place::Field(&Place::Body, part.field());
        match known.field(part.field()) {
            Some(field) if description().takes_file(field.of) => {}
            Some(field) => one(field, &part.text(), place, checker)?,
            None if checker.extras => {}
            None => return Err(error(place, "Extra inputs are not permitted")),
        }
    }
    Ok(())
}

fn one(field: &Field, text: &str, place: Place<'_>, checker: Checker) -> Check {
    if field.nullable && (text.is_empty() || text == "null") {
        return Ok(());
    }
    scalar(field.of, text, place)?;
    checker.bounds(field.bounds, text.parse().ok(), place)
}

fn scalar(of: TypeId, text: &str, place: Place<'_>) -> Check {
    let of = description().resolved(of);
    let taken = match of {
        Type::List(item) => return scalar(*item, text, place),
        Type::Union(union) => {
            let mut members = union.members.iter();
            return members
                .any(|member| scalar(*member, text, place).is_ok())
                .then_some(())
                .ok_or_else(|| wrong(place, "a valid value"));
        }
        Type::Integer => text.parse::<i64>().is_ok(),
        Type::Number => text.parse::<f64>().is_ok_and(f64::is_finite),
        Type::Boolean => matches!(text, "true" | "false" | "1" | "0"),
        Type::Literal(values) => {
            let same = |value: &Value| match value {
                Value::String(value) => value == text,
                other => serde_json::from_str(text).is_ok_and(|given: Value| given == *other),
            };
            values.iter().any(same)
        }
        scalar => fits(scalar, &json!(text)),
    };
    match of {
        _ if taken => Ok(()),
        Type::Integer => Err(wrong(
            place,
            "a valid integer, unable to parse string as an integer",
        )),
        Type::Number => Err(wrong(
            place,
            "a valid number, unable to parse string as a number",
        )),
        Type::Boolean => Err(wrong(place, "a valid boolean, unable to interpret input")),
        other => Err(wrong(place, wanted(other))),
    }
}
