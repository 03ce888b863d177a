//! Calls of a toolset: in their order, and none after one that failed.

use std::sync::{Arc, Mutex};

use anthropic::BoxFuture;
use anthropic::tools::{Tool, ToolCall, ToolContext, ToolError, ToolOutput};
use anthropic::types::{ComputerToolset20260801, ToolUnion};
use anthropic_sim::Reply;
use serde_json::json;

use super::{echo, on_both_runtimes, params, results, simulator};

/// A computer whose clicks fail, and which needs a while to wait.
#[derive(Clone, Default)]
struct Computer {
    did: Arc<Mutex<Vec<String>>>,
}

impl Computer {
    fn did(&self) -> Vec<String> {
        self.did.lock().unwrap().clone()
    }
}

impl Tool for Computer {
    fn name(&self) -> &'static str {
        "computer"
    }

    fn definition(&self) -> ToolUnion {
        ComputerToolset20260801::new().into()
    }

    fn toolset_name(&self) -> Option<&str> {
        Some("computer")
    }

    fn call(&self, call: ToolCall, _: ToolContext) -> BoxFuture<'_, Result<ToolOutput, ToolError>> {
        Box::pin(async move {
            if call.name() == "wait" {
                for _ in 0..20 {
                    tokio::task::yield_now().await;
                }
            }
            self.did.lock().unwrap().push(call.name().to_owned());
            match call.name() {
                "left_click" => Err(ToolError::new("the screen is locked")),
                _ => Ok(ToolOutput::from("done")),
            }
        })
    }
}

/// A message that calls members of the toolset, then another tool.
fn calls(members: &[&str]) -> Reply {
    let reply = members.iter().fold(Reply::new(), |reply, member| {
        reply.with_block(json!({
            "type": "tool_use", "name": member, "toolset_name": "computer", "input": {},
        }))
    });
    let other = json!({"type": "tool_use", "name": "echo", "input": {"x": 1}});
    reply.with_block(other).stop_reason("tool_use")
}

/// What the computer did, and the results that the model sees.
async fn ran(reply: Reply, eager: bool) -> (Vec<String>, Vec<(String, bool)>) {
    let computer = Computer::default();
    let (simulator, client) = simulator([reply, Reply::text("Done.")]).await;
    let run = client.beta().messages().run(params());
    let run = run.tools(computer.clone()).tools(echo());
    let outcome = run.stream(eager).eager_tools(eager).await.unwrap();
    assert_eq!(outcome.text().unwrap(), "Done.");
    (computer.did(), results(&simulator, 1))
}

fn result(text: &str, is_error: bool) -> (String, bool) {
    (text.to_owned(), is_error)
}

async fn calls_of_a_toolset_run_one_after_the_other() {
    for eager in [false, true] {
        let (did, results) = ran(calls(&["wait", "screenshot", "wait", "zoom"]), eager).await;
        assert_eq!(did, ["wait", "screenshot", "wait", "zoom"], "{eager}");
        assert_eq!(results.len(), 5);
        assert!(results.iter().all(|(_, is_error)| !is_error));
    }
}

async fn none_of_them_runs_after_one_that_failed() {
    for eager in [false, true] {
        let (did, results) = ran(calls(&["wait", "left_click", "screenshot", "zoom"]), eager).await;
        assert_eq!(did, ["wait", "left_click"], "{eager}");
        let not_run = "an earlier action of the toolset failed; the call did not run";
        let expected = [
            result("done", false),
            result("the screen is locked", true),
            result(not_run, true),
            result(not_run, true),
            result("1", false),
        ];
        assert_eq!(results, expected);
    }
}

async fn a_call_of_the_toolset_itself_is_none_of_its_members() {
    for eager in [false, true] {
        let (did, results) = ran(
            Reply::tool_use("computer", json!({"action": "wait"})),
            eager,
        )
        .await;
        assert!(did.is_empty());
        let text =
            "there is no tool `computer`; the tools are those of the toolset `computer`, `echo`";
        assert_eq!(results, [result(text, true)]);
    }
}

on_both_runtimes! {
    calls_of_a_toolset_run_one_after_the_other
    none_of_them_runs_after_one_that_failed
    a_call_of_the_toolset_itself_is_none_of_its_members
}
