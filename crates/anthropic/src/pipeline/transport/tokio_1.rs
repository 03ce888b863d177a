//! Bodies for code that reads with tokio 1.
//!
//! The version is in the name because tokio's traits appear here and nowhere else.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, Bytes};
use futures_core::Stream;
use tokio::io::{AsyncBufRead, AsyncRead, ReadBuf};

use super::Body;
use super::read::{Expected, PIECE};

/// The bytes of a reader of tokio's, such as a file, a pipe or a socket, as a body that can be read
/// once: a request that carries it is never retried.
///
/// It is read while it is sent, at most 64 KiB at a time, and nothing is read ahead. `len`, where
/// known, becomes the `content-length`. What the reader has beyond it is neither sent nor waited
/// for.
///
/// # Errors
///
/// A reader that fails, or that ends before `len`, breaks the body, and the request fails with the
/// [`io::Error`] as its cause; in the latter case that is an
/// [`UnexpectedEof`](io::ErrorKind::UnexpectedEof).
///
/// ```no_run
/// # async fn run(client: anthropic::Client, socket: tokio::net::TcpStream) -> anthropic::Result<()> {
/// use anthropic::Upload;
/// use anthropic::transport::tokio_1::body_of;
/// use anthropic::types::FileUploadParams;
///
/// let upload = Upload::body("rows.csv", body_of(socket, None));
/// let file = client.files().upload(upload, FileUploadParams::new()).await?;
/// # Ok(())
/// # }
/// ```
#[inline]
pub fn body_of(reader: impl AsyncRead + Send + 'static, len: Option<u64>) -> Body {
    let arriving = Arriving {
        reader: Some(Box::pin(reader)),
        piece: Vec::new(),
        expected: Expected::new(len),
    };
    Body::stream(arriving, len)
}

/// A reader as a stream of pieces.
struct Arriving<R> {
    /// Nothing once it has ended.
    reader: Option<Pin<Box<R>>>,
    /// What a piece is read into.
    piece: Vec<u8>,
    expected: Expected,
}

impl<R: AsyncRead> Stream for Arriving<R> {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        let Some(reader) = this.reader.as_mut().filter(|_| !this.expected.is_over()) else {
            return Poll::Ready(None);
        };
        this.piece.resize(PIECE, 0);
        let mut piece = ReadBuf::new(&mut this.piece);
        let read = ready!(reader.as_mut().poll_read(context, &mut piece));
        let read = read.map(|()| Bytes::copy_from_slice(piece.filled()));
        let piece = match read {
            Ok(piece) => this.expected.take(piece),
            Err(error) => Some(Err(error)),
        };
        if !matches!(piece, Some(Ok(_))) {
            this.reader = None;
        }
        Poll::Ready(piece)
    }
}

/// A body as a reader of tokio's: for decompressors, parsers and copies into sockets.
///
/// An error of the body is the source of the [`io::Error`], whose kind is
/// [`Other`](io::ErrorKind::Other). A body that ends before its announced length is one of kind
/// [`UnexpectedEof`](io::ErrorKind::UnexpectedEof).
///
/// ```no_run
/// use anthropic::transport::tokio_1::BodyReader;
/// use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _};
///
/// # async fn run(client: anthropic::Client) -> Result<(), Box<dyn std::error::Error>> {
/// let body = client.files().download("file_01").await?;
/// let mut lines = BodyReader::new(body).lines();
/// while let Some(line) = lines.next_line().await? {
///     println!("{line}");
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Default)]
pub struct BodyReader {
    body: Body,
    /// What has arrived and was not read yet.
    chunk: Bytes,
    /// How many bytes have still to arrive, where that is known.
    left: Option<u64>,
}

impl BodyReader {
    /// Reads this body.
    #[inline]
    pub fn new(body: Body) -> Self {
        Self {
            left: body.len(),
            body,
            chunk: Bytes::new(),
        }
    }
}

impl From<Body> for BodyReader {
    #[inline]
    fn from(body: Body) -> Self {
        Self::new(body)
    }
}

impl AsyncBufRead for BodyReader {
    #[inline]
    fn poll_fill_buf(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let this = self.get_mut();
        while this.chunk.is_empty() {
            match ready!(Pin::new(&mut this.body).poll_next(context)) {
                Some(Ok(chunk)) => {
                    this.left = this
                        .left
                        .map(|left| left.saturating_sub(chunk.len() as u64));
                    this.chunk = chunk;
                }
                Some(Err(error)) => return Poll::Ready(Err(io::Error::other(error))),
                None => match this.left {
                    None | Some(0) => break,
                    Some(left) => {
                        let message = format!("the body ended {left} bytes before its length");
                        let error = io::Error::new(io::ErrorKind::UnexpectedEof, message);
                        return Poll::Ready(Err(error));
                    }
                },
            }
        }
        Poll::Ready(Ok(&this.chunk))
    }

    #[inline]
    fn consume(mut self: Pin<&mut Self>, read: usize) {
        let read = read.min(self.chunk.len());
        self.chunk.advance(read);
    }
}

impl AsyncRead for BodyReader {
    #[inline]
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let chunk = ready!(self.as_mut().poll_fill_buf(context))?;
        let read = chunk.len().min(into.remaining());
        into.put_slice(chunk.get(..read).unwrap_or_default());
        self.consume(read);
        Poll::Ready(Ok(()))
    }
}

impl fmt::Debug for BodyReader {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BodyReader")
            .field("body", &self.body)
            .field("buffered", &self.chunk.len())
            .field("left", &self.left)
            .finish()
    }
}
