//! The services as the simulator has them, over real sockets: frames with checksums, signatures
//! that are checked.

use std::time::Duration;

use anthropic::types::{FileUploadParams, Message, MessageCountTokensParams, StreamEvent};
use anthropic::{Client, ErrorKind, Upload};
use anthropic_aws::{AwsBuilder, bedrock, bedrock_mantle, bedrock_messages, claude_platform};
use anthropic_sim::faults::Rule;
use anthropic_sim::{Builder, Platform, Simulator};

use crate::support::params;

const MODEL: &str = "eu.anthropic.claude-opus-5-5";

async fn started(platform: Platform) -> Simulator {
    let simulator = Simulator::builder().platform(platform);
    simulator.start().await.unwrap()
}

fn signed(simulator: &Simulator, builder: AwsBuilder) -> Client {
    let (id, secret) = simulator.access_key();
    let builder = builder.region("eu-west-1").access_key(id, secret, None);
    client(builder)
}

fn client(builder: AwsBuilder) -> Client {
    let client = Client::builder().platform(builder.platform().unwrap());
    client.max_retries(0).build().unwrap()
}

/// What Bedrock adds to the last event of a stream, which no version of the SDK knows.
#[tokio::test]
async fn the_metrics_of_an_invocation_survive() {
    let simulator = started(Platform::Bedrock).await;
    let client = signed(&simulator, bedrock().base_url(simulator.base_url()));
    let mut stream = client.messages().stream(params(MODEL)).await.unwrap();
    let (mut metrics, mut tokens) = (None, None);
    while let Some(event) = stream.try_next().await.unwrap() {
        match event {
            StreamEvent::MessageDelta(delta) => tokens = Some(delta.usage.output_tokens),
            StreamEvent::MessageStop(stop) => {
                metrics = stop.extra.decode("amazon-bedrock-invocationMetrics");
            }
            _ => {}
        }
    }
    let metrics: serde_json::Value = metrics.unwrap();
    assert_eq!(metrics["outputTokenCount"], serde_json::json!(tokens));
}

/// A conversation that the API holds: the official clients have it on Bedrock, too.
#[tokio::test]
async fn bedrock_serves_threads() {
    let simulator = started(Platform::Bedrock).await;
    let client = signed(&simulator, bedrock().base_url(simulator.base_url()));
    let mut thread = client.beta().messages().thread(params(MODEL));
    thread.send("And another one?").await.unwrap();
    thread.send("And a third?").await.unwrap();
    let requests = simulator.requests();
    assert_eq!(requests.len(), 2);
    let (first, second) = (requests[0].json(), requests[1].json());
    assert!(first["thread"].is_object(), "{first}");
    assert!(second["thread"].is_object(), "{second}");
    // What is new alone.
    assert_eq!(second["messages"].as_array().unwrap().len(), 1, "{second}");
}

async fn serves(client: &Client, model: &str) {
    let messages = client.messages();
    let message = messages.create(params(model)).await.unwrap();
    let streamed = messages.stream(params(model)).await.unwrap();
    let streamed = streamed.final_message().await.unwrap();
    assert_eq!(streamed.text(), message.text());
    assert_eq!(streamed.usage.output_tokens, message.usage.output_tokens);
    let counted = MessageCountTokensParams::from(params(model));
    let counted = messages.count_tokens(counted).await.unwrap();
    assert!(counted.input_tokens > 0);
}

#[tokio::test]
async fn bedrock_serves_messages_streams_and_counts() {
    let simulator = started(Platform::Bedrock).await;
    let signed = signed(&simulator, bedrock().base_url(simulator.base_url()));
    serves(&signed, MODEL).await;
    let arn = format!("arn:aws:bedrock:eu-west-1:123456789012:inference-profile/{MODEL}");
    serves(&signed, &arn).await;
    let keyed = bedrock().base_url(simulator.base_url()).api_key("any");
    serves(&client(keyed), MODEL).await;
    let url = format!("{}/anthropic", simulator.url());
    let (id, secret) = simulator.access_key();
    let messages = bedrock_messages().base_url(url).region("eu-west-1");
    serves(&client(messages.access_key(id, secret, None)), MODEL).await;
}

#[tokio::test]
async fn mantle_and_the_claude_platform_serve_theirs() {
    let simulator = started(Platform::Mantle).await;
    let mantle = bedrock_mantle().base_url(simulator.base_url());
    serves(&signed(&simulator, mantle), "anthropic.claude-opus-5-5").await;
    let simulator = started(Platform::Aws).await;
    let platform = || {
        let platform = claude_platform().base_url(simulator.base_url());
        platform.workspace_id("wrkspc_1")
    };
    serves(&signed(&simulator, platform()), "claude-opus-5-5").await;
    serves(&client(platform().api_key("any")), "claude-opus-5-5").await;
}

#[tokio::test]
async fn uploads_are_signed_with_what_they_contain() {
    let simulator = started(Platform::Aws).await;
    let platform = claude_platform().base_url(simulator.base_url());
    let client = signed(&simulator, platform.workspace_id("wrkspc_1"));
    // In memory, from a file that is read twice, and from a reader that can be read once.
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("upload.txt");
    std::fs::write(&path, "rivers ".repeat(100_000)).unwrap();
    for upload in [
        Upload::bytes("a.txt", "rivers"),
        Upload::from_path(&path).unwrap(),
        Upload::reader("b.txt", std::io::Cursor::new(b"rivers".repeat(50_000))),
    ] {
        let uploaded = client.files().upload(upload, FileUploadParams::new()).await;
        uploaded.unwrap();
    }
    assert_eq!(simulator.requests().len(), 3);
}

/// The pieces of a body are what its signature is of, and arrive in their order.
#[tokio::test]
async fn a_long_prompt_arrives_whole() {
    let simulator = started(Platform::Bedrock).await;
    let signed = signed(&simulator, bedrock().base_url(simulator.base_url()));
    let keyed = client(bedrock().base_url(simulator.base_url()).api_key("any"));
    let prompt = (0..100_000)
        .map(|number| number.to_string())
        .collect::<String>();
    for client in [signed, keyed] {
        let params = params(MODEL).user(&*prompt);
        client.messages().create(params).await.unwrap();
    }
    for request in simulator.requests() {
        assert_eq!(request.json()["messages"][1]["content"], prompt);
    }
    assert_eq!(simulator.requests().len(), 2);
}

#[tokio::test]
async fn a_signature_by_another_key_is_refused() {
    let simulator = started(Platform::Bedrock).await;
    let builder = || bedrock().base_url(simulator.base_url()).region("eu-west-1");
    for (builder, name) in [
        (
            builder().access_key("AKIDEXAMPLE", "wrong", None),
            "signature",
        ),
        (
            builder().access_key("AKIDOTHER", "wrong", None),
            "security token",
        ),
    ] {
        let sent = client(builder).messages().create(params(MODEL)).await;
        let error = sent.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Authentication);
        assert!(error.to_string().contains(name), "{error}");
    }
    assert!(simulator.requests().is_empty());
}

#[tokio::test]
async fn a_clock_that_is_wrong_is_corrected_once() {
    let simulator = started(Platform::Bedrock).await;
    simulator.advance(Duration::from_hours(3));
    let client = signed(&simulator, bedrock().base_url(simulator.base_url()));
    client.messages().create(params(MODEL)).await.unwrap();
    simulator.advance(Duration::from_hours(3));
    client.messages().create(params(MODEL)).await.unwrap();
}

async fn streamed(rule: &str) -> anthropic::Error {
    let fault = Rule::parse(rule).unwrap();
    let simulator: Builder = Simulator::builder()
        .platform(Platform::Bedrock)
        .fault(fault);
    let simulator = simulator.start().await.unwrap();
    let client = signed(&simulator, bedrock().base_url(simulator.base_url()));
    let stream = client.messages().stream(params(MODEL)).await.unwrap();
    stream.final_message().await.unwrap_err()
}

#[tokio::test]
async fn a_stream_that_breaks_has_the_message_so_far() {
    for (rule, kind) in [
        ("overloaded=5", ErrorKind::Overloaded),
        (
            "error-after=5; type=rate_limit_error",
            ErrorKind::RateLimited,
        ),
        ("end-after=5", ErrorKind::StreamTruncated),
        ("cut-after=5", ErrorKind::StreamTruncated),
    ] {
        let error = streamed(rule).await;
        assert_eq!(error.kind(), kind, "{rule}: {error}");
        let partial = error.partial::<Message>().unwrap();
        assert!(!partial.text().is_empty(), "{rule}");
    }
}
