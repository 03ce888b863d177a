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

use super::buffer::Buffer;
use super::context::lock;
use super::response::{Head, Invalid, Parsed, closes, parse};
use super::wire::{Wire, WireBody};
use crate::transport::shared::Outgoing;

/// The most bytes that a head may have, as in hyper, with the informational ones before it.
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
    sending: Sending,
    /// What has been read of a head that is not complete.
    read: Vec<u8>,
    /// The bytes of the heads before it.
    heads: usize,
}

/// How far a request has come.
enum Sending {
    /// Some of it is still here: over TLS, what is written may wait to be flushed.
    Unfinished,
    Done,
    /// No more can be sent, and why.
    Broken(io::Error),
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
            sending: Sending::Unfinished,
            read: Vec::new(),
            heads: 0,
        })
    }

    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<Received, NoHead>> {
        self.send(context);
        let received = ready!(self.poll_head(context));
        Poll::Ready(received.map_err(|why| self.first_cause(why)))
    }

    /// A connection that is broken is mostly seen to be so by the writer first.
    fn first_cause(&mut self, why: NoHead) -> NoHead {
        match (why, std::mem::replace(&mut self.sending, Sending::Done)) {
            (NoHead::Broken(_), Sending::Broken(error)) => error.into(),
            (why, _) => why,
        }
    }

    /// The body of the response whose head has been read.
    pub(super) fn into_body(self, head: &Head, first: Bytes) -> WireBody {
        let wire = self.wire.clone();
        let rest = self.is_unfinished().then(|| Box::new(self));
        wire.direct_body(head, first, rest)
    }

    /// Sends what can be sent now.
    pub(super) fn send(&mut self, context: &mut Context<'_>) {
        if !self.is_unfinished() {
            return;
        }
        self.sending = match self.poll_send(context) {
            Poll::Ready(Ok(())) => Sending::Done,
            // The response may be the reason why the server takes no more.
            Poll::Ready(Err(error)) => Sending::Broken(error),
            Poll::Pending => Sending::Unfinished,
        };
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
                // However it arrives, it is not parsed again and again.
                if !ends_head(&self.read, known) {
                    self.check_size(self.read.len())?;
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
            // Those are skipped (RFC 9112, section 2.2), and kept they would be parsed again.
            let blank = blank_lines(bytes);
            self.heads += blank;
            bytes = bytes.get(blank..).unwrap_or_default();
            self.check_size(bytes.len().min(1))?;
            match parse(bytes, &self.method).map_err(NoHead::Invalid)? {
                Parsed::Informational(end) => {
                    self.heads += end;
                    bytes = bytes.get(end..).unwrap_or_default();
                }
                Parsed::Final(end, mut head) => {
                    self.check_size(end)?;
                    head.is_last |= self.is_last || !matches!(self.sending, Sending::Done);
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

    /// Heads may not come without end either, where each is short.
    fn check_size(&self, bytes: usize) -> Result<(), NoHead> {
        if self.heads.saturating_add(bytes) > MAX_HEAD {
            return Err(NoHead::Invalid(Invalid::TooLarge));
        }
        Ok(())
    }

    /// Whether some of it has yet to be sent.
    pub(super) fn is_unfinished(&self) -> bool {
        matches!(self.sending, Sending::Unfinished)
    }

    /// Sends the rest of it.
    pub(super) fn poll_rest(&mut self, context: &mut Context<'_>) -> Poll<()> {
        self.send(context);
        if self.is_unfinished() {
            return Poll::Pending;
        }
        self.wire.close();
        Poll::Ready(())
    }
}

/// How many bytes at the beginning are of empty lines.
fn blank_lines(bytes: &[u8]) -> usize {
    let mut end = 0;
    loop {
        match bytes.get(end..) {
            Some([b'\n', ..]) => end += 1,
            Some([b'\r', b'\n', ..]) => end += 2,
            _ => return end,
        }
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
mod tests;
