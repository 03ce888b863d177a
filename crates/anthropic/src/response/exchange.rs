//! Where a response came from: what completes its errors, and what sends its request again.

use std::sync::Arc;
use std::time::Duration;

use anthropic_types::Decoding;
use bytes::Bytes;

use super::idle::IdleTimer;
use super::incoming::Incoming;
use super::meta::ResponseMeta;
use super::whole::Whole;
use crate::clock::Clock;
use crate::config::{Limits, StreamLimits};
use crate::error::BodyHead;
use crate::request::call::{Call, Spent};
use crate::request::options::RequestOptions;
use crate::trace::Traced;
use crate::transport::{Body, Owner};
use crate::{BoxFuture, Error, ErrorKind, Result};

/// How much is kept of a request's body for a dump when it won't be sent again, in bytes.
const KEPT_HEAD: usize = 4 << 10;

/// What sends requests. The pipeline implements it, so that responses need not know the pipeline.
pub(crate) trait Sender: Send + Sync {
    fn clock(&self) -> &Arc<dyn Clock>;

    /// The limits of a request with these options.
    fn limits(&self, options: &RequestOptions) -> Limits;

    /// The limits of the response's stream; `quiet` is one in which nothing may happen for long.
    fn stream_limits(&self, options: &RequestOptions, quiet: bool) -> StreamLimits;

    /// How strictly responses are read.
    fn decoding(&self) -> Decoding;

    /// The largest response that is read as a whole, in bytes.
    fn max_response_bytes(&self, options: &RequestOptions) -> usize;

    /// Completes an error about a call, and takes the client's secrets out.
    fn finish(&self, call: &Call, error: Error) -> Error;

    /// Sends a call.
    fn send(self: Arc<Self>, call: Box<Call>) -> BoxFuture<'static, Result<Incoming>>;

    /// Resends a request after its response broke, if that is allowed.
    fn resend(
        self: Arc<Self>,
        exchange: &ExchangeContext,
        broken: Broken<'_>,
    ) -> Result<BoxFuture<'static, Result<Incoming>>, Final>;
}

/// A response that broke while it was read.
#[derive(Clone, Copy)]
pub(crate) enum Broken<'e> {
    /// A stream that has handed nothing out yet.
    Stream(&'e Error),
    /// A body that has to be whole.
    Body(&'e Error),
}

/// A request is not sent again.
#[derive(Default)]
pub(crate) struct Final {
    /// Why, where the error does not have it.
    pub(crate) why: Option<String>,
    /// How long the server asks to wait.
    pub(crate) retry_after: Option<Duration>,
}

impl Final {
    /// The error that it was about, with the decision.
    pub(crate) fn on(self, error: Error) -> Error {
        let error = error.with_retry_after(self.retry_after);
        error.with_decision(self.why)
    }
}

/// Where a response came from.
pub(crate) struct ExchangeContext {
    pub(crate) sender: Arc<dyn Sender>,
    pub(crate) call: Box<Call>,
    pub(crate) meta: ResponseMeta,
    pub(crate) spent: Spent,
    /// What an error about the response adds on the request's way, such as a redirect that changed
    /// the method.
    pub(crate) detours: Option<String>,
    pub(crate) traced: Traced,
}

impl Drop for ExchangeContext {
    fn drop(&mut self) {
        self.end_span();
    }
}

impl Owner for ExchangeContext {
    fn refuse(&self, error: Error, body: Bytes) -> Error {
        self.complete(error.with_response(self.meta.clone(), body))
    }
}

impl ExchangeContext {
    /// Completes an error that the response ends with before there is output.
    pub(crate) fn fail(&self, error: Error) -> Error {
        let error = self.complete(error);
        self.traced.failed(&error);
        error
    }

    /// The same where it is not decided whether to send the request again.
    pub(crate) fn refused(&self, error: Error) -> Error {
        self.traced.span().in_scope(|| {
            let (attempt, kind) = (self.spent.attempts, error.kind());
            tracing::debug!(attempt, reason = "Response", ?kind, "failed");
        });
        self.fail(error)
    }

    /// Completes an error about the response.
    pub(crate) fn complete(&self, error: Error) -> Error {
        let error = if error.has_response() {
            error
        } else {
            error.with_response(self.meta.clone(), Bytes::new())
        };
        let error = match &self.detours {
            Some(note)
                if matches!(
                    error.kind(),
                    ErrorKind::Decode | ErrorKind::UnexpectedContent
                ) =>
            {
                error.with_note(note)
            }
            _ => error,
        };
        let error = error
            .with_attempts(self.spent.attempts, self.elapsed())
            .with_call(
                self.call.info.id(),
                self.call.info.method(),
                self.call.display_path(),
            );
        self.sender.finish(&self.call, error)
    }

    /// The error that an `error` event of a stream reports.
    pub(crate) fn event_error(&self, data: Bytes) -> Error {
        self.complete(Error::in_stream(self.meta.clone(), data))
    }

    pub(crate) fn limits(&self) -> Limits {
        self.sender.limits(&self.call.options)
    }

    /// The limits of a stream that is made while it is read.
    pub(crate) fn stream_limits(&self) -> StreamLimits {
        self.sender.stream_limits(&self.call.options, false)
    }

    /// The limits of a stream that reports what happens elsewhere.
    pub(crate) fn quiet_limits(&self) -> StreamLimits {
        self.sender.stream_limits(&self.call.options, true)
    }

    /// The idle timeout of a body that is no stream.
    pub(crate) fn idle_timer(&self) -> IdleTimer {
        IdleTimer::of_body(self.clock().clone(), self.limits().timeouts.headers)
    }

    /// How a body that is needed as a whole is read.
    pub(crate) fn whole(&self) -> Whole<'_> {
        Whole {
            max: self.sender.max_response_bytes(&self.call.options),
            headers: Some(self.meta.headers()),
        }
    }

    pub(crate) fn clock(&self) -> &Arc<dyn Clock> {
        self.sender.clock()
    }

    /// How strictly the response is read.
    pub(crate) fn decoding(&self) -> Decoding {
        self.sender.decoding()
    }

    /// Resends the request after its response broke, if that is allowed.
    pub(crate) fn resend(
        &self,
        broken: Broken<'_>,
    ) -> Result<BoxFuture<'static, Result<Incoming>>, Final> {
        self.sender.clone().resend(self, broken)
    }

    /// What comes now is output: what fails later is in the span no more.
    pub(crate) fn end_span(&self) {
        self.traced.responded(&self.meta);
    }

    /// Drops the request's body but for its beginning: it won't be sent again. A long prompt would
    /// otherwise stay in memory as long as its response arrives.
    pub(crate) fn drop_request_body(&mut self) {
        let body = std::mem::replace(&mut self.call.body, Body::spent());
        self.call.kept = BodyHead::of(&body, KEPT_HEAD);
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.clock().now().saturating_sub(self.spent.started)
    }
}
