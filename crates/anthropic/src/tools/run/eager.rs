//! Calls of a message that still arrives.

use std::collections::{HashMap, VecDeque};
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use anthropic_types::{ContentBlock, StopReason, StreamEvent};

use super::calls::Planned;
use super::control::Decision;
use super::event::RunEvent;
use super::ids::Ids;
use super::job::{CANCELLED, Running};
use super::sync::lock;
use super::transcript::make_readable;
use super::turns::Run;
use crate::tools::call::ToolCall;
use crate::tools::error::ToolError;
use crate::{BoxFuture, MessageStream, Result};

/// What is known of a message's calls before it is complete.
///
/// Calls start early only as long as the blocks come one after the other, so that the calls begin
/// in their order. Blocks that come late, by their indexes on the wire, move those that have
/// started to other places, and do no more.
///
/// Hooks decide about one call after the other, while the message goes on.
#[derive(Default)]
pub(super) struct Eager {
    /// The ids of the conversation's calls, and of those that have begun to arrive. Without them
    /// nothing starts early.
    ids: Option<Ids>,
    /// No more calls of this message start early.
    is_closed: bool,
    /// How many calls have begun to arrive.
    calls: usize,
    /// The indexes of calls that came after ones with greater indexes.
    late: Vec<u64>,
    /// The index of the newest block.
    newest: Option<u64>,
    /// The block that arrives, and, if it is a call, its id in the conversation.
    open: Option<(u64, Option<String>)>,
    /// The call whose block is complete, and from which the model has not gone on yet.
    complete: Option<(Place, ToolCall)>,
    /// The call that hooks decide about.
    asked: Option<(Place, Deciding)>,
    /// Complete calls that hooks have not been asked about.
    waiting: VecDeque<(Place, ToolCall)>,
    early: Vec<(Place, Early)>,
    jobs: Vec<Running>,
    /// What `early` has, by the places in the complete message.
    by_place: Option<HashMap<usize, Early>>,
}

/// What comes next of a message.
pub(super) enum Next {
    Event(StreamEvent),
    /// Hooks have decided about a call.
    Decided(Place, ToolCall, Decision),
    End,
}

/// Where a call is in its message.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// The index of its block on the wire.
    index: u64,
    /// Its number among the calls, as they came.
    number: usize,
}

/// Hooks that decide about a call: with the input that they leave.
pub(super) type Deciding = BoxFuture<'static, (ToolCall, Decision)>;

/// What became of a call before its message was complete.
pub(super) enum Early {
    Runs,
    /// Hooks have been asked, and have not decided.
    Asked(Deciding),
    /// Hooks were asked, and it does not run yet: with the input that they left.
    Decided(ToolCall, Decision),
    Failed(ToolError),
}

impl Eager {
    pub(super) fn new(ids: Ids) -> Self {
        Self {
            ids: Some(ids),
            ..Self::default()
        }
    }

    pub(super) fn is_on(&self) -> bool {
        self.ids.is_some()
    }

    /// Follows the message. Returns a call that is complete, once it is seen that the model goes on
    /// from it: the block of a call ends in a message that is cut off, too.
    pub(super) fn follow<'m>(
        &mut self,
        event: &StreamEvent,
        block: impl FnOnce(u64) -> Option<&'m ContentBlock>,
    ) -> Option<(Place, ToolCall)> {
        self.ids.as_ref()?;
        let gone_on = match event {
            StreamEvent::MessageStart(start) => {
                let mut given = start.message.content.iter();
                self.is_closed |= given.any(|block| block.as_tool_use().is_some());
                None
            }
            StreamEvent::ContentBlockStart(start) => self.begin(start.index, &start.content_block),
            StreamEvent::ContentBlockStop(stop) => {
                self.complete_block(stop.index, block);
                None
            }
            StreamEvent::MessageDelta(delta) => match delta.delta.stop_reason {
                Some(StopReason::ToolUse) => self.complete.take(),
                Some(_) => {
                    // The message may end the run, whatever a hook still decides.
                    self.close();
                    None
                }
                None => None,
            },
            _ => None,
        };
        gone_on.filter(|_| !self.is_closed)
    }

    /// Notes that a block begins. Returns the call before it.
    fn begin(&mut self, index: u64, block: &ContentBlock) -> Option<(Place, ToolCall)> {
        let gone_on = self.complete.take();
        let is_late = self.newest.is_some_and(|newest| index < newest);
        // It is not known, or not yet, which call comes before which.
        self.is_closed |= self.open.is_some() || self.newest.is_some_and(|newest| index <= newest);
        self.newest = self.newest.max(Some(index));
        if let ContentBlock::Fallback(_) = block {
            // Calls before it are not to run.
            self.close();
            self.asked = None;
            for job in &mut self.jobs {
                job.cancel(CANCELLED);
            }
        }
        let mut id = None;
        if let Some(call) = block.as_tool_use() {
            if is_late {
                self.late.push(index);
            }
            if !self.is_closed {
                self.calls += 1;
                if let Some(ids) = &mut self.ids {
                    let mut unique = call.id.clone();
                    ids.make_unique(&mut unique);
                    id = Some(unique);
                }
            }
        }
        self.open = Some((index, id));
        gone_on
    }

    /// Starts no more calls early.
    fn close(&mut self) {
        self.is_closed = true;
        self.waiting.clear();
    }

    fn complete_block<'m>(
        &mut self,
        index: u64,
        block: impl FnOnce(u64) -> Option<&'m ContentBlock>,
    ) {
        let open = self.open.take();
        let Some((_, id)) = open.filter(|(open, _)| *open == index) else {
            self.is_closed = true;
            return;
        };
        let call = block(index).and_then(|block| block.as_tool_use());
        if let (Some(id), Some(call), Some(number)) = (id, call, self.calls.checked_sub(1)) {
            let mut call = call.clone();
            make_readable(&mut call);
            call.id = id;
            self.complete = Some((Place { index, number }, ToolCall::new(call)));
        }
    }

    /// The place of a call in the complete message.
    fn place(&self, place: Place) -> usize {
        let before = self.late.iter().filter(|late| **late < place.index);
        place.number.saturating_add(before.count())
    }

    /// Whether calls were started.
    pub(super) fn has_begun(&self) -> bool {
        !self.jobs.is_empty()
    }

    /// The calls that were started, at their places in the complete message. No more start early.
    pub(super) fn jobs(&mut self) -> Vec<Running> {
        if let Some((place, deciding)) = self.asked.take() {
            self.early.push((place, Early::Asked(deciding)));
        }
        let mut jobs = std::mem::take(&mut self.jobs);
        for job in &mut jobs {
            let early = &self.early;
            if let Ok(at) = early.binary_search_by_key(&job.index, |(place, _)| place.number) {
                job.index = early
                    .get(at)
                    .map_or(job.index, |(place, _)| self.place(*place));
            }
        }
        jobs
    }

    /// What became of the call at this place of the complete message.
    pub(super) fn take(&mut self, place: usize) -> Option<Early> {
        self.ids.as_ref()?;
        if self.by_place.is_none() {
            let early = std::mem::take(&mut self.early).into_iter();
            let early = early.map(|(place, early)| (self.place(place), early));
            self.by_place = Some(early.collect());
        }
        self.by_place.as_mut()?.remove(&place)
    }
}

impl Run {
    /// What comes next of a message, while calls that were started make progress.
    pub(super) async fn next_of(&mut self, stream: &mut MessageStream) -> Result<Next> {
        let Eager { jobs, asked, .. } = &mut self.eager;
        let mut event = pin!(stream.next());
        poll_fn(|task| {
            for job in jobs.iter_mut() {
                job.advance(task);
            }
            if let Some((place, deciding)) = asked {
                if let Poll::Ready((call, decision)) = deciding.as_mut().poll(task) {
                    let place = *place;
                    *asked = None;
                    return Poll::Ready(Ok(Next::Decided(place, call, decision)));
                }
            }
            let event = event.as_mut().poll(task);
            event.map(|event| Ok(event.transpose()?.map_or(Next::End, Next::Event)))
        })
        .await
    }

    /// Starts a call early, once hooks have decided so.
    pub(super) fn ask_early(&mut self, call: (Place, ToolCall)) {
        self.eager.waiting.push_back(call);
        self.ask_next();
    }

    /// Asks hooks about the next call, unless they are asked about one.
    fn ask_next(&mut self) {
        if self.eager.asked.is_some() || self.eager.waiting.is_empty() {
            return;
        }
        let busy = self.eager.jobs.iter().filter(|job| !job.is_done()).count();
        let is_full = busy >= self.settings.max_parallel.max(1) || self.no_more_calls();
        if is_full || self.eager.is_closed {
            // It may be one that what comes after it waits for.
            self.eager.close();
        }
        if let Some((place, call)) = self.eager.waiting.pop_front() {
            let hooks = Arc::clone(&self.hooks);
            let deciding = Box::pin(async move { hooks.before_tool(call).await });
            self.eager.asked = Some((place, deciding));
        }
    }

    /// Starts a call about which hooks have decided, if it may start before its message is
    /// complete.
    pub(super) async fn start_early(&mut self, place: Place, call: ToolCall, decision: Decision) {
        let early = self.begin_early(place, call, decision);
        let started = match early {
            Early::Runs => self.eager.jobs.last().map(|job| job.call.clone()),
            _ => None,
        };
        self.eager.early.push((place, early));
        self.ask_next();
        if let Some(call) = started {
            self.out.emit(RunEvent::ToolStarted { call }).await;
        }
    }

    fn begin_early(&mut self, place: Place, call: ToolCall, decision: Decision) -> Early {
        let tool = self.tool(&call);
        let is_sequential = tool.as_ref().is_some_and(|it| it.settings().sequential);
        let was_closed = self.eager.is_closed;
        if is_sequential || matches!(decision, Decision::Stop(_)) {
            // What comes after it waits for it.
            self.eager.close();
        }
        let runs = matches!(decision, Decision::Run) && call.check().is_ok();
        // Calls of a toolset run in their order, which is that of the complete message.
        let runs = runs && !was_closed && !is_sequential && call.toolset_name().is_none();
        let free = tool.filter(|it| runs && it.settings().confirm.is_none());
        let Some(tool) = free else {
            return Early::Decided(call, decision);
        };
        let turn = lock(&self.shared).turns.saturating_add(1);
        let planned = Planned {
            index: place.number,
            call,
            tool,
        };
        match self.start(planned, turn, false) {
            Ok(job) => {
                self.eager.jobs.push(job);
                Early::Runs
            }
            Err((_, _, error)) => Early::Failed(error),
        }
    }
}
