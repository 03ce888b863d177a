//! Which proxy a URL is reached through.

use http::Uri;
use http::uri::Scheme;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};

use crate::config::env::ProxyVariables;
use crate::config::{Origin, port};
use crate::transport::unreachable::{Proxied, ProxySource};
use crate::{Error, Result};

/// Which proxies there are, and what they are not used for.
pub(super) struct Proxies {
    matcher: Matcher,
    /// What the matcher does not understand of `NO_PROXY`.
    exempt: Vec<Exempt>,
    /// Whether what goes to this machine goes there straight: a proxy that nobody chose for it
    /// would see the credential of a plain `http://` on a way that never had to leave the machine.
    spares_this_machine: bool,
    variables: Variables,
}

/// Which variable of the environment names the proxy for a scheme, and whether it can be read.
#[derive(Default)]
struct Variables {
    http: Option<Named>,
    https: Option<Named>,
    /// Takes every URL that `NO_PROXY` does not except.
    taken: Option<Matcher>,
}

#[derive(Clone, Copy)]
struct Named {
    variable: &'static str,
    is_readable: bool,
}

impl Variables {
    fn new(variables: ProxyVariables) -> Self {
        let ProxyVariables {
            http,
            https,
            all,
            exempt,
        } = variables;
        let named = |own: Option<(&'static str, String)>| {
            let (variable, value) = own.or_else(|| all.clone())?;
            let is_readable = read(&value).is_some();
            Some(Named {
                variable,
                is_readable,
            })
        };
        Self {
            http: named(http),
            https: named(https),
            taken: Some(Matcher::builder().all(EXAMPLE).no(exempt).build()),
        }
    }

    /// The variable that names the proxy of a URL.
    fn of(&self, url: &Uri) -> Option<Named> {
        let named = match url.scheme_str() {
            Some("http") => self.http,
            Some("https") => self.https,
            _ => None,
        }?;
        let taken = self.taken.as_ref()?;
        taken.intercept(url).is_some().then_some(named)
    }
}

const EXAMPLE: &str = "https://example.com/";

/// The proxy that a text names.
fn read(text: &str) -> Option<Intercept> {
    let matcher = Matcher::builder().all(text).build();
    matcher.intercept(&Uri::from_static(EXAMPLE))
}

/// The way to a URL.
pub(super) enum Way {
    Straight,
    Through(Intercept, ProxySource),
    /// Through the proxy of this variable, which can't be read.
    Unknown(&'static str),
}

impl Proxies {
    /// Those of the environment, and where there are such, of the system's settings.
    pub(super) fn system() -> Self {
        let variables = ProxyVariables::of_process();
        Self {
            matcher: Matcher::from_system(),
            exempt: exempt(&variables.exempt),
            spares_this_machine: true,
            variables: Variables::new(variables),
        }
    }

    pub(super) fn none() -> Self {
        Self::only(Matcher::builder().build())
    }

    /// One for every URL. A mistake in it is an error here; the environment's are reported when
    /// they are used.
    pub(super) fn one(url: &str) -> Result<Self> {
        let proxy = read(url);
        if let Some(proxy) = proxy.as_ref().filter(|proxy| !is_supported(proxy)) {
            let place = place(proxy);
            let scheme = proxy.uri().scheme_str().unwrap_or_default();
            return Err(Error::config(format!(
                "{place} speaks {scheme}, which this transport doesn't: set a proxy of `http://` or `https://`, or \
                 use the feature `reqwest`"
            )));
        }
        if proxy.is_some_and(|proxy| has_port(&proxy)) {
            return Ok(Self::only(Matcher::builder().all(url).build()));
        }
        // Without the text, which may hold a password.
        Err(Error::config(
            "the proxy's URL must be `http://` or `https://`, a host and, if any, a port from 1 to 65535",
        ))
    }

    fn only(matcher: Matcher) -> Self {
        Self {
            matcher,
            exempt: Vec::new(),
            spares_this_machine: false,
            variables: Variables::default(),
        }
    }

    /// How a URL is reached.
    pub(super) fn way(&self, url: &Uri) -> Way {
        let proxy = self.matcher.intercept(url);
        let named = self.variables.of(url);
        let way = match (named, proxy) {
            (Some(named), _) if !named.is_readable => Way::Unknown(named.variable),
            (Some(named), Some(proxy)) => {
                Way::Through(proxy, ProxySource::Variable(named.variable))
            }
            (None, Some(proxy)) => Way::Through(proxy, ProxySource::Other),
            (_, None) => return Way::Straight,
        };
        let Ok(origin) = Origin::of(url) else {
            return Way::Straight;
        };
        let is_spared = self.spares_this_machine && origin.is_loopback();
        let is_exempt = || {
            let (host, port) = (origin.host(), origin.port());
            self.exempt.iter().any(|exempt| exempt.covers(host, port))
        };
        if is_spared || is_exempt() {
            Way::Straight
        } else {
            way
        }
    }

    /// The proxy that reads requests, which those are without TLS, with the credentials that each
    /// has to carry.
    pub(super) fn reader(&self, url: &Uri) -> Option<Proxied> {
        if url.scheme() != Some(&Scheme::HTTP) {
            return None;
        }
        match self.way(url) {
            Way::Through(proxy, set) => Some(Proxied {
                place: place(&proxy).into(),
                set,
                credentials: proxy.basic_auth().cloned(),
            }),
            Way::Straight | Way::Unknown(_) => None,
        }
    }
}

/// A proxy in words.
pub(super) fn place(proxy: &Intercept) -> String {
    format!("the proxy {}", target(proxy.uri()))
}

/// The host and port, as `CONNECT` names them.
pub(super) fn target(url: &Uri) -> String {
    let usual = if url.scheme_str() == Some("http") {
        80
    } else {
        443
    };
    let port = url.port_u16().unwrap_or(usual);
    format!("{}:{port}", url.host().unwrap_or_default())
}

/// Whether this transport can talk to the proxy.
pub(super) fn is_supported(proxy: &Intercept) -> bool {
    matches!(proxy.uri().scheme_str(), Some("http" | "https"))
}

/// Whether the proxy's port, if one is written, is one.
pub(super) fn has_port(proxy: &Intercept) -> bool {
    proxy.uri().authority().is_some_and(|it| port(it).is_ok())
}

/// An entry of `NO_PROXY` with a port, a star or a dot before it.
#[derive(Debug, PartialEq, Eq)]
struct Exempt {
    /// A host, what it ends in, from the dot on, or `*` for all.
    host: String,
    port: Option<u16>,
}

impl Exempt {
    fn covers(&self, host: &str, port: u16) -> bool {
        let is_host = if self.host == "*" {
            true
        } else if self.host.starts_with('.') {
            let length = host.len().checked_sub(self.host.len());
            let end = length.and_then(|at| host.get(at..));
            end.is_some_and(|end| end.eq_ignore_ascii_case(&self.host)) && length != Some(0)
        } else {
            let below = host.len().checked_sub(self.host.len() + 1);
            let is_below = below.and_then(|at| host.get(at..)).is_some_and(|end| {
                let (dot, end) = end.split_at_checked(1).unwrap_or(("", ""));
                dot == "." && end.eq_ignore_ascii_case(&self.host)
            });
            host.eq_ignore_ascii_case(&self.host) || is_below
        };
        is_host && self.port.is_none_or(|own| own == port)
    }
}

fn exempt(list: &str) -> Vec<Exempt> {
    list.split(',')
        .filter_map(|entry| exempt_of(entry.trim()))
        .collect()
}

fn exempt_of(entry: &str) -> Option<Exempt> {
    let (host, port) = match entry.rsplit_once(':') {
        // Without brackets it is an IPv6 address.
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => {
            (host, Some(port.parse().ok()?))
        }
        _ => (entry, None),
    };
    let host = match host.strip_prefix('*') {
        Some(end) if end.starts_with('.') && end.len() > 1 => end,
        // The matcher knows it of names, and not of addresses.
        Some("") => "*",
        Some(_) => return None,
        None if host.starts_with('.') && host.len() > 1 => host,
        // What has neither a star nor a port, the matcher knows.
        None if port.is_none() => return None,
        None => host,
    };
    (!host.is_empty()).then(|| Exempt {
        host: host.to_owned(),
        port,
    })
}

#[cfg(test)]
mod tests {
    use super::{Proxies, exempt};

    #[test]
    fn a_proxy_has_a_port_that_is_one() {
        for url in [
            "http://proxy:1",
            "proxy:8080",
            "http://me:sesame@proxy:65535",
            "http://proxy",
        ] {
            assert!(Proxies::one(url).is_ok(), "{url}");
        }
        for url in [
            "http://proxy:99999",
            "http://proxy:0",
            "http://me:sesame@proxy:abc",
        ] {
            let error = Proxies::one(url).err().map(|error| error.to_string());
            let line = error.unwrap_or_default();
            assert!(line.contains("the proxy's URL must be"), "{url}: {line}");
            assert!(!line.contains("sesame"), "{line}");
        }
    }

    #[test]
    fn a_proxy_of_another_scheme_is_named() {
        for (url, scheme) in [
            (
                "socks5://me:sesame@proxy:1",
                "the proxy proxy:1 speaks socks5",
            ),
            (
                "socks4a://proxy:1080",
                "the proxy proxy:1080 speaks socks4a",
            ),
        ] {
            let error = Proxies::one(url).err().map(|error| error.to_string());
            let line = error.unwrap_or_default();
            assert!(line.contains(scheme), "{url}: {line}");
            assert!(line.contains("or use the feature `reqwest`"), "{line}");
            assert!(!line.contains("sesame"), "{line}");
        }
    }

    #[test]
    fn no_proxy_knows_stars_and_ports() {
        let list = exempt(
            "*.corp.example, gateway.example:8443,.only.example:1, [::1]:9, 10.0.0.1:80,plain.example,.0.0.1, *:9090",
        );
        let covers = |host: &str, port| list.iter().any(|it| it.covers(host, port));
        for (host, port) in [
            ("a.corp.example", 1),
            ("a.b.CORP.example", 443),
            ("gateway.example", 8443),
            ("x.gateway.example", 8443),
            ("x.only.example", 1),
            ("[::1]", 9),
            ("10.0.0.1", 80),
            ("other.example", 9090),
            ("10.0.0.1", 443),
            ("10.0.0.2", 9090),
        ] {
            assert!(covers(host, port), "{host}:{port}");
        }
        for (host, port) in [
            ("corp.example", 1),
            ("acorp.example", 1),
            ("gateway.example", 443),
            ("xgateway.example", 8443),
            ("only.example", 1),
            ("x.only.example", 2),
            ("[::1]", 8),
            ("plain.example", 443),
            ("10.0.0.2", 80),
            ("0.0.1", 80),
            ("", 0),
        ] {
            assert!(!covers(host, port), "{host}:{port}");
        }
    }

    #[test]
    fn a_star_alone_is_everything() {
        for text in ["*", " * ", "*,x", "x,*", "x, *\t,*.y:1"] {
            let list = exempt(text);
            for host in ["0.0.0.0", "[::1]", "10.0.0.1", "api.example"] {
                assert!(list.iter().any(|it| it.covers(host, 443)), "{text}: {host}");
            }
        }
    }

    #[test]
    fn what_makes_no_sense_is_left_out() {
        assert_eq!(exempt(",, :80, *x, host:port, *., ., **, ::1, a:70000"), []);
    }
}
