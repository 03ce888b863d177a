//! Making content: from text, and from several blocks.

use crate::{
    ContentBlock, ContentBlockSourceBlock, ContentBlockSourceContent, McpToolResultBlockContent,
    MessageContent, SystemMessageContent, SystemMessageContentBlock, SystemPrompt, TextBlock,
    ToolResultBlockContent, ToolResultContentBlock,
};

macro_rules! content {
    ($($name:ident of $block:ident;)*) => {
        $(
            impl From<$block> for $name {
                fn from(block: $block) -> Self {
                    Self::Blocks(vec![block])
                }
            }

            impl<const N: usize> From<[$block; N]> for $name {
                fn from(blocks: [$block; N]) -> Self {
                    Self::Blocks(blocks.into())
                }
            }

            impl FromIterator<$block> for $name {
                fn from_iter<I: IntoIterator<Item = $block>>(blocks: I) -> Self {
                    Self::Blocks(blocks.into_iter().collect())
                }
            }
        )*
    };
}

content! {
    MessageContent of ContentBlock;
    SystemPrompt of TextBlock;
    SystemMessageContent of SystemMessageContentBlock;
    ToolResultBlockContent of ToolResultContentBlock;
    ContentBlockSourceContent of ContentBlockSourceBlock;
    McpToolResultBlockContent of TextBlock;
}

macro_rules! text_block {
    ($($name:ident)*) => {
        $(
            impl From<&str> for $name {
                fn from(text: &str) -> Self {
                    TextBlock::new(text).into()
                }
            }

            impl From<String> for $name {
                fn from(text: String) -> Self {
                    TextBlock::new(text).into()
                }
            }

            impl From<&String> for $name {
                #[inline]
                fn from(text: &String) -> Self {
                    Self::from(text.as_str())
                }
            }
        )*
    };
}

text_block! { ContentBlock SystemMessageContentBlock ToolResultContentBlock ContentBlockSourceBlock }

impl From<&str> for TextBlock {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for TextBlock {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<&String> for TextBlock {
    #[inline]
    fn from(text: &String) -> Self {
        Self::new(text)
    }
}
