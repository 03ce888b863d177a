//! Futures of the caller's, whose panic is an error.
//!
//! Nobody sees a future or a closure again once it has panicked, so nobody sees what it left half
//! done, but through what it shares, as after a panic of any task.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use tracing::Span;

use crate::BoxFuture;
use crate::tools::guarded::caught;

/// A future of the caller's, polled and dropped within a span. Its panic is an error.
pub(super) struct Caught<'a, T> {
    /// Gone once it is done: it must not be polled again.
    future: Option<BoxFuture<'a, T>>,
    span: Span,
}

impl<'a, T> Caught<'a, T> {
    pub(super) fn new(future: BoxFuture<'a, T>, span: Span) -> Self {
        Self {
            future: Some(future),
            span,
        }
    }

    /// Drops the future. Returns the span in which it ran.
    pub(super) fn end(mut self) -> Span {
        self.clear();
        std::mem::replace(&mut self.span, Span::none())
    }

    /// Drops the future, which may panic.
    #[inline]
    fn clear(&mut self) {
        if let Some(future) = self.future.take() {
            let _entered = self.span.enter();
            let _ = caught(|| drop(future));
        }
    }
}

impl<T> Future for Caught<'_, T> {
    type Output = Result<T, String>;

    fn poll(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let Some(future) = &mut this.future else {
            return Poll::Pending;
        };
        let entered = this.span.enter();
        let done = match caught(|| future.as_mut().poll(task)) {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(done)) => Ok(done),
            Err(panic) => Err(panic),
        };
        let future = this.future.take();
        let dropped = caught(|| drop(future));
        drop(entered);
        // What it returned is returned, whatever its drop does.
        if let Err(panic) = dropped {
            tracing::warn!(target: "anthropic::tools", panic, "a future panicked when it was dropped");
        }
        Poll::Ready(done)
    }
}

impl<T> Drop for Caught<'_, T> {
    fn drop(&mut self) {
        self.clear();
    }
}

/// Asks a hook or a confirmation of the caller's. Fails with the text of its panic.
pub(super) async fn hooked<T>(
    name: &'static str,
    hook: impl FnOnce() -> BoxFuture<'static, T>,
) -> Result<T, String> {
    let asked = match caught(hook) {
        Ok(future) => Caught::new(future, Span::current()).await,
        Err(panic) => Err(panic),
    };
    if let Err(panic) = &asked {
        tracing::error!(target: "anthropic::tools", hook = name, panic, "a hook panicked");
    }
    asked
}
