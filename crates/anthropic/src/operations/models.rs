//! The warning about deprecated models, for calls by name.

use anthropic_types::Model;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::described::{ParameterInfo, TypeRef};
use crate::resources::deprecation;

/// A row of a batch, as far as it names a model.
#[derive(Deserialize)]
struct Row {
    params: Params,
}

#[derive(Deserialize)]
struct Params {
    model: String,
}

/// Warns of the deprecated models that a parameter names. What has another shape is refused by the
/// API.
pub(super) fn warn(parameter: &ParameterInfo, value: &RawValue) {
    match parameter.ty {
        TypeRef::Named(ty) if ty.name == "Model" => {
            if let Ok(model) = serde_json::from_str::<String>(value.get()) {
                deprecation::warn(&Model::from(model));
            }
        }
        TypeRef::List(TypeRef::Named(ty)) if ty.name == "BatchRequest" => {
            let rows: Vec<&RawValue> = serde_json::from_str(value.get()).unwrap_or_default();
            let rows = rows.into_iter();
            let rows = rows.filter_map(|row| serde_json::from_str::<Row>(row.get()).ok());
            let models: Vec<Model> = rows.map(|row| row.params.model.into()).collect();
            deprecation::warn_all(&models);
        }
        _ => {}
    }
}
