//! What a program that wants the text alone is advised to do about every other end, and what is
//! known of the usage of a message that broke off.

use std::time::Duration;

use anthropic::ErrorKind;
use anthropic::tools::{Runner, Transcript};
use anthropic_sim::Reply;
use anthropic_sim::faults::Rule;
use serde_json::json;

use super::{echo, params, results, simulator, slow};

/// How a run of these replies ends, with this set.
async fn line(replies: impl IntoIterator<Item = Reply>, set: fn(Runner) -> Runner) -> String {
    let (_simulator, client) = simulator(replies).await;
    let run = client.messages().run(params()).tools(echo());
    let outcome = set(run).await.unwrap();
    let error = outcome.text().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoAnswer);
    assert!(error.partial::<Transcript>().is_some());
    error.to_string()
}

#[tokio::test]
async fn an_end_is_read_as_a_value_or_is_the_reason_why_there_is_none() {
    let numbers = |reply: Reply| async move {
        let (_simulator, client) = simulator([reply]).await;
        let outcome = client.messages().run(params()).await.unwrap();
        outcome.parse::<Vec<u8>>()
    };
    assert_eq!(numbers(Reply::text("[1, 2]")).await.unwrap(), [1, 2]);
    let refused = Reply::text("[1, 2]").stop_reason("refusal");
    for (reply, kind, line) in [
        (Reply::text("[1, 256]"), ErrorKind::Decode, "256"),
        (refused, ErrorKind::NoAnswer, "the model refused"),
    ] {
        let error = numbers(reply).await.unwrap_err();
        assert_eq!(error.kind(), kind);
        assert!(error.to_string().contains(line), "{error}");
        let transcript = error.partial::<Transcript>().unwrap();
        assert!(transcript.message().is_some());
    }
}

#[tokio::test]
async fn an_end_without_a_text_names_what_to_do() {
    let call = || Reply::tool_use("echo", json!({"x": 1}));
    let cut = |reason| [Reply::text("Half").stop_reason(reason)];
    let raise = |setter| format!("; raise `{setter}`, or go on with the transcript in another run");
    for (line, expected) in [
        (
            line(cut("max_tokens"), |run| run).await,
            "; raise `max_tokens`".to_owned(),
        ),
        (
            line(cut("model_context_window_exceeded"), |run| run).await,
            "; shorten the conversation".to_owned(),
        ),
        (
            line([call()], |run| run.max_turns(1)).await,
            raise("max_turns"),
        ),
        (
            line([call()], |run| run.max_calls(0)).await,
            raise("max_calls"),
        ),
        (
            line([call()], |run| run.max_total_tokens(1)).await,
            raise("max_total_tokens"),
        ),
        (
            line([call()], |run| run.max_cost(1, |_| 1)).await,
            raise("max_cost"),
        ),
        (
            line([call().delay(Duration::from_secs(60))], |run| {
                run.time_limit(Duration::from_millis(10))
            })
            .await,
            raise("time_limit"),
        ),
        (
            line([Reply::tool_use("slow", json!({"x": 1}))], |run| {
                run.tools(slow().needs_approval())
            })
            .await,
            "; go on with `resume`".to_owned(),
        ),
    ] {
        assert!(line.ends_with(&expected), "{line}");
    }
}

#[tokio::test]
async fn an_end_without_a_text_names_why_there_is_none() {
    let call = || Reply::tool_use("echo", json!({"x": 1}));
    let ended = |reason| [Reply::text("Half").stop_reason(reason)];
    let refused = |explanation| [Reply::refusal("cyber", explanation)];
    let limit = |of| format!("the run's limit of {of} was reached;");
    for (line, expected) in [
        (
            line(ended("max_tokens"), |run| run).await,
            "the model's message was cut off: stop_reason is `max_tokens`;".to_owned(),
        ),
        (
            line(ended("surprise"), |run| run).await,
            "the model stopped: stop_reason is `surprise`\n".to_owned(),
        ),
        (
            line(refused("Not this."), |run| run).await,
            "the model refused: Not this.\n".to_owned(),
        ),
        (
            line(refused(""), |run| run).await,
            "the model refused\n".to_owned(),
        ),
        (line([call()], |run| run.max_turns(1)).await, limit("turns")),
        (
            line([call()], |run| run.max_calls(0)).await,
            limit("tool calls"),
        ),
        (
            line([call()], |run| run.max_total_tokens(1)).await,
            limit("tokens"),
        ),
        (
            line([call()], |run| run.max_cost(1, |_| 1)).await,
            limit("cost"),
        ),
    ] {
        let line = format!("{line}\n");
        assert!(line.contains(&expected), "{line}");
    }
}

#[tokio::test]
async fn a_call_that_a_limit_keeps_from_running_has_an_error_that_names_it() {
    let (_simulator, client) = simulator([Reply::tool_use("echo", json!({"x": 1}))]).await;
    let run = client.messages().run(params()).tools(echo()).max_turns(1);
    let messages = run.await.unwrap().into_transcript().into_messages();
    let last = serde_json::to_value(messages.last().unwrap()).unwrap();
    let expected = "the run's limit of turns was reached; the call did not run";
    assert_eq!(last["content"][0]["content"], expected);
    assert_eq!(last["content"][0]["is_error"], true);
}

/// So it comes from gateways.
#[tokio::test]
async fn calls_of_a_message_that_ends_its_turn_run() {
    let call = Reply::new().with_tool_use("echo", json!({"x": 1}));
    let replies = [call.stop_reason("end_turn"), Reply::text("Done.")];
    let (simulator, client) = simulator(replies).await;
    let outcome = client.messages().run(params()).tools(echo()).await.unwrap();
    assert_eq!(outcome.text().unwrap(), "Done.");
    assert_eq!(results(&simulator, 1), [("1".to_owned(), false)]);
}

#[tokio::test]
async fn the_usage_of_a_message_that_broke_off_is_known_apart() {
    let replies = [
        Reply::tool_use("echo", json!({"x": 1})),
        Reply::text("It is one."),
    ];
    let (simulator, client) = simulator(replies).await;
    simulator.fault(Rule::parse("cut-after=4; nth=2").unwrap());
    let run = client.messages().run(params()).tools(echo()).stream(true);
    let error = run.await.unwrap_err();
    let transcript = error.partial::<Transcript>().unwrap();
    let first = transcript.message().unwrap();
    assert_eq!(transcript.usage(), &first.usage);
    let broken = transcript.partial_message().unwrap();
    assert!(broken.usage.input_tokens > first.usage.input_tokens);
}
