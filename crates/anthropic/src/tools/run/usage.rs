//! Adding up what requests used.

use anthropic_types::{CacheCreation, OutputTokensDetails, ServerToolUsage, Usage};

/// Adds up the counts; what is no count is that of the later.
pub(super) fn add(sum: &mut Usage, other: &Usage) {
    fn count(sum: &mut u64, other: u64) {
        *sum = sum.saturating_add(other);
    }
    fn optional<T: Clone>(sum: &mut Option<T>, other: Option<&T>, add: impl FnOnce(&mut T, &T)) {
        match (sum, other) {
            (Some(sum), Some(other)) => add(sum, other),
            (sum @ None, Some(other)) => *sum = Some(other.clone()),
            (_, None) => {}
        }
    }
    count(&mut sum.input_tokens, other.input_tokens);
    count(&mut sum.output_tokens, other.output_tokens);
    let number = |sum: &mut u64, other: &u64| count(sum, *other);
    optional(
        &mut sum.cache_creation_input_tokens,
        other.cache_creation_input_tokens.as_ref(),
        number,
    );
    optional(
        &mut sum.cache_read_input_tokens,
        other.cache_read_input_tokens.as_ref(),
        number,
    );
    let caches = |sum: &mut CacheCreation, other: &CacheCreation| {
        count(
            &mut sum.ephemeral_1h_input_tokens,
            other.ephemeral_1h_input_tokens,
        );
        count(
            &mut sum.ephemeral_5m_input_tokens,
            other.ephemeral_5m_input_tokens,
        );
    };
    optional(
        &mut sum.cache_creation,
        other.cache_creation.as_ref(),
        caches,
    );
    let details = |sum: &mut OutputTokensDetails, other: &OutputTokensDetails| {
        count(&mut sum.thinking_tokens, other.thinking_tokens);
    };
    optional(
        &mut sum.output_tokens_details,
        other.output_tokens_details.as_ref(),
        details,
    );
    let servers = |sum: &mut ServerToolUsage, other: &ServerToolUsage| {
        count(&mut sum.web_fetch_requests, other.web_fetch_requests);
        count(&mut sum.web_search_requests, other.web_search_requests);
    };
    optional(
        &mut sum.server_tool_use,
        other.server_tool_use.as_ref(),
        servers,
    );
    take_words(sum, other);
}

/// What is no count: that of the later.
fn take_words(sum: &mut Usage, other: &Usage) {
    if other.service_tier.is_some() {
        sum.service_tier.clone_from(&other.service_tier);
    }
    if other.inference_geo.is_some() {
        sum.inference_geo.clone_from(&other.inference_geo);
    }
}

/// All tokens: those of the input, cached or not, and of the output.
pub(super) fn tokens(usage: &Usage) -> u64 {
    usage
        .total_input_tokens()
        .saturating_add(usage.output_tokens)
}
