//! What a tool returns to the model.

use std::any::{Any, TypeId};

use anthropic_types::{
    BrowserStateBlock, ContentBlockSourceBlock, ContentBlockSourceContent, DocumentBlock,
    DocumentBlockSource, ImageBlock, Json, SearchResultBlock, TextBlock, ToolReferenceBlock,
    ToolResultBlock, ToolResultBlockContent, ToolResultContentBlock,
};
use serde::Serialize;
use serde_json::Value;

use super::error::ToolError;

/// The result of a tool call, as the model sees it: nothing, text, or content blocks.
///
/// Most tools return values of their own, of which [`IntoToolOutput`] makes one.
///
/// ```
/// use anthropic::tools::ToolOutput;
/// use anthropic::types::{ImageBlock, TextBlock, UrlImageSource};
///
/// let text = ToolOutput::from("12 °C, light rain");
/// let value = ToolOutput::json(&[1, 2])?;
/// let image = ImageBlock::new(UrlImageSource::new("https://example.com/map.png"));
/// let blocks = ToolOutput::from(image).with(TextBlock::new("The map of the region."));
/// # Ok::<(), anthropic::tools::ToolError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
#[must_use = "an output does nothing until it is returned"]
pub struct ToolOutput {
    content: Option<ToolResultBlockContent>,
    is_error: bool,
}

impl ToolOutput {
    /// An empty result: the tool ran, and has nothing to report.
    pub fn empty() -> Self {
        Self::default()
    }

    /// The JSON of a value, as text.
    ///
    /// # Errors
    ///
    /// When the value has no JSON form, such as a map whose keys are not strings.
    pub fn json(value: &(impl Serialize + ?Sized)) -> Result<Self, ToolError> {
        Ok(Self::text_of(json_of(value)?.as_str().to_owned()))
    }

    pub(crate) fn text_of(text: String) -> Self {
        // The API refuses a text block without text; an empty result is none.
        let content = (!text.is_empty()).then_some(ToolResultBlockContent::Text(text));
        Self {
            content,
            is_error: false,
        }
    }

    /// Adds a content block: text, an image, a document, a search result.
    pub fn with(mut self, block: impl Into<ToolResultContentBlock>) -> Self {
        let mut blocks = self.blocks();
        blocks.push(block.into());
        self.content = Some(ToolResultBlockContent::Blocks(blocks));
        self
    }

    /// Marks the result as an error for the model, which sees only its text: the API takes nothing
    /// else in an error.
    pub fn into_error(mut self) -> Self {
        self.is_error = true;
        self
    }

    /// Whether the model sees an error.
    pub fn is_error(&self) -> bool {
        self.is_error
    }

    /// The content, as a `tool_result` block has it; `None` is an empty result.
    pub fn content(&self) -> Option<&ToolResultBlockContent> {
        self.content.as_ref()
    }

    /// The text of all text blocks, a line each.
    pub fn text(&self) -> String {
        match &self.content {
            Some(ToolResultBlockContent::Text(text)) => text.clone(),
            Some(ToolResultBlockContent::Blocks(blocks)) => {
                let texts = blocks.iter().filter_map(ToolResultContentBlock::as_text);
                let texts: Vec<&str> = texts.map(|block| block.text.as_str()).collect();
                texts.join("\n")
            }
            _ => String::new(),
        }
    }

    /// Adds a line of text.
    pub(crate) fn with_line(mut self, line: &str) -> Self {
        match &mut self.content {
            Some(ToolResultBlockContent::Text(text)) => {
                text.push('\n');
                text.push_str(line);
                self
            }
            _ => self.with(TextBlock::new(line)),
        }
    }

    /// The result in a block.
    pub(super) fn of_block(block: ToolResultBlock) -> Self {
        Self {
            content: block.content,
            is_error: block.is_error == Some(true),
        }
    }

    pub(super) fn into_content(self) -> Option<ToolResultBlockContent> {
        self.content
    }

    /// The same with at most so many bytes of text, and a note where some of it is left out.
    pub(super) fn capped(mut self, most: usize) -> Self {
        let mut left = Cut { most, cut: 0 };
        match &mut self.content {
            Some(ToolResultBlockContent::Text(text)) => left.shorten(text),
            Some(ToolResultBlockContent::Blocks(blocks)) => {
                for block in blocks.iter_mut() {
                    match block {
                        ToolResultContentBlock::Text(block) => left.shorten(&mut block.text),
                        ToolResultContentBlock::SearchResult(result) => {
                            result
                                .content
                                .iter_mut()
                                .for_each(|it| left.shorten(&mut it.text));
                            result.content.retain(|it| !it.text.is_empty());
                        }
                        ToolResultContentBlock::Document(document) => {
                            left.shorten_document(document);
                        }
                        _ => {}
                    }
                }
                blocks.retain(|block| match block {
                    ToolResultContentBlock::Text(block) => !block.text.is_empty(),
                    ToolResultContentBlock::SearchResult(result) => !result.content.is_empty(),
                    ToolResultContentBlock::Document(document) => has_content(document),
                    _ => true,
                });
            }
            _ => {}
        }
        match left.cut {
            0 => self,
            bytes => self.with_line(&format!("[{bytes} bytes of this result were left out]")),
        }
    }

    /// The same as the API takes it: texts have more than white space, and an error has text and
    /// nothing else.
    pub(super) fn accepted(mut self) -> Self {
        if let Some(ToolResultBlockContent::Blocks(blocks)) = &mut self.content {
            let error = self.is_error;
            blocks.retain(|block| match block.as_text() {
                Some(block) => !block.text.trim().is_empty(),
                None => !error,
            });
            if blocks.is_empty() {
                self.content = None;
            }
        }
        let is_blank = |content: &Option<ToolResultBlockContent>| match content {
            Some(ToolResultBlockContent::Text(text)) => text.trim().is_empty(),
            content => content.is_none(),
        };
        if is_blank(&self.content) {
            // No text is no content, such as that of a command that prints a line's end.
            let hidden = || ToolResultBlockContent::Text(super::error::HIDDEN.to_owned());
            self.content = self.is_error.then(hidden);
        }
        self
    }

    fn blocks(&mut self) -> Vec<ToolResultContentBlock> {
        match self.content.take() {
            Some(ToolResultBlockContent::Blocks(blocks)) => blocks,
            Some(ToolResultBlockContent::Text(text)) => vec![TextBlock::new(text).into()],
            _ => Vec::new(),
        }
    }
}

/// How much text may still come, and how much was left out.
struct Cut {
    most: usize,
    cut: usize,
}

impl Cut {
    fn shorten(&mut self, text: &mut String) {
        let mut end = text.len().min(self.most);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        self.cut += text.len() - end;
        self.most -= end;
        text.truncate(end);
    }

    fn shorten_document(&mut self, document: &mut DocumentBlock) {
        match &mut document.source {
            DocumentBlockSource::Text(source) => self.shorten(&mut source.data),
            DocumentBlockSource::Content(source) => match &mut source.content {
                ContentBlockSourceContent::Text(text) => self.shorten(text),
                ContentBlockSourceContent::Blocks(blocks) => {
                    blocks
                        .iter_mut()
                        .filter_map(ContentBlockSourceBlock::as_text_mut)
                        .for_each(|block| self.shorten(&mut block.text));
                    blocks.retain(|block| block.as_text().is_none_or(|it| !it.text.is_empty()));
                }
                _ => {}
            },
            _ => {}
        }
    }
}

fn has_content(document: &DocumentBlock) -> bool {
    match &document.source {
        DocumentBlockSource::Text(source) => !source.data.is_empty(),
        DocumentBlockSource::Content(source) => match &source.content {
            ContentBlockSourceContent::Text(text) => !text.is_empty(),
            ContentBlockSourceContent::Blocks(blocks) => !blocks.is_empty(),
            _ => true,
        },
        _ => true,
    }
}

impl From<ToolResultBlockContent> for ToolOutput {
    fn from(content: ToolResultBlockContent) -> Self {
        match content {
            ToolResultBlockContent::Text(text) => Self::text_of(text),
            ToolResultBlockContent::Blocks(blocks) => Self::from(blocks),
            content => Self {
                content: Some(content),
                is_error: false,
            },
        }
    }
}

impl From<Vec<ToolResultContentBlock>> for ToolOutput {
    fn from(blocks: Vec<ToolResultContentBlock>) -> Self {
        let content = (!blocks.is_empty()).then_some(ToolResultBlockContent::Blocks(blocks));
        Self {
            content,
            is_error: false,
        }
    }
}

impl From<String> for ToolOutput {
    fn from(text: String) -> Self {
        Self::text_of(text)
    }
}

impl From<&str> for ToolOutput {
    fn from(text: &str) -> Self {
        Self::text_of(text.to_owned())
    }
}

impl From<&String> for ToolOutput {
    fn from(text: &String) -> Self {
        Self::text_of(text.clone())
    }
}

/// A string as its text, `null` as an empty result, and all else as JSON.
impl From<Json> for ToolOutput {
    fn from(json: Json) -> Self {
        if json.is_null() {
            return Self::empty();
        }
        let text = json.get::<String>();
        Self::text_of(text.unwrap_or_else(|_| json.as_str().to_owned()))
    }
}

/// A string as its text, `null` as an empty result, and all else as JSON.
impl From<Value> for ToolOutput {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Self::empty(),
            Value::String(text) => Self::text_of(text),
            value => Self::text_of(value.to_string()),
        }
    }
}

impl<const N: usize> From<[ToolResultContentBlock; N]> for ToolOutput {
    fn from(blocks: [ToolResultContentBlock; N]) -> Self {
        Self::from(Vec::from(blocks))
    }
}

macro_rules! blocks {
    ($($name:ident)*) => {
        $(
            impl From<$name> for ToolOutput {
                fn from(block: $name) -> Self {
                    Self::empty().with(block)
                }
            }

            impl<const N: usize> From<[$name; N]> for ToolOutput {
                fn from(blocks: [$name; N]) -> Self {
                    Self::from(blocks.map(ToolResultContentBlock::from))
                }
            }

            impl From<Vec<$name>> for ToolOutput {
                fn from(blocks: Vec<$name>) -> Self {
                    blocks.into_iter().map(ToolResultContentBlock::from).collect::<Vec<_>>().into()
                }
            }
        )*
    };
}

impl From<ToolResultContentBlock> for ToolOutput {
    fn from(block: ToolResultContentBlock) -> Self {
        Self::from([block])
    }
}

blocks! {
    TextBlock ImageBlock DocumentBlock SearchResultBlock ToolReferenceBlock BrowserStateBlock
}

/// What a tool may return: any [`Serialize`] type, and [`ToolOutput`].
///
/// A value becomes its JSON, as text. Exceptions are strings, which become their text as it is;
/// `()` and `None`, which become an empty result; and content blocks, alone, in an array and in a
/// `Vec`, which stay blocks. Blocks inside other types become JSON: make a [`ToolOutput`] of them
/// instead.
///
/// ```
/// use anthropic::tools::IntoToolOutput;
/// use anthropic::types::TextBlock;
///
/// assert_eq!("12 °C".into_tool_output()?.text(), "12 °C");
/// assert_eq!(vec![1, 2].into_tool_output()?.text(), "[1,2]");
/// assert_eq!(TextBlock::new("12 °C").into_tool_output()?.text(), "12 °C");
/// assert!(().into_tool_output()?.content().is_none());
/// # Ok::<(), anthropic::tools::ToolError>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "a tool can't return `{Self}`",
    note = "it may return any type that implements `serde::Serialize`, or `anthropic::tools::ToolOutput`"
)]
pub trait IntoToolOutput: 'static {
    /// The value as a result.
    ///
    /// # Errors
    ///
    /// When the value has no JSON form.
    fn into_tool_output(self) -> Result<ToolOutput, ToolError>;
}

impl IntoToolOutput for ToolOutput {
    fn into_tool_output(self) -> Result<ToolOutput, ToolError> {
        Ok(self)
    }
}

impl<T: Serialize + 'static> IntoToolOutput for T {
    fn into_tool_output(self) -> Result<ToolOutput, ToolError> {
        let mut value = Some(self);
        if let Some(output) = content(&mut value) {
            return Ok(output);
        }
        let json = json_of(&value)?;
        if json.as_str().starts_with('[') && is_array_of_blocks(TypeId::of::<T>()) {
            if let Ok(blocks) = json.get::<Vec<ToolResultContentBlock>>() {
                return Ok(ToolOutput::from(blocks));
            }
        }
        Ok(ToolOutput::from(json))
    }
}

/// Whether a type is an array of blocks, of any length that serde writes: each is its own type.
fn is_array_of_blocks(id: TypeId) -> bool {
    macro_rules! lengths {
        ($($length:literal)*) => {
            fn is_array_of<B: 'static>(id: TypeId) -> bool {
                [$(TypeId::of::<[B; $length]>()),*].contains(&id)
            }
        };
    }
    lengths! { 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 }
    is_array_of::<ToolResultContentBlock>(id)
        || is_array_of::<TextBlock>(id)
        || is_array_of::<ImageBlock>(id)
        || is_array_of::<DocumentBlock>(id)
        || is_array_of::<SearchResultBlock>(id)
        || is_array_of::<ToolReferenceBlock>(id)
        || is_array_of::<BrowserStateBlock>(id)
}

/// What is content already, by its type: taken out of `value`, an `Option` of the tool's type.
fn content(value: &mut dyn Any) -> Option<ToolOutput> {
    fn take<T: Any>(value: &mut dyn Any) -> Option<T> {
        value.downcast_mut::<Option<T>>()?.take()
    }
    fn blocks<T: Any + Into<ToolResultContentBlock>>(value: &mut dyn Any) -> Option<ToolOutput> {
        let list = match take::<T>(value) {
            Some(block) => vec![block],
            None => match take::<Option<T>>(value) {
                Some(block) => block.into_iter().collect(),
                None => take::<Vec<T>>(value)?,
            },
        };
        let list: Vec<ToolResultContentBlock> = list.into_iter().map(Into::into).collect();
        Some(ToolOutput::from(list))
    }
    if let Some(text) = take::<String>(value) {
        return Some(ToolOutput::from(text));
    }
    if let Some(content) = take::<ToolResultBlockContent>(value) {
        return Some(ToolOutput::from(content));
    }
    blocks::<ToolResultContentBlock>(value)
        .or_else(|| blocks::<TextBlock>(value))
        .or_else(|| blocks::<ImageBlock>(value))
        .or_else(|| blocks::<DocumentBlock>(value))
        .or_else(|| blocks::<SearchResultBlock>(value))
        .or_else(|| blocks::<ToolReferenceBlock>(value))
        .or_else(|| blocks::<BrowserStateBlock>(value))
}

fn json_of(value: &(impl Serialize + ?Sized)) -> Result<Json, ToolError> {
    Json::new(value)
        .map_err(|source| ToolError::new("the tool's result has no JSON form").with_source(source))
}

/// What a tool's function returns: a value, or a `Result` of one.
///
/// Of values that are no `Result` only the common ones are taken; return
/// `Ok::<_, ToolError>(value)` or [`ToolOutput::json`] for others.
#[diagnostic::on_unimplemented(
    message = "a tool's function can't return `{Self}`",
    note = "return a `Result` whose value implements `serde::Serialize` and whose error implements `std::error::Error`"
)]
pub trait IntoToolResult {
    /// The value as a result.
    ///
    /// # Errors
    ///
    /// The function's own error, and when the value has no JSON form.
    fn into_tool_result(self) -> Result<ToolOutput, ToolError>;
}

impl<T: IntoToolOutput, E: Into<ToolError>> IntoToolResult for Result<T, E> {
    fn into_tool_result(self) -> Result<ToolOutput, ToolError> {
        self.map_err(Into::into)?.into_tool_output()
    }
}

macro_rules! plain {
    ($($name:ty)*) => {
        $(
            impl IntoToolResult for $name {
                // Compiled for the types that a program's tools return.
                #[inline]
                fn into_tool_result(self) -> Result<ToolOutput, ToolError> {
                    self.into_tool_output()
                }
            }
        )*
    };
}

plain! {
    () String &'static str bool i32 i64 u32 u64 f32 f64 usize
    ToolOutput Json Value ToolResultBlockContent
}

macro_rules! plain_blocks {
    ($($name:ident)*) => {
        plain! { $($name Vec<$name>)* }
        $(
            impl<const N: usize> IntoToolResult for [$name; N] {
                #[inline]
                fn into_tool_result(self) -> Result<ToolOutput, ToolError> {
                    Ok(ToolOutput::from(self))
                }
            }
        )*
    };
}

plain_blocks! {
    ToolResultContentBlock TextBlock ImageBlock DocumentBlock SearchResultBlock ToolReferenceBlock
    BrowserStateBlock
}
