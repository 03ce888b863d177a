//! The connections to one host on one runtime, and who gets which.
//!
//! An HTTP/1 connection carries one request at a time and lies in the pool between two. An HTTP/2
//! connection is shared, up to the number of streams that the server allows; when all are full
//! another one is opened, up to a limit of ours. Where a server may choose HTTP/2, the first
//! request makes the connection and the others wait for its outcome, since they would all fit on
//! it.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use http::uri::Scheme;
use http::{HeaderValue, Uri};
use hyper::client::conn::http1;
use tokio::sync::Notify;
use tokio::task::AbortHandle;

use super::connect::{Connection, Connector};
use super::context::{Key, LocalContext, lock};
use super::direct::Exchange;
use super::multiplexed::{Multiplexed, Slot};
use super::proxy::{Proxies, target};
use super::response::MAX_HEADERS;
use super::wire::{HyperIo, Wire};
use crate::clock::{Clock, TokioClock, earliest};
use crate::transport::TransportError;
use crate::transport::shared::Outgoing;
use crate::transport::unreachable::Proxied;

/// When a connection whose server has yet to name its limit is looked at again; each time it is
/// twice as long.
const FIRST_LOOK: Duration = Duration::from_millis(1);
const LAST_LOOK: Duration = Duration::from_millis(64);

/// How long a connection is waited for whose response has been read: its task has to run once,
/// unless the server doesn't take the end of the request.
const RETURN: Duration = Duration::from_millis(50);

/// How long a request's body may go on after its response has been read. A server that has
/// responded early may never take the rest, and connection and body would stay for ever.
const REST_OF_BODY: Duration = Duration::from_secs(30);

/// The connections to one host.
pub(super) struct Host {
    pub(super) key: Key,
    /// The value of the header `host` in HTTP/1, in the case of the first request.
    name: Option<HeaderValue>,
    /// The proxy that reads the requests.
    pub(super) proxied: Option<Proxied>,
    pub(super) context: Arc<LocalContext>,
    state: Mutex<State>,
    /// Somebody may have a connection now.
    pub(super) changed: Notify,
}

#[derive(Default)]
struct State {
    /// HTTP/1, the one used last at the end.
    idle: Vec<Idle>,
    /// HTTP/2.
    shared: Vec<Arc<Multiplexed>>,
    /// Whether the server was seen to choose HTTP/1.
    speaks_http1: bool,
    connecting: usize,
    /// How many connections will be idle once their tasks have run.
    returning: usize,
}

struct Idle {
    connection: Exclusive,
    since: Duration,
}

/// An HTTP/1 connection.
pub(super) struct Exclusive {
    pub(super) sender: http1::SendRequest<Outgoing>,
    /// Whether a proxy reads the requests.
    pub(super) is_proxied: bool,
    pub(super) wire: Arc<Wire>,
    /// Whether the server closes it, whatever is left of the request.
    pub(super) is_last: bool,
    /// Its task.
    task: AbortHandle,
}

impl Exclusive {
    async fn start(made: Connection, host: &Host) -> Result<Self, TransportError> {
        let is_proxied = made.is_proxied;
        let mut builder = http1::Builder::new();
        builder.max_headers(MAX_HEADERS);
        let wire = Wire::new(made);
        let handshake = builder.handshake(HyperIo(wire.clone())).await;
        let (sender, mut connection) = handshake.map_err(TransportError::io)?;
        // So that hyper waits for a request.
        let begun = poll_fn(|context| Poll::Ready(Pin::new(&mut connection).poll(context))).await;
        let left = wire.clone();
        let task = host.context.spawn(Box::pin(async move {
            // What fails here fails for the request, too, which reports it. A server may wait for
            // the rest of a request that can't be made.
            let ended = match begun {
                Poll::Ready(ended) => ended,
                Poll::Pending => (&mut connection).await,
            };
            match ended {
                Err(error) if error.is_user() => left.fail(error),
                _ => left.leave(),
            }
        }));
        Ok(Self {
            sender,
            is_proxied,
            wire,
            is_last: false,
            task,
        })
    }

    /// Closes it. Dropping the sender would do so only after the body of the request.
    pub(super) fn end(self) {
        self.task.abort();
    }
}

/// A connection to send a request on.
pub(super) enum Lease {
    Http1 {
        connection: Exclusive,
        is_reused: bool,
    },
    Http2(Slot),
}

enum Next {
    Use(Lease),
    Connect(Connecting),
    Wait,
    /// For the server of a new connection to name its limit, which nothing reports.
    WaitForLimit,
    /// For a connection whose response has been read.
    WaitForReturn,
}

impl Host {
    pub(super) fn new(key: Key, context: Arc<LocalContext>, proxies: &Proxies) -> Self {
        let url = key.url(None).unwrap_or_default();
        Self {
            name: host_header(&url),
            proxied: proxies.reader(&url),
            key,
            context,
            state: Mutex::default(),
            changed: Notify::new(),
        }
    }

    /// A connection: one that is there, or a new one, or one that somebody else makes or gives
    /// back.
    pub(super) async fn lease(
        self: &Arc<Self>,
        connector: &Connector,
        limit: Option<Duration>,
    ) -> Result<Lease, TransportError> {
        // The usual case needs no timer and no memory.
        let first = match self.next(true) {
            Next::Use(lease) => return Ok(lease),
            first => first,
        };
        let leasing = Box::pin(self.lease_later(connector, first));
        let Some(limit) = limit else {
            return leasing.await;
        };
        let mut leasing = leasing;
        let leased = crate::clock::within(&TokioClock, Some(limit), leasing.as_mut()).await;
        leased.unwrap_or_else(|_| {
            let why = self.why_waiting();
            let why = format!("no connection within {limit:?} (connect_timeout){why}");
            Err(TransportError::connect(connector.late(&self.key, &why)))
        })
    }

    async fn lease_later(
        self: &Arc<Self>,
        connector: &Connector,
        first: Next,
    ) -> Result<Lease, TransportError> {
        let mut next = first;
        let mut pause = FIRST_LOOK;
        let mut may_wait = true;
        loop {
            let mut changed = pin!(self.changed.notified());
            // What changes from here on is not missed.
            changed.as_mut().enable();
            if !matches!(next, Next::Use(_) | Next::Connect(_)) {
                next = self.next(may_wait);
            }
            let look_again = match next {
                Next::Use(lease) => return Ok(lease),
                Next::Connect(connecting) => return connecting.connect(connector).await,
                Next::Wait => None,
                Next::WaitForLimit => Some(pause),
                Next::WaitForReturn => Some(RETURN),
            };
            pause = pause.saturating_mul(2).min(LAST_LOOK);
            // Whichever comes first, it is time to look again.
            let waited = crate::clock::within(&TokioClock, look_again, changed.as_mut()).await;
            may_wait &= waited.is_ok() || look_again != Some(RETURN);
            next = self.next(may_wait);
        }
    }

    /// What to do for a connection; `may_wait` is for one that is about to be free.
    fn next(self: &Arc<Self>, may_wait: bool) -> Next {
        let mut closed = Vec::new();
        let mut state = lock(&self.state);
        let next = state.next(self, may_wait, &mut closed);
        drop(state);
        // Outside of the lock, since dropping wakes a connection's task.
        drop(closed);
        next
    }

    fn why_waiting(&self) -> String {
        let state = lock(&self.state);
        let full = state.shared.len();
        if full == 0 || state.connecting > 0 {
            return String::new();
        }
        let streams = state.shared.first().map_or(0, |it| it.limit());
        format!(
            ": all {full} connections carry the {streams} requests that the server allows on each; \
             `http2_max_connections` sets how many there may be"
        )
    }

    /// Takes an HTTP/1 connection back whose response has been read.
    pub(super) fn give_back(self: &Arc<Self>, connection: Exclusive) {
        if connection.sender.is_closed() {
            return;
        }
        if connection.sender.is_ready() {
            self.keep(connection);
            return;
        }
        // The request's body is still on its way, or the connection is about to be closed, or its
        // task has not run since the response was read.
        let is_sent = connection.wire.is_sent();
        if connection.is_last && !is_sent {
            return connection.end();
        }
        let returning = is_sent.then(|| Returning::new(self));
        let host = self.clone();
        let mut connection = connection;
        self.context.spawn(Box::pin(async move {
            let _returning = returning;
            let ready = {
                let ready = pin!(connection.sender.ready());
                crate::clock::within(&TokioClock, Some(REST_OF_BODY), ready).await
            };
            match ready {
                Ok(Ok(())) => host.keep(connection),
                Ok(Err(_closed)) => {}
                Err(_) => connection.end(),
            }
        }));
    }

    /// Goes on with a request whose response has been read, unless the server closes the
    /// connection.
    pub(super) fn send_rest(&self, mut rest: Box<Exchange>, connection: Exclusive) {
        if connection.is_last {
            return connection.end();
        }
        self.context.spawn(Box::pin(async move {
            let sent = pin!(poll_fn(|context| rest.poll_rest(context)));
            let _ = crate::clock::within(&TokioClock, Some(REST_OF_BODY), sent).await;
            connection.end();
        }));
    }

    fn keep(&self, connection: Exclusive) {
        let max_idle = self.context.settings.max_idle;
        let since = TokioClock.now();
        let mut state = lock(&self.state);
        let surplus = (state.idle.len() >= max_idle).then(|| {
            let oldest = !state.idle.is_empty();
            oldest.then(|| state.idle.remove(0))
        });
        let refused = if max_idle == 0 {
            Some(connection)
        } else {
            state.idle.push(Idle { connection, since });
            None
        };
        drop(state);
        drop((surplus, refused));
        self.context.wake_reaper();
    }

    /// Drops what has been idle for too long; how long the next one has left.
    pub(super) fn evict(&self, now: Duration, timeout: Duration) -> Option<Duration> {
        let mut state = lock(&self.state);
        let is_over = |since: Duration| now.saturating_sub(since) >= timeout;
        // What is closed is dropped after the lock.
        let (mut over, mut next) = ((Vec::new(), Vec::new()), None);
        for idle in std::mem::take(&mut state.idle) {
            if is_over(idle.since) || idle.connection.sender.is_closed() {
                over.0.push(idle);
            } else {
                next = earliest(next, Some(idle.since));
                state.idle.push(idle);
            }
        }
        for it in std::mem::take(&mut state.shared) {
            let since = it.idle_since();
            if !it.is_usable() || since.is_some_and(is_over) {
                over.1.push(it);
            } else {
                next = earliest(next, since);
                state.shared.push(it);
            }
        }
        drop(state);
        drop(over);
        next.map(|since| timeout.saturating_sub(now.saturating_sub(since)))
    }

    /// The value of the header `host` in HTTP/1. A signature may be of its letters as they are.
    pub(super) fn name_in(&self, url: &Uri) -> Option<HeaderValue> {
        let written = url.authority()?.as_str();
        match &self.name {
            Some(name) if name.as_bytes() == written.as_bytes() => Some(name.clone()),
            _ => host_header(url),
        }
    }

    /// The host and port.
    pub(super) fn place(&self) -> String {
        target(&self.key.url(None).unwrap_or_default())
    }

    pub(super) fn is_empty(&self) -> bool {
        let state = lock(&self.state);
        state.idle.is_empty() && state.shared.is_empty() && state.connecting == 0
    }
}

fn host_header(url: &Uri) -> Option<HeaderValue> {
    let host = url.host()?;
    let usual = if url.scheme() == Some(&Scheme::HTTPS) {
        443
    } else {
        80
    };
    match url.port_u16() {
        Some(port) if port != usual => HeaderValue::try_from(format!("{host}:{port}")).ok(),
        _ => HeaderValue::try_from(host).ok(),
    }
}

impl State {
    fn next(&mut self, host: &Arc<Host>, may_wait: bool, closed: &mut Vec<Exclusive>) -> Next {
        let settings = &host.context.settings;
        while let Some(Idle { connection, since }) = self.idle.pop() {
            let is_old = settings
                .idle_timeout
                .is_some_and(|timeout| TokioClock.now().saturating_sub(since) >= timeout);
            if is_old || !connection.sender.is_ready() {
                closed.push(connection);
                continue;
            }
            return Next::Use(Lease::Http1 {
                connection,
                is_reused: true,
            });
        }
        if may_wait && self.returning > 0 {
            return Next::WaitForReturn;
        }
        self.shared.retain(|it| it.is_usable());
        if let Some(slot) = self.shared.iter().find_map(|it| Slot::take(it, host)) {
            return Next::Use(Lease::Http2(slot));
        }
        let may_share = settings.offers_http2 && host.key.is_secure() && !self.speaks_http1;
        if may_share && self.shared.iter().any(|it| it.is_new()) {
            return Next::WaitForLimit;
        }
        let is_full = self.shared.len() >= settings.max_http2.max(1);
        if may_share && (self.connecting > 0 || is_full) {
            return Next::Wait;
        }
        self.connecting += 1;
        Next::Connect(Connecting(host.clone()))
    }
}

/// A connection will be idle once its task has run.
struct Returning(Arc<Host>);

impl Returning {
    fn new(host: &Arc<Host>) -> Self {
        lock(&host.state).returning += 1;
        Self(host.clone())
    }
}

impl Drop for Returning {
    fn drop(&mut self) {
        let mut state = lock(&self.0.state);
        state.returning = state.returning.saturating_sub(1);
        drop(state);
        self.0.changed.notify_waiters();
    }
}

/// Somebody makes a connection. Dropped, it lets somebody else.
struct Connecting(Arc<Host>);

impl Connecting {
    async fn connect(self, connector: &Connector) -> Result<Lease, TransportError> {
        let host = &self.0;
        let made = connector.connect(&host.key).await?;
        if made.is_http2 {
            let shared = Multiplexed::start(made, host).await?;
            let slot = Slot::first(&shared, host);
            lock(&host.state).shared.push(shared);
            return Ok(Lease::Http2(slot));
        }
        lock(&host.state).speaks_http1 = true;
        Ok(Lease::Http1 {
            connection: Exclusive::start(made, host).await?,
            is_reused: false,
        })
    }
}

impl Drop for Connecting {
    fn drop(&mut self) {
        let mut state = lock(&self.0.state);
        state.connecting = state.connecting.saturating_sub(1);
        drop(state);
        self.0.changed.notify_waiters();
    }
}

#[cfg(test)]
mod tests;
