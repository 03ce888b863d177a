//! The sockets that requests arrive on, and how faults write past the HTTP library.
//!
//! A fault breaks rules that an HTTP library exists to keep: half a body, bytes that aren't HTTP, a
//! reset. So the socket is shared. While a request is being handled the library has nothing to
//! write, and a fault writes its bytes to the socket. What the library writes afterwards, an empty
//! response, is discarded and the connection stays open; or the connection is closed.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::watch;

use super::refusal::Refusals;
use super::socket::RequestSocket;

type Stopped = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A socket that breaks off when the simulator stops.
pub(crate) struct Connection {
    socket: RequestSocket,
    stopped: Stopped,
    refusals: Arc<Refusals>,
}

impl Connection {
    pub(super) fn new(
        socket: RequestSocket,
        mut stopped: watch::Receiver<bool>,
        refusals: Arc<Refusals>,
    ) -> Self {
        let stopped = Box::pin(async move {
            // An error means that the simulator was dropped.
            let _ = stopped.wait_for(|stopped| *stopped).await;
        });
        Self {
            socket,
            stopped,
            refusals,
        }
    }

    pub(super) fn socket(&self) -> &RequestSocket {
        &self.socket
    }

    fn check(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        let aborted = |why| Err(io::Error::new(io::ErrorKind::ConnectionAborted, why));
        if self.socket.is_broken() {
            return aborted("a fault ended the connection");
        }
        match self.stopped.as_mut().poll(context) {
            Poll::Ready(()) => {
                // Polled again it must be ready again, which a finished future cannot be.
                self.stopped = Box::pin(std::future::ready(()));
                aborted("the simulator was stopped")
            }
            Poll::Pending => Ok(()),
        }
    }

    fn poll_write_slices(
        &mut self,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.check(context)?;
        let length = slices.iter().map(|slice| slice.len()).sum();
        if self.socket.is_muted() {
            return Poll::Ready(Ok(length));
        }
        if let Some(refusal) = self.refusals.instead_of(slices) {
            // It is short, and the first and last response on its connection.
            return Poll::Ready(self.socket.tcp().try_write(&refusal).map(|_| length));
        }
        loop {
            ready!(self.socket.tcp().poll_write_ready(context))?;
            match self.socket.tcp().try_write_vectored(slices) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                written => return Poll::Ready(written),
            }
        }
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.check(context)?;
        loop {
            ready!(self.socket.tcp().poll_read_ready(context))?;
            match self.socket.tcp().try_read_buf(buffer) {
                Ok(read) => {
                    if read > 0 {
                        self.socket.unmute();
                    }
                    return Poll::Ready(Ok(()));
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_slices(context, &[io::IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_slices(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    /// Nothing is left to write by then, and the socket, dropped right after, closes by itself.
    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
