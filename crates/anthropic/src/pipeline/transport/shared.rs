//! What the transports on hyper and on reqwest share: the request's body, and how long connections are kept.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use http_body::{Body as HttpBody, Frame, SizeHint};

use super::{Body, BoxError};
use crate::Result;

/// How long an idle connection is kept for the next request.
pub(super) const POOL_IDLE: Duration = Duration::from_secs(90);
/// How often the kernel probes a silent connection.
pub(super) const KEEP_ALIVE: Duration = Duration::from_secs(60);

/// A request's body, as hyper wants it.
pub(super) struct Outgoing(pub(super) Body);

impl HttpBody for Outgoing {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let chunk = ready!(Pin::new(&mut self.0).poll_next(context));
        Poll::Ready(chunk.map(|chunk| chunk.map(Frame::data).map_err(Into::into)))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        self.0
            .len()
            .map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
