//! Objects that are kept in memory, oldest first, and found by their ids.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use crate::base::clock::Clock;
use crate::base::errors::ApiError;
use crate::base::ids::Ids;
use crate::base::sync::lock;

/// What lies on a [`Shelf`].
pub(super) trait Kept {
    fn id(&self) -> &str;
    /// The error for an id that nothing has.
    fn missing(id: &str) -> ApiError;
}

/// The objects of one kind, with the clock that dates them and the source of their ids.
#[derive(Debug)]
pub(super) struct Shelf<T> {
    clock: Arc<Clock>,
    pub(super) ids: Arc<Ids>,
    all: Mutex<Vec<T>>,
}

impl<T: Kept> Shelf<T> {
    pub(super) fn new(clock: Arc<Clock>, ids: Arc<Ids>) -> Self {
        Self {
            clock,
            ids,
            all: Mutex::default(),
        }
    }

    pub(super) fn now(&self) -> Duration {
        self.clock.now()
    }

    /// All objects, oldest first.
    pub(super) fn all(&self) -> MutexGuard<'_, Vec<T>> {
        lock(&self.all)
    }

    pub(super) fn add(&self, object: T) {
        self.all().push(object);
    }

    /// Looks an object up.
    pub(super) fn with<R>(
        &self,
        id: &str,
        look: impl FnOnce(&mut T) -> Result<R, ApiError>,
    ) -> Result<R, ApiError> {
        let mut all = self.all();
        let found = all.iter_mut().find(|object| object.id() == id);
        look(found.ok_or_else(|| T::missing(id))?)
    }

    /// Removes an object, unless something speaks against it.
    pub(super) fn remove(
        &self,
        id: &str,
        allowed: impl FnOnce(&T) -> Result<(), ApiError>,
    ) -> Result<(), ApiError> {
        let mut all = self.all();
        let index = all.iter().position(|object| object.id() == id);
        let index = index.ok_or_else(|| T::missing(id))?;
        all.get(index).map_or(Ok(()), allowed)?;
        all.remove(index);
        Ok(())
    }

    /// Removes everything.
    pub(super) fn forget(&self) {
        self.all().clear();
    }
}
