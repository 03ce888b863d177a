//! One answer that goes wrong, as the list of things its connection does.

use std::time::Duration;

use bytes::Bytes;
use serde_json::json;

use super::transcript::Transcript;
use crate::wire;

/// What a connection does, step by step.
#[derive(Debug, Clone)]
pub(super) enum Step {
    Write(Bytes),
    /// Writes one byte at a time.
    Drip(Bytes, Duration),
    Wait(Duration),
    /// Writes the same again and again, for as long as the client listens.
    Repeat(Bytes, Duration),
    /// Says nothing more, for as long as the client listens.
    Silence,
    /// Ends the connection in good order, whatever was promised.
    Close,
    /// Breaks the connection off with a TCP reset.
    Reset,
}

/// One answer; see the constructors.
///
/// Answers with a stream are chunked; each event is a chunk and a write of its own.
#[derive(Debug, Clone)]
#[must_use = "a fault does nothing until a server plays it"]
pub struct Fault {
    pub(super) steps: Vec<Step>,
}

/// A sequence of answers: each request gets the next; the last one repeats.
#[derive(Debug, Clone)]
#[must_use = "a script does nothing until a server plays it"]
pub struct Script {
    pub(super) faults: Vec<Fault>,
}

impl From<Fault> for Script {
    fn from(fault: Fault) -> Self {
        Self {
            faults: vec![fault],
        }
    }
}

impl Script {
    /// Adds an answer for the request after.
    pub fn then(mut self, fault: Fault) -> Self {
        self.faults.push(fault);
        self
    }
}

/// Answers in good order.
impl Fault {
    /// A whole answer with `content-length`. The connection stays open for the next request,
    /// unless the client asked for it to be closed.
    pub fn answer(status: u16, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Self {
        let body: Bytes = body.into();
        let length = format!("content-length: {}\r\n\r\n", body.len());
        let head = head(status, headers) + &length;
        Self {
            steps: vec![Step::Write([head.as_bytes(), &body].concat().into())],
        }
    }

    /// A JSON answer.
    pub fn json(status: u16, body: impl AsRef<str>) -> Self {
        Self::answer(
            status,
            &[("content-type", "application/json")],
            body.as_ref().to_owned(),
        )
    }

    /// An error in the API's shape, with a `request-id`.
    pub fn error(status: u16, kind: &str, message: &str) -> Self {
        Self::error_with(status, kind, message, &[])
    }

    /// An error in the API's shape with more headers, such as `retry-after`.
    pub fn error_with(status: u16, kind: &str, message: &str, headers: &[(&str, &str)]) -> Self {
        let id = "req_01FaultServer";
        let error = json!({"type": kind, "message": message});
        let body = json!({"type": "error", "error": error, "request_id": id});
        let fixed = [("content-type", "application/json"), ("request-id", id)];
        Self::answer(status, &[&fixed, headers].concat(), wire::text(&body))
    }

    /// A complete stream.
    pub fn sse(transcript: &Transcript) -> Self {
        Self::stream(&transcript.chunks()).step(Step::Write(LAST_CHUNK))
    }

    /// A redirect.
    pub fn redirect(status: u16, location: &str) -> Self {
        Self::answer(status, &[("location", location)], "")
    }
}

/// Streams that end badly, after `events` events of the transcript.
impl Fault {
    /// Ends the body properly, only too early.
    pub fn end_after(transcript: &Transcript, events: usize) -> Self {
        Self::start_of(transcript, events).step(Step::Write(LAST_CHUNK))
    }

    /// Closes the connection in the middle of the body.
    pub fn cut_after(transcript: &Transcript, events: usize) -> Self {
        Self::start_of(transcript, events).step(Step::Close)
    }

    /// Resets the connection.
    pub fn reset_after(transcript: &Transcript, events: usize) -> Self {
        // A reset discards what the peer has not read yet; give it a moment.
        Self::start_of(transcript, events)
            .step(Step::Wait(Duration::from_millis(20)))
            .step(Step::Reset)
    }

    /// Falls silent; 0 events is silence right after the headers.
    pub fn stall_after(transcript: &Transcript, events: usize) -> Self {
        Self::start_of(transcript, events).step(Step::Silence)
    }

    /// Sends nothing but pings from there on.
    pub fn pings_after(transcript: &Transcript, events: usize, every: Duration) -> Self {
        let ping = Transcript::from_events(&[json!({"type": "ping"})]).bytes();
        Self::start_of(transcript, events).step(Step::Repeat(chunk(&ping), every))
    }

    /// Sends an `error` event and ends the body; 0 events makes it the first event.
    pub fn error_after(transcript: &Transcript, events: usize, kind: &str, message: &str) -> Self {
        let error = json!({"type": "error", "error": {"type": kind, "message": message}});
        Self::sse(&transcript.clone().first(events).event(&error))
    }

    /// Sends bytes that are no UTF-8 inside an event, then the rest.
    pub fn bad_utf8_after(transcript: &Transcript, events: usize) -> Self {
        Self::spliced(
            transcript,
            events,
            Bytes::from_static(b"event: content_block_delta\ndata: \"\xff\xfe\xc3\"\n\n"),
        )
    }

    /// Sends an event whose data is no JSON, then the rest.
    pub fn bad_json_after(transcript: &Transcript, events: usize) -> Self {
        Self::spliced(
            transcript,
            events,
            Bytes::from_static(b"event: content_block_delta\ndata: {\"type\":\n\n"),
        )
    }

    /// Sends a text delta of `bytes` bytes in one event, then the rest.
    pub fn huge_event_after(transcript: &Transcript, events: usize, bytes: usize) -> Self {
        let delta = json!({"type": "text_delta", "text": "x".repeat(bytes)});
        let event = json!({"type": "content_block_delta", "index": 0, "delta": delta});
        Self::spliced(
            transcript,
            events,
            Transcript::from_events(&[event]).bytes(),
        )
    }

    /// The complete stream, one byte per write.
    pub fn drip(transcript: &Transcript, pause: Duration) -> Self {
        let mut drip = Self::stream(&[]);
        let body = transcript.bytes();
        drip.steps.push(Step::Drip(
            [chunk(&body), LAST_CHUNK].concat().into(),
            pause,
        ));
        drip
    }

    /// The complete stream in writes of `size` bytes, wherever that cuts it.
    pub fn rechunked(transcript: &Transcript, size: usize) -> Self {
        let body = transcript.bytes();
        let pieces = body.chunks(size.max(1)).map(Bytes::copy_from_slice);
        Self::stream(&pieces.collect::<Vec<_>>()).step(Step::Write(LAST_CHUNK))
    }
}

/// Answers that aren't what was asked for.
impl Fault {
    /// A web page, as proxies like to send; with status 200 too.
    pub fn html(status: u16) -> Self {
        let page = "<!DOCTYPE html><html><head><title>Welcome</title></head><body><h1>Sign in</h1></body></html>";
        Self::answer(
            status,
            &[("content-type", "text/html; charset=utf-8")],
            page,
        )
    }

    /// A 200 whose content type doesn't match its body.
    pub fn content_type(content_type: &str, body: impl Into<Bytes>) -> Self {
        Self::answer(200, &[("content-type", content_type)], body)
    }

    /// No body, though a JSON one is announced.
    pub fn empty(status: u16) -> Self {
        Self::answer(status, &[("content-type", "application/json")], "")
    }

    /// Bytes that aren't HTTP, and the end.
    pub fn garbage() -> Self {
        Self {
            steps: vec![
                Step::Write(Bytes::from_static(
                    b"\x16\x03\x01 not HTTP \xff\x00\r\n\r\n",
                )),
                Step::Close,
            ],
        }
    }

    /// A body shorter than its `content-length`, and the end.
    pub fn truncated(status: u16, body: impl AsRef<str>) -> Self {
        let body = body.as_ref();
        let length = format!("content-length: {}\r\n\r\n{body}", body.len() + 10);
        let head = head(status, &[("content-type", "application/json")]) + &length;
        Self {
            steps: vec![Step::Write(head.into()), Step::Close],
        }
    }

    /// Exactly these bytes, and the end.
    pub fn raw(bytes: impl Into<Bytes>) -> Self {
        Self {
            steps: vec![Step::Write(bytes.into()), Step::Close],
        }
    }
}

/// No answer.
impl Fault {
    /// Reads the request and says nothing, not even headers.
    pub fn silence() -> Self {
        Self {
            steps: vec![Step::Silence],
        }
    }

    /// Closes the connection instead of answering.
    pub fn hang_up() -> Self {
        Self {
            steps: vec![Step::Close],
        }
    }

    /// Resets the connection instead of answering.
    pub fn reset() -> Self {
        Self {
            steps: vec![Step::Reset],
        }
    }
}

impl Fault {
    /// Lets the answer wait: slow headers.
    pub fn delayed(mut self, delay: Duration) -> Self {
        self.steps.insert(0, Step::Wait(delay));
        self
    }

    /// Lets every write after the first wait: a slow body.
    pub fn paced(mut self, pause: Duration) -> Self {
        let mut paced = Vec::new();
        for (index, step) in self.steps.drain(..).enumerate() {
            if index > 0 && matches!(step, Step::Write(_)) {
                paced.push(Step::Wait(pause));
            }
            paced.push(step);
        }
        self.steps = paced;
        self
    }

    /// The answer to the request after this one.
    pub fn then(self, next: Self) -> Script {
        Script::from(self).then(next)
    }

    /// The head of a stream, then each of these as a chunk.
    fn stream(chunks: &[Bytes]) -> Self {
        let mut head = head(
            200,
            &[
                ("content-type", "text/event-stream"),
                ("request-id", "req_01FaultServer"),
            ],
        );
        head.push_str("transfer-encoding: chunked\r\n\r\n");
        let body = chunks.iter().map(|bytes| Step::Write(chunk(bytes)));
        Self {
            steps: std::iter::once(Step::Write(head.into()))
                .chain(body)
                .collect(),
        }
    }

    fn start_of(transcript: &Transcript, events: usize) -> Self {
        Self::stream(&transcript.clone().first(events).chunks())
    }

    fn spliced(transcript: &Transcript, events: usize, bytes: Bytes) -> Self {
        let mut chunks = transcript.chunks();
        chunks.insert(events.min(chunks.len()), bytes);
        Self::stream(&chunks).step(Step::Write(LAST_CHUNK))
    }

    fn step(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }
}

const LAST_CHUNK: Bytes = Bytes::from_static(b"0\r\n\r\n");

fn head(status: u16, headers: &[(&str, &str)]) -> String {
    let code = http::StatusCode::from_u16(status).ok();
    let reason = code
        .and_then(|code| code.canonical_reason())
        .unwrap_or("Unknown");
    let lines = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"));
    format!(
        "HTTP/1.1 {status} {reason}\r\n{}",
        lines.collect::<String>()
    )
}

fn chunk(bytes: &Bytes) -> Bytes {
    let size = format!("{:x}\r\n", bytes.len());
    [size.as_bytes(), bytes, b"\r\n"].concat().into()
}
