//! The socket behind the faults.

use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::{fmt, io};

use bytes::BytesMut;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use super::answer::Original;
use super::fault::{Fault, Script};
use super::request::{SeenRequest, read};
use super::step::{Flow, Step, take};
use crate::base::sync::lock;

/// The id of every request here.
const REQUEST_ID: &str = "req_01FaultServer";

/// Plays a [`Script`] on 127.0.0.1 until it is dropped.
pub struct FaultServer {
    url: String,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    script: Script,
    next: AtomicUsize,
    requests: Mutex<Vec<SeenRequest>>,
    /// How many requests have come in, and how many responses the client walked away from.
    seen: watch::Sender<usize>,
    abandoned: watch::Sender<usize>,
}

impl FaultServer {
    /// Starts on a free port, on the tokio runtime this is called from.
    pub async fn start(script: impl Into<Script>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let shared = Arc::new(Shared {
            script: script.into(),
            next: AtomicUsize::new(0),
            requests: Mutex::default(),
            seen: watch::channel(0).0,
            abandoned: watch::channel(0).0,
        });
        let task = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Ok(Self { url, shared, task })
    }

    /// Where it listens, such as `http://127.0.0.1:51423`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The requests so far, in order of arrival.
    pub fn requests(&self) -> Vec<SeenRequest> {
        lock(&self.shared.requests).clone()
    }

    /// Waits until `count` requests have come in.
    pub async fn received(&self, count: usize) {
        reached(&self.shared.seen, count).await;
    }

    /// Waits until the client has closed a connection on which a response was owed or under way:
    /// how a cancelled request looks from here. Connections closed between requests don't count.
    pub async fn closed(&self) {
        reached(&self.shared.abandoned, 1).await;
    }

    /// How many responses the client has walked away from.
    pub fn closed_count(&self) -> usize {
        *self.shared.abandoned.borrow()
    }
}

impl fmt::Debug for FaultServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaultServer")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

impl Drop for FaultServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The URL of a port that refuses connections.
pub async fn refused_url() -> io::Result<String> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    Ok(format!("http://{}", listener.local_addr()?))
}

async fn reached(count: &watch::Sender<usize>, wanted: usize) {
    // The sender is alive for as long as the server is borrowed, so the wait can't fail.
    let _ = count.subscribe().wait_for(|count| *count >= wanted).await;
}

/// Owns the connections, so that they end with it.
async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    for number in 0_usize.. {
        let Ok((socket, _)) = listener.accept().await else {
            return;
        };
        // Small writes should leave at once; a socket that refuses is merely slower.
        let _ = socket.set_nodelay(true);
        connections.spawn(serve(socket, number, Arc::clone(&shared)));
        while connections.try_join_next().is_some() {}
    }
}

async fn serve(mut socket: TcpStream, number: usize, shared: Arc<Shared>) {
    let mut buffer = BytesMut::new();
    // A request that breaks off ends the connection; nobody is left to respond to.
    while let Ok(Some(request)) = read(&mut socket, &mut buffer, number).await {
        let last = request
            .header("connection")
            .is_some_and(|value| value.eq_ignore_ascii_case("close"));
        let fault = shared.answer_to(request);
        let steps = fault.steps(&Original::sample(), REQUEST_ID);
        match play(&socket, &steps, &mut buffer).await {
            Ok(Played::Whole) if !last => {}
            Ok(Played::Whole | Played::Over) => return,
            Ok(Played::Abandoned) | Err(_) => {
                shared.abandoned.send_modify(|count| *count += 1);
                return;
            }
        }
    }
}

impl Shared {
    /// Records the request and takes the next response.
    fn answer_to(&self, request: SeenRequest) -> Fault {
        lock(&self.requests).push(request);
        self.seen.send_modify(|count| *count += 1);
        let turn = self.next.fetch_add(1, Ordering::Relaxed);
        let faults = &self.script.faults;
        faults
            .get(turn)
            .or(faults.last())
            .cloned()
            .unwrap_or_else(Fault::hang_up)
    }
}

enum Played {
    /// The response is complete; another request may follow.
    Whole,
    /// The connection was ended from this side.
    Over,
    /// The client closed it first.
    Abandoned,
}

async fn play(socket: &TcpStream, steps: &[Step], buffer: &mut BytesMut) -> io::Result<Played> {
    let mut unobserved = |_: &[u8]| {};
    for step in steps {
        let flow = tokio::select! {
            biased;
            flow = take(socket, step, &mut unobserved) => flow?,
            () = watched(socket, buffer) => return Ok(Played::Abandoned),
        };
        if flow == Flow::Over {
            return Ok(Played::Over);
        }
    }
    Ok(Played::Whole)
}

/// Ends when the client closes the connection. What it sends meanwhile is the start of its next
/// request.
async fn watched(socket: &TcpStream, buffer: &mut BytesMut) {
    while socket.readable().await.is_ok() {
        match socket.try_read_buf(buffer) {
            Ok(0) => return,
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => return,
            Ok(_) | Err(_) => {}
        }
    }
}
