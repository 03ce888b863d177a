//! A message of a thread as it arrives.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use anthropic_types::{Message, StreamEvent};
use futures_core::Stream;
use futures_core::stream::FusedStream;

use super::thread::Thread;
use crate::response::meta::ResponseMeta;
use crate::{MessageStream, Result};

/// A message of a [`Thread`] as it arrives. From [`Thread::stream`].
///
/// It is a [`Stream`] of the events of a [`MessageStream`], with its rules. The turn is the
/// thread's once [`final_message`](Self::final_message) has returned it. Dropping the stream before
/// closes the connection and takes the turn back; the next one sends the whole conversation as a
/// new thread.
#[must_use = "a stream does nothing until it is read"]
pub struct ThreadStream<'a> {
    thread: &'a mut Thread,
    stream: MessageStream,
}

impl<'a> ThreadStream<'a> {
    pub(super) fn new(thread: &'a mut Thread, stream: MessageStream) -> Self {
        Self { thread, stream }
    }

    /// The next event, or `None` at the end.
    pub async fn next(&mut self) -> Option<Result<StreamEvent>> {
        self.stream.next().await
    }

    /// The next event; `Ok(None)` is the end.
    pub async fn try_next(&mut self) -> Result<Option<StreamEvent>> {
        self.stream.try_next().await
    }

    /// Reads to the end and returns the message, which is the next one of the conversation.
    ///
    /// # Errors
    ///
    /// Those of [`MessageStream::final_message`]. The turn is taken back.
    pub async fn final_message(self) -> Result<Message> {
        match self.stream.final_message().await {
            Ok(message) => {
                self.thread.finish(message.clone());
                Ok(message)
            }
            Err(error) => {
                self.thread.give_up();
                Err(error)
            }
        }
    }

    /// The message so far; `None` before anything was returned.
    pub fn snapshot(&self) -> Option<&Message> {
        self.stream.snapshot()
    }

    /// Status, headers, ids, rate limits, attempts of the response.
    pub fn meta(&self) -> &ResponseMeta {
        self.stream.meta()
    }
}

impl Stream for ThreadStream<'_> {
    type Item = Result<StreamEvent>;

    fn poll_next(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut self.stream).poll_next(task)
    }
}

impl FusedStream for ThreadStream<'_> {
    fn is_terminated(&self) -> bool {
        self.stream.is_terminated()
    }
}

impl fmt::Debug for ThreadStream<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ThreadStream")
            .field("stream", &self.stream)
            .finish_non_exhaustive()
    }
}
