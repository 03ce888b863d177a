//! A conversation that the API holds, turn by turn.

use std::fmt;

use anthropic_types::{
    Beta, Message, MessageContent, MessageCreateParams, MessageParam, StopReason,
};

use super::container::keep_container;
use super::position::{Reply, ThreadState};
use super::stream::ThreadStream;
use crate::resources::BetaMessages;
use crate::resources::messages::{created, streamed};
use crate::{Client, MessageStream, Request, RequestOptions, Result};

/// A conversation that the API holds: each turn sends only what is new.
///
/// ```no_run
/// # async fn run(client: anthropic::Client) -> anthropic::Result<()> {
/// use anthropic::types::{MessageCreateParams, Model};
///
/// let params = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024).system("Be brief.");
/// let mut thread = client.beta().messages().thread(params);
/// println!("{}", thread.send("Name three rivers.").await?.text());
/// println!("{}", thread.send("And how long are they?").await?.text());
/// # Ok(())
/// # }
/// ```
///
/// The whole conversation is kept here, too. Where the API has lost the thread, or somebody else
/// went on with it, the conversation is sent again as a new thread, once, within the same call. So
/// it is after a refusal, after a message that a fallback wrote, after a stream that was not read
/// to its end, and where [`params_mut`](Self::params_mut) changed what was sent.
///
/// A turn that fails or is refused is taken back: the conversation is as it was before.
///
/// It sends the beta `message-threads-2026-08-12`.
pub struct Thread {
    client: Client,
    options: RequestOptions,
    params: MessageCreateParams,
    state: ThreadState,
    /// How many messages the conversation has without the turn that is under way.
    settled: usize,
    /// A turn began of which nobody knows how it ended.
    is_under_way: bool,
}

impl BetaMessages<'_> {
    /// A conversation that the API holds, so that each turn sends only what is new: see [`Thread`].
    ///
    /// Messages of `params` are its beginning; they are sent with the first turn. The conversation
    /// grows in the thread, so that parameters which are lent (`thread(&params)`) are copied, once.
    pub fn thread(&self, params: impl Into<MessageCreateParams>) -> Thread {
        let params = params.into();
        let mut state = ThreadState::new();
        state.lenient(false);
        Thread {
            client: self.0.clone(),
            options: RequestOptions::new(),
            settled: params.messages.len(),
            params,
            state,
            is_under_way: false,
        }
    }
}

impl Thread {
    /// The options of each request: timeouts, retries, headers, credentials, betas, middleware.
    pub fn options(mut self, options: RequestOptions) -> Self {
        self.options.merge(options);
        self
    }

    /// Goes on without a thread where the API can't thread a request
    /// ([`ThreadUnsupportedRequest`](anthropic_types::ErrorCode::ThreadUnsupportedRequest)): each
    /// turn sends the whole conversation then. Unless set, such a turn fails.
    pub fn or_unthreaded(mut self) -> Self {
        self.state.lenient(true);
        self
    }

    /// Sends a turn of the user's, and returns the model's message, which is the next one of the
    /// conversation.
    ///
    /// # Errors
    ///
    /// Those of [`create`](crate::resources::BetaMessages::create). The turn is taken back.
    pub async fn send(&mut self, content: impl Into<MessageContent> + Send) -> Result<Message> {
        self.begin(content.into());
        loop {
            match self.request(created).await {
                Ok(message) => {
                    self.finish(message.clone());
                    return Ok(message);
                }
                Err(error) if self.state.recovers(&error) => {}
                Err(error) => {
                    self.take_back();
                    return Err(error);
                }
            }
        }
    }

    /// Sends a turn of the user's, and returns the model's message as it arrives. Read it to its
    /// end, event by event or by [`final_message`](ThreadStream::final_message): a turn whose
    /// stream is dropped before is taken back.
    ///
    /// # Errors
    ///
    /// Those of [`stream`](crate::resources::BetaMessages::stream). The turn is taken back.
    pub async fn stream(
        &mut self,
        content: impl Into<MessageContent> + Send,
    ) -> Result<ThreadStream<'_>> {
        self.begin(content.into());
        let stream = self.opened().await?;
        Ok(ThreadStream::new(self, stream))
    }

    async fn opened(&mut self) -> Result<MessageStream> {
        loop {
            match self.request(streamed).await {
                Ok(stream) => return Ok(stream),
                Err(error) if self.state.recovers(&error) => {}
                Err(error) => {
                    self.take_back();
                    return Err(error);
                }
            }
        }
    }

    /// The conversation so far, without a turn that is under way.
    pub fn messages(&self) -> &[MessageParam] {
        self.params.messages.get(..self.settled).unwrap_or_default()
    }

    /// The id of the message that the next turn continues from; `None` where the next turn sends
    /// the whole conversation.
    pub fn previous_message_id(&self) -> Option<&str> {
        self.state.previous().filter(|_| !self.is_under_way)
    }

    /// The parameters of the next turn, with the whole conversation. Changes hold from then on; of
    /// the system prompt, the tools or what was sent, they begin a new thread.
    pub fn params_mut(&mut self) -> &mut MessageCreateParams {
        self.settle();
        self.state.watch(&self.params.messages);
        &mut self.params
    }

    /// Takes back a turn that is still under way, since it was dropped or its stream has failed:
    /// the API may hold something of it.
    fn settle(&mut self) {
        if std::mem::take(&mut self.is_under_way) {
            self.params.messages.truncate(self.settled);
            self.state.restart();
        }
    }

    fn begin(&mut self, content: MessageContent) {
        self.settle();
        self.state.check(&self.params.messages);
        self.settled = self.params.messages.len();
        self.params.messages.push(MessageParam::user(content));
        self.is_under_way = true;
    }

    fn request<T>(
        &mut self,
        make: fn(&Client, bool, &MessageCreateParams) -> Request<T>,
    ) -> Request<T> {
        let user = self.params.user_profile_id.take();
        let lent = self.state.lend(&mut self.params);
        let mut request = make(&self.client, true, &self.params).options(self.options.clone());
        if let Some(user) = &user {
            request = request.user_profile_id(user);
        }
        if lent.is_threaded() {
            request = request.beta(Beta::MESSAGE_THREADS_2026_08_12);
        }
        lent.give_back(&mut self.params);
        self.params.user_profile_id = user;
        request
    }

    /// Takes in the model's message.
    pub(super) fn finish(&mut self, message: Message) {
        let reply = Reply::of(&message);
        if message.stop_reason == Some(StopReason::Refusal) {
            self.take_back();
        } else {
            if let Some(container) = &message.container {
                keep_container(&mut self.params.container, &container.id);
            }
            let turn = message.into_param();
            if !is_empty(&turn) {
                self.params.messages.push(turn);
            }
        }
        self.settled = self.params.messages.len();
        self.state.record(reply, true, self.settled);
        self.is_under_way = false;
    }

    /// Takes back the turn that failed.
    pub(super) fn take_back(&mut self) {
        self.params.messages.truncate(self.settled);
        self.is_under_way = false;
    }
}

fn is_empty(turn: &MessageParam) -> bool {
    let content = turn.as_assistant().map(|turn| &turn.content);
    matches!(content, Some(MessageContent::Blocks(blocks)) if blocks.is_empty())
}

/// Without the conversation, which may be long and whose secrets are not for logs.
impl fmt::Debug for Thread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Thread")
            .field("messages", &self.settled)
            .field("previous_message_id", &self.previous_message_id())
            .finish_non_exhaustive()
    }
}
