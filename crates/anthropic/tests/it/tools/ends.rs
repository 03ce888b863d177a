//! What a program that wants the text alone is advised to do about every other end, and what is
//! known of the usage of a message that broke off.

use std::time::Duration;

use anthropic::ErrorKind;
use anthropic::tools::{Runner, Transcript};
use anthropic_sim::Reply;
use anthropic_sim::faults::Rule;
use serde_json::json;

use super::{echo, params, simulator, slow};

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
