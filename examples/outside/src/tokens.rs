//! Tokens of a login service, kept until they are refused.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use anthropic::platform::{AttemptContext, MaybeReady};
use anthropic::transport::Body;
use anthropic::{Credentials, Error, ErrorKind, Result};
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue, StatusCode, Uri};

/// Fetches a token from a URL when there is none.
///
/// Two requests that start at the same time may fetch one each; the later one stays.
pub struct Tokens {
    url: Uri,
    token: Mutex<Option<HeaderValue>>,
}

impl Tokens {
    /// Tokens from this URL, which responds to a `POST` with the token as text.
    pub fn new(url: Uri) -> Self {
        Self {
            url,
            token: Mutex::default(),
        }
    }

    fn token(&self) -> MutexGuard<'_, Option<HeaderValue>> {
        self.token.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn fetch(&self, cx: &AttemptContext) -> Result<HeaderMap> {
        let mut request = http::Request::new(Body::empty());
        *request.method_mut() = http::Method::POST;
        *request.uri_mut() = self.url.clone();
        // Over the transport of the request that needs the token, within its time limit.
        let response = cx.send(request).await?;
        if response.status() != StatusCode::OK {
            let status = response.status();
            let message = format!("the login service has no token ({status}); log in again");
            return Err(Error::new(ErrorKind::Config, message));
        }
        let text = response.into_body().bytes().await?;
        let value = [b"Bearer ", text.trim_ascii()].concat();
        let mut value = HeaderValue::from_bytes(&value)
            .map_err(|_| Error::new(ErrorKind::Config, "the login service's token is no header"))?;
        value.set_sensitive(true);
        *self.token() = Some(value.clone());
        Ok(HeaderMap::from_iter([(AUTHORIZATION, value)]))
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Tokens");
        debug.field("url", &self.url).finish_non_exhaustive()
    }
}

impl Credentials for Tokens {
    fn headers<'a>(&'a self, cx: &'a AttemptContext) -> MaybeReady<'a, Result<HeaderMap>> {
        match self.token().clone() {
            Some(token) => MaybeReady::ready(Ok(HeaderMap::from_iter([(AUTHORIZATION, token)]))),
            None => MaybeReady::pending(self.fetch(cx)),
        }
    }

    fn refused(&self, used: &HeaderMap) -> bool {
        let mut token = self.token();
        if token.as_ref() == used.get(AUTHORIZATION) {
            *token = None;
        }
        true
    }
}
