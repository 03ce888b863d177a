//! Random documents and streams with secrets at random places, escaped and cut at random.

use fastrand::Rng;
use serde_json::{Map, Value, json};

use super::{Redactor, hidden};

/// No letter of it is one of an escape, of a key, or of what is shown.
const CANARY: &str = "ЖЖЖ";
const NUMBER: u64 = 987_654_321_987;
const SECRETS: [&str; 12] = [
    "api_key",
    "apiKey",
    "X-Api-Key",
    "token",
    "access_token",
    "secret",
    "client_secret",
    "Authorization",
    "credentials",
    "set-cookie",
    "db passwd",
    "my\"token",
];
const HARMLESS: [&str; 8] = [
    "name",
    "max_tokens",
    "description",
    "x\"y",
    "z\\",
    "{",
    "u0022",
    "data",
];
const SHOWN: &str = "ЩЩЩ";
const SEEDS: u64 = 40;

fn word(rng: &mut Rng) -> String {
    const LETTERS: [char; 20] = [
        'a', 'b', '"', '\\', '{', '}', '[', ']', ':', ',', ' ', '\n', 'é', 'n', 'u', '0', '2', 't',
        '/', '😀',
    ];
    let count = rng.usize(..8);
    (0..count)
        .map(|_| rng.choice(LETTERS).unwrap_or(' '))
        .collect()
}

fn secret(rng: &mut Rng, depth: usize) -> Value {
    match rng.u32(..6) {
        0 => json!(NUMBER),
        1 if depth > 0 => json!([secret(rng, depth - 1), word(rng), secret(rng, depth - 1)]),
        2 if depth > 0 => json!({word(rng): secret(rng, depth - 1), "a": CANARY}),
        3 => json!(write(rng, &json!({"a": CANARY, "b": [NUMBER]}), 0.2)),
        _ => json!(word(rng) + CANARY + &word(rng)),
    }
}

/// Beside the secrets there are values that stay.
fn tree(rng: &mut Rng, depth: usize) -> Value {
    match rng.u32(..8) {
        0 => json!(rng.u32(..400)),
        1 => Value::Null,
        2 if depth > 0 => (0..rng.usize(..4)).map(|_| tree(rng, depth - 1)).collect(),
        3 if depth > 0 => {
            let inner = tree(rng, depth - 1);
            json!(write(rng, &inner, 0.1))
        }
        4.. if depth > 0 => {
            let mut object = Map::new();
            for _ in 0..rng.usize(1..4) {
                let key = rng.choice(HARMLESS).unwrap_or_default().to_owned();
                object.insert(key, tree(rng, depth - 1));
                let key = rng.choice(SECRETS).unwrap_or_default().to_owned();
                object.insert(key, secret(rng, 2));
            }
            Value::Object(object)
        }
        _ => json!(word(rng)),
    }
}

/// Writes a value as JSON, of whose characters that part is escaped by number.
fn write(rng: &mut Rng, value: &Value, part: f64) -> String {
    let mut out = String::new();
    write_to(rng, value, part, &mut out);
    out
}

fn write_to(rng: &mut Rng, value: &Value, part: f64, out: &mut String) {
    blank(rng, out);
    match value {
        Value::String(text) => string(rng, text, part, out),
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at > 0 { "," } else { "" });
                write_to(rng, item, part, out);
            }
            out.push(']');
        }
        Value::Object(fields) => {
            out.push('{');
            for (at, (key, value)) in fields.iter().enumerate() {
                out.push_str(if at > 0 { "," } else { "" });
                blank(rng, out);
                string(rng, key, part, out);
                blank(rng, out);
                out.push(':');
                write_to(rng, value, part, out);
            }
            out.push('}');
        }
        _ => out.push_str(&value.to_string()),
    }
    blank(rng, out);
}

fn blank(rng: &mut Rng, out: &mut String) {
    if rng.u32(..12) == 0 {
        out.push_str(rng.choice([" ", "\n", "\t", "\r\n", "\r"]).unwrap_or(" "));
    }
}

fn string(rng: &mut Rng, text: &str, part: f64, out: &mut String) {
    out.push('"');
    for letter in text.chars() {
        let short = match letter {
            '"' | '\\' => Some(letter),
            '/' => rng.bool().then_some(letter),
            '\n' => Some('n'),
            '\r' => Some('r'),
            '\t' => Some('t'),
            _ => None,
        };
        if rng.f64() < part {
            for unit in letter.encode_utf16(&mut [0; 2]) {
                let number = format!("\\u{unit:04x}");
                let is_large = rng.bool();
                // The `u` is small in any case.
                let (mark, digits) = number.split_at(2);
                let large = digits.to_ascii_uppercase();
                out.extend([mark, if is_large { &large } else { digits }]);
            }
        } else if let Some(short) = short {
            out.extend(['\\', short]);
        } else {
            out.push(letter);
        }
    }
    out.push('"');
}

/// An event with this data, in any order of its keys and on as many lines as it has, or on one.
fn event(rng: &mut Rng, fields: &[(&str, Value)], (part, is_line): (f64, bool)) -> String {
    let mut fields = fields.to_vec();
    rng.shuffle(&mut fields);
    let fields = fields.into_iter().map(|(key, value)| (key.into(), value));
    let data = write(rng, &Value::Object(fields.collect()), part);
    let end = rng.choice(["\n", "\r\n", "\r"]).unwrap_or("\n");
    let field = rng.choice(["data:", "data: "]).unwrap_or("data:");
    let other = [": note", "id: 1", "event: x", "secret", ": {\"token\":"];
    let line = if is_line { " " } else { "\n" };
    let data = data.replace("\r\n", line).replace(['\n', '\r'], line);
    let mut out = String::new();
    for line in data.split('\n') {
        out.extend([field, line, end]);
        if rng.u32(..4) == 0 {
            out.extend([rng.choice(other).unwrap_or_default(), end]);
        }
    }
    out + end
}

/// Events of blocks whose texts come in pieces, in turns, and what else is in such a stream.
fn blocks(rng: &mut Rng, texts: &[String], how: (f64, bool)) -> String {
    let mut out = String::new();
    for index in 0..texts.len() {
        let fields = [
            ("type", json!("content_block_start")),
            ("index", json!(index)),
            (
                "content_block",
                json!({"type": "tool_use", "text": "{\"token\": ["}),
            ),
        ];
        out += &event(rng, &fields, how);
    }
    let mut left: Vec<Vec<char>> = texts.iter().map(|it| it.chars().collect()).collect();
    let most = rng.usize(3..30);
    while left.iter().any(|text| !text.is_empty()) {
        let index = rng.usize(..left.len());
        let size = rng.usize(1..=most).min(left[index].len());
        let piece: String = left[index].drain(..size).collect();
        let fields = [
            ("type", json!("content_block_delta")),
            ("index", json!(index)),
            (
                "delta",
                json!({"type": "input_json_delta", "partial_json": piece}),
            ),
        ];
        out += &event(rng, &fields, how);
        if rng.u32(..8) == 0 {
            let note = json!("\"content_block_stop\" {\"token\": [\"");
            let fields = [("type", json!("agent.message")), ("text", note)];
            out += &event(rng, &fields, how);
        }
    }
    out
}

/// What is shown of a text, at once and line by line.
fn shown(text: &str) -> [String; 2] {
    let mut redactor = Redactor::default();
    let lines = text.split_inclusive('\n').map(|line| redactor.line(line));
    [lines.collect(), hidden(text)]
}

#[track_caller]
fn check(seed: u64, text: &str) {
    for shown in shown(text) {
        let small = shown.to_ascii_lowercase();
        let is_leak = shown.contains('Ж') || small.contains("0416") || shown.contains("98765");
        assert!(!is_leak, "{seed}: {text}\n---\n{shown}");
    }
}

/// A tree in strings of JSON.
fn document(rng: &mut Rng, part: f64) -> Value {
    let mut value = tree(rng, 3);
    for _ in 0..rng.usize(..3) {
        let inner = write(rng, &value, part);
        value = json!({"input": inner, "b": 1});
    }
    value
}

#[test]
fn no_secret_is_shown_wherever_it_is() {
    for seed in 0..SEEDS {
        let rng = &mut Rng::with_seed(seed);
        let part = if rng.bool() { 0.0 } else { rng.f64() * 0.5 };
        let value = document(rng, part);
        let text = write(rng, &value, part);
        if text.len() > 1_500 {
            continue;
        }
        check(seed, &text);
        let how = (part, rng.bool());
        check(
            seed,
            &event(rng, &[("type", json!("x")), ("a", value)], how),
        );
        let mut texts = vec![text];
        for _ in 0..rng.usize(..3) {
            let value = json!({"a": tree(rng, 2), "secret": secret(rng, 2)});
            texts.push(write(rng, &value, part));
        }
        let stream = blocks(rng, &texts, how);
        check(seed, &stream);
    }
}

#[test]
fn what_is_no_secret_is_shown_wherever_it_is() {
    for seed in 0..SEEDS {
        let rng = &mut Rng::with_seed(seed);
        let part = if rng.bool() { 0.0 } else { rng.f64() * 0.5 };
        let mut value = json!({"name": SHOWN, "token": secret(rng, 2), "a": [SHOWN, null]});
        for _ in 0..rng.usize(..4) {
            let inner = write(rng, &value, part);
            value = json!({"input": inner, "secret": CANARY, "b": SHOWN});
        }
        let count = |text: &str| {
            let text = text.to_ascii_lowercase().replace("\\u0429", "Щ");
            text.matches('Щ').count()
        };
        let text = write(rng, &value, part);
        let lines = event(rng, &[("type", json!("x")), ("a", value)], (part, false));
        let stream = blocks(rng, &[text.clone(), text.clone()], (part, true));
        for text in [text, lines, stream] {
            check(seed, &text);
            for shown in shown(&text) {
                assert_eq!(count(&shown), count(&text), "{seed}: {text}\n---\n{shown}");
            }
        }
    }
}
