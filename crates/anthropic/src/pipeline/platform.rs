//! Hop 4: where the API is served, and how a request proves who sends it.
//!
//! The rest of the pipeline only knows the canonical, first-party form of a request. A [`Platform`]
//! turns it into its own form and signs it, fresh for every attempt, and turns the answer back. The
//! one here is Anthropic's own API; other platforms come from outside, by implementing the trait.

use std::fmt;

use http::HeaderMap;
use http::header::{AUTHORIZATION, HeaderName};

use crate::config::Credential;
use crate::transport::{HttpRequest, HttpResponse};
use crate::{BoxFuture, Error, Result};

pub(crate) const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// Where the API is served.
pub trait Platform: fmt::Debug + Send + Sync + 'static {
    /// Turns a canonical request into the platform's form and authenticates it.
    ///
    /// Runs once per attempt and per redirect, so that a signature or a token is always fresh.
    fn prepare(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpRequest>>;

    /// Turns the platform's response back into the canonical form.
    fn restore(&self, response: HttpResponse) -> Result<HttpResponse> {
        Ok(response)
    }
}

/// Anthropic's own API, with a key or a token in a header.
#[derive(Debug)]
pub(crate) struct FirstParty {
    pub(crate) credential: Credential,
}

impl FirstParty {
    /// Adds the credential, unless the caller has put one of their own in a header.
    fn authenticate(&self, headers: &mut HeaderMap) -> Result<()> {
        if headers.contains_key(AUTHORIZATION) || headers.contains_key(X_API_KEY) {
            return Ok(());
        }
        let (name, value) = match &self.credential {
            Credential::None => {
                return Err(Error::config(
                    "no credential: set ANTHROPIC_API_KEY or ANTHROPIC_AUTH_TOKEN and use \
                     Client::from_env(), or give a key to Client::new() or the builder",
                ));
            }
            Credential::Anonymous => return Ok(()),
            Credential::Header { name, value } => (name, value),
        };
        crate::request::wire::set(headers, name, value.clone());
        Ok(())
    }
}

impl Platform for FirstParty {
    fn prepare(&self, mut request: HttpRequest) -> BoxFuture<'_, Result<HttpRequest>> {
        let authenticated = self.authenticate(request.headers_mut()).map(|()| request);
        Box::pin(std::future::ready(authenticated))
    }
}
