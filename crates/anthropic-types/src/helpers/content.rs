//! Making content: from text, from JSON, and from one block or several.

use crate::{
    BrowserStateBlock, ContainerUploadBlock, ContentBlock, ContentBlockSourceBlock,
    ContentBlockSourceContent, DocumentBlock, Fallback, ImageBlock, Json,
    McpToolResultBlockContent, MessageContent, SearchResultBlock, SystemMessageContent,
    SystemMessageContentBlock, SystemPrompt, TextBlock, ToolReferenceBlock, ToolResultBlock,
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

// Of `[image.into(), text.into()]` the compiler can't know the type, since arrays of several types
// are taken; a tuple needs no `into`.
macro_rules! typed_blocks {
    ($($name:ident: $($block:ident)*;)*) => {
        $($(
            impl From<$block> for $name {
                #[inline]
                fn from(block: $block) -> Self {
                    Self::Blocks(vec![block.into()])
                }
            }

            impl<const N: usize> From<[$block; N]> for $name {
                #[inline]
                fn from(blocks: [$block; N]) -> Self {
                    Self::Blocks(blocks.into_iter().map(Into::into).collect())
                }
            }

            impl From<Vec<$block>> for $name {
                #[inline]
                fn from(blocks: Vec<$block>) -> Self {
                    Self::Blocks(blocks.into_iter().map(Into::into).collect())
                }
            }
        )*)*
    };
}

typed_blocks! {
    MessageContent: TextBlock ImageBlock DocumentBlock SearchResultBlock ContainerUploadBlock ToolResultBlock;
    SystemMessageContent: TextBlock;
    ToolResultBlockContent: TextBlock ImageBlock DocumentBlock SearchResultBlock ToolReferenceBlock BrowserStateBlock;
    ContentBlockSourceContent: TextBlock ImageBlock;
}

/// Blocks of several types in one turn.
macro_rules! mixed {
    ($($name:ident of $union:ident;)*) => {
        $(
            mixed!(@ $name $union A B);
            mixed!(@ $name $union A B C);
            mixed!(@ $name $union A B C D);
            mixed!(@ $name $union A B C D E);
            mixed!(@ $name $union A B C D E F);
        )*
    };
    (@ $name:ident $union:ident $($block:ident)*) => {
        /// Blocks of several types, and texts among them.
        impl<$($block: Into<$union>),*> From<($($block,)*)> for $name {
            #[inline]
            #[expect(non_snake_case, reason = "each is named after its type")]
            fn from(($($block,)*): ($($block,)*)) -> Self {
                Self::Blocks(vec![$($block.into()),*])
            }
        }
    };
}

mixed! {
    MessageContent of ContentBlock;
    ToolResultBlockContent of ToolResultContentBlock;
}

/// As text, which is what the model reads.
impl From<Json> for ToolResultBlockContent {
    #[inline]
    fn from(json: Json) -> Self {
        Self::Text(json.as_str().to_owned())
    }
}

/// As text, which is what the model reads: `call.result(json!({"degrees": 12}))`.
impl From<serde_json::Value> for ToolResultBlockContent {
    #[inline]
    fn from(value: serde_json::Value) -> Self {
        Self::Text(value.to_string())
    }
}

/// What a text makes, by way of what has it.
macro_rules! from_text {
    ($($made:ident: $($name:ident)*;)*) => {$(
        $(
            impl From<&str> for $name {
                fn from(text: &str) -> Self {
                    $made::new(text).into()
                }
            }

            impl From<String> for $name {
                fn from(text: String) -> Self {
                    $made::new(text).into()
                }
            }

            impl From<&String> for $name {
                #[inline]
                fn from(text: &String) -> Self {
                    Self::from(text.as_str())
                }
            }
        )*
    )*};
}

from_text! {
    TextBlock: ContentBlock SystemMessageContentBlock ToolResultContentBlock ContentBlockSourceBlock TextBlock;
    Fallback: Fallback;
}
