//! Reading the files of a recording.

use std::path::Path;
use std::{fs, io};

use http::StatusCode;
use serde_json::Value;

use super::stored::{StoredRequest, StoredResponse};
use crate::base::files;

/// In MiB: a method, a path and headers.
const MAX_HEAD: u64 = 1;
/// In MiB: the largest bodies are uploads and results of batches.
const MAX_BODY: u64 = 512;

/// Reads all exchanges in the order of their numbers, each with the name of its first file.
pub(super) fn load(from: &Path) -> io::Result<Vec<(String, StoredRequest, StoredResponse)>> {
    // Where it is, whatever leads there: files in it are compared with that.
    let from = &fs::canonicalize(from)?;
    let mut names = Vec::new();
    for file in fs::read_dir(from)? {
        let name = file?.file_name().to_string_lossy().into_owned();
        let stem = name.strip_suffix(".json");
        // Bodies have another dot before their extension.
        if stem.is_some_and(|stem| !stem.contains('.')) {
            names.push(name);
        }
    }
    names.sort();
    let read = |name: String| {
        let exchange = read(from, &name);
        let wrong = |error: io::Error| io::Error::new(error.kind(), format!("{name}: {error}"));
        let (asked, answer) = exchange.map_err(wrong)?;
        Ok((name, asked, answer))
    };
    names.into_iter().map(read).collect()
}

fn read(from: &Path, name: &str) -> io::Result<(StoredRequest, StoredResponse)> {
    let head: Value = serde_json::from_slice(&contents(from, name, MAX_HEAD)?)?;
    let text = |pointer: &str| head.pointer(pointer).and_then(Value::as_str);
    let needed = |pointer: &str| {
        let missing = || invalid(format!("{pointer} is missing"));
        text(pointer).map(str::to_owned).ok_or_else(missing)
    };
    let body = |pointer: &str| match text(pointer) {
        // A name, never a path: a recording must not reach outside its folder.
        Some(file) if !file.contains(['/', '\\']) => contents(from, file, MAX_BODY)
            .map_err(|error| io::Error::new(error.kind(), format!("{file}: {error}"))),
        Some(file) => Err(invalid(format!("{file:?} is not a file's name"))),
        None => Ok(Vec::new()),
    };
    let status = head.pointer("/response/status").and_then(Value::as_u64);
    let status = status.and_then(|status| StatusCode::from_u16(u16::try_from(status).ok()?).ok());
    let asked = StoredRequest {
        method: needed("/request/method")?,
        target: needed("/request/path")?,
        headers: pairs(head.pointer("/request/headers")),
        body: body("/request/body")?.into(),
    };
    let answer = StoredResponse {
        status: status.ok_or_else(|| invalid("/response/status is no status".to_owned()))?,
        headers: pairs(head.pointer("/response/headers")),
        body: body("/response/body")?.into(),
    };
    Ok((asked, answer))
}

/// What is in a file of the folder. A link may lead to another file in it, and nowhere else.
fn contents(folder: &Path, name: &str, mib: u64) -> io::Result<Vec<u8>> {
    let path = fs::canonicalize(folder.join(name))?;
    if !path.starts_with(folder) {
        return Err(invalid("leads out of the folder".to_owned()));
    }
    files::read(&path, mib)
}

fn invalid(problem: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, problem)
}

fn pairs(headers: Option<&Value>) -> Vec<(String, String)> {
    let headers = headers.and_then(Value::as_object).into_iter().flatten();
    headers
        .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
        .collect()
}
