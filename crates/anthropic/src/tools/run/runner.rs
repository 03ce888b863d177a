//! The handle of a run: its settings before it starts, its events while it goes on.

use std::collections::HashSet;
use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use anthropic_types::{Beta, Message, MessageCreateParams};
use futures_core::Stream;
use futures_core::stream::FusedStream;

use super::approval::{Approval, Approvals};
use super::changes::Changes;
use super::control::{AfterTool, Decision, Hooks, Turn};
use super::emitter::Emitter;
use super::event::RunEvent;
use super::machine::{Machine, Resumed};
use super::outcome::Outcome;
use super::settings::Settings;
use super::sync::lock;
use super::transcript::Transcript;
use super::waiting::Waiting;
use crate::resources::{BetaMessages, Messages};
use crate::tools::call::ToolCall;
use crate::tools::output::ToolOutput;
use crate::tools::set::Tools;
use crate::{BoxFuture, Client, RequestOptions, Result};

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
/// **Caching.** Set [`cache_control`](MessageCreateParams::cache_control) of the parameters: the
/// API then caches the prompt up to its last block, which moves as the conversation grows. The
/// tools keep their order, so each request begins with what the one before has cached.
///
/// **Errors.** A request that fails, after its own retries, ends the run. The error has the
/// conversation so far: [`Error::partial`](crate::Error::partial) with [`Transcript`]. Tools that
/// the API would refuse fail it before anything is sent, with a
/// [`ToolsFault`](crate::tools::ToolsFault) as the source.
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

struct Setup {
    client: Client,
    beta: bool,
    params: MessageCreateParams,
    tools: Tools,
    settings: Settings,
    hooks: Hooks,
    resumed: Option<Resumed>,
}

impl Messages<'_> {
    /// Starts a run: a conversation in which the model calls tools of yours, until it is
    /// done.
    ///
    /// Tools of [`Runner::tools`] run here. Those of `params` are offered too: the API runs its
    /// own, and a call of one that has no code here ends the run with
    /// [`Outcome::Waiting`](crate::tools::Outcome::Waiting).
    pub fn run(&self, params: MessageCreateParams) -> Runner {
        Runner::new(self.0, false, params)
    }

    /// Goes on with a run that waits, by decisions about its calls. Calls without a decision go on
    /// waiting.
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
    pub fn run(&self, params: MessageCreateParams) -> Runner {
        Runner::new(self.0, true, params)
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
        Self::of(client, beta, params, transcript, None)
    }

    fn resumed(client: &Client, waiting: Waiting, approvals: Approvals) -> Self {
        let Waiting {
            id,
            version,
            beta,
            params,
            transcript,
        } = waiting;
        let resumed = Resumed {
            id,
            version,
            approvals,
        };
        Self::of(client, beta, params, transcript, Some(resumed))
    }

    fn of(
        client: &Client,
        beta: bool,
        params: MessageCreateParams,
        transcript: Transcript,
        resumed: Option<Resumed>,
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

    fn set(mut self, set: impl FnOnce(&mut Setup)) -> Self {
        if let State::Ready(setup) = &mut self.state {
            set(setup);
        }
        self
    }

    /// Adds tools: one, several, or lists of them.
    pub fn tools(self, tools: impl Into<Tools>) -> Self {
        self.set(|setup| setup.tools.extend([tools.into()]))
    }

    /// How many messages the model may write; 50 unless set. Those after which it goes on by itself
    /// count, too.
    pub fn max_turns(self, turns: u32) -> Self {
        self.set(|setup| setup.settings.max_turns = turns)
    }

    /// How many calls of tools may run. The calls beyond that do not run, and the run ends with
    /// their message.
    pub fn max_calls(self, calls: u32) -> Self {
        self.set(|setup| setup.settings.max_calls = Some(calls))
    }

    /// How many tokens all requests may use together, input and output. No request is sent once so
    /// many have been used; the last one may exceed it.
    pub fn max_total_tokens(self, tokens: u64) -> Self {
        self.set(|setup| setup.settings.max_total_tokens = Some(tokens))
    }

    /// The limit of what all messages together cost, by the price of each, in whatever unit `price`
    /// has, such as millionths of a dollar. No request is sent once the run has cost so much; the
    /// last one may exceed it.
    ///
    /// ```
    /// # use anthropic::{Client, types::MessageCreateParams};
    /// # async fn run(client: Client, params: MessageCreateParams) -> anthropic::Result<()> {
    /// // Three dollars for a million tokens of input and 15 for one of output: in millionths.
    /// let run = client.messages().run(params).max_cost(50_000, |message| {
    ///     message.usage.total_input_tokens() * 3 + message.usage.output_tokens * 15
    /// });
    /// # run.await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn max_cost(
        self,
        cost: u64,
        price: impl Fn(&Message) -> u64 + Send + Sync + 'static,
    ) -> Self {
        self.set(|setup| {
            setup.settings.max_cost = Some(cost);
            setup.settings.price = Some(Arc::new(price));
        })
    }

    /// How long the run may take, by the client's clock. What runs then is cancelled; of a message
    /// that is being streamed the transcript has what arrived
    /// ([`partial_message`](Transcript::partial_message)).
    pub fn time_limit(self, limit: Duration) -> Self {
        self.set(|setup| setup.settings.time_limit = Some(limit))
    }

    /// The time limit of a call, for tools that have none of their own. The model sees an error
    /// where it is exceeded. None unless set.
    pub fn tool_timeout(self, limit: Duration) -> Self {
        self.set(|setup| setup.settings.tool_timeout = Some(limit))
    }

    /// How many calls run at a time; 8 unless set, and at least 1.
    pub fn max_parallel(self, calls: usize) -> Self {
        self.set(|setup| setup.settings.max_parallel = calls)
    }

    /// How long the text of a result may be, in bytes; 100,000 unless set. A longer one is cut, and
    /// the model sees that it is. Images and documents do not count.
    pub fn max_result_bytes(self, bytes: usize) -> Self {
        self.set(|setup| setup.settings.max_result_bytes = bytes)
    }

    /// Whether messages are streamed: their events are then among those of the run
    /// ([`RunEvent::Model`]). All else is the same.
    pub fn stream(self, stream: bool) -> Self {
        self.set(|setup| setup.settings.stream = stream)
    }

    /// The options of each request: timeouts, retries, headers, credentials, middleware. Several
    /// add up, as [`Request::options`](crate::Request::options) does.
    pub fn options(self, options: RequestOptions) -> Self {
        self.set(|setup| setup.settings.options.merge(options))
    }

    /// Sends a beta header with each request; may be called several times.
    pub fn beta(self, beta: impl Into<Beta>) -> Self {
        let beta: Beta = beta.into();
        self.set(|setup| setup.settings.options.betas.push(beta.as_str().to_owned()))
    }

    /// Decides about each call before it runs. The calls of a message are decided one after the
    /// other, before the first of them runs.
    ///
    /// Of several hooks each gets what the one before left, until one decides other than to run it.
    ///
    /// ```
    /// # use anthropic::{Client, tools::Tools, types::MessageCreateParams};
    /// # async fn run(client: Client, params: MessageCreateParams, tools: Tools) -> anthropic::Result<()> {
    /// use anthropic::tools::Decision;
    ///
    /// let run = client.messages().run(params).tools(tools).before_tool(|call| async move {
    ///     match call.name() {
    ///         "delete_file" => Decision::deny("files are not deleted here"),
    ///         "send_mail" => Decision::Defer,
    ///         _ => Decision::Run,
    ///     }
    /// });
    /// # run.await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn before_tool<F, Fut>(self, hook: F) -> Self
    where
        F: Fn(ToolCall) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Decision> + Send + 'static,
    {
        self.set(|setup| setup.hooks.add_before_tool(hook))
    }

    /// Looks at each result of a tool that ran, and may replace it. Several hooks run in order.
    pub fn after_tool<F, Fut>(self, hook: F) -> Self
    where
        F: Fn(ToolCall, ToolOutput) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = AfterTool> + Send + 'static,
    {
        self.set(|setup| setup.hooks.add_after_tool(hook))
    }

    /// Looks at each request before it is sent, and may change it: its parameters, and the tools on
    /// offer.
    ///
    /// ```
    /// # use anthropic::{Client, types::{MessageCreateParams, Model}};
    /// # async fn run(client: Client, params: MessageCreateParams) -> anthropic::Result<()> {
    /// let run = client.messages().run(params).before_turn(|turn| {
    ///     if turn.number() > 10 {
    ///         turn.params_mut().model = Model::CLAUDE_HAIKU_4_5;
    ///     }
    /// });
    /// # run.await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn before_turn(self, hook: impl FnMut(&mut Turn<'_>) + Send + 'static) -> Self {
        self.set(|setup| setup.hooks.add_before_turn(hook))
    }

    /// The conversation so far, and what it cost.
    pub fn transcript(&self) -> Transcript {
        lock(&self.shared).clone()
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
        let machine = Machine {
            client: setup.client,
            beta: setup.beta,
            params: setup.params,
            tools: setup.tools,
            own: HashSet::new(),
            settings: setup.settings,
            hooks: Arc::new(setup.hooks),
            changes: Changes::default(),
            shared,
            out: events,
            resumed: setup.resumed,
        };
        Box::pin(machine.run())
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
