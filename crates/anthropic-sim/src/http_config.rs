//! What can be set about HTTP itself: faults, limits, and whose answers are given.

use crate::{builder::Builder, faults::Rule, ratelimits::RateLimits, server::Simulator};

/// The part of the settings that the gate looks at.
#[derive(Debug, Default)]
pub(crate) struct HttpConfig {
    pub(crate) rules: Vec<Rule>,
    pub(crate) limits: Option<RateLimits>,
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
}

impl Simulator {
    /// Adds a rule, as [`Builder::fault`] does before the start; it counts requests from now on.
    pub fn fault(&self, rule: impl Into<Rule>) {
        self.app.faults.add(rule.into());
    }
}
