//! Models that are to take over from one that declines, and fail.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Mutex;
use std::task::{Context, Poll};

use anthropic::fallback::RefusalFallback;
use anthropic::transport::{Body, HttpRequest, HttpResponse};
use anthropic::types::{Fallback, Message, StopReason};
use anthropic::{BoxFuture, Client, Middleware, Next};
use bytes::Bytes;
use futures_core::Stream;
use serde_json::{Value, json};

use crate::fallback::{FIRST, SECOND, THIRD, ask, pair, params, seams};

/// Stands in for the API: a content type and a body for each request.
#[derive(Debug)]
struct Bodies(Mutex<VecDeque<(&'static str, String)>>);

impl Middleware for Bodies {
    fn handle<'a>(
        &'a self,
        _: HttpRequest,
        _: Next<'a>,
    ) -> BoxFuture<'a, anthropic::Result<HttpResponse>> {
        let (content_type, body) = self.0.lock().unwrap().pop_front().unwrap();
        let body = match body.strip_suffix(BREAKS) {
            Some(begun) => Body::stream(Breaks(Some(begun.to_owned().into())), None),
            None => Body::from(body),
        };
        let response = http::Response::builder().header("content-type", content_type);
        let response = response.body(body).unwrap();
        Box::pin(async { Ok(response) })
    }
}

/// At the end of a body: its connection breaks.
const BREAKS: &str = "<breaks>";

struct Breaks(Option<Bytes>);

impl Stream for Breaks {
    type Item = Result<Bytes, std::io::Error>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let begun = self.0.take().filter(|it| !it.is_empty());
        Poll::Ready(Some(
            begun.ok_or_else(|| std::io::ErrorKind::ConnectionReset.into()),
        ))
    }
}

fn stream_of(events: &[Value]) -> (&'static str, String) {
    let frame = |event: &Value| {
        let name = event["type"].as_str().unwrap();
        format!("event: {name}\ndata: {event}\n\n")
    };
    ("text/event-stream", events.iter().map(frame).collect())
}

fn whole_of(body: &impl ToString) -> (&'static str, String) {
    ("application/json", body.to_string())
}

fn start() -> Value {
    let message = json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": FIRST, "content": [],
        "stop_reason": null, "stop_sequence": null, "usage": {"input_tokens": 1, "output_tokens": 1},
    });
    json!({"type": "message_start", "message": message})
}

fn end(reason: &str) -> [Value; 2] {
    let details = json!({"type": "refusal", "category": "cyber", "explanation": "No."});
    let details = (reason == "refusal").then_some(details);
    let delta = json!({"stop_reason": reason, "stop_sequence": null, "stop_details": details});
    let usage = json!({"output_tokens": 2});
    [
        json!({"type": "message_delta", "delta": delta, "usage": usage}),
        json!({"type": "message_stop"}),
    ]
}

/// Asks where the first model declines, the second one fails, and a third one, if there is one,
/// does not.
async fn after_a_failure(
    streams: bool,
    failed: &(&'static str, String),
    has_third: bool,
) -> Message {
    let message = |reason: &str, content: Value| {
        let mut message = start()["message"].clone();
        message["stop_reason"] = reason.into();
        message["content"] = content;
        message
    };
    let block = [
        json!({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Yes."}}),
        json!({"type": "content_block_stop", "index": 0}),
    ];
    let (declined, text) = if streams {
        (
            stream_of(&[vec![start()], end("refusal").to_vec()].concat()),
            stream_of(&[vec![start()], block.to_vec(), end("end_turn").to_vec()].concat()),
        )
    } else {
        let mut declined = message("refusal", json!([]));
        declined["stop_details"] = end("refusal")[0]["delta"]["stop_details"].clone();
        let text = json!([{"type": "text", "text": "Yes."}]);
        (whole_of(&declined), whole_of(&message("end_turn", text)))
    };
    let mut entries = vec![Fallback::new(SECOND)];
    entries.extend(has_third.then(|| Fallback::new(THIRD)));
    let bodies = VecDeque::from([declined, failed.clone(), text]);
    let client = Client::builder()
        .api_key("sk-test")
        .max_retries(0)
        .middleware(RefusalFallback::new(entries))
        .middleware(Bodies(Mutex::new(bodies)))
        .build()
        .unwrap();
    ask(&client, params(), streams).await.unwrap()
}

#[tokio::test]
async fn a_model_that_fails_before_any_output_is_passed_over() {
    let busy =
        json!({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}});
    let error = json!({"error": {"type": "api_error", "message": "Sorry", "content": []}});
    let broken = |(content_type, body): (&'static str, String)| (content_type, body + BREAKS);
    let streamed = [
        (stream_of(std::slice::from_ref(&busy)), true),
        (stream_of(&[start(), busy.clone()]), true),
        (stream_of(&[]), false),
        (stream_of(&[json!({"type": "ping"})]), false),
        (stream_of(&[start()]), false),
        (
            stream_of(&[start(), json!({"type": "message_stop"})]),
            false,
        ),
        (broken(stream_of(&[])), false),
        (broken(stream_of(&[start()])), false),
        (whole_of(&busy), true),
        (whole_of(&error), false),
        (("text/html", "<html>Sorry</html>".to_owned()), false),
    ];
    let whole = [
        (whole_of(&busy), true),
        (whole_of(&error), false),
        (whole_of(&""), false),
        (whole_of(&"{"), false),
        (broken(whole_of(&"{")), false),
        (("text/html", "<html>Sorry</html>".to_owned()), false),
        (stream_of(std::slice::from_ref(&busy)), false),
    ];
    let streamed = streamed.map(|case| (true, case));
    let cases = streamed.into_iter().chain(whole.map(|case| (false, case)));
    for (streams, (failed, is_busy)) in cases {
        let message = after_a_failure(streams, &failed, true).await;
        assert_eq!(message.text(), "Yes.", "{failed:?}");
        assert_eq!(seams(&message), [pair(FIRST, THIRD)], "{failed:?}");
        // With none left it is as after an error's status: the refusal, and whom to ask later.
        let message = after_a_failure(streams, &failed, false).await;
        assert_eq!(message.stop_reason, Some(StopReason::Refusal), "{failed:?}");
        assert!(seams(&message).is_empty(), "{failed:?}");
        let recommended = message.stop_details.unwrap().recommended_model;
        let busy = is_busy.then_some(SECOND);
        assert_eq!(recommended.as_deref(), busy, "{failed:?}");
    }
}
