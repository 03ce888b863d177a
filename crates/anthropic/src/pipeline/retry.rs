//! When to retry, and after how long.
//!
//! A [`RetryPolicy`] is set on the client, or on one request by its
//! [options](crate::RequestOptions::retry_policy). Which errors are retried is in the docs of
//! [`ErrorKind`].

use std::time::{Duration, SystemTime};

use anthropic_types::ErrorCode;
use http::{HeaderMap, HeaderValue, StatusCode};

use crate::ErrorKind;

/// How a client retries.
///
/// The defaults are what every official SDK does: two retries, on connection errors, timeouts, 408,
/// 409, 429 and 5xx, after what the server asks for or else 0.5 s, 1 s, 2 s … up to 8 s, less up to
/// a quarter at random. A body that can be read only once is never sent again.
///
/// ```
/// use std::time::Duration;
/// use anthropic::retry::RetryPolicy;
///
/// let mut policy = RetryPolicy::default();
/// policy.max_retries = 5;
/// policy.max_delay = Duration::from_secs(30);
/// policy.budget = Some(Duration::from_secs(120));
/// let client = anthropic::Client::builder().api_key("key").retry_policy(policy).build()?;
/// # Ok::<(), anthropic::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// How many times a request is sent again; 0 sends it once. 2 by default.
    pub max_retries: u32,
    /// The delay before the first retry, doubled with each further one. 0.5 s by default.
    pub initial_delay: Duration,
    /// The longest delay that the doubling comes to. 8 s by default.
    pub max_delay: Duration,
    /// Jitter: the largest share of a delay that is taken off at random, from 0 to 1, so that
    /// clients don't come back in step. 0.25 by default.
    pub jitter: f64,
    /// The longest delay that the server may ask for; `None` is any. When it asks for more, the
    /// error is returned at once and carries the delay. 60 s by default.
    pub max_retry_after: Option<Duration>,
    /// The time, from the first attempt on, within which the last one must begin. No limit by
    /// default.
    pub budget: Option<Duration>,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            max_retries: 2,
            initial_delay: Duration::from_millis(500),
            max_delay: Duration::from_secs(8),
            jitter: 0.25,
            max_retry_after: Some(Duration::from_secs(60)),
            budget: None,
        }
    }
}

/// How an attempt failed: everything that the decision depends on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Failure {
    /// Whether the failure is of a kind that may pass.
    pub(crate) transient: bool,
    /// The number of attempts made so far, this one included.
    pub(crate) attempts: u32,
    /// Whether the request's body can be sent again.
    pub(crate) replayable: bool,
    /// The time since the first attempt began.
    pub(crate) elapsed: Duration,
    /// How long the server asks to wait.
    pub(crate) retry_after: Option<Duration>,
    /// A number in `0.0..1.0`.
    pub(crate) random: f64,
}

/// What to do after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Wait, then send the request again.
    Retry {
        /// How long to wait.
        after: Duration,
    },
    /// Return the error.
    GiveUp(GiveUp),
}

/// Why a request is not sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GiveUp {
    /// The same request would fail again.
    Permanent,
    /// All retries have been used.
    Exhausted,
    /// The body can be read only once.
    NotReplayable,
    /// The server asks for a longer delay than allowed.
    DelayTooLong,
    /// The budget would run out during the delay.
    Budget,
}

impl RetryPolicy {
    /// Decides what to do after a failure.
    pub(crate) fn decide(&self, failure: &Failure) -> Decision {
        if !failure.transient {
            return Decision::GiveUp(GiveUp::Permanent);
        }
        if failure.attempts > self.max_retries {
            return Decision::GiveUp(GiveUp::Exhausted);
        }
        if !failure.replayable {
            return Decision::GiveUp(GiveUp::NotReplayable);
        }
        let after = match failure.retry_after {
            Some(delay) if self.max_retry_after.is_some_and(|longest| delay > longest) => {
                return Decision::GiveUp(GiveUp::DelayTooLong);
            }
            Some(delay) => delay,
            None => self.backoff(failure.attempts.saturating_sub(1), failure.random),
        };
        match self.budget {
            Some(budget) if failure.elapsed.saturating_add(after) > budget => {
                Decision::GiveUp(GiveUp::Budget)
            }
            _ => Decision::Retry { after },
        }
    }

    /// Why a request is not sent again, in words; nothing where the error itself or the number of
    /// attempts shows it.
    pub(crate) fn why(&self, reason: GiveUp, retry_after: Option<Duration>) -> Option<String> {
        Some(match reason {
            GiveUp::Permanent | GiveUp::Exhausted => return None,
            GiveUp::NotReplayable => "not retried: the body can be read only once".to_owned(),
            GiveUp::DelayTooLong => {
                let (asked, longest) = (retry_after?, self.max_retry_after?);
                format!(
                    "not retried: retry-after {asked:?} is beyond max_retry_after ({longest:?})"
                )
            }
            GiveUp::Budget => {
                let budget = self.budget?;
                format!("not retried: retry_budget is {budget:?}")
            }
        })
    }

    /// The delay before retry number `retry`, counted from 0.
    fn backoff(&self, retry: u32, random: f64) -> Duration {
        let factor = 2_u32.saturating_pow(retry.min(30));
        let delay = self
            .initial_delay
            .saturating_mul(factor)
            .min(self.max_delay);
        let share = |value: f64| {
            if value.is_nan() {
                0.0
            } else {
                value.clamp(0.0, 1.0)
            }
        };
        let kept = 1.0 - share(self.jitter) * share(random);
        Duration::try_from_secs_f64(delay.as_secs_f64() * kept).unwrap_or(delay)
    }
}

/// Whether an error response may be retried: never where the change was or may have been made, else
/// by `x-should-retry`, else by its status, or its kind where it has none, unless the kind means
/// that the same request will fail again.
pub(crate) fn is_retryable(
    kind: ErrorKind,
    code: Option<&ErrorCode>,
    status: Option<StatusCode>,
    headers: &HeaderMap,
) -> bool {
    if code.is_some_and(may_have_changed) {
        return false;
    }
    match headers.get("x-should-retry").map(HeaderValue::as_bytes) {
        Some(b"true") => true,
        Some(b"false") => false,
        // The API sends it with 409, too.
        _ if kind == ErrorKind::PreconditionFailed => false,
        _ => match status {
            Some(status) => matches!(status.as_u16(), 408 | 409 | 429 | 500..),
            None => kind.is_transient(),
        },
    }
}

/// Whether a code means that the change was made or may have been: another attempt would make a
/// second workspace, or repeat what nobody has looked at.
pub(crate) fn may_have_changed(code: &ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::WorkspaceCreatedIncomplete | ErrorCode::ChangeOutcomeUnknown
    )
}

/// How long the server asks to wait: `retry-after-ms`, else `retry-after` in seconds or as a date.
///
/// A delay that is zero, in the past or not understood is ignored; one beyond what a `Duration` can
/// hold is the longest.
pub(crate) fn retry_after(headers: &HeaderMap, wall: SystemTime) -> Option<Duration> {
    let text = |name: &str| Some(headers.get(name)?.to_str().ok()?.trim());
    let seconds = |text: &str, scale: f64| {
        // Rust also reads words, such as `inf`.
        let is_number = text.bytes().all(|it| matches!(it, b'0'..=b'9' | b'.'));
        let seconds: f64 = text.parse().ok().filter(|_| is_number)?;
        Some(Duration::try_from_secs_f64(seconds * scale).unwrap_or(Duration::MAX))
    };
    let millis = text("retry-after-ms").and_then(|text| seconds(text, 0.001));
    let delay = millis.filter(|delay| !delay.is_zero()).or_else(|| {
        let text = text("retry-after")?;
        seconds(text, 1.0).or_else(|| {
            let date = httpdate::parse_http_date(text).ok()?;
            date.duration_since(wall).ok()
        })
    });
    delay.filter(|delay| !delay.is_zero())
}

#[cfg(test)]
mod tests;
