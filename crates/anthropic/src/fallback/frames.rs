//! Server-sent events as they go to the caller, and the way from what makes them to what reads
//! them.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;
use serde_json::Value;

use crate::BoxFuture;
use crate::transport::BoxError;

/// An event with this name and value.
pub(super) fn frame(name: &str, value: &Value) -> Bytes {
    Bytes::from(format!("event: {name}\ndata: {value}\n\n"))
}

/// An event as it came.
pub(super) fn as_it_came(name: &str, data: &str) -> Bytes {
    let mut text = String::with_capacity(name.len() + data.len() + 20);
    if !name.is_empty() {
        text.push_str("event: ");
        text.push_str(name);
        text.push('\n');
    }
    for line in data.split('\n') {
        text.push_str("data: ");
        text.push_str(line);
        text.push('\n');
    }
    text.push('\n');
    Bytes::from(text)
}

/// Where frames wait to be read.
#[derive(Clone, Default)]
pub(super) struct Frames(Arc<Mutex<VecDeque<Bytes>>>);

impl Frames {
    /// Hands on frames, and waits until they are read. Nothing wakes it: whoever reads polls it
    /// again.
    pub(super) async fn push(&self, frames: impl IntoIterator<Item = Bytes>) {
        self.with(|waiting| waiting.extend(frames));
        poll_fn(|_| {
            if self.with(|waiting| waiting.is_empty()) {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
    }

    fn with<T>(&self, act: impl FnOnce(&mut VecDeque<Bytes>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A body out of the frames that a future makes, which runs as far as it is read.
pub(super) struct FrameStream {
    frames: Frames,
    /// Gone once it is over.
    future: Option<BoxFuture<'static, Result<(), BoxError>>>,
}

impl FrameStream {
    pub(super) fn new(frames: Frames, future: BoxFuture<'static, Result<(), BoxError>>) -> Self {
        Self {
            frames,
            future: Some(future),
        }
    }
}

impl Stream for FrameStream {
    type Item = Result<Bytes, BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(frame) = self.frames.with(VecDeque::pop_front) {
                return Poll::Ready(Some(Ok(frame)));
            }
            let Some(future) = &mut self.future else {
                return Poll::Ready(None);
            };
            match future.as_mut().poll(task) {
                Poll::Ready(ended) => {
                    self.future = None;
                    if let Err(error) = ended {
                        return Poll::Ready(Some(Err(error)));
                    }
                }
                Poll::Pending if self.frames.with(|waiting| waiting.is_empty()) => {
                    return Poll::Pending;
                }
                Poll::Pending => {}
            }
        }
    }
}
