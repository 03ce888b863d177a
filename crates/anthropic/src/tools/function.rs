//! Tools made of functions.

use std::fmt;
use std::future::{Future, ready};
use std::sync::Arc;
use std::time::Duration;

use anthropic_types::{CacheControlEphemeral, Json, Tool as Definition, ToolUnion};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::call::{ToolCall, ToolContext};
use super::error::ToolError;
use super::output::{IntoToolResult, ToolOutput};
use super::tool::{Tool, ToolSettings};
use crate::BoxFuture;
use crate::schema::{self, Schema};

/// What a tool's function is called by.
type Call = dyn Fn(ToolCall, ToolContext) -> Result<Running, ToolError> + Send + Sync;
/// A function at work.
type Running = BoxFuture<'static, Result<ToolOutput, ToolError>>;

/// A tool made of a function: see [`tool_fn`].
///
/// Its setters are those of the definition that is sent and of the [settings](ToolSettings) by
/// which the runner calls it.
#[derive(Clone)]
#[must_use = "a tool does nothing until a run has it"]
pub struct FunctionTool {
    definition: Definition,
    /// The schema as the input's type has it.
    schema: Option<Value>,
    settings: ToolSettings,
    call: Arc<Call>,
}

/// A tool out of its name, its description and a function of its input.
///
/// The input's type gives the schema: with the feature `schemars-1`, any type that derives
/// `JsonSchema`. A call whose input does not fit the type gets an error with the path and the
/// reason, and the function is not called. The function returns a value or a `Result`; any error
/// goes to the model by `?` (see [`ToolError`]).
///
/// ```
/// # #[cfg(feature = "schemars-1")]
/// # {
/// use anthropic::tools::{ToolError, tool_fn};
/// use schemars::JsonSchema;
/// use serde::Deserialize;
///
/// #[derive(Deserialize, JsonSchema)]
/// struct Place {
///     /// A city, such as "Oslo".
///     city: String,
/// }
///
/// let weather = tool_fn("weather", "The weather at a place, now.", |place: Place, _| async move {
///     match place.city.as_str() {
///         "Oslo" => Ok("12 °C, light rain"),
///         city => Err(ToolError::new(format!("there is no station in {city}"))),
///     }
/// });
/// # let _ = weather;
/// # }
/// ```
pub fn tool_fn<In, F, Fut, Out>(
    name: impl Into<String>,
    description: impl Into<String>,
    function: F,
) -> FunctionTool
where
    In: DeserializeOwned + Schema + Send + 'static,
    F: Fn(In, ToolContext) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Out> + Send + 'static,
    Out: IntoToolResult,
{
    let raw = In::schema();
    let definition = Definition::new(schema::for_tool(raw.clone()), name).description(description);
    let mut tool = tool_with(definition, function);
    tool.schema = Some(raw);
    tool
}

/// A tool out of a definition and a function of its input, for schemas that no type of yours has.
///
/// ```
/// use anthropic::tools::{tool_with, ToolError};
/// use anthropic::types::{Json, Tool};
/// use serde_json::json;
///
/// let schema = json!({"type": "object", "properties": {"x": {"type": "number"}}, "required": ["x"]});
/// let echo = tool_with(Tool::new(schema, "echo"), |input: Json, _| async move { input });
/// # let _ = echo;
/// ```
pub fn tool_with<In, F, Fut, Out>(definition: Definition, function: F) -> FunctionTool
where
    In: DeserializeOwned + Send + 'static,
    F: Fn(In, ToolContext) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Out> + Send + 'static,
    Out: IntoToolResult,
{
    let function = Arc::new(function);
    let call = move |call: ToolCall, context| -> Result<Running, ToolError> {
        let input = call.input_as::<In>()?;
        let function = Arc::clone(&function);
        Ok(Box::pin(async move {
            function(input, context).await.into_tool_result()
        }))
    };
    FunctionTool {
        definition,
        schema: None,
        settings: ToolSettings::new(),
        call: Arc::new(call),
    }
}

impl FunctionTool {
    /// Runs its calls alone: after all calls before it, and before all after it.
    pub fn sequential(mut self) -> Self {
        self.settings = self.settings.sequential();
        self
    }

    /// The time limit of a call: [`ToolSettings::timeout`], which shows how a tool that blocks its
    /// thread is to be written.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.settings = self.settings.timeout(limit);
        self
    }

    /// Asks before each call; it is denied where the future returns `false`.
    pub fn confirm<F, Fut>(mut self, ask: F) -> Self
    where
        F: Fn(ToolCall) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = bool> + Send + 'static,
    {
        self.settings = self.settings.confirm(ask);
        self
    }

    /// Ends the run before each call, until somebody decides about it.
    pub fn needs_approval(mut self) -> Self {
        self.settings = self.settings.needs_approval();
        self
    }

    /// Has the API guarantee that inputs fit the schema, which has fewer keywords then; the others
    /// are moved into descriptions ([`schema::for_strict`]).
    pub fn strict(mut self, strict: bool) -> Self {
        if let Some(raw) = &self.schema {
            self.definition.input_schema = if strict {
                schema::for_strict(raw.clone())
            } else {
                schema::for_tool(raw.clone())
            };
        }
        self.definition.strict = Some(strict);
        self
    }

    /// Ends a part of the prompt that is to be cached at this tool.
    pub fn cache_control(mut self, cache: impl Into<CacheControlEphemeral>) -> Self {
        self.definition.cache_control = Some(cache.into());
        self
    }

    /// Keeps the tool out of the prompt until a tool search finds it.
    pub fn defer_loading(mut self, defer: bool) -> Self {
        self.definition.defer_loading = Some(defer);
        self
    }

    /// Adds an example of a valid input.
    pub fn example(mut self, input: impl Into<Json>) -> Self {
        let examples = self.definition.input_examples.get_or_insert_default();
        examples.push(input.into());
        self
    }

    /// Notes which arguments have no description. Of a schema as the type has it, since keywords
    /// that the API does not guarantee become descriptions of others.
    #[cfg(feature = "macros")]
    pub(crate) fn with_described_arguments(mut self) -> Self {
        let schema = self.schema.as_ref();
        self.settings.undescribed = schema.map(schema::undescribed).unwrap_or_default();
        self
    }

    /// Changes the definition that is sent, where it has no setter here. Its name is the one that
    /// the model calls.
    pub fn with_definition(mut self, change: impl FnOnce(Definition) -> Definition) -> Self {
        self.definition = change(self.definition);
        self
    }
}

impl Tool for FunctionTool {
    fn name(&self) -> &str {
        &self.definition.name
    }

    fn definition(&self) -> ToolUnion {
        self.definition.clone().into()
    }

    fn call(
        &self,
        call: ToolCall,
        context: ToolContext,
    ) -> BoxFuture<'_, Result<ToolOutput, ToolError>> {
        match (self.call)(call, context) {
            Ok(running) => running,
            Err(error) => Box::pin(ready(Err(error))),
        }
    }

    fn start(
        self: Arc<Self>,
        call: ToolCall,
        context: ToolContext,
    ) -> Result<BoxFuture<'static, Result<ToolOutput, ToolError>>, ToolError> {
        (self.call)(call, context)
    }

    fn settings(&self) -> ToolSettings {
        self.settings.clone()
    }
}

impl fmt::Debug for FunctionTool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FunctionTool")
            .field("definition", &self.definition)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

/// The input of a tool without parameters.
///
/// ```
/// use anthropic::tools::{NoInput, tool_fn};
///
/// let clock = tool_fn("clock", "The time, now.", |NoInput, _| async { "12:00" });
/// # let _ = clock;
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::exhaustive_structs, reason = "there is nothing in it")]
pub struct NoInput;

impl Schema for NoInput {
    fn schema() -> Value {
        json!({"type": "object", "properties": {}})
    }
}

/// Of anything: what the model adds is ignored.
impl<'de> serde::Deserialize<'de> for NoInput {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        serde::de::IgnoredAny::deserialize(from).map(|_| Self)
    }
}
