//! The secrets that a client sends, masked wherever a server repeats them.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use http::{HeaderMap, HeaderName, HeaderValue};

use super::is_public;
use super::repeated::without;
use crate::base64;

/// How many values are remembered; those that were sent last.
const KEPT: usize = 64;
/// A shorter value is no secret, and masking it would make texts unreadable.
const SHORTEST: usize = 8;
/// A password is a secret from fewer letters on.
const SHORTEST_PASSWORD: usize = 4;
const MASK: &str = "[masked]";

/// The secret header values that a client has sent lately: credentials, and of other headers that
/// are not known to be harmless what has the name or the look of one.
#[derive(Default)]
pub(crate) struct Secrets(Mutex<Vec<HeaderValue>>);

impl Secrets {
    /// Remembers the secrets among a request's headers. Those that the caller has given are hidden
    /// whatever they are, and no secrets for that.
    pub(crate) fn note(&self, headers: &HeaderMap, given: &HeaderMap) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (name, value) in headers {
            if is_secret(name, value, given) {
                keep(&mut kept, value);
            }
        }
    }

    /// Remembers a secret that was sent beside a request's headers.
    pub(crate) fn note_value(&self, value: &HeaderValue) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        keep(&mut kept, value);
    }

    /// A copy that stays as it is.
    pub(crate) fn snapshot(&self) -> Self {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Self(Mutex::new(kept.clone()))
    }

    /// The text without the secrets.
    pub(crate) fn mask<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // One may begin another, so the longest come first: of the longer one nothing must be left.
        let mut secrets: Vec<String> = Vec::new();
        for value in &*kept {
            let parts = parts(value);
            for secret in parts {
                let shorter = secrets.iter().position(|other| other.len() < secret.len());
                secrets.insert(shorter.unwrap_or(secrets.len()), secret);
            }
        }
        let mut masked = Cow::Borrowed(text);
        for secret in secrets {
            if let Some(less) = without(&masked, &secret, MASK) {
                masked = Cow::Owned(less);
            }
        }
        masked
    }

    /// The headers without the secrets, if there are any in them. A name cannot be masked, so such
    /// a header is left out.
    pub(crate) fn mask_headers(&self, headers: &HeaderMap) -> Option<HeaderMap> {
        let has = |text: &str| matches!(self.mask(text), Cow::Owned(_));
        let found = headers.iter().any(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes());
            has(name.as_str()) || has(&value)
        });
        if !found {
            return None;
        }
        let mut masked = HeaderMap::with_capacity(headers.len());
        for (name, value) in headers {
            let text = String::from_utf8_lossy(value.as_bytes());
            let value = match self.mask(&text) {
                Cow::Borrowed(_) => value.clone(),
                Cow::Owned(text) => {
                    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(MASK))
                }
            };
            if !has(name.as_str()) {
                masked.append(name.clone(), value);
            }
        }
        Some(masked)
    }
}

fn keep(kept: &mut Vec<HeaderValue>, value: &HeaderValue) {
    let last = kept.len().saturating_sub(1);
    if let Some(at) = kept.iter().rposition(|known| known == value) {
        if at == last {
            return;
        }
        // What is in use stays when others push in.
        kept.remove(at);
    } else if kept.len() == KEPT {
        kept.remove(0);
    }
    kept.push(value.clone());
}

fn is_secret(name: &HeaderName, value: &HeaderValue, given: &HeaderMap) -> bool {
    let is_given = || given.get_all(name).iter().any(|it| it == value);
    let has_look = || looks_like_one(value.as_bytes()) || !is_given();
    let is_one = || value.is_sensitive() && !is_id(name) && has_look();
    value.len() >= SHORTEST && !is_public(name) && (has_name_of_one(name) || is_one())
}

/// Whether a header has the name of a credential. A name too many costs a word in a text, one too
/// few a secret.
fn has_name_of_one(name: &HeaderName) -> bool {
    const WORDS: [&str; 14] = [
        "auth",
        "bearer",
        "cert",
        "cookie",
        "cred",
        "jwt",
        "key",
        "pass",
        "private",
        "pwd",
        "secret",
        "session",
        "signature",
        "token",
    ];
    let name = name.as_str();
    !name.ends_with("idempotency-key") && WORDS.iter().any(|word| name.contains(word))
}

/// Whether a header has an id, which looks like a secret, and is what servers and people refer to.
fn is_id(name: &HeaderName) -> bool {
    const OTHERS: [&str; 2] = ["idempotency-key", "traceparent"];
    let name = name.as_str();
    name.ends_with("-id") || OTHERS.iter().any(|other| name.ends_with(other))
}

/// Whether a text has parts that are no words, numbers or words with a number, as keys have.
/// A header that names a region, a model or a tenant has none, and its words are not the client's
/// alone: they are part of the request itself, and of what a server writes about it.
pub(crate) fn looks_like_one(text: &[u8]) -> bool {
    const LONGEST_WORD: usize = 24;
    const LONGEST_NUMBER: usize = 10;
    let is_plain = |part: &[u8]| {
        let letters = part.iter().take_while(|it| it.is_ascii_alphabetic());
        let letters = letters.count();
        let (word, number) = part.split_at(letters);
        let is_word = word.get(1..).is_none_or(|rest| {
            let has_large = rest.iter().any(u8::is_ascii_uppercase);
            !has_large || !word.iter().any(u8::is_ascii_lowercase)
        });
        let longest = if letters == 0 { LONGEST_NUMBER } else { 3 };
        is_word
            && letters <= LONGEST_WORD
            && number.len() <= longest
            && number.iter().all(u8::is_ascii_digit)
    };
    let mut parts = text.split(|it| b" -_./:,;=".contains(it));
    !parts.all(is_plain)
}

/// What of a header's value is secret: all of it but the scheme of an `authorization`, and each
/// value in it, which servers repeat bare.
fn parts(value: &HeaderValue) -> Vec<String> {
    let mut parts = Vec::new();
    // Not `to_str`, which takes ASCII alone.
    let Ok(text) = std::str::from_utf8(value.as_bytes()) else {
        return parts;
    };
    let mut add = |part: &str, shortest: usize| {
        if part.len() >= shortest {
            parts.push(part.to_owned());
        }
    };
    let text = text.trim();
    let (scheme, rest) = text.split_once([' ', '\t']).unwrap_or(("", text));
    let is_scheme = scheme.bytes().all(|it| it.is_ascii_alphabetic());
    let is = |other: &str| scheme.eq_ignore_ascii_case(other);
    if is("bearer") || is("basic") {
        add(rest.trim(), SHORTEST);
    } else {
        add(text, SHORTEST);
    }
    let decoded = is("basic").then(|| base64::decoded(rest.trim())).flatten();
    if let Some(both) = decoded.and_then(|bytes| String::from_utf8(bytes).ok()) {
        add(&both, SHORTEST_PASSWORD);
        let (user, password) = both.split_once(':').unwrap_or_default();
        add(password, SHORTEST_PASSWORD);
        // Some take the key as the user.
        if password.is_empty() || looks_like_one(user.as_bytes()) {
            add(user, SHORTEST);
        }
    }
    let list = if is_scheme { rest } else { text };
    for word in list.split([' ', '\t', ',', ';', '{', '}', '[', ']']) {
        let value = match word.split_once(['=', ':']) {
            Some((_, value)) if !value.trim_matches('=').is_empty() => value,
            _ => word,
        };
        add(value.trim_matches(['"', '\'']), SHORTEST);
    }
    parts
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(values: &[(&'static str, &str)]) -> HeaderMap {
        let value = |text: &str| {
            let mut value = HeaderValue::from_str(text).unwrap();
            value.set_sensitive(true);
            value
        };
        let entries = values
            .iter()
            .map(|(name, text)| (HeaderName::from_static(name), value(text)));
        entries.collect()
    }

    #[test]
    fn what_was_sent_is_masked_and_nothing_else() {
        let secrets = Secrets::default();
        secrets.note(
            &headers(&[
                ("authorization", "Bearer sk-canary-1"),
                ("x-tenant", "blue"),
                ("x-token", "another-secret"),
                ("anthropic-version", "2026-10-21"),
            ]),
            &HeaderMap::new(),
        );
        let text = "key sk-canary-1 of blue, another-secret, 2026-10-21; sk-canary-1";
        let masked = "key [masked] of blue, [masked], 2026-10-21; [masked]";
        assert_eq!(secrets.mask(text), masked);
        assert!(matches!(secrets.mask("Bearer sk-other"), Cow::Borrowed(_)));
    }

    #[test]
    fn what_the_caller_gave_is_masked_where_it_may_be_a_credential() {
        for (name, value) in [
            ("x-env", "production"),
            ("x-model", "claude-haiku-4-5-20251001"),
            ("x-op", "messages.create"),
            ("x-region", "Frankfurt eu-west-1"),
            ("x-host", "prod12.gw.example:8080"),
            ("x-date", "2026-10-21"),
            ("x-stage", "MESSAGES"),
            ("x-design-team", "Research Department"),
            ("x-request-id", "123e4567-e89b-12d3-a456-426614174000"),
            ("anthropic-workspace-id", "wrkspc_01JwQBNABvNjFZ2H3HgDSbFR"),
            ("idempotency-key", "stainless-rust-retry-8a1f"),
        ] {
            let given = headers(&[(name, value)]);
            let secrets = Secrets::default();
            secrets.note(&given, &given);
            assert_eq!(secrets.mask(value), value, "{name}");
            secrets.note(&given, &headers(&[(name, "another one")]));
            let is_masked = secrets.mask(value) == MASK;
            let is_id = name.ends_with("-id") || name.ends_with("-key");
            assert_eq!(is_masked, !is_id, "{name}, not of the caller's");
        }
        for (name, value) in [
            ("x-gateway-auth", "swordfish"),
            ("x-env-token", "production"),
            ("x-one", "canary-9b1c"),
            ("x-two", "qWeRtYuIoP"),
            ("x-three", "123e4567-e89b-12d3-a456-426614174000"),
            ("x-four", "4111111111111111"),
            ("x-five", "abcdefghijklmnopqrstuvwxyz"),
            ("x-six", "swordfish+sharks"),
            ("x-seven", "fish1234"),
            ("x-eight", "9sharks9"),
        ] {
            let given = headers(&[(name, value)]);
            let secrets = Secrets::default();
            secrets.note(&given, &given);
            assert_eq!(secrets.mask(value), MASK, "{name}");
        }
    }

    #[test]
    fn no_part_of_a_secret_is_left() {
        let secrets = Secrets::default();
        secrets.note(
            &headers(&[("x-one", "secret-one"), ("x-two", "secret-one-and-more")]),
            &HeaderMap::new(),
        );
        assert_eq!(secrets.mask("a secret-one-and-more b"), "a [masked] b");
        let mut value = HeaderValue::from_bytes("geheim-für-alle".as_bytes()).unwrap();
        value.set_sensitive(true);
        let name = HeaderName::from_static("x-three");
        secrets.note(&HeaderMap::from_iter([(name, value)]), &HeaderMap::new());
        assert_eq!(secrets.mask("a geheim-für-alle b"), "a [masked] b");
    }

    #[test]
    fn a_password_is_masked_as_it_is_sent_and_as_it_is_meant() {
        let secrets = Secrets::default();
        // canaryuser:canary:pass
        secrets.note_value(&HeaderValue::from_static(
            "Basic Y2FuYXJ5dXNlcjpjYW5hcnk6cGFzcw==",
        ));
        let text =
            "canaryuser: Y2FuYXJ5dXNlcjpjYW5hcnk6cGFzcw== canaryuser:canary:pass canary:pass";
        assert_eq!(secrets.mask(text), "canaryuser: [masked] [masked] [masked]");
        // Some take the key as the user: canary-9b1c7d:x
        secrets.note_value(&HeaderValue::from_static("Basic Y2FuYXJ5LTliMWM3ZDp4"));
        assert_eq!(secrets.mask("no canary-9b1c7d"), "no [masked]");
        let odd = Secrets::default();
        odd.note_value(&HeaderValue::from_static("Basic not-base64!"));
        assert_eq!(odd.mask("not-base64!"), MASK);
    }

    #[test]
    fn every_scheme_and_every_cookie_is_taken_apart() {
        for (name, value) in [
            ("authorization", "Token canary-key"),
            ("authorization", "bearer canary-key"),
            ("authorization", "BASIC canary-key"),
            ("authorization", "canary-key"),
            ("authorization", "Key  canary-key"),
            ("cookie", "canary-key"),
            ("cookie", "a=1; session=canary-key; b=2"),
            ("cookie", "session=canary-key"),
            (
                "authorization",
                "Digest username=\"u\"; response=canary-key",
            ),
            (
                "authorization",
                "Digest username=\"u\", response=\"canary-key\"",
            ),
            ("authorization", "Token token=\"canary-key\""),
            ("authorization", "Key id-1:canary-key"),
            ("authorization", "Bearer canary-key "),
            ("authorization", "Bearer\tcanary-key"),
            ("authorization", "Bearer canary-key,x"),
            ("authorization", "Bearer canary-key one"),
            ("authorization", "Basic Y2FuYXJ5LWtleTo="),
            ("x-api-key", "\tcanary-key"),
            ("x-gateway-token", "canary-key "),
            ("x-api-keys", "a:canary-key,b:another"),
            ("x-auth", "{\"token\":\"canary-key\"}"),
            ("cookie", "s=\"canary-key\""),
        ] {
            let secrets = Secrets::default();
            let mut all = headers(&[(name, value)]);
            // A middleware may not have marked it.
            all.values_mut()
                .for_each(|value| value.set_sensitive(false));
            secrets.note(&all, &HeaderMap::new());
            assert_eq!(secrets.mask("no canary-key!"), "no [masked]!", "{value}");
            let all = secrets.mask(value);
            assert!(!all.contains("canary"), "{all}");
        }
    }

    #[test]
    fn headers_are_masked_by_value_and_dropped_by_name() {
        let secrets = Secrets::default();
        secrets.note(&headers(&[("x-api-key", "canary-1234")]), &HeaderMap::new());
        let came = headers(&[
            ("server", "a canary-1234"),
            ("canary-1234", "x"),
            ("date", "now"),
        ]);
        let masked = secrets.mask_headers(&came).unwrap();
        assert_eq!(masked["server"], "a [masked]");
        assert_eq!(masked.len(), 2);
        assert_eq!(secrets.mask_headers(&masked), None);
    }

    #[test]
    fn a_credential_in_use_is_not_pushed_out_by_others() {
        let secrets = Secrets::default();
        for number in 0..100 {
            let id = format!("id-of-request-{number}");
            secrets.note(
                &headers(&[("authorization", "Bearer sk-canary-1"), ("x-proof", &id)]),
                &HeaderMap::new(),
            );
        }
        assert_eq!(secrets.mask("sk-canary-1"), MASK);
        assert_eq!(secrets.mask("id-of-request-0!"), "id-of-request-0!");
        assert_eq!(secrets.0.lock().unwrap().len(), KEPT);
    }

    #[test]
    fn the_one_that_was_used_longest_ago_is_forgotten() {
        let secrets = Secrets::default();
        let note = |text: &str| secrets.note_value(&HeaderValue::from_str(text).unwrap());
        note("sk-canary-1");
        for number in 1..KEPT {
            note(&format!("other-secret-{number:02}"));
        }
        note("sk-canary-1");
        note("another-secret");
        assert_eq!(secrets.mask("sk-canary-1"), MASK);
        assert_eq!(secrets.mask("other-secret-01"), "other-secret-01");
        assert_eq!(secrets.mask("other-secret-02"), MASK);
        assert_eq!(format!("{secrets:?}"), "[redacted]");
    }
}
