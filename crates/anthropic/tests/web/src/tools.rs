//! Runs of tools whose futures hold values of JavaScript's.

use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use anthropic::tools::{FunctionTool, RunEvent, ToolError, ToolErrorKind, tool_with};
use anthropic::types::{Json, MessageCreateParams, Model, Tool};
use anthropic::web::send;
use serde::Deserialize;
use serde_json::json;
use wasm_bindgen::JsValue;

use crate::Outcome;
use crate::support::{Place, failed, holds, same, sleep, unique};

#[derive(Deserialize)]
struct Where {
    city: String,
}

fn definition() -> Tool {
    let schema =
        json!({"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]});
    Tool::new(schema, "get_weather").description("The weather in a city, now.")
}

fn params() -> MessageCreateParams {
    MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024)
        .user("What is the weather in San Francisco?")
}

/// Takes a while, by a timer of JavaScript's.
fn weather() -> FunctionTool {
    tool_with(definition(), |input: Where, _| {
        send(async move {
            let sky = JsValue::from_str("foggy");
            sleep(20).await;
            format!("{} in {}", sky.as_string().unwrap_or_default(), input.city)
        })
    })
}

pub async fn a_run_calls_its_tool(place: Place) -> Outcome {
    for streams in [false, true] {
        let run = place.client()?.messages().run(params());
        let mut run = run.tools(weather()).stream(streams);
        let (mut pieces, mut results, mut outcome) = (0, Vec::new(), None);
        while let Some(event) = run.try_next().await? {
            match event {
                RunEvent::Model(_) => pieces += 1,
                RunEvent::ToolFinished {
                    output, elapsed, ..
                } => {
                    holds(
                        elapsed >= Duration::from_millis(15),
                        format!("after {elapsed:?}"),
                    )?;
                    results.push(output.text());
                }
                RunEvent::Finished(end) => outcome = Some(end),
                _ => {}
            }
        }
        let Some(outcome) = outcome else {
            return failed("the run has no end");
        };
        same(results.len(), 1)?;
        holds(results[0].starts_with("foggy in "), &results[0])?;
        let text = outcome.text()?;
        holds(text.contains(&results[0]), text)?;
        same(outcome.transcript().calls(), 1)?;
        same(pieces > 5, streams)?;
    }
    Ok(())
}

/// The helper's model calls two tools in one message, and then repeats their results.
pub async fn calls_of_one_message_run_at_once(place: Place) -> Outcome {
    let (now, most) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let counts = (now.clone(), most.clone());
    let tool = tool_with(definition(), move |input: Where, _| {
        let (now, most) = counts.clone();
        send(async move {
            most.fetch_max(now.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
            sleep(60).await;
            now.fetch_sub(1, Ordering::Relaxed);
            input.city
        })
    });
    let client = place.helped(&format!("tools/{}", unique()))?;
    let outcome = client.messages().run(params()).tools(tool).await?;
    same(outcome.text()?, "Bern, Oslo".to_owned())?;
    same(most.load(Ordering::Relaxed), 2)
}

/// Set when a future that can't cross threads is dropped.
struct Dropped {
    _stays_here: Rc<()>,
    flag: Arc<AtomicBool>,
}

impl Drop for Dropped {
    fn drop(&mut self) {
        self.flag.store(true, Ordering::Relaxed);
    }
}

/// Never ends by itself.
fn endless(dropped: &Arc<AtomicBool>) -> FunctionTool {
    let dropped = dropped.clone();
    tool_with(definition(), move |_: Json, _| {
        let dropped = dropped.clone();
        send(async move {
            let _held = Dropped {
                _stays_here: Rc::default(),
                flag: dropped,
            };
            std::future::pending::<()>().await;
            Ok::<_, ToolError>("never")
        })
    })
}

async fn drops(dropped: &AtomicBool) -> Outcome {
    for _ in 0..50 {
        if dropped.load(Ordering::Relaxed) {
            return Ok(());
        }
        sleep(10).await;
    }
    failed("the tool's future goes on")
}

pub async fn a_slow_tool_times_out(place: Place) -> Outcome {
    let dropped = Arc::new(AtomicBool::new(false));
    let tool = endless(&dropped).timeout(Duration::from_millis(80));
    let mut run = place.client()?.messages().run(params()).tools(tool);
    let (mut kinds, mut text) = (Vec::new(), None);
    while let Some(event) = run.try_next().await? {
        match event {
            RunEvent::ToolFinished { error, .. } => {
                kinds.extend(error.map(|error| error.kind()));
            }
            RunEvent::Finished(outcome) => text = Some(outcome.text()?),
            _ => {}
        }
    }
    same(kinds, vec![ToolErrorKind::TimedOut])?;
    holds(text.is_some(), "the run has no end")?;
    drops(&dropped).await
}

pub async fn a_dropped_run_drops_its_tool(place: Place) -> Outcome {
    let dropped = Arc::new(AtomicBool::new(false));
    let run = place.client()?.messages().run(params());
    let mut run = Box::pin(run.tools(endless(&dropped)));
    while let Some(event) = run.try_next().await? {
        if matches!(event, RunEvent::ToolStarted { .. }) {
            break;
        }
    }
    {
        let more = std::pin::pin!(run.try_next());
        let late = std::pin::pin!(sleep(50));
        if let futures_util::future::Either::Left(_) =
            futures_util::future::select(more, late).await
        {
            return failed("the tool has ended");
        }
    }
    holds(
        !dropped.load(Ordering::Relaxed),
        "the tool was dropped early",
    )?;
    drop(run);
    drops(&dropped).await
}
