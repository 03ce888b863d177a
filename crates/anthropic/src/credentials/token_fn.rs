//! A function that returns tokens, as credentials.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use anthropic_types::Secret;
use http::HeaderMap;
use http::header::AUTHORIZATION;

use super::cache::{Cache, Fetch};
use super::exchange::Exchange;
use super::failure::Failure;
use super::token::Token;
use crate::config::{CredentialKind, CredentialSource};
use crate::pipeline::platform::{AttemptContext, Credentials, MaybeReady};
use crate::{BoxFuture, Result};

/// A function that returns a [`Token`], as [`Credentials`] with a cache: it is called when there is
/// no token, from two minutes before it expires, and when the server refused it; once for all
/// requests that need it at the time. While the token has 30 seconds left, it is called at most
/// once in five seconds, even if all of its tokens are good for a short while only.
///
/// Where renewing fails, the old token is used as long as it has 30 seconds left. One without an
/// expiry is kept until it is refused. The function runs in a task of its own, to its end even if
/// the request that needed it is dropped, for 60 seconds at most: then it is dropped and the
/// requests that wait fail with [`Timeout`](crate::ErrorKind::Timeout). A closure whose token needs
/// no cache is a [`credentials_fn`](crate::platform::credentials_fn).
///
/// ```
/// use std::time::{Duration, SystemTime};
///
/// use anthropic::Client;
/// use anthropic::credentials::{Token, token_fn};
///
/// let fetched = token_fn(|| async {
///     let expiry = SystemTime::now() + Duration::from_secs(600);
///     Ok(Token::new("token-from-your-vault").expires_at(expiry))
/// });
/// # #[cfg(feature = "hyper")]
/// let client = Client::builder().credentials(fetched).build()?;
/// # Ok::<(), anthropic::Error>(())
/// ```
pub fn token_fn<F, R>(fetch: F) -> TokenFn
where
    F: Fn() -> R + Send + Sync + 'static,
    R: Future<Output = Result<Token>> + Send + 'static,
{
    let function = Function(move || -> BoxFuture<'static, Result<Token>> { Box::pin(fetch()) });
    TokenFn {
        cache: Cache::new(Arc::new(function)),
        source: CredentialSource::new(CredentialKind::Custom),
    }
}

/// The [`Credentials`] that [`token_fn`] makes. Clones share the token.
#[derive(Clone)]
pub struct TokenFn {
    cache: Cache,
    source: CredentialSource,
}

impl TokenFn {
    /// Where the token comes from, for
    /// [`Client::credential_source`](crate::Client::credential_source), which adds when it expires.
    pub fn source(mut self, source: impl Into<CredentialSource>) -> Self {
        self.source = source.into();
        self
    }
}

struct Function<F>(F);

impl<F> Fetch for Function<F>
where
    F: Fn() -> BoxFuture<'static, Result<Token>> + Send + Sync + 'static,
{
    fn fetch(
        self: Arc<Self>,
        exchange: Exchange,
        _: Option<Secret>,
    ) -> BoxFuture<'static, Result<Token, Failure>> {
        let fetching = (self.0)();
        Box::pin(async move {
            exchange
                .answered("the access token", fetching)
                .await?
                .map_err(|error| Failure::of("the access token could not be fetched", error))
        })
    }
}

impl Credentials for TokenFn {
    fn headers<'a>(&'a self, cx: &'a AttemptContext) -> MaybeReady<'a, Result<HeaderMap>> {
        let token = self.cache.header(Exchange::of(cx));
        token.map(|token| Ok(HeaderMap::from_iter([(AUTHORIZATION, token?)])))
    }

    fn refused(&self, used: &HeaderMap) -> bool {
        self.cache.refuse(used);
        true
    }

    fn source(&self) -> CredentialSource {
        let expires_at = self.cache.expires_at();
        CredentialSource {
            expires_at: expires_at.or(self.source.expires_at),
            ..self.source.clone()
        }
    }
}

impl fmt::Debug for TokenFn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("token_fn")
    }
}
