//! No key and no custom header's value shows anywhere: not in `Debug`, not in errors, not in
//! traces.

use std::fmt::Debug;

use anthropic::platform::{AttemptContext, Credentials, MaybeReady, Platform};
use anthropic::transport::{Body, HttpRequest, HttpResponse, Transport, TransportError};
use anthropic::{
    AuthScheme, BoxFuture, Client, ErrorKind, Form, RequestOptions, Result, Upload, middleware_fn,
};
use http::{HeaderMap, Uri};
use serde_json::Value;

use crate::support::server::Server;
use crate::support::{Reply, Script, builder, client, get, traces};

const KEY: &str = "canary-key-7f3a";
const HEADER: &str = "canary-header-9b1c";
const QUERY: &str = "canary-query-44de";
const BODY: &str = "canary-body-c0de";

fn check(text: &str) {
    for canary in [KEY, HEADER, QUERY, BODY] {
        assert!(!text.contains(canary), "{canary} in {text}");
    }
}

fn check_debug(value: &impl Debug) {
    check(&format!("{value:?} {value:#?}"));
}

#[tokio::test]
async fn debug_of_every_public_type_is_clean() {
    for scheme in [AuthScheme::Bearer, AuthScheme::XApiKey] {
        let script = Script::new([Reply::json(r#"{"a":1}"#), Reply::status(400)]);
        let seen = middleware_fn(|request, next| {
            let text = format!("{request:?}");
            assert!(
                !text.contains(KEY) && !text.contains(HEADER) && !text.contains(BODY),
                "{text}"
            );
            check_debug(&next);
            next.run(request)
        });
        let builder = builder(&script)
            .api_key(KEY)
            .auth_scheme(scheme)
            .header("x-mine", HEADER);
        let builder = builder.middleware(seen);
        check_debug(&builder);
        let client = builder.build().unwrap();
        check_debug(&client);
        check_debug(&client.to_builder());
        let request = || {
            client
                .post::<Value>("/v1/thing")
                .header("x-other", HEADER)
                .json(BODY)
        };
        check_debug(&request());
        let response = request().with_response().await.unwrap();
        check_debug(&response);
        check_debug(&response.meta().rate_limits());
        let error = request().query("q", QUERY).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        check_debug(&error);
        check(&error.to_string());
        for sent in script.sent() {
            check_debug(&sent.headers);
        }
    }
    check_debug(
        &Form::new()
            .text("t", BODY)
            .file("f", Upload::bytes("n", BODY)),
    );
    check_debug(&Upload::bytes("n", BODY));
    check_debug(
        &Client::builder()
            .auth_token(KEY)
            .base_url(format!("https://me:{KEY}@host")),
    );
}

/// A platform, and credentials, whose author derived `Debug` over a secret.
#[derive(Debug)]
struct Derived {
    #[expect(dead_code, reason = "it is what `Debug` shows")]
    token: &'static str,
    base_url: Uri,
}

impl Derived {
    fn new() -> Self {
        Self {
            token: KEY,
            base_url: Uri::from_static("https://platform.example"),
        }
    }
}

impl Platform for Derived {
    fn name(&self) -> &'static str {
        "derived"
    }

    fn base_url(&self) -> &Uri {
        &self.base_url
    }

    fn authorize<'a>(
        &'a self,
        request: HttpRequest,
        cx: &'a AttemptContext,
    ) -> MaybeReady<'a, Result<HttpRequest>> {
        check_debug(cx);
        MaybeReady::ready(Ok(request))
    }
}

impl Credentials for Derived {
    fn headers<'a>(&'a self, cx: &'a AttemptContext) -> MaybeReady<'a, Result<HeaderMap>> {
        check_debug(cx);
        MaybeReady::ready(Ok(HeaderMap::new()))
    }
}

impl Transport for Derived {
    fn send(&self, _: HttpRequest) -> BoxFuture<'static, Result<HttpResponse, TransportError>> {
        Box::pin(async { Ok(HttpResponse::new(Body::from("{}"))) })
    }
}

#[tokio::test]
async fn debug_of_what_others_wrote_is_not_shown() {
    assert!(format!("{:?}", Derived::new()).contains(KEY));
    for builder in [
        Client::builder().platform(Derived::new()),
        Client::builder().credentials(Derived::new()),
    ] {
        let builder = builder.transport(Derived::new());
        check_debug(&builder);
        let client = builder.build().unwrap();
        check_debug(&client);
        check_debug(&client.to_builder());
        let request = client.get::<Value>("/v1/thing");
        check_debug(&request);
        check_debug(&request.with_response().await.unwrap());
    }
    let options = || {
        RequestOptions::new()
            .header("x-mine", HEADER)
            .query("q", QUERY)
            .base_url(format!("https://me:{KEY}@host"))
            .transport(Derived::new())
    };
    for options in [
        options().api_key(KEY),
        options().auth_token(KEY),
        options().credentials(Derived::new()),
        options().header("bad name", HEADER),
        options().header("x-bad", format!("{HEADER}\n")),
    ] {
        check_debug(&options);
        let client = Client::builder().api_key(KEY).transport(Derived::new());
        let client = client.build().unwrap();
        let request = client.get::<Value>("/v1/thing").options(options);
        check_debug(&request);
        let error = request.await.unwrap_err();
        check_debug(&error);
        check(&error.to_string());
    }
}

#[test]
fn errors_of_settings_are_clean() {
    for bad in [
        Client::new(format!("{KEY}\n")),
        Client::builder().api_key(KEY).auth_token(KEY).build(),
        Client::builder()
            .api_key(KEY)
            .header("x-bad", format!("{HEADER}\n"))
            .build(),
        Client::builder()
            .api_key(KEY)
            .base_url(format!("https://me:{KEY}@host"))
            .build(),
    ] {
        let error = bad.unwrap_err();
        check_debug(&error);
        check(&error.to_string());
    }
}

#[tokio::test]
async fn traces_at_every_level_tell_the_story_and_are_clean() {
    traces::watch();
    converse().await;
    let text = traces::of_this_thread();
    check(&text);
    for told in [
        "anthropic.request",
        "operation=\"client.post\"",
        "method=POST",
        "trying again",
        "status=503",
        "attempts=2",
        "status=400",
        "request_id=\"req_t\"",
        "[hidden]",
    ] {
        assert!(text.contains(told), "{told} is missing from {text}");
    }
}

/// A retry and an error over TCP, with canaries in every place where a caller can put one.
async fn converse() {
    let server = Server::start().await;
    let client = Client::builder()
        .api_key(KEY)
        .header("x-mine", HEADER)
        .base_url(server.url("http"));
    let client = client.build().unwrap();
    let asking = client
        .post::<Value>("/v1/thing")
        .query("q", QUERY)
        .json(BODY)
        .send();
    let answering = async {
        let mut connection = server.accept().await;
        connection.request().await;
        let headers = "retry-after-ms: 1\r\nset-cookie: canary-header-9b1c\r\n";
        connection
            .answer("503 Service Unavailable", headers, "")
            .await;
        connection.request().await;
        connection
            .answer("400 Bad Request", "request-id: req_t\r\n", BODY)
            .await;
    };
    let (answer, ()) = tokio::join!(asking, answering);
    assert_eq!(answer.unwrap_err().attempts(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_the_id_of_a_failed_attempt_is_not_traced() {
    let failed = Reply::new(503, &[("request-id", KEY)], "");
    let script = Script::new([failed, Reply::json("{}")]);
    get(&client(&script)).await.unwrap();
    assert_eq!(script.sent().len(), 2);
    let text = traces::of_this_thread();
    assert!(text.contains(r#"request_id="[masked]""#), "{text}");
}
