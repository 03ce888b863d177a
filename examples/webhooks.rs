//! An endpoint for webhooks, on axum: deliveries are verified, each is handled once, and one whose
//! handling failed comes again.
//!
//! `cargo run --example webhooks --features webhooks` needs no key: a simulator delivers the
//! events. Against the API, the key is in `ANTHROPIC_WEBHOOK_SIGNING_KEY` and the verifier is
//! `Verifier::from_env()`.

use std::collections::HashSet;
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anthropic::types::webhooks::WebhookEventData;
use anthropic::webhooks::{Delivery, Verifier};
use anthropic_sim::{Simulator, Webhook, WebhookEvent};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde_json::json;
use tokio::net::TcpListener;

struct Endpoint {
    verifier: Verifier,
    /// The ids of what was handled. In a service with a database this is a table with a unique
    /// column, written in the transaction of the work itself.
    handled: Mutex<HashSet<String>>,
}

impl Endpoint {
    fn handled(&self) -> std::sync::MutexGuard<'_, HashSet<String>> {
        self.handled.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whatever is not a 2xx has the delivery come again; what is not the API's is worth no second one.
async fn receive(
    State(endpoint): State<Arc<Endpoint>>,
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
    if !endpoint.handled().insert(delivery.id.clone()) {
        println!("{}: known", delivery.id);
        return StatusCode::NO_CONTENT;
    }
    match handle(&delivery) {
        Ok(()) => StatusCode::NO_CONTENT,
        Err(problem) => {
            println!("{}: {problem}", delivery.id);
            // So that the next attempt is not taken for one that was handled.
            endpoint.handled().remove(&delivery.id);
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
        handled: Mutex::default(),
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
        if failed.count() == 3 && endpoint.handled().len() == 2 {
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
    assert_eq!((delivered.count(), endpoint.handled().len()), (4, 3));
    Ok(())
}
