//! Credentials of Microsoft Entra ID from `azure_core`, which those of `azure_identity` are.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use anthropic::platform::{AttemptContext, BearerToken, Credentials, MaybeReady};
use anthropic::{CredentialKind, CredentialSource, Error, ErrorKind, Result};
use azure_core::credentials::TokenCredential;
use azure_core::error::ErrorKind as Kind;
use http::HeaderMap;

use crate::FoundryBuilder;

/// What Foundry is called with.
const SCOPES: [&str; 1] = ["https://ai.azure.com/.default"];

struct Entra {
    credential: Arc<dyn TokenCredential>,
    /// When the last token expires.
    expires_at: Mutex<Option<SystemTime>>,
}

impl Entra {
    fn lock(&self) -> std::sync::MutexGuard<'_, Option<SystemTime>> {
        self.expires_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Entra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Entra")
    }
}

// A credential caches tokens as long as they are good, and has no way to discard one that was
// refused.
impl Credentials for Entra {
    fn headers<'a>(&'a self, cx: &'a AttemptContext) -> MaybeReady<'a, Result<HeaderMap>> {
        MaybeReady::pending(async move {
            let token = self.credential.get_token(&SCOPES, None).await;
            let token = token.map_err(unavailable)?;
            *self.lock() = Some(token.expires_on.into());
            let token = BearerToken::new(token.token.secret().to_owned())?;
            token.headers(cx).await
        })
    }

    fn source(&self) -> CredentialSource {
        let mut source = CredentialSource::new(CredentialKind::PlatformToken);
        source.expires_at = *self.lock();
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
    /// not renewed before it expires. A failure is a [`Connect`](ErrorKind::Connect) error, and
    /// retried as one unless the issuer has refused the credential.
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
            credential,
            expires_at: Mutex::new(None),
        })
    }
}
