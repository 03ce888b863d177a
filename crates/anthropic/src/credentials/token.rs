//! A token, and how long it is good.

use std::fmt;
use std::time::{Duration, SystemTime};

use anthropic_types::Secret;
use http::HeaderValue;

use super::failure::Failure;
use crate::request::credential::bearer_value;

/// A token with less left is renewed; where that fails, it is used nevertheless.
pub(super) const ADVISORY: Duration = Duration::from_secs(120);
/// A token with less left is not used any more.
pub(super) const MANDATORY: Duration = Duration::from_secs(30);

/// Seconds since 1970 that stand for never: 8,700 years, which the clock of every platform reaches.
const NEVER: u64 = 1 << 38;

/// An access token, and when it expires: what a [`token_fn`](super::token_fn) returns.
///
/// ```
/// use std::time::{Duration, SystemTime};
///
/// use anthropic::credentials::Token;
///
/// let token = Token::new("token").expires_at(SystemTime::now() + Duration::from_secs(600));
/// assert!(!format!("{token:?}").contains("\"token\""));
/// ```
#[derive(Clone)]
pub struct Token {
    secret: Secret,
    expires_at: Option<SystemTime>,
}

impl Token {
    /// A token that doesn't expire.
    pub fn new(token: impl Into<Secret>) -> Self {
        Self {
            secret: token.into(),
            expires_at: None,
        }
    }

    /// Sets when it expires.
    pub fn expires_at(mut self, at: SystemTime) -> Self {
        self.expires_at = Some(at);
        self
    }

    /// Sets when it expires, in seconds since 1970, as files have it.
    pub(super) fn expires_at_unix(mut self, seconds: Option<i64>) -> Self {
        self.expires_at = seconds.map(|seconds| {
            let seconds = u64::try_from(seconds).unwrap_or(0);
            let since = Duration::from_secs(seconds);
            // What no clock reaches is never.
            SystemTime::UNIX_EPOCH
                .checked_add(since)
                .unwrap_or_else(|| SystemTime::UNIX_EPOCH + Duration::from_secs(NEVER))
        });
        self
    }

    pub(super) fn secret(&self) -> &Secret {
        &self.secret
    }

    /// When it expires, as files have it.
    pub(super) fn expires_at_seconds(&self) -> Option<u64> {
        let since = self.expires_at?.duration_since(SystemTime::UNIX_EPOCH);
        since.ok().map(|since| since.as_secs())
    }

    pub(super) fn expiry(&self) -> Option<SystemTime> {
        self.expires_at
    }

    /// Whether more than `left` of it is left.
    pub(super) fn outlasts(&self, left: Duration, now: SystemTime) -> bool {
        self.expires_at
            .is_none_or(|at| at.duration_since(now).is_ok_and(|rest| rest > left))
    }

    /// The header that it is sent in.
    pub(super) fn header(&self) -> Result<HeaderValue, Failure> {
        bearer_value(&self.secret, "the access token")
            .map_err(|error| Failure::config(error.message().unwrap_or_default().to_owned()))
    }
}

/// When it expires, and nothing of the token.
impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token")
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expiry_that_no_clock_reaches_is_never() {
        // Windows counts tenths of a microsecond since 1601 in 63 bits.
        let windows = i64::MAX.unsigned_abs() / 10_000_000 - 11_644_473_600;
        assert!(NEVER < windows);
        let token = Token::new("t").expires_at_unix(Some(i64::MAX));
        assert!(
            token
                .expiry()
                .is_some_and(|at| at > SystemTime::UNIX_EPOCH + Duration::from_secs(NEVER / 2))
        );
        let token = Token::new("t").expires_at_unix(Some(-1));
        assert_eq!(token.expiry(), Some(SystemTime::UNIX_EPOCH));
    }
}
