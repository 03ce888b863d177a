//! Credentials that are fetched, and renewed when they are refused.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use anthropic_types::Secret;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue, StatusCode};

use super::{AttemptContext, MaybeReady};

use crate::config::{CredentialKind, CredentialSource};
use crate::request::credential::bearer_value;
use crate::request::headers::{ANTHROPIC_BETA, set};
use crate::transport::HttpRequest;
use crate::{Error, Result};

/// Headers that prove who sends a request to Anthropic's own API, fetched when a request is about
/// to be sent.
///
/// Set them with [`ClientBuilder::credentials`](crate::ClientBuilder::credentials). Clients that
/// are derived share them, and whatever they cache; keep apart what belongs to another
/// [base URL](AttemptContext::base_url) or [workspace](AttemptContext::workspace_id).
///
/// ```
/// use anthropic::platform::{AttemptContext, Credentials, MaybeReady};
/// use http::HeaderMap;
///
/// /// Reads a token from a file that something else keeps up to date.
/// #[derive(Debug)]
/// struct TokenFile(std::path::PathBuf);
///
/// impl Credentials for TokenFile {
///     fn headers<'a>(&'a self, _: &'a AttemptContext) -> MaybeReady<'a, anthropic::Result<HeaderMap>> {
///         let read = || -> Result<HeaderMap, Box<dyn std::error::Error + Send + Sync>> {
///             let token = std::fs::read_to_string(&self.0)?;
///             let mut value: http::HeaderValue = format!("Bearer {}", token.trim()).parse()?;
///             value.set_sensitive(true);
///             Ok(HeaderMap::from_iter([(http::header::AUTHORIZATION, value)]))
///         };
///         MaybeReady::ready(read().map_err(|error| {
///             anthropic::Error::new(anthropic::ErrorKind::Config, "no token").caused_by(error)
///         }))
///     }
///
///     // The file may have changed since.
///     fn refused(&self, _: &HeaderMap) -> bool {
///         true
///     }
/// }
///
/// # #[cfg(feature = "hyper")]
/// let client = anthropic::Client::builder().credentials(TokenFile("token".into())).build()?;
/// # Ok::<(), anthropic::Error>(())
/// ```
pub trait Credentials: fmt::Debug + Send + Sync + 'static {
    /// The headers of one attempt. They are added to the request's own; mark their values
    /// sensitive. An `anthropic-beta` among them goes beside the betas of the request.
    ///
    /// Called for every attempt and every redirect, so keep a token as long as it is good. Requests
    /// at the same time call this at the same time.
    fn headers<'a>(&'a self, cx: &'a AttemptContext) -> MaybeReady<'a, Result<HeaderMap>>;

    /// Called when the server refused (401) a request that was sent with `used`: whether the next
    /// [`headers`](Self::headers) will be others. Never by default.
    ///
    /// Discard a cached token only if it is the one in `used`. `true` resends the request.
    fn refused(&self, used: &HeaderMap) -> bool {
        let _ = used;
        false
    }

    /// Where the credential comes from, for
    /// [`Client::credential_source`](crate::Client::credential_source), which asks this every time.
    fn source(&self) -> CredentialSource {
        CredentialSource::new(CredentialKind::Custom)
    }

    /// The base URL that the credential belongs to: that of a client that is built with it and has
    /// no other. None by default.
    #[cfg(feature = "profiles")]
    #[cfg_attr(docsrs, doc(cfg(feature = "profiles")))]
    fn base_url(&self) -> Option<String> {
        None
    }
}

impl<T: Credentials + ?Sized> Credentials for Arc<T> {
    fn headers<'a>(&'a self, cx: &'a AttemptContext) -> MaybeReady<'a, Result<HeaderMap>> {
        (**self).headers(cx)
    }

    fn refused(&self, used: &HeaderMap) -> bool {
        (**self).refused(used)
    }

    fn source(&self) -> CredentialSource {
        (**self).source()
    }

    #[cfg(feature = "profiles")]
    fn base_url(&self) -> Option<String> {
        (**self).base_url()
    }
}

/// The headers that an attempt was authorized with.
#[derive(Clone)]
struct Used(HeaderMap);

/// Adds the headers of `credentials` to a request: the
/// [`authorize`](crate::Platform::authorize) of a platform that has nothing to sign.
pub fn authorize<'a>(
    credentials: &'a dyn Credentials,
    mut request: HttpRequest,
    cx: &'a AttemptContext,
) -> MaybeReady<'a, Result<HttpRequest>> {
    credentials.headers(cx).map(move |headers| {
        let headers = headers?;
        for (name, value) in &headers {
            // A token may need a beta, beside those of the request.
            if let (true, Ok(beta)) = (*name == ANTHROPIC_BETA, value.to_str()) {
                super::append_beta(request.headers_mut(), beta)?;
                continue;
            }
            set(request.headers_mut(), name, value.clone());
        }
        cx.insert(Used(headers));
        Ok(request)
    })
}

/// Whether the server refused (401) what [`authorize`] has added and `credentials` will have other
/// headers next time: the [`refused`](crate::Platform::refused) of such a platform.
pub fn renew(credentials: &dyn Credentials, error: &Error, cx: &AttemptContext) -> bool {
    error.status() == Some(StatusCode::UNAUTHORIZED)
        && cx
            .get()
            .is_some_and(|Used(used)| credentials.refused(&used))
}

/// A bearer token that stays the same, as [`Credentials`]: for platforms, since a client takes one
/// by [`ClientBuilder::auth_token`](crate::ClientBuilder::auth_token).
///
/// ```
/// let token = anthropic::platform::BearerToken::new("token")?;
/// assert_eq!(format!("{token:?}"), "BearerToken");
/// # Ok::<(), anthropic::Error>(())
/// ```
#[derive(Clone)]
pub struct BearerToken(HeaderValue);

impl BearerToken {
    /// The header `authorization: Bearer {token}`, marked as sensitive.
    ///
    /// # Errors
    ///
    /// Those of [`bearer_value`]; white space at the ends is left out.
    pub fn new(token: impl Into<Secret>) -> Result<Self> {
        let token = token.into();
        let trimmed = Secret::from(token.expose().trim());
        bearer_value(&trimmed, "the access token").map(Self)
    }
}

impl fmt::Debug for BearerToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BearerToken")
    }
}

impl Credentials for BearerToken {
    fn headers<'a>(&'a self, _: &'a AttemptContext) -> MaybeReady<'a, Result<HeaderMap>> {
        MaybeReady::ready(Ok(HeaderMap::from_iter([(AUTHORIZATION, self.0.clone())])))
    }
}

/// A closure that returns a bearer token as [`Credentials`]. It is called for every attempt, and
/// again when the server refused the token, unless the token
/// [can't be renewed](CredentialsFn::renewable).
///
/// ```
/// let credentials = anthropic::platform::credentials_fn(|| async { Ok("token") });
/// # #[cfg(feature = "hyper")]
/// let client = anthropic::Client::builder().credentials(credentials).build()?;
/// # Ok::<(), anthropic::Error>(())
/// ```
pub fn credentials_fn<F, R, S>(fetch: F) -> CredentialsFn<F>
where
    F: Fn() -> R + Send + Sync + 'static,
    R: Future<Output = Result<S>> + Send + 'static,
    S: Into<Secret>,
{
    CredentialsFn {
        fetch,
        renewable: true,
        source: CredentialSource::new(CredentialKind::Custom),
    }
}

/// The [`Credentials`] that [`credentials_fn`] makes.
#[derive(Clone)]
pub struct CredentialsFn<F> {
    fetch: F,
    renewable: bool,
    source: CredentialSource,
}

impl<F> CredentialsFn<F> {
    /// Whether the closure may return another token after the server refused one; `true` by
    /// default.
    ///
    /// With `false` a refused request fails at once, in place of being resent with the same token.
    ///
    /// ```
    /// let fixed = anthropic::platform::credentials_fn(|| async { Ok("token") }).renewable(false);
    /// ```
    pub fn renewable(mut self, renewable: bool) -> Self {
        self.renewable = renewable;
        self
    }

    /// Where the token comes from, for
    /// [`Client::credential_source`](crate::Client::credential_source).
    pub fn source(mut self, source: impl Into<CredentialSource>) -> Self {
        self.source = source.into();
        self
    }
}

impl<F> fmt::Debug for CredentialsFn<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("credentials_fn")
    }
}

impl<F, R, S> Credentials for CredentialsFn<F>
where
    F: Fn() -> R + Send + Sync + 'static,
    R: Future<Output = Result<S>> + Send + 'static,
    S: Into<Secret>,
{
    fn headers<'a>(&'a self, _: &'a AttemptContext) -> MaybeReady<'a, Result<HeaderMap>> {
        let fetching = (self.fetch)();
        MaybeReady::pending(async move {
            let value = bearer_value(&fetching.await?.into(), "the fetched token")?;
            Ok(HeaderMap::from_iter([(AUTHORIZATION, value)]))
        })
    }

    fn refused(&self, _: &HeaderMap) -> bool {
        self.renewable
    }

    fn source(&self) -> CredentialSource {
        self.source.clone()
    }
}
