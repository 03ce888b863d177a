//! Tokens from `gcp_auth`: application default credentials, service accounts, the metadata server.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

#[cfg(feature = "hyper")]
use anthropic::Client;
use anthropic::platform::{AttemptContext, BearerToken, Credentials, MaybeReady};
use anthropic::{BoxFuture, CredentialKind, CredentialSource, Error, ErrorKind, Result};
use gcp_auth::{Token, TokenProvider};
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue};

use crate::GoogleBuilder;
use crate::error::config;
use crate::platform::Google;
use crate::project::ProjectSource;

/// What Google's APIs are called with.
const SCOPES: [&str; 1] = ["https://www.googleapis.com/auth/cloud-platform"];

type Made = Result<Arc<dyn TokenProvider>, gcp_auth::Error>;

#[derive(Clone)]
struct Provider {
    /// Makes one anew, which has no token: those that there are can't be made to discard one.
    make: Option<Arc<dyn Fn() -> BoxFuture<'static, Made> + Send + Sync>>,
    kept: Arc<Mutex<Kept>>,
    /// One request asks for all that wait: the crate's providers have a lock, and each that waited
    /// for it fetches a token.
    asking: Arc<tokio::sync::Mutex<()>>,
}

/// What is used until it is refused.
#[derive(Default)]
struct Kept {
    tokens: Option<Arc<dyn TokenProvider>>,
    /// The last token.
    last: Option<Arc<Token>>,
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Provider")
    }
}

impl Credentials for Provider {
    fn headers<'a>(&'a self, cx: &'a AttemptContext) -> MaybeReady<'a, Result<HeaderMap>> {
        MaybeReady::pending(async move {
            let token = BearerToken::new(self.token().await?.as_str())?;
            token.headers(cx).await
        })
    }

    // A provider caches tokens as long as they are good, too, so that one has to be made which has
    // none.
    fn refused(&self, used: &HeaderMap) -> bool {
        let mut kept = self.lock();
        let Some(last) = &kept.last else {
            // Another request has discarded it.
            return self.make.is_some();
        };
        if !is_in(last, used) {
            return true;
        }
        kept.last = None;
        if self.make.is_some() {
            kept.tokens = None;
        }
        self.make.is_some()
    }

    fn source(&self) -> CredentialSource {
        let mut source = CredentialSource::new(CredentialKind::Custom);
        let expiry = self.lock().last.as_ref().map(|token| token.expires_at());
        source.expires_at = expiry.map(Into::into);
        source
    }
}

/// Whether a request was sent with this token.
fn is_in(token: &Token, used: &HeaderMap) -> bool {
    let value = used.get(AUTHORIZATION).map(HeaderValue::as_bytes);
    let sent = value.and_then(|value| value.strip_prefix(b"Bearer "));
    sent == Some(token.as_str().trim().as_bytes())
}

impl Provider {
    fn of(tokens: Option<Arc<dyn TokenProvider>>) -> Self {
        let kept = Kept { tokens, last: None };
        Self {
            make: None,
            kept: Arc::new(Mutex::new(kept)),
            asking: Arc::default(),
        }
    }

    fn made_by<F, R>(mut self, make: F) -> Self
    where
        F: Fn() -> R + Send + Sync + 'static,
        R: Future<Output = Made> + Send + 'static,
    {
        self.make = Some(Arc::new(move || Box::pin(make())));
        self
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The last token, if it is good for a while; by the system's clock, as in the crate.
    fn kept(&self) -> Option<Arc<Token>> {
        let last = self.lock().last.clone();
        last.filter(|token| !token.has_expired())
    }

    /// The provider; `asking` is held.
    async fn provider(&self) -> Result<Arc<dyn TokenProvider>> {
        let tokens = self.lock().tokens.clone();
        match (tokens, &self.make) {
            (Some(tokens), _) => Ok(tokens),
            (None, Some(make)) => {
                let tokens = make().await.map_err(not_found)?;
                self.lock().tokens = Some(Arc::clone(&tokens));
                Ok(tokens)
            }
            (None, None) => Err(config("there is no provider of tokens")),
        }
    }

    async fn token(&self) -> Result<Arc<Token>> {
        if let Some(token) = self.kept() {
            return Ok(token);
        }
        let _asking = self.asking.lock().await;
        if let Some(token) = self.kept() {
            return Ok(token);
        }
        let tokens = self.provider().await?;
        let token = tokens.token(&SCOPES).await.map_err(unavailable)?;
        self.lock().last = Some(Arc::clone(&token));
        Ok(token)
    }
}

impl ProjectSource for Provider {
    fn id(&self) -> BoxFuture<'_, Result<String>> {
        Box::pin(async {
            let asking = self.asking.lock().await;
            let tokens = self.provider().await?;
            drop(asking);
            match tokens.project_id().await {
                Ok(project) => Ok(project.as_ref().to_owned()),
                // The crate's providers know it or don't: they ask nobody.
                Err(error @ gcp_auth::Error::Str(_)) => Err(config(
                    "the credential has no project: name one, or set GOOGLE_CLOUD_PROJECT and call from_env()",
                )
                .caused_by(error)),
                Err(error) => Err(unavailable(error)),
            }
        })
    }
}

/// A source that could not be reached is a connection that could not be made, and retried as one.
fn unavailable(error: gcp_auth::Error) -> Error {
    Error::new(ErrorKind::Connect, "no Google credentials could be had").caused_by(error)
}

/// There are no credentials, or there are some that can't be used; or a server failed that has
/// some.
fn not_found(error: gcp_auth::Error) -> Error {
    use gcp_auth::Error::{Http, NoAuthMethod, Other, Str};

    // The crate's text for a status that is none of success.
    let refused = "token request failed";
    let message = match &error {
        NoAuthMethod(_, metadata, user) => {
            // On most machines nothing can be connected to, which is `Other`.
            let has_metadata = matches!(**metadata, Http(..))
                || matches!(**metadata, Str(text) if text == refused);
            let has_file = matches!(**user, Http(..) | Other(..))
                || matches!(**user, Str(text) if text == refused);
            if has_metadata || has_file {
                return unavailable(error);
            }
            "no application default credentials: run `gcloud auth application-default login`, set \
             GOOGLE_APPLICATION_CREDENTIALS to a service account's key, or call credentials() or token()"
        }
        _ => {
            "the application default credentials can't be used: GOOGLE_APPLICATION_CREDENTIALS has to name the file of \
             a service account's key; for others there are credentials() and token()"
        }
    };
    config(message).caused_by(error)
}

impl GoogleBuilder {
    /// A provider of tokens of the crate `gcp_auth`: a service account
    /// (`gcp_auth::CustomServiceAccount`), the metadata server, or one of your own.
    ///
    /// It is asked for a token when the last one expires, by one request for all that wait, and for
    /// the project if none was given. It has no way to discard a token, so one that Google refuses
    /// is not renewed before it expires; with
    /// [`renewable_credentials`](Self::renewable_credentials) it is. A failure is a
    /// [`Connect`](ErrorKind::Connect) error, and retried as one, a grant that was refused
    /// included: the crate does not show the status.
    #[cfg_attr(docsrs, doc(cfg(feature = "gcp-auth-0-12")))]
    pub fn credentials(self, provider: Arc<dyn TokenProvider>) -> Self {
        self.provided(Provider::of(Some(provider)))
    }

    /// A closure that makes a provider of tokens, which is used as by
    /// [`credentials`](Self::credentials). It is called when the first request is sent, and again
    /// when Google has refused a token (401), once for all requests that wait: only a provider that
    /// is made anew has a new token.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use gcp_auth::{CustomServiceAccount, TokenProvider};
    ///
    /// let vertex = anthropic_google::vertex("global", "my-project");
    /// let vertex = vertex.renewable_credentials(|| async {
    ///     let account = CustomServiceAccount::from_file("account.json")?;
    ///     Ok(Arc::new(account) as Arc<dyn TokenProvider>)
    /// });
    /// ```
    #[cfg_attr(docsrs, doc(cfg(feature = "gcp-auth-0-12")))]
    pub fn renewable_credentials<F, R>(self, make: F) -> Self
    where
        F: Fn() -> R + Send + Sync + 'static,
        R: Future<Output = Result<Arc<dyn TokenProvider>, gcp_auth::Error>> + Send + 'static,
    {
        self.provided(Provider::of(None).made_by(make))
    }

    fn provided(self, provider: Provider) -> Self {
        let project = Box::new(provider.clone());
        self.authorized(Ok(provider), Some(project))
    }

    /// The platform with what was set, then the [environment](Self::from_env), then application
    /// default credentials: the service account's key that `GOOGLE_APPLICATION_CREDENTIALS` names,
    /// what `gcloud auth application-default login` has stored, the metadata server of Google's
    /// machines, the command `gcloud`, in this order.
    ///
    /// They are looked for only where no credential was set. They are found before this returns,
    /// and have issued a token by then, but for a service account's key, which is asked for one by
    /// the first request. A token that Google refuses (401) is fetched anew. The file that
    /// `GOOGLE_APPLICATION_CREDENTIALS` names must be a service account's; for others, such as
    /// those of a federation of workload identities, there is [`token`](Self::token). Call it on a
    /// tokio runtime.
    ///
    /// # Errors
    ///
    /// [`Config`](ErrorKind::Config) if no credential is found, or if one that is found can't be
    /// read; [`Connect`](ErrorKind::Connect) if the server that exchanges it for a token can't be
    /// reached or fails, which is worth another call; those of [`platform`](Self::platform).
    #[cfg_attr(docsrs, doc(cfg(feature = "gcp-auth-0-12")))]
    pub async fn load_platform(self) -> Result<Google> {
        let mut builder = self.from_env()?;
        if builder.credentials.is_none() && !builder.anonymous {
            let provider = gcp_auth::provider().await.map_err(not_found)?;
            let provider = Provider::of(Some(provider)).made_by(gcp_auth::provider);
            builder = builder.provided(provider);
        }
        builder.platform()
    }

    /// A client of the [loaded platform](Self::load_platform), with the client's other settings at
    /// their defaults.
    ///
    /// # Errors
    ///
    /// Those of [`load_platform`](Self::load_platform).
    #[cfg_attr(docsrs, doc(cfg(all(feature = "gcp-auth-0-12", feature = "hyper"))))]
    #[cfg(feature = "hyper")]
    pub async fn load(self) -> Result<Client> {
        let client = Client::builder().environment();
        client.platform(self.load_platform().await?).build()
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use gcp_auth::Error::{Io, NoAuthMethod, Other, Str};

    use super::*;

    #[test]
    fn a_server_that_fails_is_no_credential_that_is_missing() {
        let none = || Io("open", io::ErrorKind::NotFound.into());
        let away = || Other("HTTP request failed", "connect".into());
        let refused = || Str("token request failed");
        for (metadata, user, kind) in [
            (away(), none(), ErrorKind::Config),
            (away(), away(), ErrorKind::Connect),
            (away(), refused(), ErrorKind::Connect),
            (refused(), none(), ErrorKind::Connect),
        ] {
            let text = format!("{metadata} {user}");
            let all = [none(), metadata, user].map(Box::new);
            let [gcloud, metadata, user] = all;
            let error = not_found(NoAuthMethod(gcloud, metadata, user));
            assert_eq!(error.kind(), kind, "{text}");
        }
    }
}
