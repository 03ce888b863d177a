//! The end of the chain of middlewares: the platform, the origin check, the transport, redirects.
//!
//! One time limit covers all of it, so that neither a slow exchange of tokens nor a chain of
//! redirects can outlast it.

use std::pin::pin;
use std::sync::{Arc, Mutex};

use http::HeaderMap;

use super::middleware::{Attempt, Terminus};
use super::platform::AttemptContext;
use super::redirect::{self, MAX_REDIRECTS, RedirectState};
use super::resolved::Resolved;
use super::shared::Shared;
use super::transport::{HttpRequest, HttpResponse};
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

/// Marks a response with the attempt that it came from. A middleware may have made another one in
/// its place.
#[derive(Clone)]
pub(crate) struct CameFrom(pub(crate) Arc<AttemptContext>);

impl Terminus for Gate<'_> {
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse>> {
        Box::pin(async move {
            let limit = self.resolved.limits.timeouts.headers;
            let cx = self.context(&request);
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

    async fn exchange(&self, request: HttpRequest, cx: &AttemptContext) -> Result<HttpResponse> {
        let platform = &**self.resolved.platform;
        let mut request = platform.adapt(request, cx).await?;
        for _ in 0..=MAX_REDIRECTS {
            self.check_origin(&request)?;
            let state = RedirectState::of(&request, self.headers);
            let signed = platform.authorize(request, cx).await?;
            let sent = self.resolved.transport.send(signed).await;
            let response = sent.map_err(Error::transport)?;
            match state.follow(&response)? {
                None => return platform.restore(response, cx).await,
                Some(next) => request = next,
            }
        }
        Err(redirect::refused("the server redirects without end"))
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
