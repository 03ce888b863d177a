//! An exchange as the page receives it: with its model and tokens, and without secrets.

use std::time::Duration;

use http::{HeaderMap, HeaderValue};
use serde_json::{Value, json};

use crate::base::cause::Cause;
use crate::observation::journal::{Content, Entry, Phase};

/// How much of a request's body is shown, and read for its model.
const SHOWN: usize = 1024 * 1024;

/// How many characters of an error's text a row has.
const ERROR: usize = 400;

/// A row of the list.
pub(super) fn summary(entry: &Entry) -> Value {
    row(entry, &entry.content())
}

fn row(entry: &Entry, content: &Content) -> Value {
    let body = body(content);
    let said = Said::of(content);
    let text = |text: &str| {
        let clean = entry.secrets.body(text.as_bytes());
        String::from_utf8_lossy(&clean).into_owned()
    };
    let model = body.get("model").and_then(Value::as_str);
    let (check, rule) = match content.cause {
        Some(Cause::Check(name)) => (Some(name), None),
        Some(Cause::Rule(number)) => (None, Some(number)),
        None => (None, None),
    };
    json!({
        "number": entry.number,
        "request_id": entry.request_id,
        "time": entry.time,
        "method": entry.method.as_str(),
        "path": entry.path,
        "query": entry.query,
        "model": model.map(text),
        "stream": body.get("stream").is_some_and(|stream| stream == true),
        "status": content.status.map(|status| status.as_u16()),
        "state": match content.phase {
            Phase::Open => "open",
            Phase::Done => "done",
            Phase::Broken => "broken",
        },
        "fault": content.fault,
        "error": said.error.as_deref().map(text),
        "check": check,
        "rule": rule,
        "input_tokens": said.input,
        "output_tokens": said.output,
        "ms": millis(content.took),
        "bytes": content.bytes,
    })
}

/// All of it, with the pieces of the response after the first `from`.
pub(super) fn detail(entry: &Entry, from: usize) -> Value {
    let content = entry.content();
    let shown = content
        .body
        .get(..content.body.len().min(SHOWN))
        .unwrap_or_default();
    let pieces: Vec<&[u8]> = content.pieces.iter().map(|(_, it)| it.as_ref()).collect();
    let pieces = entry.secrets.pieces(&pieces, content.phase == Phase::Open);
    // What is held back comes when the page asks again.
    let next = pieces.len();
    let pieces = content.pieces.iter().zip(&pieces).skip(from);
    let pieces = pieces
        .map(|((at, _), clean)| json!({"ms": millis(*at), "text": String::from_utf8_lossy(clean)}));
    json!({
        "row": row(entry, &content),
        "request": {
            "headers": pairs(&content.asked),
            "bytes": content.body.len(),
            "cut": content.body.len() > SHOWN,
            "body": String::from_utf8_lossy(&entry.secrets.body(shown)),
        },
        "response": {
            "headers": pairs(&content.headers),
            "pieces": pieces.collect::<Vec<_>>(),
            "next": next,
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

/// What of a response is worth a row.
#[derive(Default)]
struct Said {
    input: Option<u64>,
    output: Option<u64>,
    error: Option<String>,
}

impl Said {
    /// As far as it is known from the response.
    fn of(content: &Content) -> Self {
        let kind = content.headers.get("content-type");
        let kind = kind.map(HeaderValue::as_bytes).unwrap_or_default();
        // A fault has written the head, too.
        let first = content.pieces.first().map(|(_, piece)| piece.as_ref());
        let (head, _) = split(first.unwrap_or_default());
        let head = String::from_utf8_lossy(head);
        let stream = kind.starts_with(b"text/event-stream") || head.contains("text/event-stream");
        let mut said = Self::default();
        if !stream {
            let pieces = content.pieces.iter().flat_map(|(_, piece)| piece);
            let bytes: Vec<u8> = pieces.copied().collect();
            let body: Value = serde_json::from_slice(split(&bytes).1).unwrap_or_default();
            said.usage(body.get("usage").unwrap_or(&body));
            said.error(&body);
            return said;
        }
        // Usage comes with the first events and the last ones, an error last.
        let (first, last) = (
            content.pieces.iter().take(2),
            content.pieces.iter().rev().take(4).rev(),
        );
        for (_, piece) in first.chain(last) {
            let text = String::from_utf8_lossy(piece);
            for data in text.lines().filter_map(|line| line.strip_prefix("data:")) {
                let event: Value = serde_json::from_str(data).unwrap_or_default();
                for pointer in ["/message/usage", "/usage"] {
                    event
                        .pointer(pointer)
                        .into_iter()
                        .for_each(|usage| said.usage(usage));
                }
                said.error(&event);
            }
        }
        said
    }

    fn usage(&mut self, usage: &Value) {
        let count = |name: &str| usage.get(name).and_then(Value::as_u64);
        self.input = count("input_tokens").or(self.input);
        self.output = count("output_tokens").or(self.output);
    }

    fn error(&mut self, body: &Value) {
        let Some(error) = body.get("error").filter(|error| error.is_object()) else {
            return;
        };
        let field = |name: &str| error.get(name).and_then(Value::as_str).unwrap_or_default();
        let text = format!("{}: {}", field("type"), field("message"));
        self.error = Some(text.chars().take(ERROR).collect());
    }
}

/// The head of a response, if it is there, and its body.
fn split(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = bytes.windows(4).position(|end| end == b"\r\n\r\n");
    match end.and_then(|end| bytes.split_at_checked(end + 4)) {
        Some(parts) if bytes.starts_with(b"HTTP/1.1 ") => parts,
        _ => (&[], bytes),
    }
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
