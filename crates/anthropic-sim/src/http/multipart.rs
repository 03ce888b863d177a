//! `multipart/form-data` bodies, from bytes already in memory.

use bytes::Bytes;

use crate::base::errors::ApiError;
use crate::http::call::Call;

#[derive(Debug, Clone)]
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) filename: Option<String>,
    pub(crate) content_type: Option<String>,
    pub(crate) data: Bytes,
}

impl Part {
    /// The field's name without the brackets that mark lists: `files[]` is `files`.
    pub(crate) fn field(&self) -> &str {
        self.name.strip_suffix("[]").unwrap_or(&self.name)
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.data).into_owned()
    }
}

/// The parts of a request's form.
pub(crate) fn parts(call: &Call) -> Result<Vec<Part>, ApiError> {
    let content_type = call.header("content-type").unwrap_or_default();
    let (kind, params) = content_type.split_once(';').unwrap_or((content_type, ""));
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return Err(ApiError::invalid(
            "content-type: Expected multipart/form-data",
        ));
    }
    let boundary = param(params, "boundary").filter(|boundary| !boundary.is_empty());
    let boundary = boundary
        .ok_or_else(|| ApiError::invalid("content-type: The multipart boundary is missing"))?;
    split(&call.body, &boundary).ok_or_else(|| ApiError::invalid("The multipart body is malformed"))
}

/// Every part lies between two delimiters; the last delimiter ends in `--`.
fn split(body: &Bytes, boundary: &str) -> Option<Vec<Part>> {
    let opening = format!("--{boundary}");
    let delimiter = format!("\r\n{opening}");
    let mut at = if body.starts_with(opening.as_bytes()) {
        opening.len()
    } else {
        find(body, delimiter.as_bytes())? + delimiter.len()
    };
    let mut parts = Vec::new();
    loop {
        let rest = body.get(at..)?;
        if rest.starts_with(b"--") {
            return Some(parts);
        }
        let line = find(rest, b"\r\n")?;
        let start = at + line + 2;
        let length = find(body.get(start..)?, delimiter.as_bytes())?;
        parts.push(part(&body.slice(start..start + length))?);
        at = start + length + delimiter.len();
    }
}

fn part(bytes: &Bytes) -> Option<Part> {
    let head = if bytes.starts_with(b"\r\n") {
        0
    } else {
        find(bytes, b"\r\n\r\n")? + 2
    };
    let (mut name, mut filename, mut content_type) = (None, None, None);
    for line in std::str::from_utf8(bytes.get(..head)?).ok()?.lines() {
        let Some((key, value)) = line.split_once(':') else {
            continue;
        };
        if key.eq_ignore_ascii_case("content-disposition") {
            let params = value.split_once(';').map_or("", |(_, params)| params);
            name = param(params, "name");
            filename = param(params, "filename");
        } else if key.eq_ignore_ascii_case("content-type") {
            content_type = Some(value.trim().to_owned());
        }
    }
    Some(Part {
        name: name?,
        filename,
        content_type,
        data: bytes.slice(head + 2..),
    })
}

/// The value of one parameter of a header: `name="a\"b"; filename=c`.
fn param(params: &str, wanted: &str) -> Option<String> {
    let mut rest = params;
    loop {
        rest = rest.trim_start_matches([';', ' ', '\t']);
        let (name, after) = rest.split_once('=')?;
        let (value, after) = if let Some(quoted) = after.strip_prefix('"') {
            unquote(quoted)
        } else {
            let (value, after) = after.split_at(after.find(';').unwrap_or(after.len()));
            (value.trim().to_owned(), after)
        };
        if name.trim().eq_ignore_ascii_case(wanted) {
            return Some(value);
        }
        rest = after;
    }
}

/// Reads up to the closing quote. Backslashes escape a quote and themselves; `%22` is how forms
/// write a quote.
fn unquote(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, char)) = chars.next() {
        match char {
            '"' => {
                return (
                    value.replace("%22", "\""),
                    text.get(at + 1..).unwrap_or_default(),
                );
            }
            '\\' if matches!(text.as_bytes().get(at + 1), Some(b'"' | b'\\')) => {
                value.extend(chars.next().map(|(_, escaped)| escaped));
            }
            other => value.push(other),
        }
    }
    (value, "")
}

/// Plain search that skips ahead by the first byte; the needle is a boundary, which rarely
/// half-matches.
fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    let first = needle.first()?;
    let mut from = 0;
    loop {
        let at = from
            + haystack
                .get(from..)?
                .iter()
                .position(|byte| byte == first)?;
        if haystack.get(at..)?.starts_with(needle) {
            return Some(at);
        }
        from = at + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_split_and_bytes_kept() {
        let body = "preamble\r\n--b\r\nContent-Disposition: form-data; name=\"files[]\"; filename=\"a/\\\"b.txt\"\r\n\
            Content-Type: text/plain\r\n\r\none\r\n--\r\n\r\n--b\r\ncontent-disposition: form-data; name=x\r\n\r\n\r\n--b--\r\n";
        let parts = split(&Bytes::from_static(body.as_bytes()), "b").unwrap();
        assert_eq!(parts.len(), 2);
        assert_eq!(
            (parts[0].field(), parts[0].filename.as_deref()),
            ("files", Some("a/\"b.txt"))
        );
        assert_eq!(parts[0].content_type.as_deref(), Some("text/plain"));
        assert_eq!(&parts[0].data[..], b"one\r\n--\r\n");
        assert_eq!((parts[1].field(), parts[1].text()), ("x", String::new()));
    }

    #[test]
    fn forms_that_never_end_are_refused() {
        for body in [
            "",
            "--b",
            "--b\r\n\r\nx",
            "--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--",
        ] {
            assert!(
                split(&Bytes::from_static(body.as_bytes()), "b").is_none(),
                "{body:?}"
            );
        }
    }
}
