//! AWS event streams: what Bedrock's streams are made of.
//!
//! A frame is big-endian: its length, the length of its headers and the CRC-32 of these eight
//! bytes, four bytes each; then the headers, the payload, and the CRC-32 of all before it. An event
//! of the API's is Base64 in the payload's JSON; an error is an exception.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::body::{Body, BodyDataStream};
use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use serde_json::{Value, json};

use crate::base::base64;
use crate::base::wire;

pub(crate) const MEDIA_TYPE: &str = "application/vnd.amazon.eventstream";

/// The extension of a request whose streams are event streams.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Binary;

/// The lengths and their checksum, and the checksum at the end.
const AROUND: usize = 16;
/// The type of a header that is a string.
const STRING: u8 = 7;

/// A frame with these headers, which are strings.
pub(crate) fn frame(headers: &[(&str, &str)], payload: &[u8]) -> Vec<u8> {
    let mut head = Vec::new();
    for (name, value) in headers {
        // No name is longer than that, and no value.
        head.push(u8::try_from(name.len()).unwrap_or(u8::MAX));
        head.extend_from_slice(name.as_bytes());
        head.push(STRING);
        head.extend(u16::try_from(value.len()).unwrap_or(u16::MAX).to_be_bytes());
        head.extend_from_slice(value.as_bytes());
    }
    let length = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX).to_be_bytes();
    let total = AROUND + head.len() + payload.len();
    let mut frame = Vec::with_capacity(total);
    frame.extend(length(total));
    frame.extend(length(head.len()));
    frame.extend(crc32fast::hash(&frame).to_be_bytes());
    frame.extend(head);
    frame.extend_from_slice(payload);
    frame.extend(crc32fast::hash(&frame).to_be_bytes());
    frame
}

/// The frame of an event with this data, whatever it is.
pub(crate) fn chunk(data: &[u8]) -> Vec<u8> {
    let payload = json!({"bytes": base64::encode(data), "p": "abcdefghijklmnop"});
    let headers = [
        (":event-type", "chunk"),
        (":content-type", "application/json"),
        (":message-type", "event"),
    ];
    frame(&headers, payload.to_string().as_bytes())
}

/// Makes frames of server-sent events, in their order.
#[derive(Debug, Default)]
pub(crate) struct Framing {
    input: u64,
    output: u64,
}

impl Framing {
    /// The frame of an event, as text with its blank line; nothing of one without data.
    pub(crate) fn event(&mut self, text: &[u8]) -> Bytes {
        let text = String::from_utf8_lossy(text);
        let lines = text.lines().filter_map(|line| line.strip_prefix("data:"));
        let lines = lines.map(|line| line.strip_prefix(' ').unwrap_or(line));
        let data = lines.collect::<Vec<_>>().join("\n");
        if data.is_empty() {
            return Bytes::new();
        }
        self.data(&data).into()
    }

    fn data(&mut self, data: &str) -> Vec<u8> {
        // The others, of which there are many, are not looked at.
        let kinds = ["error", "message_start", "message_delta", "message_stop"];
        let is_known = |kind: &&str| data.starts_with(&format!(r#"{{"type":"{kind}""#));
        let Some(kind) = kinds.into_iter().find(is_known) else {
            return chunk(data.as_bytes());
        };
        let Ok(mut event) = serde_json::from_str::<Value>(data) else {
            return chunk(data.as_bytes());
        };
        match kind {
            "error" => return exception(&event),
            "message_stop" => {
                if let Some(fields) = event.as_object_mut() {
                    fields.insert(
                        "amazon-bedrock-invocationMetrics".to_owned(),
                        self.metrics(),
                    );
                }
                return chunk(wire::text(&event).as_bytes());
            }
            _ => self.count(&event),
        }
        chunk(data.as_bytes())
    }

    fn count(&mut self, event: &Value) {
        let usage = event.pointer("/message/usage").or(event.get("usage"));
        let tokens = |name: &str| usage?.get(name)?.as_u64();
        self.input = tokens("input_tokens").unwrap_or(self.input);
        self.output = tokens("output_tokens").unwrap_or(self.output);
    }

    /// What the last event has beside the API's own. A token takes a millisecond here.
    fn metrics(&self) -> Value {
        json!({
            "inputTokenCount": self.input,
            "outputTokenCount": self.output,
            "firstByteLatency": self.input,
            "invocationLatency": self.input.saturating_add(self.output),
        })
    }
}

/// The frame of an error in a stream.
fn exception(event: &Value) -> Vec<u8> {
    let text = |name: &str| event.pointer(name)?.as_str();
    let message = text("/error/message").unwrap_or_default();
    let kind = text("/error/type").unwrap_or_default();
    let (name, payload) = match kind {
        "rate_limit_error" => ("throttlingException", json!({"message": message})),
        "overloaded_error" => ("serviceUnavailableException", json!({"message": message})),
        "timeout_error" => ("modelTimeoutException", json!({"message": message})),
        "invalid_request_error" => ("validationException", json!({"message": message})),
        "api_error" => ("internalServerException", json!({"message": message})),
        _ => (
            "modelStreamErrorException",
            json!({"message": message, "originalMessage": kind, "originalStatusCode": 500}),
        ),
    };
    let headers = [
        (":exception-type", name),
        (":content-type", "application/json"),
        (":message-type", "exception"),
    ];
    frame(&headers, payload.to_string().as_bytes())
}

/// A stream of server-sent events as an event stream: what arrives together leaves together.
pub(crate) fn framed(body: Body) -> Body {
    Body::from_stream(Framed {
        body: body.into_data_stream(),
        held: BytesMut::new(),
        framing: Framing::default(),
    })
}

struct Framed {
    body: BodyDataStream,
    /// The start of an event whose end has not arrived.
    held: BytesMut,
    framing: Framing,
}

impl Framed {
    /// The frames of the events that are there as a whole.
    fn take(&mut self) -> Bytes {
        let mut frames = BytesMut::new();
        let end = |held: &[u8]| held.windows(2).position(|pair| pair == b"\n\n");
        while let Some(at) = end(&self.held) {
            let event = self.held.split_to(at + 2);
            frames.extend_from_slice(&self.framing.event(&event));
        }
        frames.freeze()
    }
}

impl Stream for Framed {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            match ready!(Pin::new(&mut self.body).poll_next(context)) {
                Some(Ok(chunk)) => self.held.extend_from_slice(&chunk),
                ended => return Poll::Ready(ended),
            }
            let frames = self.take();
            if !frames.is_empty() {
                return Poll::Ready(Some(Ok(frames)));
            }
        }
    }
}
