//! What the transports on hyper and on reqwest share: the request's body, how long connections are
//! kept, and how HTTP/2 is set up.

use std::pin::Pin;
use std::sync::Arc;
#[cfg(feature = "hyper")]
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use http_body::{Body as HttpBody, Frame, SizeHint};

use super::{Body, BoxError};
use crate::Result;
use crate::pipeline::upload::{PIECE, Upload};

/// How long an idle connection is kept for the next request.
pub(super) const POOL_IDLE: Duration = Duration::from_secs(90);
/// How often the kernel probes an idle connection.
pub(super) const KEEP_ALIVE: Duration = Duration::from_secs(60);

/// How long an HTTP/2 connection may receive nothing before a ping is sent, and how long the reply
/// may take.
pub(super) const HTTP2_PING: Duration = Duration::from_secs(20);
/// How much of a response over HTTP/2 a server may send before it is read.
pub(super) const STREAM_WINDOW: u32 = 2 << 20;
/// The same for all responses of a connection together. It is the most that there can be, so that
/// responses nobody reads leave room for the others.
pub(super) const CONNECTION_WINDOW: u32 = (1 << 31) - 1;

/// A request's body, as hyper wants it.
pub(super) struct Outgoing {
    body: Body,
    upload: Option<Arc<Upload>>,
    #[cfg(feature = "hyper")]
    end: Option<Ends>,
}

/// Notes that it was dropped.
#[cfg(feature = "hyper")]
struct Ends(Arc<AtomicBool>);

#[cfg(feature = "hyper")]
impl Drop for Ends {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

impl Outgoing {
    pub(super) fn new(body: Body, extensions: &http::Extensions) -> Self {
        let upload = extensions.get().cloned();
        Self {
            body,
            upload,
            #[cfg(feature = "hyper")]
            end: None,
        }
    }

    /// The body, where all of it is in memory and it is not worth watching.
    #[cfg(feature = "hyper")]
    pub(super) fn short(&self) -> Option<Bytes> {
        let is_short = self.upload.is_none() && self.body.len()? <= PIECE as u64;
        self.body.as_bytes().filter(|_| is_short).cloned()
    }

    /// Sets this when the body has been taken to its end, or won't be.
    #[cfg(feature = "hyper")]
    pub(super) fn set_at_end(&mut self, is_over: Arc<AtomicBool>) {
        self.end = Some(Ends(is_over));
    }
}

impl HttpBody for Outgoing {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        // A long body in memory goes piece by piece, so that it can be seen to go.
        if self.upload.is_some() && self.body.as_pieces().is_some() {
            let Some(piece) = self.body.take(PIECE) else {
                return Poll::Ready(None);
            };
            if let Some(upload) = &self.upload {
                upload.note(piece.len());
            }
            return Poll::Ready(Some(Ok(Frame::data(piece))));
        }
        let chunk = ready!(Pin::new(&mut self.body).poll_next(context));
        Poll::Ready(chunk.map(|chunk| chunk.map(Frame::data).map_err(Into::into)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        let len = self.body.len();
        len.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
