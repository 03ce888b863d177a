//! The seam between the pipeline and a platform, by a made-up one: it rewrites path and body,
//! fetches a token to sign with, frames its streams in its own way, and lacks an operation.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use anthropic::operation::OperationInfo;
use anthropic::platform::{AttemptContext, MaybeReady, Platform, append_beta};
use anthropic::transport::{Body, HttpRequest, HttpResponse};
use anthropic::types::BatchListParams;
use anthropic::{
    Client, ClientBuilder, CredentialKind, CredentialSource, Error, ErrorKind, Request,
    RequestOptions, Result, middleware_fn,
};
use http::{HeaderValue, Uri};
use serde_json::{Value, json};

use crate::stream_support::{answer, params};
use crate::support::{Reply, Script, get};

const SECOND: Duration = Duration::from_secs(1);
const BASE: &str = "https://cloud.example/tenant";

#[derive(Debug)]
struct Cloud {
    base: Uri,
    /// The token that is kept until it is refused.
    token: Mutex<Option<String>>,
}

/// What is carried from `adapt` to `restore`.
#[derive(Clone)]
struct Streams(bool);

/// The token of an attempt.
#[derive(Clone)]
struct Used(String);

fn cloud() -> Arc<Cloud> {
    Arc::new(Cloud {
        base: Uri::from_static(BASE),
        token: Mutex::new(None),
    })
}

fn builder(script: &Script, cloud: &Arc<Cloud>) -> ClientBuilder {
    Client::builder()
        .transport(script.clone())
        .platform(cloud.clone())
}

impl Cloud {
    async fn adapted(&self, request: HttpRequest, cx: &AttemptContext) -> Result<HttpRequest> {
        let (mut parts, body) = request.into_parts();
        let bytes = body.bytes().await?;
        let mut json: Value = serde_json::from_slice(&bytes).unwrap_or(json!({}));
        let model = json["model"].take();
        let streams = json["stream"].as_bool().unwrap_or(false);
        cx.insert(Streams(streams));
        if let Some(object) = json.as_object_mut() {
            object.remove("model");
            object.remove("stream");
        }
        if let Some(model) = model.as_str() {
            let verb = if streams { "streamed" } else { "whole" };
            parts.uri = format!("{BASE}/models/{model}/{verb}").parse().unwrap();
        }
        append_beta(&mut parts.headers, "cloud-2026-01-01")?;
        Ok(HttpRequest::from_parts(parts, Body::from(json.to_string())))
    }

    async fn token(&self, cx: &AttemptContext) -> Result<String> {
        if let Some(token) = self.token.lock().unwrap().clone() {
            return Ok(token);
        }
        let mut request = HttpRequest::new(Body::empty());
        *request.uri_mut() = Uri::from_static("https://tokens.example/");
        let token = cx.send(request).await?.into_body().bytes().await?;
        let token = String::from_utf8(token.to_vec()).unwrap();
        *self.token.lock().unwrap() = Some(token.clone());
        Ok(token)
    }

    /// Frames are lines of `LENGTH:JSON`; errors have a shape of their own.
    async fn restored(response: HttpResponse, cx: &AttemptContext) -> Result<HttpResponse> {
        let (mut parts, body) = response.into_parts();
        let bytes = body.bytes().await?;
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        if let Some(id) = parts.headers.remove("x-cloud-id") {
            parts.headers.insert("request-id", id);
        }
        let text = if !parts.status.is_success() {
            json!({"type": "error", "error": {"type": "authentication_error", "message": text}})
                .to_string()
        } else if cx.get().is_some_and(|Streams(streams)| streams) {
            let media = HeaderValue::from_static("text/event-stream");
            parts.headers.insert("content-type", media);
            text.lines()
                .filter_map(|line| Some(format!("data: {}\n\n", line.split_once(':')?.1)))
                .collect()
        } else {
            text
        };
        Ok(HttpResponse::from_parts(parts, Body::from(text)))
    }
}

impl Platform for Cloud {
    fn name(&self) -> &'static str {
        "cloud"
    }

    fn base_url(&self) -> &Uri {
        &self.base
    }

    fn supports(&self, operation: &OperationInfo) -> Result<()> {
        if operation.id().contains("batches") {
            return Err(Error::unsupported(self.name(), operation));
        }
        Ok(())
    }

    fn adapt<'a>(
        &'a self,
        request: HttpRequest,
        cx: &'a AttemptContext,
    ) -> MaybeReady<'a, Result<HttpRequest>> {
        MaybeReady::pending(self.adapted(request, cx))
    }

    fn authorize<'a>(
        &'a self,
        mut request: HttpRequest,
        cx: &'a AttemptContext,
    ) -> MaybeReady<'a, Result<HttpRequest>> {
        MaybeReady::pending(async move {
            let token = self.token(cx).await?;
            let length = request.body().len().unwrap_or_default();
            let signature = format!("{token} {} {length}", request.uri().path());
            cx.insert(Used(token));
            let headers = request.headers_mut();
            headers.insert("x-signature", signature.parse().unwrap());
            headers.insert("x-attempt", cx.number().into());
            Ok(request)
        })
    }

    fn restore<'a>(
        &'a self,
        response: HttpResponse,
        cx: &'a AttemptContext,
    ) -> MaybeReady<'a, Result<HttpResponse>> {
        MaybeReady::pending(Self::restored(response, cx))
    }

    fn refused(&self, error: &Error, cx: &AttemptContext) -> bool {
        if error.kind() != ErrorKind::Authentication {
            return false;
        }
        let mut token = self.token.lock().unwrap();
        let used = cx.get().map(|Used(used)| used);
        if *token == used {
            *token = None;
        }
        true
    }
}

fn token(text: &'static str) -> Reply {
    Reply::new(200, &[], text)
}

#[tokio::test]
async fn requests_are_rewritten_and_signed_and_responses_restored() {
    let frames: Vec<String> = answer("fine")
        .iter()
        .map(Value::to_string)
        .map(|event| format!("{}:{event}\n", event.len()))
        .collect();
    let frames = Reply::new(200, &[("x-cloud-id", "req_cloud")], frames.concat());
    let script = Script::new([token("first"), frames]);
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let watch = {
        let seen = seen.clone();
        middleware_fn(move |request, next| {
            let seen = seen.clone();
            Box::pin(async move {
                seen.lock().unwrap().push(request.uri().to_string());
                let response = next.run(request).await?;
                let media = response.headers()["content-type"].to_str().unwrap();
                seen.lock().unwrap().push(media.to_owned());
                Ok(response)
            })
        })
    };
    let client = builder(&script, &cloud())
        .middleware(watch)
        .build()
        .unwrap();
    assert_eq!(client.credential_source().kind, CredentialKind::Platform);
    assert_eq!(client.base_url(), BASE);
    let stream = client.messages().stream(params()).beta("mine-2026-01-01");
    let stream = stream.await.unwrap();
    assert_eq!(stream.request_id(), Some("req_cloud"));
    assert_eq!(stream.final_message().await.unwrap().text(), "fine");

    let sent = script.sent();
    assert_eq!(sent[0].uri, "https://tokens.example/");
    let model = params().model;
    let path = format!("/tenant/models/{}/streamed", model.as_str());
    assert_eq!(sent[1].uri.path(), path);
    let body: Value = serde_json::from_slice(&sent[1].body).unwrap();
    assert!(body.get("model").is_none() && body.get("messages").is_some());
    let signature = format!("first {path} {}", sent[1].body.len());
    assert_eq!(sent[1].header("x-signature"), Some(signature.as_str()));
    let betas = sent[1].header("anthropic-beta").unwrap();
    assert_eq!(betas, "mine-2026-01-01,cloud-2026-01-01");
    // A middleware sees the canonical form alone.
    let canonical = [
        format!("{BASE}/v1/messages"),
        "text/event-stream".to_owned(),
    ];
    assert_eq!(*seen.lock().unwrap(), canonical);
}

#[tokio::test]
async fn a_refused_credential_is_discarded_and_fetched_once_more() {
    let replies = [
        token("old"),
        Reply::status(401),
        token("new"),
        Reply::json("{}"),
    ];
    let script = Script::new(replies);
    let client = builder(&script, &cloud()).max_retries(0).build().unwrap();
    get(&client).await.unwrap();
    let signed = |at: usize| script.sent()[at].header("x-signature").unwrap().to_owned();
    assert!(signed(1).starts_with("old ") && signed(3).starts_with("new "));

    let replies = [
        token("old"),
        Reply::status(401),
        token("new"),
        Reply::status(401),
    ];
    let script = Script::new(replies);
    let client = builder(&script, &cloud()).max_retries(0).build().unwrap();
    let error = get(&client).await.unwrap_err();
    assert_eq!(
        script.sent().len(),
        4,
        "a token, 401, a token, and no third try"
    );
    assert_eq!(error.kind(), ErrorKind::Authentication);
}

#[tokio::test(start_paused = true)]
async fn a_platform_knows_the_number_of_the_attempt() {
    let script = Script::new([token("a"), Reply::status(500), Reply::json("{}")]);
    let client = builder(&script, &cloud()).max_retries(1).build().unwrap();
    get(&client).await.unwrap();
    let number = |at: usize| script.sent()[at].header("x-attempt").map(str::to_owned);
    assert_eq!(
        [number(1), number(2)],
        [Some("1".to_owned()), Some("2".to_owned())]
    );
}

#[tokio::test]
async fn an_operation_that_the_platform_lacks_is_not_sent() {
    let script = Script::new([]);
    let client = builder(&script, &cloud()).build().unwrap();
    let error = client
        .messages()
        .batches()
        .list(BatchListParams::new())
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.attempts()),
        (ErrorKind::Unsupported, 0)
    );
    let text = error.to_string();
    assert!(
        text.contains("cloud") && text.contains("messages.batches.list"),
        "{text}"
    );
    for operation in anthropic::operations() {
        let supported = client.supports(operation).is_ok();
        assert_eq!(supported, !operation.id().contains("batches"));
    }
}

#[tokio::test(start_paused = true)]
async fn an_exchange_of_tokens_is_within_the_limits_of_the_attempt() {
    let script = Script::new([Reply::Never]);
    let client = builder(&script, &cloud()).max_retries(0).build().unwrap();
    let began = tokio::time::Instant::now();
    let request: Request<Value> = client.get("/v1/thing");
    let error = request.timeout(7 * SECOND).await.unwrap_err();
    assert_eq!(
        (error.kind(), began.elapsed()),
        (ErrorKind::Timeout, 7 * SECOND)
    );
    assert_eq!(script.only().uri, "https://tokens.example/");
}

#[tokio::test]
async fn redirects_are_authorized_anew_and_checked_against_the_real_target() {
    let to = |place: &'static str| Reply::new(307, &[("location", place)], "");
    let script = Script::new([token("t"), to("/tenant/moved?x=1"), Reply::json("{}")]);
    let client = builder(&script, &cloud()).build().unwrap();
    // Whether it is a message is no matter here.
    let _ = client.messages().create(params()).await;
    let sent = script.sent();
    assert_eq!(sent.len(), 3);
    assert_eq!(sent[2].uri, "https://cloud.example/tenant/moved?x=1");
    assert_eq!(sent[1].body, sent[2].body, "adapted once");
    let signature = sent[2].header("x-signature").unwrap();
    assert!(signature.starts_with("t /tenant/moved "), "{signature}");

    let away = Reply::new(307, &[("location", "https://elsewhere.example/")], "");
    let script = Script::new([token("t"), away]);
    let client = builder(&script, &cloud()).build().unwrap();
    let error = get(&client).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Redirect);
    assert_eq!(script.sent().len(), 2);
}

#[test]
fn a_platform_has_its_own_base_url_and_credential() {
    let script = Script::new([]);
    let fresh = || builder(&script, &cloud());
    let client = fresh().build().unwrap();
    for contradiction in [
        fresh().base_url("https://other.example"),
        fresh().api_key("key"),
        fresh().header("Authorization", "Bearer token"),
        fresh().header("x-api-key", "key"),
        fresh().anonymous(),
        fresh().credentials(anthropic::platform::credentials_fn(|| async {
            Ok("token")
        })),
        client.to_builder().base_url("https://other.example"),
        client.to_builder().auth_token("token"),
        client.to_builder().header("x-api-key", "key"),
    ] {
        assert_eq!(contradiction.build().unwrap_err().kind(), ErrorKind::Config);
    }
    // What a derived client inherits gives way.
    let plain = Client::builder().transport(script.clone()).api_key("key");
    let plain = plain.base_url("https://other.example").build().unwrap();
    let derived = plain.to_builder().platform(cloud()).build().unwrap();
    assert_eq!(derived.base_url(), BASE);
    assert!(client.to_builder().max_retries(1).build().is_ok());
}

/// A credential for Anthropic's own API must not reach the servers of others.
#[tokio::test]
async fn a_credential_that_a_client_inherits_is_not_sent_to_the_platform() {
    for (name, value) in [("authorization", "Bearer canary"), ("x-api-key", "canary")] {
        let script = Script::new([token("t"), Reply::json("{}")]);
        let plain = Client::builder().transport(script.clone());
        let plain = plain.header(name, value).header("x-mine", "kept");
        let plain = plain.build().unwrap();
        let derived = plain.to_builder().platform(cloud()).build().unwrap();
        assert_eq!(derived.credential_source().kind, CredentialKind::Platform);
        get(&derived).await.unwrap();
        let sent = script.sent();
        assert_eq!(sent[1].header(name), None);
        assert_eq!(sent[1].header("x-mine"), Some("kept"));
        // A client derived from that one may not either.
        let again = derived.to_builder().header(name, value).build();
        assert_eq!(again.unwrap_err().kind(), ErrorKind::Config);
    }
}

/// A platform whose credential is in a file and expires.
#[derive(Debug)]
struct Dated(Mutex<CredentialSource>);

impl Platform for Dated {
    fn name(&self) -> &'static str {
        "dated"
    }

    fn base_url(&self) -> &Uri {
        static URL: std::sync::LazyLock<Uri> = std::sync::LazyLock::new(|| Uri::from_static(BASE));
        &URL
    }

    fn credential_source(&self) -> CredentialSource {
        self.0.lock().unwrap().clone()
    }

    fn authorize<'a>(
        &'a self,
        request: HttpRequest,
        _: &'a AttemptContext,
    ) -> MaybeReady<'a, Result<HttpRequest>> {
        MaybeReady::ready(Ok(request))
    }
}

#[test]
fn a_platform_names_the_file_and_the_expiry_of_its_credential() {
    let source = CredentialSource::new(CredentialKind::Platform).file("key.json");
    let platform = Arc::new(Dated(Mutex::new(source.clone())));
    let script = Script::new([]);
    let client = Client::builder().transport(script);
    let client = client.platform(platform.clone()).build().unwrap();
    assert_eq!(client.credential_source(), source);
    let renewed = source.expires_at(std::time::SystemTime::UNIX_EPOCH + SECOND);
    *platform.0.lock().unwrap() = renewed.clone();
    assert_eq!(client.credential_source(), renewed);
}

#[tokio::test]
async fn a_request_cannot_replace_what_the_platform_has() {
    let script = Script::new([]);
    let client = builder(&script, &cloud()).build().unwrap();
    for options in [
        RequestOptions::new().base_url("https://other.example"),
        RequestOptions::new().api_key("key"),
        RequestOptions::new().header("authorization", "Bearer token"),
        RequestOptions::new().header("x-api-key", "key"),
    ] {
        let request: Request<Value> = client.get("/v1/thing").options(options);
        assert_eq!(request.await.unwrap_err().kind(), ErrorKind::Config);
    }
}

/// A platform whose token gives way to one of the caller's.
#[derive(Debug)]
struct Open;

impl Platform for Open {
    fn name(&self) -> &'static str {
        "open"
    }

    fn base_url(&self) -> &Uri {
        static URL: std::sync::LazyLock<Uri> = std::sync::LazyLock::new(|| Uri::from_static(BASE));
        &URL
    }

    fn takes_authorization(&self) -> bool {
        true
    }

    fn authorize<'a>(
        &'a self,
        mut request: HttpRequest,
        _: &'a AttemptContext,
    ) -> MaybeReady<'a, Result<HttpRequest>> {
        let headers = request.headers_mut();
        let own = HeaderValue::from_static("Bearer platform");
        headers.entry("authorization").or_insert(own);
        MaybeReady::ready(Ok(request))
    }
}

/// What a client's request is authorized by.
async fn authorized(client: ClientBuilder, options: RequestOptions) -> Result<String> {
    let script = Script::new([Reply::json("{}")]);
    let client = client.transport(script.clone()).build()?;
    let request: Request<Value> = client.get("/v1/thing").options(options);
    request.await?;
    let sent = script.only();
    assert_eq!(sent.header("x-api-key"), None);
    Ok(sent.header("authorization").unwrap().to_owned())
}

#[tokio::test]
async fn a_platform_may_take_an_authorization_of_the_callers() {
    let open = || Client::builder().platform(Open);
    let mine = || open().header("Authorization", "Bearer mine");
    let none = RequestOptions::new;
    let of_request = || none().header("authorization", "Bearer request");
    let middleware = middleware_fn(|mut request: HttpRequest, next| {
        let value = HeaderValue::from_static("Bearer middleware");
        request.headers_mut().insert("authorization", value);
        Box::pin(async move { next.run(request).await })
    });
    for (client, options, wanted) in [
        (open(), none(), "Bearer platform"),
        (mine(), none(), "Bearer mine"),
        (open(), of_request(), "Bearer request"),
        (mine(), of_request(), "Bearer request"),
        (open().middleware(middleware), none(), "Bearer middleware"),
    ] {
        assert_eq!(authorized(client, options).await.unwrap(), wanted);
    }
    // A key is another thing, and so is what replaces the platform.
    let key = authorized(open().header("x-api-key", "key"), none()).await;
    assert_eq!(key.unwrap_err().kind(), ErrorKind::Config);
    for options in [none().header("x-api-key", "key"), none().api_key("key")] {
        let error = authorized(open(), options).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
    }
}

#[tokio::test]
async fn an_authorization_of_the_callers_stays_with_its_platform() {
    let script = Script::new([]);
    let mine = Client::builder().transport(script).platform(Open);
    let mine = mine.header("authorization", "Bearer mine").build().unwrap();
    assert_eq!(mine.credential_source().kind, CredentialKind::Header);
    let none = RequestOptions::new;
    let again = mine.to_builder().max_retries(1).build().unwrap();
    for (client, wanted) in [
        (mine.to_builder(), "Bearer mine"),
        (again.to_builder(), "Bearer mine"),
        (again.to_builder().platform(Open), "Bearer platform"),
        (
            again
                .to_builder()
                .header("authorization", "Bearer other")
                .platform(Open),
            "Bearer other",
        ),
    ] {
        assert_eq!(authorized(client, none()).await.unwrap(), wanted);
    }
    // One for Anthropic's own API does not go there.
    let plain = Client::builder().transport(Script::new([]));
    let plain = plain.header("authorization", "Bearer canary");
    let plain = plain.build().unwrap().to_builder().platform(Open);
    let sent = authorized(plain, none()).await.unwrap();
    assert_eq!(sent, "Bearer platform");
}
