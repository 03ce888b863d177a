//! How a simulator is set up before it starts.

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use std::{fmt, io};

use crate::http::rate_limits::RateLimits;
use crate::observation::exchange::Exchange;
use crate::observation::observer::Listener;
use crate::observation::recording::source::SourceConfig;
use crate::platforms::Platform;
use crate::scripting::calling::ToolCalls;
use crate::scripting::faults::Rule;
use crate::scripting::reply::Reply;
use crate::scripting::request::MessageRequest;
use crate::scripting::script::Script;
use crate::scripting::scripts::Scripts;
use crate::scripting::when::When;
use crate::simulator::Simulator;
use crate::webhooks::Webhook;

/// The settings of a running simulator.
pub(crate) struct Config {
    pub(crate) host: Option<IpAddr>,
    pub(crate) port: u16,
    #[cfg(feature = "server")]
    pub(crate) tls: bool,
    /// Begins with a slash, or is empty.
    pub(crate) base_path: String,
    pub(crate) allowed_hosts: Vec<String>,
    /// Origins whose pages may talk to it.
    pub(crate) origins: Vec<String>,
    pub(crate) control_token: Option<String>,
    pub(crate) pace: Duration,
    pub(crate) batch_delay: Duration,
    pub(crate) clock_step: Option<Duration>,
    /// Where the clock begins, as time since the Unix epoch.
    pub(crate) clock_start: Option<Duration>,
    pub(crate) record_limit: usize,
    pub(crate) accepted_key: Option<String>,
    pub(crate) platform: Option<Platform>,
    /// Ids and secrets.
    pub(crate) access_keys: Vec<(String, String)>,
    pub(crate) unknown_parameters: bool,
    pub(crate) leniency: Leniency,
    pub(crate) scripts: Scripts,
    pub(crate) listener: Option<Listener>,
    pub(crate) faults: Vec<Rule>,
    pub(crate) limits: Option<RateLimits>,
    pub(crate) source: SourceConfig,
    pub(crate) webhooks: Vec<Webhook>,
}

/// What is not looked at.
#[derive(Debug, Default)]
pub(crate) struct Leniency {
    /// Whether all rules on conversations are switched off.
    pub(crate) all: bool,
    /// The rules on conversations that are switched off.
    pub(crate) about: Vec<String>,
    /// Whether any id is one of an object.
    pub(crate) ids: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            host: None,
            port: 0,
            #[cfg(feature = "server")]
            tls: false,
            base_path: String::new(),
            allowed_hosts: Vec::new(),
            origins: Vec::new(),
            control_token: None,
            pace: Duration::ZERO,
            batch_delay: Duration::from_millis(100),
            clock_step: None,
            clock_start: None,
            record_limit: 10_000,
            accepted_key: None,
            platform: None,
            access_keys: Vec::new(),
            unknown_parameters: false,
            leniency: Leniency::default(),
            scripts: Scripts::default(),
            listener: None,
            faults: Vec::new(),
            limits: None,
            source: SourceConfig::default(),
            webhooks: Vec::new(),
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
    /// The port; by default a free one that the system picks.
    pub fn port(mut self, port: u16) -> Self {
        self.0.port = port;
        self
    }

    /// The address to listen on; 127.0.0.1 by default. With another, such as 0.0.0.0, other
    /// machines reach it: what is below `/_sim` then needs the [token](Self::control_token) from
    /// them.
    pub fn host(mut self, address: IpAddr) -> Self {
        self.0.host = Some(address);
        self
    }

    /// Serves everything below this path, such as `/anthropic`.
    pub fn base_path(mut self, path: impl Into<String>) -> Self {
        self.0.base_path = path.into();
        self
    }

    /// Serves HTTPS, with a certificate that is made at the start for `localhost`, the address that
    /// it listens on and the [allowed host names](Self::allow_host); that of its authority, which
    /// clients have to trust, is [`Simulator::certificate`]. [`faults`](crate::faults) that break
    /// rules of HTTP are refused with a 400 then: they are written to the bare socket.
    #[cfg(feature = "server")]
    pub fn tls(mut self) -> Self {
        self.0.tls = true;
        self
    }

    /// Accepts this host name too, such as the name of a service in a compose file. Requests under
    /// other names than addresses and `localhost` are refused, because a web page can have its own
    /// name lead to this machine.
    pub fn allow_host(mut self, name: impl Into<String>) -> Self {
        self.0.allowed_hosts.push(name.into());
        self
    }

    /// Lets web pages of this origin, such as `http://localhost:5173`, talk to the simulator; `*`
    /// lets all. Requests of other origins are refused.
    pub fn cors(mut self, origin: impl Into<String>) -> Self {
        self.0.origins.push(origin.into());
        self
    }

    /// The token that other machines send as `anthropic-sim-token` for what is below `/_sim`.
    /// Without one they can't have it.
    pub fn control_token(mut self, token: impl Into<String>) -> Self {
        self.0.control_token = Some(token.into());
        self
    }

    /// The pause after each event of a stream; none by default. Each event is a TCP write of its
    /// own either way.
    pub fn pace(mut self, pace: Duration) -> Self {
        self.0.pace = pace;
        self
    }

    /// How long a batch is in progress, and then how long a cancellation takes; 100 ms by default.
    pub fn batch_delay(mut self, delay: Duration) -> Self {
        self.0.batch_delay = delay;
        self
    }

    /// Stops following real time: the clock starts at 2026-11-01T00:00:00Z and moves by `step` at
    /// each request, so that two runs of the same requests get the same dates and states.
    pub fn clock_step(mut self, step: Duration) -> Self {
        self.0.clock_step = Some(step);
        self
    }

    /// Starts the clock at this time instead of now. Together with a
    /// [`clock_step`](Self::clock_step) of zero it stands still there, until
    /// [`Simulator::advance`].
    pub fn clock_start(mut self, time: SystemTime) -> Self {
        self.0.clock_start = time.duration_since(UNIX_EPOCH).ok();
        self
    }

    /// Queues a reply. Each message request, streamed, plain or inside a batch, takes the first one
    /// left.
    pub fn reply(self, reply: Reply) -> Self {
        self.0.scripts.push(reply);
        self
    }

    /// Queues several replies.
    pub fn replies(self, replies: impl IntoIterator<Item = Reply>) -> Self {
        replies.into_iter().fold(self, Self::reply)
    }

    /// Replies to the message requests that a condition holds for, when the queue is empty. Of
    /// several rules the first that holds is used.
    pub fn when(self, when: When, reply: Reply) -> Self {
        self.0.scripts.add_rule(when, reply);
        self
    }

    /// Adds the rules and the queued replies of a script.
    pub fn script(self, script: Script) -> Self {
        self.0.scripts.add(script);
        self
    }

    /// Replies to message requests that find the queue empty and no rule for them; where it returns
    /// `None` the built-in reply is used.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// use anthropic_sim::{Reply, Simulator};
    ///
    /// let simulator = Simulator::builder()
    ///     .handler(|request| match request.last_user_text().as_str() {
    ///         "ping" => Some(Reply::text("pong")),
    ///         _ => None,
    ///     })
    ///     .start()
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn handler<F>(mut self, handler: F) -> Self
    where
        F: Fn(&MessageRequest) -> Option<Reply> + Send + Sync + 'static,
    {
        self.0.scripts.set_handler(handler);
        self
    }

    /// Like [`handler`](Self::handler), for a function that has to wait for something. It takes
    /// that one's place.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// use anthropic_sim::{Reply, Simulator};
    ///
    /// let simulator = Simulator::builder()
    ///     .async_handler(|request| async move {
    ///         tokio::task::yield_now().await;
    ///         Some(Reply::text(format!("You said {}.", request.last_user_text())))
    ///     })
    ///     .start()
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn async_handler<F, A>(mut self, handler: F) -> Self
    where
        F: Fn(MessageRequest) -> A + Send + Sync + 'static,
        A: Future<Output = Option<Reply>> + Send + 'static,
    {
        self.0.scripts.set_async_handler(handler);
        self
    }

    /// When the built-in reply calls a tool; by default once a prompt.
    pub fn tool_calls(mut self, calls: ToolCalls) -> Self {
        self.0.scripts.tool_calls = calls;
        self
    }

    /// Called once per request, when the head of its response is ready: what the binary's log is
    /// made of.
    pub fn on_exchange<F>(mut self, listener: F) -> Self
    where
        F: Fn(&Exchange) + Send + Sync + 'static,
    {
        self.0.listener = Some(Arc::new(listener));
        self
    }

    /// Refuses every key but this one with a 401, and with a [platform](Self::platform) every token
    /// that it has not issued.
    pub fn accept_only(mut self, key: impl Into<String>) -> Self {
        self.0.accepted_key = Some(key.into());
        self
    }

    /// Stands in for a cloud that serves Claude: its paths, bodies, credentials, streams and
    /// errors, and the servers that its credentials come from. Everything else stays as it is:
    /// scripts, faults, [`Simulator::requests`] and the page see the API's own requests and
    /// responses.
    ///
    /// Signatures are checked against the [access keys](Self::access_key). Any other key or token
    /// is accepted, unless it has expired or [one](Self::accept_only) is named.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// use anthropic_sim::{Platform, Simulator};
    ///
    /// let simulator = Simulator::builder().platform(Platform::Bedrock).start().await?;
    /// let (id, secret) = simulator.access_key();
    /// println!("point a client at {}, with the access key {id} and {secret}", simulator.base_url());
    /// # Ok(())
    /// # }
    /// ```
    pub fn platform(mut self, platform: Platform) -> Self {
        self.0.platform = Some(platform);
        self
    }

    /// An access key that may sign requests to a [platform](Self::platform) of AWS's. Without one
    /// it is that of AWS's documentation, `AKIDEXAMPLE`; may be called several times.
    pub fn access_key(mut self, id: impl Into<String>, secret: impl Into<String>) -> Self {
        self.0.access_keys.push((id.into(), secret.into()));
        self
    }

    /// Lets message requests carry parameters the API doesn't know, which otherwise get its 400.
    pub fn allow_unknown_parameters(mut self) -> Self {
        self.0.unknown_parameters = true;
        self
    }

    /// Switches off all rules on conversations, which the [crate's docs](crate#conversations) list,
    /// and lets sessions and deployments name agents and environments that do not exist.
    pub fn lenient(mut self) -> Self {
        self.0.leniency.all = true;
        self
    }

    /// Switches off one rule on conversations by its name, such as `tool-pairs`. The
    /// [crate's docs](crate#conversations) list the names; with any other, [`start`](Self::start)
    /// fails.
    pub fn lenient_about(mut self, rule: impl Into<String>) -> Self {
        self.0.leniency.about.push(rule.into());
        self
    }

    /// Lets any id in a path be one of an object, which is made when it is first asked for, and any
    /// version, cursor and limit be valid: for clients' own tests of every method, whose values are
    /// made up. For the same reason files of a skill may be any, and conflicts with what other
    /// requests left behind are none.
    pub fn lenient_ids(mut self) -> Self {
        self.0.leniency.ids = true;
        self
    }

    /// How many requests [`Simulator::requests`] remembers at most; 10,000 by default. Beyond that
    /// the oldest go, and so they do, all but the newest, while the bodies of those remembered come
    /// to more than 64 MiB.
    pub fn record_limit(mut self, requests: usize) -> Self {
        self.0.record_limit = requests;
        self
    }

    /// Plays a [`Fault`](crate::faults::Fault) on every request, or on those that a [`Rule`]
    /// selects.
    pub fn fault(mut self, rule: impl Into<Rule>) -> Self {
        self.0.faults.push(rule.into());
        self
    }

    /// Enforces rate limits with 429s, which are otherwise only counted and reported.
    pub fn rate_limits(mut self, limits: RateLimits) -> Self {
        self.0.limits = Some(limits);
        self
    }

    /// Delivers events to this endpoint; see the [crate's docs](crate#webhooks).
    pub fn webhook(mut self, webhook: Webhook) -> Self {
        self.0.webhooks.push(webhook);
        self
    }

    /// Serves the responses recorded in this folder, and nothing else: a request gets the response
    /// to the recorded request of the same method, path and body; any other gets a 404 that names
    /// the nearest. Credentials are not checked.
    pub fn replay(mut self, folder: impl Into<PathBuf>) -> Self {
        self.0.source = SourceConfig::Replay(folder.into());
        self
    }

    /// Forwards requests to a real API, such as `https://api.anthropic.com`, and stores the
    /// exchanges in this folder, without secrets.
    #[cfg(feature = "record")]
    pub fn record(mut self, folder: impl Into<PathBuf>, upstream: impl Into<String>) -> Self {
        self.0.source = SourceConfig::Record {
            into: folder.into(),
            upstream: upstream.into(),
        };
        self
    }

    /// Binds the port and starts the simulator, on the tokio runtime this is called from.
    ///
    /// # Errors
    ///
    /// Fails if the port cannot be bound, a host name is none, the recording not be read, a rule to
    /// be lenient about does not exist, the base path is none, or an endpoint for webhooks is not
    /// one of plain HTTP or has a key that is none.
    pub async fn start(self) -> io::Result<Simulator> {
        Simulator::launch(self.0).await
    }
}
