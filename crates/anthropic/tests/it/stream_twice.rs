//! What comes twice in a stream: nothing of the first one is lost, or it is an error.

use anthropic::{ErrorKind, MessageStream};
use futures_util::FutureExt;
use serde_json::{Value, json};

use crate::stream_halves;
use crate::stream_repairs::between;
use crate::stream_support::{
    answer, close, delta, end, input, open, replayed, sse, start, text, tool_block,
};
use crate::stream_surplus::{CLOSES, read};

fn sign(signature: &str) -> Value {
    delta(
        0,
        &json!({"type": "signature_delta", "signature": signature}),
    )
}

fn encrypt(content: &str) -> Value {
    delta(
        0,
        &json!({"type": "compaction_delta", "content": null, "encrypted_content": content}),
    )
}

type Make = fn(&str) -> Value;

/// A block of deltas, and what is beside it.
fn block(block: &Value, deltas: &[Value]) -> (Value, Vec<Value>) {
    let events = [&[start(), open(0, block)], deltas, &[close(0)], &end()].concat();
    let (message, beside) = read(sse(&events));
    (serde_json::to_value(&message.content[0]).unwrap(), beside)
}

#[test]
fn of_two_signatures_the_last_one_counts_and_the_other_is_beside_it() {
    let thinking =
        |signature: &str| json!({"type": "thinking", "thinking": "", "signature": signature});
    let compaction = json!({"type": "compaction", "content": "x"});
    for (started, make, key) in [
        (thinking(""), sign as Make, "signature"),
        (compaction.clone(), sign as Make, "signature"),
        (compaction, encrypt as Make, "encrypted_content"),
    ] {
        for (values, last, lost) in [
            (&["abc", "def"][..], "def", &["abc"][..]),
            (&["abc", "def", "ghi"], "ghi", &["abc", "def"]),
            (&["abc", "abc"], "abc", &[]),
            (&["", "abc"], "abc", &[]),
            (&["abc", ""], "abc", &[]),
            (&["abc"], "abc", &[]),
        ] {
            let deltas: Vec<_> = values.iter().map(|value| make(value)).collect();
            let (block, beside) = block(&started, &deltas);
            assert_eq!(block[key], last, "{values:?}");
            let beside: Vec<_> = beside.iter().map(|event| &event["delta"][key]).collect();
            assert_eq!(beside, lost, "{values:?}");
        }
    }
    // One that the block has started with is as good.
    let (block, beside) = block(&thinking("abc"), &[sign("def")]);
    assert_eq!(block["signature"], "def");
    assert_eq!(beside, [sign("abc")]);
}

#[test]
fn half_a_character_of_a_signature_is_seen_where_it_is_replaced() {
    let thinking = r#"{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}"#;
    let sign = |text: &str| stream_halves::delta(0, "signature_delta", "signature", text);
    let (message, beside) = read(between(&[thinking, &sign(r"abc\ud83d"), &sign("def")]));
    assert_eq!(message.content[0].as_thinking().unwrap().signature, "def");
    assert!(message.repairs().is_empty());
    assert_eq!(beside[0]["delta"]["signature"], "abc\u{FFFD}");
}

#[test]
fn an_input_that_deltas_replace_is_beside_it() {
    let tool = |input: &Value| {
        let mut block = tool_block();
        block["input"] = input.clone();
        block
    };
    for (started, deltas, lost) in [
        (json!({"a": 1}), &[r#"{"b":"#, "2}"][..], true),
        (json!({"a": 1}), &[r#"{ "a": 1 }"#], false),
        (json!({"a": 1}), &[], false),
        (json!({}), &[r#"{"b":2}"#], false),
        (json!(null), &[r#"{"b":2}"#], false),
        (json!(""), &[r#"{"b":2}"#], false),
        (json!("x"), &[r#"{"b":2}"#], true),
    ] {
        let pieces: Vec<_> = deltas.iter().map(|piece| input(0, piece)).collect();
        let (block, beside) = block(&tool(&started), &pieces);
        if let Some(first) = deltas.first() {
            let whole: Value = serde_json::from_str(&deltas.concat()).unwrap();
            assert_eq!(block["input"], whole, "{started} {first}");
        }
        let expected = lost.then(|| open(0, &tool(&started)));
        assert_eq!(beside, Vec::from_iter(expected), "{started} {deltas:?}");
    }
    // Where the block has no end of its own, too.
    let events = [
        start(),
        open(0, &tool(&json!({"a": 1}))),
        input(0, "{}"),
        json!({"type": "message_stop"}),
    ];
    assert_eq!(read(sse(&events)).1, [events[1].clone()]);
}

#[test]
fn a_block_may_end_twice() {
    let mut events = answer("hello");
    let (plain, _) = read(sse(&events));
    let (seen, _) = replayed(sse(&events));
    events.insert(CLOSES, close(0));
    events.push(json!({"type": "message_stop"}));
    let (message, beside) = read(sse(&events));
    assert_eq!(message, plain);
    assert!(beside.is_empty());
    // It is handed out once, as a repeated start is.
    assert_eq!(replayed(sse(&events)).0, seen);
    // What it has is kept all the same.
    events[CLOSES + 1]["delta"] = json!({"type": "text_delta", "text": "LOST"});
    assert_eq!(read(sse(&events)).1, [events[CLOSES + 1].clone()]);
    // A block that never began has no end, and one that has ended takes no more.
    for (number, wrong) in [(CLOSES, close(1)), (CLOSES + 1, text(0, "x"))] {
        let mut events = answer("hello");
        events.insert(number, wrong);
        let (_, error) = replayed(sse(&events));
        assert_eq!(error.unwrap().kind(), ErrorKind::Decode, "{number}");
    }
}

#[test]
fn a_message_that_starts_again_loses_nothing() {
    let again = |change: &dyn Fn(&mut Value)| {
        let mut events = answer("hello");
        let mut first = start();
        first["message"]["new"] = json!(1);
        first["message"]["usage"]["cache_read_input_tokens"] = json!(2);
        let mut second = start();
        change(&mut second["message"]);
        events.splice(..1, [first, second]);
        read(sse(&events))
    };
    let (message, beside) = again(&|_| {});
    assert_eq!(message.extra.decode("new"), Some(1));
    assert_eq!(message.usage.cache_read_input_tokens, Some(2));
    assert!(beside.is_empty());
    let (message, _) = again(&|second| {
        second["new"] = json!(2);
        second["newer"] = json!(3);
        second["usage"]["input_tokens"] = json!(4);
    });
    assert_eq!(message.extra.decode("new"), Some(2));
    assert_eq!(message.extra.decode("newer"), Some(3));
    assert_eq!(message.usage.input_tokens, 4);
    let (message, _) = again(&|second| drop(second.as_object_mut().unwrap().remove("usage")));
    assert_eq!(message.usage.input_tokens, 3);
    assert!(message.repairs().is_empty());
}

#[test]
fn a_message_that_starts_again_has_the_same_content_or_none() {
    let given = |texts: &[&str]| {
        let mut start = start();
        let blocks = texts
            .iter()
            .map(|text| json!({"type": "text", "text": text}));
        start["message"]["content"] = blocks.collect();
        start
    };
    let begun = |first: &[&str], second: &[&str]| {
        let stop = json!({"type": "message_stop"});
        let (seen, error) = replayed(sse(&[given(first), given(second), stop.clone()]));
        let starts = seen
            .iter()
            .filter(|event| event.type_name() == "message_start");
        let starts = starts.count();
        let body = sse(&[given(first), given(second), stop]);
        let mut stream = MessageStream::replay(std::io::Cursor::new(body));
        let mut pieces = String::new();
        let mut texts = stream.text_stream();
        while let Some(Ok(piece)) = texts.next().now_or_never().unwrap() {
            pieces += &piece;
        }
        let message = stream.final_message().now_or_never().unwrap();
        match message {
            Ok(message) => {
                assert_eq!(pieces, message.text());
                assert!(error.is_none());
                Some((message.text(), starts))
            }
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Decode);
                None
            }
        }
    };
    let a = || "a".to_owned();
    assert_eq!(begun(&["a"], &["a"]), Some((a(), 1)));
    assert_eq!(begun(&["a"], &[]), Some((a(), 1)));
    assert_eq!(begun(&[], &["a"]), Some((a(), 2)));
    assert_eq!(begun(&["a"], &["b"]), None);
    assert_eq!(begun(&["a"], &["a", "b"]), None);
}
