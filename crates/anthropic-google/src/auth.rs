//! How a request proves who sends it: an access token, fixed or fetched for each attempt.

use std::fmt;

use anthropic::platform::MaybeReady;
use anthropic::transport::HttpRequest;
use anthropic::types::Secret;
use anthropic::{BoxFuture, Error, ErrorKind, Result};
use http::header::AUTHORIZATION;
use http::{HeaderValue, StatusCode};

/// What access tokens come from.
pub(crate) enum Auth {
    /// One token, sent as long as the client lives.
    Fixed(HeaderValue),
    /// A source that is asked for each attempt, and caches as it likes.
    Fetched(Box<dyn TokenSource>),
}

/// A source of access tokens.
pub(crate) trait TokenSource: Send + Sync {
    fn token(&self) -> BoxFuture<'_, Result<Secret>>;

    /// Whether a token that was refused may be followed by another one.
    fn renews(&self) -> bool;

    /// The project that the credential belongs to, if the source knows one.
    fn project(&self) -> Option<BoxFuture<'_, Result<String>>> {
        None
    }
}

impl<F> TokenSource for F
where
    F: Fn() -> BoxFuture<'static, Result<Secret>> + Send + Sync,
{
    fn token(&self) -> BoxFuture<'_, Result<Secret>> {
        self()
    }

    fn renews(&self) -> bool {
        true
    }
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fixed(_) => "Fixed",
            Self::Fetched(_) => "Fetched",
        })
    }
}

impl Auth {
    pub(crate) fn fixed(token: &Secret) -> Result<Self> {
        bearer(token).map(Self::Fixed)
    }

    pub(crate) fn project(&self) -> Option<BoxFuture<'_, Result<String>>> {
        match self {
            Self::Fixed(_) => None,
            Self::Fetched(source) => source.project(),
        }
    }

    pub(crate) fn authorize(
        &self,
        mut request: HttpRequest,
    ) -> MaybeReady<'_, Result<HttpRequest>> {
        match self {
            Self::Fixed(value) => {
                request.headers_mut().insert(AUTHORIZATION, value.clone());
                MaybeReady::ready(Ok(request))
            }
            Self::Fetched(source) => MaybeReady::pending(async move {
                let value = bearer(&source.token().await?)?;
                request.headers_mut().insert(AUTHORIZATION, value);
                Ok(request)
            }),
        }
    }

    pub(crate) fn refused(&self, error: &Error) -> bool {
        let Self::Fetched(source) = self else {
            return false;
        };
        source.renews() && error.status() == Some(StatusCode::UNAUTHORIZED)
    }
}

fn bearer(token: &Secret) -> Result<HeaderValue> {
    let token = token.expose().trim();
    if token.is_empty() {
        return Err(config("the access token is empty"));
    }
    let mut value = HeaderValue::from_str(&format!("Bearer {token}"))
        .map_err(|_| config("the access token can't be part of a header"))?;
    value.set_sensitive(true);
    Ok(value)
}

pub(crate) fn config(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Config, message)
}
