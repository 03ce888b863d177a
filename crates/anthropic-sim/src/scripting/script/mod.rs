//! Scripts: rules and replies as data, for programs in any language.
//!
//! A script is JSON, or with the feature `server` YAML, of the form that `script.schema.json`
//! beside this crate's manifest describes and `GET /_sim/schema` serves. It has what [`When`] and
//! [`Reply`] have.

mod conditions;
#[cfg(feature = "server")]
mod locate;
mod node;
mod replies;

use std::fmt;

use serde_json::Value;

use self::node::{Node, Problem};
use super::reply::Reply;
use super::when::When;

/// Rules and queued replies, read from text.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use anthropic_sim::{Script, Simulator};
///
/// let script = Script::from_json(
///     r#"{
///         "rules": [
///             {"when": {"text": "weather", "tool": "get_weather"}, "reply": {"tool": "get_weather"}},
///             {"when": {"answered": "get_weather"}, "replies": ["It rains.", "It still rains."]},
///             {"when": {"model": "claude-haiku-*"}, "times": 1, "reply": {"error": {"status": 529}}}
///         ]
///     }"#,
/// )?;
/// let simulator = Simulator::builder().script(script).start().await?;
/// # Ok(())
/// # }
/// ```
///
/// A script is an object, or only its rules: a list of them, or one.
///
/// | key of a script | |
/// |---|---|
/// | `rules` | a list of rules; the first that holds is used |
/// | `queue` | a list of replies, each for one request, before any rule |
///
/// | key of a rule | |
/// |---|---|
/// | `when` | the condition; without it the rule holds for all requests |
/// | `reply`, `replies` | the reply; or several, one after the other, of which the last goes on |
/// | `times` | how often the rule is used at most |
///
/// | key of a condition | holds when |
/// |---|---|
/// | `model` | it is the model; `*` at the end stands for any rest |
/// | `text` | the last user message has it in it, in any case; a list: all of them |
/// | `regex` | the last user message matches it (feature `server`) |
/// | `system` | the system prompt has it in it, in any case |
/// | `tool` | the tool is on offer; a list: all of them |
/// | `answered` | the tool's result is in the last user message |
/// | `turn` | the conversation has so many user messages |
/// | `stream` | a stream is asked for, or not |
/// | `header` | the headers have these values |
/// | `pointer` | the body has these values at these JSON pointers |
///
/// A reply is a text, or an object:
///
/// | key of a reply | |
/// |---|---|
/// | `thinking`, `text`, `json`, `tool`, `tools` | blocks, in this order: a value as JSON text, a tool's name, or its `name` and `input` |
/// | `blocks` | content blocks as they are on the wire, after those |
/// | `refusal` | `category` and `explanation` |
/// | `error` | `status`, and perhaps `type`, `message`, `headers`, `details`, instead of a message |
/// | `stop_reason`, `stop_sequence` | how the message ends |
/// | `usage`, `fields` | fields of the usage, and of the message |
/// | `pace`, `delay` | milliseconds between the events of its stream, and before it |
/// | `fault` | what goes wrong with the response, as [text](crate::faults#as-text) |
#[derive(Debug, Clone, Default)]
pub struct Script {
    pub(crate) rules: Vec<ScriptedRule>,
    pub(crate) queue: Vec<Reply>,
}

#[derive(Debug, Clone)]
pub(crate) struct ScriptedRule {
    pub(crate) when: When,
    pub(crate) replies: Vec<Reply>,
    /// What it was read from.
    pub(crate) source: Value,
}

pub(crate) const SCHEMA: &str = include_str!("../../../script.schema.json");

// The first key is nothing to the simulator: editors look at it.
const SCRIPT: [&str; 3] = ["$schema", "queue", "rules"];
const RULE: [&str; 5] = ["$schema", "replies", "reply", "times", "when"];

impl Script {
    /// Reads a script from JSON.
    ///
    /// # Errors
    ///
    /// When it is not JSON, or has a key or a value that scripts don't have; the error names the
    /// place and those that there are.
    pub fn from_json(text: &str) -> Result<Self, ScriptError> {
        let value = serde_json::from_str(text).map_err(|error| ScriptError::syntax(&error))?;
        Self::read(&value).map_err(|problem| {
            let error = ScriptError::of(&problem);
            #[cfg(feature = "server")]
            let error = error.at(locate::in_json(text, &problem.path));
            error
        })
    }

    /// Reads a script from YAML.
    ///
    /// # Errors
    ///
    /// As for [`from_json`](Self::from_json); with the line and the column.
    #[cfg(feature = "server")]
    pub fn from_yaml(text: &str) -> Result<Self, ScriptError> {
        let value = serde_norway::from_str(text).map_err(|error| ScriptError::syntax(&error))?;
        Self::read(&value)
            .map_err(|problem| ScriptError::of(&problem).at(locate::in_yaml(text, &problem.path)))
    }

    fn read(value: &Value) -> Result<Self, Problem> {
        let root = Node::root(value);
        let has = |keys: &[&str]| keys[1..].iter().any(|key| value.get(*key).is_some());
        if value.is_array() || has(&RULE) && !has(&SCRIPT) {
            return rules(&root).map(|rules| Self {
                rules,
                queue: Vec::new(),
            });
        }
        root.only(&SCRIPT)?;
        let queue = root.field("queue").map(|queue| queue.each(replies::reply));
        Ok(Self {
            rules: root
                .field("rules")
                .map_or(Ok(Vec::new()), |list| rules(&list))?,
            queue: queue.transpose()?.unwrap_or_default(),
        })
    }
}

/// The reply that a header asks for: a JSON object or string, or else a text.
pub(crate) fn reply_from(text: &str) -> Result<Reply, String> {
    if !text.trim_start().starts_with(['{', '"']) {
        return Ok(Reply::text(text));
    }
    let value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    replies::reply(&Node::root(&value)).map_err(|problem| problem.to_string())
}

/// A rule, or a list of them.
fn rules(node: &Node<'_>) -> Result<Vec<ScriptedRule>, Problem> {
    if node.value.is_array() {
        node.each(rule)
    } else {
        rule(node).map(|rule| vec![rule])
    }
}

fn rule(node: &Node<'_>) -> Result<ScriptedRule, Problem> {
    node.only(&RULE)?;
    let when = node.field("when").map(|when| conditions::when(&when));
    let mut when = when.transpose()?.unwrap_or_default();
    if let Some(times) = node.field("times") {
        when = when.times(times.number()?);
    }
    let replies = match (node.field("reply"), node.field("replies")) {
        (Some(reply), None) => vec![replies::reply(&reply)?],
        (None, Some(list)) => {
            let replies = list.each(replies::reply)?;
            if replies.is_empty() {
                return Err(list.fails("needs a reply"));
            }
            replies
        }
        (None, None) => return Err(node.fails("needs a reply, or replies")),
        (Some(_), Some(both)) => return Err(both.fails("excludes reply")),
    };
    Ok(ScriptedRule {
        when,
        replies,
        source: node.value.clone(),
    })
}

/// Why a script can't be read: one line with the place and the fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptError {
    line: Option<usize>,
    message: String,
}

impl ScriptError {
    fn of(problem: &Problem) -> Self {
        Self {
            line: None,
            message: problem.to_string(),
        }
    }

    /// Of a text that is not even JSON or YAML, whose error has the place in it.
    fn syntax(error: &dyn fmt::Display) -> Self {
        Self {
            line: None,
            message: error.to_string(),
        }
    }

    #[cfg(feature = "server")]
    fn at(self, line: Option<usize>) -> Self {
        Self { line, ..self }
    }

    /// The line of the text, from 1, where that is known: with the feature `server`.
    pub fn line(&self) -> Option<usize> {
        self.line
    }
}

impl fmt::Display for ScriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for ScriptError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(pointer: &str) -> Vec<String> {
        let schema: Value = serde_json::from_str(SCHEMA).unwrap();
        let properties = schema.pointer(pointer).and_then(Value::as_object);
        let mut keys: Vec<String> = properties.unwrap().keys().cloned().collect();
        keys.sort_unstable();
        keys
    }

    #[test]
    fn the_schema_has_the_keys_that_are_read() {
        assert_eq!(keys("/$defs/script/properties"), SCRIPT);
        assert_eq!(keys("/$defs/rule/properties"), RULE);
        assert_eq!(keys("/$defs/when/properties"), conditions::WHEN);
        assert_eq!(keys("/$defs/message/properties"), replies::REPLY);
        assert_eq!(
            keys("/$defs/message/properties/error/properties"),
            replies::ERROR
        );
    }

    #[test]
    fn mistakes_are_named_with_their_place() {
        for (text, wanted) in [
            ("5", "the script: should be an object"),
            (
                r#"[{"reply": 5}]"#,
                "[0].reply: should be a text or an object",
            ),
            (r#"{"reply": 5}"#, "reply: should be a text or an object"),
            (
                r#"{"rule": []}"#,
                "rule: unknown; there are $schema, queue, rules",
            ),
            (r#"{"rules": [{}]}"#, "rules[0]: needs a reply, or replies"),
            (
                r#"{"rules": [{"reply": "a", "replies": ["b"]}]}"#,
                "rules[0].replies: excludes reply",
            ),
            (
                r#"{"rules": [{"replies": []}]}"#,
                "rules[0].replies: needs a reply",
            ),
            (
                r#"{"rules": [{"reply": 5}]}"#,
                "rules[0].reply: should be a text or an object",
            ),
            (
                r#"{"rules": [{"when": {"text": 5}, "reply": ""}]}"#,
                "rules[0].when.text: should be a string",
            ),
            (
                r#"{"rules": [{"when": {"modle": "a"}, "reply": ""}]}"#,
                "rules[0].when.modle: unknown; there are answered",
            ),
            (
                r#"{"queue": [{"error": {"status": "high"}}]}"#,
                "queue[0].error.status: should be a whole number",
            ),
            (r#"{"queue": [{"fault": "statsu=1"}]}"#, "queue[0].fault: "),
        ] {
            let error = Script::from_json(text).unwrap_err().to_string();
            assert!(error.contains(wanted), "{text}: {error}");
        }
    }

    #[test]
    fn rules_alone_are_a_script_as_the_schema_has_it() {
        let schema: Value = serde_json::from_str(SCHEMA).unwrap();
        let forms = serde_json::json!([{"$ref": "#/$defs/script"}, {"$ref": "#/$defs/rules"}]);
        assert_eq!(schema["anyOf"], forms);
        for (text, rules) in [
            (r#"{"reply": "a"}"#, 1),
            (r#"[{"reply": "a"}, {"replies": ["b"]}]"#, 2),
            ("[]", 0),
            (r#"{"rules": {"reply": "a"}}"#, 1),
            (r#"{"queue": ["a"]}"#, 0),
        ] {
            assert_eq!(
                Script::from_json(text).unwrap().rules.len(),
                rules,
                "{text}"
            );
        }
    }

    #[cfg(feature = "server")]
    #[test]
    fn mistakes_in_files_have_their_line() {
        let yaml = "# a comment\nrules:\n  - when: {text: weather}\n    reply: Rain.\n  - when:\n      text: sun\n      \
                    modle: a\n    reply: No.\n";
        let error = Script::from_yaml(yaml).unwrap_err();
        assert_eq!(error.line(), Some(7));
        assert!(
            error
                .to_string()
                .starts_with("line 7: rules[1].when.modle: unknown"),
            "{error}"
        );
        let json = "{\n  \"queue\": [\n    \"a\",\n    7\n  ]\n}";
        assert_eq!(Script::from_json(json).unwrap_err().line(), Some(4));
        let broken = Script::from_yaml("rules: [").unwrap_err().to_string();
        assert!(broken.contains("line"), "{broken}");
        let pattern = "rules:\n- reply: a\n  when:\n    regex: '('\n";
        let error = Script::from_yaml(pattern).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("line 4: rules[0].when.regex: "),
            "{error}"
        );
    }
}
