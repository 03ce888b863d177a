//! The loop: a message, the calls in it, their results, the next message.

use std::collections::HashSet;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};

use anthropic_types::{
    CompactionConfig, ContentBlock, Message, MessageContent, MessageCreateParams,
    MessageCreateParamsContainer, MessageParam, StopReason, ToolUnion,
};

use super::approval::Approvals;
use super::calls::After;
use super::caught::caught;
use super::changes::{self, Changes, History, Seen};
use super::control::{Hooks, Turn};
use super::eager::Eager;
use super::emitter::Emitter;
use super::event::RunEvent;
use super::job::{CANCELLED, Done, Running};
use super::known::known;
use super::outcome::{Limit, Outcome};
use super::settings::Settings;
use super::sync::lock;
use super::transcript::{Transcript, declined_call};
use super::waiting::{Pending, Waiting, held};
use crate::clock::within;
use crate::threads::{Reply, StoredThread, ThreadState};
use crate::tools::call::ToolCall;
use crate::tools::check::{check, defined_name, family, key};
use crate::tools::set::Tools;
use crate::{Client, Error, Result};

pub(super) struct Run {
    pub(super) client: Client,
    pub(super) beta: bool,
    /// What is asked each time, without the conversation and the tools of the run.
    pub(super) params: MessageCreateParams,
    pub(super) tools: Tools,
    /// Which definitions of the parameters are those of the run's own tools.
    pub(super) own: HashSet<String>,
    pub(super) settings: Settings,
    pub(super) hooks: Arc<Hooks>,
    pub(super) changes: Changes,
    pub(super) seen: Seen,
    /// The compaction that a hook asked for.
    pub(super) compaction: Option<CompactionConfig>,
    pub(super) thread: Option<ThreadState>,
    pub(super) shared: Arc<Mutex<Transcript>>,
    pub(super) out: Emitter,
    /// What is known of the message that arrives.
    pub(super) eager: Eager,
    /// The calls of the last message that run. They are here so that none is lost, however the run
    /// ends.
    pub(super) running: Vec<Running>,
    /// The state that is resumed.
    pub(super) resumed: Option<Resumed>,
}

pub(super) struct Resumed {
    pub(super) id: String,
    pub(super) version: u64,
    pub(super) approvals: Approvals,
    /// What the API held of the conversation.
    pub(super) thread: Option<StoredThread>,
    /// What hooks asked for that could not take place yet.
    pub(super) pending: Pending,
}

/// What the model sees of a call that the run's time limit cancelled.
const OUT_OF_TIME: &str = "the run's time was over; the call was not finished";

/// How a run ended.
enum End {
    Answer,
    Refusal,
    Cut,
    Other,
    Waiting(Box<Waiting>),
    Limit(Limit),
    Stopped(String),
}

/// What follows a message.
enum Step {
    Calls,
    /// The model goes on by itself.
    Resume,
    End(End),
}

impl Run {
    pub(super) async fn run(mut self) -> Result<Outcome> {
        let approvals = match self.begin() {
            Ok(approvals) => approvals,
            Err(error) => return Err(self.not_begun(error)),
        };
        let shared = Arc::clone(&self.shared);
        let clock = Arc::clone(&self.client.shared().clock);
        let limit = self.settings.time_limit;
        let ended = {
            let mut turns = pin!(self.turns(approvals));
            within(&*clock, limit, turns.as_mut()).await
        };
        let unfinished = match &ended {
            Ok(Ok(_)) => None,
            Ok(Err(error)) => {
                if let Some(cut) = error.partial::<Message>() {
                    lock(&shared).cut = Some(cut.clone());
                }
                Some((CANCELLED, "the run failed; the call did not run"))
            }
            Err(_) => Some((OUT_OF_TIME, OUT_OF_TIME)),
        };
        if let Some((unfinished, not_run)) = unfinished {
            self.abandon(unfinished);
            lock(&shared).close(not_run);
        }
        // What it holds of the transcript goes with it.
        drop(self);
        let transcript = unshared(shared);
        let end = match ended {
            Ok(Ok(end)) => end,
            Ok(Err(error)) => return Err(error.with_partial(transcript)),
            Err(_) => End::Limit(Limit::Time),
        };
        Ok(match end {
            End::Answer => Outcome::Answer(transcript),
            End::Refusal => Outcome::Refusal(transcript),
            End::Cut => Outcome::Cut(transcript),
            End::Other => Outcome::Other(transcript),
            End::Waiting(waiting) => Outcome::Waiting(waiting),
            End::Limit(limit) => Outcome::Limit { limit, transcript },
            End::Stopped(reason) => Outcome::Stopped { reason, transcript },
        })
    }

    /// Checks what the run was given, before anything happens, and offers the tools.
    fn begin(&mut self) -> Result<Option<Approvals>> {
        let given = known(&self.tools);
        let given = given.map_err(|fault| Error::request(format!("{fault}; nothing was sent")))?;
        self.tools = given.clone();
        check(&self.tools, &self.beside())?;
        let transcript = lock(&self.shared);
        let history = History::of(&transcript.messages);
        let pending = changes::message(self.changes.blocks().to_vec());
        let next = history.clone().and(&[pending]);
        let mut definitions: Vec<ToolUnion> = given.iter().map(|tool| tool.definition()).collect();
        definitions.retain(|tool| !key(tool).is_some_and(|key| next.defines(&key)));
        for name in history.removed() {
            self.tools.remove(name);
        }
        let is_new = |key: &str| next.defines(key) && !history.defines(key);
        self.changes
            .adopt(&given, &mut self.tools, |key| !is_new(key));
        if let Some(resumed) = &self.resumed {
            let has_code = |call: &ToolCall| self.tool(call).is_some();
            resumed.approvals.check(&transcript, has_code)?;
        }
        drop(transcript);
        if !definitions.is_empty() {
            self.own.extend(definitions.iter().filter_map(key));
            self.params
                .tools
                .get_or_insert_default()
                .extend(definitions);
        }
        let resumed = self.resumed.as_mut();
        Ok(resumed.map(|resumed| std::mem::take(&mut resumed.approvals)))
    }

    /// The error of a run that could not begin: with the state, which another try may resume.
    fn not_begun(&self, error: Error) -> Error {
        let transcript = lock(&self.shared).clone();
        let Some(resumed) = &self.resumed else {
            return error.with_partial(transcript);
        };
        error.with_partial(Waiting {
            id: resumed.id.clone(),
            version: resumed.version,
            beta: self.beta,
            params: self.params.clone(),
            transcript,
            thread: resumed.thread.clone(),
            pending: self.pending(),
        })
    }

    /// What hooks asked for that has not taken place yet.
    fn pending(&self) -> Pending {
        Pending {
            changes: self.changes.blocks().to_vec(),
            compaction: self.compaction.clone(),
        }
    }

    async fn turns(&mut self, mut approvals: Option<Approvals>) -> Result<End> {
        loop {
            let mut step = if approvals.is_some() {
                Step::Calls
            } else {
                if let Some(limit) = self.settings.exceeded(&lock(&self.shared)) {
                    return Ok(End::Limit(limit));
                }
                if let Some(reason) = self.before_turn()? {
                    return Ok(End::Stopped(reason));
                }
                if let Some(config) = self.compaction_due() {
                    self.compact(config).await?;
                    if let Some(limit) = self.settings.exceeded(&lock(&self.shared)) {
                        return Ok(End::Limit(limit));
                    }
                }
                let message = self.ask().await?;
                self.take(message).await?
            };
            if let Step::Calls = step {
                step = match self.calls(approvals.take()).await {
                    After::Next => Step::Resume,
                    after => Step::End(self.end(after)),
                };
            }
            if let Step::End(end) = step {
                return Ok(end);
            }
        }
    }

    /// The tools of the caller's parameters, without code here.
    fn beside(&self) -> Vec<ToolUnion> {
        let defined = self.params.tools.iter().flatten();
        let own = |tool: &&ToolUnion| key(tool).is_some_and(|key| self.own.contains(&key));
        defined.filter(|tool| !own(tool)).cloned().collect()
    }

    /// Whether somebody else runs the tool that is called: one of the parameters, or one that the
    /// conversation defines. The API's own tools are not called so.
    pub(super) fn is_defined(&self, call: &ToolCall) -> bool {
        let beside = self.beside();
        let mut beside = beside.iter();
        let history = History::of(&lock(&self.shared).messages);
        if let Some(name) = call.toolset_name() {
            let of_family = |tool| family(tool).is_some_and(|family| family == name);
            return history.defines_family(name) || beside.any(of_family);
        }
        history.offers(call.name()).unwrap_or_else(|| {
            beside.any(|tool| defined_name(tool).is_some_and(|defined| defined == call.name()))
        })
    }

    /// Lets hooks change what comes next. Returns why one of them stops the run.
    fn before_turn(&mut self) -> Result<Option<String>> {
        if self.hooks.has_before_turn() {
            self.seen.reset();
        }
        let mut transcript = lock(&self.shared);
        self.params.messages = std::mem::take(&mut transcript.messages);
        let mut turn = Turn {
            number: transcript.turns.saturating_add(1),
            params: &mut self.params,
            changes: &mut self.changes,
            compaction: &mut self.compaction,
            thread: self.thread.as_mut(),
            stop: None,
        };
        let ran = caught(|| self.hooks.before_turn(&mut turn));
        if let Some(thread) = &mut self.thread {
            thread.check(&self.params.messages);
        }
        transcript.messages = std::mem::take(&mut self.params.messages);
        let stop = ran.map_err(|panic| {
            Error::request(format!(
                "a before_turn hook panicked, and no request was sent: {panic}"
            ))
        })?;
        if stop.is_none() && !self.changes.is_empty() {
            let beside = self.beside();
            let messages = &mut transcript.messages;
            self.changes.apply(messages, &mut self.tools, &beside)?;
        }
        Ok(stop)
    }

    /// What a message cost.
    pub(super) fn priced(&self, message: &Message) -> Result<u64> {
        caught(|| self.settings.cost(message)).map_err(|panic| {
            Error::request(format!(
                "the price function panicked, so the run's cost is not known: {panic}"
            ))
        })
    }

    /// Takes a message into the conversation, and returns what follows it.
    async fn take(&mut self, message: Message) -> Result<Step> {
        let reason = message.stop_reason.clone();
        let compacted = message
            .content
            .iter()
            .any(|block| block.as_compaction().is_some());
        if let Some(container) = &message.container {
            keep_container(&mut self.params.container, &container.id);
        }
        let shown = self.out.is_read().then(|| message.clone());
        let cost = self.priced(&message);
        let (turn, calls, declined) = {
            let mut transcript = lock(&self.shared);
            let reply = Reply::of(&message);
            let is_kept = transcript.add(message, *cost.as_ref().unwrap_or(&0));
            if let Some(thread) = &mut self.thread {
                thread.record(reply, is_kept, transcript.messages.len());
            }
            (
                transcript.turns,
                transcript.has_calls(),
                transcript.declined(),
            )
        };
        if let Some(message) = shown {
            let message = Box::new(message);
            self.out
                .emit(RunEvent::TurnFinished { turn, message })
                .await;
            if compacted {
                self.out.emit(RunEvent::Compacted { turn }).await;
            }
        }
        self.running = self.eager.jobs();
        for (index, call) in declined {
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
        cost?;
        let step = step(reason.as_ref(), calls);
        Ok(self.before_more(step).await)
    }

    /// Ends the run where a limit keeps it from going on, and closes what is open where it ends.
    async fn before_more(&mut self, step: Step) -> Step {
        let limit = self.settings.exceeded(&lock(&self.shared));
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
                    go_on(&mut transcript.messages);
                }
                step
            }
        }
    }

    fn end(&self, after: After) -> End {
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
                let mut params = self.params.clone();
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
                    transcript: transcript.clone(),
                    pending: self.pending(),
                }))
            }
        }
    }
}

/// The transcript of a run that is over. It may be long, so it is copied only where the runner,
/// whose events are read, has it, too.
fn unshared(shared: Arc<Mutex<Transcript>>) -> Transcript {
    match Arc::try_unwrap(shared) {
        Ok(transcript) => transcript
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner),
        Err(shared) => lock(&shared).clone(),
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

/// Later requests use the container of the model's message, in which calls may be pending. What was
/// asked of it stays.
fn keep_container(container: &mut Option<MessageCreateParamsContainer>, id: &str) {
    match container {
        Some(MessageCreateParamsContainer::Params(params)) => params.id = Some(id.to_owned()),
        container => *container = Some(id.into()),
    }
}

/// The API goes on from a message of the model's in which its own tools work. From any other it
/// goes on only when it is asked to. It refuses white space at the end of the last message.
fn go_on(messages: &mut Vec<MessageParam>) {
    let Some(MessageParam::Assistant(last)) = messages.last_mut() else {
        return;
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
        return;
    };
    if blocks.iter().any(continues) {
        if let Some(ContentBlock::Text(text)) = blocks.last_mut() {
            text.text.truncate(text.text.trim_end().len());
        }
    } else {
        messages.push(MessageParam::user("Continue."));
    }
}
