//! When a request is sent again, after how long, and what is told of it.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anthropic::transport::{Body, TransportError};
use anthropic::{BoxFuture, Clock, ErrorKind};
use bytes::Bytes;
use futures_util::stream;
use serde_json::Value;
use tokio::time::Instant;

use crate::stream_support::{EVENT_STREAM, answer, params, sse};
use crate::support::{Reply, Script, builder, client, get};

/// The pauses between the requests, in milliseconds.
fn pauses(script: &Script) -> Vec<u128> {
    let sent = script.sent();
    sent.windows(2)
        .map(|pair| (pair[1].at - pair[0].at).as_millis())
        .collect()
}

#[tokio::test(start_paused = true)]
async fn two_retries_by_default_on_what_may_pass() {
    for status in [408, 409, 429, 500, 502, 503, 504, 529] {
        let script = Script::new([
            Reply::status(status),
            Reply::status(status),
            Reply::json("{}"),
        ]);
        let response = client(&script)
            .get::<Value>("/v1/thing")
            .with_response()
            .await
            .unwrap();
        assert_eq!(
            (response.meta().attempts(), script.sent().len()),
            (3, 3),
            "{status}"
        );
    }
    let script = Script::new([
        Reply::refused(),
        Reply::Error(TransportError::timeout("slow")),
        Reply::Error(TransportError::io("reset")),
    ]);
    let error = get(&client(&script)).await.unwrap_err();
    assert_eq!((error.attempts(), error.kind()), (3, ErrorKind::Body));
    assert!(
        error.to_string().ends_with("[client.get, 3 attempts]"),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn what_will_not_pass_is_not_retried() {
    for status in [400, 401, 402, 403, 404, 412, 413, 422] {
        let script = Script::new([Reply::status(status)]);
        let error = get(&client(&script)).await.unwrap_err();
        assert_eq!((error.attempts(), script.sent().len()), (1, 1), "{status}");
        assert!(!error.is_retryable());
    }
    // The API sends this one with 409, which is retried otherwise.
    let failed =
        r#"{"type":"error","error":{"type":"memory_precondition_failed_error","message":"m"}}"#;
    let script = Script::new([Reply::new(409, &[], failed)]);
    let error = get(&client(&script)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PreconditionFailed);
    assert_eq!((error.attempts(), error.is_retryable()), (1, false));
    let script = Script::new([Reply::Error(TransportError::other("no"))]);
    assert_eq!(get(&client(&script)).await.unwrap_err().attempts(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_change_that_was_or_may_have_been_made_is_not_repeated() {
    let body = |code: &str| {
        let details = format!(r#"{{"error_code":"{code}","workspace_id":"wrkspc_1"}}"#);
        format!(
            r#"{{"type":"error","error":{{"type":"api_error","message":"m","details":{details}}}}}"#
        )
    };
    for code in ["workspace_created_incomplete", "change_outcome_unknown"] {
        for headers in [&[][..], &[("x-should-retry", "true"), ("retry-after", "1")]] {
            let script = Script::new([Reply::new(503, headers, body(code))]);
            let error = get(&client(&script)).await.unwrap_err();
            assert_eq!((error.attempts(), script.sent().len()), (1, 1), "{code}");
            assert!(!error.is_retryable());
            assert_eq!(error.error_code().unwrap().as_str(), code);
            let details = error.details().unwrap();
            assert_eq!(details.workspace_id.as_deref(), Some("wrkspc_1"));
        }
    }
    // In a stream the error has no status of its own.
    for code in ["workspace_created_incomplete", "change_outcome_unknown"] {
        let event = serde_json::from_str(&body(code)).unwrap();
        let events = |events| Reply::new(200, &[EVENT_STREAM], sse(events));
        let script = Script::new([events(&[event]), events(&answer("twice"))]);
        let mut stream = client(&script).messages().stream(params()).await.unwrap();
        let error = stream.try_next().await.unwrap_err();
        assert_eq!((script.sent().len(), error.is_retryable()), (1, false));
        assert_eq!(error.error_code().unwrap().as_str(), code);
    }
    // The same status with another code says that nothing was changed.
    let failed = body("authorization_check_unavailable");
    let script = Script::new([Reply::new(503, &[], failed), Reply::json("{}")]);
    get(&client(&script)).await.unwrap();
    assert_eq!(script.sent().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn x_should_retry_is_obeyed_first() {
    let no = Reply::new(500, &[("x-should-retry", "false")], "");
    let script = Script::new([no]);
    assert_eq!(get(&client(&script)).await.unwrap_err().attempts(), 1);
    let yes = Reply::new(400, &[("x-should-retry", "true")], "");
    let script = Script::new([yes, Reply::json("{}")]);
    get(&client(&script)).await.unwrap();
    assert_eq!(script.sent().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn the_delay_doubles_up_to_eight_seconds_less_a_quarter() {
    let script = Script::new((0..7).map(|_| Reply::status(500)));
    let client = builder(&script).max_retries(6).build().unwrap();
    get(&client).await.unwrap_err();
    for (pause, full) in pauses(&script)
        .into_iter()
        .zip([500, 1000, 2000, 4000, 8000, 8000])
    {
        assert!(
            pause <= full + 1 && pause >= full * 3 / 4,
            "{pause} of {full}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn the_server_says_how_long_to_wait() {
    let in_ten = httpdate::fmt_http_date(DAY + Duration::from_secs(10));
    for (headers, expected) in [
        (vec![("retry-after-ms", "1500"), ("retry-after", "9")], 1500),
        (vec![("retry-after", "7")], 7000),
        (vec![("retry-after", "1.25")], 1250),
        (vec![("retry-after-ms", "junk"), ("retry-after", "2")], 2000),
        (vec![("retry-after", in_ten.as_str())], 10_000),
    ] {
        let script = Script::new([Reply::new(429, &headers, ""), Reply::json("{}")]);
        get(&builder(&script)
            .clock(AtDay(Instant::now()))
            .build()
            .unwrap())
        .await
        .unwrap();
        let pause = pauses(&script)[0];
        assert!(pause.abs_diff(expected) <= 1, "{headers:?}: {pause}");
    }
}

/// The calendar day on which the dates of these tests are read.
const DAY: SystemTime = SystemTime::UNIX_EPOCH;

/// Its time counts from when it was made.
#[derive(Debug)]
struct AtDay(Instant);

impl Clock for AtDay {
    fn now(&self) -> Duration {
        self.0.elapsed()
    }

    fn wall(&self) -> SystemTime {
        DAY
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        // A clock of one's own is what this test is about.
        #[expect(clippy::disallowed_methods, reason = "this is a clock")]
        Box::pin(tokio::time::sleep(duration))
    }

    fn random(&self) -> f64 {
        0.5
    }
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_shared_is_the_same_clock() {
    let mut all = Vec::new();
    for is_shared in [false, true] {
        let script = Script::new([Reply::status(500), Reply::json("{}")]);
        let clock = AtDay(Instant::now());
        let builder = builder(&script);
        let builder = if is_shared {
            builder.clock(Arc::new(clock))
        } else {
            builder.clock(clock)
        };
        get(&builder.build().unwrap()).await.unwrap();
        all.push(pauses(&script));
    }
    assert_eq!(all[0], all[1]);
    assert_eq!(all[0].len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_long_delay_comes_back_at_once_and_is_told() {
    let script = Script::new([Reply::new(429, &[("retry-after", "61")], "")]);
    let started = Instant::now();
    let error = get(&client(&script)).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(61)));
    assert_eq!((error.attempts(), started.elapsed()), (1, Duration::ZERO));
    assert!(
        error
            .to_string()
            .contains("not retried: retry-after 61s is beyond max_retry_after (60s)"),
        "{error}"
    );

    let script = Script::new([
        Reply::new(429, &[("retry-after", "61")], ""),
        Reply::json("{}"),
    ]);
    let request = client(&script).get::<Value>("/v1/thing");
    request
        .max_retry_after(Duration::from_secs(100))
        .await
        .unwrap();
    assert_eq!(started.elapsed().as_secs(), 61);
}

#[tokio::test(start_paused = true)]
async fn a_budget_ends_the_retries() {
    let script = Script::new((0..9).map(|_| Reply::status(500)));
    let client = builder(&script).max_retries(8).build().unwrap();
    let request = client
        .get::<Value>("/v1/thing")
        .retry_budget(Duration::from_secs(2));
    let error = request.await.unwrap_err();
    assert_eq!(
        error.attempts(),
        3,
        "0.5 s and 1 s fit into 2 s, 2 s more do not"
    );
    assert!(error.elapsed() <= Duration::from_secs(2));
}

#[tokio::test]
async fn no_retries_is_one_request() {
    let script = Script::new([Reply::status(500)]);
    let error = client(&script)
        .get::<Value>("/v1/thing")
        .max_retries(0)
        .await
        .unwrap_err();
    assert_eq!((error.attempts(), script.sent().len()), (1, 1));
    assert!(error.is_retryable());
}

#[tokio::test(start_paused = true)]
async fn a_body_that_can_be_read_once_is_not_retried() {
    let once = || {
        Body::stream(
            stream::iter([Ok::<_, std::io::Error>(Bytes::from("x"))]),
            Some(1),
        )
    };
    let script = Script::new([Reply::status(500)]);
    let request = client(&script)
        .post::<Value>("/v1/thing")
        .body("text/plain", once());
    assert_eq!(request.await.unwrap_err().attempts(), 1);
    assert_eq!(script.only().body, "x");

    let again = Body::replayable(
        || stream::iter([Ok::<_, std::io::Error>(Bytes::from("y"))]),
        Some(1),
    );
    let script = Script::new([Reply::status(500), Reply::json("{}")]);
    client(&script)
        .post::<Value>("/v1/thing")
        .body("text/plain", again)
        .await
        .unwrap();
    let bodies: Vec<_> = script.sent().into_iter().map(|sent| sent.body).collect();
    assert_eq!(bodies, ["y", "y"]);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_breaks_off_is_asked_for_again() {
    let broken = || {
        let reset = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
        Body::stream(stream::iter([Ok(Bytes::from("{\"a\":")), Err(reset)]), None)
    };
    let script = Script::new([Reply::new(200, &[], broken()), Reply::json("{\"a\":1}")]);
    assert_eq!(get(&client(&script)).await.unwrap()["a"], 1);

    let script = Script::new([Reply::new(200, &[("request-id", "req_1")], broken())]);
    let error = client(&script)
        .get::<Value>("/v1/thing")
        .max_retries(0)
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.request_id()),
        (ErrorKind::Body, Some("req_1"))
    );
    assert_eq!(error.body(), "{\"a\":");
}

#[tokio::test]
async fn an_upload_that_cannot_be_read_is_a_fault_of_the_request() {
    let failing = || {
        let gone = std::io::Error::from(std::io::ErrorKind::NotFound);
        stream::iter([Err::<Bytes, _>(gone)])
    };
    let script = Script::new([]);
    let body = Body::replayable(failing, Some(9));
    let error = client(&script)
        .post::<Value>("/v1/files")
        .body("text/plain", body)
        .await
        .unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::File, 1));
}
