//! The socket of an HTTP/1 connection, which hyper and the reader of a response have in common.
//!
//! hyper looks after the connection between two exchanges. Of one whose request is short it knows
//! nothing (`direct.rs`). Others it sends, and parses the heads of their responses; a body in
//! chunks is read and decoded by its reader, and hyper is shown another one in its place. In hyper
//! each event would wake the connection's task, that one the reader, and the reader the task again.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker, ready};

use bytes::Bytes;
use http_body::Body as _;
use hyper::body::Incoming;
use hyper::rt::{Read, ReadBuf, ReadBufCursor, Write};

use super::buffer::{Buffer, ROOM};
use super::connect::Connection;
use super::context::lock;
use super::direct::Exchange;
use super::head::{self, Seen};
use super::response::{Decoder, Framing, Head};

/// The body that hyper is shown. It has a byte of data, since hyper reads no further before that is
/// taken: it would need a second buffer while the head is in the first.
const SHOWN: &[u8] = b"1\r\n-\r\n0\r\n\r\n";

/// A socket, and who reads it.
pub(super) struct Wire {
    pub(super) shared: Mutex<Shared>,
    /// Whether hyper has all of the request.
    is_sent: Arc<AtomicBool>,
}

pub(super) struct Shared {
    /// Until hyper gives it up.
    socket: Option<Connection>,
    reader: Reader,
    /// hyper's, while it waits for the next response or the connection's end.
    hyper: Option<Waker>,
    /// Why the request can't be made.
    fault: Option<hyper::Error>,
}

enum Reader {
    /// hyper, as if there were nothing between.
    Hyper,
    /// hyper, up to the end of a head.
    Head(head::Head),
    Body(Taken),
    /// A request that hyper knows nothing of; the waker is that of whoever reads its response.
    Direct(Option<Waker>),
}

/// That a body is read past hyper.
struct Taken {
    /// What hyper has yet to read of the body that it is shown.
    shown: &'static [u8],
    /// What came with the head, in chunks.
    first: Vec<u8>,
    /// hyper's, which waits for what comes next.
    hyper: Option<Waker>,
    /// That of whoever reads the body.
    reader: Option<Waker>,
    /// Whether hyper is done with the connection, which is left to the reader.
    is_left: bool,
}

impl Wire {
    pub(super) fn new(socket: Connection) -> Arc<Self> {
        let shared = Shared {
            socket: Some(socket),
            // Nothing is to be read before it is known who does.
            reader: Reader::Direct(None),
            hyper: None,
            fault: None,
        };
        Arc::new(Self {
            shared: Mutex::new(shared),
            is_sent: Arc::default(),
        })
    }

    /// A request is about to be sent; to be set when all of it is.
    pub(super) fn sends(&self) -> Arc<AtomicBool> {
        self.is_sent.store(false, Ordering::Release);
        self.is_sent.clone()
    }

    /// Whether hyper has all of the request.
    pub(super) fn is_sent(&self) -> bool {
        self.is_sent.load(Ordering::Acquire)
    }

    /// hyper is about to send a request, and to read the response's head.
    pub(super) fn expect_head(&self, has_body: bool) {
        lock(&self.shared).reader = if has_body {
            Reader::Head(head::Head::default())
        } else {
            Reader::Hyper
        };
    }

    /// The body of the response whose head has been read, where it is in chunks; `shown` is what
    /// hyper gives for it.
    pub(super) fn body(self: &Arc<Self>, shown: Incoming) -> Result<WireBody, Incoming> {
        let mut body = match &mut lock(&self.shared).reader {
            Reader::Body(taken) => WireBody {
                wire: self.clone(),
                shown: Some(shown),
                decoder: Decoder::of(Framing::Chunked),
                first: std::mem::take(&mut taken.first),
                rest: None,
                is_followed: false,
                is_last: false,
                broken: None,
            },
            _ => return Err(shown),
        };
        // Mostly it is there already, and the sooner it is taken, the sooner hyper is done.
        let _ = body.poll_shown(&mut Context::from_waker(Waker::noop()));
        Ok(body)
    }

    /// hyper is done with the connection: the server closes it after this response, or takes no
    /// more of the request. What there is of the response can be read all the same.
    pub(super) fn leave(&self) {
        if let Reader::Body(taken) = &mut lock(&self.shared).reader {
            taken.is_left = true;
        }
    }

    /// The request can't be made to its end, and the server may wait for it.
    pub(super) fn fail(&self, error: hyper::Error) {
        lock(&self.shared).fault = Some(error);
    }

    /// Whether hyper waits for a request, and nothing has come since the last response; if so, what
    /// comes from here on is not for hyper.
    pub(super) fn take_over(&self) -> bool {
        let mut shared = lock(&self.shared);
        let is_idle = shared.poll_nothing(Waker::noop());
        if is_idle {
            shared.reader = Reader::Direct(None);
        }
        is_idle
    }

    /// The body of a response to a request that hyper knows nothing of.
    pub(super) fn direct_body(
        self: &Arc<Self>,
        head: &Head,
        first: Bytes,
        rest: Option<Box<Exchange>>,
    ) -> WireBody {
        WireBody {
            wire: self.clone(),
            shown: None,
            decoder: Decoder::of(head.framing),
            first: first.into(),
            rest,
            is_followed: false,
            is_last: head.is_last,
            broken: None,
        }
    }

    /// Nothing more is to be sent.
    pub(super) fn close(&self) {
        lock(&self.shared).shut_down();
    }

    /// Leaves the connection to hyper, which is woken when something comes.
    fn give_back(&self, is_last: bool) -> bool {
        let mut shared = lock(&self.shared);
        shared.reader = Reader::Hyper;
        if is_last {
            shared.shut_down();
            return false;
        }
        let hyper = shared.hyper.clone();
        hyper.is_some_and(|hyper| shared.poll_nothing(&hyper))
    }

    /// hyper looks after the connection again, if it has seen the end of the message.
    fn release(&self, is_last: bool) -> bool {
        let mut shared = lock(&self.shared);
        let taken = match &mut shared.reader {
            Reader::Body(taken) => taken,
            Reader::Direct(_) => {
                drop(shared);
                return self.give_back(is_last);
            }
            _ => return false,
        };
        if !taken.shown.is_empty() {
            return false;
        }
        if taken.is_left {
            shared.shut_down();
            return false;
        }
        let hyper = taken.hyper.take();
        shared.reader = Reader::Hyper;
        drop(shared);
        if let Some(hyper) = hyper {
            hyper.wake();
        }
        true
    }
}

/// The body of a response, in chunks.
pub(super) struct WireBody {
    wire: Arc<Wire>,
    /// Until its data has come. Before that, hyper would take its end for that of a reader who has
    /// gone, and end the connection with what is left of the request.
    shown: Option<Incoming>,
    decoder: Decoder,
    /// What came with the head.
    first: Vec<u8>,
    /// What is left of the request.
    rest: Option<Box<Exchange>>,
    /// Whether more came than the body.
    is_followed: bool,
    /// Whether the connection can't be used again.
    is_last: bool,
    /// What is wrong behind the data that has been given out.
    broken: Option<io::Error>,
}

impl WireBody {
    /// The next data of the body; nothing at its end.
    pub(super) fn poll_data(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Bytes>> {
        ready!(self.poll_shown(context));
        if let Some(rest) = &mut self.rest {
            // A server may wait for it before it goes on.
            rest.send(context);
        }
        if let Some(error) = self.broken.take() {
            return Poll::Ready(Err(error));
        }
        let first = std::mem::take(&mut self.first);
        let mut data = self.decode(&first)?;
        while data.is_empty() && !self.is_over() {
            data = ready!(self.poll_read(context))?;
        }
        Poll::Ready(Ok(data))
    }

    /// Takes what hyper gives.
    fn poll_shown(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if let Some(shown) = &mut self.shown {
            // Where it is an error, the socket has it, too.
            let _ = ready!(Pin::new(shown).poll_frame(context));
            self.shown = None;
        }
        Poll::Ready(())
    }

    fn poll_read(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Bytes>> {
        let mut buffer = Buffer::take();
        let mut read = ReadBuf::new(&mut buffer.0);
        ready!(lock(&self.wire.shared).poll_read_body(context, read.unfilled()))?;
        Poll::Ready(match read.filled() {
            [] => self.decoder.end().map(|()| Bytes::new()),
            wire => self.decode(wire),
        })
    }

    fn decode(&mut self, mut wire: &[u8]) -> io::Result<Bytes> {
        let (data, done) = self.decoder.decode(&mut wire);
        if !wire.is_empty() {
            self.is_followed = true;
        }
        match done {
            Err(error) if data.is_empty() => return Err(error),
            Err(error) => self.broken = Some(error),
            Ok(()) => {}
        }
        Ok(data)
    }

    /// Whether all of it has been read.
    pub(super) fn is_over(&self) -> bool {
        self.decoder.is_over()
    }

    /// All of it, where it has come and is not in chunks.
    pub(super) fn whole(&mut self) -> Option<Bytes> {
        if !self.decoder.ends_after(self.first.len()) {
            return None;
        }
        Some(std::mem::take(&mut self.first).into())
    }

    /// What is left of the request, of which a server may do without the response's reader.
    pub(super) fn take_rest(&mut self) -> Option<Box<Exchange>> {
        self.rest.take().filter(|rest| rest.is_unfinished())
    }

    /// Leaves the connection to hyper, after the body's end; whether another request may use it.
    pub(super) fn release(self) -> bool {
        self.is_over() && !self.is_followed && self.wire.release(self.is_last)
    }
}

impl Shared {
    /// Whether nothing has come, and nothing has ended; the waker is woken when that changes. A
    /// connection on which something has come can't be used any more.
    fn poll_nothing(&mut self, waker: &Waker) -> bool {
        let mut byte = [0];
        let mut read = ReadBuf::new(&mut byte);
        let Ok(socket) = self.socket() else {
            return false;
        };
        let polled = socket.poll_read(&mut Context::from_waker(waker), read.unfilled());
        if !read.filled().is_empty() {
            self.socket = None;
        }
        polled.is_pending()
    }

    /// As hyper would have: over TLS, the end of a connection is a message of its own. What can't
    /// be written at once isn't waited for.
    fn shut_down(&mut self) {
        if let Ok(socket) = self.socket() {
            let _ = socket.poll_shutdown(&mut Context::from_waker(Waker::noop()));
        }
    }

    pub(super) fn socket(&mut self) -> io::Result<Pin<&mut Connection>> {
        match &mut self.socket {
            Some(socket) => Ok(Pin::new(socket)),
            None => Err(match self.fault.take() {
                Some(fault) => io::Error::other(fault),
                None => ended("the connection ended before the body did"),
            }),
        }
    }

    pub(super) fn poll_read_body(
        &mut self,
        context: &mut Context<'_>,
        room: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let read = self.socket()?.poll_read(context, room);
        if read.is_pending() {
            match &mut self.reader {
                Reader::Body(taken) => note(&mut taken.reader, context),
                Reader::Direct(reader) => note(reader, context),
                Reader::Hyper | Reader::Head(_) => {}
            }
        }
        read
    }

    /// hyper reads a head, at whose end the reader may change.
    fn poll_read_head(
        &mut self,
        context: &mut Context<'_>,
        mut room: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let mut buffer = Buffer::take();
        let length = room.remaining().saturating_sub(SHOWN.len());
        let mut read = ReadBuf::new(&mut buffer.0[..length.clamp(1, ROOM)]);
        ready!(self.socket()?.poll_read(context, read.unfilled()))?;
        let bytes = read.filled();
        let Reader::Head(head) = &mut self.reader else {
            return Poll::Ready(Ok(()));
        };
        let seen = head.look(bytes);
        if let Seen::Chunked(end) = seen {
            let (head, body) = bytes.split_at(end);
            // Unless all of it is there.
            if !body.ends_with(b"0\r\n\r\n") {
                room.put_slice(head);
                let mut taken = Taken::new(body);
                taken.show(room);
                self.reader = Reader::Body(taken);
                return Poll::Ready(Ok(()));
            }
        }
        room.put_slice(bytes);
        if seen != Seen::Unfinished {
            self.reader = Reader::Hyper;
        }
        Poll::Ready(Ok(()))
    }
}

fn ended(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, why)
}

fn note(place: &mut Option<Waker>, context: &Context<'_>) {
    match place {
        Some(waker) => waker.clone_from(context.waker()),
        None => *place = Some(context.waker().clone()),
    }
}

/// The side of hyper.
pub(super) struct HyperIo(pub(super) Arc<Wire>);

impl Drop for HyperIo {
    /// Where hyper has not left the connection to the reader, somebody or its runtime has ended it.
    fn drop(&mut self) {
        let mut shared = lock(&self.0.shared);
        let reader = match &mut shared.reader {
            Reader::Body(taken) if taken.is_left => return,
            Reader::Body(taken) => taken.reader.take(),
            Reader::Direct(reader) => reader.take(),
            Reader::Hyper | Reader::Head(_) => None,
        };
        let socket = shared.socket.take();
        drop(shared);
        drop(socket);
        if let Some(reader) = reader {
            reader.wake();
        }
    }
}

impl Read for HyperIo {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        room: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let mut shared = lock(&self.0.shared);
        match &mut shared.reader {
            Reader::Hyper => {
                note(&mut shared.hyper, context);
                shared.socket()?.poll_read(context, room)
            }
            Reader::Direct(_) => {
                note(&mut shared.hyper, context);
                Poll::Pending
            }
            Reader::Head(_) => shared.poll_read_head(context, room),
            Reader::Body(taken) => taken.poll_read(context, room),
        }
    }
}

impl Taken {
    fn new(first: &[u8]) -> Self {
        Self {
            shown: SHOWN,
            first: first.to_vec(),
            hyper: None,
            reader: None,
            is_left: false,
        }
    }

    fn show(&mut self, mut room: ReadBufCursor<'_>) {
        let (now, later) = self.shown.split_at(self.shown.len().min(room.remaining()));
        room.put_slice(now);
        self.shown = later;
    }

    fn poll_read(
        &mut self,
        context: &Context<'_>,
        room: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        if self.shown.is_empty() {
            note(&mut self.hyper, context);
            return Poll::Pending;
        }
        self.show(room);
        Poll::Ready(Ok(()))
    }
}

impl Write for HyperIo {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        lock(&self.0.shared).socket()?.poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut shared = lock(&self.0.shared);
        if matches!(shared.reader, Reader::Direct(_)) {
            // hyper has written nothing, and a socket wakes one writer.
            return Poll::Ready(Ok(()));
        }
        shared.socket()?.poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut shared = lock(&self.0.shared);
        if matches!(shared.reader, Reader::Body(_)) {
            // The response is yet to be read.
            return Poll::Ready(Ok(()));
        }
        shared.socket()?.poll_shutdown(context)
    }

    fn is_write_vectored(&self) -> bool {
        let mut shared = lock(&self.0.shared);
        shared
            .socket()
            .is_ok_and(|socket| socket.is_write_vectored())
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        lock(&self.0.shared)
            .socket()?
            .poll_write_vectored(context, buffers)
    }
}

#[cfg(test)]
mod tests;
