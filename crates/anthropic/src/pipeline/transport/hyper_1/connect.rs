//! Making connections: straight or through a proxy, plain or over TLS.
//!
//! Every way ends in the same boxed [`Connection`], so that TLS and HTTP are compiled for one type
//! of stream.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::uri::Scheme;
use http::{HeaderValue, Uri};
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::legacy::connect::{Connected, Connection as Connects, HttpConnector};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use tower_service::Service;

use super::super::BoxError;
use crate::BoxFuture;
use crate::config::Origin;

/// Makes the connection for a URL, as hyper's pool asks for it.
#[derive(Clone)]
pub(super) struct Connector {
    pub(super) tcp: HttpConnector,
    /// With ALPN, for the API.
    pub(super) tls: Arc<rustls::ClientConfig>,
    /// Without ALPN, for proxies that are reached over TLS.
    pub(super) proxy_tls: Arc<rustls::ClientConfig>,
    pub(super) proxies: Arc<Matcher>,
    /// Whether what goes to this machine goes there straight: a proxy that nobody chose for it
    /// would see the credential of a plain `http://` on a way that never had to leave the machine.
    pub(super) spares_this_machine: bool,
}

impl Connector {
    /// The credentials that a request itself has to carry, because a proxy reads it: those without
    /// TLS.
    pub(super) fn proxy_authorization(&self, url: &Uri) -> Option<HeaderValue> {
        if url.scheme() != Some(&Scheme::HTTP) {
            return None;
        }
        self.proxy(url)?.basic_auth().cloned()
    }

    /// The proxy through which a URL is reached, if any.
    fn proxy(&self, url: &Uri) -> Option<Intercept> {
        let spared =
            self.spares_this_machine && Origin::of(url).is_ok_and(|origin| origin.is_loopback());
        if spared {
            return None;
        }
        self.proxies.intercept(url)
    }

    async fn connect(self, url: Uri) -> Result<Connection, BoxError> {
        let Some(proxy) = self.proxy(&url) else {
            let straight = Hop::Tcp(self.tcp);
            return open(straight, self.tls, url).await;
        };
        let scheme = proxy.uri().scheme_str().unwrap_or_default();
        if !matches!(scheme, "http" | "https") {
            let problem = format!("proxies are reached by http or https, not by `{scheme}`");
            return Err(io::Error::new(io::ErrorKind::Unsupported, problem).into());
        }
        if url.scheme() == Some(&Scheme::HTTPS) {
            let tunnel = Hop::Tunnel(self.tcp, self.proxy_tls, proxy);
            return open(tunnel, self.tls, url).await;
        }
        let to = proxy.uri().clone();
        let mut connection = open(Hop::Tcp(self.tcp), self.proxy_tls, to).await?;
        connection.is_proxied = true;
        Ok(connection)
    }
}

impl Service<Uri> for Connector {
    type Response = Connection;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Connection, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, url: Uri) -> Self::Future {
        Box::pin(self.clone().connect(url))
    }
}

/// Connects by a hop, and speaks TLS over it where the URL says so.
async fn open(hop: Hop, tls: Arc<rustls::ClientConfig>, url: Uri) -> Result<Connection, BoxError> {
    let stream = HttpsConnector::from((hop, tls)).call(url).await?;
    Ok(Connection::new(stream))
}

/// How bytes get to the host of a URL.
#[derive(Clone)]
enum Hop {
    Tcp(HttpConnector),
    Tunnel(HttpConnector, Arc<rustls::ClientConfig>, Intercept),
}

impl Service<Uri> for Hop {
    type Response = Connection;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Connection, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, url: Uri) -> Self::Future {
        match self {
            Self::Tcp(tcp) => {
                let connecting = tcp.call(url);
                Box::pin(async move { Ok(Connection::new(connecting.await?)) })
            }
            Self::Tunnel(tcp, tls, proxy) => {
                let to_proxy = HttpsConnector::from((Self::Tcp(tcp.clone()), tls.clone()));
                let mut tunnel = Tunnel::new(proxy.uri().clone(), to_proxy);
                if let Some(credentials) = proxy.basic_auth() {
                    tunnel = tunnel.with_auth(credentials.clone());
                }
                let connecting = tunnel.call(url);
                Box::pin(async move { Ok(Connection::new(connecting.await?)) })
            }
        }
    }
}

/// A stream that HTTP can run over.
trait Io: Read + Write + Connects + Send + Unpin {}

impl<T: Read + Write + Connects + Send + Unpin> Io for T {}

/// An open connection.
pub(super) struct Connection {
    io: Box<dyn Io>,
    is_proxied: bool,
}

impl Connection {
    fn new(io: impl Io + 'static) -> Self {
        Self {
            io: Box::new(io),
            is_proxied: false,
        }
    }
}

impl Connects for Connection {
    fn connected(&self) -> Connected {
        let connected = self.io.connected();
        if self.is_proxied {
            return connected.proxy(true);
        }
        connected
    }
}

impl Read for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.io).poll_read(context, buffer)
    }
}

impl Write for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.io).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.io).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.io).poll_shutdown(context)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.io).poll_write_vectored(context, buffers)
    }
}
