//! Which objects of a collection a list shows, and in which order.
//!
//! A query parameter that is named like a field picks by it: `status=x`,
//! `statuses[]=x&statuses[]=y`, `created_at[gte]=…`, `agent_id=…` for an `agent` with that `id`.
//! One that names no field picks nothing out.

use std::cmp::Ordering;

use serde_json::Value;

use super::ask::Ask;
use super::store::{Fields, Item};
use crate::description::{Type, description};
use crate::validate::times;

/// Lists whose order is oldest first.
const OLDEST_FIRST: &str = "/events";

pub(super) fn selected<'a>(ask: &Ask<'_>, items: &'a [Item]) -> Vec<&'a Item> {
    let shows_archived = ask.call.param("include_archived") == Some("true")
        || ask.operation.query.field("include_archived").is_none();
    let is_archived = |item: &Item| {
        item.value
            .get("archived_at")
            .is_some_and(|at| !at.is_null())
    };
    let mut names: Vec<&str> = ask
        .call
        .query
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    names.dedup();
    let mut selected: Vec<&Item> = items
        .iter()
        .filter(|item| shows_archived || !is_archived(item))
        .filter(|item| names.iter().all(|name| passes(ask, name, &item.value)))
        .collect();
    let by = ask.call.param("order_by");
    selected.sort_by(|one, two| match by {
        Some(name) => {
            compare(one.value.get(name), two.value.get(name)).then(one.number.cmp(&two.number))
        }
        None => one.number.cmp(&two.number),
    });
    let ascending = match ask.call.param("order") {
        Some(order) => order == "asc",
        None => ask.operation.path.ends_with(OLDEST_FIRST),
    };
    if !ascending {
        selected.reverse();
    }
    selected
}

fn compare(one: Option<&Value>, two: Option<&Value>) -> Ordering {
    match (one, two) {
        (Some(Value::Number(one)), Some(Value::Number(two))) => {
            let both = one.as_f64().zip(two.as_f64());
            both.map_or(Ordering::Equal, |(one, two)| one.total_cmp(&two))
        }
        (one, two) => one
            .and_then(Value::as_str)
            .cmp(&two.and_then(Value::as_str)),
    }
}

fn passes(ask: &Ask<'_>, param: &str, fields: &Fields) -> bool {
    if let Some((name, bound)) = param
        .strip_suffix(']')
        .and_then(|param| param.split_once('['))
    {
        if !bound.is_empty() {
            let value = fields
                .get(name)
                .and_then(Value::as_str)
                .and_then(times::instant);
            let limit = ask.call.param(param).and_then(times::instant);
            return value.zip(limit).is_none_or(|(value, limit)| match bound {
                "gt" => value > limit,
                "gte" => value >= limit,
                "lt" => value < limit,
                "lte" => value <= limit,
                _ => true,
            });
        }
    }
    let name = param.strip_suffix("[]").unwrap_or(param);
    if is_time(ask, name) {
        return true;
    }
    match field(fields, name).and_then(plain) {
        Some(value) => ask.call.params(name).any(|wanted| wanted == value),
        None => true,
    }
}

/// A time bounds what a report counts, not which of its rows there are.
fn is_time(ask: &Ask<'_>, name: &str) -> bool {
    let of = ask.operation.query.field(name);
    let of = of.map(|field| description().resolved(field.of));
    let time = |of: &Type| matches!(of, Type::Datetime | Type::Date);
    match of {
        Some(Type::Union(union)) => union
            .members
            .iter()
            .any(|member| time(description().resolved(*member))),
        other => other.is_some_and(time),
    }
}

fn field<'a>(fields: &'a Fields, name: &str) -> Option<&'a Value> {
    let singular = name.strip_suffix("es").filter(|name| name.ends_with("us"));
    let singular = singular.or_else(|| name.strip_suffix('s'));
    let nested = || fields.get(name.strip_suffix("_id")?)?.get("id");
    fields
        .get(name)
        .or_else(|| fields.get(singular?))
        .or_else(nested)
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(value) => Some(value.to_string()),
        _ => None,
    }
}
