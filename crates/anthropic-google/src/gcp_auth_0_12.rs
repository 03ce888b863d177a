//! Tokens from `gcp_auth`: application default credentials, service accounts, the metadata server.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

#[cfg(feature = "hyper")]
use anthropic::Client;
use anthropic::platform::{AttemptContext, BearerToken, Credentials, MaybeReady};
use anthropic::{BoxFuture, CredentialKind, CredentialSource, Error, ErrorKind, Result};
use gcp_auth::TokenProvider;
use http::HeaderMap;

use crate::GoogleBuilder;
use crate::error::config;
use crate::platform::Google;
use crate::project::ProjectSource;

/// What Google's APIs are called with.
const SCOPES: [&str; 1] = ["https://www.googleapis.com/auth/cloud-platform"];

#[derive(Clone)]
struct Provider {
    tokens: Arc<dyn TokenProvider>,
    /// When the last token expires.
    expires_at: Arc<Mutex<Option<SystemTime>>>,
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Provider")
    }
}

// A provider caches tokens as long as they are good, and has no way to discard one that was
// refused.
impl Credentials for Provider {
    fn headers<'a>(&'a self, cx: &'a AttemptContext) -> MaybeReady<'a, Result<HeaderMap>> {
        MaybeReady::pending(async move {
            let token = self.tokens.token(&SCOPES).await.map_err(unavailable)?;
            let expires_at = Some(token.expires_at().into());
            *self.lock() = expires_at;
            let token = BearerToken::new(token.as_str())?;
            token.headers(cx).await
        })
    }

    fn source(&self) -> CredentialSource {
        let mut source = CredentialSource::new(CredentialKind::Custom);
        source.expires_at = *self.lock();
        source
    }
}

impl Provider {
    fn lock(&self) -> std::sync::MutexGuard<'_, Option<SystemTime>> {
        self.expires_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl ProjectSource for Provider {
    fn id(&self) -> BoxFuture<'_, Result<String>> {
        Box::pin(async {
            let project = self.tokens.project_id().await.map_err(unavailable)?;
            Ok(project.as_ref().to_owned())
        })
    }
}

/// A source that could not be reached is a connection that could not be made, and retried as one.
fn unavailable(error: gcp_auth::Error) -> Error {
    Error::new(ErrorKind::Connect, "no Google credentials could be had").caused_by(error)
}

/// There are no credentials, or there are some that can't be used.
fn not_found(error: gcp_auth::Error) -> Error {
    let message = match error {
        gcp_auth::Error::NoAuthMethod(..) => {
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
    /// It is asked for a token for every attempt, caches tokens itself, and is asked for the
    /// project if none was given. It has no way to discard a token, so one that Google refuses is
    /// not renewed before it expires. A failure is a [`Connect`](ErrorKind::Connect) error, and
    /// retried as one, a grant that was refused included: the crate does not show the status.
    #[cfg_attr(docsrs, doc(cfg(feature = "gcp-auth-0-12")))]
    pub fn credentials(self, provider: Arc<dyn TokenProvider>) -> Self {
        let provider = Provider {
            tokens: provider,
            expires_at: Arc::default(),
        };
        let project = Box::new(provider.clone());
        self.authorized(Ok(provider), Some(project))
    }

    /// The platform with what was set, then the [environment](Self::from_env), then application
    /// default credentials: the service account's key that `GOOGLE_APPLICATION_CREDENTIALS` names,
    /// what `gcloud auth application-default login` has stored, the metadata server of Google's
    /// machines, the command `gcloud`, in this order.
    ///
    /// They are looked for only where no credential was set. The file that
    /// `GOOGLE_APPLICATION_CREDENTIALS` names must be a service account's; for others, such as
    /// those of a federation of workload identities, there is [`token`](Self::token). Call it on a
    /// tokio runtime.
    ///
    /// # Errors
    ///
    /// [`Config`](ErrorKind::Config) if no credential is found, or if one that is found can't be
    /// read; those of [`platform`](Self::platform).
    #[cfg_attr(docsrs, doc(cfg(feature = "gcp-auth-0-12")))]
    pub async fn load_platform(self) -> Result<Google> {
        let mut builder = self.from_env()?;
        if builder.credentials.is_none() && !builder.anonymous {
            let provider = gcp_auth::provider().await.map_err(not_found)?;
            builder = builder.credentials(provider);
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
