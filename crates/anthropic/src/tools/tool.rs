//! A tool as the runner sees it: one trait, whatever the tool was made of.

use std::fmt;
use std::future::{Future, ready};
use std::sync::Arc;
use std::time::Duration;

use anthropic_types::ToolUnion;

use super::call::{ToolCall, ToolContext};
use super::error::ToolError;
use super::guarded::Guarded;
use super::output::ToolOutput;
use crate::BoxFuture;

/// A tool that the runner can call.
///
/// Most are made of a function, by [`tool_fn`](super::tool_fn), or implement
/// [`TypedTool`](super::TypedTool). Implement this trait for what those can't express: tools that
/// the API defines, such as the bash tool, and tools whose schema is known at run time only.
///
/// A run asks a tool for its name, definition and settings once, when it begins or when the tool is
/// [added](super::Turn::add_tools). It fails where one of these panics.
///
/// ```
/// use anthropic::BoxFuture;
/// use anthropic::tools::{Tool, ToolCall, ToolContext, ToolError, ToolOutput};
/// use anthropic::types::{ToolBash20250124, ToolUnion};
/// use serde::Deserialize;
///
/// struct Bash;
///
/// #[derive(Deserialize)]
/// struct Command {
///     command: String,
/// }
///
/// impl Tool for Bash {
///     fn name(&self) -> &str {
///         "bash"
///     }
///
///     fn definition(&self) -> ToolUnion {
///         ToolBash20250124::new().into()
///     }
///
///     fn call(&self, call: ToolCall, _: ToolContext) -> BoxFuture<'_, Result<ToolOutput, ToolError>> {
///         Box::pin(async move {
///             let input: Command = call.input_as()?;
///             Err(ToolError::new(format!("there is no shell for `{}`", input.command)))
///         })
///     }
/// }
/// ```
pub trait Tool: Send + Sync + 'static {
    /// The name by which the model calls it, the same as in the definition.
    fn name(&self) -> &str;

    /// What is sent in the request's `tools`.
    fn definition(&self) -> ToolUnion;

    /// Runs the tool.
    ///
    /// The runner drops the future when the run is cancelled or the tool's time limit is exceeded.
    /// A panic becomes an error result.
    fn call(
        &self,
        call: ToolCall,
        context: ToolContext,
    ) -> BoxFuture<'_, Result<ToolOutput, ToolError>>;

    /// Begins a call, which is what the runner does: the future is the tool at work.
    ///
    /// Fails where the tool does not run, such as for an input that does not fit. The call does not
    /// count as one that ran then, and nobody sees it start. Unless it is implemented, every call
    /// runs, and [`call`](Self::call) fails where the input does not fit.
    ///
    /// # Errors
    ///
    /// Why the tool does not run.
    fn start(
        self: Arc<Self>,
        call: ToolCall,
        context: ToolContext,
    ) -> Result<BoxFuture<'static, Result<ToolOutput, ToolError>>, ToolError> {
        Ok(Box::pin(async move { self.call(call, context).await }))
    }

    /// How the runner calls it.
    fn settings(&self) -> ToolSettings {
        ToolSettings::new()
    }

    /// The family of a toolset, such as `browser`: calls that name it in `toolset_name` come to
    /// this tool, whatever their own name, and no others. They run one after the other. In the same
    /// message, those after one that failed do not run, and those after one that waits for a
    /// decision wait, too.
    fn toolset_name(&self) -> Option<&str> {
        None
    }
}

/// How the runner calls a tool.
#[derive(Clone, Default)]
#[must_use = "settings do nothing until a tool returns them"]
pub struct ToolSettings {
    pub(crate) sequential: bool,
    pub(crate) timeout: Option<Duration>,
    pub(crate) confirm: Option<Confirm>,
    /// Arguments of a function with `#[tool]` that have no description.
    pub(crate) undescribed: Vec<String>,
}

/// What decides whether a call may run.
#[derive(Clone)]
pub(crate) enum Confirm {
    /// The run ends, and waits for a decision.
    Defer,
    Ask(Ask),
}

pub(crate) type Ask = Arc<dyn Fn(ToolCall) -> BoxFuture<'static, bool> + Send + Sync>;

impl ToolSettings {
    /// The default settings: in parallel with other calls, without a time limit of its own, without
    /// confirmation.
    pub fn new() -> Self {
        Self::default()
    }

    /// Runs its calls alone: after all calls before it, and before all after it.
    pub fn sequential(mut self) -> Self {
        self.sequential = true;
        self
    }

    /// The time limit of a call, by the client's clock; the model sees an error where it is
    /// exceeded. The run's unless set.
    ///
    /// The limit drops the tool's future where it waits, so it can't end one that blocks its
    /// thread, as `std::thread::sleep`, `std::process` or a long calculation does; neither can the
    /// run's limit, and other calls stand still meanwhile. What such a tool returns counts, however
    /// late; a warning is traced, and [`elapsed`](super::RunEvent::ToolFinished) has how long it
    /// took. Move what blocks to a thread of its own, where it goes on after the limit, unwatched:
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use anthropic::tools::{NoInput, ToolError, tool_fn};
    ///
    /// fn count() -> String {
    ///     std::thread::sleep(Duration::from_millis(5));
    ///     "42".to_owned()
    /// }
    ///
    /// let tool = tool_fn("count", "Counts for a long time.", |NoInput, _| async {
    ///     tokio::task::spawn_blocking(count).await.map_err(ToolError::from)
    /// });
    /// let tool = tool.timeout(Duration::from_secs(30));
    /// # let _ = tool;
    /// ```
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = Some(limit);
        self
    }

    /// Asks before each call; it is denied where the future returns `false`.
    pub fn confirm<F, Fut>(mut self, ask: F) -> Self
    where
        F: Fn(ToolCall) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = bool> + Send + 'static,
    {
        let ask = Guarded::new(ask);
        self.confirm = Some(Confirm::Ask(Arc::new(move |call| match ask.get() {
            Some(ask) => Box::pin(ask(call)),
            None => Box::pin(ready(false)),
        })));
        self
    }

    /// Ends the run before each call, until somebody decides about it.
    pub fn needs_approval(mut self) -> Self {
        self.confirm = Some(Confirm::Defer);
        self
    }
}

impl fmt::Debug for ToolSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ToolSettings")
            .field("sequential", &self.sequential)
            .field("timeout", &self.timeout)
            .field("confirm", &self.confirm.is_some())
            .field("undescribed", &self.undescribed)
            .finish()
    }
}
