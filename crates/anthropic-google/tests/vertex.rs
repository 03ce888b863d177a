//! What Google's services are sent, and what becomes of what it responds with.

#![allow(clippy::unwrap_used, reason = "this is a test")]

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use anthropic::transport::{HttpRequest, HttpResponse, Transport, TransportError};
use anthropic::types::{MessageCountTokensParams, MessageCreateParams};
use anthropic::{BoxFuture, Client, CredentialKind, ErrorKind, middleware_fn};
use anthropic_google::{GoogleBuilder, vertex};
use anthropic_sim::{Platform, Simulator};
use bytes::Bytes;
use serde_json::{Value, json};

type Respond = Box<dyn Fn(&HttpRequest) -> http::Response<Bytes> + Send + Sync>;

/// Keeps the requests, and responds by a closure.
#[derive(Clone)]
struct Server(Arc<(Mutex<Vec<HttpRequest>>, Respond)>);

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Server")
    }
}

impl Server {
    fn new(respond: impl Fn(&HttpRequest) -> (u16, Value) + Send + Sync + 'static) -> Self {
        let respond = move |request: &HttpRequest| {
            let (status, body) = respond(request);
            let response = http::Response::builder().status(status);
            let response = response.header("content-type", "application/json");
            response.body(body.to_string().into()).unwrap()
        };
        Self(Arc::new((Mutex::default(), Box::new(respond))))
    }

    /// Responds with this stream.
    fn streaming(events: String) -> Self {
        let respond = move |_: &HttpRequest| {
            let response = http::Response::builder().header("content-type", "text/event-stream");
            response.body(events.clone().into()).unwrap()
        };
        Self(Arc::new((Mutex::default(), Box::new(respond))))
    }

    fn requests(&self) -> Vec<HttpRequest> {
        std::mem::take(&mut self.0.0.lock().unwrap())
    }

    fn request(&self) -> HttpRequest {
        let mut requests = self.requests();
        assert_eq!(requests.len(), 1);
        requests.remove(0)
    }

    fn client(&self, vertex: GoogleBuilder) -> Client {
        let client = Client::builder().platform(vertex.platform().unwrap());
        let client = client.transport(self.clone()).max_retries(0);
        client.build().unwrap()
    }
}

impl Transport for Server {
    fn send(
        &self,
        request: HttpRequest,
    ) -> BoxFuture<'static, Result<HttpResponse, TransportError>> {
        let response = (self.0.1)(&request).map(Into::into);
        self.0.0.lock().unwrap().push(request);
        Box::pin(async move { Ok(response) })
    }
}

fn message(_: &HttpRequest) -> (u16, Value) {
    let message = json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-opus-5-5",
        "content": [{"type": "text", "text": "Rhine"}], "stop_reason": "end_turn", "stop_sequence": null,
        "usage": {"input_tokens": 3, "output_tokens": 1}
    });
    (200, message)
}

fn body(request: &HttpRequest) -> Value {
    serde_json::from_slice(request.body().as_bytes().unwrap()).unwrap()
}

fn keyed() -> GoogleBuilder {
    vertex("us-central1", "my-project").access_token("token")
}

fn params(model: &str) -> MessageCreateParams {
    MessageCreateParams::new(model, 100).user("Name a river.")
}

#[tokio::test]
async fn the_model_is_in_the_path_and_the_version_in_the_body() {
    let server = Server::new(message);
    let client = server.client(keyed());
    let request = client.messages().create(params("claude-opus-5-5"));
    let request = request.beta("a-beta-2026-01-01").query("trace", "1");
    assert_eq!(request.await.unwrap().text(), "Rhine");
    let request = server.request();
    assert_eq!(
        request.uri().to_string(),
        "https://us-central1-aiplatform.googleapis.com/v1/projects/my-project/locations/us-central1/\
         publishers/anthropic/models/claude-opus-5-5:rawPredict?trace=1"
    );
    let wanted = json!({
        "max_tokens": 100,
        "messages": [{"role": "user", "content": "Name a river."}],
        "anthropic_version": anthropic::API_VERSION,
    });
    assert_eq!(body(&request), wanted);
    assert_eq!(request.headers()["authorization"], "Bearer token");
    assert!(request.headers()["authorization"].is_sensitive());
    assert_eq!(request.headers()["anthropic-beta"], "a-beta-2026-01-01");
}

#[tokio::test]
async fn names_of_models_stay_one_segment_of_the_path() {
    let server = Server::new(message);
    let client = server.client(keyed());
    for (model, segment) in [
        ("claude-3-5-sonnet@20240620", "claude-3-5-sonnet@20240620"),
        ("a/../b", "a%2F..%2Fb"),
        ("a;b?c#d", "a%3Bb%3Fc%23d"),
        ("ä %", "%C3%A4%20%25"),
    ] {
        client.messages().create(params(model)).await.unwrap();
        let request = server.request();
        let path = request.uri().path();
        assert!(
            path.ends_with(&format!("/models/{segment}:rawPredict")),
            "{path}"
        );
    }
    for model in ["", ".", "..", "..;x", ";x", "%2e%2E"] {
        let error = client.messages().create(params(model)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Request, "{model}");
        assert!(server.requests().is_empty());
    }
}

#[tokio::test]
async fn a_long_prompt_is_not_copied() {
    let server = Server::new(message);
    let prompt = "river ".repeat(100_000);
    let params = params("m").user(&*prompt);
    let sent = server.client(keyed()).messages().create(params).await;
    sent.unwrap();
    let request = server.request();
    assert_eq!(request.body().as_pieces().unwrap().len(), 3);
    assert_eq!(body(&request)["messages"][1]["content"], *prompt);
}

#[tokio::test]
async fn a_project_is_one_segment_of_the_path() {
    for project in ["..", ".", "%2e."] {
        let server = Server::new(message);
        let client = server.client(vertex("global", project).access_token("token"));
        let error = client.messages().create(params("m")).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Request);
        assert!(
            error.to_string().contains("could reach another path"),
            "{error}"
        );
        assert!(server.requests().is_empty());
    }
}

#[tokio::test]
async fn tokens_are_counted_for_the_model_in_the_body() {
    let server = Server::new(|_| (200, json!({"input_tokens": 7})));
    let client = server.client(keyed());
    let params = MessageCountTokensParams::from(params("claude-opus-5-5"));
    let count = client.messages().count_tokens(params).await.unwrap();
    assert_eq!(count.input_tokens, 7);
    let request = server.request();
    assert!(
        request
            .uri()
            .path()
            .ends_with("/models/count-tokens:rawPredict")
    );
    assert_eq!(body(&request)["model"], "claude-opus-5-5");
    assert_eq!(body(&request)["anthropic_version"], anthropic::API_VERSION);
}

#[tokio::test]
async fn the_callers_own_version_stays() {
    let server = Server::new(message);
    let client = server.client(keyed());
    let request = client.messages().create(params("m"));
    let request = request.extra_body("anthropic_version", "vertex-2023-10-16");
    request.await.unwrap();
    assert_eq!(
        body(&server.request())["anthropic_version"],
        "vertex-2023-10-16"
    );
}

#[tokio::test]
async fn googles_own_errors_have_the_kinds_of_the_apis() {
    for (status, name, kind) in [
        (429, "RESOURCE_EXHAUSTED", ErrorKind::RateLimited),
        (401, "UNAUTHENTICATED", ErrorKind::Authentication),
        (403, "PERMISSION_DENIED", ErrorKind::PermissionDenied),
        (404, "NOT_FOUND", ErrorKind::NotFound),
    ] {
        let error =
            json!({"error": {"code": status, "message": "quota of the project", "status": name}});
        let server = Server::new(move |_| (status, error.clone()));
        let error = server
            .client(keyed())
            .messages()
            .create(params("m"))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert_eq!(error.api_message(), Some("quota of the project"));
        assert_eq!(
            server.requests().len(),
            1,
            "a fixed token is not sent again"
        );
    }
}

/// The names count where the status says nothing: in a body with a status of success.
#[tokio::test]
async fn the_name_of_an_error_counts_where_the_status_says_nothing() {
    for (name, kind) in [
        ("INVALID_ARGUMENT", ErrorKind::InvalidRequest),
        ("FAILED_PRECONDITION", ErrorKind::InvalidRequest),
        ("OUT_OF_RANGE", ErrorKind::InvalidRequest),
        ("UNAUTHENTICATED", ErrorKind::Authentication),
        ("PERMISSION_DENIED", ErrorKind::PermissionDenied),
        ("NOT_FOUND", ErrorKind::NotFound),
        ("ABORTED", ErrorKind::Conflict),
        ("ALREADY_EXISTS", ErrorKind::Conflict),
        ("RESOURCE_EXHAUSTED", ErrorKind::RateLimited),
        ("INTERNAL", ErrorKind::Internal),
        ("UNKNOWN", ErrorKind::Internal),
        ("DATA_LOSS", ErrorKind::Internal),
        ("UNAVAILABLE", ErrorKind::Internal),
        ("DEADLINE_EXCEEDED", ErrorKind::RequestTimeout),
        ("ANOTHER", ErrorKind::Api),
    ] {
        let error = json!({"error": {"message": "quota of the project", "status": name}});
        let event = format!("data: {error}\n\n");
        let server = Server::new(move |request| {
            assert!(!request.uri().path().contains("stream"));
            (200, error.clone())
        });
        let sent = server.client(keyed()).messages().create(params("m")).await;
        let streamed = Server::streaming(event).client(keyed());
        let streamed = streamed.messages().stream(params("m")).await.unwrap();
        for error in [
            sent.unwrap_err(),
            streamed.final_message().await.unwrap_err(),
        ] {
            assert_eq!(error.kind(), kind, "{name}: {error}");
            assert_eq!(error.api_message(), Some("quota of the project"));
        }
    }
}

#[tokio::test]
async fn a_token_of_the_callers_own_wins() {
    for builder in [
        keyed(),
        anthropic_google::google_cloud("my-project", "wrkspc_1").access_token("token"),
        vertex("eu", "my-project").anonymous(),
    ] {
        let server = Server::new(message);
        let client = server.client(builder);
        let request = client.messages().create(params("m"));
        request
            .header("authorization", "Bearer mine")
            .await
            .unwrap();
        let own = client.to_builder().header("authorization", "Bearer mine");
        let own = own.build().unwrap();
        assert_eq!(own.credential_source().kind, CredentialKind::Header);
        own.messages().create(params("m")).await.unwrap();
        let middleware = middleware_fn(|mut request: HttpRequest, next| {
            let value = http::HeaderValue::from_static("Bearer mine");
            request.headers_mut().insert("authorization", value);
            Box::pin(async move { next.run(request).await })
        });
        let own = client.to_builder().middleware(middleware).build().unwrap();
        own.messages().create(params("m")).await.unwrap();
        let requests = server.requests();
        assert_eq!(requests.len(), 3);
        for request in requests {
            assert_eq!(request.headers()["authorization"], "Bearer mine");
        }
    }
}

#[tokio::test]
async fn a_refused_token_of_the_callers_own_is_not_sent_again() {
    let server = Server::new(|_| (401, json!({"error": {"message": "expired"}})));
    let client = server.client(vertex("global", "p").token(|| async { Ok("fetched") }));
    let request = client.messages().create(params("m"));
    let sent = request.header("authorization", "Bearer mine").await;
    assert_eq!(sent.unwrap_err().kind(), ErrorKind::Authentication);
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_refused_token_is_fetched_once_more() {
    let server = Server::new(|request| {
        if request.headers()["authorization"] == "Bearer token-1" {
            return message(request);
        }
        (
            401,
            json!({"error": {"code": 401, "message": "expired", "status": "UNAUTHENTICATED"}}),
        )
    });
    let count = AtomicU32::new(0);
    let client = server.client(vertex("global", "p").token(move || {
        let number = count.fetch_add(1, Ordering::Relaxed);
        async move { Ok(format!("token-{number}")) }
    }));
    client.messages().create(params("m")).await.unwrap();
    assert_eq!(server.requests().len(), 2);
}

/// A conversation that the API holds: the official client has it on Vertex AI, too.
#[tokio::test]
async fn vertex_serves_threads() {
    let simulator = Simulator::builder().platform(Platform::Vertex);
    let simulator = simulator.start().await.unwrap();
    let client = keyed().base_url(simulator.base_url()).platform().unwrap();
    let client = Client::builder().platform(client).build().unwrap();
    let mut thread = client.beta().messages().thread(params("claude-opus-5-5"));
    thread.send("And another one?").await.unwrap();
    thread.send("And a third?").await.unwrap();
    let requests = simulator.requests();
    let [first, second] = &requests[..] else {
        panic!("{requests:?}")
    };
    assert!(first.json()["thread"].is_object());
    // What is new alone.
    assert_eq!(second.json()["messages"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_vertex_lacks_is_refused_before_anything_is_sent() {
    let server = Server::new(message);
    let client = server.client(keyed());
    let error = client.models().retrieve("m").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.to_string().contains("vertex"), "{error}");
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn google_cloud_has_paths_of_workspaces_and_of_the_organization() {
    let server = Server::new(message);
    let builder = || anthropic_google::google_cloud("my-project", "wrkspc_1").access_token("token");
    let client = server.client(builder());
    let request = client.messages().create(params("claude-opus-5-5"));
    let request = request.beta("a-beta-2026-01-01").query("trace", "1");
    request.await.unwrap();
    let request = server.request();
    let place = "https://claude.googleapis.com/v1/projects/my-project/locations/global";
    let wanted = format!("{place}/workspaces/wrkspc_1/invoke/v1/messages?trace=1");
    assert_eq!(request.uri().to_string(), wanted);
    assert_eq!(body(&request)["model"], "claude-opus-5-5");
    assert_eq!(request.headers()["authorization"], "Bearer token");
    assert_eq!(
        request.headers()["anthropic-version"],
        anthropic::API_VERSION
    );
    for (path, owner) in [
        ("/v1/models", "workspaces/wrkspc_1"),
        ("/v1/user_profiles", "claudeOrganization"),
        ("/v1/user_profiles/p?x=1", "claudeOrganization"),
        ("/v1/user_profiles_of_others", "workspaces/wrkspc_1"),
        ("/v1/organizations/me", "claudeOrganization"),
    ] {
        _ = client.get::<Value>(path).await;
        let wanted = format!("{place}/{owner}/invoke{path}");
        assert_eq!(server.request().uri().to_string(), wanted);
    }
    let elsewhere = server.client(builder().location("us-east5"));
    elsewhere.messages().create(params("m")).await.unwrap();
    assert!(
        server
            .request()
            .uri()
            .path()
            .contains("/locations/us-east5/")
    );
    let gateway = server.client(builder().base_url("https://gw.example/claude/v1"));
    gateway.messages().create(params("m")).await.unwrap();
    let wanted = "https://gw.example/claude/v1/messages";
    assert_eq!(server.request().uri().to_string(), wanted);
}

#[tokio::test]
async fn a_workspace_is_missed_only_where_it_is_needed() {
    let server = Server::new(message);
    let builder = anthropic_google::google_cloud("my-project", "").access_token("token");
    let client = server.client(builder);
    let error = client.messages().create(params("m")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.to_string().contains("has no workspace"), "{error}");
    assert!(server.requests().is_empty());
    _ = client.get::<Value>("/v1/organizations/me").await;
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn no_token_is_shown() {
    let vertex = vertex("global", "p").access_token("canary-token");
    assert!(!format!("{vertex:?}").contains("canary"));
    let vertex = vertex.platform().unwrap();
    assert!(!format!("{vertex:?}").contains("canary"));
}

#[cfg(feature = "gcp-auth-0-12")]
mod providers {
    use super::*;
    use gcp_auth::{Error, Token, TokenProvider};

    /// A provider whose token server can't be reached at first.
    struct Provider {
        calls: Arc<AtomicU32>,
        failures: u32,
    }

    #[async_trait::async_trait]
    impl TokenProvider for Provider {
        async fn token(&self, scopes: &[&str]) -> Result<Arc<Token>, Error> {
            assert_eq!(scopes, ["https://www.googleapis.com/auth/cloud-platform"]);
            if self.calls.fetch_add(1, Ordering::Relaxed) < self.failures {
                return Err(Error::Str("the token server is away"));
            }
            tokio::task::yield_now().await;
            let token = json!({"access_token": "fetched", "expires_in": 3600});
            Ok(Arc::new(serde_json::from_value(token).unwrap()))
        }

        async fn project_id(&self) -> Result<Arc<str>, Error> {
            self.calls.fetch_add(100, Ordering::Relaxed);
            Ok("credentials-project".into())
        }
    }

    fn provided(project: &str, failures: u32) -> (GoogleBuilder, Arc<AtomicU32>) {
        let calls = Arc::default();
        let provider = Provider {
            calls: Arc::clone(&calls),
            failures,
        };
        (
            vertex("global", project).credentials(Arc::new(provider)),
            calls,
        )
    }

    #[tokio::test]
    async fn the_project_of_the_credential_is_asked_for_once() {
        let (builder, calls) = provided("", 0);
        let server = Server::new(message);
        let client = server.client(builder);
        for _ in 0..2 {
            client.messages().create(params("m")).await.unwrap();
            let request = server.request();
            let wanted = "/v1/projects/credentials-project/locations/global/";
            assert!(request.uri().path().starts_with(wanted));
            assert_eq!(request.headers()["authorization"], "Bearer fetched");
        }
        // And a token once.
        assert_eq!(calls.load(Ordering::Relaxed), 101);
    }

    #[tokio::test]
    async fn a_token_that_can_not_be_had_is_a_connection_that_is_tried_again() {
        let (builder, calls) = provided("p", 1);
        let server = Server::new(message);
        let client = server.client(builder);
        let error = client.messages().create(params("m")).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Connect);
        assert!(
            error.to_string().contains("the token server is away"),
            "{error}"
        );
        assert!(server.requests().is_empty());
        calls.store(0, Ordering::Relaxed);
        client
            .messages()
            .create(params("m"))
            .max_retries(1)
            .await
            .unwrap();
        assert_eq!(calls.load(Ordering::Relaxed), 2);
    }

    #[tokio::test]
    async fn requests_at_the_same_time_ask_for_a_token_once() {
        let (builder, calls) = provided("p", 0);
        let server = Server::new(message);
        let client = server.client(builder);
        let create = || async { client.messages().create(params("m")).await.unwrap() };
        tokio::join!(create(), create(), create());
        assert_eq!(server.requests().len(), 3);
        assert_eq!(calls.load(Ordering::Relaxed), 1);
    }

    /// A provider that knows no project, as of `gcloud` without a configuration.
    struct Homeless;

    #[async_trait::async_trait]
    impl TokenProvider for Homeless {
        async fn token(&self, _: &[&str]) -> Result<Arc<Token>, Error> {
            Err(Error::Str("not asked"))
        }

        async fn project_id(&self) -> Result<Arc<str>, Error> {
            Err(Error::Str("failed to get project ID from `gcloud`"))
        }
    }

    #[tokio::test]
    async fn a_credential_without_a_project_is_a_mistake() {
        let builder = vertex("global", "").credentials(Arc::new(Homeless));
        let client = Server::new(message).client(builder);
        let error = client.messages().create(params("m")).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains("has no project"), "{error}");
    }

    #[tokio::test]
    async fn a_refused_token_of_a_provider_is_not_sent_again() {
        let (builder, calls) = provided("p", 0);
        let error = json!({"error": {"code": 401, "message": "no", "status": "UNAUTHENTICATED"}});
        let server = Server::new(move |_| (401, error.clone()));
        let client = server.client(builder);
        let error = client.messages().create(params("m")).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Authentication);
        assert_eq!(
            (server.requests().len(), calls.load(Ordering::Relaxed)),
            (1, 1)
        );
    }
}
