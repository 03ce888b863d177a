//! Writing the files of a recording.

use std::path::Path;
use std::{fs, io};

use serde_json::{Map, Value, json};

use super::stored::{StoredRequest, StoredResponse};

/// The headers of a response that are stored.
pub(super) const ANSWERED: &[&str] = &[
    "anthropic-ratelimit-*",
    "content-disposition",
    "content-type",
    "request-id",
    "retry-after",
    "retry-after-ms",
    "x-should-retry",
];

/// Writes an exchange under the next free number and returns the name of its first file.
pub(super) fn save(
    into: &Path,
    number: usize,
    asked: &StoredRequest,
    answer: &StoredResponse,
) -> io::Result<String> {
    let stem = format!("{number:04}-{}", slug(&asked.method, &asked.target));
    let request = format!("{stem}.request.{}", extension(&asked.headers));
    let response = format!("{stem}.response.{}", extension(&answer.headers));
    let head = json!({
        "request": {
            "method": asked.method,
            "path": asked.target,
            "headers": object(&asked.headers),
            "body": if asked.body.is_empty() { Value::Null } else { json!(request) },
        },
        "response": {
            "status": answer.status.as_u16(),
            "headers": object(&answer.headers),
            "body": response,
        },
    });
    if !asked.body.is_empty() {
        fs::write(into.join(request), &asked.body)?;
    }
    fs::write(into.join(response), &answer.body)?;
    // Last, so that an exchange that can be found is complete.
    let name = format!("{stem}.json");
    fs::write(into.join(&name), format!("{head:#}\n"))?;
    Ok(name)
}

/// The number after the last one in use.
pub(super) fn next_number(into: &Path) -> io::Result<usize> {
    let mut last = 0;
    for file in fs::read_dir(into)? {
        let name = file?.file_name().to_string_lossy().into_owned();
        let number = name
            .split('-')
            .next()
            .and_then(|number| number.parse().ok());
        last = last.max(number.unwrap_or(0));
    }
    Ok(last + 1)
}

fn object(headers: &[(String, String)]) -> Value {
    let pairs = headers
        .iter()
        .map(|(name, value)| (name.clone(), json!(value)));
    Value::Object(pairs.collect::<Map<_, _>>())
}

/// `post-v1-messages`, short and safe on every file system.
fn slug(method: &str, target: &str) -> String {
    let path = target.split('?').next().unwrap_or_default();
    let safe = |letter: char| {
        if letter.is_ascii_alphanumeric() || letter == '_' {
            letter.to_ascii_lowercase()
        } else {
            '-'
        }
    };
    let slug: String = format!("{method}{path}")
        .chars()
        .map(safe)
        .take(60)
        .collect();
    slug.trim_end_matches('-').to_owned()
}

fn extension(headers: &[(String, String)]) -> &'static str {
    let kind = headers.iter().find(|(name, _)| name == "content-type");
    let kind = kind.map_or("", |(_, value)| value.split(';').next().unwrap_or_default());
    match kind {
        "application/json" => "json",
        "text/event-stream" => "sse",
        "application/x-jsonl" | "application/binary" => "jsonl",
        kind if kind.starts_with("text/") => "txt",
        _ => "bin",
    }
}
