//! Workload identity federation: a token of the program's own platform for one of Anthropic's.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anthropic_types::Secret;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue, StatusCode};

use super::cache::{Caches, Fetch};
use super::document::Document;
use super::exchange::{Exchange, FEDERATION_BETAS, OAUTH_BETA};
use super::failure::Failure;
use super::files::{blocking, read_cache, write_credentials};
use super::identity::IdentityToken;
use super::lock;
use super::oauth::is_good;
use super::token::Token;
use crate::config::env::variables::Variables;
use crate::config::{CredentialKind, CredentialSource};
use crate::pipeline::platform::{AttemptContext, Credentials, MaybeReady};
use crate::request::headers::ANTHROPIC_BETA;
use crate::{BoxFuture, ErrorKind, Result};

/// Exchanges an identity token for an access token, as [`Credentials`].
///
/// The access token is kept in memory and renewed before it expires; each exchange reads the
/// identity token anew. It belongs to the client's base URL; a client of another one exchanges for
/// itself. It is bound to a workspace when it is made: the header of a request doesn't change it.
///
/// ```
/// use anthropic::Client;
/// use anthropic::credentials::{Federation, IdentityToken};
///
/// let token = IdentityToken::file("/var/run/secrets/tokens/anthropic");
/// let federation = Federation::new("fdrl_1", "00000000-0000-0000-0000-000000000000", token)
///     .service_account_id("svac_1")
///     .workspace_id("wrkspc_1");
/// # #[cfg(feature = "hyper")]
/// let client = Client::builder().credentials(federation).build()?;
/// # Ok::<(), anthropic::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Federation {
    grant: Grant,
    caches: Arc<Caches>,
}

impl Federation {
    /// Federation by a rule of an organization. The organization's id is the UUID that the Console
    /// shows.
    pub fn new(
        rule_id: impl Into<String>,
        organization_id: impl Into<String>,
        token: IdentityToken,
    ) -> Self {
        Self {
            grant: Grant {
                rule_id: rule_id.into(),
                organization_id: organization_id.into(),
                service_account_id: None,
                workspace_id: None,
                token,
            },
            caches: Arc::default(),
        }
    }

    /// What the environment sets up, if it does: `ANTHROPIC_FEDERATION_RULE_ID`,
    /// `ANTHROPIC_ORGANIZATION_ID`, and `ANTHROPIC_IDENTITY_TOKEN_FILE` or
    /// `ANTHROPIC_IDENTITY_TOKEN` (the file wins) are all needed; `ANTHROPIC_SERVICE_ACCOUNT_ID`
    /// and `ANTHROPIC_WORKSPACE_ID` may be there.
    ///
    /// # Errors
    ///
    /// [`Config`](crate::ErrorKind::Config) when a variable is not UTF-8.
    pub fn from_env() -> Result<Option<Self>> {
        Ok(Self::of(&super::variables()?))
    }

    pub(super) fn of(variables: &Variables) -> Option<Self> {
        if !variables.has_federation() {
            return None;
        }
        let token = match &variables.identity_token_file {
            Some(path) => IdentityToken::file(path),
            None => IdentityToken::variable(),
        };
        let rule_id = variables.federation_rule_id.clone()?;
        Some(Self {
            grant: Grant {
                rule_id,
                organization_id: variables.organization_id.clone()?,
                service_account_id: variables.service_account_id.clone(),
                workspace_id: variables.workspace_id.clone(),
                token,
            },
            caches: Arc::default(),
        })
    }

    /// The service account that requests act as.
    pub fn service_account_id(mut self, id: impl Into<String>) -> Self {
        self.grant.service_account_id = Some(id.into());
        self.caches = Arc::default();
        self
    }

    /// The workspace that the token is for: needed where the rule has several. `default` is the
    /// organization's default workspace.
    pub fn workspace_id(mut self, id: impl Into<String>) -> Self {
        self.grant.workspace_id = Some(id.into());
        self.caches = Arc::default();
        self
    }
}

impl Credentials for Federation {
    fn headers<'a>(&'a self, cx: &'a AttemptContext) -> MaybeReady<'a, Result<HeaderMap>> {
        let cache = self.caches.of(&cx.base_url, |_| {
            Arc::new(Exchanged {
                grant: self.grant.clone(),
                store: None,
            })
        });
        cache
            .header(Exchange::of(cx))
            .map(|token| Ok(headers(token?)))
    }

    fn refused(&self, used: &HeaderMap) -> bool {
        self.caches.refuse(used);
        true
    }

    fn source(&self) -> CredentialSource {
        CredentialSource {
            file: self.grant.token.path().cloned(),
            expires_at: self.caches.expires_at(),
            ..CredentialSource::new(CredentialKind::Federation)
        }
    }
}

/// The headers of a request with a token of OAuth's.
pub(super) fn headers(token: HeaderValue) -> HeaderMap {
    HeaderMap::from_iter([
        (AUTHORIZATION, token),
        (ANTHROPIC_BETA, HeaderValue::from_static(OAUTH_BETA)),
    ])
}

/// What is exchanged.
#[derive(Debug, Clone)]
pub(super) struct Grant {
    pub(super) rule_id: String,
    pub(super) organization_id: String,
    pub(super) service_account_id: Option<String>,
    pub(super) workspace_id: Option<String>,
    pub(super) token: IdentityToken,
}

impl Grant {
    async fn exchange(&self, exchange: &Exchange) -> Result<Token, Failure> {
        const WHAT: &str = "the identity token can't be exchanged";
        let token = self.token.read(exchange).await?;
        let mut grant = Document::default()
            .with("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer")
            .with("assertion", token.expose())
            .with("federation_rule_id", self.rule_id.as_str())
            .with("organization_id", self.organization_id.as_str());
        let optional = [
            ("service_account_id", &self.service_account_id),
            ("workspace_id", &self.workspace_id),
        ];
        for (key, value) in optional {
            if let Some(value) = value {
                grant.set(key, value.as_str());
            }
        }
        let granted = exchange
            .grant(WHAT, &grant, FEDERATION_BETAS, &[&token])
            .await;
        let came = granted.map_err(|failure| self.explain(failure))?;
        let wrong = |what: &str| {
            let message = format!("{WHAT}: the token endpoint's response {what}");
            Failure::new(ErrorKind::UnexpectedContent, message)
        };
        let is_bearer = |kind: &serde_json::Value| {
            kind.as_str()
                .is_some_and(|kind| kind.eq_ignore_ascii_case("bearer"))
        };
        if !came.value("token_type").is_none_or(is_bearer) {
            return Err(wrong("has another `token_type` than `Bearer`"));
        }
        let access = came.secret("access_token");
        let access = access.ok_or_else(|| wrong("has no `access_token`"))?;
        let Ok(Some(seconds)) = came.integer("expires_in") else {
            return Err(wrong("has no `expires_in` in seconds"));
        };
        Ok(Token::new(access).expires_at_unix(Some(exchange.wall_in(seconds))))
    }

    fn explain(&self, failure: Failure) -> Failure {
        if failure.status() != Some(StatusCode::UNAUTHORIZED) {
            return failure;
        }
        failure.hint(if self.workspace_id.is_some() {
            "check that the federation rule matches the identity token; the Console lists attempts under workload \
             identity"
        } else {
            "check that the federation rule matches the identity token, and name a workspace (ANTHROPIC_WORKSPACE_ID, or \
             `workspace_id` of the profile) if the rule has several; the Console lists attempts under workload identity"
        })
    }
}

/// An access token by exchange, shared with other processes where there is a file for it.
pub(super) struct Exchanged {
    pub(super) grant: Grant,
    pub(super) store: Option<PathBuf>,
}

impl Exchanged {
    async fn current(
        self: Arc<Self>,
        exchange: Exchange,
        refused: Option<Secret>,
    ) -> Result<Token, Failure> {
        let Some(file) = &self.store else {
            return self.grant.exchange(&exchange).await;
        };
        let stored = stored(file).await?;
        let good = |stored: &Option<(Token, Document)>| {
            let token = stored.as_ref().map(|(token, _)| token);
            token
                .filter(|token| is_good(token, refused.as_ref(), exchange.wall()))
                .cloned()
        };
        if let Some(token) = good(&stored) {
            return Ok(token);
        }
        let fallback = stored.map(|(token, _)| token);
        let shared = self.share(file, &exchange, good).await;
        shared.map_err(|failure| failure.or_use(fallback))
    }

    /// Exchanges for all processes, or takes the token that another one has stored meanwhile. An
    /// exchange uses nothing up, so it is made without the lock, too.
    async fn share(
        &self,
        file: &Path,
        exchange: &Exchange,
        good: impl Fn(&Option<(Token, Document)>) -> Option<Token>,
    ) -> Result<Token, Failure> {
        let lock = lock::acquire(exchange, file).await.ok().flatten();
        let stored = stored(file).await?;
        if let Some(token) = good(&stored) {
            return Ok(token);
        }
        let token = self.grant.exchange(exchange).await?;
        let mut document = stored.map(|(_, document)| document).unwrap_or_default();
        document.set("version", "1.0");
        document.set("type", "oauth_token");
        document.set("access_token", token.secret().expose());
        document.set("expires_at", token.expires_at_seconds());
        let file = file.to_owned();
        let written = blocking(move || {
            let written = write_credentials(&file, &document, lock.is_some());
            drop(lock);
            written.map_err(|error| {
                let file = file.display();
                Failure::config(format!("the file {file} can't be written")).caused_by(error)
            })
        });
        if let Err(failure) = written.await {
            let error = failure.error();
            tracing::debug!(%error, "an access token isn't shared with other processes");
        }
        Ok(token)
    }
}

impl Fetch for Exchanged {
    fn fetch(
        self: Arc<Self>,
        exchange: Exchange,
        refused: Option<Secret>,
    ) -> BoxFuture<'static, Result<Token, Failure>> {
        Box::pin(self.current(exchange, refused))
    }
}

/// The token that a process has stored, and its document. One without an expiry that can be read
/// isn't used; it is replaced.
async fn stored(file: &Path) -> Result<Option<(Token, Document)>, Failure> {
    let path = file.to_owned();
    let Some(document) = blocking(move || read_cache(&path)).await? else {
        return Ok(None);
    };
    let access = document
        .secret("access_token")
        .unwrap_or_else(|| Secret::new(""));
    let expires_at = document.integer("expires_at").ok().flatten();
    let expires_at = if access.expose().is_empty() {
        None
    } else {
        expires_at
    };
    let token = Token::new(access).expires_at_unix(Some(expires_at.unwrap_or(0)));
    Ok(Some((token, document)))
}
