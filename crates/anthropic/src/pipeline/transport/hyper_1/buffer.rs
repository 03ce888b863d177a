//! What is read into.

use std::cell::Cell;

/// The most that is read at once.
pub(super) const ROOM: usize = 64 << 10;

thread_local! {
    /// One a thread, since there may be thousands of connections, and nothing stays in it.
    static BUFFER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// The thread's buffer, which goes back when this is dropped.
pub(super) struct Buffer(pub(super) Vec<u8>);

impl Buffer {
    pub(super) fn take() -> Self {
        // There is none where somebody has it, or where the thread is about to end.
        let mut buffer = BUFFER.try_with(Cell::take).unwrap_or_default();
        if buffer.is_empty() {
            buffer = vec![0; ROOM];
        }
        Self(buffer)
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let buffer = std::mem::take(&mut self.0);
        let _ = BUFFER.try_with(|place| place.set(buffer));
    }
}
