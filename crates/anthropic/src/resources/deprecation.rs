//! A warning for each deprecated model that a request names, once.

use std::sync::{Mutex, PoisonError};

use anthropic_types::Model;

/// The models that have been warned of; only deprecated ones, so there are never many.
static WARNED: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Warns through `tracing` when a request names a deprecated model for the first time.
pub(crate) fn warn(model: &Model) {
    if !model.is_deprecated() || !is_first(model) {
        return;
    }
    tracing::warn!(
        model = model.as_str(),
        end_of_life = model.end_of_life(),
        "the model is deprecated: use a newer one",
    );
}

/// Warns of each deprecated model among some.
pub(crate) fn warn_all<'m>(models: impl IntoIterator<Item = &'m Model>) {
    models.into_iter().for_each(warn);
}

fn is_first(model: &Model) -> bool {
    let mut warned = WARNED.lock().unwrap_or_else(PoisonError::into_inner);
    for known in warned.iter() {
        if known == model.as_str() {
            return false;
        }
    }
    warned.push(model.as_str().to_owned());
    true
}
