//! From a [`Call`] to the canonical HTTP request: URL, headers, body. Done once for all attempts.

use std::borrow::Cow;

use bytes::Bytes;
use http::uri::PathAndQuery;
use http::{HeaderMap, Uri};

use super::call::Call;
use super::query::{self, Pairs};
use crate::config::{BaseUrl, is_absolute};
use crate::error::Sent;
use crate::pipeline::middleware::Attempt;
use crate::trace::Secrets;
use crate::transport::{Body, ConnectTimeout, HttpRequest};
use crate::{Error, Result};

/// The canonical request, of which every attempt sends a copy.
#[derive(Debug)]
pub(crate) struct Wire<'c> {
    uri: Uri,
    headers: Cow<'c, HeaderMap>,
    body: Body,
}

impl<'c> Wire<'c> {
    pub(crate) fn new(
        base_url: &BaseUrl,
        call: &Call,
        headers: Cow<'c, HeaderMap>,
        query: &Pairs,
        body: Body,
    ) -> Result<Self> {
        let uri = url(base_url, call, query)?;
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
        *request.headers_mut() = HeaderMap::clone(&self.headers);
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

fn url(base_url: &BaseUrl, call: &Call, query: &Pairs) -> Result<Uri> {
    let unreadable = || Error::request("the URL can't be read");
    let target = call.target.split('#').next().unwrap_or_default();
    if is_absolute(target) {
        let url = with_query(target.to_owned(), query);
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
            let mut path = String::with_capacity(folder.len() + slash.len() + target.len());
            path.push_str(folder);
            path.push_str(slash);
            path.push_str(target);
            with_query(path, query).into()
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

#[cfg(test)]
mod tests;
