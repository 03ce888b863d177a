//! `messages().create()` and `messages().stream()`.
//!
//! Both send the same request but for `"stream": true`. A response that may take longer than ten
//! minutes is streamed under the hood, because a connection that is idle for so long doesn't
//! survive; what comes back is the same [`Message`].

use std::borrow::Borrow;

use anthropic_types::{Message, MessageCreateParams, StreamEvent};

use crate::generated::core::beta_messages::{self, BetaMessages};
use crate::generated::core::messages::{self, Messages};
use crate::request::encode;
use crate::stream::{
    EventStream, MessageStream, open_message, open_message_events, open_message_stream,
};
use crate::{Client, Operation, Request};

pub(crate) static CREATE: Operation<Message> =
    Operation::listed(&messages::CREATE_INFO, open_message);
pub(crate) static BETA_CREATE: Operation<Message> =
    Operation::listed(&beta_messages::CREATE_INFO, open_message);

static STREAM: Operation<MessageStream> =
    Operation::listed(&messages::CREATE_STREAM_INFO, open_message_stream);
static BETA_STREAM: Operation<MessageStream> =
    Operation::listed(&beta_messages::CREATE_STREAM_INFO, open_message_stream);

/// The official SDKs expect 128,000 tokens an hour, and refuse what they expect to take longer than
/// ten minutes; this is where we begin to stream instead.
fn is_long(params: &MessageCreateParams) -> bool {
    const TOKENS_PER_HOUR: u64 = 128_000;
    const SECONDS_PER_HOUR: u64 = 3_600;
    const LONGEST_SECONDS: u64 = 600;
    params.max_tokens.saturating_mul(SECONDS_PER_HOUR) > LONGEST_SECONDS * TOKENS_PER_HOUR
}

fn create(
    client: &Client,
    operation: &'static Operation<Message>,
    params: &MessageCreateParams,
) -> Request<Message> {
    let request = send(client, operation, params);
    if is_long(params) {
        request.streamed_unasked()
    } else {
        request
    }
}

/// A request for a message, as `create` makes it.
#[cfg(feature = "tools")]
pub(crate) fn created(
    client: &Client,
    beta: bool,
    params: &MessageCreateParams,
) -> Request<Message> {
    create(client, if beta { &BETA_CREATE } else { &CREATE }, params)
}

/// The same, for a stream.
#[cfg(feature = "tools")]
pub(crate) fn streamed(
    client: &Client,
    beta: bool,
    params: &MessageCreateParams,
) -> Request<MessageStream> {
    let operation = if beta { &BETA_STREAM } else { &STREAM };
    send(client, operation, params).extra_body("stream", true)
}

fn send<T>(
    client: &Client,
    operation: &'static Operation<T>,
    params: &MessageCreateParams,
) -> Request<T> {
    let request = client.request(operation, &[]);
    match &params.user_profile_id {
        None => request.params(params),
        // A header here; only in a batch is it a key of the body.
        Some(id) => request
            .encoded(encode::params_without(params, "user_profile_id"))
            .user_profile_id(id),
    }
}

impl Messages<'_> {
    /// Sends a conversation and returns the model's next message (`POST /v1/messages`).
    ///
    /// The parameters are written out here, and can be lent: `create(&params)` copies no
    /// conversation, but for its JSON text where there is a `user_profile_id`, which is a header.
    ///
    /// Where the response may take longer than ten minutes (3600 s · `max_tokens` / 128,000 >
    /// 600 s), it is streamed, and the message is returned when it is complete. While it is read,
    /// [`StreamLimits`](crate::StreamLimits) hold, and an error carries what had arrived
    /// ([`partial`](crate::Error::partial)). It is not streamed where the request or the client has
    /// a [`timeout`](Request::timeout) or an [`attempt_timeout`](Request::attempt_timeout) of its
    /// own, since the response's headers come when the message is complete then; nor where it is
    /// read [`raw`](Request::raw): raise the timeout, or use [`stream`](Self::stream).
    ///
    /// The schemas of tools and of an output format are sent as they are. Only `run` and `parse`
    /// look beforehand for what the API would refuse; with the feature `tools` or `schemars-1`,
    /// `schema::lint` can be called by hand.
    ///
    /// [API reference](https://platform.claude.com/docs/en/api/messages/create)
    ///
    /// ```no_run
    /// # use anthropic::{Client, types::*};
    /// # async fn run(client: Client) -> anthropic::Result<()> {
    /// let message = client
    ///     .messages()
    ///     .create(MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024).user("Name three rivers."))
    ///     .await?;
    /// println!("{}", message.text());
    /// # Ok(())
    /// # }
    /// ```
    pub fn create(&self, params: impl Borrow<MessageCreateParams>) -> Request<Message> {
        create(self.0, &CREATE, params.borrow())
    }

    /// Sends a conversation and streams the model's next message (`POST /v1/messages`).
    ///
    /// The stream is returned when the response's headers have arrived. How long it may be idle
    /// then is set by [`StreamLimits`](crate::StreamLimits).
    ///
    /// [API reference](https://platform.claude.com/docs/en/api/messages/create)
    ///
    /// ```no_run
    /// # use anthropic::{Client, types::*};
    /// # async fn run(client: Client) -> anthropic::Result<()> {
    /// let params = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024).user("Tell me a story.");
    /// let mut stream = client.messages().stream(params).await?;
    /// while let Some(event) = stream.try_next().await? {
    ///     if let Some(text) = event.text() {
    ///         print!("{text}");
    ///     }
    /// }
    /// let message = stream.final_message().await?;
    /// println!("\n{} tokens", message.usage.output_tokens);
    /// # Ok(())
    /// # }
    /// ```
    pub fn stream(&self, params: impl Borrow<MessageCreateParams>) -> Request<MessageStream> {
        send(self.0, &STREAM, params.borrow()).extra_body("stream", true)
    }
}

impl BetaMessages<'_> {
    /// Sends a conversation and returns the model's next message (`POST /v1/messages`), with beta
    /// features.
    ///
    /// [`beta`](Request::beta) switches them on; each type and field names its header.
    ///
    /// [API reference](https://platform.claude.com/docs/en/api/beta/messages/create)
    ///
    /// ```no_run
    /// # use anthropic::{Client, types::*};
    /// # async fn run(client: Client) -> anthropic::Result<()> {
    /// let params = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024).user("Name three rivers.");
    /// let message = client
    ///     .beta()
    ///     .messages()
    ///     .create(params)
    ///     .beta(Beta::CONTEXT_MANAGEMENT_2025_06_27)
    ///     .await?;
    /// println!("{}", message.text());
    /// # Ok(())
    /// # }
    /// ```
    pub fn create(&self, params: impl Borrow<MessageCreateParams>) -> Request<Message> {
        create(self.0, &BETA_CREATE, params.borrow())
    }

    /// Sends a conversation and streams the model's next message (`POST /v1/messages`), with beta
    /// features.
    ///
    /// [API reference](https://platform.claude.com/docs/en/api/beta/messages/create)
    ///
    /// ```no_run
    /// # use anthropic::{Client, types::*};
    /// # async fn run(client: Client) -> anthropic::Result<()> {
    /// let params = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024).user("Name three rivers.");
    /// let stream = client.beta().messages().stream(params).await?;
    /// println!("{}", stream.final_text().await?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn stream(&self, params: impl Borrow<MessageCreateParams>) -> Request<MessageStream> {
        send(self.0, &BETA_STREAM, params.borrow()).extra_body("stream", true)
    }
}

impl Request<MessageStream> {
    /// The events of the stream alone: no message is built of them, so memory stays flat however
    /// long the response is.
    ///
    /// The stream still ends with an error of kind
    /// [`StreamTruncated`](crate::ErrorKind::StreamTruncated) where `message_stop` is missing. Each
    /// event is as a [`MessageStream`] returns it: a character that a gateway has split between two
    /// deltas is put together, an index that is missing is the one that it can only be, and an
    /// event that can't be read is an error, after which the others still come. What a
    /// `MessageStream` does beyond that is left out: the request is not resent once the response's
    /// head is there, and the order of the events is not checked.
    ///
    /// ```no_run
    /// # use anthropic::{Client, types::*};
    /// # async fn run(client: Client, params: MessageCreateParams) -> anthropic::Result<()> {
    /// let mut events = client.messages().stream(params).events().await?;
    /// while let Some(event) = events.try_next().await? {
    ///     println!("{}", event.type_name());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn events(self) -> Request<EventStream<StreamEvent>> {
        self.opened_by(open_message_events)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_long_beyond_ten_minutes() {
        assert!(!is_long(&MessageCreateParams::new("m", 21_333_u64)));
        assert!(is_long(&MessageCreateParams::new("m", 21_334_u64)));
        assert!(is_long(&MessageCreateParams::new("m", u64::MAX)));
    }
}
