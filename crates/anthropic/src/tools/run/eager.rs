//! Calls of a message that still arrives.

use std::collections::HashMap;
use std::future::ready;
use std::task::{Context, Poll};

use anthropic_types::{ContentBlock, StopReason, StreamEvent, ToolUseBlock};

use super::calls::{Planned, Running};
use super::control::Decision;
use super::event::RunEvent;
use super::sync::lock;
use super::transcript::readable;
use super::turns::Run;
use crate::MessageStream;
use crate::tools::call::ToolCall;
use crate::tools::error::ToolError;

/// What is known of a message's calls before it is complete. They are numbered as in the message.
#[derive(Default)]
pub(super) struct Eager {
    pub(super) is_on: bool,
    /// No more calls of this message start early.
    is_closed: bool,
    /// How many calls have begun to arrive.
    calls: usize,
    /// The index of the newest block.
    newest: Option<u64>,
    /// The call whose block arrives.
    open: Option<usize>,
    /// The call whose block is complete, and from which the model has not gone on yet.
    complete: Option<(usize, ToolCall)>,
    early: HashMap<usize, Early>,
    pub(super) running: Vec<Running>,
}

/// What became of a call before its message was complete.
pub(super) enum Early {
    Runs,
    /// Hooks were asked, and it does not run yet: with the input that they left.
    Decided(ToolCall, Decision),
    Failed(ToolError),
}

impl Eager {
    pub(super) fn new(is_on: bool) -> Self {
        Self {
            is_on,
            ..Self::default()
        }
    }

    /// Follows the message. Returns a call that is complete, once it is seen that the model goes on
    /// from it: the block of a call ends in a message that is cut off, too.
    fn follow<'m>(
        &mut self,
        event: &StreamEvent,
        block: impl FnOnce(u64) -> Option<&'m ToolUseBlock>,
    ) -> Option<(usize, ToolCall)> {
        let gone_on = match event {
            StreamEvent::ContentBlockStart(start) => {
                let gone_on = self.complete.take();
                let in_order = self.newest.is_none_or(|newest| newest < start.index);
                self.newest = Some(start.index);
                let is_fallback = matches!(*start.content_block, ContentBlock::Fallback(_));
                if is_fallback || !in_order {
                    // Calls before it are not to run, or it is not known which they are.
                    self.close();
                    return None;
                }
                self.open = start.content_block.as_tool_use().map(|_| self.calls);
                self.calls += usize::from(self.open.is_some());
                gone_on
            }
            StreamEvent::ContentBlockStop(stop) => {
                let number = self.open.take()?;
                let block = block(stop.index)?;
                self.complete = Some((number, ToolCall::new(readable(block.clone()))));
                None
            }
            StreamEvent::MessageDelta(delta)
                if delta.delta.stop_reason == Some(StopReason::ToolUse) =>
            {
                self.complete.take()
            }
            _ => None,
        };
        gone_on.filter(|_| !self.is_closed)
    }

    /// Cancels what was started.
    fn close(&mut self) {
        self.is_closed = true;
        self.complete = None;
        self.running.clear();
        self.early.clear();
    }

    pub(super) fn take(&mut self, number: usize) -> Option<Early> {
        self.early.remove(&number)
    }

    /// Lets the calls make progress.
    fn poll(&mut self, task: &mut Context<'_>) {
        for job in self.running.iter_mut().filter(|job| !job.is_done) {
            if let Poll::Ready(done) = job.future.as_mut().poll(task) {
                job.is_done = true;
                job.future = Box::pin(ready(done));
            }
        }
    }
}

impl Run {
    /// The next event of a stream, while calls that were started make progress.
    pub(super) async fn next_event(
        &self,
        eager: &mut Eager,
        stream: &mut MessageStream,
    ) -> crate::Result<Option<StreamEvent>> {
        let next = std::future::poll_fn(|task| {
            eager.poll(task);
            futures_core::Stream::poll_next(std::pin::Pin::new(&mut *stream), task)
        });
        let Some(event) = next.await.transpose()? else {
            return Ok(None);
        };
        if eager.is_on {
            let block = |index| stream.block(index)?.as_tool_use();
            if let Some((number, call)) = eager.follow(&event, block) {
                self.start_early(eager, number, call).await;
            }
        }
        Ok(Some(event))
    }

    /// Starts a call, if it may start before its message is complete.
    async fn start_early(&self, eager: &mut Eager, number: usize, call: ToolCall) {
        let busy = eager.running.iter().filter(|job| !job.is_done).count();
        if busy >= self.settings.max_parallel.max(1) || self.no_more_calls() {
            return;
        }
        let (call, decision) = self.hooks.before_tool(call).await;
        let tool = self.tool(&call);
        let settings = tool.as_ref().map(|tool| tool.settings());
        if settings.as_ref().is_some_and(|it| it.sequential) {
            // What comes after it waits for it.
            eager.is_closed = true;
        }
        let runs = matches!(decision, Decision::Run) && call.check().is_ok();
        let free = settings.filter(|it| runs && !it.sequential && it.confirm.is_none());
        let (Some(tool), Some(settings)) = (tool, free) else {
            if matches!(decision, Decision::Stop(_)) {
                eager.is_closed = true;
            }
            let decided = Early::Decided(call, decision);
            eager.early.insert(number, decided);
            return;
        };
        let turn = lock(&self.shared).turns.saturating_add(1);
        let planned = Planned {
            index: number,
            call,
            tool,
            settings,
        };
        let early = match self.start(planned, turn, false) {
            Ok(job) => {
                let call = job.call.clone();
                eager.running.push(job);
                self.out.emit(|| RunEvent::ToolStarted { call }).await;
                Early::Runs
            }
            Err((_, _, error)) => Early::Failed(error),
        };
        eager.early.insert(number, early);
    }
}
