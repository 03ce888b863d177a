//! The running simulator: its socket, its task, and how both end.
//!
//! Dropping a [`Simulator`] frees the port before `drop` returns, so that a test may bind it again at once. That
//! takes three things: the listener is shared with the accepting task and taken out on drop; the task is aborted;
//! and open connections, which the HTTP library runs in tasks of its own, fail at their next poll.

use std::{
    fmt,
    future::poll_fn,
    io,
    net::{Ipv4Addr, SocketAddr},
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
};

use crate::{
    builder::{Builder, Config},
    messages::{Rule, When},
    record::RecordedRequest,
    reply::Reply,
    routes::router,
    state::{App, State, lock},
};

const API_KEY: &str = "sk-ant-sim-any-key-will-do";

/// A simulator that is answering on 127.0.0.1 until it is dropped.
pub struct Simulator {
    app: App,
    listener: Shared,
    task: JoinHandle<io::Result<()>>,
    stop: watch::Sender<bool>,
}

type Shared = Arc<Mutex<Option<TcpListener>>>;

impl Simulator {
    /// Starts on a free port of 127.0.0.1 with the default settings, on the tokio runtime this is called from.
    pub async fn start() -> io::Result<Self> {
        Self::builder().start().await
    }

    /// Starts to set one up.
    pub fn builder() -> Builder {
        Builder::default()
    }

    pub(crate) async fn launch(config: Config) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, config.port)).await?;
        let address = listener.local_addr()?;
        let app = Arc::new(State::new(format!("http://{address}"), config));
        let listener: Shared = Arc::new(Mutex::new(Some(listener)));
        let (stop, stopped) = watch::channel(false);
        let door = Door {
            listener: Arc::clone(&listener),
            address,
            stopped,
        };
        let service = axum::serve(door, router(Arc::clone(&app)));
        let task = tokio::spawn(service.into_future());
        Ok(Self {
            app,
            listener,
            task,
            stop,
        })
    }

    /// Where it answers, such as `http://127.0.0.1:4010`.
    pub fn url(&self) -> &str {
        &self.app.url
    }

    /// A key that works here and nowhere else.
    pub fn api_key(&self) -> &str {
        self.app.config.accepted_key.as_deref().unwrap_or(API_KEY)
    }

    /// The requests received so far, oldest first.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.app.recorder.all()
    }

    /// Queues another reply, as [`Builder::reply`] does before the start.
    pub fn reply(&self, reply: Reply) {
        lock(&self.app.config.replies).push_back(reply);
    }

    /// Adds a rule, as [`Builder::when`] does before the start.
    pub fn when(&self, when: When, reply: Reply) {
        lock(&self.app.config.rules).push(Rule::new(when, reply));
    }

    /// What the simulator's clock shows.
    pub fn now(&self) -> SystemTime {
        // A clock that was moved beyond what the system can say starts over.
        let now = UNIX_EPOCH.checked_add(self.app.clock.now());
        now.unwrap_or(UNIX_EPOCH)
    }

    /// Moves the simulator's clock: batches end, files expire.
    pub fn advance(&self, by: Duration) {
        self.app.clock.advance(by);
    }
}

impl fmt::Debug for Simulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulator")
            .field("url", &self.url())
            .finish_non_exhaustive()
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        self.task.abort();
        drop(lock(&self.listener).take());
    }
}

/// Accepts connections for as long as the listener is there.
struct Door {
    listener: Shared,
    address: SocketAddr,
    stopped: watch::Receiver<bool>,
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
                    return (Connection::new(socket, self.stopped.clone()), peer);
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
struct Connection {
    socket: TcpStream,
    stopped: Stopped,
}

impl Connection {
    fn new(socket: TcpStream, mut stopped: watch::Receiver<bool>) -> Self {
        let stopped = Box::pin(async move {
            // An error means that the simulator is gone, which is as good as told to stop.
            let _ = stopped.wait_for(|stopped| *stopped).await;
        });
        Self { socket, stopped }
    }

    fn check(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        match self.stopped.as_mut().poll(context) {
            Poll::Ready(()) => {
                // Polled again it must say the same, which a finished future can't.
                self.stopped = Box::pin(std::future::ready(()));
                Err(io::Error::new(
                    io::ErrorKind::ConnectionAborted,
                    "the simulator was stopped",
                ))
            }
            Poll::Pending => Ok(()),
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
        Pin::new(&mut self.socket).poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check(context)?;
        Pin::new(&mut self.socket).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.check(context)?;
        Pin::new(&mut self.socket).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(context)
    }
}
