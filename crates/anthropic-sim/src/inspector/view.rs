//! An exchange as the page receives it: with its model and tokens, and without secrets.

use std::time::Duration;

use http::HeaderMap;
use serde_json::{Value, json};

use crate::observation::journal::{Content, Entry, Phase};

/// How much of a request's body is shown, and read for its model.
const SHOWN: usize = 1024 * 1024;

/// A row of the list.
pub(super) fn summary(entry: &Entry) -> Value {
    row(entry, &entry.content())
}

fn row(entry: &Entry, content: &Content) -> Value {
    let body = body(content);
    let tokens = tokens(content);
    let model = body.get("model").and_then(Value::as_str);
    let model = model.map(|model| entry.secrets.body(model.as_bytes()));
    json!({
        "number": entry.number,
        "request_id": entry.request_id,
        "time": entry.time,
        "method": entry.method.as_str(),
        "path": entry.path,
        "query": entry.query,
        "model": model.map(|model| String::from_utf8_lossy(&model).into_owned()),
        "stream": body.get("stream").is_some_and(|stream| stream == true),
        "status": content.status.map(|status| status.as_u16()),
        "state": match content.phase {
            Phase::Open => "open",
            Phase::Done => "done",
            Phase::Broken => "broken",
        },
        "fault": content.fault,
        "input_tokens": tokens.0,
        "output_tokens": tokens.1,
        "ms": millis(content.took),
        "bytes": content.bytes,
    })
}

/// All of it, with the pieces of the response after the first `from`.
pub(super) fn detail(entry: &Entry, from: usize) -> Value {
    let content = entry.content();
    let clean = |bytes: &[u8]| entry.secrets.body(bytes);
    let text = |bytes: &[u8]| String::from_utf8_lossy(&clean(bytes)).into_owned();
    let shown = content
        .body
        .get(..content.body.len().min(SHOWN))
        .unwrap_or_default();
    let pieces = content.pieces.iter().skip(from);
    let pieces = pieces.map(|(at, piece)| json!({"ms": millis(*at), "text": text(piece)}));
    json!({
        "row": row(entry, &content),
        "request": {
            "headers": pairs(&content.asked),
            "bytes": content.body.len(),
            "body": text(shown),
        },
        "response": {
            "headers": pairs(&content.headers),
            "pieces": pieces.collect::<Vec<_>>(),
            "next": content.pieces.len(),
            "cut": content.cut,
        },
    })
}

fn body(content: &Content) -> Value {
    if content.body.len() > SHOWN {
        return Value::Null;
    }
    serde_json::from_slice(&content.body).unwrap_or_default()
}

/// Input and output tokens, as far as they are known from the response.
fn tokens(content: &Content) -> (Option<u64>, Option<u64>) {
    let stream = content
        .headers
        .get("content-type")
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
    let (mut input, mut output) = (None, None);
    let mut read = |usage: &Value| {
        let count = |name: &str| usage.get(name).and_then(Value::as_u64);
        input = count("input_tokens").or(input);
        output = count("output_tokens").or(output);
    };
    if !stream {
        let pieces: Vec<u8> = content
            .pieces
            .iter()
            .flat_map(|(_, piece)| piece)
            .copied()
            .collect();
        let body: Value = serde_json::from_slice(&pieces).unwrap_or_default();
        read(body.get("usage").unwrap_or(&body));
        return (input, output);
    }
    // Usage comes with the first events and the last ones.
    let (first, last) = (
        content.pieces.iter().take(2),
        content.pieces.iter().rev().take(4).rev(),
    );
    for (_, piece) in first.chain(last) {
        let text = String::from_utf8_lossy(piece);
        for data in text.lines().filter_map(|line| line.strip_prefix("data:")) {
            let event: Value = serde_json::from_str(data).unwrap_or_default();
            for pointer in ["/message/usage", "/usage"] {
                event.pointer(pointer).into_iter().for_each(&mut read);
            }
        }
    }
    (input, output)
}

fn pairs(headers: &HeaderMap) -> Vec<[String; 2]> {
    let headers = headers.iter();
    headers
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            [name.as_str().to_owned(), value]
        })
        .collect()
}

fn millis(time: Duration) -> f64 {
    (time.as_secs_f64() * 100_000.0).round() / 100.0
}
