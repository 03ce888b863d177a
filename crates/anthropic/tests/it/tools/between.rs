//! Between two turns: what hooks may write into the conversation, and what stays as it came.

use anthropic::RequestOptions;
use anthropic::tools::{RunEvent, Runner};
use anthropic::types::{
    AssistantMessage, CacheControlEphemeral, CompactionBlock, ContentBlock, MessageContent,
    MessageParam, TextBlock,
};
use anthropic_sim::Reply;
use serde_json::{Value, json};

use super::table::unparsable;
use super::{echo, on_both_runtimes, params, passes, results, searching, simulator};

fn search() -> Value {
    json!({"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "x"}})
}

fn kinds(message: &Value) -> Vec<&str> {
    let blocks = message["content"].as_array().unwrap().iter();
    blocks.map(|it| it["type"].as_str().unwrap()).collect()
}

/// Adds to the user's last message, or a message of the user's.
fn say(messages: &mut Vec<MessageParam>, within: bool) {
    match messages.last_mut() {
        Some(MessageParam::User(last)) if within => {
            let MessageContent::Blocks(blocks) = &mut last.content else {
                panic!("{last:?}");
            };
            blocks.push(TextBlock::new("Never mind.").into());
        }
        _ => messages.push(MessageParam::user("Never mind.")),
    }
}

/// The turn is over then, and its call of the API's own tool would keep the API from taking the
/// conversation.
async fn what_the_user_writes_into_a_paused_turn_ends_it() {
    let alone = Reply::text("Searching.").with_block(search());
    let both = || alone.clone().with_tool_use("echo", json!({"x": 1}));
    for (reply, within, kept, last) in [
        (alone.clone(), false, vec!["text"], vec!["text"]),
        (Reply::new().with_block(search()), false, vec![], vec![]),
        (both(), false, vec!["text", "tool_use"], vec!["text"]),
        (
            both(),
            true,
            vec!["text", "tool_use"],
            vec!["tool_result", "text"],
        ),
    ] {
        for threaded in [false, true] {
            let replies = [reply.clone().pause_turn(), Reply::text("Done.")];
            let (simulator, client) = simulator(replies).await;
            let run = client.beta().messages().run(searching()).tools(echo());
            let run = run.thread(threaded).before_turn(move |turn| {
                if turn.number() == 2 {
                    say(&mut turn.params_mut().messages, within);
                }
            });
            let outcome = run.await.unwrap();
            assert_eq!(outcome.text().unwrap(), "Done.");
            let next = simulator.requests()[1].json();
            let messages = next["messages"].as_array().unwrap();
            assert_eq!(next["thread"]["type"] == "create", threaded);
            let replies = messages.iter().filter(|it| it["role"] == "assistant");
            assert_eq!(replies.flat_map(kinds).collect::<Vec<_>>(), kept);
            if within {
                assert_eq!(kinds(messages.last().unwrap()), last);
            } else {
                assert_eq!(messages.last().unwrap()["content"], "Never mind.");
            }
            passes(&client, outcome.into_transcript()).await;
        }
    }
}

/// A hook that writes nothing leaves the turn to go on, and one that writes later finds nothing
/// that is open.
async fn a_paused_turn_goes_on_where_the_user_writes_nothing() {
    let paused = Reply::text("Searching.").with_block(search()).pause_turn();
    let found =
        json!({"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": []});
    let found = Reply::new().with_block(found);
    let found = found.with_tool_use("echo", json!({"x": 1}));
    let replies = [paused, found, Reply::text("Done.")];
    let (simulator, client) = simulator(replies).await;
    let run = client.messages().run(searching()).tools(echo());
    let run = run.before_turn(|turn| {
        let number = turn.number();
        let params = turn.params_mut();
        params.max_tokens += 1;
        if number == 3 {
            say(&mut params.messages, false);
        }
    });
    assert_eq!(run.await.unwrap().text().unwrap(), "Done.");
    for number in [1, 2] {
        let messages = simulator.requests()[number].json()["messages"].clone();
        assert_eq!(kinds(&messages[1]), ["text", "server_tool_use"]);
    }
}

/// The model goes on by itself in a message that has no call, while one of the API's own tools from
/// before has no result: what the run writes then ends the turn.
async fn what_the_run_writes_into_a_paused_turn_ends_it() {
    for threaded in [false, true] {
        let both = Reply::text("Searching.").with_block(search());
        let both = both.with_tool_use("echo", json!({"x": 1}));
        let replies = [both, Reply::text("Hm.").pause_turn(), Reply::text("Done.")];
        let (simulator, client) = simulator(replies).await;
        let run = client.beta().messages().run(searching()).tools(echo());
        let outcome = run.thread(threaded).await.unwrap();
        assert_eq!(outcome.text().unwrap(), "Done.");
        let next = simulator.requests()[2].json();
        let messages = next["messages"].as_array().unwrap();
        assert_eq!(next["thread"]["type"] == "create", threaded);
        assert_eq!(kinds(&messages[1]), ["text", "tool_use"]);
        assert_eq!(messages.last().unwrap()["content"], "Continue.");
        passes(&client, outcome.into_transcript()).await;
    }
}

/// The calls of the model that declined have their results before the other one goes on.
async fn a_paused_message_with_calls_before_a_fallback_goes_on() {
    let seam = json!({"type": "fallback", "from": {"model": "one"}, "to": {"model": "other"}});
    for reason in ["pause_turn", "compaction"] {
        let reply = Reply::new().with_tool_use("echo", json!({"x": 1}));
        let reply = reply.with_block(seam.clone()).with_text("Let me see.");
        let replies = [reply.stop_reason(reason), Reply::text("Done.")];
        let (simulator, client) = simulator(replies).await;
        let run = client.beta().messages().run(searching()).tools(echo());
        let outcome = run.await.unwrap();
        assert_eq!(outcome.text().unwrap(), "Done.");
        let shown = results(&simulator, 1);
        assert!(shown.len() == 1 && shown[0].1, "{reason}: {shown:?}");
        passes(&client, outcome.into_transcript()).await;
    }
}

/// The API takes objects only, whoever runs the tool.
async fn an_input_of_the_apis_own_tool_that_is_no_json_goes_back_within_an_object() {
    let found = Reply::new().with_web_search("rivers", [("Rhine", "https://example.com/rhine")]);
    let replies = [
        found.with_tool_use("echo", json!({"x": 1})),
        Reply::text("Done."),
    ];
    let (simulator, client) = simulator(replies).await;
    let options = RequestOptions::new().middleware(unparsable());
    let run = client
        .messages()
        .run(searching())
        .tools(echo())
        .stream(true);
    let outcome = run.options(options).await.unwrap();
    assert_eq!(outcome.text().unwrap(), "Done.");
    let sent = simulator.requests()[1].json()["messages"][1]["content"][0].clone();
    assert_eq!(sent["type"], "server_tool_use");
    let text = sent["input"]["INVALID_JSON"].as_str().unwrap();
    assert!(text.starts_with("{\"x\": \\d}"), "{text}");
}

/// Those of MCP servers are the API's to run.
async fn a_call_of_an_mcp_server_is_one_of_the_apis_own_tools() {
    let call = |input: Value| json!({"type": "mcp_tool_use", "id": "mcptoolu_1", "name": "look", "server_name": "s", "input": input});
    // Without a result, it goes where the user writes something.
    let paused = Reply::text("Looking.").with_block(call(json!({})));
    let replies = [paused.pause_turn(), Reply::text("Done.")];
    let (simulator, client) = simulator(replies).await;
    let run = client.beta().messages().run(searching()).tools(echo());
    let run = run.before_turn(|turn| {
        if turn.number() == 2 {
            say(&mut turn.params_mut().messages, false);
        }
    });
    assert_eq!(run.await.unwrap().text().unwrap(), "Done.");
    assert_eq!(
        kinds(&simulator.requests()[1].json()["messages"][1]),
        ["text"]
    );

    // Its input goes back as an object.
    let found = json!({"type": "mcp_tool_result", "tool_use_id": "mcptoolu_1", "is_error": false, "content": []});
    let found = Reply::new().with_block(call(json!([1]))).with_block(found);
    let replies = [
        found.with_tool_use("echo", json!({"x": 1})),
        Reply::text("Done."),
    ];
    let (simulator, client) = super::simulator(replies).await;
    let run = client.beta().messages().run(searching()).tools(echo());
    assert_eq!(run.await.unwrap().text().unwrap(), "Done.");
    let sent = simulator.requests()[1].json()["messages"][1]["content"][0].clone();
    assert_eq!(sent["input"], json!({"INVALID_JSON": "[1]"}));
}

/// The conversation may begin with a summary, which is the model's.
async fn a_turn_at_the_beginning_of_a_conversation_is_one() {
    let (simulator, client) = simulator([Reply::text("Done.")]).await;
    let mut params = searching();
    let mut summary = CompactionBlock::new();
    summary.content = Some("So far.".to_owned());
    let call = serde_json::from_value(search()).unwrap();
    let begun = vec![ContentBlock::from(summary), call];
    params.messages = vec![MessageParam::Assistant(AssistantMessage::new(begun))];
    let run = client.beta().messages().run(params).tools(echo());
    let run = run.before_turn(|turn| say(&mut turn.params_mut().messages, false));
    assert_eq!(run.await.unwrap().text().unwrap(), "Done.");
    let messages = simulator.requests()[0].json()["messages"].clone();
    assert_eq!(kinds(&messages[0]), ["compaction"]);
}

/// What code called goes with the code, and so does its result.
async fn what_code_that_has_no_result_called_goes_with_it() {
    for version in ["code_execution_20250825", "code_execution_20260120"] {
        let runs = json!({"type": "server_tool_use", "id": "srvtoolu_1", "name": "code_execution", "input": {"code": "look()"}});
        let by = json!({"type": version, "tool_id": "srvtoolu_1"});
        let called = json!({"type": "tool_use", "id": "toolu_1", "name": "echo", "input": {"x": 1}, "caller": by});
        let reply = Reply::text("Looking.").with_block(runs).with_block(called);
        let replies = [reply.stop_reason("tool_use"), Reply::text("Done.")];
        let (simulator, client) = simulator(replies).await;
        let params = params().assistant("Hello.").user("Look.");
        let run = client.beta().messages().run(params).tools(echo());
        let run = run.before_turn(|turn| {
            if turn.number() == 2 {
                say(&mut turn.params_mut().messages, true);
            }
        });
        assert_eq!(run.await.unwrap().text().unwrap(), "Done.");
        let messages = simulator.requests()[1].json()["messages"].clone();
        let last: Vec<_> = messages.as_array().unwrap()[3..]
            .iter()
            .map(kinds)
            .collect();
        assert_eq!(last, [["text"], ["text"]], "{version}");
    }
}

/// The API takes none of white space alone.
async fn blank_text_does_not_go_back() {
    for blank in ["\n", " "] {
        let call = Reply::text(blank).with_tool_use("echo", json!({"x": 1}));
        let (simulator, client) = simulator([call, Reply::text("Done.")]).await;
        let run = client.messages().run(params()).tools(echo());
        assert_eq!(run.await.unwrap().text().unwrap(), "Done.");
        let sent = &simulator.requests()[1].json()["messages"][1];
        assert_eq!(kinds(sent), ["tool_use"]);
    }
}

/// How a run is set up.
type Set = fn(Runner) -> Runner;

/// Has a hook change what the conversation has of the model's messages.
fn edited(run: Runner) -> Runner {
    run.before_turn(|turn| {
        for message in &mut turn.params_mut().messages {
            if let MessageParam::Assistant(said) = message {
                said.content = MessageContent::Blocks(vec![ContentBlock::from("Changed.")]);
            }
        }
        if turn.number() > 1 {
            turn.stop("enough");
        }
    })
}

fn cached(run: Runner) -> Runner {
    run.cache_prompt(CacheControlEphemeral::new())
}

/// What the conversation has of a message may change; the message stays as it came.
async fn the_last_message_is_as_it_came() {
    let text = |end: &str| Reply::text(format!("Let me see.{end}"));
    let call = |input: Value| {
        text(" ").with_block(
            json!({"type": "tool_use", "id": "toolu_1", "name": "echo", "input": input}),
        )
    };
    let paused = |end| text(end).with_block(search()).pause_turn();
    let plain: Set = |run| run;
    let cases: [(Reply, Set); 8] = [
        (call(json!({"x": 1})), plain),
        (call(json!({"x": 1})), edited),
        (call(json!(null)), plain),
        (call(json!([1])), plain),
        (paused("\n"), cached),
        (paused("\n").with_text("So far. \n"), plain),
        (paused("\n").with_text(" \n"), |run| {
            cached(run).thread(true)
        }),
        (text(" "), plain),
    ];
    for (number, (reply, set)) in cases.into_iter().enumerate() {
        let (_simulator, client) = simulator([reply.clone()]).await;
        let came = client.beta().messages().create(searching()).await.unwrap();
        for read in [false, true] {
            let failed = Reply::error(400, "invalid_request_error", "no");
            let (_simulator, client) = simulator([reply.clone(), failed]).await;
            let run = client.beta().messages().run(searching()).tools(echo());
            let mut transcripts = Vec::new();
            let mut run = set(run);
            if read {
                while let Ok(Some(event)) = run.try_next().await {
                    if let RunEvent::TurnFinished { .. } = event {
                        transcripts.push(run.transcript());
                    }
                }
                transcripts.push(run.transcript());
            } else {
                transcripts.push(super::transcript(run.await));
            }
            for transcript in transcripts {
                let last = transcript.message().unwrap();
                assert_eq!(last.content, came.content, "{number}");
            }
        }
    }
}

on_both_runtimes! {
    a_call_of_an_mcp_server_is_one_of_the_apis_own_tools
    a_turn_at_the_beginning_of_a_conversation_is_one
    what_code_that_has_no_result_called_goes_with_it
    blank_text_does_not_go_back
    what_the_user_writes_into_a_paused_turn_ends_it
    a_paused_turn_goes_on_where_the_user_writes_nothing
    what_the_run_writes_into_a_paused_turn_ends_it
    a_paused_message_with_calls_before_a_fallback_goes_on
    an_input_of_the_apis_own_tool_that_is_no_json_goes_back_within_an_object
    the_last_message_is_as_it_came
}
