//! What a run does beside the table: order, parallel calls, events, errors, options.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anthropic::tools::{
    FunctionTool, Limit, NoInput, Outcome, RunEvent, Tools, ToolsFault, Transcript, tool_fn,
    tool_with,
};
use anthropic::types::{
    Beta, ClearThinking20251015Edit, ClearToolUses20250919Edit, ContextEdit,
    ContextManagementConfig, Json, MessageParam, StopReason,
};
use anthropic::{ErrorKind, RequestOptions, middleware_fn};
use anthropic_sim::Reply;
use serde_json::{Value, json};
use tokio::sync::Barrier;

use super::{
    Number, define, echo, on_both_runtimes, params, passes, results, searching, simulator,
    transcript,
};
use crate::support::{self, Script};

#[expect(
    clippy::disallowed_methods,
    reason = "what a tool does is not the client's"
)]
async fn pause(duration: Duration) {
    tokio::time::sleep(duration).await;
}

fn calls(count: i64) -> Reply {
    (0..count).fold(Reply::new(), |reply, x| {
        reply.with_tool_use("echo", json!({"x": x}))
    })
}

async fn calls_run_at_the_same_time_and_results_keep_their_order() {
    let (simulator, client) = simulator([calls(4), Reply::text("Done.")]).await;
    // None is done before all four have begun, and the last is done first.
    let barrier = Arc::new(Barrier::new(4));
    let tool = tool_with(define("echo"), move |input: Number, _| {
        let barrier = Arc::clone(&barrier);
        async move {
            barrier.wait().await;
            pause(Duration::from_millis(5 * (4 - input.x.unsigned_abs()))).await;
            input.x
        }
    });
    let outcome = client.messages().run(params()).tools(tool).await.unwrap();
    assert_eq!(outcome.text().unwrap(), "Done.");
    let shown: Vec<String> = results(&simulator, 1)
        .into_iter()
        .map(|(text, _)| text)
        .collect();
    assert_eq!(shown, ["0", "1", "2", "3"]);
    assert_eq!(outcome.transcript().calls(), 4);
    assert!(outcome.usage().output_tokens > 0);
}

/// Counts how many of its calls run at a time, and remembers the most.
fn counting(most: &Arc<AtomicUsize>) -> FunctionTool {
    let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::clone(most));
    tool_with(define("echo"), move |_: Json, _| {
        let (running, most) = (Arc::clone(&running), Arc::clone(&most));
        async move {
            most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            pause(Duration::from_millis(5)).await;
            running.fetch_sub(1, Ordering::SeqCst);
        }
    })
}

async fn the_number_of_calls_at_a_time_is_bounded() {
    for (parallel, sequential, expected) in [(3, false, 3), (8, true, 1), (0, false, 1)] {
        let (_simulator, client) = simulator([calls(7), Reply::text("Done.")]).await;
        let most = Arc::new(AtomicUsize::new(0));
        let tool = counting(&most);
        let tool = if sequential { tool.sequential() } else { tool };
        let run = client
            .messages()
            .run(params())
            .tools(tool)
            .max_parallel(parallel);
        run.await.unwrap().text().unwrap();
        assert_eq!(most.load(Ordering::SeqCst), expected);
    }
}

async fn the_events_of_a_run_come_in_order() {
    for streams in [false, true] {
        let (_simulator, client) = simulator([calls(1), Reply::text("Done.")]).await;
        let mut run = client
            .messages()
            .run(params())
            .tools(echo())
            .stream(streams);
        let (mut seen, mut model) = (Vec::new(), 0);
        while let Some(event) = run.try_next().await.unwrap() {
            seen.push(match event {
                RunEvent::Model(_) => {
                    model += 1;
                    continue;
                }
                RunEvent::TurnFinished { turn, message } => {
                    format!("turn {turn} {}", message.stop_reason_str())
                }
                RunEvent::ToolStarted { call } => format!("started {}", call.input()),
                RunEvent::ToolFinished { output, error, .. } => {
                    format!("finished {} {error:?}", output.text())
                }
                RunEvent::Finished(outcome) => outcome.text().unwrap(),
                other => format!("{other:?}"),
            });
        }
        let expected = [
            "turn 1 tool_use",
            "started {\"x\":0}",
            "finished 0 None",
            "turn 2 end_turn",
            "Done.",
        ];
        assert_eq!(seen, expected);
        assert_eq!(model > 0, streams);
        assert_eq!(run.transcript().turns(), 2);
        assert!(run.next().await.is_none());
    }
}

async fn a_run_that_was_read_can_be_awaited() {
    let (_simulator, client) = simulator([calls(2), Reply::text("Done.")]).await;
    let mut run = client.messages().run(params()).tools(echo()).stream(true);
    run.next().await.unwrap().unwrap();
    assert_eq!(run.await.unwrap().text().unwrap(), "Done.");
}

async fn a_reader_slower_than_the_time_limit_gets_every_event() {
    let (_simulator, client) =
        simulator([calls(2), calls(2), calls(2), Reply::text("Done.")]).await;
    let run = client.messages().run(params()).tools(echo());
    let mut run = run.time_limit(Duration::from_millis(60));
    let (mut started, mut ended) = (0, None);
    while let Some(event) = run.try_next().await.unwrap() {
        pause(Duration::from_millis(25)).await;
        match event {
            RunEvent::ToolStarted { .. } => started += 1,
            RunEvent::Finished(outcome) => ended = Some(*outcome),
            _ => {}
        }
    }
    let outcome = ended.unwrap();
    assert!(
        matches!(
            outcome,
            Outcome::Limit {
                limit: Limit::Time,
                ..
            }
        ),
        "{outcome:?}"
    );
    assert_eq!(outcome.transcript().calls(), started);
    assert!(run.next().await.is_none());
    passes(&client, outcome.into_transcript()).await;
}

async fn an_error_has_the_conversation_so_far() {
    let overloaded = Reply::error(529, "overloaded_error", "Overloaded");
    for streams in [false, true] {
        let (_simulator, client) = simulator([calls(2), overloaded.clone()]).await;
        let run = client
            .messages()
            .run(params())
            .tools(echo())
            .stream(streams);
        let error = run.await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Overloaded);
        let transcript = error.partial::<Transcript>().unwrap().clone();
        assert_eq!((transcript.turns(), transcript.calls()), (1, 2));
        assert_eq!(transcript.messages().len(), 3);
        passes(&client, transcript).await;
    }
}

async fn a_paused_turn_and_a_compaction_go_on() {
    let search = json!({"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "x"}});
    let replies = [
        Reply::text("Searching.").with_block(search).pause_turn(),
        Reply::compaction("So far: a search."),
        Reply::text("Half.").pause_turn(),
        Reply::text("Done."),
    ];
    let (simulator, client) = simulator(replies).await;
    let mut run = client.beta().messages().run(searching()).tools(echo());
    let mut compacted = 0;
    let mut ended = None;
    while let Some(event) = run.try_next().await.unwrap() {
        match event {
            RunEvent::Compacted { turn } => compacted = turn,
            RunEvent::Finished(outcome) => ended = Some(*outcome),
            _ => {}
        }
    }
    let outcome = ended.unwrap();
    assert_eq!(outcome.text().unwrap(), "Done.");
    assert_eq!((outcome.transcript().turns(), compacted), (4, 2));
    assert_eq!(simulator.requests().len(), 4);
    passes(&client, outcome.into_transcript()).await;
}

async fn options_betas_and_middleware_are_those_of_every_turn() {
    let (simulator, client) = simulator([calls(1), Reply::text("Done.")]).await;
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let middleware = middleware_fn(move |request, next| {
        counted.fetch_add(1, Ordering::SeqCst);
        next.run(request)
    });
    let options = RequestOptions::new()
        .header("x-trace", "abc")
        .middleware(middleware);
    let params = params().user_profile_id("uprof_1");
    let run = client
        .beta()
        .messages()
        .run(params)
        .tools(echo())
        .options(options);
    run.beta(Beta::CONTEXT_MANAGEMENT_2025_06_27)
        .await
        .unwrap()
        .text()
        .unwrap();
    assert_eq!(count.load(Ordering::SeqCst), 2);
    for request in simulator.requests() {
        assert_eq!(request.header("x-trace"), Some("abc"));
        assert!(
            request
                .header("anthropic-beta")
                .unwrap()
                .contains("context-management-2025-06-27")
        );
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        assert!(body.get("user_profile_id").is_none());
    }
}

/// Others that the parameters have stay.
async fn edits_take_the_place_of_those_of_their_types() {
    let (simulator, client) = simulator([Reply::text("Done.")]).await;
    let edits: [ContextEdit; 2] = [
        ClearToolUses20250919Edit::new().into(),
        ClearThinking20251015Edit::new().into(),
    ];
    let config = ContextManagementConfig::new().edits(edits);
    let run = client.beta().messages();
    let run = run.run(params().context_management(config));
    let edit = ClearToolUses20250919Edit::new().clear_tool_inputs(true);
    run.context_edits([edit]).await.unwrap().text().unwrap();
    let sent = simulator.requests()[0].json()["context_management"].clone();
    let expected = json!({"edits": [
        {"type": "clear_thinking_20251015"},
        {"type": "clear_tool_uses_20250919", "clear_tool_inputs": true},
    ]});
    assert_eq!(sent, expected);
}

async fn a_tool_sees_which_message_called_it() {
    let (simulator, client) = simulator([calls(1), calls(1), Reply::text("Done.")]).await;
    let turn = tool_with(
        define("echo"),
        |_: Json, context| async move { context.turn() },
    );
    let run = client.messages().run(params()).tools(turn);
    run.await.unwrap().text().unwrap();
    for turn in [1, 2] {
        assert_eq!(results(&simulator, turn), [(turn.to_string(), false)]);
    }
}

/// What the model adds is ignored.
async fn a_tool_without_parameters_takes_any_input() {
    let replies = [
        Reply::tool_use("clock", json!({"x": 1})),
        Reply::text("Done."),
    ];
    let (simulator, client) = simulator(replies).await;
    let clock = tool_fn("clock", "The time, now.", |NoInput, _| async { "12:00" });
    let run = client.messages().run(params()).tools(clock);
    run.await.unwrap().text().unwrap();
    assert_eq!(results(&simulator, 1), [("12:00".to_owned(), false)]);
    let schema = &simulator.requests()[0].json()["tools"][0]["input_schema"];
    let none = json!({"type": "object", "properties": {}, "additionalProperties": false});
    assert_eq!(schema, &none);
}

async fn faults_of_the_tools_are_found_before_anything_is_sent() {
    let (simulator, client) = simulator([]).await;
    let open = json!({"type": "object", "properties": {"m": {"type": "object", "additionalProperties": true}}});
    let echo_as = |definition| tool_with(definition, |_: Json, _| async {});
    let strict = || define("strict").strict(true);
    let mut many = strict();
    let names: serde_json::Map<String, Value> = (0..25)
        .map(|n| (format!("p{n}"), json!({"type": "string"})))
        .collect();
    many.input_schema =
        json!({"type": "object", "properties": names, "additionalProperties": false}).into();
    let mut of_open = strict();
    of_open.input_schema = open.into();
    let faults: [(Tools, &str); 5] = [
        (
            Tools::from([echo(), echo()]),
            "two tools have the name `echo`",
        ),
        (
            echo_as(define("no spaces")).into(),
            "`no spaces` is no name",
        ),
        (
            echo_as(anthropic::types::Tool::new(json!({"anyOf": []}), "union")).into(),
            "is not `object`",
        ),
        (echo_as(of_open).into(), "open map"),
        (echo_as(many).into(), "25 optional parameters"),
    ];
    for (tools, expected) in faults {
        let error = client
            .messages()
            .run(params())
            .tools(tools)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Request);
        assert!(error.to_string().contains(expected), "{error}");
        let source = std::error::Error::source(&error).unwrap();
        assert!(source.is::<ToolsFault>());
    }
    let beside = params().tools([define("echo")]);
    let error = client
        .messages()
        .run(beside)
        .tools(echo())
        .await
        .unwrap_err();
    assert!(error.to_string().contains("two tools"), "{error}");
    assert!(simulator.requests().is_empty());
}

async fn long_results_are_cut() {
    let (simulator, client) = simulator([calls(1), Reply::text("Done.")]).await;
    let long = tool_with(define("echo"), |_: Json, _| async { "é".repeat(100) });
    let run = client
        .messages()
        .run(params())
        .tools(long)
        .max_result_bytes(21);
    run.await.unwrap().text().unwrap();
    let (text, is_error) = results(&simulator, 1).remove(0);
    assert!(!is_error);
    assert_eq!(
        text,
        format!(
            "{}\n[180 bytes of this result were left out]",
            "é".repeat(10)
        )
    );
}

async fn a_run_of_no_tools_is_one_request() {
    let (simulator, client) = simulator([Reply::text("Hello.")]).await;
    let outcome = client.messages().run(params()).await.unwrap();
    assert_eq!(
        outcome.message().unwrap().stop_reason,
        Some(StopReason::EndTurn)
    );
    let body: Value = serde_json::from_slice(&simulator.requests()[0].body).unwrap();
    assert!(body.get("tools").is_none());
    assert_eq!(outcome.into_transcript().into_messages().len(), 2);
}

on_both_runtimes! {
    calls_run_at_the_same_time_and_results_keep_their_order
    the_number_of_calls_at_a_time_is_bounded
    the_events_of_a_run_come_in_order
    a_run_that_was_read_can_be_awaited
    a_reader_slower_than_the_time_limit_gets_every_event
    an_error_has_the_conversation_so_far
    a_paused_turn_and_a_compaction_go_on
    options_betas_and_middleware_are_those_of_every_turn
    edits_take_the_place_of_those_of_their_types
    a_tool_sees_which_message_called_it
    a_tool_without_parameters_takes_any_input
    faults_of_the_tools_are_found_before_anything_is_sent
    long_results_are_cut
    a_run_of_no_tools_is_one_request
}

/// Input that is no JSON comes in streams only, and from no simulator.
#[tokio::test]
async fn input_that_is_no_json_goes_back_as_an_error() {
    let events = [
        r#"{"type":"message_start","message":{"id":"m","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1}}}"#,
        r#"{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t","name":"echo","input":{}}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\"x\": \\d}"}}"#,
        r#"{"type":"content_block_stop","index":0}"#,
        r#"{"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":9}}"#,
        r#"{"type":"message_stop"}"#,
    ];
    let body = events.iter().fold(String::new(), |body, event| {
        let name = event.split('"').nth(3).unwrap();
        body + &format!("event: {name}\ndata: {event}\n\n")
    });
    let script = Script::new([support::Reply::new(
        200,
        &[("content-type", "text/event-stream")],
        body,
    )]);
    let client = support::builder(&script).max_retries(0).build().unwrap();
    let ended = client
        .messages()
        .run(params())
        .tools(echo())
        .stream(true)
        .await;
    let messages = transcript(ended).into_messages();
    let sent = serde_json::to_value(&messages).unwrap();
    assert_eq!(
        sent[1]["content"][0]["input"],
        json!({"INVALID_JSON": "{\"x\": \\d}"})
    );
    let result = &sent[2]["content"][0];
    assert_eq!(result["is_error"], true);
    let text = result["content"].as_str().unwrap();
    assert!(text.starts_with("the input is not valid JSON: "), "{text}");
    assert!(!text.contains("line") && !text.contains("column"), "{text}");
    assert!(matches!(messages.last(), Some(MessageParam::User(_))));
}
