//! Which tools are on offer: those that come again or go together, and those of a summary.

use anthropic::tools::{Decision, FunctionTool, Outcome, Tools, tool_with};
use anthropic::types::{
    AssistantMessage, CompactionBlock, CompactionConfig, ContentBlock, Json, MessageCreateParams,
    MessageParam, SystemMessage, SystemMessageContentBlock, ToolAdditionBlock,
    ToolChangeToolDefinition, ToolChangeToolReference, ToolRemovalBlock,
};
use anthropic_sim::Reply;
use serde_json::{Value, json};

use super::control::{stored, waiting};
use super::{define, echo, on_both_runtimes, params, results, simulator};

const INLINE_TOOLS: &str = "inline-tools-2026-09-15";

fn call(name: &str) -> Reply {
    Reply::tool_use(name, json!({"x": 1}))
}

/// A tool of this name, which returns a text.
fn returning(name: &str, text: &'static str) -> FunctionTool {
    tool_with(
        define(name).description(text),
        move |_: Json, _| async move { text },
    )
}

fn unknown(name: &str, others: &str) -> (String, bool) {
    (format!("there is no tool `{name}`; {others}"), true)
}

fn system(blocks: Vec<SystemMessageContentBlock>) -> MessageParam {
    MessageParam::System(SystemMessage::new().content(blocks))
}

/// Nobody can decide about it, so it waits for nobody.
async fn a_call_of_no_tool_that_is_deferred_has_its_error_at_once() {
    let (simulator, client) = simulator([call("ecko"), Reply::text("Done.")]).await;
    let run = client.messages().run(params()).tools(echo());
    let run = run.before_tool(|_| async { Decision::Defer });
    assert_eq!(run.await.unwrap().text().unwrap(), "Done.");
    let expected = unknown("ecko", "the tools are `echo`");
    assert_eq!(results(&simulator, 1), [expected]);
}

async fn a_call_where_there_are_no_tools_has_an_error_that_says_so() {
    let (simulator, client) = simulator([call("echo"), Reply::text("Done.")]).await;
    let run = client.messages().run(params());
    assert_eq!(run.await.unwrap().text().unwrap(), "Done.");
    assert_eq!(
        results(&simulator, 1),
        [unknown("echo", "there are no tools")]
    );
}

async fn a_tool_that_comes_twice_at_a_time_comes_as_the_last_one() {
    let replies = [call("echo"), call("later"), Reply::text("Done.")];
    let (simulator, client) = simulator(replies).await;
    let run = client.beta().messages().run(params()).tools(echo());
    let run = run.before_turn(|turn| {
        if turn.number() == 2 {
            turn.add_tools(returning("later", "first"));
            turn.add_tools(returning("other", "other"));
            turn.add_tools(returning("later", "second"));
        }
    });
    assert_eq!(run.await.unwrap().text().unwrap(), "Done.");
    let messages = simulator.requests()[1].json()["messages"].clone();
    let brought = messages.as_array().unwrap().last().unwrap()["content"].clone();
    let brought: Vec<(&Value, &Value)> = brought
        .as_array()
        .unwrap()
        .iter()
        .map(|block| &block["tool"]["definition"])
        .map(|tool| (&tool["name"], &tool["description"]))
        .collect();
    let expected = [
        (&json!("other"), &json!("other")),
        (&json!("later"), &json!("second")),
    ];
    assert_eq!(brought, expected);
    assert_eq!(results(&simulator, 2), [("second".to_owned(), false)]);
}

/// Also where the run has waited before they go.
async fn a_tool_that_goes_stays_away_where_another_one_comes_back() {
    for (waits, came) in [(false, false), (true, false), (true, true)] {
        let paused = Reply::text("Let me search.")
            .with_web_search("rivers", [("Rhine", "https://example.com/rhine")])
            .pause_turn();
        let first = if waits {
            vec![paused, call("back")]
        } else {
            vec![call("back")]
        };
        let count = first.len();
        let then = [call("away"), call("back"), Reply::text("Done.")];
        let (simulator, client) = simulator(first.into_iter().chain(then)).await;
        let back = || {
            let tool = returning("back", "old");
            if waits { tool.needs_approval() } else { tool }
        };
        let away = || returning("away", "away");
        let run = client.beta().messages().run(params());
        let given: Tools = if came {
            away().into()
        } else {
            (back(), away()).into()
        };
        let came = came.then(back);
        let run = run.tools(given).before_turn(move |turn| {
            if turn.number() == 1 {
                turn.add_tools(Tools::from_iter(came.clone()));
            } else if turn.number() == 2 {
                turn.remove_tool("away");
                turn.remove_tool("back");
                turn.add_tools(returning("back", "new"));
            }
        });
        let outcome = if waits {
            let state = stored(&waiting(run.await.unwrap()));
            let approval = state.calls().next().unwrap().approve();
            let run = client.beta().messages().resume(state, [approval]);
            run.tools((returning("back", "new"), away())).await.unwrap()
        } else {
            run.await.unwrap()
        };
        assert_eq!(outcome.text().unwrap(), "Done.");
        let (text, is_error) = results(&simulator, count + 1).remove(0);
        assert!(is_error && text.starts_with("there is no tool `away`"));
        let expected = [("new".to_owned(), false)];
        assert_eq!(results(&simulator, count + 2), expected, "{waits}");
    }
}

/// A tool that somebody else runs goes, and comes back by its name.
async fn a_tool_that_comes_back_by_its_name_is_on_offer() {
    let replies = [call("echo"), call("echo"), call("elsewhere")];
    let (_simulator, client) = simulator(replies).await;
    let beside = params().tools([define("elsewhere")]);
    let run = client.beta().messages().run(beside).tools(echo());
    let run = run.before_turn(|turn| match turn.number() {
        2 => turn.remove_tool("elsewhere"),
        3 => {
            let reference = ToolChangeToolReference::new("elsewhere");
            let block = ToolAdditionBlock::new(reference).into();
            turn.params_mut().messages.push(system(vec![block]));
        }
        _ => {}
    });
    let state = waiting(run.await.unwrap());
    assert_eq!(state.calls().next().unwrap().name(), "elsewhere");
}

/// The API lists them in the summary that it makes.
async fn the_changes_that_a_summary_has_hold() {
    let replies = [call("echo"), call("later"), Reply::text("Done.")];
    let (simulator, client) = simulator(replies).await;
    let later = ToolChangeToolDefinition::new(define("later"));
    let mut summary = CompactionBlock::new();
    summary.content = Some("So far.".to_owned());
    summary.tool_changes = Some(vec![
        ToolAdditionBlock::new(later).into(),
        ToolRemovalBlock::new(ToolChangeToolReference::new("echo")).into(),
    ]);
    let mut params = params();
    let summary = vec![ContentBlock::from(summary)];
    params.messages = vec![
        MessageParam::Assistant(AssistantMessage::new(summary)),
        MessageParam::user("Go."),
    ];
    let run = client.beta().messages().run(params);
    let run = run.tools((echo(), returning("later", "later")));
    assert_eq!(run.await.unwrap().text().unwrap(), "Done.");
    let requests = simulator.requests();
    for request in &requests {
        let betas = request.header("anthropic-beta").unwrap();
        assert!(betas.contains(INLINE_TOOLS), "{betas}");
        let tools = request.json()["tools"].clone();
        let names: Vec<&Value> = tools
            .as_array()
            .unwrap()
            .iter()
            .map(|it| &it["name"])
            .collect();
        assert_eq!(names, ["echo"], "the conversation defines the other one");
    }
    let expected = unknown("echo", "the tools are `later`");
    assert_eq!(results(&simulator, 1), [expected]);
    assert_eq!(results(&simulator, 2), [("later".to_owned(), false)]);
}

/// The API takes none in a request without the beta.
async fn changes_that_a_hook_puts_into_what_was_sent_are_seen() {
    let (simulator, client) = simulator([call("echo"), Reply::text("Done.")]).await;
    let run = client.beta().messages().run(params().user("Go on."));
    let run = run.tools(echo()).before_turn(|turn| {
        if turn.number() == 2 {
            let later = ToolChangeToolDefinition::new(define("later"));
            let block = ToolAdditionBlock::new(later).into();
            turn.params_mut().messages.insert(1, system(vec![block]));
        }
    });
    assert_eq!(run.await.unwrap().text().unwrap(), "Done.");
    let requests = simulator.requests();
    let betas = requests
        .iter()
        .map(|request| request.header("anthropic-beta").unwrap())
        .map(|betas| betas.contains(INLINE_TOOLS));
    assert_eq!(betas.collect::<Vec<_>>(), [false, true]);
}

async fn a_conversation_of_two_messages_is_summed_up_and_that_of_one_is_not() {
    let two = params().user("Go on.");
    let cases: [(MessageCreateParams, bool); 2] = [(params(), false), (two, true)];
    for (params, is_summed_up) in cases {
        let summary = is_summed_up.then(|| Reply::compaction("So far."));
        let replies = summary.into_iter().chain([Reply::text("Done.")]);
        let (simulator, client) = simulator(replies).await;
        let run = client.beta().messages().run(params);
        let run = run.before_turn(|turn| turn.compact(CompactionConfig::new()));
        let outcome = run.await.unwrap();
        assert!(matches!(&outcome, Outcome::Answer(_)), "{outcome:?}");
        let requests = simulator.requests();
        let first = requests[0].json();
        assert_eq!(first.get("compaction").is_some(), is_summed_up);
        assert_eq!(requests.len(), 1 + usize::from(is_summed_up));
    }
}

on_both_runtimes! {
    a_call_of_no_tool_that_is_deferred_has_its_error_at_once
    a_call_where_there_are_no_tools_has_an_error_that_says_so
    a_tool_that_comes_twice_at_a_time_comes_as_the_last_one
    a_tool_that_goes_stays_away_where_another_one_comes_back
    a_tool_that_comes_back_by_its_name_is_on_offer
    the_changes_that_a_summary_has_hold
    changes_that_a_hook_puts_into_what_was_sent_are_seen
    a_conversation_of_two_messages_is_summed_up_and_that_of_one_is_not
}
