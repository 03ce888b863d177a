//! Every stop reason, GA and beta, plain and streamed, with a tool that behaves in every way.

use std::time::Duration;

use anthropic::tools::{Decision, Limit, Outcome, Runner};
use anthropic::transport::HttpResponse;
use anthropic::{Middleware, RequestOptions, middleware_fn};
use anthropic_sim::Reply;
use futures_util::StreamExt;
use serde_json::{Value, json};

use super::{
    echo, failing, hidden, on_both_runtimes, panicking, params, passes, results, simulator, slow,
    transcript,
};

/// What the tool does, and what becomes of its call.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Case {
    Works,
    Fails,
    Hides,
    Panics,
    TimesOut,
    Unknown,
    Misfit,
    NoObject,
    Unparsable,
    Denied,
    Deferred,
    Cancelled,
}

const CASES: [Case; 12] = [
    Case::Works,
    Case::Fails,
    Case::Hides,
    Case::Panics,
    Case::TimesOut,
    Case::Unknown,
    Case::Misfit,
    Case::NoObject,
    Case::Unparsable,
    Case::Denied,
    Case::Deferred,
    Case::Cancelled,
];

const REASONS: [&str; 9] = [
    "tool_use",
    "end_turn",
    "stop_sequence",
    "pause_turn",
    "compaction",
    "max_tokens",
    "model_context_window_exceeded",
    "refusal",
    "unheard_of",
];

impl Case {
    fn tool(self) -> &'static str {
        match self {
            Self::Fails => "failing",
            Self::Hides => "hidden",
            Self::Panics => "panicking",
            Self::TimesOut | Self::Cancelled => "slow",
            Self::Unknown => "unheard_of",
            _ => "echo",
        }
    }

    fn input(self) -> Value {
        match self {
            Self::Misfit => json!({"x": "seven"}),
            Self::NoObject => json!(["seven"]),
            // See `unparsable`.
            Self::Unparsable => json!({}),
            _ => json!({"x": 7}),
        }
    }

    /// What the model sees of it, and whether it is an error.
    fn shown(self) -> (&'static str, bool) {
        match self {
            Self::Works => ("7", false),
            Self::Fails => ("the disk is full", true),
            Self::Hides | Self::Panics => ("the tool failed", true),
            Self::TimesOut => ("the tool was not done within 20ms, and was cancelled", true),
            Self::Unknown => (
                "there is no tool `unheard_of`; the tools are `echo`, `failing`, `hidden`, `panicking`, `slow`",
                true,
            ),
            Self::Misfit => (
                "the input does not fit at `x`: invalid type: string \"seven\", expected i64. The tool did not run",
                true,
            ),
            Self::NoObject => ("the input is not a JSON object. The tool did not run", true),
            Self::Unparsable => (
                "the input is not valid JSON: expected value. The tool did not run",
                true,
            ),
            Self::Denied => ("not today", true),
            Self::Deferred | Self::Cancelled => ("", true),
        }
    }

    fn set(self, run: Runner) -> Runner {
        let run = run.tools((echo(), failing(), hidden(), panicking(), slow()));
        match self {
            Self::Denied => run.before_tool(|_| async { Decision::deny("not today") }),
            Self::Deferred => run.before_tool(|_| async { Decision::Defer }),
            Self::Cancelled => run.tool_timeout(Duration::from_secs(60)),
            Self::Unparsable => run.options(RequestOptions::new().middleware(unparsable())),
            _ => run,
        }
    }
}

/// Writes the input of a call that the simulator streams without parameters as the API does where
/// the model's JSON is broken: no simulator does.
pub(super) fn unparsable() -> impl Middleware {
    middleware_fn(|request, next| {
        Box::pin(async move {
            let (parts, body) = next.run(request).await?.into_parts();
            let body = String::from_utf8(body.bytes().await?.to_vec()).unwrap();
            let body = body.replace(r#""partial_json":"""#, r#""partial_json":"{\"x\": \\d}""#);
            Ok(HttpResponse::from_parts(parts, body.into()))
        })
    })
}

fn reply(case: Case, reason: &str) -> Reply {
    let reply = Reply::text("Let me see.").with_tool_use(case.tool(), case.input());
    match reason {
        "stop_sequence" => reply.stop_sequence("STOP"),
        "compaction" => reply
            .with_compaction("So far: nothing.")
            .stop_reason(reason),
        reason => reply.stop_reason(reason),
    }
}

/// Whether the calls of a message that stops for this reason run.
fn runs(reason: &str) -> bool {
    matches!(
        reason,
        "tool_use" | "end_turn" | "pause_turn" | "compaction"
    )
}

async fn check(case: Case, reason: &str, beta: bool, streams: bool) {
    let place = format!("{case:?}, {reason}, beta: {beta}, streams: {streams}");
    let (simulator, client) = simulator([reply(case, reason), Reply::text("Done.")]).await;
    let run = if beta {
        client.beta().messages().run(params())
    } else {
        client.messages().run(params())
    };
    let run = case.set(run.stream(streams));
    if case == Case::Cancelled {
        let mut run = run;
        while let Some(event) = run.next().await {
            let event = format!("{:?}", event.unwrap());
            if event.starts_with("ToolStarted") {
                break;
            }
        }
        let transcript = run.transcript();
        drop(run);
        return passes(&client, transcript).await;
    }
    let outcome = run.await.unwrap_or_else(|error| panic!("{place}: {error}"));
    match (&outcome, reason) {
        (Outcome::Waiting(waiting), _) if runs(reason) && case == Case::Deferred => {
            assert_eq!(waiting.calls().count(), 1, "{place}");
            assert!(outcome.text().is_err());
        }
        (Outcome::Answer(_), _) if runs(reason) => {
            assert_eq!(outcome.text().unwrap(), "Done.", "{place}");
            assert_eq!(outcome.transcript().turns(), 2, "{place}");
            let (text, is_error) = results(&simulator, 1).remove(0);
            let (expected, expected_error) = case.shown();
            assert_eq!(is_error, expected_error, "{place}");
            if case == Case::NoObject && streams {
                // The simulator streams objects only.
                assert!(
                    text.starts_with("the input does not fit"),
                    "{place}: {text}"
                );
            } else {
                assert_eq!(text, expected, "{place}");
            }
        }
        (Outcome::Answer(_), "stop_sequence")
        | (Outcome::Cut(_), "max_tokens" | "model_context_window_exceeded")
        | (Outcome::Refusal(_), "refusal")
        | (Outcome::Other(_), "unheard_of") => {
            assert_eq!(outcome.transcript().calls(), 0, "{place}");
            assert_eq!(outcome.text().is_ok(), reason == "stop_sequence", "{place}");
        }
        _ => panic!("{place}: {outcome:?}"),
    }
    passes(&client, outcome.into_transcript()).await;
}

async fn every_stop_reason_with_every_tool() {
    let mut checks = Vec::new();
    for (row, reason) in REASONS.into_iter().enumerate() {
        for (column, case) in CASES.into_iter().enumerate() {
            // Each case and each reason with GA and with beta.
            let beta = (row + column) % 2 == 0;
            // A whole message has JSON.
            if case != Case::Unparsable {
                checks.push(check(case, reason, beta, false));
            }
            checks.push(check(case, reason, beta, true));
        }
    }
    futures_util::stream::iter(checks)
        .buffer_unordered(16)
        .collect::<()>()
        .await;
}

type Set = fn(Runner) -> Runner;

/// What ends a run is an outcome, and its conversation goes on.
async fn every_limit_ends_a_run_with_a_whole_conversation() {
    let calls = || {
        Reply::new()
            .with_tool_use("echo", json!({"x": 1}))
            .with_tool_use("slow", json!({"x": 2}))
    };
    let limits: [(Limit, Set); 5] = [
        (Limit::Turns, |run| run.max_turns(1)),
        (Limit::Calls, |run| run.max_calls(1)),
        (Limit::Tokens, |run| run.max_total_tokens(1)),
        (Limit::Cost, |run| {
            run.max_cost(1, |message| message.usage.output_tokens)
        }),
        (Limit::Time, |run| {
            run.time_limit(Duration::from_millis(200))
        }),
    ];
    for (limit, set) in limits {
        for streams in [false, true] {
            let (_simulator, client) = simulator([calls()]).await;
            // Done only when it is cancelled, where nothing else ends the run.
            let slow = slow().timeout(Duration::from_secs(60));
            let run = client
                .messages()
                .run(params())
                .tools((echo(), slow))
                .stream(streams);
            let ended = set(run).await;
            match &ended {
                Ok(Outcome::Limit { limit: reached, .. }) if *reached == limit => {}
                ended => panic!("{limit}, streams: {streams}: {ended:?}"),
            }
            let transcript = transcript(ended);
            let ran = usize::from(matches!(limit, Limit::Calls | Limit::Time));
            assert!(transcript.calls() as usize >= ran, "{limit}");
            passes(&client, transcript).await;
        }
    }
}

on_both_runtimes! {
    every_stop_reason_with_every_tool
    every_limit_ends_a_run_with_a_whole_conversation
}
