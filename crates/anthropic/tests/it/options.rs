//! Options of a request, as a value and one by one, and what comes with a response.

use std::time::Duration;

use anthropic::platform::credentials_fn;
use anthropic::retry::RetryPolicy;
use anthropic::stream::JsonLines;
use anthropic::transport::Body;
use anthropic::types::{Json, MessageBatchIndividualResponse, ModelListParams};
use anthropic::{
    AuthScheme, Client, ErrorKind, Page, Request, RequestOptions, ResponseMeta, middleware_fn,
};
use serde_json::Value;
use tokio::time::Instant;

use crate::stream_support::{EVENT_STREAM, answer, params, sse};
use crate::support::{Reply, Script, builder, client, get};

const SECOND: Duration = Duration::from_secs(1);

fn ok(count: usize) -> Script {
    Script::new((0..count).map(|_| Reply::json("{}")))
}

#[tokio::test]
async fn options_are_a_value_and_setters_override_it() {
    let options = RequestOptions::new()
        .header("x-one", "options")
        .header("x-two", "options")
        .without_header("user-agent")
        .query("limit", 5)
        .beta("mine-2026-01-01")
        .api_version("2023-06-01")
        .workspace_id("wrkspc_1")
        .user_profile_id("profile_1")
        .max_retries(0);
    let script = ok(2);
    let client = client(&script);
    let thing = || client.get::<Value>("/v1/thing");
    thing().options(options.clone()).await.unwrap();
    let sent = script.take().remove(0);
    assert_eq!(sent.uri.query(), Some("limit=5"));
    for (name, value) in [
        ("x-one", Some("options")),
        ("x-two", Some("options")),
        ("user-agent", None),
        ("anthropic-beta", Some("mine-2026-01-01")),
        ("anthropic-version", Some("2023-06-01")),
        ("anthropic-workspace-id", Some("wrkspc_1")),
        ("anthropic-user-profile-id", Some("profile_1")),
    ] {
        assert_eq!(sent.header(name), value, "{name}");
    }

    let request = thing().header("x-two", "before").options(options);
    request
        .header("x-one", "after")
        .header("user-agent", "me")
        .await
        .unwrap();
    let sent = script.only();
    assert_eq!(sent.header("x-one"), Some("after"));
    assert_eq!(sent.header("x-two"), Some("options"));
    assert_eq!(sent.header("user-agent"), Some("me"));
}

#[tokio::test]
async fn the_media_types_of_the_client_come_before_those_of_an_operation() {
    let script = ok(6);
    let plain = client(&script);
    let own = builder(&script)
        .header("accept", "application/mine")
        .header("content-type", "application/mine+json")
        .build()
        .unwrap();
    for (client, read, sent) in [
        (&plain, "application/binary", None),
        (&own, "application/mine", Some("application/mine+json")),
    ] {
        client.files().download("file_01").await.unwrap();
        let download = script.take().remove(0);
        assert_eq!(download.header("accept"), Some(read));
        assert_eq!(download.header("content-type"), sent);
        let request = client.files().download("file_01");
        let request = request.header("accept", "text/plain");
        request.header("content-type", "text/plain").await.unwrap();
        let download = script.take().remove(0);
        assert_eq!(download.header("accept"), Some("text/plain"));
        assert_eq!(download.header("content-type"), Some("text/plain"));
        let request = client.post::<Value>("/v1/thing").json(&1);
        request.await.unwrap();
        let post = script.take().remove(0);
        let usual = sent.unwrap_or("application/json");
        assert_eq!(post.header("content-type"), Some(usual));
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_lifts_the_limits_of_its_client() {
    let mut policy = anthropic::retry::RetryPolicy::default();
    policy.max_retry_after = Some(SECOND);
    policy.budget = Some(SECOND);
    let slow = || {
        Script::new([
            Reply::new(503, &[("retry-after", "100")], ""),
            Reply::json("{}"),
        ])
    };
    let tight = |script: &Script| {
        let builder = builder(script).retry_policy(policy.clone());
        builder
            .timeout(SECOND)
            .total_timeout(SECOND)
            .build()
            .unwrap()
    };
    let script = slow();
    assert_eq!(get(&tight(&script)).await.unwrap_err().attempts(), 1);
    let script = slow();
    let lifted = RequestOptions::new()
        .max_retry_after(None)
        .retry_budget(None)
        .total_timeout(None);
    let began = Instant::now();
    tight(&script)
        .get::<Value>("/v1/thing")
        .options(lifted)
        .await
        .unwrap();
    assert_eq!(began.elapsed(), 100 * SECOND);
}

#[tokio::test]
async fn a_request_has_its_own_route() {
    let (theirs, ours) = (ok(1), ok(2));
    let client = client(&theirs);
    let mark = middleware_fn(|mut request, next| {
        let value = http::HeaderValue::from_static("yes");
        request.headers_mut().insert("x-seen", value);
        next.run(request)
    });
    let options = RequestOptions::new()
        .transport(ours.clone())
        .base_url("https://other.example/base/")
        .auth_token("other-token")
        .middleware(mark);
    client
        .get::<Value>("/v1/thing")
        .options(options.clone())
        .await
        .unwrap();
    let sent = ours.take().remove(0);
    assert_eq!(sent.uri, "https://other.example/base/v1/thing");
    assert_eq!(sent.header("authorization"), Some("Bearer other-token"));
    assert_eq!(sent.header("x-seen"), Some("yes"));
    let fetched = options.credentials(credentials_fn(|| async { Ok("fetched") }));
    client
        .get::<Value>("/v1/thing")
        .options(fetched)
        .await
        .unwrap();
    assert_eq!(ours.only().header("authorization"), Some("Bearer fetched"));
    get(&client).await.unwrap();
    assert_eq!(theirs.only().header("x-seen"), None);
}

/// Whoever names another base URL, for a request or for a derived client, trusts it with the
/// credential.
#[tokio::test]
async fn the_credential_goes_to_the_base_url_of_the_request() {
    let script = ok(3);
    let client = client(&script);
    let other = RequestOptions::new().base_url("https://other.example");
    let thing = || client.get::<Value>("/v1/thing").options(other.clone());
    thing().await.unwrap();
    let derived = client.to_builder().base_url("https://other.example");
    get(&derived.build().unwrap()).await.unwrap();
    thing().without_header("authorization").await.unwrap();
    let sent = script.take();
    assert_eq!(sent[0].uri, sent[1].uri);
    let seen = sent.iter().map(|sent| sent.header("authorization"));
    let key = Some("Bearer canary-key-7f3a");
    assert_eq!(seen.collect::<Vec<_>>(), [key, key, None]);
}

#[tokio::test]
async fn a_request_can_leave_out_the_credential() {
    let script = ok(6);
    let sends = async |client: &Client, options: RequestOptions| {
        let request = client.get::<Value>("/v1/thing").options(options);
        request.await.unwrap();
        let sent = script.take().remove(0);
        let header = |name: &str| sent.header(name).map(str::to_owned);
        (header("authorization"), header("x-api-key"))
    };
    let bare = (None, None);
    let without = |name| RequestOptions::new().without_header(name);
    let bearer = client(&script);
    assert_eq!(sends(&bearer, without("Authorization")).await, bare);
    let kept = sends(&bearer, without("x-api-key")).await;
    assert_eq!(kept, (Some("Bearer canary-key-7f3a".to_owned()), None));
    let key = builder(&script).auth_scheme(AuthScheme::XApiKey);
    assert_eq!(
        sends(&key.build().unwrap(), without("x-api-key")).await,
        bare
    );
    let fetched = Client::builder()
        .transport(script.clone())
        .credentials(credentials_fn(|| async { Ok("token") }));
    let fetched = fetched.build().unwrap();
    assert_eq!(sends(&fetched, without("authorization")).await, bare);
    let header = Client::builder()
        .transport(script.clone())
        .header("authorization", "Bearer mine");
    let header = header.build().unwrap();
    assert_eq!(sends(&header, without("authorization")).await, bare);
    // What is said last counts.
    let given = without("authorization").api_key("given");
    let given = sends(&bearer, given).await;
    assert_eq!(given, (Some("Bearer given".to_owned()), None));
}

#[tokio::test]
async fn a_bad_option_fails_every_request_that_has_it() {
    let bad = RequestOptions::new()
        .header("no good", "x")
        .header("x-fine", "x");
    let script = ok(0);
    let client = client(&script);
    for _ in 0..2 {
        let error = client
            .get::<Value>("/v1/thing")
            .options(bad.clone())
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Request);
        assert!(error.to_string().contains("`no…`"), "{error}");
    }
    let plaintext = RequestOptions::new().base_url("http://other.example");
    let error = client
        .get::<Value>("/v1/thing")
        .options(plaintext)
        .await
        .unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Config, 0));
}

fn is_ours(meta: &ResponseMeta) {
    assert_eq!(meta.status(), 200);
    assert_eq!(meta.request_id(), Some("req_1"));
    assert_eq!(meta.workspace_id(), Some("wrkspc_1"));
    assert_eq!(meta.rate_limits().requests.remaining, Some(7));
    assert_eq!(meta.attempts(), 2);
    assert_eq!(meta.headers()["x-mine"], "kept");
}

/// A reply to a request whose first attempt fails.
fn replies(media: &str, body: impl Into<anthropic::transport::Body>) -> Script {
    let headers = [
        ("content-type", media),
        ("request-id", "req_1"),
        ("anthropic-workspace-id", "wrkspc_1"),
        ("anthropic-ratelimit-requests-remaining", "7"),
        ("x-mine", "kept"),
    ];
    Script::new([Reply::status(503), Reply::new(200, &headers, body)])
}

#[tokio::test(start_paused = true)]
async fn everything_from_a_response_has_its_metadata() {
    let (_, events) = EVENT_STREAM;
    let json = "application/json";

    let script = replies(json, "{}");
    let response = client(&script)
        .get::<Value>("/v1/thing")
        .with_response()
        .await
        .unwrap();
    is_ours(response.meta());
    is_ours(response.clone().meta());

    let script = replies(events, sse(&answer("fine")));
    let mut stream = client(&script).messages().stream(params()).await.unwrap();
    is_ours(stream.meta());
    while stream.try_next().await.unwrap().is_some() {}
    is_ours(stream.meta());

    let script = replies("application/x-jsonl", "");
    let batches = client(&script);
    let batches = batches.messages().batches();
    let lines: JsonLines<MessageBatchIndividualResponse> = batches.results("b").await.unwrap();
    is_ours(lines.meta());

    let script = replies(json, r#"{"data": [1], "has_more": false}"#);
    let listing: Request<Page<Json>> = client(&script).request(&LIST, &[]);
    let mut items = listing.items();
    assert!(items.meta().is_none());
    assert!(items.try_next().await.unwrap().is_some());
    is_ours(items.meta().unwrap());

    let script = replies(json, "{]");
    let error = get(&client(&script)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    is_ours(error.meta().unwrap());
    assert!(get(&client(&ok(0))).await.unwrap_err().meta().is_none());
}

static LIST: anthropic::operation::Operation<Page<Json>> = anthropic::operation::Operation::page(
    "things.list",
    http::Method::GET,
    "/v1/things",
    anthropic::operation::PageShape::Ids,
);

#[cfg(feature = "agents")]
#[tokio::test(start_paused = true)]
async fn an_event_stream_has_its_metadata() {
    let script = replies(EVENT_STREAM.1, "");
    let client = client(&script);
    let stream = client.beta().sessions().events().stream(
        "session_1",
        anthropic::types::agents::sessions::EventStreamParams::new(),
    );
    is_ours(stream.await.unwrap().meta());
}

#[tokio::test]
async fn a_request_lifts_the_limit_of_its_response() {
    let long = || {
        let pieces = ["\"lon", "ger\""].map(|text| Ok::<_, std::io::Error>(text.into()));
        let pieces = futures_util::stream::iter(pieces);
        let json = [("content-type", "application/json")];
        Reply::new(200, &json, Body::stream(pieces, None))
    };
    let script = Script::new([long(), long()]);
    let limited = builder(&script).max_response_bytes(4).build().unwrap();
    let error = get(&limited).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedContent);
    let options = RequestOptions::new().max_response_bytes(None);
    let request = limited.get::<Value>("/v1/thing").options(options);
    assert_eq!(request.await.unwrap(), "longer");
}

#[tokio::test]
async fn a_parameter_of_the_operation_gives_way_to_a_query_and_to_options() {
    let script = Script::new((0..3).map(|_| Reply::json(r#"{"data":[],"has_more":false}"#)));
    let client = client(&script);
    let list = || client.models().list(ModelListParams::new().limit(5_u64));
    list().await.unwrap();
    list().query("limit", 9).await.unwrap();
    let options = RequestOptions::new().query("limit", 7);
    list().options(options).await.unwrap();
    let sent = script.take();
    let queries: Vec<_> = sent.iter().map(|sent| sent.uri.query()).collect();
    assert_eq!(queries, [Some("limit=5"), Some("limit=9"), Some("limit=7")]);
}

#[test]
fn within_a_value_too_what_comes_later_counts() {
    let limited = RequestOptions::new().max_retries(0);
    let policy = RetryPolicy::default();
    let shown = format!("{:?}", limited.retry_policy(policy.clone()));
    assert!(shown.contains("max_retries: None"), "{shown}");
    let shown = format!(
        "{:?}",
        RequestOptions::new().retry_policy(policy).max_retries(0)
    );
    assert!(shown.contains("max_retries: Some(0)"), "{shown}");
}

#[tokio::test]
async fn of_options_that_are_merged_the_later_ones_count() {
    let script = ok(2);
    let client = client(&script);
    let first = || {
        RequestOptions::new()
            .without_header("x-a")
            .without_header("x-b")
    };
    let later = RequestOptions::new().header("x-a", "back");
    let request = client.get::<Value>("/v1/thing").header("x-b", "gone");
    request.options(first()).options(later).await.unwrap();
    let request = client.get::<Value>("/v1/thing").header("x-a", "gone");
    let request = request.header("x-b", "gone").options(first());
    request.await.unwrap();
    let sent = script.sent();
    let header = |at: usize, name| sent[at].header(name).map(str::to_owned);
    assert_eq!(header(0, "x-a").as_deref(), Some("back"));
    let others = [header(0, "x-b"), header(1, "x-a"), header(1, "x-b")];
    assert_eq!(others, [None, None, None]);
}

#[tokio::test]
async fn a_credential_of_the_requests_replaces_that_in_the_clients_headers() {
    let script = ok(3);
    let client = Client::builder()
        .transport(script.clone())
        .header("x-api-key", "client's");
    let client = client.build().unwrap();
    let get = || client.get::<Value>("/v1/thing");
    get().await.unwrap();
    get().header("authorization", "request's").await.unwrap();
    let token = RequestOptions::new().auth_token("token");
    get().options(token).await.unwrap();
    let sent = script.sent();
    let credentials = sent
        .iter()
        .map(|sent| (sent.header("x-api-key"), sent.header("authorization")));
    let wanted = [
        (Some("client's"), None),
        (None, Some("request's")),
        (None, Some("Bearer token")),
    ];
    assert_eq!(credentials.collect::<Vec<_>>(), wanted);
}

#[tokio::test]
async fn a_list_of_no_betas_is_not_sent() {
    let script = ok(2);
    let client = client(&script);
    for list in ["", " , "] {
        let request = client.get::<Value>("/v1/thing");
        request.header("anthropic-beta", list).await.unwrap();
    }
    for sent in script.sent() {
        assert_eq!(sent.header("anthropic-beta"), None);
    }
}
