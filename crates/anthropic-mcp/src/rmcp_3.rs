//! What goes between this crate and rmcp 3, for programs that use both.
//!
//! The version is in the name because rmcp's types appear here and nowhere else.
//!
//! A session that was made with rmcp, with a handler of the program's own, is a [`server`]: that
//! is how a program allows what this crate refuses, such as sampling.

use anthropic::Upload;
use anthropic::tools::{ToolError, ToolOutput};
use anthropic::types::{self, MessageParam, ToolResultContentBlock};
use rmcp::model::{CallToolResult, ContentBlock, PromptMessage, ReadResourceResult};
use rmcp::service::{Peer, RoleClient};

use crate::convert;
use crate::error::Result;
use crate::server::Server;

/// A server whose session was made with rmcp, under this name. The session stays its owner's.
///
/// ```no_run
/// # async fn run<H: rmcp::ClientHandler>(handler: H, transport: rmcp::transport::TokioChildProcess)
/// # -> Result<(), Box<dyn std::error::Error>> {
/// use rmcp::ServiceExt;
///
/// let running = handler.serve(transport).await?;
/// let server = anthropic_mcp::rmcp_3::server("files", running.peer().clone());
/// let tools = server.tools().await?;
/// # Ok(())
/// # }
/// ```
///
/// What rmcp's handler hears of changed tools, this crate does not: list them again then. How long
/// lists are kept is rmcp's cache, which is the owner's to set, too.
pub fn server(name: impl Into<String>, peer: Peer<RoleClient>) -> Server {
    Server::given(name.into(), peer)
}

/// A block of content, as a tool's result has it.
///
/// # Errors
///
/// [`Unsupported`](crate::ErrorKind::Unsupported) for what the API does not take: audio, links to
/// resources, images of other types than JPEG, PNG, GIF and WebP, other resources than those, PDFs
/// and text.
pub fn content(block: &ContentBlock) -> Result<ToolResultContentBlock> {
    convert::part(block).map(Into::into)
}

/// The result of a tool.
///
/// # Errors
///
/// What the model sees as an error: a result that is one (`isError`), or that has nothing but
/// content that the API does not take.
pub fn output(result: &CallToolResult) -> Result<ToolOutput, ToolError> {
    convert::output(result)
}

/// A message of a prompt.
///
/// # Errors
///
/// As of [`content`].
pub fn message(message: &PromptMessage) -> Result<MessageParam> {
    convert::message(message)
}

/// A resource as a block of a message: the first of its contents that the API takes.
///
/// # Errors
///
/// As of [`content`].
pub fn resource(result: &ReadResourceResult) -> Result<types::ContentBlock> {
    convert::resource(result)
}

/// A resource as a file to upload: the first of its contents, under the last part of its URI.
///
/// # Errors
///
/// [`Unsupported`](crate::ErrorKind::Unsupported) if it has no contents, or they are no Base64.
pub fn file(result: &ReadResourceResult) -> Result<Upload> {
    convert::file(result)
}
