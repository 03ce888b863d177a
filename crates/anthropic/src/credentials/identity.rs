//! The identity token that is exchanged: where it comes from.

use std::fmt;
use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;

use anthropic_types::Secret;

use super::exchange::Exchange;
use super::failure::Failure;
use super::files::{blocking, read_text};
use crate::config::env;
use crate::{BoxFuture, Result};

/// A larger one is no token; more likely the path is that of another file.
const LARGEST: usize = 16 << 10;

/// Where the identity token (a JWT of the program's own platform) comes from. It is read anew at
/// each exchange.
///
/// ```
/// use anthropic::credentials::IdentityToken;
///
/// let mounted = IdentityToken::file("/var/run/secrets/tokens/anthropic");
/// let fetched = IdentityToken::fetched(|| async { Ok("token-of-the-metadata-server") });
/// ```
#[derive(Clone)]
pub struct IdentityToken(Source);

#[derive(Clone)]
enum Source {
    File(PathBuf),
    Variable,
    Function(Arc<dyn Fn() -> BoxFuture<'static, Result<Secret>> + Send + Sync>),
}

impl IdentityToken {
    /// The text of a file, such as a projected token of Kubernetes, which is renewed in place.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self(Source::File(path.into()))
    }

    /// The variable `ANTHROPIC_IDENTITY_TOKEN`.
    pub fn variable() -> Self {
        Self(Source::Variable)
    }

    /// What a function returns.
    pub fn fetched<F, R, S>(fetch: F) -> Self
    where
        F: Fn() -> R + Send + Sync + 'static,
        R: Future<Output = Result<S>> + Send + 'static,
        S: Into<Secret>,
    {
        let fetch = move || -> BoxFuture<'static, Result<Secret>> {
            let fetching = fetch();
            Box::pin(async move { Ok(fetching.await?.into()) })
        };
        Self(Source::Function(Arc::new(fetch)))
    }

    pub(super) fn path(&self) -> Option<&PathBuf> {
        match &self.0 {
            Source::File(path) => Some(path),
            _ => None,
        }
    }

    pub(super) async fn read(&self, exchange: &Exchange) -> Result<Secret, Failure> {
        let token = match &self.0 {
            Source::File(path) => {
                let path = path.clone();
                let text = blocking(move || read_text("the identity token's file", &path)).await?;
                Secret::new(text.trim_start_matches('\u{feff}').trim())
            }
            Source::Variable => {
                let name = env::variables::IDENTITY_TOKEN;
                let token = env::env_var(name)
                    .map_err(|error| Failure::of("the identity token can't be read", error))?;
                let missing = || Failure::config(format!("{name} is not set"));
                Secret::new(token.ok_or_else(missing)?)
            }
            Source::Function(fetch) => exchange
                .answered("the identity token", fetch())
                .await?
                .map_err(|error| Failure::of("the identity token could not be fetched", error))?,
        };
        let bytes = token.expose().len();
        if bytes == 0 {
            return Err(Failure::config(format!("{self} is empty")));
        }
        if bytes > LARGEST {
            return Err(Failure::config(format!(
                "{self} has {bytes} bytes, and an identity token at most {LARGEST}; is it another file?"
            )));
        }
        Ok(token)
    }
}

impl fmt::Display for IdentityToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Source::File(path) => write!(f, "the identity token's file {}", path.display()),
            Source::Variable => f.write_str(env::variables::IDENTITY_TOKEN),
            Source::Function(_) => f.write_str("the identity token"),
        }
    }
}

impl fmt::Debug for IdentityToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Source::File(path) => f.debug_tuple("File").field(path).finish(),
            Source::Variable => f.write_str("Variable"),
            Source::Function(_) => f.write_str("Function"),
        }
    }
}
