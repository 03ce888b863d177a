//! Headers: put into a map, checked where they come from the caller, hidden where they are secret.

use anthropic_types::Secret;
use http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};

use crate::config::Fault;
pub(crate) use crate::response::meta::WORKSPACE_ID;
use crate::{Error, Result};

pub(crate) const ANTHROPIC_BETA: HeaderName = HeaderName::from_static("anthropic-beta");
pub(crate) const ANTHROPIC_VERSION: HeaderName = HeaderName::from_static("anthropic-version");
pub(crate) const USER_PROFILE_ID: HeaderName = HeaderName::from_static("anthropic-user-profile-id");
pub(crate) const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// Sets a header, in place of one of that name. Out of line, because the insertion is large and is
/// needed in many places.
#[inline(never)]
pub(crate) fn set(headers: &mut HeaderMap, name: &HeaderName, value: HeaderValue) {
    headers.insert(name, value);
}

/// Removes a header. Out of line, as [`set`] is.
#[inline(never)]
pub(crate) fn unset(headers: &mut HeaderMap, name: &HeaderName) {
    headers.remove(name);
}

/// Checks a header's name.
pub(crate) fn name(name: &str) -> Result<HeaderName, Fault> {
    HeaderName::from_bytes(name.as_bytes())
        .map_err(|error| bad(name, "an invalid name").caused_by(error))
}

/// Puts a header of the caller's into a map: checked, hidden from `Debug`, the old value replaced.
pub(crate) fn insert(headers: &mut HeaderMap, key: &str, value: &str) -> Result<(), Fault> {
    let parsed = name(key)?;
    let mut value = HeaderValue::from_str(value)
        .or_else(|_| HeaderValue::from_bytes(value.as_bytes()))
        .map_err(|error| bad(key, "a value that no header can carry").caused_by(error))?;
    value.set_sensitive(true);
    set(headers, &parsed, value);
    Ok(())
}

fn bad(name: &str, what: &str) -> Fault {
    Fault::new(format!("the header `{name}` has {what}"))
}

/// Whether a header of this name proves who sends a request.
pub(crate) fn is_credential(name: &str) -> bool {
    [AUTHORIZATION, X_API_KEY]
        .iter()
        .any(|header| name.eq_ignore_ascii_case(header.as_str()))
}

/// Whether one of the headers proves who sends a request.
pub(crate) fn has_credential(headers: &HeaderMap) -> bool {
    headers.contains_key(AUTHORIZATION) || headers.contains_key(X_API_KEY)
}

/// Removes the headers that prove who sends a request.
pub(crate) fn remove_credentials(headers: &mut HeaderMap) {
    unset(headers, &AUTHORIZATION);
    unset(headers, &X_API_KEY);
}

/// The value of an `authorization` header with a bearer token.
pub(crate) fn bearer(token: &Secret) -> Result<HeaderValue> {
    let text = token.expose();
    if text.trim().is_empty() {
        return secret("");
    }
    secret(&format!("Bearer {text}"))
}

/// A header's value that is a credential.
pub(crate) fn secret(text: &str) -> Result<HeaderValue> {
    if text.trim().is_empty() {
        return Err(Error::config("the credential is empty"));
    }
    let mut value = HeaderValue::from_str(text).map_err(|_| {
        Error::config("the credential has characters that no header can carry (a line end?)")
    })?;
    value.set_sensitive(true);
    Ok(value)
}
