//! A request that is short and in memory, on a connection where hyper has nothing to do.
//!
//! It is written to the socket, and its response's head read from it, by whoever waits for it. By
//! way of hyper the request would go through a channel to the connection's task, and the response
//! through two others back.

use std::io::{self, IoSlice};
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use http::{Method, Request, Version};
use hyper::rt::{ReadBuf, Write};

use super::context::lock;
use super::response::{Head, Invalid, Parsed, closes, parse};
use super::wire::{Buffer, Wire, WireBody};
use crate::transport::shared::Outgoing;

/// The most bytes that a head may have, as in hyper.
const MAX_HEAD: usize = 408 << 10;

/// An exchange up to the response's head.
pub(super) struct Exchange {
    wire: Arc<Wire>,
    method: Method,
    head: Vec<u8>,
    body: Bytes,
    /// How much of the two has been written.
    written: usize,
    /// Whether the request has the connection closed after it.
    is_last: bool,
    /// Whether all of it is on its way: over TLS, what is written may wait to be flushed.
    is_sent: bool,
    /// What has been read of a head that is not complete.
    read: Vec<u8>,
    /// Why no more can be sent.
    broken: Option<io::Error>,
}

/// A response's head.
pub(super) struct Received {
    /// `is_last` is set where not all of the request has been sent, too.
    pub(super) head: Head,
    /// What came with it.
    pub(super) first: Bytes,
}

/// Why there is none.
#[derive(Debug)]
pub(super) enum NoHead {
    Broken(io::Error),
    Invalid(Invalid),
}

impl From<io::Error> for NoHead {
    fn from(error: io::Error) -> Self {
        Self::Broken(error)
    }
}

impl Exchange {
    /// The request, if it can go this way, and nothing is known to be wrong with the connection.
    /// What comes on a new one before it is used is taken for the response.
    pub(super) fn of(
        wire: &Arc<Wire>,
        request: &Request<Outgoing>,
        is_reused: bool,
    ) -> Option<Self> {
        let headers = request.headers();
        let has_framing =
            headers.contains_key(CONTENT_LENGTH) || headers.contains_key(TRANSFER_ENCODING);
        let body = request.body().short().filter(|_| !has_framing)?;
        let is_usual = request.version() == Version::HTTP_11 && request.method() != Method::CONNECT;
        if !is_usual || (is_reused && !wire.take_over()) {
            return None;
        }
        Some(Self {
            wire: wire.clone(),
            method: request.method().clone(),
            head: head(request, body.len()),
            body,
            written: 0,
            is_last: closes(headers),
            is_sent: false,
            read: Vec::new(),
            broken: None,
        })
    }

    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<Received, NoHead>> {
        self.send(context);
        let received = ready!(self.poll_head(context));
        Poll::Ready(match (received, self.broken.take()) {
            (Err(NoHead::Broken(_)), Some(error)) => Err(error.into()),
            (received, _) => received,
        })
    }

    /// The body of the response whose head has been read.
    pub(super) fn into_body(self, head: &Head, first: Bytes) -> WireBody {
        let wire = self.wire.clone();
        let rest = (!self.is_sent && self.broken.is_none()).then(|| Box::new(self));
        wire.direct_body(head, first, rest)
    }

    /// Sends what can be sent now.
    pub(super) fn send(&mut self, context: &mut Context<'_>) {
        if self.is_sent || self.broken.is_some() {
            return;
        }
        match self.poll_send(context) {
            Poll::Ready(Ok(())) => self.is_sent = true,
            // The response may be the reason why the server takes no more.
            Poll::Ready(Err(error)) => self.broken = Some(error),
            Poll::Pending => {}
        }
    }

    fn poll_send(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut shared = lock(&self.wire.shared);
        let mut socket = shared.socket()?;
        loop {
            let head = self.head.get(self.written..).unwrap_or_default();
            let body = self.written.saturating_sub(self.head.len());
            let body = self.body.get(body..).unwrap_or_default();
            let count = if head.is_empty() && body.is_empty() {
                return socket.poll_flush(context);
            } else if head.is_empty() {
                ready!(socket.as_mut().poll_write(context, body))?
            } else {
                let both = [IoSlice::new(head), IoSlice::new(body)];
                ready!(socket.as_mut().poll_write_vectored(context, &both))?
            };
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.written += count;
        }
    }

    fn poll_head(&mut self, context: &mut Context<'_>) -> Poll<Result<Received, NoHead>> {
        loop {
            let mut buffer = Buffer::take();
            let mut filled = ReadBuf::new(&mut buffer.0);
            ready!(lock(&self.wire.shared).poll_read_body(context, filled.unfilled()))?;
            let bytes = filled.filled();
            if bytes.is_empty() {
                let why = "the connection was closed before the response";
                let error = io::Error::new(io::ErrorKind::UnexpectedEof, why);
                return Poll::Ready(Err(error.into()));
            }
            let known = self.read.len();
            let received = if known == 0 {
                self.received(bytes)?
            } else {
                self.read.extend_from_slice(bytes);
                if self.read.len() > MAX_HEAD {
                    return Poll::Ready(Err(NoHead::Invalid(Invalid::TooLarge)));
                }
                // However it arrives, it is not parsed again and again.
                if !ends_head(&self.read, known) {
                    continue;
                }
                let read = std::mem::take(&mut self.read);
                self.received(&read)?
            };
            if let Some(received) = received {
                return Poll::Ready(Ok(received));
            }
        }
    }

    /// The response's head, if all of it is in the bytes; what is not used up of them is kept.
    fn received(&mut self, mut bytes: &[u8]) -> Result<Option<Received>, NoHead> {
        loop {
            match parse(bytes, &self.method).map_err(NoHead::Invalid)? {
                Parsed::Informational(end) => bytes = bytes.get(end..).unwrap_or_default(),
                Parsed::Final(end, mut head) => {
                    head.is_last |= self.is_last || !self.is_sent;
                    let first = bytes.get(end..).unwrap_or_default();
                    let first = Bytes::copy_from_slice(first);
                    return Ok(Some(Received { head, first }));
                }
                Parsed::Partial => break,
            }
        }
        self.read = bytes.to_vec();
        Ok(None)
    }
}

/// Whether an empty line ends in the bytes behind the first `known` ones.
fn ends_head(bytes: &[u8], known: usize) -> bool {
    let new = bytes.get(known.saturating_sub(3)..).unwrap_or_default();
    let mut ends = memchr::memchr_iter(b'\n', new);
    ends.any(|at| matches!(new.get(at + 1..), Some([b'\n', ..] | [b'\r', b'\n', ..])))
}

/// The request's head (RFC 9112, sections 3 and 6.2).
fn head(request: &Request<Outgoing>, length: usize) -> Vec<u8> {
    let mut head = Vec::with_capacity(512);
    let mut put = |text: &[u8]| head.extend_from_slice(text);
    put(request.method().as_str().as_bytes());
    put(b" ");
    let uri = request.uri();
    // Only a proxy is given the rest.
    if let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) {
        put(scheme.as_bytes());
        put(b"://");
        put(authority.as_str().as_bytes());
    }
    let path = uri.path_and_query().map_or("", |path| path.as_str());
    // A URL may have a query and no path.
    if !path.starts_with(['/', '*']) {
        put(b"/");
    }
    put(path.as_bytes());
    put(b" HTTP/1.1\r\n");
    for (name, value) in request.headers() {
        put(name.as_str().as_bytes());
        put(b": ");
        put(value.as_bytes());
        put(b"\r\n");
    }
    // Some servers wait for a body where there may be one.
    let may_have_one = [Method::POST, Method::PUT, Method::PATCH].contains(request.method());
    if length > 0 || may_have_one {
        put(b"content-length: ");
        put(length.to_string().as_bytes());
        put(b"\r\n");
    }
    put(b"\r\n");
    head
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;
    use std::sync::Mutex;
    use std::task::Waker;

    use hyper::rt::{Read, ReadBufCursor};
    use hyper_util::client::legacy::connect::{Connected, Connection as Connects};

    use super::super::wire::HyperIo;
    use super::*;
    use crate::pipeline::transport::hyper_1::connect::Connection;
    use crate::transport::Body;

    #[test]
    fn the_end_of_a_head_is_seen_however_it_arrives() {
        for head in [
            "HTTP/1.1 200 OK\r\na: b\r\n\r\n",
            "HTTP/1.1 200 OK\na: b\n\n",
            "a\n\r\n",
        ] {
            let bytes = head.as_bytes();
            for known in 1..bytes.len() {
                assert!(ends_head(bytes, known), "{head:?} after {known}");
                for end in known..bytes.len() {
                    let begun = bytes.get(..end).unwrap();
                    assert!(!ends_head(begun, known), "{begun:?} after {known}");
                }
            }
        }
    }

    /// Takes a few bytes every other time, and flushes at the second try, as TLS over a slow
    /// network; then there is a response, whose head may come before.
    #[derive(Default)]
    struct Slow {
        taken: Arc<Mutex<Vec<u8>>>,
        is_ready: bool,
        flushes: usize,
        /// Of how many bytes the head is there.
        early: Option<usize>,
    }

    const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n";

    impl Read for Slow {
        fn poll_read(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            mut room: ReadBufCursor<'_>,
        ) -> Poll<io::Result<()>> {
            let taken = lock(&self.taken).len();
            if self.early.is_some_and(|early| taken >= early) {
                self.early = None;
                room.put_slice(HEAD);
                return Poll::Ready(Ok(()));
            }
            if self.flushes < 2 {
                return Poll::Pending;
            }
            if self.early.is_none() && room.remaining() > 0 {
                room.put_slice(b"ok");
            }
            Poll::Ready(Ok(()))
        }
    }

    impl Write for Slow {
        fn poll_write(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            bytes: &[u8],
        ) -> Poll<io::Result<usize>> {
            self.is_ready = !self.is_ready;
            if self.is_ready {
                return Poll::Pending;
            }
            let few = bytes.len().min(7);
            lock(&self.taken).extend_from_slice(&bytes[..few]);
            Poll::Ready(Ok(few))
        }

        fn poll_flush(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            self.flushes += 1;
            if self.flushes < 2 {
                return Poll::Pending;
            }
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    impl Connects for Slow {
        fn connected(&self) -> Connected {
            Connected::new()
        }
    }

    fn request(url: &str, body: &'static str) -> Request<Outgoing> {
        let body = Outgoing::new(Body::from(body), &http::Extensions::new());
        let request = Request::post(url).header("a", "b").header("host", "h");
        request.body(body).unwrap()
    }

    const SENT: &str =
        "POST /v1/x?y HTTP/1.1\r\na: b\r\nhost: h\r\ncontent-length: 6\r\n\r\na body";

    /// The server has all of the request before the body of its response comes.
    #[test]
    fn a_request_is_written_and_flushed_to_its_end() {
        for early in [0, 1, 20, SENT.len() - 3, SENT.len()] {
            let slow = Slow {
                early: Some(early),
                ..Slow::default()
            };
            let taken = slow.taken.clone();
            let wire = Wire::new(Connection::new(slow));
            let request = request("/v1/x?y", "a body");
            let mut exchange = Exchange::of(&wire, &request, false).unwrap();
            let context = &mut Context::from_waker(Waker::noop());
            // As often as it has something to do, and no more.
            let received = (0..100).find_map(|_| match exchange.poll(context) {
                Poll::Ready(received) => Some(received.unwrap()),
                Poll::Pending => None,
            });
            let received = received.unwrap();
            assert!(received.head.is_last, "{early}");
            let mut body = exchange.into_body(&received.head, received.first);
            let data = (0..100).find_map(|_| match body.poll_data(context) {
                Poll::Ready(data) => Some(data.unwrap()),
                Poll::Pending => None,
            });
            assert_eq!(data.unwrap(), "ok", "{early}");
            assert_eq!(String::from_utf8_lossy(&lock(&taken)), SENT, "{early}");
        }
    }

    #[test]
    fn hyper_leaves_the_socket_alone_meanwhile() {
        let slow = Slow::default();
        let wire = Wire::new(Connection::new(slow));
        let exchange = Exchange::of(&wire, &request("/", ""), false);
        let context = &mut Context::from_waker(Waker::noop());
        let mut hyper = HyperIo(wire.clone());
        // The socket's would not be over at the first try.
        assert!(Pin::new(&mut hyper).poll_flush(context).is_ready());
        let mut room = [0; 8];
        let mut room = ReadBuf::new(&mut room);
        assert!(
            Pin::new(&mut hyper)
                .poll_read(context, room.unfilled())
                .is_pending()
        );
        drop(exchange);
    }

    #[test]
    fn the_target_of_a_request_begins_with_a_slash() {
        let line = |url: &str| {
            let head = head(&request(url, ""), 0);
            let head = String::from_utf8(head).unwrap();
            head.split("\r\n").next().unwrap().to_owned()
        };
        assert_eq!(line("/a?b"), "POST /a?b HTTP/1.1");
        assert_eq!(line("http://h:1/a"), "POST http://h:1/a HTTP/1.1");
        assert_eq!(line("http://h?x=1"), "POST http://h/?x=1 HTTP/1.1");
        assert_eq!(line("http://h"), "POST http://h/ HTTP/1.1");
        assert_eq!(line("*"), "POST * HTTP/1.1");
        let parts = "http://h?x=1".parse::<http::Uri>().unwrap().into_parts();
        let path = http::Uri::from(parts.path_and_query.unwrap());
        let mut bare = request("/", "");
        *bare.uri_mut() = path;
        assert!(head(&bare, 0).starts_with(b"POST /?x=1 HTTP/1.1\r\n"));
    }
}
