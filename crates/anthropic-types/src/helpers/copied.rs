//! Copies of parts of a streamed message.
//!
//! Any of them can be copied by way of its JSON text, as [`copy`] does. What nearly every stream
//! begins with has so few fields that they are copied here one by one, without the derived clones
//! of all that a message may hold. The patterns name every field, so that a new one is not lost.

use crate::codec::{DecodeError, copy};
use crate::{ContentBlock, Message, TextBlock, Usage};

impl Message {
    /// A copy of the message.
    #[doc(hidden)]
    pub fn copied(&self) -> Result<Self, DecodeError> {
        match (self, self.usage.plain()) {
            (
                Self {
                    id,
                    container: None,
                    content,
                    diagnostics: None,
                    model,
                    stop_details: None,
                    stop_reason: None,
                    stop_sequence: None,
                    usage: _,
                    context_management: None,
                    input_transformations: None,
                    extra,
                },
                Some(usage),
            ) if content.is_empty() => Ok(Self {
                extra: extra.clone(),
                ..Self::new(id.clone(), [] as [ContentBlock; 0], model.clone(), usage)
            }),
            _ => copy(self),
        }
    }
}

impl Usage {
    /// A copy, if it has no more than counts and where they come from.
    fn plain(&self) -> Option<Self> {
        let Self {
            cache_creation,
            cache_creation_input_tokens,
            cache_read_input_tokens,
            inference_geo,
            input_tokens,
            output_tokens,
            output_tokens_details: None,
            server_tool_use: None,
            service_tier,
            speed: None,
            fallback_credit: None,
            iterations: None,
            extra,
        } = self
        else {
            return None;
        };
        Some(Self {
            cache_creation: cache_creation.clone(),
            cache_creation_input_tokens: *cache_creation_input_tokens,
            cache_read_input_tokens: *cache_read_input_tokens,
            inference_geo: inference_geo.clone(),
            service_tier: service_tier.clone(),
            extra: extra.clone(),
            ..Self::new(*input_tokens, *output_tokens)
        })
    }
}

impl ContentBlock {
    /// A copy of the block.
    #[doc(hidden)]
    pub fn copied(&self) -> Result<Self, DecodeError> {
        match self {
            Self::Text(TextBlock {
                citations: None,
                text,
                cache_control: None,
                extra,
            }) => Ok(Self::Text(TextBlock {
                extra: extra.clone(),
                ..TextBlock::new(text.clone())
            })),
            _ => copy(self),
        }
    }
}
