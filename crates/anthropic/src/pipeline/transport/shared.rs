//! What the transports on hyper and on reqwest share: bodies both ways, and how long connections
//! are kept.

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

/// A response's body, as the crate wants it.
pub(super) fn incoming<B>(body: B, mask: fn(B::Error) -> B::Error) -> Body
where
    B: HttpBody<Data = Bytes, Error: Into<BoxError> + 'static> + Send + Unpin + 'static,
{
    let len = body.size_hint().exact();
    Body::stream(Arriving { body, mask }, len)
}

/// The data of a body; trailers are skipped.
struct Arriving<B: HttpBody> {
    body: B,
    /// Takes out of an error what must not be shown.
    mask: fn(B::Error) -> B::Error,
}

impl<B: HttpBody<Data = Bytes> + Unpin> Stream for Arriving<B> {
    type Item = Result<Bytes, B::Error>;

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, B::Error>>> {
        loop {
            let Some(frame) = ready!(Pin::new(&mut self.body).poll_frame(context)) else {
                return Poll::Ready(None);
            };
            match frame.map(Frame::into_data) {
                Ok(Ok(data)) => return Poll::Ready(Some(Ok(data))),
                Ok(Err(_trailers)) => {}
                Err(error) => return Poll::Ready(Some(Err((self.mask)(error)))),
            }
        }
    }
}
