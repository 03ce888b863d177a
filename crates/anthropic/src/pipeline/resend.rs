//! Whether a request is sent again: after an attempt, after a stream that broke, after a body that
//! broke.
//!
//! This is the only place that decides it. The rules themselves are
//! [`RetryPolicy`](super::retry::RetryPolicy)'s, which is pure; here they are given what they need
//! to know. Two things are beside the policy: a refused credential that can be renewed, and the
//! request's total limit.

use std::time::Duration;

use super::retry::{self, Decision, Failure};
use crate::clock::Clock;
use crate::config::Limits;
use crate::request::call::Spent;
use crate::response::exchange::{Broken, Final};
use crate::{Error, ErrorKind};

/// What failed.
#[derive(Clone, Copy)]
pub(crate) enum Failed<'e> {
    /// An attempt. `refused`: the platform can renew the credential that the server refused.
    Attempt { error: &'e Error, refused: bool },
    /// The response of an attempt that had succeeded.
    Response(Broken<'e>),
}

/// A request is sent again.
pub(crate) struct Resend {
    /// After this delay.
    pub(crate) after: Duration,
    /// What is spent by then.
    pub(crate) spent: Spent,
}

impl Failed<'_> {
    fn error(&self) -> &Error {
        match self {
            Self::Attempt { error, .. }
            | Self::Response(Broken::Stream(error) | Broken::Body(error)) => error,
        }
    }

    /// Whether the failure may pass. A stream that ended early or stalled may, as long as nothing
    /// was handed out.
    fn is_transient(&self) -> bool {
        let error = self.error();
        let cut = matches!(
            error.kind(),
            ErrorKind::StreamTruncated | ErrorKind::StreamStalled
        );
        error.is_retryable() || (cut && matches!(self, Self::Response(Broken::Stream(_))))
    }

    fn what(&self) -> &'static str {
        match self {
            Self::Attempt { refused: true, .. } => "trying again: the credential was refused",
            Self::Attempt { .. } => "trying again",
            Self::Response(_) => "trying again: the response broke before its first output",
        }
    }
}

/// Decides whether to send a request again, and when.
pub(crate) fn decide(
    failed: Failed<'_>,
    spent: Spent,
    replayable: bool,
    limits: &Limits,
    clock: &dyn Clock,
) -> Result<Resend, Final> {
    let error = failed.error();
    let elapsed = clock.now().saturating_sub(spent.started);
    let renews =
        matches!(failed, Failed::Attempt { refused: true, .. }) && !spent.renewed && replayable;
    let retry_after = retry::retry_after(error.headers(), clock.wall());
    let after = if renews {
        Duration::ZERO
    } else {
        let decision = limits.retry.decide(&Failure {
            transient: failed.is_transient(),
            // The attempt after a renewed credential is none of the policy's.
            attempts: spent.attempts - u32::from(spent.renewed),
            replayable,
            elapsed,
            retry_after,
            random: clock.random(),
        });
        match decision {
            Decision::Retry { after } => after,
            Decision::GiveUp(reason) => {
                tracing::debug!(attempt = spent.attempts, ?reason, kind = ?error.kind(), "failed");
                let why = limits.retry.why(reason, retry_after);
                let why = why.or_else(|| {
                    let forbidden = "not retried: the response has `x-should-retry: false`";
                    error.has_forbidden_retries().then(|| forbidden.to_owned())
                });
                return Err(Final { why, retry_after });
            }
        }
    };
    let total = limits.timeouts.total;
    if total.is_some_and(|total| elapsed.saturating_add(after) >= total) {
        tracing::debug!(attempt = spent.attempts, reason = "Total", kind = ?error.kind(), "failed");
        let why = total.map(|total| format!("not retried: total_timeout is {total:?}"));
        return Err(Final { why, retry_after });
    }
    tracing::info!(
        attempt = spent.attempts,
        kind = ?error.kind(),
        status = error.status().map(|status| status.as_u16()),
        request_id = error.request_id(),
        delay = ?after,
        "{}",
        failed.what(),
    );
    let renewed = spent.renewed || renews;
    Ok(Resend {
        after,
        spent: Spent { renewed, ..spent },
    })
}
