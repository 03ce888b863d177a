//! The loop: a message, the calls in it, their results, the next message.

use std::borrow::Cow;
use std::collections::{HashSet, VecDeque};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};

use anthropic_types::{CompactionConfig, Message, MessageCreateParams};

use super::approval::Approvals;
use super::calls::{After, Planned};
use super::changes::{Changes, History, Seen};
use super::control::{Hooks, Turn};
use super::eager::Eager;
use super::emitter::Emitter;
use super::job::{CANCELLED, Running};
use super::known::KnownTools;
use super::outcome::{Limit, Outcome};
use super::settings::Settings;
use super::sync::lock;
use super::transcript::Transcript;
use super::unanswered;
use super::waiting::{Pending, Waiting};
use crate::clock::within;
use crate::threads::{StoredThread, ThreadState};
use crate::tools::check::{Beside, defined_name, family};
use crate::tools::guarded::caught;
use crate::tools::set::Tools;
use crate::{BoxFuture, Client, Error, Result};

pub(super) struct Run {
    pub(super) client: Client,
    pub(super) beta: bool,
    /// What is asked each time, without the conversation and the tools of the run.
    pub(super) params: Box<MessageCreateParams>,
    /// What the run was given; its code is in the `tools`.
    pub(super) given: Tools,
    pub(super) tools: KnownTools,
    /// Which definitions of the parameters are those of the run's own tools.
    pub(super) own: Vec<String>,
    pub(super) settings: Settings,
    pub(super) hooks: Arc<Hooks>,
    pub(super) changes: Changes,
    pub(super) seen: Seen,
    /// The compaction that a hook asked for.
    pub(super) compaction: Option<CompactionConfig>,
    pub(super) thread: Option<Box<ThreadState>>,
    pub(super) shared: Arc<Mutex<Transcript>>,
    pub(super) out: Emitter,
    /// What is known of the message that arrives.
    pub(super) eager: Eager,
    /// The calls of the last message that run. They are here so that none is lost, however the run
    /// ends.
    pub(super) running: Vec<Running>,
    /// Those that are to run.
    pub(super) planned: VecDeque<Planned>,
    /// The state that is resumed.
    pub(super) resumed: Option<Box<Resumed>>,
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
pub(super) enum End {
    Answer,
    Refusal,
    Cut,
    Other,
    Waiting(Box<Waiting>),
    Limit(Limit),
    Stopped(String),
}

/// What follows a message.
pub(super) enum Step {
    Calls,
    /// The model goes on by itself.
    Resume,
    End(End),
}

impl Run {
    pub(super) async fn run(mut self: Box<Self>) -> Result<Outcome> {
        let approvals = match self.begin() {
            Ok(approvals) => approvals,
            Err(error) => {
                let error = self.not_begun(error);
                let _ = caught(|| drop(self));
                return Err(error);
            }
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
                    lock(&shared).cut = Some(Box::new(cut.clone()));
                }
                Some((CANCELLED, "the run failed; the call did not run"))
            }
            Err(_) => Some((OUT_OF_TIME, OUT_OF_TIME)),
        };
        if let Some((unfinished, not_run)) = unfinished {
            self.abandon(unfinished);
            lock(&shared).close(not_run);
        }
        // What it holds of the transcript goes with it. Tools may panic when they are dropped.
        if let Err(panic) = caught(|| drop(self)) {
            tracing::warn!(target: "anthropic::tools", panic, "a tool panicked when it was dropped");
        }
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

    async fn turns(&mut self, mut approvals: Option<Approvals>) -> Result<End> {
        // Later ones are checked with the message before.
        let mut is_first = true;
        loop {
            let mut step = if approvals.is_some() {
                Step::Calls
            } else {
                if std::mem::take(&mut is_first) {
                    if let Some(limit) = self.settings.exceeded(&lock(&self.shared)) {
                        return Ok(End::Limit(limit));
                    }
                }
                if let Some(reason) = self.before_turn()? {
                    return Ok(End::Stopped(reason));
                }
                if let Some(config) = self.compaction_due() {
                    // It is rare, and large.
                    let compacted: BoxFuture<'_, _> = Box::pin(self.compact(config));
                    compacted.await?;
                    if let Some(limit) = self.settings.exceeded(&lock(&self.shared)) {
                        return Ok(End::Limit(limit));
                    }
                }
                let kept = self.ask().await?;
                self.follow(kept).await?
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

    /// Lets hooks change what comes next, and tools come and go. Returns why a hook stops the run.
    fn before_turn(&mut self) -> Result<Option<String>> {
        let stop = if self.hooks.has_before_turn() {
            self.ask_hooks()?
        } else {
            None
        };
        if stop.is_none() && !self.changes.is_empty() {
            self.settle_changes()?;
            let tools = self.beside();
            let beside = Beside::of(&tools, &self.params);
            let messages = &mut lock(&self.shared).messages;
            self.changes.apply(messages, &mut self.tools, beside)?;
        }
        Ok(stop)
    }

    /// Fails where a tool is withdrawn that there never was.
    fn settle_changes(&mut self) -> Result<()> {
        let history = History::of(&lock(&self.shared).messages);
        let tools = self.tools.iter();
        let named = tools.flat_map(|tool| [Some(tool.name()), tool.toolset_name()]);
        let named = named.flatten().map(str::to_owned);
        let defined = self.params.tools.iter().flatten();
        let defined = defined.filter_map(|tool| {
            let name = defined_name(tool).map(Cow::into_owned);
            name.or_else(|| family(tool))
        });
        let named: HashSet<String> = named.chain(defined).collect();
        let is_named = |name: &str| named.contains(name).then_some(true);
        let settled = self
            .changes
            .settle(|name| history.offers_either(name).or_else(|| is_named(name)));
        settled.map_err(|name| {
            Error::request(format!(
                "a before_turn hook removes the tool `{name}`, and there is none; {}; no request was sent",
                self.on_offer(&history, &name)
            ))
        })
    }

    /// Lets hooks change what comes next. Returns why one of them stops the run.
    fn ask_hooks(&mut self) -> Result<Option<String>> {
        self.seen.reset();
        let mut transcript = lock(&self.shared);
        transcript.complete();
        let open = unanswered::calls(&transcript.messages);
        self.params.messages = std::mem::take(&mut transcript.messages);
        let mut turn = Turn {
            number: transcript.turns.saturating_add(1),
            params: &mut self.params,
            changes: &mut self.changes,
            compaction: &mut self.compaction,
            thread: self.thread.as_deref_mut(),
            stop: None,
        };
        let ran = caught(|| self.hooks.before_turn(&mut turn));
        unanswered::give_way(&mut self.params.messages, &open);
        if let Some(thread) = &mut self.thread {
            thread.check(&self.params.messages);
        }
        transcript.messages = std::mem::take(&mut self.params.messages);
        ran.map_err(|panic| {
            Error::request(format!(
                "a before_turn hook panicked, and no request was sent: {panic}"
            ))
        })
    }
}

/// The transcript of a run that is over. It may be long, so it is copied only where the runner,
/// whose events are read, has it, too.
fn unshared(shared: Arc<Mutex<Transcript>>) -> Transcript {
    match Arc::try_unwrap(shared) {
        Ok(transcript) => {
            let mut transcript = transcript
                .into_inner()
                .unwrap_or_else(PoisonError::into_inner);
            transcript.complete();
            transcript
        }
        Err(shared) => lock(&shared).seen(),
    }
}
