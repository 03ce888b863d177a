//! The response that a fault starts from: an error in the API's shape, or the server's normal
//! response.

use std::time::Duration;

use bytes::Bytes;
use serde_json::json;

use super::step::Step;
use super::transcript::Transcript;
use crate::base::wire;
use crate::http::event_stream;

/// How many pieces a slow body that is no stream comes in.
const PIECES: usize = 10;
pub(super) const LAST_CHUNK: Bytes = Bytes::from_static(b"0\r\n\r\n");
/// How the kit's own streams begin; the simulator puts its own head there.
pub(super) const STREAM_HEAD: Bytes = Bytes::from_static(
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nrequest-id: req_01FaultServer\r\n\
      transfer-encoding: chunked\r\n\r\n",
);

/// An error as the API writes it, once it has the id of its request.
#[derive(Debug, Clone)]
pub(super) struct Failure {
    pub(super) status: u16,
    pub(super) kind: String,
    pub(super) message: String,
    pub(super) headers: Vec<(String, String)>,
}

impl Failure {
    pub(super) fn original(&self, request_id: &str) -> Original {
        let error = json!({"type": self.kind, "message": self.message});
        let body = json!({"type": "error", "error": error, "request_id": request_id});
        let fixed = [
            ("content-type", "application/json"),
            ("request-id", request_id),
        ];
        let fixed = fixed.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Original {
            status: self.status,
            headers: fixed.into_iter().chain(self.headers.clone()).collect(),
            body: wire::text(&body).into(),
            framed: false,
        }
    }
}

/// What happens to a response whatever its content.
#[derive(Debug, Clone)]
pub(super) enum Twist {
    Drip(Duration),
    Slow(Duration),
    Retype(String),
    Truncate,
}

impl Twist {
    pub(super) fn steps(&self, original: &Original) -> Vec<Step> {
        match self {
            Self::Drip(pause) => vec![Step::Drip(original.bytes(), *pause)],
            Self::Slow(pause) => {
                let mut steps = vec![Step::Write(original.chunked_head())];
                for piece in original.pieces() {
                    steps.extend([Step::Wait(*pause), Step::Write(chunk(&piece))]);
                }
                steps.push(Step::Write(LAST_CHUNK));
                steps
            }
            Self::Retype(content_type) => {
                let mut retyped = original.clone();
                retyped
                    .headers
                    .retain(|(name, _)| !name.eq_ignore_ascii_case("content-type"));
                retyped
                    .headers
                    .push(("content-type".to_owned(), content_type.clone()));
                retyped.steps()
            }
            Self::Truncate => {
                let bytes = original.bytes();
                let head = bytes.windows(4).position(|it| it == b"\r\n\r\n");
                let body = bytes.len() - head.map_or(0, |head| head + 4);
                let kept = bytes.len() - body.div_ceil(2);
                vec![Step::Write(bytes.slice(..kept)), Step::Close]
            }
        }
    }
}

/// The response that would have been given.
#[derive(Debug, Clone, Default)]
pub(crate) struct Original {
    pub(crate) status: u16,
    /// Without those that frame the body.
    pub(crate) headers: Vec<(String, String)>,
    /// A stream as server-sent events.
    pub(crate) body: Bytes,
    /// Whether streams are sent as event streams of AWS's.
    pub(crate) framed: bool,
}

impl Original {
    /// What the fault server would return if nothing went wrong.
    pub(super) fn sample() -> Self {
        Self {
            status: 200,
            headers: vec![("content-type".to_owned(), "text/event-stream".to_owned())],
            body: Transcript::sample().bytes(),
            framed: false,
        }
    }

    pub(crate) fn is_stream(&self) -> bool {
        self.headers.iter().any(|(name, value)| {
            name.eq_ignore_ascii_case("content-type")
                && (value.starts_with("text/event-stream") || value == event_stream::MEDIA_TYPE)
        })
    }

    pub(super) fn transcript(&self) -> Transcript {
        Transcript::parse(&String::from_utf8_lossy(&self.body)).framed(self.framed)
    }

    pub(super) fn steps(&self) -> Vec<Step> {
        vec![Step::Write(self.bytes())]
    }

    fn bytes(&self) -> Bytes {
        if self.framed && self.is_stream() {
            return whole(self.status, &self.borrowed(), &self.transcript().bytes());
        }
        whole(self.status, &self.borrowed(), &self.body)
    }

    fn borrowed(&self) -> Vec<(&str, &str)> {
        let headers = self.headers.iter();
        headers
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect()
    }

    pub(super) fn chunked_head(&self) -> Bytes {
        let head = head(self.status, &self.borrowed());
        (head + "transfer-encoding: chunked\r\n\r\n").into()
    }

    fn pieces(&self) -> Vec<Bytes> {
        if self.is_stream() {
            return self.transcript().chunks();
        }
        let size = self.body.len().div_ceil(PIECES).max(1);
        self.body.chunks(size).map(Bytes::copy_from_slice).collect()
    }
}

/// Head and body with `content-length`.
pub(super) fn whole(status: u16, headers: &[(&str, &str)], body: &[u8]) -> Bytes {
    let length = format!("content-length: {}\r\n\r\n", body.len());
    let head = head(status, headers) + &length;
    [head.as_bytes(), body].concat().into()
}

/// Status line and headers, without the blank line that ends them.
pub(super) fn head(status: u16, headers: &[(&str, &str)]) -> String {
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

pub(super) fn chunk(bytes: &Bytes) -> Bytes {
    let size = format!("{:x}\r\n", bytes.len());
    [size.as_bytes(), bytes, b"\r\n"].concat().into()
}
