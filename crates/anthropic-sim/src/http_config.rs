//! What can be set about HTTP itself: faults, limits, and whose answers are given.

use std::path::PathBuf;

use crate::{
    builder::Builder, faults::Rule, ratelimits::RateLimits, recording::Wanted, server::Simulator,
};

/// The part of the settings that the gate looks at.
#[derive(Debug, Default)]
pub(crate) struct HttpConfig {
    pub(crate) rules: Vec<Rule>,
    pub(crate) limits: Option<RateLimits>,
    pub(crate) source: Wanted,
}

impl Builder {
    /// Lets something go wrong: a [`Fault`](crate::faults::Fault) on every request, or a [`Rule`] that says on which.
    pub fn fault(mut self, rule: impl Into<Rule>) -> Self {
        self.0.http.rules.push(rule.into());
        self
    }

    /// Enforces rate limits with 429s, which are otherwise only counted and reported.
    pub fn rate_limits(mut self, limits: RateLimits) -> Self {
        self.0.http.limits = Some(limits);
        self
    }

    /// Serves the answers recorded in this folder, and nothing else: a request is answered as its like was, by method, path
    /// and body; any other gets a 404 that says what is nearest. Credentials are not looked at.
    pub fn replay(mut self, folder: impl Into<PathBuf>) -> Self {
        self.0.http.source = Wanted::Replay(folder.into());
        self
    }

    /// Passes requests on to a real API, such as `https://api.anthropic.com`, and stores the exchanges in this
    /// folder, without secrets.
    #[cfg(feature = "record")]
    pub fn record(mut self, folder: impl Into<PathBuf>, upstream: impl Into<String>) -> Self {
        self.0.http.source = Wanted::Record {
            into: folder.into(),
            upstream: upstream.into(),
        };
        self
    }
}

impl Simulator {
    /// Adds a rule, as [`Builder::fault`] does before the start; it counts requests from now on.
    pub fn fault(&self, rule: impl Into<Rule>) {
        self.app.faults.add(rule.into());
    }
}
