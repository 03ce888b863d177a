//! The limits and choices of a run.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use anthropic_types::{CacheControlEphemeral, Message};

use super::outcome::Limit;
use super::transcript::Transcript;
use crate::RequestOptions;
use crate::tools::guarded::Guarded;

/// How many messages a model may write by default.
const MAX_TURNS: u32 = 50;
/// How many calls run at a time by default.
const MAX_PARALLEL: usize = 8;
/// How long the text of a result may be by default, in bytes.
const MAX_RESULT_BYTES: usize = 100_000;

/// What a message cost, in the smallest unit of the caller's.
pub(super) type Price = dyn Fn(&Message) -> u64 + Send + Sync;

#[derive(Clone)]
pub(super) struct Settings {
    pub(super) max_turns: u32,
    pub(super) max_calls: Option<u32>,
    pub(super) max_total_tokens: Option<u64>,
    pub(super) max_cost: Option<u64>,
    pub(super) price: Guarded<Arc<Price>>,
    pub(super) time_limit: Option<Duration>,
    pub(super) tool_timeout: Option<Duration>,
    pub(super) max_parallel: usize,
    pub(super) max_result_bytes: usize,
    pub(super) stream: bool,
    pub(super) eager: bool,
    pub(super) threaded: bool,
    pub(super) cache: Option<CacheControlEphemeral>,
    pub(super) compact_above: Option<u64>,
    /// None, as usual, unless they are set: each request takes them over.
    pub(super) options: Option<Box<RequestOptions>>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            max_turns: MAX_TURNS,
            max_calls: None,
            max_total_tokens: None,
            max_cost: None,
            price: Guarded::NONE,
            time_limit: None,
            tool_timeout: None,
            max_parallel: MAX_PARALLEL,
            max_result_bytes: MAX_RESULT_BYTES,
            stream: false,
            eager: false,
            threaded: false,
            cache: None,
            compact_above: None,
            options: None,
        }
    }
}

impl Settings {
    /// The limit that keeps the run from asking for another message.
    pub(super) fn exceeded(&self, transcript: &Transcript) -> Option<Limit> {
        let used = transcript.usage();
        let tokens = used.total_input_tokens().saturating_add(used.output_tokens);
        let used_up = |most: Option<u64>, used: u64| most.is_some_and(|most| used >= most);
        if transcript.turns() >= self.max_turns {
            Some(Limit::Turns)
        } else if used_up(self.max_total_tokens, tokens) {
            Some(Limit::Tokens)
        } else if used_up(self.max_cost, transcript.cost()) {
            Some(Limit::Cost)
        } else {
            None
        }
    }

    pub(super) fn cost(&self, message: &Message) -> u64 {
        self.price.get().map_or(0, |price| price(message))
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("max_turns", &self.max_turns)
            .field("max_calls", &self.max_calls)
            .field("max_total_tokens", &self.max_total_tokens)
            .field("max_cost", &self.max_cost)
            .field("time_limit", &self.time_limit)
            .field("tool_timeout", &self.tool_timeout)
            .field("max_parallel", &self.max_parallel)
            .field("max_result_bytes", &self.max_result_bytes)
            .field("stream", &self.stream)
            .field("eager", &self.eager)
            .field("threaded", &self.threaded)
            .field("cache", &self.cache)
            .field("compact_above", &self.compact_above)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
