//! Webhooks: real deliveries over TCP, read and verified by the client of this repository.

use std::collections::VecDeque;
use std::time::Duration;

use anthropic::types::repairs;
use anthropic::types::webhooks::WebhookEventData;
use anthropic::webhooks::{Delivery, SigningKey, Verifier, VerifyErrorKind};
use anthropic_sim::{Builder, Simulator, Webhook, WebhookDelivery, WebhookEvent};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use crate::client::{delete, get, post};
use crate::resources::{agent, create, session};

const MINUTE: Duration = Duration::from_secs(60);

/// A request to an endpoint.
struct Received {
    line: String,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Received {
    fn verified(&self) -> Delivery {
        verifier().verify(&self.headers, &self.body).unwrap()
    }

    fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }
}

fn verifier() -> Verifier {
    let verifier = Verifier::new(Webhook::KEY).unwrap();
    // The simulators here have clocks of their own.
    verifier.tolerance(Duration::MAX)
}

/// An endpoint that responds with these statuses in turn, then with 204; zero hangs up.
struct Endpoint {
    url: String,
    received: mpsc::UnboundedReceiver<Received>,
}

impl Endpoint {
    async fn start(statuses: &[u16]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook?of=test", listener.local_addr().unwrap());
        let (sender, received) = mpsc::unbounded_channel();
        let mut statuses: VecDeque<u16> = statuses.iter().copied().collect();
        tokio::spawn(async move {
            loop {
                let (mut socket, _) = listener.accept().await.unwrap();
                let mut bytes = Vec::new();
                let request = loop {
                    let mut piece = [0; 4096];
                    let read = socket.read(&mut piece).await.unwrap();
                    bytes.extend_from_slice(&piece[..read]);
                    if let Some(request) = whole(&bytes) {
                        break request;
                    }
                    assert_ne!(read, 0, "cut");
                };
                let status = statuses.pop_front().unwrap_or(204);
                if sender.send(request).is_err() {
                    return;
                }
                if status != 0 {
                    let response = format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n");
                    socket.write_all(response.as_bytes()).await.unwrap();
                }
            }
        });
        Self { url, received }
    }

    async fn next(&mut self) -> Received {
        let next = tokio::time::timeout(Duration::from_secs(10), self.received.recv());
        next.await.unwrap().unwrap()
    }

    /// Whether nothing more comes for a while.
    async fn is_quiet(&mut self) -> bool {
        let some_time = Duration::from_millis(50);
        tokio::time::timeout(some_time, self.received.recv())
            .await
            .is_err()
    }
}

/// The request, once all of it is there.
fn whole(bytes: &[u8]) -> Option<Received> {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\r\n\r\n")?;
    let mut lines = head.lines();
    let line = lines.next()?.to_owned();
    let headers: HeaderMap = lines
        .map(|line| {
            let (name, value) = line.split_once(": ").unwrap();
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            (name, HeaderValue::from_str(value).unwrap())
        })
        .collect();
    let length: usize = headers["content-length"].to_str().unwrap().parse().unwrap();
    (body.len() == length).then(|| Received {
        line,
        headers,
        body: body.as_bytes().to_vec(),
    })
}

/// Starts a simulator whose time stands still.
async fn still(webhook: Webhook) -> Simulator {
    let builder = Simulator::builder().clock_step(Duration::ZERO);
    builder.webhook(webhook).start().await.unwrap()
}

/// Waits until something holds for the deliveries.
async fn until(simulator: &Simulator, holds: impl Fn(&[WebhookDelivery]) -> bool) {
    for _ in 0..500 {
        if holds(&simulator.deliveries()) {
            return;
        }
        let pause = tokio::time::timeout(Duration::from_millis(10), std::future::pending::<()>());
        let _ = pause.await;
    }
    panic!("{:?}", simulator.deliveries());
}

#[tokio::test]
async fn a_delivery_is_signed_and_typed() {
    let mut endpoint = Endpoint::start(&[]).await;
    let simulator = still(Webhook::new(&endpoint.url)).await;
    let event = WebhookEvent::new("session.status_idled").data(json!({"id": "sesn_7"}));
    let id = simulator.event(event);
    let received = endpoint.next().await;
    assert_eq!(received.line, "POST /hook?of=test HTTP/1.1");
    assert_eq!(received.header("content-type"), "application/json");
    assert!(endpoint.url.contains(received.header("host")));
    let delivery = received.verified();
    assert_eq!((&delivery.id, delivery.timestamp), (&id, simulator.now()));
    let session = delivery.event.data.as_session_status_idled().unwrap();
    assert_eq!(session.id, "sesn_7");
    assert_eq!(delivery.event.id, id);
    until(&simulator, |all| all[0].is_over).await;
    let delivered = &simulator.deliveries()[0];
    assert!(delivered.is_delivered && delivered.attempts.len() == 1);
    assert_eq!(
        (&*delivered.event, delivered.attempts[0].status),
        ("session.status_idled", Some(204))
    );
}

/// Each type that the simulator delivers is one that the client has a type for.
#[tokio::test]
async fn all_events_are_known_to_the_client() {
    let mut endpoint = Endpoint::start(&[]).await;
    let simulator = still(Webhook::new(&endpoint.url)).await;
    let listed = include_str!("../../src/webhooks/event.rs");
    let listed = listed
        .split("= [")
        .nth(1)
        .unwrap()
        .split("];")
        .next()
        .unwrap();
    let types: Vec<&str> = listed.split('"').skip(1).step_by(2).collect();
    assert_eq!(types.len(), 51);
    for kind in types {
        simulator.event(WebhookEvent::new(kind));
        let event = endpoint.next().await.verified().event;
        assert_eq!(event.data.type_name(), kind);
        assert!(repairs(&event).is_empty(), "{kind}: {event:?}");
        assert!(
            !matches!(event.data, WebhookEventData::Unrecognized(_)),
            "{kind}"
        );
    }
    simulator.event(WebhookEvent::new("comet.sighted"));
    let event = endpoint.next().await.verified().event;
    assert!(matches!(event.data, WebhookEventData::Unrecognized(_)));
}

#[tokio::test]
async fn what_fails_is_tried_again_by_the_clock() {
    let mut endpoint = Endpoint::start(&[500, 0, 302, 404]).await;
    let webhook = Webhook::new(&endpoint.url).retries([MINUTE, 2 * MINUTE, MINUTE, MINUTE, MINUTE]);
    let simulator = still(webhook).await;
    simulator.event(WebhookEvent::new("vault.created"));
    let first = endpoint.next().await;
    let mut timestamps = vec![first.header("webhook-timestamp").to_owned()];
    for (attempts, wait) in [(1, 1), (2, 2), (3, 1), (4, 1)] {
        until(&simulator, |all| all[0].attempts.len() == attempts).await;
        assert!(endpoint.is_quiet().await, "time has not moved");
        simulator.advance(wait * MINUTE);
        let again = endpoint.next().await;
        assert_eq!(
            (&again.body, again.header("webhook-id")),
            (&first.body, first.header("webhook-id"))
        );
        assert_eq!(again.verified().event, first.verified().event);
        timestamps.push(again.header("webhook-timestamp").to_owned());
    }
    until(&simulator, |all| all[0].is_over).await;
    let delivery = &simulator.deliveries()[0];
    assert!(delivery.is_delivered);
    let statuses: Vec<_> = delivery.attempts.iter().map(|it| it.status).collect();
    assert_eq!(statuses, [Some(500), None, Some(302), Some(404), Some(204)]);
    assert!(delivery.attempts[1].error.is_some());
    let start: u64 = timestamps[0].parse().unwrap();
    let offsets: Vec<u64> = timestamps
        .iter()
        .map(|it| it.parse::<u64>().unwrap() - start)
        .collect();
    assert_eq!(offsets, [0, 60, 180, 240, 300]);
    simulator.advance(1_000 * MINUTE);
    assert!(endpoint.is_quiet().await, "it is over");
}

#[tokio::test]
async fn a_delivery_fails_when_its_retries_are_used_up_or_the_endpoint_is_gone() {
    let mut endpoint = Endpoint::start(&[500, 500, 410]).await;
    let simulator = still(Webhook::new(&endpoint.url).retries([Duration::ZERO])).await;
    simulator.event(WebhookEvent::new("vault.created"));
    until(&simulator, |all| all[0].is_over).await;
    assert!(!simulator.deliveries()[0].is_delivered);
    simulator.event(WebhookEvent::new("vault.created"));
    until(&simulator, |all| all[1].is_over).await;
    assert_eq!(simulator.deliveries()[1].attempts.len(), 1);
    // Nothing comes after a 410.
    simulator.event(WebhookEvent::new("vault.created"));
    assert_eq!(simulator.deliveries().len(), 2);
    for _ in 0..3 {
        endpoint.next().await;
    }
    assert!(endpoint.is_quiet().await);
}

#[tokio::test]
async fn keys_rotate_and_deliveries_can_be_wrong_on_purpose() {
    let mut endpoint = Endpoint::start(&[]).await;
    let (old, new) = (
        "whsec_b2xkIG9sZCBvbGQgb2xkIG9sZA==",
        "whsec_bmV3IG5ldyBuZXcgbmV3IG5ldw==",
    );
    let simulator = Simulator::builder()
        .webhook(Webhook::new(&endpoint.url).key(old).key(new))
        .start()
        .await
        .unwrap();
    simulator.event(WebhookEvent::new("vault.created"));
    let received = endpoint.next().await;
    assert_eq!(received.header("webhook-signature").split(' ').count(), 2);
    // By the real clock, and the default tolerance.
    let verify = |key: &str, received: &Received| {
        let result = Verifier::new(key)
            .unwrap()
            .verify(&received.headers, &received.body);
        result.map_err(|error| error.kind())
    };
    assert!(verify(old, &received).is_ok() && verify(new, &received).is_ok());
    assert_eq!(
        verify(Webhook::KEY, &received),
        Err(VerifyErrorKind::NoMatchingSignature)
    );
    for (event, kind) in [
        (
            WebhookEvent::new("vault.created").skew(-600),
            VerifyErrorKind::TooOld,
        ),
        (
            WebhookEvent::new("vault.created").skew(600),
            VerifyErrorKind::TooNew,
        ),
        (
            WebhookEvent::new("vault.created").forged(),
            VerifyErrorKind::NoMatchingSignature,
        ),
    ] {
        simulator.event(event);
        assert_eq!(verify(new, &endpoint.next().await), Err(kind));
    }
    let id = simulator.event(WebhookEvent::new("vault.created").times(2));
    for _ in 0..2 {
        assert_eq!(verify(new, &endpoint.next().await).unwrap().id, id);
    }
    let key = SigningKey::new(new).unwrap();
    let seconds = received.header("webhook-timestamp").parse().unwrap();
    let signature = key.sign(received.header("webhook-id"), seconds, &received.body);
    assert!(received.header("webhook-signature").ends_with(&signature));
}

async fn is_next(endpoint: &mut Endpoint, kind: &str, id: &str) {
    let event = endpoint.next().await.verified().event;
    let data: Value = serde_json::to_value(&event.data).unwrap();
    assert_eq!((&data["type"], &data["id"]), (&json!(kind), &json!(id)));
}

/// Each event is waited for, since deliveries overtake one another.
#[tokio::test]
async fn what_requests_change_is_delivered() {
    let mut endpoint = Endpoint::start(&[]).await;
    let simulator = still(Webhook::new(&endpoint.url)).await;
    let url = simulator.url();
    let agent_id = create(&simulator, "/v1/agents", &agent("a")).await;
    is_next(&mut endpoint, "agent.created", &agent_id).await;
    let path = format!("/v1/agents/{agent_id}");
    let change = json!({"name": "b", "version": 1});
    post(url, &path, &change).await.ok();
    is_next(&mut endpoint, "agent.updated", &agent_id).await;
    post(url, &format!("{path}/archive"), &json!({})).await.ok();
    is_next(&mut endpoint, "agent.archived", &agent_id).await;
    // A refusal is no event.
    assert_eq!(
        post(url, "/v1/agents/agent_none/archive", &json!({}))
            .await
            .status,
        404
    );
    let vault = create(&simulator, "/v1/vaults", &json!({"display_name": "v"})).await;
    is_next(&mut endpoint, "vault.created", &vault).await;
    delete(url, &format!("/v1/vaults/{vault}")).await.ok();
    is_next(&mut endpoint, "vault.deleted", &vault).await;
}

#[tokio::test]
async fn a_turn_of_an_agent_is_delivered() {
    let mut endpoint = Endpoint::start(&[]).await;
    let wanted = ["session.status_run_started", "session.status_idled"];
    let simulator = still(Webhook::new(&endpoint.url).events(wanted)).await;
    let body = session(&simulator).await;
    let id = create(&simulator, "/v1/sessions", &body).await;
    let user = json!({"type": "user.message", "content": [{"type": "text", "text": "Hi."}]});
    let path = format!("/v1/sessions/{id}/events");
    post(simulator.url(), &path, &json!({"events": [user]}))
        .await
        .ok();
    let mut kinds = Vec::new();
    for _ in 0..2 {
        let data = endpoint.next().await.verified().event.data;
        let value: Value = serde_json::to_value(&data).unwrap();
        assert_eq!(value["id"], json!(id));
        kinds.push(data.type_name().to_owned());
    }
    kinds.sort();
    assert_eq!(
        kinds,
        ["session.status_idled", "session.status_run_started"]
    );
    assert!(endpoint.is_quiet().await, "the others were not asked for");
}

#[tokio::test]
async fn tests_in_any_language_control_them() {
    let mut endpoint = Endpoint::start(&[500]).await;
    let simulator = Simulator::builder()
        .clock_step(Duration::ZERO)
        .start()
        .await
        .unwrap();
    let url = simulator.url();
    let webhook = json!({"url": endpoint.url, "key": Webhook::KEY, "events": ["vault.created"], "retries": [30]});
    let added = post(url, "/_sim/webhooks", &webhook).await.ok();
    assert_eq!(added["endpoints"][0]["events"], json!(["vault.created"]));
    let event = json!({"type": "vault.created", "data": {"id": "vlt_1"}});
    let sent = post(url, "/_sim/webhooks/events", &event).await.ok();
    post(
        url,
        "/_sim/webhooks/events",
        &json!({"type": "vault.deleted"}),
    )
    .await
    .ok();
    let first = endpoint.next().await.verified();
    assert_eq!(json!(first.id), sent["id"]);
    until(&simulator, |all| all[0].attempts.len() == 1).await;
    post(url, "/_sim/clock", &json!({"advance": 30})).await.ok();
    assert_eq!(endpoint.next().await.verified().id, first.id);
    until(&simulator, |all| all[0].is_over).await;
    let listed = get(url, "/_sim/webhooks").await.ok();
    let deliveries = listed["deliveries"].as_array().unwrap();
    assert_eq!(
        (deliveries.len(), &deliveries[0]["delivered"]),
        (1, &json!(true))
    );
    assert_eq!(deliveries[0]["attempts"][0]["status"], json!(500));
    assert!(!listed.to_string().contains("whsec_"), "{listed}");
    let cleared = delete(url, "/_sim/webhooks").await.ok();
    assert_eq!(cleared, json!({"deliveries": [], "endpoints": []}));
}

#[tokio::test]
async fn mistakes_of_tests_in_any_language_are_named() {
    let simulator = Simulator::start().await.unwrap();
    let url = simulator.url();
    for (path, body, named) in [
        ("/_sim/webhooks", json!({}), "url: should be"),
        (
            "/_sim/webhooks",
            json!({"url": "https://a/"}),
            "no http:// URL",
        ),
        (
            "/_sim/webhooks",
            json!({"url": "http://a/", "retries": [-1]}),
            "retries: has not",
        ),
        (
            "/_sim/webhooks",
            json!({"url": "http://a/", "kye": "a"}),
            "kye: there is no",
        ),
        (
            "/_sim/webhooks",
            json!({"url": "http://a/", "key": "?"}),
            "whsec_",
        ),
        (
            "/_sim/webhooks/events",
            json!({"data": {}}),
            "type: is missing",
        ),
    ] {
        let refused = post(url, path, &body).await;
        assert_eq!(refused.status, 400, "{body}");
        assert!(refused.text().contains(named), "{}", refused.text());
    }
}

/// Endpoints of the settings stay, what was to be delivered and what was added goes.
#[tokio::test]
async fn a_reset_ends_deliveries() {
    let mut endpoint = Endpoint::start(&[500, 500]).await;
    let simulator = still(Webhook::new(&endpoint.url).retries([MINUTE])).await;
    simulator.webhook(&Webhook::new(&endpoint.url)).unwrap();
    simulator.event(WebhookEvent::new("vault.created"));
    endpoint.next().await;
    endpoint.next().await;
    until(&simulator, |all| {
        all.iter().all(|it| it.attempts.len() == 1)
    })
    .await;
    post(simulator.url(), "/_sim/reset", &json!({})).await.ok();
    assert!(simulator.deliveries().is_empty());
    simulator.advance(10 * MINUTE);
    simulator.event(WebhookEvent::new("vault.deleted"));
    let next = endpoint.next().await.verified();
    assert_eq!(next.event.data.type_name(), "vault.deleted");
    until(&simulator, |all| all.len() == 1 && all[0].is_over).await;
    assert!(endpoint.is_quiet().await);
}

#[tokio::test]
async fn an_endpoint_that_is_none_fails_the_start() {
    let start = |builder: Builder| async { builder.start().await.err().map(|it| it.to_string()) };
    let https = Simulator::builder().webhook(Webhook::new("https://127.0.0.1/"));
    assert!(start(https).await.unwrap().contains("no http:// URL"));
    let key = Simulator::builder().webhook(Webhook::new("http://127.0.0.1/").key("secret!"));
    let problem = start(key).await.unwrap();
    assert!(
        problem.contains("whsec_") && !problem.contains("secret!"),
        "{problem}"
    );
}
