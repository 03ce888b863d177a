//! The builder: every setting of a client.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use anthropic_types::{Beta, Decoding, Secret};
use http::{HeaderMap, HeaderValue};

use super::credential::Given;
use super::env::Environment;
use super::{
    API_VERSION, AuthScheme, BASE_URL, BaseUrl, Config, Credential, CredentialKind, Fault,
    StreamLimits, Timeouts, Trust, UrlSource, agent, defaults,
};
use crate::client::Client;
use crate::clock::Clock;
use crate::pipeline::debug_log::debug_log;
use crate::pipeline::middleware::Middleware;
use crate::pipeline::platform::{Credentials, FirstParty, Platform};
use crate::pipeline::shared::Shared;
use crate::request::headers::{
    self, ANTHROPIC_VERSION, USER_PROFILE_ID, WORKSPACE_ID, has_credential, is_credential,
};
use crate::request::query::Pairs;
use crate::retry::RetryPolicy;
use crate::trace::Secrets;
use crate::transport::Transport;
use crate::{Error, ErrorKind, Result};

/// Sets up a [`Client`].
///
/// Every setter can be called in any order; what can fail is checked in [`build`](Self::build).
///
/// ```
/// use std::time::Duration;
///
/// let client = anthropic::Client::builder()
///     .api_key("my-key")
///     .timeout(Duration::from_secs(120))
///     .max_retries(4)
///     .build()?;
/// # Ok::<(), anthropic::Error>(())
/// ```
#[derive(Clone)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct ClientBuilder {
    given: Given,
    env: Environment,
    base_url: Option<String>,
    /// Whether the base URL comes from the client that this one is derived from.
    base_url_inherited: bool,
    headers: HeaderMap,
    query: Pairs,
    betas: Vec<String>,
    retry: RetryPolicy,
    timeouts: Timeouts,
    max_response_bytes: usize,
    stream: StreamLimits,
    decoding: Decoding,
    trust: Trust,
    transport: Option<Arc<dyn Transport>>,
    platform: Option<Arc<dyn Platform>>,
    clock: Option<Arc<dyn Clock>>,
    middleware: Vec<Arc<dyn Middleware>>,
    agent: HeaderValue,
    /// The first setting that can't be.
    fault: Option<Fault>,
}

/// The largest response that is read as a whole.
const MAX_RESPONSE_BYTES: usize = 256 << 20;

impl ClientBuilder {
    pub(crate) fn new() -> Self {
        Self {
            given: Given::default(),
            env: Environment::default(),
            base_url: None,
            base_url_inherited: false,
            headers: HeaderMap::new(),
            query: Pairs::new(),
            betas: Vec::new(),
            retry: RetryPolicy::default(),
            timeouts: Timeouts::default(),
            max_response_bytes: MAX_RESPONSE_BYTES,
            stream: StreamLimits::default(),
            decoding: Decoding::Lenient,
            trust: Trust::default(),
            transport: None,
            platform: None,
            clock: None,
            middleware: Vec::new(),
            agent: agent::default(),
            fault: None,
        }
    }

    /// Fills in from the environment whatever isn't set here.
    ///
    /// Read are `ANTHROPIC_API_KEY`, `ANTHROPIC_AUTH_TOKEN` (the key wins over the token, and a
    /// credential set here over both), `ANTHROPIC_BASE_URL`, `ANTHROPIC_CUSTOM_HEADERS` (one
    /// `Name: value` per line) and `ANTHROPIC_LOG` (`info` or `debug`: a
    /// [`debug_log`](crate::debug_log) on standard error). Values are trimmed, and an empty one
    /// counts as unset. A variable that is not UTF-8 is an error of [`build`](Self::build).
    ///
    /// With the feature `profiles`, and without a key and a token, a profile or workload identity
    /// federation is looked for: see the module `credentials`.
    pub fn environment(mut self) -> Self {
        #[cfg(feature = "profiles")]
        {
            self.given.found = Arc::default();
        }
        match Environment::of_process() {
            Ok(env) => self.env = env,
            Err(fault) => self.fail(fault),
        }
        self
    }

    /// The API key.
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.given.replace_inherited();
        self.given.api_key = Some(Secret::new(key));
        self
    }

    /// A bearer token, such as an OAuth access token, instead of an API key.
    pub fn auth_token(mut self, token: impl Into<String>) -> Self {
        self.given.replace_inherited();
        self.given.auth_token = Some(Secret::new(token));
        self
    }

    /// Credentials that are fetched when a request is about to be sent, such as a token that
    /// expires.
    ///
    /// ```
    /// let fetched = anthropic::platform::credentials_fn(|| async { Ok("token") });
    /// # #[cfg(feature = "hyper")]
    /// let client = anthropic::Client::builder().credentials(fetched).build()?;
    /// # Ok::<(), anthropic::Error>(())
    /// ```
    pub fn credentials(mut self, credentials: impl Credentials) -> Self {
        self.given.replace_inherited();
        self.given.credentials = Some(Arc::new(credentials));
        self
    }

    /// The header in which the API key is sent; `Authorization: Bearer` by default. A token is sent
    /// as `Bearer` whatever this is, and what [`credentials`](Self::credentials) returns as it is.
    pub fn auth_scheme(mut self, scheme: AuthScheme) -> Self {
        self.given.scheme = scheme;
        self
    }

    /// Sends no credential at all, for a gateway that adds its own.
    ///
    /// What comes from the environment, or from the client that this one is derived from, is
    /// dropped: key, token, and an `authorization` or `x-api-key` among the headers. A credential
    /// or a platform set on the same builder is a contradiction, which [`build`](Self::build)
    /// refuses.
    pub fn anonymous(mut self) -> Self {
        self.given.replace_inherited();
        self.given.anonymous = true;
        self
    }

    /// The base URL; a path in it is kept as it is and put before every endpoint's path. One that
    /// ends in `/v1` is taken without it, since every endpoint's path begins with that.
    ///
    /// A platform has its own: with one on the same builder, or on the client that this one is
    /// derived from, [`build`](Self::build) fails.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self.base_url_inherited = false;
        self
    }

    /// Allows `http://` to a host other than this machine, with the credential in the clear.
    pub fn allow_plaintext_http(mut self, allow: bool) -> Self {
        self.trust.plaintext = allow;
        self
    }

    /// Allows redirects and result URLs to `host` (or `host:port`), which will see the credential.
    pub fn allow_host(mut self, host: impl Into<String>) -> Self {
        self.trust.hosts.push(host.into());
        self
    }

    /// The API version; [`API_VERSION`](crate::API_VERSION) by default.
    ///
    /// The types are those of the default. Another version may name, require or return other
    /// things, which then are in `extra` and `Unrecognized`, or fail to decode.
    pub fn api_version(self, version: impl AsRef<str>) -> Self {
        self.header(ANTHROPIC_VERSION.as_str(), version)
    }

    /// The workspace in which requests run.
    pub fn workspace_id(self, id: impl AsRef<str>) -> Self {
        self.header(WORKSPACE_ID.as_str(), id)
    }

    /// The user profile on whose behalf requests are made.
    pub fn user_profile_id(self, id: impl AsRef<str>) -> Self {
        self.header(USER_PROFILE_ID.as_str(), id)
    }

    /// Sends a beta header with every request; may be called several times.
    pub fn beta(mut self, beta: impl Into<Beta>) -> Self {
        self.betas.push(beta.into().as_str().to_owned());
        self
    }

    /// A header for every request, in place of one that would be sent under the same name.
    ///
    /// An `authorization` or `x-api-key` set here is used instead of the client's credential; a
    /// platform takes neither, or an `authorization` alone (Google's do). The value never shows in
    /// `Debug`, logs or errors.
    pub fn header(mut self, name: impl AsRef<str>, value: impl AsRef<str>) -> Self {
        let name = name.as_ref();
        if let Err(fault) = headers::insert(&mut self.headers, name, value.as_ref()) {
            self.fail(fault);
        }
        if is_credential(name) {
            self.given.replace_inherited_anonymity();
            self.given.headers.add(name);
        }
        self
    }

    /// The application's name and version for the `user-agent` header, which servers and gateways
    /// count by; they come before this crate's.
    ///
    /// It is one product such as `my-app/1.2`, or several, and comments in brackets, as RFC 9110
    /// has them. A header `user-agent` set with [`header`](Self::header) replaces all of it.
    ///
    /// ```
    /// // user-agent: inventory/2.1 anthropic-rust/0.1.0
    /// let client = anthropic::Client::builder().api_key("key").application("inventory/2.1").build()?;
    /// # Ok::<(), anthropic::Error>(())
    /// ```
    pub fn application(mut self, name: impl AsRef<str>) -> Self {
        match agent::with_application(name.as_ref()) {
            Ok(agent) => self.agent = agent,
            Err(fault) => self.fail(fault),
        }
        self
    }

    /// A query parameter for every request.
    pub fn query(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.query.push((key.into(), value.into()));
        self
    }

    /// The time limit for making a connection; 10 s by default, `None` is none.
    ///
    /// A transport of your own has its own limit.
    pub fn connect_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.timeouts.connect = timeout.into();
        self
    }

    /// The time limit, per attempt, for the response's headers; 600 s by default, `None` is none.
    ///
    /// It is also the idle timeout of a body that isn't a stream: JSON, a download, and what
    /// [`Request::raw`](crate::Request::raw) gives.
    pub fn timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.timeouts.headers = timeout.into();
        self
    }

    /// The time limit of each attempt with its body. None by default.
    pub fn attempt_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.timeouts.attempt = timeout.into();
        self
    }

    /// The time limit of a request with everything: attempts, delays, and the body. None by
    /// default.
    pub fn total_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.timeouts.total = timeout.into();
        self
    }

    /// How many times a failed request is sent again; 2 by default.
    pub fn max_retries(mut self, retries: u32) -> Self {
        self.retry.max_retries = retries;
        self
    }

    /// How many retries there are, and their delays.
    pub fn retry_policy(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// The largest response that is read as a whole, such as a message or a page; 256 MiB by
    /// default.
    ///
    /// One that is longer ends with an error of kind
    /// [`UnexpectedContent`](crate::ErrorKind::UnexpectedContent). Where a message is built of an
    /// event stream, by `create` or `stream`, the content of its events counts. Events alone,
    /// downloads and rows of JSON have no such limit. `None` is no limit.
    pub fn max_response_bytes(mut self, bytes: impl Into<Option<usize>>) -> Self {
        self.max_response_bytes = bytes.into().unwrap_or(usize::MAX);
        self
    }

    /// Makes each [repair](anthropic_types::repairs) of a response an error of kind
    /// [`Decode`](crate::ErrorKind::Decode), for tests of what a server or a gateway sends.
    ///
    /// A field that is missing, `null` or of another type then fails the request, or the stream,
    /// and so does half of a UTF-16 surrogate pair, unless the next delta of a stream has the other
    /// half. Unknown fields, types and values are no repairs.
    pub fn strict(mut self, strict: bool) -> Self {
        self.decoding = if strict {
            Decoding::Strict
        } else {
            Decoding::Lenient
        };
        self
    }

    /// The limits of streams, all of them; to change one of a client's, start from
    /// [`Client::stream_limits`].
    pub fn stream_limits(mut self, limits: StreamLimits) -> Self {
        self.stream = limits;
        self
    }

    /// Adds a middleware; the first one added is the outermost.
    pub fn middleware(mut self, middleware: impl Middleware) -> Self {
        self.middleware.push(Arc::new(middleware));
        self
    }

    /// Sends through this transport instead of the default one.
    pub fn transport(mut self, transport: impl Transport) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// Sends to another platform than Anthropic's own API. The platform has its base URL and its
    /// credential.
    ///
    /// Others on the same builder, an `authorization` or `x-api-key` header among them, are an
    /// error of [`build`](Self::build), but for an `authorization` header where the platform
    /// [takes one](Platform::takes_authorization). Those of the environment
    /// (`ANTHROPIC_CUSTOM_HEADERS` included), and those of the client that this one is derived
    /// from, are dropped: they never reach the platform's servers.
    pub fn platform(mut self, platform: impl Platform) -> Self {
        self.given.replace_inherited();
        self.given.headers.change_platform();
        if std::mem::take(&mut self.base_url_inherited) {
            self.base_url = None;
        }
        self.platform = Some(Arc::new(platform));
        self
    }

    /// Takes the time from this clock, all but the `connect_timeout` of the default transport,
    /// which runs on tokio's timer. Without the features `tokio` and `web` there is no default
    /// clock, and this is needed.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Some(Arc::new(clock));
        self
    }

    /// Builds the client.
    ///
    /// # Errors
    ///
    /// [`Config`](crate::ErrorKind::Config), whose message names the setting. A client without a
    /// credential is built nevertheless; its requests fail.
    pub fn build(mut self) -> Result<Client> {
        if let Some(fault) = self.fault {
            return Err(fault.error(ErrorKind::Config));
        }
        if self.given.anonymous || self.platform.is_some() {
            self.drop_credentials()?;
        }
        let headers = self.all_headers()?;
        let (credential, source) = self.chosen_credential(&headers)?;
        let base_url = self.chosen_base_url(&credential)?;
        let source = self.source(source, &headers);
        #[cfg(all(feature = "web", target_arch = "wasm32"))]
        crate::transport::fetch::page::check_client(&headers, source)?;
        let platform = match &self.platform {
            Some(platform) => platform.clone(),
            None => Arc::new(FirstParty {
                base_url: base_url.uri().clone(),
                credential: credential.clone(),
                source,
            }),
        };
        let secrets = Secrets::default();
        if let Credential::Header { value, .. } = &credential {
            secrets.note_value(value);
        }
        let config = Config {
            base_url,
            trust: self.trust.clone(),
            common: headers::common(&self.agent, &headers),
            has_betas: !self.betas.is_empty() || headers.contains_key(headers::ANTHROPIC_BETA),
            headers,
            query: self.query.clone(),
            betas: self.betas.clone(),
            retry: self.retry.clone(),
            timeouts: self.timeouts,
            max_response_bytes: self.max_response_bytes,
            stream: self.stream,
            decoding: self.decoding,
            scheme: self.given.scheme,
            credential,
            source,
        };
        let transport = match &self.transport {
            Some(transport) => transport.clone(),
            None => defaults::transport()?,
        };
        let clock = match &self.clock {
            Some(clock) => clock.clone(),
            None => defaults::clock()?,
        };
        let shared = Shared {
            config,
            transport,
            platform,
            clock,
            middleware: self.all_middleware(),
            secrets: Arc::new(secrets),
        };
        Ok(Client::from_parts(shared, self))
    }

    /// Where the credential comes from, all things considered.
    fn source(&self, chosen: CredentialKind, headers: &HeaderMap) -> CredentialKind {
        if self.platform.is_some() {
            CredentialKind::Platform
        } else if has_credential(headers) {
            CredentialKind::Header
        } else {
            chosen
        }
    }

    #[cfg(not(feature = "profiles"))]
    fn chosen_credential(&mut self, _: &HeaderMap) -> Result<(Credential, CredentialKind)> {
        self.given.choose(&self.env)
    }

    /// No profile is looked for where there is a credential among the headers.
    #[cfg(feature = "profiles")]
    fn chosen_credential(&mut self, headers: &HeaderMap) -> Result<(Credential, CredentialKind)> {
        if has_credential(headers) {
            self.env.variables = None;
        }
        self.given.choose(&self.env)
    }

    /// The platform's base URL, else the one given, else the environment's, else the profile's,
    /// else the default.
    #[cfg_attr(
        not(feature = "profiles"),
        expect(unused_variables, reason = "only a profile has a base URL")
    )]
    fn chosen_base_url(&self, credential: &Credential) -> Result<BaseUrl> {
        match (&self.platform, &self.base_url) {
            (Some(platform), Some(_)) => Err(Error::config(format!(
                "both `base_url` and the platform {}, which has its own, are set; remove one of them",
                platform.name()
            ))),
            (Some(platform), None) => BaseUrl::of_platform(platform.base_url(), &self.trust),
            (None, given) => {
                #[cfg(feature = "profiles")]
                if let (None, None, Some(url)) = (given, &self.env.base_url, credential.base_url())
                {
                    return BaseUrl::parse(&url, UrlSource::Profile, &self.trust);
                }
                let (url, source) = match (given, &self.env.base_url) {
                    (Some(url), _) => (url.as_str(), UrlSource::Builder),
                    (None, Some(url)) => (url.as_str(), UrlSource::Variable),
                    (None, None) => (BASE_URL, UrlSource::Default),
                };
                BaseUrl::parse(url, source, &self.trust)
            }
        }
    }

    /// The middlewares that were added, then the log that the environment asks for.
    fn all_middleware(&self) -> Vec<Arc<dyn Middleware>> {
        let mut all = self.middleware.clone();
        if let Some(level) = self.env.log {
            all.push(Arc::new(debug_log(level).to_writer(std::io::stderr())));
        }
        all
    }

    /// Keeps the first mistake, for `build` to return.
    fn fail(&mut self, fault: Fault) {
        self.fault.get_or_insert(fault);
    }

    /// A builder with these settings that shares the client's connections.
    pub(crate) fn derived(&self, transport: &Arc<dyn Transport>) -> Self {
        let mut derived = Self {
            transport: Some(transport.clone()),
            ..self.clone()
        };
        derived.given.inherited = true;
        derived.base_url_inherited = derived.base_url.is_some();
        derived.given.headers.derive();
        derived
    }

    /// Takes out every credential that was not given to this builder, for an anonymous client and
    /// for a platform, which has its own; one that was given is refused.
    fn drop_credentials(&mut self) -> Result<()> {
        let platform = self.platform.as_ref();
        let takes = platform.is_some_and(Platform::takes_authorization);
        if platform.is_some() {
            self.given.check_platform(takes)?;
        } else if self.given.headers.is_any() {
            return Err(Error::config(
                "both `anonymous` and a header with a credential are set; remove one of them",
            ));
        }
        self.env.drop_credentials();
        self.given.headers.retain(takes, &mut self.headers);
        Ok(())
    }

    /// The environment's headers, under the ones given here.
    fn all_headers(&self) -> Result<HeaderMap> {
        let mut all = HeaderMap::new();
        for (name, value) in &self.env.headers {
            headers::insert(&mut all, name, value.expose()).map_err(|fault| {
                let error = fault.error(ErrorKind::Config);
                error.at("ANTHROPIC_CUSTOM_HEADERS has a line that is no header")
            })?;
        }
        for (name, value) in &self.headers {
            headers::set(&mut all, name, value.clone());
        }
        if !all.contains_key(ANTHROPIC_VERSION) {
            headers::set(
                &mut all,
                &ANTHROPIC_VERSION,
                HeaderValue::from_static(API_VERSION),
            );
        }
        Ok(all)
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The base URL is left out: before it is checked, it may carry a password.
        f.debug_struct("ClientBuilder")
            .field("credential", &self.given)
            .field("betas", &self.betas)
            .field("retry", &self.retry)
            .field("timeouts", &self.timeouts)
            .field("stream", &self.stream)
            .field("trust", &self.trust)
            .finish_non_exhaustive()
    }
}
