//! Lists in pages: by object id (`after_id`, `before_id`) and by opaque cursor (`page`), in every
//! shape described.
//!
//! They take the whole list in its order; lists here are small and short-lived.

use serde_json::{Map, Value, json};

use super::call::Call;
use crate::base::errors::ApiError;
use crate::description::PageShape;

const DEFAULT_LIMIT: usize = 20;
const MAX_LIMIT: usize = 1_000;

/// Keyed by id.
pub(crate) type Item = (String, Value);
/// Keyed by a number that grows with each new object.
pub(crate) type Numbered = (u64, Value);

fn limit(call: &Call) -> Result<usize, ApiError> {
    let Some(text) = call.param("limit") else {
        return Ok(DEFAULT_LIMIT);
    };
    // The description has the bounds of most lists; these are those of the others.
    let limit = match text.parse::<i64>().map(usize::try_from) {
        Err(_) => Err("a valid integer, unable to parse string as an integer".to_owned()),
        Ok(Err(_) | Ok(0)) => Err("greater than or equal to 1".to_owned()),
        Ok(Ok(limit)) if limit > MAX_LIMIT => Err(format!("less than or equal to {MAX_LIMIT}")),
        Ok(Ok(limit)) => Ok(limit),
    };
    let limit =
        limit.map_err(|wanted| ApiError::invalid(format!("limit: Input should be {wanted}")));
    or_first(call, limit, DEFAULT_LIMIT)
}

fn position(items: &[Item], id: &str, param: &str) -> Result<usize, ApiError> {
    let found = items.iter().position(|(key, _)| key == id);
    found.ok_or_else(|| ApiError::invalid(format!("{param}: no object with the id {id}")))
}

/// `data`, `has_more`, `first_id`, `last_id`; `has_more` looks in the direction of travel.
pub(crate) fn by_id(call: &Call, items: &[Item]) -> Result<Value, ApiError> {
    let limit = limit(call)?;
    let forwards = |start: usize| {
        let end = items.len().min(start + limit);
        (start, end, end < items.len())
    };
    let span = match (call.param("after_id"), call.param("before_id")) {
        (Some(_), Some(_)) => Err(ApiError::invalid(
            "after_id: Only one of after_id and before_id may be given",
        )),
        (None, Some(id)) => position(items, id, "before_id").map(|end| {
            let start = end.saturating_sub(limit);
            (start, end, start > 0)
        }),
        (None, None) => Ok(forwards(0)),
        (Some(id), None) => position(items, id, "after_id").map(|index| forwards(index + 1)),
    };
    let (start, end, has_more) = or_first(call, span, forwards(0))?;
    let page = items.get(start..end).unwrap_or_default();
    Ok(json!({
        "data": data(page),
        "has_more": has_more,
        "first_id": page.first().map(|(id, _)| id),
        "last_id": page.last().map(|(id, _)| id),
    }))
}

/// `data`, `next_page`. The cursor is the number of the last object seen: new objects don't shift
/// the pages, and deleting what was seen doesn't lose the place.
pub(crate) fn by_cursor(call: &Call, items: &[Numbered]) -> Result<Value, ApiError> {
    let limit = limit(call)?;
    let start = match call.param("page").filter(|page| !page.is_empty()) {
        None => Ok(0),
        Some(cursor) => {
            let last = cursor
                .strip_prefix("page_")
                .and_then(|number| number.parse::<u64>().ok());
            let last = last.ok_or_else(|| ApiError::invalid("page: not a valid cursor"));
            last.map(|last| items.partition_point(|(number, _)| *number >= last))
        }
    };
    let start = or_first(call, start, 0)?;
    let end = items.len().min(start + limit);
    let page = items.get(start..end).unwrap_or_default();
    let next = page
        .last()
        .filter(|_| end < items.len())
        .map(|(number, _)| format!("page_{number}"));
    Ok(json!({"data": data(page), "next_page": next}))
}

/// A place in a list or a limit, or those of the first page where any will do.
fn or_first<T>(call: &Call, place: Result<T, ApiError>, first: T) -> Result<T, ApiError> {
    match place {
        Err(_) if call.lenient_ids => Ok(first),
        place => place,
    }
}

fn data<K>(page: &[(K, Value)]) -> Vec<&Value> {
    page.iter().map(|(_, value)| value).collect()
}

/// An object of a list that is not JSON yet.
pub(crate) struct ListEntry<'a, T> {
    pub(crate) number: u64,
    pub(crate) key: &'a str,
    pub(crate) value: &'a T,
}

/// A page of any described shape. A shape pages by ids, or by cursors; a cursor points before or
/// after an object.
pub(crate) fn shaped<T>(
    call: &Call,
    shape: &PageShape,
    entries: &[ListEntry<'_, T>],
    show: impl Fn(&T) -> Value,
    now: &str,
) -> Result<Value, ApiError> {
    let limit = limit(call)?;
    let place = place(call, shape, entries);
    let (backwards, place) = or_first(call, place, (false, None))?;
    let (start, end) = match (backwards, place) {
        (true, Some(end)) => (end.saturating_sub(limit), end),
        (_, place) => {
            let start = place.map_or(0, |place| place + 1);
            (start, entries.len().min(start + limit))
        }
    };
    let page = entries.get(start..end).unwrap_or_default();
    let more = if backwards {
        start > 0
    } else {
        end < entries.len()
    };
    let last = page.last().filter(|_| end < entries.len());
    let first = page.first().filter(|_| start > 0);
    let mut made = Map::new();
    for field in &shape.fields {
        let value = match field.as_str() {
            "data" => page.iter().map(|entry| show(entry.value)).collect(),
            "has_more" => json!(more),
            "first_id" => json!(page.first().map(|entry| entry.key)),
            "last_id" => json!(page.last().map(|entry| entry.key)),
            "next_page" => json!(last.map(|entry| format!("page_{}", entry.number))),
            "prev_page" => json!(first.map(|entry| format!("page_b{}", entry.number))),
            time if time.ends_with("_at") => json!(now),
            _ => Value::Null,
        };
        made.insert(field.clone(), value);
    }
    Ok(Value::Object(made))
}

/// Whether a page is the one before its place, and that place, if it is not the first page.
fn place<T>(
    call: &Call,
    shape: &PageShape,
    entries: &[ListEntry<'_, T>],
) -> Result<(bool, Option<usize>), ApiError> {
    let of = |param: &str| call.param(param).filter(|text| !text.is_empty());
    let given: Vec<(&str, &str)> = shape
        .next
        .iter()
        .filter_map(|(param, _)| Some((param.as_str(), of(param)?)))
        .collect();
    let (before, place) = match given.as_slice() {
        [] => return Ok((false, None)),
        [("before_id", id)] => (true, at(entries, "before_id", |entry| entry.key == *id)?),
        [(param @ "after_id", id)] => (false, at(entries, param, |entry| entry.key == *id)?),
        [(param, cursor)] => {
            let (before, number) = cursor_number(cursor)
                .ok_or_else(|| ApiError::invalid(format!("{param}: not a valid cursor")))?;
            (before, at(entries, param, |entry| entry.number == number)?)
        }
        [(one, _), (two, _), ..] => {
            let message = format!("{one}: Only one of {one} and {two} may be given");
            return Err(ApiError::invalid(message));
        }
    };
    Ok((before, Some(place)))
}

fn at<T>(
    entries: &[ListEntry<'_, T>],
    param: &str,
    is: impl Fn(&ListEntry<'_, T>) -> bool,
) -> Result<usize, ApiError> {
    let place = entries.iter().position(is);
    place.ok_or_else(|| ApiError::invalid(format!("{param}: no such object in this list")))
}

/// Whether a cursor means what is before its object, and that object's number.
fn cursor_number(cursor: &str) -> Option<(bool, u64)> {
    let rest = cursor.strip_prefix("page_")?;
    match rest.strip_prefix('b') {
        Some(number) => Some((true, number.parse().ok()?)),
        None => Some((false, rest.parse().ok()?)),
    }
}
