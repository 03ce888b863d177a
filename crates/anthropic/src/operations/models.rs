//! The warning about deprecated models, for calls by name.

use anthropic_types::Model;
use serde_json::value::RawValue;

use super::described::{ParameterInfo, TypeRef};
use crate::request::query::RawObject;
use crate::resources::deprecation;

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
            let models: Vec<Model> = rows.into_iter().filter_map(model_of).collect();
            deprecation::warn_all(&models);
        }
        _ => {}
    }
}

/// The model that a row of a batch names.
fn model_of(row: &RawValue) -> Option<Model> {
    let row: RawObject = serde_json::from_str(row.get()).ok()?;
    let params: RawObject = serde_json::from_str(row.get("params")?.get()).ok()?;
    let model: String = serde_json::from_str(params.get("model")?.get()).ok()?;
    Some(model.into())
}
