//! The two idle clocks: how long the wire may be silent, and how long it may say nothing but pings.
//!
//! Silence counts only while somebody waits for it to end: a caller that takes its time between two
//! events, or comes back late to a wait it gave up, is not the server's fault. One timer serves both clocks and is never moved when something
//! arrives, which would cost more than the event; when it rings early, it is set again.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use crate::BoxFuture;
use crate::clock::Clock;
use crate::config::StreamLimits;
use crate::pipeline::deadline::Silence;

pub(super) struct Idle {
    clock: Option<Arc<dyn Clock>>,
    bytes: Silence,
    events: Silence,
    timer: Option<BoxFuture<'static, ()>>,
}

/// What a stream was silent of, and for how long: the [source](std::error::Error::source) of an error
/// of kind [`StreamStalled`](crate::ErrorKind::StreamStalled).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stalled {
    /// What was missing.
    pub which: Silent,
    /// For how long.
    pub idle_for: Duration,
}

/// What a stream can be silent of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Silent {
    /// Not a byte came: [`StreamLimits::bytes_idle`](crate::StreamLimits::bytes_idle).
    Bytes,
    /// No event came but pings: [`StreamLimits::events_idle`](crate::StreamLimits::events_idle).
    Events,
}

impl fmt::Display for Stalled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.which {
            Silent::Bytes => write!(f, "not a byte came for {:?}", self.idle_for),
            Silent::Events => write!(f, "no event but pings came for {:?}", self.idle_for),
        }
    }
}

impl std::error::Error for Stalled {}

impl Idle {
    pub(super) fn new(clock: Arc<dyn Clock>, limits: StreamLimits) -> Self {
        Self {
            clock: Some(clock),
            bytes: Silence::new(limits.bytes_idle),
            events: Silence::new(limits.events_idle),
            timer: None,
        }
    }

    /// No clock at all.
    pub(super) fn off() -> Self {
        Self {
            clock: None,
            bytes: Silence::default(),
            events: Silence::default(),
            timer: None,
        }
    }

    pub(super) fn bytes_came(&mut self) {
        self.bytes.end();
    }

    pub(super) fn event_came(&mut self) {
        self.events.end();
    }

    /// Called when there is nothing to read; ready when that has lasted too long.
    pub(super) fn poll(&mut self, task: &mut Context<'_>) -> Poll<Stalled> {
        let Some(clock) = &self.clock else {
            return Poll::Pending;
        };
        loop {
            let now = clock.now();
            if self.bytes.is_missed(now) || self.events.is_missed(now) {
                // What came meanwhile may not have been handed on yet.
                self.bytes.end();
                self.events.end();
            }
            let bytes = self.bytes.measure(now).map(|times| (Silent::Bytes, times));
            let events = self
                .events
                .measure(now)
                .map(|times| (Silent::Events, times));
            let next = bytes
                .into_iter()
                .chain(events)
                .min_by_key(|(_, (_, left))| *left);
            let Some((which, (idle_for, left))) = next else {
                return Poll::Pending;
            };
            if left.is_zero() {
                return Poll::Ready(Stalled { which, idle_for });
            }
            let timer = self.timer.get_or_insert_with(|| clock.sleep(left));
            if Pin::new(timer).poll(task).is_pending() {
                return Poll::Pending;
            }
            self.timer = None;
        }
    }
}
