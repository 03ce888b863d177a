//! Rows of JSON as they arrive: a batch's results.

use std::time::Duration;

use anthropic::transport::Body;
use anthropic::{ErrorKind, StreamLimits};
use futures_util::{StreamExt, stream};
use serde_json::json;

use crate::stream_support::{pause, then_broken, then_silence};
use crate::support::{Reply, Script, builder, client};

fn row(id: &str) -> String {
    let result = json!({"type": "canceled"});
    json!({"custom_id": id, "result": result}).to_string()
}

fn rows(body: impl Into<Body>) -> Script {
    Script::new([Reply::new(
        200,
        &[("content-type", "application/x-jsonl")],
        body,
    )])
}

/// The ids of the rows and the kinds and lines of the errors, in order.
async fn read(script: &Script, after: u64) -> Vec<String> {
    let batches = client(script);
    let results = batches
        .messages()
        .batches()
        .results("msgbatch_1")
        .await
        .unwrap();
    let mut results = results.after_line(after);
    let mut seen = Vec::new();
    while let Some(row) = results.next().await {
        seen.push(match row {
            Ok(row) => format!("{} {}", results.line(), row.custom_id),
            Err(error) => {
                assert!(
                    error
                        .to_string()
                        .contains(&format!("line {}", results.line())),
                    "{error}"
                );
                assert!(error.is_in_stream());
                format!("{} {:?}", results.line(), error.kind())
            }
        });
    }
    assert!(results.next().await.is_none());
    seen
}

#[tokio::test]
async fn rows_come_with_their_lines() {
    let body = format!("{}\n\r\n{}\r\n{}", row("a"), row("b"), row("c"));
    assert_eq!(read(&rows(body.clone()), 0).await, ["1 a", "3 b", "4 c"]);
    assert_eq!(read(&rows(body), 1).await, ["3 b", "4 c"]);
}

#[tokio::test]
async fn a_bad_row_does_not_hide_the_ones_after_it() {
    let body = format!(
        "{}\n{{\"custom_id\": 5}}\nnonsense\n{}\n",
        row("a"),
        row("b")
    );
    assert_eq!(
        read(&rows(body), 0).await,
        ["1 a", "2 Decode", "3 Decode", "4 b"]
    );
}

#[tokio::test]
async fn a_cut_or_broken_body_is_told_after_the_good_rows() {
    let cut = format!("{}\n{}", row("a"), &row("b")[..9]);
    assert_eq!(
        read(&rows(cut.clone()), 0).await,
        ["1 a", "2 StreamTruncated"]
    );
    assert_eq!(
        read(&rows(then_broken(cut)), 0).await,
        ["1 a", "1 StreamTruncated"]
    );
}

#[tokio::test(start_paused = true)]
async fn the_line_of_a_broken_body_has_each_part_once() {
    let broken = then_broken(format!("{}\n", row("a")));
    let silent = then_silence(format!("{}\n", row("a")));
    let endless = then_silence(format!("{}\n", row("a")));
    for (body, limit, kind, expected) in [
        (
            broken,
            None,
            ErrorKind::StreamTruncated,
            "the stream ended early (200): after line 1: the stream was cut off: connection reset",
        ),
        (
            silent,
            None,
            ErrorKind::StreamStalled,
            "the stream stalled (200): after line 1: ",
        ),
        (
            endless,
            Some(Duration::from_secs(5)),
            ErrorKind::Timeout,
            "timed out (200): after line 1: the attempt took longer than 5s (attempt_timeout)",
        ),
    ] {
        let client = client(&rows(body));
        let request = client.messages().batches().results("b");
        let mut results = request.attempt_timeout(limit).await.unwrap();
        results.try_next().await.unwrap().unwrap();
        let error = results.try_next().await.unwrap_err();
        let line = error.to_string();
        assert!(line.starts_with(expected), "{line}");
        for part in ["(200)", "after line 1", "[messages.batches.results"] {
            assert_eq!(line.matches(part).count(), 1, "{line}");
        }
        assert_eq!((error.kind(), error.is_in_stream()), (kind, true));
        assert_eq!(error.operation(), Some("messages.batches.results"));
        assert!(results.try_next().await.unwrap().is_none());
    }
}

#[tokio::test(start_paused = true)]
async fn silence_ends_here_too() {
    let body = then_silence(format!("{}\n", row("a")));
    assert_eq!(read(&rows(body), 0).await, ["1 a", "1 StreamStalled"]);
}

#[tokio::test]
async fn a_line_beyond_the_limit_is_told() {
    let mut limits = StreamLimits::default();
    limits.max_event_bytes = Some(100);
    let script = rows(format!("{}\n\"{}\"\n", row("a"), "x".repeat(200)));
    let client = builder(&script).stream_limits(limits).build().unwrap();
    let mut results = client
        .messages()
        .batches()
        .results("msgbatch_1")
        .await
        .unwrap();
    assert_eq!(results.try_next().await.unwrap().unwrap().custom_id, "a");
    let error = results.try_next().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::EventTooLarge);
    assert!(error.to_string().contains("line 2"), "{error}");
    assert!(results.try_next().await.unwrap().is_none());
}

#[tokio::test]
async fn a_web_page_is_no_list_of_rows() {
    let script = Script::new([Reply::new(
        200,
        &[("content-type", "text/html")],
        "<html>hello</html>",
    )]);
    let request = client(&script)
        .messages()
        .batches()
        .results("msgbatch_1")
        .await;
    let error = request.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedContent);
    assert!(error.to_string().contains("<html>hello"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn rows_that_are_passed_over_or_long_are_no_silence() {
    let slow = |pieces: Vec<String>| {
        let body = stream::iter(pieces).then(|piece| async {
            pause(Duration::from_secs(60)).await;
            Ok::<_, std::io::Error>(bytes::Bytes::from(piece))
        });
        rows(Body::stream(body, None))
    };
    let mut skipped: Vec<String> = (0..9).map(|_| row("old") + "\n").collect();
    skipped.push(row("new"));
    assert_eq!(read(&slow(skipped), 9).await, ["10 new"]);
    let long = row(&"x".repeat(900));
    let pieces = long.as_bytes().chunks(100);
    let pieces = pieces.map(|piece| String::from_utf8_lossy(piece).into_owned());
    assert_eq!(read(&slow(pieces.collect()), 0).await.len(), 1);
}

#[tokio::test]
async fn an_error_in_place_of_rows_is_that_error() {
    let api = r#"{"type":"error","error":{"type":"overloaded_error","message":"busy"},"request_id":"req_1"}"#;
    let busy = Some("overloaded_error");
    for (line, kind, name, message) in [
        (api, ErrorKind::Overloaded, busy, "busy"),
        (
            &api.replace(r#""type":"error","#, ""),
            ErrorKind::Overloaded,
            busy,
            "busy",
        ),
        (
            r#"{"error":{"code":429,"message":"slow down"}}"#,
            ErrorKind::RateLimited,
            None,
            "slow down",
        ),
        (
            r#"{"error":"upstream gone"}"#,
            ErrorKind::Api,
            None,
            "upstream gone",
        ),
        (
            r#"[{"error":{"code":429,"message":"slow down"}}]"#,
            ErrorKind::RateLimited,
            None,
            "slow down",
        ),
    ] {
        for (before, at) in [(String::new(), 1), (format!("{}\n", row("a")), 2)] {
            let script = rows(format!("{before}{line}\n{}\n", row("z")));
            let client = client(&script);
            let mut results = client.messages().batches().results("b").await.unwrap();
            if at == 2 {
                assert_eq!(results.try_next().await.unwrap().unwrap().custom_id, "a");
            }
            let error = results.try_next().await.unwrap_err();
            let text = error.to_string();
            assert_eq!(error.kind(), kind, "{text}");
            assert_eq!(
                error.api_type().map(anthropic::types::ErrorType::as_str),
                name,
                "{text}"
            );
            assert!(
                text.contains(message) && text.contains(&format!("at line {at}")),
                "{text}"
            );
            assert!(error.is_in_stream());
            // The rows after it still come.
            assert_eq!(results.try_next().await.unwrap().unwrap().custom_id, "z");
        }
    }
    // What is no error says where it does not fit, once.
    let script = rows(r#"{"error":null,"nothing":"of a row"}"#);
    let client = client(&script);
    let mut results = client.messages().batches().results("b").await.unwrap();
    let text = results.try_next().await.unwrap_err().to_string();
    assert!(text.contains("at line 1: missing field"), "{text}");
}

#[tokio::test]
async fn a_row_that_is_no_text_does_not_hide_the_ones_after_it() {
    let mut body = format!("{}\n\"", row("a")).into_bytes();
    body.extend_from_slice(b"\xff\"\n");
    body.extend_from_slice(row("b").as_bytes());
    assert_eq!(read(&rows(body), 0).await, ["1 a", "2 Decode", "3 b"]);
    // Not even half of a byte order mark is lost without a word.
    assert_eq!(
        read(&rows(b"\xef\xbb".to_vec()), 0).await,
        ["1 StreamTruncated"]
    );
}

#[tokio::test]
async fn rows_are_a_stream() {
    let script = rows(format!("{}\n{}\n", row("a"), row("b")));
    let client = client(&script);
    let results = client.messages().batches().results("b").await.unwrap();
    let read: Vec<_> = results.map(|row| row.unwrap().custom_id).collect().await;
    assert_eq!(read, ["a", "b"]);
}
