//! Time and chance, the two things the pipeline takes from the outside world.
//!
//! Every wait, every measurement and every jitter goes through a [`Clock`], so that a test can pause
//! it and a program can bring its own. This is the only module that may touch the real clocks.

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant, SystemTime};

use crate::BoxFuture;

/// Where a client takes its time from.
///
/// The default runs on tokio's timer and follows `tokio::time::pause`. Set another one with
/// [`ClientBuilder::clock`](crate::ClientBuilder::clock).
pub trait Clock: Debug + Send + Sync + 'static {
    /// The monotonic time, by which delays and elapsed times are measured.
    fn now(&self) -> Instant;

    /// The calendar time, against which HTTP dates are read.
    fn wall(&self) -> SystemTime;

    /// A future that is ready after `duration`. Dropping it must cancel it.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;

    /// A number in `0.0..1.0`, by which retries are spread out.
    fn random(&self) -> f64;
}

/// The default clock: tokio's timer, the system's calendar, a thread-local generator.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct SystemClock;

#[expect(
    clippy::disallowed_methods,
    reason = "this is the one module that touches the clocks"
)]
impl Clock for SystemClock {
    fn now(&self) -> Instant {
        tokio::time::Instant::now().into_std()
    }

    fn wall(&self) -> SystemTime {
        SystemTime::now()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration))
    }

    fn random(&self) -> f64 {
        fastrand::f64()
    }
}

/// The limit ran out before the future was ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TimedOut;

/// Runs `future` for at most `limit`; `None` is no limit.
pub(crate) async fn within<T>(
    clock: &dyn Clock,
    limit: Option<Duration>,
    future: impl Future<Output = T> + Send,
) -> Result<T, TimedOut> {
    let Some(limit) = limit else {
        return Ok(future.await);
    };
    let mut future = std::pin::pin!(future);
    let mut sleep = clock.sleep(limit);
    std::future::poll_fn(move |context: &mut Context<'_>| {
        if let Poll::Ready(value) = future.as_mut().poll(context) {
            return Poll::Ready(Ok(value));
        }
        Pin::new(&mut sleep).poll(context).map(|()| Err(TimedOut))
    })
    .await
}
