//! The end of the chain of middlewares: the platform, the origin check, the transport, redirects.
//!
//! One time limit covers all of it, so that neither a slow exchange of tokens nor a chain of
//! redirects can outlast it.

use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use super::asked::{self, Asked};
use super::middleware::{Attempt, Terminus};
use super::platform::{AttemptContext, MaybeReady};
use super::redirect::{self, MAX_REDIRECTS, RedirectState};
use super::resolved::Resolved;
use super::shared::Shared;
use super::transport::{HttpRequest, HttpResponse, Proxied, TransportError};
use super::upload::Upload;
use crate::clock::{Clock, within};
use crate::config::Origin;
use crate::operation::OperationInfo;
use crate::request::headers::WORKSPACE_ID;
#[cfg(feature = "tools")]
use crate::request::options::RequestOptions;
use crate::response::meta::ResponseMeta;
use crate::trace::Secrets;
use crate::{BoxFuture, Error, Result};

pub(crate) struct Gate<'a> {
    pub(crate) shared: &'a Arc<Shared>,
    pub(crate) resolved: &'a Resolved<'a>,
    pub(crate) operation: &'static OperationInfo,
    /// When the attempt, or everything, has to be over, by the clock.
    pub(crate) deadline: Option<Duration>,
    /// The headers that the attempt began with.
    pub(crate) headers: &'a HeaderMap,
    #[cfg(feature = "tools")]
    pub(crate) options: &'a RequestOptions,
}

/// Marks a response with the attempt that it came from. A middleware may have made another one in
/// its place.
#[derive(Clone)]
pub(crate) struct CameFrom(pub(crate) Arc<AttemptContext>);

/// A gate for requests after the attempt's.
#[cfg(feature = "tools")]
struct OwnedGate {
    shared: Arc<Shared>,
    options: RequestOptions,
    operation: &'static OperationInfo,
    headers: HeaderMap,
}

#[cfg(feature = "tools")]
impl Terminus for OwnedGate {
    fn secrets(&self) -> &Arc<Secrets> {
        &self.shared.secrets
    }

    fn clock(&self) -> &Arc<dyn Clock> {
        &self.shared.clock
    }

    fn owned(&self) -> Arc<dyn Terminus> {
        Arc::new(Self {
            shared: Arc::clone(&self.shared),
            options: self.options.clone(),
            operation: self.operation,
            headers: self.headers.clone(),
        })
    }

    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse>> {
        Box::pin(async move {
            let resolved = Resolved::new(&self.shared, &self.options)?;
            let gate = Gate {
                shared: &self.shared,
                resolved: &resolved,
                operation: self.operation,
                deadline: None,
                headers: &self.headers,
                options: &self.options,
            };
            gate.send(request).await
        })
    }
}

impl Terminus for Gate<'_> {
    #[cfg(feature = "tools")]
    fn owned(&self) -> Arc<dyn Terminus> {
        Arc::new(OwnedGate {
            shared: Arc::clone(self.shared),
            options: self.options.clone(),
            operation: self.operation,
            headers: self.headers.clone(),
        })
    }

    fn secrets(&self) -> &Arc<Secrets> {
        &self.shared.secrets
    }

    fn clock(&self) -> &Arc<dyn Clock> {
        &self.shared.clock
    }

    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse>> {
        let cx = self.context(&request);
        // A future keeps what it was made with until it is over; a box is small by then.
        let request = Box::new(request);
        Box::pin(async move {
            let limit = self.resolved.limits.timeouts.headers;
            let exchanged = {
                let mut exchange = pin!(self.exchange(request, &cx));
                let mut left = limit;
                loop {
                    match within(&*self.shared.clock, left, exchange.as_mut()).await {
                        Ok(exchanged) => break exchanged,
                        // The wait for the response begins when the server has taken the body.
                        Err(_) => left = Some(self.still_uploading(&cx, limit)?),
                    }
                }
            };
            let mut response = exchanged?;
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
    /// How long an upload that makes progress has left, or the error of one that doesn't.
    fn still_uploading(&self, cx: &AttemptContext, limit: Option<Duration>) -> Result<Duration> {
        let limit = limit.unwrap_or_default();
        let upload = cx.upload.as_deref();
        if let Some(left) = upload.and_then(|upload| upload.left_of(limit)) {
            return Ok(left);
        }
        let sent = upload.map(|upload| format!("; {} of the body were sent", upload.sent()));
        let waited = format!("{limit:?} (timeout){}", sent.unwrap_or_default());
        let home = &self.resolved.base_url;
        let elsewhere = cx.elsewhere();
        let url = elsewhere.as_ref().unwrap_or(home.uri());
        Err(asked::no_headers(&waited, url, home))
    }

    fn context(&self, request: &HttpRequest) -> AttemptContext {
        let attempt = request.extensions().get::<Attempt>();
        AttemptContext {
            operation: self.operation,
            number: attempt.map_or(1, |attempt| attempt.number),
            base_url: self.resolved.base_url.text().clone(),
            workspace: request.headers().get(WORKSPACE_ID).cloned(),
            transport: self.resolved.transport.clone(),
            clock: self.shared.clock.clone(),
            connect: self.resolved.connect(),
            began: self.shared.clock.now(),
            head_limit: self.resolved.limits.timeouts.headers,
            deadline: self.deadline,
            upload: Upload::of(request.body(), &self.shared.clock),
            state: Mutex::default(),
        }
    }

    /// Neither a request nor a response is held here while something is waited for: what is ready
    /// is passed on at once, what isn't is in a box, and nothing is matched on in the same
    /// statement in which it is awaited.
    async fn exchange(
        &self,
        request: Box<HttpRequest>,
        cx: &AttemptContext,
    ) -> Result<HttpResponse> {
        let adapted = self.resolved.platform.adapt(*request, cx);
        let starting = and_then(adapted, |request| self.start(request, cx));
        let mut started = starting.await?;
        let mut redirects = 0;
        let mut became_get = None;
        let restoring = loop {
            let Started { state, sending } = started;
            let response = sending.await?.await;
            let is_last = redirects == MAX_REDIRECTS;
            started = match self.received(response, state, is_last, &mut became_get, cx)? {
                Received::Response(restoring) => break restoring,
                Received::Redirect(next) => next,
            };
            redirects += 1;
        };
        restoring.await
    }

    /// Hands a request to the platform for authorization, if it may go to its target, then to the
    /// transport.
    fn start<'c>(&'c self, request: HttpRequest, cx: &'c AttemptContext) -> Result<Started<'c>> {
        self.check_origin(&request, cx)?;
        let state = Box::new(RedirectState::of(&request, self.headers));
        let authorized = self.resolved.platform.authorize(request, cx);
        let sending = and_then(authorized, |mut request| {
            self.shared.secrets.note(request.headers(), self.headers);
            if let Some(attempt) = request.extensions_mut().get_mut::<Attempt>() {
                attempt.head_timeout = cx.time_left();
            }
            let request = match &cx.upload {
                Some(upload) => upload.watch(request),
                None => request,
            };
            Ok(self.resolved.transport.send(request))
        });
        Ok(Started { state, sending })
    }

    fn received<'c>(
        &'c self,
        response: Result<HttpResponse, TransportError>,
        state: Box<RedirectState<'_>>,
        is_last: bool,
        became_get: &mut Option<StatusCode>,
        cx: &'c AttemptContext,
    ) -> Result<Received<'c>> {
        let home = &self.resolved.base_url;
        let mut response = response.map_err(|error| {
            let error = asked::not_sent(error, state.url(), home);
            asked::on_the_way(error, *became_get)
        })?;
        let status = response.status();
        let proxied: Option<Proxied> = response.extensions_mut().remove();
        if let Some(credentials) = proxied.as_ref().and_then(|it| it.credentials.as_ref()) {
            self.shared.secrets.note_value(credentials);
        }
        let (method, url) = (state.method().clone(), state.url().clone());
        let refused = |error: Error| {
            let meta = ResponseMeta::new(status, response.headers().clone(), 0, Duration::ZERO);
            error.with_response(meta, Bytes::new())
        };
        if let Some(request) = state.follow(&response).map_err(refused)? {
            if is_last {
                let endless = redirect::endless(request.uri());
                return Err(refused(asked::on_the_way(endless, *became_get)));
            }
            let is_other = *request.method() != method;
            let next = self.start(request, cx).map_err(refused)?;
            if is_other {
                tracing::warn!(status = status.as_u16(), %method, "a redirect makes this a GET");
                *became_get = Some(status);
            }
            return Ok(Received::Redirect(next));
        }
        let restored = self.resolved.platform.restore(response, cx);
        let became_get = *became_get;
        if status.is_success() && became_get.is_none() && proxied.is_none() {
            return Ok(Received::Response(restored));
        }
        Ok(Received::Response(and_then(
            restored,
            move |mut response| {
                let asked = Asked {
                    url,
                    became_get,
                    proxied,
                };
                response.extensions_mut().insert(asked);
                Ok(response)
            },
        )))
    }

    /// Refuses a target that must not get the credential.
    fn check_origin(&self, request: &HttpRequest, cx: &AttemptContext) -> Result<()> {
        if self.resolved.base_url.is_base_of(request.uri()) {
            return Ok(());
        }
        cx.goes_to(request.uri());
        self.shared.config.trust.check(
            self.resolved.base_url.origin(),
            &Origin::of(request.uri())?,
            self.resolved.allow_hosts,
        )
    }
}
