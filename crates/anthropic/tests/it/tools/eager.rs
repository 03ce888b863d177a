//! Calls that start while their message still arrives.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anthropic::tools::{Decision, Outcome, RunEvent, Runner, ToolCall, tool_with};
use anthropic::types::Json;
use anthropic_sim::Reply;
use serde_json::json;

use super::control::{counted, waiting};
use super::{define, echo, on_both_runtimes, params, passes, results, simulator};

/// The names of a run's events that are not the model's, and the outcome.
async fn events(mut run: Runner) -> (Vec<String>, Outcome) {
    let mut names = Vec::new();
    loop {
        match run.try_next().await.unwrap().unwrap() {
            RunEvent::Model(_) => {}
            RunEvent::Finished(outcome) => return (names, *outcome),
            event => {
                let name = format!("{event:?}");
                names.push(name.split([' ', '{']).next().unwrap_or_default().to_owned());
            }
        }
    }
}

fn slowly(reply: Reply) -> Reply {
    reply.pace(Duration::from_millis(3))
}

async fn a_call_starts_when_the_model_goes_on_from_it() {
    let calls = Reply::new()
        .with_tool_use("echo", json!({"x": 1}))
        .with_text("And another one, of which there is more to tell.")
        .with_tool_use("echo", json!({"x": 2}));
    let (simulator, client) = simulator([slowly(calls), Reply::text("Done.")]).await;
    let run = client.messages().run(params()).tools(echo());
    let (names, outcome) = events(run.stream(true).eager_tools(true)).await;
    assert_eq!(
        names,
        [
            "ToolStarted",
            "ToolStarted",
            "TurnFinished",
            "ToolFinished",
            "ToolFinished",
            "TurnFinished"
        ]
    );
    let shown = [("1".to_owned(), false), ("2".to_owned(), false)];
    assert_eq!(results(&simulator, 1), shown);
    assert_eq!(outcome.transcript().calls(), 2);
    passes(&client, outcome.into_transcript()).await;
}

async fn a_call_that_is_not_to_run_does_not_start() {
    let call = || Reply::new().with_tool_use("count", json!({"x": 1}));
    let seam = json!({"type": "fallback", "from": {"model": "claude-opus-5-5"}, "to": {"model": "claude-opus-4-8"}});
    for (reply, ends_as) in [
        // The call is the last of a message that is cut off or refused.
        (call().stop_reason("max_tokens"), "Cut"),
        (call().stop_reason("refusal"), "Refusal"),
        // Another model went on from here.
        (
            call()
                .with_block(seam)
                .with_text("No.")
                .stop_reason("end_turn"),
            "Answer",
        ),
    ] {
        let count = Arc::new(AtomicUsize::new(0));
        let (_simulator, client) = simulator([slowly(reply)]).await;
        let run = client.beta().messages().run(params());
        let run = run
            .tools(counted("count", &count))
            .stream(true)
            .eager_tools(true);
        let (names, outcome) = events(run).await;
        assert!(format!("{outcome:?}").starts_with(ends_as), "{outcome:?}");
        assert!(!names.contains(&"ToolStarted".to_owned()), "{names:?}");
        assert_eq!(count.load(Ordering::SeqCst), 0, "{ends_as}");
        passes(&client, outcome.into_transcript()).await;
    }
}

async fn where_the_request_may_fall_back_nothing_starts_early() {
    let calls = Reply::new()
        .with_tool_use("echo", json!({"x": 1}))
        .with_text("Then.");
    let (simulator, client) =
        simulator([slowly(calls.stop_reason("tool_use")), Reply::text("Done.")]).await;
    let fallbacks = [anthropic::types::Fallback::new("claude-opus-4-8")];
    let run = client
        .beta()
        .messages()
        .run(params().fallbacks(fallbacks.to_vec()));
    let run = run.beta(anthropic::types::Beta::SERVER_SIDE_FALLBACK_2026_07_01);
    let (names, _) = events(run.tools(echo()).stream(true).eager_tools(true)).await;
    assert_eq!(names[..2], ["TurnFinished", "ToolStarted"]);
    assert_eq!(results(&simulator, 1), [("1".to_owned(), false)]);
}

/// Notes that it was dropped.
struct Dropped(Arc<AtomicUsize>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

async fn a_message_that_is_cut_off_keeps_what_is_done_and_cancels_the_rest() {
    let calls = Reply::new()
        .with_tool_use("echo", json!({"x": 1}))
        .with_tool_use("stuck", json!({"x": 2}))
        .with_tool_use("echo", json!({"x": 3}))
        .with_tool_use("echo", json!({"x": 4}))
        .stop_reason("max_tokens");
    let (simulator, client) = simulator([slowly(calls)]).await;
    let dropped = Arc::new(AtomicUsize::new(0));
    let drops = Arc::clone(&dropped);
    let stuck = tool_with(define("stuck"), move |_: Json, _| {
        let drops = Dropped(Arc::clone(&drops));
        async move {
            let _drops = drops;
            std::future::pending::<()>().await;
        }
    });
    let run = client.messages().run(params()).tools((echo(), stuck));
    let (names, outcome) = events(run.stream(true).eager_tools(true)).await;
    let (started, finished) = ("ToolStarted", "ToolFinished");
    assert_eq!(
        names,
        [
            started,
            started,
            started,
            "TurnFinished",
            finished,
            finished,
            finished
        ]
    );
    assert!(matches!(outcome, Outcome::Cut(_)), "{outcome:?}");
    assert_eq!(dropped.load(Ordering::SeqCst), 1, "nobody waits for it");
    passes(&client, outcome.into_transcript()).await;
    let sent = simulator.requests()[1].json();
    let results = &sent["messages"][2]["content"];
    let texts: Vec<_> = (0..4)
        .map(|at| results[at]["content"].as_str().unwrap())
        .collect();
    assert_eq!((texts[0], texts[2]), ("1", "3"));
    assert!(texts[1].contains("cancelled while it ran"), "{texts:?}");
    assert!(texts[3].contains("did not run"), "{texts:?}");
}

async fn decisions_are_taken_once_and_those_of_others_wait() {
    let calls = Reply::new()
        .with_tool_use("echo", json!({"x": 1}))
        .with_tool_use("ask", json!({"x": 2}))
        .with_tool_use("echo", json!({"x": "no"}))
        .with_tool_use("alone", json!({"x": 4}))
        .with_tool_use("echo", json!({"x": 5}));
    let (simulator, client) = simulator([slowly(calls), Reply::text("Done.")]).await;
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::new(AtomicUsize::new(0));
    let tools = || {
        (
            echo(),
            counted("ask", &count).needs_approval(),
            counted("alone", &count).sequential(),
        )
    };
    let run = client.messages().run(params()).tools(tools());
    let hooked = Arc::clone(&asked);
    let run = run.before_tool(move |_| {
        hooked.fetch_add(1, Ordering::SeqCst);
        async { Decision::Run }
    });
    let (names, outcome) = events(run.stream(true).eager_tools(true)).await;
    assert_eq!(asked.load(Ordering::SeqCst), 5);
    assert_eq!(
        names[..2],
        ["ToolStarted", "TurnFinished"],
        "the others wait"
    );
    let state = waiting(outcome);
    // The misfit did not run, and the one to be approved has not.
    assert_eq!(state.transcript().calls(), 3);
    let approvals: Vec<_> = state.calls().map(ToolCall::approve).collect();
    let run = client.messages().resume(state, approvals).tools(tools());
    run.await.unwrap().text().unwrap();
    let shown: Vec<String> = results(&simulator, 1)
        .into_iter()
        .map(|(text, _)| text)
        .collect();
    assert_eq!(
        (&*shown[0], &*shown[1], &*shown[3], &*shown[4]),
        ("1", "2", "4", "5")
    );
    assert!(shown[2].starts_with("the input does not fit"), "{shown:?}");
    assert_eq!(count.load(Ordering::SeqCst), 2);
}

on_both_runtimes! {
    a_call_starts_when_the_model_goes_on_from_it
    a_call_that_is_not_to_run_does_not_start
    where_the_request_may_fall_back_nothing_starts_early
    a_message_that_is_cut_off_keeps_what_is_done_and_cancels_the_rest
    decisions_are_taken_once_and_those_of_others_wait
}
