//! Every option of a request: what the client has, in its place the value of options, over that a
//! setter on the request, a limit of the client's lifted, and a value over a setter.

use std::fmt::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anthropic::transport::ConnectTimeout;
use anthropic::{Client, ClientBuilder, Request, RequestOptions, StreamLimits, middleware_fn};
use serde_json::Value;
use tokio::time::Instant;

use crate::stream_support::{EVENT_STREAM, answer, params, sse, then_silence};
use crate::support::{Reply, Script, Sent, builder};

mod contents;
mod limits;
mod routes;

/// An option, in each of its places.
struct Row {
    name: &'static str,
    client: Setting<ClientBuilder>,
    value: Setting<RequestOptions>,
    setter: Setting<Request<Value>>,
    /// Options that take away what the client has, where that is possible.
    lifted: Option<Setting<RequestOptions>>,
    replies: fn() -> Vec<Reply>,
    observe: fn(&Observed) -> String,
    /// What is observed with the client's, the value's, the setter's and the lifted one, and with
    /// a value that comes after the setter.
    seen: [&'static str; 5],
}

type Setting<T> = fn(T, &Script) -> T;

/// What is seen of a request.
struct Observed {
    script: Script,
    connect: Option<Duration>,
    elapsed: Duration,
}

impl Observed {
    fn last(&self) -> Sent {
        self.script.sent().pop().unwrap()
    }

    fn header(&self, name: &str) -> String {
        self.last().header(name).unwrap_or("none").to_owned()
    }
}

const fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

fn fine() -> Vec<Reply> {
    vec![Reply::json("{}")]
}

fn count(seen: &Observed) -> String {
    seen.script.sent().len().to_string()
}

/// Sends a request of a client that has the option, with `set` on it.
async fn observe(
    row: &Row,
    set: impl FnOnce(Request<Value>, &Script) -> Request<Value> + Send,
) -> String {
    let script = Script::new((row.replies)());
    let connect: Arc<Mutex<Option<Duration>>> = Arc::default();
    let watch = {
        let connect = connect.clone();
        middleware_fn(move |request, next| {
            let limit = request.extensions().get::<ConnectTimeout>();
            *connect.lock().unwrap() = limit.unwrap().0;
            next.run(request)
        })
    };
    // What ends where the option sets no limit.
    let base = builder(&script)
        .max_retries(0)
        .total_timeout(seconds(1000))
        .middleware(watch);
    let client = (row.client)(base, &script).build().unwrap();
    let began = Instant::now();
    let request = set(client.get("/v1/thing"), &script);
    let _ = request.await;
    let connect = *connect.lock().unwrap();
    (row.observe)(&Observed {
        script,
        connect,
        elapsed: began.elapsed(),
    })
}

#[tokio::test(start_paused = true)]
async fn every_option_counts_as_a_value_and_gives_way_to_what_comes_later() {
    let tables = [limits::ROWS, contents::ROWS, routes::ROWS];
    let mut wrong = String::new();
    for row in tables.into_iter().flatten() {
        let mut seen = [const { String::new() }; 5];
        seen[0] = observe(row, |request, _| request).await;
        seen[1] = observe(row, |request, script| {
            request.options((row.value)(RequestOptions::new(), script))
        })
        .await;
        seen[2] = observe(row, |request, script| {
            let request = request.options((row.value)(RequestOptions::new(), script));
            (row.setter)(request, script)
        })
        .await;
        if let Some(lifted) = row.lifted {
            seen[3] = observe(row, |request, script| {
                request.options(lifted(RequestOptions::new(), script))
            })
            .await;
        }
        seen[4] = observe(row, |request, script| {
            let request = (row.setter)(request, script);
            request.options((row.value)(RequestOptions::new(), script))
        })
        .await;
        if seen != row.seen {
            writeln!(wrong, "{}: {seen:?}, not {:?}", row.name, row.seen).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// When a stream that falls silent ends, and whether one with a large event is read.
async fn streamed(client: &Client, script: &Script, options: RequestOptions) -> (u64, bool) {
    let began = Instant::now();
    let request = client.messages().stream(params()).options(options.clone());
    let mut stream = request.await.unwrap();
    while let Ok(Some(_)) = stream.try_next().await {}
    let silent = began.elapsed().as_secs();
    assert_eq!(script.sent().len(), 1);
    let request = client.messages().stream(params()).options(options);
    let large = request.await.unwrap().final_message().await;
    (silent, large.is_ok())
}

#[tokio::test(start_paused = true)]
async fn limits_of_streams_are_options_too() {
    let limits = |idle: Option<u64>, bytes: Option<usize>| {
        let mut limits = StreamLimits::default();
        limits.bytes_idle = idle.map(seconds);
        limits.max_event_bytes = bytes;
        limits
    };
    let tight = limits(Some(5), Some(10_000));
    let value = || RequestOptions::new().stream_limits(limits(Some(7), Some(100_000)));
    for (options, seen) in [
        (RequestOptions::new(), (5, false)),
        (value(), (7, true)),
        (
            value().stream_limits(limits(Some(9), Some(10_000))),
            (9, false),
        ),
        // What is left is the limit of events.
        (
            RequestOptions::new().stream_limits(limits(None, None)),
            (300, true),
        ),
    ] {
        let events = answer("fine");
        let silent = then_silence(sse(&events[..3]));
        let large = sse(&answer(&"x".repeat(50_000)));
        let script = Script::new([
            Reply::new(200, &[EVENT_STREAM], silent),
            Reply::new(200, &[EVENT_STREAM], large),
        ]);
        let client = builder(&script).stream_limits(tight).build().unwrap();
        assert_eq!(streamed(&client, &script, options).await, seen);
    }
}
