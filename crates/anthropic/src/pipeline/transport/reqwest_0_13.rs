//! A transport on reqwest 0.13, for programs that have a reqwest client already.
//!
//! The version is in the name because reqwest's types appear here and nowhere else: another version
//! becomes another module, not a breaking change. Redirects and retries are off: the pipeline above
//! does both, with the credentials in mind.

use std::fmt;

use super::shared::{KEEP_ALIVE, Outgoing, POOL_IDLE, incoming};
use super::{Body, HttpRequest, HttpResponse, Transport, TransportError, tls};
use crate::{BoxFuture, Result};

/// A [`Transport`] on a [`reqwest::Client`].
///
/// ```
/// # #[cfg(feature = "reqwest")]
/// # fn main() -> anthropic::Result<()> {
/// use anthropic::reqwest_0_13::{ReqwestTransport, preset};
///
/// let http = preset()?.user_agent("inventory/2.1").build().expect("valid settings");
/// let transport = ReqwestTransport::new(http);
/// let client = anthropic::Client::builder().api_key("key").transport(transport).build()?;
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "reqwest"))]
/// # fn main() {}
/// ```
///
/// How long a connection may take is the [`reqwest::Client`]'s own setting.
#[derive(Clone)]
pub struct ReqwestTransport {
    client: reqwest::Client,
}

impl ReqwestTransport {
    /// Uses a client of your own: your proxies, certificates and pool.
    ///
    /// Build it with `.redirect(reqwest::redirect::Policy::none())` and
    /// `.retry(reqwest::retry::never())`, because reqwest would otherwise follow a redirect to
    /// another host before this crate could refuse it.
    pub fn new(client: reqwest::Client) -> Self {
        Self { client }
    }
}

/// A [`reqwest::ClientBuilder`] with everything this crate sets, to be changed and then handed to
/// [`ReqwestTransport::new`].
///
/// TLS by rustls with ring, the platform's trust roots, proxies from the environment, HTTP/2 where
/// the server offers it, TCP keep-alive 60 s, idle connections kept 90 s, no redirects, no retries.
///
/// Unlike the default transport, reqwest uses the environment's proxies for this machine, too: for
/// plain `http://` to a local gateway, say `no_proxy()`, or name it in `NO_PROXY`.
pub fn preset() -> Result<reqwest::ClientBuilder> {
    Ok(reqwest::Client::builder()
        .tls_backend_preconfigured(tls()?)
        .redirect(reqwest::redirect::Policy::none())
        // None at all, not even a copy of each request in case there were one.
        .retry(reqwest::retry::never().max_retries_per_request(0))
        .referer(false)
        .tcp_keepalive(KEEP_ALIVE)
        .tcp_keepalive_interval(KEEP_ALIVE)
        .pool_idle_timeout(POOL_IDLE))
}

fn tls() -> Result<rustls::ClientConfig> {
    let mut config = tls::config(tls::Certificates::default())?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

impl fmt::Debug for ReqwestTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReqwestTransport").finish_non_exhaustive()
    }
}

impl From<reqwest::Client> for ReqwestTransport {
    fn from(client: reqwest::Client) -> Self {
        Self::new(client)
    }
}

impl Transport for ReqwestTransport {
    fn send(
        &self,
        request: HttpRequest,
    ) -> BoxFuture<'static, Result<HttpResponse, TransportError>> {
        // Sent when it is polled; made here, because the future would keep what it is made of as
        // long as it lasts.
        let request = reqwest::Request::try_from(request.map(outgoing)).map_err(failed);
        let sending = request.map(|request| self.client.execute(request));
        Box::pin(async move {
            let response = sending?.await.map_err(failed)?;
            let mut response: http::Response<reqwest::Body> = response.into();
            super::detach(response.headers_mut());
            Ok(response.map(|body| incoming(body, reqwest::Error::without_url)))
        })
    }
}

fn outgoing(body: Body) -> reqwest::Body {
    match body.as_bytes() {
        Some(bytes) => bytes.clone().into(),
        None => reqwest::Body::wrap(Outgoing(body)),
    }
}

/// Sorts reqwest's errors; the URL is left out, since its query may be nobody's business.
fn failed(error: reqwest::Error) -> TransportError {
    let error = error.without_url();
    if error.is_connect() {
        TransportError::connect(error)
    } else if error.is_timeout() {
        TransportError::timeout(error)
    } else if error.is_builder() {
        TransportError::other(error)
    } else {
        TransportError::io(error)
    }
}
