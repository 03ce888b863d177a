//! The token of an OAuth login: read from its file, and renewed with the refresh token there.
//!
//! A refresh token can be used once. So whoever uses it has the lock of the file, reads the file
//! again first, and stores the new one before anybody else gets the lock. What can't be stored is
//! kept in memory.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use anthropic_types::Secret;
use http::StatusCode;

use super::cache::Fetch;
use super::document::Document;
use super::exchange::{Exchange, OAUTH_BETA};
use super::failure::Failure;
use super::files::{blocking, read_credentials, write_credentials};
use super::lock::{self, Lock};
use super::token::{ADVISORY, MANDATORY, Token};
use crate::BoxFuture;

/// How long a token is good whose endpoint doesn't name it, in seconds.
const DEFAULT_EXPIRY: i64 = 3600;

/// A login.
pub(super) struct OAuth {
    /// The profile's name, for errors.
    pub(super) name: String,
    /// The file with the tokens.
    pub(super) file: PathBuf,
    /// For whom the refresh token is. Without it something else renews the tokens in the file.
    pub(super) client_id: Option<String>,
    /// The tokens that could not be stored.
    unsaved: Mutex<Option<Unsaved>>,
}

#[derive(Clone)]
struct Unsaved {
    /// The refresh token that is in the file, and used up.
    in_file: Option<Secret>,
    document: Document,
}

/// The tokens, as they are known now.
#[derive(Clone)]
struct Tokens {
    token: Token,
    refresh: Option<Secret>,
    document: Document,
    /// The refresh token that is in the file.
    in_file: Option<Secret>,
}

impl OAuth {
    pub(super) fn new(name: &str, file: PathBuf, client_id: Option<String>) -> Self {
        Self {
            name: name.to_owned(),
            file,
            client_id,
            unsaved: Mutex::default(),
        }
    }

    fn what(&self) -> String {
        format!("the profile `{}` can't be renewed", self.name)
    }

    async fn read(&self) -> Result<Tokens, Failure> {
        let file = self.file.clone();
        let read = blocking(move || read_credentials(&file)).await;
        if let Some(unsaved) = self.newer_than(&read) {
            return self.tokens(unsaved.document, unsaved.in_file);
        }
        let Some(document) = read? else {
            let file = self.file.display();
            return Err(Failure::config(format!(
                "the profile `{}` has no credentials: there is no file {file}; log in first",
                self.name
            )));
        };
        let in_file = document.secret("refresh_token");
        self.tokens(document, in_file)
    }

    /// The tokens in memory, unless somebody has stored others since.
    fn newer_than(&self, read: &Result<Option<Document>, Failure>) -> Option<Unsaved> {
        let mut unsaved = self.unsaved.lock().unwrap_or_else(PoisonError::into_inner);
        if let (Some(known), Ok(Some(document))) = (unsaved.as_ref(), read) {
            if known.in_file != document.secret("refresh_token") {
                *unsaved = None;
            }
        }
        unsaved.clone()
    }

    fn tokens(&self, document: Document, in_file: Option<Secret>) -> Result<Tokens, Failure> {
        let file = self.file.display();
        let access = document.secret("access_token");
        let access = access.ok_or_else(|| {
            Failure::config(format!("the credentials file {file} has no `access_token`"))
        })?;
        let expires_at = document.integer("expires_at").map_err(|()| {
            Failure::config(format!(
                "`expires_at` in the credentials file {file} is no number of seconds since 1970"
            ))
        })?;
        Ok(Tokens {
            token: Token::new(access).expires_at_unix(expires_at),
            refresh: document.secret("refresh_token"),
            document,
            in_file,
        })
    }

    async fn current(
        self: Arc<Self>,
        exchange: Exchange,
        refused: Option<Secret>,
    ) -> Result<Token, Failure> {
        let seen = self.read().await?;
        let Some(client_id) = &self.client_id else {
            return Ok(seen.token);
        };
        if seen.refresh.is_none() {
            return Err(Failure::config(format!(
                "the profile `{}` has a `client_id`, but its credentials file {} has no `refresh_token`; log in again",
                self.name,
                self.file.display()
            )));
        }
        if is_good(&seen.token, refused.as_ref(), exchange.wall()) {
            return Ok(seen.token);
        }
        let renewed = self
            .renew(client_id, &seen, refused.as_ref(), &exchange)
            .await;
        renewed.map_err(|failure| failure.or_use(Some(seen.token)))
    }

    /// Uses the refresh token, unless another process has done so meanwhile.
    async fn renew(
        &self,
        client_id: &str,
        seen: &Tokens,
        refused: Option<&Secret>,
        exchange: &Exchange,
    ) -> Result<Token, Failure> {
        let lock = lock::acquire(exchange, &self.file).await?;
        let mut tokens = self.read().await?;
        if adopts(seen, &tokens, refused, exchange.wall()) {
            return Ok(tokens.token);
        }
        let renewed = match self.grant(client_id, &tokens, exchange).await {
            Err(failure) if is_refusal(&failure) => {
                // Somebody without the lock may have used the refresh token and stored the next.
                let now = self.read().await?;
                if adopts(&tokens, &now, refused, exchange.wall()) {
                    return Ok(now.token);
                }
                if now.refresh == tokens.refresh {
                    return Err(failure);
                }
                tokens = now;
                self.grant(client_id, &tokens, exchange).await?
            }
            renewed => renewed?,
        };
        self.keep(tokens, renewed, lock, exchange).await
    }

    async fn grant(
        &self,
        client_id: &str,
        tokens: &Tokens,
        exchange: &Exchange,
    ) -> Result<Document, Failure> {
        let Some(refresh) = &tokens.refresh else {
            let message = format!(
                "{}: there is no refresh token any more; log in again",
                self.what()
            );
            return Err(Failure::config(message));
        };
        let grant = Document::default()
            .with("grant_type", "refresh_token")
            .with("refresh_token", refresh.expose())
            .with("client_id", client_id);
        let secrets = [refresh, tokens.token.secret()];
        let granted = exchange
            .grant(&self.what(), &grant, OAUTH_BETA, &secrets)
            .await;
        granted.map_err(|failure| {
            if is_refusal(&failure) {
                failure.hint("log in again if this stays")
            } else {
                failure
            }
        })
    }

    /// Stores the tokens that came, under the lock.
    async fn keep(
        &self,
        old: Tokens,
        mut came: Document,
        lock: Option<Lock>,
        exchange: &Exchange,
    ) -> Result<Token, Failure> {
        let refresh = came.secret("refresh_token").or(old.refresh);
        let Some(access) = came.secret("access_token") else {
            let message = format!(
                "{}: the token endpoint's response has no `access_token`",
                self.what()
            );
            return Err(Failure::new(crate::ErrorKind::UnexpectedContent, message));
        };
        // A refresh token is not given up for want of a number.
        let seconds = came.integer("expires_in").ok().flatten();
        let expires_at = exchange.wall_in(seconds.unwrap_or(DEFAULT_EXPIRY));
        let mut document = old.document;
        document.set("version", "1.0");
        document.set("type", "oauth_token");
        document.set("access_token", access.expose());
        document.set("expires_at", expires_at);
        if let Some(refresh) = &refresh {
            document.set("refresh_token", refresh.expose());
        }
        came.set("access_token", serde_json::Value::Null);
        let token = Token::new(access).expires_at_unix(Some(expires_at));
        let (file, stored, locked) = (self.file.clone(), document.clone(), lock.is_some());
        let written = blocking(move || {
            let written = write_credentials(&file, &stored, locked);
            drop(lock);
            Ok(written)
        });
        let failed = match written.await {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(error.to_string()),
            Err(failure) => Some(failure.error().to_string()),
        };
        let mut unsaved = self.unsaved.lock().unwrap_or_else(PoisonError::into_inner);
        *unsaved = failed.is_some().then_some(Unsaved {
            in_file: old.in_file,
            document,
        });
        drop(unsaved);
        if let Some(error) = failed {
            tracing::warn!(
                profile = self.name,
                file = %self.file.display(),
                error,
                "the renewed tokens can't be stored; this process keeps them, and when it ends, a new login is needed"
            );
        }
        Ok(token)
    }
}

impl Fetch for OAuth {
    fn fetch(
        self: Arc<Self>,
        exchange: Exchange,
        refused: Option<Secret>,
    ) -> BoxFuture<'static, Result<Token, Failure>> {
        Box::pin(self.current(exchange, refused))
    }
}

/// Whether a stored token needs no renewal.
pub(super) fn is_good(token: &Token, refused: Option<&Secret>, now: SystemTime) -> bool {
    Some(token.secret()) != refused && token.outlasts(ADVISORY, now)
}

/// Whether the tokens that are there `now` are good, or at least newer and not about to expire.
fn adopts(before: &Tokens, now: &Tokens, refused: Option<&Secret>, time: SystemTime) -> bool {
    let is_newer = before.token.secret() != now.token.secret();
    is_good(&now.token, refused, time)
        || (is_newer && Some(now.token.secret()) != refused && now.token.outlasts(MANDATORY, time))
}

/// Whether the endpoint refused the refresh token, by any of the statuses that it does so with.
fn is_refusal(failure: &Failure) -> bool {
    const STATUSES: [StatusCode; 4] = [
        StatusCode::BAD_REQUEST,
        StatusCode::UNAUTHORIZED,
        StatusCode::FORBIDDEN,
        StatusCode::NOT_FOUND,
    ];
    failure
        .status()
        .is_some_and(|status| STATUSES.contains(&status))
}
