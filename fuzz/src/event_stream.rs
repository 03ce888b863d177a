//! AWS's event streams, through a client of Bedrock: whatever the frames are, a stream ends, and
//! cuts make no difference.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, SystemTime};

use anthropic::transport::{Body, HttpRequest, HttpResponse, Transport, TransportError};
use anthropic::types::{MessageCreateParams, to_vec};
use anthropic::{BoxFuture, Client, Clock, Error, ErrorKind};
use anthropic_aws::FrameError;
use bytes::Bytes;
use fastrand::Rng;

use super::{cut, seeded};

/// Reads the data as a body of an event stream, and as the events in frames whose checksums are
/// right but for a few.
///
/// # Panics
///
/// If it finds a fault.
pub fn event_stream(data: &[u8]) {
    for body in [data.to_vec(), framed(data)] {
        let whole = read(vec![&body]);
        assert_eq!(read(cut(&body)), whole);
    }
}

/// What a stream fails with, and the frame that is the cause.
type Fault = (ErrorKind, Option<FrameError>);

fn fault(error: &Error) -> Fault {
    let mut cause = std::error::Error::source(error);
    while let Some(source) = cause {
        if let Some(fault) = source.downcast_ref() {
            return (error.kind(), Some(*fault));
        }
        cause = source.source();
    }
    (error.kind(), None)
}

/// The events and the end of the stream that a client makes of a body in these pieces.
fn read(pieces: Vec<&[u8]>) -> (Vec<Vec<u8>>, Option<Fault>) {
    let pieces = pieces.into_iter().map(Bytes::copy_from_slice).collect();
    let platform = anthropic_aws::bedrock()
        .region("r")
        .api_key("key")
        .platform();
    let client = platform.and_then(|platform| {
        let client = Client::builder().platform(platform).clock(Still);
        client.transport(Canned(pieces)).max_retries(0).build()
    });
    let client = client.unwrap_or_else(|error| panic!("{error}"));
    let params = MessageCreateParams::new("m", 1).user("Hello");
    let reading = async {
        let mut events = Vec::new();
        let mut stream = match client.messages().stream(params).await {
            Ok(stream) => stream,
            Err(error) => return (events, Some(fault(&error))),
        };
        loop {
            match stream.try_next().await {
                Ok(Some(event)) => events.push(to_vec(&event)),
                Ok(None) => return (events, None),
                Err(error) => return (events, Some(fault(&error))),
            }
        }
    };
    finished(reading)
}

/// Everything is there from the start, so a future that waits never ends.
fn finished<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..1_000_000 {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
    }
    panic!("a stream does not end")
}

/// The data's events in frames: some of other types, some with another byte, a length or a checksum
/// that is wrong.
fn framed(data: &[u8]) -> Vec<u8> {
    let mut rng = seeded(data);
    let mut out = Vec::new();
    let text = String::from_utf8_lossy(data);
    for event in text.split("\n\n") {
        let lines = event.lines().filter_map(|line| line.strip_prefix("data: "));
        let event = lines.collect::<Vec<_>>().join("\n");
        let bytes = base64_simd::STANDARD.encode_to_string(event);
        let payload = match rng.usize(0..20) {
            0 => bytes,
            1 => r#"{"message":"slow down"}"#.to_owned(),
            2 => String::new(),
            _ => format!(r#"{{"bytes":"{bytes}","p":"abc"}}"#),
        };
        let kind: &[(&str, &str)] = match rng.usize(0..20) {
            0 => &[
                (":message-type", "exception"),
                (":exception-type", "throttlingException"),
            ],
            1 => &[
                (":message-type", "error"),
                (":error-code", "x"),
                (":error-message", "y"),
            ],
            2 => &[(":message-type", "event"), (":event-type", "other")],
            3 => &[],
            _ => &[(":message-type", "event"), (":event-type", "chunk")],
        };
        let mut frame = frame(kind, payload.as_bytes());
        if rng.usize(0..40) == 0 {
            let place = rng.usize(0..frame.len());
            if let Some(byte) = frame.get_mut(place) {
                *byte = rng.u8(..);
            }
        }
        out.extend(frame);
    }
    let end = if rng.usize(0..4) == 0 {
        rng.usize(0..=out.len())
    } else {
        out.len()
    };
    out.truncate(end);
    out
}

fn frame(headers: &[(&str, &str)], payload: &[u8]) -> Vec<u8> {
    let mut head = Vec::new();
    for (name, value) in headers {
        // Names and values are short.
        head.push(u8::try_from(name.len()).unwrap_or_default());
        head.extend_from_slice(name.as_bytes());
        head.push(7);
        head.extend(u16::try_from(value.len()).unwrap_or_default().to_be_bytes());
        head.extend_from_slice(value.as_bytes());
    }
    let length = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX).to_be_bytes();
    let mut frame = Vec::new();
    frame.extend(length(head.len() + payload.len() + 16));
    frame.extend(length(head.len()));
    frame.extend(crc32fast::hash(&frame).to_be_bytes());
    frame.extend(head);
    frame.extend_from_slice(payload);
    frame.extend(crc32fast::hash(&frame).to_be_bytes());
    frame
}

/// Responds with a body in these pieces.
#[derive(Debug)]
struct Canned(Vec<Bytes>);

impl Transport for Canned {
    fn send(&self, _: HttpRequest) -> BoxFuture<'static, Result<HttpResponse, TransportError>> {
        let pieces = Pieces(self.0.clone().into_iter());
        Box::pin(async move {
            let response = http::Response::builder();
            let response = response.header("content-type", "application/vnd.amazon.eventstream");
            let response = response.body(Body::stream(pieces, None));
            response.map_err(TransportError::io)
        })
    }
}

struct Pieces(std::vec::IntoIter<Bytes>);

impl futures_core::Stream for Pieces {
    type Item = Result<Bytes, std::io::Error>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(self.0.next().map(Ok))
    }
}

/// A clock that stands still: no limit is reached.
#[derive(Debug)]
struct Still;

impl Clock for Still {
    fn now(&self) -> Duration {
        Duration::ZERO
    }

    fn wall(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH
    }

    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        Box::pin(std::future::pending())
    }

    fn random(&self) -> f64 {
        Rng::with_seed(0).f64()
    }
}
