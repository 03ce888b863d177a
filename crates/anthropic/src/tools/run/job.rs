//! One call of a tool while it runs: its time limit, its panics, its result.

use std::future::{pending, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use super::caught::{Caught, caught};
use super::control::Hooks;
use crate::BoxFuture;
use crate::clock::{Clock, within};
use crate::tools::call::ToolCall;
use crate::tools::error::{ToolError, ToolErrorKind};
use crate::tools::output::ToolOutput;

/// What came of a call.
pub(super) struct Done {
    pub(super) output: ToolOutput,
    pub(super) error: Option<Arc<ToolError>>,
    pub(super) elapsed: Duration,
    /// Why a hook stops the run.
    pub(super) stop: Option<String>,
}

impl Done {
    /// The result of a call that did not run.
    pub(super) fn at_once(result: Result<ToolOutput, ToolError>) -> Self {
        let (output, error) = match result {
            Ok(output) => (output, None),
            Err(error) => (error.output(), Some(Arc::new(error))),
        };
        Self {
            output,
            error,
            elapsed: Duration::ZERO,
            stop: None,
        }
    }
}

/// A call that runs.
pub(super) struct Running {
    /// Its place among the calls of its message.
    pub(super) index: usize,
    pub(super) call: ToolCall,
    pub(super) alone: bool,
    /// What came of it, until that is wanted.
    done: Option<Done>,
    future: BoxFuture<'static, Done>,
}

impl Running {
    pub(super) fn new(
        index: usize,
        call: ToolCall,
        alone: bool,
        future: BoxFuture<'static, Done>,
    ) -> Self {
        Self {
            index,
            call,
            alone,
            done: None,
            future,
        }
    }

    pub(super) fn is_done(&self) -> bool {
        self.done.is_some()
    }

    /// Lets it make progress, and keeps what comes of it.
    pub(super) fn advance(&mut self, task: &mut Context<'_>) {
        if self.done.is_none() {
            if let Poll::Ready(done) = self.future.as_mut().poll(task) {
                self.done = Some(done);
            }
        }
    }

    /// What came of it, once it is done.
    pub(super) fn poll(&mut self, task: &mut Context<'_>) -> Poll<Done> {
        self.advance(task);
        self.done.take().map_or(Poll::Pending, Poll::Ready)
    }

    /// Cancels it, unless it is done.
    pub(super) fn cancel(&mut self, reason: &str) {
        if self.done.is_none() {
            self.future = Box::pin(pending());
            let error = ToolError::of(ToolErrorKind::NotRun, reason.to_owned());
            self.done = Some(Done::at_once(Err(error)));
        }
    }

    /// What came of it, cancelled unless it is done.
    pub(super) fn end(mut self, reason: &str) -> (usize, ToolCall, Done) {
        self.cancel(reason);
        let done = self.done.take();
        let done = done.unwrap_or_else(|| Done::at_once(Ok(ToolOutput::empty())));
        (self.index, self.call, done)
    }
}

/// What the model sees of a call that was cancelled.
pub(super) const CANCELLED: &str =
    "the call was cancelled while it ran; what it has done is not known";

/// Waits for something while calls make progress.
pub(super) async fn meanwhile<T>(running: &mut [Running], wait: impl Future<Output = T>) -> T {
    let mut wait = pin!(wait);
    poll_fn(|task| {
        for job in running.iter_mut() {
            job.advance(task);
        }
        wait.as_mut().poll(task)
    })
    .await
}

/// Runs a tool that was begun, and the hooks after it, whatever they do.
pub(super) fn start(
    ran: BoxFuture<'static, Result<ToolOutput, ToolError>>,
    call: ToolCall,
    limit: Option<Duration>,
    clock: Arc<dyn Clock>,
    hooks: Arc<Hooks>,
) -> BoxFuture<'static, Done> {
    let span = tracing::info_span!(
        target: "anthropic::tools", "anthropic.tool", tool = call.name(), call = call.id()
    );
    Box::pin(async move {
        let began = clock.now();
        let result = {
            let mut caught = pin!(Caught::new(ran, span.clone()));
            match within(&*clock, limit, caught.as_mut()).await {
                Ok(Ok(result)) => result,
                Ok(Err(panic)) => Err(panicked(&panic)),
                Err(_) => Err(timed_out(limit.unwrap_or_default())),
            }
        };
        // The text of a tool's error is its code, too.
        let done = span.in_scope(|| caught(|| {
            if let Err(error) = &result {
                tracing::warn!(target: "anthropic::tools", kind = ?error.kind(), "a tool failed");
                tracing::debug!(target: "anthropic::tools", %error, "why it failed");
            }
            Done::at_once(result)
        }));
        let done = Done {
            elapsed: clock.now().saturating_sub(began),
            ..done.unwrap_or_else(|panic| Done::at_once(Err(panicked(&panic))))
        };
        hooks.after_tool(&call, done).await
    })
}

fn timed_out(limit: Duration) -> ToolError {
    let text = format!("the tool was not done within {limit:?}, and was cancelled");
    ToolError::of(ToolErrorKind::TimedOut, text)
}

/// The model sees that the tool failed; the panic's message is for the caller.
pub(super) fn panicked(text: &str) -> ToolError {
    ToolError::of(
        ToolErrorKind::Panicked,
        format!("the tool panicked: {text}"),
    )
    .hide_from_model()
}
