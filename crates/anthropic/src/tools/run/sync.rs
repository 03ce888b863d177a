//! A lock that no panic closes.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// The guarded value. It is whole at every moment, so a panic elsewhere does no harm.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
