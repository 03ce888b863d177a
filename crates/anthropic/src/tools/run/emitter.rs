//! Hands events from the run's future to whoever polls the run.

use std::future::{Future, poll_fn};
use std::sync::{Arc, Mutex};
use std::task::Poll;

use super::event::RunEvent;
use super::sync::lock;

/// A place for one event, between a future that makes them and the stream that polls it.
///
/// The future waits until its event has been taken, so it is never further than its reader. Nothing
/// wakes it: whoever takes the event polls it again for the next one.
#[derive(Clone, Default)]
pub(super) struct Emitter(Option<Arc<Mutex<Option<RunEvent>>>>);

impl Emitter {
    /// One that hands events on; the default one makes none.
    pub(super) fn new() -> Self {
        Self(Some(Arc::default()))
    }

    /// Whether somebody reads the events.
    pub(super) fn is_read(&self) -> bool {
        self.0.is_some()
    }

    /// The event that waits to be taken.
    pub(super) fn take(&self) -> Option<RunEvent> {
        lock(self.0.as_ref()?).take()
    }

    /// Hands on an event, if there is one and somebody reads them. The event is in its place at
    /// once, and not in the future that waits until it is taken: it is large, and would be in each
    /// future of the run that may wait so.
    pub(super) fn emit(&self, event: impl Into<Option<RunEvent>>) -> impl Future<Output = ()> {
        let place = self.0.as_ref();
        if let Some(place) = place {
            *lock(place) = event.into();
        }
        poll_fn(move |_| match place {
            Some(place) if lock(place).is_some() => Poll::Pending,
            _ => Poll::Ready(()),
        })
    }
}
