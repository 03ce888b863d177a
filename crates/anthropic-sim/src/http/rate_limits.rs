//! Rate limits as token buckets: always counted and reported in `anthropic-ratelimit-*`, enforced
//! when asked to.
//!
//! A bucket holds a minute's worth and refills evenly. A request takes one from the first bucket on
//! its way in; its tokens are known only once there is a response, so they are taken then and may
//! leave a bucket below nothing: the next request waits until it is above again. That is the value
//! of `retry-after`.

use std::sync::Mutex;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use crate::base::clock::rfc3339;
use crate::base::errors::ApiError;
use crate::base::sync::lock;

const MINUTE: u32 = 60;

/// Limits per minute, for [`Builder::rate_limits`](crate::Builder::rate_limits). What isn't set is
/// as by default: 4,000 requests, 2,000,000 input tokens, 400,000 output tokens.
#[derive(Debug, Clone, Copy)]
#[must_use = "limits do nothing until a simulator has them"]
pub struct RateLimits {
    requests: u32,
    input_tokens: u32,
    output_tokens: u32,
}

impl Default for RateLimits {
    fn default() -> Self {
        Self::new()
    }
}

impl RateLimits {
    /// The defaults.
    pub fn new() -> Self {
        Self {
            requests: 4_000,
            input_tokens: 2_000_000,
            output_tokens: 400_000,
        }
    }

    /// Requests a minute, at least 1.
    pub fn requests(mut self, requests: u32) -> Self {
        self.requests = requests.max(1);
        self
    }

    /// Input tokens a minute, at least 1.
    pub fn input_tokens(mut self, tokens: u32) -> Self {
        self.input_tokens = tokens.max(1);
        self
    }

    /// Output tokens a minute, at least 1.
    pub fn output_tokens(mut self, tokens: u32) -> Self {
        self.output_tokens = tokens.max(1);
        self
    }
}

#[derive(Debug)]
pub(crate) struct Buckets {
    enforced: bool,
    limits: RateLimits,
    state: Mutex<State>,
}

#[derive(Debug, Clone, Copy)]
struct State {
    now: Duration,
    requests: Bucket,
    input: Bucket,
    output: Bucket,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    limit: u32,
    level: f64,
}

impl State {
    fn full(limits: RateLimits, now: Duration) -> Self {
        Self {
            now,
            requests: Bucket::full(limits.requests),
            input: Bucket::full(limits.input_tokens),
            output: Bucket::full(limits.output_tokens),
        }
    }
}

impl Bucket {
    fn full(limit: u32) -> Self {
        Self {
            limit,
            level: f64::from(limit),
        }
    }

    fn per_second(&self) -> f64 {
        f64::from(self.limit) / f64::from(MINUTE)
    }

    fn refill(&mut self, passed: Duration) {
        let level = self.level + passed.as_secs_f64() * self.per_second();
        self.level = level.min(f64::from(self.limit));
    }

    /// How long until the level is `wanted`.
    fn until(&self, wanted: f64) -> Duration {
        let seconds = ((wanted - self.level) / self.per_second()).max(0.0);
        Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
    }

    fn take(&mut self, amount: u64) {
        // More than four thousand million tokens would be a debt for days; the precision lost there
        // is no loss.
        self.level -= f64::from(u32::try_from(amount).unwrap_or(u32::MAX));
    }

    fn remaining(&self) -> u64 {
        // Between nothing and a u32, so that nothing is cut off.
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the level is at most the limit, and what is below nothing counts as nothing"
        )]
        let whole = self.level.max(0.0) as u64;
        whole
    }
}

impl Buckets {
    pub(crate) fn new(enforced: Option<RateLimits>, now: Duration) -> Self {
        let limits = enforced.unwrap_or_default();
        Self {
            enforced: enforced.is_some(),
            state: Mutex::new(State::full(limits, now)),
            limits,
        }
    }

    /// Fills all buckets.
    pub(crate) fn reset(&self, now: Duration) {
        *lock(&self.state) = State::full(self.limits, now);
    }

    /// Counts a request, or refuses it with a 429 that has a `retry-after`.
    pub(crate) fn count_request(&self, now: Duration) -> Result<(), ApiError> {
        let mut state = lock(&self.state);
        let passed = now.saturating_sub(state.now);
        state.now = now;
        let State {
            requests,
            input,
            output,
            ..
        } = &mut *state;
        let mut over = None;
        for (bucket, what) in [
            (&mut *requests, "requests"),
            (input, "input tokens"),
            (output, "output tokens"),
        ] {
            bucket.refill(passed);
            // A debt must be paid off before the next; a whole one is the least that is worth
            // waiting for.
            if bucket.level < 1.0 {
                let wait = bucket.until(1.0);
                if over.is_none_or(|(_, _, longest)| wait > longest) {
                    over = Some((what, bucket.limit, wait));
                }
            }
        }
        match over {
            Some((what, limit, wait)) if self.enforced => Err(exceeded(what, limit, wait)),
            _ => {
                requests.take(1);
                Ok(())
            }
        }
    }

    pub(crate) fn count_tokens(&self, input: u64, output: u64) {
        let mut state = lock(&self.state);
        state.input.take(input);
        state.output.take(output);
    }

    pub(crate) fn write(&self, headers: &mut HeaderMap) {
        let state = *lock(&self.state);
        for (names, bucket) in [
            (&REQUESTS, state.requests),
            (&INPUT_TOKENS, state.input),
            (&OUTPUT_TOKENS, state.output),
        ] {
            let limit = f64::from(bucket.limit);
            let full = state.now.saturating_add(bucket.until(limit));
            set(
                headers,
                names,
                bucket.limit.into(),
                bucket.remaining(),
                full,
            );
        }
        // Both together, as the API reports beside them.
        let limit = u64::from(state.input.limit) + u64::from(state.output.limit);
        let left = state.input.remaining() + state.output.remaining();
        let wait = |bucket: Bucket| bucket.until(f64::from(bucket.limit));
        let wait = wait(state.input).max(wait(state.output));
        set(
            headers,
            &TOKENS,
            limit,
            left,
            state.now.saturating_add(wait),
        );
    }
}

fn exceeded(what: &str, limit: u32, wait: Duration) -> ApiError {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    let message = format!(
        "The rate limit of {limit} {what} per minute is used up; try again in {} s",
        seconds.max(1)
    );
    let mut error = ApiError::new(StatusCode::TOO_MANY_REQUESTS, "rate_limit_error", message);
    let header = (
        HeaderName::from_static("retry-after"),
        HeaderValue::from(seconds.max(1)),
    );
    error.headers.push(header);
    error
}

/// `limit`, `remaining` and `reset`.
type Names = [HeaderName; 3];

static REQUESTS: Names = [
    HeaderName::from_static("anthropic-ratelimit-requests-limit"),
    HeaderName::from_static("anthropic-ratelimit-requests-remaining"),
    HeaderName::from_static("anthropic-ratelimit-requests-reset"),
];
static INPUT_TOKENS: Names = [
    HeaderName::from_static("anthropic-ratelimit-input-tokens-limit"),
    HeaderName::from_static("anthropic-ratelimit-input-tokens-remaining"),
    HeaderName::from_static("anthropic-ratelimit-input-tokens-reset"),
];
static OUTPUT_TOKENS: Names = [
    HeaderName::from_static("anthropic-ratelimit-output-tokens-limit"),
    HeaderName::from_static("anthropic-ratelimit-output-tokens-remaining"),
    HeaderName::from_static("anthropic-ratelimit-output-tokens-reset"),
];
static TOKENS: Names = [
    HeaderName::from_static("anthropic-ratelimit-tokens-limit"),
    HeaderName::from_static("anthropic-ratelimit-tokens-remaining"),
    HeaderName::from_static("anthropic-ratelimit-tokens-reset"),
];

fn set(headers: &mut HeaderMap, names: &Names, limit: u64, remaining: u64, reset: Duration) {
    let [limit_name, remaining_name, reset_name] = names;
    headers.insert(limit_name, HeaderValue::from(limit));
    headers.insert(remaining_name, HeaderValue::from(remaining));
    if let Ok(reset) = HeaderValue::try_from(rfc3339(reset)) {
        headers.insert(reset_name, reset);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Duration = Duration::from_secs(1_000_000);

    fn retry_after(error: &ApiError) -> &str {
        error.headers[0].1.to_str().unwrap()
    }

    #[test]
    fn requests_come_back_evenly() {
        let buckets = Buckets::new(Some(RateLimits::new().requests(30)), START);
        for _ in 0..30 {
            buckets.count_request(START).unwrap();
        }
        let error = buckets.count_request(START).unwrap_err();
        assert_eq!(
            (error.kind.as_str(), retry_after(&error)),
            ("rate_limit_error", "2")
        );
        let later = START + Duration::from_secs(2);
        buckets.count_request(later).unwrap();
        assert!(buckets.count_request(later).is_err());
    }

    #[test]
    fn a_debt_of_tokens_is_waited_for() {
        let buckets = Buckets::new(Some(RateLimits::new().output_tokens(60)), START);
        buckets.count_request(START).unwrap();
        buckets.count_tokens(5, 90);
        let error = buckets.count_request(START).unwrap_err();
        assert!(
            error.message.contains("60 output tokens"),
            "{}",
            error.message
        );
        assert_eq!(retry_after(&error), "31");
        buckets
            .count_request(START + Duration::from_secs(31))
            .unwrap();
    }

    #[test]
    fn without_enforcement_it_only_counts() {
        let buckets = Buckets::new(None, START);
        buckets.count_tokens(0, 1_000_000);
        buckets.count_request(START).unwrap();
        let mut headers = HeaderMap::new();
        buckets.write(&mut headers);
        assert_eq!(headers["anthropic-ratelimit-output-tokens-remaining"], "0");
        assert_eq!(headers["anthropic-ratelimit-requests-remaining"], "3999");
        assert_eq!(
            headers["anthropic-ratelimit-output-tokens-reset"],
            "1970-01-12T13:49:10.000000Z"
        );
    }
}
