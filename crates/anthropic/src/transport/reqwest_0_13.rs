//! The default transport, on reqwest 0.13.
//!
//! The version is in the name because reqwest's types appear here and nowhere else: another version
//! becomes another module, not a breaking change. The adapter brings its own cryptography (ring) in
//! its own `ClientConfig`; it never installs a process-wide default, which is the program's to
//! choose. Redirects and retries are off: the pipeline above does both, with the credentials in mind.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use http::{HeaderMap, HeaderValue};
use http_body::{Body as HttpBody, Frame, SizeHint};

use super::roots::PlatformRoots;
use super::{Body, BoxError, ConnectTimeout, HttpRequest, HttpResponse, Transport, TransportError};
use crate::{BoxFuture, Error, Result};

/// How long an idle connection is kept for the next request.
const POOL_IDLE: Duration = Duration::from_secs(90);
/// How often the kernel probes a silent connection.
const KEEP_ALIVE: Duration = Duration::from_secs(60);

/// A [`Transport`] on a [`reqwest::Client`].
#[derive(Clone)]
pub struct ReqwestTransport {
    client: reqwest::Client,
    /// The clients for other connect timeouts; `None` when the client is the caller's.
    ///
    /// reqwest sets that timeout per client, so each one in use has a client (and a pool) of its own.
    variants: Option<Arc<Mutex<Variants>>>,
}

/// Clients by their connect timeout. The first is the one that the transport was made with.
type Variants = Vec<(ConnectTimeout, reqwest::Client)>;

/// How many connect timeouts have a client of their own at a time.
const MAX_VARIANTS: usize = 8;

impl ReqwestTransport {
    /// Uses a client of your own: your proxies, certificates and pool.
    ///
    /// Build it with `.redirect(reqwest::redirect::Policy::none())` and
    /// `.retry(reqwest::retry::never())`, because reqwest would otherwise follow a redirect to
    /// another host before this crate could refuse it.
    pub fn new(client: reqwest::Client) -> Self {
        Self {
            client,
            variants: None,
        }
    }

    /// A client as [`Client::new`](crate::Client::new) makes it.
    pub(crate) fn with_connect_timeout(timeout: Option<Duration>) -> Result<Self> {
        let client = build(timeout)?;
        let variants = vec![(ConnectTimeout(timeout), client.clone())];
        Ok(Self {
            client,
            variants: Some(Arc::new(Mutex::new(variants))),
        })
    }

    /// The client whose connect timeout is the one that the request asks for.
    fn client_for(&self, request: &HttpRequest) -> Result<reqwest::Client> {
        let wanted = request.extensions().get::<ConnectTimeout>();
        let (Some(variants), Some(wanted)) = (&self.variants, wanted) else {
            return Ok(self.client.clone());
        };
        let mut variants = variants.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, client)) = variants.iter().find(|(timeout, _)| timeout == wanted) {
            return Ok(client.clone());
        }
        let client = build(wanted.0)?;
        if variants.len() == MAX_VARIANTS {
            variants.remove(1);
        }
        variants.push((*wanted, client.clone()));
        Ok(client)
    }
}

fn build(connect_timeout: Option<Duration>) -> Result<reqwest::Client> {
    let mut builder = preset()?;
    if let Some(timeout) = connect_timeout {
        builder = builder.connect_timeout(timeout);
    }
    let failed = |source| Error::config("the HTTP client could not be built").caused_by(source);
    builder.build().map_err(failed)
}

/// A [`reqwest::ClientBuilder`] with everything this crate sets, to be changed and then handed to
/// [`ReqwestTransport::new`].
///
/// TLS by rustls with ring, the platform's trust roots, proxies from the environment, HTTP/2 where
/// the server offers it, TCP keep-alive 60 s, idle connections kept 90 s, no redirects, no retries.
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
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|source| Error::config("TLS could not be set up").caused_by(source))?
        // "Dangerous" is only to bring one's own verifier; this one is the platform's.
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(PlatformRoots(provider)))
        .with_no_client_auth();
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
        // Sent when it is polled; made here, because the future would keep what it is made of as long as it lasts.
        let sending = self.client_for(&request).map_err(TransportError::other);
        let sending = sending.and_then(|client| {
            let request = reqwest::Request::try_from(request.map(outgoing)).map_err(failed)?;
            Ok(client.execute(request))
        });
        Box::pin(async move {
            let response = sending?.await.map_err(failed)?;
            let mut response: http::Response<reqwest::Body> = response.into();
            detach(response.headers_mut());
            Ok(response.map(|body| {
                let len = body.size_hint().exact();
                Body::stream(Incoming(body), len)
            }))
        })
    }
}

/// Copies the values of a response's headers out of the buffer that hyper read them into. A stream keeps its
/// headers as long as it lives, and with them would keep 8 KiB for a few hundred bytes.
fn detach(headers: &mut HeaderMap) {
    for value in headers.values_mut() {
        if let Ok(mut copy) = HeaderValue::from_bytes(value.as_bytes()) {
            copy.set_sensitive(value.is_sensitive());
            *value = copy;
        }
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

/// A request's body, as hyper wants it.
struct Outgoing(Body);

impl HttpBody for Outgoing {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let chunk = ready!(Pin::new(&mut self.0).poll_next(context));
        Poll::Ready(chunk.map(|chunk| chunk.map(Frame::data).map_err(Into::into)))
    }

    fn size_hint(&self) -> SizeHint {
        self.0
            .len()
            .map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

/// A response's body, as the crate wants it: data only, trailers skipped.
struct Incoming(reqwest::Body);

impl Stream for Incoming {
    type Item = Result<Bytes, reqwest::Error>;

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, reqwest::Error>>> {
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
