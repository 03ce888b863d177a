//! HTTP/2 connections: how many requests one carries, whether it is alive, and when it is used no
//! more.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::client::conn::http2;
use hyper::rt::Executor;
use hyper_util::rt::TokioTimer;

use super::connect::Connection;
use super::context::{Activity, LocalContext, lock, millis};
use super::host::Host;
use crate::clock::{Clock, TokioClock};
use crate::transport::TransportError;
use crate::transport::shared::{CONNECTION_WINDOW, Outgoing, STREAM_WINDOW};

/// The most requests on one connection, whatever the server allows: as many as the connection's
/// window has room for.
const MAX_STREAMS: usize = (CONNECTION_WINDOW / STREAM_WINDOW) as usize;
/// A connection that received nothing for this long when a request was given up is not used again.
/// One that is alive replies to pings, but no server has to send anything sooner.
const SILENT: Duration = Duration::from_secs(2);

/// The longest head of a response, in bytes.
const MAX_HEAD: u32 = 256 << 10;

/// What stands for the server's limit until the server has named it, which it does at once. No
/// server can name this.
const UNKNOWN: usize = usize::MAX - 1;

/// An HTTP/2 connection.
pub(super) struct Multiplexed {
    sender: http2::SendRequest<Outgoing>,
    streams: AtomicUsize,
    /// Asked for what the server allows; a task drives it.
    connection: Arc<Mutex<Option<Running>>>,
    /// Not used for further requests.
    is_doomed: AtomicBool,
    idle_since: AtomicU64,
    activity: Arc<Activity>,
}

type Running = http2::Connection<Connection, Outgoing, Spawner>;

/// Runs hyper's tasks beside the one that drives the connection.
#[derive(Clone)]
struct Spawner(Arc<LocalContext>);

impl<F: Future<Output = ()> + Send + 'static> Executor<F> for Spawner {
    fn execute(&self, future: F) {
        self.0.spawn(Box::pin(future));
    }
}

impl Multiplexed {
    /// Begins to speak HTTP/2; the connection is then driven by a task.
    pub(super) async fn start(
        io: Connection,
        host: &Arc<Host>,
    ) -> Result<Arc<Self>, TransportError> {
        let settings = &host.context.settings;
        let activity = io.activity.clone();
        activity.note();
        let mut builder = http2::Builder::new(Spawner(host.context.clone()));
        builder
            .timer(TokioTimer::new())
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .max_header_list_size(MAX_HEAD)
            .initial_max_send_streams(UNKNOWN);
        if let Some(interval) = settings.http2_keep_alive {
            builder
                .keep_alive_interval(interval)
                // hyper takes a connection for idle whose requests have no response yet.
                .keep_alive_while_idle(true)
                .keep_alive_timeout(interval);
        }
        let (sender, connection) = builder.handshake(io).await.map_err(TransportError::io)?;
        let connection = Arc::new(Mutex::new(Some(connection)));
        let driver = Driver {
            connection: connection.clone(),
            host: Arc::downgrade(host),
        };
        host.context.spawn(Box::pin(driver));
        Ok(Arc::new(Self {
            sender,
            streams: AtomicUsize::new(0),
            connection,
            is_doomed: AtomicBool::new(false),
            idle_since: AtomicU64::new(millis(TokioClock.now())),
            activity,
        }))
    }

    /// How many requests it carries at most; one while the server's limit isn't known.
    pub(super) fn limit(&self) -> usize {
        match self.allowed() {
            UNKNOWN => 1,
            limit => limit.min(MAX_STREAMS),
        }
    }

    /// Whether the server has yet to name its limit.
    pub(super) fn is_new(&self) -> bool {
        self.allowed() == UNKNOWN
    }

    fn allowed(&self) -> usize {
        let connection = lock(&self.connection);
        connection
            .as_ref()
            .map_or(0, Running::current_max_send_streams)
    }

    pub(super) fn is_usable(&self) -> bool {
        !self.is_doomed.load(Ordering::Relaxed) && !self.sender.is_closed()
    }

    /// Since when it has carried nothing.
    pub(super) fn idle_since(&self) -> Option<Duration> {
        let is_idle = self.streams.load(Ordering::Acquire) == 0;
        is_idle.then(|| Duration::from_millis(self.idle_since.load(Ordering::Relaxed)))
    }

    fn doom(&self) {
        self.is_doomed.store(true, Ordering::Relaxed);
    }
}

/// A request's place on an HTTP/2 connection.
pub(super) struct Slot {
    connection: Arc<Multiplexed>,
    host: Arc<Host>,
    began: Duration,
}

impl Slot {
    /// A place, if there is one. Called under the host's lock, so that none is taken twice.
    pub(super) fn take(connection: &Arc<Multiplexed>, host: &Arc<Host>) -> Option<Self> {
        let taken = connection.streams.load(Ordering::Acquire);
        (taken < connection.limit()).then(|| Self::first(connection, host))
    }

    /// A place that is there for certain.
    pub(super) fn first(connection: &Arc<Multiplexed>, host: &Arc<Host>) -> Self {
        connection.streams.fetch_add(1, Ordering::AcqRel);
        Self {
            connection: connection.clone(),
            host: host.clone(),
            began: TokioClock.now(),
        }
    }

    pub(super) fn sender(&self) -> http2::SendRequest<Outgoing> {
        self.connection.sender.clone()
    }

    /// The request was given up before its response had ended. A head that was due and didn't come,
    /// or a connection that has received nothing for long, is reason enough to make another
    /// connection for the next request.
    pub(super) fn give_up(&self, due: Option<Duration>) {
        let now = TokioClock.now();
        let is_late = due.is_some_and(|due| now >= due);
        let heard = self.connection.activity.last().max(self.began);
        if is_late || now.saturating_sub(heard) >= SILENT {
            self.connection.doom();
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let connection = &self.connection;
        connection
            .idle_since
            .store(millis(TokioClock.now()), Ordering::Relaxed);
        if connection.streams.fetch_sub(1, Ordering::AcqRel) == 1 {
            let context = &self.host.context;
            if connection.is_usable() {
                context.wake_reaper();
            } else {
                context.has_unusable.store(true, Ordering::Release);
                context.reaper.notify_one();
            }
        }
        self.host.changed.notify_one();
    }
}

/// Drives a connection to its end, or to its runtime's.
struct Driver {
    connection: Arc<Mutex<Option<Running>>>,
    host: Weak<Host>,
}

impl Future for Driver {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        match lock(&self.connection).as_mut() {
            // What fails here fails for the requests, too, which report it.
            Some(running) => Pin::new(running).poll(context).map(drop),
            None => Poll::Ready(()),
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // With it goes the other end of what requests are sent through, so that none waits there.
        let ended = lock(&self.connection).take();
        drop(ended);
        if let Some(host) = self.host.upgrade() {
            host.changed.notify_waiters();
        }
    }
}
