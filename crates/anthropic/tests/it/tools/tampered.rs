//! States that are not as they were stored: an error, and nothing that is finished runs again.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anthropic::Client;
use anthropic::ErrorKind;
use anthropic::tools::{Approval, ToolCall, Waiting};
use anthropic_sim::{Reply, Simulator};
use serde_json::{Value, json};

use super::control::{counted, waiting};
use super::model::random::Numbers;
use super::{on_both_runtimes, params, simulator};

/// A run of which one call is finished, and two wait.
struct Stored {
    simulator: Simulator,
    client: Client,
    state: Waiting,
    whole: Value,
    /// How often `echo` and `delete` ran.
    ran: [Arc<AtomicUsize>; 2],
}

impl Stored {
    async fn new() -> Self {
        let calls = Reply::new()
            .with_tool_use("echo", json!({"x": 1}))
            .with_tool_use("delete", json!({"x": 2}))
            .with_tool_use("delete", json!({"x": 3}));
        let (simulator, client) = simulator([calls, Reply::text("Done.")]).await;
        let ran = [Arc::default(), Arc::default()];
        let run = client.messages().run(params());
        let run = run.tools([
            counted("echo", &ran[0]),
            counted("delete", &ran[1]).needs_approval(),
        ]);
        let state = waiting(run.await.unwrap());
        let whole = serde_json::to_value(&state).unwrap();
        Self {
            simulator,
            client,
            state,
            whole,
            ran,
        }
    }

    /// What somebody approved when it was stored.
    fn approvals(&self) -> Vec<Approval> {
        self.state.calls().map(ToolCall::approve).collect()
    }

    async fn resume(&self, state: Waiting) -> Result<anthropic::tools::Outcome, anthropic::Error> {
        let run = self.client.messages().resume(state, self.approvals());
        let [echo, delete] = &self.ran;
        run.tools([
            counted("echo", echo),
            counted("delete", delete).needs_approval(),
        ])
        .await
    }

    fn ran(&self) -> [usize; 2] {
        [0, 1].map(|at: usize| self.ran[at].load(Ordering::SeqCst))
    }
}

/// A change to a state as it was stored.
type Change = fn(&mut Value);

fn list<'a>(state: &'a mut Value, name: &str) -> &'a mut Vec<Value> {
    state[name].as_array_mut().unwrap()
}

async fn what_does_not_belong_together_is_not_read() {
    let other_calls = "other calls than its last message";
    let changes: [(Change, &str); 13] = [
        (|it| it["format"] = json!(0), "has the form 0"),
        (|it| it["format"] = json!(2), "has the form 2"),
        (|it| it["version"] = json!("1"), "`version` of the state"),
        (
            |it| it["calls"][1]["id"] = json!("toolu_other"),
            other_calls,
        ),
        (
            |it| it["calls"][0]["id"] = it["calls"][1]["id"].clone(),
            other_calls,
        ),
        (|it| list(it, "calls").swap(0, 1), other_calls),
        (
            |it| {
                for name in ["calls", "results", "inputs"] {
                    list(it, name).remove(1);
                }
            },
            other_calls,
        ),
        (
            |it| {
                for name in ["calls", "results", "inputs"] {
                    let last = list(it, name).last().unwrap().clone();
                    list(it, name).push(last);
                }
            },
            other_calls,
        ),
        (|it| drop(list(it, "messages").pop()), other_calls),
        (
            |it| list(it, "results").push(json!(null)),
            "other results or inputs than calls",
        ),
        (
            |it| drop(list(it, "inputs").pop()),
            "other results or inputs than calls",
        ),
        (
            |it| it["results"][1] = it["results"][0].clone(),
            "the result of another call",
        ),
        (
            |it| list(it, "results").swap(0, 1),
            "the result of another call",
        ),
    ];
    let stored = Stored::new().await;
    for (change, expected) in changes {
        let mut state = stored.whole.clone();
        change(&mut state);
        let error = serde_json::from_value::<Waiting>(state).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    }
    assert_eq!(stored.ran(), [1, 0]);
}

/// The approvals are about the inputs that were shown.
async fn another_input_or_name_is_not_what_was_approved() {
    let changes: [Change; 3] = [
        |it| it["inputs"][1][1]["x"] = json!(20),
        |it| it["calls"][1]["name"] = json!("echo"),
        |it| it["calls"][1]["toolset_name"] = json!("browser"),
    ];
    let stored = Stored::new().await;
    for change in changes {
        let mut state = stored.whole.clone();
        change(&mut state);
        let error = stored.resume(serde_json::from_value(state).unwrap()).await;
        let error = error.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Request);
        assert!(error.to_string().contains("another input"), "{error}");
        assert!(error.partial::<Waiting>().is_some());
    }
    assert_eq!(stored.ran(), [1, 0]);
    assert_eq!(stored.simulator.requests().len(), 1);
    let outcome = stored.resume(stored.state.clone()).await.unwrap();
    assert_eq!(outcome.text().unwrap(), "Done.");
    assert_eq!(stored.ran(), [1, 2]);
}

/// Changes one value somewhere, or takes it out.
fn tamper(value: &mut Value, numbers: &mut Numbers) {
    let same = match &*value {
        Value::String(text) if numbers.often(50) => json!(format!("{text}x")),
        Value::String(_) => json!("other"),
        Value::Number(_) => json!(numbers.below(100)),
        Value::Bool(is) => json!(!is),
        value => value.clone(),
    };
    let other = [
        json!(null),
        json!(7),
        json!("other"),
        json!([]),
        json!({"x": 1}),
    ];
    let other = if numbers.often(80) {
        same
    } else {
        numbers.pick(&other).clone()
    };
    let deeper = numbers.often(97);
    match value {
        Value::Object(fields) if !fields.is_empty() && deeper => {
            let names: Vec<String> = fields.keys().cloned().collect();
            let name = numbers.pick(&names);
            if numbers.often(3) {
                fields.remove(name);
            } else {
                tamper(&mut fields[name], numbers);
            }
        }
        Value::Array(values) if !values.is_empty() && deeper => {
            let at = usize::try_from(numbers.below(values.len() as u64)).unwrap();
            match numbers.below(20) {
                0 => drop(values.remove(at)),
                1 => values.push(values[at].clone()),
                _ => tamper(&mut values[at], numbers),
            }
        }
        value => *value = other,
    }
}

/// Whatever is changed, there is an error or an outcome, and no call runs more often than it may.
async fn whatever_is_changed_nothing_runs_twice() {
    let stored = Stored::new().await;
    let (mut unread, mut refused, mut resumed) = (0, 0, 0);
    let mut ran = stored.ran();
    for seed in 0..300 {
        let mut numbers = Numbers::new(seed);
        let mut state = stored.whole.clone();
        for _ in 0..=numbers.below(2) {
            tamper(&mut state, &mut numbers);
        }
        let Ok(state) = serde_json::from_value::<Waiting>(state) else {
            unread += 1;
            continue;
        };
        match stored.resume(state).await {
            Ok(_) => resumed += 1,
            Err(_) => refused += 1,
        }
        let now = stored.ran();
        assert!(now[0] == 1 && now[1] <= ran[1] + 2, "seed {seed}: {now:?}");
        ran = now;
    }
    let met = [unread, refused, resumed];
    assert!(met.iter().all(|count| *count > 20), "{met:?}");
}

on_both_runtimes! {
    what_does_not_belong_together_is_not_read
    another_input_or_name_is_not_what_was_approved
    whatever_is_changed_nothing_runs_twice
}
