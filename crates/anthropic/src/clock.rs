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

/// 160 bits by chance, as hexadecimal digits: what separates the parts of a form, in none of which they occur. They
/// are no secret, and no clock's, because a form is made before any client knows of it.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the one module that rolls dice"
)]
pub(crate) fn boundary() -> String {
    format!("{:032x}{:08x}", fastrand::u128(..), fastrand::u32(..))
}

/// The limit ran out before the future was ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TimedOut;

/// Runs `future` for at most `limit`; `None` is no limit.
///
/// The future is the caller's, pinned where it is: taken by value it would be there twice, once as the argument and
/// once where it runs, and the memory of a request on its way would double at every level.
pub(crate) fn within<'a, T>(
    clock: &dyn Clock,
    limit: Option<Duration>,
    mut future: Pin<&'a mut (dyn Future<Output = T> + Send + 'a)>,
) -> impl Future<Output = Result<T, TimedOut>> + Send + use<'a, T> {
    let mut sleep = limit.map(|limit| clock.sleep(limit));
    std::future::poll_fn(move |context: &mut Context<'_>| {
        if let Poll::Ready(value) = future.as_mut().poll(context) {
            return Poll::Ready(Ok(value));
        }
        match &mut sleep {
            Some(sleep) => sleep.as_mut().poll(context).map(|()| Err(TimedOut)),
            None => Poll::Pending,
        }
    })
}
