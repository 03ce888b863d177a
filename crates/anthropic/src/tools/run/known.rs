//! Tools as a run knows them.

use std::sync::Arc;

use anthropic_types::ToolUnion;

use crate::BoxFuture;
use crate::tools::call::{ToolCall, ToolContext};
use crate::tools::check::Defined;
use crate::tools::error::ToolError;
use crate::tools::guarded::{Guarded, caught};
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
    tool: Guarded<Arc<dyn Tool>>,
}

impl Known {
    fn of(tool: &Arc<dyn Tool>) -> Result<Self, String> {
        let name = caught(|| tool.name().to_owned());
        let name = name.map_err(|panic| format!("the name of a tool panicked: {panic}"))?;
        let read = caught(|| {
            (
                tool.toolset_name().map(str::to_owned),
                tool.definition(),
                tool.settings(),
            )
        });
        match read {
            Ok((toolset_name, definition, settings)) => Ok(Self {
                name,
                toolset_name,
                definition,
                settings,
                tool: Guarded::new(Arc::clone(tool)),
            }),
            Err(panic) => Err(format!(
                "the definition or the settings of the tool `{name}` panicked: {panic}"
            )),
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn toolset_name(&self) -> Option<&str> {
        self.toolset_name.as_deref()
    }

    pub(super) fn definition(&self) -> &ToolUnion {
        &self.definition
    }

    pub(super) fn settings(&self) -> &ToolSettings {
        &self.settings
    }

    /// Begins a call: the caller's code.
    pub(super) fn start(
        &self,
        call: ToolCall,
        context: ToolContext,
    ) -> Result<BoxFuture<'static, Result<ToolOutput, ToolError>>, ToolError> {
        match self.tool.get() {
            Some(tool) => Arc::clone(tool).start(call, context),
            // Only what is dropped has none.
            None => Err(ToolError::new("the tool is gone")),
        }
    }

    /// Whether a call is of this tool.
    fn is_called_by(&self, call: &ToolCall) -> bool {
        match call.toolset_name() {
            Some(family) => self.toolset_name() == Some(family),
            None => self.toolset_name.is_none() && self.name == call.name(),
        }
    }
}

/// The tools of a run, in order.
#[derive(Clone, Default)]
pub(super) struct KnownTools(Vec<Arc<Known>>);

impl KnownTools {
    /// Asks tools for their names, definitions and settings. Fails where one of them panics.
    pub(super) fn of(tools: &Tools) -> Result<Self, String> {
        let known = tools.iter().map(|tool| Known::of(tool).map(Arc::new));
        known.collect::<Result<_, _>>().map(Self)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<Known>> {
        self.0.iter()
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The tools as they are checked.
    pub(super) fn defined(&self) -> Vec<Defined<'_>> {
        let defined = self.0.iter().map(|tool| Defined {
            name: &tool.name,
            definition: &tool.definition,
            settings: &tool.settings,
        });
        defined.collect()
    }

    /// The tool that is called.
    pub(super) fn called_by(&self, call: &ToolCall) -> Option<&Arc<Known>> {
        self.0.iter().find(|tool| tool.is_called_by(call))
    }

    pub(super) fn extend(&mut self, tools: impl IntoIterator<Item = Arc<Known>>) {
        self.0.extend(tools);
    }

    pub(super) fn remove(&mut self, name: &str) {
        self.0.retain(|tool| tool.name != name);
    }
}
