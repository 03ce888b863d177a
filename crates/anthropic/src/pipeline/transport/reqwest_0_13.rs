//! A transport on reqwest 0.13, for programs that have a reqwest client already.
//!
//! The version is in the name because reqwest's types appear here and nowhere else: another version
//! becomes another module, not a breaking change. Redirects and retries are off: the pipeline above
//! does both, with the credentials in mind.
//!
//! The pool is reqwest's, and so are its limits. Where the default transport does more:
//!
//! - An HTTP/2 connection on which an attempt timed out is used for the next one, too, until its
//!   server fails to acknowledge a ping. [`preset`] sends one where nothing came for 20 s, and
//!   waits as long; a client of your own sends none unless it is set to, and then stays on a dead
//!   connection.
//! - There is one HTTP/2 connection to a host. Requests beyond the number that its server allows
//!   wait for a place on it, and that wait counts as the server's: they may fail with "no response
//!   headers". With many requests at a time, disable HTTP/2 (`http1_only`).
//! - Responses that nobody reads hold up the others on their connection where its windows are
//!   small; [`preset`] sets those of the default transport.
//! - A connection belongs to the runtime that made it: use a client on one runtime alone. One that
//!   is used by several, as by several `#[tokio::test]`s, hangs or fails when the first one ends.
//! - Plain `http://` is allowed to names below `localhost`. [`preset`] takes them for this machine,
//!   as the default transport does; a client of your own asks its resolver, which may know another
//!   address.
//! - More than 100 headers of a response over HTTP/1 are an error, and the time that a connection
//!   may take is the client's own setting.

use std::fmt;
use std::net::ToSocketAddrs as _;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;
use http_body::{Body as _, Frame};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::local::{LOOPBACK, is_this_machine};
use super::shared::{
    CONNECTION_WINDOW, HTTP2_PING, KEEP_ALIVE, Outgoing, POOL_IDLE, STREAM_WINDOW,
};
use super::{Body, HttpRequest, HttpResponse, Transport, TransportError, Unreachable, tls};
use crate::pipeline::upload::PIECE;
use crate::{BoxFuture, Error, Result};

/// A [`Transport`] on a [`reqwest::Client`].
///
/// ```
/// # #[cfg(feature = "reqwest")]
/// # fn main() -> anthropic::Result<()> {
/// use anthropic::reqwest_0_13::{ReqwestTransport, preset};
///
/// let http = preset()?.user_agent("inventory/2.1").build().expect("valid settings");
/// let transport = ReqwestTransport::new(http)?;
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
    /// Build it with `.redirect(reqwest::redirect::Policy::none())`, because reqwest would
    /// otherwise follow a redirect to another host, with the API key, before this crate could
    /// refuse it; and with `.retry(reqwest::retry::never())`, so that only this crate retries.
    /// [`preset`] does both.
    ///
    /// # Errors
    ///
    /// [`Config`](crate::ErrorKind::Config) when the client follows redirects.
    pub fn new(client: reqwest::Client) -> Result<Self> {
        if follows_redirects(&client) {
            return Err(Error::config(
                "the reqwest client follows redirects, and would take the API key along: build it with \
                 `.redirect(reqwest::redirect::Policy::none())`",
            ));
        }
        Ok(Self { client })
    }
}

/// A [`reqwest::ClientBuilder`] with everything this crate sets, to be changed and then handed to
/// [`ReqwestTransport::new`].
///
/// TLS by rustls with ring, the platform's trust roots, proxies from the environment, HTTP/2 where
/// the server offers it, with pings where nothing came for 20 s, TCP keep-alive 60 s, idle
/// connections kept 90 s, no redirects, no retries. `localhost` and names below it are this
/// machine, whatever a resolver returns. The [module](self) lists what it lacks.
///
/// Unlike the default transport, reqwest uses the environment's proxies for this machine, too: for
/// plain `http://` to a local gateway, call `no_proxy()`, or name it in `NO_PROXY`.
pub fn preset() -> Result<reqwest::ClientBuilder> {
    Ok(reqwest::Client::builder()
        .tls_backend_preconfigured(tls()?)
        .redirect(reqwest::redirect::Policy::none())
        // None at all, not even a copy of each request in case there were one.
        .retry(reqwest::retry::never().max_retries_per_request(0))
        .referer(false)
        .tcp_keepalive(KEEP_ALIVE)
        .tcp_keepalive_interval(KEEP_ALIVE)
        .http2_keep_alive_interval(HTTP2_PING)
        .http2_keep_alive_timeout(HTTP2_PING)
        // hyper takes a connection for idle whose requests have no response yet.
        .http2_keep_alive_while_idle(true)
        .http2_initial_stream_window_size(STREAM_WINDOW)
        .http2_initial_connection_window_size(CONNECTION_WINDOW)
        .pool_idle_timeout(POOL_IDLE)
        .dns_resolver(LocalNames))
}

/// Asks the system for addresses, except for those of this machine.
struct LocalNames;

impl Resolve for LocalNames {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            if is_this_machine(name.as_str()) {
                return Ok(Box::new(LOOPBACK.into_iter()) as Addrs);
            }
            let asking = move || (name.as_str(), 0).to_socket_addrs();
            let addresses = tokio::task::spawn_blocking(asking).await??;
            Ok(Box::new(addresses) as Addrs)
        })
    }
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

impl TryFrom<reqwest::Client> for ReqwestTransport {
    type Error = Error;

    fn try_from(client: reqwest::Client) -> Result<Self> {
        Self::new(client)
    }
}

/// Whether the client follows redirects, or can't be kept from it. reqwest shows its policy nowhere
/// else.
fn follows_redirects(client: &reqwest::Client) -> bool {
    !format!("{client:?}").contains(r#"redirect_policy: "Policy(None)""#)
}

impl Transport for ReqwestTransport {
    fn send(
        &self,
        request: HttpRequest,
    ) -> BoxFuture<'static, Result<HttpResponse, TransportError>> {
        // Sent when it is polled; made here, because the future would keep what it is made of as
        // long as it lasts.
        let authority = request.uri().authority().cloned();
        let (parts, body) = request.into_parts();
        let body = outgoing(body, &parts.extensions);
        let request = http::Request::from_parts(parts, body);
        let request = reqwest::Request::try_from(request).map_err(failed);
        let sending = request.map(|request| self.client.execute(request));
        Box::pin(async move {
            let response = sending?.await.map_err(|error| match authority {
                Some(place) if error.is_connect() => {
                    TransportError::connect(Unreachable::because(place, error.without_url()))
                }
                _ => failed(error),
            })?;
            let mut response: http::Response<reqwest::Body> = response.into();
            super::detach(response.headers_mut());
            Ok(response.map(incoming))
        })
    }
}

fn outgoing(body: Body, extensions: &http::Extensions) -> reqwest::Body {
    let is_short = body.len().is_some_and(|len| len <= PIECE as u64);
    match is_short.then(|| body.as_bytes()).flatten() {
        Some(bytes) => bytes.clone().into(),
        None => reqwest::Body::wrap(Outgoing::new(body, extensions)),
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

/// A response's body, as the crate wants it.
fn incoming(body: reqwest::Body) -> Body {
    let len = body.size_hint().exact();
    Body::stream(Arriving(body), len)
}

/// The data of a body; trailers are skipped.
struct Arriving(reqwest::Body);

impl Stream for Arriving {
    type Item = Result<Bytes, reqwest::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            let Some(frame) = ready!(Pin::new(&mut self.0).poll_frame(context)) else {
                return Poll::Ready(None);
            };
            match frame.map(Frame::into_data) {
                Ok(Ok(data)) => return Poll::Ready(Some(Ok(data))),
                Ok(Err(_trailers)) => {}
                Err(error) => return Poll::Ready(Some(Err(error.without_url()))),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ReqwestTransport, preset};

    #[test]
    fn a_client_that_would_take_the_key_along_is_refused() {
        let plain = || preset().unwrap();
        let refused = [
            plain().redirect(reqwest::redirect::Policy::default()),
            plain().redirect(reqwest::redirect::Policy::limited(3)),
            plain().redirect(reqwest::redirect::Policy::custom(|attempt| {
                attempt.follow()
            })),
        ];
        for builder in refused {
            let client = builder.build().unwrap();
            let error = ReqwestTransport::try_from(client).unwrap_err();
            assert!(error.to_string().contains("redirect"), "{error}");
        }
        ReqwestTransport::new(plain().build().unwrap()).unwrap();
        // What is in a header is no policy.
        let mut headers = http::HeaderMap::new();
        let value = http::HeaderValue::from_static(r#"redirect_policy: "Policy(None)""#);
        headers.insert("x-policy", value);
        let client = plain()
            .default_headers(headers)
            .redirect(reqwest::redirect::Policy::limited(3));
        ReqwestTransport::new(client.build().unwrap()).unwrap_err();
    }
}
