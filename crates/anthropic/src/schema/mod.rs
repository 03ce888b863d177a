//! Schemas of tools' inputs and of typed results: where they come from, and the form in which the
//! API takes them.
//!
//! [`Schema`] is what gives a type its schema; with the feature `schemars-1` every type that
//! derives `JsonSchema` has one. [`for_tool`] and [`for_strict`] bring a schema into the API's
//! form, and [`lint`] finds what the API would still refuse; a run does both by itself.

#[cfg(feature = "macros")]
mod described;
mod draft;
mod keywords;
mod lint;
mod references;
#[cfg(test)]
mod rules;
#[cfg(feature = "schemars-1")]
mod schemars_1;
#[cfg(test)]
mod tests;
mod transform;

use anthropic_types::Json;
use serde_json::Value;

#[cfg(feature = "macros")]
pub(crate) use described::undescribed;
pub(crate) use lint::Counts;
#[cfg(feature = "tools")]
pub(crate) use lint::property_names;
pub use lint::{Finding, lint};
use transform::{Form, transformed};

/// A type that has a JSON schema.
///
/// With the feature `schemars-1` it is implemented for all that implements `schemars::JsonSchema`;
/// an object of which it has nothing but the type is there an empty struct, and an open one has
/// `additionalProperties`. Implement it for schemas of another source:
///
/// ```
/// use anthropic::schema::{self, Schema};
/// use serde_json::{Value, json};
///
/// struct Place {
///     city: String,
/// }
///
/// impl Schema for Place {
///     fn schema() -> Value {
///         json!({"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]})
///     }
/// }
///
/// let schema = schema::of::<Place>();
/// assert_eq!(schema.to_value()["additionalProperties"], false);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no JSON schema",
    note = "derive `schemars::JsonSchema` for it and enable the feature `schemars-1` of `anthropic`, or implement `anthropic::schema::Schema`"
)]
pub trait Schema {
    /// The schema, of any draft and with any keyword.
    fn schema() -> Value;
}

/// The schema of a type, as the input of a tool: [`for_tool`].
pub fn of<T: Schema + ?Sized>() -> Json {
    for_tool(T::schema())
}

/// The schema of a type, as the API guarantees it: [`for_strict`].
pub fn strict_of<T: Schema + ?Sized>() -> Json {
    for_strict(T::schema())
}

/// A schema in the form in which a tool's input has it.
///
/// Objects with properties are closed (`additionalProperties` is `false`) unless they are
/// open; `$schema`, `title` and the `format` of numbers are dropped; a reference at the root
/// is resolved. What older drafts of JSON Schema write in another way, such as a tuple's list of
/// `items`, is written as in 2020-12, which the API checks. Open maps stay open, and all other
/// keywords stay.
pub fn for_tool(schema: impl Into<Value>) -> Json {
    Json::from(transformed(schema.into(), Form::Tool))
}

/// A schema in the form that the API can guarantee: of strict tools, and of typed results.
///
/// As [`for_tool`]; beyond that `oneOf` becomes `anyOf`, and so does a list of types. Keywords that
/// the API does not take, such as `minimum` or `pattern`, are moved into the description, as JSON.
/// What has no such form, such as an open map or a tuple, stays as it is, for [`lint`] to report
/// it.
///
/// ```
/// use anthropic::schema;
/// use serde_json::json;
///
/// let schema = schema::for_strict(json!({
///     "type": "object",
///     "properties": {"age": {"type": "integer", "format": "uint8", "minimum": 0, "description": "In years."}},
/// }));
/// assert_eq!(schema, json!({
///     "type": "object",
///     "properties": {"age": {"type": "integer", "description": "In years.\n\n{\"minimum\":0}"}},
///     "additionalProperties": false,
/// }));
/// ```
pub fn for_strict(schema: impl Into<Value>) -> Json {
    Json::from(transformed(schema.into(), Form::Strict))
}

/// A tool's schema that somebody else wrote, such as an MCP server, without what the API would
/// refuse of its form: as [`for_tool`] rewrites older drafts, and keywords with values that
/// JSON Schema 2020-12 does not know are dropped. Nothing is closed, and all else stays.
///
/// ```
/// use anthropic::schema;
/// use serde_json::json;
///
/// let schema = json!({"type": "object", "properties": {"at": {"type": "array", "items": [{}, {}]}}, "required": null});
/// assert_eq!(
///     schema::mended(schema),
///     json!({"type": "object", "properties": {"at": {"type": "array", "prefixItems": [{}, {}]}}}),
/// );
/// ```
pub fn mended(schema: impl Into<Value>) -> Json {
    let mut schema = schema.into();
    if let Value::Object(schema) = &mut schema {
        draft::mend(schema);
    }
    Json::from(schema)
}
