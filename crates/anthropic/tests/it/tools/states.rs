//! States of runs that wait: what is approved is what runs, and nothing is lost on the way.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anthropic::ErrorKind;
use anthropic::tools::{
    Approval, Decision, FunctionTool, Outcome, ToolOutput, Tools, Waiting, tool_with,
};
use anthropic::types::{
    CompactionConfig, ComputerToolset20260801, Json, ToolBash20250124, ToolUnion,
};
use anthropic_sim::Reply;
use serde_json::json;

use super::control::{counted, stored, waiting};
use super::{define, echo, on_both_runtimes, params, results, simulator};

fn call(name: &str) -> Reply {
    Reply::tool_use(name, json!({"x": 1}))
}

fn later(name: &str) -> FunctionTool {
    tool_with(define(name), |_: Json, _| async { "later" })
}

async fn the_input_that_a_hook_left_is_decided_about_and_runs() {
    for by_hook in [false, true] {
        let (simulator, client) = simulator([call("delete"), Reply::text("Done.")]).await;
        let count = Arc::new(AtomicUsize::new(0));
        let delete = || {
            if by_hook {
                counted("delete", &count)
            } else {
                counted("delete", &count).needs_approval()
            }
        };
        let run = client.messages().run(params()).tools(delete());
        let run = run.before_tool(|_| async { Decision::run_with(json!({"x": 20})) });
        let run = run.before_tool(move |_| async move {
            if by_hook {
                Decision::Defer
            } else {
                Decision::Run
            }
        });
        let state = stored(&waiting(run.await.unwrap()));
        let call = state.calls().next().unwrap().clone();
        assert_eq!(call.input(), &Json::from(json!({"x": 20})));
        let run = client.messages().resume(state, [call.approve()]);
        run.tools(delete()).await.unwrap().text().unwrap();
        assert_eq!(results(&simulator, 1), [("20".to_owned(), false)]);
        // The conversation keeps the model's.
        let body = simulator.requests()[1].json();
        assert_eq!(body["messages"][1]["content"][0]["input"], json!({"x": 1}));
    }
}

async fn an_input_that_is_no_json_keeps_its_reason_in_a_store() {
    let (simulator, client) = simulator([call("delete"), Reply::text("Done.")]).await;
    let count = Arc::new(AtomicUsize::new(0));
    let run = client.messages().run(params());
    let run = run.tools(counted("delete", &count).needs_approval());
    let state = waiting(run.await.unwrap());
    let call = state.calls().next().unwrap().clone();
    let broken = call.decide(Decision::RunWith(Json::recover("{\"x\": ")));
    let run = client.messages().resume(stored(&state), [broken]);
    let run = run.tools(counted("delete", &count));
    run.await.unwrap().text().unwrap();
    let (text, is_error) = results(&simulator, 1).remove(0);
    assert!(is_error && text.starts_with("the input is not valid JSON: EOF"));

    // A hook's, through a store.
    let (_simulator, client) = super::simulator([Reply::tool_use("delete", json!({"x": 1}))]).await;
    let run = client
        .messages()
        .run(params())
        .tools(counted("delete", &count));
    let run = run.before_tool(|_| async { Decision::RunWith(Json::recover("{\"x\": ")) });
    let run = run.before_tool(|_| async { Decision::Defer });
    let state = stored(&waiting(run.await.unwrap()));
    let input = state.calls().next().unwrap().input().clone();
    let invalid = input.invalid().unwrap();
    assert_eq!(invalid.text, "{\"x\": ");
    assert!(invalid.reason.starts_with("EOF"));
    assert_eq!(count.load(Ordering::SeqCst), 0);

    // A string is JSON, and no input.
    let text = Json::from(json!("{\"x\": "));
    let (_simulator, client) = super::simulator([Reply::tool_use("delete", json!({"x": 1}))]).await;
    let run = client.messages().run(params());
    let run = run.tools(counted("delete", &count).needs_approval());
    let given = text.clone();
    let run = run.before_tool(move |_| {
        let given = given.clone();
        async { Decision::RunWith(given) }
    });
    let run = run.before_tool(|_| async { Decision::Defer });
    let state = stored(&waiting(run.await.unwrap()));
    let input = state.calls().next().unwrap().input();
    assert_eq!(input, &text);
    assert!(input.invalid().is_none());
}

async fn a_state_has_an_id_of_its_own_and_no_conversation_in_its_debug_form() {
    let mut ids = Vec::new();
    for _ in 0..2 {
        let (_simulator, client) = simulator([call("delete")]).await;
        let run = client.messages().run(params().system("A secret."));
        let state = waiting(run.tools(later("delete").needs_approval()).await.unwrap());
        let text = format!("{state:?}");
        let begin = format!(
            "Waiting {{ id: {:?}, version: 1, calls: [ToolCall {{",
            state.id()
        );
        assert!(text.starts_with(&begin), "{text}");
        assert!(!text.contains("secret"), "{text}");
        let stored = serde_json::to_value(&state).unwrap();
        assert_eq!(stored["id"], state.id());
        ids.push(state.id().to_owned());
    }
    assert!(ids[0].len() > 8, "{ids:?}");
    assert_ne!(ids[0], ids[1]);
}

async fn calls_of_tools_that_the_caller_runs_elsewhere_wait() {
    let computer = json!({
        "type": "tool_use", "name": "screenshot", "toolset_name": "computer", "input": {},
    });
    for (reply, pushed) in [
        (Reply::tool_use("bash", json!({"command": "ls"})), false),
        (Reply::tool_use("bash", json!({"command": "ls"})), true),
        (
            Reply::new().with_block(computer).stop_reason("tool_use"),
            true,
        ),
    ] {
        let (_simulator, client) = simulator([reply]).await;
        let beside = if pushed {
            params()
        } else {
            params().tools([ToolBash20250124::new()])
        };
        let run = client.beta().messages().run(beside).tools(echo());
        let run = run.before_turn(move |turn| {
            if pushed {
                let tools = turn.params_mut().tools.get_or_insert_default();
                tools.push(ToolBash20250124::new().into());
                tools.push(ComputerToolset20260801::new().into());
            }
        });
        let state = stored(&waiting(run.await.unwrap()));
        assert_eq!(state.calls().count(), 1);
        // They are among the tools of the run that goes on, and the run's own are not there twice.
        let run = client.beta().messages().resume(state, []).tools(echo());
        assert_eq!(waiting(run.await.unwrap()).version(), 2);
    }
}

async fn tools_that_came_and_went_have_done_so_after_a_resume() {
    let replies = [
        call("echo"),
        call("later"),
        call("echo"),
        call("later"),
        Reply::text("Done."),
    ];
    let (simulator, client) = simulator(replies).await;
    let run = client.beta().messages().run(params()).tools(echo());
    let run = run.before_turn(|turn| {
        if turn.number() == 2 {
            turn.add_tools(later("later").needs_approval());
            turn.remove_tool("echo");
        }
    });
    let state = stored(&waiting(run.await.unwrap()));
    let approval = state.calls().next().unwrap().approve();
    let run = client.beta().messages().resume(state, [approval]);
    let run = run.tools(Tools::from(echo()).with(later("later")));
    run.await.unwrap().text().unwrap();
    let requests = simulator.requests();
    assert_eq!(requests.len(), 5);
    for request in &requests[1..] {
        assert_eq!(request.json()["tools"], requests[0].json()["tools"]);
        let betas = request.header("anthropic-beta").unwrap();
        assert!(betas.contains("inline-tools-2026-09-15"), "{betas}");
    }
    assert_eq!(results(&simulator, 2)[0], ("later".to_owned(), false));
    let (text, is_error) = results(&simulator, 3).remove(0);
    assert!(
        is_error && text.contains("there is no tool `echo`"),
        "{text}"
    );
    assert_eq!(results(&simulator, 4)[0], ("later".to_owned(), false));
}

/// What a hook asks for while the model's turn is paused takes place afterwards, also where the run
/// has waited in between.
async fn what_a_hook_asked_for_in_a_paused_turn_is_in_the_state() {
    for compacts in [false, true] {
        let replies = [
            Reply::text("Let me search.")
                .with_web_search("rivers", [("Rhine", "https://example.com/rhine")])
                .pause_turn(),
            call("delete"),
            if compacts {
                Reply::compaction("So far.")
            } else {
                call("later")
            },
            Reply::text("Done."),
        ];
        let (simulator, client) = simulator(replies).await;
        let count = Arc::new(AtomicUsize::new(0));
        let delete = || counted("delete", &count).needs_approval();
        let run = client.beta().messages().run(params());
        let run = run.tools((delete(), echo()));
        let run = run.before_turn(move |turn| {
            if turn.number() == 2 && compacts {
                turn.compact(CompactionConfig::new());
            } else if turn.number() == 2 {
                turn.add_tools(later("later"));
                turn.remove_tool("echo");
            }
        });
        let state = stored(&waiting(run.await.unwrap()));
        assert_eq!(simulator.requests().len(), 2);
        // A try that can't begin has all of it, too.
        let run = client.beta().messages().resume(state.clone(), []);
        let error = run.tools([delete(), delete()]).await.unwrap_err();
        let kept = error.partial::<Waiting>().unwrap();
        let [kept, whole] = [kept, &state].map(|state| serde_json::to_value(state).unwrap());
        assert_eq!(kept, whole);

        let approval = state.calls().next().unwrap().approve();
        let run = client.beta().messages().resume(state, [approval]);
        let run = run.tools((delete(), echo()));
        let run = if compacts {
            run
        } else {
            run.tools(later("later"))
        };
        assert_eq!(run.await.unwrap().text().unwrap(), "Done.");
        let requests = simulator.requests();
        let next = requests[2].json();
        assert_eq!(next["tools"], requests[0].json()["tools"]);
        if compacts {
            assert!(next.get("compaction").is_some(), "{next}");
            continue;
        }
        let brought = next["messages"].as_array().unwrap().last().unwrap();
        let kinds: Vec<_> = brought["content"].as_array().unwrap().iter().collect();
        assert_eq!(kinds[0]["type"], "tool_addition");
        assert_eq!(kinds[0]["tool"]["definition"]["name"], "later");
        assert_eq!(kinds[1]["type"], "tool_removal");
        assert_eq!(results(&simulator, 3), [("later".to_owned(), false)]);
    }
}

/// The code of a tool that came during the run is not there when the run goes on: its definition
/// is, so its calls are for somebody else.
async fn calls_of_a_tool_that_came_and_has_no_code_any_more_wait() {
    let replies = [
        Reply::text("Let me search.")
            .with_web_search("rivers", [("Rhine", "https://example.com/rhine")])
            .pause_turn(),
        call("delete"),
        call("later"),
        call("later"),
        Reply::text("Done."),
    ];
    let (simulator, client) = simulator(replies).await;
    let count = Arc::new(AtomicUsize::new(0));
    let delete = || counted("delete", &count).needs_approval();
    let run = client.beta().messages().run(params()).tools(delete());
    let run = run.before_turn(|turn| {
        if turn.number() == 2 {
            turn.add_tools(later("later"));
        }
    });
    let mut state = stored(&waiting(run.await.unwrap()));
    let mut decision = Decision::Run;
    // It comes after the first resume, and has come before the second.
    for number in [2, 3] {
        let approval = state.calls().next().unwrap().decide(decision);
        let run = client.beta().messages().resume(state, [approval]);
        state = stored(&waiting(run.tools(delete()).await.unwrap()));
        let sent = simulator.requests()[number].json().to_string();
        assert!(sent.contains("tool_addition"), "{sent}");
        let names: Vec<_> = state.calls().map(|call| call.name().to_owned()).collect();
        assert_eq!(names, ["later"]);
        decision = Decision::answer("by hand");
    }
    let approval = state.calls().next().unwrap().decide(decision);
    let run = client.beta().messages().resume(state, [approval]);
    assert_eq!(run.tools(delete()).await.unwrap().text().unwrap(), "Done.");
    assert_eq!(results(&simulator, 4), [("by hand".to_owned(), false)]);
}

/// Nobody need decide about a call of a tool that is no longer on offer.
async fn a_call_of_a_tool_that_was_withdrawn_does_not_wait() {
    let replies = [call("echo"), call("elsewhere"), Reply::text("Done.")];
    let (simulator, client) = simulator(replies).await;
    let beside = params().tools([define("elsewhere")]);
    let run = client.beta().messages().run(beside).tools(echo());
    let run = run.before_turn(|turn| {
        if turn.number() == 2 {
            turn.remove_tool("elsewhere");
        }
    });
    assert_eq!(run.await.unwrap().text().unwrap(), "Done.");
    let text = "there is no tool `elsewhere`; the tools are `echo`";
    assert_eq!(results(&simulator, 2), [(text.to_owned(), true)]);
}

/// A limit by input tokens counts the request before the wait.
async fn a_conversation_that_is_too_long_is_summed_up_after_a_resume() {
    let used = |reply: Reply| reply.field("usage", json!({"input_tokens": 9_000}));
    for (above, summed_up) in [(8_000, true), (10_000, false)] {
        let replies = [used(call("delete")), Reply::compaction("So far.")];
        let replies = replies.into_iter().take(1 + usize::from(summed_up));
        let replies: Vec<Reply> = replies.chain([Reply::text("Done.")]).collect();
        let (simulator, client) = simulator(replies).await;
        let count = Arc::new(AtomicUsize::new(0));
        let delete = || counted("delete", &count).needs_approval();
        let run = client.beta().messages().run(params()).tools(delete());
        let state = stored(&waiting(run.compact_above(above).await.unwrap()));
        let approval = state.calls().next().unwrap().approve();
        let run = client.beta().messages().resume(state, [approval]);
        let run = run.tools(delete()).compact_above(above);
        assert_eq!(run.await.unwrap().text().unwrap(), "Done.");
        let next = simulator.requests()[1].json();
        assert_eq!(next.get("compaction").is_some(), summed_up);
    }
}

async fn tools_that_are_added_are_checked() {
    for (name, expected) in [("no spaces", "is no name"), ("bash", "two tools")] {
        let (simulator, client) = simulator([call("echo")]).await;
        let beside = params().tools([ToolBash20250124::new()]);
        let run = client.beta().messages().run(beside).tools(echo());
        let run = run.before_turn(move |turn| {
            if turn.number() == 2 {
                turn.add_tools(later(name));
            }
        });
        let error = run.await.unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
        assert_eq!(simulator.requests().len(), 1);
    }
}

/// A tool that is gone may be withdrawn again, and one that never was may not.
async fn tools_that_are_withdrawn_were_there() {
    for name in ["echo", "bash", "later", "computer", "ecko"] {
        let (simulator, client) = simulator([call("echo"), call("echo"), call("echo")]).await;
        let beside: [ToolUnion; 2] = [
            ToolBash20250124::new().into(),
            ComputerToolset20260801::new().into(),
        ];
        let beside = params().tools(beside);
        let run = client.beta().messages().run(beside).tools(echo());
        let run = run.max_turns(3).before_turn(move |turn| {
            if turn.number() == 1 {
                turn.add_tools(later("later"));
                turn.add_tools(later("never"));
                turn.remove_tool("never");
            } else {
                turn.remove_tool(name);
                turn.remove_tool("never");
            }
        });
        let ended = run.await;
        let requests = simulator.requests();
        if name == "ecko" {
            let error = ended.unwrap_err().to_string();
            let names = "the tools are `echo`, `later`, `bash`, those of the toolset `computer`";
            assert!(error.contains("`ecko`") && error.contains(names), "{error}");
            assert_eq!(requests.len(), 1);
            continue;
        }
        assert!(matches!(ended.unwrap(), Outcome::Limit { .. }));
        assert_eq!(requests.len(), 3);
        let last = requests[2].json()["messages"].to_string();
        let counts = [
            "tool_removal",
            &format!("\"name\":\"{name}\",\"type\":\"tool_reference\""),
        ];
        let counts = counts.map(|text| last.matches(text).count());
        assert_eq!(counts, [2, 1], "{last}");
    }
}

async fn a_resume_that_can_not_begin_returns_the_state() {
    let (_simulator, client) = simulator([call("delete"), Reply::text("Done.")]).await;
    let count = Arc::new(AtomicUsize::new(0));
    let delete = || counted("delete", &count).needs_approval();
    let run = client.messages().run(params()).tools(delete());
    let state = waiting(run.await.unwrap());
    let call = state.calls().next().unwrap().clone();
    let other = call.clone().with_input(json!({"x": 3}));
    let tries: [(Vec<Approval>, Tools, &str); 5] = [
        (vec![other.approve()], delete().into(), "another input"),
        (
            vec![call.approve(), call.approve()],
            delete().into(),
            "two about it",
        ),
        (
            vec![call.approve()],
            echo().into(),
            "no code for the tool `delete`",
        ),
        (
            vec![call.decide(Decision::run_with(json!({"x": 4})))],
            Tools::new(),
            "no code for the tool `delete`",
        ),
        (
            vec![call.approve()],
            [delete(), delete()].into(),
            "two tools",
        ),
    ];
    for (approvals, tools, expected) in tries {
        let run = client.messages().resume(state.clone(), approvals);
        let error = run.tools(tools).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Request);
        assert!(error.to_string().contains(expected), "{error}");
        let kept = error.partial::<Waiting>().unwrap();
        assert_eq!((kept.id(), kept.version()), (state.id(), state.version()));
        let [one, other] = [kept, &state].map(|state| serde_json::to_value(state).unwrap());
        assert_eq!(one, other);
    }
    assert_eq!(count.load(Ordering::SeqCst), 0);
    let run = client.messages().resume(state, [call.approve()]);
    assert_eq!(run.tools(delete()).await.unwrap().text().unwrap(), "Done.");
}

#[test]
fn decisions_are_plain_data() {
    let call = anthropic::tools::ToolCall::new(anthropic::types::ToolUseBlock::new(
        "toolu_1",
        json!({"x": 1}),
        "delete",
    ));
    let decisions = [
        Decision::Run,
        Decision::run_with(json!({"x": 2})),
        Decision::answer("by hand"),
        Decision::answer(ToolOutput::empty()),
        Decision::answer(ToolOutput::from("no").into_error()),
        Decision::deny("no"),
        Decision::Defer,
        Decision::stop("never"),
    ];
    for decision in decisions {
        let approval = call.decide(decision);
        let text = serde_json::to_string(&approval).unwrap();
        let read: Approval = serde_json::from_str(&text).unwrap();
        assert_eq!(
            (read.call_id(), read.digest()),
            ("toolu_1", &*call.digest())
        );
        // Each has a form of its own, which says all of it.
        assert_eq!(format!("{read:?}"), format!("{approval:?}"));
    }
    let unknown = serde_json::from_str::<Decision>("{\"type\": \"maybe\"}").unwrap_err();
    assert!(unknown.to_string().contains("no decision `maybe`"));
    let partial = serde_json::from_str::<Decision>("{\"type\": \"deny\"}").unwrap_err();
    assert!(partial.to_string().contains("the decision has no `reason`"));
}

#[test]
fn a_digest_is_of_all_that_decides_what_runs() {
    let call = |family: Option<&str>, input: &str| {
        let input = Json::parse(input).unwrap();
        let mut block = anthropic::types::ToolUseBlock::new("toolu_1", input, "key");
        block.toolset_name = family.map(str::to_owned);
        anthropic::tools::ToolCall::new(block).digest()
    };
    let calls = [
        call(None, "{\"x\": 18446744073709551616}"),
        call(None, "{\"x\": 18446744073709551617}"),
        call(None, "{\"x\": 1}"),
        call(None, "{\"x\": 2, \"x\": 1}"),
        call(Some("browser"), "{\"x\": 1}"),
        call(Some("computer"), "{\"x\": 1}"),
    ];
    let digests: std::collections::HashSet<&String> = calls.iter().collect();
    assert_eq!(digests.len(), calls.len());
}

on_both_runtimes! {
    a_state_has_an_id_of_its_own_and_no_conversation_in_its_debug_form
    calls_of_a_tool_that_came_and_has_no_code_any_more_wait
    a_call_of_a_tool_that_was_withdrawn_does_not_wait
    the_input_that_a_hook_left_is_decided_about_and_runs
    an_input_that_is_no_json_keeps_its_reason_in_a_store
    calls_of_tools_that_the_caller_runs_elsewhere_wait
    tools_that_came_and_went_have_done_so_after_a_resume
    what_a_hook_asked_for_in_a_paused_turn_is_in_the_state
    a_conversation_that_is_too_long_is_summed_up_after_a_resume
    tools_that_are_added_are_checked
    tools_that_are_withdrawn_were_there
    a_resume_that_can_not_begin_returns_the_state
}
