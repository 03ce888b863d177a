//! Tools: reading a call's input, and the result to send back.

use serde::de::DeserializeOwned;

use crate::json_error::{self, JsonError};
use crate::{
    ContentBlock, ServerToolUseBlock, ToolResultBlock, ToolResultBlockContent, ToolUseBlock,
};

impl ToolUseBlock {
    /// The input, decoded into a type of yours.
    ///
    /// # Errors
    ///
    /// When the model's input does not have that type's shape, or is no JSON at all: the error has
    /// the path.
    pub fn input_as<T: DeserializeOwned>(&self) -> Result<T, JsonError> {
        json_error::read_input(&self.input)
    }

    /// The result of this call, as a block of the user's next turn.
    pub fn result(&self, content: impl Into<ToolResultBlockContent>) -> ContentBlock {
        self.with_result(content.into(), None)
    }

    /// The result of this call when it failed, marked as an error for the model.
    pub fn error(&self, content: impl Into<ToolResultBlockContent>) -> ContentBlock {
        self.with_result(content.into(), Some(true))
    }

    fn with_result(&self, content: ToolResultBlockContent, is_error: Option<bool>) -> ContentBlock {
        let mut result = ToolResultBlock::new(&self.id).content(content);
        result.is_error = is_error;
        result.toolset_name.clone_from(&self.toolset_name);
        result.into()
    }
}

impl ServerToolUseBlock {
    /// The input, decoded into a type of yours.
    ///
    /// # Errors
    ///
    /// When the model's input does not have that type's shape: the error has the path.
    pub fn input_as<T: DeserializeOwned>(&self) -> Result<T, JsonError> {
        json_error::read_input(&self.input)
    }
}
