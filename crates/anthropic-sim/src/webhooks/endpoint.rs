//! Where events are delivered to.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http::Uri;
use serde_json::{Value, json};

use super::RETRIES;
use super::signing::Key;

/// An endpoint that events are delivered to.
///
/// ```
/// use anthropic_sim::{Simulator, Webhook};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let webhook = Webhook::new("http://127.0.0.1:8080/webhooks").events(["session.status_idled"]);
/// let simulator = Simulator::builder().webhook(webhook).start().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "an endpoint does nothing until a simulator has it"]
pub struct Webhook {
    url: String,
    keys: Vec<String>,
    events: Vec<String>,
    retries: Vec<Duration>,
}

impl Webhook {
    /// The key that deliveries are signed with unless others are set; it is none of anybody's.
    pub const KEY: &str = "whsec_YW50aHJvcGljLXNpbS1hbnkta2V5LXdpbGwtZG8=";

    /// An endpoint at this URL, over plain HTTP, that gets all events, signed with
    /// [`Webhook::KEY`].
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            keys: Vec::new(),
            events: Vec::new(),
            retries: RETRIES.to_vec(),
        }
    }

    /// Signs with this key (`whsec_` and Base64). With several, each delivery has a signature of
    /// each, as while keys are rotated.
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.keys.push(key.into());
        self
    }

    /// Delivers only events of these types.
    pub fn events<T: Into<String>>(mut self, types: impl IntoIterator<Item = T>) -> Self {
        self.events.extend(types.into_iter().map(Into::into));
        self
    }

    /// How long after each attempt that failed the next one follows, by the simulator's clock. When
    /// these are used up, the delivery has failed. By default 5 s, 5 min, 30 min, 2 h, 5 h, 10 h,
    /// 14 h, 20 h and 24 h.
    pub fn retries(mut self, after: impl IntoIterator<Item = Duration>) -> Self {
        self.retries = after.into_iter().collect();
        self
    }
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhook")
            .field("url", &self.url)
            .field("events", &self.events)
            .field("retries", &self.retries)
            .finish_non_exhaustive()
    }
}

/// An endpoint, checked.
#[derive(Debug)]
pub(super) struct Endpoint {
    pub(super) url: Uri,
    pub(super) keys: Vec<Key>,
    events: Vec<String>,
    pub(super) retries: Vec<Duration>,
    /// Whether it wants nothing more, which a 410 means.
    is_gone: AtomicBool,
}

impl Endpoint {
    pub(super) fn new(webhook: &Webhook) -> Result<Self, String> {
        let url = &webhook.url;
        let parsed: Uri = url.parse().map_err(|_| format!("{url:?} is not a URL"))?;
        if parsed.scheme_str() != Some("http") || parsed.host().is_none() {
            return Err(format!(
                "{url:?} is no http:// URL, which webhooks are delivered to"
            ));
        }
        let keys = match webhook.keys.as_slice() {
            [] => vec![Key::parse(Webhook::KEY)?],
            keys => keys
                .iter()
                .map(|key| Key::parse(key))
                .collect::<Result<_, _>>()?,
        };
        Ok(Self {
            url: parsed,
            keys,
            events: webhook.events.clone(),
            retries: webhook.retries.clone(),
            is_gone: AtomicBool::new(false),
        })
    }

    pub(super) fn wants(&self, kind: &str) -> bool {
        let is_wanted = self.events.is_empty() || self.events.iter().any(|wanted| wanted == kind);
        is_wanted && !self.is_gone()
    }

    pub(super) fn is_gone(&self) -> bool {
        self.is_gone.load(Ordering::Relaxed)
    }

    pub(super) fn leave(&self) {
        self.is_gone.store(true, Ordering::Relaxed);
    }

    pub(super) fn json(&self) -> Value {
        json!({
            "url": self.url.to_string(),
            "events": self.events,
            "gone": self.is_gone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nothing_can_be_delivered_to_is_refused() {
        for url in [
            "",
            "/hook",
            "127.0.0.1:80",
            "https://127.0.0.1/",
            "ftp://a/",
            "http:///x",
        ] {
            assert!(Endpoint::new(&Webhook::new(url)).is_err(), "{url:?}");
        }
        assert!(Endpoint::new(&Webhook::new("http://[::1]:8080")).is_ok());
        let secret = Webhook::new("http://a/").key("whsec_not-base64");
        let problem = Endpoint::new(&secret).unwrap_err();
        assert!(!problem.contains("not-base64"), "{problem}");
        assert!(!format!("{secret:?}").contains("not-base64"));
    }

    #[test]
    fn an_endpoint_gets_what_it_asked_for_until_it_is_gone() {
        let all = Endpoint::new(&Webhook::new("http://a/")).unwrap();
        let some = Webhook::new("http://a/").events(["vault.created"]);
        let some = Endpoint::new(&some).unwrap();
        assert!(all.wants("vault.deleted") && some.wants("vault.created"));
        assert!(!some.wants("vault.deleted"));
        some.leave();
        assert!(!some.wants("vault.created"));
    }
}
