//! Values of the caller's that panic when they are dropped, or shown, end no run.

use std::fmt;
use std::panic::panic_any;
use std::sync::Arc;
use std::time::Duration;

use anthropic::tools::{
    AfterTool, FunctionTool, IntoTools, Outcome, RunEvent, Runner, Tool, ToolCall, ToolContext,
    ToolError, ToolErrorKind, ToolOutput, tool_with,
};
use anthropic::types::{Json, ToolUnion};
use anthropic::{BoxFuture, ErrorKind};
use anthropic_sim::Reply;
use serde::Serialize;
use serde_json::json;

use super::{define, echo, on_both_runtimes, params, results, simulator};
use crate::support::traces;

fn call() -> Reply {
    Reply::tool_use("echo", json!({"x": 1}))
}

/// Panics when it is dropped: with text, or with a value that does so in turn.
#[derive(Debug, Clone, Copy, Serialize)]
enum Brittle {
    Text,
    Nested,
}

impl Drop for Guard {
    fn drop(&mut self) {
        match self.0 {
            Brittle::Text => panic!("a drop"),
            Brittle::Nested => panic_any(Self(Brittle::Text)),
        }
    }
}

#[derive(Debug, Serialize)]
struct Guard(Brittle);

/// An error that panics when it is dropped, and when it is shown, if it is.
#[derive(Debug)]
struct Wordless {
    shown: bool,
    _held: Guard,
}

impl Wordless {
    fn new(shown: bool) -> Self {
        Self {
            shown,
            _held: Guard(Brittle::Text),
        }
    }
}

impl fmt::Display for Wordless {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        assert!(!self.shown, "a text");
        f.write_str("no")
    }
}

impl std::error::Error for Wordless {}

/// Fails before it starts.
struct Unable;

impl Tool for Unable {
    fn name(&self) -> &'static str {
        "echo"
    }

    fn definition(&self) -> ToolUnion {
        echo().definition()
    }

    fn call(&self, _: ToolCall, _: ToolContext) -> BoxFuture<'_, Result<ToolOutput, ToolError>> {
        Box::pin(async { Ok(ToolOutput::empty()) })
    }

    fn start(
        self: Arc<Self>,
        _: ToolCall,
        _: ToolContext,
    ) -> Result<BoxFuture<'static, Result<ToolOutput, ToolError>>, ToolError> {
        Err(ToolError::from(Wordless::new(true)))
    }
}

fn failing(shown: bool) -> FunctionTool {
    tool_with(define("echo"), move |_: Json, _| async move {
        Err::<(), _>(Wordless::new(shown))
    })
}

/// Holds values, and is fine.
fn holding(name: &str) -> FunctionTool {
    let held = Guard(Brittle::Nested);
    let tool = tool_with(define(name), move |_: Json, _| {
        let _ = &held;
        async { "fine" }
    });
    let asks = Guard(Brittle::Text);
    tool.confirm(move |_| {
        let _ = &asks;
        async { true }
    })
}

/// Hooks and a price that hold values.
fn hooked(run: Runner) -> Runner {
    let guards = || (Guard(Brittle::Text), Guard(Brittle::Nested));
    let ((one, two), (three, four)) = (guards(), guards());
    let run = run.before_turn(move |_| _ = &one);
    let run = run.after_tool(move |_, _| {
        let _ = &two;
        async { AfterTool::Keep }
    });
    let run = run.before_tool(move |_| {
        let _ = &three;
        async { anthropic::tools::Decision::Run }
    });
    run.max_cost(1_000_000, move |_| {
        let _ = &four;
        1
    })
}

async fn a_run_goes_on(tools: impl Fn() -> FunctionTool, set: fn(Runner) -> Runner, text: &str) {
    for streams in [false, true] {
        for events in [false, true] {
            let (simulator, client) = simulator([call(), Reply::text("Done.")]).await;
            let run = client.messages().run(params()).tools(tools());
            let mut run = set(run.stream(streams));
            let mut outcome = None;
            if events {
                while let Some(event) = run.try_next().await.unwrap() {
                    if let RunEvent::Finished(end) = event {
                        outcome = Some(*end);
                    }
                }
            } else {
                outcome = Some(run.await.unwrap());
            }
            assert!(matches!(outcome, Some(Outcome::Answer(_))), "{outcome:?}");
            assert_eq!(results(&simulator, 1)[0].0, text);
        }
    }
}

async fn errors_and_panics_of_a_tool() {
    // What is traced of them panics, too.
    traces::watch();
    let keep: fn(Runner) -> Runner = |run| run;
    a_run_goes_on(|| failing(false), keep, "no").await;
    a_run_goes_on(|| failing(true), keep, "the tool failed").await;
    let replaced = |run: Runner| {
        run.after_tool(|_, _| async { AfterTool::Replace(ToolOutput::from("other")) })
    };
    a_run_goes_on(|| failing(false), replaced, "other").await;
    let panics = |run: Runner| run.after_tool(|_, _| async { panic_any(Guard(Brittle::Nested)) });
    a_run_goes_on(|| failing(false), panics, "the tool failed").await;
    let panicking = || {
        tool_with(define("echo"), |_: Json, _| async {
            if true {
                panic_any(Guard(Brittle::Nested));
            }
        })
    };
    a_run_goes_on(panicking, keep, "the tool failed").await;
    // A cause that is replaced.
    let twice = || {
        tool_with(define("echo"), |_: Json, _| async {
            let error = ToolError::from(Wordless::new(false));
            Err::<(), _>(error.with_source(Wordless::new(true)))
        })
    };
    a_run_goes_on(twice, keep, "no").await;
    let (simulator, client) = simulator([call(), Reply::text("Done.")]).await;
    let outcome = client.messages().run(params()).tools(Unable).await.unwrap();
    assert_eq!(outcome.text().unwrap(), "Done.");
    assert!(results(&simulator, 1)[0].1);
}

async fn values_of_a_tool() {
    let output = || {
        tool_with(define("echo"), |_: Json, _| async {
            ToolOutput::json(&Guard(Brittle::Text))
        })
    };
    a_run_goes_on(output, |run| run, "the tool failed").await;
    let late = || {
        let tool = tool_with(define("echo"), |_: Json, _| async {
            let _held = (Guard(Brittle::Text), ());
            std::future::pending::<()>().await;
        });
        tool.timeout(Duration::from_millis(10))
    };
    let limit = "the tool was not done within 10ms, and was cancelled";
    a_run_goes_on(late, |run| run, limit).await;
}

/// More than one at a time: each is dropped by itself.
async fn what_tools_and_hooks_hold() {
    a_run_goes_on(|| holding("echo"), hooked, "fine").await;
    a_run_goes_on(
        || holding("echo"),
        |run| hooked(hooked(run).tools(holding("other"))),
        "fine",
    )
    .await;
    // One that comes and goes.
    let comes = |run: Runner| {
        run.before_turn(|turn| {
            if turn.number() == 1 {
                turn.add_tools(holding("later"));
                turn.remove_tool("later");
            } else {
                turn.remove_tool("echo");
            }
        })
    };
    let (_simulator, client) = simulator([call(), Reply::text("Done.")]).await;
    let run = comes(
        client
            .beta()
            .messages()
            .run(params())
            .tools(holding("echo")),
    );
    assert_eq!(run.await.unwrap().text().unwrap(), "Done.");
}

async fn a_run_that_can_not_begin() {
    let (simulator, client) = simulator([]).await;
    let same = [holding("echo"), holding("echo")].into_tools();
    let run = hooked(client.messages().run(params()).tools(same));
    let error = run.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Request);
    assert!(error.to_string().contains("two tools"), "{error}");
    assert!(simulator.requests().is_empty());
}

/// What the caller sees of it is as it was.
async fn the_error_is_the_caller_s() {
    let (_simulator, client) = simulator([call(), Reply::text("Done.")]).await;
    let mut run = client.messages().run(params()).tools(failing(false));
    let mut seen = None;
    while let Some(event) = run.try_next().await.unwrap() {
        if let RunEvent::ToolFinished { error, .. } = event {
            seen = error;
        }
    }
    let error = seen.unwrap();
    assert_eq!(error.kind(), ToolErrorKind::Failed);
    assert!(error.source().unwrap().is::<Wordless>());
}

on_both_runtimes! {
    errors_and_panics_of_a_tool
    values_of_a_tool
    what_tools_and_hooks_hold
    a_run_that_can_not_begin
    the_error_is_the_caller_s
}
