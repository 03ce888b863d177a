//! A value that is there, or the future of one.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::BoxFuture;

/// A value, or a future that is waited for: what a seam returns that may be asynchronous and mostly
/// isn't.
///
/// It is a future itself. One that holds a value allocates nothing.
///
/// ```
/// use anthropic::platform::MaybeReady;
///
/// fn token(cached: Option<u32>) -> MaybeReady<'static, u32> {
///     match cached {
///         Some(token) => MaybeReady::ready(token),
///         None => MaybeReady::pending(async { 7 }),
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// assert_eq!(token(Some(3)).await, 3);
/// assert_eq!(token(None).map(|token| token + 1).await, 8);
/// # }
/// ```
#[must_use = "a future does nothing until it is awaited"]
pub struct MaybeReady<'a, T>(State<'a, T>);

enum State<'a, T> {
    Ready(T),
    Pending(BoxFuture<'a, T>),
    Taken,
}

// A value is moved out and never pinned.
impl<T> Unpin for MaybeReady<'_, T> {}

impl<'a, T> MaybeReady<'a, T> {
    /// A value that is there.
    pub const fn ready(value: T) -> Self {
        Self(State::Ready(value))
    }

    /// A value that has to be waited for.
    pub fn pending(future: impl Future<Output = T> + Send + 'a) -> Self {
        Self(State::Pending(Box::pin(future)))
    }

    /// Applies a function to the value: at once, if it is there.
    pub fn map<U>(self, apply: impl FnOnce(T) -> U + Send + 'a) -> MaybeReady<'a, U>
    where
        T: Send + 'a,
        U: 'a,
    {
        match self.0 {
            State::Ready(value) => MaybeReady::ready(apply(value)),
            State::Pending(future) => MaybeReady::pending(async move { apply(future.await) }),
            State::Taken => MaybeReady(State::Taken),
        }
    }

    /// The value, if it is there.
    ///
    /// # Errors
    ///
    /// The future, if it has to be waited for.
    pub fn into_ready(self) -> Result<T, Self> {
        match self.0 {
            State::Ready(value) => Ok(value),
            state => Err(Self(state)),
        }
    }
}

impl<'a, T> From<BoxFuture<'a, T>> for MaybeReady<'a, T> {
    fn from(future: BoxFuture<'a, T>) -> Self {
        Self(State::Pending(future))
    }
}

impl<T> Future for MaybeReady<'_, T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        if let State::Pending(future) = &mut self.0 {
            let value = std::task::ready!(future.as_mut().poll(context));
            self.0 = State::Taken;
            return Poll::Ready(value);
        }
        match std::mem::replace(&mut self.0, State::Taken) {
            State::Ready(value) => Poll::Ready(value),
            // As a future that has returned its value: it never does so again.
            State::Pending(_) | State::Taken => Poll::Pending,
        }
    }
}

impl<T> fmt::Debug for MaybeReady<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            State::Ready(_) => "MaybeReady::Ready",
            State::Pending(_) => "MaybeReady::Pending",
            State::Taken => "MaybeReady::Taken",
        })
    }
}
