//! Clients of the clouds, as the official ones are set up that they are compared with: by the
//! environment, at a time that stands still, with every request sent to one server.

use std::time::{Duration, SystemTime};

use anthropic::hyper_1::HyperTransport;
use anthropic::transport::{HttpRequest, HttpResponse, Transport, TransportError};
use anthropic::{BoxFuture, Client, Clock, Error, ErrorKind, Platform, Result};
use http::header::HOST;
use http::uri::Authority;
use http::{HeaderName, HeaderValue, Uri};

/// What the server learns of the origin that a request was for.
const ORIGIN: HeaderName = HeaderName::from_static("x-wire-origin");
/// 2026-11-26, 12:00:00 UTC, by which requests are signed.
const NOW: Duration = Duration::from_secs(1_795_694_400);

/// The client of a platform, such as `bedrock`, with credentials of the environment. Its requests
/// go to the server, such as `127.0.0.1:8080`.
///
/// # Errors
///
/// Fails if there is no such platform or server, and with what the platform's builder fails with.
pub fn client(platform: &str, server: &str) -> Result<Client> {
    let server = server
        .parse()
        .map_err(|error| Error::new(ErrorKind::Config, "no server").caused_by(error))?;
    let transport = Redirected {
        server,
        inner: HyperTransport::builder().build()?,
    };
    match platform {
        "bedrock" => built(anthropic_aws::bedrock().from_env()?.platform()?, transport),
        "mantle" => built(
            anthropic_aws::bedrock_mantle().from_env()?.platform()?,
            transport,
        ),
        "aws" => built(
            anthropic_aws::claude_platform().from_env()?.platform()?,
            transport,
        ),
        "vertex" => built(
            anthropic_google::vertex("", "")
                .access_token(TOKEN)
                .from_env()?
                .platform()?,
            transport,
        ),
        "google-cloud" => built(
            anthropic_google::google_cloud("", "")
                .access_token(TOKEN)
                .from_env()?
                .platform()?,
            transport,
        ),
        "foundry" => built(
            anthropic_azure::foundry("").from_env()?.platform()?,
            transport,
        ),
        "foundry-token" => built(
            anthropic_azure::foundry("")
                .token(|| async { Ok(TOKEN) })
                .from_env()?
                .platform()?,
            transport,
        ),
        other => {
            let message = format!("there is no platform `{other}`");
            Err(Error::new(ErrorKind::Config, message))
        }
    }
}

/// The token that both sides send where tokens are fetched.
const TOKEN: &str = "wire-token";

fn built(platform: impl Platform, transport: Redirected) -> Result<Client> {
    Client::builder()
        .environment()
        .platform(platform)
        .transport(transport)
        .clock(Still)
        .max_retries(0)
        .build()
}

/// Sends everything to one server, with a note of where it was meant to go.
#[derive(Debug)]
struct Redirected {
    server: Authority,
    inner: HyperTransport,
}

impl Redirected {
    fn redirect(&self, request: &mut HttpRequest) -> Option<()> {
        let uri = request.uri();
        let (scheme, authority) = (uri.scheme_str()?, uri.authority()?.clone());
        let origin = HeaderValue::from_str(&format!("{scheme}://{authority}")).ok()?;
        let host = HeaderValue::from_str(authority.as_str()).ok()?;
        let mut parts = uri.clone().into_parts();
        parts.scheme = Some(http::uri::Scheme::HTTP);
        parts.authority = Some(self.server.clone());
        *request.uri_mut() = Uri::from_parts(parts).ok()?;
        request.headers_mut().insert(ORIGIN, origin);
        // Which is signed.
        request.headers_mut().insert(HOST, host);
        Some(())
    }
}

impl Transport for Redirected {
    fn send(
        &self,
        mut request: HttpRequest,
    ) -> BoxFuture<'static, std::result::Result<HttpResponse, TransportError>> {
        // A request that has no origin fails in the transport below.
        _ = self.redirect(&mut request);
        self.inner.send(request)
    }
}

/// A clock that stands still.
#[derive(Debug)]
struct Still;

impl Clock for Still {
    fn now(&self) -> Duration {
        NOW
    }

    fn wall(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + NOW
    }

    /// Nothing is retried, and no limit is reached.
    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        Box::pin(std::future::pending())
    }

    fn random(&self) -> f64 {
        0.5
    }
}
