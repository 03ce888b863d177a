//! Event streams that are not messages: the older API's completions.

use anthropic::ErrorKind;
use anthropic::types::CompletionCreateParams;
use futures_util::TryStreamExt;
use serde_json::{Value, json};

use crate::stream_support::{EVENT_STREAM, error_event, sse, then_broken, then_silence};
use crate::support::{Reply, Script, client};

fn piece(words: &str) -> Value {
    json!({
        "type": "completion", "id": "compl_1", "completion": words, "model": "claude-2.1", "stop_reason": null,
    })
}

/// The last piece, with the reason.
fn last(words: &str) -> Value {
    let mut last = piece(words);
    last["stop_reason"] = json!("stop_sequence");
    last
}

fn params() -> CompletionCreateParams {
    CompletionCreateParams::new("claude-2.1", "\n\nHuman: Hi\n\nAssistant:", 9_u64)
}

/// The pieces and, last, the kind of the error if there was one.
async fn read(body: impl Into<anthropic::transport::Body>) -> Vec<String> {
    let script = Script::new([Reply::new(200, &[EVENT_STREAM], body)]);
    let request = client(&script).completions().stream(params());
    let mut pieces = request.await.unwrap();
    let mut seen = Vec::new();
    while let Some(piece) = pieces.next().await {
        seen.push(match piece {
            Ok(piece) => piece.completion,
            Err(error) => {
                assert!(error.is_in_stream());
                format!("{:?}", error.kind())
            }
        });
    }
    assert!(pieces.next().await.is_none());
    seen
}

#[tokio::test]
async fn events_come_without_pings() {
    let body = sse(&[piece("Hel"), json!({"type": "ping"}), last("lo")]);
    assert_eq!(read(body).await, ["Hel", "lo"]);
}

#[tokio::test]
async fn an_end_without_a_stop_reason_is_none() {
    let body = sse(&[piece("Hel"), piece("lo")]);
    assert_eq!(read(body).await, ["Hel", "lo", "StreamTruncated"]);
}

#[tokio::test]
async fn a_last_event_that_is_whole_needs_no_blank_line() {
    let body = sse(&[piece("Hel"), last("lo")]);
    assert_eq!(read(body.trim_end().to_owned()).await, ["Hel", "lo"]);
}

#[tokio::test(start_paused = true)]
async fn whatever_ends_them_early_is_told_once() {
    let one = || sse(&[piece("Hel")]);
    let told = |kind: ErrorKind| ["Hel".to_owned(), format!("{kind:?}")];
    let overloaded = sse(&[piece("Hel"), error_event("overloaded_error"), piece("lo")]);
    assert_eq!(read(overloaded).await, told(ErrorKind::Overloaded));
    let cut = one() + "event: completion\ndata: {\"id\":";
    assert_eq!(read(cut).await, told(ErrorKind::StreamTruncated));
    let broken = read(then_broken(one())).await;
    assert_eq!(broken, told(ErrorKind::StreamTruncated));
    assert_eq!(
        read(then_silence(one())).await,
        told(ErrorKind::StreamStalled)
    );
    let mut bad = one().into_bytes();
    bad.extend_from_slice(b"event: completion\ndata: \"\xff\"\n\n");
    assert_eq!(read(bad).await, told(ErrorKind::Decode));
}

#[tokio::test]
async fn an_event_that_is_none_is_an_error_unless_it_is_behind_the_last() {
    let one = || sse(&[piece("Hel")]);
    let bad = "data: nonsense\n\n";
    // The stream goes on behind it.
    let within = one() + bad + &sse(&[last("lo")]);
    assert_eq!(read(within).await, ["Hel", "Decode", "lo"]);
    let behind = one() + &sse(&[last("lo")]) + bad + "data: [DONE]\n\n";
    assert_eq!(read(behind).await, ["Hel", "lo"]);
}

#[tokio::test(start_paused = true)]
async fn a_done_before_the_last_event_ends_them_at_once() {
    let done = sse(&[piece("Hel")]) + "data: [DONE]\n\n";
    assert_eq!(read(then_silence(done)).await, ["Hel", "StreamTruncated"]);
}

#[tokio::test]
async fn a_document_is_the_only_event_and_a_stream_is_one() {
    let headers = [("content-type", "application/json")];
    let body = last("Hello").to_string();
    let script = Script::new([Reply::new(200, &headers, body)]);
    let request = client(&script).completions().stream(params());
    let pieces: Vec<_> = request.await.unwrap().try_collect().await.unwrap();
    let words: Vec<_> = pieces.iter().map(|it| it.completion.as_str()).collect();
    assert_eq!(words, ["Hello"]);
}
