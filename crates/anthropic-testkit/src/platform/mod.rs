//! What every [`Platform`](anthropic::Platform) has to do, checked over a transport in memory.

mod bench;
mod calls;
mod clock;
mod errors;
mod limits;
mod logs;
mod requests;
mod resend;
mod service;
mod shape;
mod signing;
mod streams;
mod wire;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use anthropic::ClientBuilder;
use tracing::instrument::WithSubscriber as _;

use self::bench::Bench;
use self::logs::Keeper;
use crate::report::{Fault, Report, Verdict, ensure};

pub use self::logs::Logs;
pub use self::service::{FirstParty, Received, Request, Response, Service};

/// How long one check may take.
const LIMIT: Duration = Duration::from_secs(30);

/// A suite for a platform.
///
/// It sends requests through a client that `configure` has given its platform, and plays the server
/// through a [`Service`]. What the client returns, and what the service gets, is compared with the
/// first-party platform's. The clients' clock runs a hundred times as fast as the real one.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let report = anthropic_testkit::platform(|client| client.api_key("a-key-to-look-for"))
///     .secret("a-key-to-look-for")
///     .run()
///     .await;
/// report.assert();
/// # }
/// ```
///
/// For a platform of your own:
/// `platform(|client| client.platform(Mine::new())).service(MyServers)`.
#[derive(Debug)]
#[must_use = "a suite does nothing until it runs"]
pub struct PlatformSuite {
    bench: Bench,
}

/// Begins a suite: `configure` sets the platform and its credentials, anew for each client.
pub fn platform(
    configure: impl Fn(ClientBuilder) -> ClientBuilder + Send + Sync + 'static,
) -> PlatformSuite {
    PlatformSuite {
        bench: Bench::new(Box::new(configure)),
    }
}

impl PlatformSuite {
    /// The platform's servers. [`FirstParty`] by default.
    pub fn service(mut self, service: impl Service) -> Self {
        self.bench.service = Arc::new(service);
        self
    }

    /// A text that may be in no `Debug`, error or log. May be called repeatedly.
    pub fn secret(mut self, text: impl Into<String>) -> Self {
        self.bench.secrets.push(text.into());
        self
    }

    /// The credentials are renewed when they are refused: such a request is sent once more. By
    /// default they are static, and it must not be.
    pub fn renews(mut self) -> Self {
        self.bench.renews = true;
        self
    }

    /// Runs every check. Needs a tokio runtime with its timer.
    pub async fn run(self) -> Report {
        let logs = Keeper::of(&self.bench.logs);
        self.all().with_subscriber(logs).await
    }

    async fn all(self) -> Report {
        let bench = self.bench;
        let mut report = Report::new("platform".to_owned());
        macro_rules! checks {
            ($($name:literal => $check:path,)+) => {$(
                let result = within($check(&bench)).await;
                report.add($name, result);
            )+};
        }
        checks! {
            "a message is created" => requests::create,
            "tokens are counted, or that is unsupported" => requests::count_tokens,
            "operations arrive whole, or are refused before anything is sent" => requests::operations,
            "undocumented paths pass" => requests::undocumented,
            "headers of the caller's arrive" => requests::headers,
            "betas are added to those of the caller" => requests::betas,
            "middleware sees canonical requests and responses" => shape::canonical,
            "every transcript is streamed to the same message" => streams::transcripts,
            "events are handed on as they arrive" => streams::as_they_arrive,
            "an error in a stream is that error" => streams::errors,
            "a stream that ends early is an error" => streams::ended_early,
            "a stream that breaks is an error" => streams::broken,
            "a stream's error before its start is that error" => streams::refused,
            "error statuses and shapes are the API's" => errors::shapes,
            "an error without JSON is an error" => errors::no_json,
            "what is overloaded is tried again" => resend::overloaded,
            "a connection that fails is tried again" => resend::connection,
            "retry-after is waited for" => resend::retry_after,
            "without retries one request is sent" => resend::none,
            "a refused credential is renewed once, or not at all" => signing::refused,
            "a body that can be sent once is not sent again" => signing::one_shot,
            "a redirect is authorized anew, and not adapted again" => signing::redirect,
            "a redirect to another origin is refused" => signing::elsewhere,
            "every request goes to one origin" => signing::one_origin,
            "a server that does not respond is a timeout" => limits::timeout,
            "dropping a request drops all of it" => limits::dropped_request,
            "dropping a stream drops all of it" => limits::dropped_stream,
            "no secret is in Debug, an error or a log" => secrets,
        }
        report
    }
}

/// Looks through all that was noted on the way, so it comes last.
async fn secrets(bench: &Bench) -> Verdict {
    if bench.secrets.is_empty() {
        return Err(Fault::Skip("the suite was given no secret".to_owned()));
    }
    let (client, _) = bench.client(|client| client)?;
    bench.note(&format!("{client:?}"));
    for (place, text) in [
        ("a log", bench.logs.text()),
        ("Debug or an error", bench.noted()),
    ] {
        let found = bench.secrets.iter().any(|secret| text.contains(secret));
        ensure!(!found, "a secret is in {place}");
    }
    Ok(())
}

async fn within(check: impl Future<Output = Verdict>) -> Verdict {
    let limit = || Fault::new(format!("nothing happened for {LIMIT:?}"));
    tokio::time::timeout(LIMIT, check)
        .await
        .map_err(|_| limit())?
}
