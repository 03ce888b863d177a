//! Anthropic's own API: requests go out as they are, with a key or a token in a header.

use http::Uri;

use super::{AttemptContext, MaybeReady, Platform, credentials};
use crate::config::{Credential, CredentialKind, CredentialSource};
use crate::request::headers::{has_credential, set};
use crate::transport::HttpRequest;
use crate::{Error, Result};

/// Anthropic's own API, or a gateway that speaks as it does.
#[derive(Debug)]
pub(crate) struct FirstParty {
    pub(crate) base_url: Uri,
    pub(crate) credential: Credential,
    /// Where the credential comes from, unless it is fetched.
    pub(crate) source: CredentialKind,
}

impl Platform for FirstParty {
    fn name(&self) -> &'static str {
        "anthropic"
    }

    fn base_url(&self) -> &Uri {
        &self.base_url
    }

    fn credential_source(&self) -> CredentialSource {
        match (&self.credential, self.source) {
            (Credential::Fetched(credentials), CredentialKind::Custom) => credentials.source(),
            (_, kind) => kind.into(),
        }
    }

    /// Adds the credential, unless the caller has set one in a header.
    fn authorize<'a>(
        &'a self,
        mut request: HttpRequest,
        cx: &'a AttemptContext,
    ) -> MaybeReady<'a, Result<HttpRequest>> {
        if has_credential(request.headers()) {
            return MaybeReady::ready(Ok(request));
        }
        MaybeReady::ready(match &self.credential {
            Credential::None => Err(missing()),
            Credential::Anonymous => Ok(request),
            Credential::Header { name, value } => {
                set(request.headers_mut(), name, value.clone());
                Ok(request)
            }
            Credential::Fetched(credentials) => {
                return credentials::authorize(&**credentials, request, cx);
            }
        })
    }

    fn refused(&self, error: &Error, cx: &AttemptContext) -> bool {
        let Credential::Fetched(credentials) = &self.credential else {
            return false;
        };
        credentials::renew(&**credentials, error, cx)
    }
}

#[cfg(feature = "profiles")]
fn missing() -> Error {
    Error::config(
        "no credential: set ANTHROPIC_API_KEY, ANTHROPIC_AUTH_TOKEN or ANTHROPIC_PROFILE, or log in, and use \
         Client::from_env(), or give a key to Client::new() or the builder",
    )
}

#[cfg(not(feature = "profiles"))]
fn missing() -> Error {
    Error::config(
        "no credential: set ANTHROPIC_API_KEY or ANTHROPIC_AUTH_TOKEN and use Client::from_env(), or give a key to \
         Client::new() or the builder",
    )
}
