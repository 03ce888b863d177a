//! What the tests have in common.

pub(crate) mod demo;

use std::sync::Arc;

use anthropic::Client;
use anthropic::tools::{Tool, ToolCall, ToolContext, ToolError, ToolOutput, Tools};
use anthropic::types::{Json, ToolUseBlock};
use serde_json::Value;

/// Calls a tool as a run does.
pub(crate) async fn call(tools: &Tools, name: &str, input: Value) -> Result<ToolOutput, ToolError> {
    let client = Client::builder().api_key("none").build().unwrap();
    let tool: Arc<dyn Tool> = tools.get(name).unwrap().clone();
    let block = ToolUseBlock::new("toolu_1", Json::from(input), name);
    let call = ToolCall::new(block);
    tool.call(call.clone(), ToolContext::new(&client, call))
        .await
}
