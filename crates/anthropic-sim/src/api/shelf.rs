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
    /// An object in place of one that nobody has created, where any id is one of an object.
    fn stand_in(id: &str, number: u64, now: Duration) -> Self;
    /// The error for an id that nothing has.
    fn missing(id: &str) -> ApiError;
}

/// The objects of one kind, with the clock that dates them and the source of their ids.
#[derive(Debug)]
pub(super) struct Shelf<T> {
    clock: Arc<Clock>,
    pub(super) ids: Arc<Ids>,
    /// Whether any id is one of an object.
    pub(super) lenient: bool,
    all: Mutex<Vec<T>>,
}

impl<T: Kept> Shelf<T> {
    pub(super) fn new(clock: Arc<Clock>, ids: Arc<Ids>, lenient: bool) -> Self {
        Self {
            clock,
            ids,
            lenient,
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

    /// Where an object is. If any id is one of an object, it is made.
    fn place(&self, all: &mut Vec<T>, id: &str) -> Result<usize, ApiError> {
        if let Some(place) = all.iter().position(|object| object.id() == id) {
            return Ok(place);
        }
        if !self.lenient {
            return Err(T::missing(id));
        }
        let (number, _) = self.ids.numbered("");
        all.push(T::stand_in(id, number, self.now()));
        Ok(all.len() - 1)
    }

    /// Looks an object up.
    pub(super) fn with<R>(
        &self,
        id: &str,
        look: impl FnOnce(&mut T) -> Result<R, ApiError>,
    ) -> Result<R, ApiError> {
        let mut all = self.all();
        let place = self.place(&mut all, id)?;
        look(all.get_mut(place).ok_or_else(|| T::missing(id))?)
    }

    /// Removes an object, unless something speaks against it.
    pub(super) fn remove(
        &self,
        id: &str,
        allowed: impl FnOnce(&T) -> Result<(), ApiError>,
    ) -> Result<(), ApiError> {
        let mut all = self.all();
        let place = self.place(&mut all, id)?;
        all.get(place).map_or(Ok(()), allowed)?;
        all.remove(place);
        Ok(())
    }

    /// Removes everything.
    pub(super) fn forget(&self) {
        self.all().clear();
    }
}
