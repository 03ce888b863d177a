//! Which requests a rule matches.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};

use super::reply::Reply;
use super::request::MessageRequest;
use super::script::ScriptedRule;

/// A condition on a message request: what [`Builder::when`](crate::Builder::when) looks at.
/// Everything that is set must hold.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// use anthropic_sim::{Reply, Simulator, When};
///
/// let simulator = Simulator::builder()
///     .when(When::text("weather").tool("get_weather"), Reply::tool_call("get_weather"))
///     .when(When::model("claude-haiku-*").times(1), Reply::error(529, "overloaded_error", "Overloaded"))
///     .when(When::any(), Reply::text("I only know the weather."))
///     .start()
///     .await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
#[must_use = "a condition does nothing until a rule has it"]
pub struct When {
    model: Option<String>,
    texts: Vec<String>,
    system: Option<String>,
    tools: Vec<String>,
    answered: Option<String>,
    turn: Option<u64>,
    stream: Option<bool>,
    headers: Vec<(String, String)>,
    pointers: Vec<(String, Value)>,
    checks: Vec<Check>,
    times: Option<u64>,
}

type Check = Arc<dyn Fn(&MessageRequest) -> bool + Send + Sync>;

impl When {
    /// Every request.
    pub fn any() -> Self {
        Self::default()
    }

    /// Requests for this model; `*` at the end stands for any rest.
    pub fn model(pattern: impl Into<String>) -> Self {
        Self::any().and_model(pattern)
    }

    /// Requests whose last user message contains this, in any case.
    pub fn text(part: impl Into<String>) -> Self {
        Self::any().and_text(part)
    }

    /// Requests that this holds for.
    pub fn matches<F>(check: F) -> Self
    where
        F: Fn(&MessageRequest) -> bool + Send + Sync + 'static,
    {
        Self::any().also(check)
    }

    pub(crate) fn also<F>(mut self, check: F) -> Self
    where
        F: Fn(&MessageRequest) -> bool + Send + Sync + 'static,
    {
        self.checks.push(Arc::new(check));
        self
    }

    /// Only requests for this model; `*` at the end stands for any rest.
    pub fn and_model(mut self, pattern: impl Into<String>) -> Self {
        self.model = Some(pattern.into());
        self
    }

    /// Only requests whose last user message contains this too, in any case.
    pub fn and_text(mut self, part: impl Into<String>) -> Self {
        self.texts.push(part.into().to_lowercase());
        self
    }

    /// Only requests whose system prompt contains this, in any case.
    pub fn system(mut self, part: impl Into<String>) -> Self {
        self.system = Some(part.into().to_lowercase());
        self
    }

    /// Only requests that offer this tool.
    pub fn tool(mut self, name: impl Into<String>) -> Self {
        self.tools.push(name.into());
        self
    }

    /// Only requests that bring the result of this tool's call.
    pub fn answered(mut self, tool: impl Into<String>) -> Self {
        self.answered = Some(tool.into());
        self
    }

    /// Only requests whose conversation has this many user messages.
    pub fn turn(mut self, number: u64) -> Self {
        self.turn = Some(number);
        self
    }

    /// Only requests that ask for a stream, or that don't.
    pub fn stream(mut self, asked: bool) -> Self {
        self.stream = Some(asked);
        self
    }

    /// Only requests with this header, unless it carries a credential.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Only requests whose body has this value at this JSON pointer, such as `/metadata/user_id`.
    pub fn pointer(mut self, pointer: impl Into<String>, value: impl Into<Value>) -> Self {
        self.pointers.push((pointer.into(), value.into()));
        self
    }

    /// Holds `n` times and then no more.
    pub fn times(mut self, n: u64) -> Self {
        self.times = Some(n);
        self
    }

    fn holds(&self, request: &MessageRequest) -> bool {
        let model = |pattern: &String| match pattern.strip_suffix('*') {
            Some(start) => request.model().starts_with(start),
            None => request.model() == pattern,
        };
        self.model.as_ref().is_none_or(model)
            && said(&self.texts, || request.last_user_text())
            && said(self.system.as_slice(), || request.system_text())
            && self.tools.iter().all(|name| request.tool(name).is_some())
            && self
                .answered
                .as_ref()
                .is_none_or(|tool| request.tools_answered().any(|name| name == tool))
            && self.turn.is_none_or(|turn| request.turns() == turn)
            && self.stream.is_none_or(|asked| request.is_stream() == asked)
            && self
                .headers
                .iter()
                .all(|(name, value)| request.header(name) == Some(value))
            && self
                .pointers
                .iter()
                .all(|(pointer, value)| request.body().pointer(pointer) == Some(value))
            && self.checks.iter().all(|check| check(request))
    }
}

fn said(parts: &[String], text: impl Fn() -> String) -> bool {
    parts.is_empty() || {
        let text = text().to_lowercase();
        parts.iter().all(|part| text.contains(part))
    }
}

impl fmt::Debug for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("When")
            .field("model", &self.model)
            .field("texts", &self.texts)
            .field("system", &self.system)
            .field("tools", &self.tools)
            .field("answered", &self.answered)
            .field("turn", &self.turn)
            .field("stream", &self.stream)
            .field("headers", &self.headers)
            .field("pointers", &self.pointers)
            .field("times", &self.times)
            .finish_non_exhaustive()
    }
}

/// A condition and the replies to the requests it holds for: one after the other, of which the last
/// goes on.
#[derive(Debug)]
pub(crate) struct ReplyRule {
    number: u64,
    rule: ScriptedRule,
    used: AtomicU64,
}

impl ReplyRule {
    pub(crate) fn new(rule: ScriptedRule, number: u64) -> Self {
        Self {
            number,
            rule,
            used: AtomicU64::new(0),
        }
    }

    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    pub(crate) fn rule(&self) -> ScriptedRule {
        self.rule.clone()
    }

    /// Its number, what it was read from, and how often it was used.
    pub(crate) fn json(&self) -> Value {
        let source = match &self.rule.source {
            Value::Null => json!(format!("{:?}", self.rule.when)),
            source => source.clone(),
        };
        let used = self.used.load(Ordering::Relaxed);
        json!({"number": self.number, "rule": source, "used": used})
    }

    /// The reply, if the condition holds and the rule isn't used up.
    pub(crate) fn reply(&self, request: &MessageRequest) -> Option<Reply> {
        if !self.rule.when.holds(request) {
            return None;
        }
        let most = self.rule.when.times.unwrap_or(u64::MAX);
        let used = self
            .used
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |used| {
                (used < most).then_some(used + 1)
            })
            .ok()?;
        let replies = &self.rule.replies;
        let next = usize::try_from(used)
            .ok()
            .and_then(|used| replies.get(used));
        next.or_else(|| replies.last()).cloned()
    }
}
