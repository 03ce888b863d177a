//! Tools made of types.

use std::future::Future;
use std::sync::Arc;

use serde::de::DeserializeOwned;

use super::call::ToolContext;
use super::error::ToolError;
use super::function::{FunctionTool, tool_fn};
use super::output::IntoToolOutput;
use crate::schema::Schema;

/// A tool as a type of its own, with its state in its fields.
///
/// ```
/// # #[cfg(feature = "schemars-1")]
/// # {
/// use anthropic::tools::{ToolContext, TypedTool};
/// use schemars::JsonSchema;
/// use serde::Deserialize;
///
/// struct Stock {
///     places: Vec<String>,
/// }
///
/// #[derive(Deserialize, JsonSchema)]
/// struct Query {
///     /// The number of a place, from 0.
///     place: usize,
/// }
///
/// impl TypedTool for Stock {
///     type Input = Query;
///     type Output = Option<String>;
///     type Error = std::io::Error;
///
///     const NAME: &'static str = "stock";
///     const DESCRIPTION: &'static str = "What lies at a place of the store.";
///
///     async fn call(&self, query: Query, _: ToolContext) -> Result<Option<String>, std::io::Error> {
///         Ok(self.places.get(query.place).cloned())
///     }
/// }
///
/// let stock = Stock { places: vec!["nails".to_owned()] }.into_tool().sequential();
/// # let _ = stock;
/// # }
/// ```
pub trait TypedTool: Send + Sync + Sized + 'static {
    /// What the model gives, whose schema it sees.
    type Input: DeserializeOwned + Schema + Send + 'static;
    /// What the model gets.
    type Output: IntoToolOutput;
    /// What can go wrong.
    type Error: Into<ToolError>;

    /// The tool's name.
    const NAME: &'static str;
    /// What the tool does and when to use it.
    const DESCRIPTION: &'static str;

    /// Runs the tool.
    fn call(
        &self,
        input: Self::Input,
        context: ToolContext,
    ) -> impl Future<Output = Result<Self::Output, Self::Error>> + Send;

    /// The tool, for a run.
    fn into_tool(self) -> FunctionTool {
        let tool = Arc::new(self);
        tool_fn(Self::NAME, Self::DESCRIPTION, move |input, context| {
            let tool = Arc::clone(&tool);
            async move { tool.call(input, context).await }
        })
    }
}
