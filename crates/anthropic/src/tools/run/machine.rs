//! The loop: a message, the calls in it, their results, the next message.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::pin;
use std::sync::{Arc, Mutex};

use anthropic_types::{
    Beta, ContentBlock, Message, MessageContent, MessageCreateParams, MessageParam, StopReason,
    ToolUnion,
};

use super::approval::Approvals;
use super::calls::After;
use super::changes::Changes;
use super::control::{Hooks, Turn};
use super::emitter::Emitter;
use super::event::RunEvent;
use super::outcome::{Limit, Outcome};
use super::settings::Settings;
use super::sync::lock;
use super::transcript::Transcript;
use super::waiting::Waiting;
use crate::clock::within;
use crate::resources::messages::{created, streamed};
use crate::tools::check::{check, defined_name};
use crate::tools::set::Tools;
use crate::{Client, Request, Result};

pub(super) struct Machine {
    pub(super) client: Client,
    pub(super) beta: bool,
    /// What is asked each time, without the conversation and the tools of the run.
    pub(super) params: MessageCreateParams,
    pub(super) tools: Tools,
    /// The tools of the caller's parameters, without code here.
    pub(super) beside: Vec<ToolUnion>,
    pub(super) settings: Settings,
    pub(super) hooks: Hooks,
    pub(super) changes: Changes,
    pub(super) shared: Arc<Mutex<Transcript>>,
    pub(super) out: Emitter,
    /// The state that is resumed.
    pub(super) resumed: Option<Resumed>,
}

pub(super) struct Resumed {
    pub(super) id: String,
    pub(super) version: u64,
    pub(super) approvals: Approvals,
}

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

impl Machine {
    pub(super) async fn run(mut self) -> Result<Outcome> {
        let shared = Arc::clone(&self.shared);
        let clock = Arc::clone(&self.client.shared().clock);
        let limit = self.settings.time_limit;
        let ended = {
            let mut turns = pin!(self.turns());
            within(&*clock, limit, turns.as_mut()).await
        };
        let mut transcript = lock(&shared);
        let end = match ended {
            Ok(Ok(end)) => end,
            Ok(Err(error)) => {
                transcript.close("the run failed; the call did not run");
                transcript.cut = error.partial::<Message>().cloned();
                return Err(error.with_partial(transcript.clone()));
            }
            Err(_) => {
                transcript.close("the run's time was over; the call was not finished");
                End::Limit(Limit::Time)
            }
        };
        let transcript = || transcript.clone();
        Ok(match end {
            End::Answer => Outcome::Answer(transcript()),
            End::Refusal => Outcome::Refusal(transcript()),
            End::Cut => Outcome::Cut(transcript()),
            End::Other => Outcome::Other(transcript()),
            End::Waiting(waiting) => Outcome::Waiting(waiting),
            End::Limit(limit) => Outcome::Limit {
                limit,
                transcript: transcript(),
            },
            End::Stopped(reason) => Outcome::Stopped {
                reason,
                transcript: transcript(),
            },
        })
    }

    async fn turns(&mut self) -> Result<End> {
        check(&self.tools, &self.beside)?;
        let mut approvals = None;
        if let Some(resumed) = &mut self.resumed {
            resumed.approvals.check(&lock(&self.shared))?;
            approvals = Some(std::mem::take(&mut resumed.approvals));
        }
        self.offer();
        loop {
            let mut step = if approvals.is_some() {
                Step::Calls
            } else {
                if let Some(reason) = self.before_turn() {
                    return Ok(End::Stopped(reason));
                }
                if let Some(limit) = self.settings.exceeded(&lock(&self.shared)) {
                    return Ok(End::Limit(limit));
                }
                let message = self.ask().await?;
                self.take(message).await
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

    /// Adds the definitions of the tools to those of the request.
    fn offer(&mut self) {
        if self.tools.is_empty() {
            return;
        }
        let definitions = self.tools.iter().map(|tool| tool.definition());
        let offered = self.params.tools.get_or_insert_default();
        offered.extend(definitions);
    }

    /// Whether somebody else runs a tool of this name.
    pub(super) fn is_defined(&self, name: &str) -> bool {
        self.beside.iter().any(|tool| {
            let runs_here = tool.as_custom().is_some();
            runs_here && defined_name(tool).is_some_and(|defined| defined == name)
        })
    }

    /// Lets hooks change what comes next. Returns why one of them stops the run.
    fn before_turn(&mut self) -> Option<String> {
        let mut transcript = lock(&self.shared);
        self.params.messages = std::mem::take(&mut transcript.messages);
        let mut turn = Turn {
            number: transcript.turns.saturating_add(1),
            params: &mut self.params,
            changes: &mut self.changes,
            stop: None,
        };
        // The conversation comes back before a hook's panic goes on.
        let ran = catch_unwind(AssertUnwindSafe(|| self.hooks.before_turn(&mut turn)));
        transcript.messages = std::mem::take(&mut self.params.messages);
        let stop = ran.unwrap_or_else(|panic| resume_unwind(panic));
        if stop.is_none()
            && self
                .changes
                .apply(&mut transcript.messages, &mut self.tools)
        {
            let betas = &mut self.settings.options.betas;
            let beta = Beta::INLINE_TOOLS_2026_09_15;
            if !betas.iter().any(|sent| sent == beta.as_str()) {
                betas.push(beta.as_str().to_owned());
            }
        }
        stop
    }

    /// The next request. The conversation is lent to the parameters while they are written.
    fn request<T>(
        &mut self,
        make: impl FnOnce(&Client, bool, &MessageCreateParams) -> Request<T>,
    ) -> Request<T> {
        let mut transcript = lock(&self.shared);
        // A header here, and no key of the body.
        let user = self.params.user_profile_id.take();
        self.params.messages = std::mem::take(&mut transcript.messages);
        let mut request = make(&self.client, self.beta, &self.params);
        transcript.messages = std::mem::take(&mut self.params.messages);
        if let Some(user) = &user {
            request = request.user_profile_id(user);
        }
        self.params.user_profile_id = user;
        request.options(self.settings.options.clone())
    }

    async fn ask(&mut self) -> Result<Message> {
        if !self.settings.stream {
            return self.request(created).await;
        }
        let mut stream = self.request(streamed).await?;
        if self.out.is_read() {
            while let Some(event) = stream.try_next().await? {
                self.out.emit(|| RunEvent::Model(Box::new(event))).await;
            }
        }
        stream.final_message().await
    }

    /// Takes a message into the conversation, and returns what follows it.
    async fn take(&mut self, message: Message) -> Step {
        let reason = message.stop_reason.clone();
        let compacted = message
            .content
            .iter()
            .any(|block| block.as_compaction().is_some());
        let shown = self.out.is_read().then(|| message.clone());
        let (turn, calls) = {
            let cost = self.settings.cost(&message);
            let mut transcript = lock(&self.shared);
            transcript.add(message, cost);
            (transcript.turns, !transcript.open.is_empty())
        };
        if let Some(message) = shown {
            let message = Box::new(message);
            self.out
                .emit(|| RunEvent::TurnFinished { turn, message })
                .await;
            if compacted {
                self.out.emit(|| RunEvent::Compacted { turn }).await;
            }
        }
        let step = step(reason.as_ref(), calls);
        self.before_more(step)
    }

    /// Ends the run where a limit keeps it from going on, and closes what is open where it ends.
    fn before_more(&self, step: Step) -> Step {
        let mut transcript = lock(&self.shared);
        match step {
            Step::End(end) => {
                transcript
                    .close("the message that made the call was not finished; the call did not run");
                Step::End(end)
            }
            step => {
                if let Some(limit) = self.settings.exceeded(&transcript) {
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
                params.tools = (!self.beside.is_empty()).then(|| self.beside.clone());
                let resumed = self.resumed.as_ref();
                let resumed = resumed.map(|it| (it.id.as_str(), it.version));
                let waiting = Waiting::new(resumed, self.beta, params, transcript.clone());
                End::Waiting(Box::new(waiting))
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

/// The API goes on from a message of the model's that ends in work of its own tools. From any other
/// it goes on only when it is asked to.
fn go_on(messages: &mut Vec<MessageParam>) {
    let Some(last) = messages.last().and_then(MessageParam::as_assistant) else {
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
    let MessageContent::Blocks(blocks) = &last.content else {
        return;
    };
    if !blocks.iter().any(continues) {
        messages.push(MessageParam::user("Continue."));
    }
}
