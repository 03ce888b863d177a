//! What the caller gets of the streams of several models, event by event, and what the next model
//! gets of them.

use std::sync::{Arc, Mutex};

use anthropic::fallback::RefusalFallback;
use anthropic::transport::{Body, HttpResponse};
use anthropic::types::{Fallback, MessageCountTokensParams, Speed};
use anthropic::{Client, ErrorKind, middleware_fn};
use bytes::Bytes;
use http::HeaderMap;
use serde_json::{Value, json};

use crate::fallback::{FIRST, SECOND, THIRD, params};
use crate::stream_support::{
    EVENT_STREAM, answer, close, delta, error_event, input, open, sse, start, text, text_block,
};
use crate::support::{self, Reply, Script};

fn streamed(events: &[Value]) -> Reply {
    Reply::new(200, &[EVENT_STREAM], sse(events))
}

fn failed(status: u16) -> Reply {
    let error = json!({"type": "error", "error": {"type": "api_error", "message": "sorry"}});
    let headers = [("content-type", "application/json")];
    Reply::new(status, &headers, error.to_string())
}

/// The end of a message that the model declined.
fn refusal(token: Option<&str>, may_continue: bool, usage: &Value) -> [Value; 2] {
    let details = json!({
        "type": "refusal", "category": "cyber", "explanation": "No.",
        "fallback_credit_token": token, "fallback_has_prefill_claim": may_continue,
    });
    let delta = json!({"stop_reason": "refusal", "stop_sequence": null, "stop_details": details});
    [
        json!({"type": "message_delta", "delta": delta, "usage": usage}),
        json!({"type": "message_stop"}),
    ]
}

/// A message that is declined after these events.
fn declined(events: &[Value], may_continue: bool) -> Vec<Value> {
    let end = refusal(Some("tok_1"), may_continue, &json!({"output_tokens": 2}));
    [&[start()], events, &end[..]].concat()
}

fn said(words: &str) -> [Value; 3] {
    [open(0, &text_block()), text(0, words), close(0)]
}

/// Asks with these fallbacks, and keeps the bytes of the body that the caller gets.
struct Caller {
    script: Script,
    client: Client,
    body: Arc<Mutex<Bytes>>,
    headers: Arc<Mutex<HeaderMap>>,
}

impl Caller {
    fn new(fallback: RefusalFallback, replies: impl IntoIterator<Item = Reply>) -> Self {
        let script = Script::new(replies);
        let body = Arc::new(Mutex::new(Bytes::new()));
        let headers = Arc::new(Mutex::new(HeaderMap::new()));
        let seen = (Arc::clone(&body), Arc::clone(&headers));
        let reads = middleware_fn(move |request, next| {
            let seen = seen.clone();
            Box::pin(async move {
                let (parts, body) = next.run(request).await?.into_parts();
                let bytes = body.bytes().await?;
                seen.0.lock().unwrap().clone_from(&bytes);
                seen.1.lock().unwrap().clone_from(&parts.headers);
                Ok(HttpResponse::from_parts(parts, bytes.into()))
            })
        });
        let client = support::builder(&script).max_retries(0);
        let client = client.middleware(reads).middleware(fallback);
        let client = client.build().unwrap();
        Self {
            script,
            client,
            body,
            headers,
        }
    }

    /// The body of a streamed message.
    async fn stream(&self) -> String {
        let stream = self.client.messages().stream(params());
        drop(stream.await.unwrap());
        self.body()
    }

    async fn events(&self) -> Vec<Value> {
        let body = self.stream().await;
        let data = body.lines().filter_map(|line| line.strip_prefix("data: "));
        data.map(|data| serde_json::from_str(data).unwrap())
            .collect()
    }

    fn body(&self) -> String {
        String::from_utf8(self.body.lock().unwrap().to_vec()).unwrap()
    }

    /// The bodies of the requests.
    fn sent(&self) -> Vec<Value> {
        let sent = self.script.sent();
        let bodies = sent.iter().map(|it| serde_json::from_slice(&it.body));
        bodies.map(Result::unwrap).collect()
    }

    /// Of each request: the model, and how many messages there are.
    fn asked(&self) -> Vec<(String, usize)> {
        let sent = self.sent().into_iter();
        let model = |body: &Value| body["model"].as_str().unwrap().to_owned();
        sent.map(|body| (model(&body), body["messages"].as_array().unwrap().len()))
            .collect()
    }
}

fn two() -> RefusalFallback {
    RefusalFallback::new([SECOND, THIRD])
}

fn each(asked: &[(&str, usize)]) -> Vec<(String, usize)> {
    let owned = |(model, count): &(&str, usize)| ((*model).to_owned(), *count);
    asked.iter().map(owned).collect()
}

#[tokio::test]
async fn a_stream_that_is_not_declined_goes_out_as_it_came() {
    let answer = sse(&answer("Yes."));
    let begun = sse(&[start()]);
    let unnamed = answer.replace("event: content_block_delta\n", "");
    let odd = format!("data: no\ndata: json\n\n{answer}");
    for body in [answer, begun, unnamed, odd] {
        let reply = Reply::new(200, &[EVENT_STREAM], body.clone());
        assert_eq!(Caller::new(two(), [reply]).stream().await, body);
    }
}

#[tokio::test]
async fn blocks_that_are_open_at_a_refusal_are_ended() {
    let begun = [open(0, &text_block()), text(0, "So")];
    let replies = [declined(&begun, false), answer("Yes.")];
    let events = Caller::new(two(), replies.map(|events| streamed(&events)));
    let events = events.events().await;
    let seen: Vec<(&str, Option<u64>)> = events
        .iter()
        .map(|event| (event["type"].as_str().unwrap(), event["index"].as_u64()))
        .collect();
    let block = |index| {
        [
            ("content_block_start", Some(index)),
            ("content_block_stop", Some(index)),
        ]
    };
    let [start, stop] = block(0);
    let delta = |index| ("content_block_delta", Some(index));
    let [seam, no_seam] = block(1);
    let [next, end] = block(2);
    let expected = [
        ("message_start", None),
        start,
        delta(0),
        stop,
        seam,
        no_seam,
        next,
        delta(2),
        end,
        ("message_delta", None),
        ("message_stop", None),
    ];
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn the_next_model_goes_on_from_whole_blocks() {
    let cites = |text: &str| {
        let citation = json!({"type": "char_location", "cited_text": text});
        delta(2, &json!({"type": "citations_delta", "citation": citation}))
    };
    let thinks = |text: &str| delta(0, &json!({"type": "thinking_delta", "thinking": text}));
    let signs = delta(0, &json!({"type": "signature_delta", "signature": "sig"}));
    let thinking = json!({"type": "thinking", "thinking": "", "signature": ""});
    let call = json!({"type": "tool_use", "id": "toolu_1", "name": "look", "input": {}});
    let events = [
        open(0, &thinking),
        thinks("Hm"),
        thinks(", so."),
        signs,
        close(0),
        open(1, &call),
        input(1, "{\"x\":"),
        input(1, " [1]}"),
        close(1),
        open(2, &text_block()),
        cites("a"),
        cites("b"),
        text(2, "The first"),
        text(2, " step"),
        close(2),
    ];
    let replies = [declined(&events, true), answer("Yes.")];
    let caller = Caller::new(two(), replies.map(|events| streamed(&events)));
    caller.stream().await;
    let expected = json!([
        {"type": "thinking", "thinking": "Hm, so.", "signature": "sig"},
        {"type": "tool_use", "id": "toolu_1", "name": "look", "input": {"x": [1]}},
        {"type": "text", "text": "The first step", "citations": [
            {"type": "char_location", "cited_text": "a"},
            {"type": "char_location", "cited_text": "b"},
        ]},
    ]);
    assert_eq!(caller.sent()[1]["messages"][1]["content"], expected);
}

/// What the caller pays for each model.
#[tokio::test]
async fn the_usage_has_the_steps_of_a_model_that_declined() {
    let mut begun = start();
    begun["message"]["usage"] =
        json!({"input_tokens": 10, "output_tokens": 1, "cache_read_input_tokens": 3});
    let own = |steps: Value| json!({"output_tokens": 7, "iterations": steps});
    let step = json!({"type": "message", "model": FIRST, "input_tokens": 10, "output_tokens": 7,
        "cache_read_input_tokens": 3, "cache_creation_input_tokens": 0, "cache_creation": null});
    for (usage, expected) in [
        (
            json!({"input_tokens": null, "output_tokens": 7, "cache_creation": null}),
            vec![step],
        ),
        // Its own: the API may leave out the model of the only one.
        (
            own(json!([{"input_tokens": 1}])),
            vec![json!({"type": "message", "model": FIRST, "input_tokens": 1})],
        ),
        (
            own(json!([{"model": "other", "input_tokens": 1}])),
            vec![json!({"type": "message", "model": "other", "input_tokens": 1})],
        ),
        (
            own(json!([{"input_tokens": 1}, {"input_tokens": 2}])),
            vec![
                json!({"type": "message", "input_tokens": 1}),
                json!({"type": "message", "input_tokens": 2}),
            ],
        ),
    ] {
        let first = [&[begun.clone()][..], &refusal(None, false, &usage)].concat();
        let replies = [first, answer("Yes.")].map(|events| streamed(&events));
        let events = Caller::new(two(), replies).events().await;
        let last = &events[events.len() - 2]["usage"]["iterations"];
        let (last, before) = last.as_array().unwrap().split_last().unwrap();
        assert_eq!(before, expected);
        assert_eq!(last["type"], "fallback_message");
    }
}

/// They are of a `message_start` that the caller does not see where it has another one.
#[tokio::test]
async fn what_the_api_changed_in_the_input_reaches_the_caller() {
    let changes = json!([{"type": "image_resized"}]);
    let mut resized = answer("Yes.");
    resized[0]["message"]["input_transformations"] = changes.clone();
    let at = |event: &Value| event.get("input_transformations").cloned();
    for has_output in [true, false] {
        let output = said("So");
        let first = declined(if has_output { &output } else { &[] }, false);
        let replies = [first, resized.clone()].map(|events| streamed(&events));
        let events = Caller::new(two(), replies).events().await;
        let in_start = at(&events[0]["message"]);
        let in_delta = at(&events[events.len() - 2]);
        let once = Some(changes.clone());
        let expected = if has_output {
            (None, once)
        } else {
            (once, None)
        };
        assert_eq!((in_start, in_delta), expected);
    }
    // Of one that declines before any output, where no other is left.
    let mut second = declined(&[], false);
    second[0] = resized[0].clone();
    let replies = [declined(&said("So"), false), second].map(|events| streamed(&events));
    let replies = replies.into_iter().chain([failed(529)]);
    let events = Caller::new(two(), replies).events().await;
    assert_eq!(at(&events[events.len() - 2]), Some(changes));
}

#[tokio::test]
async fn an_error_after_output_is_the_caller_s() {
    let begun = [start(), open(0, &text_block()), error_event("api_error")];
    let replies = [declined(&[], false), begun.to_vec()].map(|events| streamed(&events));
    let events = Caller::new(two(), replies).events().await;
    assert_eq!(events.last(), Some(&error_event("api_error")));
}

/// Only a continuation may be what the API refuses.
#[tokio::test]
async fn a_model_that_fails_is_asked_again_only_without_the_continuation() {
    for (statuses, may_continue, expected) in [
        (&[529][..], true, &[(FIRST, 1), (SECOND, 2), (THIRD, 2)][..]),
        (
            &[400, 400],
            true,
            &[(FIRST, 1), (SECOND, 2), (SECOND, 1), (THIRD, 2)],
        ),
        (&[400], false, &[(FIRST, 1), (SECOND, 1), (THIRD, 1)]),
    ] {
        let first = streamed(&declined(&said("So"), may_continue));
        let between = statuses.iter().map(|status| failed(*status));
        let replies = std::iter::once(first).chain(between);
        let caller = Caller::new(two(), replies.chain([streamed(&answer("Yes."))]));
        let body = caller.stream().await;
        assert!(body.contains("Yes."), "{body}");
        assert_eq!(caller.asked(), each(expected));
    }
}

/// The model before may have written what the API refuses, and not the ones before that.
#[tokio::test]
async fn what_is_left_out_of_a_continuation_is_what_the_last_model_wrote() {
    let [one, two] = ["One", "Two"].map(|words| streamed(&declined(&said(words), true)));
    let replies = [one, two, failed(400), streamed(&answer("Three"))];
    let caller = Caller::new(self::two(), replies);
    caller.stream().await;
    let sent = caller.sent();
    let texts = |body: &Value| {
        let content = body["messages"][1]["content"].as_array().unwrap().iter();
        content
            .map(|block| block["text"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(texts(&sent[1]), ["One"]);
    assert_eq!(texts(&sent[2]), ["One", "Two"]);
    assert_eq!(texts(&sent[3]), ["One"]);
}

#[tokio::test]
async fn the_refusal_of_the_last_model_is_the_caller_s_where_a_sticky_one_begins_there() {
    let last = declined(&[], false);
    let replies = [last.clone(), answer("Yes."), last.clone()];
    let replies = replies.map(|events| streamed(&events));
    let caller = Caller::new(RefusalFallback::new([SECOND]).sticky(), replies);
    caller.stream().await;
    assert_eq!(caller.stream().await, sse(&last));
    assert_eq!(
        caller.asked(),
        each(&[(FIRST, 1), (SECOND, 1), (SECOND, 1)])
    );
}

/// Another request may begin while the message goes on.
#[tokio::test]
async fn a_model_has_taken_over_as_soon_as_its_output_begins() {
    let sticky = two().sticky();
    let replies = [declined(&[], false), answer("Yes.")];
    let script = Script::new(replies.map(|events| streamed(&events)));
    let client = support::builder(&script).middleware(sticky.clone());
    let client = client.build().unwrap();
    let mut stream = client.messages().stream(params()).await.unwrap();
    assert_eq!(sticky.accepted(), None);
    stream.next().await.unwrap().unwrap();
    assert_eq!(sticky.accepted(), Some(SECOND));

    // One that has begun, and has no output.
    let sticky = RefusalFallback::new([SECOND]).sticky();
    let replies = [declined(&[], false), vec![start()]].map(|events| streamed(&events));
    Caller::new(sticky.clone(), replies).stream().await;
    assert_eq!(sticky.accepted(), None);
}

/// What the caller gets is longer than what the server sent.
#[tokio::test]
async fn the_length_of_another_body_is_no_header_of_this_one() {
    let message = |reason: &str| {
        let mut message = start()["message"].clone();
        message["stop_reason"] = reason.into();
        message.to_string()
    };
    for ends in ["end_turn", "refusal"] {
        let replies = ["refusal", ends].map(|reason| {
            let body = message(reason);
            let length = body.len().to_string();
            let headers = [
                ("content-type", "application/json"),
                ("content-length", &length),
            ];
            Reply::new(200, &headers, body)
        });
        let caller = Caller::new(RefusalFallback::new([SECOND]), replies);
        caller.client.messages().create(params()).await.unwrap();
        let headers = caller.headers.lock().unwrap().clone();
        assert_eq!(headers.get("content-length"), None, "{ends}");
    }
}

#[tokio::test]
async fn a_request_that_no_model_can_take_over_stays_as_it_is() {
    let none = RefusalFallback::new(Vec::<Fallback>::new());
    for (fallback, counts) in [(two(), true), (none, false)] {
        let message = start()["message"].to_string();
        let json = if counts {
            json!({"input_tokens": 1}).to_string()
        } else {
            message
        };
        let json = Reply::new(200, &[("content-type", "application/json")], json);
        let caller = Caller::new(fallback, [json]);
        if counts {
            let params = MessageCountTokensParams::new(FIRST).user("A fallback?");
            caller.client.messages().count_tokens(params).await.unwrap();
        } else {
            caller.client.messages().create(params()).await.unwrap();
        }
        let betas = caller.script.only();
        assert_eq!(betas.header("anthropic-beta"), None);
    }
}

/// Only fast output has a limit of its own.
#[tokio::test]
async fn a_request_that_has_no_speed_to_drop_is_sent_once() {
    for (status, speed) in [(200, Some(Speed::Fast)), (529, None)] {
        let sticky = RefusalFallback::new([SECOND]).sticky();
        let replies = [declined(&[], false), answer("Yes.")];
        let replies = replies.map(|events| streamed(&events)).into_iter();
        let third = match status {
            200 => streamed(&answer("Yes.")),
            status => failed(status),
        };
        let caller = Caller::new(sticky, replies.chain([third]));
        caller.stream().await;
        let mut params = params();
        params.speed = speed;
        let ended = caller.client.messages().stream(params).await;
        assert_eq!(ended.is_ok(), status == 200);
        assert_eq!(caller.script.sent().len(), 3);
    }
}

#[tokio::test(start_paused = true)]
async fn what_can_not_be_read_as_a_whole_passes_or_fails() {
    let refused = json!({"stop_reason": "refusal", "content": []}).to_string();
    let headers = [
        ("content-type", "application/json"),
        ("content-encoding", "x-unknown"),
    ];
    let caller = Caller::new(two(), [Reply::new(200, &headers, refused.clone())]);
    let _ = caller.client.messages().create(params()).await;
    assert_eq!(caller.body(), refused);
    assert_eq!(caller.script.sent().len(), 1);

    // The longest one, and a longer one.
    let most = 64 << 20;
    for (pieces, piece) in [(64, 1 << 20), (64, (1 << 20) + 1)] {
        let piece = Bytes::from(vec![b' '; piece]);
        let long = Body::pieces(vec![piece.clone(); pieces]);
        let caller = Caller::new(two(), [Reply::new(200, &headers[..1], long)]);
        let error = caller.client.messages().create(params()).await;
        let error = error.unwrap_err();
        let is_too_long = error.kind() == ErrorKind::Middleware;
        assert_eq!(is_too_long, pieces * piece.len() > most, "{error}");
        assert_eq!(error.to_string().contains("67108864 bytes"), is_too_long);
    }
}
