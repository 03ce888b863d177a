//! What can be set of a run before it starts.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use anthropic_types::{Beta, CacheControlEphemeral, ContextEdit, ContextManagementConfig, Message};

use super::control::{AfterTool, Decision, Turn};
use super::runner::Runner;
use crate::RequestOptions;
use crate::tools::call::ToolCall;
use crate::tools::guarded::Guarded;
use crate::tools::output::ToolOutput;
use crate::tools::set::IntoTools;

impl Runner {
    /// Adds tools: one, several, or lists of them.
    pub fn tools(self, tools: impl IntoTools) -> Self {
        self.set(|setup| setup.tools.append(tools.into_tools()))
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
    /// has, such as millionths of a dollar; the SDK knows no prices. No request is sent once the
    /// run has cost so much; the last one may exceed it.
    ///
    /// ```
    /// # use anthropic::{Client, types::MessageCreateParams};
    /// # async fn run(client: Client, params: MessageCreateParams) -> anthropic::Result<()> {
    /// // Three dollars for a million tokens of input and 15 for one of output; a token that is
    /// // written to the cache costs a quarter more, one that is read from it a tenth. All of that
    /// // in millionths of a cent, so that none is a fraction.
    /// let run = client.messages().run(params).max_cost(5_000_000, |message| {
    ///     let usage = &message.usage;
    ///     usage.input_tokens * 300
    ///         + usage.cache_creation_input_tokens.unwrap_or(0) * 375
    ///         + usage.cache_read_input_tokens.unwrap_or(0) * 30
    ///         + usage.output_tokens * 1_500
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
            setup.settings.price = Guarded::new(Arc::new(price));
        })
    }

    /// How long the run may take, by the client's clock. What runs then is cancelled; of a message
    /// that is being streamed the transcript has what arrived
    /// ([`partial_message`](super::Transcript::partial_message)).
    pub fn time_limit(self, limit: Duration) -> Self {
        self.set(|setup| setup.settings.time_limit = Some(limit))
    }

    /// The time limit of a call, for tools that have none of their own. The model sees an error
    /// where it is exceeded. None unless set. A tool that blocks its thread is not ended by it:
    /// [`ToolSettings::timeout`](crate::tools::ToolSettings::timeout).
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
    /// ([`RunEvent::Model`](super::RunEvent::Model)). All else is the same. Summaries between two
    /// turns are streamed, too, but their events are not among those of the run, which has
    /// [`RunEvent::Compacted`](super::RunEvent::Compacted) for each.
    pub fn stream(self, stream: bool) -> Self {
        self.set(|setup| setup.settings.stream = stream)
    }

    /// Starts calls while their message still arrives, where messages are
    /// [streamed](Self::stream): as soon as a call's block is complete and the model goes on from
    /// it. Off unless set.
    ///
    /// Calls of [sequential](crate::tools::ToolSettings::sequential) tools, and those that need
    /// somebody's decision, wait for the end of the message, and so do all that follow a sequential
    /// one. A hook that decides about a call does so before it starts, so earlier calls of the
    /// message may have run by then; while it decides, the message goes on arriving, and later
    /// calls wait.
    ///
    /// Where the run ends with such a message, at a limit, a hook's stop, a message that is cut off
    /// or a stream that breaks, the calls that are done have their results in the conversation. The
    /// others are cancelled, and the model sees that what they have done is not known. So it is
    /// with calls before a fallback to another model; where the request's own
    /// [`fallbacks`](anthropic_types::MessageCreateParams::fallbacks) or the middleware
    /// [`RefusalFallback`](crate::fallback::RefusalFallback) allow one, no call starts early. A
    /// refusal stays out of the conversation with its calls: only
    /// [`RunEvent::ToolFinished`](super::RunEvent::ToolFinished) has what came of those.
    pub fn eager_tools(self, eager: bool) -> Self {
        self.set(|setup| setup.settings.eager = eager)
    }

    /// Ends the cached part of each prompt at the conversation's last block, and keeps the
    /// breakpoints before it as far as the API takes them: see
    /// [`move_breakpoint`](crate::caching::move_breakpoint).
    ///
    /// ```
    /// # use anthropic::{Client, types::{CacheControlEphemeral, MessageCreateParams}};
    /// # async fn run(client: Client, params: MessageCreateParams) -> anthropic::Result<()> {
    /// let run = client.messages().run(params).cache_prompt(CacheControlEphemeral::new());
    /// # run.await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn cache_prompt(self, cache: impl Into<CacheControlEphemeral>) -> Self {
        self.set(|setup| setup.settings.cache = Some(cache.into()))
    }

    /// Has the API shorten what the model sees of the conversation, by these edits: clear results
    /// of older calls, clear older thinking, sum up what is too long. Sends the betas that they
    /// need.
    ///
    /// They are put into the parameters' `context_management`, in place of those of the same types
    /// that are there.
    ///
    /// ```
    /// # use anthropic::{Client, types::{ClearToolUses20250919Edit, MessageCreateParams}};
    /// # async fn run(client: Client, params: MessageCreateParams) -> anthropic::Result<()> {
    /// let run = client.beta().messages().run(params);
    /// let run = run.context_edits([ClearToolUses20250919Edit::new()]);
    /// # run.await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn context_edits(self, edits: impl IntoIterator<Item = impl Into<ContextEdit>>) -> Self {
        let edits: Vec<ContextEdit> = edits.into_iter().map(Into::into).collect();
        self.set(|setup| {
            let config = &mut setup.params.context_management;
            let config = config.get_or_insert_with(ContextManagementConfig::new);
            let set = config.edits.get_or_insert_default();
            // A run that is resumed has them already.
            set.retain(|old| edits.iter().all(|new| new.type_name() != old.type_name()));
            set.extend(edits);
        })
    }

    /// Sums up the conversation before the next turn once a request had more input tokens than
    /// this: see [`Turn::compact`]. Off unless set.
    ///
    /// Tools, system prompt and the summary itself may take as many. So after a summary the next
    /// one comes only when the input has grown: by half of what the request after it had, at most
    /// by a tenth of this limit or by 20,000 tokens, whichever is more. Where the API made none, it
    /// is asked again when the input has grown by a tenth.
    pub fn compact_above(self, tokens: u64) -> Self {
        self.set(|setup| setup.settings.compact_above = Some(tokens))
    }

    /// Has the API hold the conversation, so that each request sends only what is new: see
    /// [`Thread`](crate::threads::Thread). Off unless set.
    ///
    /// Where the API has lost the thread, the whole conversation is sent again, once, as a new one;
    /// where it can't thread the request, the run goes on without. A hook that changes what was
    /// sent begins a new thread. A run that waits and is resumed with it goes on in its thread.
    /// Sends the beta `message-threads-2026-08-12`.
    pub fn thread(self, thread: bool) -> Self {
        self.set(|setup| setup.settings.threaded = thread)
    }

    /// The options of each request: timeouts, retries, headers, credentials, middleware. Several
    /// add up, as [`Request::options`](crate::Request::options) does.
    pub fn options(self, options: RequestOptions) -> Self {
        self.set(|setup| {
            let own = setup.settings.options.get_or_insert_default();
            own.merge(options);
        })
    }

    /// Sends a beta header with each request; may be called several times.
    pub fn beta(self, beta: impl Into<Beta>) -> Self {
        let beta: Beta = beta.into();
        self.set(|setup| {
            let options = setup.settings.options.get_or_insert_default();
            options.betas.push(beta.as_str().to_owned());
        })
    }

    /// Decides about each call before it runs. The calls of a message are decided one after the
    /// other, before the first of them runs; with [`eager_tools`](Self::eager_tools) each before it
    /// starts, when others may run already.
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
}
