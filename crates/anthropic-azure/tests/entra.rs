//! Tokens of Microsoft Entra ID by way of `azure_identity` and of a closure, from the simulator,
//! which is Foundry and Entra's token endpoint.
//!
//! `azure_identity` insists on HTTPS for the authority, so a name stands for the simulator in its
//! URLs. Managed identities are not here: the address of their server is a constant.

#![cfg(all(feature = "azure-core-1", feature = "hyper"))]
#![allow(clippy::unwrap_used, reason = "this is a test")]

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anthropic::hyper_1::HyperTransport;
use anthropic::transport::{Body, Transport};
use anthropic::types::MessageCreateParams;
use anthropic::{Client, ErrorKind};
use anthropic_azure::{FoundryBuilder, foundry};
use anthropic_sim::{Platform, Simulator};
use azure_core::cloud::CustomConfiguration;
use azure_core::error::{Error, ErrorKind as Kind};
use azure_core::http::headers::Headers;
use azure_core::http::{AsyncRawResponse, Body as AzureBody, ClientOptions, HttpClient, Request};
use azure_identity::{
    ClientAssertionCredentialOptions, ClientSecretCredential, ClientSecretCredentialOptions,
    WorkloadIdentityCredential, WorkloadIdentityCredentialOptions,
};

const AUTHORITY: &str = "https://login.example";

/// Azure's HTTP client over ours, which finds the simulator under the authority's name.
#[derive(Debug)]
struct Over {
    transport: HyperTransport,
    simulator: String,
}

#[async_trait::async_trait]
impl HttpClient for Over {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        let path = request.url().as_str().strip_prefix(AUTHORITY).unwrap();
        let AzureBody::Bytes(body) = request.body() else {
            panic!("a form is in memory")
        };
        let mut sent = http::Request::builder()
            .method(request.method().as_str())
            .uri(format!("{}{path}", self.simulator));
        for (name, value) in request.headers().iter() {
            sent = sent.header(name.as_str(), value.as_str());
        }
        let sent = sent.body(Body::from(body.clone())).unwrap();
        let response = self.transport.send(sent).await;
        let response = response.map_err(|error| Error::new(Kind::Io, error))?;
        let status = response.status().as_u16().into();
        let body = response.into_body().bytes().await.unwrap();
        let headers = Headers::default();
        Ok(AsyncRawResponse::from_bytes(status, headers, body))
    }
}

fn options(simulator: &Simulator) -> ClientOptions {
    let mut cloud = CustomConfiguration::default();
    AUTHORITY.clone_into(&mut cloud.authority_host);
    let client = Over {
        transport: HyperTransport::builder().build().unwrap(),
        simulator: simulator.url().to_owned(),
    };
    ClientOptions {
        transport: Some(azure_core::http::Transport::new(Arc::new(client))),
        cloud: Some(Arc::new(cloud.into())),
        ..ClientOptions::default()
    }
}

fn secret(simulator: &Simulator) -> Arc<ClientSecretCredential> {
    let options = ClientSecretCredentialOptions {
        client_options: options(simulator),
    };
    let secret = "canary-secret".into();
    ClientSecretCredential::new("tenant", "client".to_owned(), secret, Some(options)).unwrap()
}

/// A simulator that takes the tokens that it issues, and no other.
async fn started() -> Simulator {
    let simulator = Simulator::builder().platform(Platform::Foundry);
    simulator.accept_only("canary-other").start().await.unwrap()
}

fn client(builder: FoundryBuilder) -> Client {
    let client = Client::builder().platform(builder.platform().unwrap());
    client.max_retries(0).build().unwrap()
}

fn params() -> MessageCreateParams {
    MessageCreateParams::new("claude-opus-5-5", 100).user("Name a river.")
}

/// The paths that were asked, and the form of the first one.
fn asked(simulator: &Simulator) -> (Vec<String>, String) {
    let requests = simulator.requests();
    let form = String::from_utf8_lossy(&requests[0].body).into_owned();
    (requests.into_iter().map(|it| it.path).collect(), form)
}

#[tokio::test]
async fn a_clients_secret_becomes_a_token_for_many_requests() {
    let simulator = started().await;
    let builder = foundry("").base_url(simulator.base_url());
    let client = client(builder.credentials(secret(&simulator)));
    client.messages().create(params()).await.unwrap();
    let stream = client.messages().stream(params()).await.unwrap();
    stream.final_message().await.unwrap();
    let (paths, form) = asked(&simulator);
    let token = "/tenant/oauth2/v2.0/token";
    assert_eq!(paths, [token, "/v1/messages", "/v1/messages"]);
    for field in [
        "grant_type=client_credentials",
        "client_id=client",
        "scope=https%3A%2F%2Fai.azure.com%2F.default",
    ] {
        assert!(form.contains(field), "{form}");
    }
    assert!(!format!("{client:?}").contains("canary"));
}

fn assertion(simulator: &Simulator, file: &str) -> Arc<WorkloadIdentityCredential> {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(file);
    std::fs::write(&file, "canary-assertion").unwrap();
    let options = WorkloadIdentityCredentialOptions {
        credential_options: ClientAssertionCredentialOptions {
            client_options: options(simulator),
        },
        client_id: Some("client".to_owned()),
        tenant_id: Some("tenant".to_owned()),
        token_file_path: Some(file),
    };
    WorkloadIdentityCredential::new(Some(options)).unwrap()
}

#[tokio::test]
async fn a_workloads_assertion_becomes_a_token() {
    let simulator = started().await;
    let builder = foundry("").base_url(simulator.base_url());
    let client = client(builder.credentials(assertion(&simulator, "entra-assertion")));
    client.messages().create(params()).await.unwrap();
    let (paths, form) = asked(&simulator);
    assert_eq!(paths, ["/tenant/oauth2/v2.0/token", "/v1/messages"]);
    let wanted = "client_assertion=%5Bredacted%5D";
    let is_there = form.contains(wanted) || form.contains("client_assertion=[redacted]");
    assert!(is_there, "{form}");
}

/// At every level, of every crate: the secret, the assertion and what is issued for them, where it
/// works and where it is refused.
#[tokio::test]
async fn no_secret_is_logged() {
    let logs = anthropic_testkit::Logs::watch().unwrap();
    let simulator = started().await;
    let elsewhere = Simulator::builder().platform(Platform::Vertex);
    let elsewhere = elsewhere.start().await.unwrap();
    let at = || foundry("").base_url(simulator.base_url());
    let works = [
        client(at().credentials(secret(&simulator))),
        client(at().credentials(assertion(&simulator, "entra-logged"))),
    ];
    for client in works {
        client.messages().create(params()).await.unwrap();
    }
    let refused = client(at().credentials(secret(&elsewhere)));
    refused.messages().create(params()).await.unwrap_err();
    let text = logs.text();
    assert!(text.contains("/v1/messages"), "nothing was logged: {text}");
    for secret in ["canary", "sim-entra-"] {
        assert!(!text.contains(secret), "{secret} is in the log");
    }
}

/// Ten requests at once on a new client: one of them asks for the token.
#[tokio::test]
async fn a_token_is_asked_for_once() {
    let simulator = started().await;
    let builder = foundry("").base_url(simulator.base_url());
    let client = client(builder.credentials(secret(&simulator)));
    let mut requests = tokio::task::JoinSet::new();
    for _ in 0..10 {
        let client = client.clone();
        requests.spawn(async move { client.messages().create(params()).await });
    }
    while let Some(done) = requests.join_next().await {
        done.unwrap().unwrap();
    }
    let (paths, _) = asked(&simulator);
    let tokens = paths.iter().filter(|path| path.ends_with("/token"));
    assert_eq!((tokens.count(), paths.len()), (1, 11), "{paths:?}");
}

/// Requests at once whose token the server takes no longer, before its time: one makes the
/// credential anew, and asks for a token, for all.
#[tokio::test]
async fn a_refused_token_is_asked_for_once_more() {
    let simulator = Arc::new(started().await);
    let made = Arc::new(AtomicU32::new(0));
    let builder = foundry("").base_url(simulator.base_url());
    let builder = builder.renewable_credentials({
        let (made, simulator) = (Arc::clone(&made), Arc::clone(&simulator));
        move || {
            made.fetch_add(1, Ordering::Relaxed);
            Ok(secret(&simulator))
        }
    });
    let client = client(builder);
    client.messages().create(params()).await.unwrap();
    simulator.advance(Duration::from_hours(2));
    let create = || async { client.messages().create(params()).await.unwrap() };
    tokio::join!(create(), create(), create());
    let (paths, _) = asked(&simulator);
    let tokens = paths.iter().filter(|path| path.ends_with("/token"));
    assert_eq!(tokens.count(), 2, "{paths:?}");
    assert_eq!(made.load(Ordering::Relaxed), 2);
}

/// What the issuer says reaches the caller, and it is not asked again.
#[tokio::test]
async fn an_issuer_that_refuses_is_asked_once() {
    let simulator = started().await;
    // There is no endpoint for tokens of Entra's.
    let elsewhere = Simulator::builder().platform(Platform::Vertex);
    let elsewhere = elsewhere.start().await.unwrap();
    let builder = foundry("").base_url(simulator.base_url());
    let client = client(builder.credentials(secret(&elsewhere)));
    let request = client.messages().create(params()).max_retries(2);
    let error = request.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect);
    assert_eq!(error.attempts(), 1);
    assert!(!error.is_retryable());
    let line = error.to_string();
    assert!(line.contains("ClientSecretCredential"), "{line}");
    let text = format!("{line} {error:#?}");
    assert!(!text.contains("canary"), "{text}");
    assert!(simulator.requests().is_empty());
}

/// Fetches a token as a program's own closure does.
async fn fetched(url: String) -> anthropic::Result<String> {
    let form = "grant_type=client_credentials&client_id=client&client_secret=secret\
                &scope=https%3A%2F%2Fai.azure.com%2F.default";
    let request = http::Request::post(url).body(Body::from(form)).unwrap();
    let transport = HyperTransport::builder().build()?;
    let response = transport.send(request).await.unwrap();
    let token: serde_json::Value = response.into_body().json().await?;
    Ok(token["access_token"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_closure_is_asked_again_when_its_token_has_expired() {
    let simulator = started().await;
    let url = format!("{}/tenant/oauth2/v2.0/token", simulator.url());
    // As a program would, it keeps the token; it lets go of it too late.
    let (kept, count) = (Arc::default(), Arc::new(AtomicU32::new(0)));
    let builder = foundry("").base_url(simulator.base_url()).token({
        let (kept, count): (Arc<tokio::sync::Mutex<Option<String>>>, _) = (kept, count.clone());
        move || {
            let (kept, count, url) = (Arc::clone(&kept), Arc::clone(&count), url.clone());
            async move {
                let number = count.fetch_add(1, Ordering::Relaxed);
                let mut kept = kept.lock().await;
                match &*kept {
                    Some(token) if number < 2 => Ok(token.clone()),
                    _ => Ok(kept.insert(fetched(url).await?).clone()),
                }
            }
        }
    });
    let client = client(builder);
    client.messages().create(params()).await.unwrap();
    simulator.advance(Duration::from_hours(2));
    client.messages().create(params()).await.unwrap();
    assert_eq!(count.load(Ordering::Relaxed), 3);
}
