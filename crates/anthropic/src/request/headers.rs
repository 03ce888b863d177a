//! Headers: put into a map, checked where they come from the caller, hidden where they are secret.

use http::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue,
    USER_AGENT,
};

use crate::Result;
use crate::config::Fault;
pub(crate) use crate::response::meta::WORKSPACE_ID;

pub(crate) const ANTHROPIC_BETA: HeaderName = HeaderName::from_static("anthropic-beta");
pub(crate) const ANTHROPIC_VERSION: HeaderName = HeaderName::from_static("anthropic-version");
/// Without it the API allows no request of a page.
#[cfg(feature = "web")]
pub(crate) const BROWSER_ACCESS: HeaderName =
    HeaderName::from_static("anthropic-dangerous-direct-browser-access");
pub(crate) const USER_PROFILE_ID: HeaderName = HeaderName::from_static("anthropic-user-profile-id");
pub(crate) const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// The usual media type, of requests and of responses.
pub(crate) const JSON: &str = "application/json";

/// Sets a header, in place of one of that name. Out of line, because the insertion is large and is
/// needed in many places.
#[inline(never)]
pub(crate) fn set(headers: &mut HeaderMap, name: &HeaderName, value: HeaderValue) {
    headers.insert(name, value);
}

/// What a request with a JSON body sends to an endpoint that returns JSON, with a client's headers
/// in place of ours. There is room for a credential and the host's name.
pub(crate) fn common(agent: &HeaderValue, client: &HeaderMap) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(4 + client.len() + 2);
    set(&mut headers, &ACCEPT, HeaderValue::from_static(JSON));
    // Nothing here decodes another one, and some gateways compress unless asked not to.
    set(
        &mut headers,
        &ACCEPT_ENCODING,
        HeaderValue::from_static("identity"),
    );
    set(&mut headers, &USER_AGENT, agent.clone());
    set(&mut headers, &CONTENT_TYPE, HeaderValue::from_static(JSON));
    for (name, value) in client {
        set(&mut headers, name, value.clone());
    }
    headers
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
