//! Every option of a request: what the client has, in its place the value of options, over that a
//! setter on the request, a limit of the client's lifted, and a value over a setter.

use std::fmt::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anthropic::platform::credentials_fn;
use anthropic::retry::RetryPolicy;
use anthropic::transport::{ConnectTimeout, HttpRequest, HttpResponse, Transport, TransportError};
use anthropic::{
    BoxFuture, Client, ClientBuilder, Middleware, Request, RequestOptions, StreamLimits,
    middleware_fn,
};
use http::HeaderValue;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::stream_support::{EVENT_STREAM, answer, params, sse, then_silence};
use crate::support::{Reply, Script, Sent, builder};

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

fn never() -> Vec<Reply> {
    vec![Reply::Never]
}

fn fine() -> Vec<Reply> {
    vec![Reply::json("{}")]
}

fn down() -> Vec<Reply> {
    (0..9).map(|_| Reply::status(503)).collect()
}

fn down_for_50_s() -> Vec<Reply> {
    let busy = Reply::new(503, &[("retry-after", "50")], "");
    vec![busy, Reply::json("{}")]
}

/// One host after the other, as long as they are allowed.
fn around() -> Vec<Reply> {
    let to = |place: &str| Reply::new(307, &[("location", place)], "");
    let hosts = ["a", "b", "c"].map(|host| to(&format!("https://{host}.example/")));
    hosts.into_iter().chain([Reply::json("{}")]).collect()
}

fn elapsed(seen: &Observed) -> String {
    seen.elapsed.as_secs().to_string()
}

fn count(seen: &Observed) -> String {
    seen.script.sent().len().to_string()
}

fn query(seen: &Observed) -> String {
    seen.last().uri.query().unwrap_or("none").to_owned()
}

fn host(seen: &Observed) -> String {
    seen.last().uri.host().unwrap().to_owned()
}

fn policy(edit: impl Fn(&mut RetryPolicy)) -> RetryPolicy {
    let mut policy = RetryPolicy::default();
    edit(&mut policy);
    policy
}

fn retries(count: u32) -> RetryPolicy {
    policy(|policy| policy.max_retries = count)
}

/// A middleware that leaves its name in the request.
fn passing(name: &'static str) -> impl Middleware {
    middleware_fn(move |mut request, next| {
        let trail = request.headers().get("x-trail");
        let trail = trail.map_or("", |trail| trail.to_str().unwrap());
        let trail = HeaderValue::from_str(&format!("{trail}{name}")).unwrap();
        request.headers_mut().insert("x-trail", trail);
        next.run(request)
    })
}

/// A transport that leaves its name in the request.
#[derive(Debug)]
struct Through(&'static str, Script);

impl Transport for Through {
    fn send(
        &self,
        mut request: HttpRequest,
    ) -> BoxFuture<'static, Result<HttpResponse, TransportError>> {
        let name = HeaderValue::from_static(self.0);
        request.headers_mut().insert("x-through", name);
        self.1.send(request)
    }
}

/// The limits of time and of attempts.
const LIMITS: &[Row] = &[
    Row {
        name: "connect_timeout",
        client: |it, _| it.connect_timeout(seconds(5)),
        value: |it, _| it.connect_timeout(seconds(7)),
        setter: |it, _| it.connect_timeout(seconds(9)),
        lifted: Some(|it, _| it.connect_timeout(None)),
        replies: fine,
        observe: |seen| format!("{:?}", seen.connect),
        seen: ["Some(5s)", "Some(7s)", "Some(9s)", "None", "Some(7s)"],
    },
    Row {
        name: "timeout",
        client: |it, _| it.timeout(seconds(5)),
        value: |it, _| it.timeout(seconds(7)),
        setter: |it, _| it.timeout(seconds(9)),
        lifted: Some(|it, _| it.timeout(None)),
        replies: never,
        observe: elapsed,
        seen: ["5", "7", "9", "1000", "7"],
    },
    Row {
        name: "attempt_timeout",
        client: |it, _| it.attempt_timeout(seconds(5)),
        value: |it, _| it.attempt_timeout(seconds(7)),
        setter: |it, _| it.attempt_timeout(seconds(9)),
        lifted: Some(|it, _| it.attempt_timeout(None)),
        replies: never,
        observe: elapsed,
        seen: ["5", "7", "9", "600", "7"],
    },
    Row {
        name: "total_timeout",
        client: |it, _| it.total_timeout(seconds(5)),
        value: |it, _| it.total_timeout(seconds(7)),
        setter: |it, _| it.total_timeout(seconds(9)),
        lifted: Some(|it, _| it.total_timeout(None)),
        replies: never,
        observe: elapsed,
        seen: ["5", "7", "9", "600", "7"],
    },
    Row {
        name: "max_retries",
        client: |it, _| it.max_retries(1),
        value: |it, _| it.max_retries(3),
        setter: |it, _| it.max_retries(2),
        lifted: None,
        replies: down,
        observe: count,
        seen: ["2", "4", "3", "", "4"],
    },
    Row {
        name: "retry_policy",
        client: |it, _| it.retry_policy(retries(1)),
        value: |it, _| it.retry_policy(retries(3)),
        setter: |it, _| it.options(RequestOptions::new().retry_policy(retries(2))),
        lifted: None,
        replies: down,
        observe: count,
        seen: ["2", "4", "3", "", "4"],
    },
    Row {
        name: "max_retry_after",
        client: |it, _| it.retry_policy(policy(|it| it.max_retry_after = Some(seconds(10)))),
        value: |it, _| it.max_retry_after(seconds(60)).max_retries(1),
        setter: |it, _| it.max_retry_after(seconds(20)),
        lifted: Some(|it, _| it.max_retry_after(None)),
        replies: down_for_50_s,
        observe: elapsed,
        seen: ["0", "50", "0", "50", "50"],
    },
    Row {
        name: "retry_budget",
        client: |it, _| it.retry_policy(policy(|it| it.budget = Some(seconds(10)))),
        value: |it, _| it.retry_budget(seconds(60)).max_retries(1),
        setter: |it, _| it.retry_budget(seconds(20)),
        lifted: Some(|it, _| it.retry_budget(None)),
        replies: down_for_50_s,
        observe: elapsed,
        seen: ["0", "50", "0", "50", "50"],
    },
    Row {
        name: "retry_policy and max_retries",
        client: |it, _| it.max_retries(1),
        value: |it, _| it.retry_policy(retries(3)),
        setter: |it, _| it.max_retries(0),
        lifted: None,
        replies: down,
        observe: count,
        seen: ["2", "4", "1", "", "4"],
    },
    Row {
        name: "retry_policy and max_retry_after",
        client: |it, _| it.retry_policy(policy(|it| it.max_retry_after = Some(seconds(10)))),
        value: |it, _| it.retry_policy(retries(1)),
        setter: |it, _| it.max_retry_after(seconds(20)),
        lifted: None,
        replies: down_for_50_s,
        observe: elapsed,
        seen: ["0", "50", "0", "", "50"],
    },
    Row {
        name: "retry_policy and retry_budget",
        client: |it, _| it.retry_policy(policy(|it| it.budget = Some(seconds(10)))),
        value: |it, _| it.retry_policy(retries(1)),
        setter: |it, _| it.retry_budget(seconds(20)),
        lifted: None,
        replies: down_for_50_s,
        observe: elapsed,
        seen: ["0", "50", "0", "", "50"],
    },
];

/// What is in the request.
const CONTENTS: &[Row] = &[
    Row {
        name: "header",
        client: |it, _| it.header("x-one", "client"),
        value: |it, _| it.header("x-one", "value"),
        setter: |it, _| it.header("x-one", "setter"),
        lifted: Some(|it, _| it.without_header("x-one")),
        replies: fine,
        observe: |seen| seen.header("x-one"),
        seen: ["client", "value", "setter", "none", "value"],
    },
    Row {
        name: "without_header",
        client: |it, _| it.header("x-one", "client"),
        value: |it, _| it.without_header("x-one"),
        setter: |it, _| it.header("x-one", "setter"),
        lifted: None,
        replies: fine,
        observe: |seen| seen.header("x-one"),
        seen: ["client", "none", "setter", "", "none"],
    },
    Row {
        name: "query",
        client: |it, _| it.query("key", "client"),
        value: |it, _| it.query("key", "value"),
        setter: |it, _| it.query("key", "setter"),
        lifted: None,
        replies: fine,
        observe: query,
        seen: ["key=client", "key=value", "key=setter", "", "key=value"],
    },
    Row {
        name: "query of another name",
        client: |it, _| it.query("key", "client"),
        value: |it, _| it.query("key", "value"),
        setter: |it, _| it.query("keys", "setter"),
        lifted: None,
        replies: fine,
        observe: query,
        seen: [
            "key=client",
            "key=value",
            "key=value&keys=setter",
            "",
            "keys=setter&key=value",
        ],
    },
    Row {
        name: "query with parts",
        client: |it, _| it.query("key", "client"),
        value: |it, _| it.query("key", ["a", "b"]),
        setter: |it, _| it.query("key", json!({"x": 1, "y": 2})),
        lifted: None,
        replies: fine,
        observe: query,
        seen: [
            "key=client",
            "key%5B%5D=a&key%5B%5D=b",
            "key%5Bx%5D=1&key%5By%5D=2",
            "",
            "key%5B%5D=a&key%5B%5D=b",
        ],
    },
    Row {
        name: "query with other parts",
        client: |it, _| it.query("key[y]", "client"),
        value: |it, _| it.query("key", json!({"x": 3})),
        setter: |it, _| it.query("key", json!({"x": 1, "y": 2})),
        lifted: None,
        replies: fine,
        observe: query,
        seen: [
            "key%5By%5D=client",
            "key%5Bx%5D=3",
            "key%5Bx%5D=1&key%5By%5D=2",
            "",
            "key%5Bx%5D=3",
        ],
    },
    Row {
        name: "query of two parts",
        client: |it, _| it,
        value: |it, _| it.query("key[x]", 1),
        setter: |it, _| it.query("key[y]", 2),
        lifted: None,
        replies: fine,
        observe: query,
        seen: [
            "none",
            "key%5Bx%5D=1",
            "key%5Bx%5D=1&key%5By%5D=2",
            "",
            "key%5By%5D=2&key%5Bx%5D=1",
        ],
    },
    Row {
        name: "query without a value",
        client: |it, _| it.query("key", "client"),
        value: |it, _| it.query("key", None::<u8>),
        setter: |it, _| it.query("key", "setter"),
        lifted: None,
        replies: fine,
        observe: query,
        seen: ["key=client", "none", "key=setter", "", "none"],
    },
    Row {
        name: "beta",
        client: |it, _| it.beta("client"),
        value: |it, _| it.beta("value"),
        setter: |it, _| it.beta("setter"),
        lifted: Some(|it, _| it.without_header("anthropic-beta")),
        replies: fine,
        observe: |seen| seen.header("anthropic-beta"),
        seen: [
            "client",
            "value,client",
            "value,setter,client",
            "none",
            "setter,value,client",
        ],
    },
    Row {
        name: "api_version",
        client: |it, _| it.api_version("client"),
        value: |it, _| it.api_version("value"),
        setter: |it, _| it.api_version("setter"),
        lifted: Some(|it, _| it.without_header("anthropic-version")),
        replies: fine,
        observe: |seen| seen.header("anthropic-version"),
        seen: ["client", "value", "setter", "none", "value"],
    },
    Row {
        name: "workspace_id",
        client: |it, _| it.workspace_id("client"),
        value: |it, _| it.workspace_id("value"),
        setter: |it, _| it.workspace_id("setter"),
        lifted: Some(|it, _| it.without_header("anthropic-workspace-id")),
        replies: fine,
        observe: |seen| seen.header("anthropic-workspace-id"),
        seen: ["client", "value", "setter", "none", "value"],
    },
    Row {
        name: "user_profile_id",
        client: |it, _| it.user_profile_id("client"),
        value: |it, _| it.user_profile_id("value"),
        setter: |it, _| it.user_profile_id("setter"),
        lifted: Some(|it, _| it.without_header("anthropic-user-profile-id")),
        replies: fine,
        observe: |seen| seen.header("anthropic-user-profile-id"),
        seen: ["client", "value", "setter", "none", "value"],
    },
];

/// Where the request goes, and through what.
const ROUTES: &[Row] = &[
    Row {
        name: "allow_host",
        client: |it, _| it.allow_host("a.example"),
        value: |it, _| it.allow_host("b.example"),
        setter: |it, _| it.allow_host("c.example"),
        lifted: None,
        replies: around,
        observe: count,
        seen: ["2", "3", "4", "", "4"],
    },
    Row {
        name: "credential",
        client: |it, _| it,
        value: |it, _| it.api_key("value"),
        setter: |it, _| it.options(RequestOptions::new().auth_token("setter")),
        lifted: Some(|it, _| it.without_header("authorization")),
        replies: fine,
        observe: |seen| seen.header("authorization"),
        seen: [
            "Bearer canary-key-7f3a",
            "Bearer value",
            "Bearer setter",
            "none",
            "Bearer value",
        ],
    },
    Row {
        name: "fetched credential",
        client: |it, _| it,
        value: |it, _| it.credentials(credentials_fn(|| async { Ok("value") })),
        setter: |it, _| it.header("authorization", "Bearer setter"),
        lifted: None,
        replies: fine,
        observe: |seen| seen.header("authorization"),
        seen: [
            "Bearer canary-key-7f3a",
            "Bearer value",
            "Bearer setter",
            "",
            "Bearer value",
        ],
    },
    Row {
        name: "credential and key in a header",
        client: |it, _| it,
        value: |it, _| it.api_key("value"),
        setter: |it, _| it.header("x-api-key", "setter"),
        lifted: None,
        replies: fine,
        observe: |seen| {
            format!(
                "{} {}",
                seen.header("authorization"),
                seen.header("x-api-key")
            )
        },
        seen: [
            "Bearer canary-key-7f3a none",
            "Bearer value none",
            "none setter",
            "",
            "Bearer value none",
        ],
    },
    Row {
        name: "base_url",
        client: |it, _| it.base_url("https://client.example"),
        value: |it, _| it.base_url("https://value.example"),
        setter: |it, _| it.options(RequestOptions::new().base_url("https://setter.example")),
        lifted: None,
        replies: fine,
        observe: host,
        seen: [
            "client.example",
            "value.example",
            "setter.example",
            "",
            "value.example",
        ],
    },
    Row {
        name: "middleware",
        client: |it, _| it.middleware(passing("client,")),
        value: |it, _| it.middleware(passing("value,")),
        setter: |it, _| it.options(RequestOptions::new().middleware(passing("setter"))),
        lifted: None,
        replies: fine,
        observe: |seen| seen.header("x-trail"),
        seen: [
            "client,",
            "client,value,",
            "client,value,setter",
            "",
            "client,settervalue,",
        ],
    },
    Row {
        name: "transport",
        client: |it, script| it.transport(Through("client", script.clone())),
        value: |it, script| it.transport(Through("value", script.clone())),
        setter: |it, script| {
            let through = Through("setter", script.clone());
            it.options(RequestOptions::new().transport(through))
        },
        lifted: None,
        replies: fine,
        observe: |seen| seen.header("x-through"),
        seen: ["client", "value", "setter", "", "value"],
    },
];

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
    let rows = LIMITS.iter().chain(CONTENTS).chain(ROUTES);
    let mut wrong = String::new();
    for row in rows {
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
