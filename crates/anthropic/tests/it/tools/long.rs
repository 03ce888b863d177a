//! Long conversations in a run: summed up, edited, cached, held by the API.

use std::sync::atomic::{AtomicUsize, Ordering};

use anthropic::ErrorKind;
use anthropic::tools::{Approval, Decision, Outcome, RunEvent, Runner, ToolCall, Transcript};
use anthropic::transport::Body;
use anthropic::types::{
    CacheControlEphemeral, ClearToolUses20250919Edit, Compact20260112Edit, CompactionConfig,
    ContextEdit, ContextManagementConfig, StopReason, TextBlock,
};
use anthropic_sim::{Reply, Simulator};
use serde_json::{Value, json};

use super::control::{stored, waiting};
use super::{echo, on_both_runtimes, params, passes, results, simulator};
use crate::stream_support::{EVENT_STREAM, close, delta, end, open, sse, start, then_broken};
use crate::support::{self, Script};

fn call() -> Reply {
    Reply::tool_use("echo", json!({"x": 1}))
}

fn body(simulator: &Simulator, request: usize) -> Value {
    simulator.requests()[request].json()
}

fn betas(simulator: &Simulator, request: usize) -> String {
    let requests = simulator.requests();
    let header = requests[request].header("anthropic-beta");
    header.unwrap_or_default().to_owned()
}

/// Runs to the end, and returns whether the conversation was summed up on the way.
async fn run(mut run: Runner) -> anthropic::Result<(bool, Outcome)> {
    let mut compacted = false;
    loop {
        match run.try_next().await?.unwrap() {
            RunEvent::Compacted { .. } => compacted = true,
            RunEvent::Finished(outcome) => return Ok((compacted, *outcome)),
            _ => {}
        }
    }
}

async fn a_hook_sums_up_the_conversation_before_the_next_turn() {
    for streams in [false, true] {
        let replies = [
            call(),
            Reply::compaction("So far: one."),
            Reply::text("Done."),
        ];
        let (simulator, client) = simulator(replies).await;
        let asked = params().stop_sequences(["STOP".to_owned()]);
        let runner = client
            .beta()
            .messages()
            .run(asked)
            .tools(echo())
            .stream(streams);
        let runner = runner.before_turn(|turn| {
            if turn.number() == 2 {
                turn.compact(CompactionConfig::new().instructions("Briefly."));
            }
        });
        let (compacted, outcome) = run(runner).await.unwrap();
        assert!(compacted);
        assert_eq!(outcome.text().unwrap(), "Done.");
        assert_eq!(outcome.transcript().turns(), 2, "the summary is no turn");
        let summed_up = body(&simulator, 1);
        assert_eq!(
            summed_up["compaction"],
            json!({"type": "summarize", "instructions": "Briefly."})
        );
        assert_eq!(summed_up["messages"].as_array().unwrap().len(), 3);
        assert!(summed_up.get("stop_sequences").is_none());
        assert_eq!(summed_up.get("stream").is_some(), streams);
        assert!(summed_up.get("tools").is_some(), "the prompt stays cached");
        assert!(betas(&simulator, 1).contains("compact-2026-09-04"));
        let next = body(&simulator, 2);
        let messages = next["messages"].as_array().unwrap();
        assert_eq!(messages.len(), 1);
        assert_eq!(messages[0]["content"][0]["content"], "So far: one.");
        assert_eq!(next["stop_sequences"], json!(["STOP"]));
        let used = outcome.usage().output_tokens;
        assert!(used > outcome.message().unwrap().usage.output_tokens);
        passes(&client, outcome.into_transcript()).await;
    }
}

async fn without_a_summary_the_conversation_stays() {
    // Half of one would stand for a conversation that is gone.
    let half = Reply::compaction("Half of").field("stop_reason", json!("max_tokens"));
    let stopped = |reason| Reply::compaction("Half of").field("stop_reason", reason);
    for none in [
        Reply::text("No."),
        half,
        Reply::compaction(" "),
        stopped(json!("refusal")),
        stopped(json!("pause_turn")),
        stopped(json!(null)),
    ] {
        let (simulator, client) = simulator([call(), none, Reply::text("Done.")]).await;
        let runner = client.beta().messages().run(params()).tools(echo());
        let (compacted, outcome) = run(runner.compact_above(1)).await.unwrap();
        assert!(!compacted);
        assert_eq!(outcome.text().unwrap(), "Done.");
        assert_eq!(body(&simulator, 2)["messages"].as_array().unwrap().len(), 3);
    }
}

fn used(reply: Reply, tokens: u64) -> Reply {
    reply.field("usage", json!({"input_tokens": tokens}))
}

/// Which requests of a run with `compact_above(above)` and these replies are for a summary.
async fn summaries<const N: usize>(above: u64, replies: [Reply; N]) -> Vec<usize> {
    let (simulator, client) = simulator(replies).await;
    let runner = client.beta().messages().run(params()).tools(echo());
    let runner = runner.compact_above(above);
    assert_eq!(runner.await.unwrap().text().unwrap(), "Done.");
    let requests = simulator.requests();
    let requests = requests.iter().enumerate();
    requests
        .filter(|(_, request)| request.json().get("compaction").is_some())
        .map(|(at, _)| at)
        .collect()
}

/// Tools and a summary that are longer than the limit are not summed up before each turn.
async fn a_limit_below_what_a_summary_leaves_costs_no_summary_a_turn() {
    let summary = || Reply::compaction("So far.");
    let replies = [
        used(call(), 5_000),
        used(call(), 5_001),
        summary(),
        used(call(), 8_000),
        used(call(), 10_000),
        used(call(), 12_000),
        used(call(), 12_001),
        summary(),
        used(call(), 9_000),
        used(Reply::text("Done."), 9_001),
    ];
    assert_eq!(summaries(5_000, replies).await, [2, 7]);
}

/// Half as much again would be beyond what the model reads.
async fn after_a_long_summary_the_next_one_comes_within_the_window() {
    for (above, summary, last) in [
        (160_000, 150_000, 170_000),
        (180_000, 179_000, 199_000),
        (900_000, 880_000, 970_000),
    ] {
        let replies = [
            used(call(), above + 1),
            Reply::compaction("So far, at length."),
            used(call(), summary),
            used(call(), last),
            used(call(), last + 1),
            Reply::compaction("So far, at length."),
            used(Reply::text("Done."), summary),
        ];
        assert_eq!(summaries(above, replies).await, [1, 5], "{above}");
    }
}

/// The conversation that stays as it is may soon be too long for the model.
async fn a_summary_that_failed_is_tried_again_after_a_tenth_more() {
    let replies = [
        used(call(), 5_001),
        Reply::text("No."),
        used(call(), 5_400),
        used(call(), 5_502),
        Reply::text("No."),
        used(call(), 6_000),
        used(call(), 6_100),
        Reply::compaction("So far."),
        used(call(), 5_500),
        used(call(), 8_000),
        used(Reply::text("Done."), 8_250),
    ];
    assert_eq!(summaries(5_000, replies).await, [1, 4, 7]);
}

/// Half a summary is no part of a turn, and no event of the run's.
#[tokio::test]
async fn a_summary_that_breaks_off_is_no_message_of_the_conversation() {
    let tool = json!({"type": "tool_use", "id": "1", "name": "echo", "input": {"x": 1}});
    let [mut stops, end] = end();
    stops["delta"]["stop_reason"] = "tool_use".into();
    let turn = sse(&[start(), open(0, &tool), close(0), stops, end]);
    let half = json!({"type": "compaction_delta", "content": "Half of"});
    let block = json!({"type": "compaction", "content": null});
    let summary = sse(&[start(), open(0, &block), delta(0, &half)]);
    let replies = [Body::from(turn), then_broken(summary)];
    let replies = replies.map(|body| support::Reply::new(200, &[EVENT_STREAM], body));
    let script = Script::new(replies);
    let client = support::builder(&script).max_retries(0).build().unwrap();
    let runner = client.beta().messages().run(params()).tools(echo());
    let mut runner = runner.stream(true).compact_above(1);
    let mut events = 0;
    let error = loop {
        match runner.try_next().await {
            Ok(Some(RunEvent::Model(_))) => events += 1,
            Ok(event) => assert!(event.is_some()),
            Err(error) => break error,
        }
    };
    assert_eq!(events, 5, "those of the turn");
    assert_eq!(script.sent().len(), 2);
    let transcript = error.partial::<Transcript>().unwrap();
    assert!(transcript.partial_message().is_none());
    assert_eq!(transcript.messages().len(), 3);
}

async fn a_long_conversation_is_summed_up_by_itself_and_a_paused_turn_is_not() {
    let (simulator, client) = simulator([
        Reply::text("Let me search.")
            .with_web_search("rivers", [("Rhine", "https://example.com/rhine")])
            .pause_turn(),
        call(),
        Reply::compaction("So far."),
        Reply::text("Done."),
    ])
    .await;
    let runner = client.beta().messages().run(params()).tools(echo());
    let (compacted, outcome) = run(runner.compact_above(1)).await.unwrap();
    assert!(compacted);
    assert_eq!(outcome.text().unwrap(), "Done.");
    let summed_up: Vec<bool> = simulator
        .requests()
        .iter()
        .map(|request| request.json().get("compaction").is_some())
        .collect();
    assert_eq!(summed_up, [false, false, true, false]);
}

async fn two_ways_to_compact_are_refused() {
    let (_simulator, client) = simulator([call()]).await;
    let runner = client.beta().messages().run(params()).tools(echo());
    let runner = runner.context_edits([Compact20260112Edit::new()]);
    let error = runner.compact_above(1).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Request);
    assert!(error.partial::<Transcript>().is_some());
}

async fn context_edits_are_sent_with_their_betas() {
    let (simulator, client) = simulator([
        Reply::new()
            .with_tool_use("echo", json!({"x": 1}))
            .with_compaction("So far.")
            .stop_reason("compaction"),
        Reply::text("Done."),
    ])
    .await;
    let edits: [ContextEdit; 2] = [
        ClearToolUses20250919Edit::new().into(),
        Compact20260112Edit::new().into(),
    ];
    let runner = client.beta().messages().run(params()).tools(echo());
    let (compacted, outcome) = run(runner.context_edits(edits)).await.unwrap();
    assert!(compacted, "the API did it");
    assert_eq!(outcome.text().unwrap(), "Done.");
    for request in 0..2 {
        let edits = &body(&simulator, request)["context_management"]["edits"];
        assert_eq!(edits[0]["type"], "clear_tool_uses_20250919");
        let betas = betas(&simulator, request);
        assert!(betas.contains("context-management-2025-06-27"), "{betas}");
        assert!(betas.contains("compact-2026-01-12"), "{betas}");
    }
}

/// Whoever resumes a run gives it the same settings again, or relies on what the state has.
async fn context_edits_stay_what_they_are_after_a_resume() {
    for given_again in [false, true] {
        let replies = [call(), call(), Reply::text("Done.")];
        let (simulator, client) = simulator(replies).await;
        let edits = || {
            let edits: [ContextEdit; 2] = [
                ClearToolUses20250919Edit::new().into(),
                Compact20260112Edit::new().into(),
            ];
            edits
        };
        let runner = client.beta().messages().run(params());
        let runner = runner.tools(echo().needs_approval());
        let mut outcome = runner.context_edits(edits()).await.unwrap();
        for _ in 0..2 {
            let state = stored(&waiting(outcome));
            let approvals: Vec<Approval> = state.calls().map(ToolCall::approve).collect();
            let runner = client.beta().messages().resume(state, approvals);
            let mut runner = runner.tools(echo().needs_approval());
            if given_again {
                runner = runner.context_edits(edits());
            }
            outcome = runner.await.unwrap();
        }
        assert_eq!(outcome.text().unwrap(), "Done.");
        for request in 0..3 {
            let edits = &body(&simulator, request)["context_management"]["edits"];
            assert_eq!(edits.as_array().unwrap().len(), 2, "{edits}");
            let betas = betas(&simulator, request);
            assert!(betas.contains("context-management-2025-06-27"), "{betas}");
            assert!(betas.contains("compact-2026-01-12"), "{betas}");
        }
    }
}

/// However the edits came into the parameters, they are sent with their betas.
async fn context_edits_of_a_hook_are_sent_with_their_betas() {
    let (simulator, client) = simulator([call(), Reply::text("Done.")]).await;
    let runner = client.beta().messages().run(params()).tools(echo());
    let runner = runner.before_turn(|turn| {
        if turn.number() == 2 {
            let edits: Vec<ContextEdit> = vec![ClearToolUses20250919Edit::new().into()];
            let config = ContextManagementConfig::new().edits(edits);
            turn.params_mut().context_management = Some(config);
        }
    });
    runner.await.unwrap().text().unwrap();
    for (request, is_sent) in [(0, false), (1, true)] {
        let betas = betas(&simulator, request);
        let sent = betas.contains("context-management-2025-06-27");
        assert_eq!(sent, is_sent, "{betas}");
        assert!(!betas.contains("compact-2026-01-12"), "{betas}");
    }
}

/// A breakpoint of the caller's with the shorter lifetime.
async fn a_lifetime_that_the_api_does_not_take_is_not_sent() {
    let replies = [call(), call(), Reply::text("Done.")];
    let (simulator, client) = simulator(replies).await;
    let system = TextBlock::new("Be brief.").cache_control(CacheControlEphemeral::new());
    let runner = client.messages().run(params().system(vec![system]));
    let runner = runner.tools(echo());
    let runner = runner.cache_prompt(CacheControlEphemeral::new().ttl("1h"));
    runner.await.unwrap().text().unwrap();
    assert!(!body(&simulator, 2).to_string().contains("1h"));
}

async fn the_breakpoint_of_the_cache_moves() {
    for streams in [false, true] {
        let replies = (0..6).map(|_| call()).chain([Reply::text("Done.")]);
        let (simulator, client) = simulator(replies).await;
        let runner = client
            .messages()
            .run(params())
            .tools(echo())
            .stream(streams);
        let runner = runner.cache_prompt(CacheControlEphemeral::new());
        runner.await.unwrap().text().unwrap();
        for request in 0..7 {
            let messages = body(&simulator, request)["messages"].clone();
            let last = messages.as_array().unwrap().last().unwrap();
            let block = last["content"].as_array().unwrap().last().unwrap();
            assert_eq!(block["cache_control"], json!({"type": "ephemeral"}));
            let all = messages.to_string().matches("cache_control").count();
            assert_eq!(all, (request + 1).min(4));
        }
    }
}

/// Each request of a thread has a breakpoint of its own, however many turns there are.
async fn the_cache_is_kept_in_a_thread() {
    let replies = (0..6).map(|_| call()).chain([Reply::text("Done.")]);
    let (simulator, client) = simulator(replies).await;
    let runner = client.messages().run(params()).tools(echo()).thread(true);
    let runner = runner.cache_prompt(CacheControlEphemeral::new());
    runner.await.unwrap().text().unwrap();
    assert_eq!(simulator.requests().len(), 7, "none was sent twice");
    for request in 1..7 {
        let next = body(&simulator, request);
        assert_eq!(next["thread"]["type"], "continue");
        assert_eq!(next.to_string().matches("cache_control").count(), 1);
    }
}

fn lost(code: &str) -> Reply {
    Reply::error(404, "not_found_error", "lost").details(json!({"error_code": code}))
}

async fn a_thread_sends_only_what_is_new() {
    for streams in [false, true] {
        let (simulator, client) = simulator([call(), call(), Reply::text("Done.")]).await;
        let asked = params().system("Be brief.");
        let runner = client.beta().messages().run(asked).tools(echo());
        let outcome = runner.stream(streams).thread(true).await.unwrap();
        assert_eq!(outcome.text().unwrap(), "Done.");
        let first = body(&simulator, 0);
        assert_eq!(first["thread"], json!({"type": "create"}));
        for request in [1, 2] {
            let next = body(&simulator, request);
            assert_eq!(next["thread"]["type"], "continue");
            assert_eq!(next["messages"].as_array().unwrap().len(), 1, "{next}");
            assert!(next.get("tools").is_none() && next.get("system").is_none());
            assert!(betas(&simulator, request).contains("message-threads-2026-08-12"));
        }
        // The whole conversation is here, too.
        assert_eq!(outcome.transcript().messages().len(), 6);
        passes(&client, outcome.into_transcript()).await;
    }
}

async fn a_thread_that_is_lost_is_begun_again_once() {
    for streams in [false, true] {
        for code in ["thread_not_found", "thread_already_continued"] {
            let replies = [call(), lost(code), call(), Reply::text("Done.")];
            let (simulator, client) = simulator(replies).await;
            let runner = client.beta().messages().run(params()).tools(echo());
            let outcome = runner.stream(streams).thread(true).await.unwrap();
            assert_eq!(outcome.text().unwrap(), "Done.");
            let again = body(&simulator, 2);
            assert_eq!(again["thread"], json!({"type": "create"}), "{code}");
            assert_eq!(again["messages"].as_array().unwrap().len(), 3);
            assert!(again.get("tools").is_some());
            assert_eq!(body(&simulator, 3)["thread"]["type"], "continue");
            // One that is lost at once a second time is none.
            let replies = [call(), lost(code), call(), lost(code), Reply::text("Done.")];
            let (simulator, client) = self::simulator(replies).await;
            let runner = client.beta().messages().run(params()).tools(echo());
            let outcome = runner.stream(streams).thread(true).await.unwrap();
            assert_eq!(outcome.text().unwrap(), "Done.");
            let thread = body(&simulator, 4).get("thread").cloned();
            let expected = (code != "thread_not_found").then(|| json!({"type": "create"}));
            assert_eq!(thread, expected, "{code}");
        }
    }
}

async fn what_can_not_be_a_thread_goes_on_without_one() {
    let unsupported = Reply::error(400, "invalid_request_error", "no").details(
        json!({"error_code": "thread_unsupported_request", "unsupported": ["cache_control"]}),
    );
    let (simulator, client) = simulator([unsupported, call(), Reply::text("Done.")]).await;
    let runner = client.beta().messages().run(params()).tools(echo());
    let outcome = runner.thread(true).await.unwrap();
    assert_eq!(outcome.text().unwrap(), "Done.");
    for request in [1, 2] {
        assert!(body(&simulator, request).get("thread").is_none());
    }
    assert_eq!(results(&simulator, 2).len(), 1);
}

async fn a_hook_that_changes_what_was_sent_begins_a_new_thread() {
    for changes in [false, true] {
        let (simulator, client) = simulator([call(), Reply::text("Done.")]).await;
        let runner = client.beta().messages().run(params()).tools(echo());
        let runner = runner.thread(true).before_turn(move |turn| {
            let number = turn.number();
            let params = turn.params_mut();
            params.max_tokens = 77;
            if changes && number == 2 {
                params.messages[0] = anthropic::types::MessageParam::user("Begin.");
            }
        });
        let outcome = runner.await.unwrap();
        assert_eq!(
            outcome.message().unwrap().stop_reason,
            Some(StopReason::EndTurn)
        );
        let kind = if changes { "create" } else { "continue" };
        assert_eq!(body(&simulator, 1)["thread"]["type"], kind);
    }
}

/// The state of a run that waits has the place in the thread, unless its messages are others.
async fn a_run_that_waits_goes_on_in_its_thread() {
    for (edited, threaded, kind, sent) in [
        (false, true, json!("continue"), 1),
        (true, true, json!("create"), 5),
        (false, false, json!(null), 5),
    ] {
        let replies = [call(), call(), Reply::text("Done.")];
        let (simulator, client) = simulator(replies).await;
        let runner = client.beta().messages().run(params()).tools(echo());
        let calls = AtomicUsize::new(0);
        let runner = runner.thread(true).before_tool(move |_| {
            let is_first = calls.fetch_add(1, Ordering::SeqCst) == 0;
            async move {
                if is_first {
                    Decision::Run
                } else {
                    Decision::Defer
                }
            }
        });
        let mut state = stored(&waiting(runner.await.unwrap()));
        if edited {
            let mut json = serde_json::to_value(&state).unwrap();
            json["messages"][0] = json!({"role": "user", "content": "Something else."});
            state = serde_json::from_value(json).unwrap();
        }
        let approvals: Vec<Approval> = state.calls().map(ToolCall::approve).collect();
        let runner = client.beta().messages().resume(state, approvals);
        let outcome = runner.tools(echo()).thread(threaded).await.unwrap();
        assert_eq!(outcome.text().unwrap(), "Done.");
        let last = body(&simulator, 2);
        assert_eq!(last["thread"]["type"], kind, "{last}");
        assert_eq!(last["messages"].as_array().unwrap().len(), sent);
    }
}

on_both_runtimes! {
    a_run_that_waits_goes_on_in_its_thread
    a_hook_sums_up_the_conversation_before_the_next_turn
    without_a_summary_the_conversation_stays
    a_limit_below_what_a_summary_leaves_costs_no_summary_a_turn
    after_a_long_summary_the_next_one_comes_within_the_window
    a_summary_that_failed_is_tried_again_after_a_tenth_more
    a_long_conversation_is_summed_up_by_itself_and_a_paused_turn_is_not
    two_ways_to_compact_are_refused
    context_edits_are_sent_with_their_betas
    context_edits_stay_what_they_are_after_a_resume
    context_edits_of_a_hook_are_sent_with_their_betas
    a_lifetime_that_the_api_does_not_take_is_not_sent
    the_breakpoint_of_the_cache_moves
    the_cache_is_kept_in_a_thread
    a_thread_sends_only_what_is_new
    a_thread_that_is_lost_is_begun_again_once
    what_can_not_be_a_thread_goes_on_without_one
    a_hook_that_changes_what_was_sent_begins_a_new_thread
}
