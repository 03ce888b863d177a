//! Lists in pages: by object id (`after_id`, `before_id`) and by opaque cursor (`page`).
//!
//! Both take the whole list, newest first, as pairs of key and JSON; lists here are small and short-lived.

use serde_json::{Value, json};

use crate::{call::Call, errors::ApiError};

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
    let number: usize = text
        .parse()
        .map_err(|_| ApiError::invalid("limit: Input should be a valid integer"))?;
    if (1..=MAX_LIMIT).contains(&number) {
        Ok(number)
    } else {
        Err(ApiError::invalid(format!(
            "limit: Input should be between 1 and {MAX_LIMIT}"
        )))
    }
}

fn position(items: &[Item], id: &str, param: &str) -> Result<usize, ApiError> {
    let found = items.iter().position(|(key, _)| key == id);
    found.ok_or_else(|| ApiError::invalid(format!("{param}: no object with the id {id}")))
}

/// `data`, `has_more`, `first_id`, `last_id`; `has_more` looks in the direction of travel.
pub(crate) fn by_id(call: &Call, items: &[Item]) -> Result<Value, ApiError> {
    let limit = limit(call)?;
    let (start, end, has_more) = match (call.param("after_id"), call.param("before_id")) {
        (Some(_), Some(_)) => {
            return Err(ApiError::invalid(
                "after_id: Only one of after_id and before_id may be given",
            ));
        }
        (None, Some(id)) => {
            let end = position(items, id, "before_id")?;
            let start = end.saturating_sub(limit);
            (start, end, start > 0)
        }
        (after, None) => {
            let start = after.map_or(Ok(0), |id| {
                position(items, id, "after_id").map(|index| index + 1)
            })?;
            let end = items.len().min(start + limit);
            (start, end, end < items.len())
        }
    };
    let page = items.get(start..end).unwrap_or_default();
    Ok(json!({
        "data": data(page),
        "has_more": has_more,
        "first_id": page.first().map(|(id, _)| id),
        "last_id": page.last().map(|(id, _)| id),
    }))
}

/// `data`, `next_page`. The cursor is the number of the last object seen: new objects don't shift the pages, and
/// deleting what was seen doesn't lose the place.
pub(crate) fn by_cursor(call: &Call, items: &[Numbered]) -> Result<Value, ApiError> {
    let limit = limit(call)?;
    let start = match call.param("page").filter(|page| !page.is_empty()) {
        None => 0,
        Some(cursor) => {
            let last = cursor
                .strip_prefix("page_")
                .and_then(|number| number.parse::<u64>().ok());
            let last = last.ok_or_else(|| ApiError::invalid("page: not a valid cursor"))?;
            items.partition_point(|(number, _)| *number >= last)
        }
    };
    let end = items.len().min(start + limit);
    let page = items.get(start..end).unwrap_or_default();
    let next = page
        .last()
        .filter(|_| end < items.len())
        .map(|(number, _)| format!("page_{number}"));
    Ok(json!({"data": data(page), "next_page": next}))
}

fn data<K>(page: &[(K, Value)]) -> Vec<&Value> {
    page.iter().map(|(_, value)| value).collect()
}
