//! Middleware: the caller's code around every attempt.
//!
//! A middleware gets the canonical request (first-party URL and headers, credentials not yet added)
//! and the rest of the way as [`Next`]. It may change the request, return a response by itself,
//! look at the response, or run the rest more than once. The first one added is the outermost.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::clock::Clock;
use crate::trace::Secrets;
use crate::transport::{HttpRequest, HttpResponse};
use crate::{BoxFuture, Result};

/// Code around every attempt of every request.
///
/// A middleware gets the request as it would go to Anthropic's own API, without the credential, and
/// the rest of the way as [`Next`]; the response that it gets is as from there, too, whatever the
/// platform. Paths begin with that of [`Client::base_url`](crate::Client::base_url), which gateways
/// and some platforms have; [`Attempt::route`](crate::Attempt::route) is without. It can change the
/// request, read or replace the response, return a response of its own, or run the rest more than
/// once. What is being sent is in the request's extensions, as [`Attempt`](crate::Attempt).
///
/// It runs once per attempt, inside the retries: a response with an error status, its own included,
/// is retried like a server's. To refuse a request it returns an error, usually
/// [`Error::new`](crate::Error::new) with the kind [`Middleware`](crate::ErrorKind::Middleware),
/// which is not retried unless the error is [`retryable`](crate::Error::retryable). The time it
/// takes counts towards `attempt_timeout` and `total_timeout`, not towards `timeout`.
///
/// Set it with [`ClientBuilder::middleware`](crate::ClientBuilder::middleware), or for one request
/// with [`RequestOptions::middleware`](crate::RequestOptions::middleware). A closure becomes one by
/// [`middleware_fn`].
///
/// ```
/// use anthropic::transport::{HttpRequest, HttpResponse};
/// use anthropic::{BoxFuture, Middleware, Next, Result};
///
/// #[derive(Debug)]
/// struct Tenant(http::HeaderValue);
///
/// impl Middleware for Tenant {
///     fn handle<'a>(
///         &'a self,
///         mut request: HttpRequest,
///         next: Next<'a>,
///     ) -> BoxFuture<'a, Result<HttpResponse>> {
///         request.headers_mut().insert("x-tenant", self.0.clone());
///         next.run(request)
///     }
/// }
///
/// let client = anthropic::Client::builder()
///     .api_key("key")
///     .middleware(Tenant(http::HeaderValue::from_static("blue")))
///     .build()?;
/// # Ok::<(), anthropic::Error>(())
/// ```
pub trait Middleware: fmt::Debug + Send + Sync + 'static {
    /// Handles one attempt. `next.run(request)` sends the request through the inner middlewares and
    /// the transport, and returns the response whatever its status.
    fn handle<'a>(
        &'a self,
        request: HttpRequest,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<HttpResponse>>;
}

impl<M: Middleware + ?Sized> Middleware for Arc<M> {
    fn handle<'a>(
        &'a self,
        request: HttpRequest,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<HttpResponse>> {
        (**self).handle(request, next)
    }
}

/// The rest of a request's way: the inner middlewares, the platform, the transport.
#[derive(Clone, Copy)]
pub struct Next<'a> {
    rest: &'a [Arc<dyn Middleware>],
    end: &'a dyn Terminus,
}

/// What comes after the last middleware.
pub(crate) trait Terminus: Send + Sync {
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse>>;

    /// The secrets of the client.
    fn secrets(&self) -> &Arc<Secrets>;

    fn clock(&self) -> &Arc<dyn Clock>;

    /// The same, for requests after the attempt's.
    #[cfg(feature = "tools")]
    fn owned(&self) -> Arc<dyn Terminus>;
}

impl<'a> Next<'a> {
    pub(crate) fn new(rest: &'a [Arc<dyn Middleware>], end: &'a dyn Terminus) -> Self {
        Self { rest, end }
    }

    pub(crate) fn secrets(&self) -> &'a Arc<Secrets> {
        self.end.secrets()
    }

    pub(crate) fn clock(&self) -> &'a Arc<dyn Clock> {
        self.end.clock()
    }

    /// The rest of the way for requests that are sent while the response is read.
    #[cfg(feature = "tools")]
    pub(crate) fn owned(&self) -> OwnedNext {
        OwnedNext {
            rest: self.rest.to_vec(),
            end: self.end.owned(),
        }
    }

    /// Passes the request on, and returns the response whatever its status. A middleware that runs
    /// this twice must put a fresh body in.
    pub fn run(self, request: HttpRequest) -> BoxFuture<'a, Result<HttpResponse>> {
        match self.rest.split_first() {
            Some((first, rest)) => first.handle(
                request,
                Self {
                    rest,
                    end: self.end,
                },
            ),
            None => self.end.send(request),
        }
    }
}

/// The rest of a request's way, when the attempt itself is over.
#[cfg(feature = "tools")]
pub(crate) struct OwnedNext {
    rest: Vec<Arc<dyn Middleware>>,
    end: Arc<dyn Terminus>,
}

#[cfg(feature = "tools")]
impl OwnedNext {
    pub(crate) fn clock(&self) -> &Arc<dyn Clock> {
        self.end.clock()
    }

    pub(crate) fn run(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse>> {
        Next::new(&self.rest, &*self.end).run(request)
    }
}

impl fmt::Debug for Next<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Next")
            .field("middlewares_left", &self.rest.len())
            .finish_non_exhaustive()
    }
}

/// A closure as a [`Middleware`].
///
/// ```
/// let timed = anthropic::middleware_fn(|request, next| {
///     Box::pin(async move {
///         let response = next.run(request).await?;
///         println!("{}", response.status());
///         Ok(response)
///     })
/// });
/// let client = anthropic::Client::builder().api_key("key").middleware(timed).build()?;
/// # Ok::<(), anthropic::Error>(())
/// ```
pub fn middleware_fn<F>(handle: F) -> impl Middleware
where
    F: for<'a> Fn(HttpRequest, Next<'a>) -> BoxFuture<'a, Result<HttpResponse>>
        + Send
        + Sync
        + 'static,
{
    Closure(handle)
}

struct Closure<F>(F);

impl<F> fmt::Debug for Closure<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("middleware_fn")
    }
}

impl<F> Middleware for Closure<F>
where
    F: for<'a> Fn(HttpRequest, Next<'a>) -> BoxFuture<'a, Result<HttpResponse>>
        + Send
        + Sync
        + 'static,
{
    fn handle<'a>(
        &'a self,
        request: HttpRequest,
        next: Next<'a>,
    ) -> BoxFuture<'a, Result<HttpResponse>> {
        (self.0)(request, next)
    }
}

/// What a middleware can know about the attempt, from the request's extensions.
///
/// ```
/// let quiet = anthropic::middleware_fn(|request, next| {
///     if let Some(attempt) = request.extensions().get::<anthropic::Attempt>() {
///         println!("{}, attempt {}", attempt.operation, attempt.number);
///     }
///     next.run(request)
/// });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attempt {
    /// The operation's name, such as `messages.create`.
    pub operation: &'static str,
    /// The operation's path template, such as `/v1/messages/batches/{message_batch_id}`.
    pub route: &'static str,
    /// The number of this attempt, from 1.
    pub number: u32,
    /// How long the caller still waits for the response's head, once the request is handed to the
    /// transport. A transport can see from it whether a request that is dropped was late.
    pub(crate) head_timeout: Option<Duration>,
}
