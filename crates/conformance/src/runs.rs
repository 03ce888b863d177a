//! Runs of tools by a script: what the official runner is compared with.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anthropic::tools::{
    Outcome, RunEvent, Runner, Tool, ToolCall, ToolContext, ToolError, ToolOutput, Tools, Turn,
};
use anthropic::types::{
    CompactionConfig, Decoding, Json, Message, MessageCreateParams, MessageParam,
    ToolResultBlockContent, ToolUnion, from_slice_with,
};
use anthropic::{BoxFuture, Client, Result};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::calls::{Answer, Problem};

/// A conversation, without what the model writes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "settings of a run, each by itself"
)]
struct Script {
    params: Box<RawValue>,
    #[serde(default)]
    ga: bool,
    #[serde(default)]
    tools: Vec<Scripted>,
    #[serde(default)]
    betas: Vec<String>,
    #[serde(default)]
    stream: bool,
    /// Whether the run's events are read, or its outcome awaited.
    #[serde(default)]
    read: bool,
    #[serde(default)]
    thread: bool,
    #[serde(default)]
    eager: bool,
    max_turns: Option<u32>,
    compact_above: Option<u64>,
    /// What the caller does once it has the message of this number.
    #[serde(default)]
    between: BTreeMap<u32, Vec<Step>>,
}

/// Something that the caller does between two turns.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Step {
    /// Sets parameters; null takes one away.
    Set(BTreeMap<String, Box<RawValue>>),
    #[serde(alias = "append_alone")]
    Append(Vec<MessageParam>),
    AddTools(Vec<Scripted>),
    RemoveTools(Vec<String>),
    Compact(CompactionConfig),
    Stop(String),
}

/// A tool, and what comes of its calls.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scripted {
    name: String,
    definition: ToolUnion,
    does: Does,
    /// Whether the input must be a [`Place`].
    #[serde(default)]
    typed: bool,
    #[serde(default)]
    after_ms: u64,
    /// The family of a toolset, all of whose calls come here.
    toolset: Option<String>,
    /// The calls that ran, of all tools.
    #[serde(skip)]
    ran: Ran,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Does {
    Return(Option<ToolResultBlockContent>),
    ReturnValue(Value),
    /// Text of this length.
    ReturnLong(usize),
    /// Fails with an error that was not made for the model.
    Raise(String),
    /// Fails with what the model is to see.
    Fail(ToolResultBlockContent),
}

#[derive(Deserialize)]
struct Place {
    #[serde(rename = "city")]
    _city: String,
}

type Ran = Arc<Mutex<Vec<Value>>>;

impl Scripted {
    fn note(&self, call: &ToolCall) {
        let mut ran = self.ran.lock().unwrap_or_else(PoisonError::into_inner);
        ran.push(json!([call.name(), call.input()]));
    }

    #[expect(clippy::disallowed_methods, reason = "the client has its usual clock")]
    async fn take_its_time(&self) {
        if self.after_ms > 0 {
            tokio::time::sleep(Duration::from_millis(self.after_ms)).await;
        }
    }
}

impl Tool for Scripted {
    fn name(&self) -> &str {
        &self.name
    }

    fn definition(&self) -> ToolUnion {
        self.definition.clone()
    }

    fn toolset_name(&self) -> Option<&str> {
        self.toolset.as_deref()
    }

    fn call(&self, call: ToolCall, _: ToolContext) -> BoxFuture<'_, Result<ToolOutput, ToolError>> {
        Box::pin(async move {
            if self.typed {
                call.input_as::<Place>()?;
            }
            self.note(&call);
            self.take_its_time().await;
            match &self.does {
                Does::Return(content) => {
                    Ok(content.clone().map(ToolOutput::from).unwrap_or_default())
                }
                Does::ReturnValue(value) => ToolOutput::json(value),
                Does::ReturnLong(length) => Ok(ToolOutput::from("x".repeat(*length))),
                Does::Raise(text) => Err(ToolError::new(text)),
                Does::Fail(content) => {
                    Err(ToolError::new("for the model").for_model(content.clone()))
                }
            }
        })
    }
}

/// Runs a script. The value is how the run ended, by `outcome` and `stop_reason`, and the `calls`
/// that ran, in the order in which they began.
pub(crate) async fn run(client: &Client, script: &RawValue) -> Result<Answer, Problem> {
    let script: Script = serde_json::from_str(script.get()).map_err(at_fault)?;
    let params: MessageCreateParams =
        from_slice_with(script.params.get().as_bytes(), Decoding::Strict).map_err(at_fault)?;
    let ran = Ran::default();
    let runner = if script.ga {
        client.messages().run(params)
    } else {
        client.beta().messages().run(params)
    };
    let mut runner = runner
        .tools(logged(script.tools, &ran))
        .stream(script.stream)
        .thread(script.thread)
        .eager_tools(script.eager);
    for beta in script.betas {
        runner = runner.beta(beta);
    }
    if let Some(turns) = script.max_turns {
        runner = runner.max_turns(turns);
    }
    if let Some(tokens) = script.compact_above {
        runner = runner.compact_above(tokens);
    }
    if !script.between.is_empty() {
        runner = runner.before_turn(between(script.between, &ran));
    }
    let ended = if script.read {
        read(runner).await
    } else {
        runner.await
    };
    let calls = std::mem::take(&mut *ran.lock().unwrap_or_else(PoisonError::into_inner));
    let ended = match ended {
        Ok(outcome) => {
            let reason = outcome.message().map(Message::stop_reason_str);
            json!({"outcome": name(&outcome), "stop_reason": reason, "calls": calls})
        }
        Err(error) => json!({"outcome": "error", "error": error.to_string(), "calls": calls}),
    };
    Answer::json(Ok(Json::from(ended)))
}

fn at_fault(error: impl std::fmt::Display) -> Problem {
    Problem::usage(format!("run: {error}"))
}

/// The tools, whose calls are written down in one list.
fn logged(tools: Vec<Scripted>, ran: &Ran) -> Tools {
    let tools = tools.into_iter().map(|tool| Scripted {
        ran: Arc::clone(ran),
        ..tool
    });
    tools.fold(Tools::new(), Tools::with)
}

/// The hook that does what the script has for before a turn.
fn between(
    mut steps: BTreeMap<u32, Vec<Step>>,
    ran: &Ran,
) -> impl FnMut(&mut Turn<'_>) + Send + 'static {
    let ran = Arc::clone(ran);
    move |turn| {
        let now = steps.remove(&turn.number().saturating_sub(1));
        for step in now.into_iter().flatten() {
            match step {
                Step::Set(fields) => {
                    if let Err(error) = set(turn.params_mut(), fields) {
                        turn.stop(format!("the script sets no parameters: {error}"));
                    }
                }
                Step::Append(messages) => turn.params_mut().messages.extend(messages),
                Step::AddTools(tools) => turn.add_tools(logged(tools, &ran)),
                Step::RemoveTools(names) => {
                    for name in names {
                        turn.remove_tool(name);
                    }
                }
                Step::Compact(config) => turn.compact(config),
                Step::Stop(reason) => turn.stop(reason),
            }
        }
    }
}

/// The rest stays as it is written, by which a thread knows it again.
fn set(
    params: &mut MessageCreateParams,
    fields: BTreeMap<String, Box<RawValue>>,
) -> serde_json::Result<()> {
    let mut all: BTreeMap<String, Box<RawValue>> =
        serde_json::from_str(&serde_json::to_string(params)?)?;
    all.extend(fields);
    all.retain(|_, value| value.get() != "null");
    *params = serde_json::from_str(&serde_json::to_string(&all)?)?;
    Ok(())
}

async fn read(mut runner: Runner) -> Result<Outcome> {
    while let Some(event) = runner.try_next().await? {
        if let RunEvent::Finished(outcome) = event {
            return Ok(*outcome);
        }
    }
    // There is no end without an outcome; awaiting such a run fails.
    runner.await
}

fn name(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Answer(_) => "answer".to_owned(),
        Outcome::Refusal(_) => "refusal".to_owned(),
        Outcome::Cut(_) => "cut".to_owned(),
        Outcome::Waiting(_) => "waiting".to_owned(),
        Outcome::Limit { limit, .. } => format!("limit of {limit}"),
        Outcome::Stopped { reason, .. } => format!("stopped: {reason}"),
        _ => "other".to_owned(),
    }
}
