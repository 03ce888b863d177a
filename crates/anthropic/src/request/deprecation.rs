//! A warning for each deprecated model that a request's body names, once.
//!
//! It looks at the JSON that is sent, so it is the same for every operation, by type or by name.

use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use anthropic_types::Model;
use memchr::memmem;
use serde_json::{Deserializer, Value};

use crate::text::read_json;

/// The models that have been warned of; only deprecated ones, so there are never many.
static WARNED: Mutex<Vec<String>> = Mutex::new(Vec::new());

const KEY: &[u8] = b"\"model\"";

/// Made once: that takes longer than most searches.
static FINDER: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new(KEY));

/// The ids of deprecated models. Every request is compared with them.
static DEPRECATED: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let deprecated = Model::KNOWN.iter().filter(|model| model.is_deprecated());
    deprecated.map(Model::as_str).collect()
});

/// Warns through `tracing` when a body names a deprecated model for the first time.
pub(crate) fn warn(body: &[u8]) {
    // Next to none does, so a long prompt is not parsed but for those that may.
    let mut places = FINDER.find_iter(body);
    if !places.any(|at| body.get(at + KEY.len()..).is_some_and(may_be_new)) {
        return;
    }
    let Ok(body) = read_json::<Value>(body) else {
        return;
    };
    for model in named(&body) {
        let model = Model::from(model);
        if model.is_deprecated() && is_first(&model) {
            tracing::warn!(
                model = model.as_str(),
                end_of_life = model.end_of_life(),
                "the model is deprecated: use a newer one",
            );
        }
    }
}

/// Whether what comes behind a key may be a deprecated model that has not been warned of.
fn may_be_new(rest: &[u8]) -> bool {
    let rest = rest.trim_ascii_start().strip_prefix(b":");
    let rest = rest.unwrap_or_default().trim_ascii_start();
    if let Some(text) = rest.strip_prefix(b"\"") {
        let id = text.split(|byte| *byte == b'"').next();
        return id.is_some_and(is_new);
    }
    if !rest.starts_with(b"{") {
        return false;
    }
    let Ok(rest) = std::str::from_utf8(rest) else {
        return false;
    };
    let mut values = Deserializer::from_str(rest).into_iter::<Value>();
    let value = values.next().and_then(Result::ok);
    let id = value.as_ref().and_then(id);
    id.is_some_and(|id| is_new(id.as_bytes()))
}

/// Whether an id is that of a deprecated model that has not been warned of.
fn is_new(id: &[u8]) -> bool {
    let model = DEPRECATED.iter().find(|model| model.as_bytes() == id);
    model.is_some_and(|model| !is_among(&warned(), model))
}

/// The models of a request, of its fallbacks and tools, and of the rows of a batch.
fn named(body: &Value) -> Vec<&str> {
    let rows = list(body, "requests").filter_map(|row| row.get("params"));
    let mut found = Vec::new();
    for params in rows.chain([body]) {
        let others = list(params, "fallbacks").chain(list(params, "tools"));
        let all = others.chain([params]).filter_map(|it| it.get("model"));
        found.extend(all.filter_map(id));
    }
    found
}

/// A model's id, which an object may have with settings.
fn id(model: &Value) -> Option<&str> {
    model.as_str().or_else(|| model.get("id")?.as_str())
}

fn list<'v>(of: &'v Value, key: &str) -> impl Iterator<Item = &'v Value> + use<'v> {
    of.get(key).and_then(Value::as_array).into_iter().flatten()
}

fn warned() -> MutexGuard<'static, Vec<String>> {
    WARNED.lock().unwrap_or_else(PoisonError::into_inner)
}

fn is_among(warned: &[String], model: &str) -> bool {
    warned.iter().any(|known| known == model)
}

fn is_first(model: &Model) -> bool {
    let mut warned = warned();
    let is_first = !is_among(&warned, model.as_str());
    if is_first {
        warned.push(model.as_str().to_owned());
    }
    is_first
}
