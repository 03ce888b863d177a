//! A whole message, read as a document and as the stream that a server sends for it: the same, or
//! an error, and never less than what came.

use std::io::Cursor;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use anthropic::types::{Message, StreamEvent, from_slice, to_vec};
use anthropic::{Error, MessageStream};
use serde_json::{Map, Value, json};

use crate::bend::{self, fields, lost, pointers, written};

/// How a server sends the blocks of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    /// Each is whole when it starts.
    Whole,
    /// What has deltas comes in deltas.
    Deltas,
}

/// What comes in an update of the message, within its `delta` and beside it.
const LATE: [&str; 4] = ["stop_reason", "stop_sequence", "stop_details", "container"];
const BESIDE: [&str; 2] = ["context_management", "input_transformations"];

/// Reads a document as a message in each way.
///
/// # Errors
///
/// How the results differ, or what is lost; in words.
pub fn check(document: &Value) -> Result<(), String> {
    let text = written(document);
    let plain = from_slice::<Message>(text.as_bytes());
    let plain = plain.ok().map(|message| Read::of(&message));
    let came = bend::read(text.as_bytes());
    if let Some(problem) = plain.as_ref().and_then(|read| lost(&came, &read.json)) {
        return Err(format!("read as a document: {problem}"));
    }
    // In place of a stream a document is used wherever it is used as one.
    let mut instead = stream(&text).ok().map(|message| Read::of(&message));
    if let (Some(plain), Some(instead)) = (&plain, &mut instead) {
        same_model(document, plain, instead);
    }
    if document.is_object() && instead != plain {
        return Err(format!(
            "in place of a stream: {plain:?}\n    is {instead:?}"
        ));
    }
    for style in [Style::Whole, Style::Deltas] {
        let events = events(document, style);
        let streamed = stream(&body(&events)).ok();
        if let (Some(message), Style::Deltas) = (&streamed, style) {
            pieces_add_up(&body(&events), message)?;
            no_addition_is_lost(&events)?;
        }
        let streamed = streamed.map(|message| Read::of(&message));
        if let (Some(plain), Some(mut streamed)) = (&plain, streamed) {
            same_model(document, plain, &mut streamed);
            if *plain != streamed {
                return Err(format!(
                    "{style:?}: {plain:?}\n    is streamed {streamed:?}"
                ));
            }
        }
    }
    Ok(())
}

/// The pieces of text that are handed out are those of the message.
fn pieces_add_up(body: &str, message: &Message) -> Result<(), String> {
    let blocks = message.content.iter().filter_map(|block| block.as_text());
    let text: String = blocks.map(|block| block.text.as_str()).collect();
    let mut stream = replay(body);
    let mut stream = stream.text_stream();
    let mut pieces = String::new();
    while let Ok(Some(piece)) = there(stream.try_next()) {
        pieces += &piece;
    }
    let mut of_events = String::new();
    for event in seen(body).map_err(|error| error.to_string())?.0 {
        of_events += event.text().unwrap_or_default();
    }
    if pieces != text || of_events != text {
        return Err(format!("{pieces:?} and {of_events:?} add up to {text:?}"));
    }
    Ok(())
}

/// A new field in each object of the events is in the message, or in what is beside it.
fn no_addition_is_lost(events: &[Value]) -> Result<(), String> {
    let mut count = 0..;
    let mut names = Vec::new();
    let mut add = |object: &mut Map<String, Value>| {
        let name = format!("added_{}_", count.next().unwrap_or(0));
        object.insert(name.clone(), json!({"x": 1}));
        names.push(name);
    };
    let mut events = events.to_vec();
    for event in &mut events {
        for pointer in std::iter::once(String::new()).chain(pointers(event)) {
            if let Some(Value::Object(object)) = event.pointer_mut(&pointer) {
                add(object);
            }
        }
    }
    // What makes no message is an error.
    let Ok((_, message, unfolded)) = seen(&body(&events)) else {
        return Ok(());
    };
    let kept = String::from_utf8_lossy(&to_vec(&message)).into_owned() + &unfolded;
    match names.iter().find(|name| !kept.contains(*name)) {
        Some(name) => Err(format!("{name} is lost of {}", body(&events))),
        None => Ok(()),
    }
}

/// A fallback changes the model on its way.
fn same_model(document: &Value, plain: &Read, streamed: &mut Read) {
    if document.to_string().contains(r#""fallback""#) {
        streamed.json["model"] = plain.json["model"].clone();
    }
}

/// What a program sees of a message.
#[derive(Debug, PartialEq)]
struct Read {
    json: Value,
    repairs: Vec<String>,
}

impl Read {
    fn of(message: &Message) -> Self {
        let repairs = message.repairs();
        let mut repairs: Vec<_> = repairs
            .iter()
            .map(|repair| format!("{} {:?}", repair.path(), repair.kind()))
            .collect();
        repairs.sort();
        Self {
            json: bend::read(&to_vec(message)),
            repairs,
        }
    }
}

/// Reads a body as the stream of a message.
///
/// # Errors
///
/// The stream's.
///
/// # Panics
///
/// If a body that is there as a whole has to be waited for.
pub fn stream(body: &str) -> Result<Message, Error> {
    there(replay(body).final_message())
}

/// Reads a body as events, and returns them, the message, and what has no place in it, as text.
///
/// # Errors
///
/// The stream's.
///
/// # Panics
///
/// If a body that is there as a whole has to be waited for.
pub fn seen(body: &str) -> Result<(Vec<StreamEvent>, Message, String), Error> {
    let mut stream = replay(body);
    let mut events = Vec::new();
    while let Some(event) = there(stream.try_next())? {
        events.push(event);
    }
    let unfolded = stream.unfolded().iter().map(to_vec);
    let unfolded = String::from_utf8_lossy(&unfolded.collect::<Vec<_>>().concat()).into_owned();
    Ok((events, there(stream.final_message())?, unfolded))
}

fn replay(body: &str) -> MessageStream {
    MessageStream::replay(Cursor::new(body.to_owned()))
}

fn there<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    match future
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
    {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("a recording is there as a whole"),
    }
}

/// The body of a stream with these events.
pub fn body(events: &[Value]) -> String {
    let mut body = String::new();
    for event in events {
        body += &["data: ", &written(event), "\n\n"].concat();
    }
    body
}

/// The events of a message.
fn events(document: &Value, style: Style) -> Vec<Value> {
    let mut start = fields(document);
    let mut delta = Map::new();
    let mut update = Map::from_iter([("type".to_owned(), json!("message_delta"))]);
    for (keys, to) in [(&LATE[..], &mut delta), (&BESIDE[..], &mut update)] {
        for key in keys {
            if let Some(value) = start.get_mut(*key) {
                to.insert((*key).to_owned(), value.take());
            }
        }
    }
    update.insert("delta".to_owned(), Value::Object(delta));
    if let Some(usage) = start.get_mut("usage") {
        update.insert("usage".to_owned(), usage.clone());
        if let Some(output) = usage.get_mut("output_tokens") {
            *output = json!(1);
        }
    }
    let mut blocks = Vec::new();
    if let Some(Value::Array(content)) = start.get_mut("content") {
        blocks = std::mem::take(content);
    }
    let mut events = vec![json!({"type": "message_start", "message": start})];
    for (index, block) in blocks.into_iter().enumerate() {
        let (block, deltas) = match style {
            Style::Whole => (block, Vec::new()),
            Style::Deltas => in_deltas(block),
        };
        events.push(json!({"type": "content_block_start", "index": index, "content_block": block}));
        let delta = |delta| json!({"type": "content_block_delta", "index": index, "delta": delta});
        events.extend(deltas.into_iter().map(delta));
        events.push(json!({"type": "content_block_stop", "index": index}));
    }
    events.push(Value::Object(update));
    events.push(json!({"type": "message_stop"}));
    events
}

/// A block as it starts, and its deltas.
fn in_deltas(mut block: Value) -> (Value, Vec<Value>) {
    let mut deltas = Vec::new();
    match block["type"].as_str() {
        Some("text") => {
            let text = taken(&mut block, "text", json!(""));
            deltas.extend(text.map(|text| json!({"type": "text_delta", "text": text})));
            if let Some(citations) = block.get_mut("citations").and_then(Value::as_array_mut) {
                let citations = std::mem::take(citations);
                let delta = |citation| json!({"type": "citations_delta", "citation": citation});
                deltas.extend(citations.into_iter().map(delta));
            }
        }
        Some("thinking") => {
            let text = taken(&mut block, "thinking", json!(""));
            deltas.extend(text.map(|text| json!({"type": "thinking_delta", "thinking": text})));
            let mut signature = taken(&mut block, "signature", json!(""));
            let signature = [signature.next(), signature.next()];
            let signature: String = signature.into_iter().flatten().collect();
            if !signature.is_empty() {
                deltas.push(json!({"type": "signature_delta", "signature": signature}));
            }
        }
        Some("compaction") => {
            let text = taken(&mut block, "content", Value::Null);
            deltas.extend(text.map(|text| json!({"type": "compaction_delta", "content": text})));
        }
        Some("tool_use" | "server_tool_use" | "mcp_tool_use") => {
            let input = block
                .get_mut("input")
                .map(|input| std::mem::replace(input, json!({})));
            let text = input.map(|input| halves(&input.to_string()));
            let delta = |text| json!({"type": "input_json_delta", "partial_json": text});
            deltas.extend(text.into_iter().flatten().map(delta));
        }
        _ => {}
    }
    (block, deltas)
}

/// Takes a text out of a block, in two pieces.
fn taken(block: &mut Value, key: &str, vacant: Value) -> impl Iterator<Item = String> + use<> {
    let text = match block.get_mut(key) {
        Some(Value::String(text)) if !text.is_empty() => Some(std::mem::take(text)),
        _ => None,
    };
    if text.is_some() {
        block[key] = vacant;
    }
    text.map(|text| halves(&text)).into_iter().flatten()
}

fn halves(text: &str) -> [String; 2] {
    let mut middle = text.len() / 2;
    while !text.is_char_boundary(middle) {
        middle += 1;
    }
    let (one, other) = text.split_at(middle);
    [one.to_owned(), other.to_owned()]
}
