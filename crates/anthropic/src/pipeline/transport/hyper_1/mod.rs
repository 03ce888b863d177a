//! The default transport, on hyper 1: a pool of connections, HTTP/2 where it is offered, TLS,
//! proxies.
//!
//! It stands on hyper itself and not on a whole HTTP client, because what such a client adds
//! (redirects, cookies, URLs of every script) is done above it or not wanted, and would cost every
//! program that uses this crate a third of its build. No type of hyper appears in the interface.

mod buffer;
mod builder;
mod chunked;
mod connect;
mod context;
mod direct;
mod exchange;
#[cfg(test)]
mod fake;
mod head;
mod host;
mod multiplexed;
mod pool;
mod proxy;
mod resolve;
mod response;
mod tunnel;
mod wire;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use http::header::PROXY_AUTHORIZATION;

pub use self::builder::HyperTransportBuilder;

use self::connect::{Connector, NO_PASSWORD};
use self::exchange::exchange;
use self::host::Host;
use self::pool::Pool;
use super::shared::Outgoing;
use super::unreachable::{Proxied, Unreachable};
use super::{ConnectTimeout, HttpRequest, HttpResponse, Transport, TransportError};
use crate::Attempt;
use crate::BoxFuture;
use crate::clock::{Clock, TokioClock};

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
/// request's (`connect_timeout`), by tokio's timer whatever the client's [`Clock`](crate::Clock)
/// is. Hosts are ASCII; write others in Punycode. Proxies are reached by HTTP or HTTPS; for SOCKS,
/// or a pool that you share with other code, see the feature `reqwest`.
#[derive(Clone)]
pub struct HyperTransport {
    shared: Arc<Shared>,
}

struct Shared {
    connector: Connector,
    pool: Pool,
}

impl HyperTransport {
    /// Starts one whose settings you choose.
    pub fn builder() -> HyperTransportBuilder {
        HyperTransportBuilder::default()
    }

    fn new(connector: Connector, pool: Pool) -> Self {
        Self {
            shared: Arc::new(Shared { connector, pool }),
        }
    }
}

impl fmt::Debug for HyperTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HyperTransport").finish_non_exhaustive()
    }
}

impl Transport for HyperTransport {
    fn send(
        &self,
        request: HttpRequest,
    ) -> BoxFuture<'static, Result<HttpResponse, TransportError>> {
        let (parts, body) = request.into_parts();
        let body = Outgoing::new(body, &parts.extensions);
        let mut request = http::Request::from_parts(parts, body);
        let shared = self.shared.clone();
        // Not a function: the future would have room for the request as its argument and again as
        // what changes.
        Box::pin(async move {
            let proxies = &shared.connector.proxies;
            let host = shared.pool.host(request.uri(), proxies)?;
            let credentials = host.proxied.as_ref().and_then(|it| it.credentials.as_ref());
            if let Some(credentials) = credentials {
                let headers = request.headers_mut();
                headers.insert(PROXY_AUTHORIZATION, credentials.clone());
            }
            let extensions = request.extensions();
            let connect = extensions.get().and_then(|limit: &ConnectTimeout| limit.0);
            let due = due(&host, extensions.get());
            loop {
                let lease = host.lease(&shared.connector, connect).await?;
                match exchange(lease, &host, request, due).await {
                    Ok(mut response) => {
                        if let Some(proxied) = &host.proxied {
                            read_by_proxy(&mut response, proxied)?;
                        }
                        return Ok(response);
                    }
                    // An idle connection had been closed, and nothing was sent on it.
                    Err(failed) => match failed.unsent {
                        Some(unsent) => request = unsent,
                        None => return Err(failed.error),
                    },
                }
                let url = host.key.url(request.uri().path_and_query());
                *request.uri_mut() = url.map_err(TransportError::other)?;
            }
        })
    }
}

/// A proxy has read the request: it may have refused it itself, or has been where it went.
fn read_by_proxy(response: &mut HttpResponse, proxied: &Proxied) -> Result<(), TransportError> {
    let status = response.status();
    if status == StatusCode::PROXY_AUTHENTICATION_REQUIRED {
        let text = format!(
            "{} refuses the request: {status}; {NO_PASSWORD}",
            proxied.place
        );
        let refused = Unreachable::new(text).for_good().of_proxy(proxied.set);
        return Err(TransportError::connect(refused));
    }
    response.extensions_mut().insert(proxied.clone());
    Ok(())
}

/// When the caller stops waiting for the response's head. It matters to HTTP/2 alone, which is
/// spoken over TLS.
fn due(host: &Host, attempt: Option<&Attempt>) -> Option<Duration> {
    let attempt = attempt.filter(|_| host.key.is_secure());
    let limit = attempt.and_then(|attempt| attempt.head_timeout)?;
    Some(TokioClock.now().saturating_add(limit))
}
