//! The output format that a type's schema makes.

use std::any::type_name;

use anthropic_types::{JsonOutputFormat, MessageCreateParams, OutputConfig, ToolUnion};
use serde_json::Value;

use crate::schema::{self, Counts, Finding, Schema};
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

/// What the parameters' `output_config` becomes where messages of a schema are asked for.
pub(super) fn config<T: Schema>(params: &MessageCreateParams) -> Result<OutputConfig> {
    config_of(params, T::schema(), type_name::<T>())
}

fn config_of(params: &MessageCreateParams, schema: Value, of: &str) -> Result<OutputConfig> {
    let config = params.output_config.clone();
    let config = config.unwrap_or_default();
    if config.format.is_some() {
        let fault = "the output format is set already; leave it to the type that is asked for";
        return Err(Error::request(fault));
    }
    let format = checked(schema, of)?;
    let tools = params.tools.iter().flatten();
    within_limits(&format, tools, of)?;
    Ok(config.format(format))
}

/// The API counts the strict tools of a request towards the same limits.
fn within_limits<'a>(
    format: &JsonOutputFormat,
    tools: impl Iterator<Item = &'a ToolUnion>,
    of: &str,
) -> Result<()> {
    let strict = tools.filter_map(|tool| tool.as_custom());
    let mut strict = strict
        .filter(|tool| tool.strict == Some(true))
        .map(|tool| Counts::of_tool(&tool.input_schema.to_value()))
        .peekable();
    if strict.peek().is_none() {
        return Ok(());
    }
    let counts = strict.fold(Counts::of(&format.schema.to_value()), Counts::plus);
    let findings: Vec<Finding> = counts.findings().collect();
    if findings.is_empty() {
        return Ok(());
    }
    let findings = lines(&findings);
    let fault = format!(
        "the API takes no such schema as that of `{of}` beside these strict tools: {findings}"
    );
    Err(Error::request(fault))
}

fn lines(findings: &[Finding]) -> String {
    let findings: Vec<String> = findings.iter().map(ToString::to_string).collect();
    findings.join("; ")
}

fn checked(schema: Value, of: &str) -> Result<JsonOutputFormat> {
    let schema = schema::for_strict(schema);
    let findings = schema::lint(&schema.to_value(), true);
    if findings.is_empty() {
        return Ok(JsonOutputFormat::new(schema));
    }
    let findings = lines(&findings);
    let fault = format!("the API takes no such schema as that of `{of}`: {findings}");
    Err(Error::request(fault))
}
