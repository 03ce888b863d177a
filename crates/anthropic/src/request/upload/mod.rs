//! Files on their way up: always with a name and a content type, streamed, replayable where
//! possible.

#[cfg(feature = "tokio")]
mod read;
#[cfg(all(feature = "web", any(target_arch = "wasm32", anthropic_docs)))]
mod web_sys_0_3;

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;

use crate::Result;
use crate::transport::{Body, BoxError};

/// A file to upload.
///
/// ```
/// use anthropic::Upload;
///
/// let report = Upload::bytes("report.csv", "a,b\n1,2\n");
/// assert_eq!(report.content_type(), "text/csv");
/// ```
///
/// An upload becomes a part of a message by the file that it makes:
/// [`content_block`](anthropic_types::FileMetadata::content_block) is an image, a document, or a
/// file for the model's code, by the content type. The file stays, so that further requests send
/// nothing but its id.
///
/// ```no_run
/// # use anthropic::{Client, Upload, types::*};
/// # async fn run(client: Client) -> anthropic::Result<()> {
/// let map = Upload::bytes("map.png", std::fs::read("map.png").unwrap_or_default());
/// let file = client.files().upload(map, FileUploadParams::new()).await?;
/// let params = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024);
/// let params = params.user((file.content_block(), "Which river is that?"));
/// # Ok(())
/// # }
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
    /// Bytes in memory.
    pub fn bytes(name: impl Into<String>, bytes: impl Into<Bytes>) -> Self {
        Self::body(name, bytes.into())
    }

    /// Any stream of bytes. It can be read only once, so the request is not retried.
    pub fn stream<S, E>(name: impl Into<String>, stream: S, len: Option<u64>) -> Self
    where
        S: Stream<Item = Result<Bytes, E>> + Send + 'static,
        E: Into<BoxError> + 'static,
    {
        Self::body(name, Body::stream(stream, len))
    }

    /// Any body, such as one of a reader of tokio's: `transport::tokio_1::body_of`. Whether the
    /// request is retried depends on whether the body can be read again; one that can is sent from
    /// its first byte.
    pub fn body(name: impl Into<String>, body: impl Into<Body>) -> Self {
        Self {
            name: name.into(),
            content_type: None,
            body: body.into().rewound(),
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

/// A body whose progress is reported.
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
