//! Where the pieces of a stream go when its indexes and its starts are not those of the API.

use anthropic::stream::ProtocolError;
use anthropic::types::Message;
use anthropic::{Error, ErrorKind, MessageStream};
use futures_util::FutureExt;
use serde_json::{Value, json};

use crate::stream_support::{
    close, delta, end, input, open, replayed, sse, start, text, text_block, tool_block,
};

/// The message of a stream with these events, its end added, and what it is as JSON.
fn message(events: impl AsRef<[Value]>) -> Result<Message, Error> {
    let mut body = sse(events.as_ref());
    body += &sse(&end());
    let stream = MessageStream::replay(std::io::Cursor::new(body));
    stream.final_message().now_or_never().unwrap()
}

fn texts(message: &Message) -> Vec<&str> {
    let blocks = message.content.iter().filter_map(|block| block.as_text());
    blocks.map(|block| block.text.as_str()).collect()
}

fn thinking(index: u64, text: &str) -> Value {
    delta(index, &json!({"type": "thinking_delta", "thinking": text}))
}

/// Takes the index away, or gives it another form.
fn with_index(mut event: Value, index: Option<Value>) -> Value {
    let fields = event.as_object_mut().unwrap();
    match index {
        Some(index) => fields.insert("index".to_owned(), index),
        None => fields.remove("index"),
    };
    event
}

#[test]
fn blocks_may_all_have_the_index_0() {
    let mut events = vec![start()];
    for words in ["a", "b"] {
        events.extend([open(0, &text_block()), text(0, words), close(0)]);
    }
    events.extend([
        open(0, &tool_block()),
        input(0, r#"{"x":"#),
        input(0, "1}"),
        close(0),
    ]);
    events.extend([open(0, &text_block()), text(0, "c"), close(0)]);
    let message = message(events).unwrap();
    assert_eq!(texts(&message), ["a", "b", "c"]);
    let tool = message.content[2].as_tool_use().unwrap();
    assert_eq!(tool.input, json!({"x": 1}));
}

#[test]
fn a_block_that_is_open_does_not_start_again() {
    let events = vec![
        start(),
        open(0, &text_block()),
        text(0, "a"),
        open(0, &text_block()),
    ];
    let error = message(events).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(
        error.to_string().contains("block 0 started twice"),
        "{error}"
    );
    assert_eq!(texts(error.partial::<Message>().unwrap()), ["a"]);
}

#[test]
fn deltas_without_a_block_make_one_of_their_kind() {
    let events = vec![
        start(),
        thinking(0, "h"),
        thinking(0, "m"),
        close(0),
        text(1, "a"),
        text(1, "b"),
        close(1),
    ];
    let message = message(events).unwrap();
    assert_eq!(message.content[0].as_thinking().unwrap().thinking, "hm");
    assert_eq!(texts(&message), ["ab"]);
}

#[test]
fn what_no_block_can_be_made_of_is_an_error_with_the_text_so_far() {
    for lost in [
        input(3, "{}"),
        delta(3, &json!({"type": "signature_delta", "signature": "s"})),
        close(3),
    ] {
        let error = message(vec![start(), text(0, "so far"), lost]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        let source = std::error::Error::source(&error).unwrap();
        assert!(matches!(
            source.downcast_ref(),
            Some(ProtocolError::NoBlock { index: 3, .. })
        ));
        assert_eq!(texts(error.partial::<Message>().unwrap()), ["so far"]);
    }
}

#[test]
fn an_index_may_be_missing_or_a_string() {
    for form in [
        |_: u64| None,
        |index: u64| Some(json!(index.to_string())),
        |_| Some(Value::Null),
    ] {
        let mut events = vec![start()];
        for (index, words) in [(0, "a"), (1, "b")] {
            let block = [open(index, &text_block()), text(index, words), close(index)];
            events.extend(block.map(|event| with_index(event, form(index))));
        }
        let (read, error) = replayed(sse(&events) + &sse(&end()));
        assert!(error.is_none(), "{error:?}");
        let said: Vec<_> = read.iter().filter_map(|event| event.text()).collect();
        assert_eq!(said, ["a", "b"]);
        assert_eq!(texts(&message(events).unwrap()), ["a", "b"]);
    }
}

#[test]
fn a_missing_index_that_could_mean_two_blocks_is_an_error() {
    let lost = with_index(text(0, "x"), None);
    let events = vec![
        start(),
        open(0, &text_block()),
        open(1, &text_block()),
        text(0, "a"),
        lost,
    ];
    let error = message(events).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert_eq!(texts(error.partial::<Message>().unwrap()), ["a", ""]);
    for index in [json!(-1), json!(1.5), json!("first"), json!([0])] {
        let events = vec![
            start(),
            open(0, &text_block()),
            with_index(text(0, "x"), Some(index)),
        ];
        assert_eq!(message(events).unwrap_err().kind(), ErrorKind::Decode);
    }
}

#[test]
fn a_block_that_starts_without_an_index_has_the_one_behind_the_greatest() {
    let without = || with_index(open(0, &text_block()), None);
    let read = |starts: &[Value], indexes: &[u64]| {
        let mut events = starts.to_vec();
        let words = ["a", "b", "c", "d"];
        for (index, words) in indexes.iter().zip(words) {
            events.push(text(*index, words));
        }
        texts(&message(events).unwrap()).concat()
    };
    let three = [start(), without(), without(), without()];
    assert_eq!(read(&three, &[0, 1, 2]), "abc");
    // Behind a gap, and in any order.
    let block = |index: u64| open(index, &text_block());
    assert_eq!(read(&[start(), block(5), without()], &[5, 6]), "ab");
    let any = [start(), block(5), block(2), without()];
    assert_eq!(read(&any, &[2, 5, 6]), "abc");
    // And behind those that came with the message.
    let mut begun = start();
    begun["message"]["content"] =
        json!([{"type": "text", "text": "x"}, {"type": "text", "text": "y"}]);
    assert_eq!(read(&[begun, without(), without()], &[2, 3]), "xyab");
}

#[test]
fn a_missing_index_is_that_of_the_only_block_that_is_open() {
    for last in 0..4 {
        let mut events = vec![start()];
        events.extend((0..4).map(|index| open(index, &text_block())));
        events.extend((0..4).filter(|index| *index != last).map(close));
        events.push(with_index(text(0, "x"), None));
        events.push(with_index(close(0), None));
        let message = message(events).unwrap();
        let place = usize::try_from(last).unwrap();
        let mut expected = [""; 4];
        expected[place] = "x";
        assert_eq!(texts(&message), expected);
    }
    // Not all of them at once: each closes before the next opens.
    for skipped in [0, 1, 2] {
        let mut events = vec![start()];
        for index in 0..4 {
            events.push(open(index, &text_block()));
            if index == skipped {
                events.push(close(index));
            }
        }
        events.extend((0..3).filter(|index| *index != skipped).map(close));
        events.push(with_index(text(0, "x"), None));
        assert_eq!(texts(&message(events).unwrap())[3], "x");
    }
}

#[test]
fn message_start_may_be_repeated_before_the_first_block() {
    let mut events = vec![start(); 29];
    events.extend([open(0, &text_block()), text(0, "a"), close(0)]);
    let (read, error) = replayed(sse(&events) + &sse(&end()));
    assert!(error.is_none(), "{error:?}");
    let starts = read
        .iter()
        .filter(|event| event.type_name() == "message_start");
    assert_eq!(starts.count(), 1, "it is handed out once");
    assert_eq!(texts(&message(events.clone()).unwrap()), ["a"]);
    // Not as another message, and not among the blocks.
    let mut other = start();
    other["message"]["id"] = json!("msg_2");
    let started = |events: Vec<Value>| {
        let error = message(events).unwrap_err();
        let source = std::error::Error::source(&error).unwrap();
        assert_eq!(source.downcast_ref(), Some(&ProtocolError::StartedTwice));
    };
    started(vec![start(), other]);
    started([events, vec![start()]].concat());
}

#[test]
fn blocks_go_on_behind_those_of_message_start() {
    let begun = |content: Value| {
        let mut begun = start();
        begun["message"]["content"] = content;
        begun
    };
    let a = json!({"type": "text", "text": "a"});
    let b = json!({"type": "text", "text": "b"});
    for from in [0, 2] {
        let events = vec![
            begun(json!([a, b])),
            open(from, &text_block()),
            text(from, "c"),
            close(from),
            open(from + 1, &text_block()),
            text(from + 1, "d"),
            close(from + 1),
        ];
        assert_eq!(texts(&message(events).unwrap()), ["a", "b", "c", "d"]);
    }
    let events = vec![
        begun(json!([text_block()])),
        open(0, &text_block()),
        text(0, "c"),
        close(0),
    ];
    assert_eq!(
        texts(&message(events).unwrap()),
        ["c"],
        "an empty one is a place held free"
    );
}

#[test]
fn an_empty_string_is_no_tool_input() {
    let mut block = tool_block();
    block["input"] = json!("");
    let whole = [open(0, &block), input(0, r#"{"x":1}"#), close(0)];
    let none = [open(0, &block), close(0)];
    for (events, expected) in [
        (whole.to_vec(), json!({"x": 1})),
        (none.to_vec(), json!({})),
    ] {
        let message = message([vec![start()], events].concat()).unwrap();
        assert_eq!(message.content[0].as_tool_use().unwrap().input, expected);
    }
}

#[test]
fn compaction_deltas_are_joined() {
    let block = json!({"type": "compaction", "content": null});
    let piece = |text: &str| delta(0, &json!({"type": "compaction_delta", "content": text}));
    let events = vec![
        start(),
        open(0, &block),
        piece("one "),
        piece("two"),
        close(0),
    ];
    let message = message(events).unwrap();
    let compaction = message.content[0].as_compaction().unwrap();
    assert_eq!(compaction.content.as_deref(), Some("one two"));
}
