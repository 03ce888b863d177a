//! Where the API is served, and how a request proves who sends it.
//!
//! The pipeline above this module knows one form of a request, the canonical one: Anthropic's own
//! URLs, headers and error shapes. A [`Platform`] turns it into the form that is sent, signs it,
//! and turns the response back. [`Credentials`] is the smaller seam: headers for Anthropic's own
//! API that are fetched and renewed.
//!
//! For each attempt the pipeline calls, in this order and within the attempt's time limit:
//!
//! 1. [`Platform::adapt`], once, on the canonical request that has passed the middlewares;
//! 2. the check that the adapted request goes to the platform's origin, or to a host that was
//!    allowed;
//! 3. [`Platform::authorize`], on the request as it is sent; after a redirect, 2 and 3 are
//!    repeated;
//! 4. [`Transport::send`](crate::transport::Transport::send);
//! 5. [`Platform::restore`], once, on the final response, before the middlewares see it;
//! 6. [`Platform::refused`], if the restored response is a client error (4xx).
//!
//! All of them get the same [`AttemptContext`].
//!
//! ```
//! use anthropic::platform::{AttemptContext, MaybeReady, Platform};
//! use anthropic::transport::HttpRequest;
//! use anthropic::{Error, Result};
//! use http::Uri;
//!
//! /// A gateway with paths of its own.
//! #[derive(Debug)]
//! struct Gateway {
//!     base_url: Uri,
//!     token: http::HeaderValue,
//! }
//!
//! impl Platform for Gateway {
//!     fn name(&self) -> &str {
//!         "gateway"
//!     }
//!
//!     fn base_url(&self) -> &Uri {
//!         &self.base_url
//!     }
//!
//!     fn adapt<'a>(
//!         &'a self,
//!         mut request: HttpRequest,
//!         _: &'a AttemptContext,
//!     ) -> MaybeReady<'a, Result<HttpRequest>> {
//!         let moved = request.uri().to_string().replacen("/v1/", "/claude/", 1).parse();
//!         MaybeReady::ready(match moved {
//!             Ok(uri) => {
//!                 *request.uri_mut() = uri;
//!                 Ok(request)
//!             }
//!             Err(error) => Err(Error::new(anthropic::ErrorKind::Request, "bad path").caused_by(error)),
//!         })
//!     }
//!
//!     fn authorize<'a>(
//!         &'a self,
//!         mut request: HttpRequest,
//!         _: &'a AttemptContext,
//!     ) -> MaybeReady<'a, Result<HttpRequest>> {
//!         request.headers_mut().insert("x-gateway-token", self.token.clone());
//!         MaybeReady::ready(Ok(request))
//!     }
//! }
//!
//! # #[cfg(feature = "hyper")]
//! let client = anthropic::Client::builder()
//!     .platform(Gateway {
//!         base_url: Uri::from_static("https://gateway.example"),
//!         token: http::HeaderValue::from_static("secret"),
//!     })
//!     .build()?;
//! # Ok::<(), anthropic::Error>(())
//! ```

mod body_fields;
mod context;
mod credentials;
mod first_party;
mod maybe_ready;
mod target;

use std::fmt;
use std::sync::Arc;

use http::{HeaderMap, HeaderValue, Uri};

use crate::config::{CredentialKind, CredentialSource};
use crate::operation::OperationInfo;
use crate::request::headers::ANTHROPIC_BETA;
use crate::transport::{HttpRequest, HttpResponse};
use crate::{Error, Result};

pub use crate::config::{env_var, parse_base_url};
pub use crate::request::credential::{bearer_value, secret_value};
pub use body_fields::BodyFields;
pub use context::AttemptContext;
#[cfg(feature = "profiles")]
pub(crate) use context::send;
pub use credentials::{BearerToken, Credentials, CredentialsFn, authorize, credentials_fn, renew};
pub(crate) use first_party::FirstParty;
pub use maybe_ready::MaybeReady;
pub use target::{path_segment, with_path};

/// Where the API is served: how a request is rewritten, signed, and its response turned back.
///
/// The [module](self) lists when each method is called. All of them may be asynchronous: a
/// [`MaybeReady`] is a value or a future. Futures are dropped when the request is cancelled or its
/// time is up. This crate never prints the `Debug` of a platform.
pub trait Platform: fmt::Debug + Send + Sync + 'static {
    /// The platform's name, for errors and logs.
    fn name(&self) -> &str;

    /// The base URL of canonical requests: what a middleware sees. Its origin is where requests may
    /// go; any other one has to be [allowed](crate::ClientBuilder::allow_host).
    fn base_url(&self) -> &Uri;

    /// Where the credential comes from, for
    /// [`Client::credential_source`](crate::Client::credential_source), which asks this every time:
    /// a file and an expiry may be named. The kind alone by default.
    fn credential_source(&self) -> CredentialSource {
        CredentialSource::new(CredentialKind::Platform)
    }

    /// Whether an `authorization` header that the caller has set on the builder or on a request may
    /// go to the platform's servers, in place of the platform's credential. It may not by default,
    /// and is an error of kind [`Config`](crate::ErrorKind::Config).
    ///
    /// [`authorize`](Self::authorize) then finds the header on the request, and leaves it. One of
    /// `ANTHROPIC_CUSTOM_HEADERS`, or of another platform's client that a client is derived from,
    /// is dropped in any case: it was meant for other servers.
    fn takes_authorization(&self) -> bool {
        false
    }

    /// Whether the platform serves an operation: all of them by default.
    ///
    /// Called before anything is sent, and by [`Client::supports`](crate::Client::supports). An
    /// operation that is refused fails with what this returns, best made by [`Error::unsupported`].
    /// A request that was made by [`Client::get`](crate::Client::get) and the like has an operation
    /// with an empty path; let it pass.
    fn supports(&self, operation: &OperationInfo) -> Result<()> {
        let _ = operation;
        Ok(())
    }

    /// Turns a canonical request into the platform's form: URL, headers, body. The request itself
    /// by default.
    ///
    /// Called once per attempt. What [`restore`](Self::restore) has to know can be left in the
    /// context. Betas are added to `anthropic-beta`, which the caller may have set: see
    /// [`append_beta`].
    fn adapt<'a>(
        &'a self,
        request: HttpRequest,
        cx: &'a AttemptContext,
    ) -> MaybeReady<'a, Result<HttpRequest>> {
        let _ = cx;
        MaybeReady::ready(Ok(request))
    }

    /// Adds the credential, or signs the request as it is: nothing changes it afterwards.
    ///
    /// Called once for the adapted request and once more for each redirect, always without what an
    /// earlier call added. A token may be fetched through [`AttemptContext::send`].
    fn authorize<'a>(
        &'a self,
        request: HttpRequest,
        cx: &'a AttemptContext,
    ) -> MaybeReady<'a, Result<HttpRequest>>;

    /// Turns the platform's response into the canonical form: status, headers, error shape, framing
    /// of streams. The response itself by default.
    ///
    /// Called once per attempt, with the response at the end of all redirects. It may read the
    /// body, or put another one around it.
    fn restore<'a>(
        &'a self,
        response: HttpResponse,
        cx: &'a AttemptContext,
    ) -> MaybeReady<'a, Result<HttpResponse>> {
        let _ = cx;
        MaybeReady::ready(Ok(response))
    }

    /// Whether `error` means that the credential was refused and that the next
    /// [`authorize`](Self::authorize) will use another one. Never by default.
    ///
    /// `true` resends the request, beside `max_retries`, unless its body can be sent only once or
    /// this has happened for the request before. Return `false` for a credential that doesn't
    /// change, or a wrong key is sent twice. Discard only the credential that this attempt used,
    /// which the context can carry: another request may have renewed it meanwhile.
    fn refused(&self, error: &Error, cx: &AttemptContext) -> bool {
        let _ = (error, cx);
        false
    }
}

impl<T: Platform + ?Sized> Platform for Arc<T> {
    fn name(&self) -> &str {
        (**self).name()
    }

    fn base_url(&self) -> &Uri {
        (**self).base_url()
    }

    fn credential_source(&self) -> CredentialSource {
        (**self).credential_source()
    }

    fn takes_authorization(&self) -> bool {
        (**self).takes_authorization()
    }

    fn supports(&self, operation: &OperationInfo) -> Result<()> {
        (**self).supports(operation)
    }

    fn adapt<'a>(
        &'a self,
        request: HttpRequest,
        cx: &'a AttemptContext,
    ) -> MaybeReady<'a, Result<HttpRequest>> {
        (**self).adapt(request, cx)
    }

    fn authorize<'a>(
        &'a self,
        request: HttpRequest,
        cx: &'a AttemptContext,
    ) -> MaybeReady<'a, Result<HttpRequest>> {
        (**self).authorize(request, cx)
    }

    fn restore<'a>(
        &'a self,
        response: HttpResponse,
        cx: &'a AttemptContext,
    ) -> MaybeReady<'a, Result<HttpResponse>> {
        (**self).restore(response, cx)
    }

    fn refused(&self, error: &Error, cx: &AttemptContext) -> bool {
        (**self).refused(error, cx)
    }
}

/// Adds a beta, or a list of them with commas, to the header `anthropic-beta`: each that is not
/// there already. Those that are there stay.
///
/// ```
/// let mut headers = http::HeaderMap::new();
/// headers.insert("anthropic-beta", http::HeaderValue::from_static("one-2026-01-01"));
/// anthropic::platform::append_beta(&mut headers, "two-2026-01-01")?;
/// assert_eq!(headers["anthropic-beta"], "one-2026-01-01,two-2026-01-01");
/// # Ok::<(), anthropic::Error>(())
/// ```
///
/// # Errors
///
/// [`Request`](crate::ErrorKind::Request) when the beta's name can't be part of a header.
pub fn append_beta(headers: &mut HeaderMap, beta: &str) -> Result<()> {
    let mut betas: Vec<&[u8]> = Vec::new();
    let there = headers.get_all(ANTHROPIC_BETA);
    let lists = there.iter().map(HeaderValue::as_bytes);
    for list in lists.chain([beta.as_bytes()]) {
        for beta in list.split(|byte| *byte == b',') {
            let beta = beta.trim_ascii();
            if !beta.is_empty() && !betas.contains(&beta) {
                betas.push(beta);
            }
        }
    }
    if betas.is_empty() {
        return Ok(());
    }
    let value = HeaderValue::from_bytes(&betas.join(&b','))
        .map_err(|_| Error::request("a beta's name is no header value"))?;
    headers.insert(ANTHROPIC_BETA, value);
    Ok(())
}
