//! The settings of the default transport.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use hyper_util::client::legacy::connect::HttpConnector;

use super::HyperTransport;
use super::connect::Connector;
use super::context::Settings;
use super::pool::Pool;
use super::proxy::Proxies;
use super::resolve::Resolver;
use crate::Result;
use crate::transport::shared::{HTTP2_PING, KEEP_ALIVE, POOL_IDLE};
use crate::transport::tls::{self, Certificates, Identity};

/// The most HTTP/2 connections to a host.
const HTTP2_CONNECTIONS: usize = 8;

/// The settings of a [`HyperTransport`].
#[must_use = "`build` makes the transport"]
pub struct HyperTransportBuilder {
    roots: Vec<Vec<u8>>,
    identity: Option<(Vec<u8>, Vec<u8>)>,
    proxy: Proxy,
    http1_only: bool,
    pool_idle_timeout: Option<Duration>,
    pool_max_idle_per_host: usize,
    http2_max_connections: usize,
    http2_keep_alive: Option<Duration>,
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
            http2_max_connections: HTTP2_CONNECTIONS,
            http2_keep_alive: Some(HTTP2_PING),
        }
    }
}

impl HyperTransportBuilder {
    /// Trusts the certificates of a PEM text beside the platform's. May be called several times.
    pub fn root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.roots.push(pem.into());
        self
    }

    /// Presents this client certificate, a PEM chain, with its PEM key.
    pub fn client_certificate(
        mut self,
        chain: impl Into<Vec<u8>>,
        key: impl Into<Vec<u8>>,
    ) -> Self {
        self.identity = Some((chain.into(), key.into()));
        self
    }

    /// Sends everything through this proxy, `http://user:password@host:port` or `https://…`,
    /// whatever the environment has set; what goes to this machine, too.
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.proxy = Proxy::One(url.into());
        self
    }

    /// Uses no proxy, whatever the environment or the system has set.
    pub fn no_proxy(mut self) -> Self {
        self.proxy = Proxy::None;
        self
    }

    /// Doesn't offer HTTP/2.
    pub fn http1_only(mut self) -> Self {
        self.http1_only = true;
        self
    }

    /// How long an idle connection is kept; 90 seconds by default, `None` for no limit.
    pub fn pool_idle_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.pool_idle_timeout = timeout.into();
        self
    }

    /// How many idle connections are kept for a host; no limit by default.
    pub fn pool_max_idle_per_host(mut self, connections: usize) -> Self {
        self.pool_max_idle_per_host = connections;
        self
    }

    /// How many HTTP/2 connections there may be to a host, in each runtime; 8 by default.
    ///
    /// Another one is opened when all carry as many requests as the server allows, which often is
    /// 100. A request that finds no room on any waits, for as long as a connection may take to be
    /// made (`connect_timeout`).
    pub fn http2_max_connections(mut self, connections: usize) -> Self {
        self.http2_max_connections = connections;
        self
    }

    /// How long an HTTP/2 connection may receive nothing before a ping is sent, and then how long
    /// the reply may take; 20 seconds by default, `None` disables it. A connection that fails this
    /// is closed, and its requests fail with a broken connection, which is retried.
    pub fn http2_keep_alive(mut self, interval: impl Into<Option<Duration>>) -> Self {
        self.http2_keep_alive = interval.into();
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
        let settings = Settings {
            idle_timeout: self.pool_idle_timeout,
            max_idle: self.pool_max_idle_per_host,
            max_http2: self.http2_max_connections,
            http2_keep_alive: self.http2_keep_alive,
            offers_http2: !self.http1_only,
        };
        Ok(HyperTransport::new(connector, Pool::new(settings)))
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
            Proxy::System => Proxies::system(),
            Proxy::None => Proxies::none(),
            Proxy::One(url) => Proxies::one(url)?,
        };
        let mut tcp = HttpConnector::new_with_resolver(Resolver::new());
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_keepalive(Some(KEEP_ALIVE));
        tcp.set_keepalive_interval(Some(KEEP_ALIVE));
        Ok(Connector {
            tcp,
            tls: Arc::new(with_alpn),
            proxy_tls: Arc::new(proxy_tls),
            proxies,
        })
    }
}
