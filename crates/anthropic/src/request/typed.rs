//! Hop 1: a request that hasn't been sent, and the options that every request has.
//!
//! There is one such type for all endpoints: options, raw access, paging and blocking are written
//! here once. It does nothing until it is awaited. A mistake made while building it (a bad header, an
//! empty id) waits in it and comes back as the error of the await.

use std::fmt;
use std::future::IntoFuture;
use std::time::Duration;

use anthropic_types::Beta;
use anthropic_types::codec::Encode;
use http::HeaderName;
use serde::Serialize;

use crate::client::Client;
use crate::config::{
    ANTHROPIC_VERSION, StreamLimits, USER_PROFILE_ID, WORKSPACE_ID, insert_header,
};
use crate::operation::{Open, Operation};
use crate::request::call::{Call, Limit};
use crate::request::multipart::Form;
use crate::request::query;
use crate::response::{LastMeta, Response};
use crate::transport::Body;
use crate::{BoxFuture, Error, ErrorKind, Result};

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
/// It is [`IntoFuture`] and not a future itself. Where a future is asked for, as by `tokio::spawn`, `tokio::select!`,
/// `join!` or `timeout`, call [`send`](Self::send) or `into_future`:
///
/// ```
/// # async fn run(client: anthropic::Client) -> anthropic::Result<()> {
/// let task = tokio::spawn(client.get::<serde_json::Value>("/v1/models").send());
/// let models = task.await.expect("the task neither panicked nor was aborted")?;
/// # Ok(())
/// # }
/// ```
#[must_use = "a request is sent only when it is awaited"]
pub struct Request<T: 'static> {
    client: Client,
    open: Open<T>,
    call: Box<Call>,
    fault: Option<Error>,
}

impl<T: 'static> Request<T> {
    pub(crate) fn new(
        client: Client,
        operation: &'static Operation<T>,
        target: Result<String>,
    ) -> Self {
        let (target, fault) = match target {
            Ok(target) => (target, None),
            Err(fault) => (operation.info().path().to_owned(), Some(fault)),
        };
        let call = Box::new(Call::new(operation.info(), target));
        Self {
            client,
            open: operation.open(),
            call,
            fault,
        }
    }

    /// A request that has been sent before, with another cursor or as another try.
    pub(crate) fn again(client: Client, open: Open<T>, call: Call) -> Self {
        Self {
            client,
            open,
            call: Box::new(call),
            fault: None,
        }
    }

    /// Sends the request; the same as awaiting it.
    pub fn send(self) -> BoxFuture<'static, Result<T>> {
        let sent = self.client.execute(self.call, self.fault);
        let open = self.open;
        Box::pin(async move { open(sent.await?).await })
    }

    /// Sends the request; the answer comes with its status, headers, ids and rate limits.
    ///
    /// They are those of the attempt that gave the answer. A stream may still be asked for again before its
    /// first output: what it says of itself ([`MessageStream::request_id`](crate::MessageStream::request_id)
    /// and the like) is then the newer.
    ///
    /// ```
    /// # async fn run(client: anthropic::Client) -> anthropic::Result<()> {
    /// let response = client.get::<serde_json::Value>("/v1/models").with_response().await?;
    /// println!("{:?} after {} attempts", response.request_id(), response.attempts());
    /// # Ok(())
    /// # }
    /// ```
    pub fn with_response(mut self) -> BoxFuture<'static, Result<Response<T>>> {
        let last = LastMeta::default();
        self.call.last_meta = Some(last.clone());
        let sent = self.client.execute(self.call, self.fault);
        let open = self.open;
        Box::pin(async move {
            let incoming = sent.await?;
            let first = incoming.meta().clone();
            let value = open(incoming).await?;
            // An answer that broke while it was opened may have been asked for again.
            Ok(Response::new(value, last.get().unwrap_or(first)))
        })
    }

    /// Sends the request and decodes nothing; the body can be read as it arrives.
    ///
    /// An error status is still an error, and is retried as always. A body that breaks isn't: part of it may
    /// have been read. While somebody waits for its next chunk, it may be silent for as long as
    /// [`timeout`](Self::timeout) says; then it ends with an error of kind
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
        let sent = self.client.execute(self.call, self.fault);
        Box::pin(async move { Ok(sent.await?.into_http()) })
    }

    /// How long to wait for a connection; `None` for ever. The client's unless set, which is 10 s by default.
    ///
    /// A transport of your own may not be able to tell one request from another.
    pub fn connect_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.call.options.connect_timeout = Limit::Own(timeout.into());
        self
    }

    /// How long to wait, per attempt, for the response's headers; `None` for ever. The client's unless set,
    /// which is 600 s by default.
    ///
    /// It is also the longest silence while a body is read that isn't a stream: JSON, a download, and what
    /// [`raw`](Self::raw) gives. Streams have [limits](StreamLimits) of their own.
    pub fn timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.call.options.timeout = Limit::Own(timeout.into());
        self
    }

    /// How long the request may take in all: attempts, delays, and the body; `None` for ever. The client's
    /// unless set, which is for ever by default.
    pub fn total_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.call.options.total_timeout = Limit::Own(timeout.into());
        self
    }

    /// How many times the request is sent again when it fails; 0 sends it once. The client's unless set, which
    /// is 2 by default.
    pub fn max_retries(mut self, retries: u32) -> Self {
        self.call.options.max_retries = Some(retries);
        self
    }

    /// The longest delay that the server may ask for before a retry; when it asks for more, the error comes
    /// back at once. The client's unless set, which is 60 s by default.
    pub fn max_retry_after(mut self, delay: Duration) -> Self {
        self.call.options.max_retry_after = Some(delay);
        self
    }

    /// The time, from the first attempt on, within which the last one must begin. The client's unless set,
    /// which is no limit by default.
    pub fn retry_budget(mut self, budget: Duration) -> Self {
        self.call.options.retry_budget = Some(budget);
        self
    }

    /// What the response's stream, if it is one, may cost before it counts as broken.
    ///
    /// They replace the client's limits, all of them, and for streams of sessions and threads the greater patience
    /// that these have without (see [`StreamLimits`]). To change one, start from [`Client::stream_limits`]:
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
        let inserted = insert_header(&mut self.call.headers, name.as_ref(), value.as_ref())
            .map_err(|fault| fault.error(ErrorKind::Request));
        self.note(inserted);
        self
    }

    /// Leaves out a header that would be sent otherwise.
    pub fn without_header(mut self, name: impl AsRef<str>) -> Self {
        match HeaderName::from_bytes(name.as_ref().as_bytes()) {
            Ok(name) => self.call.removed_headers.push(name),
            Err(error) => {
                self.fail(Error::request("a header has an invalid name").caused_by(error));
            }
        }
        self
    }

    /// A query parameter: a plain value, a list (`key[]=`) or an object (`key[name]=`).
    pub fn query(mut self, key: impl Into<String>, value: impl Serialize) -> Self {
        let json = serde_json::to_string(&value)
            .map_err(|source| Error::request("a query value can't be written").caused_by(source));
        let pushed =
            json.and_then(|json| query::push_json(key.into(), &json, &mut self.call.query));
        self.note(pushed);
        self
    }

    /// Asks for a beta; may be called several times.
    pub fn beta(mut self, beta: impl Into<Beta>) -> Self {
        self.call.betas.push(beta.into().as_str().to_owned());
        self
    }

    /// The API version to speak, for this request.
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

    /// Allows redirects and result URLs to `host` (or `host:port`), which will see the credential.
    pub fn allow_host(mut self, host: impl Into<String>) -> Self {
        self.call.options.allow_hosts.push(host.into());
        self
    }

    /// A JSON body.
    pub fn json(mut self, body: &(impl Serialize + ?Sized)) -> Self {
        match serde_json::to_vec(body) {
            Ok(json) => self.call.set_json(json),
            Err(source) => {
                self.fail(Error::request("the body can't be written").caused_by(source));
            }
        }
        self
    }

    /// Sets a key of the JSON body that this crate doesn't know, or replaces one that it does.
    pub fn extra_body(mut self, key: impl Into<String>, value: impl Serialize) -> Self {
        match serde_json::value::to_raw_value(&value) {
            Ok(value) => self.call.extra_body.push((key.into(), value)),
            Err(source) => {
                self.fail(Error::request("an extra body key can't be written").caused_by(source));
            }
        }
        self
    }

    /// Sets all keys of an object in the JSON body, as [`extra_body`](Self::extra_body) sets one.
    pub fn merge_body(mut self, object: &(impl Serialize + ?Sized)) -> Self {
        let refused = |source| Error::request("only an object can be merged").caused_by(source);
        let merged = serde_json::to_vec(object)
            .and_then(|json| serde_json::from_slice::<query::Object>(&json))
            .map(|object: query::Object| object.0)
            .map_err(refused);
        match merged {
            Ok(entries) => self.call.extra_body.extend(entries),
            Err(error) => self.fail(error),
        }
        self
    }

    /// A multipart body.
    pub fn multipart(mut self, form: Form) -> Self {
        let encoded = form.into_body().map(|(content_type, body)| {
            self.call.content_type = Some(content_type);
            self.call.body = body;
        });
        self.note(encoded);
        self
    }

    /// A body of any other kind, with its content type.
    pub fn body(mut self, content_type: &str, body: impl Into<Body>) -> Self {
        self.call.body = body.into();
        match content_type.parse() {
            Ok(value) => self.call.content_type = Some(value),
            Err(_) => self.fail(Error::request("the content type is no header value")),
        }
        self
    }

    /// Sends the request to this absolute URL, such as a batch's `results_url`.
    ///
    /// Another origin than the client's is refused unless [`allow_host`](Self::allow_host) allows it.
    pub fn absolute_url(mut self, url: impl Into<String>) -> Self {
        self.call.target = url.into();
        self
    }

    /// Has the answer streamed, unless the caller wants to see it as it comes.
    pub(crate) fn streamed_unasked(mut self) -> Self {
        self.call.streams_unasked = true;
        self
    }

    /// Encodes a parameters type as the JSON body.
    pub(crate) fn params(mut self, params: &impl Encode) -> Self {
        self.call.set_json(anthropic_types::to_vec(params));
        self
    }

    /// Encodes a parameters type as the query.
    pub(crate) fn query_params(mut self, params: &impl Encode) -> Self {
        let pushed = query::from_json(&anthropic_types::to_vec(params), &mut self.call.query);
        self.note(pushed);
        self
    }

    /// Moves keys of the JSON body into the query.
    #[cfg(feature = "agents")]
    pub(crate) fn body_to_query(mut self, keys: &[&str]) -> Self {
        let moved = self.call.body_to_query(keys);
        self.note(moved);
        self
    }

    /// Sends a parameter that was encoded into the query as a header.
    #[cfg(feature = "agents")]
    pub(crate) fn query_to_header(mut self, key: &str, name: &'static str) -> Self {
        match self.call.take_query(key) {
            Some(value) => self.header(name, value),
            None => self,
        }
    }

    fn note<V>(&mut self, result: Result<V>) {
        if let Err(error) = result {
            self.fail(error);
        }
    }

    /// Keeps the first mistake, for the await to tell.
    fn fail(&mut self, error: Error) {
        self.fault.get_or_insert(error);
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
