//! The mutator: real inputs, changed here and there.

use std::path::Path;
use std::{fs, io};

use fastrand::Rng;

/// What is likely to matter to at least one of the targets.
const TOKENS: &[&[u8]] = &[
    b"\n",
    b"\r",
    b"\r\n",
    b"\n\n",
    b"\r\r",
    b":",
    b" ",
    b"\0",
    b"data:",
    b"data: ",
    b"event: ",
    b"id: ",
    b"retry: 10\n",
    b": x\n",
    b"\xEF\xBB\xBF",
    b"\xEF",
    b"\xFF",
    b"\xF0\x9F\x8C\x8D",
    b"\xF0\x9F",
    b"\"",
    b"\\",
    b"\\u",
    b"\\ud83d",
    b"\\udf0d",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b"0",
    b"-",
    b"1e999",
    b".5",
    b"E+",
    b"true",
    b"nul",
    b"{}",
    b"[[[[",
    b"\"a\":",
];

/// The files that a target starts from.
///
/// # Errors
///
/// If the transcripts can't be read.
pub fn corpus(target: &str) -> io::Result<Vec<Vec<u8>>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/transcripts");
    let mut paths: Vec<_> = fs::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<io::Result<_>>()?;
    paths.sort();
    let is_stream = matches!(target, "sse" | "event_stream");
    let kind = if is_stream { "sse" } else { "json" };
    paths.retain(|path| path.extension().is_some_and(|extension| extension == kind));
    let mut files = paths.iter().map(fs::read).collect::<io::Result<Vec<_>>>()?;
    if target == "jsonl" {
        files = files.iter().filter_map(|file| rows(file)).collect();
    }
    Ok(files)
}

/// A message as rows of a results file.
fn rows(message: &[u8]) -> Option<Vec<u8>> {
    let message: serde_json::Value = serde_json::from_slice(message).ok()?;
    let rows: Vec<_> = (0..4)
        .map(|id| serde_json::json!({"custom_id": id, "result": message["content"][0]}).to_string())
        .collect();
    Some(rows.join("\n").into_bytes())
}

/// A part of a random file of the corpus, changed in up to eight places.
pub fn input(corpus: &[Vec<u8>], rng: &mut Rng) -> Vec<u8> {
    let mut data = part(corpus, rng, 3000);
    for _ in 0..rng.usize(0..=8) {
        let at = rng.usize(0..=data.len());
        match rng.usize(0..6) {
            0 => drop(data.splice(
                at..at,
                rng.choice(TOKENS).unwrap_or(&TOKENS[0]).iter().copied(),
            )),
            1 if at < data.len() => data[at] = rng.u8(..),
            2 => data.truncate(at),
            3 => drop(data.drain(..at)),
            4 => drop(data.splice(at..at, part(corpus, rng, 60))),
            _ => {
                let end = rng.usize(at..=data.len().min(at + 20));
                data.drain(at..end);
            }
        }
    }
    data
}

fn part(corpus: &[Vec<u8>], rng: &mut Rng, longest: usize) -> Vec<u8> {
    let Some(file) = rng.choice(corpus) else {
        return Vec::new();
    };
    let start = if rng.bool() {
        0
    } else {
        rng.usize(0..=file.len())
    };
    let end = rng.usize(start..=file.len().min(start + longest));
    if rng.bool() && file.len() <= longest {
        file.clone()
    } else {
        file[start..end].to_vec()
    }
}
