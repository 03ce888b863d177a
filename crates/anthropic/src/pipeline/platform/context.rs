//! What a platform and credentials know of the attempt that they work on.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::{HeaderValue, Uri};

use crate::clock::{Clock, earliest};
use crate::operation::OperationInfo;
use crate::pipeline::upload::Upload;
use crate::transport::{ConnectTimeout, HttpRequest, HttpResponse, Transport};
use crate::{BoxFuture, Error, Result};

/// One attempt on its way, from [`adapt`](super::Platform::adapt) to
/// [`refused`](super::Platform::refused).
///
/// A middleware that sends a request twice makes two of them.
pub struct AttemptContext {
    pub(crate) operation: &'static OperationInfo,
    pub(crate) number: u32,
    pub(crate) base_url: Arc<str>,
    pub(crate) workspace: Option<HeaderValue>,
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) connect: ConnectTimeout,
    /// When it began, by the clock.
    pub(crate) began: Duration,
    /// How long the response's headers may take, from then on or from the last progress of the
    /// body.
    pub(crate) head_limit: Option<Duration>,
    /// When the attempt, or everything, has to be over.
    pub(crate) deadline: Option<Duration>,
    /// How far the body has been sent, where that takes time.
    pub(crate) upload: Option<Arc<Upload>>,
    pub(crate) state: Mutex<http::Extensions>,
}

/// Where a request goes that leaves the base URL.
#[derive(Clone)]
struct Elsewhere(Uri);

impl AttemptContext {
    /// The operation that the request is for.
    pub fn operation(&self) -> &'static OperationInfo {
        self.operation
    }

    /// The number of the attempt, from 1.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// The base URL of the canonical request, without a slash at its end. A cache of tokens that is
    /// shared by several clients keeps them apart by this and by
    /// [`workspace_id`](Self::workspace_id).
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The workspace that the request names, if it names one.
    pub fn workspace_id(&self) -> Option<&str> {
        self.workspace.as_ref()?.to_str().ok()
    }

    /// The client's clock.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// How long the attempt may still take until the response's headers are there, by whichever of
    /// its limits ends first (`timeout`, `attempt_timeout`, `total_timeout`); `None` is no limit.
    ///
    /// A body that takes long to send moves the end of `timeout` as it is sent.
    pub fn time_left(&self) -> Option<Duration> {
        let moved = self.upload.as_ref().map(|upload| upload.moved());
        let since = self.began.max(moved.unwrap_or_default());
        let headers = self.head_limit.and_then(|limit| since.checked_add(limit));
        let end = earliest(headers, self.deadline)?;
        Some(end.saturating_sub(self.clock.now()))
    }

    /// The request goes to this URL, which is not below the base URL.
    pub(crate) fn goes_to(&self, url: &Uri) {
        self.insert(Elsewhere(url.clone()));
    }

    /// Where the request goes, if not to the base URL.
    pub(crate) fn elsewhere(&self) -> Option<Uri> {
        self.get().map(|Elsewhere(url)| url)
    }

    /// Keeps a value for the calls that follow for the same attempt, in place of another one of its
    /// type.
    pub fn insert<T: Clone + Send + Sync + 'static>(&self, value: T) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.insert(value);
    }

    /// The value of this type that was kept.
    pub fn get<T: Clone + Send + Sync + 'static>(&self) -> Option<T> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.get().cloned()
    }

    /// Sends a request of the platform's own, such as an exchange of tokens, over the transport of
    /// the request that it is for: with its proxies, trust roots and limits. It passes no
    /// middleware, is not authorized and not sent again, and its redirects are not followed.
    ///
    /// # Errors
    ///
    /// What the transport fails with. A response whose status is an error is a response.
    pub fn send(&self, request: HttpRequest) -> BoxFuture<'static, Result<HttpResponse>> {
        send(&*self.transport, self.connect, request)
    }
}

/// Sends a request that is none of the pipeline's.
pub(crate) fn send(
    transport: &dyn Transport,
    connect: ConnectTimeout,
    mut request: HttpRequest,
) -> BoxFuture<'static, Result<HttpResponse>> {
    request.extensions_mut().insert(connect);
    let sending = transport.send(request);
    Box::pin(async move { sending.await.map_err(Error::transport) })
}

impl fmt::Debug for AttemptContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AttemptContext")
            .field("operation", &self.operation.id())
            .field("number", &self.number)
            .field("time_left", &self.time_left())
            .finish_non_exhaustive()
    }
}
