//! Tools that block their thread beyond their time limit, which can't end them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use anthropic::tools::{RunEvent, tool_with};
use anthropic::types::Json;
use anthropic::{BoxFuture, Client, Clock};
use anthropic_sim::{Reply, Simulator};
use serde_json::json;

use super::{define, params, results};
use crate::support::traces;

const LIMIT: Duration = Duration::from_secs(5);

/// Its time passes where a tool has it pass, while no other code runs.
#[derive(Debug, Clone, Default)]
struct Seconds(Arc<AtomicU64>);

impl Seconds {
    fn pass(&self, seconds: u64) {
        self.0.fetch_add(seconds, Ordering::Relaxed);
    }
}

impl Clock for Seconds {
    fn now(&self) -> Duration {
        Duration::from_secs(self.0.load(Ordering::Relaxed))
    }

    fn wall(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + self.now()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let (clock, until) = (self.clone(), self.now() + duration);
        Box::pin(std::future::poll_fn(move |task| {
            if clock.now() >= until {
                return std::task::Poll::Ready(());
            }
            task.waker().wake_by_ref();
            std::task::Poll::Pending
        }))
    }

    fn random(&self) -> f64 {
        0.0
    }
}

#[tokio::test]
async fn what_a_tool_returns_late_counts_and_is_warned_of() {
    traces::watch();
    // How long it blocks, whether it waits afterwards, what comes of it, whether that is warned of.
    for (seconds, waits, text, warns) in [
        (4, false, "done", false),
        (6, false, "done", true),
        (
            6,
            true,
            "the tool was not done within 5s, and was cancelled",
            true,
        ),
    ] {
        let clock = Seconds::default();
        let replies = [
            Reply::tool_use("echo", json!({"x": 1})),
            Reply::text("Done."),
        ];
        let simulator = Simulator::builder().replies(replies).start().await.unwrap();
        let client = Client::builder()
            .api_key(simulator.api_key())
            .base_url(simulator.url())
            .clock(clock.clone())
            .build()
            .unwrap();
        let name = format!("blocks_{seconds}_{waits}");
        let tool = tool_with(define("echo"), move |_: Json, _| {
            let clock = clock.clone();
            async move {
                clock.pass(seconds);
                if waits {
                    clock.sleep(Duration::from_secs(60)).await;
                }
                "done"
            }
        });
        let mut run = client.messages().run(params()).tools(tool.timeout(LIMIT));
        let (mut late, before) = (None, warnings());
        while let Some(event) = run.try_next().await.unwrap() {
            if let RunEvent::ToolFinished { elapsed, .. } = event {
                late = Some(elapsed);
            }
        }
        assert_eq!(results(&simulator, 1)[0].0, text, "{name}");
        assert_eq!(warnings() > before, warns, "{name}");
        assert!(late.unwrap() >= Duration::from_secs(seconds), "{name}");
    }
}

/// How often a tool was warned of.
fn warnings() -> usize {
    traces::of_this_thread()
        .matches("blocked its thread")
        .count()
}
