//! The body of a request or a response.
//!
//! One type for both directions, so that a middleware can look at either and put another in its
//! place. What matters to the pipeline is whether a body can be sent a second time: bytes and
//! replayable sources can, a one-shot stream cannot, and is therefore never retried.

use std::borrow::Cow;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use serde::de::DeserializeOwned;

use super::BoxError;
use super::pieces::Pieces;
use crate::text::read_json;
use crate::{Error, Result};

type BoxStream = Pin<Box<dyn Stream<Item = Result<Bytes>> + Send + 'static>>;
type Open = dyn Fn() -> BoxStream + Send + Sync + 'static;

/// The exchange that a response's body belongs to: it completes errors about what is in it.
pub(crate) trait Owner: Send + Sync + 'static {
    fn refuse(&self, error: Error, body: Bytes) -> Error;
}

/// The body of a request or a response, and a [`Stream`] of its chunks.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> anthropic::Result<()> {
/// use anthropic::transport::Body;
///
/// let mut body = Body::from("hello");
/// assert_eq!(body.len(), Some(5));
/// while let Some(chunk) = body.try_next().await? {
///     assert_eq!(chunk, "hello");
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Default)]
pub struct Body(Inner);

#[derive(Default)]
enum Inner {
    #[default]
    Empty,
    Bytes(Bytes, Option<Arc<dyn Owner>>),
    /// In a box, as few bodies are in pieces.
    Pieces(Box<Pieces>),
    Source {
        open: Arc<Open>,
        len: Option<u64>,
        /// And how much of it is left. In a box, as few bodies are read twice and each request has
        /// room for a body.
        running: Option<Box<(Mutex<BoxStream>, Option<u64>)>>,
    },
    // The mutex makes the body `Sync`, which HTTP stacks ask for; it is never locked.
    Stream {
        stream: Mutex<BoxStream>,
        len: Option<u64>,
        owner: Option<Arc<dyn Owner>>,
    },
}

impl Body {
    /// A body without a byte.
    pub const fn empty() -> Self {
        Self(Inner::Empty)
    }

    /// A body in memory that consists of pieces, in this order. They are sent from where they are:
    /// nothing is copied unless somebody asks for [all of it in one piece](Self::as_bytes).
    ///
    /// ```
    /// use anthropic::transport::Body;
    /// use bytes::Bytes;
    ///
    /// let long = Bytes::from("a long text");
    /// let body = Body::pieces([Bytes::from_static(b"<p>"), long, Bytes::from_static(b"</p>")]);
    /// assert_eq!(body.len(), Some(18));
    /// assert_eq!(body.as_bytes().unwrap(), "<p>a long text</p>");
    /// ```
    pub fn pieces(pieces: impl IntoIterator<Item = Bytes>) -> Self {
        let pieces = pieces.into_iter().filter(|piece| !piece.is_empty());
        let mut pieces: Vec<Bytes> = pieces.collect();
        if pieces.len() < 2 {
            return pieces.pop().unwrap_or_default().into();
        }
        Self(Inner::Pieces(Box::new(Pieces::new(pieces))))
    }

    /// A body that can be read once. A request that carries it is never retried.
    ///
    /// `len`, where known, becomes the `content-length`.
    pub fn stream<S, E>(stream: S, len: Option<u64>) -> Self
    where
        S: Stream<Item = Result<Bytes, E>> + Send + 'static,
        E: Into<BoxError> + 'static,
    {
        Self(Inner::Stream {
            stream: Mutex::new(Box::pin(Chunks::of(stream))),
            len,
            owner: None,
        })
    }

    /// The same for a stream that has the crate's errors and can be read behind its end.
    #[cfg(feature = "hyper")]
    pub(crate) fn of_chunks(
        stream: impl Stream<Item = Result<Bytes>> + Send + 'static,
        len: Option<u64>,
    ) -> Self {
        Self(Inner::Stream {
            stream: Mutex::new(Box::pin(stream)),
            len,
            owner: None,
        })
    }

    /// A body that can be read as often as needed: `open` starts it from its first byte.
    pub fn replayable<S, E>(open: impl Fn() -> S + Send + Sync + 'static, len: Option<u64>) -> Self
    where
        S: Stream<Item = Result<Bytes, E>> + Send + 'static,
        E: Into<BoxError> + 'static,
    {
        let open = Arc::new(move || -> BoxStream { Box::pin(Chunks::of(open())) });
        Self(Inner::Source {
            open,
            len,
            running: None,
        })
    }

    /// What is left where a body was that can be read once: it can't be sent again.
    pub(crate) fn spent() -> Self {
        let nothing: BoxStream = Box::pin(Self::empty());
        Self(Inner::Stream {
            stream: Mutex::new(nothing),
            len: None,
            owner: None,
        })
    }

    /// The same body as one of an exchange.
    pub(crate) fn owned_by(self, new: Arc<dyn Owner>) -> Self {
        Self(match self.0 {
            Inner::Empty => Inner::Bytes(Bytes::new(), Some(new)),
            Inner::Bytes(bytes, _) => Inner::Bytes(bytes, Some(new)),
            Inner::Pieces(pieces) => Inner::Bytes(pieces.into_whole(), Some(new)),
            Inner::Stream { stream, len, .. } => Inner::Stream {
                stream,
                len,
                owner: Some(new),
            },
            source @ Inner::Source { .. } => source,
        })
    }

    /// The number of bytes that have not been read yet, where it is known in advance.
    pub fn len(&self) -> Option<u64> {
        match &self.0 {
            Inner::Empty => Some(0),
            Inner::Bytes(bytes, _) => Some(bytes.len() as u64),
            Inner::Pieces(pieces) => Some(pieces.len()),
            Inner::Source {
                running: Some(running),
                ..
            } => running.1,
            Inner::Source { len, .. } | Inner::Stream { len, .. } => *len,
        }
    }

    /// Whether the body is known to have no bytes that have not been read.
    pub fn is_empty(&self) -> bool {
        match &self.0 {
            // Asked for after each piece that is sent; none is empty.
            Inner::Pieces(pieces) => pieces.left().is_empty(),
            _ => self.len() == Some(0),
        }
    }

    /// The bytes, where they are all in memory. Those of a body in [pieces](Self::pieces) are
    /// copied at the first call, into one.
    pub fn as_bytes(&self) -> Option<&Bytes> {
        static NOTHING: Bytes = Bytes::new();
        match &self.0 {
            Inner::Empty => Some(&NOTHING),
            Inner::Bytes(bytes, _) => Some(bytes),
            Inner::Pieces(pieces) => Some(pieces.whole()),
            Inner::Source { .. } | Inner::Stream { .. } => None,
        }
    }

    /// The bytes, where they are all in memory, in the pieces in which they are there.
    ///
    /// For whoever reads them from start to end, such as a signature's digest.
    pub fn as_pieces(&self) -> Option<&[Bytes]> {
        match &self.0 {
            Inner::Empty => Some(&[]),
            Inner::Bytes(bytes, _) => Some(std::slice::from_ref(bytes)),
            Inner::Pieces(pieces) => Some(pieces.left()),
            Inner::Source { .. } | Inner::Stream { .. } => None,
        }
    }

    /// The first bytes of a body in memory, at most so many. Of pieces no others are copied.
    pub(crate) fn first(&self, most: usize) -> Option<Cow<'_, [u8]>> {
        if let Inner::Pieces(pieces) = &self.0 {
            return Some(pieces.first(most));
        }
        let bytes = self.as_bytes()?;
        Some(Cow::Borrowed(bytes.get(..most).unwrap_or(bytes)))
    }

    /// Whether pieces were put together.
    #[cfg(test)]
    pub(crate) fn is_joined(&self) -> bool {
        matches!(&self.0, Inner::Pieces(pieces) if pieces.is_joined())
    }

    /// The next bytes of a body in memory, at most so many.
    #[cfg(any(feature = "hyper", feature = "reqwest"))]
    pub(super) fn take(&mut self, most: usize) -> Option<Bytes> {
        match &mut self.0 {
            Inner::Bytes(bytes, _) if !bytes.is_empty() => {
                Some(bytes.split_to(most.min(bytes.len())))
            }
            Inner::Pieces(pieces) => pieces.next(most),
            _ => None,
        }
    }

    /// The bytes of a body in memory, without a copy where nobody else has them.
    pub(crate) fn into_memory(self) -> Vec<u8> {
        match self.0 {
            Inner::Bytes(bytes, _) => bytes.into(),
            Inner::Pieces(pieces) => pieces.into_whole().into(),
            _ => Vec::new(),
        }
    }

    /// The same body from its first byte, or `None` when it can be read only once.
    pub fn try_clone(&self) -> Option<Self> {
        match &self.0 {
            Inner::Empty => Some(Self::empty()),
            Inner::Bytes(bytes, _) => Some(Self(Inner::Bytes(bytes.clone(), None))),
            Inner::Pieces(pieces) => Some(Self(Inner::Pieces(pieces.clone()))),
            Inner::Source { open, len, .. } => Some(Self(Inner::Source {
                open: open.clone(),
                len: *len,
                running: None,
            })),
            Inner::Stream { .. } => None,
        }
    }

    /// The body from its first byte if it can be read again, else what is left of it. Its length is
    /// then that of what [`try_clone`](Self::try_clone) makes.
    pub(crate) fn rewound(self) -> Self {
        match self.0 {
            Inner::Source { open, len, .. } => Self(Inner::Source {
                open,
                len,
                running: None,
            }),
            other => Self(other),
        }
    }

    /// Whether the body can be sent again.
    pub fn is_replayable(&self) -> bool {
        !matches!(self.0, Inner::Stream { .. })
    }

    /// The next chunk, or `None` at the end.
    pub async fn next(&mut self) -> Option<Result<Bytes>> {
        std::future::poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// The next chunk; `Ok(None)` is the end.
    pub async fn try_next(&mut self) -> Result<Option<Bytes>> {
        self.next().await.transpose()
    }

    /// The rest of the body, in one piece.
    pub async fn bytes(mut self) -> Result<Bytes> {
        match &mut self.0 {
            Inner::Bytes(bytes, _) => return Ok(std::mem::take(bytes)),
            Inner::Pieces(pieces) => return Ok(std::mem::take(&mut **pieces).into_whole()),
            _ => {}
        }
        let mut whole = Vec::new();
        self.read_into(&mut whole).await?;
        Ok(whole.into())
    }

    /// The rest of the body, read as JSON.
    ///
    /// All of it is kept in memory: the request's time limits hold, but not
    /// [`max_response_bytes`](crate::ClientBuilder::max_response_bytes).
    ///
    /// # Errors
    ///
    /// [`Decode`](crate::ErrorKind::Decode) if it is no JSON, or of another shape than `T`. Where
    /// it is a response's body, the error has the request's id, its attempts and the whole body
    /// ([`Error::body`]), as errors of reading it have.
    ///
    /// ```no_run
    /// # async fn run(client: anthropic::Client) -> anthropic::Result<()> {
    /// let response = client.get::<()>("/v1/thing").raw().await?;
    /// let etag = response.headers().get("etag").cloned();
    /// let thing: serde_json::Value = response.into_body().json().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn json<T: DeserializeOwned>(self) -> Result<T> {
        let owner = self.owner();
        let json = self.bytes().await?;
        read_json(&json).map_err(|error| misfit(owner, error, json))
    }

    fn owner(&self) -> Option<Arc<dyn Owner>> {
        match &self.0 {
            Inner::Bytes(_, owner) | Inner::Stream { owner, .. } => owner.clone(),
            Inner::Empty | Inner::Pieces(_) | Inner::Source { .. } => None,
        }
    }

    /// Appends everything that is left to `out`; what arrived before an error is kept there.
    pub(crate) async fn read_into(&mut self, out: &mut Vec<u8>) -> Result<()> {
        while let Some(chunk) = self.try_next().await? {
            out.extend_from_slice(&chunk);
        }
        Ok(())
    }

    /// Reads until the end, an error or `limit` bytes, whichever comes first.
    pub(crate) async fn read_prefix(&mut self, limit: usize, out: &mut BytesMut) {
        while out.len() < limit {
            let Some(Ok(chunk)) = self.next().await else {
                return;
            };
            let room = limit - out.len();
            out.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
        }
    }
}

impl Stream for Body {
    type Item = Result<Bytes>;

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes>>> {
        let (stream, left) = match &mut self.0 {
            Inner::Empty => return Poll::Ready(None),
            Inner::Bytes(bytes, _) => {
                let bytes = std::mem::take(bytes);
                self.0 = Inner::Empty;
                let some = (!bytes.is_empty()).then_some(Ok(bytes));
                return Poll::Ready(some);
            }
            Inner::Pieces(pieces) => return Poll::Ready(pieces.next(usize::MAX).map(Ok)),
            Inner::Source { open, len, running } => {
                let (stream, left) =
                    &mut **running.get_or_insert_with(|| Box::new((Mutex::new(open()), *len)));
                (stream, left)
            }
            Inner::Stream { stream, len, .. } => (stream, len),
        };
        let stream = stream.get_mut().unwrap_or_else(PoisonError::into_inner);
        let chunk = stream.as_mut().poll_next(context);
        if let (Poll::Ready(Some(Ok(chunk))), Some(left)) = (&chunk, left) {
            *left = left.saturating_sub(chunk.len() as u64);
        }
        chunk
    }
}

fn misfit(owner: Option<Arc<dyn Owner>>, error: serde_json::Error, json: Bytes) -> Error {
    let error = Error::decode("", error, &json);
    match owner {
        Some(owner) => owner.refuse(error, json),
        None => error,
    }
}

/// Gives every stream the crate's error type, and an end: what is read once more behind it, as
/// readers do, is not polled again, which makes many a stream panic.
struct Chunks<S>(Option<S>);

impl<S> Chunks<Pin<Box<S>>> {
    fn of(stream: S) -> Self {
        Self(Some(Box::pin(stream)))
    }
}

impl<S, E> Stream for Chunks<S>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
    E: Into<BoxError>,
{
    type Item = Result<Bytes>;

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes>>> {
        let Some(stream) = &mut self.0 else {
            return Poll::Ready(None);
        };
        let next = ready!(Pin::new(stream).poll_next(context));
        if !matches!(next, Some(Ok(_))) {
            self.0 = None;
        }
        Poll::Ready(next.map(|chunk| chunk.map_err(|source| Error::broken_body(source.into()))))
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match &self.0 {
            Inner::Empty => "empty",
            Inner::Bytes(..) => "bytes",
            Inner::Pieces(_) => "pieces",
            Inner::Source { .. } => "replayable",
            Inner::Stream { .. } => "stream",
        };
        f.debug_struct("Body")
            .field("kind", &name)
            .field("len", &self.len())
            .finish()
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        if bytes.is_empty() {
            Self::empty()
        } else {
            Self(Inner::Bytes(bytes, None))
        }
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Bytes::from(bytes).into()
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Bytes::from(text).into()
    }
}

impl From<&'static str> for Body {
    fn from(text: &'static str) -> Self {
        Bytes::from_static(text.as_bytes()).into()
    }
}

impl From<&'static [u8]> for Body {
    fn from(bytes: &'static [u8]) -> Self {
        Bytes::from_static(bytes).into()
    }
}
