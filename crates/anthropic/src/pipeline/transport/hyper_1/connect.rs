//! Making connections: straight or through a proxy, plain or over TLS.
//!
//! Every way ends in the same boxed [`Connection`], so that TLS and HTTP are compiled for one type
//! of stream.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::Uri;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::connect::{Connected, Connection as Connects, HttpConnector};
use hyper_util::client::proxy::matcher::Intercept;
use tower_service::Service;

use super::context::{Activity, Key};
use super::proxy::{self, Proxies, Way, target};
use super::resolve::Resolver;
use super::tunnel::{self, NoTunnel};
use crate::BoxFuture;
use crate::transport::unreachable::{ProxySource, Unreachable};
use crate::transport::{BoxError, TransportError};

/// Makes the connections of a transport.
pub(super) struct Connector {
    pub(super) tcp: HttpConnector<Resolver>,
    /// With ALPN, for the API.
    pub(super) tls: Arc<rustls::ClientConfig>,
    /// Without ALPN, for proxies that are reached over TLS.
    pub(super) proxy_tls: Arc<rustls::ClientConfig>,
    pub(super) proxies: Proxies,
}

impl Connector {
    pub(super) async fn connect(&self, key: &Key) -> Result<Connection, TransportError> {
        let connecting = self.open(key).await;
        connecting.map_err(TransportError::connect)
    }

    async fn open(&self, key: &Key) -> Result<Connection, Unreachable> {
        let url = key
            .url(None)
            .map_err(|source| Unreachable::because(&key.authority, source))?;
        let place = target(&url);
        let (proxy, set) = match self.proxies.way(&url) {
            Way::Through(proxy, set) => (proxy, set),
            Way::Straight => {
                let tcp = self.tcp(&url, &place).await?;
                return secure(tcp, &self.tls, url, &place, PLAIN).await;
            }
            Way::Unknown(variable) => return Err(unreadable(variable)),
        };
        let connection = self.to_proxy(&proxy).await;
        let mut connection = connection.map_err(|error| error.of_proxy(set))?;
        if !key.is_secure() {
            connection.is_proxied = true;
            return Ok(connection);
        }
        let target = target(&url);
        let opened = tunnel::open(&mut connection, &target, proxy.basic_auth()).await;
        let named = proxy::place(&proxy);
        opened.map_err(|why| no_tunnel(why, &named, &target).of_proxy(set))?;
        // What is wrong may be the proxy's doing.
        let place = format!("{place} through {named}");
        let secured = secure(connection, &self.tls, url, &place, "").await;
        secured.map_err(|error| error.of_proxy(set))
    }

    /// That there is no connection, for this reason.
    pub(super) fn late(&self, key: &Key, why: &str) -> Unreachable {
        let url = key.url(None).unwrap_or_default();
        let place = target(&url);
        match self.proxies.way(&url) {
            Way::Through(proxy, set) => {
                let proxy = proxy::place(&proxy);
                Unreachable::new(format!("{place} through {proxy}: {why}")).of_proxy(set)
            }
            Way::Straight | Way::Unknown(_) => Unreachable::new(format!("{place}: {why}")),
        }
    }

    async fn tcp(&self, url: &Uri, place: &str) -> Result<Connection, Unreachable> {
        let connecting = self.tcp.clone().call(url.clone()).await;
        let stream = connecting.map_err(|error| Unreachable::because(place, error))?;
        Ok(Connection::new(stream))
    }

    async fn to_proxy(&self, proxy: &Intercept) -> Result<Connection, Unreachable> {
        let place = proxy::place(proxy);
        if !proxy::is_supported(proxy) {
            let scheme = proxy.uri().scheme_str().unwrap_or_default();
            return Err(Unreachable::new(format!(
                "{place} speaks {scheme}, which this transport doesn't: set a proxy of `http://` or `https://`, or \
                 except the host by NO_PROXY, or use the feature `reqwest`"
            ))
            .for_good());
        }
        if !proxy::has_port(proxy) {
            let host = proxy.uri().host().unwrap_or_default();
            return Err(Unreachable::new(format!(
                "the proxy {host} has a port that is not from 1 to 65535: mend the proxy's URL in the environment"
            ))
            .for_good());
        }
        let tcp = self.tcp(proxy.uri(), &place).await?;
        secure(tcp, &self.proxy_tls, proxy.uri().clone(), &place, PLAIN).await
    }
}

/// Without the value, which may hold a password.
fn unreadable(variable: &str) -> Unreachable {
    Unreachable::new(format!(
        "{variable} is set to what can't be read as a proxy's URL: write `http://` or `https://`, a host and a port, without \
         quotes or blanks; or unset it; or except the host by NO_PROXY"
    ))
    .for_good()
    .of_proxy(ProxySource::Other)
}

fn no_tunnel(why: NoTunnel, proxy: &str, target: &str) -> Unreachable {
    match why {
        NoTunnel::Broken(error) => Unreachable::because(proxy, error),
        NoTunnel::Nonsense => {
            Unreachable::new(format!("{proxy} doesn't respond as an HTTP proxy")).for_good()
        }
        NoTunnel::Refused(status, reason) => {
            let refused = format!("{proxy} refuses a tunnel to {target}: {status} {reason}");
            let refused = refused.trim_end();
            match status {
                407 => Unreachable::new(format!("{refused}; {NO_PASSWORD}")).for_good(),
                300..500 => Unreachable::new(refused).for_good(),
                _ => Unreachable::new(refused),
            }
        }
    }
}

/// What to do about a proxy's 407.
pub(super) const NO_PASSWORD: &str = "put the user and the password into the proxy's URL";

/// What to do about a server that doesn't speak TLS.
const PLAIN: &str = "; where it is meant not to, write `http://`";

/// Speaks TLS over a connection where the URL asks for it.
async fn secure(
    connection: Connection,
    tls: &Arc<rustls::ClientConfig>,
    url: Uri,
    place: &str,
    advice: &str,
) -> Result<Connection, Unreachable> {
    if url.scheme_str() != Some("https") {
        return Ok(connection);
    }
    let mut connector = HttpsConnector::from((Made(Some(connection)), tls.clone()));
    let stream = connector.call(url).await.map_err(|error| {
        if is_plain(&*error) {
            let text = format!("{place} doesn't speak TLS{advice}");
            return Unreachable::because(text, error).for_good();
        }
        Unreachable::because(format_args!("TLS with {place}"), error)
    })?;
    Ok(Connection::new(stream))
}

/// Whether the other side replied to a handshake with something that isn't TLS.
fn is_plain(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(rustls::Error::InvalidMessage(rustls::InvalidMessage::InvalidContentType)) =
            error.downcast_ref()
        {
            return true;
        }
        // The source of such an error is not the error in it, but that one's source.
        let within = error.downcast_ref().and_then(io::Error::get_ref);
        cause = match within {
            Some(within) => Some(within),
            None => error.source(),
        };
    }
    false
}

/// A connection that is there already, as what TLS is spoken over.
struct Made(Option<Connection>);

impl Service<Uri> for Made {
    type Response = Connection;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Connection, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        let made = self
            .0
            .take()
            .ok_or_else(|| BoxError::from("the connection is taken"));
        Box::pin(std::future::ready(made))
    }
}

/// A stream that HTTP can run over.
pub(super) trait Io: Read + Write + Connects + Send + Unpin {}

impl<T: Read + Write + Connects + Send + Unpin> Io for T {}

/// An open connection.
pub(super) struct Connection {
    io: Box<dyn Io>,
    /// Whether requests go to a proxy, which reads them.
    pub(super) is_proxied: bool,
    pub(super) is_http2: bool,
    /// Kept for HTTP/2 alone.
    pub(super) activity: Arc<Activity>,
}

impl Connection {
    pub(super) fn new(io: impl Io + 'static) -> Self {
        Self {
            is_http2: io.connected().is_negotiated_h2(),
            io: Box::new(io),
            is_proxied: false,
            activity: Arc::default(),
        }
    }
}

impl Connects for Connection {
    fn connected(&self) -> Connected {
        self.io.connected()
    }
}

impl Read for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut *self.io).poll_read(context, buffer);
        if self.is_http2 && read.is_ready() {
            self.activity.note();
        }
        read
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

#[cfg(test)]
mod tests {
    use std::task::Waker;
    use std::time::Duration;

    use hyper::rt::ReadBuf;

    use super::super::context::lock;
    use super::super::fake::Fake;
    use super::*;

    /// Whether a read of what a connection has counts as a sign of life.
    fn notes(is_http2: bool, pieces: &[&str]) -> bool {
        let fake = Fake::of(pieces);
        lock(&fake.0).is_http2 = is_http2;
        let mut connection = Connection::new(fake);
        let mut room = [0; 8];
        let mut room = ReadBuf::new(&mut room);
        let context = &mut Context::from_waker(Waker::noop());
        let read = Pin::new(&mut connection).poll_read(context, room.unfilled());
        assert_eq!(read.is_ready(), !pieces.is_empty());
        connection.activity.last() > Duration::ZERO
    }

    #[tokio::test(start_paused = true)]
    async fn what_http2_receives_is_a_sign_of_life() {
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(notes(true, &["x"]));
        assert!(!notes(true, &[]));
        assert!(!notes(false, &["x"]));
    }

    #[test]
    fn several_pieces_are_written_at_once_where_the_socket_can() {
        for is_vectored in [false, true] {
            let fake = Fake::default();
            lock(&fake.0).is_vectored = is_vectored;
            assert_eq!(Connection::new(fake).is_write_vectored(), is_vectored);
        }
    }
}
