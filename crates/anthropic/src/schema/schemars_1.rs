//! Schemas by schemars 1.

use serde_json::Value;

use super::Schema;

impl<T: schemars::JsonSchema + ?Sized> Schema for T {
    fn schema() -> Value {
        schemars::generate::SchemaSettings::draft2020_12()
            .into_generator()
            .into_root_schema_for::<T>()
            .into()
    }
}
