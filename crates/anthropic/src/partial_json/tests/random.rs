//! Random documents, and what a prefix of one must look like, worked out the slow way.

use std::fmt::Write as _;

use fastrand::Rng;
use serde_json::Value;

/// A random document with random spacing and escapes. Keys repeat now and then.
pub(super) fn document(rng: &mut Rng) -> String {
    let mut text = String::new();
    let depth = rng.usize(0..5);
    value(rng, depth, &mut text);
    text
}

/// An array of random documents.
pub(super) fn array(rng: &mut Rng) -> String {
    let elements: Vec<String> = (0..rng.usize(0..8)).map(|_| document(rng)).collect();
    format!("[{}]", elements.join(" ,"))
}

fn space(rng: &mut Rng, text: &mut String) {
    for _ in 0..rng.usize(0..3).saturating_sub(1) {
        text.push(*rng.choice(&[' ', '\n', '\t', '\r']).unwrap());
    }
}

fn value(rng: &mut Rng, depth: usize, text: &mut String) {
    space(rng, text);
    match rng.usize(0..if depth == 0 { 4 } else { 8 }) {
        0 => text.push_str(rng.choice(&["true", "false", "null"]).unwrap()),
        1 | 2 => string(rng, text),
        3 => number(rng, text),
        4 | 5 => list(rng, ['[', ']'], text, |rng, text| {
            value(rng, depth - 1, text);
        }),
        _ => list(rng, ['{', '}'], text, |rng, text| {
            space(rng, text);
            text.push_str(
                rng.choice(&["\"a\"", "\"b\"", "\"\\u0063\"", "\"\"", "\"ключ\""])
                    .unwrap(),
            );
            space(rng, text);
            text.push(':');
            value(rng, depth - 1, text);
        }),
    }
    space(rng, text);
}

fn list(
    rng: &mut Rng,
    brackets: [char; 2],
    text: &mut String,
    mut element: impl FnMut(&mut Rng, &mut String),
) {
    text.push(brackets[0]);
    for index in 0..rng.usize(0..5) {
        if index > 0 {
            text.push(',');
        }
        element(rng, text);
    }
    space(rng, text);
    text.push(brackets[1]);
}

fn number(rng: &mut Rng, text: &mut String) {
    match rng.usize(0..6) {
        0 => write!(text, "{}", rng.i64(..)).unwrap(),
        1 => write!(text, "{}", rng.u64(..)).unwrap(),
        2 => write!(text, "{}{}", rng.u64(..), rng.u64(..)).unwrap(),
        3 => write!(text, "{:e}", rng.f64() * 1e9).unwrap(),
        4 => text.push_str(
            rng.choice(&["0", "-0", "-0.0", "1E+2", "2e-3", "0.25", "1e308"])
                .unwrap(),
        ),
        _ => write!(text, "{}", rng.i16(..)).unwrap(),
    }
}

fn string(rng: &mut Rng, text: &mut String) {
    text.push('"');
    for _ in 0..rng.usize(0..8) {
        match rng.usize(0..8) {
            0 => text.push_str(
                rng.choice(&["\\n", "\\\"", "\\\\", "\\/", "\\b", "\\f"])
                    .unwrap(),
            ),
            1 => text.push_str(
                rng.choice(&["\\u00e9", "\\uD83C\\uDF0D", "\\u0000"])
                    .unwrap(),
            ),
            2 => text.push(*rng.choice(&['ü', '語', '🌍', '\u{7f}']).unwrap()),
            _ => text.push(rng.alphanumeric()),
        }
    }
    text.push('"');
}

/// What the view of a prefix must be: the prefix up to the last point where it can be closed,
/// closed.
pub(super) fn expected_view(prefix: &str, show: bool) -> Option<Value> {
    let mut closers = String::new();
    let mut safe: Option<String> = None;
    let bytes = prefix.as_bytes();
    let mut at = 0;
    let mut key_next = false;
    while at < bytes.len() {
        let start = at;
        match bytes[at] {
            byte @ (b'{' | b'[') => {
                closers.insert(0, if byte == b'{' { '}' } else { ']' });
                key_next = byte == b'{';
                safe = Some(format!("{}{closers}", &prefix[..=at]));
                at += 1;
            }
            b'}' | b']' => {
                closers.remove(0);
                safe = Some(format!("{}{closers}", &prefix[..=at]));
                at += 1;
            }
            b'"' => {
                let Some(length) = string_length(&bytes[at..]) else {
                    if show && !key_next {
                        let text = whole_characters(&prefix[at..]);
                        safe = Some(format!("{}{text}\"{closers}", &prefix[..at]));
                    }
                    break;
                };
                at += length;
                if !key_next {
                    safe = Some(format!("{}{closers}", &prefix[..at]));
                }
            }
            b',' => {
                key_next = closers.starts_with('}');
                at += 1;
            }
            b':' => {
                key_next = false;
                at += 1;
            }
            byte if byte.is_ascii_whitespace() => at += 1,
            _ => {
                let token = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
                at += bytes[at..].iter().take_while(|byte| token(byte)).count();
                let literal = ["true", "false", "null"].contains(&&prefix[start..at]);
                if literal || at < bytes.len() {
                    safe = Some(format!("{}{closers}", &prefix[..at]));
                }
            }
        }
    }
    safe.map(|text| serde_json::from_str(&text).unwrap_or_else(|error| panic!("{text}: {error}")))
}

/// The length of the string that starts here, if it ends.
fn string_length(bytes: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        match bytes.get(at)? {
            b'\\' => at += 2,
            b'"' => return Some(at + 1),
            _ => at += 1,
        }
    }
}

/// An open string without an escape that is cut off at its end.
fn whole_characters(text: &str) -> &str {
    let whole = |text: &str| serde_json::from_str::<String>(&format!("{text}\"")).is_ok();
    let ends = text.char_indices().map(|(at, c)| at + c.len_utf8());
    // `"\` closed is `"\"`, which is open again; `"\u00e9` shortened by one is bad; the longest
    // good one it is.
    ends.map(|end| &text[..end])
        .rfind(|text| whole(text))
        .unwrap_or("\"")
}
