//! The options of a request, as a value.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use anthropic_types::{Beta, Secret};
use http::{HeaderMap, HeaderName};
use serde::Serialize;

use super::encode;
use super::headers::{self, ANTHROPIC_VERSION, USER_PROFILE_ID, WORKSPACE_ID};
use super::query::{self, Pairs};
use crate::config::{Fault, StreamLimits};
use crate::pipeline::middleware::Middleware;
use crate::pipeline::platform::Credentials;
use crate::retry::RetryPolicy;
use crate::transport::Transport;
use crate::{ErrorKind, Result};

/// Options of a request, in place of the client's.
///
/// Everything that is not set is the client's. A limit that the client has is lifted by `None`.
/// Pass them to [`Request::options`](crate::Request::options); setters on the request that come
/// after it override them.
///
/// ```
/// # async fn run(client: anthropic::Client) -> anthropic::Result<()> {
/// use std::time::Duration;
///
/// use anthropic::RequestOptions;
///
/// let persistent = RequestOptions::new().timeout(Duration::from_secs(900)).total_timeout(None).max_retries(5);
/// let one: serde_json::Value = client.get("/v1/models/one").options(persistent.clone()).await?;
/// let two: serde_json::Value = client.get("/v1/models/two").options(persistent).max_retries(0).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
#[must_use = "options do nothing until they are passed to a request"]
#[expect(
    clippy::option_option,
    reason = "whether the request sets a limit, and whether it is one"
)]
pub struct RequestOptions {
    pub(crate) connect_timeout: Option<Option<Duration>>,
    pub(crate) timeout: Option<Option<Duration>>,
    pub(crate) attempt_timeout: Option<Option<Duration>>,
    pub(crate) total_timeout: Option<Option<Duration>>,
    pub(crate) max_retries: Option<u32>,
    pub(crate) max_retry_after: Option<Option<Duration>>,
    pub(crate) retry_budget: Option<Option<Duration>>,
    pub(crate) stream: Option<StreamLimits>,
    /// Headers of the caller's; the values are marked sensitive.
    pub(crate) headers: HeaderMap,
    pub(crate) removed_headers: Vec<HeaderName>,
    pub(crate) query: Pairs,
    pub(crate) betas: Vec<String>,
    pub(crate) allow_hosts: Vec<String>,
    /// What is set rarely. A request that waits for its response keeps its options, so they are
    /// small.
    pub(crate) route: Option<Box<Route>>,
    /// The first option that can't be.
    pub(crate) fault: Option<Fault>,
}

/// Where a request goes, and through what, in place of the client's.
#[derive(Clone, Default)]
pub(crate) struct Route {
    pub(crate) base_url: Option<String>,
    pub(crate) credential: Option<GivenCredential>,
    pub(crate) transport: Option<Arc<dyn Transport>>,
    pub(crate) middleware: Vec<Arc<dyn Middleware>>,
    pub(crate) retry: Option<RetryPolicy>,
    pub(crate) max_response_bytes: Option<usize>,
    /// Keys of query parameters that have more values than their pairs show: objects, of which
    /// others may be set already, and what has no pair at all.
    pub(crate) replaced_query: Vec<String>,
}

/// A credential as the caller gave it.
#[derive(Clone)]
pub(crate) enum GivenCredential {
    ApiKey(Secret),
    AuthToken(Secret),
    Fetched(Arc<dyn Credentials>),
}

impl RequestOptions {
    /// No options: everything is the client's.
    pub fn new() -> Self {
        Self::default()
    }

    /// The time limit for making a connection:
    /// [`Request::connect_timeout`](crate::Request::connect_timeout).
    pub fn connect_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.connect_timeout = Some(timeout.into());
        self
    }

    /// The time limit, per attempt, for the response's headers:
    /// [`Request::timeout`](crate::Request::timeout).
    pub fn timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.timeout = Some(timeout.into());
        self
    }

    /// The time limit of each attempt with its body:
    /// [`Request::attempt_timeout`](crate::Request::attempt_timeout).
    pub fn attempt_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.attempt_timeout = Some(timeout.into());
        self
    }

    /// The time limit for everything: [`Request::total_timeout`](crate::Request::total_timeout).
    pub fn total_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.total_timeout = Some(timeout.into());
        self
    }

    /// How many times the request is sent again:
    /// [`Request::max_retries`](crate::Request::max_retries).
    pub fn max_retries(mut self, retries: u32) -> Self {
        self.max_retries = Some(retries);
        self
    }

    /// The longest delay that the server may ask for:
    /// [`Request::max_retry_after`](crate::Request::max_retry_after).
    pub fn max_retry_after(mut self, delay: impl Into<Option<Duration>>) -> Self {
        self.max_retry_after = Some(delay.into());
        self
    }

    /// The time within which the last attempt begins:
    /// [`Request::retry_budget`](crate::Request::retry_budget).
    pub fn retry_budget(mut self, budget: impl Into<Option<Duration>>) -> Self {
        self.retry_budget = Some(budget.into());
        self
    }

    /// Everything about retries, in place of what was set before. The three setters above override
    /// parts of it if they come after it.
    pub fn retry_policy(mut self, policy: RetryPolicy) -> Self {
        self.drop_retries();
        self.route().retry = Some(policy);
        self
    }

    /// The limits of the response's stream, if it is one:
    /// [`Request::stream_limits`](crate::Request::stream_limits).
    pub fn stream_limits(mut self, limits: StreamLimits) -> Self {
        self.stream = Some(limits);
        self
    }

    /// The largest response that is read as a whole, in bytes:
    /// [`ClientBuilder::max_response_bytes`](crate::ClientBuilder::max_response_bytes). `None` is
    /// no limit.
    pub fn max_response_bytes(mut self, bytes: impl Into<Option<usize>>) -> Self {
        self.route().max_response_bytes = Some(bytes.into().unwrap_or(usize::MAX));
        self
    }

    /// A header, in place of one that would be sent under the same name:
    /// [`Request::header`](crate::Request::header).
    pub fn header(mut self, name: impl AsRef<str>, value: impl AsRef<str>) -> Self {
        self.put_header(name.as_ref(), value.as_ref());
        self
    }

    /// Leaves out a header that would be sent otherwise; `authorization` or `x-api-key`, in
    /// whichever the credential is sent, leaves out the credential:
    /// [`Request::without_header`](crate::Request::without_header).
    pub fn without_header(mut self, name: impl AsRef<str>) -> Self {
        self.remove_header(name.as_ref());
        self
    }

    /// A query parameter: a plain value, a list (`key[]=`) or an object (`key[name]=`), in place of
    /// one that was set before.
    pub fn query(mut self, key: impl Into<String>, value: impl Serialize) -> Self {
        self.set_query(key.into(), &value);
        self
    }

    /// Sends a beta header; may be called several times.
    pub fn beta(mut self, beta: impl Into<Beta>) -> Self {
        self.betas.push(beta.into().as_str().to_owned());
        self
    }

    /// The API version.
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
        self.allow_hosts.push(host.into());
        self
    }

    /// An API key, in place of the client's credential. Sent in the client's
    /// [`auth_scheme`](crate::ClientBuilder::auth_scheme).
    ///
    /// On another [`Platform`](crate::platform::Platform), which has its own, the request fails
    /// with [`Config`](crate::ErrorKind::Config); so it does with the two setters that follow.
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.give(GivenCredential::ApiKey(Secret::new(key)));
        self
    }

    /// A bearer token, in place of the client's credential.
    pub fn auth_token(mut self, token: impl Into<String>) -> Self {
        self.give(GivenCredential::AuthToken(Secret::new(token)));
        self
    }

    /// Credentials that are fetched, in place of the client's.
    pub fn credentials(mut self, credentials: impl Credentials) -> Self {
        self.give(GivenCredential::Fetched(Arc::new(credentials)));
        self
    }

    /// The base URL. Its origin is where the credential may go: the client's, unless the request
    /// has its own or [leaves it out](Self::without_header).
    ///
    /// On another [`Platform`](crate::platform::Platform), which has its own, the request fails
    /// with [`Config`](crate::ErrorKind::Config).
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.route().base_url = Some(url.into());
        self
    }

    /// Adds a middleware. It runs inside those of the client; the first one added is the outermost.
    pub fn middleware(mut self, middleware: impl Middleware) -> Self {
        self.route().middleware.push(Arc::new(middleware));
        self
    }

    /// The transport.
    pub fn transport(mut self, transport: impl Transport) -> Self {
        self.route().transport = Some(Arc::new(transport));
        self
    }

    fn give(&mut self, credential: GivenCredential) {
        self.keep_credential();
        self.route().credential = Some(credential);
    }

    /// A policy replaces what was set of it before.
    fn drop_retries(&mut self) {
        self.max_retries = None;
        self.max_retry_after = None;
        self.retry_budget = None;
    }

    /// A credential replaces one in a header that was set before, and undoes what left it out.
    fn keep_credential(&mut self) {
        headers::remove_credentials(&mut self.headers);
        self.removed_headers
            .retain(|removed| !headers::is_credential(removed.as_str()));
    }

    fn route(&mut self) -> &mut Route {
        self.route.get_or_insert_default()
    }

    pub(crate) fn put_header(&mut self, name: &str, value: &str) {
        match headers::insert(&mut self.headers, name, value) {
            Ok(()) => self
                .removed_headers
                .retain(|removed| !name.eq_ignore_ascii_case(removed.as_str())),
            Err(error) => self.fail(error),
        }
    }

    pub(crate) fn remove_header(&mut self, name: &str) {
        match headers::name(name) {
            Ok(name) => self.removed_headers.push(name),
            Err(error) => self.fail(error),
        }
    }

    /// Sets a query parameter, in place of one of that key.
    pub(crate) fn set_query(&mut self, key: String, value: &impl Serialize) {
        self.query.retain(|(name, _)| !query::is_below(name, &key));
        let (start, root) = (self.query.len(), key.clone());
        self.push_query(key, value);
        let mut pairs = self.query.iter().skip(start);
        let is_plain = |(name, _): &(String, String)| {
            matches!(name.strip_prefix(root.as_str()), Some("" | "[]"))
        };
        if pairs.len() == 0 || !pairs.all(is_plain) {
            self.route().replaced_query.push(root);
        }
    }

    fn push_query(&mut self, key: String, value: &impl Serialize) {
        let pushed = encode::raw(value)
            .map_err(|source| {
                Fault::new(format!("the query's `{key}` can't be written")).caused_by(source)
            })
            .and_then(|json| {
                query::push_json(key, json.get(), &mut self.query).map_err(|error| {
                    let message = error.message().unwrap_or("a query value can't be read");
                    Fault::new(message).caused_by(error)
                })
            });
        if let Err(fault) = pushed {
            self.fail(fault);
        }
    }

    /// Keeps the first fault, for the request to fail with.
    fn fail(&mut self, fault: Fault) {
        self.fault.get_or_insert(fault);
    }

    /// Takes over what is set in `other`, in place of what is set here. Lists grow by its entries.
    pub(crate) fn merge(&mut self, other: Self) {
        fn take<T>(own: &mut Option<T>, other: Option<T>) {
            if other.is_some() {
                *own = other;
            }
        }
        take(&mut self.connect_timeout, other.connect_timeout);
        take(&mut self.timeout, other.timeout);
        take(&mut self.attempt_timeout, other.attempt_timeout);
        take(&mut self.total_timeout, other.total_timeout);
        let route = other.route.as_ref();
        if route.is_some_and(|route| route.retry.is_some()) {
            self.drop_retries();
        }
        take(&mut self.max_retries, other.max_retries);
        take(&mut self.max_retry_after, other.max_retry_after);
        take(&mut self.retry_budget, other.retry_budget);
        take(&mut self.stream, other.stream);
        self.removed_headers
            .retain(|removed| !other.headers.contains_key(removed));
        if route.is_some_and(|route| route.credential.is_some()) {
            self.keep_credential();
        }
        for (name, value) in &other.headers {
            headers::set(&mut self.headers, name, value.clone());
        }
        self.removed_headers.extend(other.removed_headers);
        let replaced = route.map_or(&[][..], |route| &route.replaced_query);
        self.query.retain(|(key, _)| {
            !query::is_replaced(key, &other.query)
                && !replaced.iter().any(|root| query::is_below(key, root))
        });
        self.query.extend(other.query);
        self.betas.extend(other.betas);
        self.allow_hosts.extend(other.allow_hosts);
        if let Some(other) = other.route {
            let own = self.route();
            take(&mut own.base_url, other.base_url);
            take(&mut own.credential, other.credential);
            take(&mut own.transport, other.transport);
            take(&mut own.retry, other.retry);
            take(&mut own.max_response_bytes, other.max_response_bytes);
            own.middleware.extend(other.middleware);
            own.replaced_query.extend(other.replaced_query);
        }
        self.fault = self.fault.take().or(other.fault);
    }

    /// The fault, taken out, as an error.
    pub(crate) fn check(&mut self) -> Result<()> {
        match self.fault.take() {
            Some(fault) => Err(fault.error(ErrorKind::Request)),
            None => Ok(()),
        }
    }
}

/// Without query, headers, base URL and credential, which may be secret.
impl fmt::Debug for RequestOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestOptions")
            .field("connect_timeout", &self.connect_timeout)
            .field("timeout", &self.timeout)
            .field("attempt_timeout", &self.attempt_timeout)
            .field("total_timeout", &self.total_timeout)
            .field("max_retries", &self.max_retries)
            .field("max_retry_after", &self.max_retry_after)
            .field("retry_budget", &self.retry_budget)
            .field("stream", &self.stream)
            .field("removed_headers", &self.removed_headers)
            .field("betas", &self.betas)
            .field("allow_hosts", &self.allow_hosts)
            .finish_non_exhaustive()
    }
}
