//! A message request as rules and handlers see it.

use std::fmt;
use std::sync::Arc;

use http::HeaderMap;
use serde_json::Value;

use crate::base::wire::whole;

/// A request to create a message, already checked by the simulator. Cheap to clone.
///
/// On a message thread it has the whole conversation, whatever part of it was sent.
#[derive(Clone)]
pub struct MessageRequest {
    body: Arc<Value>,
    headers: HeaderMap,
}

impl MessageRequest {
    pub(crate) fn new(body: Value, headers: HeaderMap) -> Self {
        Self {
            body: Arc::new(body),
            headers,
        }
    }

    /// The whole body.
    pub fn body(&self) -> &Value {
        &self.body
    }

    /// The `model`.
    pub fn model(&self) -> &str {
        self.text("model")
    }

    /// The `max_tokens`.
    pub fn max_tokens(&self) -> u64 {
        self.body.get("max_tokens").map_or(0, whole)
    }

    /// Whether a stream was asked for.
    pub fn is_stream(&self) -> bool {
        self.body.get("stream").is_some_and(|stream| stream == true)
    }

    /// The text of the last user message: its text blocks, a line each.
    pub fn last_user_text(&self) -> String {
        self.last_user_content().map(plain).unwrap_or_default()
    }

    /// The `tool_result` blocks of the last user message.
    pub fn tool_results(&self) -> Vec<&Value> {
        let blocks = self
            .last_user_content()
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        blocks.filter(|block| is(block, "tool_result")).collect()
    }

    /// The names of the tools whose results the last user message brings.
    pub fn tools_answered(&self) -> impl Iterator<Item = &str> {
        let ids = self.tool_results().into_iter();
        ids.filter_map(|result| {
            let id = result.get("tool_use_id")?;
            let called = |block: &&Value| is(block, "tool_use") && block.get("id") == Some(id);
            self.blocks().find(called)?.get("name")?.as_str()
        })
    }

    /// The content blocks of all messages, oldest first; a content that is a string has none.
    pub fn blocks(&self) -> impl Iterator<Item = &Value> {
        let messages = self.messages().iter();
        let contents = messages.filter_map(|message| message.get("content")?.as_array());
        contents.flatten()
    }

    /// The messages, oldest first.
    pub fn messages(&self) -> &[Value] {
        let messages = self.body.get("messages").and_then(Value::as_array);
        messages.map_or(&[], Vec::as_slice)
    }

    /// How many user messages there are, those that only bring results among them.
    pub(crate) fn turns(&self) -> u64 {
        let messages = self.messages().iter();
        let by_user =
            messages.filter(|message| message.get("role").is_some_and(|role| role == "user"));
        by_user.count() as u64
    }

    /// The system prompt: its text blocks, a line each.
    pub fn system_text(&self) -> String {
        self.body.get("system").map(plain).unwrap_or_default()
    }

    /// The definition of the tool with this name.
    pub fn tool(&self, name: &str) -> Option<&Value> {
        self.tools()
            .find(|tool| tool.get("name").is_some_and(|given| given == name))
    }

    /// The definitions of all tools.
    pub fn tools(&self) -> impl Iterator<Item = &Value> {
        self.body
            .get("tools")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
    }

    /// A header's value, unless it is a credential.
    pub fn header(&self, name: &str) -> Option<&str> {
        std::str::from_utf8(self.headers.get(name)?.as_bytes()).ok()
    }

    /// The betas asked for, from all `anthropic-beta` headers.
    pub fn betas(&self) -> Vec<&str> {
        let values = self.headers.get_all("anthropic-beta").iter();
        let lists = values.filter_map(|value| value.to_str().ok());
        lists
            .flat_map(|list| list.split(','))
            .map(str::trim)
            .filter(|beta| !beta.is_empty())
            .collect()
    }

    fn text(&self, name: &str) -> &str {
        self.body
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    fn last_user_content(&self) -> Option<&Value> {
        self.messages()
            .iter()
            .rev()
            .find(|message| message.get("role").is_some_and(|role| role == "user"))?
            .get("content")
    }
}

impl fmt::Debug for MessageRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MessageRequest")
            .field("body", &self.body)
            .finish_non_exhaustive()
    }
}

pub(crate) fn is(block: &Value, kind: &str) -> bool {
    block.get("type").is_some_and(|given| given == kind)
}

/// The text of a content: a string as it is, the text blocks of a list a line each.
pub(crate) fn plain(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(blocks) => {
            let texts = blocks.iter().filter(|block| is(block, "text"));
            let texts = texts.filter_map(|block| block.get("text")?.as_str());
            texts.collect::<Vec<_>>().join("\n")
        }
        _ => String::new(),
    }
}
