//! `parse` and `parse_stream`, on both sides of the API.

use std::borrow::Borrow;

use anthropic_types::{Message, MessageCreateParams, OutputConfig};
use serde::de::DeserializeOwned;

use super::format;
use super::parsed::Parsed;
use super::stream::ParsedStream;
use crate::operation::Incoming;
use crate::resources::{BetaMessages, Messages};
use crate::schema::Schema;
use crate::stream::{open_message, open_message_stream};
use crate::{BoxFuture, MessageStream, Request, Result};

fn open<T: DeserializeOwned + 'static>(
    incoming: Incoming,
) -> BoxFuture<'static, Result<Parsed<T>>> {
    let message = open_message(incoming);
    Box::pin(async move { Ok(Parsed::from(message.await?)) })
}

fn open_stream<T: 'static>(incoming: Incoming) -> BoxFuture<'static, Result<ParsedStream<T>>> {
    let stream = open_message_stream(incoming);
    Box::pin(async move { Ok(ParsedStream::new(stream.await?)) })
}

/// Puts the output format into a request, so that the parameters can be lent.
fn asking<T>(request: Request<T>, config: Result<OutputConfig>) -> Request<T> {
    match config {
        Ok(config) => request.body_key("output_config", &config),
        Err(fault) => request.failing(Err(fault)),
    }
}

fn parse<T: DeserializeOwned + Schema + 'static>(
    params: &MessageCreateParams,
    create: impl FnOnce(&MessageCreateParams) -> Request<Message>,
) -> Request<Parsed<T>> {
    asking(create(params), format::config::<T>(params)).opened_by(open::<T>)
}

fn parse_stream<T: DeserializeOwned + Schema + 'static>(
    params: &MessageCreateParams,
    stream: impl FnOnce(&MessageCreateParams) -> Request<MessageStream>,
) -> Request<ParsedStream<T>> {
    asking(stream(params), format::config::<T>(params)).opened_by(open_stream::<T>)
}

impl Messages<'_> {
    /// Sends a conversation and returns the model's response as a value of `T`
    /// (`POST /v1/messages`).
    ///
    /// `T` gives the schema of the response, which the API guarantees (`output_config.format`; all
    /// else in the parameters stays). What came back is the value, or the reason why there is none,
    /// and the message in any case: see [`Parsed`]. Otherwise the request is that of
    /// [`create`](Self::create), and the parameters can be lent as there: `parse::<T>(&params)`.
    ///
    /// It fails with [`Request`](crate::ErrorKind::Request) before anything is sent where the API
    /// would refuse the schema ([`lint`](crate::schema::lint)), or where the parameters have an
    /// output format of their own.
    ///
    /// [API reference](https://platform.claude.com/docs/en/api/messages/create)
    ///
    /// ```no_run
    /// # #[cfg(feature = "schemars-1")]
    /// # async fn run(client: anthropic::Client) -> anthropic::Result<()> {
    /// # use anthropic::types::*;
    /// #[derive(serde::Deserialize, schemars::JsonSchema)]
    /// struct River {
    ///     name: String,
    ///     /// From the source to the mouth.
    ///     length_km: u32,
    /// }
    ///
    /// let params = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024)
    ///     .user("Which river flows through Basel?");
    /// let river = client.messages().parse::<River>(params).await?.into_output()?;
    /// println!("{}: {} km", river.name, river.length_km);
    /// # Ok(())
    /// # }
    /// ```
    pub fn parse<T>(&self, params: impl Borrow<MessageCreateParams>) -> Request<Parsed<T>>
    where
        T: DeserializeOwned + Schema + 'static,
    {
        parse(params.borrow(), |params| self.create(params))
    }

    /// Sends a conversation and streams the model's response, of which parts can be read before it
    /// is complete (`POST /v1/messages`); see [`parse`](Self::parse).
    ///
    /// [API reference](https://platform.claude.com/docs/en/api/messages/create)
    ///
    /// ```no_run
    /// # #[cfg(feature = "schemars-1")]
    /// # async fn run(client: anthropic::Client, params: anthropic::types::MessageCreateParams)
    /// # -> anthropic::Result<()> {
    /// #[derive(serde::Deserialize, schemars::JsonSchema)]
    /// struct Tour {
    ///     #[serde(default)]
    ///     name: String,
    ///     #[serde(default)]
    ///     stops: Vec<String>,
    /// }
    ///
    /// let mut stream = client.messages().parse_stream::<Tour>(params).await?;
    /// while stream.try_next().await?.is_some() {
    ///     if let Some(tour) = stream.partial::<Tour>() {
    ///         println!("{}: {}", tour.name, tour.stops.join(" – "));
    ///     }
    /// }
    /// let tour = stream.finish().await?.into_output()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn parse_stream<T>(
        &self,
        params: impl Borrow<MessageCreateParams>,
    ) -> Request<ParsedStream<T>>
    where
        T: DeserializeOwned + Schema + 'static,
    {
        parse_stream(params.borrow(), |params| self.stream(params))
    }
}

impl BetaMessages<'_> {
    /// Sends a conversation and returns the model's response as a value of `T`
    /// (`POST /v1/messages`), with beta features: see [`Messages::parse`].
    ///
    /// [API reference](https://platform.claude.com/docs/en/api/beta/messages/create)
    pub fn parse<T>(&self, params: impl Borrow<MessageCreateParams>) -> Request<Parsed<T>>
    where
        T: DeserializeOwned + Schema + 'static,
    {
        parse(params.borrow(), |params| self.create(params))
    }

    /// Sends a conversation and streams the model's response, of which parts can be read before it
    /// is complete (`POST /v1/messages`), with beta features: see [`Messages::parse_stream`].
    ///
    /// [API reference](https://platform.claude.com/docs/en/api/beta/messages/create)
    pub fn parse_stream<T>(
        &self,
        params: impl Borrow<MessageCreateParams>,
    ) -> Request<ParsedStream<T>>
    where
        T: DeserializeOwned + Schema + 'static,
    {
        parse_stream(params.borrow(), |params| self.stream(params))
    }
}
