//! The text of a streamed message alone.

use std::borrow::BorrowMut;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use super::message_stream::MessageStream;
use super::reader::{Item, Mode};
use crate::Result;

/// The pieces of a message's text as they arrive, those of all its text blocks.
///
/// From [`MessageStream::text_stream`]. Everything else is only folded into the message.
#[derive(Debug)]
#[must_use = "a stream does nothing until it is read"]
pub struct TextStream<S = MessageStream>(S);

impl<S: BorrowMut<MessageStream>> TextStream<S> {
    pub(super) fn new(stream: S) -> Self {
        Self(stream)
    }

    /// The next piece, or `None` at the end.
    pub async fn next(&mut self) -> Option<Result<String>> {
        poll_fn(|task| self.poll_text(task)).await
    }

    /// The next piece; `Ok(None)` is the end.
    pub async fn try_next(&mut self) -> Result<Option<String>> {
        self.next().await.transpose()
    }

    /// The stream behind the text, for its message.
    pub fn into_inner(self) -> S {
        self.0
    }

    fn poll_text(&mut self, task: &mut Context<'_>) -> Poll<Option<Result<String>>> {
        let stream = self.0.borrow_mut();
        loop {
            match ready!(stream.poll_item(task, Mode::Text)) {
                Some(Ok(Item::Text(text))) if !text.is_empty() => {
                    return Poll::Ready(Some(Ok(text)));
                }
                Some(Ok(_)) => {}
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

impl<S: BorrowMut<MessageStream> + Unpin> Stream for TextStream<S> {
    type Item = Result<String>;

    fn poll_next(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_text(task)
    }
}
