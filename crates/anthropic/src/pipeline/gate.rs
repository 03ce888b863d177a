//! The end of the chain of middlewares: the platform, the origin check, the transport, redirects.
//!
//! One time limit covers all of it, so that neither a slow exchange of tokens nor a chain of redirects can outlast it.

use std::pin::pin;
use std::sync::{Arc, Mutex};

use http::HeaderMap;

use super::middleware::{Attempt, Terminus};
use super::platform::{AttemptContext, MaybeReady};
use super::redirect::{self, MAX_REDIRECTS, RedirectState};
use super::resolved::Resolved;
use super::shared::Shared;
use super::transport::{HeadTimeout, HttpRequest, HttpResponse, TransportError};
use crate::clock::within;
use crate::config::Origin;
use crate::operation::OperationInfo;
use crate::request::headers::WORKSPACE_ID;
use crate::{BoxFuture, Error, Result};

pub(crate) struct Gate<'a> {
    pub(crate) shared: &'a Shared,
    pub(crate) resolved: &'a Resolved<'a>,
    pub(crate) operation: &'static OperationInfo,
    /// The headers that the attempt began with.
    pub(crate) headers: &'a HeaderMap,
}

/// Marks a response with the attempt that it came from. A middleware may have made another one in its place.
#[derive(Clone)]
pub(crate) struct CameFrom(pub(crate) Arc<AttemptContext>);

impl Terminus for Gate<'_> {
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse>> {
        let cx = self.context(&request);
        // A future keeps what it was made with until it is over; a box is small by then.
        let request = Box::new(request);
        Box::pin(async move {
            let limit = self.resolved.limits.timeouts.headers;
            let exchanged = {
                let exchange = pin!(self.exchange(request, &cx));
                within(&*self.shared.clock, limit, exchange).await
            };
            let mut response = exchanged.map_err(|_| {
                let limit = limit.unwrap_or_default();
                Error::timeout(format!("no response headers within {limit:?}"))
            })??;
            if response.status().is_client_error() {
                response.extensions_mut().insert(CameFrom(Arc::new(cx)));
            }
            Ok(response)
        })
    }
}

type Sending = BoxFuture<'static, Result<HttpResponse, TransportError>>;

/// A request that has been handed to the transport, or will be when it is authorized.
struct Started<'c> {
    state: Box<RedirectState<'c>>,
    sending: MaybeReady<'c, Result<Sending>>,
}

/// What the transport's response is.
enum Received<'c> {
    Response(MaybeReady<'c, Result<HttpResponse>>),
    Redirect(Started<'c>),
}

fn and_then<'c, T: Send + 'c, U: 'c>(
    value: MaybeReady<'c, Result<T>>,
    next: impl FnOnce(T) -> Result<U> + Send + 'c,
) -> MaybeReady<'c, Result<U>> {
    value.map(|value| value.and_then(next))
}

impl Gate<'_> {
    fn context(&self, request: &HttpRequest) -> AttemptContext {
        let attempt = request.extensions().get::<Attempt>();
        let limit = self.resolved.limits.timeouts.headers;
        AttemptContext {
            operation: self.operation,
            number: attempt.map_or(1, |attempt| attempt.number),
            base_url: self.resolved.base_url.text().clone(),
            workspace: request.headers().get(WORKSPACE_ID).cloned(),
            transport: self.resolved.transport.clone(),
            clock: self.shared.clock.clone(),
            connect: self.resolved.connect(),
            deadline: limit.and_then(|limit| self.shared.clock.now().checked_add(limit)),
            state: Mutex::default(),
        }
    }

    /// Neither a request nor a response is held here while something is waited for: what is ready is passed on at once,
    /// what isn't is in a box, and nothing is matched on in the same statement in which it is awaited.
    async fn exchange(
        &self,
        request: Box<HttpRequest>,
        cx: &AttemptContext,
    ) -> Result<HttpResponse> {
        let adapted = self.resolved.platform.adapt(*request, cx);
        let starting = and_then(adapted, |request| self.start(request, cx));
        let mut started = starting.await?;
        let mut redirects = 0;
        let restoring = loop {
            let Started { state, sending } = started;
            let response = sending.await?.await;
            started = match self.received(response, state, cx)? {
                Received::Response(restoring) => break restoring,
                Received::Redirect(_) if redirects == MAX_REDIRECTS => {
                    return Err(redirect::refused("the server redirects without end"));
                }
                Received::Redirect(next) => next,
            };
            redirects += 1;
        };
        restoring.await
    }

    /// Hands a request to the platform for authorization, if it may go to its target, then to the transport.
    fn start<'c>(&'c self, request: HttpRequest, cx: &'c AttemptContext) -> Result<Started<'c>> {
        self.check_origin(&request)?;
        let state = Box::new(RedirectState::of(&request, self.headers));
        let authorized = self.resolved.platform.authorize(request, cx);
        let sending = and_then(authorized, |mut request| {
            request.extensions_mut().insert(self.head_timeout(cx));
            Ok(self.resolved.transport.send(request))
        });
        Ok(Started { state, sending })
    }

    fn received<'c>(
        &'c self,
        response: Result<HttpResponse, TransportError>,
        state: Box<RedirectState<'_>>,
        cx: &'c AttemptContext,
    ) -> Result<Received<'c>> {
        let response = response.map_err(Error::transport)?;
        Ok(match state.follow(&response)? {
            Some(request) => Received::Redirect(self.start(request, cx)?),
            None => Received::Response(self.resolved.platform.restore(response, cx)),
        })
    }

    /// What is left of the attempt's limit.
    fn head_timeout(&self, cx: &AttemptContext) -> HeadTimeout {
        let now = self.shared.clock.now();
        HeadTimeout(cx.deadline.map(|deadline| deadline.saturating_sub(now)))
    }

    /// Refuses a target that must not get the credential.
    fn check_origin(&self, request: &HttpRequest) -> Result<()> {
        self.shared.config.trust.check(
            self.resolved.base_url.origin(),
            &Origin::of(request.uri())?,
            self.resolved.allow_hosts,
        )
    }
}
