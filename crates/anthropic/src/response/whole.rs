//! Reading a body that is needed as a whole: up to a limit, and not to its end where it can't be
//! what is wanted.

use std::io;

use bytes::{Buf, Bytes, BytesMut};
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use serde_json::value::RawValue;

use super::deadline::poll_chunk;
use super::idle::IdleTimer;
use crate::clock::{Clock, within};
use crate::error::excerpt;
use crate::text::read_json;
use crate::transport::{Body, ERROR_BODY, ERROR_BODY_TIMEOUT};
use crate::{Error, Result};

/// What comes before a text that is marked as UTF-8.
const MARK: &[u8] = "\u{feff}".as_bytes();

/// How a body is read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Whole<'h> {
    /// The most bytes that it may have.
    pub(crate) max: usize,
    /// The headers that label it, unless nothing is expected.
    pub(crate) headers: Option<&'h HeaderMap>,
}

/// Whether a response is labelled as JSON of any kind.
pub(crate) fn is_json(headers: &HeaderMap) -> bool {
    let media = headers
        .get(CONTENT_TYPE)
        .map_or(&b""[..], |it| it.as_bytes());
    media
        .windows(4)
        .any(|word| word.eq_ignore_ascii_case(b"json"))
}

impl Whole<'_> {
    /// Reads a body to its end, without a byte order mark. An error comes with what had arrived
    /// before it.
    ///
    /// Of a body that is neither JSON nor an event stream only the beginning is read, for the error
    /// about it.
    pub(crate) async fn read(
        self,
        mut body: Body,
        mut idle: IdleTimer,
        clock: &dyn Clock,
    ) -> Result<Bytes, (Error, Bytes)> {
        let announced = body.len();
        if announced.is_some_and(|len| len > self.max as u64) {
            return Err((self.too_long(), Bytes::new()));
        }
        if let Some(bytes) = body.as_bytes() {
            return whole_document(bytes.clone(), true, false);
        }
        let announced = announced.and_then(|len| usize::try_from(len).ok());
        let mut whole = Vec::with_capacity(announced.unwrap_or(0).min(1 << 20));
        let mut is_wanted = false;
        let mut blank = 0;
        loop {
            match std::future::poll_fn(|context| poll_chunk(&mut body, &mut idle, context)).await {
                None => {
                    return whole_document(whole.into(), announced.is_some(), self.is_json());
                }
                Some(Ok(chunk)) if chunk.len() > self.max.saturating_sub(whole.len()) => {
                    return Err((self.too_long(), whole.into()));
                }
                Some(Ok(chunk)) => whole.extend_from_slice(&chunk),
                Some(Err(error)) => return Err((error, whole.into())),
            }
            if is_wanted {
                continue;
            }
            blank = blank_until(&whole, blank);
            match self.is_wanted(whole.get(blank..).unwrap_or_default()) {
                Some(false) => return Ok(beginning(whole, body, clock).await),
                known => is_wanted = known == Some(true),
            }
        }
    }

    /// Whether what begins like this, behind blanks, is JSON or an event stream; `None` where more
    /// has to be seen.
    fn is_wanted(self, bytes: &[u8]) -> Option<bool> {
        const FIELDS: [&[u8]; 5] = [b"event:", b"data:", b"id:", b"retry:", b":"];
        if bytes.len() < MARK.len() && MARK.starts_with(bytes) {
            return None;
        }
        match bytes.first()? {
            b'{' | b'[' => return Some(true),
            b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n' if self.is_json() => return Some(true),
            _ => {}
        }
        if FIELDS.iter().any(|field| bytes.starts_with(field)) {
            return Some(true);
        }
        let may_become = FIELDS.iter().any(|field| field.starts_with(bytes));
        (!may_become).then_some(false)
    }

    /// Whether it is labelled as JSON. Most bodies are in memory, and this doesn't matter to them.
    fn is_json(self) -> bool {
        self.headers.is_some_and(is_json)
    }

    fn too_long(self) -> Error {
        too_long(self.max)
    }
}

/// A response is longer than `max` bytes.
pub(crate) fn too_long(max: usize) -> Error {
    Error::unexpected_content(
        format!(
            "the response is longer than {max} bytes, which `max_response_bytes` of the client allows"
        ),
        &[],
    )
}

/// Where the byte order mark and the white space end that a body begins with, if they are known to
/// reach to `known`: so that each byte is looked at once, however the body comes.
pub(crate) fn blank_until(bytes: &[u8], known: usize) -> usize {
    let known = match known {
        0 if bytes.starts_with(MARK) => MARK.len(),
        known => known,
    };
    let rest = bytes.get(known..).unwrap_or_default();
    known + (rest.len() - rest.trim_ascii_start().len())
}

/// The beginning of a body that isn't wanted: what comes in time is good enough for an error.
async fn beginning(mut seen: Vec<u8>, mut body: Body, clock: &dyn Clock) -> Bytes {
    if seen.len() < ERROR_BODY {
        let mut more = BytesMut::new();
        let mut reading = Box::pin(body.read_prefix(ERROR_BODY - seen.len(), &mut more));
        let _ = within(clock, Some(ERROR_BODY_TIMEOUT), reading.as_mut()).await;
        drop(reading);
        seen.extend_from_slice(&more);
    }
    without_mark(seen.into())
}

/// The bytes behind a byte order mark.
pub(crate) fn without_mark(mut bytes: Bytes) -> Bytes {
    if bytes.starts_with(MARK) {
        bytes.advance(MARK.len());
    }
    bytes
}

/// A body that has come to its end, without a byte order mark, unless it is a document that hasn't.
fn whole_document(
    bytes: Bytes,
    is_announced: bool,
    is_json: bool,
) -> Result<Bytes, (Error, Bytes)> {
    if ends_early(&bytes, is_announced, is_json) {
        return Err((ended_early(&bytes), bytes));
    }
    Ok(without_mark(bytes))
}

/// Whether a JSON document is cut off, maybe before its first byte where no length was announced.
/// Where nothing but the end of the connection ends a body, as in HTTP/1.0, this is the only sign
/// that the connection broke, and so it is where a gateway announces the length of a part.
fn ends_early(bytes: &[u8], is_announced: bool, is_json: bool) -> bool {
    let text = bytes.strip_prefix(MARK).unwrap_or(bytes).trim_ascii();
    match text.first() {
        None => is_json && !is_announced,
        Some(b'{' | b'[') => {
            // Next to none is cut off, so one that seems to be whole is not read for it. What is
            // announced and cut off behind an inner end can't be decoded.
            let is_closed = matches!(text.last(), Some(b'}' | b']'));
            let is_whole = is_closed && (is_announced || is_balanced(text));
            !is_whole && read_json::<&RawValue>(text).is_err_and(|error| error.is_eof())
        }
        Some(_) => false,
    }
}

/// Whether a document has as many ends of lists and objects as beginnings, those in strings
/// included.
fn is_balanced(json: &[u8]) -> bool {
    // Brackets and braces differ in this bit.
    let opened = |byte: &u8| i8::from(byte | 0x20 == b'{') - i8::from(byte | 0x20 == b'}');
    // Few at a time, so that many are counted with one instruction.
    let counts = json
        .chunks(64)
        .map(|few| few.iter().map(opened).sum::<i8>());
    counts.map(isize::from).sum::<isize>() == 0
}

fn ended_early(bytes: &[u8]) -> Error {
    let bytes = excerpt(bytes);
    let cause = io::Error::new(
        io::ErrorKind::UnexpectedEof,
        format!("the body ended inside the JSON document: {bytes}"),
    );
    Error::broken_body(cause.into())
}

#[cfg(test)]
mod tests {
    use http::header::CONTENT_TYPE;
    use http::{HeaderMap, HeaderValue};

    use super::{Whole, blank_until, ends_early, is_balanced};

    #[test]
    fn the_first_bytes_decide_what_is_wanted() {
        let json = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("text/json"))]);
        let whole = |is_json: bool| Whole {
            max: 1,
            headers: is_json.then_some(&json),
        };
        for (bytes, json, other) in [
            (&b""[..], None, None),
            (b" \n", None, None),
            (b"\xef\xbb", None, None),
            (b"\xef\xbb\xbf{", Some(true), Some(true)),
            (b" {", Some(true), Some(true)),
            (b"[", Some(true), Some(true)),
            (b"null", Some(true), Some(false)),
            (b"7", Some(true), Some(false)),
            (b"\"x\"", Some(true), Some(false)),
            (b"da", None, None),
            (b"data: x", Some(true), Some(true)),
            (b"event: x", Some(true), Some(true)),
            (b": ping", Some(true), Some(true)),
            (b"date", Some(false), Some(false)),
            (b"\xef\xbb\xbf\xef\xbb\xbf", Some(false), Some(false)),
            (b"<html>", Some(false), Some(false)),
            (b"\0\0\0 ftyp", Some(false), Some(false)),
        ] {
            let text = String::from_utf8_lossy(bytes);
            let bytes = bytes.get(blank_until(bytes, 0)..).unwrap();
            assert_eq!(whole(true).is_wanted(bytes), json, "{text}");
            assert_eq!(whole(false).is_wanted(bytes), other, "{text}");
        }
    }

    #[test]
    fn blanks_are_looked_at_once_however_they_come() {
        let mut body = b"\xef\xbb\xbf".to_vec();
        let mut blank = 0;
        // In a time that grows with the length alone: its square would be many minutes.
        for _ in 0..500_000 {
            body.push(b'\n');
            blank = blank_until(&body, blank);
            assert_eq!(blank, body.len());
        }
        body.push(b'{');
        assert_eq!(blank_until(&body, blank), body.len() - 1);
        assert_eq!(blank_until(b"\xef\xbb", 0), 0);
    }

    #[test]
    fn only_a_document_that_is_cut_off_ends_early() {
        for (text, expected) in [
            ("", true),
            (" \n", true),
            ("{\"a\":1", true),
            ("\u{feff}[1,", true),
            ("{\"a\":{}", true),
            ("{\"a\":{}}", false),
            ("{} x", false),
            ("{x", false),
            ("<html>", false),
        ] {
            assert_eq!(ends_early(text.as_bytes(), false, true), expected, "{text}");
        }
        // An endpoint may respond with nothing, if it does not label it as JSON.
        assert!(!ends_early(b"", false, false));
        assert!(!ends_early(b"", true, true));
        assert!(ends_early(b"{\"a\":{", true, true));
        // Of one that was announced, an end is taken for the end.
        assert!(!ends_early(b"{\"a\":{}", true, true));
    }

    #[test]
    fn a_document_is_balanced_by_its_lists_and_objects() {
        let long = format!("[{}{{}}]", "[{}],".repeat(100));
        for text in ["[]", "{}", r#"{"a":[1,{"b":[]}]}"#, &long] {
            assert!(is_balanced(text.as_bytes()), "{text}");
            let cut = text.get(..text.len() - 1).unwrap();
            assert!(!is_balanced(cut.as_bytes()), "{cut}");
            let more = format!("{text}{}", text.get(text.len() - 1..).unwrap());
            assert!(!is_balanced(more.as_bytes()), "{more}");
        }
    }
}
