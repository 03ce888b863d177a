//! Webhooks: events are signed and delivered to endpoints, again and again until one of them takes
//! them.
//!
//! What a request changes is an event (`api/resources/notify.rs`), and so is whatever a test sends.
//! Each delivery is a task that waits by the simulator's clock; what became of it is kept. The
//! scheme is that of Standard Webhooks, written here once more, so that a mistake of the client's
//! cannot hide.

mod delivery;
mod endpoint;
mod event;
mod post;
mod signing;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::runtime::Handle;
use tokio::task::JoinSet;

use self::delivery::{State, deliver};
use self::endpoint::Endpoint;
use crate::base::clock::Clock;
use crate::base::ids::Ids;
use crate::base::sync::lock;

pub use delivery::{WebhookAttempt, WebhookDelivery};
pub use endpoint::Webhook;
pub use event::WebhookEvent;
pub(crate) use event::is_known;

/// The pauses after an attempt that failed, as Standard Webhooks suggests them.
const RETRIES: [Duration; 9] = [
    Duration::from_secs(5),
    Duration::from_secs(5 * 60),
    Duration::from_secs(30 * 60),
    Duration::from_secs(2 * 60 * 60),
    Duration::from_secs(5 * 60 * 60),
    Duration::from_secs(10 * 60 * 60),
    Duration::from_secs(14 * 60 * 60),
    Duration::from_secs(20 * 60 * 60),
    Duration::from_secs(24 * 60 * 60),
];

/// Endpoints, and what was delivered to them.
#[derive(Debug)]
pub(crate) struct Webhooks {
    runtime: Handle,
    shared: Arc<Shared>,
    /// Those of the settings, which a reset leaves.
    first: Vec<Webhook>,
    /// The deliveries under way; they end with this.
    tasks: Mutex<JoinSet<()>>,
}

/// What the tasks need.
#[derive(Debug)]
struct Shared {
    clock: Arc<Clock>,
    state: Mutex<State>,
}

impl Webhooks {
    /// Must be called on a tokio runtime, on which deliveries are made.
    pub(crate) fn new(clock: Arc<Clock>, first: Vec<Webhook>) -> std::io::Result<Self> {
        let webhooks = Self {
            runtime: Handle::current(),
            shared: Arc::new(Shared {
                clock,
                state: Mutex::default(),
            }),
            first,
            tasks: Mutex::default(),
        };
        for webhook in &webhooks.first {
            webhooks.add(webhook).map_err(|problem| {
                std::io::Error::new(std::io::ErrorKind::InvalidInput, problem)
            })?;
        }
        Ok(webhooks)
    }

    /// Delivers to this endpoint, too.
    pub(crate) fn add(&self, webhook: &Webhook) -> Result<(), String> {
        let endpoint = Endpoint::new(webhook)?;
        lock(&self.shared.state).endpoints.push(Arc::new(endpoint));
        Ok(())
    }

    /// Removes all endpoints, with what is still to be delivered to them.
    pub(crate) fn clear(&self) {
        // Held, so that nothing is begun for an endpoint that goes; and a number is no other
        // delivery's later, since a task ends only where it waits.
        let mut tasks = lock(&self.tasks);
        tasks.abort_all();
        let mut state = lock(&self.shared.state);
        *state = State {
            last: state.last,
            ..State::default()
        };
    }

    /// Goes back to the start.
    pub(crate) fn reset(&self) {
        self.clear();
        for webhook in &self.first {
            // It was added before.
            let _ = self.add(webhook);
        }
    }

    /// Whether anybody is notified of events.
    pub(crate) fn has_endpoints(&self) -> bool {
        !lock(&self.shared.state).endpoints.is_empty()
    }

    /// Delivers an event to the endpoints that want it; the event's id.
    pub(crate) fn send(&self, event: &WebhookEvent, ids: &Ids) -> String {
        let (id, payload) = event.payload(ids, self.shared.clock.now());
        let mut tasks = lock(&self.tasks);
        while tasks.try_join_next().is_some() {}
        let mut state = lock(&self.shared.state);
        let endpoints: Vec<Arc<Endpoint>> = state
            .endpoints
            .iter()
            .filter(|endpoint| endpoint.wants(&event.kind))
            .cloned()
            .collect();
        for endpoint in endpoints {
            for _ in 0..event.times {
                let number = state.begin(&id, &event.kind, &endpoint);
                let sent = delivery::Sent {
                    id: id.clone(),
                    payload: payload.clone(),
                    skew: event.skew,
                    is_forged: event.is_forged,
                };
                let task = deliver(
                    Arc::clone(&self.shared),
                    Arc::clone(&endpoint),
                    sent,
                    number,
                );
                tasks.spawn_on(task, &self.runtime);
            }
        }
        id
    }

    /// What was delivered so far, oldest first.
    pub(crate) fn deliveries(&self) -> Vec<WebhookDelivery> {
        lock(&self.shared.state).deliveries.clone()
    }

    /// All of it, for tests in any language.
    pub(crate) fn json(&self) -> Value {
        let state = lock(&self.shared.state);
        let endpoints: Vec<Value> = state.endpoints.iter().map(|it| it.json()).collect();
        let deliveries: Vec<Value> = state.deliveries.iter().map(WebhookDelivery::json).collect();
        json!({"endpoints": endpoints, "deliveries": deliveries})
    }
}
