//! What may be seen in logs, events and `Debug`: a list of what is allowed, not of what is hidden.
//! The fields of a request's span are in `traced.rs`.

mod escape;
mod redact;
mod repeated;
mod secrets;
mod traced;

use std::borrow::Cow;
use std::fmt;

use http::{HeaderMap, HeaderName};

pub(crate) use escape::escaped;
pub(crate) use redact::{IS_LINE_END, Redactor, beginning, hidden, redacted, redacted_url};
pub(crate) use secrets::{Secrets, looks_like_one};
pub(crate) use traced::Traced;

/// Headers whose values are nobody's secret.
const PUBLIC: [&str; 16] = [
    "accept",
    "accept-encoding",
    "anthropic-beta",
    "anthropic-version",
    "content-encoding",
    "content-length",
    "content-type",
    "date",
    "request-id",
    "retry-after",
    "retry-after-ms",
    "server",
    "transfer-encoding",
    "user-agent",
    "x-should-retry",
    "cf-ray",
];

/// Headers with every value hidden that isn't known to be harmless.
pub(crate) struct PublicHeaders<'a>(pub(crate) &'a HeaderMap);

impl<'a> PublicHeaders<'a> {
    /// The names, with the values that may be seen.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        self.0.iter().map(|(name, value)| {
            let shown = is_public(name) && !value.is_sensitive();
            let shown = shown.then(|| value.to_str().ok()).flatten();
            (name.as_str(), shown.unwrap_or("[hidden]"))
        })
    }
}

/// The same, for what a server has sent: it may have repeated a secret of the client's.
pub(crate) struct MaskedHeaders<'a>(pub(crate) &'a HeaderMap, pub(crate) &'a Secrets);

impl MaskedHeaders<'_> {
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
        let pairs = PublicHeaders(self.0).iter();
        pairs.map(|(name, value)| (self.1.mask(name), self.1.mask(value)))
    }
}

impl fmt::Debug for MaskedHeaders<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

fn is_public(name: &HeaderName) -> bool {
    PUBLIC.contains(&name.as_str()) || name.as_str().starts_with("anthropic-ratelimit-")
}

impl fmt::Debug for PublicHeaders<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}
