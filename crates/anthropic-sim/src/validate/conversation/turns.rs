//! A message request as the rules see it.

use serde_json::Value;

use crate::base::errors::ApiError;

pub(super) type Check = Result<(), ApiError>;

pub(super) fn refuse(message: impl Into<String>) -> Check {
    Err(ApiError::invalid(message))
}

#[derive(Clone, Copy)]
pub(super) struct Conversation<'a> {
    pub(super) body: &'a Value,
    pub(super) messages: &'a [Value],
}

impl<'a> Conversation<'a> {
    pub(super) fn new(body: &'a Value) -> Self {
        Self {
            body,
            messages: items(body, "messages"),
        }
    }

    pub(super) fn model(self) -> &'a str {
        text(self.body, "model")
    }

    /// Whether thinking is on, in whichever way.
    pub(super) fn thinks(self) -> bool {
        let thinking = self.body.get("thinking").unwrap_or(&Value::Null);
        matches!(text(thinking, "type"), "enabled" | "adaptive")
    }

    /// Every content block with its place, such as `messages.0.content.1`.
    pub(super) fn blocks(self) -> impl Iterator<Item = (usize, usize, &'a Value)> {
        let messages = self.messages.iter().enumerate();
        messages.flat_map(|(message, value)| {
            let blocks = items(value, "content").iter().enumerate();
            blocks.map(move |(block, value)| (message, block, value))
        })
    }
}

/// The elements of a field that is a list.
pub(super) fn items<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    let list = value.get(name).and_then(Value::as_array);
    list.map_or(&[], Vec::as_slice)
}

/// A field that is a string, or the empty string.
pub(super) fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

pub(super) fn kind(block: &Value) -> &str {
    text(block, "type")
}

pub(super) fn role(message: &Value) -> &str {
    text(message, "role")
}
