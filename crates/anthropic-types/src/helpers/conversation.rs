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
    ($($name:ident $new:literal)*) => {
        $(
            impl $name {
                /// Adds a turn of the user: text, or blocks.
                ///
                /// Blocks of several types, and texts among them, are a tuple.
                ///
                /// ```
                /// # use anthropic_types::*;
                #[doc = concat!("# let params = ", $new, ";")]
                /// let map = ImageBlock::new(UrlImageSource::new("https://example.com/map.png"));
                /// let params = params.user((map, "Which river is that?"));
                /// ```
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

turns! {
    MessageCreateParams "MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024)"
    MessageCountTokensParams "MessageCountTokensParams::new(Model::CLAUDE_OPUS_5_5)"
}

/// Takes lists, arrays and iterators of requests.
impl<I: IntoIterator<Item = BatchRequest>> From<I> for BatchCreateParams {
    #[inline]
    fn from(requests: I) -> Self {
        Self::new(requests)
    }
}

/// A batch of one request.
impl From<BatchRequest> for BatchCreateParams {
    #[inline]
    fn from(request: BatchRequest) -> Self {
        Self::new([request])
    }
}

impl FromIterator<BatchRequest> for BatchCreateParams {
    fn from_iter<I: IntoIterator<Item = BatchRequest>>(requests: I) -> Self {
        Self::new(requests)
    }
}

macro_rules! lent {
    ($($name:ident)*) => {
        $(
            /// A copy, for what takes parameters by value or by reference.
            impl From<&Self> for $name {
                #[inline]
                fn from(params: &Self) -> Self {
                    params.clone()
                }
            }
        )*
    };
}

lent! { MessageCreateParams MessageCountTokensParams BatchCreateParams }
