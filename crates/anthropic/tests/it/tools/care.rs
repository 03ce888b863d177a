//! What a model, a tool or a hook does wrong harms neither the run nor its next request.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anthropic::ErrorKind;
use anthropic::tools::{
    AfterTool, FunctionTool, Outcome, RunEvent, Runner, ToolError, ToolErrorKind, ToolOutput,
    ToolsFault, Transcript, tool_with,
};
use anthropic::types::{ContainerParams, ImageBlock, Json, SkillParams, TextBlock, UrlImageSource};
use anthropic_sim::Reply;
use serde_json::json;

use super::{define, echo, on_both_runtimes, params, passes, results, searching, simulator};
use crate::stream_support::{EVENT_STREAM, open, sse, start, text, text_block, then_silence};
use crate::support::{self, Script};

fn call() -> Reply {
    Reply::tool_use("echo", json!({"x": 1}))
}

async fn the_container_of_a_message_is_used_again() {
    let container = json!({"id": "container_1", "expires_at": "2026-01-01T00:00:00Z"});
    for skills in [false, true] {
        let replies = [
            call().field("container", container.clone()),
            call(),
            Reply::text("Done."),
        ];
        let (simulator, client) = simulator(replies).await;
        let asked = if skills {
            params().container(ContainerParams::new().skills(Vec::<SkillParams>::new()))
        } else {
            params()
        };
        let run = client.beta().messages().run(asked).tools(echo());
        run.await.unwrap().text().unwrap();
        let expected = if skills {
            json!({"id": "container_1", "skills": []})
        } else {
            json!("container_1")
        };
        for request in &simulator.requests()[1..] {
            assert_eq!(request.json()["container"], expected);
        }
    }
}

/// What did not run neither started nor counts.
async fn a_call_whose_input_does_not_fit_does_not_start() {
    for streams in [false, true] {
        let replies = [Reply::new()
            .with_tool_use("echo", json!({"x": "seven"}))
            .with_tool_use("echo", json!({"x": 7}))
            .with_tool_use("echo", json!({"x": 8}))];
        let (_simulator, client) = simulator(replies).await;
        let run = client.messages().run(params()).tools(echo());
        let mut run = run.stream(streams).max_calls(1);
        let (mut started, mut kinds) = (Vec::new(), Vec::new());
        let outcome = loop {
            match run.try_next().await.unwrap().unwrap() {
                RunEvent::ToolStarted { call } => started.push(call.input().as_str().to_owned()),
                RunEvent::ToolFinished { error, .. } => kinds.push(error.map(|it| it.kind())),
                RunEvent::Finished(outcome) => break *outcome,
                _ => {}
            }
        };
        assert_eq!(
            started,
            ["{\"x\":7}"],
            "it is the one that the limit allows"
        );
        kinds.sort_by_key(|kind| format!("{kind:?}"));
        let expected = [
            None,
            Some(ToolErrorKind::InvalidInput),
            Some(ToolErrorKind::NotRun),
        ];
        assert_eq!(kinds, expected);
        assert!(matches!(&outcome, Outcome::Limit { .. }), "{outcome:?}");
        assert_eq!(outcome.transcript().calls(), 1);
        passes(&client, outcome.into_transcript()).await;
    }
}

/// The region and the tier of all requests are those of the run.
async fn usages_add_up_as_usages_do() {
    let usage = || json!({"inference_geo": "eu", "service_tier": "standard"});
    let replies = [
        call().field("usage", usage()),
        Reply::text("Done.").field("usage", usage()),
    ];
    let (_simulator, client) = simulator(replies).await;
    let run = client.messages().run(params()).tools(echo());
    let outcome = run.await.unwrap();
    let (sum, last) = (outcome.usage(), &outcome.message().unwrap().usage);
    assert!(sum.output_tokens > last.output_tokens);
    assert_eq!(sum.inference_geo.as_deref(), Some("eu"));
    assert_eq!(sum.service_tier, last.service_tier);
}

async fn an_empty_description_is_refused_before_anything_is_sent() {
    let (simulator, client) = simulator([]).await;
    let tool = echo().with_definition(|tool| tool.description(" "));
    let error = client
        .messages()
        .run(params())
        .tools(tool)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Request);
    let source = std::error::Error::source(&error).unwrap();
    let fault = source.downcast_ref::<ToolsFault>();
    assert_eq!(fault, Some(&ToolsFault::Description("echo".to_owned())));
    assert!(simulator.requests().is_empty());
}

/// A message of two models: what the first of them called does not run.
async fn calls_before_a_fallback_do_not_run() {
    for (calls_after, reason) in [(true, "tool_use"), (false, "end_turn")] {
        let reply = Reply::new()
            .with_tool_use("echo", json!({"x": 1}))
            .with_block(json!({
                "type": "fallback", "from": {"model": "one"}, "to": {"model": "other"},
            }))
            .with_text("Let me see.");
        let reply = if calls_after {
            reply.with_tool_use("echo", json!({"x": 2}))
        } else {
            reply
        };
        let (simulator, client) =
            simulator([reply.stop_reason(reason), Reply::text("Done.")]).await;
        let mut run = client.beta().messages().run(params()).tools(echo());
        let (mut finished, mut ended) = (Vec::new(), None);
        while let Some(event) = run.try_next().await.unwrap() {
            match event {
                RunEvent::ToolFinished { call, error, .. } => finished.push((
                    call.input().as_str().to_owned(),
                    error.map(|error| error.kind()),
                )),
                RunEvent::Finished(outcome) => ended = Some(*outcome),
                _ => {}
            }
        }
        let declined = ("{\"x\":1}".to_owned(), Some(ToolErrorKind::NotRun));
        let outcome = ended.unwrap();
        assert_eq!(outcome.transcript().calls(), u32::from(calls_after));
        if calls_after {
            assert_eq!(finished, [declined, ("{\"x\":2}".to_owned(), None)]);
            let shown = results(&simulator, 1);
            assert!(shown[0].1 && shown[0].0.contains("did not run"));
            assert_eq!(shown[1], ("2".to_owned(), false));
            assert_eq!(outcome.text().unwrap(), "Done.");
        } else {
            assert_eq!(finished, [declined]);
            assert_eq!(outcome.text().unwrap(), "Let me see.");
        }
        passes(&client, outcome.into_transcript()).await;
    }
}

async fn an_error_is_sent_as_text_only() {
    type Make = fn() -> ToolError;
    fn image() -> ImageBlock {
        ImageBlock::new(UrlImageSource::new("https://example.com/a.png"))
    }
    let errors: [(Make, &str); 4] = [
        (
            || ToolError::new("a").for_model(ToolOutput::from(image()).with(TextBlock::new("b"))),
            "b",
        ),
        (|| ToolError::new("a").for_model(image()), "the tool failed"),
        (
            || ToolError::new("a").for_model(TextBlock::new("")),
            "the tool failed",
        ),
        (|| ToolError::new(" "), "the tool failed"),
    ];
    for (error, expected) in errors {
        let (simulator, client) = simulator([call(), Reply::text("Done.")]).await;
        let tool = tool_with(define("echo"), move |_: Json, _| async move {
            Err::<(), _>(error())
        });
        let mut run = client.messages().run(params()).tools(tool);
        while let Some(event) = run.try_next().await.unwrap() {
            if let RunEvent::ToolFinished { output, .. } = event {
                assert_eq!(output.text(), expected);
            }
        }
        let body = simulator.requests()[1].json();
        let result = &body["messages"][2]["content"][0];
        assert_eq!(result["is_error"], true);
        match &result["content"] {
            serde_json::Value::Array(blocks) => {
                assert_eq!(blocks, &[json!({"type": "text", "text": expected})]);
            }
            text => assert_eq!(text, expected),
        }
    }
}

async fn the_events_have_the_error_that_the_model_does_not_see() {
    let (simulator, client) = simulator([call(), Reply::text("Done.")]).await;
    let tool = tool_with(define("echo"), |_: Json, _| async {
        let error = ToolError::new("the database is down").hide_from_model();
        Err::<(), _>(error.with_source(std::io::Error::other("refused")))
    });
    let mut run = client.messages().run(params()).tools(tool);
    let mut seen = Vec::new();
    while let Some(event) = run.try_next().await.unwrap() {
        if let RunEvent::ToolFinished {
            error: Some(error), ..
        } = event
        {
            seen.push(error.to_string());
            assert!(error.source().is_some());
        }
    }
    assert_eq!(seen, ["the database is down: refused"]);
    assert_eq!(results(&simulator, 1)[0].0, "the tool failed");
    let worded = ToolError::new("the database is down").for_model("try later");
    assert_eq!(worded.to_string(), "the database is down");
    assert_eq!(worded.output().text(), "try later");
}

/// Panics when it is shown, and when it is dropped, as far as it is to.
#[derive(Debug)]
struct Trap {
    shown: bool,
    dropped: bool,
}

impl fmt::Display for Trap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        assert!(!self.shown, "shown");
        f.write_str("a trap")
    }
}

impl std::error::Error for Trap {}

impl Drop for Trap {
    fn drop(&mut self) {
        assert!(!self.dropped, "dropped");
    }
}

/// Fails with a trap, or is never done and holds one.
fn trap(dropped: bool) -> FunctionTool {
    let tool = tool_with(define("echo"), move |_: Json, _| async move {
        if dropped {
            let _held = Trap {
                shown: false,
                dropped: true,
            };
            std::future::pending::<()>().await;
        }
        Err::<(), _>(Trap {
            shown: true,
            dropped: false,
        })
    });
    tool.timeout(Duration::from_millis(20))
}

async fn a_panic_of_the_callers_code_does_not_end_the_run() {
    type Set = fn(Runner) -> Runner;
    let undecided = "the call could not be decided about; the tool did not run";
    let cases: [(Set, &str); 5] = [
        (
            |run| {
                run.tools(echo())
                    .before_tool(|_| async { panic!("a hook") })
            },
            undecided,
        ),
        (
            |run| {
                run.tools(echo())
                    .after_tool(|_, _| -> std::future::Ready<AfterTool> { panic!("a hook") })
            },
            "the tool failed",
        ),
        (
            |run| run.tools(echo().confirm(|_| async { panic!("a confirmation") })),
            undecided,
        ),
        (|run| run.tools(trap(false)), "the tool failed"),
        (
            |run| run.tools(trap(true)),
            "the tool was not done within 20ms, and was cancelled",
        ),
    ];
    for (set, expected) in cases {
        let (simulator, client) = simulator([call(), Reply::text("Done.")]).await;
        let outcome = set(client.messages().run(params())).await.unwrap();
        assert_eq!(outcome.text().unwrap(), "Done.", "{expected}");
        assert_eq!(results(&simulator, 1), [(expected.to_owned(), true)]);
    }
    let cases: [(Set, usize); 2] = [
        (|run| run.before_turn(|_| panic!("a hook")), 1),
        (|run| run.max_cost(1, |_| panic!("a price")), 3),
    ];
    for (set, messages) in cases {
        let (_simulator, client) = simulator([call()]).await;
        let run = set(client.messages().run(params()).tools(echo()));
        let error = run.await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Request);
        assert!(error.to_string().contains("panicked"), "{error}");
        let transcript = error.partial::<Transcript>().unwrap().clone();
        assert_eq!(transcript.messages().len(), messages);
        passes(&client, transcript).await;
    }
}

async fn a_paused_message_is_sent_back_without_white_space_at_its_end() {
    let search = json!({"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "x"}});
    let paused = Reply::new().with_block(search).with_text("Let me see. \n");
    let (simulator, client) = simulator([paused.pause_turn(), Reply::text("Done.")]).await;
    let outcome = client.messages().run(searching()).await.unwrap();
    assert_eq!(outcome.text().unwrap(), "Done.");
    let body = simulator.requests()[1].json();
    assert_eq!(body["messages"][1]["content"][1]["text"], "Let me see.");
    passes(&client, outcome.into_transcript()).await;
}

async fn a_search_that_was_cut_off_is_not_in_a_conversation_that_goes_on() {
    let search = |id: &str, caller: serde_json::Value| json!({"type": "server_tool_use", "id": id, "name": "web_search", "input": {"query": "x"}, "caller": caller});
    let found =
        |id: &str| json!({"type": "web_search_tool_result", "tool_use_id": id, "content": []});
    let run = json!({"type": "server_tool_use", "id": "srvtoolu_run", "name": "code_execution", "input": {"code": "1"}});
    let direct = || json!({"type": "direct"});
    let code = || json!({"type": "code_execution_20260120", "tool_id": "srvtoolu_run"});
    let cut = Reply::text("Searching.")
        .with_block(search("srvtoolu_1", direct()))
        .with_block(found("srvtoolu_1"))
        .with_block(run.clone())
        .with_block(search("srvtoolu_2", code()))
        .with_block(found("srvtoolu_2"))
        .with_block(search("srvtoolu_3", direct()));
    let alone = Reply::new().with_block(search("srvtoolu_4", direct()));
    // The code that made the call goes, and so does the call with its result.
    let of_code = |run: &serde_json::Value| json!({"type": "tool_use", "id": "toolu_1", "name": "echo", "input": {"text": "a"}, "caller": {"type": "code_execution_20260120", "tool_id": run["id"]}});
    let programmatic = Reply::text("Running.")
        .with_block(run.clone())
        .with_block(of_code(&run));
    for (reply, kept) in [
        (
            cut,
            vec!["text", "server_tool_use", "web_search_tool_result"],
        ),
        (alone, vec![]),
        (programmatic, vec!["text"]),
    ] {
        let reply = reply.stop_reason("max_tokens");
        let (_simulator, client) = simulator([reply]).await;
        let ended = client.messages().run(searching()).await.unwrap();
        let conversation = ended.into_transcript();
        let messages = conversation.clone().into_messages();
        let messages = serde_json::to_value(&messages[1..]).unwrap();
        let said = messages.as_array().unwrap().iter();
        let blocks = said.flat_map(|message| message["content"].as_array().unwrap());
        let kinds: Vec<&str> = blocks.map(|it| it["type"].as_str().unwrap()).collect();
        assert_eq!(kinds, kept);
        passes(&client, conversation).await;
    }
}

async fn no_hook_runs_for_a_turn_beyond_a_limit() {
    let (simulator, client) = simulator([]).await;
    let turns = Arc::new(AtomicU32::new(0));
    let seen = Arc::clone(&turns);
    let run = client.messages().run(params()).max_turns(0);
    let run = run.before_turn(move |turn| {
        seen.fetch_add(turn.number(), Ordering::SeqCst);
    });
    assert!(matches!(run.await.unwrap(), Outcome::Limit { .. }));
    assert_eq!(turns.load(Ordering::SeqCst), 0);
    assert!(simulator.requests().is_empty());
}

on_both_runtimes! {
    a_call_whose_input_does_not_fit_does_not_start
    usages_add_up_as_usages_do
    an_empty_description_is_refused_before_anything_is_sent
    the_container_of_a_message_is_used_again
    calls_before_a_fallback_do_not_run
    an_error_is_sent_as_text_only
    the_events_have_the_error_that_the_model_does_not_see
    a_panic_of_the_callers_code_does_not_end_the_run
    a_paused_message_is_sent_back_without_white_space_at_its_end
    a_search_that_was_cut_off_is_not_in_a_conversation_that_goes_on
    no_hook_runs_for_a_turn_beyond_a_limit
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long this machine takes is not the client's time"
)]
fn now() -> std::time::Instant {
    std::time::Instant::now()
}

/// Some gateways give the first call of every message the same id.
#[tokio::test]
async fn one_id_for_all_calls_costs_no_search() {
    let reused = json!({"type": "tool_use", "id": "call_0", "name": "echo", "input": {"x": 1}});
    let many = (0..30_000).fold(Reply::new(), |reply, _| reply.with_block(reused.clone()));
    let (_simulator, client) = simulator([many.stop_reason("max_tokens")]).await;
    let began = now();
    let outcome = client.messages().run(params()).await.unwrap();
    let messages = outcome.into_transcript().into_messages();
    let sent = serde_json::to_value(&messages[1]).unwrap();
    assert_eq!(sent["content"][29_999]["id"], "call_0-30000");
    // Half a billion look-ups take minutes.
    assert!(began.elapsed().as_secs() < 30);
}

#[tokio::test(start_paused = true)]
async fn a_message_that_the_time_limit_cuts_is_kept() {
    for reads in [false, true] {
        let events = [start(), open(0, &text_block()), text(0, "Half of it")];
        let body = then_silence(sse(&events));
        let script = Script::new([support::Reply::new(200, &[EVENT_STREAM], body)]);
        let client = support::client(&script);
        let run = client.messages().run(params()).stream(true);
        let mut run = run.time_limit(Duration::from_secs(5));
        if reads {
            run.next().await.unwrap().unwrap();
        }
        let outcome = run.await.unwrap();
        assert!(matches!(outcome, Outcome::Limit { .. }), "{outcome:?}");
        let transcript = outcome.into_transcript();
        assert_eq!(transcript.messages().len(), 1);
        assert_eq!(transcript.partial_message().unwrap().text(), "Half of it");
    }
}

#[tokio::test]
async fn the_debug_form_of_an_outcome_has_no_conversation() {
    let (_simulator, client) = simulator([Reply::text("A secret.")]).await;
    let outcome = client.messages().run(params()).await.unwrap();
    let shown = format!("{outcome:?}");
    assert!(
        shown.starts_with("Answer(Transcript { messages: 2"),
        "{shown}"
    );
    assert!(
        !shown.contains("secret") && !shown.contains("Go."),
        "{shown}"
    );
}
