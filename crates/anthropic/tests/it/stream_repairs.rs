//! Streams whose events lack parts, or have them in another shape.

use anthropic::types::Message;
use anthropic::{ErrorKind, MessageStream};
use futures_util::FutureExt;
use serde_json::{Value, json};

use crate::stream_gateways::whole;
use crate::stream_halves::delta;
use crate::stream_support::{
    close, drain, open, replayed, sse, start, text, text_block, tool_block,
};

#[test]
fn a_field_of_an_update_that_does_not_fit_is_listed() {
    let usage = json!({"output_tokens": null, "input_tokens": 3});
    let update = json!({"type": "message_delta", "delta": {"stop_reason": 5}, "usage": usage});
    let message = whole(sse(&[start(), update, json!({"type": "message_stop"})]));
    assert_eq!(message.stop_reason, None);
    assert_eq!(message.extra.decode("stop_reason"), Some(5));
    let repairs: Vec<_> = message.repairs().iter().map(ToString::to_string).collect();
    assert_eq!(repairs.len(), 2, "{repairs:?}");
    assert!(repairs[0].starts_with("stop_reason: "), "{repairs:?}");
    assert_eq!(repairs[1], "usage.output_tokens: null");
    // What stood there before is not the total, and would be billed by.
    assert_eq!(
        (message.usage.input_tokens, message.usage.output_tokens),
        (3, 0)
    );
}

#[test]
fn a_usage_that_is_none_takes_nothing_away() {
    let update = json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": 5});
    let message = whole(sse(&[start(), update, json!({"type": "message_stop"})]));
    assert_eq!(message.usage.input_tokens, 3);
    assert_eq!(message.extra.decode("usage"), Some(5));
    let repairs: Vec<_> = message.repairs().iter().map(ToString::to_string).collect();
    assert_eq!(repairs, ["usage: another type"]);
}

/// Whether a delta with new fields is kept beside the message, alone in its block.
fn is_kept_beside(block: &Value, delta: &Value) -> bool {
    let event = json!({"type": "content_block_delta", "index": 0, "delta": delta});
    let within = {
        let mut event = event.clone();
        event["delta"]["new"] = json!("x");
        event
    };
    let beside = {
        let mut event = event.clone();
        event["new"] = json!("x");
        event
    };
    [within, beside].into_iter().all(|event| {
        let stop = json!({"type": "message_stop"});
        let events = [start(), open(0, block), event.clone(), close(0), stop];
        let mut stream = MessageStream::replay(std::io::Cursor::new(sse(&events)));
        let (_, error) = drain(&mut stream).now_or_never().unwrap();
        assert!(error.is_none(), "{delta}");
        let unfolded = stream.unfolded().iter();
        let unfolded: Vec<_> = unfolded
            .map(|event| serde_json::to_value(event).unwrap())
            .collect();
        unfolded == [event]
    })
}

#[test]
fn new_fields_of_a_delta_are_beside_the_message() {
    let thinking = json!({"type": "thinking", "thinking": "", "signature": ""});
    for (block, kind, key) in [
        (text_block(), "text_delta", "text"),
        (thinking.clone(), "thinking_delta", "thinking"),
        (tool_block(), "input_json_delta", "partial_json"),
    ] {
        for text in ["", "1"] {
            let mut delta = json!({"type": kind});
            delta[key] = json!(text);
            assert!(is_kept_beside(&block, &delta), "{kind} of {text:?}");
        }
    }
    let citation = json!({
        "type": "char_location", "cited_text": "x", "document_index": 0, "document_title": null,
        "start_char_index": 0, "end_char_index": 1,
    });
    for (block, delta) in [
        (
            json!({"type": "compaction", "content": null}),
            json!({"type": "compaction_delta", "content": "x"}),
        ),
        (
            thinking,
            json!({"type": "signature_delta", "signature": "s"}),
        ),
        (
            text_block(),
            json!({"type": "citations_delta", "citation": citation}),
        ),
    ] {
        assert!(is_kept_beside(&block, &delta), "{delta}");
    }
}

/// The body of a stream with these events between a message's start and its end, as they are
/// written.
pub(crate) fn between(events: &[&str]) -> String {
    let mut body = sse(&[start()]);
    for data in events {
        body.extend(["data: ", data, "\n\n"]);
    }
    body + &sse(&[close(0), json!({"type": "message_stop"})])
}

#[test]
fn a_delta_of_another_shape_is_an_error_and_an_empty_one_is_kept() {
    for delta in [
        json!({"type": "text_delta", "text": 42}),
        json!({"type": "text_delta", "text": {"q": 1}}),
        json!({"type": "thinking_delta", "thinking": ["x"]}),
        json!({"type": "input_json_delta", "partial_json": {"q": 1}}),
        json!({"type": "signature_delta", "signature": 1}),
        json!({"type": "text_delta", "text": "x", "type2": 1, "text": false}),
        json!("text"),
    ] {
        let event = json!({"type": "content_block_delta", "index": 0, "delta": delta});
        let (_, error) = replayed(sse(&[start(), open(0, &text_block()), event]));
        assert_eq!(error.unwrap().kind(), ErrorKind::Decode, "{delta}");
    }
    for delta in [
        json!({"type": "text_delta"}),
        json!({"type": "text_delta", "text": null}),
        json!({"type": "citations_delta"}),
        Value::Null,
    ] {
        let event = json!({"type": "content_block_delta", "index": 0, "delta": delta});
        let events = [
            start(),
            open(0, &text_block()),
            text(0, "x"),
            event,
            close(0),
            json!({"type": "message_stop"}),
        ];
        let mut stream = MessageStream::replay(std::io::Cursor::new(sse(&events)));
        let (_, error) = drain(&mut stream).now_or_never().unwrap();
        assert!(error.is_none(), "{delta}");
        let message = stream.snapshot().unwrap();
        assert_eq!(message.text(), "x");
        assert_eq!(message.content[0].as_text().unwrap().citations, None);
        assert_eq!(stream.unfolded().len(), 1, "{delta}");
    }
}

#[test]
fn a_fallback_that_names_no_model_leaves_the_one_that_is_known() {
    let fallback = json!({"type": "fallback", "from": {"model": "claude-opus-5-5"}});
    let named = |model: &str| {
        let mut named = fallback.clone();
        named["to"] = json!({"model": model});
        named
    };
    for (block, model) in [
        (fallback.clone(), "claude-opus-5-5"),
        (named(""), "claude-opus-5-5"),
        (named("claude-haiku-4-5"), "claude-haiku-4-5"),
    ] {
        let message = whole(sse(&[
            start(),
            open(0, &block),
            close(0),
            json!({"type": "message_stop"}),
        ]));
        assert_eq!(message.model.as_str(), model, "{block}");
    }
}

/// Where in a message something was repaired.
pub(crate) fn repaired(message: &Message) -> Vec<String> {
    let paths = message.repairs();
    paths.iter().map(|it| it.path().to_owned()).collect()
}

#[test]
fn what_a_block_starts_without_is_no_repair_once_it_has_come() {
    for (block, kind, key) in [
        (json!({"type": "text"}), "text_delta", "text"),
        (json!({"type": "text", "text": null}), "text_delta", "text"),
        (
            json!({"type": "thinking", "signature": ""}),
            "thinking_delta",
            "thinking",
        ),
        (
            json!({"type": "tool_use", "id": "t", "name": "f"}),
            "input_json_delta",
            "partial_json",
        ),
    ] {
        let started = block.to_string();
        let started =
            format!(r#"{{"type":"content_block_start","index":0,"content_block":{started}}}"#);
        let whole_block = whole(between(&[&started, &delta(0, kind, key, "1")]));
        assert!(repaired(&whole_block).is_empty(), "{block}");
        let message = whole(between(&[&started]));
        assert_eq!(repaired(&message).len(), 1, "{block}: it has not come");
    }
}

#[test]
fn an_event_that_lacks_what_it_is_about_is_an_error() {
    let begun = [start(), open(0, &text_block())];
    for event in [
        json!({"type": "content_block_start", "index": 1}),
        json!({"type": "content_block_start", "index": "first", "content_block": text_block()}),
        json!({"type": "content_block_stop", "index": "first"}),
        json!({"type": "content_block_stop", "index": [0]}),
    ] {
        let (_, error) = replayed(sse(&begun) + &sse(std::slice::from_ref(&event)));
        let error = error.unwrap();
        assert_eq!(error.kind(), ErrorKind::Decode, "{event}");
        let name = event["type"].as_str().unwrap();
        assert!(error.to_string().contains(name), "{error}");
    }
    for event in [
        json!({"type": "message_start"}),
        json!({"type": "message_start", "message": "hello"}),
    ] {
        let (_, error) = replayed(sse(&[event]));
        assert_eq!(error.unwrap().kind(), ErrorKind::Decode);
    }
    let compaction = json!({"type": "compaction", "content": null});
    let delta = json!({"type": "compaction_delta", "content": 5});
    let event = json!({"type": "content_block_delta", "index": 0, "delta": delta});
    let (_, error) = replayed(sse(&[start(), open(0, &compaction), event]));
    assert_eq!(error.unwrap().kind(), ErrorKind::Decode);
}

#[test]
fn the_error_of_a_delta_names_what_does_not_fit() {
    let event = json!({"type": "content_block_delta", "index": 0, "delta": "text"});
    let (_, error) = replayed(sse(&[start(), open(0, &text_block()), event]));
    let line = error.unwrap().to_string();
    assert!(line.contains("delta: "), "{line}");
}
