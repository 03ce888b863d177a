//! Hop 2: the only way on which a request is sent.
//!
//! One plain loop, not generic: attempt, ask the policy, wait, again. Each attempt goes through the
//! middlewares to the [`Gate`], which checks the origin, has the platform sign, sends, and follows
//! redirects. Nothing is spawned here: the whole request is one future, and dropping it drops the
//! timers, the connection and everything else. (hyper drives the connections and the pool of the default
//! transport by tasks of its own, which end with them.)

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bytes::BytesMut;
use http::HeaderMap;
use tracing::Instrument;
use tracing::field::Empty;

use crate::client::{Client, Shared};
use crate::clock::within;
use crate::config::{Origin, Timeouts};
use crate::pipeline::deadline::{Deadline, Patience, read_whole};
use crate::pipeline::middleware::{Next, Terminus};
use crate::pipeline::redirect::{self, MAX_REDIRECTS, Trail};
use crate::request::call::{Call, Spent};
use crate::request::wire::Wire;
use crate::response::Meta;
use crate::response::incoming::{Context, Incoming};
use crate::retry::{self, Decision, Failure, RetryPolicy};
use crate::transport::{HttpRequest, HttpResponse};
use crate::{BoxFuture, Error, Result};

/// How much of an error's body is read; the rest is dropped with its connection.
pub(crate) const ERROR_BODY: usize = 64 << 10;
/// How long reading an error's body may take.
pub(crate) const ERROR_BODY_PATIENCE: Duration = Duration::from_secs(5);

impl Client {
    /// Sends a call: every attempt that the policy grants, within the total limit.
    pub(crate) fn execute(
        &self,
        call: Box<Call>,
        fault: Option<Error>,
    ) -> BoxFuture<'static, Result<Incoming>> {
        let span = tracing::info_span!(
            "anthropic.request",
            operation = call.info.id(),
            method = %call.info.method(),
            route = call.info.path(),
            attempts = Empty,
            status = Empty,
            request_id = Empty,
            error = Empty,
        );
        let client = self.clone();
        let told = span.clone();
        let request = async move {
            let (id, method) = (call.info.id(), call.info.method());
            let path = call.display_path().to_owned();
            let result = match fault {
                Some(fault) => Err(fault),
                None => run(client, call).await,
            };
            let result = result.map_err(|error| error.with_call(id, method, &path));
            record(&told, &result);
            result
        };
        Box::pin(request.instrument(span))
    }
}

/// Tells the span how the request ended.
fn record(span: &tracing::Span, result: &Result<Incoming>) {
    match result {
        Ok(incoming) => {
            span.record("attempts", incoming.meta().attempts);
            span.record("status", incoming.status().as_u16());
            span.record("request_id", incoming.request_id());
        }
        Err(error) => {
            span.record("attempts", error.attempts());
            span.record("status", error.status().map(|status| status.as_u16()));
            span.record("request_id", error.request_id());
            span.record("error", tracing::field::debug(error.kind()));
        }
    }
}

async fn run(client: Client, mut call: Box<Call>) -> Result<Incoming> {
    let shared = client.shared();
    let config = &shared.config;
    let timeouts = timeouts(config.timeouts, &call);
    let policy = policy(&config.retry, &call);
    let mut wire = Wire::new(config, &mut call)?;
    let first = || Spent {
        attempts: 0,
        started: shared.clock.now(),
    };
    let spent = call.spent.unwrap_or_else(first);
    let run = Run {
        shared,
        call: &call,
        timeouts,
        policy,
        started: spent.started,
        attempts: AtomicU32::new(spent.attempts),
    };
    let total = timeouts
        .total
        .map(|total| total.saturating_sub(run.elapsed()));
    let outcome = {
        let attempts = pin!(run.attempts(&mut wire));
        within(&*shared.clock, total, attempts).await
    };
    let (attempts, elapsed) = (run.attempts.load(Ordering::Relaxed), run.elapsed());
    let response = match outcome {
        Ok(Ok(response)) => response,
        Ok(Err(error)) => return Err(error.with_attempts(attempts, elapsed)),
        Err(_) => return Err(over_total(timeouts.total).with_attempts(attempts, elapsed)),
    };
    let deadline = timeouts.total.map(|total| Deadline {
        sleep: shared.clock.sleep(total.saturating_sub(elapsed)),
        error: || over_total(None),
    });
    let (parts, body) = response.into_parts();
    let meta = Arc::new(Meta {
        status: parts.status,
        headers: parts.headers,
        attempts,
        elapsed,
    });
    if let Some(last) = &call.last_meta {
        last.set(meta.clone());
    }
    let body = match (body.as_bytes(), deadline) {
        (None, Some(deadline)) => deadline.limit(body),
        _ => body,
    };
    let context = Context {
        client: client.clone(),
        call,
        started: spent.started,
        meta,
    };
    Ok(Incoming::new(context, body))
}

fn over_total(limit: Option<Duration>) -> Error {
    let message = match limit {
        Some(limit) => format!("the request took longer than its total limit of {limit:?}"),
        None => "the response took longer than the request's total limit".to_owned(),
    };
    Error::timeout(message).retryable(false)
}

fn timeouts(client: Timeouts, call: &Call) -> Timeouts {
    Timeouts {
        headers: call.options.timeout.or(client.headers),
        total: call.options.total_timeout.or(client.total),
        ..client
    }
}

pub(crate) fn policy(client: &RetryPolicy, call: &Call) -> RetryPolicy {
    let mut policy = client.clone();
    let options = &call.options;
    policy.max_retries = options.max_retries.unwrap_or(policy.max_retries);
    policy.max_retry_after = options.max_retry_after.unwrap_or(policy.max_retry_after);
    policy.budget = options.retry_budget.or(policy.budget);
    policy
}

/// One request on its way, over all its attempts.
struct Run<'a> {
    shared: &'a Shared,
    call: &'a Call,
    timeouts: Timeouts,
    policy: RetryPolicy,
    started: Duration,
    attempts: AtomicU32,
}

impl Run<'_> {
    fn elapsed(&self) -> Duration {
        self.shared.clock.now().saturating_sub(self.started)
    }

    async fn attempts(&self, wire: &mut Wire) -> Result<HttpResponse> {
        let replayable = wire.is_replayable();
        loop {
            let attempts = self.attempts.fetch_add(1, Ordering::Relaxed) + 1;
            tracing::debug!(attempt = attempts, "sending");
            let request = wire.request(self.call, attempts);
            let gate = Gate {
                shared: self.shared,
                call: self.call,
                headers: wire.headers(),
                timeout: self.timeouts.headers,
            };
            let sending = Next::new(&self.shared.middleware, &gate).run(request);
            let error = match self.attempt(sending).await {
                Ok(response) => return Ok(response),
                Err(error) => self.with_delay(error),
            };
            let failure = Failure {
                transient: error.is_retryable(),
                attempts,
                replayable,
                elapsed: self.elapsed(),
                retry_after: error.retry_after(),
                random: self.shared.clock.random(),
            };
            match self.policy.decide(&failure) {
                Decision::Retry { after } => {
                    tracing::info!(
                        attempt = attempts,
                        kind = ?error.kind(),
                        status = error.status().map(|status| status.as_u16()),
                        request_id = error.request_id(),
                        delay = ?after,
                        "trying again",
                    );
                    drop(error);
                    self.shared.clock.sleep(after).await;
                }
                Decision::GiveUp(reason) => {
                    tracing::debug!(attempt = attempts, ?reason, kind = ?error.kind(), "failed");
                    return Err(error);
                }
            }
        }
    }

    fn with_delay(&self, error: Error) -> Error {
        let delay = retry::retry_after(error.headers(), self.shared.clock.wall());
        error.with_retry_after(delay)
    }

    async fn attempt(&self, sending: BoxFuture<'_, Result<HttpResponse>>) -> Result<HttpResponse> {
        let response = sending.await?;
        // Boxed, as all is that comes after the wait: while it lasts, a request is as small as can be.
        Box::pin(self.receive(response)).await
    }

    /// What an attempt's answer comes to.
    async fn receive(&self, response: HttpResponse) -> Result<HttpResponse> {
        tracing::debug!(
            status = response.status().as_u16(),
            headers = ?crate::pipeline::trace::PublicHeaders(response.headers()),
            "response",
        );
        if !response.status().is_success() {
            return Err(self.refusal(response).await);
        }
        if self.call.info.is_buffered() && !self.call.raw {
            return self.read_whole(response).await;
        }
        Ok(response)
    }

    /// Makes an error of an answer that is one.
    async fn refusal(&self, response: HttpResponse) -> Error {
        let (parts, mut body) = response.into_parts();
        let mut bytes = BytesMut::new();
        let mut reading = Box::pin(body.read_prefix(ERROR_BODY, &mut bytes));
        // A body that doesn't come is not worth waiting for: the status says enough.
        let _ = within(
            &*self.shared.clock,
            Some(ERROR_BODY_PATIENCE),
            reading.as_mut(),
        )
        .await;
        drop(reading);
        Error::of_response(parts.status, parts.headers, bytes.freeze())
    }

    /// Reads a body that has to be there as a whole, so that a broken one can be asked for again.
    async fn read_whole(&self, response: HttpResponse) -> Result<HttpResponse> {
        let (parts, body) = response.into_parts();
        let patience = Patience::new(self.shared.clock.clone(), self.timeouts.headers);
        match read_whole(body, patience).await {
            Ok(whole) => match Error::of_success(parts.status, &parts.headers, &whole) {
                Some(error) => Err(error),
                None => Ok(HttpResponse::from_parts(parts, whole.into())),
            },
            Err((error, part)) => Err(error.with_response(parts.status, parts.headers, part)),
        }
    }
}

/// Hops 4 and 5: the end of the chain of middlewares.
struct Gate<'a> {
    shared: &'a Shared,
    call: &'a Call,
    /// The headers that the attempt began with.
    headers: &'a HeaderMap,
    timeout: Option<Duration>,
}

impl Terminus for Gate<'_> {
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse>> {
        let mut trail = Trail::of(&request, self.headers);
        let mut preparing = self.prepare(request);
        // A block and not an `async fn`, which would hold the trail twice, once as its argument.
        Box::pin(async move {
            for _ in 0..=MAX_REDIRECTS {
                let response = self.once(preparing?).await?;
                match trail.follow(&response)? {
                    None => return Ok(response),
                    Some(next) => {
                        trail = Trail::of(&next, self.headers);
                        preparing = self.prepare(next);
                    }
                }
            }
            Err(redirect::refused("the server redirects without end"))
        })
    }
}

/// A request that the platform is signing.
type Preparing<'a> = BoxFuture<'a, Result<HttpRequest>>;

impl<'a> Gate<'a> {
    /// Hands the request to the platform, if it may go where it wants to. A plain function, because an `async` one
    /// keeps its arguments until it is over.
    fn prepare(&self, request: HttpRequest) -> Result<Preparing<'a>> {
        let config = &self.shared.config;
        let place = Origin::of(request.uri())?;
        config.trust.check(
            config.base_url.origin(),
            &place,
            &self.call.options.allow_hosts,
        )?;
        Ok(self.shared.platform.prepare(request))
    }

    async fn once(&self, preparing: Preparing<'a>) -> Result<HttpResponse> {
        let mut sending = self.shared.transport.send(preparing.await?);
        let sent = within(&*self.shared.clock, self.timeout, sending.as_mut()).await;
        let response = match (sent, self.timeout) {
            (Ok(sent), _) => sent.map_err(Error::transport)?,
            (Err(_), limit) => {
                let limit = limit.unwrap_or_default();
                return Err(Error::timeout(format!(
                    "no response headers within {limit:?}"
                )));
            }
        };
        self.shared.platform.restore(response)
    }
}
