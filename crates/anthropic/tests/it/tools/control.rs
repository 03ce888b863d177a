//! Decisions about calls: by hooks, by confirmations, by somebody later.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anthropic::tools::{
    AfterTool, Approval, Decision, FunctionTool, Outcome, RunEvent, ToolOutput, Tools, Waiting,
    tool_with,
};
use anthropic::types::Json;
use anthropic::{Client, ErrorKind};
use anthropic_sim::{Reply, Simulator};
use serde_json::{Value, json};

use super::{Number, define, echo, on_both_runtimes, params, passes, results, simulator};

fn two_calls() -> Reply {
    Reply::text("Both.")
        .with_tool_use("echo", json!({"x": 1}))
        .with_tool_use("delete", json!({"x": 2}))
}

/// A tool that counts its calls.
pub(super) fn counted(name: &str, count: &Arc<AtomicUsize>) -> FunctionTool {
    let count = Arc::clone(count);
    tool_with(define(name), move |input: Number, _| {
        count.fetch_add(1, Ordering::SeqCst);
        async move { input.x }
    })
}

pub(super) fn waiting(outcome: Outcome) -> Waiting {
    match outcome {
        Outcome::Waiting(waiting) => *waiting,
        outcome => panic!("{outcome:?}"),
    }
}

/// The state as a store gives it back: other spacing, other order of keys.
pub(super) fn stored(waiting: &Waiting) -> Waiting {
    let value: Value = serde_json::to_value(waiting).unwrap();
    serde_json::from_str(&serde_json::to_string_pretty(&value).unwrap()).unwrap()
}

async fn hooks_decide_and_look_at_results() {
    let (simulator, client) = simulator([
        Reply::new()
            .with_tool_use("echo", json!({"x": 1}))
            .with_tool_use("echo", json!({"x": 2}))
            .with_tool_use("echo", json!({"x": 3})),
        Reply::text("Done."),
    ])
    .await;
    let run = client.messages().run(params()).tools(echo());
    let run = run.before_tool(|call| async move {
        match call.input().as_str() {
            "{\"x\":1}" => Decision::run_with(json!({"x": 10})),
            "{\"x\":2}" => Decision::answer("from the cache"),
            _ => Decision::Run,
        }
    });
    let run = run.after_tool(|_, output: ToolOutput| async move {
        match output.text().as_str() {
            "3" => AfterTool::Replace("three".into()),
            _ => AfterTool::Keep,
        }
    });
    run.await.unwrap().text().unwrap();
    let shown: Vec<String> = results(&simulator, 1)
        .into_iter()
        .map(|(text, _)| text)
        .collect();
    assert_eq!(shown, ["10", "from the cache", "three"]);
    // The conversation keeps the model's input.
    let body = simulator.requests()[1].json();
    assert_eq!(body["messages"][1]["content"][0]["input"], json!({"x": 1}));
}

async fn a_stop_ends_the_run_with_a_whole_conversation() {
    for after in [false, true] {
        let count = Arc::new(AtomicUsize::new(0));
        let (_simulator, client) = simulator([two_calls()]).await;
        let run = client.messages().run(params()).max_parallel(1);
        let run = run.tools((counted("echo", &count), counted("delete", &count)));
        let run = if after {
            run.after_tool(|_, _| async { AfterTool::Stop("enough".to_owned()) })
        } else {
            run.before_tool(|_| async { Decision::stop("enough") })
        };
        match run.await.unwrap() {
            Outcome::Stopped { reason, transcript } => {
                assert_eq!(reason, "enough");
                passes(&client, transcript).await;
            }
            outcome => panic!("{outcome:?}"),
        }
        assert_eq!(count.load(Ordering::SeqCst), usize::from(after));
    }
}

async fn a_confirmation_is_asked() {
    for allowed in [false, true] {
        let (simulator, client) = simulator([two_calls(), Reply::text("Done.")]).await;
        let count = Arc::new(AtomicUsize::new(0));
        let delete = counted("delete", &count).confirm(move |_| async move { allowed });
        client
            .messages()
            .run(params())
            .tools((echo(), delete))
            .await
            .unwrap()
            .text()
            .unwrap();
        assert_eq!(count.load(Ordering::SeqCst), usize::from(allowed));
        assert_eq!(results(&simulator, 1)[1].1, !allowed);
    }
}

/// The client and the simulator of a run that waits for `delete`, and how often each tool ran.
async fn deferred(replies: Vec<Reply>) -> (Simulator, Client, Waiting, [Arc<AtomicUsize>; 2]) {
    let (simulator, client) = simulator(replies).await;
    let counts = [Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0))];
    let run = client.messages().run(params()).tools(tools(&counts));
    let waiting = waiting(run.await.unwrap());
    (simulator, client, waiting, counts)
}

fn tools(counts: &[Arc<AtomicUsize>; 2]) -> [FunctionTool; 2] {
    [
        counted("echo", &counts[0]),
        counted("delete", &counts[1]).needs_approval(),
    ]
}

fn ran(counts: &[Arc<AtomicUsize>; 2]) -> (usize, usize) {
    (
        counts[0].load(Ordering::SeqCst),
        counts[1].load(Ordering::SeqCst),
    )
}

async fn a_run_that_waits_is_stored_and_goes_on() {
    let (simulator, client, state, counts) =
        deferred(vec![two_calls(), Reply::text("Done.")]).await;
    // What needs no approval has run, and does not run again.
    assert_eq!(ran(&counts), (1, 0));
    assert_eq!(state.version(), 1);
    let state = stored(&state);
    let calls: Vec<_> = state.calls().cloned().collect();
    assert_eq!(calls.len(), 1);
    assert_eq!(
        (calls[0].name(), calls[0].input()),
        ("delete", &Json::from(json!({"x": 2})))
    );
    let approval = calls[0].approve();
    let outcome = client
        .messages()
        .resume(state, [approval])
        .tools(tools(&counts))
        .await
        .unwrap();
    assert_eq!(outcome.text().unwrap(), "Done.");
    assert_eq!(ran(&counts), (1, 1));
    assert_eq!(
        results(&simulator, 1),
        [("1".to_owned(), false), ("2".to_owned(), false)]
    );
    let transcript = outcome.into_transcript();
    assert_eq!((transcript.turns(), transcript.calls()), (2, 2));
    assert_eq!(simulator.requests().len(), 2);
    passes(&client, transcript).await;
}

async fn every_decision_about_a_call_that_waits() {
    let declined = "the call was declined; the tool did not run";
    let decisions: [(Decision, &str, bool, usize); 5] = [
        (Decision::deny(" "), declined, true, 0),
        (Decision::Run, "2", false, 1),
        (Decision::run_with(json!({"x": 20})), "20", false, 1),
        (Decision::deny("no"), "no", true, 0),
        (Decision::answer("done by hand"), "done by hand", false, 0),
    ];
    for (decision, text, is_error, deleted) in decisions {
        let (simulator, client, state, counts) =
            deferred(vec![two_calls(), Reply::text("Done.")]).await;
        let call = state.calls().next().unwrap().clone();
        let run = client.messages().resume(state, [call.decide(decision)]);
        run.tools(tools(&counts)).await.unwrap().text().unwrap();
        assert_eq!(ran(&counts), (1, deleted));
        assert_eq!(results(&simulator, 1)[1], (text.to_owned(), is_error));
    }
    let (_simulator, client, state, counts) = deferred(vec![two_calls()]).await;
    let call = state.calls().next().unwrap().clone();
    let run = client
        .messages()
        .resume(state, [call.decide(Decision::stop("never"))]);
    let outcome = run.tools(tools(&counts)).await.unwrap();
    assert!(matches!(outcome, Outcome::Stopped { .. }));
    passes(&client, outcome.into_transcript()).await;
}

async fn a_state_without_decisions_waits_on_and_its_version_rises() {
    let (simulator, client, state, counts) = deferred(vec![two_calls()]).await;
    let id = state.id().to_owned();
    let again = client
        .messages()
        .resume(stored(&state), [])
        .tools(tools(&counts))
        .await;
    let again = waiting(again.unwrap());
    assert_eq!((again.id(), again.version()), (id.as_str(), 2));
    assert_eq!(again.calls().count(), 1);
    assert_eq!(ran(&counts), (1, 0));
    assert_eq!(simulator.requests().len(), 1);
    // Given up, it is a conversation like any other.
    passes(&client, again.into_transcript()).await;
}

async fn decisions_about_other_calls_or_inputs_are_refused() {
    let (simulator, client, state, counts) = deferred(vec![two_calls()]).await;
    let call = state.calls().next().unwrap().clone();
    let other = call.clone().with_input(json!({"x": 3}));
    assert_ne!(call.digest(), other.digest());
    let same = call
        .clone()
        .with_input(Json::parse("{ \"x\" : 2 }").unwrap());
    assert_eq!(call.digest(), same.digest());
    for approvals in [
        vec![other.approve()],
        vec![Approval::new("toolu_other", call.digest(), Decision::Run)],
        vec![call.approve(), call.approve()],
    ] {
        let run = client
            .messages()
            .resume(state.clone(), approvals)
            .tools(tools(&counts));
        let error = run.await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Request, "{error}");
    }
    assert_eq!(ran(&counts), (1, 0));
    assert_eq!(simulator.requests().len(), 1);
}

async fn a_state_that_is_none_is_refused() {
    let (_simulator, _client, state, _counts) = deferred(vec![two_calls()]).await;
    let whole = serde_json::to_value(&state).unwrap();
    for name in whole.as_object().unwrap().keys() {
        let mut part = whole.clone();
        part.as_object_mut().unwrap().remove(name);
        let error = serde_json::from_value::<Waiting>(part).unwrap_err();
        assert!(
            error.to_string().contains(&format!("no `{name}`")),
            "{error}"
        );
    }
    let mut other = whole.clone();
    other["format"] = json!(2);
    assert!(
        serde_json::from_value::<Waiting>(other)
            .unwrap_err()
            .to_string()
            .contains("form 2")
    );
    let mut other = whole;
    other["results"] = json!([]);
    assert!(serde_json::from_value::<Waiting>(other).is_err());
}

async fn a_call_without_code_here_waits() {
    let (_simulator, client) = simulator([
        Reply::tool_use("elsewhere", json!({"x": 1})),
        Reply::text("Done."),
    ])
    .await;
    let beside = params().tools([define("elsewhere")]);
    let state = waiting(client.messages().run(beside).tools(echo()).await.unwrap());
    let call = state.calls().next().unwrap().clone();
    let answer = call.decide(Decision::answer("12 °C"));
    let outcome = client
        .messages()
        .resume(stored(&state), [answer])
        .tools(echo())
        .await
        .unwrap();
    assert_eq!(outcome.text().unwrap(), "Done.");
}

async fn events_name_what_is_denied_and_deferred() {
    let (_simulator, client) = simulator([two_calls()]).await;
    let mut run = client
        .messages()
        .run(params())
        .tools((echo(), define_delete()))
        .before_tool(|call| async move {
            if call.name() == "echo" {
                Decision::deny("no")
            } else {
                Decision::Defer
            }
        });
    let mut seen = Vec::new();
    while let Some(event) = run.try_next().await.unwrap() {
        match event {
            RunEvent::ToolDenied { call, reason } => seen.push(format!("{} {reason}", call.name())),
            RunEvent::ToolDeferred { call } => seen.push(call.name().to_owned()),
            _ => {}
        }
    }
    assert_eq!(seen, ["echo no", "delete"]);
}

/// A reason counts as a result does, and one without words is said in ours.
async fn a_reason_is_said_and_capped() {
    let declined = "the call was declined; the tool did not run";
    let long = "x".repeat(200);
    let cut = format!(
        "{}\n[100 bytes of this result were left out]",
        "x".repeat(100)
    );
    for (reason, event, seen) in [("", declined, declined), (&*long, &*long, &*cut)] {
        let call = Reply::tool_use("echo", json!({"x": 1}));
        let (simulator, client) = simulator([call, Reply::text("Done.")]).await;
        let given = reason.to_owned();
        let run = client.messages().run(params()).tools(echo());
        let mut run = run.max_result_bytes(100).before_tool(move |_| {
            let given = given.clone();
            async move { Decision::deny(given) }
        });
        let mut reasons = Vec::new();
        while let Some(next) = run.try_next().await.unwrap() {
            if let RunEvent::ToolDenied { reason, .. } = next {
                reasons.push(reason);
            }
        }
        assert_eq!(reasons, [event]);
        assert_eq!(results(&simulator, 1), [(seen.to_owned(), true)]);
    }
}

/// The names that the model sees are all that it is offered, whoever runs them.
async fn an_unknown_tool_is_answered_with_all_that_are_on_offer() {
    let call = Reply::tool_use("eccho", json!({"x": 1}));
    let (simulator, client) = simulator([call, Reply::text("Done.")]).await;
    let run = client.messages().run(params().tools([define("delete")]));
    run.tools(echo()).await.unwrap().text().unwrap();
    let (text, _) = results(&simulator, 1).remove(0);
    assert_eq!(
        text,
        "there is no tool `eccho`; the tools are `echo`, `delete`"
    );
}

/// Servers have hundreds of tools, whose names would be most of a prompt.
async fn of_many_tools_those_are_named_that_may_be_meant() {
    let call = Reply::tool_use("lookUp42", json!({"x": 1}));
    let (simulator, client) = simulator([call, Reply::text("Done.")]).await;
    let tools = (0..100).map(|number| {
        let name = format!("look_up_{number}");
        tool_with(define(&name), |_: Json, _| async {})
    });
    let run = client
        .messages()
        .run(params())
        .tools(tools.collect::<Tools>());
    run.await.unwrap().text().unwrap();
    let (text, _) = results(&simulator, 1).remove(0);
    let begin =
        "there is no tool `lookUp42`; the tools are `look_up_42`, `look_up_2`, `look_up_4`, ";
    assert!(text.starts_with(begin), "{text}");
    assert!(text.ends_with(" and 60 others"), "{text}");
    assert_eq!(text.matches("`look_up_").count(), 40);
}

/// Tools of the API have no such names, and it takes none back.
async fn a_name_that_no_tool_may_have_is_mended_in_the_conversation() {
    let long = "n".repeat(500);
    for (name, sent) in [
        ("get weather", "get_weather"),
        ("", "unknown"),
        ("wäh\n", "w_h_"),
        (&long, &long[..128]),
    ] {
        let calls = Reply::tool_use(name, json!({"x": 1}));
        let (simulator, client) = simulator([calls, Reply::text("Done.")]).await;
        let run = client.messages().run(params()).tools(echo());
        let outcome = run.await.unwrap();
        assert_eq!(outcome.text().unwrap(), "Done.");
        let (text, is_error) = results(&simulator, 1).remove(0);
        assert!(is_error && text.contains("there is no tool"), "{text}");
        let body = simulator.requests()[1].json();
        assert_eq!(body["messages"][1]["content"][0]["name"], sent);
    }
}

fn define_delete() -> FunctionTool {
    tool_with(define("delete"), |_: Json, _| async {})
}

async fn a_turn_can_be_changed_and_stopped() {
    let calls = || Reply::tool_use("echo", json!({"x": 1}));
    let (simulator, client) = simulator([calls(), calls(), calls()]).await;
    let run = client
        .messages()
        .run(params())
        .tools(echo())
        .before_turn(|turn| match turn.number() {
            2 => turn.params_mut().max_tokens = 77,
            3 => turn.stop("two are enough"),
            _ => {}
        });
    let outcome = run.await.unwrap();
    assert!(matches!(&outcome, Outcome::Stopped { reason, .. } if reason == "two are enough"));
    let asked: Vec<Value> = simulator
        .requests()
        .iter()
        .map(|it| it.json()["max_tokens"].clone())
        .collect();
    assert_eq!(asked, [1024, 77]);
    passes(&client, outcome.into_transcript()).await;
}

async fn tools_come_and_go_behind_the_cached_prompt() {
    let calls = |name: &str| Reply::tool_use(name, json!({"x": 1}));
    let (simulator, client) = simulator([
        calls("echo"),
        calls("later"),
        calls("echo"),
        Reply::text("Done."),
    ])
    .await;
    let run = client
        .beta()
        .messages()
        .run(params())
        .tools(echo())
        .before_turn(|turn| {
            if turn.number() == 2 {
                turn.add_tools(tool_with(define("later"), |_: Json, _| async { "later" }));
                turn.remove_tool("echo");
            }
        });
    run.await.unwrap().text().unwrap();
    let requests = simulator.requests();
    let first = requests[0].json()["tools"].clone();
    assert!(
        requests
            .iter()
            .all(|request| request.json()["tools"] == first)
    );
    let change = &requests[1].json()["messages"][3];
    assert_eq!(change["role"], "system");
    assert_eq!(change["content"][0]["tool"]["definition"]["name"], "later");
    assert_eq!(change["content"][1]["type"], "tool_removal");
    assert!(
        requests[1]
            .header("anthropic-beta")
            .unwrap()
            .contains("inline-tools-2026-09-15")
    );
    assert_eq!(results(&simulator, 2)[0], ("later".to_owned(), false));
    assert!(
        results(&simulator, 3)[0]
            .0
            .contains("there is no tool `echo`")
    );
}

on_both_runtimes! {
    hooks_decide_and_look_at_results
    a_stop_ends_the_run_with_a_whole_conversation
    a_confirmation_is_asked
    a_run_that_waits_is_stored_and_goes_on
    every_decision_about_a_call_that_waits
    a_state_without_decisions_waits_on_and_its_version_rises
    decisions_about_other_calls_or_inputs_are_refused
    a_state_that_is_none_is_refused
    a_call_without_code_here_waits
    events_name_what_is_denied_and_deferred
    a_reason_is_said_and_capped
    an_unknown_tool_is_answered_with_all_that_are_on_offer
    of_many_tools_those_are_named_that_may_be_meant
    a_name_that_no_tool_may_have_is_mended_in_the_conversation
    a_turn_can_be_changed_and_stopped
    tools_come_and_go_behind_the_cached_prompt
}
