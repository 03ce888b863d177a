//! A message of a thread as it arrives.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use anthropic_types::{Message, StreamEvent};
use futures_core::Stream;
use futures_core::stream::FusedStream;

use super::thread::Thread;
use crate::response::meta::ResponseMeta;
use crate::{MessageStream, Result};

/// A message of a [`Thread`] as it arrives. From [`Thread::stream`].
///
/// It is a [`Stream`] of the events of a [`MessageStream`], with its rules. The turn is the
/// thread's once the message is complete: after its last event, `message_stop`, or when
/// [`final_message`](Self::final_message) has returned it. Dropping the stream before closes the
/// connection and takes the turn back; the next one sends the whole conversation as a new thread.
#[must_use = "a stream does nothing until it is read"]
pub struct ThreadStream<'a> {
    thread: &'a mut Thread,
    stream: MessageStream,
    /// The thread has the message, or the turn has failed.
    is_settled: bool,
}

impl<'a> ThreadStream<'a> {
    pub(super) fn new(thread: &'a mut Thread, stream: MessageStream) -> Self {
        Self {
            thread,
            stream,
            is_settled: false,
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

    /// Reads to the end and returns the message, which is the next one of the conversation.
    ///
    /// # Errors
    ///
    /// Those of [`MessageStream::final_message`]. The turn is taken back.
    pub async fn final_message(self) -> Result<Message> {
        let message = self.stream.final_message().await?;
        if !self.is_settled {
            self.thread.finish(message.clone());
        }
        Ok(message)
    }

    /// The message so far; `None` before anything was returned.
    pub fn snapshot(&self) -> Option<&Message> {
        self.stream.snapshot()
    }

    /// Status, headers, ids, rate limits, attempts of the response.
    pub fn meta(&self) -> &ResponseMeta {
        self.stream.meta()
    }

    fn poll_event(&mut self, task: &mut Context<'_>) -> Poll<Option<Result<StreamEvent>>> {
        let event = ready!(Pin::new(&mut self.stream).poll_next(task));
        let is_over = match &event {
            Some(Ok(event)) => matches!(event, StreamEvent::MessageStop(_)),
            Some(Err(_)) | None => true,
        };
        if is_over && !self.is_settled {
            self.is_settled = true;
            // A turn that failed stays under way, and so is taken back.
            if let (Some(message), Some(Ok(_)) | None) = (self.stream.snapshot(), &event) {
                self.thread.finish(message.clone());
            }
        }
        Poll::Ready(event)
    }
}

impl Stream for ThreadStream<'_> {
    type Item = Result<StreamEvent>;

    fn poll_next(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_event(task)
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
