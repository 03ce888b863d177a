//! The `anthropic-ratelimit-*` headers, typed. What is missing or garbled is `None`, never an
//! error.

use anthropic_types::Timestamp;
use http::HeaderMap;

/// What is left of the limits on requests and tokens, as of one response.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct RateLimits {
    /// Requests per minute.
    pub requests: RateLimit,
    /// Tokens per minute, whichever limit is the tightest.
    pub tokens: RateLimit,
    /// Input tokens per minute.
    pub input_tokens: RateLimit,
    /// Output tokens per minute.
    pub output_tokens: RateLimit,
}

/// One limit and what is left of it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct RateLimit {
    /// The most that is allowed.
    pub limit: Option<u64>,
    /// What is left, as the API rounds it.
    pub remaining: Option<u64>,
    /// When all of it will be back.
    pub reset: Option<Timestamp>,
}

impl RateLimits {
    /// Reads the limits from a response's headers.
    pub fn from_headers(headers: &HeaderMap) -> Self {
        Self {
            requests: RateLimit::read(headers, "requests"),
            tokens: RateLimit::read(headers, "tokens"),
            input_tokens: RateLimit::read(headers, "input-tokens"),
            output_tokens: RateLimit::read(headers, "output-tokens"),
        }
    }
}

impl RateLimit {
    fn read(headers: &HeaderMap, what: &str) -> Self {
        Self {
            limit: text(headers, what, "limit").and_then(|text| text.parse().ok()),
            remaining: text(headers, what, "remaining").and_then(|text| text.parse().ok()),
            reset: text(headers, what, "reset")
                .map(Timestamp::from)
                .filter(|at| at.unix().is_some()),
        }
    }
}

fn text<'h>(headers: &'h HeaderMap, what: &str, part: &str) -> Option<&'h str> {
    let value = headers.get(format!("anthropic-ratelimit-{what}-{part}"))?;
    value.to_str().ok().map(str::trim)
}
