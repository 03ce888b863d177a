//! A request's options resolved against its client's settings: the one place where it is decided
//! whose counts.

use std::borrow::Cow;
use std::sync::Arc;

use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};

use super::middleware::Middleware;
use super::platform::{FirstParty, Platform};
use super::shared::Shared;
use super::transport::{Body, ConnectTimeout, Transport};
use crate::config::{
    BaseUrl, Config, Credential, CredentialKind, Limits, StreamLimits, Timeouts, UrlSource,
};
use crate::request::call::Call;
use crate::request::headers::{
    ANTHROPIC_BETA, ANTHROPIC_VERSION, JSON, X_API_KEY, has_credential, is_credential,
    remove_credentials, set, unset,
};
use crate::request::options::{GivenCredential, RequestOptions, Route};
use crate::request::query::{Pairs, is_below, is_replaced};
use crate::request::wire::Wire;
use crate::text::join;
use crate::{Error, Result};

/// Where a request goes, through what, and within which limits.
pub(crate) struct Resolved<'a> {
    pub(crate) limits: Limits,
    pub(crate) base_url: Cow<'a, BaseUrl>,
    pub(crate) platform: Cow<'a, Arc<dyn Platform>>,
    pub(crate) transport: &'a Arc<dyn Transport>,
    pub(crate) middleware: Cow<'a, [Arc<dyn Middleware>]>,
    /// Hosts that the request allows, besides those of the client.
    pub(crate) allow_hosts: &'a [String],
}

impl<'a> Resolved<'a> {
    pub(crate) fn new(shared: &'a Shared, options: &'a RequestOptions) -> Result<Self> {
        let mut resolved = Self {
            limits: limits(&shared.config, options),
            base_url: Cow::Borrowed(&shared.config.base_url),
            platform: Cow::Borrowed(&shared.platform),
            transport: &shared.transport,
            middleware: Cow::Borrowed(&shared.middleware),
            allow_hosts: &options.allow_hosts,
        };
        if let Some(route) = &options.route {
            resolved.pass_through(route);
        }
        resolved.reroute(&shared.config, options)?;
        Ok(resolved)
    }

    /// Takes over transport and middlewares.
    fn pass_through(&mut self, route: &'a Route) {
        if let Some(transport) = &route.transport {
            self.transport = transport;
        }
        if !route.middleware.is_empty() {
            self.middleware
                .to_mut()
                .extend_from_slice(&route.middleware);
        }
    }

    /// Takes over base URL and credential. Another platform has its own, which stay.
    fn reroute(&mut self, config: &Config, options: &RequestOptions) -> Result<()> {
        let route = options.route.as_deref();
        let base_url = route.and_then(|route| route.base_url.as_deref());
        let given = route.and_then(|route| route.credential.as_ref());
        if config.source == CredentialKind::Platform {
            let own = &options.headers;
            let is_taken = !own.contains_key(X_API_KEY)
                && (!own.contains_key(AUTHORIZATION) || self.platform.takes_authorization());
            if base_url.is_none() && given.is_none() && is_taken {
                return Ok(());
            }
            return Err(Error::config(format!(
                "the platform {} has its own base URL and credential, which a request can't replace",
                self.platform.name()
            )));
        }
        let removed = &options.removed_headers;
        let is_signed = !removed.iter().any(|name| is_credential(name.as_str()));
        if base_url.is_none() && given.is_none() && is_signed {
            return Ok(());
        }
        if let Some(url) = base_url {
            self.base_url = Cow::Owned(BaseUrl::parse(url, UrlSource::Builder, &config.trust)?);
        }
        let credential = match given {
            None => config.credential.clone(),
            Some(GivenCredential::ApiKey(key)) => {
                Credential::key(key, config.scheme, CredentialKind::ApiKey)?
            }
            Some(GivenCredential::AuthToken(token)) => {
                Credential::bearer(token, CredentialKind::AuthToken)?
            }
            Some(GivenCredential::Fetched(credentials)) => Credential::Fetched(credentials.clone()),
        };
        let credential = credential.without(removed);
        let source = match credential {
            Credential::Anonymous => CredentialKind::Anonymous,
            _ => config.source,
        };
        let platform: Arc<dyn Platform> = Arc::new(FirstParty {
            base_url: self.base_url.uri().clone(),
            credential,
            source,
        });
        self.platform = Cow::Owned(platform);
        Ok(())
    }

    pub(crate) fn connect(&self) -> ConnectTimeout {
        ConnectTimeout(self.limits.timeouts.connect)
    }
}

/// The version before beta became a matter of headers alone.
const OLD_VERSION: &str = "2023-06-01";

/// The limits of time and of attempts.
pub(crate) fn limits(config: &Config, options: &RequestOptions) -> Limits {
    let route = options.route.as_ref();
    let mut retry = route
        .and_then(|route| route.retry.as_ref())
        .unwrap_or(&config.retry)
        .clone();
    retry.max_retries = options.max_retries.unwrap_or(retry.max_retries);
    retry.max_retry_after = options.max_retry_after.unwrap_or(retry.max_retry_after);
    retry.budget = options.retry_budget.unwrap_or(retry.budget);
    let client = &config.timeouts;
    Limits {
        timeouts: Timeouts {
            connect: options.connect_timeout.unwrap_or(client.connect),
            headers: options.timeout.unwrap_or(client.headers),
            attempt: options.attempt_timeout.unwrap_or(client.attempt),
            total: options.total_timeout.unwrap_or(client.total),
        },
        retry,
    }
}

/// The largest response that is read as a whole, in bytes.
pub(crate) fn max_response_bytes(config: &Config, options: &RequestOptions) -> usize {
    let route = options.route.as_ref();
    let own = route.and_then(|route| route.max_response_bytes);
    own.unwrap_or(config.max_response_bytes)
}

/// The limits of the response's stream; `quiet` is one in which nothing may happen for long.
pub(crate) fn stream_limits(
    config: &Config,
    options: &RequestOptions,
    quiet: bool,
) -> StreamLimits {
    match options.stream {
        Some(own) => own,
        None if quiet => config.stream.quiet(),
        None => config.stream,
    }
}

/// The canonical request: the client's headers, betas and query with the request's.
pub(crate) fn wire<'c>(
    config: &'c Config,
    base_url: &BaseUrl,
    call: &Call,
    body: Body,
) -> Result<Wire<'c>> {
    let headers = headers(config, call)?;
    let query = query(config, call, &headers);
    Wire::new(base_url, call, headers, &query, body)
}

/// Whether the caller has set how long a response may take, for all requests or for this one. A
/// client's limit that is the default is nobody's choice.
pub(crate) fn is_bounded(config: &Config, options: &RequestOptions) -> bool {
    let (own, usual) = (config.timeouts, Timeouts::default());
    let is_set = options.timeout.is_some() || options.attempt_timeout.is_some();
    is_set || own.headers != usual.headers || own.attempt != usual.attempt
}

/// Whether a call asks for the version before beta became a matter of headers alone.
pub(crate) fn is_old(config: &Config, call: &Call) -> bool {
    let own = call.options.headers.get(ANTHROPIC_VERSION);
    own.or_else(|| config.headers.get(ANTHROPIC_VERSION))
        .is_some_and(|version| version == OLD_VERSION)
}

/// The client's parameters, the request's in place of those of the same name, and ours.
fn query(config: &Config, call: &Call, headers: &HeaderMap) -> Pairs {
    let mut pairs = config.query.clone();
    let route = call.options.route.as_ref();
    let replaced = route.map_or(&[][..], |route| &route.replaced_query);
    pairs.retain(|(key, _)| {
        !is_replaced(key, &call.options.query) && !replaced.iter().any(|root| is_below(key, root))
    });
    pairs.extend(call.options.query.iter().cloned());
    let old = || {
        headers
            .get(ANTHROPIC_VERSION)
            .is_some_and(|version| version == OLD_VERSION)
    };
    if call.info.is_beta() && old() && call.query_value("beta").is_none() {
        pairs.push(("beta".to_owned(), "true".to_owned()));
    }
    pairs
}

/// The headers, later ones in place of earlier ones: ours, the client's, the request's. Most
/// requests send no others than the client has in common, and copy none here.
fn headers<'c>(config: &'c Config, call: &Call) -> Result<Cow<'c, HeaderMap>> {
    let mut headers = Cow::Borrowed(&config.common);
    if call.info.accept() != JSON && !config.headers.contains_key(ACCEPT) {
        let accept = HeaderValue::from_static(call.info.accept());
        set(headers.to_mut(), &ACCEPT, accept);
    }
    let is_usual = call.content_type.as_ref().is_some_and(|it| it == JSON);
    if !is_usual && !config.headers.contains_key(CONTENT_TYPE) {
        match &call.content_type {
            Some(other) => set(headers.to_mut(), &CONTENT_TYPE, other.clone()),
            None => unset(headers.to_mut(), &CONTENT_TYPE),
        }
    }
    // A credential of the request's own replaces one in the client's headers.
    let route = call.options.route.as_ref();
    if has_credential(&call.options.headers) || route.is_some_and(|it| it.credential.is_some()) {
        remove_credentials(headers.to_mut());
    }
    for (name, value) in &call.options.headers {
        set(headers.to_mut(), name, value.clone());
    }
    if config.has_betas || has_betas(call) {
        match betas(config, call)? {
            Some(betas) => set(headers.to_mut(), &ANTHROPIC_BETA, betas),
            None => unset(headers.to_mut(), &ANTHROPIC_BETA),
        }
    }
    for name in &call.options.removed_headers {
        unset(headers.to_mut(), name);
    }
    Ok(headers)
}

/// Whether a request may have betas that its client hasn't.
fn has_betas(call: &Call) -> bool {
    let own = &call.options;
    let is_bare = own.betas.is_empty() && call.info.betas().is_empty();
    !is_bare || own.headers.contains_key(ANTHROPIC_BETA)
}

/// The names of betas, each once.
struct Betas<'a>(Vec<&'a str>);

impl<'a> Betas<'a> {
    /// Adds a beta, or a list of them.
    fn add(&mut self, list: &'a str) {
        for beta in list.split(',') {
            let beta = beta.trim();
            if !beta.is_empty() && !self.0.contains(&beta) {
                self.0.push(beta);
            }
        }
    }
}

/// The betas: the caller's first, then the operation's own, each once.
fn betas(config: &Config, call: &Call) -> Result<Option<HeaderValue>> {
    let mut betas = Betas(Vec::new());
    for (own, headers) in [
        (&call.options.betas, &call.options.headers),
        (&config.betas, &config.headers),
    ] {
        for beta in own {
            betas.add(beta);
        }
        if let Some(Ok(list)) = headers.get(ANTHROPIC_BETA).map(HeaderValue::to_str) {
            betas.add(list);
        }
    }
    for beta in call.info.betas() {
        betas.add(beta);
    }
    let Betas(betas) = betas;
    if betas.is_empty() {
        return Ok(None);
    }
    match HeaderValue::from_str(&join(&betas, ",")) {
        Ok(value) => Ok(Some(value)),
        Err(_) => Err(Error::request("a beta's name is no header value")),
    }
}
