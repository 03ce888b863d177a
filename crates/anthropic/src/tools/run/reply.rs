//! A message of the model's: taken into the conversation, and what follows it.

use anthropic_types::{ContentBlock, Message, MessageContent, MessageParam, StopReason};

use super::calls::After;
use super::event::RunEvent;
use super::job::{CANCELLED, Done};
use super::outcome::Limit;
use super::sync::lock;
use super::transcript::declined_call;
use super::turns::{End, Run, Step};
use super::unanswered;
use super::waiting::{Waiting, held};
use crate::threads::{Reply, keep_container};
use crate::tools::call::ToolCall;
use crate::tools::guarded::caught;
use crate::{Error, Result};

/// A message that the conversation has.
pub(super) struct Kept {
    step: Step,
    /// It has a summary of what was before.
    compacted: bool,
    /// As it came, if somebody reads the events.
    shown: Option<Box<Message>>,
    /// Why it is not known what it cost.
    unknown_cost: Option<Error>,
    turn: u32,
    /// Its calls that are not to run.
    declined: Option<Vec<(usize, ToolCall)>>,
}

impl Run {
    /// What a message cost.
    pub(super) fn priced(&self, message: &Message) -> Result<u64> {
        if self.settings.price.get().is_none() {
            return Ok(0);
        }
        caught(|| self.settings.cost(message)).map_err(|panic| {
            Error::request(format!(
                "the price function panicked, so the run's cost is not known: {panic}"
            ))
        })
    }

    /// Takes a message into the conversation.
    pub(super) fn keep(&mut self, mut message: Message) -> Kept {
        let compacted = message
            .content
            .iter()
            .any(|block| block.as_compaction().is_some());
        if let Some(container) = &message.container {
            keep_container(&mut self.params.container, &container.id);
        }
        let shown = self.out.is_read().then(|| Box::new(message.clone()));
        let cost = self.priced(&message);
        let mut transcript = lock(&self.shared);
        let reply = self.thread.is_some().then(|| Reply::of(&message));
        let is_kept = transcript.add(&mut message, *cost.as_ref().unwrap_or(&0));
        if let (Some(thread), Some(reply)) = (&mut self.thread, reply) {
            thread.record(reply, is_kept, transcript.messages.len());
        }
        let waiting = transcript.waiting_calls();
        let step = step(message.stop_reason.as_ref(), waiting > 0);
        transcript.set_last(message);
        let has_declined = waiting < transcript.open.len();
        Kept {
            step,
            compacted,
            shown,
            unknown_cost: cost.err(),
            turn: transcript.turns,
            declined: has_declined.then(|| transcript.declined()),
        }
    }

    /// Shows a message, ends what is not to run of it, and returns what follows it.
    pub(super) async fn follow(&mut self, kept: Kept) -> Result<Step> {
        let turn = kept.turn;
        if let Some(message) = kept.shown {
            self.out
                .emit(RunEvent::TurnFinished { turn, message })
                .await;
            if kept.compacted {
                self.out.emit(RunEvent::Compacted { turn }).await;
            }
        }
        if self.eager.is_on() {
            self.running.append(&mut self.eager.jobs());
        }
        for (index, call) in kept.declined.into_iter().flatten() {
            let begun = self.running.iter().position(|job| job.index == index);
            let (call, done) = match begun.map(|at| self.running.remove(at)) {
                Some(job) => {
                    let (_, call, done) = job.end(CANCELLED);
                    (call, done)
                }
                None => (call, Done::at_once(Err(declined_call()))),
            };
            self.finish(index, call, done).await;
        }
        if let Some(error) = kept.unknown_cost {
            return Err(error);
        }
        let limit = self.settings.exceeded(&lock(&self.shared));
        match kept.step {
            Step::Calls if limit.is_none() => Ok(Step::Calls),
            step => Ok(self.before_more(step, limit).await),
        }
    }

    /// Ends the run where a limit keeps it from going on, and closes what is open where it ends.
    async fn before_more(&mut self, step: Step, limit: Option<Limit>) -> Step {
        if matches!(step, Step::End(_)) || limit.is_some() {
            self.settle().await;
        }
        let mut transcript = lock(&self.shared);
        match step {
            Step::End(end) => {
                transcript
                    .close("the message that made the call was not finished; the call did not run");
                Step::End(end)
            }
            step => {
                if let Some(limit) = limit {
                    transcript.close(&beyond(limit));
                    return Step::End(End::Limit(limit));
                }
                if let Step::Resume = step {
                    transcript.complete();
                    // Calls before a fallback have their results, and no others are open.
                    transcript.close("the call did not run");
                    let changed = go_on(&mut transcript.messages);
                    if let Some(thread) = self.thread.as_mut().filter(|_| changed) {
                        thread.restart();
                    }
                }
                step
            }
        }
    }

    pub(super) fn end(&self, after: After) -> End {
        let mut transcript = lock(&self.shared);
        match after {
            // The loop goes on then.
            After::Next => End::Other,
            After::Limit(limit) => {
                transcript.close(&beyond(limit));
                End::Limit(limit)
            }
            After::Stopped(reason) => {
                transcript.close("the run was stopped; the call did not run");
                End::Stopped(reason)
            }
            After::Waiting => {
                let mut params = (*self.params).clone();
                params.tools = Some(self.beside()).filter(|tools| !tools.is_empty());
                let resumed = self.resumed.as_ref();
                let (id, version) = Waiting::next(resumed.map(|it| (it.id.as_str(), it.version)));
                let thread = self.thread.as_ref();
                let held = |count| held(&transcript.messages, count);
                End::Waiting(Box::new(Waiting {
                    id,
                    version,
                    beta: self.beta,
                    params,
                    thread: thread.and_then(|thread| thread.stored(held)),
                    transcript: transcript.seen(),
                    pending: self.pending(),
                }))
            }
        }
    }
}

/// What the model sees of a call that a limit kept from running.
fn beyond(limit: Limit) -> String {
    format!("the run's limit of {limit} was reached; the call did not run")
}

/// What follows a message that ended for this reason, with or without calls of tools.
fn step(reason: Option<&StopReason>, calls: bool) -> Step {
    match reason {
        Some(StopReason::ToolUse | StopReason::PauseTurn | StopReason::Compaction) if calls => {
            Step::Calls
        }
        // A gateway's word for a message whose calls are complete.
        Some(StopReason::EndTurn) if calls => Step::Calls,
        Some(StopReason::PauseTurn | StopReason::Compaction) => Step::Resume,
        Some(StopReason::EndTurn | StopReason::StopSequence) => Step::End(End::Answer),
        Some(StopReason::Refusal) => Step::End(End::Refusal),
        Some(StopReason::MaxTokens | StopReason::ModelContextWindowExceeded) => Step::End(End::Cut),
        _ => Step::End(End::Other),
    }
}

/// The API goes on from a message of the model's in which its own tools work. From any other it
/// goes on only when it is asked to, which ends the turn: earlier calls of its own tools that have
/// no result are left out then. It refuses white space at the end of the last message.
///
/// Returns whether calls were left out.
fn go_on(messages: &mut Vec<MessageParam>) -> bool {
    let Some(MessageParam::Assistant(last)) = messages.last_mut() else {
        return false;
    };
    let continues = |block: &ContentBlock| {
        matches!(
            block,
            ContentBlock::ServerToolUse(_)
                | ContentBlock::McpToolUse(_)
                | ContentBlock::Compaction(_)
                | ContentBlock::Fallback(_)
        )
    };
    let MessageContent::Blocks(blocks) = &mut last.content else {
        return false;
    };
    if blocks.iter().any(continues) {
        if let Some(ContentBlock::Text(text)) = blocks.last_mut() {
            text.text.truncate(text.text.trim_end().len());
        }
        return false;
    }
    let changed = unanswered::take_out(messages);
    messages.push(MessageParam::user("Continue."));
    changed
}
