//! What a delta of the whole message changes in it.
//!
//! Usage is set, never added: the API reports running totals.

use anthropic_types::{
    CacheCreation, Extra, Json, Message, MessageDeltaEvent, MessageDeltaUsage, RepairKind, Usage,
};

/// Sets the fields of the same name that have something to be set to.
macro_rules! set {
    ($to:ident from $from:ident: $($field:ident)*) => {
        $(
            if $from.$field.is_some() {
                $to.$field.clone_from(&$from.$field);
                $to.extra.settle(stringify!($field));
            }
        )*
    };
}

/// Fields of a message that a delta can't set: under these keys nothing is unknown.
const OF_MESSAGE: [&str; 6] = ["id", "type", "role", "content", "model", "usage"];

/// Updates a message by what the end of its stream reports: the stop reason, the usage, and what
/// else a delta of the whole message has.
pub(super) fn update(message: &mut Message, event: &MessageDeltaEvent) {
    let delta = &event.delta;
    set! { message from delta: stop_reason stop_sequence stop_details container }
    set! { message from event: context_management input_transformations }
    for (key, value) in delta.extra.iter().chain(event.extra.iter()) {
        if key == "diagnostics" {
            message.diagnostics = known(value).or(message.diagnostics.take());
        } else if !OF_MESSAGE.contains(&key) {
            set_extra(&mut message.extra, key, value);
        }
    }
    message.adopt_repairs(&delta.extra);
    if event.extra.repair("usage").is_none() {
        update_usage(&mut message.usage, &event.usage);
        if event.usage.input_tokens.is_some() {
            message.extra.settle("usage");
        }
    }
    message.adopt_repairs(&event.extra);
}

/// Keeps an unknown field; a `null` doesn't take anything away.
fn set_extra(extra: &mut Extra, key: &str, value: &Json) {
    if !value.is_null() || extra.get(key).is_none() {
        extra.insert(key, value.clone());
    }
}

fn update_usage(usage: &mut Usage, delta: &MessageDeltaUsage) {
    // A total that could not be read leaves the one that is known.
    let repair = delta.extra.repair("output_tokens");
    if matches!(repair, None | Some(RepairKind::Rounded)) {
        usage.output_tokens = delta.output_tokens;
        usage.extra.settle("output_tokens");
    }
    if let Some(tokens) = delta.input_tokens {
        usage.input_tokens = tokens;
        usage.extra.settle("input_tokens");
    }
    set! { usage from delta: cache_creation_input_tokens cache_read_input_tokens output_tokens_details }
    set! { usage from delta: server_tool_use fallback_credit iterations }
    for (key, value) in &delta.extra {
        // Fields that a whole message's usage has and a delta's has not, until the API sends them.
        match key {
            "cache_creation" => {
                usage.cache_creation =
                    known::<CacheCreation>(value).or(usage.cache_creation.take());
            }
            "inference_geo" => usage.inference_geo = known(value).or(usage.inference_geo.take()),
            "service_tier" => usage.service_tier = known(value).or(usage.service_tier.take()),
            "speed" => usage.speed = known(value).or(usage.speed.take()),
            _ => set_extra(&mut usage.extra, key, value),
        }
    }
    usage.adopt_repairs(&delta.extra);
}

fn known<T: serde::de::DeserializeOwned>(value: &Json) -> Option<T> {
    value.get().ok()
}
