//! Credentials that the official SDKs share: profiles on disk, OAuth logins, workload identity
//! federation; and a cache for tokens of your own.
//!
//! A client of [`Client::from_env`](crate::Client::from_env) or
//! [`ClientBuilder::environment`](crate::ClientBuilder::environment) takes the first of these that
//! there is:
//!
//! 1. what was set on the builder;
//! 2. `ANTHROPIC_API_KEY`, then `ANTHROPIC_AUTH_TOKEN`;
//! 3. the profile that `ANTHROPIC_PROFILE` names;
//! 4. workload identity federation: `ANTHROPIC_FEDERATION_RULE_ID`, `ANTHROPIC_ORGANIZATION_ID`,
//!    and `ANTHROPIC_IDENTITY_TOKEN_FILE` or `ANTHROPIC_IDENTITY_TOKEN`;
//! 5. the active profile: the one in the file `active_config`, else `default`.
//!
//! [`Client::credential_source`](crate::Client::credential_source) returns which one that was, the
//! file, and when the token expires. Tokens are fetched by the first request that needs one. What
//! is wrong with a profile that was chosen (3, or 5 with a pointer file or `ANTHROPIC_CONFIG_DIR`)
//! fails the requests; a profile that merely is there is then ignored, with a warning.
//!
//! Any of them can be given to a builder, too:
//!
//! ```no_run
//! use anthropic::Client;
//! use anthropic::credentials::{Federation, Profile};
//!
//! let client = Client::builder().credentials(Profile::named("work")?).build()?;
//! if let Some(federation) = Federation::from_env()? {
//!     let client = client.to_builder().credentials(federation).build()?;
//! }
//! # Ok::<(), anthropic::Error>(())
//! ```
//!
//! # Renewal
//!
//! A token is renewed from two minutes before it expires; if that fails, the old one is used until
//! 30 seconds before, and a new attempt is made every 5 seconds. One that the server refuses (401)
//! is renewed, and the request resent, once. Requests at the same time share one renewal, which
//! runs in a task of its own and goes on if they are dropped. It needs a tokio runtime.
//!
//! A refresh token can be used only once, so processes that share a profile take turns, by a lock
//! on the file `credentials/NAME.json.lock`, which they wait for up to 30 seconds. Whoever has it
//! reads the tokens again before it renews them, and stores the new ones as a whole. If they can't
//! be stored, they are kept in memory, and a warning is logged. The file is never deleted. The
//! official SDKs don't know this lock; a refresh token that one of them has used up meanwhile is
//! replaced by the one that it has stored.
//!
//! # Errors
//!
//! What is wrong with a file, a variable or a name is of the kind
//! [`Config`](crate::ErrorKind::Config). What a token endpoint refuses is of the kind
//! [`Authentication`](crate::ErrorKind::Authentication), and of [`RateLimited`], [`Overloaded`] or
//! [`Internal`] where it is the endpoint's own fault, which is retried as such; the error's
//! [`source`](std::error::Error::source) is a [`TokenError`]. No error, no log and no `Debug` shows
//! a token.
//!
//! [`RateLimited`]: crate::ErrorKind::RateLimited
//! [`Overloaded`]: crate::ErrorKind::Overloaded
//! [`Internal`]: crate::ErrorKind::Internal

mod cache;
pub(crate) mod chain;
mod config_file;
mod document;
mod exchange;
mod failure;
mod federation;
mod files;
mod identity;
mod lock;
mod oauth;
mod place;
mod profile;
mod token;
mod token_fn;

pub use failure::TokenError;
pub use federation::Federation;
pub use identity::IdentityToken;
pub use profile::Profile;
pub use token::Token;
pub use token_fn::{TokenFn, token_fn};

use crate::config::env::Environment;
use crate::config::env::variables::Variables;
use crate::{ErrorKind, Result};

/// The variables of the process.
fn variables() -> Result<Variables> {
    let env = Environment::of_process().map_err(|fault| fault.error(ErrorKind::Config))?;
    Ok(env.variables.unwrap_or_default())
}
