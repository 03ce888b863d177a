//! Rules on cache breakpoints:
//! <https://platform.claude.com/docs/en/build-with-claude/prompt-caching>.

use serde_json::Value;

use super::turns::{Check, Conversation, items, kind, refuse, text};
use crate::tokens::{self, CACHE_CONTROL};

const MOST: usize = 4;

fn is_cached(value: &Value) -> bool {
    value.get(CACHE_CONTROL).is_some_and(Value::is_object)
}

/// <https://github.com/tghamm/Anthropic.SDK/issues/50>: there are at most four.
pub(super) fn count(conversation: Conversation<'_>) -> Check {
    let parts = tokens::parts(conversation.body);
    let blocks = parts.iter().filter(|part| is_cached(part.value)).count();
    let found = blocks + usize::from(is_cached(conversation.body));
    if found <= MOST {
        return Ok(());
    }
    refuse(format!(
        "A maximum of {MOST} blocks with cache_control may be provided. Found {found}."
    ))
}

/// <https://github.com/anthropics/claude-code/issues/62379>: an empty text can't be cached.
pub(super) fn empty(conversation: Conversation<'_>) -> Check {
    for (message, index, block) in conversation.blocks() {
        if kind(block) == "text" && text(block, "text").is_empty() && is_cached(block) {
            return refuse(format!(
                "messages.{message}.content.{index}.text: cache_control cannot be set for empty text blocks"
            ));
        }
    }
    Ok(())
}

/// <https://github.com/cnighswonger/claude-code-cache-fix/issues/44>: entries with the longer
/// lifetime come before those with the shorter. That of the request as a whole is of its last block
/// (<https://platform.claude.com/docs/en/build-with-claude/prompt-caching>).
pub(super) fn order(conversation: Conversation<'_>) -> Check {
    let of = |place: &'static str| {
        let blocks = items(conversation.body, place).iter().enumerate();
        blocks.map(move |(index, block)| (place, index, None, block))
    };
    let messages = conversation.blocks();
    let messages =
        messages.map(|(message, index, block)| ("messages", message, Some(index), block));
    let later = "a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block. Note that blocks are \
                 processed in the following order: `tools`, `system`, `messages`.";
    let mut short = false;
    for (place, index, inner, block) in of("tools").chain(of("system")).chain(messages) {
        let Some(control) = block.get(CACHE_CONTROL).filter(|it| it.is_object()) else {
            continue;
        };
        if text(control, "ttl") != "1h" {
            short = true;
        } else if short {
            let inner = inner.map_or(String::new(), |inner| format!(".content.{inner}"));
            return refuse(format!("{place}.{index}{inner}.cache_control.ttl: {later}"));
        }
    }
    let of_all = conversation.body.get(CACHE_CONTROL);
    if short && of_all.is_some_and(|control| text(control, "ttl") == "1h") {
        return refuse(format!("cache_control.ttl: {later}"));
    }
    Ok(())
}
