//! Scripted replies: what the simulator returns in a test.
//!
//! A reply is written as blocks, in order, and has no more than the test cares about: what the API
//! would add (ids, signatures, usage, the stop reason) is made when the reply is used.

use std::fmt;
use std::time::Duration;

use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::{Map, Value, json};

use super::faults::Rule;
use crate::base::errors::ApiError;

mod citation;
mod server_tools;

pub use citation::Citation;

/// The response to one message request.
///
/// Blocks are added in order; what the API would add (ids, signatures, usage, the stop reason) is
/// filled in where it is missing. `max_tokens` and `stop_sequences` of the request cut a scripted
/// reply as they would cut a real one, unless the script sets the stop reason itself.
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
pub struct Reply {
    pub(crate) kind: Kind,
    pub(crate) delay: Duration,
    pub(crate) fault: Option<Rule>,
}

#[derive(Clone)]
pub(crate) enum Kind {
    Message(Draft),
    Error(ApiError),
}

/// A message as far as the reply specifies it.
#[derive(Clone, Default)]
pub(crate) struct Draft {
    pub(crate) content: Vec<Value>,
    pub(crate) stop_reason: Option<String>,
    pub(crate) stop_sequence: Option<String>,
    pub(crate) fields: Map<String, Value>,
    pub(crate) pace: Option<Duration>,
}

impl Reply {
    /// An empty message, to add blocks to.
    pub fn new() -> Self {
        Self::of(Kind::Message(Draft::default()))
    }

    fn of(kind: Kind) -> Self {
        Self {
            kind,
            delay: Duration::ZERO,
            fault: None,
        }
    }

    /// A message with one text block.
    pub fn text(text: impl Into<String>) -> Self {
        Self::new().with_text(text)
    }

    /// A message with one tool call.
    pub fn tool_use(name: impl Into<String>, input: Value) -> Self {
        Self::new().with_tool_use(name, input)
    }

    /// A message with one tool call, whose input is made to fit the schema of the request's tool.
    pub fn tool_call(name: impl Into<String>) -> Self {
        Self::new().with_tool_call(name)
    }

    /// A message whose text is this value as JSON, for requests that ask for structured output.
    pub fn json(value: &Value) -> Self {
        Self::text(value.to_string())
    }

    /// A refusal: no content, `stop_reason` `refusal`, and the details the API gives.
    pub fn refusal(category: impl Into<String>, explanation: impl Into<String>) -> Self {
        let (category, explanation): (String, String) = (category.into(), explanation.into());
        let details = json!({"type": "refusal", "category": category, "explanation": explanation});
        Self::new()
            .stop_reason("refusal")
            .field("stop_details", details)
    }

    /// A compaction: the summary in place of the conversation, and `stop_reason` `compaction`.
    pub fn compaction(summary: impl Into<String>) -> Self {
        Self::new()
            .with_compaction(summary)
            .stop_reason("compaction")
    }

    /// An error instead of a message, such as `(529, "overloaded_error", "Overloaded")`. A status
    /// that HTTP has no room for becomes 500.
    pub fn error(status: u16, kind: impl AsRef<str>, message: impl Into<String>) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self::of(Kind::Error(ApiError::new(status, kind.as_ref(), message)))
    }

    /// Adds a text block.
    pub fn with_text(self, text: impl Into<String>) -> Self {
        let text: String = text.into();
        self.with_block(json!({"type": "text", "text": text}))
    }

    /// Adds a text block with citations: [`Citation`]s, or their JSON.
    pub fn with_cited_text<C: Into<Value>>(
        self,
        text: impl Into<String>,
        citations: impl IntoIterator<Item = C>,
    ) -> Self {
        let text: String = text.into();
        let citations: Vec<Value> = citations.into_iter().map(Into::into).collect();
        self.with_block(json!({"type": "text", "text": text, "citations": citations}))
    }

    /// Adds a thinking block; its signature is made up.
    pub fn with_thinking(self, thinking: impl Into<String>) -> Self {
        let thinking: String = thinking.into();
        self.with_block(json!({"type": "thinking", "thinking": thinking}))
    }

    /// Adds a thinking block with this signature.
    pub fn with_signed_thinking(
        self,
        thinking: impl Into<String>,
        signature: impl Into<String>,
    ) -> Self {
        let (thinking, signature): (String, String) = (thinking.into(), signature.into());
        self.with_block(json!({"type": "thinking", "thinking": thinking, "signature": signature}))
    }

    /// Adds a block of thinking that may not be shown.
    pub fn with_redacted_thinking(self, data: impl Into<String>) -> Self {
        let data: String = data.into();
        self.with_block(json!({"type": "redacted_thinking", "data": data}))
    }

    /// Adds a tool call; its id is made up.
    pub fn with_tool_use(self, name: impl Into<String>, input: Value) -> Self {
        let name: String = name.into();
        self.with_block(block("tool_use", [("name", json!(name)), ("input", input)]))
    }

    /// Adds a tool call whose input is made to fit the schema of the request's tool of this name.
    pub fn with_tool_call(self, name: impl Into<String>) -> Self {
        let name: String = name.into();
        self.with_block(block("tool_use", [("name", json!(name))]))
    }

    /// Adds a compaction block: what the API leaves of a conversation that grew too long.
    pub fn with_compaction(self, summary: impl Into<String>) -> Self {
        let summary: String = summary.into();
        self.with_block(json!({"type": "compaction", "content": summary}))
    }

    /// Adds a content block as it is on the wire, for whatever has no method here.
    pub fn with_block(mut self, block: Value) -> Self {
        if let Kind::Message(draft) = &mut self.kind {
            draft.content.push(block);
        }
        self
    }

    /// Sets the stop reason, which also turns off the cutting by `max_tokens` and `stop_sequences`.
    pub fn stop_reason(mut self, reason: impl Into<String>) -> Self {
        if let Kind::Message(draft) = &mut self.kind {
            draft.stop_reason = Some(reason.into());
        }
        self
    }

    /// Ends the message as if this stop sequence had come next.
    pub fn stop_sequence(mut self, sequence: impl Into<String>) -> Self {
        if let Kind::Message(draft) = &mut self.kind {
            draft.stop_sequence = Some(sequence.into());
        }
        self.stop_reason("stop_sequence")
    }

    /// Ends the message with `pause_turn`: the turn goes on when the message is sent back.
    pub fn pause_turn(self) -> Self {
        self.stop_reason("pause_turn")
    }

    /// Sets a top-level field of the message, such as `container`, `context_management` or `model`.
    /// A `usage` object is merged over the counted one.
    pub fn field(mut self, name: impl Into<String>, value: Value) -> Self {
        if let Kind::Message(draft) = &mut self.kind {
            draft.fields.insert(name.into(), value);
        }
        self
    }

    /// Sets the pause after each event when this reply is streamed, instead of the simulator's
    /// ([`Builder::pace`](crate::Builder::pace)).
    pub fn pace(mut self, pace: Duration) -> Self {
        if let Kind::Message(draft) = &mut self.kind {
            draft.pace = Some(pace);
        }
        self
    }

    /// Waits before it responds, in real time.
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Plays a [`Fault`](crate::faults::Fault) on the message's response, whatever conditions the
    /// rule has; within a batch it does nothing.
    pub fn fault(mut self, fault: impl Into<Rule>) -> Self {
        self.fault = Some(fault.into());
        self
    }

    /// Adds a header to an error's response, such as `retry-after`. Names and values HTTP can't
    /// carry are left out.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        if let (Kind::Error(error), Ok(name), Ok(value)) = (
            &mut self.kind,
            HeaderName::try_from(name),
            HeaderValue::from_str(value),
        ) {
            error.headers.push((name, value));
        }
        self
    }

    /// Sets an error's `details`, whose `error_code` names the cause.
    pub fn details(mut self, details: Value) -> Self {
        if let Kind::Error(error) = &mut self.kind {
            error.details = Some(details);
        }
        self
    }
}

/// A block of a type with its fields.
fn block<const N: usize>(kind: &str, fields: [(&str, Value); N]) -> Value {
    let kind = [("type", json!(kind))];
    let fields = kind.into_iter().chain(fields);
    Value::Object(
        fields
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
    )
}

impl Default for Reply {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Message(draft) => f
                .debug_struct("Reply")
                .field("content", &draft.content)
                .field("stop_reason", &draft.stop_reason)
                .finish_non_exhaustive(),
            Kind::Error(error) => f
                .debug_struct("Reply")
                .field("status", &error.status)
                .field("error", &error.kind)
                .finish(),
        }
    }
}
