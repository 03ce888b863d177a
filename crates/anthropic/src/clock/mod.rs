//! Time and randomness, the two things the pipeline takes from the outside world.
//!
//! Every wait, every measurement and every jitter goes through a [`Clock`], so that a test can
//! pause it and a program can bring its own. Only this module and the default clock below it may
//! touch the real clocks.

#[cfg(all(feature = "tokio", not(all(feature = "web", target_arch = "wasm32"))))]
mod tokio;
#[cfg(all(feature = "web", any(target_arch = "wasm32", anthropic_docs)))]
mod web;

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use crate::BoxFuture;

#[cfg(all(feature = "tokio", not(all(feature = "web", target_arch = "wasm32"))))]
pub(crate) use self::tokio::TokioClock;
#[cfg(all(feature = "web", any(target_arch = "wasm32", anthropic_docs)))]
pub use self::web::WebClock;

/// Where a client takes its time from.
///
/// The default, of the feature `tokio`, runs on tokio's timer and follows `tokio::time::pause`;
/// that of the feature `web` runs on `setTimeout`. Set another one with
/// [`ClientBuilder::clock`](crate::ClientBuilder::clock), for a test, or for a platform without
/// tokio's timer:
///
/// ```
/// use std::time::{Duration, SystemTime};
///
/// use anthropic::{BoxFuture, Clock};
///
/// /// Every wait is over at once.
/// #[derive(Debug)]
/// struct Immediate;
///
/// impl Clock for Immediate {
///     fn now(&self) -> Duration {
///         Duration::ZERO
///     }
///
///     fn wall(&self) -> SystemTime {
///         SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000)
///     }
///
///     fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
///         Box::pin(std::future::ready(()))
///     }
///
///     fn random(&self) -> f64 {
///         0.5
///     }
/// }
///
/// # #[cfg(feature = "hyper")]
/// let client = anthropic::Client::builder().api_key("key").clock(Immediate).build()?;
/// # Ok::<(), anthropic::Error>(())
/// ```
pub trait Clock: Debug + Send + Sync + 'static {
    /// The monotonic time, by which delays and elapsed times are measured: the time since an origin
    /// of the clock's own choice, which stays the same as long as the clock is used. It must not
    /// run backwards.
    fn now(&self) -> Duration;

    /// The calendar time, against which HTTP dates are read.
    fn wall(&self) -> SystemTime;

    /// A future that is ready after `duration`. Dropping it must cancel it.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;

    /// A random number in `0.0..1.0`, for the jitter of retries.
    fn random(&self) -> f64;
}

impl<T: Clock + ?Sized> Clock for Arc<T> {
    fn now(&self) -> Duration {
        (**self).now()
    }

    fn wall(&self) -> SystemTime {
        (**self).wall()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        (**self).sleep(duration)
    }

    fn random(&self) -> f64 {
        (**self).random()
    }
}

/// 160 random bits, as hexadecimal digits: what separates the parts of a form, in none of which
/// they occur. They are no secret, and no clock's, because a form is made before any client knows
/// of it.
#[cfg(not(all(feature = "web", target_arch = "wasm32")))]
#[expect(
    clippy::disallowed_methods,
    reason = "this is the one module that makes random numbers"
)]
pub(crate) fn boundary() -> String {
    format!("{:032x}{:08x}", fastrand::u128(..), fastrand::u32(..))
}

/// The same, of the platform's source.
#[cfg(all(feature = "web", target_arch = "wasm32"))]
pub(crate) fn boundary() -> String {
    let [last, words @ ..]: [u32; 5] = web::random();
    let words = words
        .iter()
        .fold(0, |all: u128, word| all << 32 | u128::from(*word));
    format!("{words:032x}{last:08x}")
}

/// What time is taken from where nobody has set a clock.
#[cfg(all(feature = "web", target_arch = "wasm32"))]
pub(crate) type DefaultClock = WebClock;
/// What time is taken from where nobody has set a clock.
#[cfg(all(feature = "tokio", not(all(feature = "web", target_arch = "wasm32"))))]
pub(crate) type DefaultClock = TokioClock;

/// The limit ran out before the future was ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TimedOut;

/// The earlier of two times, of which either may be never.
pub(crate) fn earliest(one: Option<Duration>, other: Option<Duration>) -> Option<Duration> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// Runs `future` for at most `limit`; `None` is no limit.
///
/// The future is the caller's, pinned where it is: taken by value it would be there twice, once as
/// the argument and once where it runs, and the memory of a request on its way would double at
/// every level.
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
