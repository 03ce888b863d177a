//! Credentials and the version header.

use std::fmt;

use http::HeaderMap;

use crate::base::errors::ApiError;

const VERSIONS: [&str; 3] = ["2023-01-01", "2023-06-01", "2026-10-21"];

/// Which credentials are accepted.
#[derive(Default)]
pub(crate) struct Authentication {
    /// The only key that is accepted; any, if there is none.
    accepted_key: Option<String>,
    /// Whether credentials are looked at elsewhere, as a cloud's are.
    elsewhere: bool,
}

impl fmt::Debug for Authentication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authentication").finish_non_exhaustive()
    }
}

impl Authentication {
    pub(crate) fn new(accepted_key: Option<String>) -> Self {
        Self {
            accepted_key,
            elsewhere: false,
        }
    }

    /// Of requests whose credentials have been checked.
    pub(crate) fn elsewhere() -> Self {
        Self {
            accepted_key: None,
            elsewhere: true,
        }
    }

    /// Credentials first, then the version, as the API does.
    pub(super) fn check(&self, headers: &HeaderMap) -> Result<(), ApiError> {
        if !self.elsewhere {
            self.check_key(headers)?;
        }
        match text(headers, "anthropic-version") {
            None => Err(ApiError::invalid("anthropic-version: header is required")),
            Some(version) if VERSIONS.contains(&version) => Ok(()),
            Some(version) => Err(ApiError::invalid(format!(
                "anthropic-version: \"{version}\" is not a valid version"
            ))),
        }
    }

    fn check_key(&self, headers: &HeaderMap) -> Result<(), ApiError> {
        let bearer = text(headers, "authorization")
            .map(|value| value.strip_prefix("Bearer ").unwrap_or_default().trim());
        let key = match (bearer, text(headers, "x-api-key")) {
            (None, None) => {
                return Err(ApiError::unauthenticated(
                    "Credentials are missing: send `Authorization: Bearer` or `x-api-key`",
                ));
            }
            (Some(key), _) | (_, Some(key)) if !key.is_empty() => key,
            _ => {
                return Err(ApiError::unauthenticated(
                    "The credentials are empty or malformed",
                ));
            }
        };
        if self
            .accepted_key
            .as_ref()
            .is_some_and(|accepted| accepted != key)
        {
            return Err(ApiError::unauthenticated("invalid x-api-key"));
        }
        Ok(())
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let value = headers.get(name)?.to_str().ok()?;
    Some(value.trim())
}
