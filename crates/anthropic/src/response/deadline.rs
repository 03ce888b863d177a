//! Bodies under limits: until when one has to end, and how long it may send nothing.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;

use super::idle::IdleTimer;
use crate::transport::Body;
use crate::{BoxFuture, Error, Result};

/// When a body has to end, and the error if it doesn't.
pub(crate) struct Deadline {
    pub(crate) sleep: BoxFuture<'static, ()>,
    /// What the caller has set, of which this is what was left.
    pub(crate) limit: Duration,
    pub(crate) error: fn(Duration) -> Error,
}

impl Deadline {
    pub(crate) fn limit(self, body: Body) -> Body {
        let len = body.len();
        Body::stream(
            Limited {
                body,
                deadline: Some(self),
            },
            len,
        )
    }
}

struct Limited {
    body: Body,
    deadline: Option<Deadline>,
}

impl Stream for Limited {
    type Item = Result<Bytes>;

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes>>> {
        let Some(deadline) = &mut self.deadline else {
            return Poll::Ready(None);
        };
        if deadline.sleep.as_mut().poll(context).is_ready() {
            let error = (deadline.error)(deadline.limit);
            self.deadline = None;
            self.body = Body::empty();
            return Poll::Ready(Some(Err(error)));
        }
        Pin::new(&mut self.body).poll_next(context)
    }
}

/// The next chunk of a body that is no stream. When it has sent nothing for too long, the body is
/// dropped.
pub(crate) fn poll_chunk(
    body: &mut Body,
    idle: &mut IdleTimer,
    context: &mut Context<'_>,
) -> Poll<Option<Result<Bytes>>> {
    if let Poll::Ready(next) = Pin::new(&mut *body).poll_next(context) {
        idle.bytes_came();
        return Poll::Ready(next);
    }
    idle.poll(context).map(|stalled| {
        *body = Body::empty();
        let waited = stalled.idle_for;
        let message =
            format!("the response's body stopped arriving: no byte came for {waited:?} (timeout)");
        Some(Err(Error::timeout(message)))
    })
}
