//! The access keys and tokens that are known here: those of the settings, and those issued.

use std::fmt;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use http::HeaderMap;

use super::platform::Platform;
use crate::base::ids::Hash;
use crate::base::sync::lock;

/// The access key of AWS's documentation, which is known from the start.
pub(crate) const ACCESS_KEY: (&str, &str) =
    ("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");

/// What requests are signed with.
#[derive(Clone)]
pub(crate) struct AccessKey {
    pub(crate) id: String,
    pub(crate) secret: String,
    /// The session token that goes with it.
    pub(crate) token: Option<String>,
    /// When it is no longer good, as time since the Unix epoch.
    pub(crate) expires: Option<Duration>,
}

/// A token that was issued.
struct Token {
    text: String,
    expires: Duration,
}

/// What is known.
pub(crate) struct Keys {
    /// The only key or token that is accepted beside those issued; any, if there is none.
    accepted: Option<String>,
    access: Mutex<Vec<AccessKey>>,
    tokens: Mutex<Vec<Token>>,
    issued: AtomicU64,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").finish_non_exhaustive()
    }
}

impl Keys {
    pub(crate) fn new(accepted: Option<String>, access: &[(String, String)]) -> Self {
        let (id, secret) = ACCESS_KEY;
        let known = [(id.to_owned(), secret.to_owned())];
        // Those of the settings take the place of the known one.
        let given = if access.is_empty() {
            &known[..]
        } else {
            access
        };
        let access = given.iter().map(|(id, secret)| AccessKey {
            id: id.clone(),
            secret: secret.clone(),
            token: None,
            expires: None,
        });
        Self {
            accepted,
            access: Mutex::new(access.collect()),
            tokens: Mutex::default(),
            issued: AtomicU64::new(0),
        }
    }

    pub(crate) fn access_key(&self, id: &str) -> Option<AccessKey> {
        lock(&self.access).iter().find(|key| key.id == id).cloned()
    }

    /// The access key that signs by the settings, where there is one.
    pub(crate) fn first(&self) -> Option<(String, String)> {
        let keys = lock(&self.access);
        let first = keys.iter().find(|key| key.expires.is_none())?;
        Some((first.id.clone(), first.secret.clone()))
    }

    /// Issues an access key that is good for so long.
    pub(crate) fn issue_access_key(&self, now: Duration, lifetime: Duration) -> AccessKey {
        let hash = self.hash("access key");
        let id: String = hash.hex().to_ascii_uppercase().chars().take(16).collect();
        let key = AccessKey {
            id: format!("ASIA{id}"),
            secret: format!("{}{}", hash.text(), self.hash("secret").text()),
            token: Some(format!("sim-session-{}", self.hash("session").hex())),
            expires: Some(now.saturating_add(lifetime)),
        };
        let mut keys = lock(&self.access);
        // Expired ones are known for a while, so that they are refused as what they are.
        let kept = |key: &AccessKey| key.expires.is_none_or(|at| at.saturating_add(DAY) > now);
        keys.retain(kept);
        keys.push(key.clone());
        key
    }

    /// Issues a token that is good for so long.
    pub(crate) fn issue_token(&self, prefix: &str, now: Duration, lifetime: Duration) -> String {
        let text = format!("{prefix}{}", self.hash(prefix).hex());
        let mut tokens = lock(&self.tokens);
        tokens.retain(|token| token.expires.saturating_add(DAY) > now);
        tokens.push(Token {
            text: text.clone(),
            expires: now.saturating_add(lifetime),
        });
        text
    }

    /// Whether this is a token that was issued and has not expired.
    pub(crate) fn is_issued(&self, token: &str, now: Duration) -> bool {
        let tokens = lock(&self.tokens);
        tokens.iter().any(|it| it.text == token && it.expires > now)
    }

    /// Whether a key or token is accepted: one that was issued, as long as it is good; beside those
    /// the one of the settings, or any.
    fn accepts(&self, given: &str, now: Duration) -> bool {
        let tokens = lock(&self.tokens);
        if let Some(token) = tokens.iter().find(|token| token.text == given) {
            return token.expires > now;
        }
        match &self.accepted {
            Some(accepted) => accepted == given,
            None => !given.is_empty(),
        }
    }

    /// Whether the request has a key or token that is accepted; `None` if it has none at all.
    pub(crate) fn check(
        &self,
        platform: Platform,
        headers: &HeaderMap,
        now: Duration,
    ) -> Option<bool> {
        let text = |name: &str| Some(headers.get(name)?.to_str().ok()?.trim());
        if let Some(value) = text("authorization") {
            let token = value.strip_prefix("Bearer ").unwrap_or_default();
            return Some(self.accepts(token.trim(), now));
        }
        let mut keys = platform.key_headers().iter();
        let key = keys.find_map(|name| text(name))?;
        Some(self.accepts(key, now))
    }

    fn hash(&self, what: &str) -> Hash {
        let number = self.issued.fetch_add(1, Ordering::Relaxed);
        Hash::new()
            .bytes(what.as_bytes())
            .bytes(&number.to_be_bytes())
    }
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
