//! Calls of a toolset: in their order, and none after one that failed.

use std::sync::{Arc, Mutex};

use anthropic::BoxFuture;
use anthropic::tools::{
    Approval, Decision, FunctionTool, Tool, ToolCall, ToolContext, ToolError, ToolOutput,
    ToolsFault, Waiting, tool_with,
};
use anthropic::types::{ComputerToolset20260801, Json, McpToolset, ToolUnion};
use anthropic_sim::Reply;
use serde_json::json;

use super::control::{stored, waiting};
use super::{define, echo, on_both_runtimes, params, results, simulator};

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

/// A call of a member of the toolset.
fn member(reply: Reply, name: &str) -> Reply {
    reply.with_block(json!({
        "type": "tool_use", "name": name, "toolset_name": "computer", "input": {},
    }))
}

/// A message that calls members of the toolset, then another tool.
fn calls(members: &[&str]) -> Reply {
    let reply = members
        .iter()
        .fold(Reply::new(), |reply, name| member(reply, name));
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
        let (did, _) = ran(calls(&["left_click", "zoom"]), eager).await;
        assert_eq!(did, ["left_click"], "the first one: {eager}");
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

/// What the first model called has an error as its result, and is no action that failed.
async fn a_call_before_a_fallback_is_no_action_that_failed() {
    for eager in [false, true] {
        let seam = json!({
            "type": "fallback", "from": {"model": "one"}, "to": {"model": "other"},
        });
        let reply = member(member(Reply::new(), "screenshot").with_block(seam), "zoom");
        let (did, results) = ran(reply.stop_reason("tool_use"), eager).await;
        assert_eq!(did, ["zoom"], "{eager}");
        let declined = "another model went on from here; the call did not run";
        assert_eq!(results, [result(declined, true), result("done", false)]);
    }
}

/// Notes that it ran where the computer does.
fn noted(name: &'static str, computer: &Computer) -> FunctionTool {
    let did = Arc::clone(&computer.did);
    tool_with(define(name), move |_: Json, _| {
        did.lock().unwrap().push(name.to_owned());
        async {}
    })
}

async fn a_call_that_waits_for_its_toolset_keeps_no_other_from_running() {
    let wait_first = ["wait", "screenshot", "alone", "fetch"];
    let cases: [(bool, usize, &[&str], &[&str]); 5] = [
        (false, 8, &["fetch"], &["fetch", "wait", "screenshot"]),
        (true, 8, &["fetch"], &["fetch", "wait", "screenshot"]),
        (false, 1, &["fetch"], &["wait", "screenshot", "fetch"]),
        // What is after a sequential one waits for it, and that for what is before.
        (false, 8, &["alone", "fetch"], &wait_first),
        (true, 8, &["alone", "fetch"], &wait_first),
    ];
    for (eager, parallel, others, expected) in cases {
        let computer = Computer::default();
        let reply = member(member(Reply::new(), "wait"), "screenshot");
        let reply = others.iter().fold(reply, |reply, name| {
            reply.with_block(json!({"type": "tool_use", "name": name, "input": {"x": 1}}))
        });
        let replies = [reply.stop_reason("tool_use"), Reply::text("Done.")];
        let (_simulator, client) = simulator(replies).await;
        let run = client.beta().messages().run(params());
        let run = run.tools((
            computer.clone(),
            noted("fetch", &computer),
            noted("alone", &computer).sequential(),
        ));
        let run = run.max_parallel(parallel).stream(eager).eager_tools(eager);
        run.await.unwrap().text().unwrap();
        assert_eq!(computer.did(), expected, "{eager}, {parallel}");
    }
}

fn names(state: &Waiting) -> Vec<&str> {
    state.calls().map(ToolCall::name).collect()
}

/// An action means the screen that the one before it left.
async fn calls_after_one_that_is_deferred_wait_with_it() {
    for eager in [false, true] {
        let computer = Computer::default();
        let reply = calls(&["wait", "screenshot", "zoom"]);
        let (simulator, client) = simulator([reply, Reply::text("Done.")]).await;
        let run = client.beta().messages().run(params());
        let run = run.tools((computer.clone(), noted("echo", &computer)));
        let run = run.before_tool(|call| async move {
            match call.name() {
                "screenshot" => Decision::Defer,
                _ => Decision::Run,
            }
        });
        let outcome = run.stream(eager).eager_tools(eager).await.unwrap();
        let mut state = stored(&waiting(outcome));
        assert_eq!(names(&state), ["screenshot", "zoom"]);
        let mut did = computer.did();
        did.sort();
        assert_eq!(did, ["echo", "wait"]);

        // A decision about the second of them is none about the first.
        let resume = |state: Waiting, approvals: Vec<Approval>| {
            let run = client.beta().messages().resume(state, approvals);
            run.tools((computer.clone(), noted("echo", &computer)))
        };
        let second = state.calls().nth(1).unwrap().approve();
        let outcome = resume(state, vec![second]).await.unwrap();
        state = stored(&waiting(outcome));
        assert_eq!(names(&state), ["screenshot", "zoom"]);
        assert_eq!(computer.did().len(), 2);

        let approvals = state.calls().map(ToolCall::approve).collect();
        let outcome = resume(state, approvals).await.unwrap();
        assert_eq!(outcome.text().unwrap(), "Done.");
        assert_eq!(computer.did()[2..], ["screenshot", "zoom"]);
        assert_eq!(results(&simulator, 1).len(), 4);
    }
}

/// Two turns in which a toolset may come and go, and a call of one.
fn screenshot_late() -> [Reply; 4] {
    [
        Reply::tool_use("echo", json!({"x": 1})),
        Reply::tool_use("echo", json!({"x": 2})),
        member(Reply::new(), "screenshot").stop_reason("tool_use"),
        Reply::text("Done."),
    ]
}

async fn a_call_of_a_toolset_that_was_withdrawn_gets_an_error() {
    let computer = Computer::default();
    let (simulator, client) = simulator(screenshot_late()).await;
    let run = client.beta().messages().run(params()).tools(echo());
    let added = computer.clone();
    let run = run.before_turn(move |turn| match turn.number() {
        2 => {
            turn.add_tools(added.clone());
        }
        3 => {
            turn.remove_tool("computer");
        }
        _ => {}
    });
    assert_eq!(run.await.unwrap().text().unwrap(), "Done.");
    assert_eq!(computer.did(), [""; 0]);
    assert!(results(&simulator, 3)[0].1);
}

/// The conversation defines it, so it is not among the request's tools, too.
async fn a_toolset_that_came_is_there_once_after_a_resume() {
    for given_again in [true, false] {
        let computer = Computer::default();
        let (simulator, client) = simulator(screenshot_late()).await;
        let run = client.beta().messages().run(params()).tools(echo());
        let added = computer.clone();
        let run = run.before_turn(move |turn| {
            if turn.number() == 2 {
                turn.add_tools(added.clone());
            }
        });
        let run = run.before_tool(|call| async move {
            match call.input().as_str() {
                "{\"x\":2}" => Decision::Defer,
                _ => Decision::Run,
            }
        });
        let state = stored(&waiting(run.await.unwrap()));
        let approvals: Vec<Approval> = state.calls().map(ToolCall::approve).collect();
        let run = client.beta().messages().resume(state, approvals);
        let run = run.tools(echo());
        if given_again {
            let outcome = run.tools(computer.clone()).await.unwrap();
            assert_eq!(outcome.text().unwrap(), "Done.");
            assert_eq!(computer.did(), ["screenshot"]);
        } else {
            // It is on offer, and has no code here.
            let state = waiting(run.await.unwrap());
            assert_eq!(names(&state), ["screenshot"]);
        }
        for request in simulator.requests() {
            let tools = request.json()["tools"].as_array().unwrap().clone();
            assert_eq!(tools.len(), 1, "{tools:?}");
        }
    }
}

/// The model's calls name neither of the two.
async fn two_toolsets_of_one_type_are_refused() {
    let given = || params().tools([ComputerToolset20260801::new()]);
    for added in [false, true] {
        let (simulator, client) = simulator(screenshot_late()).await;
        let run = client.beta().messages().run(given()).tools(echo());
        let run = if added {
            run.before_turn(|turn| {
                if turn.number() == 2 {
                    turn.add_tools(Computer::default());
                }
            })
        } else {
            run.tools(Computer::default())
        };
        let error = run.await.unwrap_err();
        let source = std::error::Error::source(&error).unwrap();
        let fault = ToolsFault::DuplicateToolset("computer_toolset_20260801".to_owned());
        assert_eq!(source.downcast_ref(), Some(&fault));
        assert_eq!(simulator.requests().len(), usize::from(added));
    }
    let server = |name: &str| params().tools([McpToolset::new(name), McpToolset::new("two")]);
    for (one, is_refused) in [("one", false), ("two", true)] {
        let (_simulator, client) = simulator([Reply::text("Done.")]).await;
        let run = client.beta().messages().run(server(one)).max_turns(0);
        let refused = run.await.is_err();
        assert_eq!(refused, is_refused);
    }
}

on_both_runtimes! {
    two_toolsets_of_one_type_are_refused
    a_call_of_a_toolset_that_was_withdrawn_gets_an_error
    a_toolset_that_came_is_there_once_after_a_resume
    a_call_before_a_fallback_is_no_action_that_failed
    a_call_that_waits_for_its_toolset_keeps_no_other_from_running
    calls_after_one_that_is_deferred_wait_with_it
    calls_of_a_toolset_run_one_after_the_other
    none_of_them_runs_after_one_that_failed
    a_call_of_the_toolset_itself_is_none_of_its_members
}
