//! Whatever a model writes and tools do, the next request passes the rules on conversations.

use std::time::Duration;

use anthropic::ErrorKind;
use anthropic::tools::{AfterTool, Decision, Outcome, Runner, ToolCall, Transcript, tool_with};
use anthropic::types::{CacheControlEphemeral, Json};
use anthropic_sim::{RecordedRequest, Reply};
use serde_json::{Value, json};

use super::{
    define, echo, failing, hidden, panicking, passes, searching, simulator, slow, transcript,
};

/// Numbers that are the same in each run of the test.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        let at = self.below(of.len() as u64);
        &of[usize::try_from(at).unwrap()]
    }

    fn often(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

const NAMES: [&str; 7] = [
    "echo",
    "slow",
    "failing",
    "hidden",
    "panicking",
    "asked",
    "unheard of!",
];
const IDS: [&str; 6] = ["toolu_1", "toolu_1", "toolu_2", "call.3/x", "", "é"];
const TEXTS: [&str; 5] = ["", " ", "\n\n", "Let me see. ", "Done."];
const REASONS: [&str; 12] = [
    "tool_use",
    "tool_use",
    "tool_use",
    "tool_use",
    "end_turn",
    "pause_turn",
    "compaction",
    "max_tokens",
    "refusal",
    "stop_sequence",
    "model_context_window_exceeded",
    "unheard_of",
];

fn call(numbers: &mut Numbers) -> Value {
    let inputs = [
        json!({"x": 1}),
        json!({"x": "a"}),
        json!({}),
        json!([1]),
        json!("{\"x\": "),
        json!(null),
        json!(7),
    ];
    let mut call =
        json!({"type": "tool_use", "name": numbers.pick(&NAMES), "input": numbers.pick(&inputs)});
    if numbers.often(50) {
        call["id"] = json!(numbers.pick(&IDS));
    }
    call
}

fn reply(numbers: &mut Numbers) -> Reply {
    let mut reply = Reply::new();
    for _ in 0..numbers.below(5) {
        reply = match numbers.below(8) {
            0..=2 => reply.with_text(*numbers.pick(&TEXTS)),
            3 => reply.with_thinking("hm"),
            4 => reply.with_block(json!({
                "type": "server_tool_use", "id": format!("srvtoolu_{}", numbers.below(1000)), "name": "web_search", "input": {"query": "x"},
            })),
            _ => reply.with_block(call(numbers)),
        };
    }
    match *numbers.pick(&REASONS) {
        "stop_sequence" => reply.stop_sequence("STOP"),
        "compaction" => reply.with_compaction("So far.").stop_reason("compaction"),
        reason => reply.stop_reason(reason),
    }
}

fn set(numbers: &mut Numbers, run: Runner) -> Runner {
    let allowed = numbers.often(70);
    let asked = tool_with(define("asked"), |_: Json, _| async { "done" });
    let hidden = hidden();
    let mut run = run
        .tools((
            echo(),
            failing(),
            if numbers.often(50) {
                hidden.sequential()
            } else {
                hidden
            },
            panicking(),
            slow().timeout(Duration::from_millis(2)),
            asked.confirm(move |_| async move { allowed }),
        ))
        .eager_tools(numbers.often(50))
        .thread(numbers.often(30))
        .stream(numbers.often(50))
        .max_turns(u32::try_from(numbers.below(6)).unwrap());
    if numbers.often(20) {
        run = run.max_calls(u32::try_from(numbers.below(4)).unwrap());
    }
    if numbers.often(10) {
        run = run.time_limit(Duration::from_millis(numbers.below(30)));
    }
    if numbers.often(30) {
        run = run.cache_prompt(CacheControlEphemeral::new());
    }
    if numbers.often(20) {
        run = run.compact_above(1);
    }
    let denied = numbers.below(4);
    run = run.before_tool(move |call| async move {
        match (call.input().as_str().len() as u64 + denied) % 7 {
            0 => Decision::deny(""),
            1 => Decision::Defer,
            2 => Decision::answer(""),
            4 if denied == 1 => Decision::run_with(json!({"x": "replaced"})),
            3 if denied == 0 => Decision::stop("enough"),
            _ => Decision::Run,
        }
    });
    if numbers.often(10) {
        run = run.after_tool(|_, _| async { AfterTool::Stop("enough".to_owned()) });
    }
    run
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_a_model_writes_the_conversation_stays_valid() {
    let mut ends = std::collections::BTreeMap::new();
    for seed in 0..150 {
        let mut numbers = Numbers(seed);
        let replies: Vec<Reply> = (0..5).map(|_| reply(&mut numbers)).collect();
        let (simulator, client) = simulator(replies).await;
        let run = set(&mut numbers, client.beta().messages().run(searching()));
        let mut ended = run.await;
        // Whoever decides later decides to run everything.
        for _ in 0..5 {
            let Ok(Outcome::Waiting(waiting)) = &ended else {
                break;
            };
            passes(&client, waiting.transcript().clone()).await;
            *ends.entry("Waiting".to_owned()).or_insert(0) += 1;
            let approvals: Vec<_> = waiting.calls().map(ToolCall::approve).collect();
            let run = client
                .beta()
                .messages()
                .resume((**waiting).clone(), approvals);
            ended = set(&mut numbers, run).await;
        }
        if let Err(error) = &ended {
            let refused = simulator.requests().last().map(RecordedRequest::json);
            assert_ne!(
                error.kind(),
                ErrorKind::InvalidRequest,
                "seed {seed}: {error}\n{refused:?}"
            );
            assert!(
                error.partial::<Transcript>().is_some(),
                "seed {seed}: {error}"
            );
        }
        let name = ended.as_ref().map_or("error".to_owned(), |outcome| {
            let name = format!("{outcome:?}");
            name.split(|char: char| !char.is_alphanumeric())
                .next()
                .unwrap_or_default()
                .to_owned()
        });
        *ends.entry(name).or_insert(0) += 1;
        passes(&client, transcript(ended)).await;
    }
    // Each end was met, so the property is about all of them.
    let met: Vec<&str> = ends.keys().map(String::as_str).collect();
    for end in [
        "Answer", "Cut", "Limit", "Other", "Refusal", "Stopped", "Waiting",
    ] {
        assert!(met.contains(&end), "{ends:?}");
    }
}
