//! Hands events from the run's future to whoever polls the run.

use std::future::poll_fn;
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

    /// Hands on an event, if somebody reads them.
    pub(super) async fn emit(&self, event: RunEvent) {
        let Some(place) = &self.0 else {
            return;
        };
        *lock(place) = Some(event);
        poll_fn(|_| match &*lock(place) {
            Some(_) => Poll::Pending,
            None => Poll::Ready(()),
        })
        .await;
    }
}
