//! Which credential a client uses, and in which header it is sent.

use std::fmt;
use std::sync::{Arc, Once};

use anthropic_types::Secret;
use http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};

use super::env::{self, Environment};
use super::source::CredentialKind;
#[cfg(feature = "profiles")]
use crate::credentials::chain;
use crate::pipeline::platform::Credentials;
use crate::request::credential::{bearer_value, secret_value};
use crate::request::headers::{self, X_API_KEY, is_credential};
use crate::{Error, Result};

/// The header in which an API key is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum AuthScheme {
    /// `Authorization: Bearer <key>`, the default.
    #[default]
    Bearer,
    /// `x-api-key: <key>`, which some gateways ask for.
    XApiKey,
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
    Fetched(Arc<dyn Credentials>),
}

impl Credential {
    /// A bearer token, named in errors by where it comes from.
    pub(crate) fn bearer(token: &Secret, from: CredentialKind) -> Result<Self> {
        Ok(Self::Header {
            name: AUTHORIZATION,
            value: bearer_value(token, &from.to_string())?,
        })
    }

    /// An API key, in the header of its scheme, named in errors by where it comes from.
    pub(crate) fn key(key: &Secret, scheme: AuthScheme, from: CredentialKind) -> Result<Self> {
        match scheme {
            AuthScheme::Bearer => Self::bearer(key, from),
            AuthScheme::XApiKey => Ok(Self::Header {
                name: X_API_KEY,
                value: secret_value(key, &from.to_string())?,
            }),
        }
    }

    /// The base URL that it belongs to.
    #[cfg(feature = "profiles")]
    pub(crate) fn base_url(&self) -> Option<String> {
        match self {
            Self::Fetched(credentials) => credentials.base_url(),
            _ => None,
        }
    }

    /// None, if the header that it would be sent in is left out. In which one a fetched credential
    /// comes isn't known before it is there, so either of the two stands for it.
    pub(crate) fn without(self, removed: &[HeaderName]) -> Self {
        let is_removed = removed.iter().any(|removed| match &self {
            Self::Header { name, .. } => name == removed,
            _ => is_credential(removed.as_str()),
        });
        if is_removed { Self::Anonymous } else { self }
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("None"),
            Self::Anonymous => f.write_str("Anonymous"),
            Self::Header { .. } => f.write_str("[redacted]"),
            // What its author derived may show the token that it keeps.
            Self::Fetched(_) => f.write_str("Fetched"),
        }
    }
}

/// The credentials that the builder was given.
#[derive(Clone, Default)]
pub(crate) struct Given {
    pub(crate) api_key: Option<Secret>,
    pub(crate) auth_token: Option<Secret>,
    pub(crate) credentials: Option<Arc<dyn Credentials>>,
    pub(crate) scheme: AuthScheme,
    pub(crate) anonymous: bool,
    /// Which were given as headers.
    pub(crate) headers: GivenHeaders,
    /// Whether they come from the client that this one is derived from.
    pub(crate) inherited: bool,
    /// What the chain of profiles and federation found, which derived clients share.
    #[cfg(feature = "profiles")]
    pub(crate) found: Arc<std::sync::OnceLock<Option<Arc<dyn Credentials>>>>,
}

/// The headers with a credential that the builder was given.
#[derive(Clone, Copy, Default)]
pub(crate) struct GivenHeaders {
    authorization: bool,
    x_api_key: bool,
    /// Whether the client that this one is derived from sends an `authorization` of the caller's to
    /// the same platform.
    kept_authorization: bool,
}

impl GivenHeaders {
    /// One of this name was given.
    pub(crate) fn add(&mut self, name: &str) {
        let is_key = name.eq_ignore_ascii_case(X_API_KEY.as_str());
        self.x_api_key |= is_key;
        self.authorization |= !is_key;
    }

    /// What was kept belongs to another platform.
    pub(crate) fn change_platform(&mut self) {
        self.kept_authorization = false;
    }

    /// What a derived client has of them; an `authorization` stays with its platform.
    pub(crate) fn derive(&mut self) {
        *self = Self {
            kept_authorization: self.authorization || self.kept_authorization,
            ..Self::default()
        };
    }

    pub(crate) fn is_any(self) -> bool {
        self.authorization || self.x_api_key
    }

    /// Removes those that may not go out, as those of a client that this one is derived from.
    pub(crate) fn retain(self, takes_authorization: bool, headers: &mut HeaderMap) {
        headers::unset(headers, &X_API_KEY);
        let is_own = self.authorization || self.kept_authorization;
        if !takes_authorization || !is_own {
            headers::unset(headers, &AUTHORIZATION);
        }
    }
}

impl Given {
    /// A credential given to a derived client replaces the inherited one.
    pub(crate) fn replace_inherited(&mut self) {
        if std::mem::take(&mut self.inherited) {
            self.api_key = None;
            self.auth_token = None;
            self.credentials = None;
            self.anonymous = false;
        }
    }

    /// A credential in a header, given to a derived client, replaces the inherited lack of one.
    pub(crate) fn replace_inherited_anonymity(&mut self) {
        if self.inherited {
            self.anonymous = false;
        }
    }

    /// The names of the credentials that were given.
    fn names(&self) -> Vec<&'static str> {
        let mut names = Vec::new();
        for (is_given, name) in [
            (self.api_key.is_some(), "api_key"),
            (self.auth_token.is_some(), "auth_token"),
            (self.credentials.is_some(), "credentials"),
            (self.anonymous, "anonymous"),
        ] {
            if is_given {
                names.push(name);
            }
        }
        names
    }

    /// Refuses credentials that were given to the same builder as a platform, which may take an
    /// `authorization` header. Inherited ones are none by now: a platform replaces them, and an
    /// inherited platform had none beside it.
    pub(crate) fn check_platform(&self, takes_authorization: bool) -> Result<()> {
        let given = self.headers;
        let has_header = given.x_api_key || (given.authorization && !takes_authorization);
        let what = match self.names().first() {
            Some(name) => format!("`{name}`"),
            None if has_header => "a header with a credential".to_owned(),
            None => return Ok(()),
        };
        Err(Error::config(format!(
            "both {what} and a platform, which has its own credential, are set; remove one of them"
        )))
    }

    /// Chooses: what was given explicitly, else the environment's key, else its token.
    pub(crate) fn choose(&self, env: &Environment) -> Result<(Credential, CredentialKind)> {
        if let [first, second, ..] = self.names()[..] {
            return Err(Error::config(format!(
                "both `{first}` and `{second}` are set; a client has one credential, so remove one of them"
            )));
        }
        if let Some(key) = &self.api_key {
            let from = CredentialKind::ApiKey;
            return Ok((Credential::key(key, self.scheme, from)?, from));
        }
        if let Some(token) = &self.auth_token {
            let from = CredentialKind::AuthToken;
            return Ok((Credential::bearer(token, from)?, from));
        }
        if let Some(credentials) = &self.credentials {
            return Ok((
                Credential::Fetched(credentials.clone()),
                CredentialKind::Custom,
            ));
        }
        if self.anonymous {
            return Ok((Credential::Anonymous, CredentialKind::Anonymous));
        }
        self.of_environment(env)
    }

    fn of_environment(&self, env: &Environment) -> Result<(Credential, CredentialKind)> {
        #[cfg(feature = "profiles")]
        chain::warn_if_shadowed(env);
        if let Some(key) = &env.api_key {
            if env.auth_token.is_some() {
                warn_once();
            }
            let from = CredentialKind::ApiKeyVariable;
            return Ok((Credential::key(key, self.scheme, from)?, from));
        }
        match &env.auth_token {
            Some(token) => {
                let from = CredentialKind::AuthTokenVariable;
                Ok((Credential::bearer(token, from)?, from))
            }
            None => self.of_profiles(env),
        }
    }

    #[cfg(not(feature = "profiles"))]
    #[expect(
        clippy::unused_self,
        clippy::unnecessary_wraps,
        reason = "with the feature `profiles` there may be one, or a fault in it"
    )]
    fn of_profiles(&self, _: &Environment) -> Result<(Credential, CredentialKind)> {
        Ok((Credential::None, CredentialKind::Missing))
    }

    /// A profile, or federation: the rest of the chain.
    #[cfg(feature = "profiles")]
    fn of_profiles(&self, env: &Environment) -> Result<(Credential, CredentialKind)> {
        let Some(variables) = &env.variables else {
            return Ok((Credential::None, CredentialKind::Missing));
        };
        if self.found.get().is_none() {
            let found = chain::find(variables)?;
            self.found.get_or_init(|| found);
        }
        let found = self.found.get().cloned().flatten();
        Ok(match found {
            Some(credentials) => (Credential::Fetched(credentials), CredentialKind::Custom),
            None => (Credential::None, CredentialKind::Missing),
        })
    }
}

/// The names of those that are set.
impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let header = self.headers.is_any().then_some("header");
        f.debug_list()
            .entries(self.names())
            .entries(header)
            .finish()
    }
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
