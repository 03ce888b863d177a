//! Fields that known events have beyond their own: in the message, or beside it.

use anthropic::types::Message;
use anthropic::{ErrorKind, MessageStream};
use futures_util::FutureExt;
use serde_json::{Value, json};

use crate::stream_support::{
    EVENT_STREAM, answer, close, delta, drain, events_reply, messages, open, sse, start, text,
    text_block,
};
use crate::support::{Reply, Script, builder};

/// The message of a body, and what is beside it.
pub(crate) fn read(body: String) -> (Message, Vec<Value>) {
    let mut stream = MessageStream::replay(std::io::Cursor::new(body));
    let (_, error) = drain(&mut stream).now_or_never().unwrap();
    assert!(error.is_none(), "{error:?}");
    let unfolded = stream.unfolded().iter();
    let unfolded = unfolded.map(|event| serde_json::to_value(event).unwrap());
    let unfolded = unfolded.collect();
    let message = stream.final_message().now_or_never().unwrap().unwrap();
    (message, unfolded)
}

/// An answer of which one event has another field.
fn with(number: usize, below: &str, key: &str, value: &Value) -> Vec<Value> {
    let mut events = answer("hello");
    events[number].pointer_mut(below).unwrap()[key] = value.clone();
    events
}

const STARTS: usize = 0;
const OPENS: usize = 1;
pub(crate) const CLOSES: usize = 3;
const UPDATES: usize = 4;
const ENDS: usize = 5;

/// Another field: the event's number, the object in it, the key and the value.
type Added = (usize, &'static str, &'static str, Value);

/// Checks that each makes its event one that is beside the message, and changes nothing in that.
fn are_beside(added: &[Added]) {
    let (plain, beside) = read(sse(&answer("hello")));
    assert!(beside.is_empty());
    for (number, below, key, value) in added {
        let events = with(*number, below, key, value);
        let (message, beside) = read(sse(&events));
        assert_eq!(message, plain, "{}", events[*number]);
        assert_eq!(beside, [events[*number].clone()], "{}", events[*number]);
    }
}

#[test]
fn what_the_message_has_no_place_for_is_beside_it() {
    let lost = json!({"type": "text_delta", "text": "LOST"});
    are_beside(&[
        (STARTS, "", "new", json!(1)),
        (STARTS, "", "usage", json!({"input_tokens": 4})),
        (STARTS, "", "id", json!("other")),
        (OPENS, "", "new", json!([1])),
        (OPENS, "", "delta", lost.clone()),
        (CLOSES, "", "new", json!("")),
        (CLOSES, "", "delta", lost),
        (
            CLOSES,
            "",
            "content_block",
            json!({"type": "text", "text": "hello"}),
        ),
        (CLOSES, "", "usage", json!({"output_tokens": 2})),
    ]);
}

#[test]
fn what_is_at_the_end_and_not_of_the_message_is_beside_it() {
    are_beside(&[
        (
            UPDATES,
            "",
            "content",
            json!([{"type": "text", "text": "x"}]),
        ),
        (UPDATES, "", "content", json!("x")),
        (UPDATES, "", "id", json!("other")),
        (UPDATES, "", "model", json!("other")),
        (UPDATES, "", "role", json!("user")),
        (UPDATES, "", "stop_reason", json!("refusal")),
        (
            UPDATES,
            "/delta",
            "content",
            json!([{"type": "text", "text": "x"}]),
        ),
        (UPDATES, "/delta", "delta", json!({"text": "x"})),
        (UPDATES, "/delta", "id", json!("other")),
        (UPDATES, "/delta", "id", json!(5)),
        (UPDATES, "/delta", "model", json!("other")),
        (UPDATES, "/delta", "role", json!("user")),
        (UPDATES, "/delta", "type", json!("text_delta")),
        (UPDATES, "/delta", "usage", json!({"output_tokens": 8})),
        (
            UPDATES,
            "/delta",
            "usage",
            json!({"output_tokens": 9, "new": 1}),
        ),
        (
            ENDS,
            "",
            "content",
            json!([{"type": "text", "text": "hello"}]),
        ),
        (ENDS, "", "delta", json!({"stop_reason": "end_turn"})),
        (ENDS, "", "id", json!("other")),
        (ENDS, "", "stop_reason", json!("refusal")),
        (ENDS, "", "usage", json!({"output_tokens": 8})),
        (ENDS, "", "usage", json!("many")),
    ]);
}

#[test]
fn what_says_nothing_new_is_not_beside_it() {
    let (plain, _) = read(sse(&answer("hello")));
    for (number, below, key, value) in [
        (STARTS, "", "id", json!("msg_1")),
        (STARTS, "", "new", json!(null)),
        (OPENS, "", "usage", json!(null)),
        (OPENS, "", "model", json!("claude-opus-5-5")),
        (CLOSES, "", "delta", json!({})),
        (CLOSES, "", "content_block", json!(null)),
        (CLOSES, "", "role", json!("assistant")),
        (UPDATES, "", "content", json!([])),
        (UPDATES, "", "stop_reason", json!("end_turn")),
        (UPDATES, "", "stop_reason", json!(null)),
        (UPDATES, "/delta", "type", json!("message_delta")),
        (UPDATES, "/delta", "content", json!("")),
        (UPDATES, "/delta", "role", json!("assistant")),
        (UPDATES, "/delta", "model", json!("claude-opus-5-5")),
        (
            UPDATES,
            "/delta",
            "usage",
            json!({"output_tokens": 9, "input_tokens": null}),
        ),
        (
            ENDS,
            "",
            "usage",
            json!({"input_tokens": 3, "output_tokens": 9}),
        ),
        (ENDS, "", "usage", json!({})),
        (ENDS, "", "stop_reason", json!("end_turn")),
        (ENDS, "", "stop_sequence", json!(null)),
    ] {
        let events = with(number, below, key, &value);
        let (message, beside) = read(sse(&events));
        assert_eq!(message, plain, "{}", events[number]);
        assert!(message.repairs().is_empty(), "{}", events[number]);
        assert!(beside.is_empty(), "{}", events[number]);
    }
}

/// An answer whose update is this, and whose last event has this.
fn ended(update: &Value, last: &Value) -> (Message, Vec<Value>) {
    let mut events = answer("hello");
    events.truncate(UPDATES);
    if !update.is_null() {
        events.push(update.clone());
    }
    let mut stop = last.clone();
    stop["type"] = json!("message_stop");
    events.push(stop);
    read(sse(&events))
}

#[test]
fn the_last_event_may_have_what_the_message_lacks() {
    let usage = json!({"output_tokens": 9, "cache_read_input_tokens": 2});
    let (message, beside) = ended(
        &Value::Null,
        &json!({"stop_reason": "max_tokens", "stop_sequence": "x", "usage": usage}),
    );
    assert_eq!(message.stop_reason.as_ref().unwrap(), "max_tokens");
    assert_eq!(message.stop_sequence.as_deref(), Some("x"));
    let counts = &message.usage;
    assert_eq!((counts.input_tokens, counts.output_tokens), (3, 9));
    assert_eq!(counts.cache_read_input_tokens, Some(2));
    assert!(beside.is_empty() && message.repairs().is_empty());
    // The update's usage is the whole one, and what is said at the end another.
    let update = json!({"type": "message_delta", "delta": {}, "usage": {"output_tokens": 5}});
    let (message, beside) = ended(&update, &json!({"stop_reason": "end_turn", "usage": usage}));
    assert_eq!(message.usage.output_tokens, 5);
    assert_eq!(message.stop_reason.unwrap(), "end_turn");
    assert_eq!(beside.len(), 1);
    // An update that has none leaves it to the end.
    let update = json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"}});
    let (message, beside) = ended(&update, &json!({"usage": {"output_tokens": 5}}));
    assert_eq!(message.usage.output_tokens, 5);
    assert!(beside.is_empty());
    // What does not fit is kept, and listed.
    let (message, beside) = ended(&Value::Null, &json!({"stop_reason": 5}));
    assert_eq!(message.extra.decode("stop_reason"), Some(5));
    assert_eq!(message.repairs().len(), 1);
    assert!(beside.is_empty());
}

#[test]
fn a_usage_within_the_update_is_its_usage_if_there_is_no_other() {
    for usage in [None, Some(Value::Null)] {
        let mut events = answer("hello");
        let update = &mut events[UPDATES];
        update["delta"]["usage"] = json!({"output_tokens": 7});
        update.as_object_mut().unwrap().remove("usage");
        if let Some(usage) = usage {
            update["usage"] = usage;
        }
        let (message, beside) = read(sse(&events));
        assert_eq!(message.usage.output_tokens, 7);
        assert!(message.repairs().is_empty(), "{:?}", message.repairs());
        assert!(beside.is_empty());
    }
}

#[test]
fn a_name_that_is_missing_may_come_at_the_end() {
    for (number, below) in [(UPDATES, ""), (UPDATES, "/delta"), (ENDS, "")] {
        let mut events = answer("hello");
        let message = events[STARTS]["message"].as_object_mut().unwrap();
        message.remove("id");
        message.insert("model".to_owned(), Value::Null);
        let fields = events[number].pointer_mut(below).unwrap();
        fields["id"] = json!("msg_2");
        fields["model"] = json!("m");
        let (message, beside) = read(sse(&events));
        assert_eq!(
            (message.id.as_str(), message.model.as_str()),
            ("msg_2", "m")
        );
        assert!(message.repairs().is_empty(), "{number}{below}");
        assert!(beside.is_empty(), "{number}{below}");
    }
}

const METRICS: &str = "amazon-bedrock-invocationMetrics";

#[tokio::test]
async fn the_metrics_of_bedrock_are_in_the_message() {
    let metrics = json!({"inputTokenCount": 3, "outputTokenCount": 9, "invocationLatency": 7});
    let events = with(ENDS, "", METRICS, &metrics);
    for strict in [false, true] {
        let script = Script::new([events_reply(&events)]);
        let client = builder(&script).strict(strict).build().unwrap();
        let mut stream = messages(&client).await.unwrap();
        let (seen, error) = drain(&mut stream).await;
        assert!(error.is_none(), "{error:?}");
        assert_eq!(seen.len(), events.len());
        assert!(stream.unfolded().is_empty());
        let message = stream.final_message().await.unwrap();
        assert_eq!(message.extra.decode(METRICS), Some(metrics.clone()));
        assert!(message.repairs().is_empty());
    }
    // What an update has said under this key stays.
    let mut events = events;
    events[UPDATES][METRICS] = json!(1);
    let (message, beside) = read(sse(&events));
    assert_eq!(message.extra.decode(METRICS), Some(1));
    assert_eq!(beside, [events[ENDS].clone()]);
}

#[test]
fn what_comes_behind_the_end_is_in_the_message_or_beside_it() {
    let mut events = answer("hello");
    events.push(json!({"type": "message_stop", METRICS: 1, "usage": {"output_tokens": 10}}));
    events.push(json!({"type": "content_block_stop", "index": 0, "delta": {"text": "LOST"}}));
    events.push(
        json!({"type": "message_delta", "delta": {"id": "x"}, "usage": {"output_tokens": 11}}),
    );
    events.push(json!({"type": "weather", "delta": 1}));
    let (message, beside) = read(sse(&events));
    assert_eq!(message.extra.decode(METRICS), Some(1));
    assert_eq!(message.usage.output_tokens, 11);
    assert_eq!(beside, events[6..]);
}

#[tokio::test]
async fn an_update_behind_the_end_is_read_as_strictly_as_any() {
    let mut events = answer("hello");
    events.swap(UPDATES, ENDS);
    events[ENDS]["usage"] = json!("many");
    for strict in [false, true] {
        let script = Script::new([events_reply(&events)]);
        let client = builder(&script).strict(strict).build().unwrap();
        let (_, error) = drain(&mut messages(&client).await.unwrap()).await;
        let kind = error.map(|error| error.kind());
        assert_eq!(kind, strict.then_some(ErrorKind::Decode));
    }
}

#[tokio::test]
async fn a_text_that_no_block_has_is_not_among_its_pieces() {
    let events = [
        start(),
        open(0, &json!({"type": "hologram"})),
        text(0, "astray"),
        // Read as a whole.
        delta(0, &json!({"text": "astray", "type": "text_delta"})),
        close(0),
        open(1, &text_block()),
        text(1, "x"),
        close(1),
        json!({"type": "message_stop"}),
    ];
    // At once, and event by event.
    let pieces: Vec<_> = events
        .iter()
        .map(|event| sse(std::slice::from_ref(event)))
        .collect();
    for chunks in [vec![pieces.concat()], pieces] {
        let chunks = chunks
            .into_iter()
            .map(|it| Ok::<_, std::io::Error>(it.into()));
        let body = anthropic::transport::Body::stream(futures_util::stream::iter(chunks), None);
        let script = Script::new([Reply::new(200, &[EVENT_STREAM], body)]);
        let client = builder(&script).build().unwrap();
        let mut stream = messages(&client).await.unwrap();
        let mut texts = stream.text_stream();
        assert_eq!(texts.try_next().await.unwrap().as_deref(), Some("x"));
        assert_eq!(texts.try_next().await.unwrap(), None);
        assert_eq!(stream.unfolded().len(), 2);
        assert_eq!(stream.final_text().await.unwrap(), "x");
    }
}
