//! What servers send, as the API takes it.

use anthropic::Upload;
use anthropic::tools::{ToolError, ToolOutput};
use anthropic::types::{
    Base64PdfSource, ContentBlock, DocumentBlock, ImageBlock, MessageParam, PlainTextSource,
    TextBlock, ToolResultBlockContent, ToolResultContentBlock,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rmcp::model::{
    CallToolResult, ContentBlock as McpBlock, PromptMessage, ReadResourceResult, ResourceContents,
    Role,
};

use crate::error::{Error, Result};
use crate::image::image;

const PDF: &str = "application/pdf";
/// What the API takes, and what is no text.
const BYTES: [&str; 5] = ["image/jpeg", "image/png", "image/gif", "image/webp", PDF];

/// Content that both messages and results of tools may have.
#[derive(Debug)]
pub(crate) enum Part {
    Text(TextBlock),
    Image(ImageBlock),
    Document(DocumentBlock),
}

impl From<Part> for ContentBlock {
    fn from(part: Part) -> Self {
        match part {
            Part::Text(block) => block.into(),
            Part::Image(block) => block.into(),
            Part::Document(block) => block.into(),
        }
    }
}

impl From<Part> for ToolResultContentBlock {
    fn from(part: Part) -> Self {
        match part {
            Part::Text(block) => block.into(),
            Part::Image(block) => block.into(),
            Part::Document(block) => block.into(),
        }
    }
}

pub(crate) fn part(block: &McpBlock) -> Result<Part> {
    match block {
        McpBlock::Text(text) => Ok(Part::Text(TextBlock::new(&text.text))),
        McpBlock::Image(image) => {
            let bytes = decoded(&image.data, "the image")?;
            self::image(&bytes, "the image", &image.mime_type).map(Part::Image)
        }
        McpBlock::Resource(resource) => contents(&resource.resource),
        McpBlock::Audio(audio) => Err(unsupported("audio", &audio.mime_type)),
        McpBlock::ResourceLink(link) => Err(Error::unsupported(format!(
            "the API takes no links to resources, such as the one to {}",
            link.uri
        ))),
        _ => Err(Error::unsupported("the API does not take this content")),
    }
}

fn unsupported(what: &str, mime_type: &str) -> Error {
    let mime_type = match mime_type {
        "" => "no type",
        some => some,
    };
    Error::unsupported(format!("the API does not take {what} of {mime_type}"))
}

/// The media type without its parameters, in lower case.
fn bare(mime_type: &str) -> String {
    let bare = mime_type.split(';').next().unwrap_or_default();
    bare.trim().to_ascii_lowercase()
}

fn contents(resource: &ResourceContents) -> Result<Part> {
    let (uri, mime_type) = about(resource);
    let kind = mime_type.map(bare);
    let kind = kind.as_deref();
    let is_image = kind.is_some_and(|kind| kind.starts_with("image/"));
    let is_text = kind.is_none_or(is_text);
    let other = || {
        unsupported(
            &format!("the resource {uri}"),
            mime_type.unwrap_or_default(),
        )
    };
    match resource {
        ResourceContents::BlobResourceContents { blob, .. } => {
            if !is_image && !is_text && kind != Some(PDF) {
                return Err(other());
            }
            let bytes = decoded(blob, uri)?;
            if is_image {
                return image(&bytes, uri, mime_type.unwrap_or_default()).map(Part::Image);
            }
            if kind == Some(PDF) {
                let source = Base64PdfSource::new(STANDARD.encode(bytes));
                return Ok(Part::Document(DocumentBlock::new(source)));
            }
            Ok(plain(decoded_text(bytes, uri)?))
        }
        ResourceContents::TextResourceContents { .. }
            if kind.is_some_and(|kind| BYTES.contains(&kind)) =>
        {
            let kind = kind.unwrap_or_default();
            Err(Error::unsupported(format!(
                "{uri} is {kind}, and text in place of its bytes"
            )))
        }
        ResourceContents::TextResourceContents { text, .. } => Ok(plain(text.clone())),
        _ => Err(unsupported("a resource", "an unknown kind")),
    }
}

/// Whether a file of this type is text, whatever it is of.
fn is_text(kind: &str) -> bool {
    let formats = ["json", "xml", "yaml", "x-yaml", "toml", "javascript", "sql"];
    let format = kind.strip_prefix("application/").map(|name| {
        let suffix = name.rsplit_once('+');
        suffix.map_or(name, |(_, suffix)| suffix)
    });
    kind.starts_with("text/") || format.is_some_and(|format| formats.contains(&format))
}

fn plain(text: String) -> Part {
    Part::Document(DocumentBlock::new(PlainTextSource::new(text)))
}

/// The URI and the MIME type.
fn about(resource: &ResourceContents) -> (&str, Option<&str>) {
    match resource {
        ResourceContents::TextResourceContents { uri, mime_type, .. }
        | ResourceContents::BlobResourceContents { uri, mime_type, .. } => {
            let mime_type = mime_type.as_deref();
            (uri, mime_type.filter(|kind| !kind.is_empty()))
        }
        _ => ("", None),
    }
}

/// The bytes of Base64, as servers write it: in lines, or behind the beginning of a data URL.
fn decoded(blob: &str, what: &str) -> Result<Vec<u8>> {
    let broken = |error| Error::unsupported(format!("{what} is not Base64")).caused_by(error);
    let data = match blob.split_once(";base64,") {
        Some((head, data)) if head.starts_with("data:") => data,
        _ => blob,
    };
    let bytes = if data.bytes().any(|byte| byte.is_ascii_whitespace()) {
        let lines: String = data.split_ascii_whitespace().collect();
        STANDARD.decode(lines)
    } else {
        STANDARD.decode(data)
    };
    bytes.map_err(broken)
}

fn decoded_text(bytes: Vec<u8>, uri: &str) -> Result<String> {
    let broken = |error| Error::unsupported(format!("{uri} is not UTF-8")).caused_by(error);
    String::from_utf8(bytes).map_err(broken)
}

/// The result of a call. The structured content counts where there is no other, since servers send
/// it as text, too.
pub(crate) fn output(result: &CallToolResult) -> Result<ToolOutput, ToolError> {
    let is_error = result.is_error == Some(true);
    let mut blocks: Vec<ToolResultContentBlock> = Vec::new();
    let mut refused = None;
    let mut notes = Vec::new();
    for block in &result.content {
        match part(block) {
            // The API refuses a text without text.
            Ok(Part::Text(text)) if text.text.trim().is_empty() => {}
            Ok(part) => blocks.push(part.into()),
            // Of an error the model sees the text alone.
            Err(_) if is_error => {}
            Err(error) => {
                notes.push(TextBlock::new(format!("[left out of the result: {error}]")).into());
                refused.get_or_insert(error);
            }
        }
    }
    if let Some(error) = refused {
        if blocks.is_empty() && result.structured_content.is_none() {
            let shown = format!("the tool ran, and its result can't be shown: {error}");
            return Err(ToolError::new(shown).with_source(error));
        }
        if blocks.is_empty() {
            let structured = ToolOutput::json(&result.structured_content)?;
            blocks.push(TextBlock::new(structured.text()).into());
        }
        blocks.append(&mut notes);
    }
    let output = match (blocks.as_slice(), &result.structured_content) {
        ([], Some(structured)) => ToolOutput::json(structured)?,
        ([], None) => ToolOutput::empty(),
        ([ToolResultContentBlock::Text(only)], _) => ToolOutput::from(only.text.as_str()),
        _ => ToolOutput::from(ToolResultBlockContent::Blocks(blocks)),
    };
    if !is_error {
        return Ok(output);
    }
    let text = output.text();
    let text = match text.trim() {
        "" => "the tool failed, and gave no reason",
        some => some,
    };
    Err(ToolError::new(text))
}

pub(crate) fn message(message: &PromptMessage) -> Result<MessageParam> {
    let content = ContentBlock::from(part(&message.content)?);
    match message.role {
        Role::User => Ok(MessageParam::user(content)),
        Role::Assistant => Ok(MessageParam::assistant(content)),
    }
}

/// The first contents that the API takes.
pub(crate) fn resource(result: &ReadResourceResult) -> Result<ContentBlock> {
    let mut first = None;
    for resource in &result.contents {
        match contents(resource) {
            Ok(part) => return Ok(part.into()),
            Err(error) => first = first.or(Some(error)),
        }
    }
    Err(first.unwrap_or_else(|| Error::unsupported("the resource has no contents")))
}

/// The first contents as a file, under the last part of its URI.
pub(crate) fn file(result: &ReadResourceResult) -> Result<Upload> {
    let Some(first) = result.contents.first() else {
        return Err(Error::unsupported("the resource has no contents"));
    };
    let (uri, mime_type) = about(first);
    let bytes = match first {
        ResourceContents::TextResourceContents { text, .. } => text.clone().into_bytes(),
        ResourceContents::BlobResourceContents { blob, .. } => decoded(blob, uri)?,
        _ => return Err(Error::unsupported("the resource is of an unknown kind")),
    };
    let path = uri.split(['?', '#']).next().unwrap_or_default();
    let name = path.rsplit('/').next();
    let name = name.filter(|name| !matches!(*name, "" | "." | ".."));
    let upload = Upload::bytes(name.unwrap_or("file"), bytes);
    Ok(match mime_type {
        Some(mime_type) => upload.with_content_type(mime_type),
        None => upload,
    })
}
