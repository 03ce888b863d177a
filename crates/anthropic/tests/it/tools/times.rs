//! When what happens in a run: calls that start early, and what comes with the end.

use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use anthropic::tools::{
    AfterTool, FunctionTool, Limit, Outcome, RunEvent, Runner, ToolErrorKind, tool_with,
};
use anthropic::transport::Body;
use anthropic::types::Json;
use futures_core::Stream;
use futures_core::stream::FusedStream;
use serde_json::json;

use super::early::{call, client, message, streamed};
use super::{define, params};
use crate::stream_support::{close, open, pause, sse, text, text_block};

/// Needs a second.
fn slow(name: &str) -> FunctionTool {
    tool_with(define(name), |_: Json, _| async {
        pause(Duration::from_secs(1)).await;
        "slow"
    })
}

fn quick(name: &str) -> FunctionTool {
    tool_with(define(name), |_: Json, _| async { "quick" })
}

/// A call that runs takes the place of another one, and one that is done does not.
#[tokio::test(start_paused = true)]
async fn calls_start_early_while_there_is_a_place() {
    let parts = [call(0, "1", "a"), call(1, "2", "b"), call(2, "3", "c")].concat();
    for (first, parallel, expected) in [(quick("a"), 1, 3), (slow("a"), 1, 1), (slow("a"), 2, 3)] {
        let client = streamed(&message(parts.clone(), "tool_use"));
        let run = client.messages().run(params());
        let run = run.tools((first, quick("b"), quick("c")));
        let mut run = run.stream(true).eager_tools(true).max_parallel(parallel);
        let mut early = 0;
        loop {
            match run.try_next().await.unwrap().unwrap() {
                RunEvent::ToolStarted { .. } => early += 1,
                RunEvent::TurnFinished { .. } => break,
                _ => {}
            }
        }
        assert_eq!(early, expected, "{parallel}");
        assert_eq!(run.await.unwrap().transcript().calls(), 3);
    }
}

/// The other model does not want it.
#[tokio::test(start_paused = true)]
async fn a_call_that_started_before_a_fallback_is_cancelled() {
    let seam = json!({"type": "fallback", "from": {"model": "one"}, "to": {"model": "other"}});
    let parts = [
        &call(0, "1", "a")[..],
        &[open(1, &text_block()), text(1, "Then"), close(1)],
        &[open(2, &seam), close(2)],
        &[open(3, &text_block()), text(3, "Done."), close(3)],
    ]
    .concat();
    let client = client([Body::from(sse(&message(parts, "end_turn")))]);
    let run = client.messages().run(params()).tools(slow("a"));
    let mut run = run.stream(true).eager_tools(true);
    let (mut started, mut ended) = (0, Vec::new());
    while let Some(event) = run.try_next().await.unwrap() {
        match event {
            RunEvent::ToolStarted { .. } => started += 1,
            RunEvent::ToolFinished { error, output, .. } => {
                ended.push((error.unwrap().kind(), output.text()));
            }
            RunEvent::Finished(outcome) => assert!(outcome.text().is_ok()),
            _ => {}
        }
    }
    assert_eq!(started, 1);
    let text = "the call was cancelled while it ran; what it has done is not known";
    assert_eq!(ended, [(ToolErrorKind::NotRun, text.to_owned())]);
}

#[tokio::test(start_paused = true)]
async fn how_long_a_tool_ran_is_known_where_a_hook_panics() {
    let client = streamed(&message(call(0, "1", "a"), "tool_use"));
    let run = client
        .messages()
        .run(params())
        .tools(slow("a"))
        .stream(true);
    let mut run = run.after_tool(|_, _| async {
        let works = false;
        assert!(works, "a bug");
        AfterTool::Keep
    });
    let elapsed = loop {
        let event = run.try_next().await.unwrap().unwrap();
        if let RunEvent::ToolFinished { elapsed, error, .. } = event {
            assert_eq!(error.unwrap().kind(), ToolErrorKind::Panicked);
            break elapsed;
        }
    };
    assert!(elapsed >= Duration::from_secs(1), "{elapsed:?}");
}

/// The next event, as a stream has it.
async fn next(run: &mut Runner) -> Option<anthropic::Result<RunEvent>> {
    poll_fn(|task| Pin::new(&mut *run).poll_next(task)).await
}

/// A reader that comes back after the time limit gets what happened, and then the end.
#[tokio::test(start_paused = true)]
async fn an_event_that_comes_with_the_end_of_the_time_is_followed_by_the_end() {
    let client = streamed(&message(call(0, "1", "a"), "tool_use"));
    let run = client.messages().run(params()).tools(quick("a"));
    let mut run = run.stream(true).time_limit(Duration::from_secs(5));
    assert!(!run.is_terminated());
    let first = next(&mut run).await.unwrap().unwrap();
    assert!(matches!(first, RunEvent::Model(_)), "{first:?}");
    tokio::time::advance(Duration::from_secs(10)).await;
    let second = next(&mut run).await.unwrap().unwrap();
    assert!(matches!(second, RunEvent::Model(_)), "{second:?}");
    let RunEvent::Finished(outcome) = next(&mut run).await.unwrap().unwrap() else {
        panic!("not the end");
    };
    let limit = matches!(
        *outcome,
        Outcome::Limit {
            limit: Limit::Time,
            ..
        }
    );
    assert!(limit, "{outcome:?}");
    assert!(next(&mut run).await.is_none());
    assert!(run.is_terminated());
}
