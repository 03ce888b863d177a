//! How far a request's body has been taken by the transport, so that a slow upload is no slow
//! server.
//!
//! A body that fits into a socket's buffer is sent at once and is not watched.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;

use super::transport::{Body, HttpRequest};
use crate::Result;
use crate::clock::Clock;

/// The longest body that is not watched, and the longest piece in which one in memory is sent.
pub(crate) const PIECE: usize = 64 << 10;

/// The progress of an upload, in a request's extensions.
pub(crate) struct Upload {
    clock: Arc<dyn Clock>,
    len: Option<u64>,
    sent: AtomicU64,
    /// When the transport last asked for more, in milliseconds of the clock.
    moved: AtomicU64,
}

impl Upload {
    /// Begins to watch a body, if it is worth it.
    pub(crate) fn of(body: &Body, clock: &Arc<dyn Clock>) -> Option<Arc<Self>> {
        let len = body.len();
        let is_small = len.is_some_and(|len| len <= PIECE as u64);
        (!is_small).then(|| {
            Arc::new(Self {
                clock: clock.clone(),
                len,
                sent: AtomicU64::new(0),
                moved: AtomicU64::new(millis(clock.now())),
            })
        })
    }

    /// The request, whose body reports here how far it has been taken. One in memory stays there
    /// for transports that want it whole; those of this crate find this in the extensions and
    /// report themselves.
    pub(crate) fn watch(self: &Arc<Self>, request: HttpRequest) -> HttpRequest {
        self.sent.store(0, Ordering::Relaxed);
        self.note(0);
        if request.body().as_pieces().is_some() {
            let mut request = request;
            request.extensions_mut().insert(self.clone());
            return request;
        }
        request.map(|body| {
            let len = body.len();
            let upload = self.clone();
            Body::stream(Watched { body, upload }, len)
        })
    }

    /// The transport has asked for more, and got this much.
    pub(crate) fn note(&self, len: usize) {
        self.sent.fetch_add(len as u64, Ordering::Relaxed);
        let now = millis(self.clock.now());
        self.moved.store(now, Ordering::Relaxed);
    }

    /// When the body last made progress, by the clock.
    pub(crate) fn moved(&self) -> Duration {
        Duration::from_millis(self.moved.load(Ordering::Relaxed))
    }

    /// What is left of a limit that began when the body last made progress.
    pub(crate) fn left_of(&self, limit: Duration) -> Option<Duration> {
        let passed = self.clock.now().saturating_sub(self.moved());
        limit.checked_sub(passed).filter(|left| !left.is_zero())
    }

    /// How much of the body has been taken.
    pub(crate) fn sent(&self) -> impl fmt::Display {
        let sent = self.sent.load(Ordering::Relaxed);
        match self.len {
            Some(len) => format!("{sent} of {len} bytes"),
            None => format!("{sent} bytes"),
        }
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

struct Watched {
    body: Body,
    upload: Arc<Upload>,
}

impl Stream for Watched {
    type Item = Result<Bytes>;

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes>>> {
        let chunk = Pin::new(&mut self.body).poll_next(context);
        if let Poll::Ready(Some(Ok(chunk))) = &chunk {
            self.upload.note(chunk.len());
        }
        chunk
    }
}
