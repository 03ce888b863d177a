//! Which credential a client uses, where it came from, and in which header it goes out.

use std::fmt;
use std::sync::Once;

use anthropic_types::Secret;
use http::header::{AUTHORIZATION, HeaderName, HeaderValue};

use super::env::{self, Environment};
use crate::pipeline::platform::X_API_KEY;
use crate::{Error, Result};

/// The header in which an API key goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum AuthScheme {
    /// `Authorization: Bearer <key>`, the default.
    #[default]
    Bearer,
    /// `x-api-key: <key>`, which some gateways ask for.
    XApiKey,
}

/// Where a client's credential came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CredentialSource {
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
    /// None is wanted: the builder said [`anonymous`](crate::ClientBuilder::anonymous).
    Anonymous,
    /// The [`Platform`](crate::Platform) has its own.
    Platform,
}

impl fmt::Display for CredentialSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "no credential",
            Self::ApiKey => "api_key",
            Self::AuthToken => "auth_token",
            Self::ApiKeyVariable => env::API_KEY,
            Self::AuthTokenVariable => env::AUTH_TOKEN,
            Self::Header => "a custom header",
            Self::Anonymous => "anonymous",
            Self::Platform => "the platform",
        })
    }
}

/// A credential, ready to be put on a request.
#[derive(Clone)]
pub(crate) enum Credential {
    None,
    Anonymous,
    Header {
        name: HeaderName,
        value: HeaderValue,
    },
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Anonymous => "Anonymous",
            Self::Header { .. } => "[redacted]",
        })
    }
}

/// The credentials that the builder was told.
#[derive(Debug, Clone, Default)]
pub(crate) struct Given {
    pub(crate) api_key: Option<Secret>,
    pub(crate) auth_token: Option<Secret>,
    pub(crate) scheme: AuthScheme,
    pub(crate) anonymous: bool,
    /// Whether one was given as a header.
    pub(crate) header: bool,
    /// Whether they come from the client that this one is derived from.
    pub(crate) inherited: bool,
}

impl Given {
    /// A credential given to a derived client replaces the inherited one.
    pub(crate) fn forget_inherited(&mut self) {
        if std::mem::take(&mut self.inherited) {
            self.api_key = None;
            self.auth_token = None;
            self.anonymous = false;
        }
    }

    /// A credential that is not one of these, given to a derived client, replaces the inherited lack of one.
    pub(crate) fn forget_inherited_anonymity(&mut self) {
        if self.inherited {
            self.anonymous = false;
        }
    }

    /// Chooses: what was given explicitly, else the environment's key, else its token.
    pub(crate) fn choose(&self, env: &Environment) -> Result<(Credential, CredentialSource)> {
        match (&self.api_key, &self.auth_token) {
            (Some(_), _) | (_, Some(_)) if self.anonymous => Err(Error::config(
                "both `anonymous` and a credential are set; remove one of them",
            )),
            (Some(_), Some(_)) => Err(Error::config(
                "both `api_key` and `auth_token` are set; a client has one credential, so remove \
                 one of them",
            )),
            (Some(key), None) => Ok((self.key(key)?, CredentialSource::ApiKey)),
            (None, Some(token)) => Ok((bearer(token)?, CredentialSource::AuthToken)),
            (None, None) if self.anonymous => {
                Ok((Credential::Anonymous, CredentialSource::Anonymous))
            }
            (None, None) => self.of_environment(env),
        }
    }

    fn of_environment(&self, env: &Environment) -> Result<(Credential, CredentialSource)> {
        if let Some(key) = &env.api_key {
            if env.auth_token.is_some() {
                warn_once();
            }
            return Ok((self.key(key)?, CredentialSource::ApiKeyVariable));
        }
        match &env.auth_token {
            Some(token) => Ok((bearer(token)?, CredentialSource::AuthTokenVariable)),
            None => Ok((Credential::None, CredentialSource::Missing)),
        }
    }

    fn key(&self, key: &Secret) -> Result<Credential> {
        match self.scheme {
            AuthScheme::Bearer => bearer(key),
            AuthScheme::XApiKey => header(X_API_KEY, key.expose()),
        }
    }
}

/// Whether a header of this name proves who sends a request.
pub(crate) fn is_credential(name: &str) -> bool {
    [AUTHORIZATION, X_API_KEY]
        .iter()
        .any(|header| name.eq_ignore_ascii_case(header.as_str()))
}

fn bearer(secret: &Secret) -> Result<Credential> {
    if secret.expose().trim().is_empty() {
        return header(AUTHORIZATION, "");
    }
    header(AUTHORIZATION, &format!("Bearer {}", secret.expose()))
}

fn header(name: HeaderName, text: &str) -> Result<Credential> {
    if text.trim().is_empty() {
        return Err(Error::config("the credential is empty"));
    }
    let mut value = HeaderValue::from_str(text).map_err(|_| {
        Error::config("the credential has characters that no header can carry (a line end?)")
    })?;
    value.set_sensitive(true);
    Ok(Credential::Header { name, value })
}

fn warn_once() {
    static WARNED: Once = Once::new();
    WARNED.call_once(|| {
        tracing::warn!(
            "{} and {} are both set; the key is used and the token is ignored",
            env::API_KEY,
            env::AUTH_TOKEN,
        );
    });
}
