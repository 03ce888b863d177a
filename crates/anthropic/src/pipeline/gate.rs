//! The end of the chain of middlewares: the platform, the origin check, the transport, redirects.
//!
//! One time limit covers all of it, so that neither a slow exchange of tokens nor a chain of
//! redirects can outlast it.

use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::{HeaderMap, StatusCode, Uri};

use super::middleware::{Attempt, Terminus};
use super::platform::{AttemptContext, MaybeReady};
use super::redirect::{self, MAX_REDIRECTS, RedirectState};
use super::resolved::Resolved;
use super::shared::Shared;
use super::transport::{
    HttpRequest, HttpResponse, ProxySource, SentToProxy, TransportError, Unreachable,
};
use super::upload::Upload;
use crate::clock::{Clock, within};
use crate::config::Origin;
use crate::operation::OperationInfo;
use crate::request::headers::WORKSPACE_ID;
#[cfg(feature = "tools")]
use crate::request::options::RequestOptions;
use crate::trace::Secrets;
use crate::{BoxFuture, Error, ErrorKind, Result};

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

/// What an error about a response names of its request: marks a response with it.
#[derive(Clone)]
pub(crate) struct Asked {
    url: Uri,
    /// The redirect that turned another method into `GET`.
    became_get: Option<StatusCode>,
}

impl Asked {
    /// Adds to an error what its reader may look for.
    pub(crate) fn explain(&self, error: Error) -> Error {
        let error = if error.status() == Some(StatusCode::NOT_FOUND) {
            // The API has the place, and lacks the model.
            let is_model = error
                .api_message()
                .is_some_and(|it| it.starts_with("model: "));
            let error = if is_model {
                error.with_note("check the model's name, `client.models().list()` has all of them")
            } else {
                error
            };
            error.with_note(&format!("the URL was {}", without_query(&self.url)))
        } else {
            error
        };
        match self.redirected() {
            Some(note) => error.with_note(&note),
            None => error,
        }
    }

    /// What happened to the request on its way, where that may be why its response can't be
    /// decoded.
    pub(crate) fn redirected(&self) -> Option<String> {
        let status = self.became_get?.as_u16();
        Some(format!(
            "the server redirected with {status}, which made the request a GET"
        ))
    }
}

/// A URL without its query, which is nobody's business.
fn without_query(url: &Uri) -> String {
    let scheme = url.scheme_str().unwrap_or_default();
    let authority = url.authority().map_or("", |authority| authority.as_str());
    format!("{scheme}://{authority}{}", url.path())
}

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
                        Err(_) => left = Some(still_uploading(cx.upload.as_ref(), limit)?),
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

/// How long an upload that makes progress has left, or the error of one that doesn't.
fn still_uploading(upload: Option<&Arc<Upload>>, limit: Option<Duration>) -> Result<Duration> {
    let limit = limit.unwrap_or_default();
    let upload = upload.map(|upload| &**upload);
    if let Some(left) = upload.and_then(|upload| upload.left_of(limit)) {
        return Ok(left);
    }
    let sent = upload.map(|upload| format!("; {} of the body were sent", upload.sent()));
    let sent = sent.unwrap_or_default();
    Err(Error::timeout(format!(
        "no response headers within {limit:?} (timeout){sent}"
    )))
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
            started = match self.received(response, state, &mut became_get, cx)? {
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

    /// Hands a request to the platform for authorization, if it may go to its target, then to the
    /// transport.
    fn start<'c>(&'c self, request: HttpRequest, cx: &'c AttemptContext) -> Result<Started<'c>> {
        self.check_origin(&request)?;
        let state = Box::new(RedirectState::of(&request, self.headers));
        let authorized = self.resolved.platform.authorize(request, cx);
        let sending = and_then(authorized, |mut request| {
            self.shared.secrets.note(request.headers());
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
        became_get: &mut Option<StatusCode>,
        cx: &'c AttemptContext,
    ) -> Result<Received<'c>> {
        let mut response = response.map_err(|error| self.not_sent(error, state.url()))?;
        if let Some(SentToProxy(credentials)) = response.extensions_mut().remove() {
            self.shared.secrets.note_value(&credentials);
        }
        let status = response.status();
        let (method, url) = (state.method().clone(), state.url().clone());
        if let Some(request) = state.follow(&response)? {
            if *request.method() != method {
                tracing::warn!(status = status.as_u16(), %method, "a redirect makes this a GET");
                *became_get = Some(status);
            }
            return Ok(Received::Redirect(self.start(request, cx)?));
        }
        let restored = self.resolved.platform.restore(response, cx);
        let became_get = *became_get;
        if status.is_success() && became_get.is_none() {
            return Ok(Received::Response(restored));
        }
        Ok(Received::Response(and_then(
            restored,
            move |mut response| {
                let asked = Asked { url, became_get };
                response.extensions_mut().insert(asked);
                Ok(response)
            },
        )))
    }

    /// The error of a request that the transport could not send.
    fn not_sent(&self, error: TransportError, url: &Uri) -> Error {
        let proxy = error.source.downcast_ref().and_then(Unreachable::proxy);
        let error = Error::transport(error);
        match proxy {
            Some(ProxySource::Variable(name)) => {
                return error.with_note(&format!("the proxy comes from {name}"));
            }
            Some(ProxySource::Other) => return error,
            None => {}
        }
        let home = &self.resolved.base_url;
        let is_home = || Origin::of(url).is_ok_and(|origin| origin == *home.origin());
        let is_of_variable = home.is_of_variable() && is_home();
        if error.kind() == ErrorKind::Connect && is_of_variable {
            return error.with_note("the URL comes from ANTHROPIC_BASE_URL");
        }
        error
    }

    /// Refuses a target that must not get the credential.
    fn check_origin(&self, request: &HttpRequest) -> Result<()> {
        if self.resolved.base_url.is_base_of(request.uri()) {
            return Ok(());
        }
        self.shared.config.trust.check(
            self.resolved.base_url.origin(),
            &Origin::of(request.uri())?,
            self.resolved.allow_hosts,
        )
    }
}
