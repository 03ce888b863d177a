//! Every block, delta, event, message and usage of the description, bent in every place: a document
//! and a stream give the same, or an error, and never less than what came.
#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

// The generator's reader of the description, of which values need only the types.
#[allow(dead_code, reason = "endpoints are of no interest here")]
#[path = "../../xtask/src/description.rs"]
mod description;
#[path = "../../crates/conformance/tests/roundtrip/free.rs"]
mod free;
#[allow(dead_code, reason = "the other tests need more of it")]
#[path = "../../crates/conformance/tests/roundtrip/generate.rs"]
mod generate;
#[allow(dead_code, reason = "nothing is compared by trees here")]
#[path = "../../crates/conformance/tests/roundtrip/tree.rs"]
mod tree;

use std::collections::BTreeSet;

use anthropic::types::{Message, to_vec};
use anthropic_fuzz::bend::{Bend, bends, bent, pointers};
use anthropic_fuzz::message::{self, body, check, stream};
use serde_json::{Value, json};

use crate::description::{Description, Type};
use crate::generate::{Generator, Known};

const SEED: u64 = 20_260_428;
const VALUES: usize = 3;

const MESSAGES: [&str; 2] = [
    "types.message.Message",
    "types.beta.beta_message.BetaMessage",
];
const BLOCKS: [&str; 2] = [
    "types.content_block.ContentBlock",
    "types.beta.beta_content_block.BetaContentBlock",
];
const DELTAS: [&str; 2] = [
    "types.raw_content_block_delta.RawContentBlockDelta",
    "types.beta.beta_raw_content_block_delta.BetaRawContentBlockDelta",
];

fn description() -> Description {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../api/api.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The variants of unions, by official name.
fn variants(description: &Description, unions: &[&str]) -> Vec<String> {
    let mut names = Vec::new();
    for union in unions {
        let Some(Type::Union { of, .. }) = &description.types[*union].r#type else {
            panic!("{union} is no union");
        };
        for variant in of {
            names.extend(variant.refs().into_iter().map(str::to_owned));
        }
    }
    names
}

fn values(description: &Description, name: &str) -> Vec<Value> {
    let mut generator = Generator::new(description, SEED).of(Known::Only);
    let values = generator.values(name, VALUES);
    let values = values
        .iter()
        .map(|value| serde_json::from_str(&value.json()));
    values.collect::<Result<_, _>>().unwrap()
}

/// Bends a document in every place below another one, and notes what the check says.
fn bend(
    document: &Value,
    below: &str,
    check: impl Fn(&Value) -> Result<(), String>,
    problems: &mut BTreeSet<String>,
) -> usize {
    let mut count = 0;
    for pointer in pointers(document) {
        let Some(value) = document
            .pointer(&pointer)
            .filter(|_| pointer.starts_with(below))
        else {
            continue;
        };
        for way in bends(value) {
            let changed = bent(document, &pointer, &way).unwrap();
            if let Err(problem) = check(&changed) {
                problems.insert(format!("{pointer} {way:?}: {problem}\n    in {changed}"));
            }
            count += 1;
        }
    }
    count
}

fn none(problems: &BTreeSet<String>) {
    let shown: Vec<_> = problems.iter().take(10).map(String::as_str).collect();
    let count = problems.len();
    assert!(
        problems.is_empty(),
        "{count} problems:\n{}",
        shown.join("\n")
    );
}

fn message(content: &Value) -> Value {
    json!({"id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": content,
        "stop_reason": "end_turn", "stop_sequence": null, "usage": {"input_tokens": 1, "output_tokens": 2}})
}

#[test]
fn messages_are_read_alike_in_both_ways() {
    let description = description();
    let (mut problems, mut count) = (BTreeSet::new(), 0);
    for name in MESSAGES {
        for value in values(&description, name) {
            if let Err(problem) = check(&value) {
                problems.insert(format!("{problem}\n    in {value}"));
            }
            count += bend(&value, "", check, &mut problems);
        }
    }
    none(&problems);
    assert!(count > 1_000, "only {count} messages");
}

#[test]
fn blocks_are_read_alike_in_both_ways() {
    let description = description();
    let (mut problems, mut count) = (BTreeSet::new(), 0);
    for name in variants(&description, &BLOCKS) {
        for value in values(&description, &name) {
            let document = message(&json!([{"type": "text", "text": "first"}, value]));
            if let Err(problem) = check(&document) {
                problems.insert(format!("{problem}\n    in {document}"));
            }
            count += bend(&document, "/content/1", check, &mut problems);
        }
    }
    none(&problems);
    assert!(count > 4_000, "only {count} blocks");
}

fn start() -> Value {
    let mut start = message(&json!([]));
    start["stop_reason"] = Value::Null;
    json!({"type": "message_start", "message": start})
}

fn end() -> [Value; 2] {
    [
        json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 2}}),
        json!({"type": "message_stop"}),
    ]
}

/// The block that a delta is for.
fn block(delta: &Value) -> Value {
    match delta["type"].as_str() {
        Some("thinking_delta" | "signature_delta") => {
            json!({"type": "thinking", "thinking": "", "signature": ""})
        }
        Some("input_json_delta") => {
            json!({"type": "tool_use", "id": "t", "name": "n", "input": {}})
        }
        Some("compaction_delta") => json!({"type": "compaction", "content": null}),
        _ => json!({"type": "text", "text": ""}),
    }
}

/// What a program sees of a stream: the message as it is written and with what is kept beside it,
/// and what has no place in it.
fn seen(events: &[Value]) -> Option<(String, String)> {
    seen_in(&body(events))
}

fn seen_in(body: &str) -> Option<(String, String)> {
    let folded = stream(body).ok()?;
    let (_, message, unfolded) = message::seen(body).ok()?;
    assert_eq!(to_vec(&folded), to_vec(&message));
    let json = String::from_utf8(to_vec::<Message>(&message)).unwrap();
    Some((format!("{json} {message:?}"), unfolded))
}

/// Whether something is in a value's place.
fn is_something(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => false,
        Some(Value::String(text)) => !text.is_empty(),
        Some(_) => true,
    }
}

#[test]
fn no_delta_passes_unseen() {
    let description = description();
    let (mut problems, mut count) = (BTreeSet::new(), 0);
    let payloads = [
        "text",
        "thinking",
        "partial_json",
        "signature",
        "citation",
        "content",
        "encrypted_content",
    ];
    for name in variants(&description, &DELTAS) {
        for value in values(&description, &name) {
            let open = block(&value);
            let stream = |delta: Option<&Value>| {
                let mut events = vec![start()];
                events.push(
                    json!({"type": "content_block_start", "index": 0, "content_block": open}),
                );
                let delta = delta.map(
                    |delta| json!({"type": "content_block_delta", "index": 0, "delta": delta}),
                );
                events.extend(delta);
                events.push(json!({"type": "content_block_stop", "index": 0}));
                events.extend(end());
                seen(&events)
            };
            let without = stream(None).unwrap();
            count += bend(
                &value,
                "",
                |delta| {
                    let adds = payloads.iter().any(|key| is_something(delta.get(key)));
                    match stream(Some(delta)) {
                        Some(seen) if seen == without && adds => Err("it left no trace".to_owned()),
                        _ => Ok(()),
                    }
                },
                &mut problems,
            );
        }
    }
    none(&problems);
    assert!(count > 200, "only {count} deltas");
}

#[test]
fn no_type_of_an_event_passes_unseen() {
    let events = answer();
    let (whole, _) = seen(&events).unwrap();
    for (number, event) in events.iter().enumerate() {
        let name = event["type"].as_str().unwrap();
        let wrong = [
            json!(null),
            json!(5),
            json!(""),
            json!(true),
            json!({"q": 1}),
            json!(["x"]),
            json!("unheard_of"),
        ];
        let wrong = wrong.into_iter().map(Bend::Instead);
        for way in wrong.chain([Bend::Missing]) {
            let mut events = events.clone();
            events[number] = bent(event, "/type", &way).unwrap();
            // An event without a name is read, is seen, or nothing is in it.
            if let Some((json, unfolded)) = seen(&events) {
                let is_empty = name == "content_block_stop";
                assert!(
                    json == whole || !unfolded.is_empty() || is_empty,
                    "{name} {way:?}: {json}"
                );
            }
            // Its name stands in.
            assert_eq!(
                seen_in(&named(&events, number, name)),
                Some((whole.clone(), String::new())),
                "{name} {way:?}"
            );
        }
    }
}

/// The body of a stream in which one event has a name.
fn named(events: &[Value], number: usize, name: &str) -> String {
    let (before, from) = events.split_at(number);
    format!("{}event: {name}\n{}", body(before), body(from))
}

fn answer() -> Vec<Value> {
    [
        start(),
        json!({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": "a"}}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "b"}}),
        json!({"type": "content_block_stop", "index": 0}),
    ]
    .into_iter()
    .chain(end())
    .collect()
}

#[test]
fn no_event_passes_unseen() {
    const LOST: &str = "mistyped, and to be seen";
    let events = answer();
    let whole = seen(&events).unwrap();
    for (number, event) in events.iter().enumerate() {
        for pointer in pointers(event) {
            // What starts a message may be said again at its end; of types there is a test.
            let other = [
                "/message/stop_reason",
                "/message/usage/output_tokens",
                "/type",
            ];
            if other.contains(&pointer.as_str()) {
                continue;
            }
            let read = |way: &Bend| {
                let mut events = events.clone();
                events[number] = bent(event, &pointer, way).unwrap();
                seen(&events)
            };
            let name = &event["type"];
            for wrong in [json!(LOST), json!([LOST]), json!({"q": LOST})] {
                if let Some((json, unfolded)) = read(&Bend::Instead(wrong)) {
                    assert!(
                        json.contains(LOST) || unfolded.contains(LOST),
                        "{name}{pointer}: {json}"
                    );
                }
            }
            for way in [Bend::Missing, Bend::Instead(Value::Null)] {
                if let Some((json, unfolded)) = read(&way) {
                    // What did come is there.
                    let is_content =
                        pointer.starts_with("/content_block") || pointer.starts_with("/delta");
                    let is_whole = json.contains(r#""text":"ab""#);
                    assert!(
                        is_whole || !unfolded.is_empty() || is_content,
                        "{name}{pointer}: {json}"
                    );
                }
            }
        }
    }
    assert!(whole.0.contains(r#""text":"ab""#));
}

/// The fields that are added: one that nobody knows, what belongs to other events, and what some
/// gateways add.
const ADDED: [&str; 18] = [
    "brand_new",
    "amazon-bedrock-invocationMetrics",
    "container",
    "content",
    "content_block",
    "context_management",
    "delta",
    "error",
    "id",
    "index",
    "message",
    "model",
    "role",
    "stop_details",
    "stop_reason",
    "stop_sequence",
    "type",
    "usage",
];

/// Streams that have every known event, and every known delta.
fn streams(description: &Description) -> Vec<Vec<Value>> {
    let mut streams = vec![answer()];
    for name in variants(description, &DELTAS) {
        for delta in values(description, &name) {
            let block = block(&delta);
            let mut events = vec![
                start(),
                json!({"type": "content_block_start", "index": 0, "content_block": block}),
                json!({"type": "content_block_delta", "index": 0, "delta": delta}),
                json!({"type": "content_block_stop", "index": 0}),
            ];
            events.extend(end());
            streams.push(events);
        }
    }
    streams
}

#[test]
fn no_field_that_is_added_passes_unseen() {
    const LOST: &str = "added, and to be seen";
    let description = description();
    let (mut problems, mut count) = (BTreeSet::new(), 0);
    for events in streams(&description) {
        for (number, event) in events.iter().enumerate() {
            let places = std::iter::once(String::new()).chain(pointers(event));
            for (pointer, key) in places.flat_map(|it| ADDED.map(|key| (it.clone(), key))) {
                let fields = event.pointer(&pointer).and_then(Value::as_object);
                if fields.is_none_or(|fields| fields.contains_key(key)) {
                    continue;
                }
                for added in [
                    json!(LOST),
                    json!([LOST]),
                    json!({"type": LOST, "text": LOST}),
                    json!({"output_tokens": 7, "q": LOST}),
                    json!([{"type": "text", "text": LOST}]),
                ] {
                    let mut events = events.clone();
                    let fields = events[number].pointer_mut(&pointer).unwrap();
                    fields[key] = added.clone();
                    if let Some((json, unfolded)) = seen(&events) {
                        if !json.contains(LOST) && !unfolded.contains(LOST) {
                            let name = &event["type"];
                            problems.insert(format!("{name}{pointer}: {key} {added}"));
                        }
                    }
                    count += 1;
                }
            }
        }
    }
    none(&problems);
    assert!(count > 5_000, "only {count} events");
}

/// What says nothing, or what the message says itself, is no reason to look twice.
#[test]
fn what_is_repeated_is_no_surplus() {
    let events = answer();
    let whole = seen(&events).unwrap();
    for number in 0..events.len() {
        for below in ["", "/delta"] {
            for (key, value) in [
                ("id", json!("msg_1")),
                ("model", json!("m")),
                ("role", json!("assistant")),
                ("content", json!([])),
                ("content", json!(null)),
                ("usage", json!(null)),
                ("type", json!("message_delta")),
            ] {
                let mut events = events.clone();
                let fields = events[number].pointer_mut(below);
                let Some(Value::Object(fields)) = fields else {
                    continue;
                };
                // The type of an event, or of a delta of a block, is another one.
                if !fields.contains_key(key) {
                    fields.insert(key.to_owned(), value);
                    assert_eq!(
                        seen(&events).as_ref(),
                        Some(&whole),
                        "{number} {below} {key}"
                    );
                }
            }
        }
    }
}

/// An event that comes twice is there once more, is an error, or changes nothing.
#[test]
fn an_event_that_comes_twice_takes_nothing_away() {
    let description = description();
    for events in streams(&description) {
        let (whole, _) = seen(&events).unwrap();
        for number in 0..events.len() {
            let name = events[number]["type"].as_str().unwrap().to_owned();
            let mut events = events.clone();
            events.insert(number, events[number].clone());
            let seen = seen(&events);
            match name.as_str() {
                "content_block_start" => assert!(seen.is_none(), "{name}"),
                "content_block_delta" => assert!(seen.is_some(), "{name}"),
                _ => assert_eq!(seen.unwrap().0, whole, "{name}"),
            }
        }
    }
}
