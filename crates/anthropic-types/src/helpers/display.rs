//! Messages as people read them.

use std::fmt;

use crate::{ContentBlock, Message};

/// The blocks one below the other, for people: text as it is, thinking and calls of tools in
/// brackets, other blocks as their type's name.
///
/// ```
/// use anthropic_types::{ContentBlock, Json, Message, TextBlock, ToolUseBlock, Usage};
///
/// let call = ToolUseBlock::new("toolu_1", Json::from(serde_json::json!({"city": "Oslo"})), "weather");
/// let content = [ContentBlock::from("Let me look."), call.into()];
/// let message = Message::new("msg_1", content, "claude-opus-5-5", Usage::new(1, 2));
/// assert_eq!(message.to_string(), "Let me look.\n[weather {\"city\":\"Oslo\"}]");
/// ```
impl fmt::Display for Message {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut before: Option<&ContentBlock> = None;
        for block in &self.content {
            // Text with citations comes as several blocks.
            let goes_on =
                before.is_none_or(|it| it.as_text().is_some()) && block.as_text().is_some();
            if before.is_some() && !goes_on {
                f.write_str("\n")?;
            }
            fmt::Display::fmt(block, f)?;
            before = Some(block);
        }
        Ok(())
    }
}

/// The block, for people: see [`Message`].
impl fmt::Display for ContentBlock {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(block) => f.write_str(&block.text),
            Self::Thinking(block) => write!(f, "[thinking: {}]", block.thinking),
            Self::ToolUse(call) => write!(f, "[{} {}]", call.name, call.input),
            Self::ServerToolUse(call) => write!(f, "[{} {}]", call.name.as_str(), call.input),
            Self::McpToolUse(call) => write!(f, "[{} {}]", call.name, call.input),
            other => write!(f, "[{}]", other.type_name()),
        }
    }
}
