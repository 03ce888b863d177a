//! Calls that start while their message arrives: none runs twice, and none that ran is lost,
//! however the stream comes and wherever the run ends.

use std::future::IntoFuture;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anthropic::Client;
use anthropic::tools::{Decision, FunctionTool, Outcome, RunEvent, Runner, ToolCall, tool_with};
use anthropic::transport::Body;
use anthropic::types::StreamEvent;
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::{Number, define, echo, params, transcript};
use crate::stream_support::{
    EVENT_STREAM, answer, close, end, input, open, pause, sse, start, text_block, then_broken,
    then_silence,
};
use crate::support::{self, Script};

type Ran = Arc<Mutex<Vec<String>>>;

fn begin(index: u64, id: &str, name: &str) -> Value {
    open(
        index,
        &json!({"type": "tool_use", "id": id, "name": name, "input": {}}),
    )
}

/// The events of a call.
pub(super) fn call(index: u64, id: &str, name: &str) -> [Value; 3] {
    let input = input(index, &format!("{{\"x\": {index}}}"));
    [begin(index, id, name), input, close(index)]
}

fn stops(reason: &str) -> [Value; 2] {
    let [mut delta, stop] = end();
    delta["delta"]["stop_reason"] = reason.into();
    [delta, stop]
}

/// A message of these parts, and what follows it.
pub(super) fn message(parts: impl IntoIterator<Item = Value>, reason: &str) -> Vec<Value> {
    let events = std::iter::once(start()).chain(parts);
    events.chain(stops(reason)).collect()
}

pub(super) fn client(bodies: impl IntoIterator<Item = Body>) -> Client {
    let replies = bodies.into_iter();
    let replies = replies.map(|body| support::Reply::new(200, &[EVENT_STREAM], body));
    support::client(&Script::new(replies))
}

pub(super) fn streamed(events: &[Value]) -> Client {
    client([Body::from(sse(events)), Body::from(sse(&answer("Done.")))])
}

/// Notes that it ran, and returns its name.
fn noted(name: &'static str, ran: &Ran) -> FunctionTool {
    let ran = Arc::clone(ran);
    tool_with(define(name), move |input: Number, _| {
        ran.lock().unwrap().push(format!("{name} {}", input.x));
        async move { name }
    })
}

fn eager(client: &Client, ran: &Ran) -> Runner {
    let run = client.messages().run(params());
    let run = run.tools((noted("a", ran), noted("b", ran), noted("c", ran)));
    run.stream(true).eager_tools(true)
}

/// The results of a conversation: the call's id and the text.
fn results(outcome: Result<Outcome, anthropic::Error>) -> Vec<(String, String)> {
    let messages = transcript(outcome).into_messages();
    let messages = serde_json::to_value(messages).unwrap();
    let blocks = messages.as_array().unwrap().iter();
    let blocks = blocks.flat_map(|turn| turn["content"].as_array().cloned().unwrap_or_default());
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    blocks
        .filter(|block| block["type"] == "tool_result")
        .map(|block| (text(&block["tool_use_id"]), text(&block["content"])))
        .collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(id, text): &(&str, &str)| ((*id).to_owned(), (*text).to_owned());
    expected.iter().map(owned).collect()
}

#[tokio::test]
async fn blocks_that_interleave_or_come_late_run_each_call_once() {
    let [a, b, c] = [call(0, "1", "a"), call(1, "2", "b"), call(2, "3", "c")];
    let pick = |from: [&Value; 9]| from.map(Clone::clone).to_vec();
    for events in [
        // Both are open at a time.
        pick([
            &a[0], &b[0], &a[1], &b[1], &a[2], &b[2], &c[0], &c[1], &c[2],
        ]),
        pick([
            &a[0], &b[0], &b[1], &b[2], &a[1], &a[2], &c[0], &c[1], &c[2],
        ]),
        // The second comes last, when the first and the third have started.
        pick([
            &a[0], &a[1], &a[2], &c[0], &c[1], &c[2], &b[0], &b[1], &b[2],
        ]),
        // The first comes last.
        pick([
            &b[0], &b[1], &b[2], &c[0], &c[1], &c[2], &a[0], &a[1], &a[2],
        ]),
        // In order.
        pick([
            &a[0], &a[1], &a[2], &b[0], &b[1], &b[2], &c[0], &c[1], &c[2],
        ]),
    ] {
        let ran = Ran::default();
        let client = streamed(&message(events.clone(), "tool_use"));
        let outcome = eager(&client, &ran).await;
        let expected = pairs(&[("1", "a"), ("2", "b"), ("3", "c")]);
        assert_eq!(results(outcome), expected, "{events:?}");
        let mut ran = ran.lock().unwrap().clone();
        ran.sort();
        assert_eq!(ran, ["a 0", "b 1", "c 2"], "{events:?}");
    }
}

#[tokio::test]
async fn calls_that_the_start_of_the_message_has_are_not_mistaken_for_others() {
    let mut events = message([call(1, "2", "b"), call(2, "3", "c")].concat(), "tool_use");
    let given = json!([{"type": "tool_use", "id": "1", "name": "a", "input": {"x": 0}}]);
    events[0]["message"]["content"] = given;
    let ran = Ran::default();
    let outcome = eager(&streamed(&events), &ran).await;
    let expected = pairs(&[("1", "a"), ("2", "b"), ("3", "c")]);
    assert_eq!(results(outcome), expected);
    assert_eq!(ran.lock().unwrap().len(), 3);
}

/// Wherever the run ends, a call that ran has its result.
#[tokio::test(start_paused = true)]
async fn what_ran_is_in_the_conversation_wherever_the_run_ends() {
    let parts = || {
        [
            &call(0, "1", "a")[..],
            &call(1, "2", "b"),
            &[open(2, &text_block())],
        ]
        .concat()
    };
    let whole = |reason: &str| Body::from(sse(&message(parts(), reason)));
    let broken = || sse(&[&[start()][..], &parts()].concat());
    let no_run = |texts: &[(String, String)], end: &str| {
        let texts: Vec<&str> = texts.iter().map(|(_, text)| &**text).collect();
        assert_eq!(texts, ["a", "b"], "{end}");
    };
    for reason in ["max_tokens", "tool_use"] {
        let ran = Ran::default();
        let run = eager(&client([whole(reason)]), &ran).max_turns(1);
        no_run(&results(run.await), reason);
    }
    let ran = Ran::default();
    let run = eager(&client([whole("tool_use")]), &ran).max_cost(1, |_| panic!("no price"));
    let ended = run.await;
    assert!(ended.is_err());
    no_run(&results(ended), "price");
    for body in [then_broken(broken()), Body::from(broken())] {
        let ended = eager(&client([body]), &ran).await;
        let error = ended.as_ref().unwrap_err();
        let partial = error.partial::<anthropic::tools::Transcript>().unwrap();
        assert!(partial.partial_message().is_some());
        assert_eq!(partial.messages().len(), 3);
        no_run(&results(ended), "broken");
    }
    let run = eager(&client([then_silence(broken())]), &ran);
    let ended = run.time_limit(Duration::from_secs(5)).await;
    assert!(matches!(ended, Ok(Outcome::Limit { .. })), "{ended:?}");
    no_run(&results(ended), "time");
    assert_eq!(ran.lock().unwrap().len(), 8, "price, two broken, time");
}

#[tokio::test]
async fn a_stop_of_a_later_call_keeps_what_ran() {
    let parts = [call(0, "1", "a"), call(1, "2", "b"), call(2, "3", "c")].concat();
    for stopped in ["b", "c"] {
        let ran = Ran::default();
        let run = eager(&streamed(&message(parts.clone(), "tool_use")), &ran);
        let mut run = run.before_tool(move |call| async move {
            if call.name() == stopped {
                Decision::stop("enough")
            } else {
                Decision::Run
            }
        });
        let (mut started, mut finished) = (Vec::new(), Vec::new());
        let outcome = loop {
            match run.try_next().await.unwrap().unwrap() {
                RunEvent::ToolStarted { call } => started.push(call.id().to_owned()),
                RunEvent::ToolFinished { call, .. } => finished.push(call.id().to_owned()),
                RunEvent::Finished(outcome) => break *outcome,
                _ => {}
            }
        };
        assert!(matches!(outcome, Outcome::Stopped { .. }), "{outcome:?}");
        assert_eq!(started, finished);
        let results = results(Ok(outcome));
        assert_eq!(results[0].1, "a");
        assert!(results[2].1.contains("did not run"), "{results:?}");
        let ran = ran.lock().unwrap().len();
        assert_eq!(ran, if stopped == "b" { 1 } else { 2 });
    }
}

/// A person may take a minute to confirm a call. Others go on meanwhile.
#[tokio::test(start_paused = true)]
async fn calls_make_progress_while_somebody_decides() {
    for asks_early in [false, true] {
        let parts = [
            call(0, "1", "quick"),
            call(1, "2", "asks"),
            call(2, "3", "a"),
        ]
        .concat();
        let client = streamed(&message(parts, "tool_use"));
        let ran = Ran::default();
        let quick = tool_with(define("quick"), |_: Number, _| async {
            for _ in 0..3 {
                pause(Duration::from_secs(1)).await;
            }
            "in time"
        });
        let mut asks = noted("asks", &ran);
        if !asks_early {
            asks = asks.confirm(|_: ToolCall| async {
                pause(Duration::from_secs(60)).await;
                true
            });
        }
        let run = eager(&client, &ran).tools((quick.timeout(Duration::from_secs(5)), asks));
        let asked = Arc::new(AtomicUsize::new(0));
        let run = run.before_tool(move |call| {
            let waits = asks_early && call.name() == "asks";
            asked.fetch_add(1, Ordering::SeqCst);
            async move {
                if waits {
                    pause(Duration::from_secs(60)).await;
                }
                Decision::Run
            }
        });
        let expected = pairs(&[("1", "in time"), ("2", "asks"), ("3", "a")]);
        assert_eq!(results(run.await), expected, "asks early: {asks_early}");
    }
}

/// A hook decides about the first call once the reader has seen something that comes later.
async fn decides_when_seen(seen: fn(&RunEvent) -> bool) -> (Vec<&'static str>, Outcome, usize) {
    let parts = [call(0, "1", "a"), call(1, "2", "b"), call(2, "3", "c")].concat();
    let ran = Ran::default();
    let asked = Arc::new(AtomicUsize::new(0));
    let (count, gate) = (Arc::clone(&asked), Arc::new(Notify::new()));
    let opens = Arc::clone(&gate);
    let run = eager(&streamed(&message(parts, "tool_use")), &ran);
    let mut run = run.before_tool(move |call| {
        count.fetch_add(1, Ordering::SeqCst);
        let opens = Arc::clone(&opens);
        async move {
            if call.name() == "a" {
                opens.notified().await;
            }
            Decision::Run
        }
    });
    let mut names = Vec::new();
    loop {
        let event = tokio::time::timeout(Duration::from_secs(60), run.try_next()).await;
        let event = event.expect("nothing comes while the hook decides");
        let event = event.unwrap().unwrap();
        if seen(&event) {
            gate.notify_one();
        }
        names.push(match event {
            RunEvent::TurnFinished { .. } => "turn",
            RunEvent::ToolStarted { .. } => "start",
            RunEvent::ToolFinished { .. } => "finish",
            RunEvent::Finished(outcome) => {
                let ran = ran.lock().unwrap().clone();
                assert_eq!(ran, ["a 0", "b 1", "c 2"], "in order, and each once");
                return (names, *outcome, asked.load(Ordering::SeqCst));
            }
            _ => continue,
        });
    }
}

/// A person may decide when the message is complete, or in the middle of it.
#[tokio::test(start_paused = true)]
async fn the_message_goes_on_while_a_hook_decides() {
    let expected = pairs(&[("1", "a"), ("2", "b"), ("3", "c")]);
    let in_the_middle = |event: &RunEvent| match event {
        RunEvent::Model(event) => {
            matches!(&**event, StreamEvent::ContentBlockStart(it) if it.index == 2)
        }
        _ => false,
    };
    let (names, outcome, asked) = decides_when_seen(in_the_middle).await;
    assert_eq!(names[..3], ["start"; 3], "before the message is complete");
    assert_eq!(names[3], "turn");
    assert_eq!(asked, 3);
    assert_eq!(results(Ok(outcome)), expected);

    let at_the_end = |event: &RunEvent| matches!(event, RunEvent::TurnFinished { .. });
    let (names, outcome, asked) = decides_when_seen(at_the_end).await;
    assert_eq!(names[..2], ["turn", "start"]);
    assert_eq!(asked, 3, "nobody is asked twice");
    assert_eq!(results(Ok(outcome)), expected);
}

/// What nobody has decided about does not run where its message ends the run.
#[tokio::test(start_paused = true)]
async fn a_call_that_is_not_decided_about_does_not_run_after_the_end() {
    let parts = || [call(0, "1", "a"), call(1, "2", "b")].concat();
    let broken = sse(&[&[start()][..], &parts()].concat());
    let cut = sse(&message(parts(), "max_tokens"));
    for body in [Body::from(cut), then_broken(broken)] {
        let ran = Ran::default();
        let run = eager(&client([body]), &ran);
        let run = run.before_tool(|_| async {
            std::future::pending::<()>().await;
            Decision::Run
        });
        let ended = tokio::time::timeout(Duration::from_secs(60), run.into_future()).await;
        for (_, text) in results(ended.expect("the run does not wait for the hook")) {
            assert!(text.contains("did not run"), "{text}");
        }
        assert!(ran.lock().unwrap().is_empty());
    }
}

/// A hook may decide between the message's reason to stop and its end.
#[tokio::test(start_paused = true)]
async fn a_decision_about_a_call_of_a_message_that_is_cut_off_starts_nothing() {
    for reason in ["max_tokens", "refusal", "model_context_window_exceeded"] {
        let parts = [call(0, "1", "a"), call(1, "2", "b")].concat();
        let ran = Ran::default();
        let gate = Arc::new(Notify::new());
        let opens = Arc::clone(&gate);
        let run = eager(&client([Body::from(sse(&message(parts, reason)))]), &ran);
        let mut run = run.before_tool(move |_| {
            let opens = Arc::clone(&opens);
            async move {
                opens.notified().await;
                Decision::Run
            }
        });
        let (mut started, mut ended) = (0, None);
        while let Some(event) = run.try_next().await.unwrap() {
            match event {
                RunEvent::Model(event) if matches!(&*event, StreamEvent::MessageDelta(_)) => {
                    gate.notify_one();
                }
                RunEvent::ToolStarted { .. } => started += 1,
                RunEvent::Finished(outcome) => ended = Some(*outcome),
                _ => {}
            }
        }
        assert_eq!(started, 0, "{reason}");
        assert!(ran.lock().unwrap().is_empty());
        for (_, text) in results(Ok(ended.unwrap())) {
            assert!(text.contains("did not run"), "{text}");
        }
    }
}

/// Some gateways give the first call of every message the same id; the events have the one that
/// the conversation has.
#[tokio::test]
async fn events_name_a_call_as_the_conversation_does() {
    let turn = || {
        message(
            [&call(0, "call_0", "echo")[..], &call(1, "call_0", "echo")].concat(),
            "tool_use",
        )
    };
    let bodies = [turn(), turn(), answer("Done.")];
    let client = client(bodies.map(|events| Body::from(sse(&events))));
    let run = client.messages().run(params()).tools(echo());
    let mut run = run.stream(true).eager_tools(true);
    let (mut started, mut finished) = (Vec::new(), Vec::new());
    let outcome = loop {
        match run.try_next().await.unwrap().unwrap() {
            RunEvent::ToolStarted { call } => started.push(call.id().to_owned()),
            RunEvent::ToolFinished { call, .. } => finished.push(call.id().to_owned()),
            RunEvent::Finished(outcome) => break *outcome,
            _ => {}
        }
    };
    let results = results(Ok(outcome));
    let ids: Vec<String> = results.into_iter().map(|(id, _)| id).collect();
    assert_eq!(ids, ["call_0", "call_0-2", "call_0-3", "call_0-4"]);
    assert_eq!(started, ids);
    assert_eq!(finished, ids);
}
