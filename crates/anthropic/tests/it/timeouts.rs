//! How long a client waits, and for what.

use std::time::Duration;

use anthropic::transport::Body;
use anthropic::{Client, ErrorKind, middleware_fn};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use serde_json::Value;
use tokio::time::Instant;

use crate::stream_support::pause;
use crate::support::server::Server;
use crate::support::{Reply, Script, builder, client, get};

const SECOND: Duration = Duration::from_secs(1);
/// Longer than any limit.
const DAY: Duration = Duration::from_secs(24 * 3600);

fn endless() -> Body {
    let first = stream::iter([Ok::<_, std::io::Error>(Bytes::from("{"))]);
    Body::stream(first.chain(stream::pending()), None)
}

#[tokio::test(start_paused = true)]
async fn headers_may_take_600_seconds_per_attempt() {
    let script = Script::new([Reply::Never, Reply::json("{}")]);
    let started = Instant::now();
    get(&client(&script)).await.unwrap();
    let waited = script.sent()[1].at - started;
    assert!(
        waited >= 600 * SECOND && waited <= 601 * SECOND,
        "{waited:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn the_limit_is_settable_per_client_and_per_request() {
    let script = Script::new([Reply::Never, Reply::Never]);
    let client = builder(&script)
        .timeout(20 * SECOND)
        .max_retries(0)
        .build()
        .unwrap();
    let error = get(&client).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.elapsed()),
        (ErrorKind::Timeout, 20 * SECOND)
    );
    let error = client
        .get::<Value>("/v1/thing")
        .timeout(3 * SECOND)
        .await
        .unwrap_err();
    assert_eq!(error.elapsed(), 3 * SECOND);
    assert!(error.is_retryable());
    assert!(
        error
            .to_string()
            .contains("no response headers within 3s (timeout)"),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_total_limit_bounds_attempts_and_delays() {
    let script = Script::new((0..9).map(|_| Reply::new(503, &[("retry-after", "4")], "")));
    let client = builder(&script).max_retries(8).build().unwrap();
    let error = client
        .get::<Value>("/v1/thing")
        .total_timeout(10 * SECOND)
        .await
        .unwrap_err();
    // The next attempt would begin after the limit, so what the last one failed with is returned at
    // once.
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Internal, 3));
    assert_eq!(error.elapsed(), 8 * SECOND);
    assert_eq!(error.retry_after(), Some(4 * SECOND));
}

#[tokio::test(start_paused = true)]
async fn a_total_limit_ends_an_attempt() {
    let script = Script::new([Reply::status(503), Reply::Never]);
    let request = client(&script).get::<Value>("/v1/thing");
    let error = request.total_timeout(10 * SECOND).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Timeout, 2));
    assert_eq!(error.elapsed(), 10 * SECOND);
    assert!(!error.is_retryable());
}

#[tokio::test(start_paused = true)]
async fn an_attempt_has_a_limit_with_its_body() {
    let script = Script::new([Reply::new(200, &[], endless()), Reply::json("{}")]);
    let started = Instant::now();
    let request = client(&script).get::<Value>("/v1/thing");
    request.attempt_timeout(10 * SECOND).await.unwrap();
    assert!(started.elapsed() >= 10 * SECOND && started.elapsed() < 11 * SECOND);
    assert_eq!(script.sent().len(), 2);

    let script = Script::new([Reply::new(200, &[], endless())]);
    let request = client(&script).get::<Value>("/v1/thing");
    let response = request.attempt_timeout(10 * SECOND).raw().await.unwrap();
    let mut body = response.into_body();
    body.try_next().await.unwrap().unwrap();
    let error = body.try_next().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.is_in_stream()),
        (ErrorKind::Timeout, true)
    );
}

#[tokio::test(start_paused = true)]
async fn a_limit_that_ends_a_body_is_named_as_it_was_set() {
    for (attempt, total, name) in [
        (Some(10), None, "attempt_timeout"),
        (None, Some(10), "total_timeout"),
    ] {
        let script = Script::new([Reply::new(200, &[], endless())]);
        // The head comes late, and the body has what is left.
        let late = middleware_fn(|request, next| {
            let response = next.run(request);
            Box::pin(async {
                pause(3 * SECOND).await;
                response.await
            })
        });
        let client = builder(&script).middleware(late).build().unwrap();
        let request = client.get::<Value>("/v1/thing");
        let request = request
            .attempt_timeout(attempt.map(|seconds: u32| seconds * SECOND))
            .total_timeout(total.map(|seconds: u32| seconds * SECOND));
        let started = Instant::now();
        let mut body = request.raw().await.unwrap().into_body();
        body.try_next().await.unwrap().unwrap();
        let line = body.try_next().await.unwrap_err().to_string();
        assert!(
            line.contains(&format!("longer than 10s ({name})")),
            "{line}"
        );
        assert_eq!(started.elapsed(), 10 * SECOND, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_total_limit_bounds_a_streamed_body() {
    let script = Script::new([Reply::new(200, &[], endless())]);
    let request = client(&script)
        .get::<Value>("/v1/thing")
        .total_timeout(10 * SECOND);
    let mut body = request.raw().await.unwrap().into_body();
    assert_eq!(body.try_next().await.unwrap().unwrap(), "{");
    let error = body.try_next().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.is_in_stream()),
        (ErrorKind::Timeout, true)
    );
    assert!(body.try_next().await.unwrap().is_none());
}

#[tokio::test(start_paused = true)]
async fn a_body_that_is_read_whole_may_not_fall_silent() {
    let script = Script::new([Reply::new(200, &[], endless()), Reply::json("{}")]);
    let started = Instant::now();
    client(&script)
        .get::<Value>("/v1/thing")
        .timeout(30 * SECOND)
        .await
        .unwrap();
    assert!(started.elapsed() >= 30 * SECOND);
}

/// Reads a body that falls silent after its first chunk, and says how long that was waited for.
async fn waits(mut body: Body) -> Duration {
    assert_eq!(body.try_next().await.unwrap().unwrap(), "{");
    let since = Instant::now();
    let error = tokio::time::timeout(DAY, body.try_next()).await;
    let error = error.expect("a limit").unwrap_err();
    let kind = (error.kind(), error.is_in_stream(), error.attempts());
    assert_eq!(kind, (ErrorKind::Timeout, true, 1));
    assert!(error.operation().is_some());
    assert!(body.try_next().await.unwrap().is_none(), "it is over");
    since.elapsed()
}

#[tokio::test(start_paused = true)]
async fn a_body_that_is_handed_out_may_not_fall_silent() {
    let script = Script::new((0..4).map(|_| Reply::new(200, &[], endless())));
    let client = client(&script);
    let raw = || client.get::<Value>("/v1/thing");
    let response = raw().raw().await.unwrap();
    assert_eq!(waits(response.into_body()).await.as_secs(), 600);
    let response = raw().timeout(30 * SECOND).raw().await.unwrap();
    assert_eq!(waits(response.into_body()).await.as_secs(), 30);
    let download = client.files().download("file_1").await.unwrap();
    assert_eq!(waits(download).await.as_secs(), 600);

    let response = raw().timeout(None).raw().await.unwrap();
    let mut body = response.into_body();
    body.try_next().await.unwrap().unwrap();
    let next = tokio::time::timeout(DAY, body.try_next()).await;
    assert!(next.is_err(), "there is no limit");
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_takes_its_time_is_not_silence() {
    // A chunk every 20 s, ready when it is asked for.
    let chunks = stream::unfold(tokio::time::interval(20 * SECOND), |mut timer| async {
        timer.tick().await;
        Some((Ok::<_, std::io::Error>(Bytes::from("{")), timer))
    });
    let body = Body::stream(chunks.take(10), None);
    let script = Script::new([Reply::new(200, &[], body)]);
    let request = client(&script).get::<Value>("/v1/thing");
    let response = request.timeout(30 * SECOND).raw().await.unwrap();
    let mut body = response.into_body();
    let mut count = 0;
    while body.try_next().await.unwrap().is_some() {
        count += 1;
        tokio::time::advance(100 * SECOND).await;
    }
    assert_eq!(count, 10);
}

#[tokio::test(start_paused = true)]
async fn an_error_whose_body_does_not_come_is_told_by_its_status() {
    let script = Script::new([Reply::new(400, &[], endless())]);
    let error = get(&client(&script)).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.body().as_ref()),
        (ErrorKind::InvalidRequest, &b"{"[..])
    );
    assert_eq!(error.elapsed(), 5 * SECOND);
}

#[tokio::test]
async fn a_connection_that_cannot_be_made_names_its_cause() {
    // Nobody listens on the port of a listener that is gone.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let client = Client::builder()
        .api_key("k")
        .base_url(url)
        .max_retries(0)
        .build()
        .unwrap();
    let error = get(&client).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect);
    let mut cause: &dyn std::error::Error = &error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    let io = cause
        .downcast_ref::<std::io::Error>()
        .expect("an io::Error at the bottom");
    assert_eq!(io.kind(), std::io::ErrorKind::ConnectionRefused);
}

#[tokio::test]
async fn a_connection_may_take_so_long_per_client_and_per_request() {
    // The server takes connections but never speaks TLS.
    let server = Server::start().await;
    let short = Duration::from_millis(20);
    let builder = || {
        Client::builder()
            .api_key("k")
            .base_url(server.url("https"))
            .max_retries(0)
    };
    let request = builder()
        .build()
        .unwrap()
        .get::<Value>("/v1/thing")
        .connect_timeout(short);
    let of_client = builder().connect_timeout(short).build().unwrap();
    for error in [
        request.await.unwrap_err(),
        get(&of_client).await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Connect, "{error}");
        // The default is ten.
        assert!(error.elapsed() < 5 * SECOND);
    }
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_gave_up_waiting_finds_what_came_meanwhile() {
    // What comes is there only when it is asked for a second time, as hyper hands a body on.
    let chunks = stream::once(async { Ok::<_, std::io::Error>(Bytes::from("{")) }).chain(
        stream::once(async {
            tokio::time::interval_at(Instant::now() + 200 * SECOND, SECOND)
                .tick()
                .await;
            tokio::task::yield_now().await;
            Ok(Bytes::from("}"))
        }),
    );
    let script = Script::new([Reply::new(200, &[], Body::stream(chunks, None))]);
    let request = client(&script).get::<Value>("/v1/thing");
    let response = request.timeout(30 * SECOND).raw().await.unwrap();
    let mut body = response.into_body();
    body.try_next().await.unwrap().unwrap();
    let wait = tokio::time::timeout(5 * SECOND, body.try_next());
    assert!(wait.await.is_err());
    tokio::time::advance(600 * SECOND).await;
    assert_eq!(body.try_next().await.unwrap().unwrap(), "}");
}

#[tokio::test(start_paused = true)]
async fn the_limit_that_ends_a_body_first_is_named() {
    let seconds = |seconds: u32| seconds * SECOND;
    for (attempt, total, first, name) in [
        (Some(10), None, 10, "attempt_timeout"),
        (Some(10), Some(20), 10, "attempt_timeout"),
        (None, Some(20), 20, "total_timeout"),
        (Some(20), Some(10), 10, "total_timeout"),
        (Some(10), Some(10), 10, "total_timeout"),
    ] {
        let script = Script::new([Reply::new(200, &[], endless())]);
        let request = client(&script).get::<Value>("/v1/thing");
        let request = request
            .attempt_timeout(attempt.map(seconds))
            .total_timeout(total.map(seconds));
        let started = Instant::now();
        let mut body = request.raw().await.unwrap().into_body();
        body.try_next().await.unwrap().unwrap();
        let line = body.try_next().await.unwrap_err().to_string();
        let name = format!("took longer than {first}s ({name})");
        assert!(line.contains(&name), "{attempt:?} {total:?}: {line}");
        assert_eq!(started.elapsed(), seconds(first), "{attempt:?} {total:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn headers_that_do_not_come_name_the_place_with_its_port() {
    for (url, place) in [
        ("https://api.example", "api.example:443"),
        ("https://api.example:8443/x", "api.example:8443"),
        ("http://api.example", "api.example:80"),
        ("http://api.example:8080", "api.example:8080"),
    ] {
        let script = Script::new([Reply::Never]);
        let client = builder(&script).base_url(url).allow_plaintext_http(true);
        let client = client.max_retries(0).build().unwrap();
        let line = get(&client).await.unwrap_err().to_string();
        let wanted = format!("{place}: no response headers within 600s (timeout)");
        assert!(line.contains(&wanted), "{line}");
        // Of a URL of the builder's, no variable is to blame.
        assert!(!line.contains("ANTHROPIC_BASE_URL"), "{line}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_errors_body_is_read_only_as_far_as_it_is_kept() {
    const KEPT: usize = 64 << 10;
    let mut long = r#"{"error":{"type":"x","message":"no"}}"#.to_owned();
    long.push_str(&" ".repeat(KEPT - long.len()));
    let first = stream::iter([Ok::<_, std::io::Error>(Bytes::from(long))]);
    let body = Body::stream(first.chain(stream::pending()), None);
    let script = Script::new([Reply::new(400, &[], body)]);
    let started = Instant::now();
    let error = get(&client(&script)).await.unwrap_err();
    assert_eq!(error.api_message(), Some("no"));
    assert_eq!(started.elapsed(), Duration::ZERO);
}
