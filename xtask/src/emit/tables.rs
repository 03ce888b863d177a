//! `api/names.json` and `api/methods.json`: what every official type and method is called here.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::files::Files;
use super::operations::{OperationWriter, chain, split};
use crate::description::Type;
use crate::layout::{Features, Layout};

/// Writes both tables.
pub(crate) fn write(operations: &OperationWriter<'_>, files: &mut Files) -> Result<(), String> {
    files.add_plain("api/names.json", types(operations)?);
    files.add_plain("api/methods.json", methods(operations)?);
    Ok(())
}

/// Official type → path below `anthropic::types` and features; without a type, the reason.
fn types(operations: &OperationWriter<'_>) -> Result<String, String> {
    let exceptions = &operations.overlay.fold.exceptions;
    let mut rows = BTreeMap::new();
    for name in operations.description.types.keys() {
        let row = if let Some(reason) = exceptions.get(name) {
            json!({"none": reason})
        } else {
            let ty = operations.rust(&Type::Ref { to: name.clone() });
            let features = operations.layout.features(&operations.names.key(name));
            row("rust", &ty, &features)
        };
        rows.insert(name.clone(), row);
    }
    if let Some(stale) = exceptions.keys().find(|name| !rows.contains_key(*name)) {
        return Err(format!("the exception {stale} is no official type"));
    }
    Ok(table(&rows))
}

/// Official method → ours, its endpoint and its feature.
fn methods(operations: &OperationWriter<'_>) -> Result<String, String> {
    let mut rows = BTreeMap::new();
    for endpoint in &operations.description.endpoints {
        let method = operations.method(endpoint)?;
        let (area, _) = operations.layout.area(endpoint)?;
        let mut arguments: Vec<String> = method.path.clone();
        arguments.extend(method.files.iter().map(|(name, _)| name.clone()));
        arguments.extend(method.params.iter().map(|key| Layout::path(key)));
        let call = format!(
            "client{}.{}({})",
            chain(split(&endpoint.id).0),
            method.name,
            arguments.join(", ")
        );
        let mut row = row("rust", &call, &operations.features(area));
        if let Some(row) = row.as_object_mut() {
            row.insert("answer".to_owned(), json!(method.answer));
            row.insert(
                "http".to_owned(),
                json!(format!("{} {}", endpoint.method, endpoint.path)),
            );
        }
        rows.insert(endpoint.id.clone(), row);
    }
    Ok(table(&rows))
}

fn row(key: &str, value: &str, features: &Features) -> Value {
    let mut row = json!({key: value});
    let names: Vec<&str> = features.iter().map(String::as_str).collect();
    if let (Some(row), false) = (row.as_object_mut(), names.is_empty()) {
        row.insert("feature".to_owned(), json!(names.join(" or ")));
    }
    row
}

/// JSON with a line for each row, so that a difference reads well.
fn table(rows: &BTreeMap<String, Value>) -> String {
    let rows: Vec<String> = rows
        .iter()
        .map(|(key, row)| format!("  {}: {row}", Value::from(key.as_str())))
        .collect();
    format!("{{\n{}\n}}\n", rows.join(",\n"))
}
