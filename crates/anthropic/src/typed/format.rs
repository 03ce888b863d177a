//! The output format that a type's schema makes.

use std::any::type_name;

use anthropic_types::{JsonOutputFormat, MessageCreateParams, OutputConfig};
use serde_json::Value;

use crate::schema::{self, Schema};
use crate::{Error, Result};

/// The output format for results of a type: what [`parse`](crate::resources::Messages::parse) sets,
/// for requests that are sent in another way, such as in a batch.
///
/// ```
/// # #[cfg(feature = "schemars-1")]
/// # fn run() -> anthropic::Result<()> {
/// use anthropic::typed::output_format;
/// use anthropic::types::{BatchRequest, MessageCreateParams, Model, OutputConfig};
///
/// #[derive(serde::Deserialize, schemars::JsonSchema)]
/// struct River {
///     name: String,
/// }
///
/// let format = OutputConfig::new().format(output_format::<River>()?);
/// let params = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024).output_config(format);
/// let request = BatchRequest::new("river", params.user("Name a river."));
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// [`Request`](crate::ErrorKind::Request), with what the API would refuse of the schema: see
/// [`lint`](schema::lint).
pub fn output_format<T: Schema>() -> Result<JsonOutputFormat> {
    checked(T::schema(), type_name::<T>())
}

/// Asks for messages of a schema.
pub(super) fn set<T: Schema>(params: &mut MessageCreateParams) -> Result<()> {
    set_schema(params, T::schema(), type_name::<T>())
}

fn set_schema(params: &mut MessageCreateParams, schema: Value, of: &str) -> Result<()> {
    let config = params.output_config.get_or_insert_with(OutputConfig::new);
    if config.format.is_some() {
        let fault = "the output format is set already; leave it to the type that is asked for";
        return Err(Error::request(fault));
    }
    config.format = Some(checked(schema, of)?);
    Ok(())
}

fn checked(schema: Value, of: &str) -> Result<JsonOutputFormat> {
    let schema = schema::for_strict(schema);
    let findings = schema::lint(&schema.to_value(), true);
    if findings.is_empty() {
        return Ok(JsonOutputFormat::new(schema));
    }
    let findings: Vec<String> = findings.iter().map(ToString::to_string).collect();
    let findings = findings.join("; ");
    let fault = format!("the API takes no such schema as that of `{of}`: {findings}");
    Err(Error::request(fault))
}
