//! When the built-in reply calls a tool.

use std::str::FromStr;

/// When the built-in reply calls a tool that `tool_choice` doesn't force: what
/// [`Builder::tool_calls`](crate::Builder::tool_calls) sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum ToolCalls {
    /// Once a prompt: the tools that the prompt names, or else the one whose name has most of its
    /// words, or else the first.
    #[default]
    First,
    /// Only tools that the prompt names.
    Named,
    /// Never.
    Never,
}

impl FromStr for ToolCalls {
    type Err = String;

    /// Reads `first`, `named` or `never`.
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "first" => Ok(Self::First),
            "named" => Ok(Self::Named),
            "never" => Ok(Self::Never),
            other => Err(format!("{other:?} is none of first, named, never")),
        }
    }
}
