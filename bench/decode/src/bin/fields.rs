//! Reads a document with so many unknown fields once, to be counted by callgrind:
//! `fields CASE COUNT`. It is no case of `repeat`, whose code is laid out in another way by every
//! case that is added.

use anthropic::types::{Message, TextBlock, from_slice, to_vec};

fn main() {
    let mut args = std::env::args().skip(1);
    let case = args.next().expect("a case");
    let count = args.next().and_then(|count| count.parse().ok());
    let count = count.expect("a number");
    match case.as_str() {
        "unknown" => unknown(count),
        "again" => again(count),
        _ => panic!("no such case"),
    }
}

/// Reads, writes and compares a message with unknown fields.
fn unknown(count: usize) {
    let fields: String = (0..count)
        .map(|number| format!(",\"k{number}\":{number}"))
        .collect();
    let text = format!(
        r#"{{"type":"message","id":"m","model":"m","content":[],"usage":{{"input_tokens":1,"output_tokens":1}}{fields}}}"#
    );
    let message: Message = from_slice(text.as_bytes()).unwrap();
    assert_eq!(message.extra.len(), count);
    assert!(message == from_slice(&to_vec(&message)).unwrap());
}

/// Reads a block in which a known field, mended each time, comes again between unknown ones.
fn again(count: usize) {
    let fields: String = (0..count)
        .map(|number| format!(r#","k{number}":0,"text":5,"text":"ok""#))
        .collect();
    let block: TextBlock = from_slice(format!(r#"{{"type":"text"{fields}}}"#).as_bytes()).unwrap();
    assert_eq!((block.text.as_str(), block.extra.len()), ("ok", count));
}
