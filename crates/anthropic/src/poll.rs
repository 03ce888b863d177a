//! Waiting for something that takes long: a stream of its states and a future of its end.

use std::fmt;
use std::future::IntoFuture;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_core::Stream;

use crate::request::Request;
use crate::{BoxFuture, Client, Error, ErrorKind, Result};

/// How often a state is requested by default.
const EVERY: Duration = Duration::from_secs(30);
/// How many transient errors in a row are tolerated.
const MAX_FAILURES: u32 = 5;

/// Polls a state until it is final.
///
/// Await it for the final state, or read it as a [`Stream`] of all states.
///
/// # Errors
///
/// An error that [is retryable](Error::is_retryable) is skipped, up to five in a row, on top of
/// each request's own retries; the sixth, and any other error, is returned and ends it. After
/// [`timeout`](Self::timeout) it fails with [`Timeout`](ErrorKind::Timeout).
///
/// ```
/// # async fn run(client: anthropic::Client) -> anthropic::Result<()> {
/// use std::time::Duration;
///
/// let poller = anthropic::Poller::new(
///     &client,
///     |client| client.get::<serde_json::Value>("/v1/jobs/1"),
///     |job| job["status"] == "ended",
/// );
/// let job = poller.every(Duration::from_secs(10)).timeout(Duration::from_secs(3600)).await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "a poller does nothing until it is awaited or polled"]
pub struct Poller<T: 'static> {
    client: Client,
    ask: Box<Ask<T>>,
    is_final: Box<IsFinal<T>>,
    every: Duration,
    timeout: Option<Duration>,
    limit: Option<BoxFuture<'static, ()>>,
    failures: u32,
    state: State<T>,
}

type Ask<T> = dyn Fn(&Client) -> Request<T> + Send + 'static;
type IsFinal<T> = dyn Fn(&T) -> bool + Send + 'static;

enum State<T> {
    Due,
    Asking(BoxFuture<'static, Result<T>>),
    Resting(BoxFuture<'static, ()>),
    Ended,
}

impl<T: Send + 'static> Poller<T> {
    /// A poller that sends the request `ask` makes with the client until `is_final` is true of a
    /// state.
    pub fn new(
        client: &Client,
        ask: impl Fn(&Client) -> Request<T> + Send + 'static,
        is_final: impl Fn(&T) -> bool + Send + 'static,
    ) -> Self {
        Self {
            client: client.clone(),
            ask: Box::new(ask),
            is_final: Box::new(is_final),
            every: EVERY,
            timeout: None,
            limit: None,
            failures: 0,
            state: State::Due,
        }
    }

    /// The pause between a response and the next request; 30 s by default.
    pub fn every(mut self, interval: Duration) -> Self {
        self.every = interval;
        self
    }

    /// The time limit for the final state, counted from the first poll; `None`, the default, is
    /// none.
    pub fn timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.timeout = timeout.into();
        self
    }

    /// The next state, or `None` after the final one.
    pub async fn next(&mut self) -> Option<Result<T>> {
        std::future::poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// The next state; `Ok(None)` comes after the final one.
    pub async fn try_next(&mut self) -> Result<Option<T>> {
        self.next().await.transpose()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self.client.shared().clock.sleep(duration)
    }

    fn is_over(&mut self, context: &mut Context<'_>) -> bool {
        if let (None, Some(timeout)) = (&self.limit, self.timeout) {
            self.limit = Some(self.sleep(timeout));
        }
        self.limit
            .as_mut()
            .is_some_and(|limit| limit.as_mut().poll(context).is_ready())
    }

    /// Takes a response: returns it, or `None` after a transient error.
    fn on_response(&mut self, response: Result<T>) -> Option<Result<T>> {
        match response {
            Ok(state) => {
                self.failures = 0;
                self.state = if (self.is_final)(&state) {
                    State::Ended
                } else {
                    State::Resting(self.sleep(self.every))
                };
                Some(Ok(state))
            }
            Err(error) if error.is_retryable() && self.failures < MAX_FAILURES => {
                self.failures += 1;
                self.state = State::Resting(self.sleep(self.every));
                None
            }
            Err(error) => Some(Err(error)),
        }
    }
}

impl<T: Send + 'static> Stream for Poller<T> {
    type Item = Result<T>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<T>>> {
        loop {
            match std::mem::replace(&mut self.state, State::Ended) {
                State::Ended => return Poll::Ready(None),
                State::Due => {
                    self.state = State::Asking((self.ask)(&self.client).send());
                }
                State::Asking(mut asking) => match asking.as_mut().poll(context) {
                    Poll::Ready(response) => {
                        if let Some(response) = self.on_response(response) {
                            return Poll::Ready(Some(response));
                        }
                    }
                    Poll::Pending => {
                        self.state = State::Asking(asking);
                        break;
                    }
                },
                State::Resting(mut rest) => match rest.as_mut().poll(context) {
                    Poll::Ready(()) => self.state = State::Due,
                    Poll::Pending => {
                        self.state = State::Resting(rest);
                        break;
                    }
                },
            }
        }
        if self.is_over(context) {
            self.state = State::Ended;
            let limit = self.timeout.unwrap_or_default();
            let message = format!("the final state did not come within {limit:?}");
            return Poll::Ready(Some(Err(Error::timeout(message).retryable(false))));
        }
        Poll::Pending
    }
}

impl<T: Send + 'static> Poller<T> {
    /// Polls until the state is final; the same as awaiting it. It is for what takes futures, such
    /// as `tokio::spawn(poller.send())`.
    pub fn send(self) -> BoxFuture<'static, Result<T>> {
        self.into_future()
    }
}

impl<T: Send + 'static> IntoFuture for Poller<T> {
    type Output = Result<T>;
    type IntoFuture = BoxFuture<'static, Result<T>>;

    fn into_future(mut self) -> Self::IntoFuture {
        Box::pin(async move {
            let mut last = None;
            while let Some(state) = self.try_next().await? {
                last = Some(state);
            }
            last.ok_or_else(|| Error::new(ErrorKind::Request, "the poller had already ended"))
        })
    }
}

impl<T> fmt::Debug for Poller<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Poller")
            .field("every", &self.every)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}
