//! What Bedrock is sent, and what becomes of what it responds with.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "this is a test, and AWS's credentials expire by the machine's clock"
)]

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use anthropic::transport::{HttpRequest, HttpResponse, Transport, TransportError};
use anthropic::types::{Message, MessageCountTokensParams, MessageCreateParams};
use anthropic::{BoxFuture, Client, ErrorKind};
use anthropic_aws::{BedrockBuilder, FrameError, FrameErrorKind, bedrock};
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, future};
use aws_smithy_eventstream::frame::write_message_to;
use aws_smithy_types::event_stream::{Header, HeaderValue};
use bytes::Bytes;
use serde_json::{Value, json};

type Respond = Box<dyn Fn(&HttpRequest) -> http::Response<Bytes> + Send + Sync>;

/// Keeps the requests, and responds as it is told.
#[derive(Clone)]
struct Server(Arc<(Mutex<Vec<HttpRequest>>, Respond)>);

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Server")
    }
}

impl Server {
    fn new<B: Into<Bytes>>(
        respond: impl Fn(&HttpRequest) -> http::Response<B> + Send + Sync + 'static,
    ) -> Self {
        let respond = move |request: &HttpRequest| respond(request).map(Into::into);
        Self(Arc::new((Mutex::default(), Box::new(respond))))
    }

    fn requests(&self) -> Vec<HttpRequest> {
        std::mem::take(&mut self.0.0.lock().unwrap())
    }

    fn client(&self, bedrock: BedrockBuilder) -> Client {
        let client = Client::builder().platform(bedrock.build().unwrap());
        client
            .transport(self.clone())
            .max_retries(0)
            .build()
            .unwrap()
    }
}

impl Transport for Server {
    fn send(
        &self,
        request: HttpRequest,
    ) -> BoxFuture<'static, Result<HttpResponse, TransportError>> {
        let response = (self.0.1)(&request).map(Into::into);
        self.0.0.lock().unwrap().push(request);
        Box::pin(async move { Ok(response) })
    }
}

fn message(_: &HttpRequest) -> http::Response<String> {
    let message = json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-opus-5-5",
        "content": [{"type": "text", "text": "Rhine"}], "stop_reason": "end_turn", "stop_sequence": null,
        "usage": {"input_tokens": 3, "output_tokens": 1}
    });
    let response = http::Response::builder().header("content-type", "application/json");
    let response = response.header("x-amzn-requestid", "aws-7");
    response.body(message.to_string()).unwrap()
}

fn body(request: &HttpRequest) -> Value {
    serde_json::from_slice(request.body().as_bytes().unwrap()).unwrap()
}

fn keyed() -> BedrockBuilder {
    bedrock().region("eu-west-1").api_key("key")
}

fn params(model: &str) -> MessageCreateParams {
    MessageCreateParams::new(model, 100).user("Name a river.")
}

#[tokio::test]
async fn the_model_is_in_the_path_and_the_version_in_the_body() {
    let server = Server::new(message);
    let client = server.client(keyed());
    let model = "arn:aws:bedrock:eu-west-1:1:inference-profile/eu.anthropic.claude-opus-5-5";
    let response = client
        .messages()
        .create(params(model))
        .with_response()
        .await
        .unwrap();
    assert_eq!(response.request_id(), Some("aws-7"));
    let [request] = &server.requests()[..] else {
        panic!("one request")
    };
    assert_eq!(
        request.uri().to_string(),
        "https://bedrock-runtime.eu-west-1.amazonaws.com/model/\
         arn:aws:bedrock:eu-west-1:1:inference-profile%2Feu.anthropic.claude-opus-5-5/invoke"
    );
    let wanted = json!({
        "max_tokens": 100,
        "messages": [{"role": "user", "content": "Name a river."}],
        "anthropic_version": anthropic::API_VERSION,
    });
    assert_eq!(body(request), wanted);
    assert_eq!(request.headers()["authorization"], "Bearer key");
    assert!(!request.headers().contains_key("anthropic-version"));
}

#[tokio::test]
async fn betas_and_the_user_profile_go_into_the_body() {
    let server = Server::new(message);
    // Of the client, and of the request.
    let client = server
        .client(keyed())
        .to_builder()
        .beta("one-2026-01-01")
        .build()
        .unwrap();
    let params = params("anthropic.claude-opus-5-5");
    let request = client
        .beta()
        .messages()
        .create(params)
        .beta("two-2026-01-01");
    request
        .header("anthropic-user-profile-id", "profile_1")
        .await
        .unwrap();
    let [request] = &server.requests()[..] else {
        panic!("one request")
    };
    let body = body(request);
    assert_eq!(
        body["anthropic_beta"],
        json!(["two-2026-01-01", "one-2026-01-01"])
    );
    assert_eq!(body["user_profile_id"], "profile_1");
    assert!(!request.headers().contains_key("anthropic-user-profile-id"));
    assert_eq!(request.uri().query(), None);
}

#[tokio::test]
async fn what_the_caller_puts_into_the_body_stays() {
    let server = Server::new(message);
    let client = server.client(keyed());
    let request = client
        .messages()
        .create(params("anthropic.claude-opus-5-5"));
    let request = request.extra_body("anthropic_version", "bedrock-2023-05-31");
    request.await.unwrap();
    let [request] = &server.requests()[..] else {
        panic!("one request")
    };
    assert_eq!(body(request)["anthropic_version"], "bedrock-2023-05-31");
}

#[tokio::test]
async fn tokens_are_counted() {
    let server = Server::new(|_| {
        let response = http::Response::builder().header("content-type", "application/json");
        response.body(r#"{"inputTokens":12}"#.to_owned()).unwrap()
    });
    let client = server.client(keyed());
    let params = MessageCountTokensParams::from(params("anthropic.claude-opus-5-5"));
    let counted = client.messages().count_tokens(params).await.unwrap();
    assert_eq!(counted.input_tokens, 12);
    let [request] = &server.requests()[..] else {
        panic!("one request")
    };
    assert_eq!(
        request.uri().path(),
        "/model/anthropic.claude-opus-5-5/count-tokens"
    );
    let inner = body(request)["input"]["invokeModel"]["body"].clone();
    let inner = base64_simd::STANDARD
        .decode_to_vec(inner.as_str().unwrap())
        .unwrap();
    let inner: Value = serde_json::from_slice(&inner).unwrap();
    assert_eq!(
        (&inner["max_tokens"], inner.get("model")),
        (&json!(1), None)
    );
}

#[tokio::test]
async fn a_model_that_would_change_the_path_is_not_sent() {
    let server = Server::new(message);
    let client = server.client(keyed());
    for model in ["", ".", "..", ";x", "..;x"] {
        let error = client.messages().create(params(model)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Request, "{model}");
    }
    client
        .messages()
        .create(params("a/../../b?c#d%2F\u{e9}"))
        .await
        .unwrap();
    let [request] = &server.requests()[..] else {
        panic!("one request")
    };
    assert_eq!(
        request.uri().path(),
        "/model/a%2F..%2F..%2Fb%3Fc%23d%252F%C3%A9/invoke"
    );
}

#[tokio::test]
async fn what_bedrock_lacks_is_unsupported_before_anything_is_sent() {
    let server = Server::new(message);
    let error = server
        .client(keyed())
        .models()
        .list(anthropic::types::ModelListParams::default())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(
        error
            .to_string()
            .contains("bedrock does not serve `models.list`"),
        "{error}"
    );
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn exceptions_have_the_kinds_of_the_apis_errors() {
    for (status, name, kind) in [
        (429, "ThrottlingException", ErrorKind::RateLimited),
        (400, "ValidationException", ErrorKind::InvalidRequest),
        (403, "AccessDeniedException", ErrorKind::PermissionDenied),
        (404, "ResourceNotFoundException", ErrorKind::NotFound),
        (503, "ServiceUnavailableException", ErrorKind::Overloaded),
    ] {
        let server = Server::new(move |_| {
            let response = http::Response::builder().status(status);
            let response = response.header("x-amzn-errortype", format!("{name}:http://x"));
            response.body(r#"{"message":"no"}"#.to_owned()).unwrap()
        });
        let client = server.client(keyed());
        let error = client.messages().create(params("m")).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{name}");
        assert_eq!(error.api_message(), Some("no"));
    }
}

/// A frame with these headers.
fn frame(headers: [(&'static str, &'static str); 2], payload: &Value, out: &mut Vec<u8>) {
    let mut frame = aws_smithy_types::event_stream::Message::new(payload.to_string());
    for (name, value) in headers {
        frame = frame.add_header(Header::new(name, HeaderValue::String(value.into())));
    }
    write_message_to(&frame, out).unwrap();
}

/// The start of a stream, in the middle of whose text something happens.
fn started() -> Vec<u8> {
    let mut frames = Vec::new();
    for event in [
        json!({"type": "message_start", "message": {
            "id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": [],
            "stop_reason": null, "stop_sequence": null, "usage": {"input_tokens": 3, "output_tokens": 1}}}),
        json!({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Rhi"}}),
    ] {
        let bytes = base64_simd::STANDARD.encode_to_string(event.to_string());
        let headers = [(":message-type", "event"), (":event-type", "chunk")];
        frame(headers, &json!({"bytes": bytes}), &mut frames);
    }
    frames
}

async fn error_of(frames: Vec<u8>) -> anthropic::Error {
    let server = Server::new(move |_| {
        let response = http::Response::builder();
        let response = response.header("content-type", "application/vnd.amazon.eventstream");
        response.body(frames.clone()).unwrap()
    });
    let stream = server
        .client(keyed())
        .messages()
        .stream(params("m"))
        .await
        .unwrap();
    let error = stream.final_message().await.unwrap_err();
    assert_eq!(
        error.partial::<Message>().map(Message::text).as_deref(),
        Some("Rhi")
    );
    error
}

#[tokio::test]
async fn an_exception_in_a_stream_is_the_apis_error() {
    let mut frames = started();
    let headers = [
        (":message-type", "exception"),
        (":exception-type", "throttlingException"),
    ];
    frame(headers, &json!({"message": "slow down"}), &mut frames);
    let error = error_of(frames).await;
    assert_eq!(error.kind(), ErrorKind::RateLimited);
    assert_eq!(error.api_message(), Some("slow down"));
}

#[tokio::test]
async fn a_frame_that_cannot_be_read_ends_the_stream() {
    let whole = started();
    let offset = whole.len() as u64;
    for (damage, kind) in [
        (Vec::new(), None),
        (whole[..40].to_vec(), Some(FrameErrorKind::Incomplete)),
        (vec![0; 16], Some(FrameErrorKind::Checksum)),
    ] {
        let error = error_of([whole.clone(), damage].concat()).await;
        let mut cause = std::error::Error::source(&error);
        let mut found = None;
        while let Some(error) = cause {
            found = found.or(error.downcast_ref::<FrameError>());
            cause = error.source();
        }
        assert_eq!(
            found.map(|it| (it.kind(), it.offset())),
            kind.map(|kind| (kind, offset))
        );
    }
}

/// Credentials that expire in an hour and are others each time.
#[derive(Debug, Default)]
struct Role(AtomicU32);

impl ProvideCredentials for Role {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let number = self.0.fetch_add(1, Ordering::Relaxed);
        let expiry = Some(SystemTime::now() + Duration::from_hours(1));
        let credentials = Credentials::new(format!("AKID{number}"), "secret", None, expiry, "test");
        future::ProvideCredentials::ready(Ok(credentials))
    }
}

fn refusing(name: &'static str, accepted: &'static str) -> Server {
    Server::new(move |request| {
        let given = request.headers()["authorization"].to_str().unwrap();
        if given.contains(accepted) {
            return message(request);
        }
        let response = http::Response::builder().status(403);
        let response = response.header("x-amzn-errortype", name);
        response.body(r#"{"message":"no"}"#.to_owned()).unwrap()
    })
}

#[tokio::test]
async fn expired_credentials_are_fetched_once_more() {
    let server = refusing("ExpiredTokenException", "AKID1");
    let client = server.client(bedrock().region("eu-west-1").credentials(Role::default()));
    client.messages().create(params("m")).await.unwrap();
    client.messages().create(params("m")).await.unwrap();
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn other_refusals_and_lasting_credentials_are_not_repeated() {
    let server = refusing("AccessDeniedException", "AKID1");
    let client = server.client(bedrock().region("eu-west-1").credentials(Role::default()));
    client.messages().create(params("m")).await.unwrap_err();
    assert_eq!(server.requests().len(), 1);
    let server = refusing("ExpiredTokenException", "none");
    let client = server.client(
        bedrock()
            .region("eu-west-1")
            .access_key("AKID", "secret", None),
    );
    client.messages().create(params("m")).await.unwrap_err();
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_wrong_clock_is_corrected_once() {
    let ahead = SystemTime::now() + Duration::from_hours(1);
    let right = httpdate::fmt_http_date(ahead);
    let server = Server::new(move |request| {
        let date = request.headers()["x-amz-date"].to_str().unwrap().to_owned();
        let hour = httpdate::fmt_http_date(ahead);
        let hour = hour
            .split_whitespace()
            .nth(4)
            .unwrap()
            .split(':')
            .next()
            .unwrap();
        if date.get(9..11) == Some(hour) {
            return message(request);
        }
        let response = http::Response::builder().status(403).header("date", &right);
        let response = response.header("x-amzn-errortype", "InvalidSignatureException");
        response
            .body(r#"{"message":"Signature expired"}"#.to_owned())
            .unwrap()
    });
    let client = server.client(
        bedrock()
            .region("eu-west-1")
            .access_key("AKID", "secret", None),
    );
    client.messages().create(params("m")).await.unwrap();
    client.messages().create(params("m")).await.unwrap();
    assert_eq!(server.requests().len(), 3, "the correction is kept");
}

/// Credentials that take a while.
#[derive(Debug)]
struct Slow(Arc<Role>);
impl ProvideCredentials for Slow {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            self.0.provide_credentials().await
        })
    }
}

#[tokio::test]
async fn requests_at_the_same_time_fetch_credentials_once() {
    let server = Server::new(message);
    let role = Arc::new(Role::default());
    let client = server.client(
        bedrock()
            .region("eu-west-1")
            .credentials(Slow(role.clone())),
    );
    let create = || async { client.messages().create(params("m")).await };
    let (one, two, three) = tokio::join!(create(), create(), create());
    assert!(one.is_ok() && two.is_ok() && three.is_ok());
    assert_eq!(role.0.load(Ordering::Relaxed), 1);
}
