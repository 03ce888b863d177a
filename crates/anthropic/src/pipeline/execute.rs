//! The only way in which a request is sent.
//!
//! One plain path, not generic: resolve the options, make the canonical request, then the
//! [attempts](super::attempt) within the total limit. Nothing is spawned: the whole request is one
//! future, and dropping it drops the timers, the connection and everything else. (The default
//! transport drives its connections in tasks of their own, which end with them.)

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anthropic_types::Decoding;
use tracing::Instrument;

use super::asked::Asked;
use super::attempt::{Attempts, Succeeded};
use super::resend::{self, Failed};
use super::resolved::{self, Resolved};
use super::shared::Shared;
use crate::clock::{Clock, within};
use crate::config::{Limits, StreamLimits, Timeouts};
use crate::request::call::{Call, Spent};
use crate::request::options::RequestOptions;
use crate::response::deadline::Deadline;
use crate::response::exchange::{Broken, ExchangeContext, Final, Sender};
use crate::response::incoming::Incoming;
use crate::response::meta::ResponseMeta;
#[cfg(feature = "tools")]
use crate::response::meta::Spliced;
use crate::trace::Traced;
use crate::{BoxFuture, Error, Result};

/// Sends a call, unless it has a fault.
pub(crate) fn execute(
    shared: Arc<Shared>,
    call: Box<Call>,
    fault: Option<Error>,
) -> BoxFuture<'static, Result<Incoming>> {
    let traced = Traced::new(call.info, &shared.secrets);
    match fault {
        Some(fault) => {
            let error = about(&call, fault);
            traced.failed(&error);
            Box::pin(std::future::ready(Err(error)))
        }
        None => execute_traced(shared, call, traced),
    }
}

/// Sends a call in a span that there is.
fn execute_traced(
    shared: Arc<Shared>,
    call: Box<Call>,
    traced: Traced,
) -> BoxFuture<'static, Result<Incoming>> {
    let span = traced.span();
    Box::pin(run(shared, call, traced).instrument(span))
}

async fn run(shared: Arc<Shared>, mut call: Box<Call>, traced: Traced) -> Result<Incoming> {
    match send(&shared, &mut call).await {
        Ok(sent) => Ok(incoming(shared, call, sent, traced)),
        Err(error) => {
            let error = about(&call, error);
            traced.failed(&error);
            Err(error)
        }
    }
}

/// Names the call in an error.
fn about(call: &Call, error: Error) -> Error {
    error.with_call(call.info.id(), call.info.method(), call.display_path())
}

/// Sends a call until it succeeds; with the time that this took, and what is left of the total
/// limit.
async fn send(
    shared: &Arc<Shared>,
    call: &mut Call,
) -> Result<(Succeeded, Duration, Option<Duration>)> {
    call.options.check()?;
    shared.platform.supports(call.info)?;
    let spent = call.spent.unwrap_or_else(|| Spent {
        attempts: 0,
        renewed: false,
        started: shared.clock.now(),
    });
    call.merge_extra_body(resolved::is_bounded(&shared.config, &call.options))?;
    let body = call.take_body();
    let call = &*call;
    let resolved = Resolved::new(shared, &call.options)?;
    let mut wire = resolved::wire(&shared.config, &resolved.base_url, call, body)?;
    let attempts = Attempts {
        shared,
        call,
        resolved: &resolved,
        spent,
        number: AtomicU32::new(spent.attempts),
    };
    let total = resolved.limits.timeouts.total;
    let left = total.map(|total| total.saturating_sub(attempts.elapsed()));
    let outcome = {
        // In a box of its own: memory of more than 1,032 bytes is not kept by glibc for the next
        // request, and takes ten times the instructions.
        let mut running = Box::pin(attempts.run(&mut wire));
        within(&*shared.clock, left, running.as_mut()).await
    };
    let elapsed = attempts.elapsed();
    let error = match outcome {
        Ok(Ok(succeeded)) => {
            let left = total.map(|total| total.saturating_sub(elapsed));
            return Ok((succeeded, elapsed, left));
        }
        Ok(Err(error)) => error,
        Err(_) => over_total(total.unwrap_or_default()),
    };
    let number = attempts.number.load(Ordering::Relaxed);
    let error = error
        .with_attempts(number, elapsed)
        .with_sent(|| Some(shared.sent(call, &wire)));
    Err(shared.finish(call, error))
}

/// The response of a successful attempt, its body under what is left of the limits.
fn incoming(
    shared: Arc<Shared>,
    call: Box<Call>,
    (succeeded, elapsed, left): (Succeeded, Duration, Option<Duration>),
    traced: Traced,
) -> Incoming {
    let Succeeded {
        response,
        spent,
        deadline,
    } = succeeded;
    let (mut parts, body) = response.into_parts();
    let asked = parts.extensions.remove::<Asked>();
    let meta = ResponseMeta::new(parts.status, parts.headers, spent.attempts, elapsed);
    #[cfg(feature = "tools")]
    let meta = match parts.extensions.get::<Spliced>() {
        Some(Spliced) => meta.spliced(),
        None => meta,
    };
    if let Some(last) = &call.last {
        last.set(meta.clone());
    }
    let body = if body.as_bytes().is_some() {
        body
    } else {
        let attempt = deadline.map(|at| at.saturating_sub(shared.clock.now()));
        let set = || shared.limits(&call.options).timeouts;
        match deadline_of(attempt, left, set, &*shared.clock) {
            Some(deadline) => deadline.limit(body),
            None => body,
        }
    };
    let context = ExchangeContext {
        sender: shared,
        call,
        meta,
        spent,
        detours: asked.and_then(|asked| asked.detours()),
        traced,
    };
    Incoming::new(context, body)
}

/// The limit that ends a body first, by what is left of each and what was set.
fn deadline_of(
    attempt: Option<Duration>,
    total: Option<Duration>,
    set: impl FnOnce() -> Timeouts,
    clock: &dyn Clock,
) -> Option<Deadline> {
    match (attempt, total) {
        (Some(attempt), total) if total.is_none_or(|total| attempt < total) => Some(Deadline {
            sleep: clock.sleep(attempt),
            limit: set().attempt.unwrap_or(attempt),
            error: super::attempt::over_attempt,
        }),
        (_, Some(total)) => Some(Deadline {
            sleep: clock.sleep(total),
            limit: set().total.unwrap_or(total),
            error: over_total,
        }),
        _ => None,
    }
}

fn over_total(limit: Duration) -> Error {
    let message = format!("the request took longer than {limit:?} (total_timeout)");
    Error::timeout(message).retryable(false)
}

impl Sender for Shared {
    fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    fn limits(&self, options: &RequestOptions) -> Limits {
        resolved::limits(&self.config, options)
    }

    fn decoding(&self) -> Decoding {
        self.config.decoding
    }

    fn max_response_bytes(&self, options: &RequestOptions) -> usize {
        resolved::max_response_bytes(&self.config, options)
    }

    fn stream_limits(&self, options: &RequestOptions, quiet: bool) -> StreamLimits {
        resolved::stream_limits(&self.config, options, quiet)
    }

    fn finish(&self, call: &Call, error: Error) -> Error {
        Self::finish(self, call, error)
    }

    fn send(self: Arc<Self>, call: Box<Call>) -> BoxFuture<'static, Result<Incoming>> {
        execute(self, call, None)
    }

    fn resend(
        self: Arc<Self>,
        exchange: &ExchangeContext,
        broken: Broken<'_>,
    ) -> Result<BoxFuture<'static, Result<Incoming>>, Final> {
        let call = exchange.call.try_clone();
        let limits = exchange.limits();
        let failed = Failed::Response(broken);
        let (spent, clock) = (exchange.spent, &*self.clock);
        let decide = || resend::decide(failed, spent, call.is_some(), &limits, clock);
        let again = exchange.traced.span().in_scope(decide)?;
        let mut call = call.ok_or_else(Final::default)?;
        call.spent = Some(again.spent);
        call.last.clone_from(&exchange.call.last);
        let traced = exchange.traced.take();
        Ok(Box::pin(async move {
            self.clock.sleep(again.after).await;
            execute_traced(self, Box::new(call), traced).await
        }))
    }
}
