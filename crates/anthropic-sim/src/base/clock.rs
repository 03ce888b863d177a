//! The simulator's one clock, and the only place that asks the operating system for the time.
//!
//! Batches end and files expire by this clock, evaluated when somebody looks, so a test can move
//! the clock and see the result at once. Only deliveries of webhooks wait for a time, and are woken
//! when it is moved.

use std::sync::Mutex;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::Notify;
use tokio::time::{Instant, Sleep};

use crate::base::sync::lock;

/// Where stepped clocks begin: 2026-11-01T00:00:00Z, as time since the Unix epoch.
const STEPPED_START: Duration = Duration::from_secs(1_793_491_200);

#[derive(Debug)]
pub(crate) struct Clock {
    start: Duration,
    origin: Instant,
    step: Option<Duration>,
    moved: Mutex<Duration>,
    changed: Notify,
}

impl Clock {
    /// Follows real time, or, given a step, moves by that much at every [`Clock::tick`].
    pub(crate) fn new(step: Option<Duration>, start: Option<Duration>) -> Self {
        let start = start.unwrap_or_else(|| {
            if step.is_some() {
                STEPPED_START
            } else {
                system_time()
            }
        });
        Self {
            start,
            origin: Instant::now(),
            step,
            moved: Mutex::new(Duration::ZERO),
            changed: Notify::new(),
        }
    }

    /// Time since the Unix epoch.
    pub(crate) fn now(&self) -> Duration {
        let real = if self.step.is_some() {
            Duration::ZERO
        } else {
            self.origin.elapsed()
        };
        self.start
            .saturating_add(real)
            .saturating_add(*lock(&self.moved))
    }

    /// Called once per request.
    pub(crate) fn tick(&self) {
        if let Some(step) = self.step {
            self.advance(step);
        }
    }

    /// Takes back all that it was moved.
    pub(crate) fn reset(&self) {
        *lock(&self.moved) = Duration::ZERO;
        self.changed.notify_waiters();
    }

    pub(crate) fn advance(&self, by: Duration) {
        {
            let mut moved = lock(&self.moved);
            *moved = moved.saturating_add(by);
        }
        self.changed.notify_waiters();
    }

    /// Waits until it is this late, by itself or because it is moved.
    pub(crate) async fn until(&self, due: Duration) {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            // From here on no change is missed.
            changed.as_mut().enable();
            let left = due.saturating_sub(self.now());
            if left.is_zero() {
                return;
            }
            if self.step.is_some() {
                changed.await;
            } else {
                tokio::select! {
                    () = changed => {}
                    () = sleep(left) => {}
                }
            }
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the simulator's clock module")]
fn system_time() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}

/// A stopwatch for log lines, which measure real time whatever the simulated clock does.
pub(crate) fn stopwatch() -> Instant {
    Instant::now()
}

#[expect(clippy::disallowed_methods, reason = "the simulator's clock module")]
pub(crate) fn sleep(duration: Duration) -> Sleep {
    tokio::time::sleep(duration)
}

/// RFC 3339 in UTC with microseconds, as the API writes times.
pub(crate) fn rfc3339(time: Duration) -> String {
    let seconds = time.as_secs();
    let (year, month, day) = civil(seconds / 86_400);
    let (hour, minute, second) = (seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60);
    let micros = time.subsec_micros();
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}Z")
}

/// The time as HTTP's `Date` has it, such as `Sun, 01 Nov 2026 00:00:00 GMT`.
pub(crate) fn http_date(time: Duration) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let seconds = time.as_secs();
    let (year, month, day) = civil(seconds / 86_400);
    let named = |names: &[&'static str], at: u64| {
        let at = usize::try_from(at).unwrap_or_default();
        names.get(at).copied().unwrap_or_default()
    };
    let (weekday, month) = (
        named(&DAYS, seconds / 86_400 % 7),
        named(&MONTHS, month.saturating_sub(1)),
    );
    let (hour, minute, second) = (seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{weekday}, {day:02} {month} {year:04} {hour:02}:{minute:02}:{second:02} GMT")
}

/// Days since the epoch to a Gregorian date, counting in 400-year eras that begin on the first of
/// March.
fn civil(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    (year_of_era + era * 400 + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_gregorian() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00.000000Z"),
            (951_782_400, "2000-02-29T00:00:00.000000Z"),
            (1_772_323_199, "2026-02-28T23:59:59.000000Z"),
            (STEPPED_START.as_secs(), "2026-11-01T00:00:00.000000Z"),
        ] {
            assert_eq!(rfc3339(Duration::from_secs(seconds)), text);
        }
    }

    #[test]
    fn http_has_its_own_form_of_dates() {
        for (seconds, text) in [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (STEPPED_START.as_secs(), "Sun, 01 Nov 2026 00:00:00 GMT"),
        ] {
            assert_eq!(http_date(Duration::from_secs(seconds)), text);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_is_woken_by_time_and_when_it_is_moved() {
        let hour = Duration::from_secs(3_600);
        let real = Clock::new(None, None);
        let began = Instant::now();
        real.until(real.now() + hour).await;
        assert!(began.elapsed() >= hour);
        for step in [None, Some(Duration::ZERO)] {
            let clock = Clock::new(step, None);
            let due = clock.now() + hour;
            let began = Instant::now();
            tokio::join!(clock.until(due), async {
                tokio::task::yield_now().await;
                clock.advance(hour / 2);
                tokio::task::yield_now().await;
                clock.advance(hour / 2);
            });
            assert!(began.elapsed() < hour / 60, "{step:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_stepped_clock_moves_only_when_told() {
        let clock = Clock::new(Some(Duration::from_secs(2)), None);
        let before = clock.now();
        tokio::time::advance(Duration::from_secs(60)).await;
        assert_eq!(clock.now(), before);
        clock.tick();
        clock.advance(Duration::from_secs(3));
        assert_eq!(clock.now(), before + Duration::from_secs(5));
    }
}
