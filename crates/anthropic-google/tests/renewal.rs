//! Providers of tokens that are made anew when Google has refused a token of theirs.

#![cfg(feature = "gcp-auth-0-12")]
#![allow(clippy::unwrap_used, reason = "this is a test")]

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use anthropic::transport::{HttpRequest, HttpResponse, Transport, TransportError};
use anthropic::types::MessageCreateParams;
use anthropic::{BoxFuture, Client, ErrorKind};
use anthropic_google::vertex;
use gcp_auth::{Error, Token, TokenProvider};
use http::Response;
use serde_json::json;

/// Takes the token of this number alone, once `at_once` requests have come with another.
#[derive(Debug, Clone)]
struct Server {
    takes: &'static str,
    at_once: usize,
    /// The tokens that were sent, with the path.
    sent: Arc<Mutex<Vec<(String, String)>>>,
}

impl Transport for Server {
    fn send(
        &self,
        request: HttpRequest,
    ) -> BoxFuture<'static, Result<HttpResponse, TransportError>> {
        let server = self.clone();
        Box::pin(async move {
            let token = request.headers()["authorization"].to_str().unwrap();
            let path = request.uri().path().to_owned();
            server.sent.lock().unwrap().push((token.to_owned(), path));
            let (status, body) = if token == server.takes {
                let message = json!({
                    "id": "msg_1", "type": "message", "role": "assistant", "model": "m",
                    "content": [], "stop_reason": "end_turn", "stop_sequence": null,
                    "usage": {"input_tokens": 3, "output_tokens": 1}
                });
                (200, message)
            } else {
                while server.sent.lock().unwrap().len() < server.at_once {
                    tokio::task::yield_now().await;
                }
                let error = json!({"code": 401, "message": "no", "status": "UNAUTHENTICATED"});
                (401, json!({"error": error}))
            };
            let response = Response::builder().status(status);
            let response = response.header("content-type", "application/json");
            Ok(response.body(body.to_string().into()).unwrap())
        })
    }
}

/// Has one token as long as it is there, as those of the crate.
struct Numbered(u32);

#[async_trait::async_trait]
impl TokenProvider for Numbered {
    async fn token(&self, _: &[&str]) -> Result<Arc<Token>, Error> {
        tokio::task::yield_now().await;
        let token = json!({"access_token": format!("token-{}", self.0), "expires_in": 3600});
        Ok(Arc::new(serde_json::from_value(token).unwrap()))
    }

    async fn project_id(&self) -> Result<Arc<str>, Error> {
        Ok("its-project".into())
    }
}

/// A client, and how many providers were made for it.
fn client(server: &Server, project: &str) -> (Client, Arc<AtomicU32>) {
    let made = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&made);
    let platform = vertex("global", project).renewable_credentials(move || {
        let number = count.fetch_add(1, Ordering::Relaxed);
        async move { Ok(Arc::new(Numbered(number)) as Arc<dyn TokenProvider>) }
    });
    let client = Client::builder().platform(platform.platform().unwrap());
    let client = client.transport(server.clone()).max_retries(3);
    (client.build().unwrap(), made)
}

fn params() -> MessageCreateParams {
    MessageCreateParams::new("m", 100).user("Name a river.")
}

fn server(takes: &'static str, at_once: usize) -> Server {
    Server {
        takes,
        at_once,
        sent: Arc::default(),
    }
}

/// One request makes the provider anew for all whose token was refused.
#[tokio::test]
async fn a_provider_that_is_made_anew_has_another_token() {
    let server = server("Bearer token-1", 3);
    let (client, made) = client(&server, "");
    let create = || async { client.messages().create(params()).await.unwrap() };
    tokio::join!(create(), create(), create());
    create().await;
    let sent = server.sent.lock().unwrap();
    let refused = sent.iter().filter(|(token, _)| token == "Bearer token-0");
    assert_eq!((refused.count(), sent.len()), (3, 7), "{sent:?}");
    assert_eq!(made.load(Ordering::Relaxed), 2);
    assert!(sent[0].1.contains("/its-project/"), "{sent:?}");
}

#[tokio::test]
async fn a_second_token_that_is_refused_is_not_renewed() {
    let server = server("none", 1);
    let (client, made) = client(&server, "p");
    let error = client.messages().create(params()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Authentication);
    assert_eq!(server.sent.lock().unwrap().len(), 2);
    assert_eq!(made.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn a_provider_that_can_not_be_made_is_a_mistake() {
    let server = server("none", 1);
    let platform = vertex("global", "p")
        .renewable_credentials(|| async { Err(Error::Str("the key can't be read")) });
    let client = Client::builder().platform(platform.platform().unwrap());
    let client = client.transport(server.clone()).build().unwrap();
    let error = client.messages().create(params()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(
        error.to_string().contains("the key can't be read"),
        "{error}"
    );
    assert!(server.sent.lock().unwrap().is_empty());
}
