//! Texts of requests and responses as they may be shown: without the client's secrets, and without
//! the values of JSON keys and query parameters that are credentials.

use std::borrow::Cow;

use super::Secrets;

const HIDDEN: &str = "[hidden]";
/// Query parameters whose values are nobody's secret.
const PUBLIC_QUERY: [&str; 8] = [
    "after_id",
    "before_id",
    "beta",
    "limit",
    "order",
    "page",
    "purpose",
    "type",
];

/// A URL with the values of its query hidden that aren't known to be harmless.
pub(crate) fn redacted_url(uri: &http::Uri, secrets: &Secrets) -> String {
    let mut text = uri.to_string();
    let user = uri.authority().and_then(|it| it.as_str().rsplit_once('@'));
    if let Some((user, _)) = user {
        let user = format!("{user}@");
        if let Some((before, after)) = text.split_once(&*user) {
            text = format!("{before}{HIDDEN}@{after}");
        }
    }
    let Some((bare, query)) = text.split_once('?') else {
        return secrets.mask(&text).into_owned();
    };
    let mut url = bare.to_owned();
    let mut before = "?";
    for pair in query.split('&') {
        url.push_str(before);
        match pair.split_once('=') {
            Some((key, _)) if !PUBLIC_QUERY.contains(&key) => {
                url.push_str(key);
                url.push('=');
                url.push_str(HIDDEN);
            }
            _ => url.push_str(pair),
        }
        before = "&";
    }
    secrets.mask(&url).into_owned()
}

/// The beginning of a body, of at most that many bytes. A word that goes on behind it is left out
/// whole: it may be a secret, of which a part would not be recognised.
pub(crate) fn beginning(body: &[u8], limit: usize) -> &[u8] {
    let (Some(cut), Some(next)) = (body.get(..limit), body.get(limit)) else {
        return body;
    };
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.~+/=%:".contains(byte);
    if !is_word(next) {
        return cut;
    }
    let end = cut.iter().rposition(|byte| !is_word(byte));
    end.and_then(|end| cut.get(..=end)).unwrap_or_default()
}

/// A body's text without secrets.
pub(crate) fn redacted(text: &str, secrets: &Secrets) -> String {
    hide_values(&secrets.mask(text)).into_owned()
}

/// Whether the value of a JSON key is a credential.
fn is_credential_key(key: &str) -> bool {
    const WHOLE: [&str; 6] = [
        "token",
        "secret",
        "password",
        "api_key",
        "private_key",
        "assertion",
    ];
    WHOLE.contains(&key)
        || ["_token", "_secret", "_password", "_api_key"]
            .iter()
            .any(|end| key.ends_with(end))
}

/// Replaces the strings that are values of credentials' keys. It reads any text: JSON, pieces of
/// it, events.
fn hide_values(text: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut copied = 0;
    let mut at = 0;
    while let Some((key, after)) = next_string(text, at) {
        at = after;
        let Some(rest) = text.get(after..) else { break };
        let value = rest.trim_start();
        let Some(value) = value.strip_prefix(':').map(str::trim_start) else {
            continue;
        };
        if !value.starts_with('"') || !text.get(key).is_some_and(is_credential_key) {
            continue;
        }
        let start = text.len() - value.len() + 1;
        let end = string_end(text, start);
        out.push_str(text.get(copied..start).unwrap_or_default());
        out.push_str(HIDDEN);
        copied = end;
        at = (end + 1).min(text.len());
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(text.get(copied..).unwrap_or_default());
    Cow::Owned(out)
}

/// The range of the next string's content, and the place behind it.
fn next_string(text: &str, from: usize) -> Option<(std::ops::Range<usize>, usize)> {
    let start = from + text.get(from..)?.find('"')? + 1;
    let end = string_end(text, start);
    Some((start..end, (end + 1).min(text.len())))
}

/// Where a string that begins at `start` ends: at its quote, or with the text.
fn string_end(text: &str, start: usize) -> usize {
    let mut escaped = false;
    let bytes = text.as_bytes().iter().enumerate().skip(start);
    for (at, byte) in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_credentials_are_hidden() {
        for (text, shown) in [
            (r#"{"a":1}"#, r#"{"a":1}"#),
            (
                r#"{"token":"x\"y","b":"c"}"#,
                r#"{"token":"[hidden]","b":"c"}"#,
            ),
            (
                r#"{"token":"x","secret":"y"}"#,
                r#"{"token":"[hidden]","secret":"[hidden]"}"#,
            ),
            (
                r#"{"mcp_servers":[{"authorization_token" : "t", "url":"u"}]}"#,
                r#"{"mcp_servers":[{"authorization_token" : "[hidden]", "url":"u"}]}"#,
            ),
            (
                r#"{"max_tokens":5,"input_tokens":"7"}"#,
                r#"{"max_tokens":5,"input_tokens":"7"}"#,
            ),
            (
                r#"data: {"client_secret":"cut"#,
                r#"data: {"client_secret":"[hidden]"#,
            ),
            (r#"{"password":"#, r#"{"password":"#),
            (r#"{"x":"token","y":"z"}"#, r#"{"x":"token","y":"z"}"#),
            (r#"é "token":"é" é"#, r#"é "token":"[hidden]" é"#),
            ("", ""),
        ] {
            assert_eq!(hide_values(text), shown, "{text}");
        }
    }

    #[test]
    fn a_word_is_not_cut() {
        for (body, limit, shown) in [
            ("one two", 7, "one two"),
            ("one two", 100, "one two"),
            ("one two", 6, "one "),
            ("one two", 4, "one "),
            ("one two", 3, "one"),
            ("one two", 2, ""),
            ("one two", 0, ""),
            (r#"{"a":"sk-ant-x_y"}"#, 12, r#"{"a":""#),
            ("ééé", 4, "éé"),
            ("", 0, ""),
        ] {
            let cut = beginning(body.as_bytes(), limit);
            assert_eq!(cut, shown.as_bytes(), "{body} {limit}");
        }
    }

    #[test]
    fn a_query_shows_its_keys() {
        let url = |text: &str| redacted_url(&text.parse().unwrap(), &Secrets::default());
        assert_eq!(
            url("https://h/v1/x?limit=5&q=canary&flag"),
            "https://h/v1/x?limit=5&q=[hidden]&flag"
        );
        assert_eq!(url("https://h/v1/x"), "https://h/v1/x");
        assert_eq!(url("https://u:p@h/x"), "https://[hidden]@h/x");
        assert_eq!(url("https://h@h/h?h=h"), "https://[hidden]@h/h?h=[hidden]");
    }
}
