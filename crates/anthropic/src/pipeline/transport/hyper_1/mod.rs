//! The default transport, on hyper 1: a pool of connections, HTTP/2 where it is offered, TLS,
//! proxies.
//!
//! It stands on hyper itself and not on a whole HTTP client, because what such a client adds
//! (redirects, cookies, URLs of every script) is done above it or not wanted, and would cost every
//! program that uses this crate a third of its build. No type of hyper appears in the interface.

mod connect;

use std::fmt;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use http::header::PROXY_AUTHORIZATION;
use hyper_util::client::legacy::connect::{CaptureConnection, HttpConnector, capture_connection};
use hyper_util::client::legacy::{Client, Error as HyperError};
use hyper_util::client::proxy::matcher::Matcher;
use hyper_util::rt::{TokioExecutor, TokioTimer};

use self::connect::Connector;
use super::shared::{KEEP_ALIVE, Outgoing, POOL_IDLE, incoming};
use super::tls::{self, Certificates, Identity};
use super::{ConnectTimeout, HttpRequest, HttpResponse, Transport, TransportError};
use crate::clock::{Clock, TokioClock};
use crate::{BoxFuture, Error, Result};

/// The default [`Transport`].
///
/// TLS by rustls with ring, the platform's trust roots, proxies from the environment
/// (`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`) or the system's settings, HTTP/2 where
/// the server offers it, TCP keep-alive after 60 s, idle connections kept for 90 s. Those proxies
/// are not used for this machine (`localhost`, `127.0.0.0/8`, `::1`). On Linux the trust roots are
/// those of `SSL_CERT_FILE` and `SSL_CERT_DIR`, where these are set. A client makes its own
/// transport; build one where that does not fit:
///
/// ```
/// use anthropic::hyper_1::HyperTransport;
///
/// let transport = HyperTransport::builder().proxy("http://proxy.internal:3128").build()?;
/// let client = anthropic::Client::builder().api_key("key").transport(transport).build()?;
/// # Ok::<(), anthropic::Error>(())
/// ```
///
/// Clones share their connections. The time that a connection may take is the client's or the
/// request's (`connect_timeout`), by tokio's timer whatever the client's [`Clock`] is. Hosts are
/// ASCII; write others in Punycode. Proxies are reached by HTTP or HTTPS; for SOCKS, or a pool that
/// you share with other code, see the feature `reqwest`.
#[derive(Clone)]
pub struct HyperTransport {
    client: Client<Connector, Outgoing>,
    connector: Connector,
}

impl HyperTransport {
    /// Starts one whose settings you choose.
    pub fn builder() -> HyperTransportBuilder {
        HyperTransportBuilder::default()
    }
}

impl fmt::Debug for HyperTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HyperTransport").finish_non_exhaustive()
    }
}

/// The settings of a [`HyperTransport`].
#[must_use = "`build` makes the transport"]
pub struct HyperTransportBuilder {
    roots: Vec<Vec<u8>>,
    identity: Option<(Vec<u8>, Vec<u8>)>,
    proxy: Proxy,
    http1_only: bool,
    pool_idle_timeout: Option<Duration>,
    pool_max_idle_per_host: usize,
}

/// Which proxy is used.
enum Proxy {
    System,
    None,
    One(String),
}

impl fmt::Debug for HyperTransportBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Neither the proxy, whose URL may hold a password, nor the key.
        f.debug_struct("HyperTransportBuilder")
            .field("http1_only", &self.http1_only)
            .field("pool_idle_timeout", &self.pool_idle_timeout)
            .field("pool_max_idle_per_host", &self.pool_max_idle_per_host)
            .finish_non_exhaustive()
    }
}

impl Default for HyperTransportBuilder {
    fn default() -> Self {
        Self {
            roots: Vec::new(),
            identity: None,
            proxy: Proxy::System,
            http1_only: false,
            pool_idle_timeout: Some(POOL_IDLE),
            pool_max_idle_per_host: usize::MAX,
        }
    }
}

impl HyperTransportBuilder {
    /// Trusts the certificates of a PEM text beside the platform's. Can be said again for more.
    pub fn root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.roots.push(pem.into());
        self
    }

    /// Shows servers this certificate, a PEM chain, with its PEM key.
    pub fn client_certificate(
        mut self,
        chain: impl Into<Vec<u8>>,
        key: impl Into<Vec<u8>>,
    ) -> Self {
        self.identity = Some((chain.into(), key.into()));
        self
    }

    /// Sends everything through this proxy, `http://user:password@host:port` or `https://…`,
    /// whatever the environment says; what goes to this machine, too.
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.proxy = Proxy::One(url.into());
        self
    }

    /// Uses no proxy, whatever the environment or the system says.
    pub fn no_proxy(mut self) -> Self {
        self.proxy = Proxy::None;
        self
    }

    /// Doesn't offer HTTP/2.
    pub fn http1_only(mut self) -> Self {
        self.http1_only = true;
        self
    }

    /// How long an idle connection is kept; 90 seconds unless set, `None` for ever.
    pub fn pool_idle_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.pool_idle_timeout = timeout.into();
        self
    }

    /// How many idle connections are kept for a host; not limited unless set.
    pub fn pool_max_idle_per_host(mut self, connections: usize) -> Self {
        self.pool_max_idle_per_host = connections;
        self
    }

    /// Makes the transport.
    ///
    /// # Errors
    ///
    /// [`Config`](crate::ErrorKind::Config) when a certificate, a key or the proxy's URL can't be
    /// read.
    pub fn build(self) -> Result<HyperTransport> {
        let connector = self.connector()?;
        let mut builder = Client::builder(TokioExecutor::new());
        builder
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(self.pool_idle_timeout)
            .pool_max_idle_per_host(self.pool_max_idle_per_host);
        Ok(HyperTransport {
            client: builder.build(connector.clone()),
            connector,
        })
    }

    fn connector(&self) -> Result<Connector> {
        let mut certificates = Certificates::default();
        for pem in &self.roots {
            certificates.roots.extend(tls::certificates(pem)?);
        }
        if let Some((chain, key)) = &self.identity {
            certificates.identity = Some(Identity::from_pem(chain, key)?);
        }
        let proxy_tls = tls::config(certificates)?;
        let mut with_alpn = proxy_tls.clone();
        with_alpn.alpn_protocols = vec![b"http/1.1".to_vec()];
        if !self.http1_only {
            with_alpn.alpn_protocols.insert(0, b"h2".to_vec());
        }
        let proxies = match &self.proxy {
            Proxy::System => Matcher::from_system(),
            Proxy::None => Matcher::builder().build(),
            Proxy::One(url) => one_proxy(url)?,
        };
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_keepalive(Some(KEEP_ALIVE));
        tcp.set_keepalive_interval(Some(KEEP_ALIVE));
        Ok(Connector {
            tcp,
            tls: Arc::new(with_alpn),
            proxy_tls: Arc::new(proxy_tls),
            proxies: Arc::new(proxies),
            spares_this_machine: matches!(self.proxy, Proxy::System),
        })
    }
}

/// A proxy for every URL. A mistake in it is an error here; the environment's are ignored, as in
/// other programs.
fn one_proxy(url: &str) -> Result<Matcher> {
    let proxies = Matcher::builder().all(url).build();
    let example = http::Uri::from_static("https://example.com/");
    let scheme = proxies
        .intercept(&example)
        .and_then(|proxy| proxy.uri().scheme_str().map(str::to_owned));
    if matches!(scheme.as_deref(), Some("http" | "https")) {
        return Ok(proxies);
    }
    // Without the text, which may hold a password.
    Err(Error::config(
        "the proxy's URL must be `http://` or `https://` and a host",
    ))
}

impl Transport for HyperTransport {
    fn send(
        &self,
        request: HttpRequest,
    ) -> BoxFuture<'static, Result<HttpResponse, TransportError>> {
        let mut request = request.map(Outgoing);
        if let Some(credentials) = self.connector.proxy_authorization(request.uri()) {
            request
                .headers_mut()
                .insert(PROXY_AUTHORIZATION, credentials);
        }
        let limit = request
            .extensions()
            .get::<ConnectTimeout>()
            .and_then(|timeout| timeout.0);
        let connection = limit.map(|limit| (limit, capture_connection(&mut request)));
        let response = self.client.request(request);
        Box::pin(async move {
            let response = match connection {
                None => response.await.map_err(failed),
                Some((limit, connection)) => connected_within(limit, connection, response).await,
            };
            let mut response = response?;
            super::detach(response.headers_mut());
            Ok(response.map(|body| incoming(body, |error| error)))
        })
    }
}

/// The response, unless there is no connection when the limit has run out.
async fn connected_within<T>(
    limit: Duration,
    mut connection: CaptureConnection,
    response: impl Future<Output = Result<T, HyperError>>,
) -> Result<T, TransportError> {
    let mut response = pin!(response);
    let mut waiting = Some(Box::pin(async move {
        let sleep = TokioClock.sleep(limit);
        let mut connected = pin!(connection.wait_for_connection_metadata());
        let mut sleep = pin!(sleep);
        std::future::poll_fn(|context| {
            if connected.as_mut().poll(context).is_ready() {
                return Poll::Ready(true);
            }
            sleep.as_mut().poll(context).map(|()| false)
        })
        .await
    }));
    std::future::poll_fn(move |context| {
        if let Poll::Ready(response) = response.as_mut().poll(context) {
            return Poll::Ready(response.map_err(failed));
        }
        let Some(connecting) = &mut waiting else {
            return Poll::Pending;
        };
        match Pin::new(connecting).poll(context) {
            Poll::Ready(true) => waiting = None,
            Poll::Ready(false) => {
                let problem = format!("no connection within {limit:?}");
                return Poll::Ready(Err(TransportError::connect(problem)));
            }
            Poll::Pending => {}
        }
        Poll::Pending
    })
    .await
}

/// Sorts hyper's errors. They name no URL, whose query may be nobody's business.
fn failed(error: HyperError) -> TransportError {
    if error.is_connect() {
        TransportError::connect(error)
    } else {
        TransportError::io(error)
    }
}
