//! Scripted replies: what a test wants the simulator to say.

use std::fmt;

use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::{Map, Value, json};

use crate::errors::ApiError;

/// The answer to one message request.
///
/// Blocks are added in order; what the API would add (ids, signatures, usage, the stop reason) is filled in where it
/// is missing. `max_tokens` and `stop_sequences` of the request cut a scripted reply as they would cut a real one,
/// unless the script sets the stop reason itself.
///
/// ```
/// use anthropic_sim::Reply;
/// use serde_json::json;
///
/// let reply = Reply::new()
///     .with_thinking("The user wants the weather.")
///     .with_text("Let me look.")
///     .with_tool_use("get_weather", json!({"city": "Bern"}));
/// let overloaded = Reply::error(529, "overloaded_error", "Overloaded").header("retry-after", "1");
/// # let _ = (reply, overloaded);
/// ```
#[derive(Clone)]
#[must_use = "a reply does nothing until it is queued or returned"]
pub struct Reply(pub(crate) Kind);

#[derive(Clone)]
pub(crate) enum Kind {
    Message(Script),
    Error(ApiError),
}

/// A message as far as the script says.
#[derive(Clone, Default)]
pub(crate) struct Script {
    pub(crate) content: Vec<Value>,
    pub(crate) stop_reason: Option<String>,
    pub(crate) fields: Map<String, Value>,
}

impl Reply {
    /// An empty message, to add blocks to.
    pub fn new() -> Self {
        Self(Kind::Message(Script::default()))
    }

    /// A message with one text block.
    pub fn text(text: impl Into<String>) -> Self {
        Self::new().with_text(text)
    }

    /// A message with one tool call.
    pub fn tool_use(name: impl Into<String>, input: Value) -> Self {
        Self::new().with_tool_use(name, input)
    }

    /// A refusal: no content, `stop_reason` `refusal`, and the details the API gives.
    pub fn refusal(category: impl Into<String>, explanation: impl Into<String>) -> Self {
        let (category, explanation): (String, String) = (category.into(), explanation.into());
        let details = json!({"type": "refusal", "category": category, "explanation": explanation});
        Self::new()
            .stop_reason("refusal")
            .field("stop_details", details)
    }

    /// An error instead of a message, such as `(529, "overloaded_error", "Overloaded")`. A status that HTTP has no
    /// room for becomes 500.
    pub fn error(status: u16, kind: impl AsRef<str>, message: impl Into<String>) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self(Kind::Error(ApiError::new(status, kind.as_ref(), message)))
    }

    /// Adds a text block.
    pub fn with_text(self, text: impl Into<String>) -> Self {
        let text: String = text.into();
        self.with_block(json!({"type": "text", "text": text}))
    }

    /// Adds a thinking block; its signature is made up.
    pub fn with_thinking(self, thinking: impl Into<String>) -> Self {
        let thinking: String = thinking.into();
        self.with_block(json!({"type": "thinking", "thinking": thinking}))
    }

    /// Adds a tool call; its id is made up.
    pub fn with_tool_use(self, name: impl Into<String>, input: Value) -> Self {
        let fields = [
            ("type", json!("tool_use")),
            ("name", json!(name.into())),
            ("input", input),
        ];
        self.with_block(Value::Object(
            fields
                .map(|(name, value)| (name.to_owned(), value))
                .into_iter()
                .collect(),
        ))
    }

    /// Adds a content block as it is on the wire: a server tool's call and result, a text with citations, a
    /// compaction, anything.
    pub fn with_block(mut self, block: Value) -> Self {
        if let Kind::Message(script) = &mut self.0 {
            script.content.push(block);
        }
        self
    }

    /// Sets the stop reason, which also turns off the cutting by `max_tokens` and `stop_sequences`.
    pub fn stop_reason(mut self, reason: impl Into<String>) -> Self {
        if let Kind::Message(script) = &mut self.0 {
            script.stop_reason = Some(reason.into());
        }
        self
    }

    /// Sets a top-level field of the message, such as `container`, `context_management` or `model`. A `usage` object
    /// is merged over the counted one.
    pub fn field(mut self, name: impl Into<String>, value: Value) -> Self {
        if let Kind::Message(script) = &mut self.0 {
            script.fields.insert(name.into(), value);
        }
        self
    }

    /// Adds a header to an error's answer, such as `retry-after`. Names and values HTTP can't carry are left out.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        if let (Kind::Error(error), Ok(name), Ok(value)) = (
            &mut self.0,
            HeaderName::try_from(name),
            HeaderValue::from_str(value),
        ) {
            error.headers.push((name, value));
        }
        self
    }

    /// Sets an error's `details`, whose `error_code` names the cause.
    pub fn details(mut self, details: Value) -> Self {
        if let Kind::Error(error) = &mut self.0 {
            error.details = Some(details);
        }
        self
    }
}

impl Default for Reply {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Message(script) => f
                .debug_struct("Reply")
                .field("content", &script.content)
                .field("stop_reason", &script.stop_reason)
                .finish_non_exhaustive(),
            Kind::Error(error) => f
                .debug_struct("Reply")
                .field("status", &error.status)
                .field("error", &error.kind)
                .finish(),
        }
    }
}
