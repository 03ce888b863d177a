//! The `anthropic-ratelimit-*` headers: one-minute windows, counted and reported but not yet enforced.

use std::{sync::Mutex, time::Duration};

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::{clock::rfc3339, state::lock};

const WINDOW: Duration = Duration::from_secs(60);
const REQUESTS: u64 = 4_000;
const INPUT_TOKENS: u64 = 2_000_000;
const OUTPUT_TOKENS: u64 = 400_000;

#[derive(Debug, Default)]
pub(crate) struct RateLimits(Mutex<Window>);

#[derive(Debug, Default, Clone, Copy)]
struct Window {
    ends: Duration,
    requests: u64,
    input_tokens: u64,
    output_tokens: u64,
}

impl RateLimits {
    pub(crate) fn count_request(&self, now: Duration) {
        let mut window = lock(&self.0);
        if now >= window.ends {
            *window = Window {
                ends: now.saturating_add(WINDOW),
                ..Window::default()
            };
        }
        window.requests += 1;
    }

    pub(crate) fn count_tokens(&self, input: u64, output: u64) {
        let mut window = lock(&self.0);
        window.input_tokens += input;
        window.output_tokens += output;
    }

    pub(crate) fn write(&self, headers: &mut HeaderMap) {
        let window = *lock(&self.0);
        let reset = rfc3339(window.ends);
        for (name, limit, used) in [
            ("requests", REQUESTS, window.requests),
            ("input-tokens", INPUT_TOKENS, window.input_tokens),
            ("output-tokens", OUTPUT_TOKENS, window.output_tokens),
            (
                "tokens",
                INPUT_TOKENS + OUTPUT_TOKENS,
                window.input_tokens + window.output_tokens,
            ),
        ] {
            let remaining = limit.saturating_sub(used);
            set(headers, name, "limit", &limit.to_string());
            set(headers, name, "remaining", &remaining.to_string());
            set(headers, name, "reset", &reset);
        }
    }
}

fn set(headers: &mut HeaderMap, name: &str, what: &str, value: &str) {
    let name = format!("anthropic-ratelimit-{name}-{what}");
    if let (Ok(name), Ok(value)) = (
        HeaderName::try_from(name.as_str()),
        HeaderValue::from_str(value),
    ) {
        headers.insert(name, value);
    }
}
