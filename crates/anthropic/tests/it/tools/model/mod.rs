//! Whatever a model writes and tools and hooks do, the next request passes the rules on
//! conversations, and no call begins twice.
//!
//! `.ci/long` takes more numbers, by the variable `ANTHROPIC_TEST_SEEDS`: `5000..8000`.

pub(super) mod random;
mod setup;

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

use anthropic::tools::{
    Approval, Decision, Outcome, RunEvent, Runner, ToolCall, Transcript, Waiting,
};
use anthropic::types::MessageCreateParams;
use anthropic::{Client, Error, ErrorKind};
use anthropic_sim::{RecordedRequest, Reply};
use futures_util::{FutureExt, StreamExt};
use serde_json::json;

use self::random::{Numbers, reply};
use self::setup::{Part, set};
use super::control::stored;
use super::{define, on_both_runtimes, searching, simulator};

/// A run that is over, or that was dropped.
enum Ended {
    Over(Result<Outcome, Error>),
    Dropped(Transcript),
}

/// Awaits a run, or reads so many of its events and drops it in the middle of what is next.
async fn end(mut run: Runner, events: Option<u64>) -> Ended {
    let Some(events) = events else {
        return Ended::Over(run.await);
    };
    for left in (0..=events).rev() {
        let event = match left {
            0 => run.next().now_or_never(),
            _ => Some(run.next().await),
        };
        match event {
            Some(Some(Ok(RunEvent::Finished(outcome)))) => return Ended::Over(Ok(*outcome)),
            Some(Some(Err(error))) => return Ended::Over(Err(error)),
            Some(None) => panic!("a run without an end"),
            Some(Some(Ok(_))) | None => {}
        }
    }
    Ended::Dropped(run.transcript())
}

/// What somebody decides later about a call; none is to wait on.
fn decide(numbers: &mut Numbers, call: &ToolCall) -> Option<Approval> {
    Some(match numbers.below(9) {
        0 => call.deny("no"),
        1 => call.decide(Decision::answer("by hand")),
        2 => call.decide(Decision::run_with(json!({"x": 20}))),
        3 => call.decide(Decision::Defer),
        4 => call.decide(Decision::stop("never")),
        5 => return None,
        _ => call.approve(),
    })
}

/// How the runs of a test ended.
type Met = Vec<&'static str>;

fn name(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Answer(_) => "answer",
        Outcome::Refusal(_) => "refusal",
        Outcome::Cut(_) => "cut",
        Outcome::Waiting(_) => "waiting",
        Outcome::Limit { .. } => "limit",
        Outcome::Stopped { .. } => "stopped",
        _ => "other",
    }
}

struct Walk<'a> {
    client: &'a Client,
    numbers: Numbers,
    part: Part,
    met: Met,
}

impl Walk<'_> {
    fn run(&mut self, params: MessageCreateParams) -> Runner {
        let run = if self.numbers.often(50) {
            self.met.push("beta");
            self.client.beta().messages().run(params)
        } else {
            self.met.push("ga");
            self.client.messages().run(params)
        };
        set(&mut self.numbers, run, &self.part)
    }

    /// Goes on with a state, in the way of the first run or in the other.
    fn resume(&mut self, state: Waiting, decides: bool) -> Runner {
        let state = if self.numbers.often(50) {
            stored(&state)
        } else {
            state
        };
        let numbers = &mut self.numbers;
        let answer = |call: &ToolCall| Some(call.decide(Decision::answer("by hand")));
        let approvals: Vec<Approval> = state
            .calls()
            .filter_map(|call| {
                if decides {
                    decide(numbers, call)
                } else {
                    answer(call)
                }
            })
            .collect();
        let run = if numbers.often(50) {
            self.client.beta().messages().resume(state, approvals)
        } else {
            self.client.messages().resume(state, approvals)
        };
        set(&mut self.numbers, run, &self.part)
    }

    /// Another run, with what came of the one before.
    fn again(&mut self, transcript: Transcript) -> Runner {
        let mut params = searching();
        params.messages = transcript.into_messages();
        self.part.number += 1;
        self.run(params.user("Go on."))
    }

    /// The run that follows, or the conversation in which this ended.
    fn follow(&mut self, ended: Ended) -> Result<Runner, Box<Transcript>> {
        let transcript = match ended {
            Ended::Dropped(transcript) => {
                self.met.push("dropped");
                transcript
            }
            Ended::Over(Err(error)) => {
                if let Some(state) = error.partial::<Waiting>() {
                    // Somebody approved what has no code in this run.
                    assert!(error.to_string().contains("no code"), "{error}");
                    self.met.push("no code");
                    return Ok(self.resume(state.clone(), false));
                }
                // A hook withdrew a tool that there never was.
                let unheard_of = error.to_string().contains("removes the tool");
                let failed = matches!(
                    error.kind(),
                    ErrorKind::Overloaded | ErrorKind::StreamTruncated | ErrorKind::Body
                );
                assert!(failed || unheard_of, "{:?}: {error}", error.kind());
                self.met
                    .push(if unheard_of { "unheard of" } else { "error" });
                error.partial::<Transcript>().unwrap().clone()
            }
            Ended::Over(Ok(outcome)) => {
                self.met.push(name(&outcome));
                match outcome {
                    Outcome::Waiting(state) if self.numbers.often(90) => {
                        return Ok(self.resume(*state, true));
                    }
                    outcome => outcome.into_transcript(),
                }
            }
        };
        if self.numbers.often(50) {
            Ok(self.again(transcript))
        } else {
            Err(Box::new(transcript))
        }
    }
}

/// The API takes the conversation with a turn after it, whatever it replies.
async fn takes(client: &Client, transcript: Transcript) {
    let mut next = searching().tools([define("echo")]);
    next.messages = transcript.into_messages();
    let reply = client.beta().messages().create(next.user("And now?")).await;
    if let Err(error) = reply {
        assert_ne!(error.kind(), ErrorKind::InvalidRequest, "{error}");
    }
}

async fn walk(seed: u64) -> Met {
    let mut numbers = Numbers::new(seed);
    let replies: Vec<Reply> = (0..8).map(|_| reply(&mut numbers)).collect();
    let (simulator, client) = simulator(replies).await;
    let part = Part {
        number: 0,
        began: std::sync::Arc::default(),
    };
    let mut walk = Walk {
        client: &client,
        numbers,
        part,
        met: Met::new(),
    };
    let check = async {
        let mut run = walk.run(searching());
        let mut left = 8;
        let transcript = loop {
            let events = walk.numbers.often(50).then(|| walk.numbers.below(40));
            let ended = end(run, events).await;
            left -= 1;
            match walk.follow(ended) {
                Ok(next) if left > 0 => run = next,
                Ok(next) => break next.transcript(),
                Err(transcript) => break *transcript,
            }
        };
        takes(&client, transcript).await;
    };
    if let Err(panic) = std::panic::AssertUnwindSafe(check).catch_unwind().await {
        let sent: Vec<_> = simulator
            .requests()
            .iter()
            .map(RecordedRequest::json)
            .collect();
        eprintln!("seed {seed}: {}", json!(sent));
        std::panic::resume_unwind(panic);
    }
    let began = walk.part.began.lock().unwrap();
    let once: HashSet<_> = began.iter().collect();
    assert_eq!(once.len(), began.len(), "seed {seed}: {began:?}");
    walk.met
}

/// Which numbers: a few seconds of them.
#[expect(
    clippy::disallowed_methods,
    reason = "how long the test takes is set there"
)]
fn seeds() -> Range<u64> {
    let Ok(set) = std::env::var("ANTHROPIC_TEST_SEEDS") else {
        return 0..100;
    };
    let (first, end) = set.split_once("..").unwrap();
    first.parse().unwrap()..end.parse().unwrap()
}

async fn whatever_happens_the_conversation_stays_valid() {
    let mut walks = futures_util::stream::iter(seeds().map(walk)).buffer_unordered(8);
    let mut met: BTreeMap<&str, usize> = BTreeMap::new();
    while let Some(one) = walks.next().await {
        for name in one {
            *met.entry(name).or_default() += 1;
        }
    }
    // Each end was met, so the property is about all of them.
    for end in [
        "answer", "beta", "cut", "dropped", "error", "ga", "limit", "other", "refusal", "stopped",
        "waiting",
    ] {
        assert!(met.contains_key(end), "no {end}: {met:?}");
    }
}

on_both_runtimes! {
    whatever_happens_the_conversation_stays_valid
}
