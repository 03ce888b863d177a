//! The simulator as a program, for clients in any language.
//!
//! Its URL is the one line on stdout, so that a script can read it; everything else, the log too,
//! goes to stderr.

mod args;
#[path = "../../base/files.rs"]
mod files;

use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{ErrorKind, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anthropic_sim::{Builder, Exchange, Script, Simulator, Webhook};
use args::{Args, Command, Source};
use tokio::signal;

/// In MiB.
const MAX_SCRIPT: u64 = 16;
/// How long requests under way may take after SIGTERM: whoever sends it often kills after ten.
const DRAIN: Duration = Duration::from_secs(8);

fn main() -> ExitCode {
    match args::parse(std::env::args().skip(1)) {
        Ok(Command::Help) => {
            print(std::io::stdout(), args::HELP);
            ExitCode::SUCCESS
        }
        Ok(Command::Version) => {
            let version = concat!("anthropic-sim ", env!("CARGO_PKG_VERSION"), "\n");
            print(std::io::stdout(), version);
            ExitCode::SUCCESS
        }
        Ok(Command::Run(args)) => {
            let port = args.port;
            match run(*args) {
                Ok(()) => ExitCode::SUCCESS,
                Err(error) if error.kind() == ErrorKind::AddrInUse => {
                    complain(&format!("port {port}: {error}"));
                    ExitCode::FAILURE
                }
                Err(error) => {
                    complain(&error.to_string());
                    ExitCode::FAILURE
                }
            }
        }
        Err(problem) => {
            complain(&format!("{problem} (see --help)"));
            ExitCode::from(2)
        }
    }
}

fn complain(problem: &str) {
    print(std::io::stderr(), &format!("anthropic-sim: {problem}\n"));
}

#[tokio::main]
async fn run(args: Args) -> std::io::Result<()> {
    let mut builder = Simulator::builder()
        .port(args.port)
        .pace(args.pace)
        .tool_calls(args.tools)
        .record_limit(1_000);
    if let Some(address) = args.host {
        builder = builder.host(address);
    }
    let reached = args.host.is_some_and(|address| !address.is_loopback());
    if let Some(token) = args.token.or_else(|| reached.then(made_token)) {
        if reached {
            complain(&format!(
                "other machines need this for what is below /_sim: anthropic-sim-token: {token}"
            ));
        }
        builder = builder.control_token(token);
    }
    builder = args.hosts.into_iter().fold(builder, Builder::allow_host);
    builder = args.origins.into_iter().fold(builder, Builder::cors);
    builder = builder.base_path(args.base_path);
    for path in args.scripts {
        builder = builder.script(script(&path)?);
    }
    let webhooks = webhooks(args.webhooks, &args.webhook_keys, args.webhook_retries);
    builder = webhooks.into_iter().fold(builder, Builder::webhook);
    builder = args.faults.into_iter().fold(builder, Builder::fault);
    if let Some(limits) = args.limits {
        builder = builder.rate_limits(limits);
    }
    builder = match args.lenient {
        Some(rules) if rules.is_empty() => builder.lenient(),
        rules => (rules.into_iter().flatten()).fold(builder, Builder::lenient_about),
    };
    if args.tls.is_some() {
        builder = builder.tls();
    }
    if let Some(platform) = args.platform {
        builder = builder.platform(platform);
    }
    let keys = args.access_keys.into_iter();
    builder = keys.fold(builder, |builder, (id, secret)| {
        builder.access_key(id, secret)
    });
    if args.lenient_ids {
        builder = builder.lenient_ids();
    }
    if args.log {
        builder = builder.on_exchange(|exchange| print(std::io::stderr(), &line(exchange)));
    }
    let simulator = with_source(builder, args.source).start().await?;
    // Before the URL, whose reader may look for it.
    if let (Some(path), Some(certificate)) = (args.tls, simulator.certificate()) {
        std::fs::write(path, certificate)?;
    }
    let signals = Signals::new()?;
    print(std::io::stdout(), &format!("{}\n", simulator.base_url()));
    serve(simulator, signals).await
}

/// Serves until a signal stops it.
async fn serve(simulator: Simulator, mut signals: Signals) -> std::io::Result<()> {
    if signals.stopped().await? == Stop::Drain {
        tokio::select! {
            _ = simulator.drain(DRAIN) => {}
            () = signals.interrupted() => {}
        }
    }
    Ok(())
}

/// A token that nobody can guess: the keys of a hash map are random.
fn made_token() -> String {
    let random = || RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", random(), random())
}

/// How it is to stop.
#[derive(PartialEq, Eq)]
enum Stop {
    Now,
    /// Once the requests under way have their responses.
    Drain,
}

fn with_source(builder: Builder, source: Source) -> Builder {
    match source {
        Source::Simulated => builder,
        Source::Replay(from) => builder.replay(from),
        Source::Record { into, upstream } => builder.record(into, upstream),
    }
}

/// The endpoints that events are delivered to. Whoever has no key gets to know which one is used.
fn webhooks(
    urls: Vec<String>,
    keys: &[String],
    retries: Option<Vec<Duration>>,
) -> impl IntoIterator<Item = Webhook> {
    if keys.is_empty() && !urls.is_empty() {
        complain(&format!("webhooks are signed with {}", Webhook::KEY));
    }
    urls.into_iter().map(move |url| {
        let webhook = keys.iter().fold(Webhook::new(url), Webhook::key);
        match &retries {
            Some(retries) => webhook.retries(retries.iter().copied()),
            None => webhook,
        }
    })
}

/// Reads a script: JSON if its name ends in `.json`, else YAML.
fn script(path: &Path) -> std::io::Result<Script> {
    let invalid = |problem: String| {
        let problem = format!("{}: {problem}", path.display());
        std::io::Error::new(ErrorKind::InvalidInput, problem)
    };
    let text = files::read(path, MAX_SCRIPT).map_err(|error| invalid(error.to_string()))?;
    let text = String::from_utf8(text).map_err(|error| invalid(error.to_string()))?;
    let script = match path.extension() {
        Some(end) if end == "json" => Script::from_json(&text),
        _ => Script::from_yaml(&text),
    };
    script.map_err(|error| invalid(error.to_string()))
}

/// The signals that stop it, which are waited for from when this is made: before the URL is
/// printed, whose reader may send one at once.
#[cfg(unix)]
struct Signals {
    interrupt: signal::unix::Signal,
    terminate: signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        use signal::unix::{SignalKind, signal};

        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn interrupted(&mut self) {
        self.interrupt.recv().await;
    }

    async fn stopped(&mut self) -> std::io::Result<Stop> {
        tokio::select! {
            _ = self.interrupt.recv() => Ok(Stop::Now),
            _ = self.terminate.recv() => Ok(Stop::Drain),
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn interrupted(&mut self) {
        // An error means that there will be none.
        if signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    async fn stopped(&mut self) -> std::io::Result<Stop> {
        signal::ctrl_c().await.map(|()| Stop::Now)
    }
}

fn line(exchange: &Exchange) -> String {
    let line = serde_json::json!({
        "time": exchange.time,
        "method": exchange.method.as_str(),
        "path": exchange.path,
        "status": exchange.status.map(|status| status.as_u16()),
        "request_id": exchange.request_id,
        "model": exchange.model,
        "stream": exchange.stream,
        "fault": exchange.fault,
        "duration_us": u64::try_from(exchange.duration.as_micros()).unwrap_or(u64::MAX),
    });
    format!("{line}\n")
}

/// Writes and flushes; a reader that went away is no reason to stop serving.
fn print(mut to: impl Write, text: &str) {
    let _ = to.write_all(text.as_bytes()).and_then(|()| to.flush());
}
