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
        let _ = self.clear();
        std::mem::replace(&mut self.span, Span::none())
    }

    /// Drops the future, which may panic.
    fn clear(&mut self) -> Result<(), String> {
        let Some(future) = self.future.take() else {
            return Ok(());
        };
        let _entered = self.span.enter();
        caught(|| drop(future))
    }
}

impl<T> Future for Caught<'_, T> {
    type Output = Result<T, String>;

    fn poll(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let Some(future) = &mut this.future else {
            return Poll::Pending;
        };
        let polled = {
            let _entered = this.span.enter();
            caught(|| future.as_mut().poll(task))
        };
        let done = match polled {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(done)) => Ok(done),
            Err(panic) => Err(panic),
        };
        // What it returned is returned, whatever its drop does.
        if let Err(panic) = this.clear() {
            tracing::warn!(target: "anthropic::tools", panic, "a future panicked when it was dropped");
        }
        Poll::Ready(done)
    }
}

impl<T> Drop for Caught<'_, T> {
    fn drop(&mut self) {
        let _ = self.clear();
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
