//! A typed message as it arrives.

use std::fmt;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

use anthropic_types::{Message, StreamEvent};
use futures_core::Stream;
use futures_core::stream::FusedStream;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::growing::Growing;
use super::parsed::Parsed;
use crate::partial_json::Strings;
use crate::response::meta::ResponseMeta;
use crate::{MessageStream, Result};

/// A message as it arrives, whose text is a value of `T`. From
/// [`parse_stream`](crate::resources::Messages::parse_stream).
///
/// It is a [`Stream`] of the events of a [`MessageStream`], with its rules. Dropping it closes the
/// connection.
#[must_use = "a stream does nothing until it is read"]
pub struct ParsedStream<T> {
    stream: MessageStream,
    growing: Growing,
    of: PhantomData<fn() -> T>,
}

impl<T> ParsedStream<T> {
    pub(super) fn new(stream: MessageStream) -> Self {
        Self {
            stream,
            growing: Growing::default(),
            of: PhantomData,
        }
    }

    /// The next event, or `None` at the end.
    pub async fn next(&mut self) -> Option<Result<StreamEvent>> {
        poll_fn(|task| self.poll_event(task)).await
    }

    /// The next event; `Ok(None)` is the end.
    pub async fn try_next(&mut self) -> Result<Option<StreamEvent>> {
        self.next().await.transpose()
    }

    /// The value so far, if there is more of it than the last time that `P` was asked for, and if
    /// what is there is a value of `P`.
    ///
    /// `P` may be `T`, or another type with some of its fields. Give its fields defaults
    /// (`#[serde(default)]`), or make them `Option`s, for views before they arrive. A string is
    /// shown as far as it has come, unless `P` takes whole ones only; a number is shown when its
    /// last digit is there.
    ///
    /// It can be called after every event, whatever the response's length: the text is decoded anew
    /// when it has grown by a sixteenth, and when it is complete, so all views of a type together
    /// cost at most 17 times the last. Several types can be asked for side by side.
    ///
    /// Where another model takes over and begins anew, so does the value.
    pub fn partial<P: DeserializeOwned + 'static>(&mut self) -> Option<P> {
        self.growing.partial()
    }

    /// What can be read of the value so far, as JSON, at the cost of what the last event added.
    pub fn partial_value(&mut self, strings: Strings) -> Option<&Value> {
        self.growing.value(strings)
    }

    /// The message so far; `None` before anything was returned.
    pub fn snapshot(&self) -> Option<&Message> {
        self.stream.snapshot()
    }

    /// Status, headers, ids, rate limits, attempts of the response.
    pub fn meta(&self) -> &ResponseMeta {
        self.stream.meta()
    }

    /// The request's id, by which Anthropic's support can find it.
    pub fn request_id(&self) -> Option<&str> {
        self.stream.request_id()
    }

    /// The stream of the message itself.
    pub fn into_inner(self) -> MessageStream {
        self.stream
    }

    fn poll_event(&mut self, task: &mut Context<'_>) -> Poll<Option<Result<StreamEvent>>> {
        let event = Pin::new(&mut self.stream).poll_next(task);
        if let Poll::Ready(Some(Ok(event))) = &event {
            self.growing.take(event);
        }
        event
    }
}

impl<T: DeserializeOwned> ParsedStream<T> {
    /// Reads to the end and returns the message with the value in it.
    pub async fn finish(self) -> Result<Parsed<T>> {
        Ok(Parsed::from(self.stream.final_message().await?))
    }
}

impl<T> Stream for ParsedStream<T> {
    type Item = Result<StreamEvent>;

    fn poll_next(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_event(task)
    }
}

impl<T> FusedStream for ParsedStream<T> {
    fn is_terminated(&self) -> bool {
        self.stream.is_terminated()
    }
}

impl<T> fmt::Debug for ParsedStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ParsedStream")
            .field("stream", &self.stream)
            .finish_non_exhaustive()
    }
}
