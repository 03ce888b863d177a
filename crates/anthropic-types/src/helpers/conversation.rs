//! Building a conversation turn by turn.

use crate::{
    AssistantMessage, BatchCreateParams, BatchRequest, MessageContent, MessageCountTokensParams,
    MessageCreateParams, MessageParam, UserMessage,
};

impl MessageParam {
    /// A turn of the user: text, or blocks.
    pub fn user(content: impl Into<MessageContent>) -> Self {
        Self::User(UserMessage::new(content))
    }

    /// A turn of the assistant: text, or blocks.
    pub fn assistant(content: impl Into<MessageContent>) -> Self {
        Self::Assistant(AssistantMessage::new(content))
    }
}

macro_rules! turns {
    ($($name:ident)*) => {
        $(
            impl $name {
                /// Adds a turn of the user: text, or blocks.
                pub fn user(self, content: impl Into<MessageContent>) -> Self {
                    self.message(MessageParam::user(content))
                }

                /// Adds a turn of the assistant: text, or blocks.
                pub fn assistant(self, content: impl Into<MessageContent>) -> Self {
                    self.message(MessageParam::assistant(content))
                }

                /// Adds a turn: a [`MessageParam`], or a [`Message`](crate::Message) as it came.
                pub fn message(mut self, message: impl Into<MessageParam>) -> Self {
                    self.messages.push(message.into());
                    self
                }
            }
        )*
    };
}

turns! { MessageCreateParams MessageCountTokensParams }

impl From<Vec<BatchRequest>> for BatchCreateParams {
    fn from(requests: Vec<BatchRequest>) -> Self {
        Self::new(requests)
    }
}

impl<const N: usize> From<[BatchRequest; N]> for BatchCreateParams {
    fn from(requests: [BatchRequest; N]) -> Self {
        Self::new(requests)
    }
}
