//! Uploads from files and readers.
//!
//! Reading blocks, so it happens on tokio's blocking pool, one piece at a time. Nothing is read
//! ahead: when the upload is dropped, at most the piece in flight is still read, and then dropped.

use std::fs::File;
use std::future::Future;
use std::io::{self, Read};
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use super::Upload;
use crate::transport::Body;
use crate::{Error, ErrorKind, Result};

/// How much is read at a time.
const PIECE: usize = 64 << 10;

#[cfg_attr(docsrs, doc(cfg(feature = "tokio")))]
impl Upload {
    /// The file at `path`, read piece by piece while it is sent, under its own name.
    ///
    /// Its length is taken now, which blocks for as long as the file system takes; a file that has
    /// become shorter when it is sent is an error.
    ///
    /// # Errors
    ///
    /// [`File`](crate::ErrorKind::File) when there is no such file, or it can't be read.
    pub fn from_path(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref().to_owned();
        let unreadable = |source: io::Error| {
            let message = format!("`{}` can't be read", path.display());
            Error::new(ErrorKind::File, message).caused_by(source)
        };
        let meta = std::fs::metadata(&path).map_err(unreadable)?;
        if !meta.is_file() {
            let message = format!("`{}` is not a file", path.display());
            return Err(Error::new(ErrorKind::File, message));
        }
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        let name = name.unwrap_or_default();
        Ok(Self::reopenable(name, meta.len(), move || {
            File::open(&path)
        }))
    }

    /// The bytes of `reader`, whose number is not known. They can be read only once, so the request
    /// is not retried.
    pub fn reader(name: impl Into<String>, reader: impl Read + Send + 'static) -> Self {
        Self::with_body(
            name,
            Body::stream(Pieces::new(move || Ok(reader), None), None),
        )
    }

    /// `len` bytes from a reader that can be opened again, so that the request can be retried.
    pub fn reopenable<R: Read + Send + 'static>(
        name: impl Into<String>,
        len: u64,
        open: impl Fn() -> io::Result<R> + Send + Sync + 'static,
    ) -> Self {
        let open = Arc::new(open);
        let start = move || {
            let open = open.clone();
            Pieces::new(move || open(), Some(len))
        };
        Self::with_body(name, Body::replayable(start, Some(len)))
    }
}

type Opener<R> = Box<dyn FnOnce() -> io::Result<R> + Send>;
type Piece<R> = io::Result<(R, Bytes)>;

/// A reader as a stream: each piece is read on the blocking pool.
struct Pieces<R> {
    state: Reading<R>,
    /// How much is still to come, where that is known.
    left: Option<u64>,
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
            left: len,
        }
    }

    /// Takes a piece into account; the end is only an end when nothing is missing.
    fn take(&mut self, mut piece: Bytes) -> Option<io::Result<Bytes>> {
        if let Some(left) = &mut self.left {
            // What was appended to a file since its length was taken is left out.
            piece.truncate(usize::try_from(*left).unwrap_or(usize::MAX));
            *left = left.saturating_sub(piece.len() as u64);
        }
        if piece.is_empty() {
            self.state = Reading::Ended;
            let missing = self.left.filter(|left| *left > 0)?;
            let message = format!("the file ended {missing} bytes early");
            return Some(Err(io::Error::new(io::ErrorKind::UnexpectedEof, message)));
        }
        Some(Ok(piece))
    }
}

fn read_piece<R: Read>(mut reader: R) -> Piece<R> {
    let mut piece = Vec::with_capacity(PIECE);
    reader.by_ref().take(PIECE as u64).read_to_end(&mut piece)?;
    Ok((reader, piece.into()))
}

/// Reads on the blocking pool of the runtime that the upload is sent on.
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
            match std::mem::replace(&mut self.state, Reading::Ended) {
                Reading::Ended => return Poll::Ready(None),
                Reading::Closed(open) => {
                    self.state = Reading::Busy(start(move || open().and_then(read_piece))?);
                }
                Reading::Open(reader) => {
                    self.state = Reading::Busy(start(move || read_piece(reader))?);
                }
                Reading::Busy(mut busy) => {
                    let Poll::Ready(done) = Pin::new(&mut busy).poll(context) else {
                        self.state = Reading::Busy(busy);
                        return Poll::Pending;
                    };
                    return match done.map_err(io::Error::other).and_then(|piece| piece) {
                        Ok((reader, piece)) => {
                            self.state = Reading::Open(reader);
                            Poll::Ready(self.take(piece))
                        }
                        Err(error) => Poll::Ready(Some(Err(error))),
                    };
                }
            }
        }
    }
}
