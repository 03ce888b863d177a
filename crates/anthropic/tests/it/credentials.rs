//! Credentials that are fetched: who shares them, and what happens when they are refused.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use anthropic::platform::{AttemptContext, Credentials, MaybeReady, credentials_fn};
use anthropic::transport::HttpRequest;
use anthropic::{
    Client, CredentialKind, CredentialSource, ErrorKind, RequestOptions, Result, middleware_fn,
};
use http::{HeaderMap, HeaderValue};

use crate::support::{Reply, Script, get};

/// A token that is fetched once, and anew when it was refused.
#[derive(Debug, Default)]
struct Cached {
    fetched: AtomicU32,
    token: Mutex<Option<HeaderValue>>,
    refused: Mutex<Vec<HeaderMap>>,
}

impl Credentials for Cached {
    fn headers<'a>(&'a self, _: &'a AttemptContext) -> MaybeReady<'a, Result<HeaderMap>> {
        let mut token = self.token.lock().unwrap();
        let value = token.get_or_insert_with(|| {
            let number = self.fetched.fetch_add(1, Ordering::Relaxed);
            HeaderValue::from_str(&format!("Bearer token-{number}")).unwrap()
        });
        let headers = HeaderMap::from_iter([(http::header::AUTHORIZATION, value.clone())]);
        MaybeReady::ready(Ok(headers))
    }

    fn refused(&self, used: &HeaderMap) -> bool {
        self.refused.lock().unwrap().push(used.clone());
        let mut token = self.token.lock().unwrap();
        if token.as_ref() == used.get("authorization") {
            *token = None;
        }
        true
    }
}

fn tokens(script: &Script) -> Vec<String> {
    let sent = script.take();
    let token = sent
        .iter()
        .map(|sent| sent.header("authorization").unwrap().to_owned());
    token.collect()
}

#[test]
fn the_source_is_that_of_the_credential_as_it_is_now() {
    #[derive(Debug)]
    struct Renewed(Mutex<CredentialSource>);

    impl Credentials for Renewed {
        fn headers<'a>(&'a self, _: &'a AttemptContext) -> MaybeReady<'a, Result<HeaderMap>> {
            MaybeReady::ready(Ok(HeaderMap::new()))
        }

        fn source(&self) -> CredentialSource {
            self.0.lock().unwrap().clone()
        }
    }

    let at = |seconds| {
        let expiry = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        CredentialSource::new(CredentialKind::Custom)
            .file("token")
            .expires_at(expiry)
    };
    let credentials = Arc::new(Renewed(Mutex::new(at(1))));
    let client = Client::builder()
        .transport(Script::new([]))
        .credentials(credentials.clone())
        .build()
        .unwrap();
    assert_eq!(client.credential_source(), at(1));
    *credentials.0.lock().unwrap() = at(2);
    assert_eq!(client.credential_source(), at(2));
}

#[tokio::test]
async fn derived_clients_share_the_cache() {
    let script = Script::new((0..3).map(|_| Reply::json("{}")));
    let credentials = Arc::new(Cached::default());
    let client = Client::builder()
        .transport(script.clone())
        .credentials(credentials.clone())
        .build()
        .unwrap();
    let derived = client.to_builder().max_retries(7).build().unwrap();
    for client in [&client, &derived, &client.clone()] {
        get(client).await.unwrap();
    }
    assert_eq!(tokens(&script), ["Bearer token-0"; 3]);
    assert_eq!(credentials.fetched.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn what_one_of_them_renews_is_new_for_all() {
    let script = Script::new([
        Reply::json("{}"),
        Reply::status(401),
        Reply::json("{}"),
        Reply::json("{}"),
        Reply::json("{}"),
    ]);
    let client = Client::builder()
        .transport(script.clone())
        .credentials(Cached::default())
        .build()
        .unwrap();
    let derived = client.to_builder().max_retries(0).build().unwrap();
    get(&client).await.unwrap();
    get(&derived).await.unwrap();
    get(&client).await.unwrap();
    // One with a credential of its own leaves the cache alone.
    let own = client.to_builder().auth_token("own").build().unwrap();
    get(&own).await.unwrap();
    let expected = ["token-0", "token-0", "token-1", "token-1", "own"];
    assert_eq!(
        tokens(&script),
        expected.map(|token| format!("Bearer {token}"))
    );
}

/// A request of the same content.
fn again(request: &HttpRequest) -> HttpRequest {
    let mut copy = HttpRequest::new(request.body().try_clone().unwrap());
    *copy.method_mut() = request.method().clone();
    *copy.uri_mut() = request.uri().clone();
    *copy.headers_mut() = request.headers().clone();
    *copy.extensions_mut() = request.extensions().clone();
    copy
}

#[tokio::test]
async fn a_middleware_that_runs_the_rest_twice_is_authorized_twice() {
    let script = Script::new([
        // Of one attempt: the first is dropped by the middleware, the second is refused.
        Reply::status(500),
        Reply::status(401),
        // Of the attempt with the renewed credential.
        Reply::status(500),
        Reply::json(r#"{"ok":true}"#),
    ]);
    let credentials = Arc::new(Cached::default());
    let twice = middleware_fn(|request, next| {
        Box::pin(async move {
            let second = again(&request);
            let first = next.run(request).await?;
            assert_eq!(first.status(), 500);
            next.run(second).await
        })
    });
    let client = Client::builder()
        .transport(script.clone())
        .credentials(credentials.clone())
        .middleware(twice)
        .max_retries(0)
        .build()
        .unwrap();
    let request = client.post::<serde_json::Value>("/v1/thing").json(&[1, 2]);
    let response = request.with_response().await.unwrap();
    assert_eq!(response["ok"], true);
    assert_eq!(response.meta().attempts(), 2);
    let sent = script.sent();
    assert!(sent.iter().all(|sent| sent.body == "[1,2]"));
    let expected = ["token-0", "token-0", "token-1", "token-1"];
    assert_eq!(
        tokens(&script),
        expected.map(|token| format!("Bearer {token}"))
    );
    // The credential of the exchange whose response came back was the refused one.
    let refused = credentials.refused.lock().unwrap().clone();
    let used: Vec<_> = refused.iter().map(|used| &used["authorization"]).collect();
    assert_eq!(used, ["Bearer token-0"]);
}

#[tokio::test]
async fn a_closure_says_whether_its_token_can_be_renewed() {
    let fetch = || {
        let count = Arc::new(AtomicU32::new(0));
        let counted = count.clone();
        let fetch = move || {
            let number = counted.fetch_add(1, Ordering::Relaxed);
            async move { Ok(format!("token-{number}")) }
        };
        (fetch, count)
    };
    let client = |script: &Script| Client::builder().transport(script.clone()).max_retries(0);

    let script = Script::new([Reply::status(401), Reply::json("{}")]);
    let (renewing, count) = fetch();
    let renewing = client(&script).credentials(credentials_fn(renewing));
    get(&renewing.build().unwrap()).await.unwrap();
    assert_eq!(count.load(Ordering::Relaxed), 2);

    let script = Script::new([Reply::status(401), Reply::json("{}")]);
    let (fixed, count) = fetch();
    let fixed = client(&script).credentials(credentials_fn(fixed).renewable(false));
    let error = get(&fixed.build().unwrap()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Authentication);
    assert_eq!((script.sent().len(), count.load(Ordering::Relaxed)), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn the_time_left_is_that_of_the_limit_that_ends_first() {
    #[derive(Debug, Default)]
    struct Asking(Mutex<Vec<Option<Duration>>>);

    impl Credentials for Asking {
        fn headers<'a>(&'a self, cx: &'a AttemptContext) -> MaybeReady<'a, Result<HeaderMap>> {
            self.0.lock().unwrap().push(cx.time_left());
            MaybeReady::ready(Ok(HeaderMap::new()))
        }
    }

    let limits = |headers: Option<u64>, attempt: Option<u64>, total: Option<u64>| {
        let seconds = |limit: Option<u64>| limit.map(Duration::from_secs);
        RequestOptions::new()
            .timeout(seconds(headers))
            .attempt_timeout(seconds(attempt))
            .total_timeout(seconds(total))
    };
    for (options, left) in [
        (limits(Some(9), None, None), [Some(9), Some(9)]),
        (limits(Some(9), Some(7), None), [Some(7), Some(7)]),
        // The server asks for 5 s between the attempts.
        (limits(Some(9), Some(7), Some(8)), [Some(7), Some(3)]),
        (limits(None, None, Some(8)), [Some(8), Some(3)]),
        (limits(None, None, None), [None, None]),
    ] {
        let busy = Reply::new(503, &[("retry-after", "5")], "");
        let script = Script::new([busy, Reply::json("{}")]);
        let asking = Arc::new(Asking::default());
        let client = Client::builder()
            .transport(script)
            .credentials(asking.clone())
            .build()
            .unwrap();
        let request = client
            .get::<serde_json::Value>("/v1/thing")
            .options(options);
        request.await.unwrap();
        let left = left.map(|left: Option<u64>| left.map(Duration::from_secs));
        assert_eq!(*asking.0.lock().unwrap(), left);
    }
}

/// A credential is asked for again after a redirect; by then the body may have taken its time.
#[tokio::test(start_paused = true)]
async fn the_time_left_follows_a_body_that_takes_long() {
    #[derive(Debug, Default)]
    struct Asking(Mutex<Vec<Option<Duration>>>);

    impl Credentials for Asking {
        fn headers<'a>(&'a self, cx: &'a AttemptContext) -> MaybeReady<'a, Result<HeaderMap>> {
            self.0.lock().unwrap().push(cx.time_left());
            MaybeReady::ready(Ok(HeaderMap::new()))
        }
    }

    // Three pieces, each after 8 s.
    let body = || {
        futures_util::stream::unfold(0, |sent| async move {
            let never = std::future::pending::<()>();
            let _ = tokio::time::timeout(Duration::from_secs(8), never).await;
            let piece = bytes::Bytes::from(vec![b'x'; 64 << 10]);
            (sent < 3).then_some((Ok::<_, std::io::Error>(piece), sent + 1))
        })
    };
    let body = anthropic::transport::Body::replayable(body, None);
    let moved = Reply::new(307, &[("location", "/v1/other")], "");
    let script = Script::new([moved, Reply::json("{}")]);
    let asking = Arc::new(Asking::default());
    let client = Client::builder()
        .transport(script.clone())
        .credentials(asking.clone())
        .timeout(Duration::from_secs(9))
        .build()
        .unwrap();
    let request = client.post::<serde_json::Value>("/v1/thing");
    request.body("text/plain", body).await.unwrap();
    assert_eq!(script.sent().len(), 2);
    // Of the end of the body, which took 8 s more, there are 9 s - 8 s left, to the millisecond.
    let left = asking.0.lock().unwrap().clone();
    let rounded = left
        .iter()
        .map(|left| left.unwrap().as_millis().div_ceil(1000));
    assert_eq!(rounded.collect::<Vec<_>>(), [9, 1], "{left:?}");
}

/// A token that needs betas.
#[derive(Debug)]
struct WithBetas(&'static str);

impl Credentials for WithBetas {
    fn headers<'a>(&'a self, _: &'a AttemptContext) -> MaybeReady<'a, Result<HeaderMap>> {
        let name = http::header::HeaderName::from_static("anthropic-beta");
        let headers = [
            (
                http::header::AUTHORIZATION,
                HeaderValue::from_static("Bearer token"),
            ),
            (name, HeaderValue::from_static(self.0)),
        ];
        MaybeReady::ready(Ok(HeaderMap::from_iter(headers)))
    }
}

#[tokio::test]
async fn betas_of_a_token_go_beside_those_of_the_request_each_once() {
    for (own, sent) in [
        ("token-1", "one-1,two-2,token-1"),
        ("token-1, two-2 ,,token-1", "one-1,two-2,token-1"),
        ("two-2", "one-1,two-2"),
        (" ", "one-1,two-2"),
    ] {
        let script = Script::new([Reply::json("{}")]);
        let client = Client::builder().transport(script.clone());
        let client = client.credentials(WithBetas(own)).build().unwrap();
        let request = client.get::<serde_json::Value>("/v1/thing");
        request.beta("one-1").beta("two-2").await.unwrap();
        assert_eq!(script.only().header("anthropic-beta"), Some(sent), "{own}");
    }
}
