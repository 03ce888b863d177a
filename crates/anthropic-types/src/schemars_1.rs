//! Schemas of schemars 1 as free JSON.

use crate::Json;

/// A schema, as it is.
impl From<schemars::Schema> for Json {
    fn from(schema: schemars::Schema) -> Self {
        Self::from(serde_json::Value::from(schema))
    }
}
