//! Configuration: what a client is told, checked once, when it is built.

mod agent;
mod builder;
mod credential;
pub(crate) mod env;
mod fault;
mod limits;
mod url;

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::request::query::Pairs;
use crate::retry::RetryPolicy;

pub use builder::ClientBuilder;
pub(crate) use credential::Credential;
pub use credential::{AuthScheme, CredentialSource};
pub(crate) use fault::Fault;
pub use limits::StreamLimits;
pub(crate) use limits::Timeouts;
pub(crate) use url::{BaseUrl, Origin, Trust, UrlSource, is_absolute};

/// The API version that a client speaks unless told otherwise.
pub const API_VERSION: &str = "2026-10-21";
/// Where the API is.
pub const BASE_URL: &str = "https://api.anthropic.com";

pub(crate) const ANTHROPIC_BETA: HeaderName = HeaderName::from_static("anthropic-beta");
pub(crate) const ANTHROPIC_VERSION: HeaderName = HeaderName::from_static("anthropic-version");
pub(crate) const WORKSPACE_ID: HeaderName = HeaderName::from_static("anthropic-workspace-id");
pub(crate) const USER_PROFILE_ID: HeaderName = HeaderName::from_static("anthropic-user-profile-id");

/// A client's settings, checked.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    pub(crate) base_url: BaseUrl,
    pub(crate) trust: Trust,
    /// Headers of the caller's, sent with every request. The values are marked sensitive.
    pub(crate) headers: HeaderMap,
    pub(crate) query: Pairs,
    pub(crate) betas: Vec<String>,
    pub(crate) agent: HeaderValue,
    pub(crate) retry: RetryPolicy,
    pub(crate) timeouts: Timeouts,
    pub(crate) stream: StreamLimits,
    pub(crate) source: CredentialSource,
}

/// Puts a header of the caller's into a map: checked, hidden from `Debug`, the old value replaced.
pub(crate) fn insert_header(headers: &mut HeaderMap, name: &str, value: &str) -> Result<(), Fault> {
    let bad = |what: &str| Fault::new(format!("the header `{name}` has {what}"));
    let parsed = HeaderName::from_bytes(name.as_bytes())
        .map_err(|source| bad("an invalid name").caused_by(source))?;
    let mut value = HeaderValue::from_str(value)
        .or_else(|_| HeaderValue::from_bytes(value.as_bytes()))
        .map_err(|source| bad("a value that no header can carry").caused_by(source))?;
    value.set_sensitive(true);
    crate::request::wire::set(headers, &parsed, value);
    Ok(())
}
