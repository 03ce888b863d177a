//! Where a client's credential comes from.

use std::fmt;
use std::path::PathBuf;
use std::time::SystemTime;

use super::env;

/// Where a client's credential comes from: its kind, and the file and the expiry where there are
/// any.
///
/// ```
/// use anthropic::CredentialKind;
///
/// # #[cfg(feature = "hyper")]
/// let client = anthropic::Client::new("my-key")?;
/// # #[cfg(feature = "hyper")]
/// assert_eq!(client.credential_source().kind, CredentialKind::ApiKey);
/// # Ok::<(), anthropic::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct CredentialSource {
    /// The kind of place.
    pub kind: CredentialKind,
    /// The file that it is read from.
    pub file: Option<PathBuf>,
    /// When it expires, if that is known. It may be renewed by then.
    pub expires_at: Option<SystemTime>,
}

/// The kind of place that a credential comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CredentialKind {
    /// There is none; a request fails before it is sent.
    Missing,
    /// The key given to [`Client::new`](crate::Client::new) or to the builder.
    ApiKey,
    /// The token given to the builder.
    AuthToken,
    /// The variable `ANTHROPIC_API_KEY`.
    ApiKeyVariable,
    /// The variable `ANTHROPIC_AUTH_TOKEN`.
    AuthTokenVariable,
    /// An `authorization` or `x-api-key` header among the client's own headers.
    Header,
    /// None is wanted: the client is [`anonymous`](crate::ClientBuilder::anonymous).
    Anonymous,
    /// A profile on disk: [`credentials::Profile`](crate::credentials::Profile).
    #[cfg(feature = "profiles")]
    #[cfg_attr(docsrs, doc(cfg(feature = "profiles")))]
    Profile,
    /// Workload identity federation without a profile:
    /// [`credentials::Federation`](crate::credentials::Federation).
    #[cfg(feature = "profiles")]
    #[cfg_attr(docsrs, doc(cfg(feature = "profiles")))]
    Federation,
    /// The [`Credentials`](crate::platform::Credentials) given to the builder, which don't name
    /// another source.
    Custom,
    /// The [`Platform`](crate::platform::Platform) has its own, of a kind that it doesn't name.
    Platform,
    /// A key of the platform's, which stays the same.
    PlatformKey,
    /// A token that the platform is given or fetches.
    PlatformToken,
    /// The platform signs each request with an access key of its own, or one that it fetches.
    PlatformSignature,
}

impl CredentialSource {
    /// A source of this kind, without a file and an expiry.
    pub const fn new(kind: CredentialKind) -> Self {
        Self {
            kind,
            file: None,
            expires_at: None,
        }
    }

    /// Names the file that the credential is read from.
    pub fn file(mut self, file: impl Into<PathBuf>) -> Self {
        self.file = Some(file.into());
        self
    }

    /// Sets when the credential expires.
    pub fn expires_at(mut self, at: SystemTime) -> Self {
        self.expires_at = Some(at);
        self
    }
}

impl From<CredentialKind> for CredentialSource {
    fn from(kind: CredentialKind) -> Self {
        Self::new(kind)
    }
}

impl fmt::Display for CredentialKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "no credential",
            Self::ApiKey => "api_key",
            Self::AuthToken => "auth_token",
            Self::ApiKeyVariable => env::API_KEY,
            Self::AuthTokenVariable => env::AUTH_TOKEN,
            Self::Header => "a custom header",
            Self::Anonymous => "anonymous",
            #[cfg(feature = "profiles")]
            Self::Profile => "a profile",
            #[cfg(feature = "profiles")]
            Self::Federation => "workload identity federation",
            Self::Custom => "credentials",
            Self::Platform => "the platform",
            Self::PlatformKey => "the platform's key",
            Self::PlatformToken => "the platform's token",
            Self::PlatformSignature => "the platform's signature",
        })
    }
}

/// The kind and the file.
impl fmt::Display for CredentialSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.kind)?;
        match &self.file {
            Some(file) => write!(f, " ({})", file.display()),
            None => Ok(()),
        }
    }
}
