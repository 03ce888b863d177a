//! One call of a tool while it runs: its time limit, its panics, its result.

use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tracing::Span;

use crate::BoxFuture;
use crate::clock::{Clock, within};
use crate::tools::call::{ToolCall, ToolContext};
use crate::tools::error::{ToolError, ToolErrorKind};
use crate::tools::output::ToolOutput;
use crate::tools::tool::Tool;

/// What came of a call.
pub(super) struct Done {
    pub(super) output: ToolOutput,
    pub(super) error: Option<ToolErrorKind>,
    pub(super) elapsed: Duration,
}

impl Done {
    /// The result of a call that did not run.
    pub(super) fn at_once(result: Result<ToolOutput, ToolError>) -> Self {
        let (output, error) = match result {
            Ok(output) => (output, None),
            Err(error) => (error.output(), Some(error.kind())),
        };
        Self {
            output,
            error,
            elapsed: Duration::ZERO,
        }
    }
}

/// Runs a tool, whatever it does.
pub(super) fn start(
    tool: Arc<dyn Tool>,
    call: ToolCall,
    context: ToolContext,
    limit: Option<Duration>,
    clock: Arc<dyn Clock>,
) -> BoxFuture<'static, Done> {
    let span = tracing::info_span!(
        target: "anthropic::tools", "anthropic.tool", tool = call.name(), call = call.id()
    );
    Box::pin(async move {
        let began = clock.now();
        let ran = async { tool.call(call.clone(), context).await };
        let mut caught = pin!(Caught {
            future: Some(Box::pin(ran)),
            span: span.clone(),
        });
        let result = match within(&*clock, limit, caught.as_mut()).await {
            Ok(result) => result,
            Err(_) => Err(timed_out(limit.unwrap_or_default())),
        };
        if let Err(error) = &result {
            let _entered = span.enter();
            tracing::warn!(target: "anthropic::tools", kind = ?error.kind(), "a tool failed");
            tracing::debug!(target: "anthropic::tools", %error, "why it failed");
        }
        Done {
            elapsed: clock.now().saturating_sub(began),
            ..Done::at_once(result)
        }
    })
}

fn timed_out(limit: Duration) -> ToolError {
    let text = format!("the tool was not done within {limit:?}, and was cancelled");
    ToolError::of(ToolErrorKind::TimedOut, text)
}

/// A tool's future, whose panic is an error.
struct Caught<'a> {
    /// Gone after a panic: it must not be polled again.
    future: Option<BoxFuture<'a, Result<ToolOutput, ToolError>>>,
    span: Span,
}

impl Future for Caught<'_> {
    type Output = Result<ToolOutput, ToolError>;

    fn poll(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let _entered = this.span.enter();
        let Some(future) = &mut this.future else {
            return Poll::Pending;
        };
        // Nobody sees the future again once it has panicked, so nobody sees what it left half done,
        // but through what it shares, as after a panic of any task.
        let polled = catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(task)));
        match polled {
            Ok(polled) => polled,
            Err(panic) => {
                // Dropping it may panic, too.
                let future = this.future.take();
                let _ = catch_unwind(AssertUnwindSafe(|| drop(future)));
                Poll::Ready(Err(panicked(&*panic)))
            }
        }
    }
}

/// The model sees that the tool failed; the panic's message is for the caller.
fn panicked(panic: &(dyn Any + Send)) -> ToolError {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    let text = text.unwrap_or("a value that is no text");
    ToolError::caused_by(format!("the tool panicked: {text}"))
        .with_kind(ToolErrorKind::Panicked)
        .hide_from_model()
}
