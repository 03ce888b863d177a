//! Taking secrets out of a response that arrives in pieces, and out of a stream of events, whose
//! deltas can have a part of one each.
//!
//! What is joined here is what a client joins: the bytes of the pieces, and the strings of a
//! block's deltas.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;

use serde_json::Value;

use super::{KEY, REDACTED, Secrets, string_length};

/// The fields that deltas bring in parts.
const NAMES: [&[u8]; 6] = [
    b"text",
    JSON,
    b"thinking",
    b"signature",
    b"content",
    b"completion",
];
/// The one whose parts are JSON when they are joined.
const JSON: &[u8] = b"partial_json";

/// A part of the bytes and what stands there instead.
type Edit = (Range<usize>, Vec<u8>);

/// A string that comes in parts.
#[derive(Default)]
struct Joined {
    text: Vec<u8>,
    /// Where each part is in the text, and where its literal is in the response.
    parts: Vec<(Range<usize>, Range<usize>)>,
    is_json: bool,
    /// Whether its block has ended.
    is_closed: bool,
}

impl Secrets {
    /// A whole response without its secrets.
    #[cfg(any(feature = "record", test))]
    pub(crate) fn response(&self, bytes: &[u8]) -> Vec<u8> {
        let pieces = self.pieces(&[bytes], false);
        pieces.into_iter().next().unwrap_or_default()
    }

    /// The pieces of a response without its secrets. What of an open one may turn out to be the
    /// start of a secret is left out, with all that follows.
    pub(crate) fn pieces(&self, pieces: &[&[u8]], is_open: bool) -> Vec<Vec<u8>> {
        let bytes = pieces.concat();
        let joined = joined(&bytes);
        let edits = self.edits(&bytes, &joined);
        let held = if is_open {
            self.held(&bytes, &joined)
        } else {
            bytes.len()
        };
        let (mut clean, mut start) = (Vec::new(), 0);
        for piece in pieces {
            let end = start + piece.len();
            if end > held {
                break;
            }
            clean.push(edited(&bytes, &(start..end), &edits));
            start = end;
        }
        clean
    }

    /// What is to be replaced, in order and without overlaps.
    fn edits(&self, bytes: &[u8], strings: &[Joined]) -> Vec<Edit> {
        let mut edits: Vec<Edit> = Vec::new();
        for joined in strings {
            let found = if joined.is_json {
                self.in_body(&joined.text)
            } else {
                self.in_text(&joined.text)
            };
            for (part, literal) in &joined.parts {
                let mut found_here = found.iter();
                if found_here.any(|range| range.start < part.end && part.start < range.end) {
                    edits.push((literal.clone(), rewritten(&joined.text, part, &found)));
                }
            }
        }
        let elsewhere = self.in_body(bytes).into_iter();
        edits.extend(elsewhere.map(|range| (range, REDACTED.into())));
        // A literal that is rewritten comes before what was found within it.
        edits.sort_by_key(|(range, _)| (range.start, Reverse(range.end)));
        let mut end = 0;
        edits.retain(|(range, _)| {
            let is_apart = range.start >= end;
            end = end.max(range.end);
            is_apart
        });
        edits
    }

    /// From where on the bytes may be a secret that is not complete.
    fn held(&self, bytes: &[u8], strings: &[Joined]) -> usize {
        let open = strings.iter().filter(|joined| !joined.is_closed);
        let in_strings = open.filter_map(|joined| {
            let start = joined.text.len() - self.begun(&joined.text);
            let mut parts = joined.parts.iter();
            let (_, literal) = parts.find(|(part, _)| part.end > start)?;
            Some(literal.start)
        });
        let in_bytes = bytes.len() - self.begun(bytes);
        in_strings.fold(in_bytes, usize::min)
    }

    /// How many bytes at the end are the start of a secret.
    fn begun(&self, text: &[u8]) -> usize {
        let secrets = self.0.iter().filter_map(|secret| secret.split_last());
        let starts = secrets.map(|(_, start)| start).chain([KEY]);
        let longest = starts.map(|start| {
            let mut lengths = (1..=start.len().min(text.len())).rev();
            let fits = |length: &usize| start.get(..*length).is_some_and(|it| text.ends_with(it));
            lengths.find(fits).unwrap_or(0)
        });
        longest.max().unwrap_or(0)
    }
}

/// The strings that the events of a stream bring in parts.
fn joined(bytes: &[u8]) -> Vec<Joined> {
    let mut strings: BTreeMap<(Option<u64>, &[u8]), Joined> = BTreeMap::new();
    let mut next = 0;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let at = next;
        next += line.len();
        let data = line.strip_prefix(b"data:");
        let event = data.and_then(|data| serde_json::from_slice::<Value>(data).ok());
        let Some(event) = event else {
            continue;
        };
        let index = event.get("index").and_then(Value::as_u64);
        match event.get("type").and_then(Value::as_str) {
            Some("content_block_delta" | "completion") => {}
            Some("content_block_stop") => {
                let of_block = strings.iter_mut().filter(|((of, _), _)| *of == index);
                of_block.for_each(|(_, joined)| joined.is_closed = true);
                continue;
            }
            _ => continue,
        }
        let Some((name, literal)) = part(line) else {
            continue;
        };
        let quoted = line.get(literal.start - 1..=literal.end);
        let text = quoted.and_then(|text| serde_json::from_slice::<String>(text).ok());
        let joined = strings.entry((index, name)).or_default();
        joined.is_json = name == JSON;
        let start = joined.text.len();
        joined.text.extend(text.unwrap_or_default().into_bytes());
        let part = start..joined.text.len();
        let literal = at + literal.start..at + literal.end;
        joined.parts.push((part, literal));
    }
    strings.into_values().collect()
}

/// The name of the field that an event brings a part of, and where its string is in the line.
fn part(line: &[u8]) -> Option<(&'static [u8], Range<usize>)> {
    let mut at = 0;
    let mut name = None;
    while let Some(quote) = line.get(at..)?.iter().position(|byte| *byte == b'"') {
        let start = at + quote + 1;
        let end = start + string_length(line.get(start..)?);
        let inside = line.get(start..end)?;
        let behind = line.get(end + 1..).unwrap_or_default().trim_ascii_start();
        if let Some(value) = behind.strip_prefix(b":") {
            let is_string = value.trim_ascii_start().starts_with(b"\"");
            let mut names = NAMES.into_iter();
            name = names.find(|name| *name == inside && is_string);
        } else if let Some(name) = name {
            return Some((name, start..end));
        }
        at = end + 1;
    }
    None
}

/// A part of a string, as JSON has it, without what is secret, which is named where it starts.
fn rewritten(text: &[u8], part: &Range<usize>, found: &[Range<usize>]) -> Vec<u8> {
    let mut clean = Vec::new();
    let mut end = part.start;
    for range in found {
        let (from, to) = (range.start.max(part.start), range.end.min(part.end));
        if from < to {
            clean.extend_from_slice(text.get(end..from).unwrap_or_default());
            if from == range.start {
                clean.extend_from_slice(REDACTED.as_bytes());
            }
            end = to;
        }
    }
    clean.extend_from_slice(text.get(end..part.end).unwrap_or_default());
    let quoted = Value::from(String::from_utf8_lossy(&clean)).to_string();
    let inside = quoted.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
    inside.unwrap_or_default().into()
}

/// A piece with the edits that concern it. An edit that goes beyond a piece is where it starts.
fn edited(bytes: &[u8], piece: &Range<usize>, edits: &[Edit]) -> Vec<u8> {
    let mut clean = Vec::new();
    let mut end = piece.start;
    let first = edits.partition_point(|(range, _)| range.end < piece.start);
    for (range, instead) in edits.get(first..).unwrap_or_default() {
        if range.start >= piece.end {
            break;
        }
        clean.extend_from_slice(bytes.get(end..range.start).unwrap_or_default());
        if range.start >= piece.start {
            clean.extend_from_slice(instead);
        }
        end = range.end.clamp(piece.start, piece.end);
    }
    clean.extend_from_slice(bytes.get(end..piece.end).unwrap_or_default());
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "hunter2hunter2";

    fn delta(index: u8, field: &str, text: &str) -> String {
        let text = Value::from(text);
        format!(
            "data: {{\"type\":\"content_block_delta\",\"index\":{index},\"delta\":{{\"type\":\"x\",\"{field}\":{text}}}}}\n\n"
        )
    }

    fn secrets() -> Secrets {
        Secrets(vec![SECRET.into()])
    }

    fn pieces(pieces: &[String], is_open: bool) -> Vec<String> {
        let pieces: Vec<&[u8]> = pieces.iter().map(String::as_bytes).collect();
        let clean = secrets().pieces(&pieces, is_open);
        let clean = clean.into_iter().map(String::from_utf8);
        clean.collect::<Result<_, _>>().unwrap()
    }

    #[test]
    fn a_secret_that_deltas_cut_is_found() {
        let stream = [
            delta(0, "text", "My \"key\" is hun"),
            delta(1, "text", "ter2"),
            delta(0, "text", "ter2hunter"),
            delta(0, "text", "2, é, sk-a"),
            delta(0, "text", "nt-abc"),
            delta(0, "text", "def."),
        ];
        let clean = [
            delta(0, "text", "My \"key\" is [redacted]"),
            delta(1, "text", "ter2"),
            delta(0, "text", ""),
            delta(0, "text", ", é, [redacted]"),
            delta(0, "text", ""),
            delta(0, "text", "."),
        ];
        assert_eq!(pieces(&stream, false), clean);
        let whole = secrets().response(stream.concat().as_bytes());
        assert_eq!(String::from_utf8(whole).unwrap(), clean.concat());
    }

    #[test]
    fn fields_that_are_secret_are_found_in_the_input_of_a_tool() {
        let stream = [
            delta(0, "partial_json", "{\"api_k"),
            delta(0, "partial_json", "ey\": \"ab"),
            delta(0, "partial_json", "c\", \"n\": 1}"),
        ];
        let clean = [
            delta(0, "partial_json", "{\"api_k"),
            delta(0, "partial_json", "ey\": \"[redacted]"),
            delta(0, "partial_json", "\", \"n\": 1}"),
        ];
        assert_eq!(pieces(&stream, false), clean);
    }

    #[test]
    fn a_secret_that_pieces_cut_is_found() {
        let cut = ["{\"a\":\"hunter2", "hunter2 \",\"token\":\"x", "y\"}"].map(str::to_owned);
        let clean = ["{\"a\":\"[redacted]", " \",\"token\":\"[redacted]", "\"}"];
        assert_eq!(pieces(&cut, false), clean);
    }

    #[test]
    fn what_may_become_a_secret_is_held_back() {
        let stop = "data: {\"type\":\"content_block_stop\",\"index\":0}\n\n".to_owned();
        let stream = [
            delta(0, "text", "It is "),
            delta(0, "text", "a hunter2"),
            delta(1, "text", "Other."),
        ];
        assert_eq!(pieces(&stream, true), &stream[..1]);
        assert_eq!(pieces(&stream, false), stream);
        let [one, two, three] = stream;
        // The block has ended, so that was no secret.
        let stream = [one, two, three, stop];
        assert_eq!(pieces(&stream, true), stream);
        let cut = ["My key: hun".to_owned()];
        assert!(pieces(&cut, true).is_empty());
    }
}
