//! Headers: put into a map, checked where they come from the caller, hidden where they are secret.

use http::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue,
    USER_AGENT,
};

use crate::Result;
use crate::config::Fault;
use crate::error::short;
pub(crate) use crate::response::meta::WORKSPACE_ID;
use crate::text::first_odd;
use crate::trace::looks_like_one;

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
    HeaderName::from_bytes(name.as_bytes()).map_err(|_| bad_name(name))
}

/// Puts a header of the caller's into a map: checked, hidden from `Debug`, the old value replaced.
pub(crate) fn insert(headers: &mut HeaderMap, key: &str, value: &str) -> Result<(), Fault> {
    let parsed = name(key)?;
    if is_credential(value) && looks_like_one(key.as_bytes()) {
        let message = format!("a header's value is `{value}`, which is a name; swap the two");
        return Err(Fault::new(message));
    }
    let mut value = HeaderValue::from_str(value)
        .or_else(|_| HeaderValue::from_bytes(value.as_bytes()))
        .map_err(|_| bad_value(key, value))?;
    value.set_sensitive(true);
    set(headers, &parsed, value);
    Ok(())
}

/// What is wrong with a name. It is shown up to its first wrong character only, since what follows
/// may be a value.
fn bad_name(name: &str) -> Fault {
    let is_wrong = |char: char| !char.is_ascii_alphanumeric() && !"!#$%&'*+-.^_`|~".contains(char);
    let Some((before, odd)) = first_odd(name, is_wrong) else {
        let problem = if name.is_empty() { "empty" } else { "too long" };
        return Fault::new(format!("a header's name is {problem}"));
    };
    let is_colon = name.as_bytes().get(before.len()) == Some(&b':');
    let advice = if is_colon {
        "name and value are passed apart"
    } else {
        "leave it out"
    };
    // Name and value may have been swapped.
    let shown = if looks_like_one(before.as_bytes()) {
        String::new()
    } else {
        format!(", `{}…`,", short(before))
    };
    Fault::new(format!("the name of a header{shown} has {odd}; {advice}"))
}

/// What is wrong with a value, which is not shown.
fn bad_value(name: &str, value: &str) -> Fault {
    let name = short(name);
    Fault::new(
        match first_odd(value, |char| char.is_ascii_control() && char != '\t') {
            Some((_, odd)) => format!("the value of the header `{name}` has {odd}; leave it out"),
            None => format!("the header `{name}` has a value that no header can carry"),
        },
    )
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_a_header_is_named_and_its_value_is_not() {
        for (name, value, problem) in [
            ("", "1", "a header's name is empty"),
            ("x y", "1", "`x…`, has a blank, as character 2 of 3; leave"),
            ("x-ü", "1", "`x-…`, has `ü`, as character 3 of 3; leave"),
            (
                "x\n",
                "1",
                "`x…`, has a line end, as character 2 of 2; leave it out",
            ),
            (
                "x-api-key: canary",
                "1",
                "`x-api-key…`, has `:`, as character 10 of 17; name and value are passed apart",
            ),
            (
                "x",
                "canary\r\ny: 1",
                "the value of the header `x` has a line end, as character 7 of 12; leave it out",
            ),
            (
                "x",
                "canary\0",
                "has a control character, as character 7 of 7",
            ),
        ] {
            let fault = insert(&mut HeaderMap::new(), name, value).unwrap_err();
            let line = fault.error(crate::ErrorKind::Request).to_string();
            assert!(line.contains(problem), "{line}");
            assert!(!line.contains("canary"), "{line}");
            assert!(!line.contains("HTTP header"), "{line}");
        }
        for (name, value) in [
            ("canary-9b1c7d2e4f/zz", "x-api-key"),
            ("canary-9b1c7d2e4f", "Authorization"),
            ("canary9b1c7d2e4f: 1", "1"),
        ] {
            let fault = insert(&mut HeaderMap::new(), name, value).unwrap_err();
            let line = fault.error(crate::ErrorKind::Request).to_string();
            assert!(!line.contains("canary"), "{line}");
        }
        let long = "x".repeat(70_000);
        let fault = insert(&mut HeaderMap::new(), &long, "1").unwrap_err();
        let line = fault.error(crate::ErrorKind::Request).to_string();
        assert_eq!(line, "bad request: a header's name is too long");
        for (name, value) in [
            ("x", "ü\tü"),
            ("vary", "authorization"),
            ("x-9b1c7d2e4f", "1"),
        ] {
            insert(&mut HeaderMap::new(), name, value).unwrap();
        }
    }
}
