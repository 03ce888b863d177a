//! How long a stream may be silent, by a paused clock.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use anthropic::stream::Missing;
use anthropic::transport::Body;
use anthropic::types::Message;
use anthropic::{BoxFuture, Clock, ErrorKind, StreamLimits};
use futures_util::{StreamExt, stream};
use serde_json::json;
use tokio::time::Instant;

use crate::stream_network::{began, reply};
use crate::stream_support::{answer, drain, messages, params, pause, sse, stalled, then_silence};
use crate::support::{Script, builder, client};

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn silence_ends_after_120_seconds() {
    let script = Script::new([reply(then_silence(sse(&began("so far"))))]);
    let mut stream = messages(&client(&script)).await.unwrap();
    let began = Instant::now();
    let (events, error) = drain(&mut stream).await;
    let error = error.unwrap();
    assert_eq!(events.len(), 3);
    let stalled = stalled(&error);
    assert_eq!(stalled.which, Missing::Bytes);
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
    followed_by(head, pings())
}

fn followed_by(
    head: String,
    more: impl futures_util::Stream<Item = std::io::Result<String>> + Send + 'static,
) -> Body {
    let body = stream::iter([Ok(head)]).chain(more);
    Body::stream(body.map(|chunk| chunk.map(bytes::Bytes::from)), None)
}

#[tokio::test(start_paused = true)]
async fn one_limit_of_the_client_can_be_changed_for_a_request() {
    let mut limits = StreamLimits::default();
    limits.bytes_idle = Some(7 * SECOND);
    limits.lenient_eof = true;
    let mut events = answer("x");
    events.pop();
    let script = Script::new([
        reply(then_silence(sse(&began("so far")))),
        reply(sse(&events)),
    ]);
    let client = builder(&script).stream_limits(limits).build().unwrap();
    let mut changed = client.stream_limits();
    assert_eq!(changed, limits);
    changed.events_idle = Some(5 * SECOND);
    let request = || client.messages().stream(params()).stream_limits(changed);
    let since = Instant::now();
    let (_, error) = drain(&mut request().await.unwrap()).await;
    assert_eq!(error.unwrap().kind(), ErrorKind::StreamStalled);
    assert_eq!(since.elapsed().as_secs(), 5);
    let text = request().await.unwrap().final_text().await;
    assert_eq!(text.unwrap(), "x", "the others stay");
}

#[tokio::test(start_paused = true)]
async fn pings_alone_end_after_300_seconds() {
    let script = Script::new([reply(pinging(sse(&began("so far"))))]);
    let mut stream = messages(&client(&script)).await.unwrap();
    let began = Instant::now();
    let (_, error) = drain(&mut stream).await;
    let error = error.unwrap();
    assert_eq!(stalled(&error).which, Missing::Events);
    assert_eq!(began.elapsed().as_secs(), 300);
    assert!(
        error
            .to_string()
            .contains("no event but pings came for 300s (events_idle)"),
        "{error}"
    );
}

/// The limits of both clocks, in seconds; 0 turns one off.
fn limits(bytes: u32, events: u32) -> StreamLimits {
    let mut limits = StreamLimits::default();
    limits.bytes_idle = (bytes > 0).then_some(bytes * SECOND);
    limits.events_idle = (events > 0).then_some(events * SECOND);
    limits
}

/// Who lost patience with a stream that begins and then gives nothing but `body`, and after how
/// many seconds; nobody, if it has not ended after a day.
async fn outcome(
    body: Body,
    client_limits: Option<StreamLimits>,
    request_limits: Option<StreamLimits>,
) -> Option<(Missing, u64)> {
    let script = Script::new([reply(body)]);
    let mut builder = builder(&script);
    if let Some(limits) = client_limits {
        builder = builder.stream_limits(limits);
    }
    let mut request = builder.build().unwrap().messages().stream(params());
    if let Some(limits) = request_limits {
        request = request.stream_limits(limits);
    }
    let mut stream = request.await.unwrap();
    let started = Instant::now();
    let day = tokio::time::timeout(86_400 * SECOND, drain(&mut stream)).await;
    let (events, error) = day.ok()?;
    assert_eq!(events.len(), 3);
    let stalled = stalled(&error.unwrap());
    Some((stalled.which, started.elapsed().as_secs()))
}

fn silent() -> Body {
    then_silence(sse(&began("x")))
}

fn only_pings() -> Body {
    pinging(sse(&began("x")))
}

#[tokio::test(start_paused = true)]
async fn the_clock_of_bytes_is_set_for_a_client_and_for_a_request() {
    let short = Some(limits(5, 300));
    assert_eq!(
        outcome(silent(), short, None).await,
        Some((Missing::Bytes, 5))
    );
    assert_eq!(
        outcome(silent(), None, short).await,
        Some((Missing::Bytes, 5))
    );
    // The request's word counts, whether it is the longer or the shorter.
    let long = Some(limits(200, 300));
    assert_eq!(
        outcome(silent(), short, long).await,
        Some((Missing::Bytes, 200))
    );
    assert_eq!(
        outcome(silent(), long, short).await,
        Some((Missing::Bytes, 5))
    );
    // Any byte ends the silence.
    assert_eq!(
        outcome(only_pings(), Some(limits(11, 300)), None).await,
        Some((Missing::Events, 300))
    );
}

#[tokio::test(start_paused = true)]
async fn the_clock_of_events_is_set_for_a_client_and_for_a_request() {
    let short = Some(limits(120, 45));
    let long = Some(limits(120, 4_000));
    assert_eq!(
        outcome(only_pings(), short, None).await,
        Some((Missing::Events, 45))
    );
    assert_eq!(
        outcome(only_pings(), None, short).await,
        Some((Missing::Events, 45))
    );
    assert_eq!(
        outcome(only_pings(), short, long).await,
        Some((Missing::Events, 4_000))
    );
    assert_eq!(
        outcome(only_pings(), long, short).await,
        Some((Missing::Events, 45))
    );
}

#[tokio::test(start_paused = true)]
async fn events_that_nobody_knows_are_signs_of_work() {
    let unknown = || {
        let timer = tokio::time::interval(10 * SECOND);
        let events = stream::unfold(timer, |mut timer| async {
            timer.tick().await;
            Some((Ok(sse(&[json!({"type": "progress"})])), timer))
        });
        events.take(100)
    };
    let body = followed_by(sse(&began("x")), unknown().chain(pings()));
    let script = Script::new([reply(body)]);
    let mut stream = messages(&client(&script)).await.unwrap();
    let started = Instant::now();
    let (events, error) = drain(&mut stream).await;
    assert_eq!(stalled(&error.unwrap()).which, Missing::Events);
    assert_eq!(events.len(), 103);
    // The first at once, the last after 990 seconds, and then 300 without one.
    assert_eq!(started.elapsed().as_secs(), 1_290);
}

#[tokio::test(start_paused = true)]
async fn where_both_clocks_run_out_at_once_it_was_the_bytes() {
    let both = Some(limits(60, 60));
    assert_eq!(
        outcome(silent(), both, None).await,
        Some((Missing::Bytes, 60))
    );
}

#[tokio::test(start_paused = true)]
async fn either_clock_is_turned_off_without_the_other() {
    let no_bytes = Some(limits(0, 300));
    let no_events = Some(limits(120, 0));
    for (client, request) in [(no_bytes, None), (None, no_bytes)] {
        assert_eq!(
            outcome(silent(), client, request).await,
            Some((Missing::Events, 300))
        );
    }
    for (client, request) in [(no_events, None), (None, no_events)] {
        assert_eq!(outcome(only_pings(), client, request).await, None);
        assert_eq!(
            outcome(silent(), client, request).await,
            Some((Missing::Bytes, 120))
        );
    }
}

#[tokio::test(start_paused = true)]
async fn both_clocks_are_turned_off_for_a_client_and_for_a_request() {
    let off = Some(limits(0, 0));
    for (client, request) in [(off, None), (None, off), (Some(limits(5, 5)), off)] {
        assert_eq!(outcome(silent(), client, request).await, None);
        assert_eq!(outcome(only_pings(), client, request).await, None);
    }
    // And on again for one request.
    let again = Some(limits(7, 0));
    assert_eq!(
        outcome(silent(), off, again).await,
        Some((Missing::Bytes, 7))
    );
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

#[tokio::test(start_paused = true)]
async fn a_caller_that_gave_up_waiting_finds_what_came_meanwhile() {
    // The first chunk is a ping, and what follows is there only when it is asked for a second time:
    // as hyper hands a body on, one chunk at a time.
    let rest = sse(&answer("hello")[2..]);
    let late = stream::once(async move {
        pause(20 * SECOND).await;
        Ok(sse(&[json!({"type": "ping"})]))
    })
    .chain(stream::once(async move {
        tokio::task::yield_now().await;
        Ok(rest)
    }));
    let head = stream::iter([Ok(sse(&began("")[..2]))]);
    let body = head
        .chain(late)
        .map(|chunk: std::io::Result<String>| chunk.map(bytes::Bytes::from));
    let script = Script::new([reply(Body::stream(body, None))]);
    let request = client(&script).messages().stream(params());
    let mut stream = request.stream_limits(limits(120, 30)).await.unwrap();
    for _ in 0..2 {
        stream.try_next().await.unwrap();
    }
    let wait = tokio::time::timeout(5 * SECOND, stream.try_next());
    assert!(wait.await.is_err());
    tokio::time::advance(600 * SECOND).await;
    let (events, error) = drain(&mut stream).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(events.len(), answer("hello").len() - 2);
}

/// A test's clock: it stands, and every wait is over at once.
#[derive(Debug)]
struct Immediate(AtomicUsize);

impl Clock for Immediate {
    fn now(&self) -> Duration {
        Duration::ZERO
    }

    fn wall(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH
    }

    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        let slept = self.0.fetch_add(1, Ordering::Relaxed);
        assert!(slept < 100, "it waits for a clock that stands");
        Box::pin(std::future::ready(()))
    }

    fn random(&self) -> f64 {
        0.5
    }
}

#[tokio::test]
async fn by_a_clock_that_stands_a_wait_is_over_when_its_timer_is() {
    for (body, which) in [(silent(), Missing::Bytes), (only_pings(), Missing::Bytes)] {
        let script = Script::new([reply(body)]);
        let clock = Immediate(AtomicUsize::new(0));
        let client = builder(&script).clock(clock).build().unwrap();
        let (events, error) = drain(&mut messages(&client).await.unwrap()).await;
        let stalled = stalled(&error.unwrap());
        assert_eq!(events.len(), 3);
        assert_eq!((stalled.which, stalled.idle_for), (which, 120 * SECOND));
    }
}
