//! Credentials of Microsoft Entra ID from `azure_core`, which those of `azure_identity` are.

use std::fmt;
use std::sync::Arc;

use anthropic::platform::{AttemptContext, BearerToken, Credentials, MaybeReady};
use anthropic::{Error, ErrorKind, Result};
use azure_core::credentials::TokenCredential;
use http::HeaderMap;

use crate::FoundryBuilder;

/// What Foundry is called with.
const SCOPES: [&str; 1] = ["https://ai.azure.com/.default"];

struct Entra(Arc<dyn TokenCredential>);

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
            let token = self.0.get_token(&SCOPES, None).await.map_err(|error| {
                Error::new(
                    ErrorKind::Connect,
                    "no token of Microsoft Entra ID could be had",
                )
                .caused_by(error)
            })?;
            let token = BearerToken::new(token.token.secret().to_owned())?;
            token.headers(cx).await
        })
    }
}

impl FoundryBuilder {
    /// A credential of Microsoft Entra ID, such as one of the crate `azure_identity`.
    ///
    /// It is asked for a token for every attempt, for the scope `https://ai.azure.com/.default`,
    /// and caches tokens itself. A failure is a [`Connect`](ErrorKind::Connect) error, and retried
    /// as one.
    #[cfg_attr(docsrs, doc(cfg(feature = "azure-core-1")))]
    pub fn credentials(self, credential: Arc<dyn TokenCredential>) -> Self {
        self.authorized(Entra(credential))
    }
}
