//! One call of a tool while it runs: its time limit, its panics, its result.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tracing::Span;

use super::caught::Caught;
use super::control::Hooks;
use crate::BoxFuture;
use crate::clock::Clock;
use crate::tools::call::ToolCall;
use crate::tools::error::{ToolError, ToolErrorKind};
use crate::tools::guarded::caught;
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
    /// Gone once it is done or cancelled.
    work: Option<Work>,
}

impl Running {
    pub(super) fn new(index: usize, call: ToolCall, alone: bool, work: Work) -> Self {
        Self {
            index,
            call,
            alone,
            done: None,
            work: Some(work),
        }
    }

    pub(super) fn is_done(&self) -> bool {
        self.done.is_some()
    }

    /// Lets it make progress, and keeps what comes of it.
    pub(super) fn advance(&mut self, task: &mut Context<'_>) {
        if let Some(work) = &mut self.work {
            if let Poll::Ready(done) = work.poll(&self.call, task) {
                self.work = None;
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
            self.work = None;
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

/// A tool at work, and the hooks after it, whatever they do.
pub(super) struct Work {
    /// Gone once the tool is done or out of time.
    ran: Option<Caught<'static, Result<ToolOutput, ToolError>>>,
    limit: Option<Duration>,
    timer: Option<BoxFuture<'static, ()>>,
    clock: Arc<dyn Clock>,
    /// Whether anybody wants to know how long it takes.
    timed: bool,
    /// When it was first polled.
    began: Option<Duration>,
    hooks: Option<Arc<Hooks>>,
    /// The hooks at work.
    after: Option<BoxFuture<'static, Done>>,
}

impl Work {
    pub(super) fn new(
        ran: BoxFuture<'static, Result<ToolOutput, ToolError>>,
        call: &ToolCall,
        limit: Option<Duration>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let span = tracing::info_span!(
            target: "anthropic::tools", "anthropic.tool", tool = call.name(), call = call.id()
        );
        Self {
            ran: Some(Caught::new(ran, span)),
            limit,
            timer: None,
            clock,
            timed: false,
            began: None,
            hooks: None,
            after: None,
        }
    }

    /// Hooks that look at the result.
    pub(super) fn hooks(mut self, hooks: &Arc<Hooks>) -> Self {
        self.hooks = hooks.has_after_tool().then(|| Arc::clone(hooks));
        self
    }

    /// Whether it is noted how long the tool takes.
    pub(super) fn timed(mut self, timed: bool) -> Self {
        self.timed = timed;
        self
    }

    fn poll(&mut self, call: &ToolCall, task: &mut Context<'_>) -> Poll<Done> {
        if let Some(ran) = &mut self.ran {
            if self.began.is_none() {
                self.began = Some(now(self.timed, &*self.clock));
                self.timer = self.limit.map(|limit| self.clock.sleep(limit));
            }
            let polled = timed_poll(ran, self.limit, &*self.clock, call, task);
            let result = match (polled, &mut self.timer) {
                (Poll::Ready(Ok(result)), _) => result,
                (Poll::Ready(Err(panic)), _) => Err(panicked(&panic)),
                (Poll::Pending, None) => return Poll::Pending,
                (Poll::Pending, Some(timer)) => {
                    ready!(timer.as_mut().poll(task));
                    Err(timed_out(self.limit.unwrap_or_default()))
                }
            };
            let done = self.done(result);
            self.timer = None;
            let Some(hooks) = self.hooks.take() else {
                return Poll::Ready(done);
            };
            let call = call.clone();
            let after = async move { hooks.after_tool(&call, done).await };
            self.after = Some(Box::pin(after));
        }
        match &mut self.after {
            Some(after) => after.as_mut().poll(task),
            None => Poll::Pending,
        }
    }

    /// The text of a tool's error is its code, too.
    fn done(&mut self, result: Result<ToolOutput, ToolError>) -> Done {
        // It may be out of time, and ends before anything is made of that.
        let ran = self.ran.take().map(Caught::end);
        let done = ran.unwrap_or_else(Span::none).in_scope(|| {
            if let Err(error) = &result {
                tracing::warn!(target: "anthropic::tools", kind = ?error.kind(), "a tool failed");
                // Whether it is traced changes nothing about the result.
                let _ = caught(|| {
                    tracing::debug!(target: "anthropic::tools", %error, "why it failed");
                });
            }
            caught(|| Done::at_once(result))
        });
        let took = now(self.timed, &*self.clock).saturating_sub(self.began.unwrap_or_default());
        Done {
            elapsed: took,
            ..done.unwrap_or_else(|panic| Done::at_once(Err(panicked(&panic))))
        }
    }
}

/// Polls a tool. A limit can't end a tool that does not return the thread, which is for the tool's
/// author to know.
fn timed_poll<T>(
    ran: &mut Caught<'static, T>,
    limit: Option<Duration>,
    clock: &dyn Clock,
    call: &ToolCall,
    task: &mut Context<'_>,
) -> Poll<Result<T, String>> {
    let Some(limit) = limit else {
        return Pin::new(ran).poll(task);
    };
    let before = clock.now();
    let polled = Pin::new(ran).poll(task);
    let held = clock.now().saturating_sub(before);
    if held > limit {
        tracing::warn!(
            target: "anthropic::tools", tool = call.name(), ?held, ?limit,
            "a tool blocked its thread beyond its time limit, which can't end it: what blocks belongs in spawn_blocking"
        );
    }
    polled
}

/// The time, if it is wanted.
fn now(timed: bool, clock: &dyn Clock) -> Duration {
    if timed { clock.now() } else { Duration::ZERO }
}

fn timed_out(limit: Duration) -> ToolError {
    let text = format!("the tool was not done within {limit:?}, and was cancelled");
    ToolError::of(ToolErrorKind::TimedOut, text)
}

/// A call that did not run. The error may be the caller's, whose text may panic.
pub(super) fn refused(error: ToolError) -> Done {
    caught(|| Done::at_once(Err(error)))
        .unwrap_or_else(|panic| Done::at_once(Err(panicked(&panic))))
}

/// The model sees that the tool failed; the panic's message is for the caller.
pub(super) fn panicked(text: &str) -> ToolError {
    ToolError::of(
        ToolErrorKind::Panicked,
        format!("the tool panicked: {text}"),
    )
    .hide_from_model()
}
