//! Lists, single objects, and bytes.

use axum::response::Response;
use bytes::Bytes;
use http::StatusCode;
use serde_json::{Value, json};

use super::ask::{Ask, missing};
use super::catalog::catalog;
use super::filter;
use super::store::{Fields, Item, Store};
use crate::base::errors::ApiError;
use crate::description::description;
use crate::http::call::{HandlerResult, json as answer, typed};
use crate::http::paging;

pub(super) fn list(ask: &Ask<'_>, store: &Store) -> HandlerResult {
    // A thread lists its session's events.
    let shared = ask.at(super::events::SESSION);
    let path = if ask.operation.path == super::events::THREAD {
        &shared
    } else {
        &ask.path
    };
    let items = filter::selected(ask, store.items(path));
    let shape = ask.operation.page.as_deref();
    let shape = shape.and_then(|name| description().pages.get(name));
    let shape = shape.ok_or_else(|| ApiError::not_found("This list has no pages"))?;
    let shown = items.into_iter().map(|item| paging::ListEntry {
        number: item.number,
        key: &item.key,
        value: item,
    });
    let show = |item: &Item| ask.shown(item.value.clone(), &item.key);
    let page = paging::shaped(ask.call, shape, &shown.collect::<Vec<_>>(), show, &ask.now)?;
    Ok(answer(&page))
}

/// The object that the request is about.
pub(super) fn found<'a>(ask: &Ask<'_>, store: &'a Store) -> Result<&'a Item, ApiError> {
    let key = ask.key().unwrap_or_default();
    store.item(&ask.path, key).ok_or_else(|| missing(key))
}

pub(super) fn retrieve(ask: &Ask<'_>, store: &Store) -> HandlerResult {
    let item = found(ask, store)?;
    // An earlier version is one of those that were kept.
    let Some(version) = ask
        .call
        .param("version")
        .and_then(|text| text.parse::<u64>().ok())
    else {
        return Ok(answer(&ask.shown(item.value.clone(), &item.key)));
    };
    let versions = format!("{}/{}/versions", ask.path, item.key);
    let mut versions = store.items(&versions).iter();
    let earlier = versions.find(|item| item.value.get("version") == Some(&json!(version)));
    let earlier = earlier.or_else(|| Some(item).filter(|_| ask.resources.lenient));
    let earlier = earlier.ok_or_else(|| missing(&format!("{} at version {version}", item.key)))?;
    Ok(answer(&ask.shown(earlier.value.clone(), &item.key)))
}

/// The oldest object that waits, or null.
pub(super) fn poll(ask: &Ask<'_>, store: &Store) -> Response {
    let waits = |item: &&Item| {
        item.value
            .get("state")
            .is_none_or(|state| state == "queued")
    };
    let first = store.items(&ask.path).iter().find(waits);
    let shown = first.map(|item| ask.shown(item.value.clone(), &item.key));
    answer(&shown.unwrap_or_default())
}

/// The bytes that were uploaded with an object.
pub(super) fn download(ask: &Ask<'_>, store: &Store) -> HandlerResult {
    let item = found(ask, store)?;
    let content = if item.content.is_empty() {
        Bytes::from(format!("The simulated content of {}\n", item.key))
    } else {
        item.content.clone()
    };
    Ok(typed(StatusCode::OK, "application/octet-stream", content))
}

/// The value at a path without an id, made when first asked for.
pub(super) fn single(ask: &Ask<'_>, store: &Store) -> Response {
    let value = store.singles.get(&ask.path).cloned().unwrap_or_default();
    answer(&ask.shown(ask.over(&value), &ask.path))
}

/// The fields of an object elsewhere, by its collection's path in the description and its id.
pub(super) fn elsewhere<'a>(
    ask: &Ask<'_>,
    store: &'a Store,
    template: &str,
    id: &Value,
) -> Option<&'a Fields> {
    catalog().get(template)?;
    let item = store.item(&ask.at(template), id.as_str()?)?;
    Some(&item.value)
}
