//! How a simulator is set up before it starts.

use std::{collections::VecDeque, fmt, io, sync::Arc, sync::Mutex, time::Duration};

use crate::{
    http_config::HttpConfig, messages::MessageRequest, record::Exchange, reply::Reply,
    server::Simulator,
};

pub(crate) type Handler = Arc<dyn Fn(&MessageRequest) -> Option<Reply> + Send + Sync>;
pub(crate) type Listener = Arc<dyn Fn(&Exchange) + Send + Sync>;

/// The settings of a running simulator.
pub(crate) struct Config {
    pub(crate) port: u16,
    pub(crate) pace: Duration,
    pub(crate) batch_delay: Duration,
    pub(crate) clock_step: Option<Duration>,
    pub(crate) record_limit: usize,
    pub(crate) accepted_key: Option<String>,
    pub(crate) unknown_parameters: bool,
    pub(crate) replies: Mutex<VecDeque<Reply>>,
    pub(crate) handler: Option<Handler>,
    pub(crate) listener: Option<Listener>,
    pub(crate) http: HttpConfig,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            port: 0,
            pace: Duration::ZERO,
            batch_delay: Duration::from_millis(100),
            clock_step: None,
            record_limit: 10_000,
            accepted_key: None,
            unknown_parameters: false,
            replies: Mutex::default(),
            handler: None,
            listener: None,
            http: HttpConfig::default(),
        }
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("port", &self.port)
            .field("pace", &self.pace)
            .field("batch_delay", &self.batch_delay)
            .field("clock_step", &self.clock_step)
            .finish_non_exhaustive()
    }
}

/// Sets up a [`Simulator`]; made by [`Simulator::builder`].
#[derive(Debug, Default)]
#[must_use = "a builder does nothing until it is started"]
pub struct Builder(pub(crate) Config);

impl Builder {
    /// The port on 127.0.0.1; by default a free one that the system picks.
    pub fn port(mut self, port: u16) -> Self {
        self.0.port = port;
        self
    }

    /// The pause after each event of a stream; none by default. Each event is a TCP write of its own either way.
    pub fn pace(mut self, pace: Duration) -> Self {
        self.0.pace = pace;
        self
    }

    /// How long a batch is in progress, and then how long a cancellation takes; 100 ms by default.
    pub fn batch_delay(mut self, delay: Duration) -> Self {
        self.0.batch_delay = delay;
        self
    }

    /// Stops following real time: the clock starts at 2026-11-01T00:00:00Z and moves by `step` at each request, so
    /// that two runs of the same requests get the same dates and states.
    pub fn clock_step(mut self, step: Duration) -> Self {
        self.0.clock_step = Some(step);
        self
    }

    /// Queues a reply. Each message request, streamed, plain or inside a batch, takes the first one left.
    pub fn reply(mut self, reply: Reply) -> Self {
        self.0
            .replies
            .get_mut()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .push_back(reply);
        self
    }

    /// Answers message requests that find the queue empty; where it returns `None` the built-in answer stands.
    pub fn handler<F>(mut self, handler: F) -> Self
    where
        F: Fn(&MessageRequest) -> Option<Reply> + Send + Sync + 'static,
    {
        self.0.handler = Some(Arc::new(handler));
        self
    }

    /// Called once per request, when the head of its answer is ready: what the binary's log is made of.
    pub fn on_exchange<F>(mut self, listener: F) -> Self
    where
        F: Fn(&Exchange) + Send + Sync + 'static,
    {
        self.0.listener = Some(Arc::new(listener));
        self
    }

    /// Refuses every key but this one with a 401.
    pub fn accept_only(mut self, key: impl Into<String>) -> Self {
        self.0.accepted_key = Some(key.into());
        self
    }

    /// Lets message requests carry parameters the API doesn't know, which otherwise get its 400.
    pub fn allow_unknown_parameters(mut self) -> Self {
        self.0.unknown_parameters = true;
        self
    }

    /// How many requests [`Simulator::requests`] remembers at most; 10,000 by default.
    pub fn record_limit(mut self, requests: usize) -> Self {
        self.0.record_limit = requests;
        self
    }

    /// Binds the port and starts to answer, on the tokio runtime this is called from.
    pub async fn start(self) -> io::Result<Simulator> {
        Simulator::launch(self.0).await
    }
}
