//! A request that hasn't been sent, and the setters that every request has.
//!
//! There is one such type for all endpoints: options, raw access, paging and blocking are written
//! here once. It does nothing until it is awaited. A mistake made while building it (a bad header,
//! an empty id) is kept in it, and the await fails with it.

use std::borrow::Cow;
use std::fmt;
use std::future::IntoFuture;
use std::sync::Arc;
use std::time::Duration;

use anthropic_types::Beta;
use anthropic_types::codec::Encode;
use serde::Serialize;

use super::call::Call;
use super::headers::{ANTHROPIC_VERSION, USER_PROFILE_ID, WORKSPACE_ID};
use super::options::RequestOptions;
use super::{deprecation, encode};
use crate::config::StreamLimits;
use crate::operation::{BodyKind, Open, OperationInfo};
use crate::pipeline::execute::execute;
use crate::pipeline::shared::Shared;
use crate::response::Response;
use crate::response::meta::Last;
use crate::response::page::{Items, Page, Pages};
use crate::transport::Body;
use crate::{BoxFuture, Error, Result};

/// A request that is sent when it is awaited.
///
/// ```
/// # async fn run(client: anthropic::Client) -> anthropic::Result<()> {
/// use std::time::Duration;
///
/// let models: serde_json::Value = client
///     .get("/v1/models")
///     .query("limit", 5)
///     .timeout(Duration::from_secs(20))
///     .max_retries(5)
///     .header("x-trace", "abc")
///     .await?;
/// # Ok(())
/// # }
/// ```
///
/// It is [`IntoFuture`] and not a future itself. Where a future is asked for, as by `tokio::spawn`
/// or the combinators of `futures`, call [`send`](Self::send):
///
/// ```
/// # async fn run(client: anthropic::Client) -> anthropic::Result<()> {
/// let task = tokio::spawn(client.get::<serde_json::Value>("/v1/models").send());
/// let models = task.await.expect("the task neither panicked nor was aborted")?;
/// # Ok(())
/// # }
/// ```
///
/// What the compiler reports where that is missing:
///
/// | error | mend |
/// |---|---|
/// | no method named `text` found for struct `anthropic::Request<T>` | `.await?` before the method: it is one of the response |
/// | the `?` operator can't be applied to type `Request<Message>` | `.await?` in place of `?` |
/// | `Request<Message>` is not a future | `.send()` behind the request, which makes it one |
#[must_use = "a request is sent only when it is awaited"]
pub struct Request<T: 'static> {
    shared: Arc<Shared>,
    open: Open<T>,
    pub(super) call: Box<Call>,
    fault: Option<Error>,
}

impl<T: 'static> Request<T> {
    pub(crate) fn new(
        shared: Arc<Shared>,
        info: &'static OperationInfo,
        open: Open<T>,
        target: Result<Cow<'static, str>>,
    ) -> Self {
        let (target, fault) = match target {
            Ok(target) => (target, None),
            Err(fault) => (info.path().into(), Some(fault)),
        };
        Self {
            shared,
            open,
            call: Box::new(Call::new(info, target)),
            fault,
        }
    }

    /// A request made of a call by names.
    #[cfg(feature = "operations")]
    pub(crate) fn untyped(
        shared: Arc<Shared>,
        open: Open<T>,
        call: Call,
        fault: Option<Error>,
    ) -> Self {
        Self {
            shared,
            open,
            call: Box::new(call),
            fault,
        }
    }

    /// Sends the request; the same as awaiting it.
    pub fn send(self) -> BoxFuture<'static, Result<T>> {
        let sent = execute(self.shared, self.call, self.fault);
        let open = self.open;
        Box::pin(async move { open(sent.await?).await })
    }

    /// Sends the request; the response comes with its status, headers, ids and rate limits.
    ///
    /// They are those of the attempt that succeeded. A stream may still be resent before its first
    /// output: [`MessageStream::meta`](crate::MessageStream::meta) is then the newer.
    ///
    /// ```
    /// # async fn run(client: anthropic::Client) -> anthropic::Result<()> {
    /// let response = client.get::<serde_json::Value>("/v1/models").with_response().await?;
    /// println!("{:?} after {} attempts", response.request_id(), response.meta().attempts());
    /// # Ok(())
    /// # }
    /// ```
    pub fn with_response(self) -> BoxFuture<'static, Result<Response<T>>> {
        self.responding(Last::default())
    }

    /// As [`with_response`](Self::with_response), and the response keeps the exact JSON text that
    /// its value was decoded from: [`Response::raw_json`].
    ///
    /// A message comes as a document then, even where it would be streamed under the hood because
    /// it may take long.
    ///
    /// ```
    /// # async fn run(client: anthropic::Client) -> anthropic::Result<()> {
    /// let response = client.models().retrieve("claude-opus-5-5").with_raw_json().await?;
    /// println!("{}: {}", response.display_name, response.raw_json().unwrap_or_default());
    /// # Ok(())
    /// # }
    /// ```
    pub fn with_raw_json(mut self) -> BoxFuture<'static, Result<Response<T>>> {
        self.call.streams_unasked = false;
        self.responding(Last::default().with_json())
    }

    fn responding(mut self, last: Last) -> BoxFuture<'static, Result<Response<T>>> {
        self.call.last = Some(last.clone());
        let sent = execute(self.shared, self.call, self.fault);
        let open = self.open;
        Box::pin(async move {
            let incoming = sent.await?;
            let first = incoming.meta().clone();
            let value = open(incoming).await?;
            // A response that broke while it was opened may have been replaced.
            let (meta, json) = last.take();
            Ok(Response::new(value, meta.unwrap_or(first), json))
        })
    }

    /// Sends the request and decodes nothing; the body can be read as it arrives.
    ///
    /// An error status is still an error, and is retried as always. A body that breaks isn't: part
    /// of it may have been read. [`timeout`](Self::timeout) is its idle timeout, while somebody
    /// waits for the next chunk; then it ends with an error of kind
    /// [`Timeout`](crate::ErrorKind::Timeout).
    ///
    /// ```
    /// # async fn run(client: anthropic::Client) -> anthropic::Result<()> {
    /// let mut response = client.get::<serde_json::Value>("/v1/models").raw().await?;
    /// while let Some(chunk) = response.body_mut().try_next().await? {
    ///     println!("{} bytes", chunk.len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn raw(mut self) -> BoxFuture<'static, Result<http::Response<Body>>> {
        self.call.raw = true;
        let sent = execute(self.shared, self.call, self.fault);
        Box::pin(async move { Ok(sent.await?.into_http()) })
    }

    /// Takes all options as a value; see [`RequestOptions`].
    ///
    /// What is set in them replaces what was set before. Setters that come after it override them.
    pub fn options(mut self, options: RequestOptions) -> Self {
        self.call.options.merge(options);
        self
    }

    /// The time limit for making a connection; `None` is none. The client's unless set, which is 10
    /// s by default.
    ///
    /// A transport of your own may not support a limit per request.
    pub fn connect_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.call.options.connect_timeout = Some(timeout.into());
        self
    }

    /// The time limit, per attempt, for the response's headers; `None` is none. The client's unless
    /// set, which is 600 s by default.
    ///
    /// It covers fetching a credential, connecting and redirects, but not the time of middleware.
    /// It is also the idle timeout of a body that isn't a stream: JSON, a download, and what
    /// [`raw`](Self::raw) returns. Streams have [limits](StreamLimits) of their own.
    pub fn timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.call.options.timeout = Some(timeout.into());
        self
    }

    /// The time limit of each attempt with its body; `None` is none. The client's unless set, which
    /// is none by default.
    ///
    /// A body that is not read in time ends with an error of kind
    /// [`Timeout`](crate::ErrorKind::Timeout).
    pub fn attempt_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.call.options.attempt_timeout = Some(timeout.into());
        self
    }

    /// The time limit for everything: attempts, delays, and the body; `None` is none. The client's
    /// unless set, which is none by default.
    pub fn total_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.call.options.total_timeout = Some(timeout.into());
        self
    }

    /// How many times the request is sent again when it fails; 0 sends it once. The client's unless
    /// set, which is 2 by default.
    pub fn max_retries(mut self, retries: u32) -> Self {
        self.call.options.max_retries = Some(retries);
        self
    }

    /// The longest delay that the server may ask for before a retry; `None` is any. When it asks
    /// for more, the error is returned at once. The client's unless set, which is 60 s by default.
    pub fn max_retry_after(mut self, delay: impl Into<Option<Duration>>) -> Self {
        self.call.options.max_retry_after = Some(delay.into());
        self
    }

    /// The time, from the first attempt on, within which the last one must begin; `None` is no
    /// limit. The client's unless set, which is no limit by default.
    pub fn retry_budget(mut self, budget: impl Into<Option<Duration>>) -> Self {
        self.call.options.retry_budget = Some(budget.into());
        self
    }

    /// The limits of the response's stream, if it is one.
    ///
    /// They replace all limits of the client, and the longer ones that streams of sessions and
    /// threads have (see [`StreamLimits`]). To change one, start from
    /// [`Client::stream_limits`](crate::Client::stream_limits):
    ///
    /// ```
    /// # use anthropic::{Client, types::MessageCreateParams};
    /// # async fn run(client: Client, params: MessageCreateParams) -> anthropic::Result<()> {
    /// let mut limits = client.stream_limits();
    /// limits.events_idle = None;
    /// let stream = client.messages().stream(params).stream_limits(limits).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn stream_limits(mut self, limits: StreamLimits) -> Self {
        self.call.options.stream = Some(limits);
        self
    }

    /// A header, in place of one that would be sent under the same name.
    ///
    /// An `authorization` or `x-api-key` set here is used instead of the client's credential. The
    /// value never shows in `Debug`, logs or errors.
    pub fn header(mut self, name: impl AsRef<str>, value: impl AsRef<str>) -> Self {
        self.call.options.put_header(name.as_ref(), value.as_ref());
        self
    }

    /// Leaves out a header that would be sent otherwise.
    ///
    /// Of `authorization` and `x-api-key`, the one in which the credential is sent leaves out the
    /// credential. On another [`Platform`](crate::platform::Platform) the canonical request is
    /// without the header; what the platform adds stays.
    pub fn without_header(mut self, name: impl AsRef<str>) -> Self {
        self.call.options.remove_header(name.as_ref());
        self
    }

    /// A query parameter: a plain value, a list (`key[]=`) or an object (`key[name]=`), in place of
    /// one that was set before, also by the parameters of an operation.
    pub fn query(mut self, key: impl Into<String>, value: impl Serialize) -> Self {
        self.call.options.set_query(key.into(), &value);
        self
    }

    /// Sends a beta header; may be called several times.
    pub fn beta(mut self, beta: impl Into<Beta>) -> Self {
        self.call
            .options
            .betas
            .push(beta.into().as_str().to_owned());
        self
    }

    /// The API version, for this request. The types are those of the default one: see
    /// [`ClientBuilder::api_version`](crate::ClientBuilder::api_version).
    pub fn api_version(self, version: impl AsRef<str>) -> Self {
        self.header(ANTHROPIC_VERSION.as_str(), version)
    }

    /// The workspace in which the request runs.
    pub fn workspace_id(self, id: impl AsRef<str>) -> Self {
        self.header(WORKSPACE_ID.as_str(), id)
    }

    /// The user profile on whose behalf the request is made.
    pub fn user_profile_id(self, id: impl AsRef<str>) -> Self {
        self.header(USER_PROFILE_ID.as_str(), id)
    }

    /// Allows redirects and result URLs to `host` (or `host:port`), which will get the credential.
    pub fn allow_host(mut self, host: impl Into<String>) -> Self {
        self.call.options.allow_hosts.push(host.into());
        self
    }

    /// Sends the request to this absolute URL, such as a batch's `results_url`.
    ///
    /// Another origin than the client's is refused unless [`allow_host`](Self::allow_host) allows
    /// it.
    pub fn absolute_url(mut self, url: impl Into<String>) -> Self {
        self.call.target = Cow::Owned(url.into());
        self
    }

    /// Has the response streamed, unless the caller wants it raw.
    pub(crate) fn streamed_unasked(mut self) -> Self {
        self.call.streams_unasked = true;
        self
    }

    /// The same request, its response opened in another way.
    pub(crate) fn opened_by<U>(self, open: Open<U>) -> Request<U> {
        let Self {
            shared,
            call,
            fault,
            ..
        } = self;
        Request {
            shared,
            open,
            call,
            fault,
        }
    }

    /// Keeps a mistake that was made before the request was.
    #[cfg(any(feature = "schemars-1", feature = "tools"))]
    pub(crate) fn failing(mut self, result: Result<()>) -> Self {
        self.note(result);
        self
    }

    /// Encodes a parameters type: each parameter where the operation's description has it.
    pub(crate) fn params(self, params: &impl Encode) -> Self {
        self.encoded(encode::params(params))
    }

    /// The same, written already.
    pub(crate) fn encoded(mut self, params: Result<Vec<u8>>) -> Self {
        let has_body = self.call.info.body_kind() == BodyKind::Json;
        let placed = params.and_then(|json| {
            if has_body {
                deprecation::warn(&json);
            }
            self.call.set_params(json)
        });
        self.note(placed);
        self
    }

    pub(super) fn note<V>(&mut self, result: Result<V>) {
        if let Err(error) = result {
            self.fail(error);
        }
    }

    /// Keeps the first mistake, for the await to fail with.
    pub(super) fn fail(&mut self, error: Error) {
        self.fault.get_or_insert(error);
    }
}

impl<T: Send + 'static> Request<Page<T>> {
    /// All items of the listing, page after page, as a stream.
    ///
    /// ```
    /// # async fn run(request: anthropic::Request<anthropic::Page<anthropic::types::Json>>)
    /// # -> anthropic::Result<()> {
    /// let mut items = request.items();
    /// while let Some(item) = items.try_next().await? {
    ///     println!("{item:?}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn items(self) -> Items<T> {
        Items::new(self.pages())
    }

    /// All pages of the listing, as a stream.
    pub fn pages(self) -> Pages<T> {
        Pages::new(self.send())
    }
}

impl<T: 'static> IntoFuture for Request<T> {
    type Output = Result<T>;
    type IntoFuture = BoxFuture<'static, Result<T>>;

    fn into_future(self) -> Self::IntoFuture {
        self.send()
    }
}

impl<T: 'static> fmt::Debug for Request<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("operation", &self.call.info.id())
            .field("method", &self.call.info.method())
            .field("path", &self.call.display_path())
            .field("body", &self.call.body)
            .field("fault", &self.fault)
            .finish_non_exhaustive()
    }
}
