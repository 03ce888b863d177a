//! A clock that runs a hundred times as fast as the real one, so that nobody waits for a retry.

use std::time::{Duration, SystemTime};

use anthropic::{BoxFuture, Clock};
use tokio::time::Instant;

const SPEED: u32 = 100;

#[derive(Debug, Clone, Copy)]
pub(super) struct FastClock(Instant);

impl FastClock {
    pub(super) fn new() -> Self {
        Self(Instant::now())
    }
}

impl Clock for FastClock {
    fn now(&self) -> Duration {
        self.0.elapsed() * SPEED
    }

    fn wall(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000) + self.now()
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "this is the suite's clock, which the client's waits go through"
    )]
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration / SPEED))
    }

    fn random(&self) -> f64 {
        0.5
    }
}
