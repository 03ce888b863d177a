//! Bodies that are something else than their labels say: the first bytes decide.

use anthropic::types::{Message, ModelListParams};
use anthropic::{ErrorKind, MessageStream};
use serde_json::json;

use crate::stream_support::{EVENT_STREAM, answer, drain, params, sse};
use crate::support::{Reply, Script, builder, client};

const OVERLOADED: &str = r#"{"type":"error","error":{"type":"overloaded_error","message":"busy"},"request_id":"req_body"}"#;
const REFUSED: &str = r#"{"type":"error","error":{"type":"invalid_request_error","message":"no"}}"#;
const LABELS: [Option<&str>; 9] = [
    Some("text/event-stream"),
    Some("application/json"),
    Some("text/plain; charset=utf-8"),
    None,
    Some("text/html; charset=utf-8"),
    Some("application/x-ndjson"),
    Some("application/vnd.api+json"),
    Some("binary/octet-stream"),
    Some("text/event-stream, text/event-stream"),
];

fn reply(label: Option<&str>, body: &str) -> Reply {
    let label = label.map(|label| ("content-type", label));
    Reply::new(200, label.as_slice(), body.to_owned())
}

fn whole() -> String {
    json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-opus-5-5",
        "content": [
            {"type": "text", "text": "hello"},
            {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {"b": 1.50, "a": [1]}},
            {"type": "hologram", "scene": 1},
        ],
        "stop_reason": "tool_use", "stop_sequence": null,
        "usage": {"input_tokens": 3, "output_tokens": 9},
        "novel": {"x": 1},
    })
    .to_string()
}

#[tokio::test]
async fn a_stream_is_read_under_any_label() {
    for label in LABELS {
        for mark in ["", "\u{feff}"] {
            let body = format!("{mark}{}", sse(&answer("hello")));
            let script = Script::new([reply(label, &body), reply(label, &body)]);
            let client = client(&script);
            let stream = client.messages().stream(params()).await.unwrap();
            assert_eq!(stream.final_message().await.unwrap().text(), "hello");
            let message = client.messages().create(params()).await.unwrap();
            assert_eq!(message.text(), "hello", "{label:?}");
            assert_eq!(script.sent().len(), 2);
        }
    }
}

#[tokio::test]
async fn a_message_in_place_of_a_stream_is_used() {
    // With line ends and white space as a pretty printer leaves them.
    let pretty =
        serde_json::to_string_pretty(&serde_json::from_str::<serde_json::Value>(&whole()).unwrap());
    for label in LABELS {
        for body in [whole(), pretty.as_ref().unwrap().replace('\n', "\r\n")] {
            let script = Script::new([reply(label, &body), reply(label, &body)]);
            let client = client(&script);
            let plain = client.messages().create(params()).await.unwrap();
            let mut stream = client.messages().stream(params()).await.unwrap();
            let (events, error) = drain(&mut stream).await;
            assert!(error.is_none(), "{label:?}: {error:?}");
            let said: String = events.iter().filter_map(|event| event.text()).collect();
            assert_eq!(said, "hello");
            assert_eq!(stream.final_message().await.unwrap(), plain, "{label:?}");
            assert_eq!(script.sent().len(), 2);
        }
    }
}

#[tokio::test]
async fn a_message_in_place_of_a_stream_is_repaired_as_a_plain_answer_is() {
    let head = |content: &str, kind: &str| {
        format!(
            r#"{{"id":"msg_1",{kind}"role":"assistant","model":"m","content":{content},"stop_reason":"end_turn","usage":{{"input_tokens":3.5,"output_tokens":9}}}}"#
        )
    };
    let blocks = r#"[{"type":"text","text":"hello"},{"type":"tool_use","id":"t","name":"f"}]"#;
    let typed = r#""type":"message","#;
    for body in [
        head("null", typed),
        head(r#""hello""#, typed),
        head(r#"{"type":"text","text":"hello"}"#, typed),
        head("[null, 5]", typed),
        head(blocks, ""),
        head(blocks, r#""type":"\u006dessage","#),
        head(blocks, r#""type":null,"#),
        head(blocks, r#""type":"chat","#),
        head(&format!(r#"null,"content":{blocks}"#), typed),
        head(blocks, typed).replace(r#""usage""#, r#""usages""#),
        r#"{"type":"message","usage":{}}"#.to_owned(),
        // No message at all, and an object of another kind.
        r#"{"object":"chat.completion","choices":[{"message":{"content":"hello"}}]}"#.to_owned(),
        r#"{"message":"hello"}"#.to_owned(),
        "[]".to_owned(),
        "{}".to_owned(),
        "{\"a\":1} {\"a\":2}".to_owned(),
        "{nonsense}".to_owned(),
    ] {
        let json = Some("application/json");
        for strict in [false, true] {
            let script = Script::new([reply(json, &body), reply(json, &body)]);
            let client = builder(&script).strict(strict).build().unwrap();
            let plain = client.messages().create(params()).await;
            let stream = client.messages().stream(params()).await.unwrap();
            let streamed = stream.final_message().await;
            assert_eq!(script.sent().len(), 2, "{body}");
            match (plain, streamed) {
                (Ok(plain), Ok(streamed)) => {
                    assert_eq!(plain, streamed, "{body}");
                    let repairs = |message: &Message| format!("{:?}", message.repairs());
                    assert_eq!(repairs(&plain), repairs(&streamed), "{body}");
                }
                (Err(plain), Err(streamed)) => {
                    assert_eq!(plain.kind(), streamed.kind(), "{body}: {plain} {streamed}");
                }
                other => panic!("{body}: {other:?}"),
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_with_a_status_of_success_is_that_error() {
    for label in LABELS {
        let script = Script::new([
            reply(label, OVERLOADED),
            reply(label, &sse(&answer("hello"))),
        ]);
        let client = client(&script);
        let stream = client.messages().stream(params()).await.unwrap();
        assert_eq!(stream.final_message().await.unwrap().text(), "hello");
        assert_eq!(
            script.sent().len(),
            2,
            "it is retried as its status would be"
        );
        for body in [
            REFUSED.to_owned(),
            format!("{REFUSED}\n"),
            format!("\n {REFUSED}"),
        ] {
            let script = Script::new([
                reply(label, &body),
                reply(label, &body),
                reply(label, &body),
            ]);
            let client = builder(&script).max_retries(3).build().unwrap();
            let plain = client.messages().create(params()).await.unwrap_err();
            let stream = client.messages().stream(params()).await.unwrap();
            let streamed = stream.final_message().await.unwrap_err();
            let models: Result<serde_json::Value, _> = client.get("/v1/models").await;
            for error in [plain, streamed, models.unwrap_err()] {
                assert_eq!(
                    error.kind(),
                    ErrorKind::InvalidRequest,
                    "{label:?}: {error}"
                );
                assert_eq!(error.api_type().unwrap(), "invalid_request_error");
                assert_eq!(error.api_message(), Some("no"));
                assert!(!error.is_retryable());
            }
            assert_eq!(script.sent().len(), 3);
        }
    }
}

/// Errors of what stands in front of the API, with what is reported of each.
const FOREIGN: [(&str, ErrorKind, &str); 13] = [
    (
        r#"{"error":{"code":429,"message":"m","status":"RESOURCE_EXHAUSTED"}}"#,
        ErrorKind::RateLimited,
        "m",
    ),
    (
        r#"[{"error":{"code":503,"message":"","status":"UNAVAILABLE"}}]"#,
        ErrorKind::Internal,
        "UNAVAILABLE",
    ),
    (r#"{"detail":"m"}"#, ErrorKind::Api, "m"),
    (
        r#"{"detail":[{"type":"missing","loc":["body","max_tokens"],"msg":"m"}]}"#,
        ErrorKind::Api,
        "body.max_tokens: m",
    ),
    (r#"{"detail":{"error":"m"}}"#, ErrorKind::Api, "m"),
    (
        r#"{"detail":{"type":"error","error":{"type":"overloaded_error","message":"m"}}}"#,
        ErrorKind::Overloaded,
        "m",
    ),
    (
        r#"{"error":{"message":"m","type":"None","param":"None","code":"429"}}"#,
        ErrorKind::RateLimited,
        "m",
    ),
    (
        r#"{"code":500,"msg":"m","success":false}"#,
        ErrorKind::Internal,
        "m",
    ),
    (
        r#"{"error":{"message":"m","code":429,"metadata":{}},"user_id":"u"}"#,
        ErrorKind::RateLimited,
        "m",
    ),
    (
        r#"{"success":false,"errors":[{"code":10000,"message":"m"}],"result":null}"#,
        ErrorKind::Api,
        "m",
    ),
    (
        r#"{"type":"about:blank","title":"t","status":429,"detail":"m"}"#,
        ErrorKind::RateLimited,
        "m",
    ),
    (
        r#"{"statusCode":429,"message":"m"}"#,
        ErrorKind::RateLimited,
        "m",
    ),
    (r#"{"error":["m","n"]}"#, ErrorKind::Api, "m; n"),
];

#[tokio::test]
async fn a_foreign_error_with_a_status_of_success_is_that_error_everywhere() {
    for (body, kind, message) in FOREIGN {
        for label in LABELS {
            let script = Script::new([(); 3].map(|()| reply(label, body)));
            let client = builder(&script).max_retries(0).build().unwrap();
            let plain = client.messages().create(params()).await.unwrap_err();
            let stream = client.messages().stream(params()).await.unwrap();
            let streamed = stream.final_message().await.unwrap_err();
            let models = client.models().list(ModelListParams::default()).await;
            for error in [plain, streamed, models.unwrap_err()] {
                assert_eq!(error.kind(), kind, "{label:?} {body}: {error}");
                assert_eq!(error.api_message(), Some(message), "{label:?} {body}");
                assert!(!error.to_string().contains("None"), "{error}");
                let transient = !matches!(kind, ErrorKind::Api);
                assert_eq!(error.is_retryable(), transient, "{error}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_document_that_was_cut_before_it_was_sent_is_asked_for_again_everywhere() {
    let whole = whole();
    for length in [1, 40, whole.len() - 2] {
        let cut = whole.get(..length).unwrap();
        for label in LABELS {
            for cut in [cut.to_owned(), format!("\u{feff}\n{cut}")] {
                let script = Script::new([
                    reply(label, &cut),
                    reply(label, &whole),
                    reply(label, &cut),
                    reply(label, &whole),
                ]);
                let client = client(&script);
                let plain = client.messages().create(params()).await.unwrap();
                assert_eq!(plain.text(), "hello", "{label:?} {length}");
                let stream = client.messages().stream(params()).await.unwrap();
                let streamed = stream.final_message().await.unwrap();
                assert_eq!(streamed.text(), "hello", "{label:?} {length}");
                assert_eq!(script.sent().len(), 4);
            }
        }
    }
    let script = Script::new([reply(LABELS[1], r#"{"a":["#)]);
    let client = builder(&script).max_retries(0).build().unwrap();
    let error = client.messages().create(params()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Body);
    let expected = r#"the body ended inside the JSON document: `{"a":[`"#;
    assert!(error.to_string().contains(expected), "{error}");
}

#[tokio::test]
async fn no_body_is_the_same_error_everywhere() {
    for status in [200, 204] {
        for label in LABELS {
            let label = label.map(|label| ("content-type", label));
            let empty = || Reply::new(status, label.as_slice(), "");
            let script = Script::new([empty(), empty(), empty()]);
            let client = client(&script);
            let plain = client.messages().create(params()).await.unwrap_err();
            let stream = client.messages().stream(params()).await.unwrap_err();
            let models = client.models().list(ModelListParams::default()).await;
            for error in [plain, stream, models.unwrap_err()] {
                assert_eq!(error.kind(), ErrorKind::UnexpectedContent, "{error}");
                assert_eq!(error.attempts(), 1, "{error}");
                assert!(error.to_string().contains("the body is empty"), "{error}");
            }
        }
    }
}

#[tokio::test]
async fn a_plain_answer_that_is_an_error_is_retried_as_that_error() {
    let json = Some("application/json");
    let script = Script::new([reply(json, OVERLOADED), reply(json, &whole())]);
    let message = client(&script).messages().create(params()).await.unwrap();
    assert_eq!(message.text(), "hello");
    let script = Script::new([reply(json, OVERLOADED), reply(json, r#"{"data":[]}"#)]);
    let listing: serde_json::Value = client(&script).get("/v1/models").await.unwrap();
    assert_eq!(listing, json!({"data": []}));
}

#[tokio::test(start_paused = true)]
async fn an_error_event_may_have_other_shapes() {
    let begun = sse(&answer("so far")[..3]);
    for (event, kind, message) in [
        (
            r#"data: {"error":{"message":"upstream overloaded","type":null}}"#,
            ErrorKind::Api,
            "upstream overloaded",
        ),
        (
            r#"data: {"error":{"message":"slow down","code":"429"}}"#,
            ErrorKind::RateLimited,
            "slow down",
        ),
        (
            r#"data: {"type":null,"error":"upstream gone"}"#,
            ErrorKind::Api,
            "upstream gone",
        ),
        (
            "event: message\ndata: {\"error\":{\"message\":\"m\",\"type\":\"overloaded_error\"}}",
            ErrorKind::Overloaded,
            "m",
        ),
        // As FastAPI and GLM have them.
        (
            r#"data: {"detail":"out of quota"}"#,
            ErrorKind::Api,
            "out of quota",
        ),
        (
            "event: notice\ndata: {\"code\":503,\"msg\":\"gone for lunch\",\"success\":false}",
            ErrorKind::Internal,
            "gone for lunch",
        ),
        (
            "event: error\ndata: upstream connect error",
            ErrorKind::Api,
            "`upstream connect error`",
        ),
    ] {
        for end in ["\n\ndata: [DONE]\n\n", "\n\n", "\n", ""] {
            let body = format!("{begun}{event}{end}");
            let script = Script::new([reply(LABELS[0], &body)]);
            let mut stream = client(&script).messages().stream(params()).await.unwrap();
            let (_, error) = drain(&mut stream).await;
            let error = error.unwrap();
            assert_eq!(error.kind(), kind, "{event}");
            assert!(error.to_string().contains(message), "{error}");
            assert!(error.is_in_stream());
            assert_eq!(error.partial::<Message>().unwrap().text(), "so far");
        }
        // Before any output it is retried only where it says that this helps.
        let body = format!("{event}\n\ndata: [DONE]\n\n");
        let again = sse(&answer("hello"));
        let script = Script::new([reply(LABELS[0], &body), reply(LABELS[0], &again)]);
        let stream = client(&script).messages().stream(params()).await.unwrap();
        let retried = stream.final_message().await.is_ok();
        assert_eq!(retried, kind != ErrorKind::Api, "{event}");
    }
}

#[tokio::test]
async fn a_web_page_in_place_of_a_stream_is_quoted_and_not_retried() {
    let page = "<html><title>Sign in to the network</title></html>";
    for label in [LABELS[0], LABELS[1], LABELS[3], Some("text/html")] {
        let script = Script::new([reply(label, page)]);
        let stream = client(&script).messages().stream(params()).await;
        let error = match stream {
            Ok(stream) => stream.final_message().await.unwrap_err(),
            Err(error) => error,
        };
        assert_eq!(error.kind(), ErrorKind::UnexpectedContent, "{label:?}");
        let dump = error.dump();
        assert!(!dump.contains("(a stream"), "{dump}");
        assert!(
            error.to_string().contains("Sign in to the network"),
            "{error}"
        );
        assert_eq!(script.sent().len(), 1);
    }
}

#[tokio::test]
async fn text_that_is_no_stream_is_quoted() {
    let script = Script::new([reply(LABELS[2], "upstream connect error")]);
    let stream = client(&script).messages().stream(params()).await.unwrap();
    let error = stream.final_message().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedContent);
    assert!(
        error.to_string().contains("upstream connect error"),
        "{error}"
    );
    // Under the label of a stream it is no stream that was cut off, and is asked for once.
    for text in [
        "upstream connect error",
        "null",
        "\"busy\"\r\n",
        "database: down\n\nretry later",
    ] {
        let script = Script::new([reply(LABELS[0], text), reply(LABELS[0], text)]);
        let stream = client(&script).messages().stream(params()).await.unwrap();
        let error = stream.final_message().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnexpectedContent, "{text}");
        let begins = text.split_whitespace().next().unwrap();
        assert!(error.to_string().contains(begins), "{error}");
        assert_eq!(script.sent().len(), 1, "{text}");
        let events = client(&script).messages().stream(params()).events();
        let mut events = events.await.unwrap();
        let error = events.try_next().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnexpectedContent, "{text}");
    }
    for cut in ["ev", "da", ": still", "x: 1\ndata", "id: 1\n"] {
        let script = Script::new([reply(LABELS[0], cut)]);
        let client = builder(&script).max_retries(0).build().unwrap();
        let stream = client.messages().stream(params()).await.unwrap();
        let error = stream.final_message().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::StreamTruncated, "{cut}");
    }
}

#[tokio::test]
async fn what_the_end_cut_off_is_quoted() {
    let mut body = sse(&answer("so far")[..3]);
    body += "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"ind";
    let script = Script::new([reply(LABELS[0], &body)]);
    let mut stream = client(&script).messages().stream(params()).await.unwrap();
    let (_, error) = drain(&mut stream).await;
    let error = error.unwrap();
    assert_eq!(error.kind(), ErrorKind::StreamTruncated);
    assert!(
        error.to_string().contains(r#""content_block_delta","ind`"#),
        "{error}"
    );
    let cut = &whole()[..40];
    let script = Script::new([reply(LABELS[0], cut)]);
    let client = builder(&script).max_retries(0).build().unwrap();
    let error = client
        .messages()
        .stream(params())
        .await
        .unwrap()
        .final_message()
        .await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::StreamTruncated);
}

#[tokio::test]
async fn every_way_to_cut_the_first_chunk_is_read_alike() {
    use bytes::Bytes;
    use futures_util::stream;
    let label = [("content-type", "application/json")];
    for body in [sse(&answer("hello")), whole(), REFUSED.to_owned()] {
        let read = async |cut: usize| {
            let (one, two) = body.as_bytes().split_at(cut);
            let chunks =
                [one, two].map(|part| Ok::<_, anthropic::Error>(Bytes::copy_from_slice(part)));
            let chunks = anthropic::transport::Body::stream(stream::iter(chunks), None);
            let script = Script::new([Reply::new(200, &label, chunks)]);
            let stream = client(&script).messages().stream(params()).await.unwrap();
            let message = stream.final_message().await;
            message.map_err(|error| error.to_string())
        };
        let expected = read(0).await;
        for cut in 1..body.len().min(80) {
            assert_eq!(read(cut).await, expected, "cut at {cut}");
        }
    }
}

#[tokio::test]
async fn a_recording_of_a_document_replays() {
    let stream = MessageStream::replay(std::io::Cursor::new(whole()));
    assert_eq!(stream.final_message().await.unwrap().text(), "hello");
    let script = Script::new([reply(EVENT_STREAM.1.into(), &sse(&answer("hello")))]);
    let message = client(&script).messages().create(params()).await.unwrap();
    assert_eq!(message.text(), "hello");
}
