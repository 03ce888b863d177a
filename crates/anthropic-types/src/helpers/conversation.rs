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

    /// Whether it is a turn of the assistant without any block.
    fn is_empty_turn(&self) -> bool {
        let content = self.as_assistant().map(|turn| &turn.content);
        matches!(content, Some(MessageContent::Blocks(blocks)) if blocks.is_empty())
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

                /// Adds a turn: a [`MessageParam`], or a [`Message`](crate::Message) that came
                /// (see [`Message::into_param`](crate::Message::into_param)).
                ///
                /// A turn of the assistant without content is not added, since the API refuses
                /// it. Push it to `messages` to send it all the same.
                pub fn message(mut self, message: impl Into<MessageParam>) -> Self {
                    let message = message.into();
                    if !message.is_empty_turn() {
                        self.messages.push(message);
                    }
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

impl FromIterator<BatchRequest> for BatchCreateParams {
    fn from_iter<I: IntoIterator<Item = BatchRequest>>(requests: I) -> Self {
        Self::new(requests)
    }
}

impl<const N: usize> From<[BatchRequest; N]> for BatchCreateParams {
    fn from(requests: [BatchRequest; N]) -> Self {
        Self::new(requests)
    }
}
