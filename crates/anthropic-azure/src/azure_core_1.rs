//! Credentials of Microsoft Entra ID from `azure_core`, which those of `azure_identity` are.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anthropic::platform::{AttemptContext, BearerToken, Credentials, MaybeReady};
use anthropic::{CredentialKind, CredentialSource, Error, ErrorKind, Result};
use azure_core::credentials::{AccessToken, TokenCredential};
use azure_core::error::ErrorKind as Kind;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue};

use crate::FoundryBuilder;

/// What Foundry is called with.
const SCOPES: [&str; 1] = ["https://ai.azure.com/.default"];

type Made = azure_core::Result<Arc<dyn TokenCredential>>;

struct Entra {
    /// Makes one anew, which has no token: those that there are can't be made to discard one.
    make: Option<Box<dyn Fn() -> Made + Send + Sync>>,
    kept: Mutex<Kept>,
}

/// What is used until it is refused.
#[derive(Default)]
struct Kept {
    credential: Option<Arc<dyn TokenCredential>>,
    /// The last token.
    last: Option<AccessToken>,
}

impl Entra {
    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn credential(&self) -> Result<Arc<dyn TokenCredential>> {
        let mut kept = self.lock();
        match (&kept.credential, &self.make) {
            (Some(credential), _) => Ok(Arc::clone(credential)),
            (None, Some(make)) => {
                let credential = make().map_err(|error| {
                    let message = "the credential for Microsoft Entra ID can't be made";
                    Error::new(ErrorKind::Config, message).caused_by(error)
                });
                Ok(Arc::clone(kept.credential.insert(credential?)))
            }
            (None, None) => Err(Error::new(ErrorKind::Config, "there is no credential")),
        }
    }

    /// Keeps a token as the last one, unless its credential was refused in the meantime.
    fn keep(&self, of: &Arc<dyn TokenCredential>, token: AccessToken) {
        let mut kept = self.lock();
        if kept
            .credential
            .as_ref()
            .is_some_and(|it| Arc::ptr_eq(it, of))
        {
            kept.last = Some(token);
        }
    }
}

impl fmt::Debug for Entra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Entra")
    }
}

impl Credentials for Entra {
    fn headers<'a>(&'a self, cx: &'a AttemptContext) -> MaybeReady<'a, Result<HeaderMap>> {
        MaybeReady::pending(async move {
            let credential = self.credential()?;
            let token = credential.get_token(&SCOPES, None).await;
            let token = token.map_err(unavailable)?;
            let bearer = BearerToken::new(token.token.secret().to_owned())?;
            self.keep(&credential, token);
            bearer.headers(cx).await
        })
    }

    // A credential caches tokens as long as they are good, so that one has to be made which has
    // none.
    fn refused(&self, used: &HeaderMap) -> bool {
        let mut kept = self.lock();
        let Some(last) = &kept.last else {
            // Another request has discarded it.
            return self.make.is_some();
        };
        let value = used.get(AUTHORIZATION).map(HeaderValue::as_bytes);
        let sent = value.and_then(|value| value.strip_prefix(b"Bearer "));
        if sent != Some(last.token.secret().trim().as_bytes()) {
            return true;
        }
        if self.make.is_some() {
            *kept = Kept::default();
        }
        self.make.is_some()
    }

    fn source(&self) -> CredentialSource {
        let mut source = CredentialSource::new(CredentialKind::PlatformToken);
        let last = self.lock().last.as_ref().map(|token| token.expires_on);
        source.expires_at = last.map(Into::into);
        source
    }
}

/// A source that could not be reached is a connection that could not be made, and retried as one.
fn unavailable(error: azure_core::Error) -> Error {
    let is_refused = is_refused(&error);
    Error::new(
        ErrorKind::Connect,
        "no token of Microsoft Entra ID could be had",
    )
    .caused_by(error)
    .retryable(!is_refused)
}

/// Whether a server has refused to issue a token: the same request gets the same response.
fn is_refused(error: &azure_core::Error) -> bool {
    let mut next: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = next {
        let kind = error
            .downcast_ref::<azure_core::Error>()
            .map(azure_core::Error::kind);
        if let Some(Kind::HttpResponse { status, .. }) = kind {
            let status = u16::from(*status);
            return (400..500).contains(&status) && ![408, 429].contains(&status);
        }
        next = error.source();
    }
    false
}

impl FoundryBuilder {
    /// A credential of Microsoft Entra ID, such as one of the crate `azure_identity`.
    ///
    /// It is asked for a token for every attempt, for the scope `https://ai.azure.com/.default`,
    /// and caches tokens itself; it has no way to discard one, so a token that Foundry refuses is
    /// not renewed before it expires; with [`renewable_credentials`](Self::renewable_credentials)
    /// it is. A failure is a [`Connect`](ErrorKind::Connect) error, and retried as one unless the
    /// issuer has refused the credential.
    ///
    #[cfg_attr(feature = "hyper", doc = "```no_run")]
    #[cfg_attr(not(feature = "hyper"), doc = "```text")]
    /// use azure_identity::{ClientSecretCredential, ManagedIdentityCredential};
    ///
    /// # fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// // Of the machine that the program runs on.
    /// let credential = ManagedIdentityCredential::new(None)?;
    /// let client = anthropic_azure::foundry("my-resource").credentials(credential).build()?;
    /// // Of an application, with its secret.
    /// let secret = std::env::var("AZURE_CLIENT_SECRET")?;
    /// let secret = secret.into();
    /// let credential = ClientSecretCredential::new("tenant", "client".into(), secret, None)?;
    /// let client = anthropic_azure::foundry("my-resource").credentials(credential).build()?;
    /// # Ok(())
    /// # }
    /// ```
    #[cfg_attr(docsrs, doc(cfg(feature = "azure-core-1")))]
    pub fn credentials(self, credential: Arc<dyn TokenCredential>) -> Self {
        self.authorized(Entra {
            make: None,
            kept: Mutex::new(Kept {
                credential: Some(credential),
                last: None,
            }),
        })
    }

    /// A closure that makes a credential, which is used as by [`credentials`](Self::credentials).
    /// It is called when the first request is sent, and again when Foundry has refused a token
    /// (401), once for all requests that wait: only a credential that is made anew has a new token.
    ///
    #[cfg_attr(feature = "hyper", doc = "```no_run")]
    #[cfg_attr(not(feature = "hyper"), doc = "```text")]
    /// use azure_identity::WorkloadIdentityCredential;
    ///
    /// # fn example() -> anthropic::Result<()> {
    /// let foundry = anthropic_azure::foundry("my-resource");
    /// let foundry = foundry.renewable_credentials(|| WorkloadIdentityCredential::new(None));
    /// let client = foundry.build()?;
    /// # Ok(())
    /// # }
    /// ```
    #[cfg_attr(docsrs, doc(cfg(feature = "azure-core-1")))]
    pub fn renewable_credentials<F, C>(self, make: F) -> Self
    where
        F: Fn() -> azure_core::Result<Arc<C>> + Send + Sync + 'static,
        C: TokenCredential + 'static,
    {
        self.authorized(Entra {
            make: Some(Box::new(move || Ok(make()?))),
            kept: Mutex::default(),
        })
    }
}
