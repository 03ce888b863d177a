//! Schemas by schemars 1.

use serde_json::Value;

use super::Schema;

/// Left out of the compiler's advice, which would name a path of schemars that may not be the
/// caller's: the message of [`Schema`] has what to do.
#[diagnostic::do_not_recommend]
impl<T: schemars::JsonSchema + ?Sized> Schema for T {
    fn schema() -> Value {
        schemars::generate::SchemaSettings::draft2020_12()
            .into_generator()
            .into_root_schema_for::<T>()
            .into()
    }
}
