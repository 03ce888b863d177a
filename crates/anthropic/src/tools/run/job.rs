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
    state: State,
}

enum State {
    Works(Work),
    /// What came of it, until that is wanted.
    Done(Done),
    Over,
}

impl Running {
    pub(super) fn new(index: usize, call: ToolCall, alone: bool, work: Work) -> Self {
        Self {
            index,
            call,
            alone,
            state: State::Works(work),
        }
    }

    pub(super) fn is_done(&self) -> bool {
        matches!(self.state, State::Done(_))
    }

    /// Lets it make progress, and keeps what comes of it.
    pub(super) fn advance(&mut self, task: &mut Context<'_>) {
        if let State::Works(work) = &mut self.state {
            if let Poll::Ready(done) = work.poll(&self.call, task) {
                self.state = State::Done(done);
            }
        }
    }

    /// What came of it, once it is done.
    pub(super) fn poll(&mut self, task: &mut Context<'_>) -> Poll<Done> {
        if let State::Works(work) = &mut self.state {
            let done = ready!(work.poll(&self.call, task));
            self.state = State::Over;
            return Poll::Ready(done);
        }
        match std::mem::replace(&mut self.state, State::Over) {
            State::Done(done) => Poll::Ready(done),
            _ => Poll::Pending,
        }
    }

    /// Cancels it, unless it is done.
    pub(super) fn cancel(&mut self, reason: &str) {
        if !self.is_done() {
            // It ends before anything is made of that.
            self.state = State::Over;
            let error = ToolError::of(ToolErrorKind::NotRun, reason.to_owned());
            self.state = State::Done(Done::at_once(Err(error)));
        }
    }

    /// What came of it, cancelled unless it is done.
    pub(super) fn end(mut self, reason: &str) -> (usize, ToolCall, Done) {
        self.cancel(reason);
        let done = match self.state {
            State::Done(done) => done,
            _ => Done::at_once(Ok(ToolOutput::empty())),
        };
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
///
/// Most calls have no time limit and no hooks, and nobody wants to know how long they take.
pub(super) struct Work {
    /// Gone once the tool is done or out of time.
    ran: Option<Caught<'static, Result<ToolOutput, ToolError>>>,
    limit: Option<Box<TimeLimit>>,
    timed: Option<Timed>,
    hooks: Option<Arc<Hooks>>,
    /// The hooks at work.
    after: Option<BoxFuture<'static, Done>>,
}

/// How long a tool may take, from when it is first polled.
struct TimeLimit {
    limit: Duration,
    clock: Arc<dyn Clock>,
    timer: Option<BoxFuture<'static, ()>>,
}

/// How long a tool takes, from when it is first polled.
struct Timed {
    clock: Arc<dyn Clock>,
    began: Option<Duration>,
}

impl Work {
    pub(super) fn new(
        ran: BoxFuture<'static, Result<ToolOutput, ToolError>>,
        call: &ToolCall,
    ) -> Self {
        let span = tracing::info_span!(
            target: "anthropic::tools", "anthropic.tool", tool = call.name(), call = call.id()
        );
        Self {
            ran: Some(Caught::new(ran, span)),
            limit: None,
            timed: None,
            hooks: None,
            after: None,
        }
    }

    /// How long the tool may take.
    pub(super) fn limit(&mut self, limit: Duration, clock: &Arc<dyn Clock>) {
        self.limit = Some(Box::new(TimeLimit {
            limit,
            clock: Arc::clone(clock),
            timer: None,
        }));
    }

    /// Notes how long the tool takes.
    pub(super) fn time(&mut self, clock: &Arc<dyn Clock>) {
        self.timed = Some(Timed {
            clock: Arc::clone(clock),
            began: None,
        });
    }

    /// Hooks that look at the result.
    pub(super) fn hook(&mut self, hooks: &Arc<Hooks>) {
        self.hooks = Some(Arc::clone(hooks));
    }

    fn poll(&mut self, call: &ToolCall, task: &mut Context<'_>) -> Poll<Done> {
        if let Some(ran) = &mut self.ran {
            if let Some(timed) = &mut self.timed {
                timed.began.get_or_insert_with(|| timed.clock.now());
            }
            let polled = match &mut self.limit {
                None => Pin::new(ran).poll(task),
                Some(limit) => limit.poll(ran, call, task),
            };
            let result = ready!(polled).unwrap_or_else(|panic| Err(panicked(&panic)));
            let done = self.done(result);
            self.limit = None;
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

    fn done(&mut self, result: Result<ToolOutput, ToolError>) -> Done {
        // It may be out of time, and ends before anything is made of that.
        let span = self.ran.take().map_or_else(Span::none, Caught::end);
        let mut done = match result {
            Ok(output) => Done::at_once(Ok(output)),
            Err(error) => span.in_scope(|| failed(error)),
        };
        if let Some(Timed { clock, began }) = &self.timed {
            done.elapsed = clock.now().saturating_sub(began.unwrap_or_default());
        }
        done
    }
}

impl TimeLimit {
    /// Polls a tool, whose time begins with the first poll. The limit can't end a tool that does
    /// not return the thread, which is for the tool's author to know.
    fn poll(
        &mut self,
        ran: &mut Caught<'static, Result<ToolOutput, ToolError>>,
        call: &ToolCall,
        task: &mut Context<'_>,
    ) -> Poll<Result<Result<ToolOutput, ToolError>, String>> {
        let Self {
            limit,
            clock,
            timer,
        } = self;
        let timer = timer.get_or_insert_with(|| clock.sleep(*limit));
        let before = clock.now();
        let polled = Pin::new(ran).poll(task);
        let held = clock.now().saturating_sub(before);
        if held > *limit {
            tracing::warn!(
                target: "anthropic::tools", tool = call.name(), ?held, ?limit,
                "a tool blocked its thread beyond its time limit, which can't end it: what blocks belongs in spawn_blocking"
            );
        }
        if polled.is_pending() {
            ready!(timer.as_mut().poll(task));
            return Poll::Ready(Ok(Err(timed_out(*limit))));
        }
        polled
    }
}

/// A tool that failed. The text of its error is the tool's code, too, and may panic.
fn failed(error: ToolError) -> Done {
    tracing::warn!(target: "anthropic::tools", kind = ?error.kind(), "a tool failed");
    // Whether it is traced changes nothing about the result.
    let _ = caught(|| {
        tracing::debug!(target: "anthropic::tools", %error, "why it failed");
    });
    let done = caught(|| Done::at_once(Err(error)));
    done.unwrap_or_else(|panic| Done::at_once(Err(panicked(&panic))))
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
