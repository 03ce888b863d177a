//! Configuration: the settings of a client, checked once, when it is built.

pub(crate) mod agent;
#[cfg(feature = "web")]
mod browser;
mod builder;
mod credential;
mod defaults;
pub(crate) mod env;
mod fault;
mod limits;
mod source;
mod url;

use anthropic_types::Decoding;
use http::HeaderMap;

use crate::request::query::Pairs;
use crate::retry::RetryPolicy;

pub use builder::ClientBuilder;
pub use credential::AuthScheme;
pub(crate) use credential::Credential;
pub use env::env_var;
pub(crate) use fault::Fault;
pub use limits::StreamLimits;
pub(crate) use limits::{Limits, Timeouts};
pub use source::{CredentialKind, CredentialSource};
pub use url::parse_base_url;
#[cfg(feature = "hyper")]
pub(crate) use url::port;
pub(crate) use url::{BaseUrl, Origin, Trust, UrlSource, is_absolute};

/// The API version that a client sends by default.
pub const API_VERSION: &str = "2026-10-21";
/// The default base URL.
pub const BASE_URL: &str = "https://api.anthropic.com";

/// A client's settings, checked.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    pub(crate) base_url: BaseUrl,
    pub(crate) trust: Trust,
    /// Headers of the caller's, sent with every request. The values are marked sensitive.
    pub(crate) headers: HeaderMap,
    /// What most requests begin with: ours, and those.
    pub(crate) common: HeaderMap,
    pub(crate) query: Pairs,
    pub(crate) betas: Vec<String>,
    /// Whether there are any, or a header of theirs.
    pub(crate) has_betas: bool,
    pub(crate) retry: RetryPolicy,
    pub(crate) timeouts: Timeouts,
    pub(crate) max_response_bytes: usize,
    pub(crate) stream: StreamLimits,
    /// How strictly responses are read.
    pub(crate) decoding: Decoding,
    pub(crate) scheme: AuthScheme,
    /// The credential, where no platform has its own.
    pub(crate) credential: Credential,
    /// Where it comes from.
    pub(crate) source: CredentialKind,
}
