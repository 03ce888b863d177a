//! Taking secrets out of what is shown or stored: headers by name, bodies by field, and keys
//! wherever they stand.
//!
//! Bodies are scrubbed as bytes, so that the order of keys, spaces, and the framing of a stream
//! survive.

use std::collections::HashSet;

use http::{HeaderMap, HeaderValue};

pub(crate) const REDACTED: &str = "[redacted]";

const HEADERS: [&str; 7] = [
    "authorization",
    "x-api-key",
    "proxy-authorization",
    "cookie",
    "set-cookie",
    "x-amz-security-token",
    "x-goog-api-key",
];
/// Fields whose values are secrets where they are strings, whatever object they are in.
const FIELDS: [&str; 15] = [
    "access_token",
    "api_key",
    "assertion",
    "authorization_token",
    "client_secret",
    "environment_key",
    "id_token",
    "password",
    "private_key",
    "refresh_token",
    "secret",
    "secret_access_key",
    "secret_key",
    "signing_secret",
    "token",
];
/// How the API's keys and tokens begin.
const KEY: &[u8] = b"sk-ant-";

/// Replaces the values of headers that carry credentials.
pub(crate) fn headers(headers: &HeaderMap) -> HeaderMap {
    let mut headers = headers.clone();
    for name in HEADERS {
        if headers.contains_key(name) {
            headers.insert(name, HeaderValue::from_static(REDACTED));
        }
    }
    headers
}

/// What the headers of a request prove who is asking with: to be taken out of bodies that repeat
/// it.
pub(crate) fn credentials(headers: &HeaderMap) -> HashSet<Vec<u8>> {
    let values = ["authorization", "x-api-key"].into_iter();
    let values = values.filter_map(|name| headers.get(name));
    values
        .map(HeaderValue::as_bytes)
        .map(|value| {
            value
                .strip_prefix(b"Bearer ")
                .unwrap_or(value)
                .trim_ascii()
                .to_vec()
        })
        // Anything shorter would be found in innocent words.
        .filter(|secret| secret.len() >= 8)
        .collect()
}

/// A body without its secrets.
pub(crate) fn body(bytes: &[u8], secrets: &HashSet<Vec<u8>>) -> Vec<u8> {
    let mut clean = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    // Whether the last string was the name of a field that is secret.
    let mut secret_next = false;
    while let Some((&first, after)) = rest.split_first() {
        if let Some(length) = secret_here(rest, secrets) {
            clean.extend_from_slice(REDACTED.as_bytes());
            rest = rest.get(length..).unwrap_or_default();
            continue;
        }
        if first == b'"' {
            let length = string_length(after);
            let inside = after.get(..length).unwrap_or_default();
            let behind = after.get(length..).unwrap_or_default();
            let follows = behind.get(1..).unwrap_or_default().trim_ascii_start();
            let name = follows.first() == Some(&b':');
            clean.push(b'"');
            if secret_next && !name {
                clean.extend_from_slice(REDACTED.as_bytes());
                rest = behind;
                // The closing quote is behind, and must not open another string.
                if let Some((quote, behind)) = rest.split_first() {
                    clean.push(*quote);
                    rest = behind;
                }
            } else if name {
                clean.extend_from_slice(inside);
                clean.extend(behind.first());
                rest = behind.get(1..).unwrap_or_default();
            } else {
                let whole = behind.split_first();
                clean.extend(inside_string(inside, secrets));
                clean.extend(whole.map(|(quote, _)| *quote));
                rest = whole.map_or(&[][..], |(_, behind)| behind);
            }
            secret_next =
                name && std::str::from_utf8(inside).is_ok_and(|name| FIELDS.contains(&name));
            continue;
        }
        secret_next &= first == b':' || first.is_ascii_whitespace();
        clean.push(first);
        rest = after;
    }
    clean
}

/// A string's content, where a key may stand among other words.
fn inside_string(inside: &[u8], secrets: &HashSet<Vec<u8>>) -> Vec<u8> {
    let mut clean = Vec::with_capacity(inside.len());
    let mut rest = inside;
    while let Some((&first, after)) = rest.split_first() {
        if let Some(length) = secret_here(rest, secrets) {
            clean.extend_from_slice(REDACTED.as_bytes());
            rest = rest.get(length..).unwrap_or_default();
        } else {
            clean.push(first);
            rest = after;
        }
    }
    clean
}

/// How many bytes from here on are a secret.
fn secret_here(bytes: &[u8], secrets: &HashSet<Vec<u8>>) -> Option<usize> {
    if let Some(key) = bytes.strip_prefix(KEY) {
        let is_key = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        let length = key.iter().take_while(|byte| is_key(byte)).count();
        return (length > 0).then_some(KEY.len() + length);
    }
    let longest = secrets.iter().filter(|secret| bytes.starts_with(secret));
    longest.map(Vec::len).max()
}

/// The length of a string's content up to its closing quote, or to the end where there is none.
fn string_length(bytes: &[u8]) -> usize {
    let mut escaped = false;
    let end = bytes.iter().position(|byte| {
        let quote = *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        quote
    });
    end.unwrap_or(bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clean(text: &str) -> String {
        let secrets = HashSet::from([b"hunter2hunter2".to_vec()]);
        String::from_utf8(body(text.as_bytes(), &secrets)).unwrap()
    }

    #[test]
    fn secrets_go_and_the_rest_stays() {
        for (before, after) in [
            (r#"{"b": 1, "a": "x"}"#, r#"{"b": 1, "a": "x"}"#),
            (
                r#"{"api_key" : "q\"x", "n":2}"#,
                r#"{"api_key" : "[redacted]", "n":2}"#,
            ),
            (
                r#"{"token": 5, "x": "token"}"#,
                r#"{"token": 5, "x": "token"}"#,
            ),
            (
                r#"{"secret": {"secret": "s"}}"#,
                r#"{"secret": {"secret": "[redacted]"}}"#,
            ),
            ("use sk-ant-api03-a_b-C now", "use [redacted] now"),
            (
                r#"{"text":"my key is sk-ant-xyz!"}"#,
                r#"{"text":"my key is [redacted]!"}"#,
            ),
            (r#"["is hunter2hunter2"]"#, r#"["is [redacted]"]"#),
            (
                "event: a\ndata: {\"token\":\"t\"}\n\n",
                "event: a\ndata: {\"token\":\"[redacted]\"}\n\n",
            ),
            (r#"{"open": "end"#, r#"{"open": "end"#),
            ("sk-ant-", "sk-ant-"),
        ] {
            assert_eq!(clean(before), after);
        }
    }

    #[test]
    fn credentials_are_found_in_either_header() {
        let mut headers = HeaderMap::new();
        headers.insert("authorization", HeaderValue::from_static("Bearer abcdefgh"));
        headers.insert("x-api-key", HeaderValue::from_static("short"));
        assert_eq!(credentials(&headers), HashSet::from([b"abcdefgh".to_vec()]));
        assert_eq!(super::headers(&headers)["x-api-key"], REDACTED);
    }
}
