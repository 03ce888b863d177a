//! Tools that the model calls and you write, and the run that calls them.
//!
//! | to | start at |
//! |---|---|
//! | make a tool of a function | [`tool_fn`] |
//! | make a tool of a type with state | [`TypedTool`] |
//! | implement a tool that the API defines, or whose schema is known at run time | [`Tool`], [`tool_with`] |
//! | put several together | [`Tools`] |
//! | return text, JSON, images | [`IntoToolOutput`], [`ToolOutput`] |
//! | fail, and choose what the model sees | [`ToolError`] |
//! | run the conversation | [`Messages::run`](crate::resources::Messages::run), [`Runner`], [`Outcome`] |
//! | watch it | [`RunEvent`] |
//! | decide about calls, now or later | [`Decision`], [`Waiting`], [`Approval`] |
//! | look at schemas before they are sent | [`schema`](crate::schema) |

mod call;
mod check;
mod error;
mod function;
mod output;
mod run;
mod set;
#[cfg(test)]
mod tests;
mod tool;
mod typed;

pub use call::{ToolCall, ToolContext};
pub use check::ToolsFault;
pub use error::{ToolError, ToolErrorKind};
pub use function::{FunctionTool, NoInput, tool_fn, tool_with};
pub use output::{IntoToolOutput, IntoToolResult, ToolOutput};
pub use run::{
    AfterTool, Approval, Decision, Limit, Outcome, RunEvent, Runner, Transcript, Turn, Waiting,
};
pub use set::Tools;
pub use tool::{Tool, ToolSettings};
pub use typed::TypedTool;
