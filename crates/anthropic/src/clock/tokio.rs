//! The default clock: tokio's timer, the system's calendar, a thread-local generator.

use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime};

use tokio::runtime::Handle;

use super::Clock;
use crate::BoxFuture;

/// The default [`Clock`].
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct TokioClock;

/// What `now` returned first in this process. The time of a runtime where it is paused may be
/// before that of the runtime that was asked first, so it isn't zero.
const FIRST: Duration = Duration::from_secs(1 << 32);

fn since_origin(now: Instant, first: Instant) -> Duration {
    match now.checked_duration_since(first) {
        Some(later) => FIRST.saturating_add(later),
        None => FIRST.saturating_sub(first.saturating_duration_since(now)),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the one module that touches the clocks"
)]
impl Clock for TokioClock {
    fn now(&self) -> Duration {
        static BEGAN: OnceLock<Instant> = OnceLock::new();
        let now = tokio::time::Instant::now().into_std();
        since_origin(now, *BEGAN.get_or_init(|| now))
    }

    fn wall(&self) -> SystemTime {
        SystemTime::now()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        if Handle::try_current().is_err() {
            // It panics, and so only when it is polled: a transport fails before that.
            return Box::pin(async move { tokio::time::sleep(duration).await });
        }
        // What it limits may have used up what a task may do at a time, and never wait.
        Box::pin(tokio::task::unconstrained(tokio::time::sleep(duration)))
    }

    fn random(&self) -> f64 {
        fastrand::f64()
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::time::Duration;

    use super::{FIRST, TokioClock, since_origin};
    use crate::clock::{Clock, TimedOut, within};

    /// As a socket that is never empty.
    #[tokio::test]
    async fn what_never_waits_is_limited() {
        let busy = pin!(async {
            loop {
                tokio::task::consume_budget().await;
            }
        });
        let limit = Some(Duration::from_millis(1));
        let limited = within(&TokioClock, limit, busy);
        let limited = tokio::time::timeout(Duration::from_secs(60), limited).await;
        assert_eq!(limited, Ok(Err::<(), _>(TimedOut)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_time_before_the_first_one_is_told_apart() {
        let first = tokio::time::Instant::now();
        tokio::time::advance(Duration::from_secs(7)).await;
        let later = tokio::time::Instant::now();
        let between = |now: tokio::time::Instant, first: tokio::time::Instant| {
            since_origin(now.into_std(), first.into_std())
        };
        assert_eq!(between(later, first), FIRST + Duration::from_secs(7));
        assert_eq!(
            between(first, later),
            FIRST.saturating_sub(Duration::from_secs(7))
        );
    }

    #[tokio::test(start_paused = true)]
    async fn it_follows_a_paused_clock() {
        let before = TokioClock.now();
        tokio::time::advance(Duration::from_secs(7)).await;
        let passed = TokioClock.now().saturating_sub(before);
        assert_eq!(passed, Duration::from_secs(7));
    }

    #[test]
    fn its_random_numbers_are_fractions_and_differ() {
        let some: Vec<f64> = (0..100).map(|_| TokioClock.random()).collect();
        assert!(some.iter().all(|it| (0.0..1.0).contains(it)), "{some:?}");
        assert!(
            some.iter().any(|it| (it - some[0]).abs() > 0.01),
            "{some:?}"
        );
    }
}
