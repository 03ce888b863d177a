//! What a model writes, by numbers that are the same in each run of the test.

use anthropic_sim::Reply;
use anthropic_sim::faults::Fault;
use serde_json::{Value, json};

pub(in crate::tools) struct Numbers(u64);

impl Numbers {
    pub(in crate::tools) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(in crate::tools) fn below(&mut self, end: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    pub(in crate::tools) fn few(&mut self, end: u32) -> u32 {
        u32::try_from(self.below(end.into())).unwrap()
    }

    pub(in crate::tools) fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        let at = self.below(of.len() as u64);
        &of[usize::try_from(at).unwrap()]
    }

    pub(in crate::tools) fn often(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

const NAMES: [&str; 13] = [
    "echo",
    "echo",
    "slow",
    "failing",
    "hidden",
    "panicking",
    "starting",
    "brittle",
    "asked",
    "asked",
    "later",
    "elsewhere",
    "unheard of!",
];
const IDS: [&str; 6] = ["toolu_1", "toolu_1", "toolu_2", "call.3/x", "", "é"];
const TEXTS: [&str; 5] = ["", " ", "\n\n", "Let me see. ", "Done."];
const REASONS: [&str; 17] = [
    "tool_use",
    "tool_use",
    "tool_use",
    "tool_use",
    "tool_use",
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
        json!({"x": 1}),
        json!({"x": "a"}),
        // Streamed it may be no JSON: see `table::unparsable`.
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

pub(super) fn reply(numbers: &mut Numbers) -> Reply {
    if numbers.often(3) {
        return Reply::error(529, "overloaded_error", "Overloaded");
    }
    let mut reply = Reply::new();
    for _ in 0..numbers.below(5) {
        reply = match numbers.below(20) {
            0..=4 => reply.with_text(*numbers.pick(&TEXTS)),
            5 | 6 => reply.with_thinking("hm"),
            7 => reply.with_block(json!({
                "type": "server_tool_use", "id": format!("srvtoolu_{}", numbers.below(1000)), "name": "web_search", "input": {"query": "x"},
            })),
            8 => reply.with_web_search("rivers", [("Rhine", "https://example.com/rhine")]),
            _ => reply.with_block(call(numbers)),
        };
    }
    if numbers.often(5) {
        // A stream that breaks off somewhere.
        let events = usize::try_from(numbers.below(12)).unwrap();
        reply = reply.fault(Fault::on_stream(move |stream| {
            Fault::cut_after(stream, events)
        }));
    }
    match *numbers.pick(&REASONS) {
        "stop_sequence" => reply.stop_sequence("STOP"),
        "compaction" => reply.with_compaction("So far.").stop_reason("compaction"),
        "refusal" => {
            let details = json!({
                "type": "refusal", "category": "cyber", "explanation": "No.",
                "fallback_credit_token": "token", "fallback_has_prefill_claim": numbers.often(50),
            });
            reply.stop_reason("refusal").field("stop_details", details)
        }
        reason => reply.stop_reason(reason),
    }
}
