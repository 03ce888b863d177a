//! What a response has besides its body, and how many attempts it took.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, StatusCode};

use super::rate_limits::RateLimits;
use crate::trace::PublicHeaders;

pub(crate) const WORKSPACE_ID: HeaderName = HeaderName::from_static("anthropic-workspace-id");
const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");

/// What came with a response: status, headers, ids, rate limits, attempts.
///
/// Everything that comes from a response has one: `meta()` of [`Response`](crate::Response),
/// [`MessageStream`](crate::MessageStream), [`EventStream`](crate::stream::EventStream),
/// [`JsonLines`](crate::stream::JsonLines), [`Page`](crate::Page), [`Items`](crate::Items) and
/// [`Error`](crate::Error). Cloning it is cheap.
///
/// ```
/// # async fn run(client: anthropic::Client) -> anthropic::Result<()> {
/// let response = client.get::<serde_json::Value>("/v1/models").with_response().await?;
/// let meta = response.meta();
/// println!("{} {:?} after {} attempts", meta.status(), meta.request_id(), meta.attempts());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ResponseMeta(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    status: StatusCode,
    headers: HeaderMap,
    attempts: u32,
    elapsed: Duration,
    #[cfg(feature = "tools")]
    is_spliced: bool,
}

/// In a response's extensions: a stream that another model may go on with.
#[cfg(feature = "tools")]
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spliced;

impl ResponseMeta {
    pub(crate) fn new(
        status: StatusCode,
        headers: HeaderMap,
        attempts: u32,
        elapsed: Duration,
    ) -> Self {
        Self(Arc::new(Inner {
            status,
            headers,
            attempts,
            elapsed,
            #[cfg(feature = "tools")]
            is_spliced: false,
        }))
    }

    /// The same response, as a stream that another model may go on with.
    #[cfg(feature = "tools")]
    pub(crate) fn spliced(mut self) -> Self {
        Arc::make_mut(&mut self.0).is_spliced = true;
        self
    }

    /// Whether another model may go on with the stream.
    #[cfg(feature = "tools")]
    pub(crate) fn is_spliced(&self) -> bool {
        self.0.is_spliced
    }

    /// The same response, with the number of attempts and the time that are known by now.
    pub(crate) fn with_attempts(mut self, attempts: u32, elapsed: Duration) -> Self {
        let inner = Arc::make_mut(&mut self.0);
        inner.attempts = attempts;
        inner.elapsed = elapsed;
        self
    }

    /// The same response, with other headers.
    pub(crate) fn with_headers(mut self, headers: HeaderMap) -> Self {
        Arc::make_mut(&mut self.0).headers = headers;
        self
    }

    /// The response's status.
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// The response's headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.0.headers
    }

    /// The request's id, by which Anthropic's support can find it.
    pub fn request_id(&self) -> Option<&str> {
        self.text(&REQUEST_ID)
    }

    /// The workspace in which the request ran.
    pub fn workspace_id(&self) -> Option<&str> {
        self.text(&WORKSPACE_ID)
    }

    /// What is left of the rate limits.
    pub fn rate_limits(&self) -> RateLimits {
        RateLimits::from_headers(&self.0.headers)
    }

    /// How many times the request was sent; 1 without retries.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// The time from the beginning of the first attempt to the headers of the last one.
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed
    }

    /// A header's value, if it is text.
    pub(crate) fn text(&self, name: &HeaderName) -> Option<&str> {
        self.0.headers.get(name)?.to_str().ok()
    }
}

impl fmt::Debug for ResponseMeta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseMeta")
            .field("status", &self.0.status)
            .field("headers", &PublicHeaders(&self.0.headers))
            .field("attempts", &self.0.attempts)
            .field("elapsed", &self.0.elapsed)
            .finish()
    }
}

/// Where the last response to a request leaves what its caller wants beside the value: one that
/// broke may have been replaced while it was read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Last {
    left: Arc<Mutex<Left>>,
    wants_json: bool,
}

/// What a response has left.
#[derive(Debug, Default)]
struct Left {
    meta: Option<ResponseMeta>,
    json: Option<Bytes>,
}

impl Last {
    pub(crate) fn with_json(mut self) -> Self {
        self.wants_json = true;
        self
    }

    fn left(&self) -> MutexGuard<'_, Left> {
        self.left.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set(&self, meta: ResponseMeta) {
        self.left().meta = Some(meta);
    }

    /// Keeps the text of a document that is decoded, if it is wanted.
    pub(crate) fn set_json(&self, json: &Bytes) {
        if self.wants_json {
            self.left().json = Some(json.clone());
        }
    }

    pub(crate) fn take(&self) -> (Option<ResponseMeta>, Option<Bytes>) {
        let mut left = self.left();
        (left.meta.take(), left.json.take())
    }
}
