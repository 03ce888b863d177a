//! Headers: put into a map, checked where they come from the caller, hidden where they are secret.

use anthropic_types::Secret;
use http::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue,
    USER_AGENT,
};

use crate::config::Fault;
pub(crate) use crate::response::meta::WORKSPACE_ID;
use crate::{Error, Result};

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

/// The value of an `authorization` header with a bearer token. `what` names it in errors.
pub(crate) fn bearer(token: &Secret, what: &str) -> Result<HeaderValue> {
    let text = token.expose();
    check_shape(text, what)?;
    value(&format!("Bearer {text}"), what)
}

/// A header's value that is a credential. `what` names it in errors.
pub(crate) fn secret(secret: &Secret, what: &str) -> Result<HeaderValue> {
    check_shape(secret.expose(), what)?;
    value(secret.expose(), what)
}

fn value(text: &str, what: &str) -> Result<HeaderValue> {
    let mut value = HeaderValue::from_str(text).map_err(|_| {
        let message = format!("{what} has characters that no header can carry");
        Error::config(message)
    })?;
    value.set_sensitive(true);
    Ok(value)
}

/// Names what is often copied along with a credential, or lost on the way.
fn check_shape(text: &str, what: &str) -> Result<()> {
    const QUOTES: [char; 7] = [
        '"', '\'', '`', '\u{201c}', '\u{201d}', '\u{2018}', '\u{2019}',
    ];
    let bare = text.trim();
    let scheme = bare.split_at_checked(6).is_some_and(|(scheme, rest)| {
        let is_alone = rest.is_empty() || rest.starts_with(char::is_whitespace);
        scheme.eq_ignore_ascii_case("bearer") && is_alone
    });
    let problem = if bare.is_empty() {
        "is empty".to_owned()
    } else if scheme {
        "begins with `Bearer `, which the client adds; leave it out".to_owned()
    } else if bare.starts_with(QUOTES) || bare.ends_with(QUOTES) {
        "is in quotes; leave them out".to_owned()
    } else if is_placeholder(bare) {
        "is a placeholder, as `${KEY}` is one, that has not been replaced by its value".to_owned()
    } else if let Some(at) = bare.chars().position(|char| !char.is_ascii()) {
        format!(
            "has a character that is not ASCII, number {}; copy it again",
            at + 1
        )
    } else if let Some((at, char)) = text.chars().enumerate().find(|it| it.1.is_whitespace()) {
        let what = match char {
            '\n' | '\r' => "a line end",
            '\t' => "a tab",
            ' ' => "a blank",
            _ => "white space",
        };
        let (at, of) = (at + 1, text.chars().count());
        format!("has {what}, as character {at} of {of}; leave it out")
    } else {
        return Ok(());
    };
    Err(Error::config(format!("{what} {problem}")))
}

/// Whether a text is a variable's name as shells, CI and templates write it, which nobody has put a
/// value in place of; or what docs have in a key's place.
fn is_placeholder(text: &str) -> bool {
    const ENCLOSED: [(&str, &str); 5] = [
        ("${", "}"),
        ("$(", ")"),
        ("{{", "}}"),
        ("<", ">"),
        ("%", "%"),
    ];
    let is_enclosed = ENCLOSED.iter().any(|(open, close)| {
        text.len() > open.len() && text.starts_with(open) && text.ends_with(close)
    });
    let is_upper = |byte: u8| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'_');
    is_enclosed
        || text
            .strip_prefix('$')
            .is_some_and(|name| name.bytes().all(is_upper))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_a_credential_is_named_and_the_credential_is_not() {
        for (text, problem) in [
            ("", "is empty"),
            (" ", "is empty"),
            ("Bearer canary", "begins with `Bearer `"),
            ("bearer canary", "begins with `Bearer `"),
            ("\"canary\"", "is in quotes"),
            ("canary'", "is in quotes"),
            ("\u{201c}canary\u{201d}", "is in quotes"),
            ("canary\u{2013}x", "not ASCII, number 7"),
            ("canary\nx", "has a line end, as character 7 of 8"),
            ("canary\r\n", "has a line end, as character 7 of 8"),
            ("\tcanary", "has a tab, as character 1 of 7"),
            ("canary ", "has a blank, as character 7 of 7"),
            (" canary", "has a blank, as character 1 of 7"),
            ("can ary", "has a blank, as character 4 of 7"),
            ("\u{b}canary", "has white space, as character 1 of 7"),
            ("canary\u{a0}", "has white space, as character 7 of 7"),
            ("\u{2003}canary", "has white space, as character 1 of 7"),
            ("\tBearer\tcanary", "begins with `Bearer `"),
            (" \n BEARER\u{a0}canary", "begins with `Bearer `"),
            ("bEaReR\r\ncanary", "begins with `Bearer `"),
            ("Bearer", "begins with `Bearer `"),
            ("Bearer\t", "begins with `Bearer `"),
            ("canary\u{1}x", "characters that no header can carry"),
            ("${CANARY_canary}", "is a placeholder"),
            ("${{ secrets.canary }}", "is a placeholder"),
            ("$(cat canary)", "is a placeholder"),
            ("{{ canary }}", "is a placeholder"),
            ("<your canary>", "is a placeholder"),
            ("%canary%", "is a placeholder"),
            ("$CANARY_1", "is a placeholder"),
        ] {
            for made in [
                bearer(&Secret::new(text), "the key"),
                secret(&Secret::new(text), "the key"),
            ] {
                let line = made.unwrap_err().to_string();
                assert!(line.starts_with("configuration: the key "), "{line}");
                assert!(line.contains(problem), "{line}");
                assert!(!line.contains("canary"), "{line}");
            }
        }
        let value = bearer(&Secret::new("sk-ant-x_y-z"), "the key").unwrap();
        assert_eq!(value, "Bearer sk-ant-x_y-z");
        for odd in [
            "$canary", "a${B}", "%", "<", "{key}", "$A-b", "Bearer-x", "bearers",
        ] {
            bearer(&Secret::new(odd), "the key").unwrap();
        }
    }
}
