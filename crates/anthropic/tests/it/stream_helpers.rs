//! The events made for people.

use anthropic::MessageStream;
use anthropic::partial_json::Strings;
use anthropic::stream::{SnapshotEvent, SnapshotEvents};
use anthropic::types::ContentBlock;
use futures_util::FutureExt;
use serde_json::{Value, json};

use crate::stream_support::{
    Transcript, close, delta, end, input, open, sse, start, text, tool_block,
};

fn helped(events: &[Value]) -> SnapshotEvents {
    MessageStream::replay(std::io::Cursor::new(sse(events))).snapshot_events()
}

fn next(events: &mut SnapshotEvents) -> Option<SnapshotEvent<'_>> {
    events.try_next().now_or_never().unwrap().unwrap()
}

#[test]
fn snapshot_events_tell_pieces_and_what_they_add_up_to() {
    let transcript = Transcript::named("thinking_tool_use");
    let mut events = MessageStream::replay(transcript.lf().as_bytes()).snapshot_events();
    let (mut text, mut thinking, mut inputs) = (String::new(), String::new(), 0);
    let mut blocks: Vec<ContentBlock> = Vec::new();
    let mut whole = None;
    let mut count = 0;
    while let Some(event) = events.try_next().now_or_never().unwrap().unwrap() {
        count += 1;
        match event {
            SnapshotEvent::Text {
                delta, snapshot, ..
            } => {
                text.push_str(delta);
                assert!(snapshot.ends_with(delta) && text.ends_with(snapshot));
            }
            SnapshotEvent::Thinking {
                delta, snapshot, ..
            } => {
                thinking.push_str(delta);
                assert_eq!(snapshot, thinking);
            }
            SnapshotEvent::InputJson { snapshot, .. } => inputs += usize::from(snapshot.is_some()),
            SnapshotEvent::ContentBlock { block, .. } => blocks.push(block.clone()),
            SnapshotEvent::Message { message, .. } => whole = Some(message.clone()),
            _ => {}
        }
    }
    assert_eq!(count, transcript.events().len());
    assert!(inputs > 3 && !thinking.is_empty());
    assert_eq!(blocks, transcript.message().content);
    assert_eq!(whole, Some(transcript.message()));
}

#[test]
fn snapshot_events_tell_citations() {
    let transcript = Transcript::named("citations");
    let mut events = MessageStream::replay(transcript.lf().as_bytes()).snapshot_events();
    let mut count = 0;
    while let Some(event) = events.try_next().now_or_never().unwrap().unwrap() {
        if let SnapshotEvent::Citation {
            citation, snapshot, ..
        } = event
        {
            count += 1;
            assert_eq!(snapshot.last(), Some(citation));
        }
    }
    assert_eq!(count, 4);
}

/// What each piece of a tool's input leaves to be seen.
fn views(strings: Option<Strings>) -> Vec<Value> {
    let mut events = vec![start(), open(0, &tool_block())];
    events.extend(["{\"city\":", "\"Bas", "el\", \"n\":4", "2}"].map(|piece| input(0, piece)));
    events.push(close(0));
    events.extend(end());
    let mut events = helped(&events);
    if let Some(strings) = strings {
        events = events.strings(strings);
    }
    let mut views = Vec::new();
    while let Some(event) = next(&mut events) {
        if let SnapshotEvent::InputJson { snapshot, .. } = event {
            views.push(snapshot.unwrap().clone());
        }
    }
    views
}

#[test]
fn an_input_is_seen_as_it_grows_with_its_open_string_or_without() {
    let last = [json!({"city": "Basel"}), json!({"city": "Basel", "n": 42})];
    let hidden = [&[json!({}), json!({})], last.as_slice()].concat();
    let shown = [&[json!({}), json!({"city": "Bas"})], last.as_slice()].concat();
    assert_eq!(views(None), hidden);
    assert_eq!(views(Some(Strings::Hide)), hidden);
    assert_eq!(views(Some(Strings::Show)), shown);
}

#[test]
fn signatures_and_the_rest_are_told_as_they_are() {
    let signature = json!({"type": "signature_delta", "signature": "c2ln"});
    let thinking = json!({"type": "thinking", "thinking": "", "signature": ""});
    let mut events = vec![start(), open(0, &thinking), delta(0, &signature)];
    events.push(close(0));
    events.extend(end());
    let mut helped = helped(&events);
    assert!(helped.raw().is_none());
    let mut kinds = Vec::new();
    while let Some(event) = next(&mut helped) {
        kinds.push(match event {
            SnapshotEvent::Signature {
                index, signature, ..
            } => format!("{index} {signature}"),
            SnapshotEvent::Raw(event) => event.type_name().to_owned(),
            SnapshotEvent::ContentBlock { .. } => "block".to_owned(),
            SnapshotEvent::Message { .. } => "message".to_owned(),
            other => format!("{other:?}"),
        });
        assert!(helped.raw().is_some());
    }
    assert_eq!(
        kinds,
        [
            "message_start",
            "content_block_start",
            "0 c2ln",
            "block",
            "message_delta",
            "message"
        ]
    );
    let block = &helped.snapshot().unwrap().content[0];
    assert_eq!(block.as_thinking().unwrap().signature, "c2ln");
    let message = helped.into_inner().final_message();
    assert_eq!(message.now_or_never().unwrap().unwrap().id, "msg_1");
}

#[test]
fn what_a_block_starts_with_is_a_piece() {
    let begun = json!({"type": "text", "text": "Hel"});
    let mut events = vec![start(), open(0, &begun), text(0, "lo")];
    events.extend(end());
    let mut helped = helped(&events);
    let mut pieces = Vec::new();
    while let Some(event) = next(&mut helped) {
        if let SnapshotEvent::Text { delta, .. } = event {
            pieces.push(delta.to_owned());
        }
    }
    assert_eq!(pieces, ["Hel", "lo"]);
}
