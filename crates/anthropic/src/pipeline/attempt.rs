//! The attempts of one request.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bytes::BytesMut;
use http::header::CONTENT_ENCODING;
use http::{HeaderMap, HeaderValue, StatusCode};

use super::asked::Asked;
use super::gate::{CameFrom, Gate};
use super::middleware::Next;
use super::resend::{self, Failed};
use super::resolved::{self, Resolved};
use super::shared::Shared;
use super::transport::{ERROR_BODY, ERROR_BODY_TIMEOUT, HttpResponse};
use crate::clock::{earliest, within};
use crate::operation::AnswerKind;
use crate::request::call::{Call, Spent};
use crate::request::wire::Wire;
use crate::response::idle::IdleTimer;
use crate::response::meta::ResponseMeta;
use crate::response::whole::{Whole, without_mark};
use crate::trace::MaskedHeaders;
use crate::{BoxFuture, Error, Result};

/// One request on its way, over all its attempts.
pub(crate) struct Attempts<'a> {
    pub(crate) shared: &'a Arc<Shared>,
    pub(crate) call: &'a Call,
    pub(crate) resolved: &'a Resolved<'a>,
    pub(crate) spent: Spent,
    /// The number of attempts, which is read from outside when the total limit ends them.
    pub(crate) number: AtomicU32,
}

/// A successful attempt.
pub(crate) struct Succeeded {
    pub(crate) response: HttpResponse,
    pub(crate) spent: Spent,
    /// When the attempt has to be over, its body included.
    pub(crate) deadline: Option<Duration>,
}

/// An attempt that failed.
struct Failure {
    error: Error,
    /// Whether the platform can renew the credential that the server refused.
    refused: bool,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self {
            error,
            refused: false,
        }
    }
}

/// An attempt has reached its limit, before its response's head or in its body.
pub(super) fn over_attempt(limit: Duration) -> Error {
    Error::timeout(format!(
        "the attempt took longer than {limit:?} (attempt_timeout)"
    ))
}

impl Attempts<'_> {
    pub(crate) fn elapsed(&self) -> Duration {
        let now = self.shared.clock.now();
        now.saturating_sub(self.spent.started)
    }

    /// Sends the request until it succeeds or is not sent again.
    pub(crate) async fn run(&self, wire: &mut Wire<'_>) -> Result<Succeeded> {
        let replayable = wire.is_replayable();
        let limits = &self.resolved.limits;
        let clock = &*self.shared.clock;
        let mut spent = self.spent;
        let total = limits.timeouts.total;
        let total = total.and_then(|total| spent.started.checked_add(total));
        loop {
            spent.attempts = self.number.fetch_add(1, Ordering::Relaxed) + 1;
            tracing::debug!(attempt = spent.attempts, "sending");
            let limit = limits.timeouts.attempt;
            let deadline = limit.and_then(|limit| clock.now().checked_add(limit));
            let request = wire.request(self.call, spent.attempts, self.resolved.connect());
            let gate = Gate {
                shared: self.shared,
                resolved: self.resolved,
                operation: self.call.info,
                deadline: earliest(deadline, total),
                headers: wire.headers(),
                #[cfg(feature = "tools")]
                options: &self.call.options,
            };
            let sending = Next::new(&self.resolved.middleware, &gate).run(request);
            let failure = match self.attempt(sending).await {
                Ok(response) => {
                    return Ok(Succeeded {
                        response,
                        spent,
                        deadline,
                    });
                }
                Err(failure) => Failure {
                    error: failure.error.masked(&self.shared.secrets),
                    ..failure
                },
            };
            let failed = Failed::Attempt {
                error: &failure.error,
                refused: failure.refused,
            };
            let again = match resend::decide(failed, spent, replayable, limits, clock) {
                Ok(again) => again,
                Err(last) => return Err(last.on(failure.error)),
            };
            drop(failure);
            spent = again.spent;
            if !again.after.is_zero() {
                clock.sleep(again.after).await;
            }
        }
    }

    async fn attempt(
        &self,
        sending: BoxFuture<'_, Result<HttpResponse>>,
    ) -> Result<HttpResponse, Failure> {
        let limit = self.resolved.limits.timeouts.attempt;
        let exchange = pin!(self.exchange(sending));
        let outcome = within(&*self.shared.clock, limit, exchange).await;
        outcome.unwrap_or_else(|_| {
            let error = over_attempt(limit.unwrap_or_default());
            Err(error.into())
        })
    }

    async fn exchange(
        &self,
        sending: BoxFuture<'_, Result<HttpResponse>>,
    ) -> Result<HttpResponse, Failure> {
        let response = sending.await?;
        tracing::debug!(
            status = response.status().as_u16(),
            headers = ?MaskedHeaders(response.headers(), &self.shared.secrets),
            "response",
        );
        if response.status().is_success()
            && !self.is_read_here()
            && self.encoding(response.headers()).is_none()
        {
            return Ok(response);
        }
        // Boxed, as everything that comes after the wait: while it lasts, a request is as small as
        // can be.
        Box::pin(self.receive(response)).await
    }

    /// What an attempt's response comes to.
    async fn receive(&self, response: HttpResponse) -> Result<HttpResponse, Failure> {
        if let Some(encoding) = self.encoding(response.headers()) {
            let (parts, _) = response.into_parts();
            let error = Error::encoded(parts.status, parts.headers, &encoding);
            // Its code is not known, and may mean that the change was made.
            let is_known =
                error.status() != Some(StatusCode::SERVICE_UNAVAILABLE) || !self.call.may_change();
            return Err(error.retryable_if(is_known).into());
        }
        if !response.status().is_success() {
            return Err(self.refusal(response).await);
        }
        if self.is_read_here() {
            return Ok(self.read_whole(response).await?);
        }
        Ok(response)
    }

    /// Whether a body is read within the attempt.
    fn is_read_here(&self) -> bool {
        (self.call.info.is_buffered() || self.call.whole) && !self.call.raw
    }

    /// How the body is encoded, where that was not asked for and can't be read.
    fn encoding(&self, headers: &HeaderMap) -> Option<String> {
        let mut encodings = headers.get_all(CONTENT_ENCODING).iter();
        // A charset in this header's place, and no encoding by name, change nothing in the body.
        let is_plain = |it: &HeaderValue| {
            let name = it.as_bytes().trim_ascii();
            let plain: [&[u8]; 4] = [b"", b"identity", b"none", b"utf-8"];
            plain.iter().any(|it| name.eq_ignore_ascii_case(it))
        };
        let encoding = encodings.find(|encoding| !is_plain(encoding))?;
        if self.call.raw {
            return None;
        }
        // Before it is cut, since of a part of a secret nothing is recognised.
        let name = String::from_utf8_lossy(encoding.as_bytes());
        let name = self.shared.secrets.mask(&name);
        Some(name.chars().filter(|c| !c.is_control()).take(40).collect())
    }

    /// Makes an error of a response that is one.
    async fn refusal(&self, response: HttpResponse) -> Failure {
        let (mut parts, mut body) = response.into_parts();
        let mut bytes = BytesMut::new();
        let mut reading = Box::pin(body.read_prefix(ERROR_BODY, &mut bytes));
        // A body that doesn't come is not worth waiting for: the status is enough.
        let _ = within(
            &*self.shared.clock,
            Some(ERROR_BODY_TIMEOUT),
            reading.as_mut(),
        )
        .await;
        drop(reading);
        let came_from = parts.extensions.remove::<CameFrom>();
        let asked = parts.extensions.remove::<Asked>();
        let bytes = without_mark(bytes.freeze());
        let error = Error::of_response(parts.status, parts.headers, bytes);
        let error = match asked {
            Some(asked) => asked.explain(error),
            None => error,
        };
        let refused =
            came_from.is_some_and(|CameFrom(cx)| self.resolved.platform.refused(&error, &cx));
        Failure { error, refused }
    }

    /// Reads a body that has to be there as a whole, so that a broken one fails the attempt.
    async fn read_whole(&self, response: HttpResponse) -> Result<HttpResponse> {
        let (parts, body) = response.into_parts();
        let limit = self.resolved.limits.timeouts.headers;
        let idle = IdleTimer::of_body(self.shared.clock.clone(), limit);
        // Whatever the label, where nothing is expected nothing is missing.
        let is_expected = self.call.info.answer_kind() != AnswerKind::Empty;
        let whole = Whole {
            max: resolved::max_response_bytes(&self.shared.config, &self.call.options),
            headers: is_expected.then_some(&parts.headers),
        };
        match whole.read(body, idle, &*self.shared.clock).await {
            Ok(whole) => match Error::of_success(parts.status, &parts.headers, &whole) {
                Some(error) => Err(error),
                None => Ok(HttpResponse::from_parts(parts, whole.into())),
            },
            Err((error, part)) => {
                let meta = ResponseMeta::new(parts.status, parts.headers, 0, Duration::ZERO);
                Err(error.with_response(meta, part))
            }
        }
    }
}
