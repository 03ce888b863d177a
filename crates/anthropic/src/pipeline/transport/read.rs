//! Bodies made of readers.
//!
//! Reading blocks, so it happens on tokio's blocking pool, one piece at a time. Nothing is read
//! ahead: when the body is dropped, at most the piece in flight is still read, and then dropped.

use std::future::Future;
use std::io::{self, Read};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use super::Body;

/// How much is read at a time.
pub(super) const PIECE: usize = 64 << 10;

#[cfg_attr(docsrs, doc(cfg(feature = "tokio")))]
impl Body {
    /// The bytes of `reader`, read on tokio's blocking pool while they are sent, 64 KiB at a time.
    /// They can be read only once, so a request that carries them is never retried.
    ///
    /// `len`, where known, becomes the `content-length`. What the reader has beyond it is neither
    /// sent nor waited for. A reader that can be opened again is [`reopenable`](Self::reopenable);
    /// one of tokio's becomes a body by [`tokio_1::body_of`](super::tokio_1::body_of).
    ///
    /// # Errors
    ///
    /// A reader that fails, or that ends before `len`, breaks the body, and the request fails with
    /// the [`io::Error`] as its cause; in the latter case that is an
    /// [`UnexpectedEof`](io::ErrorKind::UnexpectedEof). So does a body that is read outside a tokio
    /// runtime.
    ///
    /// ```no_run
    /// # async fn run(client: anthropic::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// use anthropic::transport::Body;
    ///
    /// let file = std::fs::File::open("rows.jsonl")?;
    /// let len = file.metadata()?.len();
    /// let request = client.post::<serde_json::Value>("/v1/rows");
    /// request.body("application/jsonl", Body::reader(file, Some(len))).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn reader(reader: impl Read + Send + 'static, len: Option<u64>) -> Self {
        Self::stream(Pieces::new(move || Ok(reader), len), len)
    }

    /// `len` bytes of a reader that can be opened again, so that a request can be retried. It is
    /// read as [`reader`](Self::reader) describes, with the same errors; `open` is called on the
    /// blocking pool, too.
    pub fn reopenable<R: Read + Send + 'static>(
        len: u64,
        open: impl Fn() -> io::Result<R> + Send + Sync + 'static,
    ) -> Self {
        let open = Arc::new(open);
        let start = move || {
            let open = open.clone();
            Pieces::new(move || open(), Some(len))
        };
        Self::replayable(start, Some(len))
    }
}

/// How much of a reader's bytes is still to come, where that is known.
pub(super) struct Expected(Option<u64>);

impl Expected {
    pub(super) fn new(len: Option<u64>) -> Self {
        Self(len)
    }

    /// Whether all of it has come: the reader is not asked for more, which it might wait for.
    pub(super) fn is_over(&self) -> bool {
        self.0 == Some(0)
    }

    /// The most that is read next: no more than is sent, for which a pipe or a socket would wait.
    fn next_piece(&self) -> u64 {
        self.0.map_or(PIECE as u64, |left| left.min(PIECE as u64))
    }

    /// Takes a piece into account; an empty one is the end, unless something is missing.
    pub(super) fn take(&mut self, mut piece: Bytes) -> Option<io::Result<Bytes>> {
        if let Some(left) = &mut self.0 {
            // What was appended to a file since its length was taken is left out.
            piece.truncate(usize::try_from(*left).unwrap_or(usize::MAX));
            *left = left.saturating_sub(piece.len() as u64);
        }
        if piece.is_empty() {
            let missing = self.0.filter(|left| *left > 0)?;
            let message = format!("the file ended {missing} bytes early");
            return Some(Err(io::Error::new(io::ErrorKind::UnexpectedEof, message)));
        }
        Some(Ok(piece))
    }
}

type Opener<R> = Box<dyn FnOnce() -> io::Result<R> + Send>;
type Piece<R> = io::Result<(R, Bytes)>;

/// A reader as a stream: each piece is read on the blocking pool.
struct Pieces<R> {
    state: Reading<R>,
    expected: Expected,
}

// Nothing is pinned in here, so the reader needn't be `Unpin`.
impl<R> Unpin for Pieces<R> {}

enum Reading<R> {
    Closed(Opener<R>),
    Open(R),
    Busy(JoinHandle<Piece<R>>),
    Ended,
}

impl<R: Read + Send + 'static> Pieces<R> {
    fn new(open: impl FnOnce() -> io::Result<R> + Send + 'static, len: Option<u64>) -> Self {
        Self {
            state: Reading::Closed(Box::new(open)),
            expected: Expected::new(len),
        }
    }
}

fn read_piece<R: Read>(mut reader: R, most: u64) -> Piece<R> {
    let mut piece = Vec::with_capacity(PIECE);
    reader.by_ref().take(most).read_to_end(&mut piece)?;
    Ok((reader, piece.into()))
}

/// Reads on the blocking pool of the runtime that the body is read on.
fn start<T: Send + 'static>(
    read: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<JoinHandle<io::Result<T>>> {
    let runtime = Handle::try_current().map_err(|source| {
        let message = format!("files are read on a tokio runtime, and none is running: {source}");
        io::Error::other(message)
    })?;
    Ok(runtime.spawn_blocking(read))
}

impl<R: Read + Send + 'static> Stream for Pieces<R> {
    type Item = io::Result<Bytes>;

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Bytes>>> {
        loop {
            let most = self.expected.next_piece();
            match std::mem::replace(&mut self.state, Reading::Ended) {
                Reading::Ended => return Poll::Ready(None),
                Reading::Closed(open) => {
                    self.state = Reading::Busy(start(move || read_piece(open()?, most))?);
                }
                Reading::Open(_) if self.expected.is_over() => return Poll::Ready(None),
                Reading::Open(reader) => {
                    self.state = Reading::Busy(start(move || read_piece(reader, most))?);
                }
                Reading::Busy(mut busy) => {
                    let Poll::Ready(done) = Pin::new(&mut busy).poll(context) else {
                        self.state = Reading::Busy(busy);
                        return Poll::Pending;
                    };
                    return match done.map_err(io::Error::other).and_then(|piece| piece) {
                        Ok((reader, piece)) => {
                            let piece = self.expected.take(piece);
                            if matches!(piece, Some(Ok(_))) {
                                self.state = Reading::Open(reader);
                            }
                            Poll::Ready(piece)
                        }
                        Err(error) => Poll::Ready(Some(Err(error))),
                    };
                }
            }
        }
    }
}
