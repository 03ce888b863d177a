//! A request that is dropped, at every point of its way, loses no token.

use std::future::{Future, poll_fn};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::Poll;

use anthropic::transport::{Body, HttpRequest, HttpResponse, Transport, TransportError};
use anthropic::{BoxFuture, Client};
use serde_json::{Value, json};

use super::{Calendar, Folder};
use crate::support::{get, traces};

/// A server that takes a refresh token once, and waits in several places.
#[derive(Debug, Clone, Default)]
struct Strict(Arc<AtomicU32>);

impl Strict {
    fn exchange(&self, grant: &Value) -> (u16, Value) {
        let number = self.0.load(Ordering::SeqCst);
        if grant["refresh_token"] != format!("canary-refresh-{number}") {
            return (400, json!({"error": "invalid_grant"}));
        }
        self.0.store(number + 1, Ordering::SeqCst);
        let mut tokens = super::tokens(number + 1, 0);
        tokens["expires_in"] = 600.into();
        (200, tokens)
    }
}

impl Transport for Strict {
    fn send(
        &self,
        request: HttpRequest,
    ) -> BoxFuture<'static, Result<HttpResponse, TransportError>> {
        let strict = self.clone();
        Box::pin(async move {
            tokio::task::yield_now().await;
            let (parts, body) = request.into_parts();
            let body = body.bytes().await.map_err(TransportError::io)?;
            let (status, reply) = if parts.uri.path().ends_with("/v1/oauth/token") {
                strict.exchange(&serde_json::from_slice(&body).unwrap())
            } else {
                (200, json!({}))
            };
            tokio::task::yield_now().await;
            let mut response = HttpResponse::new(Body::from(reply.to_string()));
            *response.status_mut() = status.try_into().unwrap();
            let json = http::HeaderValue::from_static("application/json");
            response.headers_mut().insert("content-type", json);
            Ok(response)
        })
    }
}

fn client(strict: &Strict, folder: &Folder) -> Client {
    traces::watch();
    let builder = Client::builder().transport(strict.clone());
    let builder = builder.clock(Calendar::default()).max_retries(0);
    builder.credentials(folder.profile()).build().unwrap()
}

/// Polls a request so many times, turn by turn, and drops it. Whether it came to its end.
async fn dropped_after(client: &Client, polls: u32) -> bool {
    let mut request = Box::pin(get(client));
    for _ in 0..polls {
        let polled = poll_fn(|context| Poll::Ready(request.as_mut().poll(context))).await;
        if let Poll::Ready(response) = polled {
            response.unwrap();
            return true;
        }
        tokio::task::yield_now().await;
        // What is done on other threads goes on, too.
        std::thread::yield_now();
    }
    false
}

#[tokio::test]
async fn at_every_point() {
    let mut polls = 0;
    loop {
        let folder = Folder::login(0);
        let strict = Strict::default();
        let first = client(&strict, &folder);
        let is_over = dropped_after(&first, polls).await;
        // As another process would: the lock makes it wait for the renewal, if there is one.
        let second = client(&strict, &folder);
        get(&second).await.unwrap();
        get(&first).await.unwrap();
        assert_eq!(strict.0.load(Ordering::SeqCst), 1, "{polls}");
        assert_eq!(folder.stored(), super::tokens(1, 600), "{polls}");
        if is_over {
            break;
        }
        // Every point, but where files are waited for so long that most are the same one.
        polls += 1 + polls / 64;
    }
    assert!(polls > 3, "{polls}");
}
