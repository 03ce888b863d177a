//! How a request proves who sends it: an API key, or a signature with credentials that may be
//! fetched.

use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;
use std::time::{Duration, SystemTime};

use anthropic::platform::{AttemptContext, MaybeReady};
use anthropic::transport::HttpRequest;
use anthropic::{CredentialKind, CredentialSource, Error, ErrorKind, Result};
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use http::header::{AUTHORIZATION, DATE};
use http::{HeaderValue, StatusCode};

use crate::exception::AwsException;
use crate::quiet::quiet;
use crate::sign::{Scope, digested, sign_request};

/// Credentials are fetched anew that long before they expire.
const EARLY: Duration = Duration::from_mins(2);
/// Those that could not be renewed are used until that long before.
const LATE: Duration = Duration::from_secs(30);
/// How long the provider is not asked again after that, nor where it issues such that are good for
/// less than the time above.
const REST: Duration = Duration::from_secs(5);
/// A clock that is wrong by fewer seconds than that is accepted by AWS.
const SKEW: u64 = 240;

/// How requests are authorized.
pub(crate) enum Auth {
    /// Nothing is added: a gateway authorizes the requests.
    Anonymous,
    /// An API key, as the value of `authorization`.
    Key(HeaderValue),
    /// Signatures.
    Signed(Box<Signer>),
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Anonymous => "Anonymous",
            Self::Key(_) => "Key",
            Self::Signed(_) => "Signed",
        })
    }
}

/// Signs requests, with credentials that are kept as long as they are good.
pub(crate) struct Signer {
    region: String,
    provider: SharedCredentialsProvider,
    /// Whether the provider has one access key, which the caller gave.
    is_fixed: bool,
    cached: Mutex<Option<Credentials>>,
    /// Those without an expiry that were refused last.
    refused: Mutex<Option<Credentials>>,
    /// One request fetches for all that wait.
    fetching: tokio::sync::Mutex<()>,
    /// How many fetches have failed, and why the last one did: those that waited for it fail with
    /// it.
    failure: Mutex<(u64, Option<Arc<CredentialsError>>)>,
    /// When the provider was asked last, if it failed while there were good credentials, or issued
    /// some that are good for a short while only.
    asked: Mutex<Option<SystemTime>>,
    /// What a person is to know where there are no credentials.
    advice: Option<String>,
    /// By how many seconds the server's clock is ahead of ours, once it has refused a signature for
    /// it.
    skew: AtomicI64,
}

/// What an attempt was signed with.
#[derive(Clone)]
struct Used {
    credentials: Credentials,
    /// Not the signer's, which another request may have corrected in the meantime.
    skew: i64,
}

impl Signer {
    pub(crate) fn new(region: String, provider: SharedCredentialsProvider, is_fixed: bool) -> Self {
        Self {
            region,
            provider,
            is_fixed,
            cached: Mutex::new(None),
            refused: Mutex::new(None),
            fetching: tokio::sync::Mutex::new(()),
            failure: Mutex::new((0, None)),
            asked: Mutex::new(None),
            advice: None,
            skew: AtomicI64::new(0),
        }
    }

    /// Keeps what a person is to know where there are no credentials.
    #[cfg(feature = "aws-config-1")]
    pub(crate) fn advising(mut self, advice: Option<String>) -> Self {
        self.advice = advice;
        self
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Credentials>> {
        self.cached.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The credentials that are kept, if they are good for a while; for a shorter one where the
    /// provider has just been asked and had none that are good for longer.
    fn cached(&self, cx: &AttemptContext) -> Option<Credentials> {
        let asked = *self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let now = cx.clock().wall();
        let rests = asked.is_some_and(|at| now.duration_since(at).is_ok_and(|it| it < REST));
        self.kept(cx, if rests { LATE } else { EARLY })
    }

    /// The credentials that are kept, if they are good for longer than this.
    fn kept(&self, cx: &AttemptContext, least: Duration) -> Option<Credentials> {
        let kept = self.lock().clone()?;
        let now = self.time(cx);
        let left = |expiry: SystemTime| expiry.duration_since(now).unwrap_or_default();
        let is_good = kept.expiry().is_none_or(|expiry| left(expiry) > least);
        is_good.then_some(kept)
    }

    fn failure(&self) -> std::sync::MutexGuard<'_, (u64, Option<Arc<CredentialsError>>)> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set_asked(&self, at: Option<SystemTime>) {
        *self.asked.lock().unwrap_or_else(PoisonError::into_inner) = at;
    }

    /// Asks the provider, and keeps what it has.
    async fn ask(&self, cx: &AttemptContext) -> Result<Credentials> {
        let error = match quiet(self.provider.provide_credentials()).await {
            Ok(credentials) => {
                *self.lock() = Some(credentials.clone());
                let is_short = self.kept(cx, EARLY).is_none();
                self.set_asked(is_short.then(|| cx.clock().wall()));
                return Ok(credentials);
            }
            Err(error) => error,
        };
        // The service that issues them may be back before these expire.
        if let Some(kept) = self.kept(cx, LATE) {
            self.set_asked(Some(cx.clock().wall()));
            tracing::warn!(%error, "AWS credentials could not be renewed; those that are good still are used");
            return Ok(kept);
        }
        let error = Arc::new(error);
        let mut failure = self.failure();
        *failure = (failure.0.wrapping_add(1), Some(Arc::clone(&error)));
        Err(self.unavailable(error))
    }

    /// Credentials that are nowhere are a mistake; a source that can't be reached is a connection
    /// that could not be made, and retried as one.
    fn unavailable(&self, error: Arc<CredentialsError>) -> Error {
        let message = match &*error {
            CredentialsError::CredentialsNotLoaded(_) => {
                "no AWS credentials were found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, choose a profile, or \
                 sign in with the AWS command line"
            }
            CredentialsError::InvalidConfiguration(_) => "the AWS configuration can't be used",
            _ => {
                let message = "AWS credentials could not be fetched";
                return Error::new(ErrorKind::Connect, message).caused_by(error);
            }
        };
        let message = match &self.advice {
            Some(advice) => format!("{message}; {advice}"),
            None => message.to_owned(),
        };
        Error::new(ErrorKind::Config, message).caused_by(error)
    }

    /// Fetches credentials, unless another request has done so in the meantime, in what is left of
    /// the attempt's time.
    async fn fetch(&self, cx: &AttemptContext) -> Result<Credentials> {
        let mut fetching = pin!(async {
            let failures = self.failure().0;
            let _fetching = self.fetching.lock().await;
            if let Some(credentials) = self.cached(cx) {
                return Ok(credentials);
            }
            if let (count, Some(failure)) = &*self.failure()
                && *count != failures
            {
                return Err(self.unavailable(Arc::clone(failure)));
            }
            self.ask(cx).await
        });
        let Some(left) = cx.time_left() else {
            return fetching.await;
        };
        let mut limit = cx.clock().sleep(left);
        poll_fn(|context| {
            if let Poll::Ready(fetched) = fetching.as_mut().poll(context) {
                return Poll::Ready(fetched);
            }
            limit.as_mut().poll(context).map(|()| {
                let message = format!("AWS credentials were not fetched within {left:?}");
                Err(Error::new(ErrorKind::Timeout, message))
            })
        })
        .await
    }

    /// The time by the server's clock.
    fn time(&self, cx: &AttemptContext) -> SystemTime {
        corrected(cx.clock().wall(), self.skew.load(Ordering::Relaxed))
    }

    fn sign(
        &self,
        mut request: HttpRequest,
        digest: Option<String>,
        credentials: Credentials,
        service: &str,
        cx: &AttemptContext,
    ) -> Result<HttpRequest> {
        let skew = self.skew.load(Ordering::Relaxed);
        let scope = Scope {
            region: &self.region,
            service,
            time: corrected(cx.clock().wall(), skew),
        };
        sign_request(&mut request, digest, &credentials, scope)?;
        cx.insert(Used { credentials, skew });
        Ok(request)
    }

    fn refused(&self, error: &Error, cx: &AttemptContext) -> bool {
        let refused = [
            StatusCode::BAD_REQUEST,
            StatusCode::UNAUTHORIZED,
            StatusCode::FORBIDDEN,
        ];
        if !error.status().is_some_and(|it| refused.contains(&it)) {
            return false;
        }
        let Some(used) = cx.get::<Used>() else {
            return false;
        };
        let Some(exception) = AwsException::in_error(error.body()) else {
            // A service with refusals of the API's own form may leave out AWS's name.
            let is_unauthorized = error.status() == Some(StatusCode::UNAUTHORIZED);
            let expires = used.credentials.expiry().is_some();
            return is_unauthorized && expires && self.discard(&used.credentials);
        };
        if exception.is_about_time() {
            return self.correct_clock(error, used.skew, cx);
        }
        exception.is_stale_credential() && self.discard(&used.credentials)
    }

    /// Discards the credentials that an attempt was signed with, so that others are fetched.
    /// Whether that may help: an access key of the caller's stays what it is, and credentials that
    /// don't expire are tried once more only, unless the provider has had others by then.
    fn discard(&self, used: &Credentials) -> bool {
        if self.is_fixed {
            return false;
        }
        let is_used = |it: &Credentials| {
            it.access_key_id() == used.access_key_id() && it.session_token() == used.session_token()
        };
        let mut cached = self.lock();
        if cached.as_ref().is_some_and(is_used) {
            *cached = None;
        }
        drop(cached);
        if used.expiry().is_some() {
            return true;
        }
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        let was_refused = refused.as_ref().is_some_and(is_used);
        *refused = Some(used.clone());
        !was_refused
    }

    /// Takes over the server's time, if it differs from the one that was signed with. Whether it
    /// does.
    fn correct_clock(&self, error: &Error, signed: i64, cx: &AttemptContext) -> bool {
        let date = error.meta().and_then(|meta| meta.headers().get(DATE));
        let date = date.and_then(|date| httpdate::parse_http_date(date.to_str().ok()?).ok());
        let Some(server) = date else { return false };
        let now = cx.clock().wall();
        let ahead = match server.duration_since(now) {
            Ok(ahead) => seconds(ahead),
            Err(behind) => -seconds(behind.duration()),
        };
        if ahead.abs_diff(signed) <= SKEW {
            return false;
        }
        self.skew.store(ahead, Ordering::Relaxed);
        true
    }
}

/// A time of ours, by a clock that is ahead by so many seconds.
fn corrected(now: SystemTime, skew: i64) -> SystemTime {
    let by = Duration::from_secs(skew.unsigned_abs());
    let time = if skew < 0 {
        now.checked_sub(by)
    } else {
        now.checked_add(by)
    };
    time.unwrap_or(now)
}

fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}

impl Auth {
    /// Where the credential comes from; that of signatures expires when the one that is kept does.
    pub(crate) fn source(&self) -> CredentialSource {
        match self {
            Self::Anonymous => CredentialKind::Anonymous.into(),
            Self::Key(_) => CredentialKind::PlatformKey.into(),
            Self::Signed(signer) => {
                let mut source = CredentialSource::new(CredentialKind::PlatformSignature);
                source.expires_at = signer.lock().as_ref().and_then(Credentials::expiry);
                source
            }
        }
    }

    pub(crate) fn authorize<'a>(
        &'a self,
        mut request: HttpRequest,
        service: &'static str,
        cx: &'a AttemptContext,
    ) -> MaybeReady<'a, Result<HttpRequest>> {
        let signer = match self {
            Self::Anonymous => return MaybeReady::ready(Ok(request)),
            Self::Key(key) => {
                request.headers_mut().insert(AUTHORIZATION, key.clone());
                return MaybeReady::ready(Ok(request));
            }
            Self::Signed(signer) => signer,
        };
        let is_in_memory = request.body().as_pieces().is_some();
        match signer.cached(cx) {
            Some(credentials) if is_in_memory => {
                MaybeReady::ready(signer.sign(request, None, credentials, service, cx))
            }
            _ => MaybeReady::pending(async move {
                // First, since it may take longer than what is left of the credentials.
                let (request, digest) = digested(request).await?;
                let credentials = match signer.cached(cx) {
                    Some(credentials) => credentials,
                    None => signer.fetch(cx).await?,
                };
                signer.sign(request, digest, credentials, service, cx)
            }),
        }
    }

    pub(crate) fn refused(&self, error: &Error, cx: &AttemptContext) -> bool {
        match self {
            Self::Anonymous | Self::Key(_) => false,
            Self::Signed(signer) => signer.refused(error, cx),
        }
    }
}
