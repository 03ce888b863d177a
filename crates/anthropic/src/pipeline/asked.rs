//! What an error names of its request: the place, the proxy, the redirects on its way.

use http::uri::Scheme;
use http::{StatusCode, Uri};

use super::redirect;
use super::transport::{Proxied, ProxySource, TransportError, Unreachable};
use crate::config::{BaseUrl, Origin};
use crate::{Error, ErrorKind};

/// What an error about a response names of its request: marks a response with it.
#[derive(Clone)]
pub(crate) struct Asked {
    pub(crate) url: Uri,
    /// The redirect that turned another method into `GET`.
    pub(crate) became_get: Option<StatusCode>,
    /// The proxy that has read the request.
    pub(crate) proxied: Option<Proxied>,
}

impl Asked {
    /// Adds to an error what its reader may look for.
    pub(crate) fn explain(&self, error: Error) -> Error {
        let error = match error.status() {
            Some(StatusCode::NOT_FOUND) => {
                let where_to_look = not_found(&error, &self.url);
                error.with_note(&where_to_look)
            }
            Some(status) if redirect::is_redirect(status) => {
                error.with_note("it is a redirect without a location")
            }
            // Nobody knows whose response it is.
            Some(_) if error.api_type().is_none() => error.with_note(&at(&self.url)),
            _ => error,
        };
        match self.detours() {
            Some(note) => error.with_note(&note),
            None => error,
        }
    }

    /// What happened to the request on its way, where that may be why its response can't be
    /// decoded.
    pub(crate) fn detours(&self) -> Option<String> {
        let redirected = self.became_get.map(redirected);
        let proxied = self.proxied.as_ref().map(|proxied| {
            let set = match proxied.set {
                ProxySource::Variable(name) => format!(" of {name}"),
                ProxySource::Other => String::new(),
            };
            format!("the request went through {}{set}", proxied.place)
        });
        match (redirected, proxied) {
            (Some(one), Some(other)) => Some(format!("{one}; {other}")),
            (one, other) => one.or(other),
        }
    }
}

/// Where to look for what was not found.
pub(crate) fn not_found(error: &Error, url: &Uri) -> String {
    let url = at(url);
    // The API has the place, and lacks the model.
    match error.api_message() {
        Some(message) if message.starts_with("model: ") => {
            format!("check the model's name, `client.models().list()` has all of them; {url}")
        }
        _ => url,
    }
}

/// Where a request went.
pub(crate) fn at(url: &Uri) -> String {
    format!("the URL was {}", redirect::without_query(url))
}

fn redirected(status: StatusCode) -> String {
    let status = status.as_u16();
    format!("the server redirected with {status}, which made the request a GET")
}

/// Adds the redirect that turned another method into `GET`, if there was one.
pub(crate) fn on_the_way(error: Error, became_get: Option<StatusCode>) -> Error {
    match became_get {
        Some(status) => error.with_note(&redirected(status)),
        None => error,
    }
}

/// The error of a request that the transport could not send.
pub(crate) fn not_sent(error: TransportError, url: &Uri, home: &BaseUrl) -> Error {
    let proxy = error.source.downcast_ref().and_then(Unreachable::proxy);
    let error = Error::transport(error);
    match proxy {
        Some(ProxySource::Variable(name)) => {
            return error.with_note(&format!("the proxy comes from {name}"));
        }
        Some(ProxySource::Other) => return error,
        None => {}
    }
    let is_of_place = matches!(
        error.kind(),
        ErrorKind::Connect | ErrorKind::Body | ErrorKind::Timeout
    );
    if !is_of_place {
        return error;
    }
    let error = if error.has_message() {
        error
    } else {
        error.with_note(&place(url))
    };
    of_variable(error, url, home)
}

/// No headers of a response came in time.
pub(crate) fn no_headers(waited: &str, url: &Uri, home: &BaseUrl) -> Error {
    let message = format!("{}: no response headers within {waited}", place(url));
    of_variable(Error::timeout(message), url, home)
}

/// The host and the port of a URL.
fn place(url: &Uri) -> String {
    let usual = if url.scheme() == Some(&Scheme::HTTP) {
        80
    } else {
        443
    };
    let port = url.port_u16().unwrap_or(usual);
    format!("{}:{port}", url.host().unwrap_or_default())
}

fn of_variable(error: Error, url: &Uri, home: &BaseUrl) -> Error {
    let is_home = || Origin::of(url).is_ok_and(|origin| origin == *home.origin());
    if home.is_of_variable() && is_home() {
        return error.with_hint("the URL comes from ANTHROPIC_BASE_URL");
    }
    error
}
