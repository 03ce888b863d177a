//! The beginning of a body that should be an event stream, and what to do where it is something
//! else.
//!
//! Gateways label a stream as JSON, and send a JSON document, an error or a web page under the
//! label of a stream. The first bytes decide, not the label. A document becomes the events that a
//! server would have sent for it, so that nothing behind this file has to know of it.

use anthropic_types::{Decoding, Message};
use bytes::{Bytes, BytesMut};
use serde_json::value::RawValue;

use crate::error::{excerpt, is_error_document, short};
use crate::request::query::RawObject;
use crate::response::incoming::{Incoming, misfit};
use crate::response::whole::blank_until;
use crate::text::read_json;
use crate::{Error, ErrorKind, Result};

pub(super) const EVENT_STREAM: &str = "text/event-stream";

/// Labels of what is no text, whatever a server may mean by them.
const BINARY: [&str; 8] = [
    "application/gzip",
    "application/pdf",
    "application/zip",
    "audio/",
    "font/",
    "image/",
    "multipart/",
    "video/",
];
/// Labels under which text is as likely an event stream as anything else.
const PLAIN: [&str; 2] = ["application/json", "text/plain"];

/// Takes a response that may be an event stream, whatever its label; refuses others unread.
pub(super) async fn accept(incoming: Incoming) -> Result<Incoming> {
    if BINARY.iter().any(|label| incoming.is_media_of(label)) {
        return incoming.expect_media(EVENT_STREAM).await;
    }
    Ok(incoming)
}

/// The same where at least one event has to come: a response without a body is refused, too.
pub(super) async fn accept_events(incoming: Incoming) -> Result<Incoming> {
    if incoming.is_empty() {
        let error =
            Error::unexpected_content("the body is empty; an event stream was expected", &[]);
        return Err(incoming.refuse(error, Bytes::new()));
    }
    accept(incoming).await
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

/// What the lines of an event stream begin with.
const FIELDS: [&[u8]; 5] = [b"event:", b"data:", b"id:", b"retry:", b":"];

/// Whether a body begins as an event stream does, which no JSON document and no web page does.
pub(super) fn is_event_stream(bytes: &[u8]) -> bool {
    let line = without_mark(bytes).trim_ascii_start();
    FIELDS.iter().any(|field| line.starts_with(field))
}

/// Whether a line may become one of an event stream.
fn begins_field(line: &[u8]) -> bool {
    FIELDS.iter().any(|field| field.starts_with(line))
}

/// The error of a body that is over without an event, if it begins with text in which no line is
/// one of an event stream, or the beginning of one.
pub(super) fn other_text(first: &[u8]) -> Option<Error> {
    let is_field = |line: &[u8]| !line.is_empty() && (is_event_stream(line) || begins_field(line));
    let mut lines = first.split(|byte| matches!(byte, b'\n' | b'\r'));
    (!first.is_empty() && !lines.any(is_field)).then(|| no_events(first))
}

/// Lines that are of no event, for the error of a stream that ended early.
pub(super) fn strays(lines: &[u8]) -> String {
    format!("; among its lines are {}", excerpt(lines))
}

fn no_events(text: &[u8]) -> Error {
    Error::unexpected_content("the body is text; an event stream was expected", text)
}

/// The bytes behind a byte order mark.
fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes)
}

/// What a JSON document in an event stream's place is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Document {
    /// One event.
    Event,
    /// The message whose events should have come, read as any plain response is.
    Message(Decoding),
}

/// A body of which it is not known yet whether it is an event stream, or known that it is not.
#[derive(Debug)]
pub(super) struct Opening {
    document: Document,
    seen: BytesMut,
    /// How much of it is a byte order mark and white space.
    blank: usize,
    limit: usize,
    label: Label,
}

/// What a response's media type means for its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Label {
    /// Text is an event stream.
    Events,
    /// Text has to begin as an event stream does.
    Plain,
    /// The same, of something else, which is not waited for.
    Other(String),
}

impl Label {
    pub(super) fn of(media: &str) -> Self {
        let name = media.split(';').next().unwrap_or_default().trim();
        let is = |label: &str| name.eq_ignore_ascii_case(label);
        // Where a header is there twice, the values are in one.
        let first = name.split(',').next().unwrap_or_default().trim_end();
        if first.eq_ignore_ascii_case(EVENT_STREAM) {
            Self::Events
        } else if name.is_empty() || PLAIN.iter().any(|label| is(label)) {
            Self::Plain
        } else {
            Self::Other(short(name).into_owned())
        }
    }
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
    pub(super) fn new(limit: usize, label: Label, document: Document) -> Self {
        Self {
            document,
            seen: BytesMut::new(),
            blank: 0,
            limit,
            label,
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
            // Of a field's name there may be a part.
            Content::Markup | Content::Events
                if matches!(self.label, Label::Other(_)) && !begins_field(rest) =>
            {
                return Verdict::Enough;
            }
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
            Content::Events => self.label == Label::Events || is_event_stream(bytes),
            _ => false,
        }
    }

    /// The body is over, or enough of it has been seen: the events to read in its place.
    pub(super) fn finish(&mut self) -> Result<Option<Bytes>> {
        let seen = std::mem::take(&mut self.seen).freeze();
        let content = Content::of(&seen);
        if let (Content::Events | Content::Markup, Label::Other(label)) = (content, &self.label) {
            let message = format!("the body is {label}; {EVENT_STREAM} was expected");
            return Err(Error::unexpected_content(message, &seen));
        }
        match content {
            Content::Unknown => Ok(None),
            Content::Events => Err(no_events(&seen)),
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
            Content::Json => self.document.events(without_mark(&seen)).map(Some),
        }
    }
}

impl Document {
    /// The events for a JSON document.
    fn events(self, json: &[u8]) -> Result<Bytes> {
        let document = read_json::<&RawValue>(json);
        match document.or_else(|error| before_events(json).ok_or(error)) {
            Ok(document) => {
                let text = document.get();
                match self {
                    _ if is_error_document(text) => Ok(Events::of_error(text)),
                    Self::Message(decoding) => events_of_message(text, decoding),
                    Self::Event => Ok(Events::of(text)),
                }
            }
            Err(error) if error.is_eof() => {
                let excerpt = excerpt(json);
                let message = format!("the body is a JSON document that was cut off: {excerpt}");
                Err(Error::new(ErrorKind::StreamTruncated, message))
            }
            Err(error) => Err(Error::decode("", error, json)),
        }
    }
}

/// A document that lines of an event stream follow, such as its end.
fn before_events(json: &[u8]) -> Option<&RawValue> {
    let mut documents = serde_json::Deserializer::from_slice(json).into_iter();
    let document = documents.next()?.ok()?;
    let rest = json.get(documents.byte_offset()..)?;
    is_event_stream(rest).then_some(document)
}

/// The events that a server would have sent for a message, which is read as a plain response is:
/// what that accepts is a message, and what it repairs is repaired in its events.
fn events_of_message(text: &str, decoding: Decoding) -> Result<Bytes> {
    anthropic_types::from_slice_with::<Message>(text.as_bytes(), decoding)
        .map_err(|error| misfit(error, text.as_bytes()))?;
    events_of(text).map_err(|error| Error::decode("", error, text.as_bytes()))
}

fn events_of(text: &str) -> serde_json::Result<Bytes> {
    let mut head: RawObject = serde_json::from_str(text)?;
    let mut content: Vec<Box<RawValue>> = Vec::new();
    // A content that is no list stays where it is, to be repaired there; of several the last one
    // counts.
    if let Some(at) = head.0.iter().rposition(|(key, _)| key == "content") {
        if let Some((_, value)) = head.0.get_mut(at) {
            if let Ok(blocks) = serde_json::from_str(value.get()) {
                content = blocks;
                *value = RawValue::from_string("[]".to_owned())?;
            }
        }
        let mut number = 0..;
        head.0
            .retain(|(key, _)| number.next() == Some(at) || key != "content");
    }
    let head = String::from_utf8(head.to_json()).unwrap_or_default();
    let mut events = Events::default();
    events.push(&format!(r#"{{"type":"message_start","message":{head}}}"#));
    for (index, block) in content.iter().enumerate() {
        events.push(&format!(
            r#"{{"type":"content_block_start","index":{index},"content_block":{block}}}"#
        ));
        events.push(&format!(
            r#"{{"type":"content_block_stop","index":{index}}}"#
        ));
    }
    events.push(r#"{"type":"message_stop"}"#);
    Ok(events.0.freeze())
}

/// The text of an event stream.
#[derive(Default)]
struct Events(BytesMut);

impl Events {
    /// Those of a document that is one event.
    fn of(json: &str) -> Bytes {
        let mut events = Self::default();
        events.push(json);
        events.0.freeze()
    }

    /// The one of an error, whatever its shape.
    fn of_error(json: &str) -> Bytes {
        let mut events = Self(BytesMut::from("event: error\n"));
        events.push(json);
        events.0.freeze()
    }

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
