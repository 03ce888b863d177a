//! An endpoint for webhooks, on axum: deliveries are verified, each is handled once, and one whose
//! handling failed comes again.
//!
//! `cargo run --example webhooks --features webhooks` needs no key: a simulator delivers the
//! events. Against the API, the key is in `ANTHROPIC_WEBHOOK_SIGNING_KEY` and the verifier is
//! `Verifier::from_env()`.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::error::Error;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anthropic::types::webhooks::WebhookEventData;
use anthropic::webhooks::{Delivery, Verifier};
use anthropic_sim::{Simulator, Webhook, WebhookEvent};
use axum::Router;
use axum::body::Bytes;
use axum::extract;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde_json::json;
use tokio::net::TcpListener;

struct Endpoint {
    verifier: Verifier,
    /// The ids of what is being handled, and of what was. In a service with a database this is a
    /// table with a unique column, written in the transaction of the work itself.
    ids: Mutex<HashMap<String, State>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Underway,
    Handled,
}

impl Endpoint {
    fn ids(&self) -> MutexGuard<'_, HashMap<String, State>> {
        self.ids.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn handled(&self) -> usize {
        let ids = self.ids();
        ids.values()
            .filter(|state| **state == State::Handled)
            .count()
    }

    /// Begins an attempt, or returns how far another one is.
    fn begin(self: &Arc<Self>, id: &str) -> Result<Attempt, State> {
        match self.ids().entry(id.to_owned()) {
            Entry::Occupied(known) => Err(*known.get()),
            Entry::Vacant(new) => {
                new.insert(State::Underway);
                Ok(Attempt {
                    endpoint: Arc::clone(self),
                    id: id.to_owned(),
                })
            }
        }
    }
}

/// An attempt to handle a delivery. One that fails, panics or is dropped with its connection leaves
/// no id, so that the next is not taken for one too many.
struct Attempt {
    endpoint: Arc<Endpoint>,
    id: String,
}

impl Attempt {
    fn succeeded(self) {
        self.endpoint.ids().insert(self.id.clone(), State::Handled);
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        let mut ids = self.endpoint.ids();
        if ids.get(&self.id) == Some(&State::Underway) {
            ids.remove(&self.id);
        }
    }
}

/// Whatever is not a 2xx has the delivery come again; what is not the API's is worth no second one.
async fn receive(
    extract::State(endpoint): extract::State<Arc<Endpoint>>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let delivery = match endpoint.verifier.verify(&headers, &body) {
        Ok(delivery) => delivery,
        Err(refused) => {
            println!("refused: {refused}");
            return StatusCode::BAD_REQUEST;
        }
    };
    let attempt = match endpoint.begin(&delivery.id) {
        Ok(attempt) => attempt,
        Err(State::Handled) => {
            println!("{}: known", delivery.id);
            return StatusCode::NO_CONTENT;
        }
        // Whether that attempt succeeds is not known yet, so this one comes again.
        Err(State::Underway) => return StatusCode::SERVICE_UNAVAILABLE,
    };
    match handle(&delivery) {
        Ok(()) => {
            attempt.succeeded();
            StatusCode::NO_CONTENT
        }
        Err(problem) => {
            println!("{}: {problem}", delivery.id);
            StatusCode::INTERNAL_SERVER_ERROR
        }
    }
}

/// The work. What takes longer than a few seconds belongs into a queue.
fn handle(delivery: &Delivery) -> Result<(), String> {
    match &delivery.event.data {
        WebhookEventData::SessionStatusIdled(session) => {
            println!("{}: {} waits for somebody", delivery.id, session.id);
            Ok(())
        }
        WebhookEventData::VaultCredentialRefreshFailed(credential) => {
            use std::sync::atomic::{AtomicBool, Ordering};
            static WAS_DOWN: AtomicBool = AtomicBool::new(false);
            if !WAS_DOWN.swap(true, Ordering::Relaxed) {
                return Err("the pager is down".to_owned());
            }
            println!("{}: somebody looks after {}", delivery.id, credential.id);
            Ok(())
        }
        // The API gets new events; they are no errors.
        other => {
            println!("{}: {} is not handled here", delivery.id, other.type_name());
            Ok(())
        }
    }
}

/// Long enough for other tasks to go on.
async fn pause() {
    let _ = tokio::time::timeout(Duration::from_millis(10), std::future::pending::<()>()).await;
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let endpoint = Arc::new(Endpoint {
        verifier: Verifier::new(Webhook::KEY)?,
        ids: Mutex::default(),
    });
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/webhooks", listener.local_addr()?);
    let app = Router::new().route("/webhooks", post(receive));
    let app = app.with_state(Arc::clone(&endpoint));
    tokio::spawn(async move { axum::serve(listener, app).await });

    let simulator = Simulator::builder()
        .webhook(Webhook::new(url).retries([Duration::from_secs(5)]))
        .start()
        .await?;
    let idled = |id: &str| WebhookEvent::new("session.status_idled").data(json!({"id": id}));
    // The response to the first attempt was lost, and the event comes twice.
    simulator.event(idled("sesn_01").times(2));
    simulator.event(idled("sesn_02").forged());
    simulator.event(idled("sesn_03").skew(-3600));
    simulator.event(WebhookEvent::new("comet.sighted"));
    simulator.event(WebhookEvent::new("vault_credential.refresh_failed"));
    for _ in 0..500 {
        let deliveries = simulator.deliveries();
        let failed = deliveries
            .iter()
            .filter(|delivery| !delivery.is_over && delivery.attempts.len() == 1);
        if failed.count() == 3 && endpoint.handled() == 2 {
            break;
        }
        pause().await;
    }
    println!("five seconds later");
    simulator.advance(Duration::from_secs(5));
    for _ in 0..500 {
        if simulator
            .deliveries()
            .iter()
            .all(|delivery| delivery.is_over)
        {
            break;
        }
        pause().await;
    }
    let delivered = simulator.deliveries();
    let delivered = delivered.iter().filter(|delivery| delivery.is_delivered);
    assert_eq!((delivered.count(), endpoint.handled()), (4, 3));
    Ok(())
}
