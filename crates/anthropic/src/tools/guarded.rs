//! Code of the caller's, whose panic is an error: what is called, and what is dropped.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Calls code of the caller's. Fails with the text of its panic.
pub(crate) fn caught<T>(call: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(call)).map_err(text_of)
}

fn text_of(panic: Box<dyn Any + Send>) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    let text = text.unwrap_or("a value that is no text").to_owned();
    // The value may panic when it is dropped, and what it panics with, too: that stays.
    if let Err(other) = catch_unwind(AssertUnwindSafe(|| drop(panic))) {
        std::mem::forget(other);
    }
    text
}

/// A value of the caller's, if there is one, whose panic when it is dropped ends nothing.
///
/// Each is dropped by itself: where one of several panics, the others are dropped while that panic
/// is under way, and a second one would end the process.
#[derive(Clone)]
pub(crate) struct Guarded<T>(Option<T>);

impl<T> Guarded<T> {
    pub(crate) const NONE: Self = Self(None);

    pub(crate) fn new(value: T) -> Self {
        Self(Some(value))
    }

    pub(crate) fn get(&self) -> Option<&T> {
        self.0.as_ref()
    }

    pub(crate) fn get_mut(&mut self) -> Option<&mut T> {
        self.0.as_mut()
    }
}

impl<T> Drop for Guarded<T> {
    fn drop(&mut self) {
        let Some(value) = self.0.take() else {
            return;
        };
        if let Err(panic) = caught(|| drop(value)) {
            tracing::warn!(target: "anthropic::tools", panic, "a value panicked when it was dropped");
        }
    }
}
