//! What Foundry is sent, and the contract that every platform has to keep.

#![allow(clippy::unwrap_used, reason = "this is a test")]

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use anthropic::transport::{HttpRequest, HttpResponse, Transport, TransportError};
use anthropic::types::MessageCreateParams;
use anthropic::{BoxFuture, Client, CredentialKind, ErrorKind};
use anthropic_azure::{FoundryBuilder, foundry};
use anthropic_testkit::{PlatformSuite, Received, Request, Response, Service};
use serde_json::json;

const SECRET: &str = "canary-key";

/// Keeps the requests, and responds with a message that has these headers.
#[derive(Debug, Clone, Default)]
struct Server(
    Arc<Mutex<Vec<HttpRequest>>>,
    &'static [(&'static str, &'static str)],
);

impl Server {
    fn requests(&self) -> Vec<HttpRequest> {
        std::mem::take(&mut self.0.lock().unwrap())
    }

    fn client(&self, foundry: FoundryBuilder) -> Client {
        let client = Client::builder().platform(foundry.platform().unwrap());
        let client = client.transport(self.clone()).max_retries(0);
        client.build().unwrap()
    }
}

impl Transport for Server {
    fn send(
        &self,
        request: HttpRequest,
    ) -> BoxFuture<'static, Result<HttpResponse, TransportError>> {
        self.0.lock().unwrap().push(request);
        let message = json!({
            "id": "msg_1", "type": "message", "role": "assistant", "model": "m", "stop_reason": "end_turn",
            "content": [{"type": "text", "text": "Rhine"}], "stop_sequence": null,
            "usage": {"input_tokens": 3, "output_tokens": 1}
        });
        let mut response = http::Response::builder().header("content-type", "application/json");
        for (name, value) in self.1 {
            response = response.header(*name, *value);
        }
        let response = response.body(bytes::Bytes::from(message.to_string()));
        Box::pin(async move { Ok(response.unwrap().map(Into::into)) })
    }
}

fn params() -> MessageCreateParams {
    MessageCreateParams::new("my-deployment", 100).user("Name a river.")
}

#[tokio::test]
async fn requests_keep_the_apis_form_and_have_the_key_twice() {
    let server = Server::default();
    let client = server.client(foundry("my-resource").api_key("key"));
    let request = client.beta().messages().create(params());
    let message = request.beta("one-2026-01-01").await.unwrap();
    assert_eq!(message.text(), "Rhine");
    let request = server.requests().remove(0);
    assert_eq!(
        request.uri().to_string(),
        "https://my-resource.services.ai.azure.com/anthropic/v1/messages"
    );
    let headers = request.headers();
    for name in ["x-api-key", "api-key"] {
        assert_eq!(headers[name], "key");
        assert!(headers[name].is_sensitive());
    }
    assert!(!headers.contains_key("authorization"));
    assert_eq!(headers["anthropic-beta"], "one-2026-01-01");
    let body = request.body().as_bytes().unwrap();
    let body: serde_json::Value = serde_json::from_slice(body).unwrap();
    assert_eq!(body["model"], "my-deployment");
}

#[tokio::test]
async fn a_token_wins_over_a_key() {
    let server = Server::default();
    let builder = foundry("r").api_key("key").token(|| async { Ok("token") });
    server
        .client(builder)
        .messages()
        .create(params())
        .await
        .unwrap();
    let request = server.requests().remove(0);
    assert_eq!(request.headers()["authorization"], "Bearer token");
    assert!(!request.headers().contains_key("x-api-key"));
    assert!(!request.headers().contains_key("api-key"));
}

#[tokio::test]
async fn models_and_batches_are_refused_before_anything_is_sent() {
    let server = Server::default();
    let client = server.client(foundry("r").api_key("key"));
    let models = client.models().retrieve("m").await.unwrap_err();
    let batches = client.messages().batches().retrieve("b").await.unwrap_err();
    for error in [models, batches] {
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(error.to_string().contains("foundry"), "{error}");
    }
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn the_gateways_request_id_stands_for_one_that_is_missing() {
    const GATEWAY: (&str, &str) = ("apim-request-id", "apim-1");
    const OLDER: (&str, &str) = ("x-ms-request-id", "ms-1");
    for (headers, wanted) in [
        (&[][..], None),
        (&[GATEWAY], Some("apim-1")),
        (&[OLDER], Some("ms-1")),
        (&[OLDER, GATEWAY], Some("apim-1")),
        (&[GATEWAY, ("request-id", "req_1")], Some("req_1")),
    ] {
        let server = Server(Arc::default(), headers);
        let client = server.client(foundry("r").api_key("key"));
        let response = client.messages().create(params()).with_response();
        assert_eq!(response.await.unwrap().request_id(), wanted, "{headers:?}");
    }
}

#[tokio::test]
async fn where_the_credential_comes_from_is_known() {
    for (builder, wanted) in [
        (foundry("r").api_key("key"), CredentialKind::PlatformKey),
        (
            foundry("r").token(|| async { Ok("token") }),
            CredentialKind::PlatformToken,
        ),
        (foundry("r").anonymous(), CredentialKind::Anonymous),
    ] {
        let client = Server::default().client(builder);
        assert_eq!(client.credential_source(), wanted.into());
    }
}

/// Foundry's servers: they take one key, or any token that begins with it.
#[derive(Debug)]
struct Servers {
    header: &'static str,
    prefix: String,
}

impl Service for Servers {
    fn receive(&self, mut request: Request) -> Received {
        let given = request.headers().get(self.header);
        let given = given.and_then(|it| it.to_str().ok()).unwrap_or_default();
        if !given.starts_with(&self.prefix) {
            return Received::Refused(format!("not the credential: {given}"));
        }
        let target = request.uri().path_and_query().unwrap().as_str();
        let Some(target) = target.strip_prefix("/anthropic") else {
            return Received::Refused(format!("{target} is elsewhere"));
        };
        *request.uri_mut() = target.parse().unwrap();
        Received::Api(request)
    }

    /// With the gateway's own id alone.
    fn respond(&self, _: &Request, mut response: Response) -> Response {
        let headers = response.headers_mut();
        if let Some(id) = headers.remove("request-id") {
            headers.insert("apim-request-id", id);
        }
        response
    }
}

fn suite(
    configure: impl Fn(FoundryBuilder) -> FoundryBuilder + Send + Sync + 'static,
) -> PlatformSuite {
    anthropic_testkit::platform(move |client| {
        let foundry = configure(foundry("my-resource"));
        client.platform(foundry.platform().unwrap())
    })
    .secret(SECRET)
}

#[tokio::test]
async fn foundry_with_a_key_is_a_platform() {
    let servers = Servers {
        header: "x-api-key",
        prefix: SECRET.to_owned(),
    };
    let suite = suite(|foundry| foundry.api_key(SECRET)).service(servers);
    suite.run().await.assert();
}

#[tokio::test]
async fn foundry_with_a_closure_is_a_platform() {
    let servers = Servers {
        header: "authorization",
        prefix: format!("Bearer {SECRET}"),
    };
    let count = Arc::new(AtomicU32::new(0));
    let suite = suite(move |foundry| {
        let count = Arc::clone(&count);
        foundry.token(move || {
            let number = count.fetch_add(1, Ordering::Relaxed);
            async move {
                tokio::task::yield_now().await;
                Ok(format!("{SECRET}-{number}"))
            }
        })
    });
    suite.service(servers).renews().run().await.assert();
}

#[cfg(feature = "azure-core-1")]
mod entra {
    use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
    use azure_core::error::{Error, ErrorKind as Kind};
    use azure_core::time::OffsetDateTime;

    use super::*;

    /// A credential whose server can't be reached at first.
    #[derive(Debug, Default)]
    struct Credential {
        failures: AtomicU32,
        /// The status that the issuer fails with, if it can be reached.
        status: Option<u16>,
    }

    #[async_trait::async_trait]
    impl TokenCredential for Credential {
        async fn get_token(
            &self,
            scopes: &[&str],
            _: Option<TokenRequestOptions<'_>>,
        ) -> azure_core::Result<AccessToken> {
            assert_eq!(scopes, ["https://ai.azure.com/.default"]);
            if self.failures.load(Ordering::Relaxed) > 0 {
                self.failures.fetch_sub(1, Ordering::Relaxed);
                if let Some(status) = self.status {
                    let kind = Kind::HttpResponse {
                        status: status.into(),
                        error_code: None,
                        raw_response: None,
                    };
                    let response = Error::with_message(kind, "the issuer says no");
                    return Err(Error::with_error(Kind::Credential, response, "no token"));
                }
                return Err(Error::with_message(Kind::Credential, "the server is away"));
            }
            Ok(AccessToken::new("fetched", OffsetDateTime::now_utc()))
        }
    }

    /// Has a token for an hour, which its `Debug` shows.
    #[derive(Debug)]
    struct Steady {
        token: &'static str,
        expires_on: OffsetDateTime,
    }

    #[async_trait::async_trait]
    impl TokenCredential for Steady {
        async fn get_token(
            &self,
            _: &[&str],
            _: Option<TokenRequestOptions<'_>>,
        ) -> azure_core::Result<AccessToken> {
            Ok(AccessToken::new(self.token, self.expires_on))
        }
    }

    fn steady() -> Steady {
        Steady {
            token: SECRET,
            expires_on: OffsetDateTime::now_utc() + std::time::Duration::from_secs(3600),
        }
    }

    #[tokio::test]
    async fn foundry_with_a_credential_is_a_platform() {
        let servers = Servers {
            header: "authorization",
            prefix: format!("Bearer {SECRET}"),
        };
        let suite = suite(|foundry| foundry.credentials(Arc::new(steady())));
        suite.service(servers).run().await.assert();
    }

    #[tokio::test]
    async fn the_expiry_of_a_token_is_known_once_there_is_one() {
        let steady = steady();
        let expiry = std::time::SystemTime::from(steady.expires_on);
        let client = Server::default().client(foundry("r").credentials(Arc::new(steady)));
        let source = client.credential_source();
        assert_eq!(source, CredentialKind::PlatformToken.into());
        client.messages().create(params()).await.unwrap();
        assert_eq!(client.credential_source(), source.expires_at(expiry));
    }

    #[tokio::test]
    async fn a_credential_is_asked_for_its_token() {
        let server = Server::default();
        let client = server.client(foundry("r").credentials(Arc::new(Credential::default())));
        client.messages().create(params()).await.unwrap();
        let request = server.requests().remove(0);
        assert_eq!(request.headers()["authorization"], "Bearer fetched");
    }

    #[tokio::test]
    async fn a_token_that_can_not_be_had_is_a_connection_that_is_tried_again() {
        let server = Server::default();
        let credential = Arc::new(Credential::default());
        let client = server.client(foundry("r").credentials(credential.clone()));
        credential.failures.store(1, Ordering::Relaxed);
        let error = client.messages().create(params()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Connect);
        assert!(error.to_string().contains("the server is away"), "{error}");
        credential.failures.store(1, Ordering::Relaxed);
        let request = client.messages().create(params()).max_retries(1);
        request.await.unwrap();
        assert_eq!(server.requests().len(), 1);
    }

    #[tokio::test]
    async fn what_the_issuer_refuses_is_not_asked_for_again() {
        for (status, is_retryable) in [
            (400, false),
            (401, false),
            (403, false),
            (408, true),
            (429, true),
            (500, true),
        ] {
            let server = Server::default();
            let credential = Arc::new(Credential {
                failures: AtomicU32::new(1),
                status: Some(status),
            });
            let client = server.client(foundry("r").credentials(credential));
            let error = client.messages().create(params()).await.unwrap_err();
            assert_eq!(error.is_retryable(), is_retryable, "{status}: {error}");
            assert_eq!(error.kind(), ErrorKind::Connect);
            assert!(error.to_string().contains("the issuer says no"), "{error}");
            assert!(server.requests().is_empty());
        }
    }
}
