//! The sockets that requests come in on, and the way past the HTTP library that faults need.
//!
//! A fault breaks rules that an HTTP library exists to keep: half a body, bytes that aren't HTTP, a reset. So the
//! socket is shared. While a request is being answered the library has nothing to write; a fault writes its bytes
//! to the socket then. What the library adds afterwards, an empty answer, is swallowed, and the connection goes on; or the
//! line is broken off, and the connection with it.

use std::{
    future::poll_fn,
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU8, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::{extract::connect_info::Connected, serve::IncomingStream};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::watch,
};

use crate::{
    refusal,
    state::{App, lock},
};

pub(crate) type Shared = Arc<Mutex<Option<TcpListener>>>;

/// The socket of a request, for those who go past the HTTP library.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    socket: Arc<TcpStream>,
    mode: Arc<AtomicU8>,
}

/// The library writes to the socket.
const OPEN: u8 = 0;
/// What the library writes goes nowhere, until the next request.
const MUTED: u8 = 1;
/// The connection is over.
const BROKEN: u8 = 2;

impl Line {
    pub(crate) fn socket(&self) -> &TcpStream {
        &self.socket
    }

    pub(crate) fn mute(&self) {
        self.mode.store(MUTED, Ordering::Relaxed);
    }

    pub(crate) fn break_off(&self) {
        self.mode.store(BROKEN, Ordering::Relaxed);
    }

    /// Told when another request begins.
    pub(crate) fn unmute(&self) {
        // A line that is broken stays so, and then the exchange fails, which is as well.
        let _ = self
            .mode
            .compare_exchange(MUTED, OPEN, Ordering::Relaxed, Ordering::Relaxed);
    }
}

impl Connected<IncomingStream<'_, Door>> for Line {
    fn connect_info(stream: IncomingStream<'_, Door>) -> Self {
        stream.io().line.clone()
    }
}

/// Accepts connections for as long as the listener is there.
pub(crate) struct Door {
    pub(crate) listener: Shared,
    pub(crate) address: SocketAddr,
    pub(crate) stopped: watch::Receiver<bool>,
    pub(crate) app: App,
}

impl axum::serve::Listener for Door {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        loop {
            let accepted = poll_fn(|context| match lock(&self.listener).as_ref() {
                Some(listener) => listener.poll_accept(context),
                None => Poll::Pending,
            });
            match accepted.await {
                Ok((socket, peer)) => {
                    // Events are small; each should leave at once. A socket that refuses is merely slower.
                    let _ = socket.set_nodelay(true);
                    return (
                        Connection::new(socket, self.stopped.clone(), Arc::clone(&self.app)),
                        peer,
                    );
                }
                // Out of descriptors, most likely: the only way on is to let connections end.
                Err(_) => crate::clock::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

type Stopped = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A socket that breaks off when the simulator stops.
pub(crate) struct Connection {
    line: Line,
    stopped: Stopped,
    app: App,
}

impl Connection {
    fn new(socket: TcpStream, mut stopped: watch::Receiver<bool>, app: App) -> Self {
        let stopped = Box::pin(async move {
            // An error means that the simulator is gone, which is as good as told to stop.
            let _ = stopped.wait_for(|stopped| *stopped).await;
        });
        let line = Line {
            socket: Arc::new(socket),
            mode: Arc::new(AtomicU8::new(OPEN)),
        };
        Self { line, stopped, app }
    }

    fn check(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        let aborted = |why| Err(io::Error::new(io::ErrorKind::ConnectionAborted, why));
        if self.line.mode.load(Ordering::Relaxed) == BROKEN {
            return aborted("a fault ended the connection");
        }
        match self.stopped.as_mut().poll(context) {
            Poll::Ready(()) => {
                // Polled again it must say the same, which a finished future can't.
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
        if self.line.mode.load(Ordering::Relaxed) == MUTED {
            return Poll::Ready(Ok(length));
        }
        if let Some(refusal) = refusal::instead_of(slices, &self.app) {
            // It is short, and the first and last on its connection.
            return Poll::Ready(self.line.socket.try_write(&refusal).map(|_| length));
        }
        loop {
            ready!(self.line.socket.poll_write_ready(context))?;
            match self.line.socket.try_write_vectored(slices) {
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
            ready!(self.line.socket.poll_read_ready(context))?;
            match self.line.socket.try_read_buf(buffer) {
                Ok(read) => {
                    if read > 0 {
                        self.line.unmute();
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

    /// Nothing is left to say by then, and the socket, dropped right after, closes by itself.
    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
