//! Idle timeouts: how long a body may send nothing, and a stream no event but pings.
//!
//! Time counts only while somebody waits: a caller that takes its time between two events, or comes
//! back late to a wait that it gave up, is not the server's fault. One timer serves both timeouts.
//! It is not moved when something arrives, which would cost more than the event; when it fires
//! early, it is set again.

use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use crate::BoxFuture;
use crate::clock::Clock;
use crate::config::StreamLimits;

/// What timed out, and after how long: the [source](std::error::Error::source) of an error of kind
/// [`StreamStalled`](crate::ErrorKind::StreamStalled).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Stalled {
    /// What was missing.
    pub which: Missing,
    /// For how long.
    pub idle_for: Duration,
}

/// What a stream was waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Missing {
    /// Bytes: [`StreamLimits::bytes_idle`](crate::StreamLimits::bytes_idle).
    Bytes,
    /// Events that are no pings: [`StreamLimits::events_idle`](crate::StreamLimits::events_idle).
    Events,
}

impl fmt::Display for Stalled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.which {
            Missing::Bytes => write!(f, "no byte came for {:?} (bytes_idle)", self.idle_for),
            Missing::Events => write!(
                f,
                "no event but pings came for {:?} (events_idle)",
                self.idle_for
            ),
        }
    }
}

impl std::error::Error for Stalled {}

/// The idle timeouts of one body.
pub(crate) struct IdleTimer {
    /// None is an empty timer, in which no time passes.
    clock: Option<Arc<dyn Clock>>,
    bytes: Wait,
    events: Wait,
    timer: Option<Timer>,
    /// Whether something came since the timer was last polled.
    moved: bool,
}

/// A timer that is running.
struct Timer {
    sleep: BoxFuture<'static, ()>,
    /// It does not fire before that.
    due: Duration,
    /// Whom it wakes.
    waker: Waker,
    /// Whether a wait began anew since it was set.
    anew: bool,
}

impl IdleTimer {
    /// Both timeouts of a stream.
    pub(crate) fn of_stream(clock: Arc<dyn Clock>, limits: StreamLimits) -> Self {
        Self {
            clock: Some(clock),
            bytes: Wait::new(limits.bytes_idle),
            events: Wait::new(limits.events_idle),
            timer: None,
            moved: false,
        }
    }

    /// The timeout of a body that is no stream.
    pub(crate) fn of_body(clock: Arc<dyn Clock>, limit: Option<Duration>) -> Self {
        Self {
            clock: Some(clock),
            bytes: Wait::new(limit),
            events: Wait::new(None),
            timer: None,
            moved: false,
        }
    }

    /// No timeout at all.
    pub(crate) fn off() -> Self {
        Self {
            clock: None,
            bytes: Wait::new(None),
            events: Wait::new(None),
            timer: None,
            moved: false,
        }
    }

    pub(crate) fn bytes_came(&mut self) {
        self.bytes.since = None;
        self.moved = true;
        self.begin_anew();
    }

    pub(crate) fn event_came(&mut self) {
        self.events.since = None;
        self.begin_anew();
    }

    fn begin_anew(&mut self) {
        if let Some(timer) = &mut self.timer {
            timer.anew = true;
        }
    }

    /// Called when there is nothing to read; ready when that has lasted too long.
    pub(crate) fn poll(&mut self, task: &mut Context<'_>) -> Poll<Stalled> {
        let Some(clock) = &self.clock else {
            return Poll::Pending;
        };
        loop {
            let now = clock.now();
            if let Some(timer) = &self.timer {
                // Not the timer woke the task, and it still will, before anything is over: no need
                // to look at it.
                let is_set = now < timer.due && timer.waker.will_wake(task.waker());
                if std::mem::take(&mut self.moved) && is_set {
                    self.bytes.since.get_or_insert(now);
                    self.events.since.get_or_insert(now);
                    return Poll::Pending;
                }
            }
            if self.bytes.is_missed(now) || self.events.is_missed(now) {
                // What came meanwhile may not have been handed on yet.
                self.bytes.since = None;
                self.events.since = None;
                if let Some(timer) = &mut self.timer {
                    timer.anew = true;
                }
            }
            let bytes = self.bytes.measure(now).map(|time| (Missing::Bytes, time));
            let events = self.events.measure(now).map(|time| (Missing::Events, time));
            let (which, time) = match (bytes, events) {
                (Some(bytes), Some(events)) if events.1.left < bytes.1.left => events,
                (Some(first), _) | (None, Some(first)) => first,
                (None, None) => return Poll::Pending,
            };
            if time.left.is_zero() {
                self.timer = None;
                return Poll::Ready(Stalled {
                    which,
                    idle_for: time.waited,
                });
            }
            let timer = self.timer.get_or_insert_with(|| Timer {
                due: now.saturating_add(time.left),
                sleep: clock.sleep(time.left),
                waker: Waker::noop().clone(),
                anew: false,
            });
            if timer.sleep.as_mut().poll(task).is_pending() {
                timer.waker.clone_from(task.waker());
                return Poll::Pending;
            }
            let is_over = !timer.anew;
            self.timer = None;
            if is_over {
                // By the timer it is, and it need not be that of the clock: a test's may stand.
                return Poll::Ready(Stalled {
                    which,
                    idle_for: time.waited.saturating_add(time.left),
                });
            }
        }
    }
}

/// A waiting task is woken at its deadline. One that looks this much later was not waiting.
const LATE: Duration = Duration::from_secs(1);

/// A wait and its limit. It begins with the first look that found nothing.
#[derive(Clone, Copy)]
struct Wait {
    limit: Option<Duration>,
    since: Option<Duration>,
}

/// How long a wait has lasted, and how much is left of it.
struct Measured {
    waited: Duration,
    left: Duration,
}

impl Wait {
    fn new(limit: Option<Duration>) -> Self {
        Self { limit, since: None }
    }

    fn measure(&mut self, now: Duration) -> Option<Measured> {
        let limit = self.limit?;
        let since = *self.since.get_or_insert(now);
        let waited = now.saturating_sub(since);
        Some(Measured {
            waited,
            left: limit.saturating_sub(waited),
        })
    }

    /// Whether its end came while nobody was waiting.
    fn is_missed(&self, now: Duration) -> bool {
        let over = |(since, limit): (Duration, Duration)| {
            now.saturating_sub(since).saturating_sub(limit) > LATE
        };
        self.since.zip(self.limit).is_some_and(over)
    }
}
