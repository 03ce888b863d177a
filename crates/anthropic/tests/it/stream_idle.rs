//! How long a stream may be silent, by a paused clock.

use std::time::Duration;

use anthropic::stream::{Silent, Stalled};
use anthropic::transport::Body;
use anthropic::types::Message;
use anthropic::{ErrorKind, StreamLimits};
use futures_util::{StreamExt, stream};
use serde_json::json;
use tokio::time::Instant;

use crate::stream_network::{began, reply};
use crate::stream_support::{answer, drain, messages, params, sse, then_silence};
use crate::support::{Script, builder, client};

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn silence_ends_after_120_seconds() {
    let script = Script::new([reply(then_silence(sse(&began("so far"))))]);
    let mut stream = messages(&client(&script)).await.unwrap();
    let began = Instant::now();
    let (events, error) = drain(&mut stream).await;
    let error = error.unwrap();
    assert_eq!((events.len(), error.kind()), (3, ErrorKind::StreamStalled));
    let stalled = std::error::Error::source(&error)
        .unwrap()
        .downcast_ref::<Stalled>()
        .unwrap();
    assert_eq!(stalled.which, Silent::Bytes);
    assert!(stalled.idle_for >= 120 * SECOND && stalled.idle_for < 121 * SECOND);
    assert_eq!(began.elapsed().as_secs(), 120);
    assert_eq!(error.partial::<Message>().unwrap().text(), "so far");
}

/// Endless pings, ten seconds apart.
fn pings() -> impl futures_util::Stream<Item = std::io::Result<String>> + Send {
    stream::unfold(tokio::time::interval(10 * SECOND), |mut timer| async {
        timer.tick().await;
        Some((Ok(sse(&[json!({"type": "ping"})])), timer))
    })
}

fn pinging(head: String) -> Body {
    let body = stream::iter([Ok(head)]).chain(pings());
    Body::stream(body.map(|chunk| chunk.map(bytes::Bytes::from)), None)
}

#[tokio::test(start_paused = true)]
async fn pings_alone_end_after_300_seconds() {
    let script = Script::new([reply(pinging(sse(&began("so far"))))]);
    let mut stream = messages(&client(&script)).await.unwrap();
    let began = Instant::now();
    let (_, error) = drain(&mut stream).await;
    let error = error.unwrap();
    let stalled = std::error::Error::source(&error)
        .unwrap()
        .downcast_ref::<Stalled>()
        .unwrap();
    assert_eq!(stalled.which, Silent::Events);
    assert_eq!(began.elapsed().as_secs(), 300);
    assert!(error.to_string().contains("no event but pings"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn the_idle_clocks_can_be_set_and_turned_off() {
    let mut limits = StreamLimits::default();
    limits.bytes_idle = Some(5 * SECOND);
    let script = Script::new([
        reply(then_silence(sse(&began("x")))),
        reply(then_silence(sse(&began("x")))),
    ]);
    let client = builder(&script).stream_limits(limits).build().unwrap();
    let started = Instant::now();
    let (_, error) = drain(&mut messages(&client).await.unwrap()).await;
    assert_eq!(error.unwrap().kind(), ErrorKind::StreamStalled);
    assert_eq!(started.elapsed().as_secs(), 5);

    limits.bytes_idle = None;
    limits.events_idle = None;
    let request = client.messages().stream(params()).stream_limits(limits);
    let mut stream = request.await.unwrap();
    let day = tokio::time::timeout(86_400 * SECOND, drain(&mut stream)).await;
    assert!(day.is_err(), "somebody lost patience");
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_takes_its_time_is_not_silence() {
    let late = Instant::now() + 1_100 * SECOND;
    let slow = stream::iter([Ok(sse(&began("x")))]).chain(stream::once(async move {
        tokio::time::sleep_until(late).await;
        Ok::<_, std::io::Error>(sse(&answer("x")[3..]))
    }));
    let body = Body::stream(slow.map(|chunk| chunk.map(bytes::Bytes::from)), None);
    let script = Script::new([reply(body)]);
    let mut stream = messages(&client(&script)).await.unwrap();
    for _ in 0..3 {
        stream.try_next().await.unwrap().unwrap();
    }
    // Nobody waits; then somebody does, for the 100 seconds that are left.
    tokio::time::advance(1_000 * SECOND).await;
    let (events, error) = drain(&mut stream).await;
    assert!(error.is_none());
    assert_eq!(events.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_is_given_up_and_taken_up_again_goes_on() {
    let script = Script::new([reply(then_silence(sse(&began("x"))))]);
    let mut stream = messages(&client(&script)).await.unwrap();
    let started = Instant::now();
    let mut events = 0;
    let error = loop {
        match tokio::time::timeout(7 * SECOND, stream.try_next()).await {
            Err(_) => {}
            Ok(Ok(event)) => events += usize::from(event.is_some()),
            Ok(Err(error)) => break error,
        }
    };
    assert_eq!((events, error.kind()), (3, ErrorKind::StreamStalled));
    assert_eq!(started.elapsed().as_secs(), 120);
}
