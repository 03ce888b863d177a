//! One request and its response on a connection, which is then given back, or not.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use http::header::HOST;
use http::uri::PathAndQuery;
use http::{Method, Request, Response, Uri, Version};
use http_body::Body as HttpBody;
use hyper::body::Incoming;
use hyper::client::conn::TrySendError;

use super::direct::{Exchange, NoHead};
use super::host::{Exclusive, Host, Lease};
use super::multiplexed::Slot;
use super::response::{Framing, Invalid, MAX_HEADERS, closes};
use super::wire::WireBody;
use crate::transport::shared::Outgoing;
use crate::transport::unreachable::Unreachable;
use crate::transport::{Body, BoxError, HttpResponse, TransportError, detach};
use crate::{BoxFuture, Error};

/// Why there is no response.
pub(super) struct Failed {
    pub(super) error: TransportError,
    /// The request, where nothing of it was sent because a connection of the pool turned out to be
    /// closed.
    pub(super) unsent: Option<Request<Outgoing>>,
}

/// Sends the request on the connection, which the response's body then keeps. `due` is the time on
/// tokio's clock when the caller stops waiting for the response's head.
///
/// It hands the request to the connection before it returns, so that what waits has no room for it.
pub(super) fn exchange(
    lease: Lease,
    host: &Arc<Host>,
    mut request: Request<Outgoing>,
    due: Option<Duration>,
) -> BoxFuture<'static, Result<HttpResponse, Failed>> {
    match lease {
        Lease::Http1 {
            mut connection,
            is_reused,
        } => {
            to_http1(&mut request, host, connection.is_proxied);
            if connection.sender.is_ready() {
                if let Some(exchange) = Exchange::of(&connection.wire, &request, is_reused) {
                    return directly(exchange, connection, host.clone(), is_reused);
                }
            }
            request.body_mut().set_at_end(connection.wire.sends());
            let has_body = request.method() != Method::HEAD;
            connection.wire.expect_head(has_body);
            let sent = connection.sender.try_send_request(request);
            let mut held = Asked(Some(Held::Http1(connection, host.clone())));
            let host = host.clone();
            Box::pin(async move {
                let sent = sent.await;
                let response = sent.map_err(|error| failed(error, is_reused, &host))?;
                Ok(respond(response, held.0.take()))
            })
        }
        Lease::Http2(slot) => {
            let sending = slot.sender().try_send_request(request);
            let host = host.clone();
            let mut waiting = Waiting {
                slot: Some(slot),
                due,
            };
            Box::pin(async move {
                let sent = sending.await;
                // From here on the connection has responded.
                let slot = waiting.slot.take();
                let response = sent.map_err(|error| failed(error, true, &host))?;
                if response.headers().len() > MAX_HEADERS {
                    return Err(Failed {
                        error: too_many_headers(),
                        unsent: None,
                    });
                }
                Ok(respond(response, Some(Held::Http2(slot))))
            })
        }
    }
}

/// Past hyper. The request is gone then: what can be seen of a closed connection has been.
fn directly(
    mut exchange: Exchange,
    connection: Exclusive,
    host: Arc<Host>,
    is_reused: bool,
) -> BoxFuture<'static, Result<HttpResponse, Failed>> {
    let mut held = Asked(Some(Held::Http1(connection, host.clone())));
    Box::pin(async move {
        let received = poll_fn(|context| exchange.poll(context)).await;
        let received = received.map_err(|why| Failed {
            error: no_head(why, is_reused, &host),
            unsent: None,
        })?;
        if let Some(Held::Http1(connection, _)) = &mut held.0 {
            connection.is_last = closes(received.head.response.headers());
        }
        let len = match received.head.framing {
            Framing::Length(len) => Some(len),
            Framing::Chunked | Framing::Close => None,
        };
        let mut body = exchange.into_body(&received.head, received.first);
        let held = held.0.take();
        Ok(received.head.response.map(|()| match body.whole() {
            Some(bytes) => {
                give_back(Source::Wire(body), held);
                bytes.into()
            }
            None => Body::of_chunks(
                Arriving {
                    body: Some(Source::Wire(body)),
                    held,
                },
                len,
            ),
        }))
    })
}

/// Gives the connection back after a body's end.
fn give_back(mut body: Source, held: Option<Held>) {
    let Some(held) = held else {
        return;
    };
    match (body.take_rest(), held) {
        (Some(rest), Held::Http1(connection, host)) => host.send_rest(rest, connection),
        (_, held) if body.release() => held.give_back(),
        (_, held) => held.end(),
    }
}

fn no_head(why: NoHead, is_reused: bool, host: &Host) -> TransportError {
    match why {
        NoHead::Invalid(Invalid::TooLarge) => too_many_headers(),
        NoHead::Invalid(Invalid::Version) if !is_reused => {
            TransportError::io(no_http(host, invalid("it is of another protocol")))
        }
        NoHead::Invalid(Invalid::Version) => through(invalid("it is of another protocol"), host),
        NoHead::Invalid(Invalid::Syntax(what)) => through(invalid(what), host),
        NoHead::Broken(error) => through(error, host),
    }
}

fn invalid(what: &str) -> io::Error {
    let text = format!("the response's head is not HTTP: {what}");
    io::Error::new(io::ErrorKind::InvalidData, text)
}

/// An error of a connection, which may go through a proxy.
fn through(error: impl Into<BoxError>, host: &Host) -> TransportError {
    let Some(proxied) = &host.proxied else {
        return TransportError::io(error);
    };
    let place = format!("{} through {}", host.place(), proxied.place);
    TransportError::io(Unreachable::because(place, error).of_proxy(proxied.set))
}

fn failed(mut error: TrySendError<Request<Outgoing>>, is_reused: bool, host: &Host) -> Failed {
    let unsent = error.take_message().filter(|_| is_reused);
    let error = error.into_error();
    // The methods that report these are there for servers only.
    let is_about = |what: &str| error.is_parse() && error.to_string().contains(what);
    let error = if is_about("too large") {
        too_many_headers()
    } else if is_about("HTTP version") && !is_reused {
        TransportError::io(no_http(host, error))
    } else {
        through(error, host)
    };
    Failed { error, unsent }
}

/// What responds is no HTTP server, and won't be one for another attempt.
fn no_http(host: &Host, error: impl Into<BoxError>) -> Unreachable {
    let text = |place: &str, advice: &str| {
        format!("{place} doesn't respond as an HTTP server does{advice}")
    };
    if let Some(proxied) = &host.proxied {
        let text = text(&proxied.place, "");
        return Unreachable::because(text, error)
            .for_good()
            .of_proxy(proxied.set);
    }
    let advice = if host.key.is_secure() {
        ""
    } else {
        "; where it speaks TLS, write `https://`"
    };
    Unreachable::because(text(&host.place(), advice), error).for_good()
}

fn too_many_headers() -> TransportError {
    // hyper has one error for all of them.
    let text = format!(
        "the response has more than {MAX_HEADERS} headers, or they are too long, or its content-length is impossible"
    );
    TransportError::io(Unreachable::new(text).for_good())
}

/// A request on an HTTP/2 connection that has no response yet.
struct Waiting {
    slot: Option<Slot>,
    due: Option<Duration>,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if let Some(slot) = &self.slot {
            slot.give_up(self.due);
        }
    }
}

/// A request on an HTTP/1 connection whose response nobody has taken yet. The connection would go
/// on with the request where its response is there already.
struct Asked(Option<Held>);

impl Drop for Asked {
    fn drop(&mut self) {
        if let Some(held) = self.0.take() {
            held.end();
        }
    }
}

/// HTTP/1 names the host in a header, and the URL only to a proxy.
fn to_http1(request: &mut Request<Outgoing>, host: &Host, is_proxied: bool) {
    if !request.headers().contains_key(HOST) {
        if let Some(name) = host.name_in(request.uri()) {
            request.headers_mut().insert(HOST, name);
        }
    }
    // A middleware may have set any.
    if request.version() != Version::HTTP_10 {
        *request.version_mut() = Version::HTTP_11;
    }
    if is_proxied {
        return;
    }
    let path = request.uri().path_and_query().cloned();
    *request.uri_mut() = Uri::from(path.unwrap_or_else(|| PathAndQuery::from_static("/")));
}

fn respond(mut response: Response<Incoming>, mut held: Option<Held>) -> HttpResponse {
    detach(response.headers_mut());
    if let Some(Held::Http1(connection, _)) = &mut held {
        connection.is_last = closes(response.headers());
    }
    response.map(|body| {
        if body.is_end_stream() {
            if let Some(held) = held {
                held.give_back();
            }
            return Body::empty();
        }
        let len = body.size_hint().exact();
        let body = match &held {
            Some(Held::Http1(connection, _)) => match connection.wire.body(body) {
                Ok(body) => Source::Wire(body),
                Err(body) => Source::Hyper(body),
            },
            _ => Source::Hyper(body),
        };
        let arriving = Arriving {
            body: Some(body),
            held,
        };
        Body::of_chunks(arriving, len)
    })
}

/// The connection that a body comes over.
enum Held {
    Http1(Exclusive, Arc<Host>),
    Http2(Option<Slot>),
}

impl Held {
    fn give_back(self) {
        if let Self::Http1(connection, host) = self {
            host.give_back(connection);
        }
    }

    /// The body was not read to its end.
    fn end(self) {
        if let Self::Http1(connection, _) = self {
            connection.end();
        }
    }
}

/// The data of a body; trailers are skipped.
struct Arriving {
    /// Until its end.
    body: Option<Source>,
    held: Option<Held>,
}

enum Source {
    Hyper(Incoming),
    Wire(WireBody),
}

impl Source {
    /// The next data; nothing at the body's end.
    fn poll_data(&mut self, context: &mut Context<'_>) -> Poll<Result<Bytes, BoxError>> {
        let body = match self {
            Self::Hyper(body) => body,
            Self::Wire(body) => return body.poll_data(context).map_err(Into::into),
        };
        loop {
            let data = match ready!(Pin::new(&mut *body).poll_frame(context)) {
                None => Bytes::new(),
                Some(Err(error)) => return Poll::Ready(Err(error.into())),
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) if !data.is_empty() => data,
                    _ => continue,
                },
            };
            return Poll::Ready(Ok(data));
        }
    }

    fn is_over(&self) -> bool {
        match self {
            Self::Hyper(body) => body.is_end_stream(),
            Self::Wire(body) => body.is_over(),
        }
    }

    /// What is left of a request past hyper.
    fn take_rest(&mut self) -> Option<Box<Exchange>> {
        match self {
            Self::Hyper(_) => None,
            Self::Wire(body) => body.take_rest(),
        }
    }

    /// Whether the connection can be used again, after the body's end.
    fn release(self) -> bool {
        match self {
            // hyper sees to it.
            Self::Hyper(_) => true,
            Self::Wire(body) => body.release(),
        }
    }
}

impl Stream for Arriving {
    type Item = Result<Bytes, Error>;

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Error>>> {
        let Some(body) = &mut self.body else {
            return Poll::Ready(None);
        };
        let data = ready!(body.poll_data(context));
        // A body that breaks takes an HTTP/1 connection with it, which is then not given back.
        if !matches!(&data, Ok(data) if !data.is_empty() && !body.is_over()) {
            match (self.body.take(), self.held.take()) {
                (Some(body), held) if data.is_ok() => give_back(body, held),
                (_, Some(held)) => held.end(),
                _ => {}
            }
        }
        Poll::Ready(match data {
            Ok(data) if data.is_empty() => None,
            Ok(data) => Some(Ok(data)),
            Err(error) => Some(Err(Error::broken_body(error))),
        })
    }
}

impl Drop for Arriving {
    fn drop(&mut self) {
        match self.held.take() {
            Some(Held::Http2(Some(slot))) => slot.give_up(None),
            Some(held) => held.end(),
            None => {}
        }
    }
}
