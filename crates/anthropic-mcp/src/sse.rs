//! Events of a server's, with a limit to the size of one.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use anthropic::transport::Body;
use bytes::Bytes;
use futures_core::Stream;
use rmcp::transport::streamable_http_client::SseError;
use sse_stream::{Sse, SseStream};

type Boxed = Pin<Box<dyn Stream<Item = Result<Sse, SseError>> + Send>>;

/// The events of a body.
pub(crate) fn events(body: Body, limit: usize) -> Boxed {
    let limited = Limited {
        body,
        event: Event::default(),
        limit,
        has_ended: false,
    };
    Box::pin(SseStream::from_bytes_stream(limited))
}

/// How much of an event has come.
#[derive(Debug, Default)]
struct Event {
    bytes: usize,
    /// Whether the line so far is empty.
    at_start: bool,
    after_return: bool,
}

impl Event {
    /// Whether no event in these bytes is larger than the limit.
    fn fits(&mut self, chunk: &[u8], limit: usize) -> bool {
        for byte in chunk {
            let is_second = *byte == b'\n' && self.after_return;
            self.after_return = *byte == b'\r';
            if is_second {
                continue;
            }
            if matches!(byte, b'\n' | b'\r') {
                if self.at_start {
                    self.bytes = 0;
                }
                self.at_start = true;
                continue;
            }
            self.at_start = false;
            self.bytes += 1;
            if self.bytes > limit {
                return false;
            }
        }
        true
    }
}

struct Limited {
    body: Body,
    event: Event,
    limit: usize,
    has_ended: bool,
}

/// An event is larger than it may be.
#[derive(Debug)]
struct TooLarge(usize);

impl fmt::Display for TooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an event has more than {} bytes", self.0)
    }
}

impl std::error::Error for TooLarge {}

impl Stream for Limited {
    type Item = Result<Bytes, std::io::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.has_ended {
            return Poll::Ready(None);
        }
        let this = &mut *self;
        let chunk = std::task::ready!(Pin::new(&mut this.body).poll_next(context));
        Poll::Ready(match chunk {
            Some(Ok(chunk)) if this.event.fits(&chunk, this.limit) => Some(Ok(chunk)),
            Some(Ok(_)) => {
                this.has_ended = true;
                Some(Err(std::io::Error::other(TooLarge(this.limit))))
            }
            Some(Err(error)) => {
                this.has_ended = true;
                Some(Err(std::io::Error::other(error)))
            }
            None => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_limited_and_not_their_sum() {
        for text in [
            "data: 1234\n\ndata: 1234\n\n",
            "data: 1234\r\n\r\ndata: 1234\r\r",
            "\n\ndata: 1234",
        ] {
            let fits = |limit| {
                let mut event = Event::default();
                text.bytes().all(|byte| event.fits(&[byte], limit))
            };
            assert!(fits(10) && !fits(9), "{text:?}");
            assert!(Event::default().fits(text.as_bytes(), 10), "{text:?}");
        }
        // Lines of one event add up.
        assert!(!Event::default().fits(b"data: 1\ndata: 2\n", 13));
    }
}
