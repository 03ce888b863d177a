//! A call as a tool sees it, and what comes with it.

use std::fmt;
use std::sync::Arc;

use anthropic_types::{Json, JsonError, ToolUseBlock};
use serde::de::DeserializeOwned;

use super::error::{ToolError, ToolErrorKind};
use crate::Client;

/// A call that the model makes of a tool. Cheap to clone.
#[derive(Clone)]
pub struct ToolCall {
    block: Arc<ToolUseBlock>,
    /// What a hook has put in place of the model's input.
    replaced: Option<Json>,
}

impl ToolCall {
    /// A call as a message has it.
    pub fn new(block: impl Into<ToolUseBlock>) -> Self {
        Self::shared(Arc::new(block.into()))
    }

    pub(crate) fn shared(block: Arc<ToolUseBlock>) -> Self {
        Self {
            block,
            replaced: None,
        }
    }

    /// The call's id, and the name of its toolset, for its result: out of the call, unless somebody
    /// else has it.
    pub(crate) fn into_names(mut self) -> (String, Option<String>) {
        match Arc::get_mut(&mut self.block) {
            Some(block) => (std::mem::take(&mut block.id), block.toolset_name.take()),
            None => (self.block.id.clone(), self.block.toolset_name.clone()),
        }
    }

    /// The call's id, which its result names.
    pub fn id(&self) -> &str {
        &self.block.id
    }

    /// The name of the tool.
    pub fn name(&self) -> &str {
        &self.block.name
    }

    /// The input: the model's, unless a hook has replaced it.
    pub fn input(&self) -> &Json {
        self.replaced.as_ref().unwrap_or(&self.block.input)
    }

    /// The input, decoded into a type of yours.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ToolErrorKind::InvalidInput) when the input is no JSON or does not have
    /// that type's shape. The model sees the path and the reason.
    pub fn input_as<T: DeserializeOwned>(&self) -> Result<T, ToolError> {
        self.check()?;
        let read = match &self.replaced {
            None => self.block.input_as(),
            Some(input) => ToolUseBlock::new("", input.clone(), "").input_as(),
        };
        read.map_err(misfit)
    }

    /// For a tool of a toolset, the family that it belongs to.
    pub fn toolset_name(&self) -> Option<&str> {
        self.block.toolset_name.as_deref()
    }

    /// The block of the model's message, as it came.
    pub fn block(&self) -> &ToolUseBlock {
        &self.block
    }

    /// The same call with another input.
    pub fn with_input(mut self, input: impl Into<Json>) -> Self {
        self.replaced = Some(input.into());
        self
    }

    /// Fails where the input is no JSON object.
    pub(crate) fn check(&self) -> Result<(), ToolError> {
        // A list would pass for an object whose fields it has in order.
        let input = self.input();
        let problem = match input.invalid() {
            Some(invalid) => format!("valid JSON: {}", without_place(&invalid.reason)),
            None if is_object(input) => return Ok(()),
            None => "a JSON object".to_owned(),
        };
        Err(ToolError::of(
            ToolErrorKind::InvalidInput,
            format!("the input is not {problem}. The tool did not run"),
        ))
    }
}

/// Whether JSON is an object, by its text.
pub(crate) fn is_object(json: &Json) -> bool {
    let text = json.as_str();
    text.starts_with('{') || text.trim_start().starts_with('{')
}

/// What the model sees of an input that does not fit: the path and the reason. A line and a column
/// mean nothing to it.
fn misfit(error: JsonError) -> ToolError {
    let path = error.path();
    let at = match path {
        "" => String::new(),
        path => format!(" at `{path}`"),
    };
    let reason =
        std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
    let reason = without_place(&reason);
    ToolError::of(
        ToolErrorKind::InvalidInput,
        format!("the input does not fit{at}: {reason}. The tool did not run"),
    )
    .with_source(error)
}

/// The text of a JSON error without its place: ` at line 1 column 5`.
fn without_place(reason: &str) -> &str {
    match reason.rfind(" at line ") {
        Some(at) if is_place(&reason[at..]) => &reason[..at],
        _ => reason,
    }
}

fn is_place(text: &str) -> bool {
    let words = text.split_whitespace();
    words.enumerate().all(|(index, word)| match index {
        0 => word == "at",
        1 => word == "line",
        3 => word == "column",
        _ => word.bytes().all(|byte| byte.is_ascii_digit()),
    })
}

impl PartialEq for ToolCall {
    fn eq(&self, other: &Self) -> bool {
        self.block == other.block && self.input() == other.input()
    }
}

impl fmt::Debug for ToolCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ToolCall")
            .field("id", &self.id())
            .field("name", &self.name())
            .field("input", self.input())
            .finish_non_exhaustive()
    }
}

/// What a tool may want to know beyond its input. Cheap to clone.
#[derive(Clone)]
pub struct ToolContext {
    pub(crate) client: Client,
    pub(crate) call: ToolCall,
    pub(crate) turn: u32,
}

impl ToolContext {
    /// A context, for calling a tool in a test.
    pub fn new(client: &Client, call: ToolCall) -> Self {
        Self {
            client: client.clone(),
            call,
            turn: 1,
        }
    }

    /// The call that this is the context of.
    pub fn call(&self) -> &ToolCall {
        &self.call
    }

    /// The call's id.
    pub fn call_id(&self) -> &str {
        self.call.id()
    }

    /// Which of the run's messages made the call, from 1.
    pub fn turn(&self) -> u32 {
        self.turn
    }

    /// The client of the run, for tools that ask the API themselves.
    pub fn client(&self) -> &Client {
        &self.client
    }
}

impl fmt::Debug for ToolContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ToolContext")
            .field("call", &self.call)
            .field("turn", &self.turn)
            .finish_non_exhaustive()
    }
}
