//! One renewal for all requests that need it.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use anthropic::transport::{HttpRequest, HttpResponse, Transport, TransportError};
use anthropic::{BoxFuture, Client, ErrorKind};
use serde_json::json;
use tokio::sync::Semaphore;

use super::{Folder, builder, granted, ok, order, reply};
use crate::support::{Reply, Script, get};

/// Lets an exchange go on only when there is a permit for it.
#[derive(Debug, Clone)]
struct Gated {
    script: Script,
    permits: Arc<Semaphore>,
    /// A permit for each exchange that has come.
    came: Arc<Semaphore>,
}

impl Gated {
    fn new(replies: impl IntoIterator<Item = Reply>) -> Self {
        Self {
            script: Script::new(replies),
            permits: Arc::new(Semaphore::new(0)),
            came: Arc::new(Semaphore::new(0)),
        }
    }

    async fn exchange_comes(&self) {
        self.came.acquire().await.unwrap().forget();
    }
}

impl Transport for Gated {
    fn send(
        &self,
        request: HttpRequest,
    ) -> BoxFuture<'static, Result<HttpResponse, TransportError>> {
        let is_exchange = request.uri().path().ends_with("/v1/oauth/token");
        let gated = self.clone();
        Box::pin(async move {
            if is_exchange {
                gated.came.add_permits(1);
                gated.permits.acquire().await.unwrap().forget();
            }
            gated.script.send(request).await
        })
    }
}

fn client(gated: &Gated, folder: &Folder) -> Client {
    let builder = builder(&gated.script, folder.profile());
    builder.transport(gated.clone()).build().unwrap()
}

#[tokio::test]
async fn requests_at_the_same_time_share_it() {
    let folder = Folder::login(0);
    let gated = Gated::new([granted(1, 600)].into_iter().chain((0..20).map(|_| ok())));
    let client = client(&gated, &folder);
    let derived = client.to_builder().max_retries(3).build().unwrap();
    let requests: Vec<_> = (0..20)
        .map(|number| {
            let client = if number % 2 == 0 {
                client.clone()
            } else {
                derived.clone()
            };
            tokio::spawn(async move { get(&client).await })
        })
        .collect();
    gated.exchange_comes().await;
    gated.permits.add_permits(20);
    for request in requests {
        request.await.unwrap().unwrap();
    }
    let order = order(&gated.script);
    assert_eq!(order.iter().filter(|sent| *sent == "token").count(), 1);
    assert_eq!(order.len(), 21);
}

#[tokio::test]
async fn they_share_its_failure_too() {
    let folder = Folder::login(0);
    let gated = Gated::new([reply(400, &json!({"error": "invalid_grant"}))]);
    let client = client(&gated, &folder);
    let requests: Vec<_> = (0..5)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { get(&client).await })
        })
        .collect();
    gated.exchange_comes().await;
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    gated.permits.add_permits(5);
    for request in requests {
        let error = request.await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Authentication);
    }
    assert_eq!(order(&gated.script), ["token"]);
}

#[tokio::test]
async fn while_the_old_token_is_good_only_the_first_one_waits() {
    let folder = Folder::login(130);
    let calendar = super::Calendar::default();
    let gated = Gated::new([ok(), ok(), granted(1, 600), ok()]);
    let client = builder(&gated.script, folder.profile()).clock(calendar.clone());
    let client = client.transport(gated.clone()).build().unwrap();
    get(&client).await.unwrap();
    calendar.advance(20);
    let first = tokio::spawn({
        let client = client.clone();
        async move { get(&client).await }
    });
    gated.exchange_comes().await;
    get(&client).await.unwrap();
    gated.permits.add_permits(1);
    first.await.unwrap().unwrap();
    assert_eq!(
        order(&gated.script),
        ["access-0", "access-0", "token", "access-1"]
    );
}

/// Drops the first request while the token endpoint works for it: the second gets what came.
#[tokio::test]
async fn a_dropped_request_does_not_drop_the_renewal() {
    let folder = Folder::login(0);
    let gated = Gated::new([granted(1, 600), ok()]);
    let client = client(&gated, &folder);
    let mut first: Pin<Box<dyn Future<Output = _>>> = Box::pin(get(&client));
    poll_fn(|context| {
        assert!(first.as_mut().poll(context).is_pending());
        Poll::Ready(())
    })
    .await;
    gated.exchange_comes().await;
    drop(first);
    let second = tokio::spawn({
        let client = client.clone();
        async move { get(&client).await }
    });
    gated.permits.add_permits(1);
    second.await.unwrap().unwrap();
    assert_eq!(order(&gated.script), ["token", "access-1"]);
    assert_eq!(folder.stored(), super::tokens(1, 600));
}

/// A token that is refused while another one is fetched isn't used by those who come after that.
#[tokio::test]
async fn whoever_comes_after_the_refusal_gets_another_token() {
    let folder = Folder::login(600);
    let script = Script::new([Reply::status(401), granted(1, 600), ok(), ok()]);
    let client = builder(&script, folder.profile()).build().unwrap();
    get(&client).await.unwrap();
    get(&client).await.unwrap();
    assert_eq!(
        order(&script),
        ["access-0", "token", "access-1", "access-1"]
    );
}

/// A client that is used on one runtime, and on the next when that is gone.
#[test]
fn a_renewal_that_ended_with_its_runtime_is_begun_anew() {
    let folder = Folder::login(0);
    let gated = Gated::new([granted(1, 600), ok()]);
    let client = client(&gated, &folder);
    let runtime = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
    };
    let first = runtime();
    first.block_on(async {
        let request = tokio::spawn({
            let client = client.clone();
            async move { get(&client).await }
        });
        gated.exchange_comes().await;
        drop(request);
    });
    drop(first);
    gated.permits.add_permits(2);
    runtime().block_on(get(&client)).unwrap();
    assert_eq!(order(&gated.script), ["token", "access-1"]);
}

#[test]
fn without_a_runtime_there_is_an_error() {
    let folder = Folder::login(600);
    let script = Script::new([ok()]);
    let client = builder(&script, folder.profile()).build().unwrap();
    let mut request = Box::pin(get(&client));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match request.as_mut().poll(&mut context) {
        Poll::Ready(Err(error)) => assert!(error.to_string().contains("tokio runtime"), "{error}"),
        other => panic!("{other:?}"),
    }
}
