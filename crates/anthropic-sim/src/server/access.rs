//! Who may talk to the simulator at all, before anything else is looked at.
//!
//! It listens on a developer's machine, where every web page that is open can send requests to it.
//! So a request must name a host that is this machine (a page elsewhere can have its own name lead
//! here), must not come from another origin unless that is allowed, and what tests control needs a
//! token unless it is asked for from this machine.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::uri::Authority;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use serde_json::json;

use super::socket::RequestSocket;
use crate::http::call::{CONTROL_HEADER, json as answer, json_with, parse_query};
use crate::inspector;

const CONTROL: &str = "/_sim";
const CONTROL_BELOW: &str = "/_sim/";
const HEALTH: &str = "/health";
/// What a page may read of a response beside its body: every header, as of the API's.
const EXPOSED: HeaderValue = HeaderValue::from_static("*");

/// The origin of the page that a request comes from, for what is written past the HTTP library.
#[derive(Clone)]
pub(crate) struct Allowed(HeaderValue);

impl Allowed {
    /// The headers that let the page read a response.
    fn headers(&self) -> [(HeaderName, HeaderValue); 2] {
        [
            (header::ACCESS_CONTROL_ALLOW_ORIGIN, self.0.clone()),
            (header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED),
        ]
    }

    /// The same as lines of a response's head.
    pub(super) fn lines(&self) -> Vec<u8> {
        let mut lines = Vec::new();
        for (name, value) in self.headers() {
            for part in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
                lines.extend_from_slice(part);
            }
        }
        lines
    }
}

/// Who is let in.
#[derive(Default)]
pub(crate) struct Access {
    /// Names beside addresses and `localhost` under which the simulator may be called.
    pub(crate) hosts: Vec<String>,
    /// Origins whose pages may talk to it; `*` for all.
    pub(crate) origins: Vec<String>,
    pub(crate) token: String,
    /// Whether it is served by HTTPS, which is part of its own origin.
    pub(crate) is_secure: bool,
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Access")
            .field("hosts", &self.hosts)
            .field("origins", &self.origins)
            .finish_non_exhaustive()
    }
}

fn refused(status: StatusCode, problem: &str) -> Response {
    let kind = match status {
        StatusCode::BAD_REQUEST => "invalid_request_error",
        _ => "permission_error",
    };
    let error = json!({"type": kind, "message": problem});
    json_with(status, &json!({"type": "error", "error": error}))
}

pub(crate) async fn check(
    State(access): State<Arc<Access>>,
    ConnectInfo(socket): ConnectInfo<RequestSocket>,
    mut request: Request,
    next: Next,
) -> Response {
    let headers = request.headers();
    // RFC 9112, section 3.2. Whoever stands between might have looked at the other one.
    if headers.get_all(header::HOST).iter().count() > 1 {
        return refused(
            StatusCode::BAD_REQUEST,
            "host: a request has this header once",
        );
    }
    if !access.knows_host(headers, request.uri()) {
        return refused(
            StatusCode::FORBIDDEN,
            "this host name is not one of the simulator's; it accepts addresses, localhost, and names that \
             --allow-host gives it",
        );
    }
    let origin = match access.origin(headers, request.uri()) {
        Ok(origin) => origin,
        Err(problem) => return refused(StatusCode::FORBIDDEN, problem),
    };
    let path = request.uri().path();
    let control = path.starts_with(CONTROL_BELOW) && !inspector::is_file(path) || path == CONTROL;
    let peer = socket.tcp().peer_addr().ok().map(|peer| peer.ip());
    let allowed = origin.map(Allowed);
    let asked = header::ACCESS_CONTROL_REQUEST_METHOD;
    let asks = request.method() == Method::OPTIONS && headers.contains_key(asked);
    let mut response = if asks && allowed.is_some() {
        // A browser sends no token with its question.
        preflight(headers)
    } else if path == HEALTH {
        answer(&json!({"status": "ok"}))
    } else if control && !access.may_control(peer, &request) {
        refused(
            StatusCode::UNAUTHORIZED,
            "from another machine this needs the header anthropic-sim-token, with the token that was printed at the start",
        )
    } else {
        if let Some(allowed) = &allowed {
            request.extensions_mut().insert(allowed.clone());
        }
        next.run(request).await
    };
    if let Some(allowed) = allowed {
        let headers = response.headers_mut();
        headers.extend(allowed.headers());
        headers.append(header::VARY, HeaderValue::from_static("origin"));
    }
    response
}

/// The response to a browser's question whether a request is allowed: it is.
fn preflight(asked: &HeaderMap) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    let methods = HeaderValue::from_static("GET, POST, PUT, PATCH, DELETE");
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
    if let Some(names) = asked.get(header::ACCESS_CONTROL_REQUEST_HEADERS) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, names.clone());
    }
    let day = HeaderValue::from_static("86400");
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, day);
    response
}

/// Fails unless a browser could send this as an origin, or it stands for all.
pub(crate) fn is_origin(text: &str) -> Result<(), String> {
    let sent = |uri: &Uri| Some(format!("{}://{}", uri.scheme_str()?, uri.authority()?));
    let uri = text.parse::<Uri>().ok();
    match uri.as_ref().and_then(sent) {
        _ if text == "*" => Ok(()),
        Some(origin) if origin == text => Ok(()),
        Some(origin) => Err(format!(
            "{text:?} is no origin, which ends with its host and port: {origin}"
        )),
        None => Err(format!(
            "{text:?} is no origin, which begins with its scheme: http://{text}"
        )),
    }
}

/// Fails unless this is a host name without a port: any is accepted.
pub(crate) fn is_host_name(text: &str) -> Result<(), String> {
    let authority = text.parse::<Authority>().ok();
    let host = authority.as_ref().map(Authority::host);
    match host {
        Some(host) if host == text => Ok(()),
        Some(host) => Err(format!(
            "{text:?} is no host name, which has no port: {host}"
        )),
        None => Err(format!("{text:?} is no host name, such as sim")),
    }
}

impl Access {
    /// Whether the request names this machine, or nothing. HTTP/2 has the name in the target.
    fn knows_host(&self, headers: &HeaderMap, target: &Uri) -> bool {
        let named = headers.get(header::HOST).map(|host| {
            let host = host.to_str().ok()?;
            host.parse::<Authority>()
                .ok()
                .filter(|_| !host.contains('@'))
        });
        let target = target.authority().map(|host| Some(host.clone()));
        let mut hosts = named.into_iter().chain(target);
        hosts.all(|host| host.is_some_and(|host| self.knows(&host)))
    }

    fn knows(&self, host: &Authority) -> bool {
        let name = host.host().trim_matches(['[', ']']);
        name.parse::<IpAddr>().is_ok()
            || is_localhost(name)
            || self
                .hosts
                .iter()
                .any(|known| known.eq_ignore_ascii_case(name))
    }

    /// The origin to allow, if a page of an allowed one asks; fails for a page of another.
    fn origin(
        &self,
        headers: &HeaderMap,
        target: &Uri,
    ) -> Result<Option<HeaderValue>, &'static str> {
        const FOREIGN: &str =
            "pages of this origin may not talk to the simulator; --cors ORIGIN lets them";
        let Some(origin) = headers.get(header::ORIGIN) else {
            let site = headers.get(HeaderName::from_static("sec-fetch-site"));
            let own = site.is_none_or(|site| site == "same-origin" || site == "none");
            return if own { Ok(None) } else { Err(FOREIGN) };
        };
        let host = headers
            .get(header::HOST)
            .and_then(|host| host.to_str().ok());
        let host = host.or_else(|| Some(target.authority()?.as_str()));
        let text = origin.to_str().unwrap_or_default();
        let scheme = if self.is_secure {
            "https://"
        } else {
            "http://"
        };
        let own = text.strip_prefix(scheme);
        if own.is_some() && own == host {
            return Ok(None);
        }
        if self
            .origins
            .iter()
            .any(|known| known == "*" || known == text)
        {
            Ok(Some(origin.clone()))
        } else {
            Err(FOREIGN)
        }
    }

    /// Whether what tests control may be used: from this machine, or with the token.
    fn may_control<B>(&self, peer: Option<IpAddr>, request: &http::Request<B>) -> bool {
        if peer.is_some_and(|peer| peer.to_canonical().is_loopback()) {
            return true;
        }
        let header = request.headers().get(CONTROL_HEADER);
        let query = parse_query(request.uri().query());
        let query = query.iter().find(|(name, _)| name == "token");
        let given = header
            .map(HeaderValue::as_bytes)
            .or_else(|| query.map(|(_, token)| token.as_bytes()));
        !self.token.is_empty() && given.is_some_and(|given| same(given, self.token.as_bytes()))
    }
}

/// `localhost`, or a name below it.
fn is_localhost(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or_default();
    last.eq_ignore_ascii_case("localhost")
}

/// Compares in a time that depends on the lengths alone.
fn same(one: &[u8], other: &[u8]) -> bool {
    let differences = one
        .iter()
        .zip(other)
        .fold(0, |all, (one, other)| all | (one ^ other));
    one.len() == other.len() && differences == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn may_control(token: &str, peer: &str, header: Option<&str>, target: &str) -> bool {
        let access = Access {
            token: token.to_owned(),
            ..Access::default()
        };
        let mut request = http::Request::new(());
        *request.uri_mut() = target.parse().unwrap();
        if let Some(header) = header {
            let header = HeaderValue::from_str(header).unwrap();
            request.headers_mut().insert(CONTROL_HEADER, header);
        }
        access.may_control(peer.parse().ok(), &request)
    }

    #[test]
    fn this_machine_needs_no_token() {
        for peer in ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"] {
            for token in ["", "secret"] {
                assert!(may_control(token, peer, None, "/_sim/rules"), "{peer}");
            }
        }
    }

    #[test]
    fn other_machines_need_the_token() {
        for peer in [
            "10.0.0.7",
            "192.168.1.2",
            "0.0.0.0",
            "fe80::1",
            "2001:db8::1",
            "::ffff:10.0.0.7",
            "unknown",
        ] {
            for (header, target, allowed) in [
                (None, "/_sim/rules", false),
                (Some("secret"), "/_sim/rules", true),
                (None, "/_sim?token=secret", true),
                (None, "/_sim?a=b&token=s%65cret", true),
                (Some("secre"), "/_sim/rules", false),
                (Some("secret1"), "/_sim/rules", false),
                (Some(""), "/_sim/rules", false),
                (Some("wrong"), "/_sim?token=secret", false),
                (None, "/_sim?token=", false),
                (None, "/_sim?tokens=secret", false),
            ] {
                let found = may_control("secret", peer, header, target);
                assert_eq!(found, allowed, "{peer} {header:?} {target}");
            }
            // Where there is none, nobody has it.
            assert!(!may_control("", peer, Some(""), "/_sim?token="));
        }
    }
}
