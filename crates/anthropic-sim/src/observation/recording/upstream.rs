//! The real API behind a simulator that records.
//!
//! Requests go on with the credentials they came with; responses are handed to the client as they
//! arrive, and stored when they are complete. A response that breaks off is not stored.

use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use std::{fs, io};

use axum::body::Body;
use axum::response::Response;
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderName, StatusCode, header};
use http_body::{Body as HttpBody, Frame, SizeHint};
use rustls_platform_verifier::BuilderVerifierExt;

use super::save;
use super::stored::{RecordingRequest, StoredRequest, StoredResponse, listed};
use crate::base::errors::ApiError;
use crate::http::call::{CONTROL_HEADER, FAULT_HEADER, REPLY_HEADER};
use crate::observation::scrub::Secrets;

const CONNECT: Duration = Duration::from_secs(15);

#[derive(Debug)]
pub(crate) struct Upstream {
    /// Without a slash at the end.
    url: String,
    client: reqwest::Client,
    folder: Arc<Folder>,
}

#[derive(Debug)]
struct Folder {
    path: PathBuf,
    next: AtomicUsize,
}

impl Upstream {
    pub(super) fn new(into: PathBuf, url: &str) -> io::Result<Self> {
        let wrong = |problem: String| io::Error::new(io::ErrorKind::InvalidInput, problem);
        let parsed = reqwest::Url::parse(url).map_err(|error| wrong(format!("{url}: {error}")))?;
        if !matches!(parsed.scheme(), "http" | "https") {
            return Err(wrong(format!("{url}: neither http nor https")));
        }
        fs::create_dir_all(&into)?;
        let next = AtomicUsize::new(save::next_number(&into)?);
        Ok(Self {
            url: url.trim_end_matches('/').to_owned(),
            client: client().map_err(io::Error::other)?,
            folder: Arc::new(Folder { path: into, next }),
        })
    }

    pub(super) async fn answer(&self, asked: &RecordingRequest<'_>) -> Result<Response, ApiError> {
        let target = asked
            .uri
            .path_and_query()
            .map_or("/", |target| target.as_str());
        let request = self
            .client
            .request(asked.method.clone(), format!("{}{target}", self.url))
            .headers(forwarded(asked.headers))
            .body(asked.call.body.clone());
        let answer = request.send().await.map_err(|error| {
            let message = format!(
                "the upstream {} gave no response: {}",
                self.url,
                cause(error)
            );
            ApiError::new(StatusCode::BAD_GATEWAY, "api_error", message)
        })?;
        let (mut parts, body) = http::Response::<reqwest::Body>::from(answer).into_parts();
        let secrets = Secrets::of(asked.headers);
        let keep = Keep {
            body,
            bytes: BytesMut::new(),
            recording: Some(Recording {
                folder: Arc::clone(&self.folder),
                asked: asked.stored(),
                status: parts.status,
                headers: listed(&secrets.headers(&parts.headers), save::ANSWERED),
                secrets,
            }),
        };
        for name in HOP_BY_HOP {
            parts.headers.remove(name);
        }
        Ok(Response::from_parts(parts, Body::new(keep)))
    }
}

fn client() -> Result<reqwest::Client, Box<dyn std::error::Error + Send + Sync>> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_platform_verifier()?
        .with_no_client_auth();
    let builder = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .connect_timeout(CONNECT);
    Ok(builder.build()?)
}

/// What went wrong, down to the reason at the bottom. The address is known.
fn cause(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut next = std::error::Error::source(&error);
    while let Some(source) = next {
        text = format!("{text}: {source}");
        next = source.source();
    }
    text
}

/// What belongs to one connection and not to the exchange.
const HOP_BY_HOP: [HeaderName; 7] = [
    header::CONNECTION,
    header::PROXY_AUTHORIZATION,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::TE,
    header::TRAILER,
    header::UPGRADE,
];

/// What is for the simulator, or not true of what it sends on.
const OWN: [HeaderName; 7] = [
    header::HOST,
    header::ACCEPT_ENCODING,
    // The body has been unpacked.
    header::CONTENT_ENCODING,
    header::EXPECT,
    CONTROL_HEADER,
    FAULT_HEADER,
    REPLY_HEADER,
];

/// The client's headers. Compression is not asked for, so that recordings can be read.
fn forwarded(headers: &HeaderMap) -> HeaderMap {
    let mut headers = headers.clone();
    for name in HOP_BY_HOP.into_iter().chain(OWN) {
        headers.remove(name);
    }
    headers
}

/// A response's body on its way to the client.
struct Keep {
    body: reqwest::Body,
    bytes: BytesMut,
    /// Until it is stored.
    recording: Option<Recording>,
}

struct Recording {
    folder: Arc<Folder>,
    asked: StoredRequest,
    secrets: Secrets,
    status: StatusCode,
    headers: Vec<(String, String)>,
}

impl Recording {
    fn store(self, body: &[u8]) -> io::Result<()> {
        let number = self.folder.next.fetch_add(1, Ordering::Relaxed);
        let answer = StoredResponse {
            status: self.status,
            headers: self.headers,
            body: self.secrets.response(body).into(),
        };
        save::save(&self.folder.path, number, &self.asked, &answer).map(drop)
    }
}

type Broken = Box<dyn std::error::Error + Send + Sync>;

impl Keep {
    /// Stores the exchange. A failure breaks the response, which is how the client notices.
    fn finish(&mut self) -> Result<(), Broken> {
        match self.recording.take() {
            Some(recording) => Ok(recording.store(&self.bytes)?),
            None => Ok(()),
        }
    }
}

impl HttpBody for Keep {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        match ready!(Pin::new(&mut self.body).poll_frame(context)) {
            Some(Ok(frame)) => {
                if let Some(data) = frame.data_ref() {
                    self.bytes.extend_from_slice(data);
                }
                // A body of known length is not asked for its end again.
                if self.body.is_end_stream() {
                    self.finish()?;
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Some(Err(error)) => {
                self.recording = None;
                Poll::Ready(Some(Err(cause(error).into())))
            }
            None => {
                self.finish()?;
                Poll::Ready(None)
            }
        }
    }

    /// Never before the exchange is stored.
    fn is_end_stream(&self) -> bool {
        self.recording.is_none() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
