//! How long a body may take: in all, which is what is left of the request's total limit, and in silence.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;

use crate::clock::Clock;
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

/// A waiting task is woken at its deadline. One that looks this much later was not waiting.
const LATE: Duration = Duration::from_secs(1);

/// A silence and its limit. It counts from the first look that found nothing, and only while somebody waits.
#[derive(Clone, Copy, Default)]
pub(crate) struct Silence {
    limit: Option<Duration>,
    since: Option<Duration>,
}

impl Silence {
    pub(crate) fn new(limit: Option<Duration>) -> Self {
        Self { limit, since: None }
    }

    /// Something came, or counting starts again.
    pub(crate) fn end(&mut self) {
        self.since = None;
    }

    /// How long it lasts by now, and how much is left of it.
    pub(crate) fn measure(&mut self, now: Duration) -> Option<(Duration, Duration)> {
        let limit = self.limit?;
        let since = *self.since.get_or_insert(now);
        let lasted = now.saturating_sub(since);
        Some((lasted, limit.saturating_sub(lasted)))
    }

    /// Whether its end came while nobody was waiting.
    pub(crate) fn is_missed(&self, now: Duration) -> bool {
        let over = |(since, limit): (Duration, Duration)| {
            now.saturating_sub(since).saturating_sub(limit) > LATE
        };
        self.since.zip(self.limit).is_some_and(over)
    }
}

/// How long a body that is no stream may be silent.
pub(crate) struct Patience {
    clock: Arc<dyn Clock>,
    silence: Silence,
    timer: Option<BoxFuture<'static, ()>>,
}

impl Patience {
    pub(crate) fn new(clock: Arc<dyn Clock>, limit: Option<Duration>) -> Self {
        Self {
            clock,
            silence: Silence::new(limit),
            timer: None,
        }
    }

    /// The body's next chunk. Once the silence has lasted too long, the body is dropped.
    pub(crate) fn poll_chunk(
        &mut self,
        body: &mut Body,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes>>> {
        if let Poll::Ready(next) = Pin::new(&mut *body).poll_next(context) {
            self.silence.end();
            self.timer = None;
            return Poll::Ready(next);
        }
        loop {
            let now = self.clock.now();
            if self.silence.is_missed(now) {
                self.silence.end();
            }
            let Some((lasted, left)) = self.silence.measure(now) else {
                return Poll::Pending;
            };
            if left.is_zero() {
                self.timer = None;
                *body = Body::empty();
                let limit = self.silence.limit.unwrap_or(lasted);
                let message =
                    format!("the response's body stopped arriving: nothing came for {limit:?}");
                return Poll::Ready(Some(Err(Error::timeout(message))));
            }
            let timer = self.timer.get_or_insert_with(|| self.clock.sleep(left));
            ready!(timer.as_mut().poll(context));
            self.timer = None;
        }
    }
}

/// Reads a body to its end. An error comes with what had arrived before it.
pub(crate) async fn read_whole(
    mut body: Body,
    mut patience: Patience,
) -> Result<Bytes, (Error, Bytes)> {
    if let Some(bytes) = body.as_bytes() {
        return Ok(bytes.clone());
    }
    let announced = body.len().and_then(|len| usize::try_from(len).ok());
    let mut whole = Vec::with_capacity(announced.unwrap_or(0).min(1 << 20));
    loop {
        match std::future::poll_fn(|context| patience.poll_chunk(&mut body, context)).await {
            None => return Ok(whole.into()),
            Some(Ok(chunk)) => whole.extend_from_slice(&chunk),
            Some(Err(error)) => return Err((error, whole.into())),
        }
    }
}
