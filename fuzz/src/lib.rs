//! Fuzz targets: each takes any bytes and panics if a machine breaks its word.
//!
//! They don't ask what the right result is, but whether two ways to the same result agree: a body
//! in one piece and the same body cut at random, this parser and `serde_json`, a message as a
//! document and as a stream. That needs no expectations, so any input will do.

#[cfg(test)]
mod tests;

pub mod bend;
#[cfg(feature = "aws")]
pub mod event_stream;
pub mod message;
pub mod mutate;

use anthropic::jsonl::{self, JsonlError};
use anthropic::partial_json::{Parser, Strings, items};
use anthropic::sse::{self, SseError};
use anthropic::types::Message;
use fastrand::Rng;
use serde_json::Value;

/// A target: its name and what it does with an input.
pub type Target = (&'static str, fn(&[u8]));

/// All targets.
pub const TARGETS: &[Target] = &[
    ("sse", sse),
    ("jsonl", jsonl),
    ("partial_json", partial_json),
    ("message", whole_message),
    #[cfg(feature = "aws")]
    ("event_stream", event_stream::event_stream),
];

/// The event decoder: cuts make no difference, and the limit holds.
///
/// # Panics
///
/// If it finds a fault.
pub fn sse(data: &[u8]) {
    type Owned = Result<(String, String, String, bool), SseError>;
    fn owned(event: Result<sse::Event<'_>, SseError>) -> Owned {
        let event = event?;
        let [name, data, id] = [event.name(), event.data(), event.id()].map(ToOwned::to_owned);
        Ok((name, data, id, event.is_terminated()))
    }
    for limit in [40, data.len().max(1)] {
        let decode = |pieces: Vec<&[u8]>| {
            let mut decoder = sse::Decoder::new().max_event_bytes(limit);
            let mut events: Vec<Owned> = Vec::new();
            for piece in pieces {
                decoder.push(piece);
                while let Some(event) = decoder.next_event() {
                    events.push(owned(event));
                }
                // Line ends and comments of the chunk that the event began in are held with it.
                assert!(decoder.buffered() <= limit + data.len().min(64) + piece.len());
            }
            while let Some(event) = decoder.finish() {
                events.push(owned(event));
            }
            assert_eq!(decoder.bytes(), data.len() as u64);
            assert_eq!(decoder.events(), events.len() as u64);
            events
        };
        let whole = decode(vec![data]);
        assert_eq!(decode(cut(data)), whole, "limit {limit}");
        let sizes = whole
            .iter()
            .flatten()
            .map(|(name, data, ..)| name.len() + data.len());
        assert!(sizes.sum::<usize>() <= data.len());
    }
}

/// The line decoder: cuts make no difference, and numbers only grow.
///
/// # Panics
///
/// If it finds a fault.
pub fn jsonl(data: &[u8]) {
    let decode = |limit, pieces: Vec<&[u8]>| {
        let mut decoder = jsonl::Decoder::new().max_line_bytes(limit);
        let mut lines: Vec<Result<(u64, String), JsonlError>> = Vec::new();
        let owned = |line: jsonl::Line<'_>| (line.number(), line.text().to_owned());
        for piece in pieces {
            decoder.push(piece);
            while let Some(line) = decoder.next_line() {
                lines.push(line.map(owned));
            }
            // A CR may turn out to belong to the line's end, which doesn't count.
            assert!(decoder.buffered() <= limit + 1);
        }
        while let Some(line) = decoder.finish() {
            lines.push(line.map(owned));
        }
        let number = |line: &Result<(u64, String), JsonlError>| match line {
            Ok((number, _)) => *number,
            Err(error) => error.line(),
        };
        assert!(
            lines
                .windows(2)
                .all(|pair| number(&pair[0]) < number(&pair[1]))
        );
        lines
    };
    for limit in [40, data.len().max(1)] {
        assert_eq!(
            decode(limit, cut(data)),
            decode(limit, vec![data]),
            "limit {limit}"
        );
    }
}

/// The JSON parser: it accepts what `serde_json` accepts, with the same value, and a view never
/// panics.
///
/// # Panics
///
/// If it finds a fault.
pub fn partial_json(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let expected = serde_json::from_str::<Value>(&text).ok();
    let mut parser = Parser::new();
    let mut elements = items::<Value>();
    for piece in cut_characters(&text) {
        let pushed = parser.push(piece);
        if let Err(error) = pushed {
            assert!(error.offset() <= text.len());
        }
        let seen = parser.view(Strings::Show).is_some();
        assert!(seen || parser.view(Strings::Hide).is_none());
        assert!(elements.push(piece).is_ok() || pushed.is_err());
    }
    let found = parser.finish().ok().cloned();
    assert_eq!(found, expected, "{text:?}");
    assert_eq!(parser.text(), text);
    if let Some(Value::Array(expected)) = expected {
        let found: Vec<_> = std::iter::from_fn(|| elements.next_item()?.ok()).collect();
        assert_eq!(found, expected);
    }
}

/// A message, bent in up to four places: a document and the stream that a server sends for it give
/// the same.
///
/// # Panics
///
/// If it finds a fault.
pub fn whole_message(data: &[u8]) {
    let mut documents = serde_json::Deserializer::from_slice(data).into_iter::<Value>();
    let Some(Ok(mut document)) = documents.next() else {
        // Whatever it is, reading it ends.
        let _ = anthropic::types::from_slice::<Message>(data);
        return;
    };
    let mut rng = seeded(data);
    for _ in 0..rng.usize(..=4) {
        let Some(pointer) = rng.choice(bend::pointers(&document)) else {
            break;
        };
        let ways = document.pointer(&pointer).map(bend::bends);
        let way = rng.choice(ways.unwrap_or_default());
        let changed = way.and_then(|way| bend::bent(&document, &pointer, &way));
        document = changed.unwrap_or(document);
    }
    if document.is_object() {
        let checked = message::check(&document);
        assert!(checked.is_ok(), "{checked:?}\n    in {document}");
    }
}

/// Random numbers that are the same for the same data.
fn seeded(data: &[u8]) -> Rng {
    Rng::with_seed(data.iter().fold(data.len() as u64, |seed, byte| {
        seed.rotate_left(7) ^ u64::from(*byte)
    }))
}

/// Cuts the data at random, in the same places for the same data.
fn cut(data: &[u8]) -> Vec<&[u8]> {
    let mut rng = seeded(data);
    let longest = if rng.bool() { 4 } else { 200 };
    let mut pieces = Vec::new();
    let mut rest = data;
    while !rest.is_empty() {
        let (piece, tail) = rest.split_at(rng.usize(1..=longest).min(rest.len()));
        pieces.push(piece);
        rest = tail;
    }
    pieces
}

/// The same between characters.
fn cut_characters(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let (mut start, mut end) = (0, 0);
    for piece in cut(text.as_bytes()) {
        end += piece.len();
        if let Some(piece) = text.get(start..end) {
            pieces.push(piece);
            start = end;
        }
    }
    pieces
}
