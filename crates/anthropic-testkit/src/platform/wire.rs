//! A transport in memory, between the client and the service.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use anthropic::transport::{Body, HttpRequest, HttpResponse, Transport, TransportError};
use anthropic::{BoxFuture, Clock};
use bytes::Bytes;
use futures_core::Stream;

use super::clock::FastClock;
use super::service::{Received, Request, Response, Service};
use crate::report::{Verdict, ensure};

/// What happens to the next request.
#[derive(Debug)]
pub(super) enum Reply {
    /// A canonical response.
    Response(Response),
    /// The first bytes of what the service makes of a canonical response; then the connection
    /// breaks.
    Cut(Response, usize),
    /// The first bytes of what the service makes of a canonical response; then nothing comes.
    Stalls(Response, usize),
    /// A redirect to this place, or to where the request went.
    Redirect(u16, Option<&'static str>),
    /// No connection.
    Refused,
    /// No response.
    Never,
}

/// A request that arrived.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    /// As it was sent.
    pub(super) sent: Request,
    /// In the canonical form.
    pub(super) canonical: Request,
    /// By the fast clock.
    pub(super) at: Duration,
}

#[derive(Debug, Default)]
struct State {
    replies: VecDeque<Reply>,
    seen: Vec<Seen>,
    refused: Vec<String>,
    /// Requests and bodies that are under way.
    open: usize,
}

/// The transport.
#[derive(Clone)]
pub(super) struct Wire {
    service: Arc<dyn Service>,
    clock: FastClock,
    /// How many bytes of a response's body come at once.
    chunk: usize,
    state: Arc<Mutex<State>>,
}

impl Wire {
    pub(super) fn new(service: Arc<dyn Service>, clock: FastClock) -> Self {
        Self {
            service,
            clock,
            chunk: usize::MAX,
            state: Arc::default(),
        }
    }

    /// Responses come in pieces of this many bytes.
    pub(super) fn in_chunks(mut self, bytes: usize) -> Self {
        self.chunk = bytes;
        self
    }

    /// Puts a reply behind those that are there.
    pub(super) fn reply(&self, reply: Reply) -> &Self {
        self.state().replies.push_back(reply);
        self
    }

    pub(super) fn seen(&self) -> Vec<Seen> {
        self.state().seen.clone()
    }

    /// How many requests and bodies are under way.
    pub(super) fn open(&self) -> usize {
        self.state().open
    }

    /// Fails if the service refused a request.
    pub(super) fn accepted(&self) -> Verdict {
        let refused = self.state().refused.first().cloned();
        let refused = refused.unwrap_or_default();
        ensure!(
            refused.is_empty(),
            "the service refused a request: {refused}"
        );
        Ok(())
    }

    /// The requests to the API, which have to be this many.
    pub(super) fn exactly(&self, count: usize) -> Verdict<Vec<Seen>> {
        self.accepted()?;
        let seen = self.seen();
        ensure!(
            seen.len() == count,
            "{} requests were sent, expected {count}",
            seen.len()
        );
        Ok(seen)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn opened(&self) -> Open {
        self.state().open += 1;
        Open(self.clone())
    }

    async fn respond(self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let open = self.opened();
        let (parts, body) = request.into_parts();
        let uri = parts.uri.clone();
        let body = body.bytes().await.map_err(TransportError::io)?;
        let sent = http::Request::from_parts(parts, body);
        let canonical = match self.service.receive(sent.clone()) {
            Received::Api(canonical) => canonical,
            Received::Own(response) => return Ok(response.map(Body::from)),
            Received::Refused(reason) => {
                self.state().refused.push(reason);
                return Ok(plain(403, Bytes::new()).map(Body::from));
            }
        };
        let reply = {
            let mut state = self.state();
            state.seen.push(Seen {
                sent,
                canonical: canonical.clone(),
                at: self.clock.now(),
            });
            state.replies.pop_front()
        };
        let service = |response| self.service.respond(&canonical, response);
        let (response, end) = match reply {
            Some(Reply::Response(response)) => (service(response), End::Whole),
            Some(Reply::Cut(response, at)) => (cut(service(response), at), End::Breaks),
            Some(Reply::Stalls(response, at)) => (cut(service(response), at), End::Stalls),
            Some(Reply::Redirect(status, place)) => {
                let place = place.map_or_else(|| uri.to_string(), ToOwned::to_owned);
                let mut response = plain(status, Bytes::new());
                let place = http::HeaderValue::from_str(&place).map_err(TransportError::other)?;
                response.headers_mut().insert("location", place);
                (response, End::Whole)
            }
            Some(Reply::Refused) => {
                let refused = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
                return Err(TransportError::connect(refused));
            }
            Some(Reply::Never) => std::future::pending().await,
            None => return Err(TransportError::other("the suite has no further response")),
        };
        let chunk = self.chunk;
        Ok(response.map(|rest| {
            let pieces = Pieces {
                rest,
                chunk,
                end,
                _open: open,
            };
            Body::stream(pieces, None)
        }))
    }
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Wire")
    }
}

impl Transport for Wire {
    fn send(
        &self,
        request: HttpRequest,
    ) -> BoxFuture<'static, Result<HttpResponse, TransportError>> {
        Box::pin(self.clone().respond(request))
    }
}

/// Counts what is under way.
struct Open(Wire);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.state().open -= 1;
    }
}

fn cut(response: Response, at: usize) -> Response {
    response.map(|body| body.slice(..at.min(body.len())))
}

pub(super) fn plain(status: u16, body: Bytes) -> Response {
    let mut response = http::Response::new(body);
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap_or_default();
    response
}

/// How a body ends.
#[derive(Clone, Copy)]
enum End {
    Whole,
    Breaks,
    Stalls,
}

/// A body in pieces.
struct Pieces {
    rest: Bytes,
    chunk: usize,
    end: End,
    _open: Open,
}

impl Stream for Pieces {
    type Item = std::io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if !self.rest.is_empty() {
            let size = self.chunk.min(self.rest.len());
            return Poll::Ready(Some(Ok(self.rest.split_to(size))));
        }
        match self.end {
            End::Whole => Poll::Ready(None),
            End::Breaks => {
                let broken = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
                Poll::Ready(Some(Err(broken)))
            }
            End::Stalls => Poll::Pending,
        }
    }
}
