//! Runs of tools against the simulator, whose rules on conversations every request has to pass.

mod asked;
mod between;
mod blocking;
mod care;
mod control;
mod dropped;
mod drops;
mod eager;
mod early;
mod ends;
#[cfg(feature = "macros")]
mod limits;
mod long;
mod model;
mod offered;
mod runs;
mod states;
mod table;
mod tampered;
mod times;
mod toolsets;

use std::future::pending;
use std::time::Duration;

use anthropic::tools::{FunctionTool, Outcome, ToolError, Transcript, tool_with};
use anthropic::types::{Beta, Json, MessageCreateParams, Model, Tool, WebSearchTool20260209};
use anthropic::{Client, Error};
use anthropic_sim::{Reply, Simulator};
use serde::Deserialize;
use serde_json::{Value, json};

/// Runs a test on a runtime of either kind.
macro_rules! on_both_runtimes {
    ($($name:ident)*) => {
        mod current_thread {
            $(
                #[tokio::test(flavor = "current_thread")]
                async fn $name() {
                    super::$name().await;
                }
            )*
        }
        mod multi_thread {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    super::$name().await;
                }
            )*
        }
    };
}
pub(crate) use on_both_runtimes;

/// A simulator with replies, and a client of it that does not retry. With a beta, the conversation
/// may have a compaction.
async fn simulator(replies: impl IntoIterator<Item = Reply>) -> (Simulator, Client) {
    let simulator = Simulator::builder().replies(replies).start().await.unwrap();
    let client = Client::builder()
        .api_key(simulator.api_key())
        .base_url(simulator.url())
        .max_retries(0)
        .beta(Beta::COMPACT_2026_09_04)
        .build()
        .unwrap();
    (simulator, client)
}

fn params() -> MessageCreateParams {
    MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024).user("Go.")
}

/// With a tool of the API's own on offer.
fn searching() -> MessageCreateParams {
    params().tools([WebSearchTool20260209::new()])
}

#[derive(Deserialize)]
struct Number {
    x: i64,
}

fn define(name: &str) -> Tool {
    let schema =
        json!({"type": "object", "properties": {"x": {"type": "integer"}}, "required": ["x"]});
    Tool::new(schema, name).description("A test's tool.")
}

/// Returns its input.
fn echo() -> FunctionTool {
    tool_with(define("echo"), |input: Number, _| async move { input.x })
}

fn failing() -> FunctionTool {
    tool_with(define("failing"), |_: Json, _| async {
        Err::<(), _>(std::io::Error::other("the disk is full"))
    })
}

fn panicking() -> FunctionTool {
    tool_with(define("panicking"), |_: Json, _| async {
        let full = true;
        assert!(!full, "a secret");
    })
}

/// Never done.
fn slow() -> FunctionTool {
    tool_with(define("slow"), |_: Json, _| async {
        pending::<()>().await;
    })
    .timeout(Duration::from_millis(20))
}

fn hidden() -> FunctionTool {
    tool_with(define("hidden"), |_: Json, _| async {
        Err::<(), _>(ToolError::new("the password is x").hide_from_model())
    })
}

/// The results in the last user message of the simulator's request with this number, each with its
/// text and whether it is an error.
fn results(simulator: &Simulator, request: usize) -> Vec<(String, bool)> {
    let requests = simulator.requests();
    let body: Value = serde_json::from_slice(&requests[request].body).unwrap();
    let messages = body["messages"].as_array().unwrap();
    let content = messages.last().unwrap()["content"].as_array().unwrap();
    let results = content
        .iter()
        .filter(|block| block["type"] == "tool_result");
    results
        .map(|block| {
            let text = block["content"].as_str().unwrap_or_default();
            (text.to_owned(), block["is_error"] == true)
        })
        .collect()
}

/// The conversation of an outcome or an error passes the simulator's rules, with a turn after it.
async fn passes(client: &Client, transcript: Transcript) {
    let mut next = params().tools([define("echo")]);
    next.messages = transcript.into_messages();
    let next = next.user("And now?");
    let sent = serde_json::to_string(&next.messages).unwrap();
    if let Err(error) = client.beta().messages().create(next).await {
        panic!("{error}\n{sent}");
    }
}

/// The conversation of a run, however it ended.
fn transcript(ended: Result<Outcome, Error>) -> Transcript {
    match ended {
        Ok(outcome) => outcome.into_transcript(),
        Err(error) => error.partial::<Transcript>().unwrap().clone(),
    }
}
