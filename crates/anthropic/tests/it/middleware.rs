//! Code around every attempt.

use std::sync::{Arc, Mutex};

use anthropic::transport::{Body, HttpResponse};
use anthropic::{Attempt, Error, ErrorKind, Middleware, middleware_fn};
use serde_json::Value;

use crate::support::{Reply, Script, builder, get};

type Log = Arc<Mutex<Vec<String>>>;

fn noting(log: &Log, name: &'static str) -> impl Middleware + use<> {
    let log = log.clone();
    middleware_fn(move |request, next| {
        let log = log.clone();
        Box::pin(async move {
            let attempt = *request.extensions().get::<Attempt>().unwrap();
            log.lock()
                .unwrap()
                .push(format!("{name} {}", attempt.number));
            let response = next.run(request).await;
            log.lock().unwrap().push(format!("{name} done"));
            response
        })
    })
}

#[tokio::test(start_paused = true)]
async fn every_attempt_passes_from_the_outermost_to_the_innermost() {
    let log = Log::default();
    let script = Script::new([Reply::status(500), Reply::json("{}")]);
    let client = builder(&script)
        .middleware(noting(&log, "outer"))
        .middleware(noting(&log, "inner"));
    get(&client.build().unwrap()).await.unwrap();
    assert_eq!(
        *log.lock().unwrap(),
        [
            "outer 1",
            "inner 1",
            "inner done",
            "outer done",
            "outer 2",
            "inner 2",
            "inner done",
            "outer done",
        ],
    );
}

#[tokio::test]
async fn a_middleware_sees_the_canonical_request_without_the_credential_and_may_change_it() {
    let script = Script::new([Reply::json("{}")]);
    let stamp = middleware_fn(|mut request, next| {
        assert_eq!(request.uri(), "https://api.anthropic.com/v1/thing");
        assert_eq!(request.body().as_bytes().unwrap(), "[1]");
        assert!(request.headers().get("authorization").is_none());
        request
            .headers_mut()
            .insert("x-stamp", http::HeaderValue::from_static("on"));
        next.run(request)
    });
    let client = builder(&script).middleware(stamp).build().unwrap();
    client.post::<Value>("/v1/thing").json(&[1]).await.unwrap();
    assert_eq!(script.only().header("x-stamp"), Some("on"));
    assert_eq!(
        script.only().header("authorization"),
        Some("Bearer canary-key-7f3a")
    );
}

#[tokio::test]
async fn a_middleware_may_answer_by_itself() {
    let script = Script::new([]);
    let cached = middleware_fn(|_, _| {
        Box::pin(async { Ok(HttpResponse::new(Body::from(r#"{"cached":true}"#))) })
    });
    let client = builder(&script).middleware(cached).build().unwrap();
    assert_eq!(get(&client).await.unwrap()["cached"], true);
    assert!(script.sent().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_middleware_may_refuse_and_say_whether_to_try_again() {
    for (retryable, attempts) in [(false, 1), (true, 3)] {
        let refusing = middleware_fn(move |_, _| {
            let error = Error::new(ErrorKind::Middleware, "over quota").retryable(retryable);
            Box::pin(std::future::ready(Err(error)))
        });
        let client = builder(&Script::new([]))
            .middleware(refusing)
            .build()
            .unwrap();
        let error = get(&client).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.attempts()),
            (ErrorKind::Middleware, attempts)
        );
        assert!(
            error.to_string().starts_with("middleware: over quota"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_middleware_that_rewrites_the_host_does_not_take_the_credential_along() {
    let script = Script::new([]);
    let rewriting = middleware_fn(|mut request, next| {
        *request.uri_mut() = http::Uri::from_static("https://elsewhere.example/v1/thing");
        next.run(request)
    });
    let client = builder(&script).middleware(rewriting).build().unwrap();
    assert_eq!(get(&client).await.unwrap_err().kind(), ErrorKind::Redirect);
    assert!(script.sent().is_empty());
}

#[tokio::test]
async fn a_header_that_a_middleware_changed_stays_so_after_a_redirect() {
    let moved = Reply::new(307, &[("location", "/v1/moved")], "");
    let script = Script::new([moved, Reply::json("{}")]);
    let changing = middleware_fn(|mut request, next| {
        let value = http::HeaderValue::from_static("changed");
        request.headers_mut().insert("x-mine", value);
        next.run(request)
    });
    let client = builder(&script).header("x-mine", "first");
    let client = client.middleware(changing).build().unwrap();
    get(&client).await.unwrap();
    let sent = script.sent();
    let header = |at: usize| sent[at].header("x-mine");
    assert_eq!((header(0), header(1)), (Some("changed"), Some("changed")));
}
