//! InvokeModel, and the binary frames of its streams.

use anthropic_sim::faults::{Fault, Rule};
use anthropic_sim::{Platform, Reply, Simulator};
use serde_json::{Value, json};

use super::{BEARER, VERSION, cloud, hello_with, post, started};
use crate::client::{Answer, send};

const MODEL: &str = "eu.anthropic.claude-opus-5-5";

fn invocation() -> Value {
    hello_with(json!({"anthropic_version": VERSION}))
}

async fn invoke(simulator: &Simulator, action: &str, body: &Value) -> Answer {
    let path = format!("/model/{MODEL}/{action}");
    post(simulator, &path, &[BEARER], body).await
}

/// Bit by bit, so that the simulator's table can't be wrong in the same way.
fn crc32(bytes: &[u8]) -> u32 {
    let mut sum = u32::MAX;
    for byte in bytes {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            let low = sum & 1;
            sum = (sum >> 1) ^ (low * 0xedb8_8320);
        }
    }
    !sum
}

#[derive(Debug)]
struct Frame {
    headers: Vec<(String, String)>,
    payload: Value,
}

impl Frame {
    fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value)
    }

    /// The API's event.
    fn event(&self) -> Value {
        assert_eq!(self.header(":message-type"), "event");
        assert_eq!(self.header(":event-type"), "chunk");
        let digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let text = self.payload["bytes"].as_str().unwrap();
        let (mut held, mut bits, mut bytes) = (0_u32, 0, Vec::new());
        for digit in text.bytes().filter(|byte| *byte != b'=') {
            let value = digits.iter().position(|it| *it == digit).unwrap();
            held = held << 6 | u32::try_from(value).unwrap();
            bits += 6;
            if bits >= 8 {
                bits -= 8;
                bytes.push((held >> bits & 0xff) as u8);
            }
        }
        serde_json::from_slice(&bytes).unwrap()
    }
}

/// The frames of a body, each with its checksums.
fn frames(mut bytes: &[u8]) -> Vec<Frame> {
    let number = |bytes: &[u8]| u32::from_be_bytes(bytes.try_into().unwrap());
    let mut frames = Vec::new();
    while !bytes.is_empty() {
        let total = number(&bytes[..4]) as usize;
        let (frame, rest) = bytes.split_at(total);
        bytes = rest;
        assert_eq!(number(&frame[8..12]), crc32(&frame[..8]));
        assert_eq!(number(&frame[total - 4..]), crc32(&frame[..total - 4]));
        let (mut head, payload) = frame[12..total - 4].split_at(number(&frame[4..8]) as usize);
        let mut headers = Vec::new();
        while !head.is_empty() {
            let (name, rest) = head[1..].split_at(usize::from(head[0]));
            assert_eq!(rest[0], 7, "a string");
            let length = usize::from(u16::from_be_bytes(rest[1..3].try_into().unwrap()));
            let (value, rest) = rest[3..].split_at(length);
            head = rest;
            let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
            headers.push((text(name), text(value)));
        }
        let payload = serde_json::from_slice(payload).unwrap();
        frames.push(Frame { headers, payload });
    }
    frames
}

/// The name and the message of an exception.
fn exception(answer: &Answer, status: u16) -> (String, String) {
    assert_eq!(answer.status, status, "{}", answer.text());
    let name = answer.header("x-amzn-errortype").unwrap();
    let name = name.split(':').next().unwrap().to_owned();
    assert!(answer.header("request-id").is_none());
    let body = answer.json();
    assert_eq!(body.as_object().unwrap().len(), 1);
    (name, body["message"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_model_is_invoked() {
    let simulator = started(Platform::Bedrock).await;
    let body = hello_with(json!({
        "anthropic_version": "bedrock-2023-05-31", "anthropic_beta": ["one-2026-01-01", "two-2026-01-01"],
        "user_profile_id": "profile_1",
    }));
    let answer = invoke(&simulator, "invoke", &body).await;
    let message = answer.ok();
    assert_eq!(message["model"], "claude-opus-5-5");
    assert!(answer.header("x-amzn-requestid").is_some());
    assert!(answer.header("date").is_some());
    let tokens = answer.header("x-amzn-bedrock-input-token-count");
    assert_eq!(
        tokens.map(str::to_owned),
        Some(message["usage"]["input_tokens"].to_string())
    );
    for name in [
        "request-id",
        "anthropic-organization-id",
        "anthropic-ratelimit-requests-limit",
    ] {
        assert!(answer.header(name).is_none(), "{name}");
    }
    // What a test sees is the API's own request.
    let request = simulator.requests().remove(0);
    assert_eq!(request.path, "/v1/messages");
    assert_eq!(request.header("anthropic-version"), Some("2023-06-01"));
    assert_eq!(
        request.header("anthropic-beta"),
        Some("one-2026-01-01,two-2026-01-01")
    );
    assert_eq!(
        request.header("anthropic-user-profile-id"),
        Some("profile_1")
    );
    assert_eq!(request.header("authorization"), Some("[redacted]"));
    let body = request.json();
    assert_eq!(body["model"], "claude-opus-5-5");
    for name in [
        "anthropic_version",
        "anthropic_beta",
        "user_profile_id",
        "stream",
    ] {
        assert_eq!(body.get(name), None, "{name}");
    }
}

#[tokio::test]
async fn the_frames_of_a_stream_fold_to_the_message() {
    let simulator = started(Platform::Bedrock).await;
    let message = invoke(&simulator, "invoke", &invocation()).await.ok();
    let answer = invoke(&simulator, "invoke-with-response-stream", &invocation()).await;
    assert_eq!(answer.status, 200);
    let media_type = "application/vnd.amazon.eventstream";
    assert_eq!(answer.header("content-type"), Some(media_type));
    assert!(answer.chunks.len() > 5, "each event is a chunk of its own");
    let frames = frames(&answer.body());
    let events: Vec<Value> = frames.iter().map(Frame::event).collect();
    let text: String = events
        .iter()
        .filter_map(|event| event.pointer("/delta/text")?.as_str())
        .collect();
    assert_eq!(text, message["content"][0]["text"].as_str().unwrap());
    assert_eq!(events[0]["message"]["id"], message["id"]);
    let last = events.last().unwrap();
    assert_eq!(last["type"], "message_stop");
    let metrics = &last["amazon-bedrock-invocationMetrics"];
    assert_eq!(
        metrics["outputTokenCount"],
        message["usage"]["output_tokens"]
    );
    assert_eq!(metrics["inputTokenCount"], message["usage"]["input_tokens"]);
}

#[tokio::test]
async fn tokens_are_counted_in_a_body_in_base64() {
    let simulator = started(Platform::Bedrock).await;
    // {"anthropic_version":"2026-10-21","max_tokens":1,"messages":[{"role":"user","content":"Hello"}]}
    let inner = "eyJhbnRocm9waWNfdmVyc2lvbiI6IjIwMjYtMTAtMjEiLCJtYXhfdG9rZW5zIjoxLCJtZXNzYWdlcyI6W3sicm9sZSI6InVzZXIiLCJj\
                 b250ZW50IjoiSGVsbG8ifV19";
    let body = json!({"input": {"invokeModel": {"body": inner}}});
    let counted = invoke(&simulator, "count-tokens", &body).await.ok();
    assert!(counted["inputTokens"].as_u64().unwrap() > 0, "{counted}");
    assert_eq!(counted.as_object().unwrap().len(), 1);
    // {"anthropic_version":"2026-10-21","messages":[]}
    let inner = "eyJhbnRocm9waWNfdmVyc2lvbiI6IjIwMjYtMTAtMjEiLCJtZXNzYWdlcyI6W119";
    for (body, problem) in [
        (
            json!({"input": {"invokeModel": {"body": inner}}}),
            "max_tokens: Field required",
        ),
        (json!({"input": {}}), "input.invokeModel.body"),
        (
            json!({"input": {"invokeModel": {"body": "e#"}}}),
            "input.invokeModel.body",
        ),
    ] {
        let answer = invoke(&simulator, "count-tokens", &body).await;
        let (name, message) = exception(&answer, 400);
        assert_eq!(name, "ValidationException");
        assert!(message.contains(problem), "{message}");
    }
}

#[tokio::test]
async fn mistakes_are_exceptions() {
    let simulator = started(Platform::Bedrock).await;
    for (body, problem) in [
        (hello_with(json!({})), "anthropic_version: Field required"),
        (
            hello_with(json!({"anthropic_version": 1})),
            "anthropic_version",
        ),
        (
            hello_with(json!({"anthropic_version": VERSION, "model": "m"})),
            "model: Extra inputs",
        ),
        (
            hello_with(json!({"anthropic_version": VERSION, "stream": true})),
            "stream: Extra inputs",
        ),
        (
            hello_with(json!({"anthropic_version": VERSION, "anthropic_beta": "a"})),
            "anthropic_beta",
        ),
        (
            hello_with(json!({"anthropic_version": VERSION, "max_tokens": 0.5})),
            "max_tokens",
        ),
        (
            json!({"anthropic_version": VERSION, "max_tokens": 1, "messages": []}),
            "messages",
        ),
        (json!([]), "Malformed"),
    ] {
        let answer = invoke(&simulator, "invoke", &body).await;
        let (name, message) = exception(&answer, 400);
        assert_eq!(name, "ValidationException");
        assert!(message.contains(problem), "{message}");
    }
    let path = "/model/anthropic.claude-opus-999/invoke";
    let answer = post(&simulator, path, &[BEARER], &invocation()).await;
    let wanted = "The provided model identifier is invalid.";
    let unknown = ("ValidationException".to_owned(), wanted.to_owned());
    assert_eq!(exception(&answer, 400), unknown);
    for path in ["/model/m/converse", "/v1/messages", "/model//invoke"] {
        let answer = post(&simulator, path, &[BEARER], &invocation()).await;
        assert_eq!(
            exception(&answer, 404).0,
            "UnknownOperationException",
            "{path}"
        );
    }
    let none = post(&simulator, "/model/m/invoke", &[], &invocation()).await;
    assert_eq!(
        exception(&none, 403).0,
        "MissingAuthenticationTokenException"
    );
    let empty = [("authorization", "Bearer ")];
    let empty = post(&simulator, "/model/m/invoke", &empty, &invocation()).await;
    assert_eq!(exception(&empty, 403).0, "AccessDeniedException");
}

#[tokio::test]
async fn scripted_errors_and_faults_are_exceptions_too() {
    for (status, name, code) in [
        (429, "ThrottlingException", 429),
        (529, "ServiceUnavailableException", 503),
        (500, "InternalServerException", 500),
        (403, "AccessDeniedException", 403),
        (413, "RequestEntityTooLargeException", 413),
    ] {
        let fault = Fault::status(status).header("retry-after", "7");
        let simulator = cloud(Platform::Bedrock).fault(fault).start().await.unwrap();
        let answer = invoke(&simulator, "invoke", &invocation()).await;
        assert_eq!(exception(&answer, code).0, name);
        assert_eq!(answer.header("retry-after"), Some("7"));
    }
    let simulator = cloud(Platform::Bedrock)
        .reply(Reply::error(429, "rate_limit_error", "slow down"))
        .start()
        .await
        .unwrap();
    let answer = invoke(&simulator, "invoke-with-response-stream", &invocation()).await;
    assert_eq!(exception(&answer, 429).1, "slow down");
}

async fn faulty(fault: &str) -> Answer {
    let rule = Rule::parse(fault).unwrap();
    let simulator = cloud(Platform::Bedrock).fault(rule).start().await.unwrap();
    let answer = invoke(&simulator, "invoke-with-response-stream", &invocation()).await;
    let media_type = "application/vnd.amazon.eventstream";
    assert_eq!(answer.header("content-type"), Some(media_type), "{fault}");
    answer
}

#[tokio::test]
async fn errors_in_a_stream_are_exceptions_in_a_frame() {
    for (fault, name) in [
        ("overloaded=2", "serviceUnavailableException"),
        (
            "error-after=2; type=rate_limit_error; message=slow",
            "throttlingException",
        ),
        (
            "error-after=2; type=song_error",
            "modelStreamErrorException",
        ),
    ] {
        let frames = frames(&faulty(fault).await.body());
        assert_eq!(frames.len(), 3, "{fault}");
        let last = frames.last().unwrap();
        assert_eq!(last.header(":message-type"), "exception");
        assert_eq!(last.header(":exception-type"), name);
        assert!(last.payload["message"].is_string());
    }
}

#[tokio::test]
async fn streams_break_between_or_within_frames() {
    let cut = faulty("cut-after=3").await;
    assert!(!cut.complete);
    assert_eq!(frames(&cut.body()).len(), 3);
    let ended = faulty("end-after=3").await;
    assert!(ended.complete);
    assert_eq!(frames(&ended.body()).len(), 3);
    for whole in ["byte-by-byte", "rechunk=7", "slow-body=1"] {
        let answer = faulty(whole).await;
        assert!(answer.complete, "{whole}");
        assert!(frames(&answer.body()).len() > 5, "{whole}");
    }
    let half = faulty("half").await;
    let total = half
        .header("content-length")
        .unwrap()
        .parse::<usize>()
        .unwrap();
    assert_eq!(half.body().len(), total / 2);
    let huge = frames(&faulty("huge-event-after=1; bytes=100000").await.body());
    let text = huge[1].event()["delta"]["text"].as_str().unwrap().len();
    assert_eq!(text, 100_000);
}

#[tokio::test]
async fn an_error_that_comes_slowly_is_aws_too() {
    let started = tokio::time::Instant::now();
    let simulator = cloud(Platform::Bedrock)
        .fault(Rule::parse("status=429; slow-body=5").unwrap())
        .start()
        .await
        .unwrap();
    let answer = invoke(&simulator, "invoke", &invocation()).await;
    assert!(answer.chunks.len() > 5, "it comes in pieces");
    assert!(started.elapsed().as_millis() >= 25);
    let (name, message) = exception(&answer, 429);
    assert_eq!(name, "ThrottlingException");
    assert!(!message.is_empty());
    assert!(answer.header("x-amzn-requestid").is_some());
}

#[tokio::test]
async fn the_messages_api_beside_it_is_the_apis_own() {
    let simulator = started(Platform::Bedrock).await;
    let headers = [BEARER, ("anthropic-version", VERSION)];
    let body = hello_with(json!({"model": "anthropic.claude-opus-5-5"}));
    let answer = post(&simulator, "/anthropic/v1/messages", &headers, &body).await;
    assert_eq!(answer.ok()["model"], "claude-opus-5-5");
    assert_eq!(
        answer.header("request-id"),
        answer.header("x-amzn-requestid")
    );
    let wrong = hello_with(json!({"model": "claude-opus-5-5"}));
    let answer = post(&simulator, "/anthropic/v1/messages", &headers, &wrong).await;
    assert_eq!(answer.error(404).0, "not_found_error");
}

#[tokio::test]
async fn the_page_and_health_are_where_they_are() {
    let simulator = cloud(Platform::Bedrock)
        .base_path("/aws")
        .start()
        .await
        .unwrap();
    assert!(simulator.base_url().ends_with("/aws"));
    let host = simulator.url().strip_suffix("/aws").unwrap();
    for path in ["/aws/health", "/aws/_sim"] {
        let answer = send(host, "GET", path, &[], b"").await;
        assert_eq!(answer.status, 200, "{path}");
    }
    let path = format!("/aws/model/{MODEL}/invoke");
    let body = invocation().to_string();
    let headers = [("authorization", "Bearer key"), ("x-api-key", "")];
    let answer = send(host, "POST", &path, &headers, body.as_bytes()).await;
    assert_eq!(answer.ok()["type"], "message");
}
