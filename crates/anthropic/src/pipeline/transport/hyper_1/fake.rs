//! A socket for tests, which is looked into.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::{Connected, Connection};

use super::context::lock;

#[derive(Clone, Default)]
pub(super) struct Fake(pub(super) Arc<Mutex<State>>);

#[derive(Default)]
pub(super) struct State {
    /// What there is to read, a piece a time; after it there is nothing yet.
    pub(super) pieces: VecDeque<Vec<u8>>,
    pub(super) flushes: usize,
    pub(super) shutdowns: usize,
    pub(super) is_vectored: bool,
    pub(super) is_http2: bool,
    /// What was written.
    pub(super) taken: Vec<u8>,
    /// How much is taken at once, every other time.
    pub(super) pace: Option<usize>,
    waits: bool,
}

impl Fake {
    pub(super) fn of(pieces: &[impl AsRef<[u8]>]) -> Self {
        let fake = Self::default();
        let pieces = pieces.iter().map(|piece| piece.as_ref().to_vec());
        lock(&fake.0).pieces.extend(pieces);
        fake
    }
}

impl Read for Fake {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        mut room: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let mut state = lock(&self.0);
        let Some(mut piece) = state.pieces.pop_front() else {
            return Poll::Pending;
        };
        let rest = piece.split_off(piece.len().min(room.remaining()));
        room.put_slice(&piece);
        if !rest.is_empty() {
            state.pieces.push_front(rest);
        }
        Poll::Ready(Ok(()))
    }
}

impl Write for Fake {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let mut state = lock(&self.0);
        state.waits = !state.waits && state.pace.is_some();
        if state.waits {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let few = bytes.len().min(state.pace.unwrap_or(usize::MAX));
        state.taken.extend_from_slice(&bytes[..few]);
        Poll::Ready(Ok(few))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        lock(&self.0).flushes += 1;
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        lock(&self.0).shutdowns += 1;
        Poll::Ready(Ok(()))
    }

    fn is_write_vectored(&self) -> bool {
        lock(&self.0).is_vectored
    }
}

impl Connection for Fake {
    fn connected(&self) -> Connected {
        let connected = Connected::new();
        if lock(&self.0).is_http2 {
            return connected.negotiated_h2();
        }
        connected
    }
}
