//! One request and its response on a connection, which is then given back, or not.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use http::header::HOST;
use http::uri::PathAndQuery;
use http::{Request, Response, Uri};
use http_body::{Body as HttpBody, Frame};
use hyper::body::Incoming;
use hyper::client::conn::TrySendError;

use super::driven::Reading;
use super::host::{Exclusive, Host, Lease};
use super::multiplexed::Slot;
use crate::transport::shared::Outgoing;
use crate::transport::unreachable::Unreachable;
use crate::transport::{Body, HttpResponse, TransportError};
use crate::{BoxFuture, Error};

/// The most headers that a response may have.
pub(super) const MAX_HEADERS: usize = 256;

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
            // A request that is still being made goes on whether or not somebody reads.
            let may_drive = request.body().is_in_memory();
            let sent = connection.sender.try_send_request(request);
            let host = host.clone();
            Box::pin(async move {
                let response = sent
                    .await
                    .map_err(|error| failed(error, is_reused, &host))?;
                Ok(respond(response, Held::Http1(connection, host), may_drive))
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
                Ok(respond(response, Held::Http2(slot), false))
            })
        }
    }
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
    } else if let Some(proxied) = &host.proxied {
        let place = format!("{} through {}", host.place(), proxied.place);
        TransportError::io(Unreachable::because(place, error).of_proxy(proxied.set))
    } else {
        TransportError::io(error)
    };
    Failed { error, unsent }
}

/// What responds is no HTTP server, and won't be one for another attempt.
fn no_http(host: &Host, error: hyper::Error) -> Unreachable {
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

/// HTTP/1 names the host in a header, and the URL only to a proxy.
fn to_http1(request: &mut Request<Outgoing>, host: &Host, is_proxied: bool) {
    if !request.headers().contains_key(HOST) {
        if let Some(name) = host.name_in(request.uri()) {
            request.headers_mut().insert(HOST, name);
        }
    }
    if is_proxied {
        return;
    }
    let path = request.uri().path_and_query().cloned();
    *request.uri_mut() = Uri::from(path.unwrap_or_else(|| PathAndQuery::from_static("/")));
}

/// `may_drive`: whoever reads the response may drive its connection.
fn respond(response: Response<Incoming>, held: Held, may_drive: bool) -> HttpResponse {
    response.map(|body| {
        if body.is_end_stream() {
            held.give_back();
            return Body::empty();
        }
        let len = body.size_hint().exact();
        let reading = match &held {
            // What is of a known length comes in few pieces.
            Held::Http1(connection, _) if may_drive && len.is_none() => {
                Some(connection.driven.read())
            }
            _ => None,
        };
        let arriving = Arriving {
            body: Some(body),
            held: Some(held),
            reading,
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
}

/// The data of a body; trailers are skipped.
struct Arriving {
    /// Until its end.
    body: Option<Incoming>,
    held: Option<Held>,
    /// Where whoever reads it drives its connection.
    reading: Option<Reading>,
}

impl Stream for Arriving {
    type Item = Result<Bytes, Error>;

    fn poll_next(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Error>>> {
        let this = self.get_mut();
        while let Some(body) = &mut this.body {
            let frame = ready!(match &mut this.reading {
                Some(reading) => reading.poll_frame(body, context),
                None => Pin::new(&mut *body).poll_frame(context),
            });
            // A body that breaks takes an HTTP/1 connection with it, which is then not given back.
            if frame.is_none() || body.is_end_stream() {
                this.reading = None;
                if let Some(held) = this.held.take() {
                    held.give_back();
                }
            }
            match frame.map(|frame| frame.map(Frame::into_data)) {
                None => this.body = None,
                Some(Ok(Ok(data))) => return Poll::Ready(Some(Ok(data))),
                Some(Ok(Err(_trailers))) => {}
                Some(Err(error)) => {
                    this.body = None;
                    this.held = None;
                    this.reading = None;
                    return Poll::Ready(Some(Err(Error::broken_body(error.into()))));
                }
            }
        }
        Poll::Ready(None)
    }
}

impl Drop for Arriving {
    fn drop(&mut self) {
        if let Some(Held::Http2(Some(slot))) = &self.held {
            slot.give_up(None);
        }
    }
}
