//! Requests to Bedrock, and its responses.

use std::sync::{Arc, Mutex};

use anthropic::ErrorKind;
use anthropic::transport::HttpRequest;
use anthropic::types::{Message, MessageCountTokensParams};
use anthropic_aws::{FrameError, FrameErrorKind, bedrock};
use bytes::Bytes;
use serde_json::{Value, json};

use crate::support::{EVENT_STREAM, Server, chunk, frame, keyed, message, params};

fn body(request: &HttpRequest) -> Value {
    serde_json::from_slice(request.body().as_bytes().unwrap()).unwrap()
}

#[tokio::test]
async fn the_model_is_in_the_path_and_the_version_in_the_body() {
    let server = Server::new(message);
    let client = server.client(keyed());
    let model = "arn:aws:bedrock:eu-west-1:1:inference-profile/eu.anthropic.claude-opus-5-5";
    let response = client
        .messages()
        .create(params(model))
        .query("trace", "1")
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
         arn:aws:bedrock:eu-west-1:1:inference-profile%2Feu.anthropic.claude-opus-5-5/invoke?trace=1"
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

#[tokio::test(start_paused = true)]
async fn a_long_prompt_is_sent_from_where_it_is_in_every_attempt() {
    let signed = bedrock()
        .region("eu-west-1")
        .access_key("id", "secret", None);
    for builder in [keyed(), signed] {
        let server = Server::new(|_| {
            let response = http::Response::builder().status(529);
            response.body(String::new()).unwrap()
        });
        let canonical = Arc::new(Mutex::new(Bytes::new()));
        let seen = Arc::clone(&canonical);
        let watching = anthropic::middleware_fn(move |request, next| {
            *seen.lock().unwrap() = request.body().as_bytes().unwrap().clone();
            next.run(request)
        });
        let client = server.client(builder).to_builder().middleware(watching);
        let client = client.max_retries(1).build().unwrap();
        let params = params("m").user("é\n".repeat(100_000));
        client.messages().create(params).await.unwrap_err();
        let canonical = canonical.lock().unwrap().clone();
        let requests = server.requests();
        assert_eq!(requests.len(), 2);
        for request in requests {
            let [start, messages, end] = request.body().as_pieces().unwrap() else {
                panic!("three pieces")
            };
            assert_eq!(start, r#"{"max_tokens":100,"messages":"#);
            assert!(canonical.as_ptr_range().contains(&messages.as_ptr()));
            let version = anthropic::API_VERSION;
            assert_eq!(end, &format!(r#","anthropic_version":"{version}"}}"#));
            let canonical: Value = serde_json::from_slice(&canonical).unwrap();
            assert_eq!(body(&request)["messages"], canonical["messages"]);
        }
    }
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
async fn betas_are_added_to_those_in_the_body() {
    // What is no list is the API's to refuse.
    for (own, expected) in [
        (json!(["one", "two"]), json!(["one", "two", "three"])),
        (json!("one"), json!("one")),
    ] {
        let server = Server::new(message);
        let request = server.client(keyed());
        let request = request.messages().create(params("m"));
        let request = request.extra_body("anthropic_beta", own);
        request.beta("two").beta("three").await.unwrap();
        let [request] = &server.requests()[..] else {
            panic!("one request")
        };
        assert_eq!(body(request)["anthropic_beta"], expected);
    }
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
async fn a_gateway_may_count_in_the_apis_form() {
    let server = Server::new(|_| http::Response::new(r#"{"input_tokens":5}"#.to_owned()));
    let params = MessageCountTokensParams::from(params("m"));
    let client = server.client(keyed());
    let counted = client.messages().count_tokens(params).await.unwrap();
    assert_eq!(counted.input_tokens, 5);
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
        chunk(&event.to_string(), &mut frames);
    }
    frames
}

async fn error_of(frames: Vec<u8>) -> anthropic::Error {
    let server = Server::new(move |_| {
        let response = http::Response::builder();
        let response = response.header("content-type", EVENT_STREAM);
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

/// A frame whose checksums are right, whatever else is wrong with it.
fn summed(total: usize, headers: &[u8], payload: &[u8]) -> Vec<u8> {
    let lengths = [total, headers.len()].map(|len| u32::try_from(len).unwrap().to_be_bytes());
    let mut frame = lengths.concat();
    frame.extend(crc32fast::hash(&frame).to_be_bytes());
    frame.extend([headers, payload].concat());
    frame.extend(crc32fast::hash(&frame).to_be_bytes());
    frame
}

#[tokio::test]
async fn a_frame_that_cannot_be_read_ends_the_stream() {
    let whole = started();
    let offset = whole.len() as u64;
    for (damage, kind) in [
        (Vec::new(), None),
        (whole[..40].to_vec(), Some(FrameErrorKind::Incomplete)),
        (vec![0; 16], Some(FrameErrorKind::Checksum)),
        // Shorter than its own lengths and checksums, shorter than its headers, and too long.
        (summed(15, b"", b""), Some(FrameErrorKind::Length)),
        (summed(20, &[0; 5], b""), Some(FrameErrorKind::Length)),
        (summed(1 << 30, b"", b""), Some(FrameErrorKind::Length)),
        // A header whose name is longer than all headers, and a value of a type that is none.
        (summed(18, &[9, b':'], b""), Some(FrameErrorKind::Headers)),
        (
            summed(19, &[1, b'x', 99], b""),
            Some(FrameErrorKind::Headers),
        ),
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
