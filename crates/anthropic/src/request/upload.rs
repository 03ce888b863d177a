//! Files on their way up: always with a name and a content type, streamed, replayable where possible.
//!
//! Reading blocks, so it happens on tokio's blocking pool, one piece at a time. Nothing is read
//! ahead: when the upload is dropped, at most the piece in flight is still read, and then dropped.

use std::fmt;
use std::fs::File;
use std::future::Future;
use std::io::{self, Read};
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;
use tokio::task::JoinHandle;

use crate::transport::{Body, BoxError};
use crate::{Error, Result};

/// How much is read at a time.
const PIECE: usize = 64 << 10;

/// A file to upload.
///
/// ```
/// use anthropic::Upload;
///
/// let report = Upload::bytes("report.csv", "a,b\n1,2\n");
/// assert_eq!(report.content_type(), "text/csv");
/// ```
#[must_use = "an upload does nothing until a request takes it"]
pub struct Upload {
    name: String,
    content_type: Option<String>,
    body: Body,
    progress: Option<Arc<Progress>>,
}

type Progress = dyn Fn(u64, Option<u64>) + Send + Sync + 'static;

impl Upload {
    /// The file at `path`, read piece by piece while it is sent, under its own name.
    ///
    /// Its length is taken now, which blocks for as long as the file system takes to tell it; a file that has
    /// become shorter when it is sent is an error.
    pub fn from_path(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref().to_owned();
        let unreadable = |source: io::Error| {
            let message = format!("`{}` can't be read: {source}", path.display());
            Error::request(message).caused_by(source)
        };
        let meta = std::fs::metadata(&path).map_err(unreadable)?;
        if !meta.is_file() {
            return Err(Error::request(format!(
                "`{}` is not a file",
                path.display()
            )));
        }
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        let name = name.unwrap_or_default();
        Ok(Self::reopenable(name, meta.len(), move || {
            File::open(&path)
        }))
    }

    /// Bytes in memory.
    pub fn bytes(name: impl Into<String>, bytes: impl Into<Bytes>) -> Self {
        Self::with_body(name, Body::from(bytes.into()))
    }

    /// Whatever `reader` gives. It can be read only once, so the request is not retried.
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

    /// Any stream of bytes. It can be read only once, so the request is not retried.
    pub fn stream<S, E>(name: impl Into<String>, stream: S, len: Option<u64>) -> Self
    where
        S: Stream<Item = Result<Bytes, E>> + Send + 'static,
        E: Into<BoxError> + 'static,
    {
        Self::with_body(name, Body::stream(stream, len))
    }

    fn with_body(name: impl Into<String>, body: Body) -> Self {
        Self {
            name: name.into(),
            content_type: None,
            body,
            progress: None,
        }
    }

    /// Another name; it may have folders in it, such as `my-skill/SKILL.md`.
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Another content type than the one that the name's extension suggests.
    pub fn with_content_type(mut self, content_type: impl Into<String>) -> Self {
        self.content_type = Some(content_type.into());
        self
    }

    /// Calls `progress` with the bytes sent so far and, where it is known, their final number. A
    /// retry begins at zero again.
    pub fn on_progress(
        mut self,
        progress: impl Fn(u64, Option<u64>) + Send + Sync + 'static,
    ) -> Self {
        self.progress = Some(Arc::new(progress));
        self
    }

    /// The name under which the file is sent.
    pub fn name(&self) -> &str {
        if self.name.is_empty() {
            "file"
        } else {
            &self.name
        }
    }

    /// The content type under which the file is sent.
    pub fn content_type(&self) -> &str {
        self.content_type
            .as_deref()
            .unwrap_or_else(|| by_extension(self.name()))
    }

    /// The number of bytes, where it is known.
    pub fn len(&self) -> Option<u64> {
        self.body.len()
    }

    /// Whether there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.body.is_empty()
    }

    pub(crate) fn into_body(self) -> Body {
        let Some(progress) = self.progress else {
            return self.body;
        };
        let body = self.body;
        let len = body.len();
        let watch = move |body: Body| Watched {
            body,
            sent: 0,
            len,
            progress: progress.clone(),
        };
        if body.is_replayable() {
            Body::replayable(move || watch(body.try_clone().unwrap_or_default()), len)
        } else {
            Body::stream(watch(body), len)
        }
    }
}

impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upload")
            .field("name", &self.name())
            .field("content_type", &self.content_type())
            .field("body", &self.body)
            .finish_non_exhaustive()
    }
}

/// The content type that a file's extension suggests.
fn by_extension(name: &str) -> &'static str {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    match extension.to_ascii_lowercase().as_str() {
        "css" => "text/css",
        "csv" => "text/csv",
        "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "gif" => "image/gif",
        "gz" | "tgz" => "application/gzip",
        "htm" | "html" => "text/html",
        "jpeg" | "jpg" => "image/jpeg",
        "js" | "mjs" => "text/javascript",
        "json" => "application/json",
        "jsonl" => "application/jsonl",
        "md" | "markdown" => "text/markdown",
        "mp3" => "audio/mpeg",
        "mp4" => "video/mp4",
        "pdf" => "application/pdf",
        "png" => "image/png",
        "pptx" => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "py" => "text/x-python",
        "rtf" => "application/rtf",
        "sh" => "application/x-sh",
        "svg" => "image/svg+xml",
        "tar" => "application/x-tar",
        "tsv" => "text/tab-separated-values",
        "txt" | "log" => "text/plain",
        "wav" => "audio/wav",
        "webp" => "image/webp",
        "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "xml" => "application/xml",
        "yaml" | "yml" => "application/yaml",
        "zip" => "application/zip",
        _ => "application/octet-stream",
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
                    let read = move || open().and_then(read_piece);
                    self.state = Reading::Busy(tokio::task::spawn_blocking(read));
                }
                Reading::Open(reader) => {
                    let read = move || read_piece(reader);
                    self.state = Reading::Busy(tokio::task::spawn_blocking(read));
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

/// A body whose progress is told.
struct Watched {
    body: Body,
    sent: u64,
    len: Option<u64>,
    progress: Arc<Progress>,
}

impl Stream for Watched {
    type Item = Result<Bytes>;

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes>>> {
        let chunk = ready!(Pin::new(&mut self.body).poll_next(context));
        if let Some(Ok(chunk)) = &chunk {
            self.sent += chunk.len() as u64;
            (self.progress)(self.sent, self.len);
        }
        Poll::Ready(chunk)
    }
}
