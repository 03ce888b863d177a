//! HTTP/2 at its worst, over real TLS: dead connections, full ones, responses nobody reads, several
//! runtimes.

use std::future::Future as _;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Waker};
use std::time::Duration;

use anthropic::{Client, ErrorKind};
use bytes::Bytes;
use futures_util::future::join_all;
use futures_util::stream;
use serde_json::Value;
use tokio::sync::{Barrier, Notify};
use tokio::time::Instant;

use crate::support::get;
use crate::support::tls::{Pieces, Site};

const MILLI: Duration = Duration::from_millis(1);
/// Far less than any default, far more than anything here takes.
const SOON: Duration = Duration::from_secs(10);

async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(SOON, future)
        .await
        .expect("it takes too long")
}

async fn prompt(max_streams: u32) -> Site {
    Site::start(max_streams, |_, _| async { Pieces::json("{}") }).await
}

#[tokio::test]
async fn a_connection_on_which_an_attempt_timed_out_is_not_used_again() {
    let site = prompt(100).await;
    let client = site
        .client(site.transport())
        .timeout(300 * MILLI)
        .max_retries(1);
    let client = client.build().unwrap();
    get(&client).await.unwrap();
    site.silence();
    soon(get(&client)).await.unwrap();
    soon(get(&client)).await.unwrap();
    assert_eq!(site.connections(), 2);
}

#[tokio::test]
async fn a_server_that_answers_others_but_not_this_request_is_left_too() {
    // The connection lives: it answers pings and other requests.
    let site = Site::start(100, |connection, request| async move {
        if connection == 0 && request.uri().path() == "/v1/stuck" {
            std::future::pending::<()>().await;
        }
        Pieces::json("{}")
    });
    let site = site.await;
    let client = site
        .client(site.transport())
        .timeout(300 * MILLI)
        .max_retries(1);
    let client = client.build().unwrap();
    let stuck = async { client.get::<Value>("/v1/stuck").await };
    let others = async {
        for _ in 0..20 {
            get(&client).await.unwrap();
        }
    };
    let (stuck, ()) = soon(async { tokio::join!(stuck, others) }).await;
    stuck.unwrap();
    assert_eq!(site.connections(), 2);
}

#[tokio::test]
async fn a_silent_connection_is_asked_for_a_sign_of_life() {
    let site = prompt(100).await;
    let transport = site.transport().http2_keep_alive(100 * MILLI);
    let client = site.client(transport).build().unwrap();
    get(&client).await.unwrap();
    site.silence();
    // The request's own limit is ten minutes.
    soon(get(&client)).await.unwrap();
    assert_eq!(site.connections(), 2);
    soon(get(&client)).await.unwrap();
    assert_eq!(site.connections(), 2);
}

#[tokio::test]
async fn a_stream_on_a_dead_connection_ends_with_an_error() {
    let site = Site::start(100, |_, _| async {
        let first = stream::iter([Bytes::from("{")]);
        Pieces(Box::pin(futures_util::StreamExt::chain(
            first,
            stream::pending(),
        )))
    });
    let site = site.await;
    let transport = site.transport().http2_keep_alive(100 * MILLI);
    let client = site.client(transport).build().unwrap();
    let mut body = client
        .get::<Value>("/v1/thing")
        .raw()
        .await
        .unwrap()
        .into_body();
    assert_eq!(body.try_next().await.unwrap().unwrap(), "{");
    site.silence();
    let error = soon(body.try_next()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Body);
}

#[tokio::test]
async fn a_request_that_is_dropped_leaves_its_connection_to_others() {
    let site = Site::start(100, |_, request| async move {
        if request.uri().path() == "/v1/stuck" {
            std::future::pending::<()>().await;
        }
        Pieces::json("{}")
    });
    let site = site.await;
    let client = site.client(site.transport()).build().unwrap();
    for _ in 0..3 {
        let stuck = client.get::<Value>("/v1/stuck").send();
        assert!(tokio::time::timeout(50 * MILLI, stuck).await.is_err());
        soon(get(&client)).await.unwrap();
    }
    assert_eq!(site.connections(), 1);
}

#[tokio::test]
async fn an_idle_connection_is_closed_in_time_and_one_in_use_is_not() {
    const IDLE: Duration = Duration::from_millis(400);
    let site = Site::start(100, |_, request| async move {
        if request.uri().path() == "/v1/slow" {
            let _ = tokio::time::timeout(3 * IDLE, std::future::pending::<()>()).await;
        }
        Pieces::json("{}")
    });
    let site = site.await;
    let transport = site.transport().pool_idle_timeout(IDLE);
    let client = site.client(transport).build().unwrap();
    soon(get(&client)).await.unwrap();
    soon(client.get::<Value>("/v1/slow").send()).await.unwrap();
    let since = Instant::now();
    assert_eq!(site.connections(), 1);
    soon(site.ended()).await;
    // The server sees it a moment later, and what is idle is looked for once in that time.
    let idle = since.elapsed();
    assert!(idle + 50 * MILLI > IDLE && idle < 3 * IDLE, "{idle:?}");
    soon(get(&client)).await.unwrap();
    assert_eq!(site.connections(), 2);
}

#[tokio::test]
async fn a_burst_at_the_start_makes_one_connection() {
    let site = prompt(100).await;
    let client = site.client(site.transport()).build().unwrap();
    let all = soon(join_all((0..30).map(|_| get(&client)))).await;
    assert!(all.iter().all(Result::is_ok));
    assert_eq!(site.connections(), 1);
}

#[tokio::test]
async fn more_requests_than_a_connection_carries_get_another_one() {
    // None is answered before all have arrived.
    let together = Arc::new(Barrier::new(7));
    let site = Site::start(3, move |_, _| {
        let together = together.clone();
        async move {
            together.wait().await;
            Pieces::json("{}")
        }
    });
    let site = site.await;
    let client = site
        .client(site.transport())
        .max_retries(0)
        .build()
        .unwrap();
    let all = soon(join_all((0..7).map(|_| get(&client)))).await;
    assert!(all.iter().all(Result::is_ok));
    assert_eq!(site.connections(), 3);
}

#[tokio::test]
async fn a_wait_for_room_is_no_wait_for_the_server() {
    let release = Arc::new(Notify::new());
    let held = release.clone();
    let site = Site::start(1, move |_, _| {
        let held = held.clone();
        async move {
            held.notified().await;
            Pieces::json("{}")
        }
    });
    let site = site.await;
    let transport = site.transport().http2_max_connections(1);
    let client = site
        .client(transport)
        .max_retries(0)
        .connect_timeout(200 * MILLI);
    let client = client.build().unwrap();
    let first = tokio::spawn(client.get::<Value>("/v1/thing").send());
    while site.connections() == 0 {
        tokio::task::yield_now().await;
    }
    let error = soon(get(&client)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect);
    let text = error.to_string();
    assert!(
        text.contains(": no connection within 200ms (connect_timeout)"),
        "{text}"
    );
    assert!(text.contains("localhost:"), "{text}");
    assert!(text.contains("http2_max_connections"), "{text}");
    // One that waits gets the place that becomes free.
    let second = client
        .get::<Value>("/v1/thing")
        .connect_timeout(SOON)
        .send();
    let second = tokio::spawn(second);
    tokio::task::yield_now().await;
    release.notify_one();
    soon(first).await.unwrap().unwrap();
    release.notify_one();
    soon(second).await.unwrap().unwrap();
    assert_eq!(site.connections(), 1);
}

#[tokio::test]
async fn responses_that_nobody_reads_leave_room_for_others() {
    let site = Site::start(100, |_, request| async move {
        if request.uri().path() == "/v1/download" {
            let piece = Bytes::from(vec![b'x'; 64 << 10]);
            return Pieces(Box::pin(stream::repeat(piece)));
        }
        Pieces::json("{}")
    });
    let site = site.await;
    let client = site.client(site.transport()).build().unwrap();
    let mut unread = Vec::new();
    for _ in 0..5 {
        unread.push(client.get::<Value>("/v1/download").raw().await.unwrap());
    }
    // Until the server has sent all that it may.
    let wait = tokio::time::timeout(300 * MILLI, std::future::pending::<()>());
    assert!(wait.await.is_err());
    soon(get(&client)).await.unwrap();
    assert_eq!(site.connections(), 1);
}

#[test]
fn each_runtime_has_connections_of_its_own() {
    let runtime = || {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        builder.enable_all().build().unwrap()
    };
    let server = tokio::runtime::Builder::new_multi_thread();
    let server = { server }.worker_threads(1).enable_all().build().unwrap();
    let site = server.block_on(prompt(100));
    let client = site.client(site.transport()).max_retries(0).timeout(SOON);
    let client = client.build().unwrap();
    let (one, two) = (runtime(), runtime());
    // Between its turns a runtime drives nothing.
    for _ in 0..3 {
        one.block_on(soon(get(&client))).unwrap();
        two.block_on(soon(get(&client))).unwrap();
    }
    assert_eq!(site.connections(), 2);
    // One that has ended takes its connections with it.
    drop(one);
    two.block_on(soon(get(&client))).unwrap();
    let three = runtime();
    three.block_on(soon(get(&client))).unwrap();
    assert_eq!(site.connections(), 3);
}

#[tokio::test]
async fn whoever_makes_the_connection_may_give_up() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let site = Site::start(100, move |_, _| {
        count.fetch_add(1, Ordering::SeqCst);
        async { Pieces::json("{}") }
    });
    let site = site.await;
    let client: Client = site.client(site.transport()).build().unwrap();
    let mut first = pin!(client.get::<Value>("/v1/thing").send());
    let waker = Waker::noop();
    assert!(
        first
            .as_mut()
            .poll(&mut Context::from_waker(waker))
            .is_pending()
    );
    let second = tokio::spawn(client.get::<Value>("/v1/thing").send());
    tokio::task::yield_now().await;
    first.set(Box::pin(std::future::pending()));
    soon(second).await.unwrap().unwrap();
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_response_may_have_so_many_headers_and_no_more() {
    let site = prompt(100).await;
    let client = site.client(site.transport()).max_retries(0);
    let client = client.build().unwrap();
    let ask = |more: usize| {
        let request = client.get::<Value>("/v1/thing");
        request.header("x-headers", more.to_string()).send()
    };
    // Beside the content type and the date.
    soon(ask(254)).await.unwrap();
    for more in [255, 300] {
        let error = soon(ask(more)).await.unwrap_err();
        let line = error.to_string();
        assert!(line.contains("more than 256 headers"), "{line}");
    }
}
