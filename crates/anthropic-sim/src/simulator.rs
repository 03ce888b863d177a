//! The running simulator: how it is put together, and how it ends.
//!
//! Dropping a [`Simulator`] frees the port before `drop` returns, so that a test may bind it again
//! at once: the listener is shared with the accepting task and taken out on drop; the task is
//! aborted; and open connections, which the HTTP library runs in tasks of its own, fail at their
//! next poll.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use std::{fmt, io};

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::api::batches::Batches;
use crate::api::files::Files;
use crate::api::messages::Messages;
use crate::api::resources::Resources;
use crate::api::skills::Skills;
use crate::base::clock::{Clock, sleep};
use crate::base::ids::Ids;
use crate::base::sync::lock;
use crate::builder::{Builder, Config};
use crate::control::Control;
use crate::http::rate_limits::Buckets;
use crate::inspector::Inspector;
use crate::observation::observer::Observer;
use crate::observation::recorder::RecordedRequest;
use crate::platforms::{Keys, Platform};
use crate::scripting::faults::{Faults, Rule};
use crate::scripting::reply::Reply;
use crate::scripting::script::Script;
use crate::scripting::scripts::Scripts;
use crate::scripting::when::When;
use crate::server::acceptor::{Acceptor, SharedListener};
use crate::server::access::{Access, is_host_name, is_origin};
use crate::server::authentication::Authentication;
use crate::server::dialect::Dialect;
use crate::server::gate::Gate;
use crate::server::refusal::Refusals;
use crate::server::routes::{Subjects, router};
use crate::server::socket::RequestSocket;
#[cfg(feature = "server")]
use crate::server::tls::Tls;
use crate::validate::Checks;
use crate::validate::conversation::Lenient;
use crate::webhooks::{Webhook, WebhookDelivery, WebhookEvent, Webhooks};

const API_KEY: &str = "sk-ant-sim-any-key-will-do";

/// A simulator that serves requests on 127.0.0.1 until it is dropped.
pub struct Simulator {
    url: String,
    platform: Option<Platform>,
    api_key: String,
    #[cfg(feature = "server")]
    certificate: Option<String>,
    shared: Shared,
    resources: Arc<Resources>,
    listener: SharedListener,
    task: JoinHandle<io::Result<()>>,
    stop: watch::Sender<bool>,
    drain: watch::Sender<bool>,
}

/// What a running simulator has in common with its handlers.
struct Shared {
    clock: Arc<Clock>,
    scripts: Arc<Scripts>,
    faults: Arc<Faults>,
    observer: Arc<Observer>,
    refusals: Arc<Refusals>,
    keys: Arc<Keys>,
    webhooks: Arc<Webhooks>,
}

impl Simulator {
    /// Starts on a free port of 127.0.0.1 with the default settings, on the tokio runtime this is
    /// called from.
    ///
    /// # Errors
    ///
    /// Fails if no port can be bound.
    pub async fn start() -> io::Result<Self> {
        Self::builder().start().await
    }

    /// Returns a builder with the default settings.
    pub fn builder() -> Builder {
        Builder::default()
    }

    pub(crate) async fn launch(config: Config) -> io::Result<Self> {
        let base = config.base_path.clone();
        if !base.is_empty()
            && (!base.starts_with('/') || base.ends_with('/') || base.contains(['{', '}']))
        {
            let problem =
                format!("{base:?} is no base path: it begins with / and does not end with one");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, problem));
        }
        let host = config.host.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
        let listener = TcpListener::bind((host, config.port)).await?;
        let address = listener.local_addr()?;
        #[cfg(feature = "server")]
        let tls = tls(&config, address.ip())?;
        #[cfg(feature = "server")]
        let scheme = if tls.is_some() { "https" } else { "http" };
        #[cfg(not(feature = "server"))]
        let scheme = "http";
        let url = format!("{scheme}://{address}{base}");
        let api_key = config.accepted_key.clone();
        let platform = config.platform;
        let (router, shared, resources) = assemble(config, &url)?;
        let listener: SharedListener = Arc::new(Mutex::new(Some(listener)));
        let (stop, stopped) = watch::channel(false);
        let acceptor = Acceptor {
            listener: Arc::clone(&listener),
            address,
            stopped,
            refusals: Arc::clone(&shared.refusals),
            #[cfg(feature = "server")]
            tls: tls.as_ref().map(|tls| tls.acceptor.clone()),
        };
        let (drain, mut drained) = watch::channel(false);
        let service = axum::serve(
            acceptor,
            router.into_make_service_with_connect_info::<RequestSocket>(),
        );
        let service = service.with_graceful_shutdown(async move {
            // An error means that the simulator was dropped, which ends it in another way.
            if drained.wait_for(|drained| *drained).await.is_err() {
                std::future::pending::<()>().await;
            }
        });
        let task = tokio::spawn(service.into_future());
        Ok(Self {
            url,
            platform,
            api_key: api_key.unwrap_or_else(|| API_KEY.to_owned()),
            #[cfg(feature = "server")]
            certificate: tls.map(|tls| tls.authority),
            shared,
            resources,
            listener,
            task,
            stop,
            drain,
        })
    }

    /// Takes no more connections, and waits until the requests under way have their responses or
    /// this time is over. Whether they all were. Streams without an end, of a session's events and
    /// of the page, end now.
    pub async fn drain(mut self, limit: Duration) -> bool {
        self.drain.send_replace(true);
        // Who connects from now on is refused, and does not wait in vain.
        drop(lock(&self.listener).take());
        // These have no end of their own.
        self.shared.observer.journal().close();
        self.resources.close();
        tokio::select! {
            ended = &mut self.task => ended.is_ok(),
            () = sleep(limit) => false,
        }
    }

    /// Its URL, such as `http://127.0.0.1:4010`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What a client takes as its base URL: [`url`](Self::url), with the path that the
    /// [platform](Builder::platform) has behind it.
    pub fn base_url(&self) -> String {
        let base = self.platform.map_or("", Platform::base);
        format!("{}{base}", self.url)
    }

    /// The access key that signs requests, as its id and its secret: that of
    /// [`Builder::access_key`], or the one of AWS's documentation.
    pub fn access_key(&self) -> (String, String) {
        self.shared.keys.first().unwrap_or_default()
    }

    /// A key that works here and nowhere else.
    pub fn api_key(&self) -> &str {
        &self.api_key
    }

    /// The certificate to trust, in PEM, where it serves HTTPS ([`Builder::tls`]).
    #[cfg(feature = "server")]
    pub fn certificate(&self) -> Option<&str> {
        self.certificate.as_deref()
    }

    /// The requests received so far, oldest first, among them those for credentials that a cloud's
    /// client sends to the servers beside it ([`Platform`]), without their secrets.
    ///
    /// The oldest are dropped beyond [`Builder::record_limit`], and while all bodies together
    /// exceed 64 MiB.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.shared.observer.requests()
    }

    /// Queues another reply, as [`Builder::reply`] does before the start.
    pub fn reply(&self, reply: Reply) {
        self.shared.scripts.push(reply);
    }

    /// Adds a rule, as [`Builder::when`] does before the start.
    pub fn when(&self, when: When, reply: Reply) {
        self.shared.scripts.add_rule(when, reply);
    }

    /// Adds the rules and the queued replies of a script, as [`Builder::script`] does before the
    /// start.
    pub fn script(&self, script: Script) {
        self.shared.scripts.add(script);
    }

    /// Adds a fault rule, as [`Builder::fault`] does before the start; it counts requests from now
    /// on.
    pub fn fault(&self, rule: impl Into<Rule>) {
        self.shared.faults.add(rule.into());
    }

    /// Adds an endpoint that events are delivered to, as [`Builder::webhook`] does before the
    /// start.
    ///
    /// # Errors
    ///
    /// Fails if it is not one of plain HTTP, or has a key that is none.
    pub fn webhook(&self, webhook: &Webhook) -> io::Result<()> {
        let added = self.shared.webhooks.add(webhook);
        added.map_err(|problem| io::Error::new(io::ErrorKind::InvalidInput, problem))
    }

    /// Delivers an event to the endpoints that want it, and returns the event's id.
    #[expect(clippy::needless_pass_by_value, reason = "as replies and rules are")]
    pub fn event(&self, event: WebhookEvent) -> String {
        self.shared.webhooks.send(&event, &self.shared.refusals.ids)
    }

    /// What was delivered to endpoints so far, oldest first; at most the newest 10,000.
    pub fn deliveries(&self) -> Vec<WebhookDelivery> {
        self.shared.webhooks.deliveries()
    }

    /// The time on the simulator's clock.
    pub fn now(&self) -> SystemTime {
        // A clock that was moved beyond what the system can represent starts over.
        let now = UNIX_EPOCH.checked_add(self.shared.clock.now());
        now.unwrap_or(UNIX_EPOCH)
    }

    /// Moves the simulator's clock: batches end, files expire, deliveries are tried again.
    pub fn advance(&self, by: Duration) {
        self.shared.clock.advance(by);
    }
}

/// Makes every part of a simulator and hands each what it needs.
fn assemble(mut config: Config, url: &str) -> io::Result<(Router, Shared, Arc<Resources>)> {
    config.scripts.begin();
    let (access, settings) = (access(&mut config, url)?, settings(&config)?);
    let clock = Arc::new(Clock::new(config.clock_step, config.clock_start));
    let ids = Arc::<Ids>::default();
    let limits = Arc::new(Buckets::new(config.limits, clock.now()));
    let observer = Observer::new(Arc::clone(&clock), config.record_limit, config.listener);
    let shared = Shared {
        scripts: Arc::new(config.scripts),
        faults: Arc::new(Faults::new(config.faults)),
        observer: Arc::new(observer),
        refusals: Arc::new(Refusals {
            ids: Arc::clone(&ids),
            limits: Arc::clone(&limits),
        }),
        keys: Arc::new(Keys::new(config.accepted_key.clone(), &config.access_keys)),
        webhooks: Arc::new(Webhooks::new(Arc::clone(&clock), config.webhooks)?),
        clock,
    };
    let dialect = dialect(config.platform, &config.base_path, &shared);
    let authentication = match dialect {
        Some(_) => Authentication::elsewhere(),
        None => Authentication::new(config.accepted_key),
    };
    let subjects = subjects(&shared, &settings, url);
    let inspector = inspector(&shared, &subjects, settings.lenient);
    let resources = Arc::clone(&subjects.resources);
    let source = Arc::new(config.source.open()?);
    let gate = Gate {
        clock: Arc::clone(&shared.clock),
        ids: Arc::clone(&ids),
        limits: Arc::clone(&limits),
        observer: Arc::clone(&shared.observer),
        faults: Arc::clone(&shared.faults),
        authentication,
        source: Arc::clone(&source),
        lenient_ids: settings.lenient_ids,
        pace: config.pace,
    };
    let control = Control {
        clock: Arc::clone(&shared.clock),
        scripts: Arc::clone(&shared.scripts),
        observer: Arc::clone(&shared.observer),
        faults: Arc::clone(&shared.faults),
        ids,
        limits,
        source,
        webhooks: Arc::clone(&shared.webhooks),
        forget: subjects.forget(),
    };
    let router = router(
        access,
        dialect,
        Arc::new(gate),
        settings.checks,
        subjects,
        inspector,
        control,
    );
    Ok((below(&config.base_path, router), shared, resources))
}

/// Everything below a path, if there is one.
fn below(base: &str, router: Router) -> Router {
    match base {
        "" => router,
        base => Router::new().nest(base, router),
    }
}

/// The cloud that it stands in for.
fn dialect(platform: Option<Platform>, base_path: &str, shared: &Shared) -> Option<Arc<Dialect>> {
    Some(Arc::new(Dialect {
        platform: platform?,
        clock: Arc::clone(&shared.clock),
        keys: Arc::clone(&shared.keys),
        ids: Arc::clone(&shared.refusals.ids),
        observer: Arc::clone(&shared.observer),
        base_path: base_path.to_owned(),
    }))
}

fn inspector(shared: &Shared, subjects: &Subjects, lenient: Lenient) -> Inspector {
    Inspector {
        journal: Arc::clone(shared.observer.journal()),
        batches: Arc::clone(&subjects.batches),
        files: Arc::clone(&subjects.files),
        resources: Arc::clone(&subjects.resources),
        lenient,
    }
}

/// What HTTPS needs, if that is asked for.
#[cfg(feature = "server")]
fn tls(config: &Config, address: IpAddr) -> io::Result<Option<Tls>> {
    if !config.tls {
        return Ok(None);
    }
    let own = ["localhost".to_owned(), address.to_string()].into_iter();
    let loopback = ["127.0.0.1".to_owned(), "::1".to_owned()];
    let names = own.chain(loopback).chain(config.allowed_hosts.clone());
    Tls::new(names.collect()).map(Some)
}

/// Who is let in.
fn access(config: &mut Config, url: &str) -> io::Result<Arc<Access>> {
    let wrong = |problem| io::Error::new(io::ErrorKind::InvalidInput, problem);
    let mut origins = config.origins.iter();
    origins.try_for_each(|it| is_origin(it)).map_err(wrong)?;
    let mut hosts = config.allowed_hosts.iter();
    hosts.try_for_each(|it| is_host_name(it)).map_err(wrong)?;
    Ok(Arc::new(Access {
        is_secure: url.starts_with("https:"),
        hosts: std::mem::take(&mut config.allowed_hosts),
        origins: std::mem::take(&mut config.origins),
        token: config.control_token.take().unwrap_or_default(),
    }))
}

/// The part of the settings that the subjects depend on.
struct Settings {
    checks: Checks,
    /// The rules on conversations that are switched off.
    lenient: Lenient,
    lenient_ids: bool,
    /// Whether all of those rules are switched off.
    lenient_all: bool,
    pace: Duration,
    batch_delay: Duration,
}

fn settings(config: &Config) -> io::Result<Settings> {
    let mut lenient = if config.leniency.all {
        Lenient::ALL
    } else {
        Lenient::default()
    };
    for name in &config.leniency.about {
        lenient.add(name)?;
    }
    Ok(Settings {
        checks: Checks {
            extras: config.unknown_parameters,
        },
        lenient,
        lenient_ids: config.leniency.ids,
        lenient_all: config.leniency.all,
        pace: config.pace,
        batch_delay: config.batch_delay,
    })
}

fn subjects(shared: &Shared, settings: &Settings, url: &str) -> Subjects {
    let clock = || Arc::clone(&shared.clock);
    let ids = || Arc::clone(&shared.refusals.ids);
    let lenient_ids = settings.lenient_ids;
    let any_model = lenient_ids || settings.lenient.is_off("model");
    let files = Arc::new(Files::new(clock(), ids(), lenient_ids));
    let messages = Arc::new(Messages::new(
        clock(),
        ids(),
        Arc::clone(&shared.refusals.limits),
        Arc::clone(&shared.scripts),
        Arc::clone(&files),
        settings.lenient,
        settings.pace,
    ));
    let batches = Batches::new(
        clock(),
        ids(),
        lenient_ids,
        Arc::clone(&messages),
        settings.checks,
        settings.batch_delay,
        url.to_owned(),
    );
    let resources = Resources::new(
        clock(),
        ids(),
        Arc::clone(&messages),
        Arc::clone(&shared.webhooks),
        lenient_ids,
        lenient_ids || settings.lenient_all,
        any_model,
    );
    Subjects {
        messages,
        batches: Arc::new(batches),
        files,
        skills: Arc::new(Skills::new(clock(), ids(), lenient_ids)),
        resources: Arc::new(resources),
        lenient_ids,
        any_model,
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
