//! From a [`Call`] to the canonical HTTP request: URL, headers, body. Done once for all attempts.

use std::borrow::Cow;

use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, USER_AGENT};
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderValue, Uri};

use super::call::Call;
use super::headers::{
    ANTHROPIC_BETA, ANTHROPIC_VERSION, has_credential, remove_credentials, set, unset,
};
use super::query::{self, Pairs};
use crate::config::{BaseUrl, Config, is_absolute};
use crate::error::Sent;
use crate::pipeline::middleware::Attempt;
use crate::trace::Secrets;
use crate::transport::{Body, ConnectTimeout, HttpRequest};
use crate::{Error, Result};

/// The version before beta became a matter of headers alone.
const OLD_VERSION: &str = "2023-06-01";

/// The canonical request, of which every attempt sends a copy.
#[derive(Debug)]
pub(crate) struct Wire {
    uri: Uri,
    headers: HeaderMap,
    body: Body,
}

impl Wire {
    pub(crate) fn new(
        config: &Config,
        base_url: &BaseUrl,
        call: &Call,
        body: Body,
    ) -> Result<Self> {
        let headers = headers(config, call)?;
        let uri = url(config, base_url, call, &headers)?;
        Ok(Self { uri, headers, body })
    }

    pub(crate) fn is_replayable(&self) -> bool {
        self.body.is_replayable()
    }

    pub(crate) fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The request, for a dump.
    pub(crate) fn sent(&self, call: &Call, secrets: &Secrets) -> Sent {
        Sent::new(
            call.info.method(),
            &self.uri,
            &self.headers,
            &self.body,
            secrets,
        )
    }

    /// The request of one attempt.
    pub(crate) fn request(
        &mut self,
        call: &Call,
        number: u32,
        connect: ConnectTimeout,
    ) -> HttpRequest {
        let body = match self.body.try_clone() {
            Some(copy) => copy,
            None => std::mem::replace(&mut self.body, Body::spent()),
        };
        let mut request = HttpRequest::new(body);
        *request.method_mut() = call.info.method().clone();
        *request.uri_mut() = self.uri.clone();
        // A clone has no room for the credential, and the first insertion would double it.
        let mut headers = HeaderMap::with_capacity(self.headers.len() + 1);
        for (name, value) in &self.headers {
            set(&mut headers, name, value.clone());
        }
        *request.headers_mut() = headers;
        let attempt = Attempt {
            operation: call.info.id(),
            route: call.info.path(),
            number,
            head_timeout: None,
        };
        request.extensions_mut().insert(attempt);
        request.extensions_mut().insert(connect);
        request
    }
}

fn url(config: &Config, base_url: &BaseUrl, call: &Call, headers: &HeaderMap) -> Result<Uri> {
    let query = query(config, call, headers);
    let unreadable = || Error::request("the URL can't be read");
    let target = call.target.split('#').next().unwrap_or_default();
    if is_absolute(target) {
        let url = with_query(target.to_owned(), &query);
        return Uri::try_from(url).map_err(|source| unreadable().caused_by(source));
    }
    // Scheme and host are the same for every request, and so are shared.
    let base = base_url.uri();
    let folder = base.path().trim_end_matches('/');
    let is_bare = folder.is_empty() && query.is_empty() && target.starts_with('/');
    let path = match &call.target {
        Cow::Borrowed(path) if is_bare => Bytes::from_static(path.as_bytes()),
        _ => {
            let slash = if target.starts_with('/') { "" } else { "/" };
            with_query([folder, slash, target].concat(), &query).into()
        }
    };
    let path = PathAndQuery::from_maybe_shared(path);
    let mut parts = http::uri::Parts::default();
    parts.scheme = base.scheme().cloned();
    parts.authority = base.authority().cloned();
    parts.path_and_query = Some(path.map_err(|source| unreadable().caused_by(source))?);
    Uri::from_parts(parts).map_err(|source| unreadable().caused_by(source))
}

fn with_query(mut url: String, pairs: &[(String, String)]) -> String {
    if !pairs.is_empty() {
        url.push(if url.contains('?') { '&' } else { '?' });
        query::encode(pairs, &mut url);
    }
    url
}

/// The client's parameters, the request's in place of those of the same name, and ours.
fn query(config: &Config, call: &Call, headers: &HeaderMap) -> Pairs {
    let mut pairs = config.query.clone();
    pairs.retain(|(key, _)| call.query_value(key).is_none());
    pairs.extend(call.options.query.iter().cloned());
    let old = headers
        .get(ANTHROPIC_VERSION)
        .is_some_and(|version| version == OLD_VERSION);
    if old && call.info.is_beta() && call.query_value("beta").is_none() {
        pairs.push(("beta".to_owned(), "true".to_owned()));
    }
    pairs
}

/// The headers, later ones in place of earlier ones: ours, the client's, the request's.
fn headers(config: &Config, call: &Call) -> Result<HeaderMap> {
    // As long as a request is on its way it keeps them, so there is room for what comes, not more.
    let mut headers =
        HeaderMap::with_capacity(4 + config.headers.len() + call.options.headers.len());
    set(
        &mut headers,
        &ACCEPT,
        HeaderValue::from_static(call.info.accept()),
    );
    // Nothing here decodes another one, and some gateways compress what isn't told not to be.
    set(
        &mut headers,
        &ACCEPT_ENCODING,
        HeaderValue::from_static("identity"),
    );
    set(&mut headers, &USER_AGENT, config.agent.clone());
    if let Some(content_type) = &call.content_type {
        set(&mut headers, &CONTENT_TYPE, content_type.clone());
    }
    for (name, value) in &config.headers {
        set(&mut headers, name, value.clone());
    }
    // A credential of the request's own replaces one in the client's headers.
    let route = call.options.route.as_ref();
    if has_credential(&call.options.headers) || route.is_some_and(|it| it.credential.is_some()) {
        remove_credentials(&mut headers);
    }
    for (name, value) in &call.options.headers {
        set(&mut headers, name, value.clone());
    }
    match betas(config, call)? {
        Some(betas) => set(&mut headers, &ANTHROPIC_BETA, betas),
        None => unset(&mut headers, &ANTHROPIC_BETA),
    }
    for name in &call.options.removed_headers {
        unset(&mut headers, name);
    }
    Ok(headers)
}

/// The betas: the caller's first, then the operation's own, each once.
fn betas(config: &Config, call: &Call) -> Result<Option<HeaderValue>> {
    let mut betas: Vec<&str> = Vec::new();
    let written =
        [&call.options.headers, &config.headers].map(|headers| headers.get(ANTHROPIC_BETA));
    let [of_call, of_client] = written.map(|value| value.and_then(|value| value.to_str().ok()));
    let wanted = call
        .options
        .betas
        .iter()
        .map(String::as_str)
        .chain(of_call.unwrap_or_default().split(','))
        .chain(config.betas.iter().map(String::as_str))
        .chain(of_client.unwrap_or_default().split(','))
        .chain(call.info.betas().iter().copied());
    for beta in wanted.map(str::trim).filter(|beta| !beta.is_empty()) {
        if !betas.contains(&beta) {
            betas.push(beta);
        }
    }
    if betas.is_empty() {
        return Ok(None);
    }
    let value = HeaderValue::from_str(&betas.join(","));
    value
        .map(Some)
        .map_err(|_| Error::request("a beta's name is no header value"))
}

#[cfg(test)]
mod tests;
