//! The server-sent events in an event stream.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::pin::Pin;
use std::task::{Context, Poll};

use anthropic::transport::Body;
use anthropic::{Error, ErrorKind};
use bytes::Bytes;
use futures_core::Stream;
use serde::Deserialize;
use serde_json::{Value, json};

use super::frame::{Frame, FrameError, FrameErrorKind, Frames};
use crate::exception::AwsException;

/// The body of an event stream as the API sends it: as server-sent events.
///
/// An exception becomes an `error` event, in the API's shape. A frame that can't be read ends the
/// stream with an error.
pub(crate) struct ServerSentEvents {
    body: Body,
    frames: Frames,
    /// The data of one event, decoded.
    data: Vec<u8>,
    /// The frame that can't be read. The events before it are passed on first.
    fault: Option<FrameError>,
    ended: bool,
}

/// The payload of an event.
#[derive(Deserialize)]
struct Chunk<'a> {
    #[serde(borrow, default)]
    bytes: Option<Cow<'a, str>>,
    /// That of an event.
    #[serde(borrow, default, rename = "type")]
    event_type: Option<Cow<'a, str>>,
    #[serde(flatten)]
    others: BTreeMap<String, Value>,
}

/// What an event's data describes itself as.
#[derive(Deserialize)]
struct Event<'a> {
    #[serde(borrow, rename = "type", default)]
    event_type: Option<Cow<'a, str>>,
}

impl ServerSentEvents {
    pub(crate) fn new(body: Body) -> Self {
        Self {
            body,
            frames: Frames::default(),
            data: Vec::new(),
            fault: None,
            ended: false,
        }
    }

    /// The events of the frames that are there, up to one that can't be read. They are shorter than
    /// the frames, whose length is `room`.
    fn events(&mut self, room: usize) -> Vec<u8> {
        let mut events = Vec::with_capacity(room);
        while self.fault.is_none() {
            let fault = match self.frames.next() {
                Ok(None) => break,
                Ok(Some(frame)) => append(&frame, &mut self.data, &mut events)
                    .map_err(|_| FrameError::new(FrameErrorKind::Payload, frame.offset))
                    .err(),
                Err(fault) => Some(fault),
            };
            self.fault = fault;
        }
        events
    }
}

impl Stream for ServerSentEvents {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        while !self.ended {
            if let Some(fault) = self.fault {
                self.ended = true;
                return Poll::Ready(Some(Err(unreadable(fault))));
            }
            match std::task::ready!(Pin::new(&mut self.body).poll_next(context)) {
                Some(Ok(chunk)) => {
                    let room = chunk.len();
                    self.frames.push(chunk);
                    let events = self.events(room);
                    if !events.is_empty() {
                        return Poll::Ready(Some(Ok(events.into())));
                    }
                }
                Some(Err(error)) => {
                    self.ended = true;
                    return Poll::Ready(Some(Err(error)));
                }
                None => match self.frames.end() {
                    Ok(()) => self.ended = true,
                    Err(fault) => self.fault = Some(fault),
                },
            }
        }
        Poll::Ready(None)
    }
}

fn unreadable(fault: FrameError) -> Error {
    let kind = match fault.kind() {
        FrameErrorKind::Incomplete => ErrorKind::StreamTruncated,
        _ => ErrorKind::Decode,
    };
    Error::new(kind, "the stream can't be read").caused_by(fault)
}

/// Appends a frame's event, unless it has none for us. `data` is memory that is used again.
fn append(frame: &Frame, data: &mut Vec<u8>, out: &mut Vec<u8>) -> Result<(), Unreadable> {
    match &frame.headers.message_type[..] {
        b"exception" => {
            let exception = AwsException::of_frame(&frame.headers.exception_type, &frame.payload);
            append_error(&exception, out);
        }
        b"error" => {
            let code = String::from_utf8_lossy(&frame.headers.error_code);
            let message = String::from_utf8_lossy(&frame.headers.error_message);
            append_error(&AwsException::new(&code, message.into_owned()), out);
        }
        // What has no type of message and is a chunk is an event.
        b"event" | b"" if frame.headers.event_type[..] == *b"chunk" => {
            append_chunk(&frame.payload, data, out)?;
        }
        // Of another kind, which is none of the API's events.
        _ => {}
    }
    Ok(())
}

struct Unreadable;

/// What comes before the data of nearly every event, and what that then begins with.
const USUAL: &[u8; 33] = b"event: content_block_delta\ndata: ";
const USUAL_DATA: &[u8; 29] = br#"{"type":"content_block_delta""#;

/// Decodes the data where it is to be, behind the lines that it most likely has. Returns whether
/// they are the right ones; otherwise the data is left in `data`, and `out` as it was.
fn append_usual(bytes: &[u8], data: &mut Vec<u8>, out: &mut Vec<u8>) -> Result<bool, Unreadable> {
    let start = out.len();
    out.extend_from_slice(USUAL);
    let decoded = decode(bytes, out);
    let found = out.get(start + USUAL.len()..).unwrap_or_default();
    if decoded.is_ok()
        && found.starts_with(USUAL_DATA)
        && memchr::memchr2(b'\n', b'\r', found).is_none()
    {
        out.extend_from_slice(b"\n\n");
        return Ok(true);
    }
    data.extend_from_slice(found);
    out.truncate(start);
    decoded.map(|()| false)
}

fn append_chunk(payload: &[u8], data: &mut Vec<u8>, out: &mut Vec<u8>) -> Result<(), Unreadable> {
    data.clear();
    if let Some(bytes) = encoded(payload) {
        if append_usual(bytes, data, out)? {
            return Ok(());
        }
    } else {
        // One without bytes has no event.
        if payload.is_empty() {
            return Ok(());
        }
        let chunk: Chunk<'_> = serde_json::from_slice(payload).map_err(|_| Unreadable)?;
        match (chunk.bytes, chunk.event_type) {
            (Some(bytes), _) => decode(bytes.as_bytes(), data)?,
            // A gateway that does not wrap the event.
            (None, Some(_)) => data.extend_from_slice(payload),
            // Padding alone.
            (None, None) if chunk.others.keys().all(|key| key == "p") => return Ok(()),
            (None, None) => return Err(Unreadable),
        }
    }
    match event_type(data) {
        Ok(Some(event_type)) => append_event(Some(&event_type), data, out),
        // What a gateway sends to keep the connection open is no event.
        Ok(None) => {}
        // Whoever reads the event decides what it is.
        Err(_) => append_event(None, data, out),
    }
    Ok(())
}

fn decode(bytes: &[u8], data: &mut Vec<u8>) -> Result<(), Unreadable> {
    let decoded = base64_simd::STANDARD.decode_append(bytes, data);
    decoded.map(drop).map_err(|_| Unreadable)
}

/// The Base64 of a payload as Bedrock writes it, with nothing beside it but letters and digits for
/// padding. Any other is read as JSON.
fn encoded(payload: &[u8]) -> Option<&[u8]> {
    let rest = payload.strip_prefix(br#"{"bytes":""#)?;
    let (bytes, rest) = rest.split_at_checked(memchr::memchr2(b'"', b'\\', rest)?)?;
    let padding = match rest {
        b"\"}" => return Some(bytes),
        rest => rest.strip_prefix(br#"","p":""#)?.strip_suffix(b"\"}")?,
    };
    let are_letters = padding
        .iter()
        .fold(true, |are, byte| are & byte.is_ascii_alphanumeric());
    are_letters.then_some(bytes)
}

/// The type of an event, which begins with it in what the API sends.
fn event_type(data: &[u8]) -> serde_json::Result<Option<Cow<'_, str>>> {
    if let Some(rest) = data.strip_prefix(br#"{"type":""#) {
        let end = memchr::memchr2(b'"', b'\\', rest);
        if let Some((name, [b'"', ..])) = end.and_then(|end| rest.split_at_checked(end)) {
            // What is no text is no JSON, which is left to whoever reads the event.
            if let Ok(name) = std::str::from_utf8(name) {
                return Ok(Some(Cow::Borrowed(name)));
            }
        }
    }
    serde_json::from_slice(data).map(|event: Event<'_>| event.event_type)
}

fn append_error(exception: &AwsException, out: &mut Vec<u8>) {
    let data = json!({"type": "error", "error": exception.to_json()});
    append_event(Some("error"), data.to_string().as_bytes(), out);
}

/// Appends an event; its data may have several lines.
fn append_event(event_type: Option<&str>, data: &[u8], out: &mut Vec<u8>) {
    out.reserve(data.len() + 64);
    // A name in two lines would end the event's first one.
    if let Some(event_type) = event_type.filter(|it| !it.contains(['\n', '\r'])) {
        out.extend_from_slice(b"event: ");
        out.extend_from_slice(event_type.as_bytes());
        out.push(b'\n');
    }
    let mut rest = data;
    while let Some(end) = memchr::memchr2(b'\n', b'\r', rest) {
        let (line, after) = rest.split_at(end);
        append_data(line, out);
        rest = after.get(1..).unwrap_or_default();
    }
    append_data(rest, out);
    out.push(b'\n');
}

fn append_data(line: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(b"data: ");
    out.extend_from_slice(line);
    out.push(b'\n');
}

#[cfg(test)]
mod tests;
