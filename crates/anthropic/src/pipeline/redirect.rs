//! Redirects, followed by us so that no credential leaves its origin.
//!
//! The rules of the web apply to the method: 303 becomes a `GET`, 301 and 302 turn a `POST` into
//! one, 307 and 308 repeat the request, for which its body must be there a second time.

use std::borrow::Cow;

use http::header::{CONTENT_LENGTH, CONTENT_TYPE, LOCATION, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};

use super::middleware::Attempt;
use crate::config::{Origin, is_absolute};
use crate::error::excerpt;
use crate::request::headers::unset;
use crate::text::join;
use crate::transport::{Body, ConnectTimeout, HttpRequest, HttpResponse};
use crate::{Error, ErrorKind, Result};

/// The longest chain of redirects that is followed.
pub(crate) const MAX_REDIRECTS: u32 = 10;

type Header<'h> = (&'h HeaderName, &'h HeaderValue);

/// What is kept of a request to follow a redirect of its response.
pub(crate) struct RedirectState<'a> {
    method: Method,
    uri: Uri,
    /// The canonical ones, unless a middleware or the platform has changed them: a copy would be
    /// kept until the response comes.
    headers: Cow<'a, HeaderMap>,
    extensions: Kept,
    body: Option<Body>,
}

/// The extensions of a request: those that every one has, or all, where others were added.
enum Kept {
    Ours(Attempt, ConnectTimeout),
    All(http::Extensions),
}

impl Kept {
    fn of(extensions: &http::Extensions) -> Self {
        let ours = (extensions.get().copied(), extensions.get().copied());
        match (ours, extensions.len()) {
            ((Some(attempt), Some(connect)), 2) => Self::Ours(attempt, connect),
            _ => Self::All(extensions.clone()),
        }
    }

    fn into_extensions(self) -> http::Extensions {
        match self {
            Self::All(extensions) => extensions,
            Self::Ours(attempt, connect) => {
                let mut extensions = http::Extensions::new();
                extensions.insert(attempt);
                extensions.insert(connect);
                extensions
            }
        }
    }
}

impl<'a> RedirectState<'a> {
    pub(crate) fn of(request: &HttpRequest, canonical: &'a HeaderMap) -> Self {
        // In order, which is cheaper than `==` and is never wrong about equality.
        let is_same = |((name, value), other): (Header<'_>, Header<'_>)| {
            // Most values are copies that share their text.
            name == other.0
                && (std::ptr::eq(value.as_bytes(), other.1.as_bytes()) || value == other.1)
        };
        let headers = request.headers();
        let are_same = headers.iter().zip(canonical).all(is_same);
        let headers = if are_same && headers.len() == canonical.len() {
            Cow::Borrowed(canonical)
        } else {
            Cow::Owned(request.headers().clone())
        };
        Self {
            method: request.method().clone(),
            uri: request.uri().clone(),
            headers,
            extensions: Kept::of(request.extensions()),
            body: request.body().try_clone(),
        }
    }

    pub(crate) fn method(&self) -> &Method {
        &self.method
    }

    pub(crate) fn url(&self) -> &Uri {
        &self.uri
    }

    /// The request to send next, or `None` when the response is no redirect.
    pub(crate) fn follow(self, response: &HttpResponse) -> Result<Option<HttpRequest>> {
        if !is_redirect(response.status()) {
            return Ok(None);
        }
        let Some(location) = response.headers().get(LOCATION) else {
            return Ok(None);
        };
        let text = location.to_str().ok();
        let uri = text
            .and_then(|location| resolve(&self.uri, location))
            .ok_or_else(|| {
                let shown = shown(location);
                refused(format!("the server redirects to {shown}, which is no URL"))
            })?;
        // What is wrong with it is the server's doing.
        Origin::read(&uri).map_err(|what| {
            if location.as_bytes().contains(&b'@') {
                return refused(format!("the server redirects to a URL that {what}"));
            }
            let shown = shown(location);
            refused(format!("the server redirects to {shown}, which {what}"))
        })?;
        let mut request = HttpRequest::new(Body::empty());
        *request.method_mut() = redirected(response.status(), &self.method);
        *request.uri_mut() = uri;
        *request.headers_mut() = self.headers.into_owned();
        *request.extensions_mut() = self.extensions.into_extensions();
        if *request.method() == self.method {
            *request.body_mut() = self.body.ok_or_else(|| {
                let shown = without_query(request.uri());
                refused(format!(
                    "the server redirects to {shown}, where the body can't be sent a second time"
                ))
            })?;
        } else {
            for name in [CONTENT_TYPE, CONTENT_LENGTH, TRANSFER_ENCODING] {
                unset(request.headers_mut(), &name);
            }
        }
        Ok(Some(request))
    }
}

/// Whether a status asks for another URL.
pub(crate) fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// A chain of redirects that is too long, and goes on from this URL.
pub(crate) fn endless(url: &Uri) -> Error {
    let url = without_query(url);
    refused(format!(
        "the server redirects without end: {MAX_REDIRECTS} redirects led to {url}"
    ))
}

/// A URL without its query, which is nobody's business.
pub(crate) fn without_query(url: &Uri) -> String {
    let scheme = url.scheme_str().unwrap_or_default();
    let authority = url.authority().map_or("", |authority| authority.as_str());
    format!("{scheme}://{authority}{}", url.path())
}

fn refused(message: String) -> Error {
    Error::new(ErrorKind::Redirect, message)
}

/// A location as an error quotes it: without a query, and not at all if it may have a password.
fn shown(location: &HeaderValue) -> String {
    let text = String::from_utf8_lossy(location.as_bytes());
    let bare = text.split(['?', '#']).next().unwrap_or_default();
    if bare.contains('@') {
        return "a place with a user name".to_owned();
    }
    excerpt(bare.as_bytes())
}

fn redirected(status: StatusCode, method: &Method) -> Method {
    match (status.as_u16(), method) {
        (303, &Method::HEAD) => Method::HEAD,
        (303, _) | (301 | 302, &Method::POST) => Method::GET,
        _ => method.clone(),
    }
}

/// Resolves a reference against the URL that it came from (RFC 3986, section 5.2).
fn resolve(base: &Uri, reference: &str) -> Option<Uri> {
    let reference = reference.split('#').next().unwrap_or_default();
    let scheme = base.scheme_str()?;
    let authority = base.authority()?.as_str();
    if is_absolute(reference) {
        return reference.parse().ok();
    }
    // A colon in the first segment ends a scheme (RFC 3986, section 4.2), and none of those is
    // ours.
    let first = reference.split(['/', '?']).next().unwrap_or_default();
    if first.contains(':') {
        return None;
    }
    if let Some(rest) = reference.strip_prefix("//") {
        return format!("{scheme}://{rest}").parse().ok();
    }
    let (path, query) = match reference.split_once('?') {
        Some((path, query)) => (path, format!("?{query}")),
        None => (reference, String::new()),
    };
    let path = if path.starts_with('/') {
        remove_dots(path)
    } else if path.is_empty() {
        base.path().to_owned()
    } else {
        let folder = base
            .path()
            .rsplit_once('/')
            .map_or("", |(folder, _)| folder);
        remove_dots(&format!("{folder}/{path}"))
    };
    format!("{scheme}://{authority}{path}{query}").parse().ok()
}

fn remove_dots(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let mut segments = path.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        let last = segments.peek().is_none();
        match segment {
            "." | ".." => {
                if segment == ".." {
                    kept.pop();
                }
                if last {
                    kept.push("");
                }
            }
            _ => kept.push(segment),
        }
    }
    format!("/{}", join(&kept, "/"))
}

#[cfg(test)]
mod tests;
