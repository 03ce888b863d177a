//! One tool of a server's.

use std::sync::atomic::{AtomicU64, Ordering};

use anthropic::BoxFuture;
use anthropic::tools::{
    Tool, ToolCall, ToolContext, ToolError, ToolErrorKind, ToolOutput, ToolSettings,
};
use anthropic::types::{self, ToolUnion};

use crate::approval::digest;
use crate::arguments::Renamed;
use crate::convert;
use crate::error::{Error, ErrorKind};
use crate::server::Server;

/// A tool of a server's, as a run calls it.
pub(crate) struct McpTool {
    pub(crate) server: Server,
    /// As the API has it.
    pub(crate) definition: types::Tool,
    /// As the server has it.
    pub(crate) name: String,
    /// The arguments whose names the API does not take.
    pub(crate) renamed: Renamed,
    pub(crate) digest: String,
    /// How many announcements of other tools there had been when the definition was last seen to be
    /// this one.
    pub(crate) seen: AtomicU64,
    pub(crate) settings: ToolSettings,
}

impl McpTool {
    /// Fails where the server has announced other tools, and this one is another by now.
    async fn check(&self) -> Result<(), ToolError> {
        let news = self.server.news();
        if news == self.seen.load(Ordering::Acquire) {
            return Ok(());
        }
        let tools = self.server.list_tools().await.map_err(shown)?;
        let now = tools.iter().find(|tool| *tool.name == *self.name);
        if now.is_some_and(|now| digest(now) == self.digest) {
            self.seen.store(news, Ordering::Release);
            return Ok(());
        }
        let name = &self.definition.name;
        let text = match now {
            Some(_) => format!("the definition of the tool `{name}` is not as it was listed"),
            None => format!("the server has no tool `{name}` any more"),
        };
        let text = format!("{text}. The tool did not run");
        Err(ToolError::new(text).with_kind(ToolErrorKind::Denied))
    }
}

impl Tool for McpTool {
    fn name(&self) -> &str {
        &self.definition.name
    }

    fn definition(&self) -> ToolUnion {
        self.definition.clone().into()
    }

    fn call(&self, call: ToolCall, _: ToolContext) -> BoxFuture<'_, Result<ToolOutput, ToolError>> {
        Box::pin(async move {
            let arguments = self.renamed.back(call.input_as()?);
            self.check().await?;
            let result = self.server.call_tool(&self.name, arguments).await;
            convert::output(&result.map_err(shown)?)
        })
    }

    fn settings(&self) -> ToolSettings {
        self.settings.clone()
    }
}

/// What the model sees: the server's own words about what it refused, and of other failures that
/// they are the server's. Their causes may have addresses and paths.
fn shown(error: Error) -> ToolError {
    let text = match error.kind() {
        ErrorKind::Refused => error.message().to_owned(),
        ErrorKind::Timeout => "the tool's server took too long".to_owned(),
        ErrorKind::Status => "the tool's server failed".to_owned(),
        // The model is not to call it once more for that.
        ErrorKind::Protocol => {
            "the response of the tool's server can't be read; what the tool has done is not known"
                .to_owned()
        }
        _ => "the tool's server can't be reached".to_owned(),
    };
    ToolError::caused_by(error).for_model(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_model_sees_that_a_tool_may_have_run() {
        let text = |kind| {
            let error = Error::new(kind, "demo", "the response to /a/path makes no sense");
            shown(error).output().text()
        };
        assert!(text(ErrorKind::Protocol).ends_with("what the tool has done is not known"));
        assert_eq!(
            text(ErrorKind::Closed),
            "the tool's server can't be reached"
        );
    }
}
