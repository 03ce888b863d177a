//! The beginning of a body that should be an event stream, and what to do where it is something
//! else.
//!
//! Gateways label a stream as JSON, and send a JSON document, an error or a web page under the
//! label of a stream. The first bytes decide, not the label. A document becomes the events that a
//! server would have sent for it, so that nothing behind this file has to know of it.

use bytes::{Bytes, BytesMut};
use serde_json::value::RawValue;

use crate::error::excerpt;
use crate::request::query::RawObject;
use crate::response::incoming::Incoming;
use crate::response::whole::blank_until;
use crate::{Error, ErrorKind, Result};

pub(super) const EVENT_STREAM: &str = "text/event-stream";

/// Labels under which an event stream may come, other than its own.
const OTHER_LABELS: [&str; 3] = ["application/json", "text/plain", ""];

/// Takes a response that is an event stream, or may be one by its label; refuses others unread.
pub(super) async fn accept(incoming: Incoming) -> Result<Incoming> {
    if OTHER_LABELS.iter().any(|label| incoming.is_media(label)) {
        return Ok(incoming);
    }
    incoming.expect_media(EVENT_STREAM).await
}

/// How much of a web page is read for the error that quotes it.
const PAGE: usize = 64 << 10;

/// What a body is, by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    /// White space so far.
    Unknown,
    /// An event stream, or text that is none of the others.
    Events,
    Json,
    Markup,
}

impl Content {
    pub(super) fn of(bytes: &[u8]) -> Self {
        match without_mark(bytes).trim_ascii_start().first() {
            None => Self::Unknown,
            Some(b'{' | b'[') => Self::Json,
            Some(b'<') => Self::Markup,
            Some(_) => Self::Events,
        }
    }
}

/// Whether a body begins as an event stream does, which no JSON document and no web page does.
pub(super) fn is_event_stream(bytes: &[u8]) -> bool {
    let line = without_mark(bytes).trim_ascii_start();
    [&b"event:"[..], b"data:", b"id:", b"retry:", b":"]
        .iter()
        .any(|field| line.starts_with(field))
}

/// The bytes behind a byte order mark.
fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes)
}

/// A body of which it is not known yet whether it is an event stream, or known that it is not.
#[derive(Debug, Default)]
pub(super) struct Opening {
    seen: BytesMut,
    /// How much of it is a byte order mark and white space.
    blank: usize,
    limit: usize,
    /// Whether the response is labelled as an event stream; text under another label has to begin
    /// as one.
    labelled: bool,
}

/// What becomes of a chunk.
#[derive(Debug)]
pub(super) enum Verdict {
    /// It is an event stream; these are its first bytes.
    Stream(Bytes),
    /// More bytes are needed.
    Wait,
    /// It is something else, of which enough has been seen.
    Enough,
}

impl Opening {
    /// `limit` is the largest document that is read, in bytes.
    pub(super) fn new(limit: usize, labelled: bool) -> Self {
        Self {
            seen: BytesMut::new(),
            blank: 0,
            limit,
            labelled,
        }
    }

    pub(super) fn push(&mut self, chunk: Bytes) -> Verdict {
        if self.seen.is_empty() && self.is_stream(&chunk) {
            return Verdict::Stream(chunk);
        }
        self.seen.extend_from_slice(&chunk);
        self.blank = blank_until(&self.seen, self.blank);
        let rest = self.seen.get(self.blank..).unwrap_or_default();
        if self.is_stream(rest) {
            return Verdict::Stream(std::mem::take(&mut self.seen).freeze());
        }
        let enough = match Content::of(rest) {
            Content::Markup | Content::Events => PAGE,
            Content::Json | Content::Unknown => self.limit,
        };
        if self.seen.len() > enough {
            return Verdict::Enough;
        }
        Verdict::Wait
    }

    fn is_stream(&self, bytes: &[u8]) -> bool {
        match Content::of(bytes) {
            Content::Events => self.labelled || is_event_stream(bytes),
            _ => false,
        }
    }

    /// The body is over, or enough of it has been seen: the events to read in its place.
    pub(super) fn finish(&mut self) -> Result<Option<Bytes>> {
        let seen = std::mem::take(&mut self.seen).freeze();
        match Content::of(&seen) {
            Content::Unknown => Ok(None),
            Content::Events => Err(Error::unexpected_content(
                "the body is text; an event stream was expected",
                &seen,
            )),
            Content::Markup => Err(Error::unexpected_content(
                "the body is a web page; an event stream was expected",
                &seen,
            )),
            Content::Json if seen.len() > self.limit => Err(Error::new(
                ErrorKind::EventTooLarge,
                format!(
                    "the body is a JSON document of more than {} bytes",
                    self.limit
                ),
            )),
            Content::Json => events_of(without_mark(&seen)).map(Some).ok_or_else(|| {
                let excerpt = excerpt(&seen);
                let message = format!("the body is a JSON document that was cut off: {excerpt}");
                Error::new(ErrorKind::StreamTruncated, message)
            }),
        }
    }
}

/// The events for a JSON document, or nothing where it is not JSON.
fn events_of(json: &[u8]) -> Option<Bytes> {
    let text = std::str::from_utf8(json).ok()?.trim_ascii();
    let document: &RawValue = serde_json::from_str(text).ok()?;
    if let Some(message) = Whole::read(text) {
        return message.events();
    }
    let mut events = Events::default();
    events.push(document.get());
    Some(events.0.freeze())
}

/// A whole message, of which only what the events need is taken apart.
struct Whole {
    head: RawObject,
    content: Vec<Box<RawValue>>,
}

impl Whole {
    fn read(text: &str) -> Option<Self> {
        let mut head: RawObject = serde_json::from_str(text).ok()?;
        let is = |key: &str, value: &str| {
            let found = head.0.iter().find(|(name, _)| name == key);
            found.is_some_and(|(_, found)| found.get() == value)
        };
        if !is("type", r#""message""#) {
            return None;
        }
        let mut content = Vec::new();
        if let Some((_, value)) = head.0.iter_mut().find(|(name, _)| name == "content") {
            content = serde_json::from_str(value.get()).ok()?;
            *value = RawValue::from_string("[]".to_owned()).ok()?;
        }
        Some(Self { head, content })
    }

    fn events(&self) -> Option<Bytes> {
        let head = self.head.to_json();
        let head = std::str::from_utf8(&head).ok()?;
        let mut events = Events::default();
        events.push(&format!(r#"{{"type":"message_start","message":{head}}}"#));
        for (index, block) in self.content.iter().enumerate() {
            events.push(&format!(
                r#"{{"type":"content_block_start","index":{index},"content_block":{block}}}"#
            ));
            events.push(&format!(
                r#"{{"type":"content_block_stop","index":{index}}}"#
            ));
        }
        events.push(r#"{"type":"message_stop"}"#);
        Some(events.0.freeze())
    }
}

/// The text of an event stream.
#[derive(Default)]
struct Events(BytesMut);

impl Events {
    fn push(&mut self, json: &str) {
        self.0.extend_from_slice(b"data: ");
        // Outside of strings, where JSON has no line ends, they are white space.
        let line = json.bytes().map(|byte| match byte {
            b'\n' | b'\r' => b' ',
            byte => byte,
        });
        self.0.extend(line);
        self.0.extend_from_slice(b"\n\n");
    }
}
