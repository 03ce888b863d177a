//! A delivery: its attempts, and what became of it.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::StatusCode;
use serde_json::{Value, json};

use super::Shared;
use super::endpoint::Endpoint;
use super::post::post;
use super::signing::Key;
use crate::base::clock::rfc3339;
use crate::base::sync::lock;

/// How many deliveries are remembered.
const MOST: usize = 10_000;

/// A delivery of an event to an endpoint; [`Simulator::deliveries`](crate::Simulator::deliveries)
/// has them.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct WebhookDelivery {
    number: u64,
    /// The event's id, which the header `webhook-id` has, too.
    pub id: String,
    /// The event's type, such as `session.status_idled`.
    pub event: String,
    /// The endpoint's URL.
    pub url: String,
    /// What was tried so far, oldest first.
    pub attempts: Vec<WebhookAttempt>,
    /// Whether the endpoint has taken it, with a status of 2xx.
    pub is_delivered: bool,
    /// Whether there will be no other attempt.
    pub is_over: bool,
}

/// An attempt to deliver.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct WebhookAttempt {
    /// When it began, by the simulator's clock.
    pub at: SystemTime,
    /// The status of the endpoint's response, if there was one.
    pub status: Option<u16>,
    /// Why there was none.
    pub error: Option<String>,
}

impl WebhookDelivery {
    pub(super) fn json(&self) -> Value {
        let attempts = self.attempts.iter().map(|attempt| {
            let at = attempt.at.duration_since(UNIX_EPOCH).unwrap_or_default();
            json!({"at": rfc3339(at), "status": attempt.status, "error": attempt.error})
        });
        json!({
            "id": self.id,
            "event": self.event,
            "url": self.url,
            "attempts": attempts.collect::<Vec<_>>(),
            "delivered": self.is_delivered,
            "over": self.is_over,
        })
    }
}

/// Endpoints and deliveries, under one lock.
#[derive(Debug, Default)]
pub(super) struct State {
    /// The last number, which `clear` leaves.
    pub(super) last: u64,
    pub(super) endpoints: Vec<Arc<Endpoint>>,
    pub(super) deliveries: Vec<WebhookDelivery>,
}

impl State {
    /// Notes a delivery that begins; its number.
    pub(super) fn begin(&mut self, id: &str, kind: &str, endpoint: &Endpoint) -> u64 {
        self.last += 1;
        if self.deliveries.len() >= MOST {
            self.deliveries.remove(0);
        }
        self.deliveries.push(WebhookDelivery {
            number: self.last,
            id: id.to_owned(),
            event: kind.to_owned(),
            url: endpoint.url.to_string(),
            attempts: Vec::new(),
            is_delivered: false,
            is_over: false,
        });
        self.last
    }

    fn delivery(&mut self, number: u64) -> Option<&mut WebhookDelivery> {
        let mut deliveries = self.deliveries.iter_mut().rev();
        deliveries.find(|delivery| delivery.number == number)
    }
}

/// What is delivered.
pub(super) struct Sent {
    pub(super) id: String,
    pub(super) payload: Bytes,
    pub(super) skew: i64,
    pub(super) is_forged: bool,
}

impl Sent {
    /// The headers of an attempt at this time: each attempt is signed anew.
    fn headers(&self, keys: &[Key], now: Duration) -> [(&'static str, String); 3] {
        let seconds = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
        let seconds = seconds.saturating_add(self.skew).max(0);
        let nobody = [Key::of_nobody()];
        let keys = if self.is_forged { &nobody } else { keys };
        let signatures = keys.iter();
        let signatures = signatures.map(|key| key.sign(&self.id, seconds, &self.payload));
        [
            ("webhook-id", self.id.clone()),
            ("webhook-timestamp", seconds.to_string()),
            (
                "webhook-signature",
                signatures.collect::<Vec<_>>().join(" "),
            ),
        ]
    }
}

/// Delivers, and tries again as the endpoint's settings have it.
pub(super) async fn deliver(shared: Arc<Shared>, endpoint: Arc<Endpoint>, sent: Sent, number: u64) {
    let waits = std::iter::once(Duration::ZERO).chain(endpoint.retries.iter().copied());
    let mut is_delivered = false;
    for wait in waits {
        let due = shared.clock.now().saturating_add(wait);
        shared.clock.until(due).await;
        if endpoint.is_gone() {
            break;
        }
        let now = shared.clock.now();
        let headers = sent.headers(&endpoint.keys, now);
        let result = post(&endpoint.url, headers, sent.payload.clone()).await;
        is_delivered = result.as_ref().is_ok_and(StatusCode::is_success);
        if result == Ok(StatusCode::GONE) {
            endpoint.leave();
        }
        if let Some(delivery) = lock(&shared.state).delivery(number) {
            delivery.attempts.push(WebhookAttempt {
                at: UNIX_EPOCH.checked_add(now).unwrap_or(UNIX_EPOCH),
                status: result.as_ref().ok().map(StatusCode::as_u16),
                error: result.err(),
            });
        }
        if is_delivered {
            break;
        }
    }
    if let Some(delivery) = lock(&shared.state).delivery(number) {
        delivery.is_delivered = is_delivered;
        delivery.is_over = true;
    }
}
