//! The handle of a run: its settings before it starts, its events while it goes on.

use std::collections::VecDeque;
use std::fmt;
use std::future::IntoFuture;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};

use anthropic_types::MessageCreateParams;
use futures_core::Stream;
use futures_core::stream::FusedStream;

use super::approval::{Approval, Approvals};
use super::changes::{Changes, Seen};
use super::control::Hooks;
use super::eager::Eager;
use super::emitter::Emitter;
use super::event::RunEvent;
use super::known::KnownTools;
use super::outcome::Outcome;
use super::settings::Settings;
use super::sync::lock;
use super::transcript::Transcript;
use super::turns::{Resumed, Run};
use super::waiting::{Waiting, held};
use crate::resources::{BetaMessages, Messages};
use crate::threads::ThreadState;
use crate::tools::set::Tools;
use crate::{BoxFuture, Client, Result};

/// A conversation in which the model calls tools of yours, until it is done.
///
/// Await it for the [`Outcome`]:
///
/// ```
/// # use anthropic::{Client, tools::Tools, types::MessageCreateParams};
/// # async fn run(client: Client, params: MessageCreateParams, tools: Tools) -> anthropic::Result<()> {
/// let outcome = client.messages().run(params).tools(tools).max_turns(8).await?;
/// println!("{}", outcome.text()?);
/// # Ok(())
/// # }
/// ```
///
/// Or read it as a [`Stream`] of [`RunEvent`]s, whose last is the outcome:
///
/// ```
/// # use anthropic::{Client, tools::Tools, types::MessageCreateParams};
/// # async fn run(client: Client, params: MessageCreateParams, tools: Tools) -> anthropic::Result<()> {
/// use anthropic::tools::RunEvent;
///
/// let mut run = client.messages().run(params).tools(tools).stream(true);
/// while let Some(event) = run.try_next().await? {
///     match event {
///         RunEvent::Model(event) => print!("{}", event.text().unwrap_or_default()),
///         RunEvent::ToolStarted { call } => println!("[{}]", call.name()),
///         RunEvent::Finished(outcome) => println!("{} tokens", outcome.usage().output_tokens),
///         _ => {}
///     }
/// }
/// # Ok(())
/// # }
/// ```
///
/// **What it does.** It sends the conversation, runs the tools that the message calls, in parallel,
/// sends their results in the order of the calls, and so on. It goes on by itself after
/// `pause_turn` and after the API has compacted the conversation. Every call gets exactly one
/// result, whatever happens: where a tool fails, panics or is too slow, where there is no such
/// tool, or where its input is no JSON or does not fit, the model sees an error that it can act on.
///
/// **Where it ends.** At a final message, a refusal, a message that is cut off, a call that waits
/// for a decision, a limit, or a hook's stop: a variant of [`Outcome`] each, with the whole
/// conversation. [`max_turns`](Self::max_turns) is 50 unless set; the other limits are off.
///
/// **Caching.** [`cache_prompt`](Self::cache_prompt) ends the cached part of each prompt at its
/// last block. The tools keep their order, so each request begins with what the one before has
/// cached.
///
/// **Long conversations.** [`context_edits`](Self::context_edits) has the API shorten what the
/// model sees, [`compact_above`](Self::compact_above) sums up the conversation between two turns,
/// and [`thread`](Self::thread) has the API hold it.
///
/// **Errors.** A request that fails, after its own retries, ends the run. The error has the
/// conversation so far: [`Error::partial`](crate::Error::partial) with [`Transcript`]. Tools that
/// the API would refuse, by their names or [schemas](crate::schema::lint), fail it before anything
/// is sent, with a [`ToolsFault`](crate::tools::ToolsFault) as the source.
///
/// **Cancelling.** Everything happens in the future that is polled: nothing is spawned, and
/// dropping it cancels the request and the tools that run. A stream that is dropped in the middle
/// has had a conversation: take its [`transcript`](Self::transcript) before.
/// Between two events nothing makes progress, but the time limits of the run and its tools go on.
///
/// Setters do nothing once the run has started.
#[must_use = "a run does nothing until it is awaited or polled"]
pub struct Runner {
    state: State,
    shared: Arc<Mutex<Transcript>>,
}

enum State {
    Ready(Box<Setup>),
    Running {
        future: BoxFuture<'static, Result<Outcome>>,
        events: Emitter,
    },
    /// Over, but for its end.
    Ended(Box<Result<Outcome>>),
    Over,
}

pub(super) struct Setup {
    client: Client,
    beta: bool,
    /// They are large, and are moved about with the rest.
    pub(super) params: Box<MessageCreateParams>,
    pub(super) tools: Tools,
    pub(super) settings: Settings,
    pub(super) hooks: Hooks,
    resumed: Option<Box<Resumed>>,
}

impl Messages<'_> {
    /// Starts a run: a conversation in which the model calls tools of yours, until it is
    /// done.
    ///
    /// Tools of [`Runner::tools`] run here. Those of `params` are offered too: the API runs its
    /// own, and a call of one that has no code here ends the run with
    /// [`Outcome::Waiting`](crate::tools::Outcome::Waiting).
    ///
    /// The conversation in the parameters grows while the run goes on, so that parameters which are
    /// lent, `run(&params)`, are copied, once. It is in the transcript that every end has.
    pub fn run(&self, params: impl Into<MessageCreateParams>) -> Runner {
        Runner::new(self.0, false, params.into())
    }

    /// Goes on with a run that waits, by decisions about its calls. Calls without a decision go on
    /// waiting. So do later calls of the same [toolset](crate::tools::Tool::toolset_name) that were
    /// approved: they are to be decided about again.
    ///
    /// The run takes the tools and the settings anew: give it the same ones. Limits count from the
    /// run's beginning, but for the time.
    ///
    /// # Errors
    ///
    /// [`Request`](crate::ErrorKind::Request), before any tool runs, where a decision is about no
    /// call that waits or about another input, or where the tool that is to run is not among the
    /// run's. The error has the state: [`Error::partial`](crate::Error::partial) with [`Waiting`].
    pub fn resume(
        &self,
        waiting: Waiting,
        approvals: impl IntoIterator<Item = Approval>,
    ) -> Runner {
        Runner::resumed(self.0, waiting, Approvals::new(approvals))
    }
}

impl BetaMessages<'_> {
    /// Starts a run, as [`Messages::run`] does, with beta features: [`Runner::beta`] switches them
    /// on.
    pub fn run(&self, params: impl Into<MessageCreateParams>) -> Runner {
        Runner::new(self.0, true, params.into())
    }

    /// Goes on with a run that waits: [`Messages::resume`].
    pub fn resume(
        &self,
        waiting: Waiting,
        approvals: impl IntoIterator<Item = Approval>,
    ) -> Runner {
        Runner::resumed(self.0, waiting, Approvals::new(approvals))
    }
}

impl Runner {
    fn new(client: &Client, beta: bool, mut params: MessageCreateParams) -> Self {
        let messages = std::mem::take(&mut params.messages);
        let transcript = Transcript::new(messages);
        Self::of(client, beta, Box::new(params), transcript, None)
    }

    fn resumed(client: &Client, waiting: Waiting, approvals: Approvals) -> Self {
        let Waiting {
            id,
            version,
            beta,
            params,
            transcript,
            thread,
            pending,
        } = waiting;
        let resumed = Resumed {
            id,
            version,
            approvals,
            thread,
            pending,
        };
        Self::of(
            client,
            beta,
            Box::new(params),
            transcript,
            Some(Box::new(resumed)),
        )
    }

    fn of(
        client: &Client,
        beta: bool,
        params: Box<MessageCreateParams>,
        transcript: Transcript,
        resumed: Option<Box<Resumed>>,
    ) -> Self {
        let setup = Setup {
            client: client.clone(),
            beta,
            params,
            tools: Tools::new(),
            settings: Settings::default(),
            hooks: Hooks::default(),
            resumed,
        };
        Self {
            state: State::Ready(Box::new(setup)),
            shared: Arc::new(Mutex::new(transcript)),
        }
    }

    pub(super) fn set(mut self, set: impl FnOnce(&mut Setup)) -> Self {
        if let State::Ready(setup) = &mut self.state {
            set(setup);
        }
        self
    }

    /// The conversation so far, and what it cost.
    pub fn transcript(&self) -> Transcript {
        lock(&self.shared).seen()
    }

    /// The next event, or `None` at the end.
    pub async fn next(&mut self) -> Option<Result<RunEvent>> {
        std::future::poll_fn(|task| self.poll_event(task)).await
    }

    /// The next event; `Ok(None)` is the end.
    pub async fn try_next(&mut self) -> Result<Option<RunEvent>> {
        self.next().await.transpose()
    }

    /// Starts a run that hands its events on to `events`.
    fn start(
        setup: Setup,
        shared: Arc<Mutex<Transcript>>,
        events: Emitter,
    ) -> BoxFuture<'static, Result<Outcome>> {
        let threaded = setup.settings.threaded;
        let stored = setup.resumed.as_ref().and_then(|it| it.thread.clone());
        let thread = || {
            let messages = &lock(&shared).messages;
            let same = stored.filter(|it| held(messages, it.messages) == it.held);
            same.map_or_else(ThreadState::new, ThreadState::of_stored)
        };
        let thread = threaded.then(|| Box::new(thread()));
        let pending = setup.resumed.as_ref().map(|it| it.pending.clone());
        let pending = pending.unwrap_or_default();
        // A future has room for what it is given twice.
        let run = Box::new(Run {
            thread,
            client: setup.client,
            beta: setup.beta,
            params: setup.params,
            given: setup.tools,
            tools: KnownTools::default(),
            own: Vec::new(),
            hooks: Arc::new(setup.hooks),
            changes: Changes::of_blocks(pending.changes),
            seen: Seen::default(),
            compaction: pending.compaction,
            settings: setup.settings,
            shared,
            out: events,
            eager: Eager::default(),
            running: Vec::new(),
            planned: VecDeque::new(),
            resumed: setup.resumed,
        });
        Box::pin(run.run())
    }

    fn poll_event(&mut self, task: &mut Context<'_>) -> Poll<Option<Result<RunEvent>>> {
        if let State::Ready(_) = &self.state {
            if let State::Ready(setup) = std::mem::replace(&mut self.state, State::Over) {
                let events = Emitter::new();
                let future = Self::start(*setup, Arc::clone(&self.shared), events.clone());
                self.state = State::Running { future, events };
            }
        }
        let ended = match &mut self.state {
            State::Running { future, events } => {
                let polled = future.as_mut().poll(task);
                if let Some(event) = events.take() {
                    if let Poll::Ready(ended) = polled {
                        self.state = State::Ended(Box::new(ended));
                    }
                    return Poll::Ready(Some(Ok(event)));
                }
                ready!(polled)
            }
            State::Ended(_) => match std::mem::replace(&mut self.state, State::Over) {
                State::Ended(ended) => *ended,
                _ => return Poll::Ready(None),
            },
            State::Ready(_) | State::Over => return Poll::Ready(None),
        };
        self.state = State::Over;
        let ended = ended.map(|outcome| RunEvent::Finished(Box::new(outcome)));
        Poll::Ready(Some(ended))
    }
}

impl Stream for Runner {
    type Item = Result<RunEvent>;

    fn poll_next(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_event(task)
    }
}

impl FusedStream for Runner {
    fn is_terminated(&self) -> bool {
        matches!(self.state, State::Over)
    }
}

impl Runner {
    /// Runs to the end; the same as awaiting it. It is for what takes futures, such as
    /// `tokio::spawn(run.send())`.
    pub fn send(self) -> BoxFuture<'static, Result<Outcome>> {
        self.into_future()
    }
}

impl IntoFuture for Runner {
    type Output = Result<Outcome>;
    type IntoFuture = BoxFuture<'static, Result<Outcome>>;

    /// The outcome. A run that was read before goes on; its events are dropped.
    fn into_future(self) -> Self::IntoFuture {
        let shared = self.shared;
        match self.state {
            State::Ready(setup) => Self::start(*setup, shared, Emitter::default()),
            State::Running { mut future, events } => Box::pin(std::future::poll_fn(move |task| {
                loop {
                    let polled = future.as_mut().poll(task);
                    // An event that nobody reads: it goes on.
                    if events.take().is_none() || polled.is_ready() {
                        return polled;
                    }
                }
            })),
            State::Ended(ended) => Box::pin(std::future::ready(*ended)),
            State::Over => Box::pin(std::future::ready(Err(crate::Error::request(
                "the run is over; its outcome was its last event",
            )))),
        }
    }
}

impl fmt::Debug for Runner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Runner");
        match &self.state {
            State::Ready(setup) => out
                .field("tools", &setup.tools)
                .field("settings", &setup.settings)
                .field("hooks", &setup.hooks),
            State::Running { .. } | State::Ended(_) => out.field("state", &"running"),
            State::Over => out.field("state", &"over"),
        };
        out.finish_non_exhaustive()
    }
}
