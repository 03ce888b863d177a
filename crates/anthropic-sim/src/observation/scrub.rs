//! Taking secrets out of what is shown or stored: headers and parameters of queries by name, bodies
//! by field, and keys wherever they stand, above all the request's own.
//!
//! Bodies are scrubbed as bytes, so that the order of keys, spaces, and the framing of a stream
//! survive.

mod response;

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use axum::response::Response;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use serde_json::Value;

use crate::base::wire;
use crate::http::call::{CONTROL_HEADER, decode, typed};

pub(crate) const REDACTED: &str = "[redacted]";

const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");
/// Microsoft Foundry takes the key in this one, too.
const API_KEY: HeaderName = HeaderName::from_static("api-key");
/// Headers whose values are secrets.
static HEADERS: [HeaderName; 10] = [
    header::AUTHORIZATION,
    X_API_KEY,
    API_KEY,
    header::PROXY_AUTHORIZATION,
    header::COOKIE,
    header::SET_COOKIE,
    HeaderName::from_static("x-amz-security-token"),
    HeaderName::from_static("x-aws-ec2-metadata-token"),
    HeaderName::from_static("x-goog-api-key"),
    CONTROL_HEADER,
];
/// Those by which a request authenticates: their values are taken out wherever else they stand.
static CREDENTIALS: [HeaderName; 7] = [
    header::AUTHORIZATION,
    X_API_KEY,
    API_KEY,
    header::PROXY_AUTHORIZATION,
    HeaderName::from_static("x-amz-security-token"),
    HeaderName::from_static("x-goog-api-key"),
    CONTROL_HEADER,
];
/// Fields whose values are secrets where they are strings, whatever object they are in, and
/// parameters of a query.
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
/// Parameters of a query, or of a form, whose values are secrets too.
const PARAMETERS: [&str; 8] = [
    "client_assertion",
    "code",
    "key",
    "sig",
    "subject_token",
    "webidentitytoken",
    "x-amz-security-token",
    "x-amz-signature",
];
/// How the API's keys and tokens begin.
const KEY: &[u8] = b"sk-ant-";
/// How many are kept of all requests together.
const MOST: usize = 100;
/// Anything shorter would be found in innocent words.
const SHORTEST: usize = 8;

/// A request's head without its secrets.
#[derive(Debug)]
pub(crate) struct Scrubbed {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: Option<String>,
    pub(crate) headers: HeaderMap,
    pub(crate) secrets: Secrets,
}

impl Scrubbed {
    pub(crate) fn of(parts: &Parts) -> Self {
        let secrets = Secrets::of(&parts.headers);
        Self {
            method: parts.method.clone(),
            path: secrets.path(parts.uri.path()),
            query: parts.uri.query().map(|query| secrets.query(query)),
            headers: secrets.headers(&parts.headers),
            secrets,
        }
    }
}

/// What a request authenticates with.
#[derive(Clone, Default)]
pub(crate) struct Secrets(Vec<Vec<u8>>);

// Not derived, so that none is shown.
impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets")
    }
}

impl Secrets {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let values = CREDENTIALS.iter().flat_map(|name| headers.get_all(name));
        let secrets = values.map(|value| without_scheme(value.as_bytes()).to_vec());
        Self(secrets.filter(|it| it.len() >= SHORTEST).collect())
    }

    /// Adds those of another request, in place of the oldest where there are many.
    pub(crate) fn learn(&mut self, others: &Self) {
        for secret in &others.0 {
            if !self.0.contains(secret) {
                if self.0.len() >= MOST {
                    self.0.remove(0);
                }
                self.0.push(secret.clone());
            }
        }
    }

    /// Headers without their secrets: the values of those that carry credentials, and what stands
    /// in others.
    pub(crate) fn headers(&self, headers: &HeaderMap) -> HeaderMap {
        let mut clean = headers.clone();
        for (name, value) in &mut clean {
            if HEADERS.contains(name) {
                *value = HeaderValue::from_static(REDACTED);
            } else if let Cow::Owned(text) = self.text(value.as_bytes()) {
                let text = HeaderValue::from_bytes(&text);
                *value = text.unwrap_or(HeaderValue::from_static(REDACTED));
            }
        }
        clean
    }

    /// A path in which segments that hold a secret are redacted.
    pub(crate) fn path(&self, path: &str) -> String {
        let segments = path.split('/').map(|segment| {
            let is_clean = self.is_clean(&decode(segment, false));
            if is_clean { segment } else { REDACTED }
        });
        segments.collect::<Vec<_>>().join("/")
    }

    /// A query in which parameters that are secrets, or hold one, are redacted.
    pub(crate) fn query(&self, query: &str) -> String {
        let pairs = query.split('&').map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let plain = decode(name, true);
            let lower = plain.to_ascii_lowercase();
            let is_secret = is_field(&lower) || PARAMETERS.contains(&lower.as_str());
            if !self.is_clean(&plain) {
                REDACTED.to_owned()
            } else if (is_secret && !value.is_empty()) || !self.is_clean(&decode(value, true)) {
                format!("{name}={REDACTED}")
            } else {
                pair.to_owned()
            }
        });
        pairs.collect::<Vec<_>>().join("&")
    }

    fn is_clean(&self, text: &str) -> bool {
        matches!(self.text(text.as_bytes()), Cow::Borrowed(_))
    }

    /// A text in which a key may stand among other words.
    fn text<'a>(&self, text: &'a [u8]) -> Cow<'a, [u8]> {
        let found = self.in_text(text);
        if found.is_empty() {
            return Cow::Borrowed(text);
        }
        Cow::Owned(redacted(text, found))
    }

    /// Where a text has secrets.
    fn in_text(&self, text: &[u8]) -> Vec<Range<usize>> {
        let (mut found, mut at) = (Vec::new(), 0);
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            let length = self.here(rest);
            found.extend(length.map(|length| at..at + length));
            at += length.unwrap_or(1);
        }
        found
    }

    /// How many bytes from here on are a secret.
    fn here(&self, bytes: &[u8]) -> Option<usize> {
        if let Some(key) = bytes.strip_prefix(KEY) {
            let is_key = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
            let length = key.iter().take_while(|byte| is_key(byte)).count();
            if length > 0 {
                return Some(KEY.len() + length);
            }
        }
        let all = self.0.iter().filter(|secret| bytes.starts_with(secret));
        all.map(Vec::len).max()
    }

    /// A body without its secrets.
    pub(crate) fn body(&self, bytes: &[u8]) -> Vec<u8> {
        redacted(bytes, self.in_body(bytes))
    }

    /// Where a body has secrets.
    fn in_body(&self, bytes: &[u8]) -> Vec<Range<usize>> {
        let (mut found, mut at) = (Vec::new(), 0);
        // Whether the last string was the name of a field that is secret.
        let mut secret_next = false;
        while let Some((&first, after)) = bytes.get(at..).and_then(<[u8]>::split_first) {
            if let Some(length) = bytes.get(at..).and_then(|rest| self.here(rest)) {
                found.push(at..at + length);
                at += length;
                continue;
            }
            at += 1;
            if first != b'"' {
                secret_next &= first == b':' || first.is_ascii_whitespace();
                continue;
            }
            let (inside, behind) = after.split_at(string_length(after));
            let follows = behind.get(1..).unwrap_or_default().trim_ascii_start();
            let is_name = follows.first() == Some(&b':');
            if secret_next && !is_name {
                found.push(at..at + inside.len());
            } else {
                let here = self.in_text(inside).into_iter();
                found.extend(here.map(|range| at + range.start..at + range.end));
            }
            // The closing quote must not open another string.
            at += inside.len() + 1;
            secret_next = is_name && std::str::from_utf8(inside).is_ok_and(is_field);
        }
        found
    }
}

/// Bytes with these parts redacted.
fn redacted(bytes: &[u8], parts: Vec<Range<usize>>) -> Vec<u8> {
    let mut clean = Vec::with_capacity(bytes.len());
    let mut end = 0;
    for part in parts {
        clean.extend_from_slice(bytes.get(end..part.start).unwrap_or_default());
        clean.extend_from_slice(REDACTED.as_bytes());
        end = part.end;
    }
    clean.extend_from_slice(bytes.get(end..).unwrap_or_default());
    clean
}

/// A response that shows this without its secrets.
pub(crate) fn clean(secrets: &Secrets, value: &Value) -> Response {
    let text = secrets.body(wire::text(value).as_bytes());
    typed(StatusCode::OK, "application/json", text.into())
}

fn is_field(name: &str) -> bool {
    FIELDS.contains(&name)
}

/// A credential without the word before it, such as `Bearer`.
fn without_scheme(value: &[u8]) -> &[u8] {
    let value = value.trim_ascii();
    let space = value.iter().position(|byte| *byte == b' ');
    let rest = space.and_then(|space| value.get(space..));
    rest.unwrap_or(value).trim_ascii()
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

    const SECRET: &str = "hunter2hunter2";

    fn secrets() -> Secrets {
        Secrets(vec![SECRET.into()])
    }

    fn clean(text: &str) -> String {
        String::from_utf8(secrets().body(text.as_bytes())).unwrap()
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
    fn credentials_are_found_in_every_header_that_has_one() {
        let mut headers = HeaderMap::new();
        headers.insert(
            "authorization",
            HeaderValue::from_static("Bearer  abcdefgh"),
        );
        headers.append("authorization", HeaderValue::from_static("Basic YTpiYw=="));
        headers.insert("x-api-key", HeaderValue::from_static("short"));
        headers.insert(
            "anthropic-sim-token",
            HeaderValue::from_static("0123456789"),
        );
        let found = Secrets::of(&headers).0;
        assert_eq!(found, [&b"abcdefgh"[..], b"YTpiYw==", b"0123456789"]);
        assert_eq!(format!("{:?}", Secrets::of(&headers)), "Secrets");
    }

    #[test]
    fn headers_lose_credentials_and_what_repeats_them() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("x-api-key", SECRET),
            ("set-cookie", "a=b"),
            ("x-note", "key hunter2hunter2, and sk-ant-abc."),
            ("accept", "*/*"),
        ] {
            headers.append(name, HeaderValue::from_static(value));
        }
        headers.append("set-cookie", HeaderValue::from_static("c=d"));
        let clean = secrets().headers(&headers);
        let cookies: Vec<_> = clean.get_all("set-cookie").iter().collect();
        assert_eq!(cookies, [REDACTED, REDACTED]);
        assert_eq!(clean["x-api-key"], REDACTED);
        assert_eq!(clean["x-note"], "key [redacted], and [redacted].");
        assert_eq!(clean["accept"], "*/*");
    }

    #[test]
    fn targets_lose_parameters_that_are_secrets_and_what_repeats_them() {
        for (before, after) in [
            ("beta=true&limit=2", "beta=true&limit=2"),
            ("Token=a&b=c&key", "Token=[redacted]&b=c&key"),
            (
                "ids%5B%5D=a&API_key=x%20y",
                "ids%5B%5D=a&API_key=[redacted]",
            ),
            ("q=a+hunter2hunter2", "q=[redacted]"),
            ("q=%68unter2hunter2&sk-ant-a=1", "q=[redacted]&[redacted]"),
            ("", ""),
        ] {
            assert_eq!(secrets().query(before), after);
        }
        for (before, after) in [
            ("/v1/files/file_1", "/v1/files/file_1"),
            ("/v1/x%2fy/sk%2Dant-abc/z", "/v1/x%2fy/[redacted]/z"),
            ("/hunter2hunter2", "/[redacted]"),
        ] {
            assert_eq!(secrets().path(before), after);
        }
    }
}
