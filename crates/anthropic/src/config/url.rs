//! Where requests may go: the base URL, its origin, and the hosts that may get a credential.

use std::net::IpAddr;
use std::sync::Arc;

use http::Uri;
use http::uri::{Authority, Scheme};

use crate::error::short;
use crate::text::QUOTES;
use crate::{Error, ErrorKind, Result};

/// Scheme, host and port: what a credential belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Origin {
    secure: bool,
    host: String,
    port: u16,
}

impl Origin {
    pub(crate) fn of(uri: &Uri) -> Result<Self> {
        Self::read(uri).map_err(|what| Error::request(format!("the URL {what}")))
    }

    /// The origin, or what is wrong with the URL.
    pub(crate) fn read(uri: &Uri) -> Result<Self, String> {
        let secure = match uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTPS => true,
            Some(scheme) if *scheme == Scheme::HTTP => false,
            Some(scheme) => {
                return Err(of_scheme(scheme.as_str()));
            }
            None => return Err("does not begin with `https://`".to_owned()),
        };
        let authority = uri.authority().ok_or("has no host")?;
        if authority.as_str().contains('@') {
            return Err("has a user name in it; credentials go in headers".to_owned());
        }
        let port = port(authority)?.unwrap_or(if secure { 443 } else { 80 });
        Ok(Self {
            secure,
            host: authority.host().to_ascii_lowercase(),
            port,
        })
    }

    #[cfg(feature = "hyper")]
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    #[cfg(feature = "hyper")]
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    #[cfg(feature = "profiles")]
    pub(crate) fn is_secure(&self) -> bool {
        self.secure
    }

    /// Whether it is this machine.
    pub(crate) fn is_loopback(&self) -> bool {
        let host = self.host.trim_start_matches('[').trim_end_matches(']');
        host == "localhost"
            || host.ends_with(".localhost")
            || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }
}

/// The port that is written in an authority; `http` has none for what is no port.
pub(crate) fn port(authority: &Authority) -> Result<Option<u16>, String> {
    let text = authority.as_str();
    let (_, place) = text.rsplit_once('@').unwrap_or(("", text));
    let Some((_, port)) = place
        .strip_prefix(authority.host())
        .and_then(|rest| rest.split_once(':'))
    else {
        return Ok(None);
    };
    if port.is_empty() {
        return Err("has a colon without a port behind its host".to_owned());
    }
    // A sign would be read as a part of the number.
    let is_number = port.bytes().all(|byte| byte.is_ascii_digit());
    match Some(port)
        .filter(|_| is_number)
        .and_then(|it| it.parse().ok())
    {
        Some(number) if number != 0 => Ok(Some(number)),
        _ if is_number => Err(format!("has the port {port}, which is not from 1 to 65535")),
        // It may be a password, whose user has no `@` behind it.
        _ => Err("has something behind its host that is no port".to_owned()),
    }
}

/// What is wrong with a URL of another scheme.
fn of_scheme(scheme: &str) -> String {
    format!("begins with `{}://`, not with `https://`", short(scheme))
}

/// Whether a target is a URL with a scheme and a host; one in a query or further down a path
/// doesn't make it one.
pub(crate) fn is_absolute(target: &str) -> bool {
    if target.starts_with('/') {
        return false;
    }
    let scheme = target.split_once("://").map_or("", |(scheme, _)| scheme);
    let of_scheme = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    !scheme.is_empty() && scheme.bytes().all(of_scheme)
}

/// Where the base URL was set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UrlSource {
    Default,
    Builder,
    Variable,
    #[cfg(feature = "profiles")]
    Profile,
}

/// The base URL, without a slash at its end.
#[derive(Debug, Clone)]
pub(crate) struct BaseUrl(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    text: Arc<str>,
    uri: Uri,
    origin: Origin,
    source: UrlSource,
}

/// The URL and the origin of a base URL. `name` is what errors call it.
fn read(trimmed: &str, name: &str) -> Result<(Uri, Origin)> {
    let wrong = |what: &str| Error::config(format!("{name} {what}"));
    if !is_absolute(trimmed) {
        return Err(wrong(&without_scheme(trimmed)));
    }
    let odd = |char: &char| char.is_whitespace() || char.is_control() || !char.is_ascii();
    if let Some(char) = trimmed.chars().find(odd) {
        return Err(wrong(&format!("has the character {char:?} in it")));
    }
    let (scheme, _) = trimmed.split_once("://").unwrap_or_default();
    if !["http", "https"]
        .iter()
        .any(|it| it.eq_ignore_ascii_case(scheme))
    {
        return Err(wrong(&of_scheme(scheme)));
    }
    let uri: Uri = trimmed
        .parse()
        .map_err(|source| wrong("can't be read").caused_by(source))?;
    if uri.path().ends_with("/v1/messages") {
        return Err(wrong("ends with `/v1/messages`, which requests add to it"));
    }
    if uri.query().is_some() || trimmed.contains('#') {
        return Err(wrong(
            "has a query or a fragment; set queries on the builder",
        ));
    }
    let origin = Origin::read(&uri).map_err(|what| wrong(&what))?;
    Ok((uri, origin))
}

/// Names what is often copied along with a base URL, or lost on the way.
fn check_shape(text: &str, name: &str) -> Result<()> {
    let bare = text.trim();
    let problem = if bare.is_empty() {
        "is empty; it must begin with `https://` and a host"
    } else if bare.starts_with(QUOTES) || bare.ends_with(QUOTES) {
        "is in quotes; leave them out"
    } else {
        return Ok(());
    };
    Err(Error::config(format!("{name} {problem}")))
}

/// A base URL without a slash, and without the path of a version, at its end.
fn without_version(text: &str) -> &str {
    let trimmed = text.trim().trim_end_matches('/');
    // A host may be called so.
    let bare = trimmed.strip_suffix(VERSION);
    let trimmed = bare.filter(|bare| !bare.ends_with(":/")).unwrap_or(trimmed);
    trimmed.trim_end_matches('/')
}

/// A base URL as a [`Platform`](crate::Platform) takes it from its user: trimmed, without slashes
/// and `/v1` at its end.
///
/// ```
/// use anthropic::platform::parse_base_url;
///
/// assert_eq!(parse_base_url("https://gateway.example/claude/v1/")?, "https://gateway.example/claude");
/// assert!(parse_base_url("gateway.example").is_err());
/// # Ok::<(), anthropic::Error>(())
/// ```
///
/// # Errors
///
/// [`Config`](crate::ErrorKind::Config) if it is no URL, neither `http` nor `https`, has a user
/// name, a query, a fragment or a port that is none, or ends with `/v1/messages`. The client that
/// is built refuses `http` to other machines, unless that was allowed.
pub fn parse_base_url(text: &str) -> Result<Uri> {
    check_shape(text, OF_PLATFORM)?;
    read(without_version(text), OF_PLATFORM).map(|(uri, _)| uri)
}

const OF_PLATFORM: &str = "the platform's base URL";

/// The path that every endpoint begins with, and that a base URL may or may not have.
const VERSION: &str = "/v1";

impl BaseUrl {
    pub(crate) fn parse(text: &str, source: UrlSource, trust: &Trust) -> Result<Self> {
        let trimmed = without_version(text);
        let name = match source {
            UrlSource::Default | UrlSource::Builder => "the base URL",
            UrlSource::Variable => "the base URL of ANTHROPIC_BASE_URL",
            #[cfg(feature = "profiles")]
            UrlSource::Profile => "the base URL of the profile",
        };
        check_shape(text, name)?;
        Self::checked(trimmed, name, source, trust)
    }

    /// A platform's, which is taken as it is.
    pub(crate) fn of_platform(uri: &Uri, trust: &Trust) -> Result<Self> {
        let text = uri.to_string();
        Self::checked(
            text.trim_end_matches('/'),
            OF_PLATFORM,
            UrlSource::Builder,
            trust,
        )
    }

    fn checked(trimmed: &str, name: &str, source: UrlSource, trust: &Trust) -> Result<Self> {
        let (uri, origin) = read(trimmed, name)?;
        trust.check_plaintext(&origin, ErrorKind::Config, name)?;
        Ok(Self(Arc::new(Parts {
            text: trimmed.into(),
            uri,
            origin,
            source,
        })))
    }

    /// Whether it was taken from `ANTHROPIC_BASE_URL`.
    pub(crate) fn is_of_variable(&self) -> bool {
        self.0.source == UrlSource::Variable
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0.text
    }

    pub(crate) fn text(&self) -> &Arc<str> {
        &self.0.text
    }

    pub(crate) fn uri(&self) -> &Uri {
        &self.0.uri
    }

    /// Whether a URL was made from this one, whose scheme and host it shares: then it has its
    /// origin.
    pub(crate) fn is_base_of(&self, url: &Uri) -> bool {
        let base = &self.0.uri;
        let shares = |(one, other): (&Authority, &Authority)| {
            std::ptr::eq::<str>(one.as_str(), other.as_str())
        };
        base.scheme() == url.scheme() && base.authority().zip(url.authority()).is_some_and(shares)
    }

    pub(crate) fn origin(&self) -> &Origin {
        &self.0.origin
    }
}

/// What is wrong with a URL that has no scheme. It is quoted where it is no more than a host and a
/// path.
fn without_scheme(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:/[]".contains(&byte);
    if text.is_empty() || !text.bytes().all(is_plain) {
        return "must begin with `https://` and a host".to_owned();
    }
    let (host, _) = text.split_once('/').unwrap_or((text, ""));
    // A scheme without a host, such as `https:`, is no authority: its port is empty. One without
    // its colon, such as in `http//host`, is no host.
    let is_scheme = ["http", "https"].contains(&host.to_ascii_lowercase().as_str());
    let named: Option<Authority> = host.parse().ok();
    let named = named.filter(|named| !is_scheme && port(named).is_ok());
    let Some(authority) = named else {
        return "must begin with `https://` and a host".to_owned();
    };
    let (secure, port) = (false, 80);
    let host = authority.host().to_ascii_lowercase();
    let is_local = Origin { secure, host, port }.is_loopback();
    let scheme = if is_local { "http" } else { "https" };
    format!("has no scheme: write `{scheme}://{text}`")
}

/// Which hosts a client may send its credential to, besides its base URL.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trust {
    /// Hosts that may get the credential, as `host` or `host:port`.
    pub(crate) hosts: Vec<String>,
    pub(crate) plaintext: bool,
}

impl Trust {
    /// Refuses a place that must not get the credential.
    pub(crate) fn check(&self, home: &Origin, place: &Origin, hosts: &[String]) -> Result<()> {
        if place == home {
            return Ok(());
        }
        let with_port = format!("{}:{}", place.host, place.port);
        let allowed = self.hosts.iter().chain(hosts).any(|host| {
            host.eq_ignore_ascii_case(&place.host) || host.eq_ignore_ascii_case(&with_port)
        });
        if !allowed {
            return Err(Error::new(
                ErrorKind::Redirect,
                format!(
                    "the credential belongs to {}:{}, so it is not sent to {with_port}; call \
                     `allow_host(\"{}\")` if you trust that host with it",
                    home.host, home.port, place.host,
                ),
            ));
        }
        self.check_plaintext(place, ErrorKind::Redirect, "the URL")
    }

    fn check_plaintext(&self, origin: &Origin, kind: ErrorKind, name: &str) -> Result<()> {
        if origin.secure || self.plaintext || origin.is_loopback() {
            return Ok(());
        }
        Err(Error::new(
            kind,
            format!(
                "{name}, http://{}, would carry the credential in the clear; use https, or \
                 `allow_plaintext_http(true)` if the network is yours",
                origin.host,
            ),
        ))
    }
}

#[cfg(test)]
mod tests;
