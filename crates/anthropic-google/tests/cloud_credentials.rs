//! Credentials of the crate `google-cloud-auth`.

#![allow(clippy::unwrap_used, reason = "this is a test")]

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use anthropic::transport::{HttpRequest, HttpResponse, Transport, TransportError};
use anthropic::types::MessageCreateParams;
use anthropic::{BoxFuture, Client, ErrorKind};
use anthropic_google::{google_cloud, vertex};
use google_cloud_auth::credentials::{CacheableResource, CredentialsProvider, EntityTag};
use google_cloud_auth::errors::CredentialsError;
use http::{Extensions, HeaderMap};
use serde_json::json;

const SECRET: &str = "canary-token";

/// Fails a few times, then has headers.
#[derive(Debug, Clone)]
struct Provider {
    asked: Arc<AtomicU32>,
    failures: u32,
    is_transient: bool,
    /// So that its `Debug` has it.
    token: &'static str,
}

fn provider(failures: u32, is_transient: bool) -> Provider {
    Provider {
        asked: Arc::default(),
        failures,
        is_transient,
        token: SECRET,
    }
}

impl CredentialsProvider for Provider {
    async fn headers(
        &self,
        _: Extensions,
    ) -> Result<CacheableResource<HeaderMap>, CredentialsError> {
        if self.asked.fetch_add(1, Ordering::Relaxed) < self.failures {
            let message = "the token server is away";
            return Err(CredentialsError::from_msg(self.is_transient, message));
        }
        let mut data = HeaderMap::new();
        let token = format!("Bearer {}", self.token);
        data.insert("authorization", token.parse().unwrap());
        data.insert("x-goog-user-project", "quota-project".parse().unwrap());
        let entity_tag = EntityTag::new();
        Ok(CacheableResource::New { entity_tag, data })
    }

    async fn universe_domain(&self) -> Option<String> {
        None
    }
}

/// Keeps the requests, and responds with a message.
#[derive(Debug, Clone, Default)]
struct Server(Arc<Mutex<Vec<HttpRequest>>>);

impl Transport for Server {
    fn send(
        &self,
        request: HttpRequest,
    ) -> BoxFuture<'static, Result<HttpResponse, TransportError>> {
        self.0.lock().unwrap().push(request);
        let message = json!({
            "id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": [],
            "stop_reason": "end_turn", "stop_sequence": null,
            "usage": {"input_tokens": 1, "output_tokens": 1},
        });
        let response = http::Response::builder().header("content-type", "application/json");
        let response = response.body(message.to_string().into()).unwrap();
        Box::pin(async { Ok(response) })
    }
}

fn client(server: &Server, provider: &Provider) -> Client {
    let vertex = vertex("eu", "p").cloud_credentials(provider.clone().into());
    assert!(!format!("{vertex:?}").contains(SECRET));
    let client = Client::builder().platform(vertex.platform().unwrap());
    client.transport(server.clone()).build().unwrap()
}

fn params() -> MessageCreateParams {
    MessageCreateParams::new("m", 16).user("Hello")
}

#[tokio::test]
async fn every_attempt_has_the_headers_of_the_credentials() {
    let (server, provider) = (Server::default(), provider(0, true));
    let client = client(&server, &provider);
    assert!(!format!("{client:?}").contains(SECRET));
    for _ in 0..2 {
        client.messages().create(params()).await.unwrap();
    }
    assert_eq!(provider.asked.load(Ordering::Relaxed), 2);
    let requests = server.0.lock().unwrap();
    for request in requests.iter() {
        let authorization = &request.headers()["authorization"];
        assert_eq!(authorization, "Bearer canary-token");
        assert!(authorization.is_sensitive());
        assert_eq!(request.headers()["x-goog-user-project"], "quota-project");
    }
}

#[tokio::test]
async fn a_transient_failure_is_retried_and_another_is_not() {
    for is_transient in [true, false] {
        let (server, provider) = (Server::default(), provider(1, is_transient));
        let error = client(&server, &provider)
            .messages()
            .create(params())
            .max_retries(0)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Connect);
        assert_eq!(error.is_retryable(), is_transient);
        assert!(
            error.to_string().contains("the token server is away"),
            "{error}"
        );
        assert!(!format!("{error:?}").contains(SECRET));
        assert!(server.0.lock().unwrap().is_empty());
    }
}

#[tokio::test]
async fn the_other_service_takes_them_too() {
    let (server, provider) = (Server::default(), provider(0, true));
    let cloud = google_cloud("p", "w").cloud_credentials(provider.into());
    let client = Client::builder().platform(cloud.platform().unwrap());
    let client = client.transport(server.clone()).build().unwrap();
    client.messages().create(params()).await.unwrap();
    let requests = server.0.lock().unwrap();
    assert_eq!(
        requests[0].headers()["authorization"],
        "Bearer canary-token"
    );
}

#[tokio::test]
async fn without_a_project_nothing_is_built() {
    let vertex = vertex("eu", "").cloud_credentials(provider(0, true).into());
    let error = vertex.platform().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.to_string().contains("project"), "{error}");
}
