//! A tool as a run knows it.

use std::sync::Arc;

use anthropic_types::ToolUnion;

use crate::BoxFuture;
use crate::tools::call::{ToolCall, ToolContext};
use crate::tools::check::Defined;
use crate::tools::error::ToolError;
use crate::tools::guarded::caught;
use crate::tools::output::ToolOutput;
use crate::tools::set::Tools;
use crate::tools::tool::{Tool, ToolSettings};

/// A tool, and what it returned when the run took it: it is the caller's code, which may panic, and
/// is not asked again.
pub(super) struct Known {
    name: String,
    toolset_name: Option<String>,
    definition: ToolUnion,
    settings: ToolSettings,
    tool: Arc<dyn Tool>,
}

/// Asks tools for their names, definitions and settings. Fails where one of them panics.
pub(super) fn known(tools: &Tools) -> Result<Vec<Arc<Known>>, String> {
    tools
        .iter()
        .map(|tool| Known::of(tool).map(Arc::new))
        .collect()
}

/// Tools out of those that are known.
pub(super) fn tools(known: &[Arc<Known>]) -> Tools {
    let tools = known.iter().map(|tool| Arc::clone(tool) as Arc<dyn Tool>);
    tools.collect()
}

impl Known {
    /// What the tool returned.
    pub(super) fn defined(&self) -> Defined<'_> {
        Defined {
            name: &self.name,
            definition: &self.definition,
            settings: &self.settings,
        }
    }

    fn of(tool: &Arc<dyn Tool>) -> Result<Self, String> {
        let name = caught(|| tool.name().to_owned());
        let name = name.map_err(|panic| format!("the name of a tool panicked: {panic}"))?;
        let read = caught(|| Self {
            name: name.clone(),
            toolset_name: tool.toolset_name().map(str::to_owned),
            definition: tool.definition(),
            settings: tool.settings(),
            tool: Arc::clone(tool),
        });
        read.map_err(|panic| {
            format!("the definition or the settings of the tool `{name}` panicked: {panic}")
        })
    }
}

impl Tool for Known {
    fn name(&self) -> &str {
        &self.name
    }

    fn definition(&self) -> ToolUnion {
        self.definition.clone()
    }

    fn call(
        &self,
        call: ToolCall,
        context: ToolContext,
    ) -> BoxFuture<'_, Result<ToolOutput, ToolError>> {
        self.tool.call(call, context)
    }

    fn start(
        self: Arc<Self>,
        call: ToolCall,
        context: ToolContext,
    ) -> Result<BoxFuture<'static, Result<ToolOutput, ToolError>>, ToolError> {
        Arc::clone(&self.tool).start(call, context)
    }

    fn settings(&self) -> ToolSettings {
        self.settings.clone()
    }

    fn toolset_name(&self) -> Option<&str> {
        self.toolset_name.as_deref()
    }
}
