//! The order of cache breakpoints:
//! <https://platform.claude.com/docs/en/build-with-claude/prompt-caching>.

use serde_json::Value;

use super::turns::{Check, Conversation, items, refuse, text};

/// Entries with the longer lifetime come before those with the shorter.
pub(super) fn order(conversation: Conversation<'_>) -> Check {
    let of = |place: &'static str| {
        let blocks = items(conversation.body, place).iter().enumerate();
        blocks.map(move |(index, block)| (place, index, None, block))
    };
    let messages = conversation.blocks();
    let messages =
        messages.map(|(message, index, block)| ("messages", message, Some(index), block));
    let mut short = false;
    for (place, index, inner, block) in of("tools").chain(of("system")).chain(messages) {
        let Some(control) = block.get("cache_control").filter(|it| it.is_object()) else {
            continue;
        };
        if !is_long(control) {
            short = true;
        } else if short {
            let inner = inner.map_or(String::new(), |inner| format!(".content.{inner}"));
            return refuse(format!(
                "{place}.{index}{inner}.cache_control.ttl: a ttl='1h' cache_control block must not come after a ttl='5m' \
                 cache_control block. Note that blocks are processed in the following order: `tools`, `system`, `messages`."
            ));
        }
    }
    Ok(())
}

fn is_long(control: &Value) -> bool {
    text(control, "ttl") == "1h"
}
