//! Which headers may be seen in events and `Debug`: a list of what is allowed, not of what is hidden. The fields of
//! spans are listed where they are made, in `execute.rs`.

use std::fmt;

use http::{HeaderMap, HeaderName};

/// Headers whose values are nobody's secret.
const PUBLIC: [&str; 14] = [
    "accept",
    "anthropic-beta",
    "anthropic-version",
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

fn is_public(name: &HeaderName) -> bool {
    PUBLIC.contains(&name.as_str()) || name.as_str().starts_with("anthropic-ratelimit-")
}

impl fmt::Debug for PublicHeaders<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries = self.0.iter().map(|(name, value)| {
            let shown = is_public(name) && !value.is_sensitive();
            let shown = shown.then(|| value.to_str().ok()).flatten();
            (name.as_str(), shown.unwrap_or("[hidden]"))
        });
        f.debug_map().entries(entries).finish()
    }
}
