//! A request's socket, for the faults that write past the HTTP library.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use tokio::net::TcpStream;

/// The socket that a request came in on.
#[derive(Debug, Clone)]
pub(crate) struct RequestSocket {
    socket: Arc<TcpStream>,
    mode: Arc<AtomicU8>,
    /// Whether what is written to the socket is plain HTTP.
    is_plain: bool,
}

/// The library writes to the socket.
const OPEN: u8 = 0;
/// What the library writes is discarded, until the next request.
const MUTED: u8 = 1;
/// The connection is over.
const BROKEN: u8 = 2;

impl RequestSocket {
    pub(super) fn new(socket: TcpStream, is_plain: bool) -> Self {
        Self {
            socket: Arc::new(socket),
            mode: Arc::new(AtomicU8::new(OPEN)),
            is_plain,
        }
    }

    pub(crate) fn is_plain(&self) -> bool {
        self.is_plain
    }

    pub(crate) fn tcp(&self) -> &TcpStream {
        &self.socket
    }

    pub(crate) fn mute(&self) {
        self.mode.store(MUTED, Ordering::Relaxed);
    }

    pub(crate) fn break_off(&self) {
        self.mode.store(BROKEN, Ordering::Relaxed);
    }

    pub(super) fn is_muted(&self) -> bool {
        self.mode.load(Ordering::Relaxed) == MUTED
    }

    pub(super) fn is_broken(&self) -> bool {
        self.mode.load(Ordering::Relaxed) == BROKEN
    }

    /// Called when another request begins.
    pub(crate) fn unmute(&self) {
        // A broken socket stays broken, and the exchange fails.
        let _ = self
            .mode
            .compare_exchange(MUTED, OPEN, Ordering::Relaxed, Ordering::Relaxed);
    }
}
