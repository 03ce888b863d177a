//! One response that goes wrong, as the list of things its connection does.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::json;

use super::answer::{Failure, LAST_CHUNK, Original, STREAM_HEAD, Twist, chunk, head, whole};
use super::step::Step;
use super::transcript::Transcript;

/// One response; see the constructors.
///
/// Responses with a stream are chunked; each event is a chunk and a write of its own.
#[derive(Clone)]
#[must_use = "a fault does nothing until a server plays it"]
pub struct Fault {
    plan: Plan,
    delay: Option<Duration>,
    pace: Option<Duration>,
}

/// Makes a fault of the stream that would have been sent.
type Remake = Arc<dyn Fn(&Transcript) -> Fault + Send + Sync>;

#[derive(Clone)]
pub(super) enum Plan {
    /// Exactly this, whatever was asked.
    Steps(Vec<Step>),
    /// An error in the API's shape; the simulator knows its request id.
    Error(Failure),
    /// The stream that would have been sent, made into something else. What is no stream stays as
    /// it is.
    Stream(Remake),
    /// The response that would have been given, in other bytes.
    Answer(Twist),
    /// The response that would have been given.
    Untouched,
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plan: &dyn fmt::Debug = match &self.plan {
            Plan::Steps(steps) => steps,
            Plan::Error(failure) => failure,
            Plan::Stream(_) => &"a stream made into something else",
            Plan::Answer(twist) => twist,
            Plan::Untouched => &"the response as it is",
        };
        f.debug_struct("Fault")
            .field("plan", plan)
            .field("delay", &self.delay)
            .field("pace", &self.pace)
            .finish()
    }
}

/// A sequence of responses: each request gets the next; the last one repeats.
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
    /// Adds a response for the request after.
    pub fn then(mut self, fault: Fault) -> Self {
        self.faults.push(fault);
        self
    }
}

/// Responses without a fault.
impl Fault {
    /// A whole response with `content-length`. The connection stays open for the next request,
    /// unless the client asked for it to be closed.
    pub fn answer(status: u16, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Self {
        let bytes = whole(status, headers, &body.into());
        Self::of(vec![Step::Write(bytes)])
    }

    /// A JSON response.
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
        let headers = headers.iter();
        Self::new(Plan::Error(Failure {
            status,
            kind: kind.to_owned(),
            message: message.to_owned(),
            headers: headers
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
        }))
    }

    /// An error with the type and the words that go with its status: 429 is a `rate_limit_error`.
    pub fn status(status: u16) -> Self {
        let (kind, message) = match status {
            400 | 405 => ("invalid_request_error", "Invalid request"),
            401 => ("authentication_error", "Invalid credentials"),
            402 => ("billing_error", "Billing problem"),
            403 => ("permission_error", "Not permitted"),
            404 => ("not_found_error", "Not found"),
            413 => ("request_too_large", "Request too large"),
            429 => ("rate_limit_error", "Rate limited"),
            504 => ("timeout_error", "Timed out"),
            529 => ("overloaded_error", "Overloaded"),
            400..=499 => ("invalid_request_error", "Refused"),
            _ => ("api_error", "Internal server error"),
        };
        Self::error(status, kind, message)
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

    /// Sends nothing more, and keeps the connection open; 0 events is right after the headers.
    pub fn stall_after(transcript: &Transcript, events: usize) -> Self {
        Self::start_of(transcript, events).step(Step::Silence)
    }

    /// Sends nothing but pings from there on.
    pub fn pings_after(transcript: &Transcript, events: usize, every: Duration) -> Self {
        let ping = transcript.alone(&json!({"type": "ping"}));
        Self::start_of(transcript, events).step(Step::Repeat(chunk(&ping), every))
    }

    /// Sends an `error` event and ends the body; 0 events makes it the first event.
    pub fn error_after(transcript: &Transcript, events: usize, kind: &str, message: &str) -> Self {
        let error = json!({"type": "error", "error": {"type": kind, "message": message}});
        Self::sse(&transcript.clone().first(events).event(&error))
    }

    /// Sends bytes that are no UTF-8 inside an event, then the rest.
    pub fn bad_utf8_after(transcript: &Transcript, events: usize) -> Self {
        Self::spliced(transcript, events, transcript.raw(b"\"\xff\xfe\xc3\""))
    }

    /// Sends an event whose data is no JSON, then the rest.
    pub fn bad_json_after(transcript: &Transcript, events: usize) -> Self {
        Self::spliced(transcript, events, transcript.raw(b"{\"type\":"))
    }

    /// Sends a text delta of `bytes` bytes in one event, then the rest.
    pub fn huge_event_after(transcript: &Transcript, events: usize, bytes: usize) -> Self {
        let delta = json!({"type": "text_delta", "text": "x".repeat(bytes)});
        let event = json!({"type": "content_block_delta", "index": 0, "delta": delta});
        Self::spliced(transcript, events, transcript.alone(&event))
    }

    /// The complete stream, one byte per write.
    pub fn drip(transcript: &Transcript, pause: Duration) -> Self {
        let body = chunk(&transcript.bytes());
        Self::stream(&[]).step(Step::Drip([body, LAST_CHUNK].concat().into(), pause))
    }

    /// The complete stream in writes of `size` bytes, wherever that cuts it.
    pub fn rechunked(transcript: &Transcript, size: usize) -> Self {
        let body = transcript.bytes();
        let pieces = body.chunks(size.max(1)).map(Bytes::copy_from_slice);
        Self::stream(&pieces.collect::<Vec<_>>()).step(Step::Write(LAST_CHUNK))
    }
}

/// Responses that aren't what was asked for.
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
        Self::raw(Bytes::from_static(
            b"\x16\x03\x01 not HTTP \xff\x00\r\n\r\n",
        ))
    }

    /// A body shorter than its `content-length`, and the end.
    pub fn truncated(status: u16, body: impl AsRef<str>) -> Self {
        let body = body.as_ref();
        let length = format!("content-length: {}\r\n\r\n{body}", body.len() + 10);
        let head = head(status, &[("content-type", "application/json")]) + &length;
        Self::raw(head)
    }

    /// Exactly these bytes, and the end.
    pub fn raw(bytes: impl Into<Bytes>) -> Self {
        Self::of(vec![Step::Write(bytes.into()), Step::Close])
    }
}

/// No response.
impl Fault {
    /// Reads the request and sends nothing, not even headers.
    pub fn silence() -> Self {
        Self::of(vec![Step::Silence])
    }

    /// Closes the connection instead of responding.
    pub fn hang_up() -> Self {
        Self::of(vec![Step::Close])
    }

    /// Resets the connection instead of responding.
    pub fn reset() -> Self {
        Self::of(vec![Step::Reset])
    }
}

/// The response that would have been given, gone wrong. The [fault server](super::FaultServer)
/// gives [`Transcript::sample`]; the simulator gives its own response.
impl Fault {
    /// Makes a fault of the stream that would have been sent:
    /// `Fault::on_stream(|response| Fault::cut_after(response, 3))`. Responses that are no stream
    /// stay whole.
    pub fn on_stream(remake: impl Fn(&Transcript) -> Self + Send + Sync + 'static) -> Self {
        Self::new(Plan::Stream(Arc::new(remake)))
    }

    /// The response, its head included, one byte per write.
    pub fn byte_by_byte(pause: Duration) -> Self {
        Self::new(Plan::Answer(Twist::Drip(pause)))
    }

    /// The response, with a pause before each event of a stream or each of ten pieces of another
    /// body.
    pub fn slow_body(pause: Duration) -> Self {
        Self::new(Plan::Answer(Twist::Slow(pause)))
    }

    /// The response, after a while.
    pub fn slow_headers(delay: Duration) -> Self {
        Self::new(Plan::Untouched).delayed(delay)
    }

    /// The response under another content type.
    pub fn retyped(content_type: &str) -> Self {
        Self::new(Plan::Answer(Twist::Retype(content_type.to_owned())))
    }

    /// Half of the response's body, and the end of the connection.
    pub fn half() -> Self {
        Self::new(Plan::Answer(Twist::Truncate))
    }
}

impl Fault {
    /// Lets the response wait: slow headers.
    pub fn delayed(mut self, delay: Duration) -> Self {
        self.delay = Some(delay);
        self
    }

    /// Lets every write after the first wait: a slow body.
    pub fn paced(mut self, pause: Duration) -> Self {
        self.pace = Some(pause);
        self
    }

    /// Adds a header to an error: `Fault::status(429).header("retry-after", "1")`. Other responses
    /// carry the headers that they were made with.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        if let Plan::Error(failure) = &mut self.plan {
            failure.headers.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    /// The response to the request after this one.
    pub fn then(self, next: Self) -> Script {
        Script::from(self).then(next)
    }

    pub(super) fn reworded(mut self, kind: Option<String>, message: Option<String>) -> Self {
        if let Plan::Error(failure) = &mut self.plan {
            failure.kind = kind.unwrap_or_else(|| failure.kind.clone());
            failure.message = message.unwrap_or_else(|| failure.message.clone());
        }
        self
    }

    pub(super) fn undelayed(mut self) -> Self {
        self.delay = None;
        self
    }

    /// The response that would have been given, with its pauses.
    pub(super) fn slowly(&self) -> Self {
        Self::new(Plan::Answer(Twist::Slow(self.pace.unwrap_or_default())))
    }

    fn new(plan: Plan) -> Self {
        Self {
            plan,
            delay: None,
            pace: None,
        }
    }

    fn of(steps: Vec<Step>) -> Self {
        Self::new(Plan::Steps(steps))
    }

    /// The type and message of the error that it is.
    pub(super) fn failure(&self) -> Option<(&str, &str)> {
        match &self.plan {
            Plan::Error(failure) => Some((&failure.kind, &failure.message)),
            _ => None,
        }
    }

    pub(super) fn plan(&self) -> &Plan {
        &self.plan
    }

    pub(super) fn delay(&self) -> Option<Duration> {
        self.delay
    }

    pub(super) fn is_paced(&self) -> bool {
        self.pace.is_some()
    }

    /// What to do to the socket, the delay included.
    pub(crate) fn steps(&self, original: &Original, request_id: &str) -> Vec<Step> {
        let mut steps = match &self.plan {
            Plan::Steps(steps) => steps.clone(),
            // Its body would be one write, and has to come in pieces.
            Plan::Error(failure) if self.is_paced() => {
                let mut slow = self.slowly();
                slow.delay = self.delay;
                return slow.steps(&failure.original(request_id), request_id);
            }
            Plan::Error(failure) => failure.original(request_id).steps(),
            Plan::Stream(remake) => {
                let mut steps = remake(&original.transcript()).steps(original, request_id);
                for step in &mut steps {
                    if matches!(step, Step::Write(bytes) if *bytes == STREAM_HEAD) {
                        *step = Step::Write(original.chunked_head());
                    }
                }
                steps
            }
            Plan::Answer(twist) => twist.steps(original),
            Plan::Untouched => original.steps(),
        };
        if let Some(pause) = self.pace {
            let writes = std::mem::take(&mut steps);
            for (index, step) in writes.into_iter().enumerate() {
                if index > 0 && matches!(step, Step::Write(_)) {
                    steps.push(Step::Wait(pause));
                }
                steps.push(step);
            }
        }
        if let Some(delay) = self.delay {
            steps.insert(0, Step::Wait(delay));
        }
        steps
    }

    /// The head of a stream, then each of these as a chunk.
    fn stream(chunks: &[Bytes]) -> Self {
        let body = chunks.iter().map(|bytes| Step::Write(chunk(bytes)));
        Self::of(
            std::iter::once(Step::Write(STREAM_HEAD))
                .chain(body)
                .collect(),
        )
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
        if let Plan::Steps(steps) = &mut self.plan {
            steps.push(step);
        }
        self
    }
}
