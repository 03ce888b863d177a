//! The total limit of a request, for what is left of it when the body arrives.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;

use crate::transport::Body;
use crate::{BoxFuture, Error, Result};

/// When a body has to be over, and the error if it isn't.
pub(crate) struct Deadline {
    pub(crate) sleep: BoxFuture<'static, ()>,
    pub(crate) error: fn() -> Error,
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
            let error = (deadline.error)();
            self.deadline = None;
            self.body = Body::empty();
            return Poll::Ready(Some(Err(error)));
        }
        Pin::new(&mut self.body).poll_next(context)
    }
}
