//! Reading a message: its text, its tool calls, and how it is sent back.

use serde::de::DeserializeOwned;

use crate::json_error::{self, JsonError};
use crate::{
    AssistantMessage, ContentBlock, Message, MessageContent, MessageParam, StopReason,
    TextCitation, ToolUseBlock,
};

impl Message {
    /// The text of all text blocks, one after the other.
    ///
    /// ```
    /// use anthropic_types::{ContentBlock, Message, TextBlock, Usage};
    ///
    /// let content = [ContentBlock::from(TextBlock::new("Hello, ")), TextBlock::new("world").into()];
    /// let message = Message::new("msg_1", content, "claude-opus-5-5", Usage::new(1, 2));
    /// assert_eq!(message.text(), "Hello, world");
    /// ```
    pub fn text(&self) -> String {
        self.content
            .iter()
            .filter_map(ContentBlock::as_text)
            .map(|block| block.text.as_str())
            .collect()
    }

    /// The text of all text blocks, decoded as JSON: what a request with a JSON schema as its
    /// output format asks for.
    ///
    /// Where that is no such JSON and there are several text blocks, as around calls of tools, the
    /// last one is decoded.
    ///
    /// # Errors
    ///
    /// When the text is not JSON of that shape, for example because it was cut at `max_tokens`, or
    /// because the model refused: the error has the path and the stop reason.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, JsonError> {
        let reason = self.stop_reason.as_ref();
        let whole = json_error::read_text(&self.text(), reason);
        match self.last_text_of_several() {
            Some(last) if whole.is_err() => json_error::read_text(last, reason),
            _ => whole,
        }
    }

    /// The last text block that has text, if there is one before it.
    fn last_text_of_several(&self) -> Option<&str> {
        let blocks = self.content.iter().rev().filter_map(ContentBlock::as_text);
        let mut texts = blocks
            .map(|block| &*block.text)
            .filter(|text| !text.trim().is_empty());
        let last = texts.next()?;
        texts.next().map(|_| last)
    }

    /// The calls of your tools, in order.
    pub fn tool_uses(&self) -> impl Iterator<Item = &ToolUseBlock> {
        self.content.iter().filter_map(ContentBlock::as_tool_use)
    }

    /// The stop reason as the API spells it, or `none` while there is none: for logs and messages.
    ///
    /// ```
    /// use anthropic_types::{ContentBlock, Message, StopReason, Usage};
    ///
    /// let none: [ContentBlock; 0] = [];
    /// let mut message = Message::new("msg_1", none, "claude-opus-5-5", Usage::new(1, 2));
    /// assert_eq!(message.stop_reason_str(), "none");
    /// message.stop_reason = Some(StopReason::MaxTokens);
    /// assert_eq!(message.stop_reason_str(), "max_tokens");
    /// ```
    pub fn stop_reason_str(&self) -> &str {
        self.stop_reason.as_ref().map_or("none", StopReason::as_str)
    }

    /// This message as a turn of the next request, without copying its content; what the API would
    /// refuse is left out.
    ///
    /// It refuses text blocks that are empty or white space, which it may have sent itself. A
    /// message of which nothing is left is a turn without content, which
    /// [`MessageCreateParams::message`](crate::MessageCreateParams::message) does not add.
    /// [`into_whole_param`](Self::into_whole_param) keeps everything.
    ///
    /// ```
    /// use anthropic_types::{ContentBlock, Message, TextBlock, Usage, to_vec};
    ///
    /// let content = [ContentBlock::from(TextBlock::new("")), TextBlock::new("Hello").into()];
    /// let message = Message::new("msg_1", content, "claude-opus-5-5", Usage::new(1, 2));
    /// let turn = br#"{"role":"assistant","content":[{"type":"text","text":"Hello"}]}"#;
    /// assert_eq!(to_vec(&message.clone().into_param()), turn);
    /// assert_ne!(to_vec(&message.into_whole_param()), turn);
    /// ```
    pub fn into_param(self) -> MessageParam {
        self.into()
    }

    /// This message as a turn of the next request, with every block in it.
    ///
    /// Only the file ids of citations are left out: the API gives them and does not take them.
    pub fn into_whole_param(self) -> MessageParam {
        let mut content = self.content;
        for block in &mut content {
            let ContentBlock::Text(text) = block else {
                continue;
            };
            text.citations.iter_mut().flatten().for_each(clear_file_id);
        }
        MessageParam::Assistant(AssistantMessage::new(content))
    }
}

impl From<Message> for MessageParam {
    /// Sends a message back as the assistant's turn, as [`Message::into_param`] does.
    fn from(mut message: Message) -> Self {
        message.content.retain(|block| !is_blank(block));
        message.into_whole_param()
    }
}

impl From<&Message> for MessageParam {
    #[inline]
    fn from(message: &Message) -> Self {
        message.clone().into()
    }
}

/// Whether the API refuses a block because there is nothing in it but white space. A text that was
/// repaired is not empty: what came is sent.
fn is_blank(block: &ContentBlock) -> bool {
    block
        .as_text()
        .is_some_and(|block| block.text.trim().is_empty() && block.extra.get("text").is_none())
}

fn clear_file_id(citation: &mut TextCitation) {
    match citation {
        TextCitation::CharLocation(location) => location.file_id = None,
        TextCitation::PageLocation(location) => location.file_id = None,
        TextCitation::ContentBlockLocation(location) => location.file_id = None,
        _ => {}
    }
}

impl From<Vec<ContentBlock>> for AssistantMessage {
    fn from(content: Vec<ContentBlock>) -> Self {
        Self::new(MessageContent::Blocks(content))
    }
}
