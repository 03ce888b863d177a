//! Servers over HTTP, before they are connected to.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use anthropic::transport::Transport;
use anthropic::types::Secret;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Uri};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;

use crate::error::{Error, ErrorKind, Result};
use crate::server::{Server, Settings, on_runtime};
use crate::streamable::{Client, LAST_EVENT, SESSION};

/// The header with the protocol's version, which a session agrees on.
const VERSION: &str = "mcp-protocol-version";

impl Server {
    /// A server at this URL, by the protocol's streamable HTTP transport.
    pub fn http(url: impl Into<String>) -> Http {
        Http::new(url.into())
    }
}

/// A server over HTTP that is to be connected to; made by [`Server::http`].
#[must_use = "nothing is connected until this is"]
pub struct Http {
    url: String,
    bearer: Option<Secret>,
    headers: Vec<(String, Secret)>,
    transport: Option<Arc<dyn Transport>>,
    allows_plaintext: bool,
    settings: Settings,
}

impl Http {
    fn new(url: String) -> Self {
        Self {
            url,
            bearer: None,
            headers: Vec::new(),
            transport: None,
            allows_plaintext: false,
            settings: Settings::default(),
        }
    }

    /// The server's name in errors; its host unless set.
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.settings.name = Some(name.into());
        self
    }

    /// Sends this token with each request, as `authorization: Bearer …`.
    pub fn bearer(mut self, token: impl Into<Secret>) -> Self {
        self.bearer = Some(token.into());
        self
    }

    /// Sends this header with each request; one of several values is set several times. The value
    /// does not show in `Debug`. The protocol's own headers, such as `accept`, can't be set.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<Secret>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Another transport than the default one, such as one with a proxy or a client certificate.
    pub fn transport(mut self, transport: impl Transport) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// Whether the token and headers may go over plain HTTP to another machine, where whoever is on
    /// the way reads them; refused unless set. To this machine (`localhost`, names below it
    /// and loopback addresses) they always may.
    pub fn allow_plaintext_http(mut self, allow: bool) -> Self {
        self.allows_plaintext = allow;
        self
    }

    /// How long the server may take to make a session, and to respond to listings, prompts and
    /// resources; 60 s by default. Calls of tools have the limits of their run, which waits without
    /// an end unless it has [one](anthropic::tools::ToolSettings::timeout): a server may accept a
    /// call and respond to it hours later.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.settings.timeout = limit;
        self
    }

    /// Makes a session. Redirects are not followed.
    ///
    /// # Errors
    ///
    /// [`Config`](ErrorKind::Config) if the URL or a header is none, the URL has a user name, a
    /// secret would go over [plain HTTP](Self::allow_plaintext_http), or no tokio runtime is
    /// running; else as the docs of each kind have it.
    pub async fn connect(self) -> Result<Server> {
        let url = match checked(&self.url) {
            Ok(url) => url,
            // The URL itself may have secrets in it.
            Err(message) => {
                return Err(Error::new(ErrorKind::Config, self.settings.name(), message));
            }
        };
        let headers = self.headers();
        let host = url.host().unwrap_or_default().to_owned();
        let settings = self.settings.of(host, shown(&url));
        on_runtime(&settings)?;
        let config_error =
            |message: String| Error::new(ErrorKind::Config, settings.name(), message);
        let headers = headers.map_err(config_error)?;
        if !headers.is_empty() && !self.allows_plaintext && !is_private(&url) {
            let message = "the token or header would go over plain HTTP; use https://, or allow it \
                           with `allow_plaintext_http`";
            return Err(config_error(message.into()));
        }
        let transport = match self.transport {
            Some(transport) => transport,
            None => default_transport(settings.name())?,
        };
        let client = Client::new(transport, headers);
        // In a new session the server may have other tools, which would be called unchecked.
        let config = StreamableHttpClientTransportConfig::with_uri(self.url)
            .reinit_on_expired_session(false);
        let transport = StreamableHttpClientTransport::with_client(client, config);
        Server::serve(transport, settings).await
    }

    /// What is sent with each request, or what is wrong with it.
    fn headers(&self) -> Result<HeaderMap, String> {
        let mut headers = HeaderMap::new();
        if let Some(token) = &self.bearer {
            let value = secret(&format!("Bearer {}", token.expose()));
            let value = value.ok_or("the token is no header value")?;
            headers.insert(AUTHORIZATION, value);
        }
        for (name, value) in &self.headers {
            let parsed = HeaderName::from_bytes(name.as_bytes()).ok();
            let (Some(parsed), Some(value)) = (parsed, secret(value.expose())) else {
                return Err(format!("`{name}` or its value is no header"));
            };
            if is_own(&parsed) {
                return Err(format!("`{name}` is set by the protocol"));
            }
            if parsed == AUTHORIZATION && self.bearer.is_some() {
                return Err(format!("`{name}` is set by `bearer`, too"));
            }
            headers.append(parsed, value);
        }
        Ok(headers)
    }
}

/// Whether a header is the protocol's or the transport's own.
fn is_own(name: &HeaderName) -> bool {
    let own = [ACCEPT, CONTENT_TYPE, CONTENT_LENGTH];
    own.contains(name) || [SESSION, LAST_EVENT, VERSION].contains(&name.as_str())
}

/// The URL of a server, or what is wrong with it.
fn checked(url: &str) -> Result<Uri, &'static str> {
    const NONE: &str = "the URL is no http:// or https:// URL";
    let url: Uri = url.parse().map_err(|_| NONE)?;
    if !matches!(url.scheme_str(), Some("http" | "https")) || url.host().is_none() {
        return Err(NONE);
    }
    if url.authority().is_some_and(|it| it.as_str().contains('@')) {
        return Err("the URL has a user name; set `bearer` or a header");
    }
    // `Uri` takes a port that is none, and has the usual one instead.
    let place = url.authority().map_or("", |it| it.as_str());
    let port = place.strip_prefix(url.host().unwrap_or_default());
    if let Some(port) = port.and_then(|rest| rest.strip_prefix(':')) {
        let is_number = port.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number || port.parse::<u16>().unwrap_or(0) == 0 {
            return Err("the URL's port is no number from 1 to 65535");
        }
    }
    Ok(url)
}

/// A URL as errors have it. What may be a secret is left out: the query, and long parts of the
/// path, which some servers know their users by.
fn shown(url: &Uri) -> String {
    const LONGEST: usize = 20;
    let authority = url.authority().map_or("", |it| it.as_str());
    let parts = url.path().split('/').map(|part| match part.len() {
        ..=LONGEST => part,
        _ => "…",
    });
    let path: Vec<&str> = parts.collect();
    let query = url.query().map_or("", |_| "?…");
    let scheme = url.scheme_str().unwrap_or_default();
    format!("`{scheme}://{authority}{}{query}`", path.join("/"))
}

/// Whether nobody else can read what is sent: it is encrypted, or stays on this machine.
fn is_private(url: &Uri) -> bool {
    let host = url.host().unwrap_or_default().to_ascii_lowercase();
    let address: Option<IpAddr> = host.trim_matches(['[', ']']).parse().ok();
    url.scheme_str() == Some("https")
        || host == "localhost"
        || host.ends_with(".localhost")
        || address.is_some_and(|address| address.is_loopback())
}

/// A header's value that does not show in `Debug`.
fn secret(value: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(value).ok()?;
    value.set_sensitive(true);
    Some(value)
}

#[cfg(feature = "hyper")]
fn default_transport(server: &str) -> Result<Arc<dyn Transport>> {
    let transport = anthropic::hyper_1::HyperTransport::builder().build();
    let transport = transport.map_err(|error| {
        Error::new(ErrorKind::Config, server, "the transport can't be made").caused_by(error)
    })?;
    Ok(Arc::new(transport))
}

#[cfg(not(feature = "hyper"))]
fn default_transport(server: &str) -> Result<Arc<dyn Transport>> {
    let message = "there is no transport; set one, or enable the feature `hyper`";
    Err(Error::new(ErrorKind::Config, server, message))
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers: Vec<&str> = self.headers.iter().map(|(name, _)| &**name).collect();
        f.debug_struct("Http")
            .field("bearer", &self.bearer.is_some())
            .field("headers", &headers)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::{checked, shown};

    #[test]
    fn the_url_of_a_server_has_a_port_that_is_one() {
        for url in [
            "http://x",
            "https://x:1/mcp",
            "http://[::1]:65535",
            "https://[::1]/mcp",
        ] {
            assert!(checked(url).is_ok(), "{url}");
        }
        for url in [
            "http://x:99999/mcp",
            "http://x:",
            "http://x:0",
            "http://[::1]:+80",
            "http://x:abc",
        ] {
            assert!(checked(url).is_err(), "{url}");
        }
    }

    #[test]
    fn a_url_is_shown_without_what_may_be_secret() {
        for (url, expected) in [
            ("http://x:1", "`http://x:1/`"),
            ("https://x/mcp?key=1&a", "`https://x/mcp?…`"),
            (
                "https://x/api/s/c2VjcmV0LWtleS1vZi1hLXVzZXI/mcp",
                "`https://x/api/s/…/mcp`",
            ),
        ] {
            assert_eq!(shown(&checked(url).unwrap()), expected);
        }
    }
}
