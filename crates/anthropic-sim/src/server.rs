//! The running simulator: its socket, its task, and how both end.
//!
//! Dropping a [`Simulator`] frees the port before `drop` returns, so that a test may bind it again at once. That
//! takes three things: the listener is shared with the accepting task and taken out on drop; the task is aborted;
//! and open connections, which the HTTP library runs in tasks of its own, fail at their next poll.

use std::{
    fmt, io,
    net::Ipv4Addr,
    sync::{Arc, Mutex},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

use crate::{
    builder::{Builder, Config},
    connection::{Door, Line, Shared},
    messages::{Rule, When},
    record::RecordedRequest,
    reply::Reply,
    routes::router,
    state::{App, State, lock},
};

const API_KEY: &str = "sk-ant-sim-any-key-will-do";

/// A simulator that is answering on 127.0.0.1 until it is dropped.
pub struct Simulator {
    pub(crate) app: App,
    listener: Shared,
    task: JoinHandle<io::Result<()>>,
    stop: watch::Sender<bool>,
}

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
        let app = Arc::new(State::new(format!("http://{address}"), config)?);
        let listener: Shared = Arc::new(Mutex::new(Some(listener)));
        let (stop, stopped) = watch::channel(false);
        let door = Door {
            listener: Arc::clone(&listener),
            address,
            stopped,
            app: Arc::clone(&app),
        };
        let service = axum::serve(
            door,
            router(Arc::clone(&app)).into_make_service_with_connect_info::<Line>(),
        );
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
    ///
    /// The oldest are forgotten beyond [`Builder::record_limit`], and while all bodies together exceed 64 MiB.
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
